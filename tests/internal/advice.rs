//! Hints judged by what they lead to: filters with one mistake made by chance each, and the
//! filter without it as the judge.

use crate::analysis::explain::hints::{self, Change, Hint};
use crate::analysis::explain::sample::SampledLine;
use crate::cli::diagnosis::{LogSample, diagnose};
use crate::cli::setup::{self, SetupRequest};
use crate::config::{Lookup, Setting};
use crate::date::{Clock, TimeZone};
use crate::engine::Session;
use crate::engine::Verdict;
use crate::engine::dns::UseDns;
use crate::pattern::Scratch;
use std::path::{Path, PathBuf};

const NOW: f64 = 1_795_176_000.0;

/// A sequence of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's MMIX constants
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// A filter as its settings are in force.
#[derive(Clone)]
struct Parts {
    prefregex: Option<String>,
    failregexes: Vec<String>,
    ignoreregexes: Vec<String>,
    datepattern: Option<String>,
    maxlines: Option<String>,
}

impl Parts {
    fn of(config: &Path, name: &str, clock: &Clock) -> Option<Parts> {
        let setup = setup::build(&request(name, config), clock, &mut Vec::new()).ok()?;
        let mut parts = Parts {
            prefregex: None,
            failregexes: Vec::new(),
            ignoreregexes: Vec::new(),
            datepattern: None,
            maxlines: None,
        };
        for setting in setup.source?.settings {
            match setting {
                Setting::Prefregex(value) => parts.prefregex = Some(value.text),
                Setting::Failregex(value) => parts.failregexes.push(value.text),
                Setting::Ignoreregex(value) => parts.ignoreregexes.push(value.text),
                Setting::Datepattern(value) => parts.datepattern = Some(value.text),
                Setting::Maxlines(value) => parts.maxlines = Some(value.text),
                _ => {}
            }
        }
        Some(parts)
    }

    fn write(&self, path: &Path) {
        let doubled = |text: &str| text.replace('%', "%%").replace('\n', "\n  ");
        let all = |regexes: &[String]| doubled(&regexes.join("\n"));
        let mut text = format!(
            "[Definition]\nfailregex = {}\nignoreregex = {}\n",
            all(&self.failregexes),
            all(&self.ignoreregexes)
        );
        let options = [
            ("prefregex", &self.prefregex),
            ("datepattern", &self.datepattern),
            ("maxlines", &self.maxlines),
        ];
        for (name, value) in options {
            if let Some(value) = value {
                text += &format!("{name} = {}\n", doubled(value));
            }
        }
        std::fs::write(path, text).expect("a filter can be written");
    }
}

fn request<'a>(spec: &'a str, config: &'a Path) -> SetupRequest<'a> {
    SetupRequest {
        spec,
        ignoreregex: None,
        config_dir: Some(config),
        lookup: Lookup::TypedFirst,
        datepattern: None,
        timezone: None,
        usedns: UseDns::Raw,
        raw: false,
        maxlines: None,
        check_all: true,
        rows: false,
        systemd: false,
        verbosity: 0,
        changes: &[],
        beside: None,
    }
}

/// How a line fares: whether it counts, for whom, and when.
type Fate = (bool, Vec<String>, Option<i64>);

fn fates(request: &SetupRequest, lines: &[SampledLine], clock: &Clock) -> Option<Vec<Fate>> {
    let setup = setup::build(request, clock, &mut Vec::new()).ok()?;
    let mut session = Session::new(&setup.filter, clock, setup.detector.clone());
    let mut scratch = Scratch::default();
    let fates = lines.iter().map(|line| {
        let outcome = session.line(&line.text, &mut scratch);
        let ids = outcome
            .failures()
            .filter_map(|found| Some(found.id.as_ref()?.text.to_string()));
        let time = outcome.failures().find_map(|found| found.date);
        (
            Verdict::of(&outcome) == Verdict::Matched,
            ids.collect(),
            time.map(|time| time.seconds() as i64),
        )
    });
    Some(fates.collect())
}

