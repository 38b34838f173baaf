//! From what the regexes say of a line to its failures: sessions merged, addresses read.

use super::Session;
use super::identity::{Identity, identify, kind_of};
use super::outcome::{Found, LineOutcome, PrefregexState};
use crate::date::Timestamp;
use crate::engine::address::{Address, AddressKind};
use crate::engine::facts::{KnownLine, PrefregexFact};
use crate::engine::groups::{Groups, Key, TupleLine, Value};
use crate::engine::multiline::{BufferFacts, BufferHit, Prefregex};
use crate::engine::record::FailureRecord;
use crate::engine::session_table::MergedPlace;
use crate::engine::verdict_groups::{VerdictGroups, VerdictTexts};

impl Session<'_> {
    /// Turns the facts of a line into its verdict. `tuple` gives the line in its three parts,
    /// where failures keep their lines.
    pub(in crate::engine) fn judge(
        &mut self,
        line: KnownLine,
        tuple: impl Fn() -> TupleLine,
        outcome: &mut LineOutcome,
    ) {
        let KnownLine {
            facts,
            texts,
            fact,
            date,
            no_date,
        } = line;
        let ignored_by = facts.ignored_by(fact).iter();
        outcome
            .ignored_by
            .extend(ignored_by.map(|&index| index as usize));
        outcome.exhausted.extend_from_slice(facts.exhausted(fact));
        let hits = facts.hits(fact);
        let filter = self.filter;
        match fact.prefregex {
            PrefregexFact::Matched(_) => self.prefregex.matched = true,
            PrefregexFact::Missed => self.prefregex.matched = false,
            PrefregexFact::NotTried => {}
        }
        outcome.undated_match |= no_date && !hits.is_empty();
        if facts.projects(filter) {
            for hit in hits {
                let groups = facts.projected(hit, texts);
                self.judge_hit(hit.regex as usize, &groups, None, date, outcome);
            }
            return;
        }
        let mut prefregex_groups = Groups::default();
        if let (PrefregexFact::Matched(spans), Some(regex)) = (fact.prefregex, &filter.prefregex) {
            if self.keep_prefregex {
                self.prefregex.groups = facts.groups(regex, spans, texts);
            }
            if !hits.is_empty() {
                prefregex_groups = facts.groups(regex, spans, texts);
                prefregex_groups.take(Key::CONTENT);
            }
        }
        for hit in hits {
            let index = hit.regex as usize;
            let groups = facts.groups(&filter.failregexes[index], hit.spans.0, texts);
            let mut fail = groups.over(&prefregex_groups);
            self.judge_dictionary(index, &mut fail, || vec![tuple()], date, outcome);
        }
    }

    /// Turns what was found in the buffer of a multi-line filter into the verdict on the line
    /// that came last. It is left where it stands, as the thread that judges has enough to do.
    pub(super) fn judge_buffer(
        &mut self,
        facts: &mut BufferFacts,
        date: Option<Timestamp>,
        no_date: bool,
        outcome: &mut LineOutcome,
    ) {
        outcome.ignored_by.extend_from_slice(&facts.ignored_by);
        outcome.exhausted.extend_from_slice(&facts.exhausted);
        outcome.taken.extend_from_slice(&facts.taken);
        match &mut facts.prefregex {
            Prefregex::NotTried => {}
            Prefregex::Missed => self.prefregex = PrefregexState::default(),
            Prefregex::Matched(groups) => {
                self.prefregex = PrefregexState {
                    matched: true,
                    groups: std::mem::take(groups),
                };
            }
        }
        for hit in &mut facts.hits {
            outcome.undated_match |= no_date;
            let BufferHit { regex, fail, lines } = hit;
            let lines = || lines.iter().map(|line| TupleLine::clone(line)).collect();
            self.judge_dictionary(*regex, fail, lines, date, outcome);
        }
    }

    /// Judges a match that is known by its dictionary, which may be taken.
    fn judge_dictionary(
        &mut self,
        regex: usize,
        fail: &mut Groups,
        lines: impl FnOnce() -> Vec<TupleLine>,
        date: Option<Timestamp>,
        outcome: &mut LineOutcome,
    ) {
        if !self.keep_data
            && let Some(groups) = VerdictGroups::of(fail)
        {
            return self.judge_hit(regex, &groups, None, date, outcome);
        }
        let texts = VerdictTexts::of(fail);
        let record = self.keep_data.then(|| {
            let lines = if self.keeps_lines() {
                lines()
            } else {
                Vec::new()
            };
            Box::new(FailureRecord {
                groups: std::mem::take(fail),
                lines,
            })
        });
        self.judge_hit(regex, &texts.groups(), record, date, outcome);
    }

    /// Merges a match into its session, finds out whom it names, and adds its failure.
    ///
    /// Where only the first failregex counts, upstream ends the search behind every match
    /// that names someone, whatever becomes of it: so there is one match to judge then, and
    /// nothing to stop here.
    fn judge_hit(
        &mut self,
        regex: usize,
        fail: &VerdictGroups,
        record: Option<Box<FailureRecord>>,
        date: Option<Timestamp>,
        outcome: &mut LineOutcome,
    ) {
        let options = self.filter.options;
        let merged = self.sessions.merge(fail, record);
        let nofail = merged.nofail;
        if nofail && !options.check_all && fail.get(Key::MLFID).is_some() {
            return;
        }
        let users = merged.users();
        let identity = identify(|key| merged.get(key), options.usedns, options.raw);
        let (mut id, mut kind, mut beside) = (None, AddressKind::Id, None);
        let mut resolved = None;
        let pending = matches!(identity, Identity::Pending);
        match identity {
            Identity::Pending => {}
            Identity::One(named) => {
                let address = self.addresses.read(named.text, named.reading);
                kind = named.kind.unwrap_or_else(|| kind_of(&address));
                id = Some(address);
                if self.keep_data {
                    beside = named.beside.map(|(ip, reading)| Address::new(ip, reading));
                }
            }
            Identity::Host(name) => {
                resolved = Some(self.resolver.text_to_ip(name, options.usedns));
            }
        }
        let place = merged.place;
        if pending && let MergedPlace::Session(session) = place {
            self.sessions.set_pending(session);
        }
        let data = self
            .keep_data
            .then(|| self.complete(place, pending, beside));
        if pending && !options.check_all && options.ignore_pending {
            return;
        }
        let found = Found {
            regex,
            id,
            kind,
            date,
            nofail,
            data: data.flatten(),
            users,
        };
        match resolved {
            None => outcome.found.push(found),
            Some(addresses) => outcome.found.extend(addresses.into_iter().map(|id| Found {
                kind: kind_of(&id),
                id: Some(id),
                ..found.clone()
            })),
        }
    }

    /// Completes the dictionary of a failure that has been identified; a copy of it.
    fn complete(
        &mut self,
        place: MergedPlace,
        pending: bool,
        beside: Option<Address>,
    ) -> Option<Box<Groups>> {
        let complete = |groups: &mut Groups| {
            if pending {
                groups.set(Key::MLFPENDING, Value::Number(1));
            }
            if let Some(ip) = beside {
                groups.set(Key::IP, Value::Text(ip.text));
            }
        };
        match place {
            MergedPlace::Session(session) => {
                let groups = self.sessions.record_mut(session)?;
                complete(groups);
                Some(Box::new(groups.clone()))
            }
            MergedPlace::Nowhere(record) => {
                let mut groups = record?;
                complete(&mut groups);
                Some(groups)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::{Clock, TimeZone};
    use crate::engine::dns::UseDns;
    use crate::engine::filter::{Filter, FilterOptions};
    use crate::engine::groups::Value;
    use crate::engine::verdict_groups::{SESSION_GROUPS, VERDICT_GROUPS};
    use proptest::prelude::*;

    /// One failure: what is under the keys that decide, in whatever order.
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
            flag(12).boxed(),
        ];
        let order = Just(VERDICT_GROUPS.to_vec()).prop_shuffle();
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

    /// What the dictionaries of the open sessions say of what decides.
    fn recorded(session: &Session) -> Vec<(String, String, bool, Vec<String>)> {
        let sessions = session.open_sessions().map(|(id, groups)| {
            let kept = VERDICT_GROUPS[..SESSION_GROUPS].iter();
            let texts = kept.map(|key| groups.present(*key));
            let texts = texts.map(|v| v.map(|v| v.to_text().to_string()));
            (
                id.to_string(),
                format!("{:?}", texts.collect::<Vec<_>>()),
                groups.is_true(Key::MLFPENDING),
                groups.users().iter().map(ToString::to_string).collect(),
            )
        });
        sessions.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// The dictionaries beside the sessions say what the sessions decide by, and nothing
        /// is judged otherwise for them.
        #[test]
        fn records_decide_nothing_and_say_the_same(
            failures in prop::collection::vec(failure(), 1..250),
            options in options(),
        ) {
            let filter = Filter::new(options);
            let clock = Clock::in_zone(1_795_176_000.0, TimeZone::local());
            let mut recording = Session::new(&filter, &clock, None).keep_data(true);
            let mut session = Session::new(&filter, &clock, None);
            for (number, fail) in failures.iter().enumerate() {
                let date = Some(Timestamp::Int(number as i64));
                let mut outcomes = [LineOutcome::default(), LineOutcome::default()];
                let [one, other] = &mut outcomes;
                recording.judge_dictionary(number, &mut fail.clone(), Vec::new, date, one);
                session.judge_dictionary(number, &mut fail.clone(), Vec::new, date, other);
                for found in &mut one.found {
                    let data = found.data.take().expect("it is kept");
                    prop_assert_eq!(data.is_true(Key::NOFAIL), found.nofail);
                    let user = data.present(Key::USER).filter(|user| user.is_true());
                    let users = match data.users() {
                        [] => user.map(Value::to_text).into_iter().collect(),
                        users => users.to_vec(),
                    };
                    prop_assert_eq!(&users[..], &found.users[..]);
                }
                let [one, other] = outcomes.map(|outcome| format!("{outcome:?}"));
                prop_assert_eq!(one, other);
                prop_assert_eq!(recorded(&recording), recording.sessions.kept());
            }
            prop_assert_eq!(recording.sessions.kept(), session.sessions.kept());
            prop_assert_eq!(recording.session_start(), session.session_start());
            prop_assert!(recording.open_session_ids().eq(session.open_session_ids()));
            prop_assert_eq!(recording.unresolved(), session.unresolved());
        }
    }
}
