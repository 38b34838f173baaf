//! Is a log for another filter altogether? What `fit` says of it, in the terms of a jail.

use super::filter::{self, Replaced};
use super::finding::Figures;
use super::other_logs::is_for_syslog;
use super::patient::Patient;
use super::{files, hints, reading};
use crate::analysis::check::RawFile;
use crate::analysis::fit::{Tally, family};
use crate::engine::filter_set;
use crate::input::{LogSet, LogSource, ReadAhead};
use std::path::Path;

/// Another filter that knows the failures in a log, as a jail names it.
pub(super) enum Other {
    /// The jail was meant for it, and finds this with it.
    Meant(String, Figures),
    /// It is for another jail.
    Beside(String),
    /// The log is another program's.
    WrongLog(String),
}

/// The filter that knows the failures in the log of a jail whose own filter matches nothing.
pub(super) fn find(patient: &Patient, suspects: u64) -> Option<Other> {
    if patient.reads_journal() {
        return None;
    }
    let clock = patient.doctor().clock;
    let candidates = patient.ward.filters()?;
    let set = candidates.filter_set().ok()?;
    let logs = files::on_disk(patient.doctor().root, &patient.logs());
    let sources = logs.into_iter().map(LogSource::File).collect();
    let mut logs = LogSet::new(sources, reading::options(&patient.built, clock));
    logs.keep_last(hints::SAMPLED as u64);
    let mut ahead = ReadAhead::new(logs);
    let mut tally = Tally::new(candidates);
    let next = || ahead.next_block(true).map_err(|error| error.to_string());
    filter_set::run(&set, clock, patient.ward.threads, next, &mut tally, |_| {}).ok()?;
    let fit = tally.finish();
    let own = own_filter(patient);
    let first = fit.clear(suspects).filter(|first| first.name != own)?;
    let best = &first.best;
    let is_other = family(own) != family(&first.name) && !is_shared(patient);
    if is_other && is_of_other_program(patient, &first.file) {
        return Some(Other::WrongLog(best.filter.clone()));
    }
    if !may_be_for(patient, &first.name) {
        return Some(Other::Beside(best.filter.clone()));
    }
    let options = best.filter.strip_prefix(&first.name).unwrap_or_default();
    let spec = format!("{}{options}", first.file.display());
    let settings = patient.settings(false, &spec)?;
    let built = filter::build(&settings, patient.usedns(), Replaced::default(), clock).ok()?;
    let figures = patient.figures(&patient.read_with(&built));
    (figures.matched > 0).then(|| Other::Meant(best.filter.clone(), figures))
}

/// Whether a jail reads the log of another program: it is named for its filter, which is for what a
/// syslog daemon writes, and the one that knows the log is not.
fn is_of_other_program(patient: &Patient, other: &Path) -> bool {
    let named = family(&patient.jail.name) == family(own_filter(patient));
    let other = RawFile::read(other);
    let mut options = other.options.iter();
    let of_syslog = options.any(|option| {
        let mut lines = option.lines.iter();
        option.section == "INCLUDES" && lines.any(|(_, text)| text == "common.conf")
    });
    named && !of_syslog && is_for_syslog(patient)
}

/// Whether a jail can have been meant for another filter: not for one of its own family, such as
/// those of nginx, which read the same log side by side; nor for one with which another jail reads
/// that log. Where many services write to the log, or the jail is named for its own filter, only for
/// one that it is named for, too.
fn may_be_for(patient: &Patient, other: &str) -> bool {
    let own = own_filter(patient);
    if family(own) == family(other) {
        return false;
    }
    let logs = patient.logs();
    let mut jails = patient.ward.machine.jails.iter();
    let is_read = jails.any(|jail| {
        let parts = jail.parts().filter(|_| jail.enabled);
        parts.is_some_and(|parts| {
            let filter = parts.filter.as_ref().map_or("", |filter| &filter.name);
            let mut found = parts.input.logs.iter().flat_map(|log| &log.found);
            filter == other && found.any(|log| logs.contains(log))
        })
    });
    if is_read {
        return false;
    }
    let named_for = |word: &str| word.len() > 2 && family(other).starts_with(word);
    let is_free = !is_shared(patient) && family(&patient.jail.name) != family(own);
    is_free || patient.jail.name.split(['-', '_']).any(named_for)
}

/// Whether failures of logins in its log are the jail's business: those of a filter of the stock
/// configuration only where its service writes the log alone.
pub(super) fn is_sole_reader(patient: &Patient, logins: u64) -> bool {
    !is_stock(patient) || (logins > 0 && !is_shared(patient))
}

/// Whether its filter is the user's own, and many services write to what it reads.
pub(super) fn is_own_of_shared_log(patient: &Patient) -> bool {
    !is_stock(patient) && is_shared(patient)
}

/// Whether a jail of the stock configuration has its filter.
fn is_stock(patient: &Patient) -> bool {
    let name = own_filter(patient);
    let stock = RawFile::read(&patient.ward.config_dir().join("jail.conf"));
    stock.sections.iter().any(|(section, _)| section == name)
        || stock.options.iter().any(|option| {
            let mut lines = option.lines.iter();
            option.name == "filter"
                && lines.any(|(_, text)| text.split('[').next().map(str::trim) == Some(name))
        })
}

fn own_filter<'p>(patient: &'p Patient) -> &'p str {
    let filter = patient.parts.filter.as_ref();
    filter.map_or("", |filter| filter.name.as_str())
}

/// Whether many services write to what the jail reads.
fn is_shared(patient: &Patient) -> bool {
    if patient.reads_journal() {
        return patient.built.journalmatch.is_empty();
    }
    patient.logs().iter().any(|log| files::is_shared(log))
}
