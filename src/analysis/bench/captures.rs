//! What two filters captured in a line, compared by the groups' names.

use super::comparison::CaptureChange;
use crate::engine::groups::{Key, Names, Value};
use crate::engine::session::Found;
use std::collections::{BTreeMap, HashMap};

/// What fail2ban keeps for itself between the lines of a session.
const OWN: [Key; 4] = [
    Key::MATCHES,
    Key::NOFAIL_MATCHES,
    Key::MLFPENDING,
    Key::CONTENT,
];

/// The group names of two filters.
#[derive(Debug)]
pub(super) struct GroupNames<'a> {
    filter: &'a Names,
    against: &'a Names,
    /// The other filter's key of the same name, of those met.
    same: HashMap<Key, Option<Key>>,
}

impl<'a> GroupNames<'a> {
    pub(super) fn new(filter: &'a Names, against: &'a Names) -> GroupNames<'a> {
        GroupNames {
            filter,
            against,
            same: HashMap::new(),
        }
    }

    /// The groups that differ between a hit of the filter and one of the other, by name.
    pub(super) fn changes(&mut self, here: &Found, there: &Found) -> Vec<CaptureChange> {
        if self.are_alike(here, there) {
            return Vec::new();
        }
        let mut all: BTreeMap<&str, [Option<&Value>; 2]> = BTreeMap::new();
        for (side, found, names) in [(0, here, self.filter), (1, there, self.against)] {
            for (key, value) in named(found) {
                all.entry(names.name(key)).or_default()[side] = Some(value);
            }
        }
        let text = |value: Option<&Value>| value.map(|value| value.to_text().to_string());
        let texts = all
            .into_iter()
            .map(|(group, values)| (group, values.map(text)));
        let changed = texts.filter(|(_, [filter, against])| filter != against);
        changed
            .map(|(group, [filter, against])| CaptureChange {
                failregex: here.regex + 1,
                group: group.to_owned(),
                filter,
                against,
            })
            .collect()
    }

    /// Whether the groups are the same, values and names; nearly all are.
    fn are_alike(&mut self, here: &Found, there: &Found) -> bool {
        let Some(others) = &there.data else {
            return here.data.is_none();
        };
        let mut count = 0;
        for (key, value) in named(here) {
            count += 1;
            let same =
                *(self.same.entry(key)).or_insert_with(|| self.against.get(self.filter.name(key)));
            if same.and_then(|same| others.get(same)) != Some(value) {
                return false;
            }
        }
        count == named(there).count()
    }
}

/// The failure dictionary of a hit, without what took no part.
fn named(found: &Found) -> impl Iterator<Item = (Key, &Value)> {
    let all = found.data.iter().flat_map(|data| data.iter());
    all.filter(|(key, value)| !OWN.contains(key) && **value != Value::None)
}
