//! What programs write in one version and not in another, lists of addresses, words before the
//! address that a regex has or has not; and lines that tell that nothing was done.

use crate::explain_kinds::{Kind, report, try_all};
use serde_json::Value;

const BOTH: &[&str] = &["192.0.2.5", "192.0.2.6"];

#[test]
fn what_another_version_writes_is_asked_for() {
    try_all(&[
        Kind {
            lines: &[
                "[Fri Nov 20 10:00:01.123456 2026] [auth_basic:error] [pid 12:tid 140] [client 192.0.2.5:5123] AH01: user bob: authentication failure",
                "[Fri Nov 20 10:00:02.123456 2026] [auth_basic:error] [pid 12:tid 140] [client 192.0.2.6:5124] AH01: user ann: authentication failure",
            ],
            typed: r"^\[\] \[error\] \[client <HOST>\] AH01: user \S+: authentication failure",
            code: "apache-24",
            change: r"^\[\] \[(?:\S+:)?error\](?: \[pid [^\]]+\])? \[client <HOST>(?::\d+)?\] AH01: user \S+: authentication failure",
            found: BOTH,
        },
        Kind {
            lines: &[
                "<38>1 2026-11-20T10:00:01.1+00:00 box ftpd 71 - - Failed login of root from 192.0.2.5 port 22",
                "<38>1 2026-11-20T10:00:02.1+00:00 box ftpd 72 - - Failed login of root from 192.0.2.6 port 22",
            ],
            typed: r"ftpd\[\d+\]: Failed login of \S+ from <HOST> port \d+",
            code: "rfc-5424",
            change: r"ftpd \S+ \S+ (?:-|\[[^\]]*\]) Failed login of \S+ from <HOST> port \d+",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 ns: client @0x7f12ab 192.0.2.5#4102 (example.org): query denied",
                "2026-11-20 10:00:02 ns: client @0x7f13cd 192.0.2.6#4103 (example.org): query denied",
                "2026-11-20 10:00:03 ns: client @0x7f14ef 192.0.2.7#4104 (example.org): query of 192.0.2.1",
            ],
            typed: r"ns: client <HOST>#\d+ \(\S+\): query denied",
            code: "text-between",
            change: r"ns: client \S+\s+<HOST>#\d+ \(\S+\): query denied",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 sip: request from 'a' failed for '192.0.2.5:5060' (id: ab1) - no endpoint",
                "2026-11-20 10:00:02 sip: request from 'b' failed for '192.0.2.6:5061' (id: cd2) - no endpoint",
            ],
            typed: r"sip: request from '.*' failed for '<HOST>:\d+' - no endpoint",
            code: "text-between",
            change: r"sip: request from '.*' failed for '<HOST>:\d+' \(id:\s+\S+\s+- no endpoint",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 WARN {web:1551} login failed: 192.0.2.5",
                "2026-11-20 10:00:02 WARN {web:1551} login failed: 192.0.2.6",
            ],
            typed: r"WARN \{web\} login failed: <HOST>$",
            code: "text-between",
            change: r"WARN \{web:\d+\} login failed: <HOST>$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 Login failed for user 'sa'. Reason: Password did not match. [CLIENT: 192.0.2.5]",
                "2026-11-20 10:00:02 Login failed for user 'sa'. Reason: Could not find a login. [CLIENT: 192.0.2.6]",
            ],
            typed: r"Login failed for user '[^']*'\. \[CLIENT: <HOST>\]$",
            code: "text-between",
            change: r"Login failed for user '[^']*'\. [^\[]*\[CLIENT: <HOST>\]$",
            found: BOTH,
        },
    ]);
}

#[test]
fn behind_the_client_stand_its_proxies() {
    try_all(&[
        Kind {
            lines: &[
                "2026-11-20 10:00:01 app: denied root from 192.0.2.5, 172.18.0.2",
                "2026-11-20 10:00:02 app: denied root from 192.0.2.6, 172.18.0.2",
            ],
            typed: r"app: denied \S+ from <HOST>$",
            code: "address-list",
            change: r"app: denied \S+ from <HOST>(?:,\s*[\da-fA-F.:]+)*$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 app: attempt from [192.0.2.5, 172.18.0.2] failed",
                "2026-11-20 10:00:02 app: attempt from [192.0.2.6, 172.18.0.2] failed",
            ],
            typed: r"app: attempt from <HOST> failed$",
            code: "address-list",
            change: r"app: attempt from <HOST>(?:,\s*[\da-fA-F.:]+)*\] failed$",
            found: BOTH,
        },
    ]);
}

