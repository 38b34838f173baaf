//! `<HOST>` where only an address can stand.
//!
//! `<HOST>` also takes host names, which fail2ban then has to look up: slow, and whoever owns
//! the name decides which address that gives. Where the service writes addresses only,
//! `<ADDR>` is faster and safer.
//!
//! ```text
//! failregex = ^login failed \(ip=<HOST>\)$      bad
//! failregex = ^login failed \(ip=<ADDR>\)$      good
//! ```

use super::Subject;

/// What stands before an address and never before a name.
const BEFORE: &[&str] = &[
    "ip=",
    "ip: ",
    "IP=",
    "IP: ",
    "ip address ",
    "IP address ",
    "addr=",
    "rip=",
    "ip:",
    "IP:",
];

pub(super) fn check(subject: &mut Subject) {
    for fail in subject.failregexes() {
        let text = &fail.regex.source.text;
        let Some(at) = text.find("<HOST>") else {
            continue;
        };
        let before = text[..at].trim_end_matches(['"', '\'', '\\', '[', ' ', '*', '?']);
        let spaced = &text[..at];
        let address_only = BEFORE
            .iter()
            .any(|word| spaced.ends_with(word) || before.ends_with(word.trim_end()));
        if !address_only {
            continue;
        }
        let Some(origin) = &fail.regex.source.origin else {
            continue;
        };
        let message = format!("failregex {}: only an address stands here", fail.index + 1);
        let text = (message, "takes host names too", "write <ADDR>");
        subject.report_line((&*origin.file, origin.line), Some("<HOST>"), text);
    }
}
