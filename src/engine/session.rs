//! What depends on earlier lines: the date detector, the last date, sessions, the buffer.
//!
//! Fed line by line in order; turns [`LineFacts`] into the verdict on the line
//! ([`LineOutcome`]). Cheap by design: the regexes have been run by then, but for
//! multi-line filters (`multiline`), whose text is made here.

mod peek;

use super::address::{Address, AddressKind, AddressMemo, Reading};
use super::dns::{Resolver, UseDns};
use super::facts::Detail;
use super::filter::Filter;
use super::groups::{Groups, Key, TupleLine, Value};
use super::line::{LineFacts, Prefregex, RegexRole};
use super::mlfid::MlfidTable;
use super::multiline::LineBuffer;
use super::verdict_groups::{SessionTable, VerdictGroups};
use crate::date::{Clock, DateDetector, DateMatch, InvalidDate, TimeCache, Timestamp};
use crate::pattern::Scratch;
use compact_str::CompactString;
use smallvec::SmallVec;

/// A failure found in a line: one entry of upstream's `failList`.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Index of the failregex, from 0.
    pub(crate) regex: usize,
    /// Who failed; None while a session still lacks an address.
    pub(crate) id: Option<Address>,
    /// What kind of id it is.
    pub(crate) kind: AddressKind,
    /// When; None where neither the line nor one shortly before it has a date.
    pub(crate) date: Option<Timestamp>,
    /// Helps, but does not count (`<F-NOFAIL>`).
    pub(crate) nofail: bool,
    /// The whole failure dictionary; only with [`Session::keep_data`].
    pub(crate) data: Option<Box<Groups>>,
    /// The users named so far; of the session, if there is one.
    pub(crate) users: SmallVec<[CompactString; 1]>,
}

/// What prefregex says of a line, for the report's count.
#[derive(Clone, Debug, Default)]
pub(crate) struct PrefregexState {
    /// Whether it matched.
    pub(crate) matched: bool,
    /// Its groups, if it did.
    pub(crate) groups: Groups,
}

/// The verdict on one line.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineOutcome {
    /// The failures, NOFAIL ones among them.
    pub(crate) found: Vec<Found>,
    /// Ignoreregexes that matched, once per failregex they took back.
    pub(crate) ignored_by: Vec<usize>,
    /// Regexes that gave no answer within their budget.
    pub(crate) exhausted: Vec<RegexRole>,
    /// The line in its three parts.
    pub(crate) tuple: TupleLine,
    /// A regex matched, but no date was found.
    pub(crate) undated_match: bool,
    /// Buffered lines that this line's match took out of the buffer, oldest first
    /// (multi-line filters: missed before, matched now).
    pub(crate) taken: Vec<TupleLine>,
}

impl LineOutcome {
    /// Whether the line counts as ignored: by an ignoreregex, or by a NOFAIL match.
    pub(crate) fn is_ignored(&self) -> bool {
        !self.ignored_by.is_empty() || self.found.iter().any(|f| f.nofail)
    }

    /// Forgets everything, but keeps the room.
    pub(super) fn clear(&mut self) {
        self.found.clear();
        self.ignored_by.clear();
        self.exhausted.clear();
        self.taken.clear();
        self.undated_match = false;
        self.tuple = TupleLine::default();
    }

    /// The failures that count.
    pub(crate) fn failures(&self) -> impl Iterator<Item = &Found> {
        self.found.iter().filter(|f| !f.nofail)
    }
}

/// The part of a line a date template cut, and the date read from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateCut {
    /// The line in its three parts.
    pub(crate) tuple: TupleLine,
    /// The date that holds for the line.
    pub(crate) date: Option<Timestamp>,
    /// Nothing in the line gave a date (upstream's `noDate`).
    pub(crate) no_date: bool,
}

