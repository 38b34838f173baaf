//! What would help a filter that finds nothing: the hints of `explain`, in the terms of a jail.

use super::files;
use super::filter::{self, Replaced};
use super::finding::Figures;
use super::patient::Patient;
use super::reading;
use crate::analysis::explain::hints::{
    self, Change, Evidence, FilterRebuilder, Hint, OptionValue, RegexSources,
};
use crate::analysis::explain::sample::SampledLine;
use crate::config::{FilterRequest, Lookup, Resolution, Setting, resolve};
use crate::date::DateDetector;
use crate::engine::Filter;
use crate::input::{LogSet, LogSource};
use std::path::PathBuf;

/// Lines looked at.
const SAMPLED: usize = 1000;

/// A hint as a change to the configuration.
pub(super) struct JailHint {
    pub(super) message: String,
    pub(super) change: String,
    pub(super) tried: Option<Figures>,
}

/// Builds the jail's filter with other options.
struct Rebuild<'p, 'a> {
    patient: &'p Patient<'a>,
}

impl Rebuild<'_, '_> {
    fn settings(&self, changes: &[Change]) -> Option<Vec<Setting>> {
        let patient = self.patient;
        let mut given = Vec::new();
        for change in changes {
            if let Change::FilterOption(OptionValue { name, value }) = change {
                let quote = ['\'', '"']
                    .into_iter()
                    .find(|quote| !value.contains(*quote))?;
                given.push(format!("{name}={quote}{value}{quote}"));
            }
        }
        let name = &patient.jail.name;
        let spec = match given.is_empty() {
            true => name.clone(),
            false => format!("{name}[{}]", given.join(", ")),
        };
        patient.settings(patient.reads_journal(), &spec)
    }
}

impl FilterRebuilder for Rebuild<'_, '_> {
    fn build(&self, changes: &[Change]) -> Option<(Filter, Option<DateDetector>)> {
        let replaced = replaced(changes);
        let settings = self.settings(changes)?;
        let patient = self.patient;
        let clock = patient.doctor().clock;
        let built = filter::build(&settings, patient.usedns(), replaced, clock).ok()?;
        let detector = (!patient.reads_journal()).then_some(built.detector);
        Some((built.filter, detector))
    }

    fn regexes(&self, changes: &[Change]) -> Option<RegexSources> {
        let mut written = RegexSources::default();
        for setting in self.settings(changes)? {
            match setting {
                Setting::Prefregex(value) => written.prefregex = Some(value.text),
                Setting::Failregex(value) => written.failregexes.push(value.text),
                Setting::Ignoreregex(value) => written.ignoreregexes.push(value.text),
                _ => {}
            }
        }
        Some(written)
    }
}

/// The last lines of what the jail reads.
pub(super) fn sample(patient: &Patient) -> Vec<SampledLine> {
    if patient.reads_journal() {
        let entries = patient.ward.journal().all().iter();
        let own: Vec<_> = entries.filter(|entry| patient.is_selected(entry)).collect();
        let last = &own[own.len().saturating_sub(SAMPLED)..];
        let lines = last.iter().zip(1..).map(|(entry, number)| SampledLine {
            number,
            text: entry.text.clone(),
            time: Some(entry.time),
        });
        return lines.collect();
    }
    let logs = files::on_disk(patient.doctor().root, &patient.logs());
    let sources = logs.into_iter().map(LogSource::File).collect();
    let options = reading::options(&patient.built, patient.doctor().clock);
    let mut set = LogSet::new(sources, options);
    set.keep_last(SAMPLED as u64);
    let mut lines = Vec::new();
    while let Ok(Some(block)) = set.next_block() {
        let block = block.decode();
        lines.extend(block.timed_lines().map(|(number, text, time)| SampledLine {
            number,
            text: text.to_owned(),
            time,
        }));
    }
    lines
}

/// The files of the jail's filter.
fn files_of(patient: &Patient) -> Vec<PathBuf> {
    let request = FilterRequest {
        spec: &patient.jail.name,
        config_dir: Some(patient.ward.config_dir()),
        lookup: Lookup::Upstream,
        backend_systemd: patient.reads_journal(),
    };
    match resolve(&request) {
        Ok(Resolution::Filter(source)) => source.files,
        _ => Vec::new(),
    }
}

