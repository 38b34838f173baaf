//! What `--help`, `help` and a call without arguments print: examples first, then the commands,
//! then the options in groups, in 80 columns.

use super::manual::examples::{self, Example};
use super::options::HELP;
use super::{COMMANDS, Status, terminal};
use clap::{Arg, ArgAction};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Columns of the help, whatever the terminal has.
const WIDTH: usize = 80;

/// Examples in `--help`; the manual page has all.
const EXAMPLES: usize = 3;

const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}\
                        {after-help}";

/// The command line of a command as its help shows it; of the main job without a name.
pub(super) fn dress(command: clap::Command, name: Option<&str>) -> clap::Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        // one line per option
        .action(ArgAction::HelpShort)
        .help_heading(HELP)
        .help("Print this help");
    let mut before = shown(examples::of(name).iter().take(EXAMPLES));
    if name.is_none() {
        before += "\nCommands, each with its own --help (a log of such a name: ./check):\n";
        for command in COMMANDS.iter().filter(|command| !command.hidden) {
            // a String takes everything
            let _ = writeln!(before, "  {:<12} {}", command.name, command.what);
        }
    }
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(help)
        .help_template(TEMPLATE)
        .before_help(before.trim_end().to_owned())
        .term_width(WIDTH)
}

fn shown<'e>(examples: impl Iterator<Item = &'e Example>) -> String {
    let mut text = String::new();
    for (number, example) in examples.enumerate() {
        if number == 0 {
            text += "Examples:\n";
        }
        let what = example.what.trim_end_matches(':');
        let _ = writeln!(text, "  {what}:");
        for line in example.command.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

/// The three commonest calls.
fn short() -> String {
    let all = [examples::of(None), examples::of(Some("explain"))];
    let calls = all[0].iter().take(2).chain(all[1].iter().take(1));
    format!(
        "Usage: f2b-regex [OPTIONS] LOG FILTER [IGNOREREGEX]\n\n{}\n\
         f2b-regex --help tells of all options and commands.\n",
        shown(calls)
    )
}

/// Without any argument: how it is called, on standard error.
pub(super) fn without_arguments() -> io::Result<Status> {
    // nobody listens where it fails
    let _ = io::stderr().write_all(short().as_bytes());
    Ok(Status::Error)
}

/// `help`, or `help COMMAND`.
pub(super) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let Some(name) = arguments.get(1) else {
        io::stdout().lock().write_all(short().as_bytes())?;
        return Ok(Status::Ran);
    };
    match super::command(name) {
        Some(command) => (command.run)(&[name.clone(), "--help".into()]),
        None => {
            let names: Vec<&str> = super::command_names().collect();
            terminal::print_error(format!(
                "f2b-regex help: {}: no such command; there are {}",
                name.to_string_lossy(),
                names.join(", ")
            ));
            Ok(Status::Error)
        }
    }
}
