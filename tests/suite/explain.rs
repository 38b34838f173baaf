//! `explain`: one line, step by step, with the filters of testdata/explain.

use crate::util::{Place, Run, f2b};
use assert_cmd::Command;
use serde_json::Value;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/explain/config");

fn program() -> Command {
    f2b(&["explain", "-c", CONFIG])
}

fn text(arguments: &[&str]) -> String {
    program().args(arguments).ran().ended(0).stdout
}

fn json(arguments: &[&str]) -> Value {
    let mut command = program();
    command.args(["--format", "json"]).args(arguments);
    command.ran().json()
}

/// What is said on standard error; the status must be 2.
fn error(arguments: &[&str]) -> String {
    program().args(arguments).ran().ended(2).stderr
}

const MISSED: &str = "Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no auth attempts \
                      in 0 secs): user=<>, rip=111.7.96.136, lip=10.0.0.246";

#[test]
fn every_step_of_a_missed_line_is_told() {
    let want = r#"Line 1  missed
   Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no auth attempts 
   in 0 secs): user=<>, rip=111.7.96.136, lip=10.0.0.246

Date  {^LN-BEG}(?:DAY )?MON Day %k:Minute:Second(?:\.Microseconds)?(?: ExYear)?
   Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no auth attempts…
   ~~~~~~~~~~~~~~~ is 2026-04-16 16:44:51 and is cut out
   the regexes see " instance dovecot: imap-login: Disconnected (no auth atte…"

Prefregex  CONFIG/filter.d/imap.conf:8  matches
   content  "Disconnected (no auth attempts in 0 secs): user=<>, rip=111.7.96.…"

Failregex  it does not match
 failregex 1  CONFIG/filter.d/imap.conf:9
   Disconnected (no auth attempts in 0 secs): user=<>, rip=111.7.96.136, lip=10…
                 ^ stops at column 15
   ^Disconnected \(auth failed, \d+ attempts[^)]*\): user=<<F-USER>[^>]*</F-USE…
                   ^ expected `auth failed, `

Verdict  missed: no failregex matches

Hints
   1. 1 line of 1 missed match with `[mode=aggressive]`
      line 1: Apr 16 16:44:51 instance dovecot: imap-login: Disconnected (no au…
"#;
    // the directory's length decides what of it fits
    let got = text(&[MISSED, "imap"]);
    let (got, want): (Vec<&str>, Vec<&str>) = (got.lines().collect(), want.lines().collect());
    for (got, want) in got.iter().zip(&want) {
        if want.contains("CONFIG") {
            assert_eq!(got.split(' ').next(), want.split(' ').next())
        } else {
            assert_eq!(got, want)
        }
    }
    assert_eq!(got.len(), want.len());
}

#[test]
fn the_near_miss_is_in_the_json_report() {
    let report = json(&[MISSED, "imap"]);
    assert_eq!(
        (&report["schema"], &report["verdict"]),
        (&1.into(), &"missed".into())
    );
    assert_eq!(report["date"]["text"], "Apr 16 16:44:51");
    assert_eq!(report["date"]["time"]["time"], "2026-04-16T16:44:51+00:00");
    let content = report["content"].as_str().expect("a content");
    assert!(content.starts_with("Disconnected (no auth"));
    let regex = &report["failregex"][0];
    let near = &regex["near"];
    assert_eq!((&near["at"], &near["exact"]), (&14.into(), &true.into()));
    let piece = &near["expected"][0];
    assert_eq!(piece["piece"], "auth failed, ");
    let offset = |name: &str| piece[name].as_u64().expect("an offset") as usize;
    let written = regex["regex"].as_str().expect("the regex");
    assert_eq!(&written[offset("start")..offset("end")], "auth failed, ");
    assert_eq!(report["hints"][0]["change"], "[mode=aggressive]");
}

#[test]
fn regexes_are_ranked_by_how_far_they_got() {
    let line = "Apr 30 10:11:12 host sshd[5]: Failed password for root from 192.0.2.7 port x";
    let report = json(&[line, "sshd"]);
    assert_eq!(report["nearest"][0], 1);
    let near = &report["failregex"][0]["near"];
    assert_eq!(near["expected"][0]["piece"], r"\d");
    assert_eq!(
        near["at"],
        "Failed password for root from 192.0.2.7 port ".len()
    );
}

