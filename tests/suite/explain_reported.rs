//! What users reported of their filters: pieces of names, ends of addresses, numbers and ports that not
//! every line has, ignoreregexes that never apply, logs in another encoding; and modes that would
//! find what is no attack.

use crate::explain_kinds::{Kind, report, try_all};
use crate::util::{Place, Run, f2b};
use serde_json::Value;

const BOTH: &[&str] = &["192.0.2.5", "192.0.2.6"];

#[test]
fn what_not_every_line_has_is_asked_for_where_it_is() {
    try_all(&[
        // the number that the program counts by stays behind the date
        Kind {
            lines: &[
                "Fri Nov 20 10:00:01 2026 us=3230 192.0.2.5:6119 TLS: user verification failed",
                "Fri Nov 20 10:00:02 2026 us=3231 192.0.2.6:6119 TLS: user verification failed",
            ],
            typed: r"^\s*<HOST>:\d+ TLS: user verification failed",
            code: "text-before",
            change: r"^\s+us=\d+\s+<HOST>:\d+ TLS: user verification failed",
            found: BOTH,
        },
        // a second date in quotes
        Kind {
            lines: &[
                "2026-11-20 10:00:01+0000 [-] vpn out: 'Fri Nov 20 10:00:01 2026 192.0.2.5:1194 decrypt failed'",
                "2026-11-20 10:00:02+0000 [-] vpn out: 'Fri Nov 20 10:00:02 2026 192.0.2.6:1194 decrypt failed'",
            ],
            typed: r"\[-\] vpn out: '<HOST>:\d+ decrypt failed",
            code: "text-between",
            change: r"\[-\] vpn out: 'Fri\s+Nov\s+\d+\s+\d+:\d+:\d+\s+\d+\s+<HOST>:\d+ decrypt failed",
            found: BOTH,
        },
        // blanks on both sides of the colons of JSON
        Kind {
            lines: &[
                r#"{"time" : "2026-11-20T10:00:01Z", "addr" : "192.0.2.5", "status" : 401}"#,
                r#"{"time" : "2026-11-20T10:00:02Z", "addr" : "192.0.2.6", "status" : 401}"#,
            ],
            typed: r#""addr":"<HOST>".*"status":401"#,
            code: "blank-missing",
            change: r#""addr"\s*:\s*"<HOST>".*"status"\s*:\s*401"#,
            found: BOTH,
        },
        // how many bytes were sent
        Kind {
            lines: &[
                "192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"POST /api/login HTTP/1.1\" 401 16",
                "192.0.2.6 - - [20/Nov/2026:10:00:02 +0000] \"POST /api/login HTTP/1.1\" 401 16",
            ],
            typed: r#"^<HOST> .*"POST /api/login HTTP/1\.1" 401 22"#,
            code: "other-number",
            change: r#"^<HOST> .*"POST /api/login HTTP/1\.1" 401 \d+"#,
            found: BOTH,
        },
        // the port, and the address that the client came to
        Kind {
            lines: &[
                "2026-11-20 10:00:01 mx: protocol error H=(pc) [192.0.2.5] AUTH not advertised",
                "2026-11-20 10:00:02 mx: protocol error H=(pc) [192.0.2.6] AUTH not advertised",
            ],
            typed: r"mx: protocol error H=\(\S*\) \[<HOST>\]:\d+ I=\[\S*\]:\d+ AUTH not advertised",
            code: "port-not-there",
            change: r"mx: protocol error H=\(\S*\) \[<HOST>\](?::\d+ I=\[\S*\]:\d+)? AUTH not advertised",
            found: BOTH,
        },
        // the name a client gives itself, and never the address that it came to
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login failed for a.example.net [192.0.2.5]:54 I=[198.51.100.1]:587: denied",
                "2026-11-20 10:00:02 login failed for b.example.net [192.0.2.6]:55 I=[198.51.100.1]:587: denied",
            ],
            typed: r"login failed for \S+ \(\S+\) \[<HOST>\]:\d+ I=\[\S+\]:\d+: denied",
            code: "words-too-many",
            change: r"login failed for \S+ (?:\(\S+\) )?\[<HOST>\]:\d+ I=\[\S+\]:\d+: denied",
            found: BOTH,
        },
        // an option of the filter sshd in a regex given as text
        Kind {
            lines: &[
                "2026-11-20 10:00:01 box: Disconnecting invalid user adm 192.0.2.5 port 38: too many",
                "2026-11-20 10:00:02 box: Disconnecting invalid user adm 192.0.2.6 port 39: too many",
            ],
            typed: r"box: Disconnecting invalid user \S+ <HOST>%(__on_port_opt)s:",
            code: "prefix-line",
            change: r"box: Disconnecting invalid user \S+ <HOST>(?: port \d+)?:",
            found: BOTH,
        },
    ]);
}

