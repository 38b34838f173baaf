//! `f2b-regex doctor`: what fail2ban makes of a configuration. Reading it is `config`'s.

use super::Status;
use super::terminal;
use crate::config::{JailState, Machine, MachineRequest};
use crate::report::doctor::blame;
use clap::{CommandFactory, Parser, ValueEnum};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

/// Show what fail2ban makes of its configuration.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex doctor",
    bin_name = "f2b-regex doctor",
    infer_long_args = true,
    after_help = "Exit status: 0 fail2ban takes the configuration; 2 it does not, or an error."
)]
struct DoctorArgs {
    /// The jails to look at, enabled or not [default: those that are enabled]
    #[arg(value_name = "JAIL")]
    jails: Vec<String>,

    /// The configuration directory [default: /etc/fail2ban, below --root]
    #[arg(short, long, value_name = "DIR")]
    config: Option<PathBuf>,

    /// What stands for /: a copy of a machine's files
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Show where every value of the jails comes from, and what it put out of force
    #[arg(long)]
    blame: bool,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, conflicts_with = "blame")]
    format: FormatName,
}

/// The formats of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// The commands to the server, as fail2ban-client -d prints them
    #[default]
    Dump,
}

/// What the command takes.
pub(super) fn arguments() -> clap::Command {
    DoctorArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(super) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<DoctorArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let mut out = terminal::stdout(terminal::Colors::None);
    let status = examine(&args, &mut out)?;
    out.flush()?;
    Ok(status)
}

fn examine(args: &DoctorArgs, out: &mut dyn Write) -> io::Result<Status> {
    let root = args.root.clone().unwrap_or_default();
    let config = args.config.clone();
    let config = config.unwrap_or_else(|| match &args.root {
        Some(root) => root.join("etc/fail2ban"),
        None => PathBuf::from("/etc/fail2ban"),
    });
    let request = MachineRequest {
        config_dir: &config,
        root: &root,
        forced: &args.jails,
    };
    let mut machine = match Machine::read(&request) {
        Ok(machine) => machine,
        Err(refusal) => {
            if !args.blame {
                writeln!(out, "{}", refusal.printed())?;
            }
            return Ok(wrong(&refusal));
        }
    };
    let missing = args.jails.iter().find(|name| machine.jail(name).is_none());
    if let Some(name) = missing {
        let directory = &machine.directory;
        return Ok(wrong(&format!("no jail {name} in {directory}/jail.conf")));
    }
    if !args.jails.is_empty() {
        machine.jails.retain(|jail| args.jails.contains(&jail.name));
    }
    if args.blame {
        let jails = machine.jails.iter();
        let jails = jails.filter(|jail| !matches!(jail.state, JailState::Disabled));
        blame::write(&machine, &jails.collect::<Vec<_>>(), out)?;
    } else {
        match args.format {
            FormatName::Dump => dump(&machine, out)?,
        }
    }
    Ok(complain(&machine))
}

/// Prints the commands to the server.
fn dump(machine: &Machine, out: &mut dyn Write) -> io::Result<()> {
    let mut commands = machine.commands().into_iter();
    commands.try_for_each(|command| writeln!(out, "{command}"))
}

/// Says what is wrong with the configuration; the status is whether fail2ban takes it.
fn complain(machine: &Machine) -> Status {
    for warning in &machine.warnings {
        terminal::print_error(format!("f2b-regex: {warning}"));
    }
    for (_, fault) in machine.refused() {
        terminal::print_error(format!("f2b-regex: {fault}"));
    }
    if machine.is_accepted() {
        Status::Ran
    } else {
        Status::Error
    }
}

fn wrong(message: &dyn std::fmt::Display) -> Status {
    terminal::print_error(format!("f2b-regex: {message}"));
    Status::Error
}
