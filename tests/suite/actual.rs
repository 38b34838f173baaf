//! `f2b-regex simulate --actual` on servers recorded by testdata/actual/record.py.

use crate::util::{Place, Run, f2b, repository};
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// After the recordings.
const NOW: &str = "2026-11-28T19:00:00Z";

fn simulate(recording: &str, arguments: &[&str]) -> Command {
    let conf = format!("testdata/actual/{recording}/conf");
    let mut command = f2b(&["simulate", "-c", &conf, "--now", NOW]);
    command.current_dir(repository("")).args(arguments);
    command
}

fn at(recording: &str, file: &str) -> String {
    format!("testdata/actual/{recording}/{file}")
}

fn actual(recording: &str, record: &str, more: &[&str]) -> Value {
    let record = at(recording, record);
    let arguments = [&["--actual", &record, "--format", "json"], more].concat();
    let report = simulate(recording, &arguments).ran().ended(0).json();
    report["actual"].clone()
}

fn jail<'r>(actual: &'r Value, name: &str) -> &'r Value {
    let jails = actual["jails"].as_array().expect("jails");
    jails.iter().find(|jail| jail["name"] == name).expect(name)
}

/// What differs: kind, address, reason.
fn deviations(jail: &Value) -> Vec<[&str; 3]> {
    let all = jail["deviations"].as_array().expect("deviations").iter();
    all.map(|one| ["kind", "address", "reason"].map(|key| one[key].as_str().expect(key)))
        .collect()
}

#[test]
fn an_undisturbed_server_agrees_ban_for_ban() {
    for (record, restored) in [("fail2ban.log", 2), ("fail2ban.sqlite3", 0)] {
        let actual = actual("plain", record, &["--all-jails"]);
        for (name, bans) in [("door", 22), ("till", 8)] {
            let jail = jail(&actual, name);
            assert_eq!(jail["by_rules"], bans, "{record}: {jail}");
            assert_eq!(jail["banned"], bans, "{record}: {jail}");
            assert_eq!(jail["agreed"], bans, "{record}: {jail}");
            assert_eq!(deviations(jail).len(), 0, "{record}: {jail}");
            assert_eq!(jail["not_compared"]["by_rules"], 0);
            assert_eq!(jail["not_compared"]["banned"], 0);
        }
        assert_eq!(jail(&actual, "till")["restored"], restored, "{record}");
    }
    let log = actual("plain", "fail2ban.log", &["--all-jails"]);
    let failures = &jail(&log, "door")["failures"];
    assert_eq!(failures["both"], 71);
    assert_eq!(failures["only_server"], 0);
    assert_eq!(failures["only_log"], 0);
    assert_eq!(log["not_running"].as_array().unwrap().len(), 2);
}

#[test]
fn every_planted_deviation_has_its_reason() {
    let log = at("planted", "door.log*");
    let actual = actual("planted", "fail2ban.log", &["--jails", "door", &log]);
    let door = jail(&actual, "door");
    let want = [
        ["extra", "203.0.113.50", "by-hand"],
        ["extra", "203.0.113.60", "lifted-by-hand"],
        ["missing", "203.0.113.70", "ignored-then"],
        ["missing", "203.0.113.80", "other-setting"],
        ["missing", "203.0.113.90", "restarted"],
        ["missing", "203.0.113.100", "server-down"],
        ["missing", "203.0.113.110", "rotated"],
    ];
    assert_eq!(deviations(door), want);
    assert_eq!(door["agreed"], 4, "{door}");
    let setting = &door["deviations"][3]["text"];
    let text = "maxretry was 5 then (testdata/actual/planted/fail2ban.log:44), now 3";
    assert_eq!(setting, text);
    let line = &door["deviations"][6]["line"];
    assert_eq!(line["log"], "testdata/actual/planted/door.log.1");
    assert_eq!(line["line"], 29);
}

#[test]
fn a_log_with_another_clock_is_told() {
    let actual = actual("planted", "fail2ban.log", &["--jails", "yard"]);
    let yard = jail(&actual, "yard");
    let want = [
        ["shifted", "203.0.113.120", "clock"],
        ["shifted", "203.0.113.121", "clock"],
    ];
    assert_eq!(deviations(yard), want);
    let text = "clock: the log's times are 1h before those the server took";
    assert_eq!(yard["deviations"][0]["text"], text);
}

