//! What would help a filter that finds nothing: the hints of `explain`, in the terms of a jail.

use super::files;
use super::filter::{self, Replaced};
use super::finding::Figures;
use super::patient::Patient;
use super::place::{is_own, to_mend};
use super::reading::{self, Reading};
use super::ward::Ward;
use crate::analysis::check::RawFile;
use crate::analysis::explain::hints::change::change_settings;
use crate::analysis::explain::hints::{
    self, Change, Evidence, FilterRebuilder, Hint, OptionValue, RegexSources,
};
use crate::analysis::explain::sample::SampledLine;
use crate::config::{FilterRequest, JailConfig, Lookup, Origin, Resolution, Setting, resolve};
use crate::date::DateDetector;
use crate::engine::Filter;
use crate::input::{LogSet, LogSource};
use std::path::PathBuf;

pub(super) use crate::analysis::explain::hints::is_of_level_info;
use crate::analysis::explain::hints::tells_refusal;

/// Lines looked at.
pub(super) const SAMPLED: usize = 1000;

/// A hint as a change to the configuration.
pub(super) struct JailHint {
    pub(super) message: String,
    pub(super) change: String,
    pub(super) tried: Option<Figures>,
    /// Lines have dates with it.
    pub(super) dates: bool,
    /// The user's own line that the change replaces, where there is one.
    pub(super) place: Option<Origin>,
}

/// Builds the jail's filter with other options.
pub(super) struct Rebuild<'p, 'a> {
    pub(super) patient: &'p Patient<'a>,
    /// As the filter reads the journal.
    pub(super) journal: bool,
}

impl Rebuild<'_, '_> {
    pub(super) fn settings(&self, changes: &[Change]) -> Option<Vec<Setting>> {
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
        let spec = if given.is_empty() {
            name.clone()
        } else {
            format!("{name}[{}]", given.join(", "))
        };
        patient.settings(self.journal, &spec)
    }
}

impl FilterRebuilder for Rebuild<'_, '_> {
    fn build(&self, changes: &[Change]) -> Option<(Filter, Option<DateDetector>)> {
        let settings = self.settings(changes)?;
        let patient = self.patient;
        let replaced = Replaced {
            beside: Some(&patient.built.filter),
            ..replaced(changes)
        };
        let clock = patient.doctor().clock;
        let built = filter::build(&settings, patient.usedns(), replaced, clock).ok()?;
        let detector = (!self.journal).then_some(built.detector);
        Some((built.filter, detector))
    }

    fn regexes(&self, changes: &[Change]) -> Option<RegexSources> {
        Some(RegexSources::of(self.settings(changes)?))
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
pub(super) fn files_of(ward: &Ward, jail: &str) -> Vec<PathBuf> {
    let request = FilterRequest {
        spec: jail,
        config_dir: Some(ward.config_dir()),
        lookup: Lookup::Upstream,
        backend_systemd: false,
    };
    match resolve(&request) {
        Ok(Resolution::Filter(source)) => source.files,
        _ => Vec::new(),
    }
}

/// All hints for what the jail reads, found when they are first asked for.
pub(super) fn all<'p>(patient: &'p Patient) -> &'p [Hint] {
    patient.hints.get_or_init(|| {
        let detector = (!patient.reads_journal()).then(|| patient.built.detector.clone());
        let filter = (&patient.built.filter, detector);
        let evidence = evidence(patient, filter, sample(patient));
        hints::diagnose(&evidence, &rebuild(patient)).hints
    })
}

/// What is known of lines, for hints on the jail's filter.
pub(super) fn evidence<'e>(
    patient: &'e Patient,
    (built, detector): (&'e Filter, Option<DateDetector>),
    lines: Vec<SampledLine>,
) -> Evidence<'e> {
    let filter = patient.parts.filter.as_ref();
    Evidence {
        total: lines.len() as u64,
        lines,
        columns: None,
        clock: patient.doctor().clock,
        filter: built,
        detector,
        filter_name: filter.map(|filter| filter.name.clone()),
        files: files_of(patient.ward, &patient.jail.name),
        options: filter.map_or(Vec::new(), |filter| filter.given.clone()),
        datepattern: None,
        journalmatch: None,
        found_encoding: None,
        begin: None,
        has_timezone: false,
        modified: None,
        // a server has no --unwrap
        is_unwrapped: true,
    }
}

