//! Which of two addresses of a line is the client's, and what is said where nothing tells it. And
//! ignoreregexes that take too much, or nothing for a trifle.

use crate::explain_kinds::{Kind, report, try_all};
use serde_json::Value;

const ONE: &[&str] = &["203.0.113.5"];

#[test]
fn the_tag_is_moved_to_the_client() {
    try_all(&[
        // the client stands before what the regex asks for, the target behind
        Kind {
            lines: &[
                "2026-11-20 10:00:01 203.0.113.5 REFUSED/407 39 CONNECT 198.51.100.1:443 - text/html",
                "2026-11-20 10:00:02 203.0.113.5 REFUSED/407 39 CONNECT 198.51.100.2:443 - text/html",
            ],
            typed: "REFUSED/407 .*<HOST>",
            code: "wrong-address",
            change: "<ADDR> REFUSED/407",
            found: ONE,
        },
        Kind {
            lines: &[
                "2026-11-20 10:00:01 pop3: aborted, rip=203.0.113.5, lip=198.51.100.1",
                "2026-11-20 10:00:02 pop3: aborted, rip=203.0.113.5, lip=198.51.100.2",
            ],
            typed: "pop3: aborted.*ip=<HOST>$",
            code: "wrong-address",
            change: r"pop3: aborted,\s+rip=<ADDR>,.*ip=\S+$",
            found: ONE,
        },
        // the header of the columns
        Kind {
            lines: &[
                "#Fields: date time s-ip cs-uri-stem c-ip sc-status",
                "2026-11-20 10:00:01 198.51.100.1 /owa 203.0.113.5 401",
                "2026-11-20 10:00:02 198.51.100.2 /owa 203.0.113.5 401",
            ],
            typed: r"^.*<HOST> /owa .* 401$",
            code: "wrong-address",
            change: r"^.*\S+ /owa <ADDR> 401$",
            found: ONE,
        },
        // one client meets two addresses of the server: one of these stands in other lines, too
        Kind {
            lines: &[
                "2026-11-20 10:00:01 ftp (srv.example.org) 198.51.100.1 203.0.113.5: login failed",
                "2026-11-20 10:00:02 ftp (srv.example.org) 198.51.100.2 203.0.113.5: login failed",
                "2026-11-20 10:00:03 ftp (srv.example.org) 198.51.100.1 203.0.113.9: session ends",
            ],
            typed: r"ftp \(<HOST>.*login failed",
            code: "wrong-address",
            change: r"ftp \(\S+\)\s+\S+\s+<ADDR>:.*login failed",
            found: ONE,
        },
        // the name of one customer is not written into the regex
        Kind {
            lines: &[
                "2026-11-20 10:00:01 ftpd srv.example.org (h1.example.net[203.0.113.5]): login failed",
                "2026-11-20 10:00:02 ftpd srv.example.org (h1.example.net[203.0.113.5]): login failed",
            ],
            typed: "ftpd <HOST> .*: login failed",
            code: "wrong-address",
            change: r"ftpd \S+ \(\S+\[<ADDR>\].*: login failed",
            found: ONE,
        },
        // who a mail client says that it is
        Kind {
            lines: &[
                "2026-11-20 10:00:01 smtpd: reject: RCPT from unknown[203.0.113.5]: 554 no; helo=<[198.51.100.1]>",
                "2026-11-20 10:00:02 smtpd: reject: RCPT from unknown[203.0.113.5]: 554 no; helo=<[198.51.100.2]>",
            ],
            typed: r"reject: RCPT from .*\[<HOST>\]",
            code: "wrong-address",
            change: r"reject: RCPT from unknown\[<ADDR>\].*\[\S+\]",
            found: ONE,
        },
        // commas part the columns
        Kind {
            lines: &[
                "#Fields: date-time,local-endpoint,remote-endpoint,data",
                "2026-11-20T10:00:01.1Z,198.51.100.1:25,203.0.113.5:512,login failed",
                "2026-11-20T10:00:02.1Z,198.51.100.1:25,203.0.113.5:513,login failed",
            ],
            typed: r"<HOST>:\d+,.*login failed",
            code: "wrong-address",
            change: r"\S+:\d+,<ADDR>:.*login failed",
            found: ONE,
        },
        // a proxy with others behind it
        Kind {
            lines: &[
                "10.0.0.1 [20/Nov/2026:10:00:01 +0000] \"POST /login\" 401 \"203.0.113.5, 10.0.7.7\"",
                "10.0.0.1 [20/Nov/2026:10:00:02 +0000] \"POST /login\" 401 \"203.0.113.6, 10.0.7.8\"",
            ],
            typed: r#"^<HOST> .*"POST /login" 401"#,
            code: "wrong-address",
            change: r#"^\S+ .*"POST /login" 401 "<ADDR>"#,
            found: &["203.0.113.5", "203.0.113.6"],
        },
    ]);
}

#[test]
fn it_is_not_moved_to_a_target() {
    let lines = |begin: &str, behind: &str| -> Vec<String> {
        let line = |n| format!("2026-11-20 10:00:0{n} fw: {begin}{behind}203.0.113.{n} refused");
        (0..5).map(line).collect()
    };
    for (begin, behind, typed) in [
        ("drop SRC=10.0.0.66", " DST=", "drop SRC=<HOST> "),
        ("block from 10.0.0.66", " to ", "block from <HOST> to"),
        ("block 10.0.0.66:4000", " -> ", r"block <HOST>:\d+ "),
    ] {
        let lines = lines(begin, behind);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let hints = &report(&lines, typed, &[])["hints"];
        assert_eq!(hints, &Value::Array(Vec::new()), "{typed}");
    }
    // two addresses of which nothing tells whose they are
    let lines = [
        "2026-11-20 10:00:01 ftp srv.example.org 198.51.100.1 203.0.113.5 login failed",
        "2026-11-20 10:00:02 ftp srv.example.org 198.51.100.2 203.0.113.5 login failed",
    ];
    let hints = &report(&lines, "ftp <HOST> .*login failed", &[])["hints"];
    assert_eq!(hints, &Value::Array(Vec::new()));
}

