//! What other tools and languages write in a regex or a date, and names of users, daemons and keys
//! that the regex does not know; and regexes that say what they seem to leave out on purpose.

use crate::explain_kinds::{Kind, report, try_all};
use serde_json::Value;

const LOCK: &[&str] = &[
    "2026-11-20 10:00:01 lock[7]: code refused for ada from 192.0.2.5 port 4001",
    "2026-11-20 10:00:02 lock[8]: code refused for Eve-2 from 192.0.2.6 port 4002",
];
const BOTH: &[&str] = &["192.0.2.5", "192.0.2.6"];

const fn lock(typed: &'static str, code: &'static str, change: &'static str) -> Kind {
    Kind {
        lines: LOCK,
        typed,
        code,
        change,
        found: BOTH,
    }
}

#[test]
fn what_another_dialect_writes_is_told_in_python_s() {
    try_all(&[
        lock(
            r"lock\[[[:digit:]]+\]: code refused for [[:alnum:]-]+ from <HOST>",
            "posix-class",
            r"lock\[\d+\]: code refused for [a-zA-Z0-9-]+ from <HOST>",
        ),
        lock(
            r"lock\[[:digit:]\]: code refused for [^[:space:]]+ from <HOST>",
            "posix-class",
            r"lock\[\d\]: code refused for \S+ from <HOST>",
        ),
        lock(
            r"lock\\[\\d+\\]: code refused for \\S+ from <HOST>",
            "doubled-backslash",
            r"lock\[\d+\]: code refused for \S+ from <HOST>",
        ),
        lock(
            r"lock\[[0-9]\+\]: code refused for \S\+ from <HOST>",
            "other-dialect",
            r"lock\[[0-9]+\]: code refused for \S+ from <HOST>",
        ),
        lock(
            r"lock\[\d\{1,5\}\]: code \(refused\|denied\) for \S+ from <HOST>",
            "other-dialect",
            r"lock\[\d{1,5}\]: code (?:refused|denied) for \S+ from <HOST>",
        ),
        lock(
            r"\<lock\>\[\d+\]: code refused for \S+ from <HOST>",
            "other-dialect",
            r"\block\b\[\d+\]: code refused for \S+ from <HOST>",
        ),
        lock(
            "/code REFUSED for .* from <HOST> port/i",
            "delimiters",
            "(?i)code REFUSED for .* from <HOST> port",
        ),
        lock(
            r#"r"code refused for \S+ from <HOST>""#,
            "delimiters",
            r"code refused for \S+ from <HOST>",
        ),
        lock(
            "lock*: code refused for * from <HOST> port",
            "not-a-glob",
            r"lock\S*: code refused for \S+ from <HOST> port",
        ),
        lock(
            r"code refused for \S+$ from <HOST>",
            "anchor-inside",
            r"code refused for \S+ from <HOST>",
        ),
        lock(
            r"^\s*lock\[\d+\]: ^code refused for \S+ from <HOST>",
            "anchor-inside",
            r"^\s*lock\[\d+\]: code refused for \S+ from <HOST>",
        ),
    ]);
}

#[test]
fn names_that_the_regex_does_not_know_are_told() {
    try_all(&[
        lock(
            r"code refused for [a-z]+ from <HOST>",
            "name-too-narrow",
            r"code refused for \S+ from <HOST>",
        ),
        lock(
            r"^\s*bolt\[\d+\]: code refused for \S+ from <HOST> port",
            "other-daemon",
            r"^\s*lock\[\d+\]: code refused for \S+ from <HOST> port",
        ),
        Kind {
            lines: &[
                "2026-11-20 10:00:01 WARNING login failed from 192.0.2.5",
                "2026-11-20 10:00:02 WARNING login failed from 192.0.2.6",
            ],
            typed: r"^\s*ERROR login failed from <HOST>$",
            code: "other-word",
            change: r"^\s*WARNING login failed from <HOST>$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login failed from 2001:db8::5",
                "2026-11-20 10:00:02 login failed from 2001:db8::6",
            ],
            typed: "login failed from <IP4>$",
            code: "one-family",
            change: "login failed from <ADDR>$",
            found: &["2001:db8::5", "2001:db8::6"],
        },
        Kind {
            lines: &[r#"2026-11-20 10:00:01 {"msg": "login failed", "peer": "192.0.2.5"}"#],
            typed: r#""msg": "login failed", "client": "<HOST>""#,
            code: "json-key",
            change: r#""msg": "login failed", "peer": "<HOST>""#,
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                r#"{"time":"2026-11-20T10:00:01Z","peer": "192.0.2.5","msg": "login failed"}"#,
            ],
            typed: r#""msg": "login failed","peer": "<HOST>""#,
            code: "key-order",
            change: r#"^(?=.*"msg": "login failed").*"peer": "<HOST>""#,
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["time=\"2026-11-20T10:00:01Z\" level=error msg=denied ip=192.0.2.5"],
            typed: r"^level=error msg=denied ip=<HOST>$",
            code: "text-before",
            change: "^time=\"\"\\s+level=error msg=denied ip=<HOST>$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["2026-11-20 10:00:01: client ada <192.0.2.5> disconnected, not authorised"],
            typed: "client \\S+ <<HOST>> disconnected, not authorized",
            code: "other-word",
            change: "client \\S+ <<HOST>> disconnected, not authorised",
            found: &["192.0.2.5"],
        },
    ]);
}