/// The ordered state of one run.
pub(crate) struct Session<'f> {
    pub(super) filter: &'f Filter,
    pub(super) clock: &'f Clock,
    pub(super) detector: Option<DateDetector>,
    last_time_text: String,
    last_date: Option<Timestamp>,
    sessions: MlfidTable,
    /// In place of `sessions`, once [`Session::goes_lean`] said so.
    lean: Option<SessionTable>,
    may_be_lean: bool,
    addresses: AddressMemo,
    buffer: LineBuffer,
    resolver: Resolver,
    pub(super) prefregex: PrefregexState,
    keep_data: bool,
    keep_prefregex: bool,
    pub(super) time_cache: TimeCache,
    pub(super) date_faults: DateFaults,
    /// In the fold: what the detector's last step found where the worker's facts do not hold.
    pub(super) searched: Option<Option<(usize, Option<crate::date::Found>)>>,
}

/// Lines whose date could not be searched or read where upstream would have ended in a
/// traceback; we go on as if they had no date, and say so.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateFaults {
    /// How many.
    pub(crate) count: u64,
    /// What was wrong with the first.
    pub(crate) first: Option<String>,
}

impl DateFaults {
    pub(super) fn add(&mut self, fault: &dyn std::fmt::Display) {
        self.count += 1;
        self.first.get_or_insert_with(|| fault.to_string());
    }
}

impl<'f> Session<'f> {
    /// A fresh state. `detector` is None where lines bring their own dates (journals).
    pub(crate) fn new(
        filter: &'f Filter,
        clock: &'f Clock,
        detector: Option<DateDetector>,
    ) -> Self {
        Session {
            filter,
            clock,
            detector,
            last_time_text: String::new(),
            last_date: None,
            sessions: MlfidTable::default(),
            lean: None,
            may_be_lean: filter.is_lean() && !filter.options.keep_matches,
            addresses: AddressMemo::default(),
            buffer: LineBuffer::default(),
            resolver: Resolver::default(),
            prefregex: PrefregexState::default(),
            keep_data: false,
            keep_prefregex: false,
            time_cache: TimeCache::default(),
            date_faults: DateFaults::default(),
            searched: None,
        }
    }

    /// Keeps the failure dictionary of every failure (`--out`).
    pub(crate) fn keep_data(mut self, keep: bool) -> Self {
        self.keep_data = keep;
        self
    }

    /// Keeps the groups of the prefregex for the report (`--verbose`).
    pub(crate) fn keep_prefregex(mut self, keep: bool) -> Self {
        self.keep_prefregex = keep;
        self
    }

    /// The date detector with its hits.
    pub(crate) fn detector(&self) -> Option<&DateDetector> {
        self.detector.as_ref()
    }

    /// The last date seen, upstream's `Filter.__lastDate`.
    pub(crate) fn last_date(&self) -> Option<Timestamp> {
        self.last_date
    }

    /// What prefregex said last. It is not asked again for a line that an ignoreregex took
    /// first: upstream's report counts the earlier answer once more
    /// (`Fail2banRegex.testRegex`), and so does ours.
    pub(crate) fn prefregex(&self) -> &PrefregexState {
        &self.prefregex
    }

    /// Dates that upstream would have died of.
    pub(crate) fn date_faults(&self) -> &DateFaults {
        &self.date_faults
    }

    /// Host names no address was found for.
    pub(crate) fn unresolved(&self) -> &[String] {
        &self.resolver.unresolved
    }

    /// The verdict on the next line. `line` has no newline at its end.
    pub(crate) fn line(&mut self, line: &str, scratch: &mut Scratch) -> LineOutcome {
        let cut = self.cut_date(line, scratch);
        self.find_failure(cut, scratch)
    }

    /// The verdict on a journal entry as blocks have it: its date, a blank, its line.
    pub(crate) fn entry(&mut self, entry: &str, time: f64, scratch: &mut Scratch) -> LineOutcome {
        let date_end = entry.find(' ').map_or(0, |at| at + 1);
        let tuple = TupleLine {
            prefix: String::new(),
            date: entry[..date_end].to_string(),
            suffix: entry[date_end..].to_string(),
        };
        self.dated_line(tuple, Timestamp::Float(time), scratch)
    }

