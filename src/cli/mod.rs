//! The commands: arguments in, reports and exit statuses out.

mod analyze;
mod apply;
pub(crate) mod args;
mod bench;
mod check;
mod completions;
mod crash;
pub(crate) mod diagnosis;
mod diff;
mod doctor;
mod draft;
mod explain;
mod fit;
mod help;
mod journalmatch;
mod logs;
mod manual;
mod memory;
mod merge;
pub(crate) mod options;
mod other_dialects;
mod progress;
mod regex_error;
pub(crate) mod setup;
pub(crate) mod simulate;
mod terminal;
mod typed;
mod workflow;

use args::{Args, Format};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::process::ExitCode;

/// Exit statuses of every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
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
pub(crate) fn run() -> ExitCode {
    crash::report_panics();
    if let Err(message) = memory::check_limit() {
        terminal::print_error(message);
        return Status::Error.into();
    }
    // the panic has been reported where it happened
    match std::panic::catch_unwind(run_command) {
        Ok(status) => status,
        Err(_) => Status::Error.into(),
    }
}

fn run_command() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if completions::answer(&arguments) {
        return Status::Ran.into();
    }
    match arguments.get(1) {
        Some(word) if word == "help" => return exit(help::run(&arguments[1..])),
        None if args::default_format() != Format::Classic => {
            return exit(help::without_arguments());
        }
        _ => {}
    }
    if let Some(command) = arguments.get(1).and_then(|name| command(name)) {
        return exit((command.run)(&arguments[1..]));
    }
    let parsed = help::dress(Args::command(), None).try_get_matches_from(&arguments);
    let args = match parsed.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(error) => return usage_error(&error, &arguments),
    };
    if args.short_version || args.version {
        let name = if args.short_version { "" } else { "f2b-regex " };
        let mut out = std::io::stdout();
        return exit(writeln!(out, "{name}{}", env!("CARGO_PKG_VERSION")).map(|()| Status::Ran));
    }
    exit(analyze::run(&args))
}

/// A further command. What is said of the commands elsewhere (manual pages, completions)
/// is made from this table.
struct Command {
    name: &'static str,
    /// What it is for, in some words.
    what: &'static str,
    /// Its arguments, its own name first, in; the error is one of writing the report.
    run: fn(&[OsString]) -> std::io::Result<Status>,
    /// What it takes.
    arguments: fn() -> clap::Command,
    /// Left out of completions and manual pages.
    hidden: bool,
}

/// A command for users.
const fn public(
    name: &'static str,
    what: &'static str,
    run: fn(&[OsString]) -> std::io::Result<Status>,
    arguments: fn() -> clap::Command,
) -> Command {
    Command {
        name,
        what,
        run,
        arguments,
        hidden: false,
    }
}

/// All commands, in the order of their names: one line per command.
const COMMANDS: [Command; 11] = [
    public(
        "bench",
        "time regexes, compare two filters",
        bench::run,
        bench::arguments,
    ),
    public(
        "check",
        "a filter repository: faults, annotated samples, coverage, traps",
        check::run,
        check::arguments,
    ),
    public(
        "completions",
        "completions for bash, zsh, fish",
        completions::run,
        completions::arguments,
    ),
    public(
        "diff",
        "what changes with a new version of filters and jails",
        diff::run,
        diff::arguments,
    ),
    public(
        "doctor",
        "would a machine's jails ban, and what stops them",
        doctor::run,
        doctor::arguments,
    ),
    public(
        "draft",
        "write a filter for lines that should match",
        draft::run,
        draft::arguments,
    ),
    public(
        "explain",
        "why a line does not match",
        explain::run,
        explain::arguments,
    ),
    public("fit", "which filter is for a log", fit::run, fit::arguments),
    Command {
        name: "manpages",
        what: "the manual pages",
        run: manual::run,
        arguments: manual::arguments,
        hidden: true,
    },
    public(
        "merge",
        "JSON reports of shards into that of one run",
        merge::run,
        merge::arguments,
    ),
    public(
        "simulate",
        "who would be banned, when, and why not",
        simulate::run,
        simulate::arguments,
    ),
];

/// The command of that name; a log of the same name is given as `./name`.
fn command(name: &OsStr) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| name == command.name)
}

/// The whole command line: the main job with the further commands below it.
fn command_line() -> clap::Command {
    let commands = COMMANDS.iter().filter(|command| !command.hidden);
    let dressed = |command: &Command| {
        help::dress((command.arguments)(), Some(command.name)).name(command.name)
    };
    help::dress(Args::command(), None).subcommands(commands.map(dressed))
}

/// The names of the commands for users.
fn command_names() -> impl Iterator<Item = &'static str> {
    let commands = COMMANDS.iter().filter(|command| !command.hidden);
    commands.map(|command| command.name)
}

/// The arguments of a command; where they are wrong, or ask for help only, what there is to say
/// is said, and the status is how the command ends.
fn parse<Arguments: Parser>(arguments: &[OsString]) -> Result<Arguments, Status> {
    let name = arguments.first().and_then(|name| name.to_str());
    let command = help::dress(Arguments::command(), name);
    let parsed = command.try_get_matches_from(arguments);
    let parsed = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| status(terminal::usage(&error)))
}

/// The exit code of a command.
fn exit(ran: std::io::Result<Status>) -> ExitCode {
    status(ran).into()
}

/// How a command ends whose output may have failed.
fn status(ran: std::io::Result<Status>) -> Status {
    match ran {
        Ok(status) => status,
        // a closed pipe (head, less) ends the program quietly
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Status::Ran,
        Err(error) => {
            terminal::print_error(format!("f2b-regex: cannot write the output: {error}"));
            Status::Error
        }
    }
}

fn usage_error(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let said = status(terminal::usage(error));
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelp {
        return said.into();
    }
    let classic = arguments.iter().any(|a| a == "--format=classic")
        || arguments
            .windows(2)
            .any(|w| w[0] == "--format" && w[1] == "classic")
        || args::default_format() == Format::Classic;
    if classic {
        Status::ClassicError.into()
    } else {
        Status::Error.into()
    }
}