#[test]
fn the_end_of_an_address_and_the_begin_of_a_name_are_no_address() {
    try_all(&[
        // of the second line nothing is caught
        Kind {
            lines: &[
                "2026-11-20 10:00:01 [client 192.0.2.5:2225] AH1: no such host",
                "2026-11-20 10:00:02 [client 192.0.2.6:51234] AH1: no such host",
            ],
            typed: "<HOST>.(AH1)",
            code: "wrong-address",
            change: r"<ADDR>:\d+\].(AH1)",
            found: BOTH,
        },
        Kind {
            lines: &[
                "5.2.0.192.pool.example.net - - [20/Nov/2026:10:00:01 +0000] \"GET /a\" 403 9",
                "192.0.2.5 - - [20/Nov/2026:10:00:02 +0000] \"GET /a\" 403 9",
                "192.0.2.6 - - [20/Nov/2026:10:00:03 +0000] \"GET /a\" 403 9",
            ],
            typed: r#"^<HOST>.*" 403 "#,
            code: "piece-of-name",
            change: r#"^<ADDR>(?![\w.-]).*" 403 "#,
            found: BOTH,
        },
    ]);
}

#[test]
fn an_ignoreregex_that_never_applies_is_mended() {
    let lines = [
        "192.0.2.9 - - [20/Nov/2026:10:00:01 +0000] \"POST /web/discover.xml HTTP/1.1\" 404 5",
        "192.0.2.5 - - [20/Nov/2026:10:00:02 +0000] \"POST /x.php HTTP/1.1\" 404 5",
        "192.0.2.6 - - [20/Nov/2026:10:00:03 +0000] \"POST /y.php HTTP/1.1\" 404 5",
        "10.0.0.7 - - [20/Nov/2026:10:00:04 +0000] \"POST /z.php HTTP/1.1\" 404 5",
    ];
    for (ignoreregex, code, change, found) in [
        (
            "POST /web/discover.xml HTTP/1.1\" 404$",
            "ignoreregex-unused",
            "POST /web/discover.xml HTTP/1.1\" 404\\b",
            3,
        ),
        ("'/web/discover'", "ignoreregex-unused", "/web/discover", 3),
        (
            "POST .*/(/web|/old)",
            "ignoreregex-unused",
            "POST .*(/web|/old)",
            3,
        ),
        (
            "10.0.0.0/24",
            "network-in-ignoreregex",
            r"^10\.0\.0\.\d+\s",
            3,
        ),
    ] {
        let typed = "^<HOST> .*\" 404 ";
        let hints = &report(&lines, typed, &[ignoreregex])["hints"];
        let first = (&hints[0]["code"], &hints[0]["change"]);
        assert_eq!(first, (&code.into(), &change.into()), "{hints}");
        let applied = report(&lines, typed, &[ignoreregex, "--apply", "1"]);
        let addresses = applied["addresses"].as_array().expect("addresses");
        assert_eq!(addresses.len(), found, "{ignoreregex}");
    }
    // another address than the one that is left out
    let typed = "^<HOST> .*\" 404 ";
    let hints = &report(&lines, typed, &[r"from 192\.0\.2\.1$"])["hints"];
    assert_eq!(hints, &Value::Array(Vec::new()));
}