#[test]
fn a_miss_of_the_prefregex_and_of_the_date_is_told() {
    let line = "2026-04-16 16:44 instance dovecot imap-login: x";
    let report = json(&[line, "imap"]);
    assert_eq!(report["date"]["found"], false);
    let near = &report["date"]["near"];
    assert_eq!(
        (&near["at"], &near["expected"][0]["piece"]),
        (&16.into(), &":".into())
    );
    assert_eq!(report["prefregex"]["matched"], false);
    assert_eq!(report["failregex"], Value::Array(Vec::new()));
    let table = text(&[line, "imap"]);
    assert!(table.contains("missed: the prefregex does not match"));
    let unknown = text(&["16 Foo 2026 x", "x <HOST>", "-d", "^%d %b %Y"]);
    assert!(unknown.contains("   ^ expected the month\n"), "{unknown}");
}

#[test]
fn a_piece_of_a_tag_is_told_as_the_tag() {
    let report = json(&["login from !", "^login from <ADDR>$"]);
    assert_eq!(
        report["failregex"][0]["near"]["expected"][0]["piece"],
        "<ADDR>"
    );
}

const SESSION: &str = "Apr 30 10:11:12 host sshd[5]: Connection from 192.0.2.8 port 1\n\
                       Apr 30 10:11:13 host sshd[6]: Failed password for x from 192.0.2.9 port 1\n\
                       Apr 30 10:11:14 host sshd[5]: Too many authentication failures for root\n";

/// A log file for the length of a test.
struct Log {
    path: String,
    _place: Place,
}

impl Log {
    fn new(name: &str, text: &str) -> Log {
        let place = Place::new();
        let path = place.write(&format!("{name}.log"), text);
        Log {
            path: path.to_str().expect("a plain path").to_owned(),
            _place: place,
        }
    }

    fn path(&self) -> &str {
        &self.path
    }
}

#[test]
fn a_session_is_told_before_and_after_and_what_completes_it() {
    let log = Log::new("session", SESSION);
    let first = json(&[log.path(), "sshd", "--line-number", "1"]);
    assert_eq!(first["verdict"], "ignored");
    let session = &first["session"];
    assert_eq!(
        (&session["before"], &session["completed_by"]),
        (&Value::Null, &3.into())
    );
    assert_eq!(
        (&session["after"]["nofail"], &session["after"]["id"]),
        (&true.into(), &"192.0.2.8".into())
    );
    assert_eq!(first["hints"], Value::Array(Vec::new()));
    let third = json(&[log.path(), "sshd", "--line-number", "3"]);
    assert_eq!(third["verdict"], "matched");
    assert_eq!(third["session"]["before"]["id"], "192.0.2.8");
    assert_eq!(third["failures"][0]["id"], "192.0.2.8");
    assert_eq!(third["failures"][0]["users"][0], "root");
    // without the lines before, the failure waits for an address
    let alone = json(&[SESSION.lines().nth(2).expect("a line"), "sshd"]);
    assert_eq!(alone["session"]["after"]["pending"], true);
    assert_eq!(alone["failures"][0]["id"], Value::Null);
    let table = text(&[log.path(), "sshd", "--line-number", "1"]);
    assert!(
        table.contains("completed by line 3: Apr 30 10:11:14"),
        "{table}"
    );
}

#[test]
fn a_missed_line_is_explained_unless_another_is_asked_for() {
    let log = Log::new("first", &format!("{SESSION}\n# no\n{MISSED}\n{MISSED}\n"));
    assert_eq!(json(&[log.path(), "sshd"])["number"], 6);
    let mut piped = program();
    piped.args(["--format", "json", "-", "sshd"]);
    let report = piped.write_stdin(SESSION).ran().json();
    // nothing is missed: the last line
    assert_eq!(
        (&report["number"], &report["verdict"]),
        (&3.into(), &"matched".into())
    );
}

const FAILED: &str = "^ login failed for \\S+ from <HOST>$";

/// A log of which the filter [`FAILED`] matches one line, and misses others.
fn door() -> Log {
    let mut text = String::from("2026-11-20 09:00:00 started\n");
    for second in 1..5 {
        text += &format!("2026-11-20 09:00:0{second} login failed of anna from 192.0.2.{second}\n");
    }
    text += "2026-11-20 09:00:06 login failed for bert from 192.0.2.6\n";
    text += "2026-11-20 09:00:07 login failed for carl from 192.0.2.7 port 22\n";
    text += "2026-11-20 09:00:08 login failed for dora from nowhere, 192.0.2.8\n";
    text += "2026-11-20 09:00:09 stopped\n";
    Log::new("door", &text)
}

