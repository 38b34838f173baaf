//! `%(__prefix_line)s` in a regex given as text: only files have it replaced.

use super::super::prefix::{regex_for, syslog_prefix};
use super::{Case, Offer};

const REFERENCE: &str = "%(__prefix_line)s";

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    if !case.source.contains(REFERENCE) {
        return Vec::new();
    }
    let Some(prefix) = syslog_prefix(case.text) else {
        return Vec::new();
    };
    let instead = regex_for(prefix.text, prefix.daemon) + r"\s+";
    vec![Offer {
        code: "prefix-line",
        why: format!(
            "`{REFERENCE}` is replaced in filter files only; in a regex given as text, write out \
             what stands there (`{}`), or put the regex into a filter with `before = common.conf`",
            prefix.text.trim()
        ),
        regex: case.source.replace(REFERENCE, &instead),
    }]
}