#[test]
fn a_prefregex_takes_what_the_failregex_asks_for_again() {
    let place = Place::new();
    let log = place.write(
        "app.log",
        "Nov 20 10:00:01 mx door: error,relay=192.0.2.5,msg=\"535 Login failed now\"\n",
    );
    let filter = place.write(
        "door.conf",
        "[Definition]\nprefregex = ^\\s*\\S+ door: error,relay=<HOST>,<F-CONTENT>.+</F-CONTENT>$\n\
         failregex = ^.*: error,relay=<HOST>,msg=\"535 Login failed now\"$\n",
    );
    let mut command = f2b(&["--format", "json", "--now", "2026-11-20T20:00:00Z"]);
    let hints = &command.arg(log).arg(filter).ran().json()["hints"];
    assert_eq!(hints[0]["code"], "not-in-front", "{hints}");
    assert_eq!(
        hints[0]["change"], "^msg=\"535 Login failed now\"$",
        "{hints}"
    );
}

#[test]
fn hours_of_half_a_day_need_no_seconds() {
    let lines = [
        "[20-11-26 02:01PM] app: login failed from 192.0.2.5",
        "[20-11-26 02:02PM] app: login failed from 192.0.2.6",
    ];
    let typed = "app: login failed from <HOST>$";
    for given in [r"^\[%d-%m-%y %H:%M%p\]", r"^\[%d-%m-%y %l:%M%p\]"] {
        let hints = &report(&lines, typed, &["-d", given])["hints"];
        let change = &hints[0]["change"];
        assert_eq!(
            change, r"datepattern = ^\[%%d-%%m-%%y %%I:%%M%%p\]",
            "{hints}"
        );
        let applied = report(&lines, typed, &["-d", given, "--apply", "1"]);
        let first = &applied["addresses"][0]["first"]["time"];
        assert_eq!(first, "2026-11-20T14:01:00+00:00", "{given}");
    }
}

#[test]
fn a_log_in_another_encoding_is_told() {
    let place = Place::new();
    let words = "2026-11-20 10:00:01 Anmeldung für anna abgelehnt: 192.0.2.5\n";
    let latin: Vec<u8> = words.chars().map(|c| c as u8).collect();
    let typed = r"Anmeldung für \S+ abgelehnt: <HOST>$";
    for (bytes, given, right) in [
        (latin.as_slice(), None, "iso-8859-1"),
        (latin.as_slice(), Some("cp1255"), "iso-8859-1"),
        (words.as_bytes(), Some("ascii"), "utf-8"),
    ] {
        let log = place.write("app.log", bytes);
        let run = |more: &[&str]| {
            let mut command = f2b(&["--format", "json", "--now", "2026-11-20T20:00:00Z"]);
            command.arg(&log).arg(typed).args(more);
            command.args(given.iter().flat_map(|given| ["-e", given]));
            command.ran().json()
        };
        let hints = &run(&[])["hints"];
        let change = format!("logencoding = {right}");
        assert_eq!(hints[0]["change"], change.as_str(), "{hints}");
        assert_eq!(run(&["--apply", "1"])["lines"]["matched"], 1, "{right}");
    }
}

#[test]
fn a_mode_for_what_is_no_attack_is_not_proposed() {
    let place = Place::new();
    let config = place.path().join("config");
    let filter = "[Definition]\nfailregex = ^\\s*\\S+ pop: denied <HOST>$\n            <mdre-<mode>>\n\
                  mode = normal\nmdre-normal =\n\
                  mdre-more = ^\\s*\\S+ pop: (?:no login|name \\S+ does not resolve) <HOST>$\n";
    place.write("config/filter.d/pop.conf", filter);
    let run = |lines: &[&str]| {
        let log = place.write("app.log", lines.join("\n") + "\n");
        let mut command = f2b(&["--format", "json", "--now", "2026-11-20T20:00:00Z"]);
        command.arg("-c").arg(&config).arg(log).arg("pop");
        command.ran().json()["hints"].clone()
    };
    let hints = run(&["Nov 20 10:00:01 mx pop: no login 192.0.2.5"]);
    assert_eq!(hints[0]["change"], "[mode=more]", "{hints}");
    for lines in [
        &["Nov 20 10:00:01 mx pop: no login 172.22.1.7"],
        &["Nov 20 10:00:01 mx pop: name a.example.org does not resolve 192.0.2.5"],
    ] {
        assert_eq!(run(lines), Value::Array(Vec::new()), "{lines:?}");
    }
}