#[test]
fn a_log_that_the_jail_does_not_read_is_told() {
    let place = Place::new();
    // the addresses of another machine
    let log = std::fs::read_to_string(repository(&at("plain", "door.log"))).unwrap();
    let other = log
        .replace("192.0.2.", "198.51.100.")
        .replace("203.0.113.", "198.18.0.");
    let path = place.write("other.log", other.replace("2001:db8:", "2001:db9:"));
    let path = path.to_str().unwrap();
    let actual = actual("plain", "fail2ban.log", &["--jails", "door", path]);
    let door = jail(&actual, "door");
    let all = deviations(door);
    assert_eq!(all.len(), 44);
    assert!(
        all.iter().all(|[_, _, reason]| *reason == "other-log"),
        "{all:?}"
    );
    assert_eq!(door["reads"][0], at("plain", "door.log"));
    let text = &door["deviations"][0]["text"];
    assert_eq!(text, "this log is not the one that the jail reads");
}

/// The record or the log changed: what comes of it.
fn changed(recording: &str, change: impl Fn(&str) -> String, more: &[&str]) -> Value {
    let place = Place::new();
    let record = std::fs::read_to_string(repository(&at(recording, "fail2ban.log"))).unwrap();
    let path = place.write("fail2ban.log", change(&record));
    let path = path.to_str().unwrap();
    let arguments = [
        &["--actual", path, "--format", "json", "--jails", "door"],
        more,
    ]
    .concat();
    let report = simulate(recording, &arguments).ran().ended(0).json();
    jail(&report["actual"], "door").clone()
}

#[test]
fn reasons_follow_the_record() {
    // nothing tells why: the ban is not there, all else is
    let cut = |record: &str| {
        let ban = " Ban 192.0.2.3\n";
        let at = record.find(ban).expect("the first ban");
        let line = record[..at].rfind('\n').expect("a line before") + 1;
        [&record[..line], &record[at + ban.len()..]].concat()
    };
    let door = changed("plain", cut, &[]);
    assert_eq!(deviations(&door), [["missing", "192.0.2.3", "unexplained"]]);
    // a server that notes no failures (loglevel NOTICE) and one of 0.9, without their times
    let notices = |record: &str| {
        let lines = record.split_inclusive('\n');
        lines.filter(|line| line.contains(" NOTICE ")).collect()
    };
    let door = changed("plain", notices, &[]);
    assert_eq!(door["agreed"], 22, "{door}");
    assert!(door["failures"].is_null());
    let old = |record: &str| {
        let lines = record.lines().map(|line| match line.find(" - 2026") {
            Some(at) => format!("{}\n", &line[..at]),
            None => format!("{line}\n"),
        });
        lines.collect()
    };
    let door = changed("plain", old, &[]);
    assert_eq!(door["agreed"], 22, "{door}");
    // as syslog has it
    let syslog = |record: &str| {
        let lines = record.lines().map(|line| {
            let time = &line[11..19];
            let rest = line[24..].replacen(" ", "", line[24..48].matches(' ').count());
            format!("Nov 28 {time} gate {rest}\n")
        });
        lines.collect()
    };
    let door = changed("plain", syslog, &[]);
    assert_eq!(door["agreed"], 22, "{door}");
    let door = changed("plain", old, &[]);
    assert_eq!(door["failures"]["both"], 71, "{door}");
}

#[test]
fn a_server_that_crashed_was_down_from_its_last_line() {
    let crash = |record: &str| {
        let end = record.find("Exiting Fail2ban").expect("an end");
        let second = end + record[end + 1..].find("Exiting Fail2ban").expect("another") + 1;
        let stopping = record[end..second]
            .rfind("Shutdown in progress")
            .expect("before")
            + end;
        let from = record[..stopping].rfind('\n').expect("a line") + 1;
        let to = second + record[second..].find('\n').expect("its end") + 1;
        [&record[..from], &record[to..]].concat()
    };
    let log = at("planted", "door.log*");
    let door = changed("planted", crash, &[&log]);
    let down = &door["deviations"][5];
    assert_eq!(
        deviations(&door)[5],
        ["missing", "203.0.113.100", "server-down"]
    );
    let text = down["text"].as_str().unwrap();
    let want = "no line of the server, and no end of it from 18:21:29 to 18:22:01";
    assert!(text.starts_with(want), "{text}");
}