#[test]
fn words_are_left_out_or_written_as_in_the_log() {
    try_all(&[
        Kind {
            lines: &[
                "2026-11-20 10:00:01 tv: 192.0.2.5 - invalid password entered",
                "2026-11-20 10:00:02 tv: 192.0.2.6 - invalid password entered",
            ],
            typed: "tv: from <HOST> - invalid password entered",
            code: "words-too-many",
            change: "tv: <HOST> - invalid password entered",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 audit addr=192.0.2.5 terminal=ssh res=failed",
                "2026-11-20 10:00:02 audit addr=192.0.2.6 terminal=ssh res=failed",
            ],
            typed: "audit addr=<HOST> terminal=ssh res=failure$",
            code: "other-word",
            change: "audit addr=<HOST> terminal=ssh res=failed$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login limit reached, ip: 192.0.2.5, attemps: 3",
                "2026-11-20 10:00:02 login limit reached, ip: 192.0.2.6, attemps: 5",
            ],
            typed: r"login limit reached, ip: <HOST>, attempts: \d+",
            code: "other-word",
            change: r"login limit reached, ip: <HOST>, attemps: \d+",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 gw login failure from 192.0.2.5 via winbox",
                "2026-11-20 10:00:02 gw login failure from 192.0.2.6 via web",
            ],
            typed: "login failure from <HOST> via ssh$",
            code: "other-way",
            change: "login failure from <HOST> via (?:ssh|winbox|web)$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 app: Login Failed from 192.0.2.5",
                "2026-11-20 10:00:02 app: LOGIN FAILED from 192.0.2.6",
            ],
            typed: "app: login failed from <HOST>$",
            code: "letter-case",
            change: "(?i)app: login failed from <HOST>$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login failed for [192.0.2.5]:4102: bad password",
                "2026-11-20 10:00:02 login failed for [192.0.2.6]:4103: bad password",
            ],
            typed: r"login failed for \[<HOST>\]: bad password",
            code: "port-behind",
            change: r"login failed for \[<HOST>\]:\d+: bad password",
            found: BOTH,
        },
        Kind {
            lines: &[
                r#"{"time":"2026-11-20T10:00:01Z","user":"a","ip":"192.0.2.5","err":"bad"}"#,
                r#"{"time":"2026-11-20T10:00:02Z","user":"b","ip":"192.0.2.6","err":"bad"}"#,
            ],
            typed: r#"^\{"user":"[^"]*","ip":"<HOST>","err":"bad"\}$"#,
            code: "json-more-keys",
            change: r#"^\s*\{(?:.*,\s*)?"user":"[^"]*","ip":"<HOST>","err":"bad"\}$"#,
            found: BOTH,
        },
    ]);
}

#[test]
fn values_may_be_empty_and_lines_short() {
    try_all(&[
        Kind {
            lines: &[
                "2026-11-20 10:00:01 app: login failed user= ip=192.0.2.5",
                "2026-11-20 10:00:02 app: login failed user= ip=192.0.2.6",
            ],
            typed: r"app: login failed user=\S+ ip=<HOST>$",
            code: "may-be-empty",
            change: r"app: login failed user=\S* ip=<HOST>$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 app: unknown user x from 192.0.2.5",
                "2026-11-20 10:00:02 app: unknown user x from 192.0.2.6",
            ],
            typed: "app: unknown user from <HOST>$",
            code: "text-between",
            change: r"app: unknown user \S+\s+from <HOST>$",
            found: BOTH,
        },
        Kind {
            lines: &[
                "192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"POST /login HTTP/1.1\" 401 31",
                "192.0.2.6 - - [20/Nov/2026:10:00:02 +0000] \"POST /login HTTP/1.1\" 401 31",
            ],
            typed: r#"^<HOST> .* "POST /login HTTP/1\.1" 401 \d+ "[^"]*" "[^"]*"$"#,
            code: "not-behind",
            change: r#"^<HOST> .* "POST /login HTTP/1\.1" 401 \d+$"#,
            found: BOTH,
        },
    ]);
}

