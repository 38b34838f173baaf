//! A regex whose search explodes on some lines in CPython's engine.
//!
//! fail2ban runs regexes with Python's backtracking engine: where parts of a line can be
//! divided among repeats in many ways, it tries them all before it says no. A line of a
//! hundred characters can hold fail2ban up for years, and anyone who can write to the log can
//! send it.
//!
//! ```text
//! ^user (?:[^\[]+ )*\[<HOST>     bad: "a a a a …" is split in 2^n ways
//! ^user (?:[^\[ ]+ )*\[<HOST>    good: one way only
//! ```
//!
//! The rule makes up a line for every repeat and counts the steps of a plain backtracking
//! search over it, twice as long each time. Exponential growth is an error; growth with the
//! third power of the length or more is a warning; squares are common and bearable. f2b-regex
//! itself answers such lines in linear time.

use super::repeats::{Spot, collect, pumps_chain, pumps_nested};
use super::sampler::{CHOICES, Sampler};
use super::{Excerpt, FilterRegex, Loaded, Severity, Subject};
use crate::pattern::{Regex, Scratch};
use std::collections::HashSet;
use std::ops::Range;

/// Steps after which a search is given up: some milliseconds.
const BUDGET: u64 = 400_000;

/// Steps of all searches for one regex: a regex of thousands of repeats is looked at as far
/// as these go.
const BUDGET_OF_ALL: u64 = 100_000_000;

/// Steps the attack line of a finding must cost.
const PROOF: u64 = 1_000_000;

pub(super) fn check(subject: &mut Subject) {
    let mut tested: HashSet<&str> = HashSet::new();
    let mut regexes: Vec<(&Loaded, &FilterRegex, String)> = Vec::new();
    for &set in &subject.sets {
        let filter = &set.filter;
        let fails = filter.failregexes.iter().enumerate();
        let fails = fails.map(|(i, regex)| (regex, format!("failregex {}", i + 1)));
        let ignores = filter.ignoreregexes.iter().enumerate();
        let ignores = ignores.map(|(i, regex)| (regex, format!("ignoreregex {}", i + 1)));
        let pre = filter
            .prefregex
            .iter()
            .map(|regex| (regex, "prefregex".to_string()));
        for (regex, role) in pre.chain(fails).chain(ignores) {
            if tested.insert(regex.regex.as_str()) {
                regexes.push((set, regex, role));
            }
        }
    }
    let mut counter = StepCounter::new();
    for (set, regex, role) in regexes {
        let maxlines = set.filter.options.maxlines;
        let Some(attack) = attack(&regex.regex, maxlines, &mut counter) else {
            continue;
        };
        let (line, steps) = attack.proof(&regex.regex, &mut counter);
        let growth = match attack.growth {
            Growth::Exponential => "grows exponentially".to_string(),
            Growth::Power(power) => format!("grows with power {power} of the length"),
        };
        let mut message = format!(
            "{role}: backtracking {growth}: a line of {} characters costs {}{} steps",
            line.chars().count(),
            if steps >= PROOF { "over " } else { "" },
            crate::analysis::wording::grouped(steps)
        );
        if subject.python
            && let Some(seconds) = python_seconds(regex.regex.as_str(), &line)
        {
            message += &match seconds {
                Some(seconds) => format!(", python3 {seconds:.2} s"),
                None => ", python3 more than 2 s".to_string(),
            };
        }
        let severity = match attack.growth {
            Growth::Exponential => Severity::Error,
            Growth::Power(_) => Severity::Warning,
        };
        let help = "let the repeats take different characters, so that a text is divided among \
                    them in one way only";
        let text = (message, "this repeat", help);
        let finding = subject.report_regex(set, regex, Some(attack.part.clone()), text);
        finding.severity = severity;
        let pumped = attack.lines.head.len()..line.len() - attack.lines.tail.len();
        finding.excerpts.push(Excerpt {
            title: "a line that shows it".into(),
            text: line,
            span: pumped,
            label: format!("`{}` again and again", attack.lines.pump),
            ..Excerpt::default()
        });
    }
}

/// How the steps of a search grow with the length of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Growth {
    /// A few characters more multiply them.
    Exponential,
    /// With this power of the length.
    Power(u32),
}

impl Growth {
    /// Whether the search over the lines grows with every pump by the same factor.
    fn exponential(
        lines: &AttackLines,
        regex: &Regex,
        counter: &mut StepCounter,
    ) -> Option<Growth> {
        multiplies(lines, regex, counter).then_some(Growth::Exponential)
    }

    /// The power of the length the search over the lines grows with, the third or more.
    fn polynomial(lines: &AttackLines, regex: &Regex, counter: &mut StepCounter) -> Option<Growth> {
        power(lines, regex, counter).map(Growth::Power)
    }
}

/// Tells whether, and how, the search over the lines grows.
type Measure = fn(&AttackLines, &Regex, &mut StepCounter) -> Option<Growth>;

/// How lines are made that cost more and more: `head`, many times `pump`, `tail`.
#[derive(Debug)]
struct AttackLines {
    head: String,
    pump: String,
    tail: String,
}

