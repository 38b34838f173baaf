//! `f2b-regex simulate`: logs and jails in, bans out. From arguments to a [`Simulation`];
//! the rules are `f2b_regex::simulate`'s, the writing is done in `table`, `json`, `plot`.

mod args;
mod json;
mod logs;
mod plot;
mod recidive;
mod rules;
mod table;

use super::Status;
use super::setup::{self, Setup, SetupRequest};
use args::{Args, Format};
use clap::Parser;
use f2b_regex::config::{FilterKind, jail_names};
use f2b_regex::date::Clock;
use f2b_regex::engine::Session;
use f2b_regex::input::{Encoding, LogSource, encoding};
use f2b_regex::simulate::sweep::Cell;
use f2b_regex::simulate::{Addresses, Collector, JailInput, Place, Replay, Ticket, replay};
use rules::Rules;
use std::ffi::OsString;
use std::io::{self, BufWriter, Write};

/// A log that was read.
pub struct Log {
    /// As it is named.
    pub name: String,
    /// What was read of it.
    pub read: logs::LogRead,
}

/// A jail, its failures collected.
pub struct Jail {
    /// The jail, or the filter or regex where there is none.
    pub name: String,
    /// The filter, ready to run.
    pub setup: Setup,
    /// Its rules.
    pub rules: Rules,
    /// What it found.
    pub collector: Collector,
    /// It reads the bans of the others in place of a log.
    pub fed: bool,
    /// The failures were not in the order of time.
    pub unordered: bool,
}

impl Jail {
    /// The failures in order of time: those found in logs, or those made of others' bans.
    pub fn tickets<'t>(&'t self, number: usize, replay: &'t Replay) -> &'t [Ticket] {
        match self.fed {
            true => replay.fed.get(number).map_or(&[], Vec::as_slice),
            false => &self.collector.tickets,
        }
    }
}

/// All that a run shows.
pub struct Simulation {
    /// The logs.
    pub logs: Vec<Log>,
    /// The jails.
    pub jails: Vec<Jail>,
    /// The addresses of all jails.
    pub addresses: Addresses,
    /// What happened.
    pub replay: Replay,
    /// The cells of `--sweep`, of the one jail there is then.
    pub sweep: Option<Vec<Cell>>,
    /// What looks wrong.
    pub warnings: Vec<String>,
}

/// Runs the command; `arguments` begin with its name. The error is one of writing.
pub fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => {
            // printing fails only where nobody listens
            let _ = error.print();
            return Ok(match error.use_stderr() {
                true => Status::Error,
                false => Status::Ran,
            });
        }
    };
    match prepare(&args)
        .and_then(|(clock, encoding)| Ok((simulate(&args, &clock, encoding)?, clock)))
    {
        Ok((simulation, clock)) => write(&args, &simulation, &clock),
        Err(message) => {
            eprintln!("f2b-regex: {message}");
            Ok(Status::Error)
        }
    }
}

