//! Kinds of mistakes in filters, one case each: what the first hint proposes, and whom the run with
//! it applied finds. And what a client may have written, of which nothing is proposed.

use crate::util::{Place, Run, f2b};
use serde_json::Value;

/// Lines, the regex as typed, its options; code and change of the first hint, whom it leads to.
pub(crate) struct Kind {
    pub(crate) lines: &'static [&'static str],
    pub(crate) typed: &'static str,
    pub(crate) code: &'static str,
    pub(crate) change: &'static str,
    pub(crate) found: &'static [&'static str],
}

const FROM: &str = "app: login failed from <HOST>$";

const KINDS: &[Kind] = &[
    Kind {
        lines: &[
            "2026-11-20 10:00:01 auth failed from 2001:db8::5:58340",
            "2026-11-20 10:00:02 auth failed from 2001:db8::7:40001",
        ],
        typed: "auth failed from <HOST>$",
        code: "port-behind",
        change: r"auth failed from <HOST>:\d+$",
        found: &["2001:db8::5", "2001:db8::7"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 refused client 192.0.2.5#4001: denied"],
        typed: "client <HOST>: denied",
        code: "port-behind",
        change: r"client <HOST>#\d+: denied",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 login failed \"192.0.2.5\" x"],
        typed: "login failed <HOST> x",
        code: "signs-around",
        change: "login failed \"<HOST>\" x",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 login failed from a.example.org (192.0.2.5)",
            "2026-11-20 10:00:02 login failed from b.example.org (192.0.2.6)",
        ],
        typed: "login failed from <HOST>",
        code: "wrong-address",
        change: r"login failed from \S+ \(<ADDR>\)",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 shop/1.22.3.4 login failure, peer=192.0.2.5",
            "2026-11-20 10:00:02 shop/1.22.3.4 login failure, peer=192.0.2.6",
        ],
        typed: r"^\s*shop/<HOST> login failure",
        code: "wrong-address",
        change: r"^\s*shop/\S+ login failure, peer=<ADDR>",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &[
            "2026-11-20 03:04:01 PM app: login failed from 192.0.2.5",
            "2026-11-20 03:04:02 PM app: login failed from 192.0.2.6",
        ],
        typed: FROM,
        code: "half-day",
        change: r"datepattern = ^%%Y-%%m-%%d %%I:%%M:%%S %%p",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &["11/20/2026 3:04:01PM app: login failed from 192.0.2.5"],
        typed: FROM,
        code: "datepattern",
        change: r"datepattern = ^%%m/%%d/%%Y %%I:%%M:%%S%%p",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[
            "26/11/20 15:04:01 app: login failed from 192.0.2.5",
            "26/11/20 15:04:02 app: login failed from 192.0.2.6",
        ],
        typed: FROM,
        code: "other-date",
        change: r"datepattern = ^%%y/%%m/%%d %%H:%%M:%%S",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &["20 November 2026 15:04:01 app: login failed from 192.0.2.5"],
        typed: FROM,
        code: "datepattern",
        change: r"datepattern = ^%%d %%B %%Y %%H:%%M:%%S",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["20 Nov 15:04:01 app: login failed from 192.0.2.5"],
        typed: FROM,
        code: "datepattern",
        change: r"datepattern = ^%%d %%b %%H:%%M:%%S",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[r#"{"ts":1795200241,"msg":"login failed","ip":"192.0.2.5"}"#],
        typed: r#""msg":"login failed","ip":"<HOST>""#,
        code: "datepattern",
        change: r#"datepattern = "ts":{EPOCH}"#,
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"POST /login HTTP/1.1\" 401 12"],
        typed: r#"^<HOST> \S+ \S+ \[\d+/\w+/\d+:[\d:]+ \+\d+\] "POST /login[^"]*" 401 "#,
        code: "date-in-regex",
        change: r#"^<HOST> \S+ \S+ \[\] "POST /login[^"]*" 401 "#,
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 app[123]: login failed for x from 192.0.2.5"],
        typed: r"^\s*app[\d+]: login failed for \S+ from <HOST>$",
        code: "not-escaped",
        change: r"^\s*app\[\d+\]: login failed for \S+ from <HOST>$",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 invalid user from 192.0.2.5",
            "2026-11-20 10:00:02 wrong password from 192.0.2.6",
        ],
        typed: r"^\s*invalid user|wrong password from <HOST>$",
        code: "alternation",
        change: r"^\s*(?:invalid user|wrong password) from <HOST>$",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 radio: auth failure for ann from 192.0.2.5"],
        typed: r"radio: auth failed for \S+ from <HOST>$",
        code: "other-word",
        change: r"radio: auth failure for \S+ from <HOST>$",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 radio: auth failure of ann by 192.0.2.5"],
        typed: r"radio: auth failure of \S+ from <HOST>$",
        code: "other-word",
        change: r"radio: auth failure of \S+ by <HOST>$",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 radio: auth failure from 192.0.2.5 port 4001 (bad token)",
            "2026-11-20 10:00:02 radio: auth failure from 192.0.2.6 port 40 (bad token)",
        ],
        typed: r"radio: auth failure from <HOST> \(bad token\)$",
        code: "text-between",
        change: r"radio: auth failure from <HOST> port\s+\d+\s+\(bad token\)$",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 radio: auth failure (5512) from 192.0.2.5"],
        typed: r"radio: auth failure \(\d\) from <HOST>$",
        code: "takes-too-little",
        change: r"radio: auth failure \(\d+\) from <HOST>$",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 radio: auth failure, port 55 from 192.0.2.5"],
        typed: r"radio: auth failure, port [a-z]+ from <HOST>$",
        code: "takes-too-little",
        change: r"radio: auth failure, port \S+ from <HOST>$",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 10:00:01 auth failure from 192.0.2.5"],
        typed: r"^\s*\S+ radio\[\d+\]: auth failure from <HOST>$",
        code: "not-in-front",
        change: r"^\s*auth failure from <HOST>$",
        found: &["192.0.2.5"],
    },
    // two mistakes at once
    Kind {
        lines: &[
            "2026-11-20 10:00:01 shop: login failed for a from 192.0.2.5 port 4001",
            "2026-11-20 10:00:02 shop: login failed for b from 192.0.2.6 port 4002",
        ],
        typed: r"^shop: login failed for \S+ from <HOST>$",
        code: "text-behind",
        change: r"^\s*shop: login failed for \S+ from <HOST>\s+port\s+\d+$",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &[r#"{"time": "2026-11-20T10:00:01Z", "msg": "login failed", "ip": "192.0.2.5"}"#],
        typed: r#""msg":"login failed","ip":"<HOST>""#,
        code: "blank-missing",
        change: r#""msg":\s*"login failed",\s*"ip":\s*"<HOST>""#,
        found: &["192.0.2.5"],
    },
    // two mistakes in one regex
    Kind {
        lines: &[
            "2026-11-20 10:00:01 here depot: access refused for mara at 192.0.2.5 (card 17)",
            "2026-11-20 10:00:02 here depot: access refused for tom at 192.0.2.6 (card 4)",
        ],
        typed: r"^depot: access refused for \S+ at <HOST>$",
        code: "text-before",
        change: r"^\s+\S+\s+depot: access refused for \S+ at <HOST>\s+\(card\s+\d+\)$",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 depot: Access refused for mara at 192.0.2.5 (card 17)",
            "2026-11-20 10:00:02 depot: Access refused for tom at 192.0.2.6 (card 4)",
        ],
        typed: r"depot: access refused for \S+ at <HOST> (card \d+)$",
        code: "letter-case",
        change: r"depot: Access refused for \S+ at <HOST> \(card \d+\)$",
        found: &["192.0.2.5", "192.0.2.6"],
    },
    // how applications write dates
    Kind {
        lines: &["20.11.2026 um 15:04:01 Uhr app: login failed from 192.0.2.5"],
        typed: r"^\s*app: login failed from <HOST>$",
        code: "datepattern",
        change: r"datepattern = ^%%d\.%%m\.%%Y um %%H:%%M:%%S Uhr",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["November 20th, 2026 15:04:01 app: login failed from 192.0.2.5"],
        typed: FROM,
        code: "datepattern",
        change: r"datepattern = ^%%B %%d(?:st|nd|rd|th), %%Y %%H:%%M:%%S",
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &["2026-11-20 15-04-01 app: login failed from 192.0.2.5"],
        typed: FROM,
        code: "datepattern",
        change: "datepattern = ^%%Y-%%m-%%d %%H-%%M-%%S",
        found: &["192.0.2.5"],
    },
    // by the way a client comes
    Kind {
        lines: &["192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"GET /admin HTTP/2.0\" 401 12"],
        typed: r#"^<HOST> - \S+ \[\] "GET /admin HTTP/1\.1" 401 "#,
        code: "http-version",
        change: r#"^<HOST> - \S+ \[\] "GET /admin HTTP/[\d.]+" 401 "#,
        found: &["192.0.2.5"],
    },
    Kind {
        lines: &[
            "2026-11-20 10:00:01 mx postfix/submission/smtpd[7]: warning: x[192.0.2.5]: SASL failed",
        ],
        typed: r"^\s*\S+ postfix/smtpd\[\d+\]: warning: \S+\[<HOST>\]: SASL failed",
        code: "postfix-service",
        change: r"^\s*\S+ postfix/(?:[\w-]+/)?smtpd\[\d+\]: warning: \S+\[<HOST>\]: SASL failed",
        found: &["192.0.2.5"],
    },
];

