//! Text that a regex does not ask for yet, and that tells how it ended or who writes: of what is
//! proposed only failures come. And mistakes in how options, bars and comments are written.

use crate::explain_kinds::{Kind, report, try_all};
use crate::util::{Place, Run, f2b};
use serde_json::Value;

#[test]
fn successes_are_left_out_of_what_is_asked_for() {
    try_all(&[
        Kind {
            lines: &[
                "2026-11-20 10:00:01 gate: card read at 192.0.2.5: denied",
                "2026-11-20 10:00:02 gate: card read at 192.0.2.6: granted",
            ],
            typed: "gate: card read at <HOST>$",
            code: "text-behind",
            change: r"gate: card read at <HOST>:\s+denied$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 gate: card read at 192.0.2.5 result=2",
                "2026-11-20 10:00:02 gate: card read at 192.0.2.6 result=0",
            ],
            typed: "gate: card read at <HOST>$",
            code: "text-behind",
            change: r"gate: card read at <HOST>\s+result=2$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                "192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"POST /in HTTP/1.1\" 403 77",
                "192.0.2.6 - - [20/Nov/2026:10:00:02 +0000] \"POST /in HTTP/1.1\" 200 801",
            ],
            typed: r#"^<HOST> - - \[\] "POST /in HTTP/1\.1"$"#,
            code: "text-behind",
            change: r#"^<HOST> - - \[\] "POST /in HTTP/1\.1"\s+403\s+\d+$"#,
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 [ERROR] card read at 192.0.2.5",
                "2026-11-20 10:00:02 [INFO] card read at 192.0.2.6",
            ],
            typed: "^card read at <HOST>",
            code: "text-before",
            change: r"^\s+\[ERROR\]\s+card read at <HOST>",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 gate: card rejected at 192.0.2.5",
                "2026-11-20 10:00:02 gate: card taken, accepted at 192.0.2.6",
                "2026-11-20 10:00:03 gate: card accepted at 192.0.2.7",
            ],
            typed: "gate: card at <HOST>$",
            code: "text-between",
            change: r"gate: card rejected\s+at <HOST>$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 here gate[71]: refused 192.0.2.5",
                "2026-11-20 10:00:02 here gate[71]: refused 192.0.2.7",
                "2026-11-20 10:00:03 here kernel: refused 192.0.2.6",
            ],
            typed: "^refused <HOST>$",
            code: "text-before",
            change: r"^\s+\S+\s+gate\[\d+\]:\s+refused <HOST>$",
            found: &["192.0.2.5", "192.0.2.7"],
        },
        // a level says nothing of who is refused
        Kind {
            lines: &[
                "2026-11-20 10:00:01 WARN card refused at 192.0.2.5",
                "2026-11-20 10:00:02 INFO card refused at 192.0.2.6",
            ],
            typed: "^card refused at <HOST>$",
            code: "text-before",
            change: r"^\s+\S+\s+card refused at <HOST>$",
            found: &["192.0.2.5", "192.0.2.6"],
        },
    ]);
}

#[test]
fn signs_and_comments_that_are_the_logs_or_not() {
    const BARS: &[&str] = &[
        "2026-11-20 10:00:01 gate | bad card | 192.0.2.5",
        "2026-11-20 10:00:02 gate | opened | 192.0.2.6",
    ];
    try_all(&[
        Kind {
            lines: BARS,
            typed: "gate | bad card | <HOST>",
            code: "not-escaped",
            change: r"gate \| bad card \| <HOST>",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["2026-11-20 10:00:01 gate: bad C++ client at 192.0.2.5"],
            typed: "gate: bad C++ client at <HOST>$",
            code: "not-escaped",
            change: r"gate: bad C\+\+ client at <HOST>$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["2026-11-20 10:00:01 gate: bad card at 192.0.2.5"],
            typed: "gate: bad card at <HOST>$ # who tries cards that he has not",
            code: "comment-behind",
            change: "gate: bad card at <HOST>$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["2026-11-20 10:00:01 here gate: bad card at 192.0.2.5"],
            typed: r"^\s*\S+ gate\[\d+\]: bad card at <HOST>$",
            code: "no-process-number",
            change: r"^\s*\S+ gate(?:\[\d+\])?: bad card at <HOST>$",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &[
                r#"{"time":"2026-11-20T10:00:01Z","user":"a","door":"3","ip":"192.0.2.5","msg":"bad"}"#,
            ],
            typed: r#""user":"[^"]*","ip":"<HOST>""#,
            code: "more-keys",
            change: r#"^(?=.*"user":"[^"]*").*"ip":"<HOST>""#,
            found: &["192.0.2.5"],
        },
    ]);
}

/// The report on lines, by a filter of a file's own.
fn by_file(lines: &[&str], filter: &str, more: &[&str]) -> Value {
    let place = Place::new();
    let log = place.write("app.log", lines.join("\n") + "\n");
    let file = place.write("gate.conf", format!("[Definition]\n{filter}\n"));
    let mut command = f2b(&["--format", "json", "--now", "2026-11-20T20:00:00Z"]);
    command.arg(log).arg(file).args(more);
    command.ran().json()
}

/// The first hint's code, and whom the run with it applied finds.
fn led(lines: &[&str], filter: &str) -> (Value, Vec<String>) {
    let code = by_file(lines, filter, &[])["hints"][0]["code"].clone();
    let applied = by_file(lines, filter, &["--apply", "1"]);
    let addresses = applied["addresses"].as_array().expect("addresses").iter();
    let found = addresses.filter_map(|row| row["address"].as_str().map(str::to_owned));
    (code, found.collect())
}