fn write(args: &Args, simulation: &Simulation, clock: &Clock) -> io::Result<Status> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Table => table::write(&mut out, args, simulation, clock)?,
        Format::Json => json::write(&mut out, args, simulation, clock)?,
    }
    out.flush()?;
    if let Some(path) = &args.plot {
        match plot::draw(path, simulation, clock) {
            Ok(()) => eprintln!("f2b-regex: picture written to {}", path.display()),
            Err(error) => {
                eprintln!("f2b-regex: --plot {}: {error}", path.display());
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

/// What is settled before any jail is read: clock and encoding.
fn prepare(args: &Args) -> Result<(Clock, Option<Encoding>), String> {
    let now = match &args.now {
        Some(text) => {
            let time = chrono::DateTime::parse_from_rfc3339(text).map_err(|_| {
                format!("--now {text}: expected a time such as 2026-11-20T12:00:00Z (RFC 3339)")
            })?;
            Some(time.timestamp_millis() as f64 / 1000.0)
        }
        None => None,
    };
    if let Some(path) = &args.plot {
        plot::format_of(path)?;
    }
    let encoding = match &args.encoding {
        Some(name) => Some(known_encoding(name).ok_or_else(|| {
            format!("--encoding {name}: unknown encoding; expected a name such as UTF-8 or latin-1")
        })?),
        None => None,
    };
    Ok((Clock::new(now), encoding))
}

fn known_encoding(name: &str) -> Option<Encoding> {
    Encoding::for_label(name)
}

/// Which jails, by name or FILTER argument, and which logs the command line gives.
fn asked(args: &Args, warnings: &mut Vec<String>) -> Result<(Vec<String>, Vec<String>), String> {
    if !args.jails.is_empty() {
        return Ok((args.jails.clone(), args.given.clone()));
    }
    if args.all_jails {
        let all = jail_names(&args.config).map_err(|error| error.to_string())?;
        let count = all.len();
        let enabled: Vec<String> = (all.into_iter().filter(|jail| jail.enabled))
            .map(|jail| jail.name)
            .collect();
        if enabled.is_empty() {
            let config = args.config.display();
            return Err(format!(
                "none of the {count} jails of {config} is enabled; --jails NAME,NAME takes them as they are"
            ));
        }
        return Ok((enabled, args.given.clone()));
    }
    match args.given.split_last() {
        Some((filter, logs)) if !logs.is_empty() => {
            let filter = filter.clone();
            if std::path::Path::new(&filter).is_file()
                && !filter.ends_with(".conf")
                && !filter.ends_with(".local")
            {
                warnings.push(format!(
                    "{filter} is taken for the filter, although a file has that name"
                ));
            }
            Ok((vec![filter], logs.to_vec()))
        }
        Some(_) => {
            Err("expected LOG and FILTER, or --all-jails. See f2b-regex simulate --help.".into())
        }
        None => Err("expected LOG and FILTER. See f2b-regex simulate --help.".into()),
    }
}

fn simulate(args: &Args, clock: &Clock, encoding: Option<Encoding>) -> Result<Simulation, String> {
    let mut warnings = Vec::new();
    let (specs, given) = asked(args, &mut warnings)?;
    let several = args.all_jails || !args.jails.is_empty();
    if several && args.sweep.is_some() {
        return Err("--sweep is for one jail: give LOG and FILTER".into());
    }
    let mut simulation = Simulation {
        logs: Vec::new(),
        jails: Vec::new(),
        addresses: Addresses::default(),
        replay: Replay::default(),
        sweep: None,
        warnings,
    };
    for spec in &specs {
        match load(args, clock, spec) {
            // a server goes on without a jail it cannot read
            Err(message) if several && specs.len() > 1 => {
                simulation
                    .warnings
                    .push(format!("jail {spec} left out: {message}"));
            }
            Err(message) => return Err(message),
            Ok(mut jail) => {
                jail.fed = several && specs.len() > 1 && recidive::is_recidive(&jail.setup);
                simulation.jails.push(jail);
            }
        }
    }
    let mut logs_given = Vec::new();
    for argument in &given {
        logs_given.extend(logs::sources(argument)?);
    }
    let jails = std::mem::take(&mut simulation.jails);
    for mut jail in jails {
        let sources = match (&jail.rules.logpath, jail.fed) {
            (_, true) => Vec::new(),
            (Some(logpath), _) if given.is_empty() => of_logpath(logpath)?,
            _ => logs_given.clone(),
        };
        if sources.is_empty() && !jail.fed {
            let path = jail
                .rules
                .logpath
                .as_deref()
                .unwrap_or("(none)")
                .replace('\n', ", ");
            let message = format!("jail {} left out: no log at its logpath {path}", jail.name);
            simulation.warnings.push(message);
            continue;
        }
        collect(&mut simulation, &mut jail, &sources, clock, encoding)?;
        simulation.jails.push(jail);
    }
    if simulation.jails.iter().all(|jail| jail.fed) {
        let all = simulation.warnings.join("; ");
        return Err(format!("no jail has a log to read: {all}"));
    }
    play(&mut simulation, args, clock);
    warn(&mut simulation);
    Ok(simulation)
}

/// Reads the rules and the filter of a jail.
fn load(args: &Args, clock: &Clock, spec: &str) -> Result<Jail, String> {
    let rules = Rules::read(args, spec)?;
    let timezone = args.timezone.as_deref().or(rules.timezone.as_deref());
    let request = SetupRequest {
        spec,
        ignoreregex: args.ignoreregex.as_deref(),
        config_dir: &args.config,
        datepattern: args.datepattern.as_deref(),
        timezone,
        usedns: rules.usedns,
        raw: false,
        maxlines: None,
        // as the server runs it: up to the first failregex that matches
        check_all: false,
        rows: false,
        systemd: false,
        verbosity: 0,
    };
    let setup = setup::build(&request, clock, &mut Vec::new()).map_err(|error| error.message)?;
    let name = match setup.source.as_ref().map(|source| &source.kind) {
        Some(FilterKind::Jail { name, .. } | FilterKind::FilterD { name, .. }) => name.clone(),
        Some(FilterKind::Foreign { name, .. }) => name.clone(),
        None => spec.to_string(),
    };
    Ok(Jail {
        name,
        collector: Collector::new(rules.ignores.clone(), rules.names_count),
        setup,
        rules,
        fed: false,
        unordered: false,
    })
}

/// The logs of a jail's `logpath`: one glob a line, perhaps with `head` or `tail` behind.
fn of_logpath(logpath: &str) -> Result<Vec<LogSource>, String> {
    let mut all = Vec::new();
    for line in logpath
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let path = line.rsplit_once(' ').map_or(line, |(path, _)| path);
        all.extend(
            // a log that is not there is left out, as upstream's glob leaves it out
            logs::sources(path)
                .unwrap_or_default()
                .into_iter()
                .filter(|source| matches!(source, LogSource::File(_))),
        );
    }
    Ok(all)
}

/// Runs the filter over the logs, one after the other, as one stream.
fn collect(
    simulation: &mut Simulation,
    jail: &mut Jail,
    sources: &[LogSource],
    clock: &Clock,
    encoding: Option<Encoding>,
) -> Result<(), String> {
    let own = jail.setup.log_encoding.as_deref().and_then(known_encoding);
    let preferred = || known_encoding(&encoding::preferred_name());
    let encoding = encoding
        .or(own)
        .or_else(preferred)
        .unwrap_or(Encoding::Utf8);
    let mut session = Session::new(&jail.setup.filter, clock, jail.setup.detector.clone());
    for source in sources {
        let name = source.name();
        let known = simulation.logs.iter().position(|log| log.name == name);
        let log = known.unwrap_or(simulation.logs.len());
        let (addresses, collector) = (&mut simulation.addresses, &mut jail.collector);
        let read = logs::read(source, encoding, &mut session, |line, outcome| {
            let place = Place {
                log: u32::try_from(log).unwrap_or(u32::MAX),
                line: u32::try_from(line).unwrap_or(u32::MAX),
            };
            collector.line(addresses, place, outcome);
        })?;
        if known.is_none() {
            simulation.logs.push(Log { name, read });
        }
    }
    jail.unordered = !jail.collector.sort();
    Ok(())
}

/// Replays what was collected.
fn play(simulation: &mut Simulation, args: &Args, clock: &Clock) {
    let jails = &mut simulation.jails;
    if let (Some(sweep), [jail]) = (&args.sweep, jails.as_slice()) {
        let tickets = &jail.collector.tickets;
        simulation.sweep = Some(sweep.run(tickets, &jail.rules.settings, args.dbpurgeage));
    }
    let names: Vec<String> = jails.iter().map(|jail| jail.name.clone()).collect();
    let mut readers: Vec<recidive::Reader> = Vec::new();
    let mut inputs: Vec<JailInput> = Vec::new();
    for (number, jail) in jails.iter().enumerate() {
        if jail.fed {
            readers.push(recidive::Reader::new(number, jail, clock));
        }
        inputs.push(JailInput {
            settings: jail.rules.settings.clone(),
            tickets: &jail.collector.tickets,
        });
    }
    let addresses = &mut simulation.addresses;
    simulation.replay = replay(&inputs, args.dbpurgeage, |ban| {
        let read = readers.iter_mut();
        read.flat_map(|reader| reader.read(ban, &names[ban.jail], addresses))
            .collect()
    });
    let read: Vec<(usize, Collector)> = readers.into_iter().map(recidive::Reader::finish).collect();
    for (number, collector) in read {
        simulation.jails[number].collector = collector;
    }
}

/// Everything about the run that its user hardly wanted.
fn warn(simulation: &mut Simulation) {
    let warnings = &mut simulation.warnings;
    let invalid: u64 = simulation.logs.iter().map(|log| log.read.invalid).sum();
    if invalid > 0 {
        warnings.push(format!(
            "{invalid} place(s) of the logs are not valid in their encoding: try -e"
        ));
    }
    for jail in &simulation.jails {
        let name = &jail.name;
        let said = jail.setup.warnings.iter().map(|w| w.message.clone());
        let said = said.chain(jail.rules.warnings.iter().cloned());
        warnings.extend(said.chain(jail.collector.ignores().problems.iter().cloned()));
        if jail.collector.undated > 0 {
            warnings.push(format!(
                "{name}: {} failure(s) before any date in the log have no time and do not count: \
                 set a datepattern (-d)",
                jail.collector.undated
            ));
        }
        if jail.unordered {
            warnings.push(format!(
                "{name}: the lines are not in the order of time; they are replayed in it, while a \
                 server takes a late line for one of now"
            ));
        }
        if jail.collector.lines > 0 && jail.collector.tickets.is_empty() && !jail.fed {
            let none = match jail.collector.dropped.is_empty() {
                true => "nothing in the log matches the filter",
                false => "every match is of an address that does not count",
            };
            warnings.push(format!("{name}: {none}"));
        }
    }
    let mut seen = std::collections::HashSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
}
