//! `f2b-regex doctor`: would the jails of a machine ban, and if not, what stops them. From
//! arguments to a [`DoctorReport`]; reading the configuration is `config`'s, the diagnosis is
//! `analysis::doctor`'s.

mod not_enabled;

use super::Status;
use super::options::{ClockArgs, PRINT, READ, ScreenArgs, ThreadArgs};
use super::terminal;
use crate::analysis::doctor::{self, Doctor};
use crate::config::{JailConfig, JailState, Lookup, Machine, MachineRequest, config_dir, nearest};
use crate::date::Clock;
use crate::engine::pipeline::default_threads;
use crate::report::doctor::{DoctorReport, FormatName, blame};
use clap::{CommandFactory, Parser};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Would these jails ban, on this machine, and if not, what stops them first? Looks at the
/// configuration, the logs or the journal, what the filters find there, the rules, the actions.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex doctor",
    disable_version_flag = true,
    infer_long_args = true,
    after_help = "Exit status: 0 every jail works; 1 something stops one; 2 fail2ban refuses the\n\
        configuration, or an error. With --blame and --format dump: 0 fail2ban takes it."
)]
struct DoctorArgs {
    /// The jails to look at, enabled or not [default: those that are enabled]
    #[arg(value_name = "JAIL")]
    jails: Vec<String>,

    /// The configuration directory [default: /etc/fail2ban, below --root]
    #[arg(short, long, value_name = "DIR", help_heading = READ)]
    config: Option<PathBuf>,

    /// What stands for /: a copy of a machine's files, its journal as *.export beside them
    #[arg(long, value_name = "DIR", help_heading = READ)]
    root: Option<PathBuf>,

    /// Look at the configuration alone: no logs, no journal, no programs
    #[arg(long, help_heading = READ)]
    no_environment: bool,

    /// Lines read of the end of each log, and entries of the journal
    #[arg(long, value_name = "N", help_heading = READ, default_value_t = 50_000,
          value_parser = clap::value_parser!(u64).range(1..))]
    lines: u64,

    /// Show where every value of the jails comes from, and what it put out of force
    #[arg(long, help_heading = PRINT)]
    blame: bool,

    /// How the report is written
    #[arg(long, value_enum, default_value_t, conflicts_with = "blame", help_heading = PRINT)]
    format: FormatName,

    #[command(flatten)]
    clock: ClockArgs,

    #[command(flatten)]
    screen: ScreenArgs,

    #[command(flatten)]
    workers: ThreadArgs,
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
    let mut out = match args.format {
        FormatName::Github => terminal::stdout_of_commands(),
        FormatName::Dump => terminal::stdout(terminal::Colors::None),
        FormatName::Table | FormatName::Json | FormatName::Html => {
            terminal::stdout(terminal::Colors::Ours)
        }
    };
    let status = examine(&args, &mut out)?;
    out.flush()?;
    Ok(status)
}

fn examine(args: &DoctorArgs, out: &mut dyn Write) -> io::Result<Status> {
    let clock = match args.clock.clock() {
        Ok(clock) => clock,
        Err(message) => return Ok(wrong(&message)),
    };
    let root = args.root.clone().unwrap_or_default();
    let config = args.config.clone();
    let config = config.unwrap_or_else(|| match &args.root {
        Some(root) => root.join("etc/fail2ban"),
        None => config_dir(None, None, Lookup::default()),
    });
    let request = MachineRequest {
        config_dir: &config,
        root: &root,
        forced: &args.jails,
    };
    let dump = args.format == FormatName::Dump;
    if let Some(message) = not_there(args, &config).filter(|_| !dump) {
        return refuse(args, (&config, &clock), &message, out);
    }
    let mut machine = match Machine::read(&request) {
        Ok(machine) => machine,
        Err(refusal) => {
            if dump && !args.blame {
                writeln!(out, "{}", refusal.printed())?;
            }
            return refuse(args, (&config, &clock), &refusal, out);
        }
    };
    let missing = args.jails.iter().find(|name| machine.jail(name).is_none());
    if let Some(name) = missing {
        return Ok(wrong(&no_such_jail(name, &machine, &config)));
    }
    if !args.jails.is_empty() {
        machine.jails.retain(|jail| args.jails.contains(&jail.name));
    }
    let jails = machine.jails.iter();
    let jails = jails.filter(|jail| !matches!(jail.state, JailState::Disabled));
    let jails: Vec<&JailConfig> = jails.collect();
    if args.blame {
        blame::write(&machine, &jails, out)?;
        return Ok(complain(&machine));
    }
    if dump {
        commands(&machine, out)?;
        return Ok(complain(&machine));
    }
    for warning in &machine.warnings {
        terminal::print_error(format!("f2b-regex: {warning}"));
    }
    let doctor = Doctor {
        root: &root,
        lines: args.lines,
        clock: &clock,
        environment: !args.no_environment,
        threads: args.workers.threads.unwrap_or_else(default_threads).max(1),
    };
    let mut report = report(args, &machine.directory, &clock);
    report.jails = doctor::diagnose(&doctor, &machine, &jails);
    if args.jails.is_empty() {
        not_enabled::tell(&config, &machine);
    }
    not_enabled::half_enabled(&machine);
    tell(args, &report, out)?;
    Ok(if !machine.is_accepted() {
        Status::Error
    } else if report.jails.iter().all(doctor::JailDiagnosis::works) {
        Status::Ran
    } else {
        Status::Condition
    })
}