#[test]
fn a_ban_long_after_its_failures_is_shifted() {
    let late = |record: &str| {
        let ban = record.find("[door] Ban 2001:db8::5").expect("a ban");
        let from = record[..ban].rfind('\n').expect("a line before") + 1;
        let to = ban + record[ban..].find('\n').expect("its end") + 1;
        let unban = record.find("[door] Unban 2001:db8::5").expect("its end");
        let behind = unban + record[unban..].find('\n').expect("its end") + 1;
        let stop = record.rfind("Shutdown in progress").expect("the end");
        let end = record[..stop].rfind('\n').expect("a line") + 1;
        let line = format!("{},{}", &record[end..end + 19], &record[from + 20..to]);
        [
            &record[..from],
            &record[to..behind],
            &record[behind..end],
            &line,
            &record[end..],
        ]
        .concat()
    };
    let door = changed("plain", late, &[]);
    assert_eq!(
        deviations(&door),
        [["shifted", "2001:db8::5", "unexplained"]]
    );
}

#[test]
fn a_ban_after_too_few_failures_is_one_by_hand() {
    // two of three failures of an address, and a ban
    let banned = |record: &str| {
        let stop = record.find("Shutdown in progress").expect("an end");
        let found = record
            .rfind("Found 192.0.2.77")
            .expect("the second failure");
        assert!(found < stop);
        let behind = found + record[found..].find('\n').expect("its end") + 1;
        let from = record[..found].rfind('\n').expect("a line") + 1;
        let time = &record[from..from + 19];
        let ban = format!("{time},990 fail2ban.actions [1]: NOTICE  [door] Ban 192.0.2.77\n");
        [&record[..behind], &ban, &record[behind..]].concat()
    };
    let door = changed("plain", banned, &[]);
    assert_eq!(deviations(&door), [["extra", "192.0.2.77", "by-hand"]]);
    let text = "by hand: 2 failures before it, too few";
    assert_eq!(door["deviations"][0]["text"], text);
    // where the record does not tell of maxretry, it may have been less
    let quiet = |record: &str| {
        let record = banned(record);
        let lines = record.split_inclusive('\n');
        lines.filter(|line| !line.contains("maxRetry")).collect()
    };
    let door = changed("plain", quiet, &[]);
    assert_eq!(
        deviations(&door),
        [["extra", "192.0.2.77", "fewer-failures"]]
    );
    let text = door["deviations"][0]["text"].as_str().unwrap();
    assert!(
        text.ends_with("maxretry was less, or it was by hand"),
        "{text}"
    );
}

#[test]
fn a_server_of_level_notice_tells_of_no_ban_by_hand() {
    // the second run of the server, without what level INFO tells
    let terse = |record: &str| {
        let at = record
            .find("Exiting Fail2ban")
            .expect("the end of the first run");
        let behind = record[at..].split_inclusive('\n').skip(1);
        let told = behind.filter(|line| line.contains(" NOTICE "));
        let line = record[at..].split_inclusive('\n').next().expect("a line");
        [&record[..at], line, &told.collect::<String>()].concat()
    };
    let door = changed("plain", terse, &["--maxretry", "9"]);
    let all = deviations(&door);
    assert!(
        all.iter().all(|[.., reason]| *reason != "by-hand"),
        "{all:?}"
    );
    assert!(door["failures"].is_null());
}

#[test]
fn a_jail_that_reads_bans_gets_those_of_the_record() {
    let place = Place::new();
    let conf = repository(&at("plain", "conf"));
    for file in [
        "fail2ban.conf",
        "filter.d/door.conf",
        "action.d/nothing.conf",
    ] {
        place.write(
            &format!("conf/{file}"),
            std::fs::read(conf.join(file)).unwrap(),
        );
    }
    let recidive = "\n[recidive]\nfilter = recidive\nlogpath = /var/log/fail2ban.log\n\
                    maxretry = 3\nfindtime = 1h\nbantime = 1w\n";
    let jails = std::fs::read_to_string(conf.join("jail.conf")).unwrap();
    place.write("conf/jail.conf", jails + recidive);
    let filter = std::fs::read(repository("testdata/simulate/conf/filter.d/recidive.conf"));
    place.write("conf/filter.d/recidive.conf", filter.unwrap());
    // the third ban of an address by any jail is one for it
    let record = std::fs::read_to_string(repository(&at("plain", "fail2ban.log"))).unwrap();
    let mut bans: std::collections::HashMap<&str, u32> = std::collections::HashMap::new();
    let mut whole = String::new();
    for line in record.split_inclusive('\n') {
        whole += line;
        let Some((head, who)) = line.trim_end().split_once("] Ban ") else {
            continue;
        };
        let count = bans.entry(who).or_default();
        *count += 1;
        let time = &head[..19];
        let found = format!("fail2ban.filter [1]: INFO    [recidive] Found {who} - {time}\n");
        whole += &format!("{time},999 {found}");
        if *count == 3 {
            whole += &format!("{time},999 fail2ban.actions [1]: NOTICE  [recidive] Ban {who}\n");
        }
    }
    let record = place.write("fail2ban.log", whole);
    let (conf, record) = (place.at("conf"), record.to_str().unwrap().to_owned());
    let mut command = f2b(&["simulate", "-c", conf.to_str().unwrap(), "--now", NOW]);
    command.current_dir(repository(""));
    command.args(["--all-jails", "--actual", &record, "--format", "json"]);
    let report = command.ran().ended(0).json();
    let recidive = jail(&report["actual"], "recidive");
    assert_eq!(recidive["agreed"], 6, "{recidive}");
    assert_eq!(deviations(recidive).len(), 0, "{recidive}");
    assert_eq!(recidive["failures"]["both"], 30, "{recidive}");
}