#[test]
fn the_missed_line_nearest_to_a_match_is_explained() {
    let log = door();
    // the one that the regex reads to its end
    let report = json(&[log.path(), FAILED]);
    assert_eq!(
        (&report["number"], &report["verdict"]),
        (&7.into(), &"missed".into())
    );
    // standard input is read once
    let mut piped = program();
    piped.args(["--format", "json", "-", FAILED]);
    let text = std::fs::read_to_string(log.path()).expect("it is there");
    assert_eq!(piped.write_stdin(text).ran().json()["number"], 7);
    // a window of the log
    assert_eq!(
        json(&[log.path(), FAILED, "--last", "1"])["verdict"],
        "missed"
    );
    let none = error(&["2026-11-20 09:00:00 started", FAILED, "--failures"]);
    assert!(
        none.contains("no missed line looks like a failure"),
        "{none}"
    );
}

#[test]
fn missed_lines_are_grouped_by_where_they_stop() {
    let log = door();
    let report = json(&[log.path(), FAILED, "--all", "--no-hints"]);
    let counts = &report["lines"];
    assert_eq!(
        (&counts["tested"], &counts["matched"]),
        (&9.into(), &1.into())
    );
    assert_eq!(
        (&counts["missed"], &report["ungrouped"]),
        (&8.into(), &0.into())
    );
    let groups: Vec<(u64, u64, u64)> = (report["groups"].as_array().expect("groups").iter())
        .map(|group| {
            let number = |name: &str| group[name].as_u64().expect("a number");
            (number("lines"), number("first"), number("last"))
        })
        .collect();
    assert_eq!(groups[0], (4, 2, 5));
    assert_eq!(groups.iter().map(|group| group.0).sum::<u64>(), 8);
    assert!(groups.is_sorted_by_key(|group| std::cmp::Reverse(group.0)));
    let example = &report["groups"][0]["example"];
    assert_eq!(
        example["failregex"][0]["near"]["expected"][0]["piece"],
        "for "
    );
    let table = text(&[log.path(), FAILED, "--all", "--no-hints"]);
    let first = "Missed  8 of 9 lines, in ";
    assert!(table.starts_with(first), "{table}");
    assert!(
        table.contains("\n1. 4 lines  lines 2 to 5: failregex 1 (given)\n"),
        "{table}"
    );
    let failures = json(&[log.path(), FAILED, "--all", "--failures", "--no-hints"]);
    assert_eq!(failures["left_out"], 2);
    // one group is shown, the rest counted
    let short = text(&[log.path(), FAILED, "--all", "--top", "1", "--no-hints"]);
    assert!(short.contains("more group"), "{short}");
}

#[test]
fn a_line_that_a_later_one_completes_is_not_missed() {
    let log = Log::new(
        "lines",
        "2026-11-20 09:00:01 begin 7\n2026-11-20 09:00:02 end from 192.0.2.7\n\
         2026-11-20 09:00:03 begin 8\n2026-11-20 09:00:04 nothing\n2026-11-20 09:00:05 nothing\n",
    );
    let filter = [log.path(), r"begin \d\n.* end from <HOST>$", "-L", "2"];
    let report = json(&[&filter[..], &["-n", "1"]].concat());
    assert_eq!(report["verdict"], "missed");
    assert_eq!(report["completed_by"]["number"], 2);
    let table = text(&[&filter[..], &["-n", "1"]].concat());
    assert!(
        table.contains("it counts as matched with line 2"),
        "{table}"
    );
    let all = json(&[&filter[..], &["--all"]].concat());
    assert_eq!(
        (&all["lines"]["matched"], &all["lines"]["missed"]),
        (&2.into(), &3.into())
    );
    // the line behind its begin comes nearer
    assert_eq!(json(&filter)["number"], 4);
}

#[test]
fn a_regex_that_matches_is_not_said_to_miss() {
    // such a name can have no address
    let line = format!("2026-11-20 09:00:01 login from {}", "a".repeat(70));
    let table = text(&["--usedns", "yes", &line, "login from <HOST>$"]);
    assert!(table.contains("1 of 1 match"), "{table}");
    assert!(
        table.contains("missed: failregex 1 matches, but no address is known"),
        "{table}"
    );
}

