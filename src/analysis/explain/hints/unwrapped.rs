//! What makes fail2ban see in a wrapped log what `--unwrap` shows: a datepattern, and regexes for
//! the line as it is. Said only if tried on the log as it is it finds the same failures, with the
//! same addresses at the same times.

use super::change::{RegexChange, RegexOption, changed_regex};
use super::evidence::{Evidence, FilterRebuilder};
use super::regex::wrapped_regex;
use super::trial::{Trial, TrialLine};
use super::trials::{HintTrials, SEARCH_STEPS};
use super::{Change, Hint, around_date::escaped, count, dates};
use crate::analysis::explain::sample::SampledLine;
use crate::config::Sourced;
use crate::input::unwrap::{WrapKind, WrappedLine};
use crate::pattern::Scratch;
use std::collections::HashMap;

/// Datepatterns made of the look of a line that are tried, at most.
const MADE: usize = 12;
/// Bytes of a regex that is shown whole.
const SHOWN: usize = 200;

/// How a way of wrapping looks to a regex.
struct Wrapper {
    /// What stands before the line.
    fronts: Vec<String>,
    /// What stands behind it.
    tail: &'static str,
    /// Quotes have a backslash before them.
    escapes: bool,
    /// Datepatterns for the record's own date.
    outer: Vec<&'static str>,
}