const CARDS: &[&str] = &[
    "2026-11-20 10:00:01 here gate[7]: bad card at 192.0.2.5",
    "2026-11-20 10:00:02 here fence[8]: bad card at 192.0.2.6",
];

#[test]
fn a_misspelt_prefregex_is_named() {
    let filter = "failregex = ^bad card at <HOST>$\n\
                  prefregx = ^\\s*\\S+ gate\\[\\d+\\]: <F-CONTENT>.+</F-CONTENT>$";
    let found = vec!["192.0.2.5".to_owned()];
    assert_eq!(led(CARDS, filter), ("misspelt-option".into(), found));
}

#[test]
fn a_failregex_at_the_margin_is_indented() {
    let filter =
        "failregex = gate\\[\\d+\\]: no card at <HOST>$\nfence\\[8\\]: bad card at <HOST>$\n";
    let lines = [
        CARDS,
        &["2026-11-20 10:00:03 here gate[7]: no card at 192.0.2.7"],
    ]
    .concat();
    let found = vec!["192.0.2.6".to_owned(), "192.0.2.7".to_owned()];
    assert_eq!(led(&lines, filter), ("regex-not-indented".into(), found));
}

#[test]
fn options_that_are_not_inserted_are() {
    let found = vec!["192.0.2.5".to_owned()];
    for written in ["${_card}", "%%(_card)s", "_card", "<_crad>"] {
        let filter = format!("failregex = gate\\[\\d+\\]: bad {written} at <HOST>$\n_card = card");
        let led = led(CARDS, &filter);
        assert_eq!(led, ("option-name".into(), found.clone()), "{written}");
    }
}

#[test]
fn a_match_of_several_lines_does_not_spill_into_the_next() {
    let lines = [
        "2026-11-20 10:00:01 gate: card at 192.0.2.5",
        "2026-11-20 10:00:01 gate: bad",
        "2026-11-20 10:00:02 gate: card at 192.0.2.6",
        "2026-11-20 10:00:02 gate: good",
        "2026-11-20 10:00:03 gate: card at 192.0.2.7",
        "2026-11-20 10:00:03 gate: bad",
    ];
    let filter = "failregex = ^ gate: card at <HOST>$<SKIPLINES>^ gate: bad$";
    let hints = by_file(&lines, filter, &[]);
    assert_eq!(hints["hints"][0]["change"], "maxlines = 2");
}

#[test]
fn what_differs_by_how_a_client_comes_is_left_open() {
    const BOTH: &[&str] = &["192.0.2.5", "192.0.2.6"];
    try_all(&[
        Kind {
            lines: &[
                "2026-11-20 10:00:01 mx smtpd: h[192.0.2.5]: SASL LOGIN authentication failed",
                "2026-11-20 10:00:02 mx smtpd: h[192.0.2.6]: SASL PLAIN authentication failed",
            ],
            typed: r"h\[<HOST>\]: SASL PLAIN authentication failed",
            code: "other-way",
            change: r"h\[<HOST>\]: SASL (?:PLAIN|LOGIN) authentication failed",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 phone: refused, peer=\"IPV4/UDP/192.0.2.5/5061\"",
                "2026-11-20 10:00:02 phone: refused, peer=\"IPV4/UDP/192.0.2.6/5061\"",
            ],
            typed: r#"phone: refused, peer="IPV4/TCP/<HOST>/\d+""#,
            code: "other-way",
            change: r#"phone: refused, peer="IPV4/(?:TCP|UDP)/<HOST>/\d+""#,
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 imap: auth failed, 1 attempts in 4 secs, rip=192.0.2.5",
                "2026-11-20 10:00:02 imap: auth failed, 31 attempts in 9 secs, rip=192.0.2.6",
            ],
            typed: r"imap: auth failed, 1 attempts in \d+ secs, rip=<HOST>",
            code: "other-number",
            change: r"imap: auth failed, \d+ attempts in \d+ secs, rip=<HOST>",
            found: BOTH,
        },
        Kind {
            lines: &[
                "192.0.2.5 - ann [20/Nov/2026:10:00:01 +0000] \"GET /in HTTP/1.1\" 401 12",
                "192.0.2.6 - bob [20/Nov/2026:10:00:02 +0000] \"GET /in HTTP/1.1\" 401 12",
                "192.0.2.7 - bob [20/Nov/2026:10:00:03 +0000] \"GET /in HTTP/1.1\" 200 12",
            ],
            typed: r#"^<HOST> - - \[\] "GET /in HTTP/1\.1" 401 "#,
            code: "other-than-dash",
            change: r#"^<HOST> - \S+ \[\] "GET /in HTTP/1\.1" 401 "#,
            found: BOTH,
        },
        Kind {
            lines: &["2026-11-20 10:00:01 limiting requests by zone \"in\", client: 192.0.2.5, x"],
            typed: "limiting requests by zone \"one\", client: <HOST>,",
            code: "other-zone",
            change: "limiting requests by zone \"[^\"]+\", client: <HOST>,",
            found: &["192.0.2.5"],
        },
        Kind {
            lines: &["2026-11-20 10:00:01 lock: code refused, remote=192.0.2.5"],
            typed: r"lock: code refused, remote=<HOST> stack.*",
            code: "not-behind",
            change: r"lock: code refused, remote=<HOST>$",
            found: &["192.0.2.5"],
        },
    ]);
    // how it ended is asked for on purpose
    let lines = ["2026-11-20 10:00:01 lock: refused or not, key of 192.0.2.5"];
    let found = &report(&lines, r"lock: refused or not, key of <HOST> denied$", &[])["hints"];
    assert_eq!(found, &serde_json::json!([]));
}