#[test]
fn rules_that_are_others_now() {
    let same = str::to_owned;
    let door = changed("plain", same, &["--maxretry", "4"]);
    let all = deviations(&door);
    assert!(!all.is_empty());
    assert!(
        all.iter().all(|[.., reason]| *reason == "other-setting"),
        "{all:?}"
    );
    let door = changed("plain", same, &["--ignoreip", "192.0.2.0/29 192.0.2.200"]);
    let all = deviations(&door);
    assert_eq!(all.len(), 18, "seven addresses: {all:?}");
    assert!(
        all.iter()
            .all(|[kind, _, reason]| (*kind, *reason) == ("extra", "ignored-now"))
    );
    // no two failures are within a second
    let door = changed("plain", same, &["--findtime", "1s"]);
    let all = deviations(&door);
    assert_eq!(all.len(), 22);
    assert!(
        all.iter().all(|[.., reason]| *reason == "other-setting"),
        "{all:?}"
    );
    // who is banned for an hour is not banned again
    let door = changed("plain", same, &["--bantime", "1h"]);
    let all = deviations(&door);
    assert_eq!(all.len(), 12);
    let text = door["deviations"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("bantime was 8s then ("), "{text}");
    assert!(text.ends_with("), now 1h"), "{text}");
    let silent = |record: &str| {
        let lines = record.split_inclusive('\n');
        lines.filter(|line| !line.contains("banTime")).collect()
    };
    let door = changed("plain", silent, &["--bantime", "1h"]);
    let all = deviations(&door);
    assert_eq!(all.len(), 12);
    assert!(
        all.iter().all(|[.., reason]| *reason == "ended-early"),
        "{all:?}"
    );
    // where the record does not tell of options, the failures do
    let quiet = |record: &str| {
        let lines = record.split_inclusive('\n');
        lines.filter(|line| !line.contains("maxRetry")).collect()
    };
    let door = changed("plain", quiet, &["--maxretry", "4"]);
    let all = deviations(&door);
    assert!(
        all.iter().all(|[.., reason]| *reason == "fewer-failures"),
        "{all:?}"
    );
}

#[test]
fn the_database_tells_of_bans_by_hand() {
    let log = at("planted", "door.log*");
    let actual = actual("planted", "fail2ban.sqlite3", &["--jails", "door", &log]);
    assert_eq!(actual["source"], "database");
    let door = jail(&actual, "door");
    let first = deviations(door)[0];
    assert_eq!(first, ["extra", "203.0.113.50", "by-hand"]);
    let text = "testdata/actual/planted/fail2ban.sqlite3";
    assert_eq!(door["deviations"][0]["record"]["log"], text);
    assert_eq!(door["reads"][0], at("planted", "door.log"));
}

