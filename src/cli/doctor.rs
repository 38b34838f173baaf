//! `f2b-regex doctor`: what fail2ban makes of a configuration. Reading it is `config`'s.

use super::Status;
use super::terminal;
use crate::config::{Machine, MachineRequest};
use clap::{CommandFactory, Parser, ValueEnum};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Show what fail2ban makes of its configuration.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex doctor",
    bin_name = "f2b-regex doctor",
    infer_long_args = true,
    after_help = "Exit status: 0 fail2ban takes the configuration; 2 it does not, or an error."
)]
struct DoctorArgs {
    /// The configuration directory
    #[arg(short, long, value_name = "DIR", default_value = "/etc/fail2ban")]
    config: PathBuf,

    /// How the report is written
    #[arg(long, value_enum, default_value_t)]
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
    let request = MachineRequest {
        config_dir: &args.config,
        root: Path::new(""),
        forced: &[],
    };
    let mut out = terminal::stdout(terminal::Colors::None);
    let status = match args.format {
        FormatName::Dump => dump(&request, &mut out)?,
    };
    out.flush()?;
    Ok(status)
}

/// Prints the commands to the server, and complains of what is refused.
fn dump(request: &MachineRequest, out: &mut dyn Write) -> io::Result<Status> {
    let machine = match Machine::read(request) {
        Ok(machine) => machine,
        Err(refusal) => {
            writeln!(out, "{}", refusal.printed())?;
            terminal::complain(format!("f2b-regex: {refusal}"));
            return Ok(Status::Error);
        }
    };
    for command in machine.commands() {
        writeln!(out, "{command}")?;
    }
    for (_, fault) in machine.refused() {
        terminal::complain(format!("f2b-regex: {fault}"));
    }
    if machine.is_accepted() {
        Ok(Status::Ran)
    } else {
        Ok(Status::Error)
    }
}
