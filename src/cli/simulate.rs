//! `f2b-regex simulate`: logs and jails in, bans out. From arguments to a [`Simulation`];
//! the rules are `crate::analysis::simulate`'s, the writing is done in `table`, `json`, `plot`.

mod actual;
pub(crate) mod args;
mod asked;
mod inputs;
mod jails;
mod load;
mod logs;
mod matches;
mod recidive;
mod rules;

use super::Status;
use super::setup::Setup;
use super::terminal::{self, print_error};
use crate::analysis::actual::Record;
use crate::analysis::simulate::sweep::Cell;
use crate::analysis::simulate::{
    Addresses, Collector, JailInput, LogRead, Replay, SimulatedJail, Simulation, Sweep, replay,
};
use crate::config::Loader;
use crate::date::Clock;
use crate::input::{LogSource, Window, Words};
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::simulate::html::Html;
use crate::report::simulate::table::Table;
use crate::report::simulate::{json, plot};
use crate::report::text::counted;
use args::{Args, Format};
use asked::Asked;
use clap::CommandFactory;
use inputs::Inputs;
use jails::add_jail;
use rules::Rules;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, Write};

/// A jail at work.
pub(crate) struct Jail {
    /// What is shown of it.
    pub(crate) shown: SimulatedJail,
    /// The filter, ready to run.
    pub(crate) setup: Setup,
    /// Its rules.
    pub(crate) rules: Rules,
    /// Its filter is as it reads a journal.
    pub(crate) journal: bool,
    /// The failures were not in the order of time.
    pub(crate) unordered: bool,
}

/// A simulation in the making.
#[derive(Default)]
pub(crate) struct Work {
    logs: Vec<LogRead>,
    /// Their places there, by name.
    log_numbers: HashMap<String, usize>,
    jails: Vec<Jail>,
    addresses: Addresses,
    replay: Replay,
    sweep: Option<(Sweep, Vec<Cell>)>,
    /// What else `--format matches` tells.
    head: Option<matches::Head>,
    warnings: Vec<String>,
    /// What the server did, beside it.
    record: Option<Record>,
}

impl Work {
    /// The result, what `--format matches` tells besides, and what the server did.
    fn finish(self) -> (Simulation, Option<matches::Head>, Option<Record>) {
        let simulation = Simulation {
            logs: self.logs,
            jails: self.jails.into_iter().map(|jail| jail.shown).collect(),
            addresses: self.addresses,
            replay: self.replay,
            sweep: self.sweep,
            warnings: self.warnings,
        };
        (simulation, self.head, self.record)
    }
}

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    Args::command()
}

/// Runs the command; `arguments` begin with its name. The error is one of writing.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<Args>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let args = match args.with_hints() {
        Ok(args) => args,
        Err(message) => {
            print_error(format!("f2b-regex: {message}"));
            return Ok(Status::Error);
        }
    };
    let ran = Asked::of(&args).and_then(|asked| {
        let work = simulate(&args, &asked)?;
        Ok((work, (asked.clock, asked.options.window)))
    });
    match ran {
        Ok((work, (clock, window))) => write(&args, work, (&clock, window)),
        Err(message) => {
            print_error(format!("f2b-regex: {message}"));
            Ok(Status::Error)
        }
    }
}

fn write(args: &Args, work: Work, (clock, window): (&Clock, Window)) -> io::Result<Status> {
    let (simulation, head, record) = work.finish();
    let simulation = &simulation;
    let mut out = terminal::stdout(terminal::Colors::Ours);
    if let Some(record) = record {
        if let Err(message) = actual::write(&mut out, args, (&record, simulation), (clock, window))?
        {
            print_error(format!("f2b-regex: {message}"));
            return Ok(Status::Error);
        }
        out.flush()?;
        return picture(args, simulation, clock);
    }
    match args.format {
        Format::Table => {
            let table = Table {
                top: args.top,
                clock,
                screen: terminal::screen(args.screen.color),
            };
            table.write(simulation, &mut out)?;
        }
        Format::Json => Json.write(&json::object(simulation, None, clock), &mut out)?,
        Format::Html => {
            let top = args.top;
            Html { top, clock }.write(simulation, &mut out)?;
        }
        Format::Matches => {
            for warning in &simulation.warnings {
                print_error(format!("f2b-regex: warning: {warning}"));
            }
            if let Some(head) = head {
                matches::write(&mut out, head, simulation)?;
            }
            out.flush()?;
            return Ok(Status::Ran);
        }
    }
    out.flush()?;
    picture(args, simulation, clock)
}

/// Draws the picture that is asked for, and says how it all ended.
fn picture(args: &Args, simulation: &Simulation, clock: &Clock) -> io::Result<Status> {
    if let Some(path) = &args.plot {
        match plot::draw(path, simulation, clock) {
            Ok(()) => print_error(format!("f2b-regex: picture written to {}", path.display())),
            Err(error) => {
                print_error(format!("f2b-regex: --plot {}: {error}", path.display()));
                return Ok(Status::Error);
            }
        }
    }
    Ok(if args.require_ban && simulation.replay.bans.is_empty() {
        Status::Condition
    } else {
        Status::Ran
    })
}