/// All hints for what the jail reads.
pub(super) fn all(patient: &Patient) -> Vec<Hint> {
    let lines = sample(patient);
    let filter = patient.parts.filter.as_ref();
    let evidence = Evidence {
        total: lines.len() as u64,
        lines,
        clock: patient.doctor().clock,
        filter: &patient.built.filter,
        detector: (!patient.reads_journal()).then(|| patient.built.detector.clone()),
        filter_name: filter.map(|filter| filter.name.clone()),
        files: files_of(patient),
        options: filter.map_or(Vec::new(), |filter| filter.given.clone()),
        datepattern: None,
        journalmatch: None,
        found_encoding: None,
        has_timezone: false,
        modified: None,
    };
    hints::diagnose(&evidence, &Rebuild { patient }).hints
}

/// The first hint whose code begins with one of `codes`; of any where there is none of these.
pub(super) fn best(patient: &Patient, codes: &[&str]) -> Option<JailHint> {
    let all = all(patient);
    let first = all
        .iter()
        .find(|hint| codes.is_empty() || codes.iter().any(|code| hint.code.starts_with(code)));
    first.map(|hint| in_terms_of(patient, hint))
}

/// A hint as a change to the jail or its filter.
pub(super) fn in_terms_of(patient: &Patient, hint: &Hint) -> JailHint {
    let filter = patient.parts.filter.as_ref();
    let name = filter.map_or("", |filter| filter.name.as_str());
    let file = format!("filter.d/{name}.local");
    let written = hint.change.as_deref().unwrap_or_default();
    let option = written
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let change = match (hint.code.as_str(), option) {
        ("filter-option", Some(option)) => {
            let (option, value) = option.split_once('=').unwrap_or((option, ""));
            match patient.option(option) {
                // the stock configuration hands the jail's mode on to its filter
                Some(_) => format!("{} {option} = {value}", patient.section()),
                None => format!("{} filter = {name}[{option}={value}]", patient.section()),
            }
        }
        (code, _) if code.contains("date") && !written.is_empty() => {
            format!("[Definition] of {file}: {}", as_option(written))
        }
        (_, _) if !written.is_empty() => format!("in place of it: {written}"),
        _ => hint.message.clone(),
    };
    let tried = match (
        hint.code.as_str(),
        option.and_then(|option| option.split_once('=')),
    ) {
        ("filter-option", Some((name, value))) => figures(patient, &[Change::option(name, value)]),
        ("datepattern" | "date-not-at-begin", _) if !written.is_empty() => {
            figures(patient, &[Change::Datepattern(as_typed(written))])
        }
        _ => None,
    };
    JailHint {
        message: hint.message.clone(),
        change,
        tried,
    }
}

/// What the jail finds with these changes.
fn figures(patient: &Patient, changes: &[Change]) -> Option<Figures> {
    let rebuild = Rebuild { patient };
    let replaced = replaced(changes);
    let settings = rebuild.settings(changes)?;
    let clock = patient.doctor().clock;
    let built = filter::build(&settings, patient.usedns(), replaced, clock).ok()?;
    let reading = patient.read_with(&built);
    Some(patient.figures(&reading))
}

fn replaced(changes: &[Change]) -> Replaced<'_> {
    let mut replaced = Replaced::default();
    for change in changes {
        match change {
            Change::Datepattern(pattern) => replaced.datepattern = Some(pattern),
            Change::Timezone(zone) => replaced.timezone = Some(zone),
            _ => {}
        }
    }
    replaced
}

/// Lines that name an address and speak of a failure.
pub(super) fn suspects(patient: &Patient) -> u64 {
    const WORDS: [&str; 9] = [
        "fail",
        "invalid",
        "denied",
        "refused",
        "unauthorized",
        "not found",
        "bad password",
        "incorrect",
        "mismatch",
    ];
    let lines = sample(patient);
    let reads_like_one = |line: &&SampledLine| {
        let text = line.text.to_lowercase();
        WORDS.iter().any(|word| text.contains(word)) && names_address(&text)
    };
    lines.iter().filter(reads_like_one).count() as u64
}

fn names_address(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'));
    words.any(|word| {
        let word = word.trim_matches(['.', ':']);
        word.len() >= 7 && word.parse::<std::net::IpAddr>().is_ok()
    })
}

/// A datepattern as an option of a filter, where `%` is doubled.
fn as_option(hint: &str) -> String {
    match hint.starts_with("datepattern") {
        true => hint.to_owned(),
        false => format!("datepattern = {}", hint.replace('%', "%%")),
    }
}

/// The same as it is typed on a command line.
fn as_typed(hint: &str) -> String {
    match hint.strip_prefix("datepattern") {
        Some(rest) => rest.trim_start_matches([' ', '=']).replace("%%", "%"),
        None => hint.to_owned(),
    }
}