/// The filter with the changes of a hint.
fn applied(
    path: &str,
    config: &Path,
    changes: &[Change],
    lines: &[SampledLine],
    clock: &Clock,
) -> Option<Vec<Fate>> {
    let mut request = request(path, config);
    request.changes = changes;
    let mut spec = path.to_string();
    for change in changes {
        match change {
            Change::Datepattern(pattern) => request.datepattern = Some(pattern),
            Change::Timezone(zone) => request.timezone = Some(zone),
            Change::Maxlines(lines) => request.maxlines = Some(i64::from(*lines)),
            Change::FilterOption(option) => {
                spec = format!("{spec}[{}='{}']", option.name, option.value);
            }
            _ => {}
        }
    }
    request.spec = &spec;
    fates(&request, lines, clock)
}

/// One mistake: an anchor, a blank, a letter's case, a quote, or a letter of the datepattern.
fn mutated(parts: &Parts, at: usize, numbers: &mut Numbers) -> Option<(&'static str, Parts)> {
    let mut parts = parts.clone();
    let regex = &mut parts.failregexes[at];
    let kind = numbers.below(5);
    let places = |wanted: &dyn Fn(char, &str) -> bool| -> Vec<usize> {
        let of_tag = |place: usize| {
            regex[..place].matches('<').count() != regex[..place].matches('>').count()
        };
        let escape =
            |place: usize| regex[..place].ends_with('\\') || regex[..place].ends_with("(?");
        let all = regex
            .char_indices()
            .filter(|&(place, c)| wanted(c, regex) && !of_tag(place) && !escape(place));
        all.map(|(place, _)| place).collect()
    };
    let pick = |places: Vec<usize>, numbers: &mut Numbers| -> Option<usize> {
        (!places.is_empty()).then(|| places[numbers.below(places.len())])
    };
    let name = match kind {
        0 => {
            match (regex.ends_with('$'), regex.starts_with('^')) {
                (false, _) => regex.push('$'),
                (_, false) => regex.insert(0, '^'),
                _ => return None,
            }
            "anchor"
        }
        1 => {
            let place = pick(places(&|c, _| c == ' '), numbers)?;
            match numbers.below(2) {
                0 => drop(regex.remove(place)),
                _ => regex.insert(place, ' '),
            }
            "blank"
        }
        2 => {
            let place = pick(places(&|c, _| c.is_ascii_alphabetic()), numbers)?;
            let c = regex.remove(place);
            let other = if c.is_ascii_lowercase() {
                c.to_ascii_uppercase()
            } else {
                c.to_ascii_lowercase()
            };
            regex.insert(place, other);
            "case"
        }
        3 => {
            let quotes = places(&|c, _| c == '"' || c == '\'');
            match pick(quotes, numbers) {
                Some(place) => drop(regex.remove(place)),
                None => {
                    let place = pick(places(&|c, _| c == ' '), numbers)?;
                    regex.insert(place, '"');
                }
            }
            "quote"
        }
        _ => {
            let pattern = parts.datepattern.as_mut()?;
            let letter = ["%m", "%d", "%b", "%H", "%Y"]
                .into_iter()
                .find(|l| pattern.contains(l))?;
            let other = if letter == "%b" { "%m" } else { "%b" };
            *pattern = pattern.replacen(letter, other, 1);
            "date format"
        }
    };
    Some((name, parts))
}

#[derive(Debug, Default)]
struct Tally {
    right: usize,
    silent: usize,
    wrong: Vec<String>,
}

/// What the hints for a filter with a mistake lead to, beside the filter without it.
fn judge(
    told: &str,
    hints: &[Hint],
    before: &[Fate],
    want: &[Fate],
    run: &dyn Fn(&[Change]) -> Option<Vec<Fate>>,
    tally: &mut Tally,
) {
    let mut restored = false;
    for hint in hints {
        let Some(got) = hint.apply.as_deref().and_then(run) else {
            continue;
        };
        let lines = got.iter().zip(before).zip(want).enumerate();
        for (at, ((got, before), want)) in lines {
            if got == before {
                continue;
            }
            // what was not counted rightly before and is now
            restored |= got == want;
            let dated = got.2.is_none() || want.2.is_none() || got.2 == want.2;
            if got.0 && !(want.0 && got.1 == want.1 && dated) {
                tally.wrong.push(format!(
                    "{told}: {}: {:?}: line {at}: {got:?}, not {want:?}",
                    hint.code, hint.change
                ));
                break;
            }
        }
    }
    if restored {
        tally.right += 1
    } else {
        tally.silent += 1
    }
}