fn rebuild<'p, 'a>(patient: &'p Patient<'a>) -> Rebuild<'p, 'a> {
    Rebuild {
        patient,
        journal: patient.reads_journal(),
    }
}

/// The first hint whose code begins with one of `codes`; of any where there is none of these.
pub(super) fn best(patient: &Patient, codes: &[&str]) -> Option<JailHint> {
    let first = all(patient)
        .iter()
        .find(|hint| codes.is_empty() || codes.iter().any(|code| hint.code.starts_with(code)));
    first.map(|hint| in_terms_of(patient, hint))
}

/// A hint as a change to the jail or its filter.
pub(super) fn in_terms_of(patient: &Patient, hint: &Hint) -> JailHint {
    let edits = hint.apply.as_deref().unwrap_or_default();
    let written: Option<Vec<String>> = edits.iter().map(|edit| in_words(patient, edit)).collect();
    let (change, read) = match written.filter(|written| !written.is_empty()) {
        Some(written) => (written.join("; "), read_with(patient, edits)),
        // the change is elsewhere: a daemon's log level, a locale
        None => (
            hint.change.clone().unwrap_or_else(|| hint.message.clone()),
            None,
        ),
    };
    JailHint {
        message: hint.message.clone(),
        change,
        dates: read.as_ref().is_some_and(|read| read.dated > 0),
        tried: read.map(|read| patient.figures(&read)),
        place: edits.iter().find_map(|edit| replaced_line(patient, edit)),
    }
}

/// The user's own line that sets the option of a filter which an edit sets otherwise, or that names
/// the filter.
fn replaced_line(patient: &Patient, edit: &Change) -> Option<Origin> {
    if let Change::AddRegex(added) = edit {
        return line_of(patient, &added.regex);
    }
    let option = match edit {
        Change::FilterOption(option) if hands_on(patient.jail, &option.name) => &option.name,
        Change::FilterOption(_) | Change::Filter(_) => "filter",
        _ => return None,
    };
    let place = patient.option(option).and_then(to_mend);
    place.filter(|place| is_own(place)).cloned()
}

/// The line of the filter's files that is a regex and was not read as one.
fn line_of(patient: &Patient, regex: &str) -> Option<Origin> {
    let files = files_of(patient.ward, &patient.jail.name).into_iter();
    let mut files = files.map(|file| RawFile::read(&file));
    files.find_map(|file| {
        let mut lines = file.lines.iter();
        let at = lines.position(|line| line.trim() == regex)?;
        let line = u32::try_from(at).ok()? + 1;
        Some(Origin::at(&file.path, line, "failregex"))
    })
}

/// One edit as it is written into the configuration; `None` if no option does it.
pub(super) fn in_words(patient: &Patient, edit: &Change) -> Option<String> {
    let section = patient.section();
    let filter = patient.parts.filter.as_ref();
    let name = filter.map_or("", |filter| filter.name.as_str());
    let local = format!("filter.d/{name}.local");
    let doubled = |text: &str| text.replace('%', "%%");
    Some(match edit {
        Change::FilterOption(option) => filter_option(patient, option),
        Change::Datepattern(pattern) => {
            if patient.sets_itself("datepattern") {
                format!("{section} datepattern = {}", doubled(pattern))
            } else {
                format!(
                    "[Definition] of {local}: datepattern = {}",
                    doubled(pattern)
                )
            }
        }
        Change::Filter(filter) => format!("{section} filter = {filter}"),
        Change::Timezone(zone) => format!("{section} logtimezone = {zone}"),
        Change::Maxlines(lines) => format!("{section} maxlines = {lines}"),
        Change::Journalmatch(words) => format!("{section} journalmatch = {}", doubled(words)),
        Change::Regex(change) => {
            let option = change.option.name();
            let place = match (&change.file, change.line) {
                (Some(file), Some(line)) => {
                    let directory = format!("{}/", patient.ward.machine.directory);
                    let file = file.strip_prefix(&directory).unwrap_or(file);
                    format!(" of {file}:{line}")
                }
                _ => String::new(),
            };
            match &change.to {
                Some(to) => format!("{option}{place}, references replaced: {to}"),
                None => format!("remove {option}{place}: {}", change.from),
            }
        }
        Change::AddRegex(added) => format!(
            "one more {} in [Definition] of {local}: {}",
            added.option.name(),
            doubled(&added.regex)
        ),
        Change::Encoding(name) => format!("{section} logencoding = {name}"),
        Change::StripAnsi | Change::Unwrap(_) | Change::Months(_) => return None,
    })
}