#[test]
fn carets_stand_under_wide_characters() {
    let line = "2026-11-20 09:00:01 認証失敗 ユーザー root 送信元 192.0.2.7";
    let table = text(&["--no-hints", line, "^ 認証失敗 ユーザー \\S+ から <HOST>$"]);
    let want = "    認証失敗 ユーザー root 送信元 192.0.2.7\n                           ^ stops at";
    assert!(table.contains(want), "{table}");
}

#[test]
fn json_has_no_line_whole_and_nothing_that_turns_it() {
    let line = format!(
        "2026-11-20 09:00:01 x\u{202e}y login {}",
        "z".repeat(200_000)
    );
    let path = Log::new("long", &line);
    let mut command = program();
    command.args(["--format", "json", path.path(), "login <HOST>$"]);
    let output = command.ran().ended(0).stdout;
    assert!(output.len() < 500_000, "{} bytes", output.len());
    assert!(output.contains(r"x\u202ey") && !output.contains('\u{202e}'));
    let report: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!(report["line_bytes"], line.len());
}

#[test]
fn an_entry_that_is_not_selected_is_not_explained() {
    let export = "__REALTIME_TIMESTAMP=1777543872000000\n_COMM=cron\nSYSLOG_IDENTIFIER=sshd\n\
                  MESSAGE=Failed password for root from 192.0.2.7 port 22\n\n";
    let log = Log::new("selected", export);
    let said = error(&[log.path(), "sshd", "-m", "_COMM=sshd"]);
    assert!(said.contains("0 of 1 entry matches `_COMM=sshd`"), "{said}");
    assert!(said.contains("from `_COMM=cron`"), "{said}");
    let report = json(&[log.path(), "sshd", "-m", "_COMM=cron"]);
    assert_eq!(report["number"], 1);
}

#[test]
fn a_journal_is_explained_too() {
    let export = "__REALTIME_TIMESTAMP=1777543872000000\n_HOSTNAME=host\nSYSLOG_IDENTIFIER=sshd\n\
                  _PID=5\nMESSAGE=Failed password for root from 192.0.2.7 port x\n\n";
    let log = Log::new("journal", export);
    let report = json(&[log.path(), "sshd"]);
    assert_eq!(
        (&report["date"]["found"], &report["verdict"]),
        (&false.into(), &"missed".into())
    );
    assert_eq!(report["nearest"][0], 1);
    assert!(text(&[log.path(), "sshd"]).contains("Date  comes with the entry"));
}

#[test]
fn a_window_without_lines_is_said_to_be_one() {
    let place = Place::new();
    let log = place.write("a.log", "2026-11-20 10:00:00 x\n2026-11-20 11:00:00 x\n");
    let log = log.to_str().expect("UTF-8");
    let said = error(&[log, "x <HOST>", "--since", "2026-11-21"]);
    assert!(
        said.contains("no line to explain: all 2 lines of the log are outside"),
        "{said}"
    );
    assert!(said.contains("it goes from 2026-11-20"), "{said}");
    let empty = place.write("b.log", "# x\n\n");
    let said = error(&[empty.to_str().expect("UTF-8"), "x <HOST>"]);
    assert!(
        said.contains("all 2 lines of the log are empty or begin with #"),
        "{said}"
    );
}

#[test]
fn errors_say_what_was_expected() {
    let log = Log::new("errors", SESSION);
    let said = error(&[log.path(), "sshd", "--line-number", "9"]);
    assert!(
        said.contains("line 9 is not tested") && said.contains("its last line is 3"),
        "{said}"
    );
    assert!(error(&["/no/such.log", "sshd"]).contains("no such log file"));
    assert!(error(&[MISSED, "imapp"]).contains("is it imap?"));
    assert!(error(&[MISSED, "imap", "--line-number", "0"]).contains("0"));
    assert!(error(&[MISSED, "imap", "--format", "classic"]).contains("table, json or html"));
    assert!(error(&[MISSED]).contains("FILTER"));
}

#[test]
fn a_hostile_line_cannot_drive_the_terminal() {
    let line = "Apr 16 16:44:51 h dovecot: \x1b]0;title\x07\x1b[2J Disconnected (x";
    assert!(!text(&["--color", "never", line, "imap"]).contains('\x1b'));
    // and long lines with many ways through them end soon
    let long = format!("Apr 16 16:44:51 h dovecot: {}", "a=b, ".repeat(20_000));
    assert_eq!(json(&["--no-hints", &long, "imap"])["verdict"], "missed");
}