impl AttackLines {
    fn line(&self, times: usize) -> String {
        format!("{}{}{}", self.head, self.pump.repeat(times), self.tail)
    }
}

/// Lines over which a search grows, and the part of the regex that makes it grow.
#[derive(Debug)]
struct Attack {
    lines: AttackLines,
    growth: Growth,
    part: Range<usize>,
}

impl Attack {
    /// A line that costs more steps than [`PROOF`], or a long one.
    fn proof(&self, regex: &Regex, counter: &mut StepCounter) -> (String, u64) {
        counter.scratch.set_step_budget(PROOF);
        let longest = match self.growth {
            Growth::Exponential => 400,
            Growth::Power(_) => 2_000,
        };
        let mut times = 8;
        let result = loop {
            let line = self.lines.line(times);
            let steps = cost(regex, &line, counter);
            if steps.is_none() || line.len() > longest {
                break (line, steps.unwrap_or(PROOF));
            }
            times = match self.growth {
                Growth::Exponential => times + 3 + times / 4,
                Growth::Power(_) => times * 2,
            };
        };
        counter.scratch.set_step_budget(BUDGET);
        result
    }
}

/// Steps of a search; None if the budget ran out.
fn cost(regex: &Regex, line: &str, counter: &mut StepCounter) -> Option<u64> {
    let text = format!("{line}\n");
    let ended = regex.is_match(&text, &mut counter.scratch);
    let steps = counter.scratch.steps();
    counter.spent += steps;
    ended.ok()?;
    Some(steps)
}

/// Runs searches without the table of failures, and counts what they cost together.
struct StepCounter {
    scratch: Scratch,
    spent: u64,
}

impl StepCounter {
    fn new() -> StepCounter {
        let mut scratch = Scratch::default();
        scratch.set_memo_from(None);
        StepCounter { scratch, spent: 0 }
    }

    fn is_spent(&self) -> bool {
        self.spent > BUDGET_OF_ALL
    }
}

/// What a line may end with so that the regex does not match it.
const TAILS: &[&str] = &["\u{1}", "", " \u{1}"];

/// Lines a search must have together, at least, for a text of many lines to be an attack.
const MANY_LINES: usize = 48;

fn attack(regex: &Regex, maxlines: usize, counter: &mut StepCounter) -> Option<Attack> {
    let mut repeats = Vec::new();
    collect(&regex.ast().root, &mut Vec::new(), &mut repeats);
    counter.spent = 0;
    counter.scratch.set_step_budget(BUDGET);
    let nested: Vec<(&Spot, Vec<String>)> = repeats
        .iter()
        .filter(|spot| spot.nested)
        .map(|spot| (spot, pumps_nested(spot.node)))
        .collect();
    // `<SKIPLINES>` takes a few lines as they are searched together, never hundreds
    let can_be = |pump: &str| maxlines >= MANY_LINES || !pump.contains('\n');
    // exponential is worse: all of them first
    for measure in [Growth::exponential, Growth::polynomial] as [Measure; 2] {
        for (spot, pumps) in &nested {
            for pump in pumps.iter().filter(|pump| can_be(pump)) {
                if let Some(attack) = grows(regex, spot, pump, measure, counter) {
                    return Some(attack);
                }
            }
        }
    }
    for (at, spot) in repeats.iter().enumerate() {
        let pumps = pumps_chain(&repeats[at..]);
        for pump in pumps.iter().filter(|pump| can_be(pump)) {
            if let Some(attack) = grows(regex, spot, pump, Growth::polynomial, counter) {
                return Some(attack);
            }
        }
    }
    None
}

/// The attack with many `pump`s at the spot, if the search over its lines grows.
fn grows(
    regex: &Regex,
    spot: &Spot,
    pump: &str,
    measure: Measure,
    counter: &mut StepCounter,
) -> Option<Attack> {
    if counter.is_spent() {
        return None;
    }
    let mut sampler = Sampler::plain(CHOICES[0]);
    spot.before.iter().try_for_each(|node| sampler.add(node))?;
    let mut lines = AttackLines {
        head: sampler.text,
        pump: pump.to_string(),
        tail: String::new(),
    };
    // a text shorter than any match is not searched at all, in CPython neither
    let shortest = regex.ast().root.width.min.min(400) as usize;
    let padding = "\u{1}".repeat(shortest.saturating_sub(lines.head.len()));
    let growth = TAILS.iter().find_map(|tail| {
        lines.tail = if tail.is_empty() {
            String::new()
        } else {
            format!("{tail}{padding}")
        };
        measure(&lines, regex, counter)
    })?;
    let part = spot.node.span.start..spot.node.span.end;
    Some(Attack {
        lines,
        growth,
        part,
    })
}