#[test]
fn a_time_without_its_day_and_a_date_that_is_not_read_are_told() {
    let lines = [
        "08:10:00 18.11.2026 login failed from 192.0.2.5",
        "08:11:00 19.11.2026 login failed from 192.0.2.6",
    ];
    let typed = "login failed from <HOST>$";
    let hints = &report(&lines, typed, &[])["hints"];
    assert_eq!(hints[0]["code"], "other-date", "{hints}");
    let change = r"datepattern = ^%%H:%%M:%%S %%d\.%%m\.%%Y";
    assert_eq!(hints[0]["change"], change);
    let applied = report(&lines, typed, &["--apply", "1"]);
    assert_eq!(applied["addresses"][0]["first"]["epoch"], 1_794_989_400.0);
    // which of two it is, the log does not tell
    let lines = [
        "08:10:00 08/11/2026 login failed from 192.0.2.5",
        "08:11:00 09/11/2026 login failed from 192.0.2.6",
    ];
    let hints = &report(&lines, typed, &[])["hints"];
    assert_eq!(hints[0]["code"], "day-or-month", "{hints}");
    let lines = [
        "2026-11-18 08:10:00 login failed from 192.0.2.5",
        "2026-11-19 08:11:00 login failed from 192.0.2.6",
    ];
    let unread = ["-d", r"^\d+-\d+-\d+ \d+:\d+:\d+"];
    let hints = &report(&lines, typed, &unread)["hints"];
    assert_eq!(hints[0]["code"], "other-date", "{hints}");
    let applied = report(&lines, typed, &[&unread[..], &["--apply", "1"]].concat());
    assert_eq!(applied["addresses"][0]["first"]["epoch"], 1_794_989_400.0);
}

#[test]
fn what_is_left_out_on_purpose_is_left_out() {
    let cases: &[(&[&str], &str)] = &[
        // some pages are looked for, not all
        (
            &[
                "192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"GET /setup.php\" 404 1",
                "192.0.2.6 - - [20/Nov/2026:10:00:02 +0000] \"GET /a-1.php\" 404 1",
            ],
            r#"^<HOST> - - \[\] "GET /[a-z]+\.php" 404"#,
        ),
        // IPv6 addresses are in few lines
        (
            &[
                "2026-11-20 10:00:01 login failed from 192.0.2.5",
                "2026-11-20 10:00:02 login failed from 192.0.2.6",
                "2026-11-20 10:00:03 login failed from 2001:db8::5",
            ],
            "login failed from <IP4>$",
        ),
        // a backslash and a `$` of the log
        (
            &["2026-11-20 10:00:01 login of DOM\\ada refused for 192.0.2.5"],
            r"login of DOM\\\S+ refused for <HOST>$",
        ),
        (
            &["2026-11-20 10:00:01 price $5 refused for 192.0.2.5"],
            r"price \$5 refused for <HOST>$",
        ),
        // the address of the service itself
        (
            &["2026-11-20 10:00:01 {\"msg\": \"login failed\", \"server_ip\": \"192.0.2.5\"}"],
            r#""msg": "login failed", "client": "<HOST>""#,
        ),
        (
            &["2026-11-20 10:00:01 login denied to server 2001:db8::1"],
            "login denied to server <IP4>$",
        ),
        // another message of another daemon
        (
            &["2026-11-20 10:00:01 lock[7]: code refused for ada from 192.0.2.5"],
            r"^\s*sshd\[\d+\]: Connection refused from <HOST>$",
        ),
    ];
    for (lines, typed) in cases {
        let hints = &report(lines, typed, &[])["hints"];
        assert_eq!(hints, &Value::Array(Vec::new()), "{typed}");
    }
}

#[test]
fn how_often_a_piece_may_stand_is_written_in_braces() {
    let right = r"lock\[\d{1,3}\]: code refused for \S+ from <HOST>";
    for written in ["{1, 3}", "{ 1,3 }", "{1,3", "[1,3]", "(1,3)"] {
        let typed = right.replace("{1,3}", written);
        let hints = &report(LOCK, &typed, &[])["hints"];
        assert_eq!(hints[0]["code"], "not-a-quantifier", "{typed}: {hints}");
        assert_eq!(hints[0]["change"], right);
    }
}

#[test]
fn colours_written_as_text_are_let_stand() {
    for (esc, piece) in [
        ("#033[", r"(?:#033\[[\d;]*m)*"),
        (r"\x1b[", r"(?:\\x1b\[[\d;]*m)*"),
        ("^[[", r"(?:\^\[\[[\d;]*m)*"),
    ] {
        let line = |end: &str| {
            format!(
                "2026-11-20 10:00:01 {esc}31mERROR{esc}0m lock: refused {esc}1m192.0.2.{end}{esc}0m"
            )
        };
        let lines = [line("5"), line("6")];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let run = |more: &[&str]| report(&lines, "ERROR lock: refused <HOST>$", more);
        let hint = &run(&[])["hints"][0];
        assert_eq!(hint["code"], "colours-as-text", "{hint}");
        let right = format!("{piece}ERROR{piece} lock: refused {piece}<HOST>{piece}$");
        assert_eq!(hint["change"], right.as_str());
        assert_eq!(run(&["--apply", "1"])["lines"]["matched"], 2);
    }
}

#[test]
fn messages_that_journalctl_leaves_out_are_told() {
    let lines = [
        "Nov 20 10:00:01 gate lock[7]: [89B blob data]",
        "Nov 20 10:00:02 gate lock[7]: [1.2K blob data]",
    ];
    let hints = &report(&lines, "lock: refused <HOST>$", &[])["hints"];
    assert_eq!(hints[0]["code"], "blob-data", "{hints}");
    assert_eq!(hints[0]["apply"], Value::Null);
}
