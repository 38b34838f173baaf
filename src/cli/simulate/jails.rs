//! The jails of a simulation: read, and their failures collected from their logs.

use super::args::{Args, Format};
use super::asked::Asked;
use super::inputs::Inputs;
use super::load::load;
use super::logs::read as read_logs;
use super::{Jail, Work, matches, recidive};
use crate::analysis::actual::record::address_id;
use crate::analysis::run::{BoundaryRecorder, DateSpan, Outside, unwrapped, why_no_lines};
use crate::analysis::simulate::Place;
use crate::cli::logs::{begin, open, preferred_encoding, unwrapping};
use crate::cli::progress::Progress;
use crate::config::Loader;
use crate::date::Clock;
use crate::engine::{Session, pipeline};
use crate::input::{Encoding, LogSet, LogSource, ReadOptions};

/// Reads a jail and collects its failures. `among_others`: it may read the others' bans.
pub(super) fn add_jail(
    work: &mut Work,
    args: &Args,
    (asked, loader): (&Asked, &Loader),
    spec: &str,
    (inputs, given): (&Inputs, &[LogSource]),
    among_others: bool,
) -> Result<(), String> {
    let mut jail = load(loader, args, asked, spec, false)?;
    prepare(&mut jail, work, asked, args);
    let is_recidive = among_others && recidive::is_recidive(&jail.setup);
    // fail2ban's own log is there where it is the record
    let record = asked.record.as_ref().filter(|_| is_recidive);
    let record = record.and_then(|record| record.logs());
    jail.shown.fed = is_recidive && record.is_none();
    if jail.shown.fed {
        work.jails.push(jail);
        return Ok(());
    }
    let given = record.unwrap_or(given);
    let own = match given {
        [] => inputs.sources(spec, &jail.rules)?,
        given => given.to_vec(),
    };
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
        // what is told of a log is told of it as this jail reads it
        unwrap: unwrapping(&args.read.wrapping)?,
        ..asked.options.clone()
    };
    let clock = &asked.clock;
    let mut logs = open(own, options, args.window.last);
    if logs.is_journal().map_err(|error| error.to_string())? {
        // the same filter, as it reads a journal
        jail = load(loader, args, asked, spec, true)?;
        prepare(&mut jail, work, asked, args);
    }
    let journalmatch = args.read.journalmatch.as_deref();
    let dates = DateSpan::default();
    begin(&mut logs, journalmatch, &jail.setup, clock, &dates)?;
    let unwrapping = logs.options_mut().unwrap.clone();
    collect(work, &mut jail, (logs, &dates), args, clock)?;
    let unwrapped = unwrapping.map_or(Vec::new(), |unwrapping| unwrapping.logs());
    work.warnings.extend(unwrapped::notes(&unwrapped));
    work.jails.push(jail);
    Ok(())
}

/// What a comparison with a record needs to know of the failures besides.
fn prepare(jail: &mut Jail, work: &mut Work, asked: &Asked, args: &Args) {
    let collector = &mut jail.shown.collector;
    if asked.record.is_some() {
        collector.keep_ignored();
    }
    if let Some(who) = &args.why {
        collector.watch(address_id(&mut work.addresses, who));
    }
}

/// Runs the filter over the logs, one after the other, as one stream.
fn collect(
    work: &mut Work,
    jail: &mut Jail,
    (logs, dates): (LogSet, &DateSpan),
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
    let read = read_logs(logs, threads.max(1), progress, &mut session, |log, line| {
        watch.line(line);
        let place = Place {
            log: number(log as u64),
            line: number(line.number),
        };
        let last_date = line.last_date.map(|date| date.seconds());
        collector.line(addresses, place, line.outcome, last_date);
    });
    let read = read?;
    if jail.shown.collector.lines == 0 && read.faults.is_empty() {
        let outside = Outside {
            dates: dates.get(),
            ..read.outside
        };
        let why = why_no_lines(Some(&outside), read.skipped, clock);
        let warning = format!("{}: no line was tested: {why}", jail.shown.name);
        work.warnings.push(warning);
    }
    if args.format == Format::Matches {
        work.head = Some(matches::Head::of(args, jail, &session, watch));
    }
    work.warnings.extend(read.faults);
    // the logs of all jails have one list
    let known: Vec<u32> = (read.logs.into_iter())
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
    collector.renumber_logs(|log| known.get(log as usize).copied().unwrap_or(u32::MAX));
    jail.unordered = !collector.sort();
    Ok(())
}