/// Names and bytes of a directory.
fn listing(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut all: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let bytes = std::fs::read(&path).expect("a file");
            (path.display().to_string(), bytes)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_database_and_its_directory_stay_as_they_are() {
    let database = std::fs::read(repository(&at("plain", "fail2ban.sqlite3"))).unwrap();
    let bans = |path: &Path| {
        let path = path.to_str().unwrap();
        let arguments = ["--actual", path, "--format", "json", "--all-jails"];
        let report = simulate("plain", &arguments).ran().ended(0).json();
        let jails = report["actual"]["jails"].as_array().unwrap().clone();
        jails
            .iter()
            .map(|jail| jail["agreed"].as_u64().unwrap())
            .sum::<u64>()
    };
    let place = Place::new();
    let path = place.write("plain.sqlite3", &database);
    let before = listing(place.path());
    assert_eq!(bans(&path), 30);
    assert_eq!(listing(place.path()), before);

    // in WAL mode, the last bans only in the log beside it
    let place = Place::new();
    let source = place.write("source", &database);
    let connection = rusqlite::Connection::open(&source).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .pragma_update(None, "wal_autocheckpoint", 0)
        .unwrap();
    connection
        .execute_batch("CREATE TABLE kept AS SELECT * FROM bans; DELETE FROM bans")
        .unwrap();
    connection
        .pragma_update(None, "wal_checkpoint", "TRUNCATE")
        .unwrap_or(());
    connection
        .execute_batch("INSERT INTO bans SELECT * FROM kept")
        .unwrap();
    let apart = Place::new();
    let path = apart.write("wal.sqlite3", std::fs::read(&source).unwrap());
    apart.write(
        "wal.sqlite3-wal",
        std::fs::read(place.at("source-wal")).unwrap(),
    );
    let before = listing(apart.path());
    assert_eq!(bans(&path), 30);
    assert_eq!(listing(apart.path()), before);
    drop(connection);

    // in WAL mode with nothing beside it: to open it would make files
    let alone = Place::new();
    let path = alone.write("wal.sqlite3", std::fs::read(&source).unwrap());
    let before = listing(alone.path());
    assert_eq!(bans(&path), 30);
    assert_eq!(listing(alone.path()), before);
}

#[test]
#[cfg(unix)]
fn a_database_in_a_directory_that_cannot_be_written_works() {
    use std::os::unix::fs::PermissionsExt;
    let database = std::fs::read(repository(&at("plain", "fail2ban.sqlite3"))).unwrap();
    let place = Place::new();
    let path = place.write("shut/fail2ban.sqlite3", database);
    let shut = place.at("shut");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o555)).unwrap();
    let arguments = ["--actual", path.to_str().unwrap(), "--all-jails"];
    let ran = simulate("plain", &arguments).ran();
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(ran.ended(0).stdout.contains("all 30 bans agree"));
}

#[test]
fn what_is_wrong_with_a_database_is_told_with_table_and_row() {
    let refused = |statements: &str| {
        let place = Place::new();
        let database = std::fs::read(repository(&at("plain", "fail2ban.sqlite3"))).unwrap();
        let path = place.write("odd.sqlite3", database);
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(statements).unwrap();
        drop(connection);
        let arguments = ["--actual", path.to_str().unwrap(), "--all-jails"];
        simulate("plain", &arguments).ran().ended(2).stderr
    };
    for (statements, told) in [
        (
            "UPDATE bans SET data = '{\"matches\": [' WHERE rowid = 4",
            "table bans, row 4: data: expected JSON",
        ),
        (
            "UPDATE bans SET data = CAST(x'ff7b7d' AS TEXT) WHERE rowid = 5",
            "table bans, row 5: data: expected UTF-8",
        ),
        (
            "UPDATE bans SET ip = CAST(x'ff' AS TEXT) WHERE rowid = 6",
            "table bans, row 6: ip: expected UTF-8",
        ),
        (
            "UPDATE bans SET timeofban = 'soon' WHERE rowid = 7",
            "table bans, row 7: timeofban: expected a number, found Text",
        ),
        ("DROP TABLE bans", "it has no table \"bans\""),
        // a view could make us compute for ever
        (
            "DROP TABLE bans; CREATE VIEW bans AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL \
             SELECT x + 1 FROM n) SELECT 'door' AS jail, x AS ip, x AS timeofban, 1 AS bantime, \
             '{}' AS data FROM n",
            "it has no table \"bans\"",
        ),
        (
            "UPDATE bans SET data = hex(zeroblob(20000000)) WHERE rowid = 8",
            "table bans",
        ),
    ] {
        let stderr = refused(statements);
        assert!(stderr.contains(told), "{statements}: {stderr}");
    }
}