pub(crate) fn report(lines: &[&str], typed: &str, more: &[&str]) -> Value {
    let place = Place::new();
    let log = place.write("app.log", lines.join("\n") + "\n");
    let mut command = f2b(&["--format", "json", "--now", "2026-11-20T20:00:00Z"]);
    command.arg(log).arg(typed).args(more);
    command.ran().json()
}

#[test]
fn each_kind_has_its_hint_and_it_leads_to_what_is_right() {
    try_all(KINDS);
}

/// Runs with each kind of mistake, and with its first hint.
pub(crate) fn try_all(kinds: &[Kind]) {
    for kind in kinds {
        let hints = &report(kind.lines, kind.typed, &[])["hints"];
        let first = (&hints[0]["code"], &hints[0]["change"]);
        assert_eq!(first, (&kind.code.into(), &kind.change.into()), "{hints}");
        let applied = report(kind.lines, kind.typed, &["--apply", "1"]);
        let addresses = applied["addresses"].as_array().expect("addresses").iter();
        let mut found: Vec<&str> = addresses
            .filter_map(|row| row["address"].as_str())
            .collect();
        found.sort_unstable();
        assert_eq!(found, kind.found, "{}", kind.typed);
    }
}

#[test]
fn of_what_a_client_writes_nothing_is_proposed() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["2026-11-20 10:00:01 user \"login failed from 192.0.2.66\" unknown, peer 192.0.2.7"],
            "^login failed from <HOST>",
        ),
        (
            &[
                "2026-11-20 10:00:01 login failed from 192.0.2.7: user=x login failed from 192.0.2.66",
            ],
            r"^\s*login failed from <HOST>$",
        ),
        (
            &[
                "192.0.2.7 - - [20/Nov/2026:10:00:01 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \
               \"client: 192.0.2.66, bad bot\"",
            ],
            "client: <HOST>, bad bot$",
        ),
        // the first is the client, the others are proxies, as the client tells it
        (
            &["2026-11-20 10:00:01 192.0.2.7, 192.0.2.66 login denied"],
            r"^\s*<HOST> login denied",
        ),
    ];
    for (lines, typed) in cases {
        let hints = &report(lines, typed, &[])["hints"];
        assert_eq!(hints, &Value::Array(Vec::new()), "{typed}");
    }
}