    /// The verdict on an entry that brings its date along: the parts of upstream's journal
    /// tuple and its time.
    pub(crate) fn dated_line(
        &mut self,
        tuple: TupleLine,
        date: Timestamp,
        scratch: &mut Scratch,
    ) -> LineOutcome {
        self.last_time_text.clone_from(&tuple.date);
        self.last_date = Some(date);
        let cut = DateCut {
            tuple,
            date: Some(date),
            no_date: false,
        };
        self.find_failure(cut, scratch)
    }

    /// The last date, if it is younger than a minute: upstream takes it for lines without
    /// one (`Filter.processLine`).
    pub(super) fn recent_date(&self) -> Option<Timestamp> {
        let date = self.last_date?;
        let seconds = date.seconds();
        (seconds != 0.0 && seconds > self.clock.now_epoch() - 60.0).then_some(date)
    }

    /// Finds, reads and cuts the date (`Filter.processLine`).
    fn cut_date(&mut self, line: &str, scratch: &mut Scratch) -> DateCut {
        let found = match &mut self.detector {
            Some(detector) => detector.match_time(line, scratch).unwrap_or_else(|fault| {
                self.date_faults.add(&fault);
                None
            }),
            None => None,
        };
        self.cut_found(line, found)
    }

    /// Reads and cuts a date that was found.
    pub(super) fn cut_found(&mut self, line: &str, found: Option<DateMatch>) -> DateCut {
        let mut cut = DateCut {
            tuple: TupleLine {
                suffix: line.to_string(),
                ..TupleLine::default()
            },
            ..DateCut::default()
        };
        if let (Some(found), Some(detector)) = (found, &self.detector) {
            let (start, end) = found
                .group1()
                .map_or((0, 0), |range| (range.start, range.end));
            let text = &line[start..end];
            if text.is_empty() {
                let (date, text) = self.optional_date();
                cut.date = Some(date);
                cut.tuple.date = text;
                return cut;
            }
            cut.tuple = TupleLine {
                prefix: line[..start].to_string(),
                date: text.to_string(),
                suffix: line[end..].to_string(),
            };
            match detector.time_of(line, &found, self.clock, &mut self.time_cache) {
                Ok(date) => {
                    self.saw_date(date, text);
                    cut.date = Some(date);
                    return cut;
                }
                Err(InvalidDate::Value) => {}
                Err(fault) => self.date_faults.add(&fault),
            }
        }
        cut.no_date = true;
        if let Some(date) = self.recent_date() {
            cut.tuple = TupleLine {
                prefix: String::new(),
                date: self.last_time_text.clone(),
                suffix: line.to_string(),
            };
            cut.date = Some(date);
        }
        cut
    }

    /// The date of a line in which a template matched an empty text: the last one known, or
    /// now; and the text that stands for it.
    pub(super) fn optional_date(&self) -> (Timestamp, String) {
        match self.recent_date() {
            Some(date) => (date, self.last_time_text.clone()),
            None => (Timestamp::Float(self.clock.now_epoch()), String::new()),
        }
    }

    /// The parts of a line without a date of its own, where another stands in for it.
    pub(super) fn undated_tuple(&self, line: &str) -> TupleLine {
        let stands_in = self.recent_date().is_some();
        TupleLine {
            prefix: String::new(),
            date: match stands_in {
                true => self.last_time_text.clone(),
                false => String::new(),
            },
            suffix: line.to_string(),
        }
    }

    /// Whether the groups of the prefregex are kept for the report.
    pub(super) fn keeps_prefregex(&self) -> bool {
        self.keep_prefregex
    }

    /// Remembers the last date.
    pub(super) fn saw_date(&mut self, date: Timestamp, text: &str) {
        self.last_time_text.clear();
        self.last_time_text.push_str(text);
        self.last_date = Some(date);
    }