#[test]
fn what_a_new_user_types() {
    let log = at("plain", "fail2ban.log");
    let database = at("plain", "fail2ban.sqlite3");
    let door = at("plain", "door.log");
    for (arguments, told) in [
        // the database where the log should be
        (
            &["--actual", &door, &database, "door"][..],
            "is a database and no log: what the server did goes behind --actual",
        ),
        (&[&database, "door"], "is a database and no log"),
        (
            &["--actual", &door, &log, "door"],
            "no line is one of fail2ban's log",
        ),
        (
            &[
                "--actual",
                "testdata/actual/plain/fail2ban.lgo",
                &door,
                "door",
            ],
            "--actual testdata/actual/plain/fail2ban.lgo: no such file",
        ),
        (
            &["--actual", &database, "--actual", &log, &door, "door"],
            "a database is a record of its own",
        ),
        (&["--actual", "-", &door, "door"], "expected a file"),
        (&["--why", "192.0.2.1", &door, "door"], "--actual"),
        (&["--actual", &log], "expected LOG and FILTER"),
    ] {
        let ran = simulate("plain", arguments).ran().ended(2);
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
    // no line can be given there
    let ran = simulate("plain", &["--actual", "no log", &door, "door"]).ran();
    let said = ran.ended(2).stderr;
    assert!(said.contains("no log: no such file"), "{said}");
    assert!(!said.contains("--line"), "{said}");
    // a pattern that the shell has spread
    let place = Place::new();
    let text = std::fs::read(repository(&log)).unwrap();
    let files = ["fail2ban.log", "fail2ban.log.1"].map(|name| place.write(name, &text));
    let files = files.each_ref().map(|path| path.to_str().unwrap());
    let ran = simulate("plain", &["--actual", files[0], files[1], "--all-jails"]).ran();
    let said = ran.ended(2).stderr;
    assert!(said.contains("quote the pattern behind --actual"), "{said}");
    // a record without the jail
    let other = at("planted", "fail2ban.log");
    let ran = simulate("plain", &["--actual", &other, "--jails", "till"])
        .ran()
        .ended(0);
    assert!(
        ran.stdout.contains("the record knows no jail till"),
        "{}",
        ran.stdout
    );
    // one of another time
    let ran = simulate("plain", &["--actual", &other, "--jails", "door"])
        .ran()
        .ended(0);
    assert!(ran.stdout.contains("no time in common"), "{}", ran.stdout);
}

#[test]
fn compressed_and_rotated_records() {
    let place = Place::new();
    let record = std::fs::read(repository(&at("plain", "fail2ban.log"))).unwrap();
    let middle = record.len() / 2;
    let cut = middle
        + record[middle..]
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap()
        + 1;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &record[..cut]).unwrap();
    place.write("fail2ban.log.1.gz", packed.finish().unwrap());
    place.write("fail2ban.log", &record[cut..]);
    let pattern = place.at("fail2ban.log*");
    let arguments = ["--actual", pattern.to_str().unwrap(), "--all-jails"];
    let ran = simulate("plain", &arguments).ran().ended(0);
    assert!(ran.stdout.contains("all 30 bans agree"), "{}", ran.stdout);
}

#[test]
fn failures_that_one_side_has_alone() {
    let log = std::fs::read_to_string(repository(&at("plain", "door.log"))).unwrap();
    let with = |change: &dyn Fn(&str) -> String| {
        let place = Place::new();
        let path = place.write("door.log", change(&log));
        let record = at("plain", "fail2ban.log");
        let arguments = ["--actual", &record, "--format", "json", "--jails", "door"];
        let arguments = [&arguments[..], &[path.to_str().unwrap()]].concat();
        let report = simulate("plain", &arguments).ran().ended(0).json();
        jail(&report["actual"], "door").clone()
    };
    let of = "from 2001:db8::5\n";
    let without = |log: &str| {
        let lines = log.split_inclusive('\n');
        lines.filter(|line| !line.ends_with(of)).collect()
    };
    assert_eq!(
        deviations(&with(&without)),
        [["extra", "2001:db8::5", "only-server"]]
    );
    let besides = |log: &str| {
        let lines = log.split_inclusive('\n');
        let twice = lines.map(|line| {
            let other = line.replace(of, "from 2001:db8::6\n");
            let other = if other == line { String::new() } else { other };
            format!("{line}{other}")
        });
        twice.collect()
    };
    assert_eq!(
        deviations(&with(&besides)),
        [["missing", "2001:db8::6", "not-noted"]]
    );
    // lines that come more than a minute late are taken for new ones
    let late = |log: &str| {
        let lines = log.split_inclusive('\n');
        let all = lines.map(|line| {
            if line.ends_with(of) {
                line.replace(" 18:24:", " 18:22:")
            } else {
                line.to_owned()
            }
        });
        let first = "2026-11-28 18:20:00 gate door[7]: started\n".to_owned();
        std::iter::once(first).chain(all).collect()
    };
    let all = with(&late);
    // before the record begins the rules' ban is not compared
    assert_eq!(deviations(&all), [["extra", "2001:db8::5", "clock"]]);
}

