//! The buffer of filters with `maxlines` above 1: a match may span several lines.
//!
//! Upstream's `Regex.search` over a list of lines, its matched, skipped and unmatched lines,
//! and the way `Filter.findFailure` moves them about. Runs in line order, on one thread.

use super::filter::{Filter, FilterRegex};
use super::groups::{Groups, TupleLine};
use super::line::{Prefregex, RegexRole, content_text};
use super::session::merged;
use crate::pattern::Scratch;
use crate::python;

/// What a search of the buffer tells its caller, in upstream's order.
pub(crate) enum BufferEvent {
    /// The ignoreregex of that index matched.
    Ignored(usize),
    /// A regex gave no answer within its budget.
    Exhausted(RegexRole),
    /// Prefregex was tried; answered with its groups but `content`.
    Prefregex(Prefregex),
    /// A failregex matched and names who failed.
    Hit {
        /// Index of the failregex, from 0.
        regex: usize,
        /// Its groups and the prefregex's.
        fail: Groups,
        /// The lines it matched.
        lines: Vec<TupleLine>,
    },
}

/// What the caller says to an event.
#[allow(clippy::large_enum_variant)] // one at a time, short-lived
pub(crate) enum Answer {
    /// Go on.
    Go,
    /// No further failregex.
    Stop,
    /// The groups of the prefregex.
    PrefregexGroups(Groups),
}

/// The last lines, oldest first.
#[derive(Debug, Default)]
pub(crate) struct LineBuffer {
    lines: Vec<TupleLine>,
}

/// Where a regex matched in a buffer: upstream's `_matchedTupleLines` and the rest.
struct BufferMatch {
    groups: Groups,
    matched: Vec<TupleLine>,
    unmatched: Vec<TupleLine>,
}

impl LineBuffer {
    /// The lines waiting, oldest first.
    pub(crate) fn lines(&self) -> &[TupleLine] {
        &self.lines
    }

    /// Adds `line` and searches the buffer with all regexes of `filter`.
    ///
    /// Returns the earlier lines that are no longer in the buffer afterwards, without the
    /// one that fell out because the buffer was full (`Fail2banRegex.testRegex`).
    pub(crate) fn search(
        &mut self,
        filter: &Filter,
        line: TupleLine,
        scratch: &mut Scratch,
        mut tell: impl FnMut(BufferEvent) -> Answer,
    ) -> Vec<TupleLine> {
        let before = self.lines.clone();
        let size = filter.options.maxlines;
        let full = before.len() >= size;
        self.lines.push(line);
        let surplus = self.lines.len().saturating_sub(size);
        self.lines.drain(..surplus);
        self.find(filter, scratch, &mut tell);
        let mut taken = before;
        if full {
            taken.remove(0);
        }
        taken.retain(|line| !self.lines.contains(line));
        taken
    }

    fn find(
        &mut self,
        filter: &Filter,
        scratch: &mut Scratch,
        tell: &mut impl FnMut(BufferEvent) -> Answer,
    ) {
        let original = self.lines.clone();
        let mut text = buffer_text(&original);
        if filter.ignores_first() && self.ignored(filter, &text, None, scratch, tell) {
            return;
        }
        let mut pre_groups = Groups::default();
        if let Some(regex) = &filter.prefregex {
            let found = search(regex, &text, &original, scratch);
            let said = match found {
                Err(()) => {
                    tell(BufferEvent::Exhausted(RegexRole::Prefregex));
                    Prefregex::Missed
                }
                Ok(None) => Prefregex::Missed,
                Ok(Some(found)) => Prefregex::Matched(found.groups),
            };
            let content = match &said {
                Prefregex::Matched(groups) => content_text(groups),
                _ => {
                    tell(BufferEvent::Prefregex(said));
                    return;
                }
            };
            if let Answer::PrefregexGroups(groups) = tell(BufferEvent::Prefregex(said)) {
                pre_groups = groups;
            }
            if let Some(content) = content {
                // the content takes the buffer's place, also for the lines to come
                self.lines = vec![TupleLine {
                    suffix: content[..content.len() - 1].to_string(),
                    ..TupleLine::default()
                }];
                text = content;
            }
        }
        for (index, regex) in filter.failregexes.iter().enumerate() {
            let found = match search(regex, &text, &original, scratch) {
                Ok(Some(found)) => found,
                Ok(None) => continue,
                Err(()) => {
                    tell(BufferEvent::Exhausted(RegexRole::Failregex(index)));
                    continue;
                }
            };
            if !filter.ignoreregexes.is_empty()
                && self.ignored(filter, &text, Some(&found), scratch, tell)
            {
                if !filter.options.check_all {
                    break;
                }
                text = buffer_text(&self.lines);
                continue;
            }
            self.lines = found.unmatched;
            text = buffer_text(&self.lines);
            let fail = merged(&pre_groups, found.groups);
            if !super::line::identifies(&fail) {
                continue;
            }
            let hit = BufferEvent::Hit {
                regex: index,
                fail,
                lines: found.matched,
            };
            if matches!(tell(hit), Answer::Stop) {
                break;
            }
        }
    }

