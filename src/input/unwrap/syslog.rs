//! A line with a syslog header that was given another one by a relay: the outer is taken off.
//!
//! Only a line is wrapped that begins like one behind the header, or has a date there; the message
//! of an ordinary line does not, and such a line stays as it is.

use super::kind::Record;
use super::outer::OuterDate;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// RFC 3164's date, perhaps with a year or a fraction.
const BSD: &str = r"[A-Z][a-z]{2} [ 0-3]?[0-9] (?:[0-9]{4} )?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?: [0-9]{4})?";
/// RFC 5424's date.
const ISO: &str = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})";

/// A word of a header. Like the digits above it is spelled out: the classes of Unicode behind
/// `\S` and `\d` make regexes that take a hundred times as long to compile as to use.
const WORD: &str = r"[^ \t]+";
/// A priority, which a line need not have.
const PRI: &str = "(?:<[0-9]{1,3}>)?";

/// A pattern that is compiled when it is first asked for.
type Pattern = LazyLock<Option<Regex>>;

/// RFC 5424: priority, version, date, host, program, process, message id, data.
static STRUCTURED: Pattern = LazyLock::new(|| {
    let data = r#"(?:-|(?:\[(?:[^\]\\"]|"(?:[^"\\]|\\.)*"|\\.)*\])+)"#;
    regex(&format!(
        r"^{PRI}1 (?P<date>{ISO}|-) {WORD} {WORD} {WORD} {WORD} {data} \u{{feff}}?"
    ))
});
/// Date, host, tag.
static TAGGED: Pattern = LazyLock::new(|| {
    regex(&format!(
        r"^{PRI}(?P<date>{BSD}|{ISO}) {WORD} [^ \t:\[\]]+(?:\[[^\] \t]*\])?: "
    ))
});
/// Date and host: of a relay that left no tag.
static BARE: Pattern = LazyLock::new(|| regex(&format!(r"^{PRI}(?P<date>{BSD}|{ISO}) {WORD} ")));
/// What a line with a date begins with.
static DATED: Pattern = LazyLock::new(|| {
    let year_first = "[0-9]{4}[-/.][0-9]{2}[-/.][0-9]{2}[T ]";
    let day_first = "[0-9]{2}[-/][A-Z][a-z]{2}[-/][0-9]{4}[: ]";
    let named = "[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] ";
    let access =
        format!(r"{WORD} {WORD} {WORD} \[[0-9]{{2}}/[A-Z][a-z]{{2}}/[0-9]{{4}}:[0-9]{{2}}:");
    regex(&format!(
        r"^(?:(?P<pri><[0-9]{{1,3}}>)?(?:{BSD}|{ISO})|{PRI}1 {ISO}|[\[(]?(?:{year_first}|{day_first}|{named})[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}|{access})"
    ))
});
/// What a line without one begins with.
static UNDATED: Pattern =
    LazyLock::new(|| regex(r"^(?:[A-Za-z0-9_.-]+ )?[A-Za-z0-9_./-]+\[[0-9]+\]: "));

fn regex(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

fn captures<'l>(pattern: &Pattern, line: &'l str) -> Option<Captures<'l>> {
    pattern.as_ref()?.captures(line)
}

fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|regex| regex.is_match(text))
}

/// The line behind the outer header; None where there is no other.
pub(super) fn record(line: &str) -> Option<Record<'_>> {
    // a date or a priority
    if !line.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '<') {
        return None;
    }
    // a date has two colons, and what stands behind the header two more, if not in a header
    // without a date: most lines need no regex
    let may_lack_date = line.starts_with('<') || line.starts_with("1 ");
    if !may_lack_date && memchr::memchr_iter(b':', line.as_bytes()).count() < 4 {
        return None;
    }
    [&STRUCTURED, &TAGGED, &BARE]
        .into_iter()
        .find_map(|header| {
            let found = captures(header, line)?;
            let text = line[found.get(0)?.end()..].trim_start_matches(' ');
            let is_bare = std::ptr::eq(header, &BARE);
            let text = match captures(&DATED, text) {
                // a priority is of the transport, not of the line
                Some(begin) => &text[begin.name("pri").map_or(0, |pri| pri.end())..],
                None if !is_bare && matches(&UNDATED, text) => text,
                None => return None,
            };
            Some(of(&found, text))
        })
}

/// What stands behind a header with a tag, whatever it is: a line if it has a date.
pub(super) fn behind_header(line: &str) -> Option<Record<'_>> {
    [&STRUCTURED, &TAGGED].into_iter().find_map(|header| {
        let found = captures(header, line)?;
        let text = line[found.get(0)?.end()..].trim_start_matches(' ');
        Some(of(&found, text))
    })
}

fn of<'l>(header: &Captures<'l>, text: &'l str) -> Record<'l> {
    let date = header.name("date");
    Record {
        text: Cow::Borrowed(text),
        stream: Cow::Borrowed(""),
        is_partial: false,
        date: date.and_then(|date| OuterDate::text(Cow::Borrowed(date.as_str()))),
    }
}

/// Whether a text begins as a line of a log does, with a date or a program's name and process.
pub(super) fn begins_line(text: &str) -> bool {
    matches(&DATED, text) || matches(&UNDATED, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outer_header_goes() {
        let line = "Nov 20 10:00:00 web sshd[2]: Failed password for root";
        for outer in [
            "Nov 20 10:00:01 gw relay[1]: ",
            "<13>Nov  2 10:00:01 gw relay: ",
            "Nov 20 10:00:01 gw docker/web[77]: <34>",
            "2026-11-20T10:00:01.123456+01:00 gw app[1]: ",
            "2026-11-20T10:00:01Z gw app[1]:  ",
            "<34>1 2026-11-20T10:00:01Z gw app 1 - - ",
            "<34>1 2026-11-20T10:00:01Z gw app - ID47 [a@1 b=\"]\\\"\" c=\"d\"][e@2] \u{feff}",
            "<34>1 - gw app 1 - - ",
            "Nov 20 10:00:01 gw ",
        ] {
            let wrapped = format!("{outer}{line}");
            let found = record(&wrapped).expect(outer);
            assert_eq!(found.text, line, "{outer}");
        }
        for inner in [
            "2026/11/20 10:00:00 [error] 1#1: x",
            "192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] \"GET /\"",
            "sshd[2]: Failed password",
            "web sshd[2]: Failed password",
        ] {
            let wrapped = format!("Nov 20 10:00:01 gw nginx: {inner}");
            let found = record(&wrapped).map(|found| found.text.into_owned());
            assert_eq!(found.as_deref(), Some(inner));
        }
    }

    #[test]
    fn an_ordinary_line_has_one_header() {
        for line in [
            "Nov 20 10:00:00 web sshd[2]: Failed password for root from 192.0.2.1 port 1 ssh2",
            "Nov 20 10:00:00 web postfix/smtpd[2]: NOQUEUE: reject: RCPT from x[192.0.2.1]",
            "Nov 20 10:00:00 web kernel: [123.4] DROP IN=eth0",
            "Nov 20 10:00:00 web dovecot: auth-worker(1): pam(x,192.0.2.1): failed",
            "<34>1 2026-11-20T10:00:01Z gw app 1 - - login failed",
            "2026-11-20T10:00:01Z gw app[1]: login failed",
            "Nov 20 10:00:00 web",
            "",
        ] {
            assert_eq!(record(line), None, "{line}");
        }
    }
}
