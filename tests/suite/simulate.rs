//! `f2b-regex simulate` as a user runs it, on the jails of testdata/simulate.

use crate::util::{Place, Run, f2b, repository};
use assert_cmd::Command;
use serde_json::{Value, json};

const DOOR: &str = "testdata/simulate/logs/door.log";
const SHOP: &str = "testdata/simulate/logs/shop.log*";

fn simulate(arguments: &[&str]) -> Command {
    let mut command = f2b(&["simulate", "-c", "testdata/simulate/conf"]);
    command.current_dir(repository("")).args(arguments);
    command
}

fn table(arguments: &[&str]) -> String {
    simulate(arguments).ran().ended(0).stdout
}

fn report(arguments: &[&str]) -> Value {
    simulate(&[arguments, &["--format", "json"]].concat())
        .ran()
        .ended(0)
        .json()
}

/// Bans of a jail: address, time of day, end's, number of the ban.
fn bans(jail: &Value) -> Vec<Value> {
    let clock = |moment: &Value| moment["time"].as_str().map(|time| time[11..19].to_string());
    let bans = jail["bans"].as_array().expect("a list of bans").iter();
    bans.map(|ban| {
        json!([
            ban["address"],
            clock(&ban["time"]),
            clock(&ban["until"]),
            ban["count"]
        ])
    })
    .collect()
}

fn address<'r>(jail: &'r Value, name: &str) -> &'r Value {
    let all = jail["addresses"].as_array().expect("a list of addresses");
    let found = all.iter().find(|address| address["address"] == name);
    found.unwrap_or_else(|| panic!("{name} is not among {all:?}"))
}

