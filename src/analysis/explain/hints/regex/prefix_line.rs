//! `%(__prefix_line)s` and `%(__on_port_opt)s` in a regex given as text: only files have them replaced.

use super::super::prefix::{regex_for, syslog_prefix};
use super::{Case, Offer};

const REFERENCE: &str = "%(__prefix_line)s";
/// What the filter sshd has for the port behind an address.
const PORT: &str = "%(__on_port_opt)s";

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    if case.source.contains(PORT) {
        return vec![Offer {
            code: "prefix-line",
            why: format!(
                "`{PORT}` is replaced in the files of the filter sshd only; in a regex given as \
                 text, write out what stands there"
            ),
            regex: case.source.replace(PORT, r"(?: port \d+)?"),
        }];
    }
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