/// Says why there is nothing to diagnose: to programs in their report, to people as an error.
fn refuse(
    args: &DoctorArgs,
    (config, clock): (&Path, &Clock),
    why: &dyn std::fmt::Display,
    out: &mut dyn Write,
) -> io::Result<Status> {
    if matches!(
        args.format,
        FormatName::Json | FormatName::Html | FormatName::Github
    ) {
        let directory = config.to_string_lossy();
        let mut report = report(args, &directory, clock);
        report.refused.push(why.to_string());
        tell(args, &report, out)?;
    }
    Ok(wrong(why))
}

/// What to say of a name that no jail has.
fn no_such_jail(name: &str, machine: &Machine, config: &Path) -> String {
    let directory = &machine.directory;
    if Path::new(name).is_dir() {
        return format!(
            "no jail {name}: that is a directory; write -c {name} for one with jail.conf"
        );
    }
    let unread = doctor::unread_files(config);
    if let Some(file) = unread
        .iter()
        .find(|file| file.jails().any(|jail| jail == name))
    {
        let (file, why, change) = (&file.name, file.why, &file.change);
        return format!(
            "no jail {name} in {directory}: {file} has it, which is not read ({why}); {change}"
        );
    }
    let jails = machine.jails.iter().map(|jail| jail.name.as_str());
    let near = nearest(name, jails);
    let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    format!("no jail {name} in {directory}{near}")
}

/// What is wrong with a directory of which no configuration can be read, if that is plain.
fn not_there(args: &DoctorArgs, config: &Path) -> Option<String> {
    let shown = config.display();
    if let Some(root) = args.root.as_ref().filter(|root| !root.is_dir()) {
        return Some(format!("--root {}: no such directory", root.display()));
    }
    if config.is_file() {
        let above = config.parent().unwrap_or(Path::new(".")).display();
        return Some(format!("{shown} is a file: write -c {above}"));
    }
    if config.is_dir() {
        let has = ["jail.conf", "jail.local", "fail2ban.conf", "fail2ban.local"]
            .iter()
            .any(|name| config.join(name).is_file());
        return (!has)
            .then(|| format!("{shown} has no jail.conf: expected fail2ban's configuration"));
    }
    let root = args.root.as_ref().filter(|_| args.config.is_none());
    Some(match root {
        Some(root) => format!(
            "no {shown}: --root {} stands for /, with etc/fail2ban below it (-c names another place)",
            root.display()
        ),
        None => match args.jails.iter().find(|name| Path::new(name).is_dir()) {
            Some(given) => format!("no directory {shown}; write -c {given} for one with jail.conf"),
            None => {
                format!("no directory {shown}: is fail2ban installed? -c names its configuration")
            }
        },
    })
}

/// A report that has nothing to tell yet.
fn report<'a>(args: &DoctorArgs, directory: &'a str, clock: &'a Clock) -> DoctorReport<'a> {
    DoctorReport {
        directory,
        jails: Vec::new(),
        refused: Vec::new(),
        clock,
        lines: args.lines,
    }
}

fn tell(args: &DoctorArgs, report: &DoctorReport, out: &mut dyn Write) -> io::Result<()> {
    let screen = terminal::screen(args.screen.color);
    crate::report::doctor::write(args.format, report, screen, out)
}

/// Prints the commands to the server.
fn commands(machine: &Machine, out: &mut dyn Write) -> io::Result<()> {
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
