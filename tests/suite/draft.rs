//! `f2b-regex draft`: a filter for lines that should match, held to what it promises by runs of
//! its own. The formats are those of `testdata/draft/cases.toml`.

use crate::util::{Place, Ran, Run, f2b, repository};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Deserialize)]
struct Cases {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    lines: Vec<String>,
    addresses: Vec<String>,
    good: Vec<String>,
}

/// A directory with a configuration that has no filter for anything, but common.conf.
fn place() -> Place {
    let place = Place::new();
    let common = "[DEFAULT]\n_daemon = \\S*\n\
                  __prefix_line = \\s*(?:\\S+ )?%(_daemon)s(?:\\[\\d+\\])?:\\s+\n";
    place.write("etc/filter.d/common.conf", common);
    place.write(
        "etc/filter.d/none.conf",
        "[Definition]\nfailregex = ^never <HOST>$\n",
    );
    place
}

fn draft(place: &Place, arguments: &[&str]) -> Ran {
    let all = [&["draft", "-c", "etc"], arguments].concat();
    f2b(&all).current_dir(place.path()).ran()
}

/// The addresses a filter finds in a log.
fn addresses(place: &Place, log: &str, filter: &str) -> BTreeSet<String> {
    let ran = f2b(&[log, filter, "--format", "json"])
        .current_dir(place.path())
        .ran();
    let report = ran.ended(0).json();
    let all = report["addresses"].as_array().expect("a list");
    let all = all.iter().map(|a| a["address"].as_str().expect("a text"));
    all.map(str::to_owned).collect()
}

/// What is wrong with the draft of a case; empty where it is good.
fn judge(case: &Case) -> String {
    let place = place();
    place.write("bad.log", case.lines.join("\n") + "\n");
    place.write("good.log", case.good.join("\n") + "\n");
    let ran = draft(&place, &["bad.log", "--good", "good.log", "--name", "made"]);
    if ran.status != Some(0) {
        return format!("{}{}", ran.stdout, ran.stderr);
    }
    let mut wrong = String::new();
    place.write(
        "etc/filter.d/made.conf",
        std::fs::read(place.at("made.conf")).expect("made"),
    );
    let filter = "etc/filter.d/made.conf";
    let run = f2b(&["bad.log", filter, "--format", "json"])
        .current_dir(place.path())
        .ran()
        .json();
    if run["lines"]["matched"] != case.lines.len() as u64 {
        let _ = writeln!(wrong, "{} of the lines match", run["lines"]["matched"]);
    }
    let found = addresses(&place, "bad.log", filter);
    let wanted: BTreeSet<String> = case.addresses.iter().cloned().collect();
    if found != wanted {
        let _ = writeln!(wrong, "{found:?}, not {wanted:?}\n{}", ran.stdout);
    }
    let good = addresses(&place, "good.log", filter);
    if !good.is_empty() {
        let _ = writeln!(wrong, "good lines match: {good:?}\n{}", ran.stdout);
    }
    // the samples are what check reads, and it finds nothing wrong
    place.write(
        "etc/filter.d/made.yaml",
        std::fs::read(place.at("made.yaml")).expect("made"),
    );
    let checked = f2b(&["check", "--strict", filter])
        .current_dir(place.path())
        .ran();
    if checked.status != Some(0) {
        let _ = writeln!(wrong, "{}", checked.stdout);
    }
    wrong
}