#[test]
fn a_hint_that_needs_another_brings_it_along() {
    let lines = ["20.11.2026 10:00:01 app: login failed from 192.0.2.5"];
    let typed = "App: Login failed from <HOST>$";
    let hints = &report(&lines, typed, &[])["hints"];
    assert_eq!(hints[1]["code"], "letter-case", "{hints}");
    let applied = report(&lines, typed, &["--apply", "2"]);
    let row = &applied["addresses"][0];
    assert_eq!(row["address"], "192.0.2.5");
    assert_eq!(row["first"]["epoch"], 1_795_168_801.0);
}

#[test]
fn an_ignoreregex_that_takes_every_match_is_named_with_the_line() {
    let lines = [
        "2026-11-20 10:00:01 app: login failed from 192.0.2.5",
        "2026-11-20 10:00:02 app: login failed from 192.0.2.6",
    ];
    let hints = &report(&lines, FROM, &["login"])["hints"];
    assert_eq!(hints[0]["code"], "ignores-every-match", "{hints}");
    assert_eq!(hints[0]["example"]["number"], 1);
    // one that takes some is there on purpose
    let hints = &report(&lines, FROM, &[r"from 192\.0\.2\.6$"])["hints"];
    assert_eq!(hints, &Value::Array(Vec::new()));
}

