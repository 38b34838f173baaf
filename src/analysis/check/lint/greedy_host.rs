//! A greedy catch-all before `<HOST>`, and no exact end behind it.
//!
//! `.*` and `.+` take as much as they can, so `<HOST>` is the last place that fits. If what
//! follows is open (another catch-all, or no `$`), an attacker who writes the end of the line
//! chooses the address. This is the rule of fail2ban's own suite, to the letter
//! (`RE_WRONG_GREED`): filters that break it are refused there.
//!
//! ```text
//! failregex = ^.* login failed for .* from <HOST>           bad
//! failregex = ^[^:]*: login failed for .* from <HOST>$      good
//! failregex = ^.*? login failed from <HOST> .*$             good
//! ```

use super::Subject;
use crate::analysis::check::finding::Applicability;
use crate::pattern::tags::{self, HostTag};
use crate::pattern::{Flags, Regex, Scratch};
use std::sync::LazyLock;

static HOST: LazyLock<String> = LazyLock::new(|| tags::resolve("<HOST>", HostTag::Any));

static BEFORE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\.[+\*](?!\?)[^\$\^]*\Z", Flags::default()).ok());

static BEHIND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A.*(?:\.[+\*].*|[^\$])$", Flags::default()).ok());

pub(super) fn check(subject: &mut Subject) {
    let mut scratch = Scratch::default();
    scratch.set_step_budget(super::sampler::STEP_BUDGET);
    for fail in subject.failregexes() {
        let text = fail.regex.regex.as_str();
        let Some(start) = greedy(text, &mut scratch) else {
            continue;
        };
        let message = format!(
            "failregex {}: a greedy catch-all before <HOST>, and no exact end behind it",
            fail.index + 1
        );
        let finding = subject.report_regex(
            fail.set,
            fail.regex,
            Some(start..start + 2),
            (
                message,
                "takes all up to the last <HOST> that fits",
                "make it lazy (.*?) or narrower, or end the regex with $ right behind <HOST>",
            ),
        );
        let marked = finding.excerpts.first();
        let marked = marked.and_then(|shown| shown.text.get(shown.span.clone()));
        if let Some(lazy) = marked.filter(|text| [".*", ".+"].contains(text)) {
            let lazy = format!("{lazy}?");
            finding.fix_with(Applicability::Unsafe, &lazy);
        }
    }
}

/// Where the catch-all is.
pub(super) fn greedy(text: &str, scratch: &mut Scratch) -> Option<usize> {
    let (before, behind) = (BEFORE.as_ref()?, BEHIND.as_ref()?);
    text.match_indices(HOST.as_str()).find_map(|(at, host)| {
        let tail = &text[at + host.len()..];
        if !behind.is_match(tail, scratch).ok()? {
            return None;
        }
        let found = before.search(&text[..at], scratch).ok()??;
        Some(found.start())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of upstream's own test of its rule (testReWrongGreedyCatchAll), in kind.
    #[test]
    fn is_upstreams_rule() {
        let found = |regex: &str| {
            let text = tags::resolve(regex, HostTag::Any);
            greedy(&text, &mut Scratch::default()).is_some()
        };
        assert!(found("x .* y<HOST> open end"));
        assert!(found("x .+ y<HOST> y .* closed$"));
        assert!(!found("x .* y<HOST> closed$"));
        assert!(!found("x .*? y<HOST> open end"));
        assert!(!found("x .+? y<HOST> y .* closed$"));
    }
}
