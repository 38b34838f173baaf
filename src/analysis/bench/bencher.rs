//! Makes a filter's report: measures, counts and asks Python, part by part.

use super::cost::{self, Cost, CostCounter, Walk};
use super::growth;
use super::log::Log;
use super::measure::{self, Effort, Measured};
use super::python::{PythonAnswer, PythonError, PythonJob, PythonPattern};
use super::stages::Stage;
use super::timing::{
    AloneTime, Fail2banCost, FilterTiming, InPlace, Part, PartKind, PrefilterInfo, PythonInfo,
    SlowLine,
};
use super::units::{Nanos, Spread, median, rank_correlation};
use super::verdict::Candidate;
use crate::engine::{FilterRegex, RegexRole};
use crate::pattern::literals::required;
use crate::pattern::{Regex, Scratch};

/// Texts Python is given per regex; sampled of more.
const PYTHON_TEXTS: usize = 2_000;

/// Measures one filter on one log.
pub(crate) struct Bencher<'a> {
    /// The filter.
    pub(crate) candidate: Candidate<'a>,
    /// The log.
    pub(crate) log: &'a Log,
    /// How often, how long.
    pub(crate) effort: Effort,
    /// Slow lines kept per part.
    pub(crate) slowest: usize,
    /// The Python to measure with.
    pub(crate) python: Option<&'a str>,
    /// Hears of each round that begins, counted from 0.
    pub(crate) progress: &'a dyn Fn(usize),
}

/// A part with what is needed to go on measuring it.
struct Subject<'a> {
    part: Part,
    stage: Stage,
    regex: Option<&'a Regex>,
    /// What fail2ban tries it on, with the index of the line.
    texts: Vec<(usize, &'a str)>,
    multiline: bool,
}

impl Subject<'_> {
    /// A part that is timed where it runs, and not alone.
    fn stage(kind: PartKind, stage: Stage) -> Self {
        Subject {
            part: Part::of(kind),
            stage,
            regex: None,
            texts: Vec::new(),
            multiline: false,
        }
    }
}