fn simulate(args: &Args, asked: &Asked) -> Result<Work, String> {
    let several = args.all_jails || !args.jails.is_empty();
    if several && args.format == Format::Matches {
        return Err("--format matches is for one jail: give LOG and FILTER".into());
    }
    if args.format == Format::Matches && asked.record.is_some() {
        return Err(
            "--format matches is no simulation: --actual has nothing to compare with".into(),
        );
    }
    if several && args.sweep.is_some() {
        return Err("--sweep is for one jail: give LOG and FILTER".into());
    }
    let (clock, specs) = (&asked.clock, &asked.specs);
    let mut work = Work::default();
    if args.matches {
        matches::read(&mut work, args, asked, specs, &asked.typed.logs)?;
        play(&mut work, args, clock);
        warn(&mut work);
        return Ok(work);
    }
    let explain = |message| asked.typed.explain(message, Some("simulate"));
    let sources = asked.typed.sources(Words::AreLogs).map_err(explain)?;
    actual::refuse_databases(&sources)?;
    actual::refuse_siblings(asked.record.as_ref(), &sources)?;
    if let Some(files) = &asked.record {
        work.record = Some(files.read(&mut work.addresses, &asked.clock)?);
        if specs.is_empty() {
            return Ok(work);
        }
    }
    if sources.contains(&LogSource::Stdin) && specs.len() > 1 {
        return Err("standard input can be read by one jail only: name files, or one jail".into());
    }
    let loader = Loader::default();
    let inputs = if several && sources.is_empty() {
        Inputs::of(&args.source.config_dir(), specs)
    } else {
        Inputs::default()
    };
    for spec in specs {
        // a server goes on without a jail it cannot read
        let leave_out = several && specs.len() > 1;
        let from = (&inputs, &sources[..]);
        match add_jail(&mut work, args, (asked, &loader), spec, from, leave_out) {
            Err(message) if leave_out => {
                let message = format!("jail {spec} left out: {message}");
                work.warnings.push(message);
            }
            other => other.map_err(explain)?,
        }
    }
    if work.jails.iter().all(|jail| jail.shown.fed) {
        let all = work.warnings.join("; ");
        return Err(format!("no jail has a log to read: {all}"));
    }
    if args.format == Format::Matches {
        return Ok(work);
    }
    play(&mut work, args, clock);
    warn(&mut work);
    Ok(work)
}

/// Replays what was collected.
fn play(work: &mut Work, args: &Args, clock: &Clock) {
    let jails = &mut work.jails;
    if let (Some(sweep), [jail]) = (&args.sweep, jails.as_slice()) {
        let tickets = &jail.shown.collector.tickets;
        let cells = sweep.run(tickets, &jail.shown.settings, args.dbpurgeage);
        work.sweep = Some((sweep.clone(), cells));
    }
    let names: Vec<String> = jails.iter().map(|jail| jail.shown.name.clone()).collect();
    let mut readers: Vec<recidive::Reader> = Vec::new();
    let mut inputs: Vec<JailInput> = Vec::new();
    for (number, jail) in jails.iter().enumerate() {
        if jail.shown.fed {
            readers.push(recidive::Reader::new(number, jail, clock));
        }
        inputs.push(JailInput {
            settings: jail.shown.settings.clone(),
            tickets: &jail.shown.collector.tickets,
        });
    }
    let addresses = &mut work.addresses;
    work.replay = replay(&inputs, args.dbpurgeage, |ban| {
        let read = readers.iter_mut();
        read.flat_map(|reader| reader.read(ban, &names[ban.jail], addresses))
            .collect()
    });
    let read: Vec<(usize, Collector)> = readers.into_iter().map(recidive::Reader::finish).collect();
    for (number, collector) in read {
        work.jails[number].shown.collector = collector;
    }
}

/// Everything about the run that its user hardly wanted.
fn warn(work: &mut Work) {
    let warnings = &mut work.warnings;
    let invalid: u64 = work.logs.iter().map(|log| log.invalid).sum();
    if invalid > 0 {
        warnings.push(format!(
            "{} not valid in their encoding: try -e",
            counted(invalid, "place of the logs is", "places of the logs are")
        ));
    }
    for jail in &work.jails {
        let name = &jail.shown.name;
        let said = jail.setup.warnings.iter().map(|w| w.message.clone());
        let said = said.chain(jail.rules.warnings.iter().cloned());
        warnings.extend(said.chain(jail.shown.collector.ignores().problems.iter().cloned()));
        if jail.shown.collector.undated > 0 {
            warnings.push(format!(
                "{name}: {} before any date in the log, with no time, not counted: set a \
                 datepattern (-d)",
                counted(jail.shown.collector.undated, "failure", "failures")
            ));
        }
        if jail.unordered {
            warnings.push(format!(
                "{name}: the lines are not in the order of time; they are replayed in it, while a \
                 server takes a late line for one of now"
            ));
        }
        if jail.shown.collector.lines > 0
            && jail.shown.collector.tickets.is_empty()
            && !jail.shown.fed
        {
            let none = if jail.shown.collector.dropped.is_empty() {
                "nothing in the log matches the filter"
            } else {
                "every match is of an address that does not count"
            };
            warnings.push(format!("{name}: {none}"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
}
