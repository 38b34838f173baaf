//! What can be said of one line alone: which regexes match it and what they capture.
//!
//! Pure: depends on nothing but the filter and the text, so any thread may compute it for
//! any line at any time. Sessions, dates and counts are `session`'s. This is the roomy form
//! for one line; `facts` packs those of many.

use super::facts::{Detail, Facts, PrefregexFact, Texts};
use super::filter::Filter;
use super::groups::{Groups, Key};
use super::prefilter::AdaptivePrefilter;
use crate::pattern::Scratch;

/// Which regex of a filter: for messages about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RegexRole {
    /// The prefregex.
    Prefregex,
    /// The failregex of that index, from 0.
    Failregex(usize),
    /// The ignoreregex of that index, from 0.
    Ignoreregex(usize),
}

/// A failregex that matched.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// Index of the failregex, from 0.
    pub(crate) regex: usize,
    /// Its groups, without those of the prefregex.
    pub(crate) groups: Groups,
}

/// What prefregex said.
#[derive(Clone, Debug, Default)]
#[allow(clippy::large_enum_variant)] // one at a time, short-lived
pub(crate) enum Prefregex {
    /// Not tried: the filter has none, or an ignoreregex came first.
    #[default]
    NotTried,
    /// Tried, no match: the line is missed.
    Missed,
    /// Matched, with these groups, `content` among them.
    Matched(Groups),
}

/// Everything that depends on the line alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineFacts {
    /// What prefregex said.
    pub(crate) prefregex: Prefregex,
    /// The failregexes that matched, not ignored, and that name who failed.
    pub(crate) hits: Vec<Hit>,
    /// Ignoreregexes that matched, once per failregex they took back.
    pub(crate) ignored_by: Vec<usize>,
    /// Regexes whose step budget ran out: no verdict on this line.
    pub(crate) exhausted: Vec<RegexRole>,
}

impl LineFacts {
    /// Runs the filter's regexes over one line.
    ///
    /// `text` is the line with its date cut out and a "\n" at its end. For filters with
    /// `maxlines` above 1 this is not enough: see `multiline`.
    pub(crate) fn of(filter: &Filter, text: &str, scratch: &mut Scratch) -> LineFacts {
        let mut texts = Texts::new(String::new());
        let mut facts = Facts::new(Detail::All);
        let place = texts.join(&[text]);
        let line = facts.add(
            filter,
            &mut texts,
            place,
            &mut AdaptivePrefilter::default(),
            scratch,
        );
        let prefregex = match (line.prefregex, &filter.prefregex) {
            (PrefregexFact::Matched(spans), Some(regex)) => {
                Prefregex::Matched(facts.groups(regex, spans, &texts))
            }
            (PrefregexFact::Missed, _) => Prefregex::Missed,
            _ => Prefregex::NotTried,
        };
        let hits = facts.hits(&line).iter().map(|hit| {
            let regex = hit.regex as usize;
            let groups = facts.groups(&filter.failregexes[regex], hit.spans, &texts);
            Hit { regex, groups }
        });
        LineFacts {
            prefregex,
            hits: hits.collect(),
            ignored_by: facts
                .ignored_by(&line)
                .iter()
                .map(|&i| i as usize)
                .collect(),
            exhausted: facts.exhausted(&line).to_vec(),
        }
    }
}

/// Whether the groups hold a failure id or a session id.
pub(super) fn identifies(groups: &Groups) -> bool {
    [Key::MLFID, Key::FID, Key::IP4, Key::IP6, Key::DNS]
        .iter()
        .any(|key| groups.present(*key).is_some())
}

/// The text prefregex leaves for the failregexes, if it names a part of the line.
pub(super) fn content_text(groups: &Groups) -> Option<String> {
    let content = groups.get(Key::CONTENT).filter(|v| v.is_true())?;
    Some(format!("{}\n", content.to_text()))
}