#[test]
fn bans_with_the_jails_own_rules() {
    let report = report(&[DOOR, "door"]);
    let jail = &report["jails"][0];
    assert_eq!(jail["rules"]["maxretry"], 3);
    assert_eq!(jail["rules"]["maxmatches"], 3, "%(maxretry)s");
    assert_eq!(
        jail["rules"]["sources"]["maxretry"],
        "testdata/simulate/conf/jail.conf:5"
    );
    // the third failure is at 03:01:00: a session counts every failure of its own
    let want = [
        json!(["203.0.113.1", "03:01:00", "03:06:00", 1]),
        json!(["203.0.113.1", "03:30:02", "03:35:02", 1]),
    ];
    assert_eq!(bans(jail), want);
    let lines: Vec<&Value> = jail["bans"][0]["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["line"])
        .collect();
    assert_eq!(lines, [3, 4, 5]);
    assert_eq!(jail["bans"][0]["failures_while_banned"], 2);
    assert_eq!(jail["totals"]["failures"], 11);
    assert_eq!(jail["totals"]["not_counted"], 5);
    assert_eq!(jail["totals"]["ignored_lines"], 1);
}

#[test]
fn every_address_has_its_reason() {
    let report = report(&[DOOR, "door"]);
    let jail = &report["jails"][0];
    for (name, verdict, reason) in [
        (
            "203.0.113.1",
            "banned",
            "banned 2 times; 2 failures while banned",
        ),
        (
            "203.0.113.2",
            "not-banned",
            "2 of 3 within 10m: closest call 2026-11-20 03:05, missing 1",
        ),
        ("198.51.100.7", "ignored", "ignored by 198.51.100.0/28"),
        ("198.51.100.99", "ignored", "ignored by 198.51.100.99"),
        (
            "192.0.2.200",
            "ignored",
            "ignored by file:testdata/simulate/conf/friends",
        ),
        (
            "2001:db8:1::7",
            "ignored",
            "ignored by file:testdata/simulate/conf/friends",
        ),
        (
            "scanner.example.net",
            "not-resolved",
            "host name, not resolved",
        ),
    ] {
        let address = address(jail, name);
        assert_eq!(
            (&address["verdict"], &address["reason"]),
            (&json!(verdict), &json!(reason))
        );
    }
    let all = jail["addresses"].as_array().unwrap();
    assert_eq!(all.len(), 7, "the ignoreregex's address is none of them");
}

#[test]
fn options_replace_the_jails() {
    let jail = |more: &[&str]| report(&[&[DOOR, "door"], more].concat())["jails"][0].clone();
    assert!(bans(&jail(&["--maxretry", "9"])).is_empty());
    let none = jail(&["--maxretry", "2", "--findtime", "1s"]);
    // 03:00:05 and 03:00:09 are 4 seconds apart, 03:30:00 and 03:30:01 one
    assert_eq!(
        bans(&none),
        [json!(["203.0.113.1", "03:30:01", "03:35:01", 1])]
    );
    let for_ever = jail(&["--bantime", "-1"]);
    assert_eq!(
        bans(&for_ever),
        [json!(["203.0.113.1", "03:01:00", null, 1])]
    );
    assert_eq!(for_ever["bans"][0]["permanent"], true);
    let ignored = jail(&["--ignoreip", "203.0.113.0/24"]);
    assert!(bans(&ignored).is_empty());
    assert_eq!(
        address(&ignored, "203.0.113.1")["reason"],
        "ignored by 203.0.113.0/24"
    );
    // the jail's own list is replaced, not added to
    assert_eq!(address(&ignored, "198.51.100.7")["verdict"], "not-banned");
    let names = jail(&["--usedns", "raw", "--maxretry", "1"]);
    assert_eq!(address(&names, "scanner.example.net")["verdict"], "banned");
}

#[test]
fn increments_and_working_bans() {
    let shop = report(&[SHOP, "shop"]);
    let logs = &shop["logs"];
    assert!(
        logs[0]["path"].as_str().unwrap().ends_with("shop.log.1"),
        "oldest first: {logs}"
    );
    let want = [
        json!(["203.0.113.5", "03:10:02", "03:12:02", 1]),
        json!(["203.0.113.5", "03:20:00", "03:24:00", 2]),
        json!(["203.0.113.5", "03:25:00", "03:33:00", 3]),
    ];
    assert_eq!(bans(&shop["jails"][0]), want);
    // the failure at 03:10:30 does not count then, and the next is one of a known offender
    let working = report(&[SHOP, "shop", "--blocking"]);
    let want = json!(["203.0.113.5", "03:20:01", "03:24:01", 2]);
    assert_eq!(bans(&working["jails"][0])[1], want);
    let plain = report(&[SHOP, "shop", "--increment=false"]);
    assert!(plain["jails"][0]["rules"]["increment"].is_null());
    let capped = report(&[SHOP, "shop", "--maxtime", "3m"]);
    assert_eq!(bans(&capped["jails"][0])[2][2], "03:28:00");
}

#[test]
fn recidive_reads_the_bans_of_the_others() {
    let all = report(&["--all-jails"]);
    let names: Vec<&Value> = all["jails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|j| &j["name"])
        .collect();
    assert_eq!(names, ["door", "shop", "recidive"], "asleep is not enabled");
    let recidive = &all["jails"][2];
    assert_eq!(recidive["fed_by_bans"], true);
    assert_eq!(
        recidive["totals"]["failures"], 5,
        "two bans of door, three of shop"
    );
    let want = [
        json!(["203.0.113.5", "03:20:00", "03:20:00", 1]),
        json!(["203.0.113.1", "03:30:02", "03:30:02", 1]),
    ];
    assert_eq!(bans(recidive), want);
    let some = report(&["--jails", "asleep,recidive"]);
    assert_eq!(some["jails"][0]["name"], "asleep");
}

#[test]
fn sweeps_agree_with_single_runs() {
    let sweep = report(&[DOOR, "door", "--sweep", "maxretry=1..4,findtime=1m/10m"]);
    let cells = sweep["sweep"]["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 8);
    for cell in cells {
        let maxretry = cell["point"][0].to_string();
        let findtime = cell["point"][1].to_string();
        let maxretry = maxretry.trim_end_matches(".0");
        let run = report(&[
            DOOR,
            "door",
            "--maxretry",
            maxretry,
            "--findtime",
            &findtime,
        ]);
        let totals = &run["jails"][0]["totals"];
        assert_eq!(cell["bans"], totals["bans"], "{cell}");
        assert_eq!(cell["addresses"], totals["banned_addresses"], "{cell}");
        assert_eq!(cell["prevented"], totals["failures_while_banned"], "{cell}");
    }
}

#[test]
fn tables_fit_eighty_columns() {
    for arguments in [
        &[DOOR, "door", "--sweep", "maxretry=1..10,findtime=1m..1d"][..],
        &[SHOP, "shop"],
        &["--all-jails"],
    ] {
        let text = table(arguments);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line:?}");
        }
        assert!(text.contains("203.0.113"), "{text}");
    }
    let text = table(&[DOOR, "door"]);
    assert!(
        text.contains("2 of 3, 2026-11-20 03:05, missing 1"),
        "{text}"
    );
    assert!(text.contains('█'), "{text}");
}

#[test]
fn pictures() {
    let place = Place::new();
    for (name, begins) in [("p.svg", &b"<svg"[..]), ("p.png", b"\x89PNG")] {
        let path = place.at(name);
        table(&["--all-jails", "--plot", path.to_str().unwrap()]);
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(begins), "{name}");
        if name == "p.svg" {
            let text = String::from_utf8(bytes).unwrap();
            assert!(
                text.contains("door: 11 failures, 2 bans"),
                "a panel per jail"
            );
            assert!(
                text.contains("recidive: 5 bans of other jails"),
                "fed by bans"
            );
            assert!(text.contains("while banned"));
        }
    }
}