#[test]
fn twenty_formats_have_drafts() {
    let path = repository("testdata/draft/cases.toml");
    let text = std::fs::read_to_string(path).expect("cases");
    let cases: Cases = toml::from_str(&text).expect("cases");
    assert!(cases.cases.len() >= 20);
    let mut wrong = String::new();
    for case in &cases.cases {
        assert_eq!(case.lines.len(), case.addresses.len(), "{}", case.name);
        let said = judge(case);
        if !said.is_empty() {
            let _ = writeln!(wrong, "---- {}\n{said}", case.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_filter_that_is_there_is_named() {
    let place = place();
    let door = "[Definition]\nfailregex = ^ door: <HOST> refused by \\S+$\n";
    place.write("etc/filter.d/door.conf", door);
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused by 198.51.100.1";
    let arguments = ["--line", line, "--dry-run", "--format", "json"];
    let report = draft(&place, &arguments).ended(0).json();
    assert_eq!(report["existing"]["filter"], "door");
    // its address is another than the one asked for
    let other = [&arguments[..], &["--address", "2"]].concat();
    let report = draft(&place, &other).ended(0).json();
    assert!(report["existing"].is_null());
    let regex = report["draft"]["failregex"][0]["regex"]
        .as_str()
        .expect("a text");
    assert!(regex.contains("refused by <ADDR>"), "{regex}");
    let anew = [&arguments[..], &["--anew"]].concat();
    assert!(draft(&place, &anew).ended(0).json()["existing"].is_null());
}

#[test]
fn what_stands_against_a_filter_is_said() {
    let place = place();
    let line = "2026-11-20 10:00:00 door: refused";
    let ran = draft(&place, &["--line", line, "--format", "json"]).ended(1);
    let report = ran.json();
    assert_eq!(report["against"][0]["line"], line);
    assert_eq!(report["against"][0]["why"], "no address stands in it");
    // the same line must and must not match
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused";
    place.write("good.log", format!("{line}\n"));
    let ran = draft(&place, &["--line", line, "--good", "good.log"]).ended(1);
    assert!(
        ran.stdout.contains("it must not match, and does"),
        "{}",
        ran.stdout
    );
    assert!(!place.at("draft.conf").exists());
}

#[test]
fn words_are_listed_where_a_class_would_match_a_good_line() {
    let place = place();
    let lines = "2026-11-20 10:00:00 door: login of anna refused from 192.0.2.1\n\
                 2026-11-20 10:00:01 door: login of bob denied from 192.0.2.2\n";
    place.write("bad.log", lines);
    place.write(
        "good.log",
        "2026-11-20 10:00:01 door: login of eve granted from 192.0.2.3\n",
    );
    let arguments = [
        "bad.log",
        "--good",
        "good.log",
        "--dry-run",
        "--format",
        "json",
    ];
    let report = draft(&place, &arguments).ended(0).json();
    let regex = report["draft"]["failregex"][0]["regex"]
        .as_str()
        .expect("a text");
    assert!(regex.contains("(?:denied|refused)"), "{regex}");
}

#[test]
fn files_that_are_there_stay() {
    let place = place();
    place.write("made.yaml", "mine");
    let line = "2026-11-20 10:00:00 door: 192.0.2.1 refused";
    let ran = draft(&place, &["--line", line, "--name", "made"]).ended(2);
    assert!(
        ran.stderr.contains("made.yaml: is there already"),
        "{}",
        ran.stderr
    );
    assert!(!place.at("made.conf").exists());
    let said = draft(&place, &["--line", line, "--name", "../made"])
        .ended(2)
        .stderr;
    assert!(said.contains("--name ../made"), "{said}");
    draft(&place, &[]).ended(2);
}

/// Drafts a filter of some lines, runs it over others, and gives the addresses it finds in them.
fn drafted(lines: &[&str], others: &[&str]) -> (BTreeSet<String>, String) {
    let place = place();
    place.write("bad.log", lines.join("\n") + "\n");
    place.write("others.log", others.join("\n") + "\n");
    draft(&place, &["bad.log", "--name", "made"]).ended(0);
    let conf = std::fs::read_to_string(place.at("made.conf")).expect("made");
    place.write("etc/filter.d/made.conf", &conf);
    let found = addresses(&place, "others.log", "etc/filter.d/made.conf");
    (found, conf)
}

fn set(addresses: &[&str]) -> BTreeSet<String> {
    addresses
        .iter()
        .map(|address| (*address).to_owned())
        .collect()
}

/// A name may hold anything: whoever has it is found all the same, and nobody else.
#[test]
fn no_name_hides_its_owner_or_names_another() {
    let at = |second: u32| format!("2026-11-20 10:00:0{second}");
    for (before, behind) in [
        ("door: Invalid user ", " from CLIENT port 22"),
        ("door: login failed for '", "' (ip CLIENT)"),
        ("door: login failed from CLIENT: ", ""),
        (
            r#"door: msg="login of user '"#,
            r#"' failed" remote_ip=CLIENT"#,
        ),
        (
            "door: warning: unknown[CLIENT]: login failed, username=",
            "",
        ),
        ("door: failed login for user [", "] from [CLIENT]"),
        (
            "door: failed login for ",
            " from CLIENT:4711: no door [uid: 0]",
        ),
    ] {
        let line = |name: &str, client: &str, second: u32| {
            let text = format!("{} {before}{name}{behind}", at(second));
            text.replace("CLIENT", client)
        };
        let lines = [
            line("anna", "192.0.2.1", 1),
            line("bob.k", "192.0.2.2", 2),
            line("eve@example.com", "192.0.2.3", 3),
        ];
        let rest = format!("x{behind}").replace("CLIENT", "198.51.100.7");
        let whole = line("x", "198.51.100.7", 4);
        let names = [
            "bob smith",
            "it's",
            "a]b",
            "x from 198.51.100.7",
            rest.as_str(),
            whole.as_str(),
            "x>y, z",
        ];
        let clients: Vec<String> = (0..names.len()).map(|n| format!("203.0.113.{n}")).collect();
        let others = names.iter().zip(&clients);
        let others: Vec<String> = others.map(|(name, client)| line(name, client, 5)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let (found, conf) = drafted(&lines, &others);
        let wanted: BTreeSet<String> = clients.into_iter().collect();
        assert_eq!(found, wanted, "{before}…{behind}\n{conf}");
    }
}

/// Free text before the address and behind it: nobody else is found, or there is no filter.
#[test]
fn free_text_on_both_sides_names_nobody_else() {
    let line = |name: &str, client: &str, agent: &str| {
        format!("2026-11-20 10:00:00 door: login of user {name} from {client} failed ({agent})")
    };
    let agents = ["\"Mozilla/5.0 (X11)\"", "\"curl/8.5.0\""];
    let lines = [
        line("anna", "192.0.2.1", agents[0]),
        line("bob", "192.0.2.2", agents[1]),
    ];
    let tail = "x from 198.51.100.7 failed (\\\"y\\\")";
    let others = [
        line("eve", "203.0.113.1", &format!("\"{tail}\"")),
        line(tail, "203.0.113.2", "\"z\""),
        line("eve", "203.0.113.3", "\"Wget/1.2 (linux; x)\""),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let (found, conf) = drafted(&lines, &others);
    let clients = set(&["203.0.113.1", "203.0.113.2", "203.0.113.3"]);
    assert!(found.is_subset(&clients), "{found:?}\n{conf}");
    assert!(found.contains("203.0.113.3"), "{found:?}\n{conf}");
    // without the quotes no regex can tell
    let place = place();
    place.write("bad.log", lines.join("\n").replace('"', "") + "\n");
    let said = draft(&place, &["bad.log"]).ended(1).stdout;
    assert!(said.contains("has another's address banned"), "{said}");
}

/// What other lines of the same kind have elsewhere is no part of the regex.
#[test]
fn lines_not_given_match() {
    for (lines, others, wanted) in [
        // an IPv6 address stands in brackets before a port
        (
            ["2026-11-20 10:00:00 door: 192.0.2.1:4711 refused", ""],
            "2026-11-20 10:00:01 door: [2001:db8::7]:22 refused",
            "2001:db8::7",
        ),
        // the name of a host, which may read like an address
        (
            [
                "2026-11-20 10:00:00 door: login failed by a.example.com (192.0.2.1)",
                "2026-11-20 10:00:01 door: login failed by 192.0.2.2 (192.0.2.2)",
            ],
            "2026-11-20 10:00:01 door: login failed by 198.51.100.7 (192.0.2.9)",
            "192.0.2.9",
        ),
        // a name that stands twice
        (
            [
                "2026-11-20 10:00:00 [7] bob@shop 192.0.2.1(4711) FATAL: no password of user \"bob\"",
                "2026-11-20 10:00:00 [8] eve@shop 192.0.2.2(4711) FATAL: no password of user \"eve\"",
            ],
            "2026-11-20 10:00:01 [9] x@shop 192.0.2.9(22) FATAL: no password of user \"x\"",
            "192.0.2.9",
        ),
        // one line only
        (
            [
                r#"{"time":"2026-11-20T10:00:00Z","message":"login failed for anna","ip":"192.0.2.1"}"#,
                "",
            ],
            r#"{"time":"2026-11-20T10:00:05Z","message":"login failed for \"b b\"","ip":"192.0.2.9"}"#,
            "192.0.2.9",
        ),
        // the agent of a browser
        (
            [
                "2026-11-20 10:00:00 door: 192.0.2.1 refused (Mozilla/5.0 (X11; x) Gecko/1)",
                "",
            ],
            "2026-11-20 10:00:01 door: 192.0.2.9 refused (curl/8.5.0)",
            "192.0.2.9",
        ),
        // who writes no name has `-`
        (
            [
                r#"192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 401 7"#,
                "",
            ],
            r#"192.0.2.9 - eve [20/Nov/2026:10:00:09 +0000] "GET /b HTTP/1.1" 401 17"#,
            "192.0.2.9",
        ),
    ] {
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let (found, conf) = drafted(&lines, &[others]);
        assert_eq!(found, set(&[wanted]), "{others}\n{conf}");
    }
}

/// Two messages are two regexes, each with its words, and not one of classes.
#[test]
fn messages_keep_their_words() {
    let line = |ip: u8, reason: &str| {
        format!("2026-11-20 10:00:00 door: login failed for user eve from 192.0.2.{ip}: {reason}")
    };
    let lines = [
        line(1, "no such name is known here"),
        line(2, "the given password did not match"),
        line(3, "no such name is known here"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (_, conf) = drafted(&lines, &[]);
    assert!(conf.contains("no such name is known here$"), "{conf}");
    assert!(conf.contains("the given password did not match$"), "{conf}");
}

#[test]
fn lines_that_read_like_successes_are_named() {
    let place = place();
    let lines = "2026-11-20 10:00:00 door: login of anna failed from 192.0.2.1\n\
                 2026-11-20 10:00:01 door: accepted password of anna from 192.0.2.2\n";
    place.write("bad.log", lines);
    let report = draft(&place, &["bad.log", "--dry-run", "--format", "json"]);
    let report = report.ended(0).json();
    let said = report["draft"]["unsure"].to_string();
    assert!(said.contains("line 2 reads like a success"), "{said}");
}

/// What a program says before a colon is no host and daemon.
#[test]
fn words_are_no_syslog_prefix() {
    let lines = ["2026-11-20 10:00:00 Server Login: no password of eve from 192.0.2.1"];
    let (_, conf) = drafted(&lines, &[]);
    assert!(!conf.contains("_daemon"), "{conf}");
    let lines = ["Nov 20 10:00:00 gate door: no password of eve from 192.0.2.1"];
    let (_, conf) = drafted(&lines, &[]);
    assert!(conf.contains("_daemon = door"), "{conf}");
}

/// A zone that fail2ban's templates leave behind is read by a datepattern.
#[test]
fn zones_are_read() {
    let lines = ["2026-11-20T10:00:00.123456789Z door: 192.0.2.1 refused"];
    let (_, conf) = drafted(&lines, &[]);
    assert!(
        conf.contains("datepattern = ^%%Y-%%m-%%dT%%H:%%M:%%S"),
        "{conf}"
    );
}