    /// The failures of a line whose date is known (`Filter.findFailure`).
    pub(super) fn find_failure(&mut self, cut: DateCut, scratch: &mut Scratch) -> LineOutcome {
        if self.filter.is_multi_line() {
            return self.find_in_buffer(cut, scratch);
        }
        let text = cut.tuple.without_date() + "\n";
        let facts = LineFacts::of(self.filter, &text, scratch);
        self.judge(facts, cut)
    }

    /// Turns the facts of a single line into its verdict.
    fn judge(&mut self, facts: LineFacts, cut: DateCut) -> LineOutcome {
        let mut outcome = LineOutcome {
            ignored_by: facts.ignored_by,
            exhausted: facts.exhausted,
            ..LineOutcome::default()
        };
        let pre_groups = self.note_prefregex(facts.prefregex);
        for hit in facts.hits {
            let fail = merged(&pre_groups, hit.groups);
            let lines = self.kept_lines(|| vec![cut.tuple.clone()]);
            outcome.undated_match |= cut.no_date;
            if !self.judge_hit(hit.regex, fail, lines, cut.date, &mut outcome) {
                break;
            }
        }
        outcome.tuple = cut.tuple;
        outcome
    }

    /// Records what prefregex said; returns its groups without the content.
    fn note_prefregex(&mut self, said: Prefregex) -> Groups {
        match said {
            Prefregex::NotTried => Groups::default(),
            Prefregex::Missed => {
                self.prefregex = PrefregexState::default();
                Groups::default()
            }
            Prefregex::Matched(groups) => {
                let mut without_content = groups.clone();
                without_content.take(Key::CONTENT);
                self.prefregex = PrefregexState {
                    matched: true,
                    groups,
                };
                without_content
            }
        }
    }

    pub(super) fn kept_lines(&self, lines: impl FnOnce() -> Vec<TupleLine>) -> Vec<TupleLine> {
        if self.filter.options.keep_matches {
            lines()
        } else {
            Vec::new()
        }
    }

    /// Whether failures need no dictionaries (see [`VerdictGroups`]). Once that is so, it is for
    /// the rest of the run; [`Session::open_sessions`] has none to show then.
    pub(super) fn goes_lean(&mut self, detail: Detail) -> bool {
        if detail == Detail::All || !self.may_be_lean || self.keep_data {
            return false;
        }
        if self.lean.is_none() {
            self.lean = Some(SessionTable::from(&self.sessions));
            self.sessions = MlfidTable::default();
        }
        true
    }

    /// What [`Session::judge_hit`] does, without a dictionary.
    pub(super) fn judge_lean(
        &mut self,
        regex: usize,
        fail: &VerdictGroups,
        date: Option<Timestamp>,
        outcome: &mut LineOutcome,
    ) -> bool {
        let options = self.filter.options;
        let lean = self.lean.get_or_insert_default();
        let merged = lean.merge(fail);
        let nofail = merged.nofail;
        if nofail && !options.check_all && fail.get(Key::MLFID).is_some() {
            return false;
        }
        let identity = identify(|key| merged.get(key), options.usedns, options.raw);
        let users = merged.users();
        let (mut id, mut kind) = (None, AddressKind::Id);
        match identity {
            Identity::Pending => {
                if let Some(session) = merged.session {
                    lean.set_pending(session);
                }
                if !options.check_all && options.ignore_pending {
                    return false;
                }
            }
            Identity::One(named) => {
                let address = self.addresses.read(named.text, named.reading);
                kind = named.kind.unwrap_or_else(|| kind_of(&address));
                id = Some(address);
            }
            Identity::Host(name) => {
                let addresses = self.resolver.text_to_ip(name, options.usedns);
                outcome.found.extend(addresses.into_iter().map(|id| Found {
                    regex,
                    kind: kind_of(&id),
                    id: Some(id),
                    date,
                    nofail,
                    data: None,
                    users: users.clone(),
                }));
                return options.check_all;
            }
        }
        outcome.found.push(Found {
            regex,
            id,
            kind,
            date,
            nofail,
            data: None,
            users,
        });
        options.check_all
    }