/// Status 2 and the message.
fn error(arguments: &[&str]) -> String {
    let ran = simulate(arguments).ran().ended(2);
    assert!(ran.stdout.is_empty(), "{arguments:?}");
    ran.stderr
}

#[test]
fn mistakes_are_named() {
    assert!(error(&[DOOR]).contains("expected LOG and FILTER"));
    assert!(error(&[DOOR, "dor"]).contains("is it door?"));
    assert!(error(&["no/such.log", "door"]).contains("no such log file"));
    assert!(error(&[DOOR, "door", "--maxretri", "3"]).contains("--maxretry"));
    assert!(error(&[DOOR, "door", "--findtime", "10minuets"]).contains("no duration"));
    assert!(error(&[DOOR, "door", "--bantime", "0"]).contains("-1 for ever"));
    assert!(error(&[DOOR, "door", "--plot", "x.gif"]).contains(".svg or .png"));
    assert!(error(&[DOOR, "door", "--formula", "ban.Tim*2"]).contains("bantime.formula"));
    assert!(error(&["--all-jails", "--sweep", "maxretry=1..3"]).contains("one jail"));
    assert!(error(&["--jails", "shop,dor", "nothing*.log"]).contains("nothing*.log: "));
}

#[test]
fn nobody_banned_can_be_a_failure() {
    let quiet = [DOOR, "door", "--maxretry", "99", "--require-ban"];
    simulate(&quiet).ran().ended(1);
}

#[test]
fn a_jail_that_reads_the_journal_is_not_replayed_from_a_file() {
    let place = Place::new();
    let log = place.write(
        "door.log",
        "2026-11-20T11:50:00Z door: wrong key from 192.0.2.7\n".repeat(9),
    );
    let other = log.display();
    place.write(
        "conf/filter.d/door.conf",
        "[Definition]\nfailregex = ^\\s*door: wrong key from <ADDR>$\n",
    );
    for server in [false, true] {
        if server {
            let text = "[Definition]\nloglevel = INFO\n";
            place.write("conf/fail2ban.conf", text);
        }
        let conf = place.at("conf").display().to_string();
        let run = |backend: &str| {
            let jail = format!(
                "[door]\nenabled = true\nbackend = {backend}\nfilter = door\nlogpath = {other}\n"
            );
            place.write("conf/jail.conf", jail);
            f2b(&["simulate", "-c", &conf, "--all-jails"]).ran()
        };
        assert!(run("auto").ended(0).stdout.contains("192.0.2.7"));
        let ran = run("systemd");
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.contains("192.0.2.7"), "{all}");
    }
}