/// An option of the filter: the jail's own, where it hands that on as the stock configuration
/// does with `mode`; else in brackets behind the filter's name.
fn filter_option(patient: &Patient, option: &OptionValue) -> String {
    let (name, value) = (&option.name, &option.value);
    let section = patient.section();
    let filter = patient.parts.filter.as_ref();
    let given = filter.map_or(&[][..], |filter| filter.given.as_slice());
    if hands_on(patient.jail, name) {
        return format!("{section} {name} = {value}");
    }
    let others = given.iter().filter(|(known, _)| known != name);
    let all = others
        .map(|(name, value)| (name, value))
        .chain([(name, value)]);
    let all: Vec<String> = all
        .map(|(name, value)| format!("{name}={}", quoted(value)))
        .collect();
    let filter = filter.map_or("", |filter| filter.name.as_str());
    format!("{section} filter = {filter}[{}]", all.join(", "))
}

/// Whether the line that names the jail's filter gives it the jail's own option of that name.
pub(super) fn hands_on(jail: &JailConfig, name: &str) -> bool {
    /// Bytes of a jail.conf.
    const BYTES: u64 = 16 << 20;
    let filter = jail.option("filter");
    let Some(written) = filter.and_then(|filter| filter.written.as_ref()) else {
        return false;
    };
    let bytes = crate::files::read_regular(&written.file, BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().nth((written.line as usize).saturating_sub(1));
    line.is_some_and(|line| line.contains(&format!("%({name})s")))
}

/// A value in brackets, in quotes where it needs them.
fn quoted(value: &str) -> String {
    if value.contains([',', ']', ' ', '\'', '=']) {
        format!("\"{value}\"")
    } else {
        value.to_owned()
    }
}

/// What the jail reads with these changes.
fn read_with(patient: &Patient, changes: &[Change]) -> Option<Reading> {
    let rebuild = rebuild(patient);
    let replaced = replaced(changes);
    let mut settings = rebuild.settings(changes)?;
    change_settings(&mut settings, changes);
    let clock = patient.doctor().clock;
    let built = filter::build(&settings, patient.usedns(), replaced, clock).ok()?;
    Some(patient.read_with(&built))
}

pub(super) fn replaced(changes: &[Change]) -> Replaced<'_> {
    let mut replaced = Replaced::default();
    for change in changes {
        match change {
            Change::Datepattern(pattern) => replaced.datepattern = Some(pattern),
            Change::Timezone(zone) => replaced.timezone = Some(zone),
            Change::Maxlines(lines) => replaced.maxlines = Some(*lines),
            _ => {}
        }
    }
    replaced
}

/// Lines that name an address and speak of a failure.
pub(super) struct Suspects {
    pub(super) all: u64,
    /// Of these, those of logins: lines that a filter for logins should know.
    pub(super) logins: u64,
}

pub(super) fn suspects(patient: &Patient) -> Suspects {
    const LOGINS: [&str; 6] = [
        "login",
        "password",
        "authent",
        "user",
        "credential",
        "auth ",
    ];
    let mut found = Suspects { all: 0, logins: 0 };
    for line in sample(patient) {
        let text = line.text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if tells_refusal(&text) && names_address(&text) {
            found.all += 1;
            found.logins += u64::from(has(&LOGINS));
        }
    }
    found
}

pub(super) fn names_address(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_hexdigit() || c == '.' || c == ':'));
    words.any(|word| {
        let word = word.trim_matches(['.', ':']);
        // `192.0.2.7:40112` has a port
        let is_address = word.parse::<std::net::IpAddr>().is_ok();
        word.len() >= 7 && (is_address || word.parse::<std::net::SocketAddrV4>().is_ok())
    })
}
