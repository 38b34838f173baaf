//! CRI's log form: `2026-11-20T10:00:00.123456789Z stdout F text`. The third word is a list of
//! tags, the first of them `F`, or `P` where the line goes on in the next record of the stream.

use super::kind::Record;
use super::outer::OuterDate;
use std::borrow::Cow;

/// A record; None where the line is none.
pub(super) fn record(line: &str) -> Option<Record<'_>> {
    let bytes = line.as_bytes();
    // 2026-11-20T…
    if bytes.get(10) != Some(&b'T') || !bytes[0].is_ascii_digit() {
        return None;
    }
    let (date, rest) = line.split_once(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    if !matches!(stream, "stdout" | "stderr") {
        return None;
    }
    // of an empty line nothing, not even the blank, may be left
    let (tags, text) = rest.split_once(' ').unwrap_or((rest.trim_end(), ""));
    let is_partial = match tags.split(':').next()? {
        "F" => false,
        "P" => true,
        _ => return None,
    };
    Some(Record {
        text: Cow::Borrowed(text),
        stream: Cow::Borrowed(stream),
        is_partial,
        date: Some(OuterDate::rfc3339(date)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_told() {
        let found = record("2026-11-20T10:00:00.123456789Z stdout F a b ").expect("a record");
        assert_eq!((&*found.text, found.is_partial), ("a b ", false));
        assert_eq!(found.date, Some(OuterDate::Instant(1_795_168_800_123_456)));
        let found = record("2026-11-20T11:00:00+01:00 stderr P:x a").expect("a record");
        assert_eq!((&*found.stream, found.is_partial), ("stderr", true));
        assert_eq!(found.date, Some(OuterDate::Instant(1_795_168_800_000_000)));
        let found = record("2026-11-20T10:00:00Z stdout F").expect("a record");
        assert_eq!(&*found.text, "");
        for other in [
            "",
            "2026-11-20T",
            "2026-11-20T10:00:00Z stdin F a",
            "2026-11-20T10:00:00Z stdout X a",
            "2026-11-20T10:00:00Z stdout",
            "2026-13-20T10:00:00Z stdout F a",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}T stdout F a",
        ] {
            assert_eq!(record(other), None, "{other}");
        }
    }
}