#[test]
fn dates_of_a_log_without_failures_are_no_matter() {
    let lines = [
        "20.11.2026 15:04:01 app: started",
        "20.11.2026 15:04:02 app: stopped",
    ];
    assert_eq!(report(&lines, FROM, &[])["hints"], Value::Array(Vec::new()));
}

/// A configuration with filters of two services, and a log.
fn gates(log: &str) -> Place {
    let place = Place::new();
    for (name, regex) in [
        ("gate", r"^\s*gated\[\d+\]: no entry for \S+ from <HOST>$"),
        ("porch", r"^\s*porch: wrong key of <HOST> at the door$"),
        ("yard", r"^\s*yard: fence climbed by <HOST> at night$"),
    ] {
        let text = format!("[Definition]\nfailregex = {regex}\n");
        place.write(&format!("filter.d/{name}.conf"), text);
    }
    place.write("log", log);
    place
}

fn hints_of_gate(place: &Place, more: &[&str]) -> Value {
    let config = place.path().to_str().expect("UTF-8");
    let log = place.at("log");
    let log = log.to_str().expect("UTF-8");
    let all = [
        "-c",
        config,
        "--now",
        "2026-11-20T20:00:00Z",
        "--format",
        "json",
    ];
    f2b(&[&all, more, &[log, "gate"]].concat()).ran().json()
}

#[test]
fn a_log_of_another_daemon_is_handed_to_its_filter() {
    let wrong_key = "2026-11-20 10:00:01 porch: wrong key of 192.0.2.5 at the door\n";
    let place = gates(&wrong_key.repeat(4));
    let report = hints_of_gate(&place, &[]);
    let hint = &report["hints"][0];
    assert_eq!(hint["code"], "other-filter", "{report:#}");
    assert_eq!(hint["change"], "porch");
    let applied = hints_of_gate(&place, &["--apply", "1"]);
    assert_eq!(applied["lines"]["matched"], 4);
    assert_eq!(applied["addresses"][0]["address"], "192.0.2.5");
}

#[test]
fn a_log_of_several_daemons_or_of_ones_own_is_not() {
    let wrong_key = "2026-11-20 10:00:01 porch: wrong key of 192.0.2.5 at the door\n";
    let own = "2026-11-20 10:00:02 gated[7]: entry for anna from 192.0.2.6\n";
    let other = "2026-11-20 10:00:03 yard: fence climbed by 192.0.2.7 at night, failed\n";
    let plain = "2026-11-20 10:00:04 shop: unknown coin refused by 192.0.2.8\n";
    let both = wrong_key.to_owned() + own;
    for log in [
        both.as_str(),
        &(wrong_key.to_owned() + &other.repeat(3)),
        plain,
    ] {
        let report = hints_of_gate(&gates(log), &[]);
        assert_eq!(report["hints"], serde_json::json!([]), "{log}");
    }
}

#[test]
fn a_bystander_in_every_line_is_no_client() {
    let lines: Vec<String> = (0..5)
        .map(|n| format!("2026-11-20 10:00:0{n} login failed at 10.0.0.5%eth0 for 192.0.2.{n}"))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let report = report(&lines, r"login failed at <HOST> for \S+$", &[]);
    let hints = report["hints"].as_array().expect("a list");
    let edits = hints.iter().filter(|hint| hint["code"] == "text-between");
    assert_eq!(edits.count(), 0, "{report:#}");
}