    /// Merges, identifies and records one match. False where upstream stops looking at
    /// further failregexes.
    pub(super) fn judge_hit(
        &mut self,
        regex: usize,
        mut fail: Groups,
        lines: Vec<TupleLine>,
        date: Option<Timestamp>,
        outcome: &mut LineOutcome,
    ) -> bool {
        if self.lean.is_some() {
            return self.judge_lean(regex, &VerdictGroups::of(&fail), date, outcome);
        }
        let options = self.filter.options;
        let mlfid = match self.keep_data {
            true => fail.present(Key::MLFID).cloned(),
            // nobody will ask for it again
            false => fail.take(Key::MLFID).filter(|v| *v != Value::None),
        };
        let mut merged = match &mlfid {
            Some(mlfid) => self.sessions.merge(&mlfid.to_text(), fail, lines),
            None => {
                let mut all = fail.take_lines(Key::MATCHES);
                all.extend(lines);
                if !all.is_empty() {
                    fail.set(Key::MATCHES, Value::Lines(all));
                }
                super::mlfid::Merged::Loose(fail)
            }
        };
        let fail = self.sessions.failure_mut(&mut merged);
        let nofail = fail.is_true(Key::NOFAIL);
        if mlfid.is_some() && nofail && !options.check_all {
            return false;
        }
        let text = |key| fail.present(key).map(Value::to_text);
        let identity = identify(text, options.usedns, options.raw);
        match &identity {
            Identity::Pending => {
                fail.set(Key::MLFPENDING, Value::Number(1));
                if !options.check_all && options.ignore_pending {
                    return false;
                }
            }
            Identity::One(Named {
                beside: Some((ip, reading)),
                ..
            }) => fail.set(Key::IP, Value::Text(Address::new(ip, *reading).text)),
            _ => {}
        }
        let users = match fail.users() {
            [] => match fail.get(Key::USER).filter(|v| v.is_true()) {
                Some(user) => SmallVec::from_iter([user.to_text()]),
                None => SmallVec::new(),
            },
            users => SmallVec::from(users),
        };
        let mut found = Found {
            regex,
            id: None,
            kind: AddressKind::Id,
            date,
            nofail,
            data: self.keep_data.then(|| Box::new(fail.clone())),
            users,
        };
        match identity {
            Identity::Pending => outcome.found.push(found),
            Identity::One(named) => {
                let id = Address::new(&named.text, named.reading);
                found.kind = named.kind.unwrap_or_else(|| kind_of(&id));
                found.id = Some(id);
                outcome.found.push(found);
            }
            Identity::Host(name) => {
                for id in self.resolver.text_to_ip(&name, options.usedns) {
                    (found.kind, found.id) = (kind_of(&id), Some(id));
                    outcome.found.push(found.clone());
                }
            }
        }
        options.check_all
    }

    fn find_in_buffer(&mut self, cut: DateCut, scratch: &mut Scratch) -> LineOutcome {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut outcome = LineOutcome::default();
        let date = cut.date;
        let no_date = cut.no_date;
        let keep = self.filter.options.keep_matches;
        outcome.tuple = cut.tuple.clone();
        let filter = self.filter;
        outcome.taken = buffer.search(filter, cut.tuple, scratch, |event| {
            use super::multiline::BufferEvent as Event;
            match event {
                Event::Ignored(index) => outcome.ignored_by.push(index),
                Event::Exhausted(role) => outcome.exhausted.push(role),
                Event::Prefregex(said) => {
                    let groups = self.note_prefregex(said);
                    return super::multiline::Answer::PrefregexGroups(groups);
                }
                Event::Hit { regex, fail, lines } => {
                    outcome.undated_match |= no_date;
                    let lines = if keep { lines } else { Vec::new() };
                    if !self.judge_hit(regex, fail, lines, date, &mut outcome) {
                        return super::multiline::Answer::Stop;
                    }
                }
            }
            super::multiline::Answer::Go
        });
        self.buffer = buffer;
        outcome
    }
}