    /// Tries the ignoreregexes on the lines a failregex matched, or on the whole buffer.
    fn ignored(
        &mut self,
        filter: &Filter,
        text: &str,
        of: Option<&BufferMatch>,
        scratch: &mut Scratch,
        tell: &mut impl FnMut(BufferEvent) -> Answer,
    ) -> bool {
        let matched_text = of.map(|found| buffer_text(&found.matched));
        let text = matched_text.as_deref().unwrap_or(text);
        let mut any = false;
        for (index, regex) in filter.ignoreregexes.iter().enumerate() {
            match regex.regex.is_match(text, scratch) {
                Ok(false) => continue,
                Ok(true) => {}
                Err(_) => {
                    tell(BufferEvent::Exhausted(RegexRole::Ignoreregex(index)));
                    continue;
                }
            }
            any = true;
            tell(BufferEvent::Ignored(index));
            if let Some(found) = of {
                self.lines.clone_from(&found.unmatched);
            }
            if !filter.options.check_all {
                break;
            }
        }
        any
    }
}

/// The text of a buffer: its lines without their dates, each with "\n".
fn buffer_text(lines: &[TupleLine]) -> String {
    let texts: Vec<String> = lines.iter().map(TupleLine::without_date).collect();
    texts.join("\n") + "\n"
}

/// Searches `text` and sorts the original lines into matched and unmatched ones
/// (upstream's `Regex.search`). `text` need not be the text of `lines`: after a first match
/// upstream searches what is left, but still counts lines in the original buffer.
fn search(
    regex: &FilterRegex,
    text: &str,
    lines: &[TupleLine],
    scratch: &mut Scratch,
) -> Result<Option<BufferMatch>, ()> {
    let Some(found) = regex.regex.search(text, scratch).map_err(|_| ())? else {
        return Ok(None);
    };
    let groups = regex.groups(text, &found);
    let (start, end) = (found.start(), found.end());
    let mut result = BufferMatch {
        groups,
        matched: lines.to_vec(),
        unmatched: Vec::new(),
    };
    if lines.len() <= 1 {
        return Ok(Some(result));
    }
    let bytes = text.as_bytes();
    let first = (start + 1).min(bytes.len());
    let line_start = memchr::memrchr(b'\n', &bytes[..first]).map_or(0, |at| at + 1);
    // an empty match at 0 searches from -1, which is the last character in Python
    let from = end.checked_sub(1).unwrap_or(bytes.len() - 1);
    let line_end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |at| from + at + 1);
    let count = |to: usize| {
        memchr::memchr_iter(b'\n', &bytes[..to])
            .count()
            .min(lines.len())
    };
    let (first_line, end_line) = (count(line_start), count(line_end));
    result.matched = lines[first_line.min(end_line)..end_line].to_vec();
    result.unmatched = lines[..first_line].to_vec();
    let mut skipped_text = String::new();
    for number in 0.. {
        let Some(group) = regex.regex.group_index(&format!("skiplines{number}")) else {
            break;
        };
        if let Some((a, b)) = found.span(group) {
            skipped_text.push_str(&text[a..b]);
        }
    }
    let mut from = 0;
    for skipped in python::splitlines(&skipped_text) {
        let rest = result.matched.get(from..).unwrap_or_default();
        if let Some(at) = rest.iter().position(|l| l.without_date() == skipped) {
            result.unmatched.push(result.matched.remove(from + at));
            from += at;
        }
    }
    result.unmatched.extend_from_slice(&lines[end_line..]);
    Ok(Some(result))
}