impl Bencher<'_> {
    /// Measures everything.
    ///
    /// # Errors
    ///
    /// Python was asked for and cannot measure.
    pub(crate) fn run(&self) -> Result<FilterTiming, PythonError> {
        let measured = measure::measure(self.candidate, self.log, self.effort, self.progress);
        let mut subjects = self.subjects(&measured);
        for subject in &mut subjects {
            self.in_place(subject, &measured);
            self.alone(subject);
            self.cost(subject, &measured);
        }
        let python = match self.python {
            Some(program) => Some(self.python(program, &mut subjects)?),
            None => None,
        };
        let mut parts: Vec<Part> = subjects.into_iter().map(|subject| subject.part).collect();
        parts.push(Part {
            in_place: InPlace {
                per_line: measured.rest.clone(),
                ..InPlace::default()
            },
            ..Part::of(PartKind::Rest)
        });
        shares(&mut parts);
        Ok(FilterTiming {
            lines: self.log.lines.len() as u64,
            whole: measured.whole.clone(),
            covered: measured.covered,
            fail2ban_rank: fail2ban_rank(&parts),
            python: python.map(|version| PythonInfo {
                version,
                rank_correlation: agreement(&parts),
            }),
            parts,
        })
    }

    /// All parts but the rest, in the order of a run: the date templates that ran, the
    /// prefilter, and every regex.
    fn subjects<'m>(&'m self, measured: &'m Measured) -> Vec<Subject<'m>> {
        let mut all = self.dates(measured);
        let filter = self.candidate.filter;
        if let Some(regex) = &filter.prefregex {
            all.push(self.regex(RegexRole::Prefregex, regex, measured));
        }
        let failregexes = filter.failregexes.iter().enumerate();
        let failregexes = failregexes.map(|(at, regex)| (RegexRole::Failregex(at), regex));
        let ignoreregexes = filter.ignoreregexes.iter().enumerate();
        let ignoreregexes = ignoreregexes.map(|(at, regex)| (RegexRole::Ignoreregex(at), regex));
        let mut behind = failregexes.chain(ignoreregexes).peekable();
        if behind.peek().is_some() && measured.stages.contains_key(&Stage::Prefilter) {
            all.push(Subject::stage(PartKind::Prefilter, Stage::Prefilter));
        }
        all.extend(behind.map(|(role, regex)| self.regex(role, regex, measured)));
        all
    }

    /// The date templates that ran, and the reading of what they found.
    fn dates<'m>(&'m self, measured: &'m Measured) -> Vec<Subject<'m>> {
        let lines = self.log.lines.iter();
        let texts: Vec<(usize, &str)> =
            (lines.map(|line| line.text.as_str())).enumerate().collect();
        let mut all = Vec::new();
        for stage in measured.stages.keys() {
            let (Stage::Template(number), Some(detector)) = (stage, self.candidate.detector) else {
                continue;
            };
            let Some(template) = detector.all().get(*number) else {
                continue;
            };
            let mut subject = Subject::stage(PartKind::DateTemplate, *stage);
            subject.part.number = Some(number + 1);
            subject.part.regex = Some(template.name().to_string());
            subject.regex = template.compiled_regex().ok();
            subject.texts.clone_from(&texts);
            all.push(subject);
        }
        if measured.stages.contains_key(&Stage::ReadDate) {
            all.push(Subject::stage(PartKind::DateReading, Stage::ReadDate));
        }
        all
    }

    fn regex<'m>(
        &'m self,
        role: RegexRole,
        regex: &'m FilterRegex,
        measured: &'m Measured,
    ) -> Subject<'m> {
        let (kind, number) = match role {
            RegexRole::Prefregex => (PartKind::Prefregex, None),
            RegexRole::Failregex(at) => (PartKind::Failregex, Some(at + 1)),
            RegexRole::Ignoreregex(at) => (PartKind::Ignoreregex, Some(at + 1)),
        };
        let origin = regex.source.origin.as_ref();
        let mut subject = Subject::stage(kind, Stage::Regex(role));
        let part = &mut subject.part;
        part.number = number;
        part.regex = Some(regex.source.text.clone());
        part.file = origin.map(|o| o.file.display().to_string());
        part.line = origin.map(|o| o.line);
        if kind == PartKind::Failregex {
            let tried = measured.stages.get(&subject.stage);
            part.prefilter = Some(PrefilterInfo {
                begins: begins(&regex.regex),
                requires: requires(&regex.regex),
                passed: tried.map_or(0, |seen| seen.lines.len() as u64),
                lines: measured.prefiltered() as u64,
            });
        }
        subject.regex = Some(&regex.regex);
        subject.texts = measured.texts(self.candidate, role);
        subject.multiline = self.candidate.filter.is_multi_line() && kind == PartKind::Failregex;
        subject
    }

    fn in_place(&self, subject: &mut Subject, measured: &Measured) {
        let Some(seen) = measured.stages.get(&subject.stage) else {
            return;
        };
        let count = self.log.lines.len();
        let totals: Vec<Nanos> = seen.totals.iter().map(|total| total.per(count)).collect();
        let mut tries: Vec<(f64, u32)> = (seen.least.iter().zip(&seen.lines))
            .map(|(time, line)| (f64::from(*time), *line))
            .collect();
        tries.sort_by(|a, b| a.0.total_cmp(&b.0));
        let times: Vec<f64> = tries.iter().map(|t| t.0).collect();
        let number = |line: u32| self.log.lines.get(line as usize).map(|line| line.number);
        subject.part.in_place = InPlace {
            per_line: Spread::of(&totals),
            share: 0.0,
            tries: seen.lines.len() as u64,
            hits: seen.hits.iter().filter(|hit| **hit).count() as u64,
            median_ns: Nanos(median(&times)),
            worst_ns: Nanos(times.last().copied().unwrap_or_default()),
            worst_line: tries.last().and_then(|(_, line)| number(*line)),
        };
    }

    fn alone(&self, subject: &mut Subject) {
        let Some(regex) = subject.regex else { return };
        let mut scratch = Scratch::default();
        let mut is_hit = |text: &str| matches!(regex.is_match(text, &mut scratch), Ok(true));
        let (hits, misses): (Vec<&str>, Vec<&str>) = subject
            .texts
            .iter()
            .map(|(_, text)| *text)
            .partition(|text| is_hit(text));
        let time = |texts: &[&str]| {
            let alone = measure::alone(regex, texts, self.effort)?;
            Some(AloneTime {
                lines: texts.len() as u64,
                measured: alone.lines as u64,
                time: alone.time,
            })
        };
        (subject.part.hit, subject.part.miss) = (time(&hits), time(&misses));
    }

    fn cost(&self, subject: &mut Subject, measured: &Measured) {
        let Some(regex) = subject.regex else { return };
        let mut counter = CostCounter::default();
        let walk = Walk::of(regex.ast());
        let costs = subject
            .texts
            .iter()
            .map(|(_, text)| counter.count(regex, walk, text));
        let costs: Vec<Cost> = costs.collect();
        let sum: u64 = costs.iter().map(|cost| cost.steps.0).sum();
        let endless = costs.iter().filter(|cost| cost.endless).count() as u64;
        let estimate: f64 = costs.iter().map(|cost| cost::estimate(cost, walk)).sum();
        // dearest first, among equals the earliest line
        let mut order: Vec<usize> = (0..costs.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(costs[*at].steps));
        let worst = order
            .first()
            .map(|at| (costs[*at].steps, subject.texts[*at]));
        let worst = worst.map(|(steps, (index, text))| (steps, index, text));
        for &at in order.iter().take(self.slowest) {
            let (index, _) = subject.texts[at];
            let Some(line) = self.log.lines.get(index) else {
                continue;
            };
            subject.part.slowest.push(SlowLine {
                line: line.number,
                time_ns: measured.time_on(subject.stage, index).map(Nanos),
                steps: costs[at].steps,
                text: line.text.clone(),
            });
        }
        let searches = subject.texts.len();
        let number = |index: usize| self.log.lines.get(index).map(|line| line.number);
        let per = |sum: f64| sum / (searches as f64).max(1.0);
        // a date template is tried where the detector asks for it
        let made = match subject.part.kind {
            PartKind::DateTemplate => subject.part.in_place.tries,
            PartKind::Ignoreregex => subject.part.in_place.tries,
            _ => searches as u64,
        };
        subject.part.fail2ban = Some(Fail2banCost {
            searches: made,
            steps: per(sum as f64),
            worst_steps: worst.map(|w| w.0).unwrap_or_default(),
            worst_line: worst.and_then(|w| number(w.1)),
            endless,
            walk,
            walked: per(costs.iter().map(|cost| cost.walked as f64).sum()),
            hits: costs.iter().filter(|cost| cost.hit).count() as u64,
            estimate_ns: Nanos(per(estimate)),
            share: 0.0,
            python: None,
            python_disagrees: 0,
            python_error: None,
        });
        if subject.part.kind != PartKind::DateTemplate {
            subject.part.growth = worst.map(|(_, _, text)| growth::of(regex, text));
        }
    }

    /// Measures all regexes with Python; its version.
    fn python(&self, program: &str, subjects: &mut [Subject]) -> Result<String, PythonError> {
        let mut job = PythonJob {
            texts: Vec::new(),
            runs: self.effort.runs,
            warmup: self.effort.warmup,
            patterns: Vec::new(),
        };
        let mut asked: Vec<(usize, usize)> = Vec::new();
        for (at, subject) in subjects.iter().enumerate() {
            let Some(regex) = subject.regex else { continue };
            let texts = measure::sample(&subject.texts, PYTHON_TEXTS);
            let mut scratch = Scratch::default();
            let mut is_hit = |text: &str| matches!(regex.is_match(text, &mut scratch), Ok(true));
            asked.push((at, texts.iter().filter(|(_, text)| is_hit(text)).count()));
            let from = job.texts.len();
            job.texts.extend(texts.iter().map(|(_, text)| *text));
            job.patterns.push(PythonPattern {
                pattern: regex.as_str(),
                multiline: subject.multiline,
                texts: (from..job.texts.len()).collect(),
            });
        }
        let PythonAnswer { version, patterns } = super::python::measure(program, &job)?;
        drop(job);
        for ((at, hits), times) in asked.into_iter().zip(patterns) {
            let Some(cost) = &mut subjects[at].part.fail2ban else {
                continue;
            };
            cost.python = times.error.is_none().then(|| Spread::of(&times.times()));
            if times.error.is_none() {
                cost.python_disagrees = times.hits.abs_diff(hits) as u64;
            }
            cost.python_error = times.error;
        }
        Ok(version)
    }
}