#[test]
fn the_address_that_a_piece_was_caught_of_is_meant() {
    try_all(&[
        // not the one that the client writes into a header
        Kind {
            lines: &[
                "2026-11-20 10:00:01 mail: login failed from 192.0.2.5(X-Forwarded-For: 203.0.113.9). Denied",
                "2026-11-20 10:00:02 mail: login failed from 192.0.2.6(X-Forwarded-For: 203.0.113.9). Denied",
            ],
            typed: r"mail: login failed from <HOST>\.",
            code: "wrong-address",
            change: r"mail: login failed from <ADDR>",
            found: BOTH,
        },
        // a user who is called like an address
        Kind {
            lines: &[
                "2026-11-20 10:00:01 box: Invalid user admin from 192.0.2.5 port 4102",
                "2026-11-20 10:00:02 box: Invalid user 203.0.113.9 from 192.0.2.6 port 4102",
                "2026-11-20 10:00:03 box: Invalid user test from 192.0.2.5 port 4102",
            ],
            typed: "box: Invalid user <HOST>",
            code: "wrong-address",
            change: r"box: Invalid user \S+ from <ADDR>",
            found: BOTH,
        },
        // whom the requests are for
        Kind {
            lines: &[
                "2026-11-20 10:00:01 sip: auth failure for [100@203.0.113.1] from ip 192.0.2.5",
                "2026-11-20 10:00:02 sip: auth failure for [101@203.0.113.1] from ip 192.0.2.6",
                "2026-11-20 10:00:03 sip: challenge for [200@203.0.113.1] from ip 192.0.2.80",
            ],
            typed: r"sip: auth failure for \[\d+@<HOST>\]",
            code: "wrong-address",
            change: r"sip: auth failure for \[\d+@\S+\] from ip <ADDR>",
            found: BOTH,
        },
    ]);
}

#[test]
fn a_datepattern_that_ends_before_the_date_is_told() {
    let lines = [
        "2026-11-20 10:00:01.123 app: login failed from 192.0.2.5",
        "2026-11-20 10:05:02.123 app: login failed from 192.0.2.6",
    ];
    let typed = r"^\s*app: login failed from <HOST>$";
    let hints = &report(&lines, typed, &["-d", "^%Y-%m-%d %H:%M"])["hints"];
    assert_eq!(hints[0]["code"], "date-cut-short", "{hints}");
    assert_eq!(
        hints[0]["change"],
        r"datepattern = ^%%Y-%%m-%%d %%H:%%M:%%S\.%%f"
    );
}

#[test]
fn of_what_was_not_done_and_whom_it_was_not_done_by_nothing_is_proposed() {
    let cases: &[(&[&str], &str)] = &[
        (
            &["2026-11-20 10:00:01 jail: Restore Ban 192.0.2.5"],
            "jail: Ban <HOST>$",
        ),
        (
            &["2026-11-20 10:00:01 guard: would ban 192.0.2.5"],
            "guard: ban <HOST>$",
        ),
        (
            &["2026-11-20 10:00:01 guard: not banned 192.0.2.5"],
            "guard: banned <HOST>$",
        ),
        (
            &["2026-11-20 10:00:01 guard: attack from 192.0.2.5 (whitelisted)"],
            "guard: attack from <HOST>$",
        ),
        // whom this machine spoke to
        (
            &["2026-11-20 10:00:01 mx: connect to a.example.net[192.0.2.5]:25: refused"],
            r"mx: connect from \S+\[<HOST>\]:25: refused",
        ),
        // the first may be what the client made up
        (
            &["2026-11-20 10:00:01 app: denied root from 203.0.113.9, 192.0.2.5"],
            r"app: denied \S+ from <HOST>$",
        ),
        // for whom the regex is meant
        (
            &["2026-11-20 10:00:01 box: Failed password for anna from 192.0.2.5 port 22"],
            r"box: Failed password for invalid user \S+ from <HOST> port 22",
        ),
        (
            &["2026-11-20 10:00:01 [info] request by 192.0.2.5"],
            r"\[error\] request by <HOST>$",
        ),
    ];
    for (lines, typed) in cases {
        let hints = &report(lines, typed, &[])["hints"];
        assert_eq!(hints, &Value::Array(Vec::new()), "{typed}");
    }
}
