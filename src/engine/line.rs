//! What can be said of one line alone: which regexes match it and what they capture.
//!
//! Pure: depends on nothing but the filter and the text, so any thread may compute it for
//! any line at any time. Sessions, dates and counts are `session`'s.

use super::filter::{Filter, FilterRegex};
use super::groups::{Groups, Key};
use crate::pattern::Scratch;

/// Which regex of a filter: for messages about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegexRole {
    /// The prefregex.
    Prefregex,
    /// The failregex of that index, from 0.
    Failregex(usize),
    /// The ignoreregex of that index, from 0.
    Ignoreregex(usize),
}

/// A failregex that matched.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Index of the failregex, from 0.
    pub regex: usize,
    /// Its groups, without those of the prefregex.
    pub groups: Groups,
}

/// What prefregex said.
#[derive(Clone, Debug, Default)]
pub enum Prefregex {
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
pub struct LineFacts {
    /// What prefregex said.
    pub prefregex: Prefregex,
    /// The failregexes that matched, not ignored, and that name who failed.
    pub hits: Vec<Hit>,
    /// Ignoreregexes that matched, once per failregex they took back.
    pub ignored_by: Vec<usize>,
    /// Regexes whose step budget ran out: no verdict on this line.
    pub exhausted: Vec<RegexRole>,
}

/// The searches of one line: they share the scratch and the list of exhausted regexes.
struct Searcher<'a> {
    scratch: &'a mut Scratch,
    exhausted: Vec<RegexRole>,
}

impl Searcher<'_> {
    fn groups(&mut self, regex: &FilterRegex, role: RegexRole, text: &str) -> Option<Groups> {
        match regex.regex.search(text, self.scratch) {
            Ok(found) => found.map(|m| regex.groups(text, &m)),
            Err(_) => {
                self.exhausted.push(role);
                None
            }
        }
    }

    fn is_match(&mut self, regex: &FilterRegex, role: RegexRole, text: &str) -> bool {
        match regex.regex.is_match(text, self.scratch) {
            Ok(found) => found,
            Err(_) => {
                self.exhausted.push(role);
                false
            }
        }
    }

    /// The ignoreregexes that match `text`: all of them, or the first (`Filter._ignoreLine`).
    fn ignoring(&mut self, filter: &Filter, text: &str) -> Vec<usize> {
        let mut matched = Vec::new();
        for (index, regex) in filter.ignoreregexes.iter().enumerate() {
            if self.is_match(regex, RegexRole::Ignoreregex(index), text) {
                matched.push(index);
                if !filter.options.check_all {
                    break;
                }
            }
        }
        matched
    }
}

impl LineFacts {
    /// Runs the filter's regexes over one line.
    ///
    /// `text` is the line with its date cut out and a "\n" at its end. For filters with
    /// `maxlines` above 1 this is not enough: see `multiline`.
    pub fn of(filter: &Filter, text: &str, scratch: &mut Scratch) -> LineFacts {
        let mut facts = LineFacts::default();
        let mut searcher = Searcher {
            scratch,
            exhausted: Vec::new(),
        };
        facts.fill(filter, text, &mut searcher);
        facts.exhausted = searcher.exhausted;
        facts
    }

    fn fill(&mut self, filter: &Filter, text: &str, searcher: &mut Searcher) {
        if filter.ignores_first() {
            self.ignored_by = searcher.ignoring(filter, text);
            if !self.ignored_by.is_empty() {
                return;
            }
        }
        let mut content = None;
        let mut pre_identifies = false;
        if let Some(regex) = &filter.prefregex {
            let Some(groups) = searcher.groups(regex, RegexRole::Prefregex, text) else {
                self.prefregex = Prefregex::Missed;
                return;
            };
            pre_identifies = identifies(&groups);
            content = content_text(&groups);
            self.prefregex = Prefregex::Matched(groups);
        }
        let text = content.as_deref().unwrap_or(text);
        let mut ignoring: Option<Vec<usize>> = None;
        for (index, regex) in filter.failregexes.iter().enumerate() {
            let Some(groups) = searcher.groups(regex, RegexRole::Failregex(index), text) else {
                continue;
            };
            if !filter.ignoreregexes.is_empty() {
                let matched = ignoring.get_or_insert_with(|| searcher.ignoring(filter, text));
                if !matched.is_empty() {
                    self.ignored_by.extend_from_slice(matched);
                    if filter.options.check_all {
                        continue;
                    }
                    return;
                }
            }
            // a match that names nobody is an error upstream logs and drops (getFailID)
            if !pre_identifies && !identifies(&groups) {
                continue;
            }
            self.hits.push(Hit {
                regex: index,
                groups,
            });
            if !filter.options.check_all {
                return;
            }
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
    Some(content.to_text() + "\n")
}
