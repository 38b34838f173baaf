//! Two places of one failregex can give the address.
//!
//! fail2ban takes the first that took part of `<F-ID>`, an IPv4 address, an IPv6 address, a
//! host name: which of two places wins depends on what stands there, not on the order. One of
//! them is often text of the attacker's.
//!
//! ```text
//! failregex = ^login of <DNS> from <IP4>     bad: which one is it?
//! failregex = ^login of \S+ from <HOST>      good
//! ```
//!
//! Alternatives (`<IP4>|<IP6>`, as in `<HOST>`) are one place.

use super::Subject;
use crate::engine::groups::{HOST_GROUPS, Key};
use crate::pattern::ast::{GroupKind, Kind, Node};
use std::ops::Range;

pub(super) fn check(subject: &mut Subject) {
    for fail in subject.failregexes() {
        let mut places = Vec::new();
        collect(&fail.regex.regex.ast().root, &mut places);
        if places.len() < 2 {
            continue;
        }
        // an address apart from a failure id is what <F-ID> is for
        let message = format!(
            "failregex {}: {} places can give the address",
            fail.index + 1,
            places.len()
        );
        subject.report_regex(
            fail.set,
            fail.regex,
            Some(places[1].clone()),
            (
                message,
                "the second one",
                "name the address once; match the other place without a tag",
            ),
        );
    }
}

/// Places of addresses that can take part in one match together.
fn collect(node: &Node, places: &mut Vec<Range<usize>>) {
    match &node.kind {
        Kind::Group(group) => match &group.kind {
            GroupKind::Capture {
                name: Some(name), ..
            } if Key::is_among(name, &HOST_GROUPS) => {
                places.push(node.span.start..node.span.end);
            }
            _ => collect(&group.node, places),
        },
        Kind::Concat(nodes) => nodes.iter().for_each(|node| collect(node, places)),
        Kind::Repeat(repeat) => collect(&repeat.node, places),
        Kind::Alternation(branches) => {
            let most = branches.iter().map(|branch| {
                let mut own = Vec::new();
                collect(branch, &mut own);
                own
            });
            places.extend(most.max_by_key(Vec::len).unwrap_or_default());
        }
        Kind::Conditional(conditional) => {
            let mut yes = Vec::new();
            collect(&conditional.yes, &mut yes);
            let mut no = Vec::new();
            if let Some(node) = &conditional.no {
                collect(node, &mut no);
            }
            places.extend(if yes.len() >= no.len() { yes } else { no });
        }
        _ => {}
    }
}