impl Wrapper {
    fn of(kind: &WrapKind) -> Wrapper {
        match kind {
            WrapKind::Docker => Wrapper {
                fronts: vec![r#"\{"log":""#.into()],
                tail: r#"\\n","#,
                escapes: true,
                outer: vec![r#""time":"%Y-%m-%dT%H:%M:%S(?:\.%f\d*)?%z""#],
            },
            WrapKind::Json(path) => {
                let name = path.rsplit('.').next().unwrap_or(path);
                Wrapper {
                    fronts: vec![format!(r#"\{{.*?"{}":\s*""#, escaped(name))],
                    tail: "\"",
                    escapes: true,
                    outer: Vec::new(),
                }
            }
            WrapKind::Cri => Wrapper {
                fronts: vec![r"\S+ std(?:out|err) F ".into()],
                tail: "",
                escapes: false,
                outer: vec![r"^%Y-%m-%dT%H:%M:%S(?:\.%f\d*)?%z std(?:out|err) F"],
            },
            WrapKind::Syslog => Wrapper {
                fronts: [
                    r"\w{3} +\d+ [\d:.]+ \S+ \S+: ",
                    r"\d{4}-\d\d-\d\dT\S+ \S+ \S+: ",
                    r"<\d+>\d \S+ \S+ \S+ \S+ \S+ (?:-|\[.*?\]) ",
                    r"<\d+>\w{3} +\d+ [\d:.]+ \S+ \S+: ",
                    r"\w{3} +\d+ [\d:.]+ \S+ ",
                ]
                .map(String::from)
                .to_vec(),
                tail: "",
                escapes: false,
                outer: Vec::new(),
            },
        }
    }
}

/// What is to be written into the filter.
struct Candidate {
    datepattern: Option<String>,
    /// What `^` of the regexes is followed by.
    front: String,
}

/// The hint that ends the report of an unwrapped log. `unwrapped`: the lines of the run; `wrapped`:
/// the first of them as they are.
pub(crate) fn advice(
    unwrapped: &Evidence,
    wrapped: &[WrappedLine],
    kind: &WrapKind,
    rebuilder: &dyn FilterRebuilder,
) -> Hint {
    let found = same_for_fail2ban(unwrapped, wrapped, kind, rebuilder);
    let (message, change) = match &found {
        Some(found) => (
            format!(
                "fail2ban itself does not unwrap: {}, it finds the same in the log as it is (tried on \
                 its first {}: {}, with the same addresses and times)",
                found.told(),
                count(wrapped.len(), "line", "lines"),
                count(found.failures, "failure", "failures"),
            ),
            found.written.clone(),
        ),
        None => (
            format!("fail2ban itself does not unwrap: {}", elsewhere(kind)),
            None,
        ),
    };
    Hint {
        code: "unwrapped".into(),
        message,
        change,
        apply: None,
        lines: found.map_or(0, |found| found.failures as u64),
        example: None,
    }
}

/// What to do where no change of the filter was found.
fn elsewhere(kind: &WrapKind) -> &'static str {
    match kind {
        WrapKind::Docker => {
            "let the program write a log file that the host sees (a volume), or let Docker hand its \
             lines on (docker run --log-driver=journald, and backend = systemd in the jail; or \
             --log-driver=syslog)"
        }
        WrapKind::Cri => {
            "let the program write a log file that the node sees (a volume), or a collector write \
             the lines into one as they were"
        }
        WrapKind::Syslog => {
            "let the relay write lines as it received them (rsyslog: a template with %rawmsg%, or \
             %msg% where that is the whole line)"
        }
        WrapKind::Json(_) => {
            "let the program, or what ships its log, write the lines as they were into a file"
        }
    }
}

/// What makes fail2ban see the same.
struct Found {
    changes: Vec<Change>,
    /// What `^` of the regexes is followed by.
    front: String,
    wrapper: Wrapper,
    /// The filter has a datepattern, which another one takes the place of.
    has_datepattern: bool,
    /// The changes as options of a filter.
    written: Option<String>,
    failures: usize,
}

impl Found {
    /// The changes as a half-sentence.
    fn told(&self) -> String {
        let mut parts = Vec::new();
        let mut regexes = Vec::new();
        for change in &self.changes {
            match change {
                Change::Datepattern(pattern) => {
                    let place = if self.has_datepattern {
                        " in place of the filter's"
                    } else {
                        ""
                    };
                    let pattern = pattern.replace('%', "%%");
                    parts.push(format!("`datepattern = {pattern}`{place}"));
                }
                Change::Regex(change) => regexes.push(change),
                _ => {}
            }
        }
        if let Some(first) = regexes.first() {
            let alike = match regexes.len() - 1 {
                0 => String::new(),
                more => format!(", {} alike", count(more, "regex", "regexes")),
            };
            parts.push(self.edit(first) + &alike);
        }
        match parts.is_empty() {
            true => "with the filter as it is".into(),
            false if self.has_datepattern => format!("with {}", parts.join(" and ")),
            false => format!("with {} in the filter", parts.join(" and ")),
        }
    }

    /// A regex with what is around the line; of a long one, what was put into it.
    fn edit(&self, change: &RegexChange) -> String {
        let name = change.option.name();
        let (from, to) = (&change.from, change.to.as_deref().unwrap_or_default());
        if to.len() <= SHOWN {
            return format!("`{name} = {}`", to.replace('%', "%%"));
        }
        let mut edits = Vec::new();
        if !self.front.is_empty() && from.starts_with('^') {
            edits.push(format!("begins `^{}` in place of `^`", self.front));
        }
        if self.wrapper.escapes && from.contains('"') {
            edits.push(r#"has `\\"` for each `"`"#.to_owned());
        }
        if !self.wrapper.tail.is_empty() && from.ends_with('$') {
            edits.push(format!("ends `{}` in place of `$`", self.wrapper.tail));
        }
        format!("a {name} that {}", edits.join(", "))
    }
}

/// The changes as options of a filter; of a list all of it, since it takes the place of the old.
fn written(changes: &[Change], base: &Trial) -> Option<String> {
    let mut all: Vec<(&str, Vec<String>)> = Vec::new();
    let lists = [
        (RegexOption::Prefregex, base.prefregex.as_slice()),
        (RegexOption::Failregex, base.regexes.as_slice()),
    ];
    for change in changes {
        if let Change::Datepattern(pattern) = change {
            all.push(("datepattern", vec![pattern.clone()]));
        }
    }
    for (option, sources) in lists {
        let is_changed = |change: &Change| match change {
            Change::Regex(change) => change.option == option,
            _ => false,
        };
        if changes.iter().any(is_changed) {
            let regexes = sources.iter();
            let regexes = regexes.filter_map(|source| changed_regex(option, source, changes));
            all.push((option.name(), regexes.map(|source| source.text).collect()));
        }
    }
    let options = all.into_iter().map(|(name, values)| {
        let values = values.join("\n    ").replace('%', "%%");
        format!("{name} = {values}")
    });
    let text = options.collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}

/// The least change with which the log as it is gives the failures of the unwrapped one, and how
/// many they are.
fn same_for_fail2ban(
    unwrapped: &Evidence,
    wrapped: &[WrappedLine],
    kind: &WrapKind,
    rebuilder: &dyn FilterRebuilder,
) -> Option<Found> {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(SEARCH_STEPS);
    let wanted = HintTrials::new(unwrapped, rebuilder).run(&[], &mut scratch)?;
    if wanted.counting() == 0 {
        return None;
    }
    let mut last = 0;
    // of the first log
    let lines = unwrapped
        .lines
        .iter()
        .zip(&wanted.lines)
        .take_while(|(line, _)| {
            let before = std::mem::replace(&mut last, line.number);
            line.number > before
        });
    let wanted: HashMap<u64, &TrialLine> = lines.map(|(line, told)| (line.number, told)).collect();
    let raw = raw_evidence(unwrapped, wrapped);
    let trials = HintTrials::new(&raw, rebuilder);
    let base = trials.run(&[], &mut scratch)?;
    let wrapper = Wrapper::of(kind);
    let counts = |line: &&WrappedLine| {
        let own = line.number.and_then(|number| wanted.get(&number));
        own.is_some_and(|own| own.counts)
    };
    let example = wrapped.iter().find(counts)?;
    let own = own_datepattern(unwrapped, rebuilder);
    for candidate in candidates(&wrapper, &example.text, own.as_deref()) {
        let datepattern = candidate.datepattern.map(Change::Datepattern);
        let rewritten = rewritten(&base, &candidate.front, &wrapper);
        for regexes in [Vec::new(), rewritten] {
            let changes: Vec<Change> = datepattern.iter().cloned().chain(regexes).collect();
            let trial = trials.run(&changes, &mut scratch)?;
            if let Some(failures) = agreement(&trial, wrapped, &wanted) {
                let front = candidate.front;
                return Some(Found {
                    written: written(&changes, &base),
                    has_datepattern: own.is_some(),
                    changes,
                    front,
                    wrapper,
                    failures,
                });
            }
        }
    }
    None
}

/// The same run on the log as it is.
fn raw_evidence<'a>(unwrapped: &Evidence<'a>, wrapped: &[WrappedLine]) -> Evidence<'a> {
    let lines = wrapped.iter().zip(1..).map(|(line, number)| SampledLine {
        number,
        text: line.text.clone(),
        time: None,
    });
    Evidence {
        lines: lines.collect(),
        columns: None,
        total: wrapped.len() as u64,
        clock: unwrapped.clock,
        filter: unwrapped.filter,
        detector: unwrapped.detector.clone(),
        filter_name: None,
        files: Vec::new(),
        options: Vec::new(),
        datepattern: None,
        journalmatch: None,
        found_encoding: None,
        begin: None,
        has_timezone: unwrapped.has_timezone,
        modified: None,
        is_unwrapped: false,
    }
}

/// The datepattern of the run, where it has one of its own: what of it is behind the line's begin.
fn own_datepattern(unwrapped: &Evidence, rebuilder: &dyn FilterRebuilder) -> Option<String> {
    let of_filter = || rebuilder.regexes(&[])?.datepattern;
    let pattern = unwrapped.datepattern.clone().or_else(of_filter)?;
    let behind = pattern
        .strip_prefix("{^LN-BEG}")
        .or_else(|| pattern.strip_prefix('^'))
        .unwrap_or(&pattern);
    (!behind.is_empty() && !behind.contains('\n')).then(|| behind.to_owned())
}

/// What may be written, the least first.
fn candidates(wrapper: &Wrapper, example: &str, own: Option<&str>) -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut add = |datepattern: Option<String>, front: &str| {
        all.push(Candidate {
            datepattern,
            front: front.to_owned(),
        });
    };
    let date = own.unwrap_or("{DATE}");
    for front in &wrapper.fronts {
        // what is before the date is cut out with it
        add(Some(format!("^{front}{date}")), "");
        add(None, front);
    }
    for &outer in &wrapper.outer {
        // up to a date that ends a record, the line is whole
        if outer.starts_with('^') {
            add(Some(outer.to_owned()), "")
        } else {
            add(Some(outer.to_owned()), &wrapper.fronts[0])
        }
    }
    for offer in dates::patterns_of(example).into_iter().take(MADE) {
        add(Some(offer.pattern), &wrapper.fronts[0]);
    }
    all
}

/// The regexes for the line with what is around it.
fn rewritten(base: &Trial, front: &str, wrapper: &Wrapper) -> Vec<Change> {
    let change = |option, source: &Sourced, front: &str, tail: &str| {
        let to = wrapped_regex(&source.text, front, tail, wrapper.escapes)?;
        Some(Change::Regex(RegexChange::new(option, source, Some(to))))
    };
    let Some(prefregex) = &base.prefregex else {
        let all = base.regexes.iter();
        let all =
            all.filter_map(|source| change(RegexOption::Failregex, source, front, wrapper.tail));
        return all.collect();
    };
    // failregexes see what the prefregex leaves, quotes as they are in the record
    let inner = base.regexes.iter();
    let inner = inner.filter_map(|source| change(RegexOption::Failregex, source, "", "$"));
    let outer = change(RegexOption::Prefregex, prefregex, front, wrapper.tail);
    outer.into_iter().chain(inner).collect()
}

/// How many failures a trial of the log as it is has, if they are those of the unwrapped one.
fn agreement(
    trial: &Trial,
    wrapped: &[WrappedLine],
    wanted: &HashMap<u64, &TrialLine>,
) -> Option<usize> {
    let mut failures = 0;
    for (raw, line) in trial.lines.iter().zip(wrapped) {
        let Some(number) = line.number else {
            if raw.counts {
                return None;
            }
            continue;
        };
        // not looked at there
        let Some(wanted) = wanted.get(&number) else {
            continue;
        };
        let is_same_time = match (raw.time, wanted.time) {
            // of a calendar's date fail2ban reads no fraction
            (Some(raw), Some(wanted)) => raw.floor() == wanted.floor(),
            _ => false,
        };
        match (raw.counts, wanted.counts) {
            (true, true) if raw.ids == wanted.ids && is_same_time => failures += 1,
            (false, false) => {}
            _ => return None,
        }
    }
    (failures > 0).then_some(failures)
}