#[test]
fn who_asks_for_no_dates_is_told_of_none() {
    let lines = ["[Fri Nov 20 10:00:01.5 2026] [client 192.0.2.5:35] AH1: no such file"];
    let hints = &report(&lines, r"\[client <HOST>:\d+\] AH1", &["-d", "{NONE}"])["hints"];
    assert_eq!(hints, &Value::Array(Vec::new()));
}

#[test]
fn what_a_program_adds_beside_the_address_is_asked_for() {
    try_all(&[
        // the number of a thread, behind the brackets that the date leaves
        Kind {
            lines: &[
                "[Fri Nov 20 10:00:01.5 2026] [:error] [pid 21:tid 1398] [client 192.0.2.5] waf: denied",
                "[Fri Nov 20 10:00:02.5 2026] [:error] [pid 22:tid 1398] [client 192.0.2.6] waf: denied",
            ],
            typed: r"^\[:error\] \[pid \d+\] \[client <HOST>\] waf: denied",
            code: "text-between",
            change: r"^(?:\[\])?\s*\[:error\] \[pid \d+:tid\s+\d+\] \[client <HOST>\] waf: denied",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 smtp: error,relay=192.0.2.5,port=436,msg=\"authentication failed\"",
                "2026-11-20 10:00:02 smtp: error,relay=192.0.2.6,port=437,msg=\"authentication failed\"",
            ],
            typed: r#"smtp: error,relay=<HOST>,msg="authentication failed""#,
            code: "text-between",
            change: r#"smtp: error,relay=<HOST>,port=\d+,msg="authentication failed""#,
            found: BOTH,
        },
        // what the brackets hold
        Kind {
            lines: &[
                "2026-11-20T10:00:01.123Z [f1b2] [denied] client : anna / 192.0.2.5 [token]",
                "2026-11-20T10:00:02.123Z [f1c3] [denied] client : bert / 192.0.2.6 [token]",
            ],
            typed: r"^\s*\[\] \[denied\] client : \S+ / <HOST>",
            code: "text-between",
            change: r"^\s*\[[^\]]*\] \[denied\] client : \S+ / <HOST>",
            found: BOTH,
        },
        // the same address once more
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login failed for anna from 192.0.2.5 (X-Forwarded-For: 192.0.2.5) in session 7v",
                "2026-11-20 10:00:02 login failed for bert from 192.0.2.6 (X-Forwarded-For: 192.0.2.6) in session 7w",
            ],
            typed: r"login failed for \S+ from <HOST> in session",
            code: "text-between",
            change: r"login failed for \S+ from <HOST> \(X-Forwarded-For:\s+\d+\.\d+\.\d+\.\d+\)\s+in session",
            found: BOTH,
        },
        // reasons of different lengths
        Kind {
            lines: &[
                "2026-11-20 10:00:01 login failed for \"anna\" from 192.0.2.5 (user not found)",
                "2026-11-20 10:00:02 login failed for \"bert\" from 192.0.2.6 (invalid password)",
            ],
            typed: r#"login failed for ".*" from <HOST>$"#,
            code: "text-behind",
            change: r#"login failed for ".*" from <HOST>\s+\([^()]*\)$"#,
            found: BOTH,
        },
    ]);
}