#[test]
fn directories_in_place_of_files() {
    let place = Place::new();
    let copy = |from: &str, to: &str| {
        place.write(to, std::fs::read(repository(&at("planted", from))).unwrap());
    };
    copy("fail2ban.log", "record/fail2ban.log");
    copy("door.log", "logs/door.log");
    copy("door.log.1", "logs/door.log.1");
    let (record, logs) = (place.at("record"), place.at("logs"));
    let arguments = [
        "--actual",
        record.to_str().unwrap(),
        logs.to_str().unwrap(),
        "door",
    ];
    let ran = simulate("planted", &arguments).ran().ended(0);
    assert!(
        ran.stdout.contains("7 are otherwise, each with its reason"),
        "{}",
        ran.stdout
    );
    // a database beside logs is a record of its own
    copy("fail2ban.sqlite3", "record/fail2ban.sqlite3");
    let said = simulate("planted", &arguments).ran().ended(2).stderr;
    assert!(said.contains("a database is a record of its own"), "{said}");
}

#[test]
fn damaged_records_are_errors_or_read_as_far_as_they_go() {
    let place = Place::new();
    let database = std::fs::read(repository(&at("plain", "fail2ban.sqlite3"))).unwrap();
    let record = std::fs::read(repository(&at("plain", "fail2ban.log"))).unwrap();
    let mut seed = 7_u64;
    let mut next = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    for round in 0..24 {
        let (name, whole) = if round % 2 == 0 {
            ("bad.sqlite3", &database)
        } else {
            ("bad.log", &record)
        };
        let mut bytes = whole.clone();
        for _ in 0..=next(40) {
            // the first bytes say what it is
            let at = 100 + next(bytes.len() - 100);
            bytes[at] = next(256) as u8;
        }
        if round % 3 == 0 {
            bytes.truncate(100 + next(whole.len() - 100));
        }
        let path = place.write(name, bytes);
        let arguments = ["--actual", path.to_str().unwrap(), "--all-jails"];
        let ran = simulate("plain", &arguments).ran();
        assert!(
            matches!(ran.status, Some(0 | 2)),
            "round {round}: {}",
            ran.stderr
        );
        assert!(
            !ran.stderr.contains("panicked"),
            "round {round}: {}",
            ran.stderr
        );
    }
    // a line that never ends, and names no server has
    let long = format!(
        "2026-11-28 18:24:30,000 fail2ban.actions [1]: NOTICE  [{0}] Ban {0}\n",
        "x".repeat(3_000_000)
    );
    let path = place.write("long.log", [&record[..], long.as_bytes()].concat());
    let arguments = ["--actual", path.to_str().unwrap(), "--all-jails"];
    let ran = simulate("plain", &arguments).ran().ended(0);
    assert!(ran.stdout.contains("all 30 bans agree"), "{}", ran.stdout);
}

