//! `f2b-regex simulate`: logs and jails in, bans out. From arguments to a [`Simulation`];
//! the rules are `crate::analysis::simulate`'s, the writing is done in `table`, `json`, `plot`.

pub(crate) mod args;
mod asked;
mod logs;
mod matches;
mod recidive;
mod rules;

use super::Status;
use super::logs::{begin, open, preferred_encoding};
use super::progress::Progress;
use super::setup::{self, Setup, SetupRequest};
use super::terminal::{self, print_error};
use crate::analysis::run::{BoundaryRecorder, DateSpan};
use crate::analysis::simulate::sweep::Cell;
use crate::analysis::simulate::{
    Addresses, Collector, JailInput, LogRead, Place, Replay, SimulatedJail, Simulation, Sweep,
    replay,
};
use crate::config::{FilterKind, JailConfig, Loader, Machine, MachineRequest, Source};
use crate::date::Clock;
use crate::engine::{Session, pipeline};
use crate::input::journal::journalctl::JournalSource;
use crate::input::{Encoding, LogSet, LogSource, ReadOptions, Words};
use crate::report::Format as _;
use crate::report::json::Json;
use crate::report::simulate::table::Table;
use crate::report::simulate::{json, plot};
use crate::report::text::counted;
use args::{Args, Format};
use asked::Asked;
use clap::CommandFactory;
use rules::Rules;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

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
}