/// Mistakes in the filters of a directory, each tried on the log of the filter's name.
fn tallied(config: &Path, logs: &[(String, PathBuf)], number: usize, seed: u64) -> Tally {
    let clock = Clock::in_zone(NOW, TimeZone::utc());
    let mut numbers = Numbers(seed);
    let mut tally = Tally::default();
    let directory = tempfile::tempdir().expect("a directory can be made");
    let path = directory.path().join("mutant.conf");
    let spec = path.to_str().expect("a plain path");
    let mut all = Vec::new();
    for (name, log) in logs {
        let text =
            String::from_utf8_lossy(&std::fs::read(log).expect("the log is there")).into_owned();
        let lines: Vec<SampledLine> = (text.lines().enumerate())
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(at, line)| SampledLine {
                number: at as u64 + 1,
                text: line.to_string(),
                time: None,
            })
            .take(300)
            .collect();
        if let Some(parts) =
            Parts::of(config, name, &clock).filter(|parts| !parts.failregexes.is_empty())
        {
            all.push((name, parts, lines));
        }
    }
    let mut tried = 0;
    for _ in 0..number * 20 {
        if tried >= number {
            break;
        }
        let (name, parts, lines) = &all[numbers.below(all.len())];
        let at = numbers.below(parts.failregexes.len());
        let Some((kind, mutant)) = mutated(parts, at, &mut numbers) else {
            continue;
        };
        parts.write(&path);
        let Some(want) = fates(&request(spec, config), lines, &clock) else {
            continue;
        };
        mutant.write(&path);
        let request = request(spec, config);
        let Ok(setup) = setup::build(&request, &clock, &mut Vec::new()) else {
            continue;
        };
        let Some(before) = fates(&request, lines, &clock).filter(|before| *before != want) else {
            continue;
        };
        tried += 1;
        let sample = LogSample {
            lines: lines.clone(),
            total: lines.len() as u64,
            modified: None,
            encoding: None,
            begin: None,
            unwrapping: None,
            columns: None,
        };
        let diagnosis: hints::Diagnosis = diagnose(request, &setup, sample, None, &clock);
        let told = format!("{name} {kind} {:?}", mutant.failregexes[at]);
        let run = |changes: &[Change]| applied(spec, config, changes, lines, &clock);
        let silent = tally.silent;
        judge(&told, &diagnosis.hints, &before, &want, &run, &mut tally);
        if tally.silent > silent && std::env::var_os("ADVICE_VERBOSE").is_some() {
            eprintln!("silent: {told} {:?}", diagnosis.hints);
        }
    }
    tally
}

fn assert_right(tally: &Tally) {
    let all = tally.right + tally.silent;
    eprintln!(
        "{} right, {} silent, {} wrong",
        tally.right,
        tally.silent,
        tally.wrong.len()
    );
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
    assert!(all > 0 && 10 * tally.right >= 7 * all, "{tally:?}");
}

#[test]
fn a_hint_leads_to_what_the_filter_without_the_mistake_finds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let logs = [("sshd".to_string(), root.join("logs/auth.log"))];
    assert_right(&tallied(&root, &logs, 40, 1));
}

#[test]
#[ignore = "reads the filters and logs of ../shared/corpus"]
fn hints_for_the_corpus_lead_to_what_its_filters_find() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let entries = std::fs::read_dir(corpus.join("logs")).expect("the corpus is there");
    let mut logs: Vec<(String, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .collect();
    logs.sort();
    assert_right(&tallied(&corpus.join("config"), &logs, 400, 7));
}
