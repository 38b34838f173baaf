//! Prints what PCRE2 with machine code takes for the regexes alone, beside which a whole run of ours is
//! measured: nanoseconds a line on one thread, the median of five passes over the log.
//!
//! `cargo run --release --bin pcre2 -- CONFIG FILTER LOG`, here. The lines come without their dates. As
//! fail2ban does it: prefregex first, then each failregex on what it leaves, all with their captures;
//! nothing is looked for before, and nothing is done with what they find.

use f2b_regex::inside;
use pcre2::bytes::{CaptureLocations, Regex, RegexBuilder};
use std::time::Instant;

/// Passes that are timed.
const PASSES: usize = 5;

/// A regex with room for its captures.
struct Compiled(Regex, CaptureLocations);

impl Compiled {
    fn new(pattern: &str) -> Compiled {
        let regex = RegexBuilder::new().jit_if_available(true).build(pattern);
        let regex = regex.unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let captures = regex.capture_locations();
        Compiled(regex, captures)
    }

    fn matches(&mut self, text: &[u8]) -> bool {
        let Compiled(regex, captures) = self;
        matches!(regex.captures_read(captures, text), Ok(Some(_)))
    }

    /// The group that prefregex leaves for the failregexes.
    fn content(&self) -> Option<(usize, usize)> {
        let mut names = self.0.capture_names().iter();
        let group = names.position(|name| name.as_deref() == Some("content"))?;
        self.1.get(group)
    }
}

fn main() {
    if !pcre2::is_jit_available() {
        eprintln!("pcre2: there is no machine code for this processor");
        return;
    }
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [config, spec, log] = given.as_slice() else {
        eprintln!("usage: pcre2 CONFIG FILTER LOG");
        return;
    };
    let log = std::fs::read_to_string(log).unwrap_or_else(|error| panic!("{log}: {error}"));
    let lines = inside::without_dates(&log);
    let regexes = inside::regexes(config, spec);
    let mut prefregex = regexes.prefregex.as_deref().map(Compiled::new);
    let failregexes = regexes.failregexes.iter();
    let mut failregexes: Vec<Compiled> = failregexes.map(|text| Compiled::new(text)).collect();
    let mut pass = || {
        let began = Instant::now();
        let mut hits = 0;
        for line in &lines {
            let mut text = line.as_bytes();
            if let Some(prefregex) = &mut prefregex {
                if !prefregex.matches(text) {
                    continue;
                }
                if let Some((start, end)) = prefregex.content() {
                    text = &text[start..end];
                }
            }
            hits += failregexes
                .iter_mut()
                .filter_map(|regex| regex.matches(text).then_some(()))
                .count();
        }
        (
            began.elapsed().as_nanos() as f64 / lines.len().max(1) as f64,
            hits,
        )
    };
    let mut passes = [(); PASSES].map(|()| pass());
    passes.sort_by(|one, other| one.0.total_cmp(&other.0));
    let [(least, _), .., (most, _)] = passes;
    let (median, hits) = passes[PASSES / 2];
    println!(
        "{median:.0} ns a line ({least:.0} to {most:.0}), {} lines, {hits} hits",
        lines.len()
    );
}