#[test]
fn what_is_written_otherwise_is_asked_for_as_it_is_written() {
    try_all(&[
        // JSON inside of a text in quotes
        Kind {
            lines: &[
                r#"2026-11-20 10:00:01 api: payload="{\"result\":\"denied\",\"ip\":\"192.0.2.5\"}""#,
                r#"2026-11-20 10:00:02 api: payload="{\"result\":\"denied\",\"ip\":\"192.0.2.6\"}""#,
            ],
            typed: r#""result":"denied","ip":"<HOST>""#,
            code: "escaped-quotes",
            change: r#"\\?"result\\?":\\?"denied\\?",\\?"ip\\?":\\?"<HOST>\\?""#,
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 denied 192.0.2.5 \"POST /client/v3/login HTTP/1.1\"",
                "2026-11-20 10:00:02 denied 192.0.2.6 \"POST /client/v3/login HTTP/1.1\"",
            ],
            typed: r#"denied <HOST> "POST /client/r0/login HTTP"#,
            code: "other-version",
            change: r#"denied <HOST> "POST /client/[rv]\d+/login HTTP"#,
            found: BOTH,
        },
        // never the name of a user
        Kind {
            lines: &[
                "2026-11-20 10:00:01 bad password user=198.51.100.7 remote=192.0.2.5",
                "2026-11-20 10:00:02 bad password user=198.51.100.7 remote=192.0.2.6",
            ],
            typed: r"bad password user=\S+ rhost=<HOST>$",
            code: "other-word",
            change: r"bad password user=\S+ remote=<HOST>$",
            found: BOTH,
        },
        // a visitor says where he comes from
        Kind {
            lines: &[
                "www.example.org 192.0.2.5 - - [20/Nov/2026:10:00:01 +0000] \"POST /login HTTP/1.1\" 401 9 \"http://198.51.100.7/\"",
                "www.example.org 192.0.2.6 - - [20/Nov/2026:10:00:02 +0000] \"POST /login HTTP/1.1\" 401 9 \"http://198.51.100.7/\"",
            ],
            typed: r#"^<HOST> - \S+ .*"POST /login[^"]*" 401 "#,
            code: "text-before",
            change: r#"^\S+\s+<HOST> - \S+ .*"POST /login[^"]*" 401 "#,
            found: BOTH,
        },
        // a network of containers that is another one today
        Kind {
            lines: &[
                "2026-11-20 10:00:01 desk: login from [192.0.2.5, 172.18.0.1] failed",
                "2026-11-20 10:00:02 desk: login from [192.0.2.6, 172.18.0.1] failed",
            ],
            typed: r"desk: login from \[<HOST>, 172\.17\.0\.1\] failed",
            code: "other-address",
            change: r"desk: login from \[<HOST>, [\d.]+\] failed",
            found: BOTH,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 UTC [81] 192.0.2.5(5123) anna@shop FATAL: authentication failed",
                "2026-11-20 10:00:02 UTC [82] 192.0.2.6(5124) bert@shop FATAL: authentication failed",
            ],
            typed: r"<HOST> \S+ FATAL: authentication failed",
            code: "port-behind",
            change: r"<HOST>\(\d+\) \S+ FATAL: authentication failed",
            found: BOTH,
        },
        // the fraction of a second stays in the brackets
        Kind {
            lines: &[
                "[10:00:01,829] <api-1> login failed for anna from 192.0.2.5",
                "[10:00:02,829] <api-2> login failed for bert from 192.0.2.6",
            ],
            typed: r"^\[\] <api-\d+> login failed for \S+ from <HOST>$",
            code: "text-between",
            change: r"^\[[^\]]*\] <api-\d+> login failed for \S+ from <HOST>$",
            found: BOTH,
        },
    ]);
}

#[test]
fn what_is_not_meant_or_a_client_writes_is_not_asked_for() {
    let silent: [(&[&str], &str); 3] = [
        (
            &[
                "[20/Nov/2026:10:00:01 +0000] - 404 - GET x [Client 192.0.2.5] [Length 5] \"a\"",
                "[20/Nov/2026:10:00:02 +0000] - 304 - GET x [Client 192.0.2.6] [Length 5] \"a\"",
            ],
            r"^.* (404|403) - .* \[Client <HOST>\] \[Length .*\] .*$",
        ),
        (
            &["2026-11-20 10:00:01 auth: user [anna] from 192.0.2.5 ok"],
            r"auth: user \[\] from <HOST>",
        ),
        (
            &[
                r#"{"time":"2026-11-20T10:00:01Z","msg":"login failed","ip":"192.0.2.5","agent":"{\"addr\":\"192.0.2.6\""}"#,
            ],
            r#""addr":"<HOST>""#,
        ),
    ];
    for (lines, filter) in silent {
        let hints = &report(lines, filter, &[])["hints"];
        assert_eq!(hints, &Value::Array(Vec::new()), "{filter}");
    }
}

#[test]
fn a_failregex_that_is_a_comment_is_told() {
    let place = Place::new();
    let log = place.write("app.log", "2026-11-20 10:00:01 oip=192.0.2.5;failed\n");
    let filter = place.write("app.conf", "[Definition]\nfailregex = ;oip=<HOST>;failed\n");
    let mut command = f2b(&["--now", "2026-11-20T20:00:00Z"]);
    let said = command.arg(log).arg(filter).ran().ended(2).stderr;
    assert!(said.contains("is a comment, in line 2"), "{said}");
}