/// The texts of which every match contains one (`pattern::literals`).
fn requires(regex: &Regex) -> Vec<String> {
    let texts = required(regex.ast()).unwrap_or_default();
    texts
        .iter()
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

/// The characters every match begins with (`pattern::prefix_sets`).
fn begins(regex: &Regex) -> Option<String> {
    let prefix_sets = regex.prefix_sets()?;
    let shown = prefix_sets.iter().map(|set| {
        let mut bytes = (0..=255u8).filter(|byte| set.has(*byte));
        match (bytes.next(), bytes.next()) {
            (Some(byte), None) if byte.is_ascii() => char::from(byte),
            _ => '·',
        }
    });
    let shown: String = shown.collect();
    let shown = shown.trim_end_matches('·');
    (!shown.is_empty()).then(|| shown.to_string())
}

fn shares(parts: &mut [Part]) {
    let sum: f64 = parts
        .iter()
        .map(|part| part.in_place.per_line.median_ns.0)
        .sum();
    let paid: f64 = parts.iter().map(Part::fail2ban_total).sum();
    for part in parts {
        let total = part.fail2ban_total();
        part.in_place.share = part.in_place.per_line.median_ns.0 / sum.max(f64::MIN_POSITIVE);
        if let Some(cost) = &mut part.fail2ban {
            cost.share = total / paid.max(f64::MIN_POSITIVE);
        }
    }
}

fn fail2ban_rank(parts: &[Part]) -> Vec<usize> {
    let mut order: Vec<&Part> = parts
        .iter()
        .filter(|part| part.kind == PartKind::Failregex)
        .collect();
    order.sort_by(|a, b| b.fail2ban_total().total_cmp(&a.fail2ban_total()));
    order.iter().filter_map(|part| part.number).collect()
}

/// Estimate and measurement of every failregex Python measured.
fn agreement(parts: &[Part]) -> Option<f64> {
    let pairs: Vec<(f64, f64)> = (parts.iter())
        .filter(|part| part.kind == PartKind::Failregex)
        .filter_map(|part| part.fail2ban.as_ref())
        .filter_map(|cost| Some((cost.estimate_ns.0, cost.python.as_ref()?.median_ns.0)))
        .collect();
    rank_correlation(&pairs)
}