#[test]
fn a_client_at_home_is_no_proxy() {
    let hints = |ip: &str| {
        let mut lines: Vec<String> = ["anna", "bert", "root", "admin"]
            .iter()
            .enumerate()
            .map(|(n, name)| format!("2026-11-20 10:00:0{n} nas: failed for {name} from {ip}"))
            .collect();
        lines.push(format!("2026-11-20 10:00:09 nas: hello anna from {ip}"));
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        report(&lines, r"nas: failed for \S+ from <ADDR>$", &[])["hints"].clone()
    };
    assert_eq!(hints("192.168.1.23"), Value::Array(Vec::new()));
    let message = |ip: &str| hints(ip)[0]["message"].to_string();
    assert!(message("172.18.0.1").contains("it is that of a proxy"));
    assert!(message("10.0.0.23").contains("it may be that of a proxy"));
    for ip in ["127.0.0.1", "::1"] {
        assert!(message(ip).contains("loopback"), "{ip}");
    }
}

#[test]
fn an_ignoreregex_is_mended_where_a_trifle_is_wrong() {
    let lines = [
        "2026-11-20 10:00:01 lock: wrong code for anna from 192.0.2.5",
        "2026-11-20 10:00:02 lock: wrong code for root from 192.0.2.6",
    ];
    for (ignoreregex, code, change) in [
        (
            "(?:for root from|)",
            "ignores-everything",
            "(?:for root from)",
        ),
        (
            "(?:for root from)?",
            "ignores-everything",
            "(?:for root from)",
        ),
        (
            "^lock: .* for root",
            "ignoreregex-unused",
            r"^\s*lock: .* for root",
        ),
        ("for Root from", "ignoreregex-unused", "(?i)for Root from"),
    ] {
        let typed = r"lock: wrong code for \S+ from <HOST>$";
        let hints = &report(&lines, typed, &[ignoreregex])["hints"];
        let first = (&hints[0]["code"], &hints[0]["change"]);
        assert_eq!(first, (&code.into(), &change.into()), "{hints}");
        let applied = report(&lines, typed, &[ignoreregex, "--apply", "1"]);
        let addresses = applied["addresses"].as_array().expect("addresses");
        assert_eq!(addresses.len(), 1, "{ignoreregex}");
        assert_eq!(addresses[0]["address"], "192.0.2.5");
    }
}

#[test]
fn names_beside_addresses_of_the_servers_side_are_told_in_words() {
    for end in [
        "to 192.0.2.1",
        "on interface 192.0.2.1",
        "resolved by 192.0.2.53 (TTL 60)",
    ] {
        let lines = [
            format!("2026-11-20 10:00:01 login failed from a.example.org {end}"),
            format!("2026-11-20 10:00:02 login failed from b.example.org {end}"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let hints = &report(&lines, "login failed from <HOST>", &[])["hints"];
        assert_eq!(hints.as_array().map(Vec::len), Some(1), "{hints}");
        assert_eq!(hints[0]["code"], "host-names");
        assert_eq!(hints[0]["apply"], Value::Null);
    }
}

#[test]
fn the_gateway_of_containers_is_told_by_few_lines() {
    let told = |address: &str, own: &str| {
        let line = format!("2026-11-20 10:00:01 web{own}: login failed from {address}");
        let report = report(&[line.as_str(); 3], "login failed from <HOST>", &[]);
        report["hints"][0]["code"] == "proxy-address"
    };
    assert!(told("172.18.0.1", ""));
    assert!(told("172.18.0.1", "[172.18.0.7]"));
    assert!(told("fd00:beef::1", ""));
    for quiet in [
        "192.168.1.1",
        "10.0.0.1",
        "172.18.0.9",
        "203.0.113.1",
        "100.64.0.1",
    ] {
        assert!(!told(quiet, ""), "{quiet}");
    }
    // a carrier's own address is one of its machines, where enough lines have it
    let lines: Vec<String> = (0..5)
        .map(|n| format!("2026-11-20 10:00:0{n} login failed for u{n} from 100.64.0.1"))
        .chain(["2026-11-20 10:00:09 login of u from 100.64.0.1".to_string()])
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let report = report(&lines, r"login failed for \S+ from <HOST>", &[]);
    assert_eq!(report["hints"][0]["code"], "proxy-address", "{report:#}");
}

#[test]
fn a_line_of_the_proxy_alone_does_not_keep_its_address() {
    try_all(&[Kind {
        lines: &[
            "2026-11-20 10:00:01 login failed user=a peer=172.18.0.1 xff=\"203.0.113.5\"",
            "2026-11-20 10:00:02 login failed user=b peer=172.18.0.1 xff=\"-\"",
            "2026-11-20 10:00:03 login failed user=c peer=172.18.0.1 xff=\"203.0.113.5\"",
        ],
        typed: r"login failed user=\S+ peer=<HOST>",
        code: "wrong-address",
        change: r#"login failed user=\S+ peer=\S+ xff="<ADDR>""#,
        found: ONE,
    }]);
}
