//! Filters of a set that have regexes in common.

use crate::engine::filter::Filter;
use std::collections::HashMap;
use std::sync::Arc;

/// Filters that have regexes in common, directly or by way of others, are a family: what one of
/// them searched a line for, another may want to know (`line_memo`). Mostly these are the option
/// sets of one file.
#[derive(Debug)]
pub(super) struct Families {
    /// By filter, the number of its family.
    pub(super) of: Vec<usize>,
    pub(super) count: usize,
}

impl Families {
    pub(super) fn new<'f>(filters: impl Iterator<Item = &'f Filter>) -> Families {
        let mut of: Vec<usize> = Vec::new();
        let mut by_regex: HashMap<usize, usize> = HashMap::new();
        for (filter, member) in filters.enumerate() {
            of.push(filter);
            let regexes = [&member.failregexes, &member.ignoreregexes];
            let regexes = regexes.into_iter().flatten().chain(&member.prefregex);
            for regex in regexes {
                // a compiled regex, by its address
                let first = by_regex.entry(Arc::as_ptr(&regex.regex) as usize);
                let (family, joined) = (of[*first.or_insert(filter)], of[filter]);
                (of.iter_mut().filter(|of| **of == joined)).for_each(|of| *of = family);
            }
        }
        let mut numbers: Vec<usize> = of.clone();
        numbers.sort_unstable();
        numbers.dedup();
        for family in &mut of {
            *family = numbers.partition_point(|number| number < family);
        }
        Families {
            count: numbers.len(),
            of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sourced;
    use crate::engine::FilterOptions;

    #[test]
    fn a_chain_of_common_regexes_is_one_family() {
        let with = |prefregex: &str, regexes: &[&str]| {
            let mut filter = Filter::new(FilterOptions::default());
            let prefregex = Sourced::given(prefregex);
            filter.set_prefregex(prefregex).expect("it compiles");
            for regex in regexes {
                (filter.add_failregex(Sourced::given(regex))).expect("it compiles");
            }
            filter
        };
        let mut filters = [
            with("", &["a <HOST>"]),
            with("", &["b <HOST>"]),
            with("", &["c <HOST>", "d <HOST>"]),
            with("", &["d <HOST>", "e <HOST>"]),
        ];
        // regexes are one where they are compiled once
        filters[3].failregexes[0].regex = Arc::clone(&filters[2].failregexes[1].regex);
        filters[3].failregexes[1].regex = Arc::clone(&filters[0].failregexes[0].regex);
        let families = Families::new(filters.iter());
        assert_eq!(
            (families.of.as_slice(), families.count),
            (&[0, 1, 0, 0][..], 2)
        );
    }
}