#[test]
fn the_comparison_fits_a_screen() {
    let log = at("planted", "door.log*");
    let record = at("planted", "fail2ban.log");
    let text = simulate("planted", &["--actual", &record, "--jails", "door", &log]);
    let text = { text }.ran().ended(0).stdout;
    assert!(
        text.lines().nth(2).unwrap().starts_with("Verdict 4 bans"),
        "{text}"
    );
    assert!(text.lines().count() <= 32, "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
}

#[test]
fn the_story_of_an_address() {
    let log = at("planted", "door.log*");
    let more = ["--jails", "door", &log, "--why", "203.0.113.90"];
    let told = actual("planted", "fail2ban.log", &more);
    let story = &told["why"][0];
    assert_eq!(story["jail"], "door");
    let entries = story["entries"].as_array().unwrap().iter();
    let entries: Vec<[&str; 2]> = entries
        .map(|entry| ["what", "regex"].map(|key| entry[key].as_str().unwrap_or("")))
        .collect();
    let regex = |line: u32| format!("testdata/actual/planted/conf/filter.d/door.conf:{line}");
    let (first, second) = (regex(4), regex(5));
    let want = [
        ["failure", &first],
        ["failure", &second],
        ["server-ended", ""],
        ["server-started", ""],
        ["failure", &first],
    ];
    assert_eq!(entries, want);
    let last = &story["entries"][4];
    assert_eq!(last["outcome"], "ban");
    assert_eq!(last["count"], 3);
    assert_eq!(last["line"]["line"], 20);
    assert_eq!(last["record"]["line"], 95);
    assert_eq!(story["deviations"][0]["reason"], "restarted");

    let record = at("planted", "fail2ban.log");
    let arguments = [
        "--actual",
        &record,
        "--jails",
        "door",
        &log,
        "--why",
        "203.0.113.60",
    ];
    let text = simulate("planted", &arguments).ran().ended(0).stdout;
    for line in [
        "203.0.113.60  door: 1 ban by the rules, 2 of the server",
        "  extra at 18:20:51: its ban had been lifted by hand (fail2ban.log:33)",
        "  18:20:44  failure 3: a ban until 18:20:52  door.log.1:7   door.conf:4",
        "  18:20:45  server: Unban                                   fail2ban.log:33",
    ] {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    assert!(text.lines().count() <= 24, "{text}");
    let arguments = [
        "--actual",
        &record,
        "--jails",
        "door",
        &log,
        "--why",
        "192.0.2.99",
    ];
    let text = simulate("planted", &arguments).ran().ended(0).stdout;
    assert_eq!(text, "192.0.2.99: neither in the logs nor in the record\n");
}

#[test]
fn the_bans_of_a_record_are_counted() {
    for record in ["fail2ban.log", "fail2ban.sqlite3"] {
        let more = [
            "--history",
            "--mmdb",
            "testdata/actual/mmdb/country.mmdb",
            "--mmdb",
            "testdata/actual/mmdb/asn.mmdb",
        ];
        let history = &actual("plain", record, &more)["history"];
        assert_eq!(history["bans"], 30);
        assert_eq!(history["addresses"], 13);
        let counts = |table: &str| {
            let groups = history[table].as_array().unwrap().iter();
            let counts = groups.map(|group| (group["name"].clone(), group["bans"].clone()));
            counts
                .map(|(name, bans)| format!("{} {bans}", name.as_str().unwrap()))
                .collect::<Vec<String>>()
        };
        assert_eq!(counts("days"), ["2026-11-28 30"]);
        assert_eq!(counts("jails"), ["door 22", "till 8"]);
        assert_eq!(counts("repeated")[..2], ["192.0.2.1 3", "192.0.2.2 3"]);
        assert_eq!(counts("repeated").len(), 11);
        let networks = [
            "192.0.2.0/24 20",
            "198.51.100.0/24 8",
            "2001:db8::/48 1",
            "203.0.113.0/24 1",
        ];
        assert_eq!(counts("networks"), networks);
        assert_eq!(counts("countries"), ["NL 20", "BR 8", "SE 1", "unknown 1"]);
        let systems = ["AS64496 Example Hosting 20", "AS64500 8", "unknown 2"];
        assert_eq!(counts("systems"), systems);
        // eight addresses of a network, banned together twice, four of them a third time
        let saved = |at: usize| history["networks"][at]["saved_bans"].as_u64().unwrap();
        assert_eq!(
            [saved(0), saved(1), saved(2), saved(3)],
            [17, 5, 0, 0],
            "{record}"
        );
    }
    let record = at("plain", "fail2ban.log");
    let history = |more: &[&str]| {
        let arguments = [&["--actual", &record, "--history"], more].concat();
        simulate("plain", &arguments).ran()
    };
    let text = history(&["--since", "2026-11-28 18:25:00"]).ended(0).stdout;
    assert!(text.contains("7 bans of 7 addresses"), "{text}");
    let text = history(&["--group-by", "network"]).ended(0).stdout;
    assert!(text.contains("22 bans of 30 would not"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line:?}");
    }
    let said = history(&["--group-by", "country"]).ended(2).stderr;
    assert!(said.contains("needs --mmdb"), "{said}");
    let said = history(&["--mmdb", &record]).ended(2).stderr;
    assert!(said.contains("expected a database such as"), "{said}");
    let said = history(&["--mmdb", "missing.mmdb"]).ended(2).stderr;
    assert!(said.contains("--mmdb missing.mmdb: "), "{said}");
}