impl Work {
    /// The result, and what `--format matches` tells besides.
    fn finish(self) -> (Simulation, Option<matches::Head>) {
        let simulation = Simulation {
            logs: self.logs,
            jails: self.jails.into_iter().map(|jail| jail.shown).collect(),
            addresses: self.addresses,
            replay: self.replay,
            sweep: self.sweep,
            warnings: self.warnings,
        };
        (simulation, self.head)
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
    match Asked::of(&args).and_then(|asked| Ok((simulate(&args, &asked)?, asked.clock))) {
        Ok((work, clock)) => write(&args, work, &clock),
        Err(message) => {
            print_error(format!("f2b-regex: {message}"));
            Ok(Status::Error)
        }
    }
}

fn write(args: &Args, work: Work, clock: &Clock) -> io::Result<Status> {
    let (simulation, head) = work.finish();
    let simulation = &simulation;
    let mut out = terminal::stdout(terminal::Colors::Ours);
    match args.format {
        Format::Table => {
            let table = Table {
                top: args.top,
                clock,
                screen: terminal::screen(args.screen.color),
            };
            table.write(simulation, &mut out)?;
        }
        Format::Json => Json.write(&json::object(simulation, clock), &mut out)?,
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
    if let Some(path) = &args.plot {
        match plot::draw(path, simulation, clock) {
            Ok(()) => print_error(format!("f2b-regex: picture written to {}", path.display())),
            Err(error) => {
                print_error(format!("f2b-regex: --plot {}: {error}", path.display()));
                return Ok(Status::Error);
            }
        }
    }
    Ok(
        match args.require_ban && simulation.replay.bans.is_empty() {
            true => Status::Condition,
            false => Status::Ran,
        },
    )
}

fn simulate(args: &Args, asked: &Asked) -> Result<Work, String> {
    let several = args.all_jails || !args.jails.is_empty();
    if several && args.format == Format::Matches {
        return Err("--format matches is for one jail: give LOG and FILTER".into());
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
    if sources.contains(&LogSource::Stdin) && specs.len() > 1 {
        return Err("standard input can be read by one jail only: name files, or one jail".into());
    }
    let loader = Loader::default();
    let of_journal = match several && sources.is_empty() {
        true => readers_of_journal(&args.source.config_dir(), specs),
        false => Vec::new(),
    };
    let journal = [LogSource::Journal(JournalSource {
        spec: "systemd-journal".to_owned(),
        ..JournalSource::default()
    })];
    for spec in specs {
        // a server goes on without a jail it cannot read
        let leave_out = several && specs.len() > 1;
        let sources = match of_journal.contains(spec) {
            true => &journal[..],
            false => &sources,
        };
        match add_jail(&mut work, args, (asked, &loader), spec, sources, leave_out) {
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

/// The jails that read the journal: their logpath, if there is one, does not count.
fn readers_of_journal(config_dir: &Path, specs: &[String]) -> Vec<String> {
    let request = MachineRequest {
        config_dir,
        root: Path::new(""),
        forced: specs,
    };
    // what is wrong with the configuration is said jail by jail
    let Ok(machine) = Machine::read(&request) else {
        return Vec::new();
    };
    let reads_journal = |jail: &&JailConfig| {
        let source = jail.parts().map(|parts| parts.input.source);
        matches!(source, Some(Source::Journal | Source::JournalWithoutLogs))
    };
    let readers = machine.jails.iter().filter(reads_journal);
    readers.map(|jail| jail.name.clone()).collect()
}

/// Reads a jail and collects its failures. `among_others`: it may read the others' bans.
fn add_jail(
    work: &mut Work,
    args: &Args,
    (asked, loader): (&Asked, &Loader),
    spec: &str,
    sources: &[LogSource],
    among_others: bool,
) -> Result<(), String> {
    let mut jail = load(loader, args, asked, spec, false)?;
    jail.shown.fed = among_others && recidive::is_recidive(&jail.setup);
    if jail.shown.fed {
        work.jails.push(jail);
        return Ok(());
    }
    let own = match (&jail.rules.logpath, sources.is_empty()) {
        (_, false) => sources.to_vec(),
        (Some(logpath), true) => logs::of_logpath(logpath),
        (None, true) => return Err("it has no logpath".into()),
    };
    if own.is_empty() {
        let logpath = jail
            .rules
            .logpath
            .as_ref()
            .map(|path| path.text.replace('\n', ", "));
        return Err(format!(
            "no log at its logpath {}",
            logpath.unwrap_or_default()
        ));
    }
    let named = jail
        .setup
        .log_encoding
        .clone()
        .filter(|name| name != "auto");
    let named = named.and_then(|name| Some((name.clone(), Encoding::for_label(&name)?)));
    let chosen = asked.encoding.clone().or(named);
    let (encoding_name, encoding) = chosen.unwrap_or_else(preferred_encoding);
    let options = ReadOptions {
        encoding,
        encoding_name,
        ..asked.options.clone()
    };
    let clock = &asked.clock;
    let mut logs = open(own, options, args.window.last);
    if logs.is_journal().map_err(|error| error.to_string())? {
        // the same filter, as it reads a journal
        jail = load(loader, args, asked, spec, true)?;
    }
    let journalmatch = args.read.journalmatch.as_deref();
    begin(
        &mut logs,
        journalmatch,
        &jail.setup,
        clock,
        &DateSpan::default(),
    )?;
    collect(work, &mut jail, logs, args, clock)?;
    work.jails.push(jail);
    Ok(())
}

/// Reads the rules and the filter of a jail.
fn load(
    loader: &Loader,
    args: &Args,
    asked: &Asked,
    spec: &str,
    systemd: bool,
) -> Result<Jail, String> {
    let rules = Rules::read(loader, args, spec)?;
    let timezone = match args.source.timezone {
        Some(_) => asked.timezone,
        None => rules.timezone.as_deref(),
    };
    let request = SetupRequest {
        ignoreregex: args.ignoreregex.as_deref(),
        usedns: rules.usedns,
        // as the server runs it: up to the first failregex that matches
        check_all: false,
        systemd,
        changes: &args.changes,
        maxlines: args.maxlines,
        ..args.source.request(spec, timezone)
    };
    let setup = setup::build_whole(loader, &request, &asked.clock);
    let setup = setup.map_err(|error| error.message)?;
    let name = match setup.source.as_ref().map(|source| &source.kind) {
        Some(FilterKind::Jail { name, .. } | FilterKind::FilterD { name, .. }) => name.clone(),
        Some(FilterKind::Foreign { name, .. }) => name.clone(),
        None => spec.to_string(),
    };
    let collector = Collector::new(rules.ignores.clone(), rules.names_count);
    Ok(Jail {
        shown: SimulatedJail {
            name,
            is_jail: rules.is_jail,
            settings: rules.settings.clone(),
            sources: rules.sources.clone(),
            collector: match args.format {
                Format::Matches => collector.keep_rows(),
                _ => collector,
            },
            fed: false,
        },
        setup,
        rules,
        journal: systemd,
        unordered: false,
    })
}

/// Runs the filter over the logs, one after the other, as one stream.
fn collect(
    work: &mut Work,
    jail: &mut Jail,
    logs: LogSet,
    args: &Args,
    clock: &Clock,
) -> Result<(), String> {
    let mut session = Session::new(&jail.setup.filter, clock, jail.setup.detector.clone());
    let threads = (args.workers.threads).unwrap_or_else(pipeline::default_threads);
    let progress = Progress::new(!args.progress.no_progress, logs.size());
    let addresses = &mut work.addresses;
    let collector = &mut jail.shown.collector;
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let mut watch = BoundaryRecorder::new(&jail.setup.filter);
    let read = logs::read(logs, threads.max(1), progress, &mut session, |log, line| {
        watch.line(line);
        let place = Place {
            log: number(log as u64),
            line: number(line.number),
        };
        let last_date = line.last_date.map(|date| date.seconds());
        collector.line(addresses, place, line.outcome, last_date);
    });
    let (reads, faults) = read?;
    if args.format == Format::Matches {
        work.head = Some(matches::Head::of(args, jail, &session, watch));
    }
    work.warnings.extend(faults);
    // the logs of all jails have one list
    let known: Vec<u32> = (reads.into_iter())
        .map(|read| {
            let all = &mut work.logs;
            let known = work.log_numbers.entry(read.name.clone());
            number(*known.or_insert_with(|| {
                all.push(read);
                all.len() - 1
            }) as u64)
        })
        .collect();
    let collector = &mut jail.shown.collector;
    let rows = collector.rows.iter_mut().flatten();
    for place in rows.map(|row| &mut row.place) {
        let log = known.get(place.log as usize);
        place.log = log.copied().unwrap_or(u32::MAX);
    }
    for ticket in &mut collector.tickets {
        let log = known.get(ticket.place.log as usize);
        ticket.place.log = log.copied().unwrap_or(u32::MAX);
    }
    jail.unordered = !collector.sort();
    Ok(())
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
            let none = match jail.shown.collector.dropped.is_empty() {
                true => "nothing in the log matches the filter",
                false => "every match is of an address that does not count",
            };
            warnings.push(format!("{name}: {none}"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
}
