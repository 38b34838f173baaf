//! What lines cost, by counts: they are the same on every machine and in every run, so that a
//! change that makes lines dearer fails here, and not on a clock.
//!
//! The limits are what was counted when they were written and a twentieth more. Where a change
//! makes something cheaper, write down the new count.

use super::parallel::ready;
use crate::config::Sourced;
use crate::engine::adaptive_prefilter::AdaptivePrefilter;
use crate::engine::facts::Facts;
use crate::engine::find_failure::{Said, SearchObserver};
use crate::engine::texts::{Span, Texts};
use crate::engine::{Detail, Filter, FilterOptions, RegexRole};
use crate::pattern::{Regex, Scratch};
use std::fmt::Write as _;
use std::path::Path;

/// Lines of a log, dates cut out: `dense` has failures in four of five lines, else one in fifty.
fn log(dense: bool) -> Vec<String> {
    let failures = [
        "Failed password for root from 203.0.113.7 port 50112 ssh2",
        "Failed password for invalid user oracle from 198.51.100.23 port 4711 ssh2",
        "Invalid user admin from 2001:db8::1f port 50120",
        "Connection closed by authenticating user root 203.0.113.9 port 22 [preauth]",
    ];
    let others = [
        " gate CRON[911]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
        " gate systemd-logind[511]: New session 17 of user www-data.",
        " gate sshd[2200]: Accepted publickey for git from 192.0.2.5 port 60000 ssh2: ED25519 SHA256:9q",
        " gate postfix/smtp[31]: 0A1B: to=<a@example.org>, relay=mail.example.org[192.0.2.25]:25",
    ];
    let line = |n: usize| {
        let fails = if dense {
            !n.is_multiple_of(5)
        } else {
            n.is_multiple_of(50)
        };
        if fails {
            let failure = failures[n / 3 % failures.len()];
            format!(" gate sshd[{}]: {failure}\n", 1000 + n)
        } else {
            format!("{}\n", others[n / 7 % others.len()])
        }
    };
    (0..1000).map(line).collect()
}

/// Notes every search.
#[derive(Default)]
struct Searches {
    /// Lines for which the prefilter saw that no failregex can match.
    ruled_out: usize,
    searched: Vec<(RegexRole, String)>,
}

impl SearchObserver for Searches {
    fn prefiltered(&mut self, possible: impl FnOnce() -> bool) {
        self.ruled_out += usize::from(!possible());
    }

    fn searched<'t>(&mut self, role: RegexRole, text: impl FnOnce() -> &'t str, said: Said) {
        if said != Said::RuledOut {
            self.searched.push((role, text().to_string()));
        }
    }
}

/// Allocations that a thousand lines make, once everything has the size it needs.
fn allocations(filter: &Filter, lines: &[String]) -> u64 {
    let mut texts = Texts::new(String::new());
    let mut facts = Facts::new(Detail::Verdict);
    let mut adaptive = AdaptivePrefilter::default();
    let mut scratch = Scratch::for_lines();
    let mut run = || {
        for line in lines {
            facts.clear();
            texts.clear_aside();
            let place: Span = texts.join(&[line]);
            let state = (&mut adaptive, &mut scratch);
            facts.add(filter, &mut texts, place, state.0, state.1, &mut ());
        }
    };
    run();
    allocation_counter::measure(run).count_total
}

/// A thousand lines' counts.
#[derive(Debug)]
struct Counts {
    ruled_out: usize,
    searches: usize,
    /// Of the machine, where no search runs as machine code.
    steps: u64,
    /// Searches that machine code gave up on.
    bailouts: usize,
    allocations: u64,
}

fn count(filter: &Filter, lines: &[String]) -> Counts {
    let mut texts = Texts::new(String::new());
    let mut facts = Facts::new(Detail::Verdict);
    let mut adaptive = AdaptivePrefilter::default();
    let mut scratch = Scratch::for_lines();
    let mut seen = Searches::default();
    for line in lines {
        facts.clear();
        texts.clear_aside();
        let place: Span = texts.join(&[line]);
        facts.add(
            filter,
            &mut texts,
            place,
            &mut adaptive,
            &mut scratch,
            &mut seen,
        );
    }
    let regex = |role: &RegexRole| -> &Regex {
        match *role {
            RegexRole::Prefregex => {
                &filter
                    .prefregex
                    .as_ref()
                    .expect("it was searched for")
                    .regex
            }
            RegexRole::Failregex(at) => &filter.failregexes[at].regex,
            RegexRole::Ignoreregex(at) => &filter.ignoreregexes[at].regex,
        }
    };
    let (mut by_machine, mut fast) = (Scratch::default(), Scratch::for_lines());
    let (mut steps, mut bailouts) = (0, 0);
    for (role, text) in &seen.searched {
        let regex = regex(role);
        let plain = regex
            .is_match(text, &mut by_machine)
            .expect("no such line is too much");
        steps += by_machine.steps();
        if regex.translate() {
            let found = regex
                .is_match(text, &mut fast)
                .expect("no such line is too much");
            assert_eq!(found, plain, "{text}");
            // machine code counts no steps
            bailouts += usize::from(fast.steps() > 0);
        }
    }
    Counts {
        ruled_out: seen.ruled_out,
        searches: seen.searched.len(),
        steps,
        bailouts,
        allocations: allocations(filter, lines),
    }
}

#[test]
fn lines_cost_no_more_than_they_did() {
    let testdata = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let ready = ready(&testdata, "sshd");
    let mut wrong = String::new();
    for (dense, ruled_out, searches, steps, allocations) in
        [(true, 89, 3561, 45_191, 0), (false, 980, 1306, 6997, 0)]
    {
        let now = count(&ready.filter, &log(dense));
        let is_dearer = now.ruled_out < ruled_out
            || now.searches * 20 > searches * 21
            || now.steps * 20 > steps * 21
            || now.allocations * 20 > allocations * 21
            || now.bailouts > 0;
        if is_dearer {
            let _ = writeln!(
                wrong,
                "dense {dense}: {now:?}, it was {ruled_out}, {searches}, {steps}, 0, {allocations}"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A list of robots is too long for machine code, and a search with it is dear; what stands before it
/// is in every line.
#[test]
fn of_a_long_list_of_names_lines_without_one_are_not_searched() {
    let names: Vec<String> = (0..200).map(|n| format!("Robot{n:03}x")).collect();
    let line = |n: usize| {
        let agent = if n.is_multiple_of(50) {
            &names[n % names.len()]
        } else {
            "Mozilla/5.0 (X11; Linux x86_64)"
        };
        format!("192.0.2.1 - - [] \"GET /{n} HTTP/1.1\" 200 17 \"-\" \"{agent}\"\n")
    };
    let lines: Vec<String> = (0..1000).map(line).collect();
    for end in ["\"$", "[^\"]*\"$"] {
        let names = names.join("|");
        let regex = format!("^<HOST> -.*\"(?:GET|POST) .*HTTP.*\"[^\"]*(?:{names}){end}");
        let mut filter = Filter::new(FilterOptions::default());
        filter
            .add_failregex(Sourced::given(&regex))
            .expect("it compiles");
        let now = count(&filter, &lines);
        // the lines with a name, and those from which it is learned that a search is dear
        assert!((20..40).contains(&now.searches), "{end}: {now:?}");
    }
}
