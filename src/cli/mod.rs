//! The commands: arguments in, reports and exit statuses out.

mod analyze;
mod args;
mod bench;
mod check;
mod diagnosis;
mod explain;
mod journalmatch;
mod logs;
mod merge;
mod progress;
mod setup;
mod simulate;

use args::{Args, Format};
use clap::Parser;
use clap::error::ErrorKind;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::ExitCode;

/// Exit statuses of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// It ran.
    Ran,
    /// A condition asked for did not hold.
    Condition,
    /// An error.
    Error,
    /// An error, in fail2ban-regex's way.
    ClassicError,
    /// Stopped by Ctrl-C.
    Interrupted,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> ExitCode {
        ExitCode::from(match status {
            Status::Ran => 0,
            Status::Condition => 1,
            Status::Error => 2,
            Status::ClassicError => 255,
            Status::Interrupted => 130,
        })
    }
}

/// The whole program.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if let Some(command) = arguments.get(1).and_then(|name| command(name)) {
        return exit(command(&arguments[1..]));
    }
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return usage_error(&error, &arguments),
    };
    if args.short_version || args.version {
        let name = if args.short_version { "" } else { "f2b-regex " };
        println!("{name}{}", env!("CARGO_PKG_VERSION"));
        return Status::Ran.into();
    }
    exit(analyze::run(&args))
}

/// A further command: its arguments, its own name first.
type Command = fn(&[OsString]) -> std::io::Result<Status>;

/// The command of that name; a log of the same name is given as `./name`.
fn command(name: &OsStr) -> Option<Command> {
    match name.to_str()? {
        "bench" => Some(bench::run),
        // one line per command
        "check" => Some(check::run),
        "explain" => Some(explain::run),
        "merge" => Some(merge::run),
        "simulate" => Some(simulate::run),
        _ => None,
    }
}

/// The exit code of a command.
fn exit(ran: std::io::Result<Status>) -> ExitCode {
    match ran {
        Ok(status) => status.into(),
        // a closed pipe (head, less) ends the program quietly
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Status::Ran.into(),
        Err(error) => {
            eprintln!("f2b-regex: {error}");
            Status::Error.into()
        }
    }
}

fn usage_error(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    // printing fails only where nobody listens
    let _ = error.print();
    let _ = std::io::stdout().flush();
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelp {
        return Status::Ran.into();
    }
    let classic = arguments.iter().any(|a| a == "--format=classic")
        || arguments
            .windows(2)
            .any(|w| w[0] == "--format" && w[1] == "classic")
        || args::default_format() == Format::Classic;
    match classic {
        true => Status::ClassicError.into(),
        false => Status::Error.into(),
    }
}