/// A failregex's groups on top of the prefregex's: groups that took no part do not
/// overwrite (`Filter.findFailure`).
pub(super) fn merged(prefregex: &Groups, groups: Groups) -> Groups {
    if prefregex.iter().next().is_none() {
        return groups;
    }
    let mut all = prefregex.clone();
    all.update_present(groups);
    all
}

/// Who a failure dictionary names.
enum Identity<T> {
    /// Nobody yet: its session goes on.
    Pending,
    /// One address or id.
    One(Named<T>),
    /// A host name to be resolved.
    Host(T),
}

/// An address or id, as it is written.
struct Named<T> {
    text: T,
    reading: Reading,
    /// None: what it turns out to be.
    kind: Option<AddressKind>,
    /// The address where the id is another one.
    beside: Option<(T, Reading)>,
}

fn kind_of(address: &Address) -> AddressKind {
    match address.ip {
        Some(std::net::IpAddr::V4(_)) => AddressKind::Ip4,
        Some(std::net::IpAddr::V6(_)) => AddressKind::Ip6,
        None => AddressKind::Id,
    }
}

/// The failure id of a failure: fid, ip4, ip6, dns, in upstream's way through them
/// (`Filter.findFailure`). `text` gives the text of a group that took part.
fn identify<T: AsRef<str>>(
    text: impl Fn(Key) -> Option<T>,
    usedns: UseDns,
    raw: bool,
) -> Identity<T> {
    let plain = if usedns == UseDns::Raw || raw {
        Reading::Raw
    } else {
        Reading::Any
    };
    let fid = text(Key::FID);
    let cidr = || {
        let cidr = text(Key::CIDR).filter(|cidr| !cidr.as_ref().is_empty())?;
        Some(Reading::Prefix(prefix_length(cidr.as_ref())))
    };
    let (ip, reading, kind) = if let Some(ip) = text(Key::IP4) {
        (ip, cidr().unwrap_or(Reading::V4), AddressKind::Ip4)
    } else if let Some(ip) = text(Key::IP6) {
        (ip, cidr().unwrap_or(Reading::V6), AddressKind::Ip6)
    } else if let Some(name) = text(Key::DNS) {
        if plain != Reading::Raw {
            return Identity::Host(name);
        }
        (name, Reading::Raw, AddressKind::Dns)
    } else if let Some(fid) = fid {
        return Identity::One(Named {
            text: fid,
            reading: plain,
            kind: None,
            beside: None,
        });
    } else {
        return Identity::Pending;
    };
    Identity::One(match fid {
        Some(fid) if fid.as_ref() != ip.as_ref() => Named {
            text: fid,
            reading: plain,
            kind: Some(AddressKind::Id),
            beside: Some((ip, reading)),
        },
        _ => Named {
            text: ip,
            reading,
            kind: Some(kind),
            beside: None,
        },
    })
}

