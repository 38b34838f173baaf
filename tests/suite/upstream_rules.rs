//! Rules of fail2ban-regex that nobody would guess. Every expectation is what it printed.

use crate::util::Place;
use assert_cmd::Command;
use std::path::PathBuf;

struct Case {
    directory: Place,
}

impl Case {
    fn new(filter: &str, log: &[u8]) -> Case {
        let directory = Place::new();
        std::fs::write(directory.path().join("app.conf"), filter).expect("a filter");
        std::fs::write(directory.path().join("app.log"), log).expect("a log");
        Case { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What is printed in the format of fail2ban-regex.
    fn classic(&self, options: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_f2b-regex"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .args(["--now", "2026-11-20T12:00:00Z", "--format", "classic"])
            .args(options)
            .args([self.path("app.log"), self.path("app.conf")])
            .output()
            .expect("the binary starts");
        String::from_utf8(output.stdout).expect("reports are UTF-8")
    }

    fn counts(&self, options: &[&str]) -> String {
        let report = self.classic(options);
        let counts = report.lines().find_map(|line| line.strip_prefix("Lines: "));
        counts
            .unwrap_or_else(|| panic!("no counts in {report}"))
            .to_string()
    }
}

/// What prefregex leaves to the failregexes has a newline behind it, wherever in the line it ends.
#[test]
fn content_ends_in_a_newline() {
    let filter = "[Definition]\nprefregex = ^<F-CONTENT>.+?</F-CONTENT>(?: end)?$\n\
                  failregex = ^\\s*<HOST>x\\n\n";
    let log = b"2026-11-20 10:00:00 192.0.2.1x end\n2026-11-20 10:00:00 192.0.2.1 end\n";
    let case = Case::new(filter, log);
    assert_eq!(case.counts(&[]), "2 lines, 0 ignored, 1 matched, 1 missed");
}

/// Where only the first failregex counts, a match uses the line up, also one that names
/// nobody: those behind it are searched for in an empty line.
#[test]
fn a_match_without_a_failure_id_empties_the_line() {
    let regexes = "fail <HOST>|\n  x from <HOST>$";
    let plain = format!("[Definition]\nfailregex = {regexes}\n");
    let ignoring = format!("{plain}ignoreregex = ^$\n");
    let content = "[Definition]\nprefregex = ^ <F-CONTENT>.+</F-CONTENT>$\n\
                   failregex = ^y <HOST>|^x\n  x from <HOST>$\n";
    for filter in [plain.as_str(), ignoring.as_str(), content] {
        let case = Case::new(filter, b" x from 192.0.2.1\n");
        assert_eq!(case.classic(&["-o", "id"]), "", "{filter}");
        assert_eq!(
            case.counts(&["--no-check-all"]),
            "1 lines, 0 ignored, 0 matched, 1 missed"
        );
        assert_eq!(case.counts(&[]), "1 lines, 0 ignored, 1 matched, 0 missed");
    }
    // the third matches the empty line, and the id it captures there is an empty text
    let filter = "[Definition]\nfailregex = <HOST> nobody|\n  ^$<F-ID></F-ID>\n";
    let case = Case::new(filter, b" x from 192.0.2.1\n");
    assert_eq!(
        case.counts(&["--no-check-all"]),
        "1 lines, 0 ignored, 1 matched, 0 missed"
    );
    assert_eq!(case.counts(&[]), "1 lines, 0 ignored, 0 matched, 1 missed");
}

/// A group of the name a session's own mark has counts as the mark.
#[test]
fn a_group_called_mlfpending_makes_a_failure_pending() {
    let filter = "[Definition]\nfailregex = <F-NOFAIL><F-MLFID>session \\d</F-MLFID></F-NOFAIL> \
                  (?P<mlfpending>\\w+) from <HOST>\n";
    let case = Case::new(filter, b"session 1 b from 192.0.2.3\n");
    assert_eq!(case.counts(&[]), "1 lines, 0 ignored, 1 matched, 0 missed");
    assert_eq!(case.classic(&["-o", "id"]), "192.0.2.3\n");
}

const TICKET: &str = "BanTicket: ip=192.0.2.1 time=1795143600.0 bantime=None bancount=0 \
                      #attempts=0 matches=[('', 'Nov 20 03:00:00', ' fail 192.0.2.1 é')]\n";

#[test]
fn tickets_are_printed_as_python_does() {
    let filter = "[Definition]\nfailregex = fail <HOST>\n";
    let case = Case::new(filter, "Nov 20 03:00:00 fail 192.0.2.1 é\n".as_bytes());
    assert_eq!(case.classic(&["-o", "<raw-ticket>"]), TICKET);
    let data = "{'matches': [('', 'Nov 20 03:00:00', ' fail 192.0.2.1 é')], 'failures': 0, \
                'ip4': '192.0.2.1'}\n";
    assert_eq!(case.classic(&["-o", "<F-*>"]), data);
    assert_eq!(
        case.classic(&["-o", "<failures> <F-FAILURES> <F-MATCHES>"]),
        "0 0 [('', 'Nov 20 03:00:00', ' fail 192.0.2.1 é')]\n"
    );
    // without failures the line is a text
    let case = Case::new(filter, b"Nov 20 03:00:00 it's\n");
    assert_eq!(
        case.classic(&["-i", "-o", "<F-MATCHES>"]),
        "[\"Nov 20 03:00:00 it's\"]\n"
    );
}

#[test]
fn a_group_called_failures_is_the_count() {
    let filter = "[Definition]\nfailregex = fail <HOST> <F-FAILURES>\\S+</F-FAILURES>\n";
    let case = Case::new(filter, "Nov 20 03:00:00 fail 192.0.2.1 é\n".as_bytes());
    assert_eq!(case.classic(&["-o", "<failures> <F-FAILURES>"]), "é é\n");
}

#[test]
fn debuggex_links_hold_the_bytes_of_the_log() {
    let filter = "[Definition]\nfailregex = fail <HOST>\n";
    let str_of = |encoding: &str, log: &[u8]| {
        let case = Case::new(filter, log);
        let report = case.classic(&["-D", "--print-all-matched", "-e", encoding]);
        let (_, rest) = report.split_once("&str=").expect("a link");
        rest.split('&').next().unwrap_or_default().to_string()
    };
    assert_eq!(
        str_of("latin-1", b"fail 192.0.2.1 \xe9\n"),
        "fail+192.0.2.1+%E9"
    );
    assert_eq!(
        str_of("utf-8", b"fail 192.0.2.1 \xc3\xa9\n"),
        "fail+192.0.2.1+%C3%A9"
    );
    assert_eq!(
        str_of("koi8-r", b"fail 192.0.2.1 \xc1\n"),
        "fail+192.0.2.1+%C1"
    );
    // what was no character of the encoding is none now
    assert_eq!(str_of("ascii", b"fail 192.0.2.1 \xe9\n"), "fail+192.0.2.1+");
}

/// Bytes that are no characters are what CPython's decoders make of them, line by line.
#[test]
fn texts_are_what_cpython_decodes() {
    let filter = "[Definition]\nfailregex = ^\\s*(?P<x>\\S*) from <HOST>$\n";
    let lines: [(&str, &[&[u8]], &str); 9] = [
        (
            "shift_jis",
            &[b"\x93\xfa\x81", b"a\x82", b"\xa0\xfd"],
            "日\u{fffd} a\u{fffd} \u{fffd}\u{fffd}",
        ),
        ("utf-8-sig", &[b"a", b"b"], "a b"),
        (
            "euc_jp",
            &[b"\xa4\xa2\x8f", b"\xad\xa1"],
            "あ\u{fffd} \u{fffd}\u{fffd}",
        ),
        (
            "gb18030",
            &[b"\x810\x81", b"\x80\xb0\xa1"],
            "\u{fffd}0\u{fffd} \u{fffd}啊",
        ),
        (
            "gb2312",
            &[b"\xb0\xa1\x80", b"\xa8\xbf\xfe"],
            "啊\u{fffd} \u{fffd}傀",
        ),
        ("big5", &[b"\xa4\xa4\x87\x40"], "中\u{fffd}@"),
        (
            "euc_kr",
            &[b"\xa4\xd4\xa4\xa1\xa4\xbf\xa4\xd4", b"\xa4\xd4"],
            "가 \u{fffd}\u{fffd}",
        ),
        ("iso2022_jp", &[b"\x1b$B0!\x1b(B"], "亜"),
        ("cp1252", &[b"\x81\x8f"], "\u{fffd}\u{fffd}"),
    ];
    for (encoding, users, wanted) in lines {
        let mut log = Vec::new();
        for (second, user) in users.iter().enumerate() {
            let mark: &[u8] = if encoding == "utf-8-sig" {
                b"\xef\xbb\xbf"
            } else {
                b""
            };
            let date = format!("Nov 20 10:00:0{second} ");
            log.extend([mark, date.as_bytes(), user, b" from 192.0.2.1\n"].concat());
        }
        let case = Case::new(filter, &log);
        let rows = case.classic(&["-e", encoding, "-o", "<F-X>"]);
        let rows: Vec<&str> = rows.lines().collect();
        assert_eq!(rows.join(" "), wanted, "{encoding}");
    }
}