/// Whether every few pumps more multiply the steps by the same factor.
///
/// From a half to all of the pumps the logarithm of the steps grows as much as from nothing
/// to a half; with a power of the length it would grow less and less (0.4 of it, measured
/// over the quarters used here).
fn multiplies(lines: &AttackLines, regex: &Regex, counter: &mut StepCounter) -> bool {
    let mut steps = |times: usize| cost(regex, &lines.line(times), counter);
    for most in [48, 32, 24, 16, 12, 8] {
        let Some(all) = steps(most) else { continue };
        if all < 1_000 {
            return false;
        }
        let quarters = [most / 4, most / 2, most / 4 * 3].map(&mut steps);
        let [Some(first), Some(half), Some(third)] = quarters else {
            return false;
        };
        let grown = |from: u64, to: u64| (to.max(1) as f64 / from.max(1) as f64).ln();
        let (early, late) = (grown(first, half), grown(third, all));
        // at least twice the steps in the last quarter, or it is just noise
        return late > 0.69 && late > 0.75 * early;
    }
    false
}

/// The power of the length the steps grow with, if it is the third or more.
fn power(lines: &AttackLines, regex: &Regex, counter: &mut StepCounter) -> Option<u32> {
    // of a long pump, enough to see how it grows
    let length = lines.pump.chars().count().clamp(1, 4);
    let steps = |n: usize, counter: &mut StepCounter| {
        cost(regex, &lines.line((n / length).max(4)), counter)
    };
    let first = steps(32, counter)?;
    let second = steps(64, counter).unwrap_or(BUDGET);
    if first < 100 || second < 6 * first {
        return None;
    }
    let third = steps(128, counter);
    // 2, 4, 8, 16 times the steps for twice the length; what is cut off says less
    let (a, b) = match third {
        Some(third) => (second, third),
        None => (first, second),
    };
    let power = (b as f64 / a as f64).log2().round() as u32;
    (power >= 3).then_some(power)
}

/// Seconds python3 needs; None without python3, Some(None) if it is more than two.
fn python_seconds(pattern: &str, line: &str) -> Option<Option<f64>> {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    const PROGRAM: &str = "import re,sys,time,json\n\
        p,l=json.load(sys.stdin)\nr=re.compile(p)\nt=time.time()\nr.search(l)\nprint(time.time()-t)";
    let mut child = Command::new("python3")
        .args(["-c", PROGRAM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let input = serde_json::to_vec(&(pattern, format!("{line}\n"))).ok()?;
    child.stdin.take()?.write_all(&input).ok()?;
    for _ in 0..250 {
        match child.try_wait() {
            Ok(Some(_)) => {
                let mut text = String::new();
                child.stdout.take()?.read_to_string(&mut text).ok()?;
                return Some(Some(text.trim().parse().ok()?));
            }
            Ok(None) => std::thread::sleep(std::time::Duration::from_millis(10)),
            Err(_) => return None,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    Some(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Flags;
    use crate::pattern::tags::{self, HostTag};

    fn growth(regex: &str) -> Option<Growth> {
        let regex = Regex::new(&tags::resolve(regex, HostTag::Any), Flags::default()).unwrap();
        let mut counter = StepCounter::new();
        attack(&regex, 1, &mut counter).map(|attack| attack.growth)
    }

    #[test]
    fn explosions_are_found() {
        assert_eq!(
            growth(r"^smtp: (?:[^\[]+ )*\[?<HOST>\]? x$"),
            Some(Growth::Exponential)
        );
        assert_eq!(
            growth(r"^Login(?:: (?:\w+\([^\):]*\) \w+|[^\(]+))* \(auth failed\) <ADDR>$"),
            Some(Growth::Exponential)
        );
        assert_eq!(growth(r"^(?:a|aa)+$"), Some(Growth::Exponential));
        for regex in [
            r"^\s*\S+\s*\S+\s*\S+\s*: x$",
            r"^\S*\S*\S*\S*x$",
            r"^\w*a\w*a\w*a\w*a[0-9]$",
            r"^.* .* .* x$",
            r"^.* .* .* user (?:x)y$",
            r"^.*a.*b.*c.*d$",
        ] {
            let power = growth(regex);
            assert!(
                matches!(power, Some(Growth::Power(3..))),
                "{regex} {power:?}"
            );
        }
    }

    #[test]
    fn the_steps_spent_on_one_regex_are_bounded() {
        for regex in [
            "(?:(?:(?:a?){1000}){1000}){1000} <HOST>".to_string(),
            "^ (?:a?){1000000000}b <HOST>".to_string(),
            format!("^{}<HOST>", "(?:\\S+ ?)*".repeat(2_000)),
        ] {
            let regex = Regex::new(&tags::resolve(&regex, HostTag::Any), Flags::default()).unwrap();
            let mut counter = StepCounter::new();
            attack(&regex, 1, &mut counter);
            // what is under way goes to its own limit
            assert!(
                counter.spent < BUDGET_OF_ALL + 100 * BUDGET,
                "{}",
                counter.spent
            );
        }
    }

    #[test]
    fn honest_regexes_pass() {
        for regex in [
            r"^smtp: (?:(?:[^\[ ]+ )*[^\[ ]+ )?\[?<ADDR>\]? x$",
            r"^Failed \S+ for .*? from <HOST>(?: port \d+)?$",
            r"^(?:[a-z]+ )*from <HOST>$",
            r"^<HOST> \S+ \S+ \[\] .*$",
        ] {
            assert_eq!(growth(regex), None, "{regex}");
        }
    }
}