/// `int(text)` of a captured prefix length: `\d` also takes other scripts' digits.
fn prefix_length(text: &str) -> u32 {
    text.chars().fold(0u32, |sum, c| {
        sum.saturating_mul(10)
            .saturating_add(c.to_digit(10).unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::super::filter::FilterOptions;
    use super::super::verdict_groups::DECIDING_GROUPS;
    use super::*;
    use crate::date::TimeZone;
    use proptest::prelude::*;

    /// One failure: what is under the deciding keys, in whatever order.
    fn failure() -> impl Strategy<Value = Groups> {
        let flag = |weight| {
            prop_oneof![
                weight => Just(None),
                1 => Just(Some(String::new())),
                2 => Just(Some("yes".to_string())),
            ]
        };
        let rarely = |text: &'static str| prop_oneof![3 => Just(None), 1 => text.prop_map(Some)];
        let values = [
            rarely("|host|192\\.0\\.2\\.1|\\[2001:db8::1\\]|anna").boxed(),
            rarely("|192\\.0\\.2\\.[1-3]|192\\.0\\.2\\.300|192\\.0\\.02\\.1").boxed(),
            rarely("|2001:db8::[1-3]|2001:DB8:0::1|::ffff:192\\.0\\.2\\.1|x").boxed(),
            rarely("|host|192\\.0\\.2\\.1").boxed(),
            rarely("|24|0|130").boxed(),
            prop_oneof![1 => Just(None), 3 => "|root|anna|bob".prop_map(Some)].boxed(),
            prop_oneof![
                1 => Just(None),
                8 => "|[1-3]".prop_map(Some),
                4 => "[0-9]{2,3}".prop_map(Some)
            ]
            .boxed(),
            flag(6).boxed(),
            flag(9).boxed(),
            flag(9).boxed(),
        ];
        let order = Just(DECIDING_GROUPS.to_vec()).prop_shuffle();
        (values, order, any::<bool>()).prop_map(|(values, order, says_none)| {
            let mut groups = Groups::default();
            for key in order {
                match &values[key.number()] {
                    Some(text) => groups.push(key, Value::Text(text.as_str().into())),
                    None if says_none => groups.push(key, Value::None),
                    None => {}
                }
            }
            groups
        })
    }

    fn options() -> impl Strategy<Value = FilterOptions> {
        let usedns = prop_oneof![Just(UseDns::Raw), Just(UseDns::No)];
        (usedns, any::<[bool; 3]>()).prop_map(|(usedns, [raw, check_all, ignore_pending])| {
            FilterOptions {
                usedns,
                raw,
                check_all,
                ignore_pending,
                ..FilterOptions::default()
            }
        })
    }

    /// What the two ways have to say alike of their sessions.
    fn kept(session: &Session) -> Vec<(String, String, bool, Vec<String>)> {
        let Some(lean) = &session.lean else {
            let sessions = session.open_sessions().map(|(id, groups)| {
                let texts = DECIDING_GROUPS[..6].iter().map(|key| groups.present(*key));
                let texts = texts.map(|v| v.map(|v| v.to_text().to_string()));
                let users = groups.users().iter().map(ToString::to_string);
                (
                    id.to_string(),
                    format!("{:?}", texts.collect::<Vec<_>>()),
                    groups.is_true(Key::MLFPENDING),
                    users.collect(),
                )
            });
            return sessions.collect();
        };
        lean.kept()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// Failures judged without dictionaries are judged as with them, wherever in a run
        /// that begins.
        #[test]
        fn lean_is_exact(
            failures in prop::collection::vec(failure(), 1..250),
            options in options(),
            from in 0usize..60,
        ) {
            let filter = Filter::new(options);
            let clock = Clock::in_zone(1_795_176_000.0, TimeZone::local());
            let mut general = Session::new(&filter, &clock, None);
            let mut lean = Session::new(&filter, &clock, None);
            for (number, fail) in failures.iter().enumerate() {
                let date = Some(Timestamp::Int(number as i64));
                let mut outcomes = [LineOutcome::default(), LineOutcome::default()];
                let [one, other] = &mut outcomes;
                let go_on = general.judge_hit(number, fail.clone(), Vec::new(), date, one);
                let lean_goes_on = match number >= from && lean.goes_lean(Detail::Verdict) {
                    true => lean.judge_lean(number, &VerdictGroups::of(fail), date, other),
                    false => lean.judge_hit(number, fail.clone(), Vec::new(), date, other),
                };
                prop_assert_eq!(go_on, lean_goes_on);
                let [one, other] = outcomes.map(|outcome| format!("{outcome:?}"));
                prop_assert_eq!(one, other);
                if number % 8 == 0 {
                    prop_assert_eq!(kept(&general), kept(&lean));
                }
            }
            prop_assert_eq!(kept(&general), kept(&lean));
            prop_assert_eq!(general.session_start(), lean.session_start());
            prop_assert!(general.open_session_ids().eq(lean.open_session_ids()));
            prop_assert_eq!(lean.lean.is_some(), failures.len() > from);
            prop_assert_eq!(general.unresolved(), lean.unresolved());
        }
    }
}
