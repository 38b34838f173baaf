//! `f2b-regex merge`: reports of shards against the report of one run over all of them.

use crate::util::{Place, Run, f2b};
use serde_json::{Value, json};
use std::path::Path;

const SSHD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/filter.d/sshd.conf");
const DOOR: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/testdata/simulate/conf/filter.d/door.conf"
);
const NOW: &str = "2026-11-20T12:00:00Z";

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run_in(directory: &Path, arguments: &[&str], input: &str) -> Ran {
    run_at("UTC", directory, arguments, input)
}

fn run_at(zone: &str, directory: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = f2b(arguments);
    command.current_dir(directory).env("TZ", zone);
    let ran = command.write_stdin(input).ran();
    Ran {
        code: ran.status,
        out: ran.stdout,
        err: ran.stderr,
    }
}

/// A directory with shards, and what runs are made with.
struct Shards {
    directory: Place,
    names: Vec<String>,
    options: Vec<String>,
}

impl Shards {
    fn new(texts: &[impl AsRef<str>], options: &[&str]) -> Shards {
        let directory = Place::new();
        let mut names = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let name = format!("{number}.log");
            std::fs::write(directory.path().join(&name), text.as_ref()).expect("a log is written");
            names.push(name);
        }
        Shards {
            directory,
            names,
            options: options.iter().map(|o| o.to_string()).collect(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        run_in(self.directory.path(), arguments, "")
    }

    /// The report of a run over these logs.
    fn report(&self, logs: &[String]) -> String {
        let mut arguments = vec!["--format", "json", "--no-hints", "--now", NOW];
        for log in logs {
            arguments.extend(["--log", log]);
        }
        arguments.extend(self.options.iter().map(String::as_str));
        let ran = self.run(&arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.err);
        ran.out
    }

    /// The merged report of one report per shard, and what was said on standard error.
    fn merged(&self) -> (String, String) {
        let mut arguments = vec!["merge".to_string()];
        for (number, log) in self.names.iter().enumerate() {
            let file = format!("{number}.json");
            let report = self.report(std::slice::from_ref(log));
            std::fs::write(self.directory.path().join(&file), report).expect("a report is written");
            arguments.push(file);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = self.run(&arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        (ran.out, ran.err)
    }

    /// Merged is one run, byte for byte but for the time.
    fn assert_exact(&self) {
        let (merged, said) = self.merged();
        assert_eq!(said, "");
        assert_eq!(timeless(&merged), timeless(&self.report(&self.names)));
    }

    /// The messages of `merge-carry`.
    fn carried(&self) -> Vec<String> {
        let (merged, _) = self.merged();
        carried(&parsed(&merged))
    }
}

fn parsed(report: &str) -> Value {
    serde_json::from_str(report).expect("a report is JSON")
}

fn carried(report: &Value) -> Vec<String> {
    let all = report["warnings"].as_array().expect("warnings are a list");
    let carried = all.iter().filter(|w| w["code"] == "merge-carry");
    carried
        .map(|w| w["message"].as_str().expect("a text").to_string())
        .collect()
}

/// The report without the line of the time taken.
fn timeless(report: &str) -> String {
    let lines: Vec<&str> = report.lines().collect();
    let kept: Vec<&str> = (lines.iter().copied())
        .filter(|line| !line.trim_start().starts_with("\"seconds\": "))
        .collect();
    assert_eq!(lines.len(), kept.len() + 1, "one line tells the time");
    kept.join("\n")
}

fn access(hour: usize, ip: &str, path: &str) -> String {
    format!("{ip} - - [20/Nov/2026:{hour:02}:00:00 +0000] \"GET {path} HTTP/1.1\" 404 7\n")
}

const ACCESS: &str = r#"^<ADDR> \S+ \S+ \[\] "GET /(?:wp-login|login/<F-USER>\w+</F-USER>)"#;

#[test]
fn shards_of_syslog_are_one_run() {
    let log = std::fs::read_to_string("testdata/logs/auth.log").expect("a log");
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    // every session stays in one shard: 2101 comes last again
    let texts = [
        lines[3..5].concat(),
        lines[5..9].concat(),
        "# nothing\n\n".into(),
        lines[9..].concat() + "\nan undated line\n",
    ];
    let shards = Shards::new(&texts, &[SSHD]);
    shards.assert_exact();
    let (merged, _) = shards.merged();
    let merged = parsed(&merged);
    assert_eq!(merged["lines"]["matched"], 5);
    assert_eq!(merged["logs"].as_array().map(Vec::len), Some(4));
}

#[test]
fn shards_of_an_access_log_are_one_run() {
    // the date stands elsewhere in every line, behind a number that might be one
    let texts = [
        access(1, "192.0.2.1", "/wp-login") + &access(2, "2001:db8::1", "/x?2026-01-02 03:04:05"),
        access(3, "192.0.2.100", "/login/anna") + &access(4, "192.0.2.1", "/login/bert"),
        access(2, "192.0.2.1", "/wp-login") + &access(1, "192.0.2.77", "/"),
    ];
    let shards = Shards::new(&texts, &[ACCESS]);
    shards.assert_exact();
    let merged = parsed(&shards.merged().0);
    let first = &merged["addresses"][0];
    assert_eq!(first["address"], "192.0.2.1");
    assert_eq!(first["hits"], 3);
    assert_eq!(first["users"], json!(["bert"]));
    assert_eq!(first["last"]["time"], "2026-11-20T04:00:00+00:00");
}

#[test]
fn equal_hits_stay_in_order_of_appearance() {
    let texts = [
        access(1, "192.0.2.2", "/wp-login")
            + &access(1, "192.0.2.1", "/wp-login")
            + &access(1, "192.0.2.1", "/wp-login"),
        access(1, "192.0.2.3", "/wp-login") + &access(1, "192.0.2.2", "/wp-login"),
    ];
    let shards = Shards::new(&texts, &[ACCESS]);
    shards.assert_exact();
    let merged = parsed(&shards.merged().0);
    assert_eq!(merged["addresses"][0]["address"], "192.0.2.2");
    assert_eq!(merged["addresses"][0]["appeared"], 1);
}

#[test]
fn the_first_hundred_users_are_those_of_one_run() {
    let users = |numbers: std::ops::Range<usize>| -> String {
        let each = numbers.map(|n| access(1, "192.0.2.1", &format!("/login/u{n}")));
        each.collect()
    };
    for (first, second, more) in [
        (0..70, 40..100, false),
        (0..70, 40..101, true),
        (5..6, 0..130, true),
    ] {
        let shards = Shards::new(&[users(first), users(second)], &[ACCESS]);
        shards.assert_exact();
        let merged = parsed(&shards.merged().0);
        let address = &merged["addresses"][0];
        assert_eq!(address["users"].as_array().map(Vec::len), Some(100));
        assert_eq!(address.get("more_users").is_some(), more);
    }
}

#[test]
fn samples_and_warnings_are_those_of_one_run() {
    let texts = [
        access(1, "192.0.2.1", "/wp-login"),
        "192.0.2.9 - - [] \"GET /wp-login\"\n".to_string(),
        format!("\u{feff}{}", access(2, "192.0.2.5", "/\x1b[31m")),
        "\n".into(),
    ];
    let shards = Shards::new(
        &texts,
        &[ACCESS, "--print-all-matched", "--print-all-missed"],
    );
    shards.assert_exact();
    let merged = parsed(&shards.merged().0);
    let codes: Vec<&str> = (merged["warnings"].as_array().expect("a list").iter())
        .filter_map(|w| w["code"].as_str())
        .collect();
    assert_eq!(codes, ["ansi-colors", "byte-order-mark", "undated-match"]);
    assert_eq!(merged["warnings"][0]["file"], "2.log");
    assert_eq!(
        merged["samples"]["matched"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn merging_is_associative_and_reads_several_reports_from_a_file() {
    let texts = [
        "no date at all\n".to_string(),
        access(1, "192.0.2.1", "/wp-login"),
        access(3, "192.0.2.1", "/wp-login"),
    ];
    let shards = Shards::new(&texts, &[ACCESS]);
    let reports: Vec<String> = (shards.names.iter())
        .map(|name| shards.report(std::slice::from_ref(name)))
        .collect();
    let all = run_in(shards.directory.path(), &["merge", "-"], &reports.concat());
    let lines = reports[1..]
        .iter()
        .map(|report| parsed(report).to_string() + "\n");
    let lines: String = lines.collect();
    let last_two = run_in(shards.directory.path(), &["merge", "-"], &lines);
    let first = shards.directory.path().join("first.json");
    std::fs::write(&first, &reports[0]).expect("a report is written");
    let nested = run_in(
        shards.directory.path(),
        &["merge", "first.json", "-"],
        &last_two.out,
    );
    assert_eq!(timeless(&nested.out), timeless(&all.out), "{}", nested.err);
    assert_eq!(timeless(&all.out), timeless(&shards.report(&shards.names)));
    let own = run_in(shards.directory.path(), &["merge", "first.json"], "");
    assert_eq!(timeless(&own.out), timeless(&reports[0]));
}

#[test]
fn the_table_is_the_main_jobs() {
    let texts = [
        access(1, "192.0.2.1", "/wp-login"),
        access(3, "192.0.2.1", "/wp-login"),
    ];
    let shards = Shards::new(&texts, &[ACCESS, "--print-all-missed"]);
    let _ = shards.merged();
    let merged = shards.run(&["merge", "--format", "table", "0.json", "1.json"]);
    let direct = shards.run(&[
        "--no-hints",
        "--now",
        NOW,
        "--log",
        "0.log",
        "--log",
        "1.log",
        ACCESS,
        "--print-all-missed",
    ]);
    let timeless = |text: &str| -> String {
        let lines = text.lines().filter(|line| !line.starts_with("       in "));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(direct.out.contains("192.0.2.1"), "{}", direct.out);
    assert_eq!(timeless(&merged.out), timeless(&direct.out));
}

#[test]
fn a_session_that_goes_on_is_told_of() {
    let head = "Nov 20 03:00:00 gate door[7]: ";
    let texts = [
        format!("{head}connected from 192.0.2.1\n"),
        format!("{head}wrong password\n"),
    ];
    let shards = Shards::new(&texts, &[DOOR]);
    let one = parsed(&shards.report(&shards.names));
    let merged = parsed(&shards.merged().0);
    assert_eq!(one["addresses"][0]["address"], "192.0.2.1");
    assert_eq!(
        merged["addresses"],
        json!([]),
        "the shard knows of no address"
    );
    let carried = carried(&merged);
    assert_eq!(carried.len(), 1, "{carried:?}");
    assert!(carried[0].contains("sessions (<F-MLFID>) of the log before go on"));
    assert!(carried[0].contains("1.log"), "{carried:?}");
    let ran = shards.run(&["merge", "--strict", "0.json", "1.json"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("sessions"), "{}", ran.err);
    // another session is none of the log before's
    let other = [texts[0].as_str(), &texts[1].replace("[7]", "[8]")];
    Shards::new(&other, &[DOOR]).assert_exact();
}

#[test]
fn sessions_pushed_out_of_the_table_do_not_go_on() {
    let line = |id: usize, what: &str| format!("Nov 20 03:00:00 gate door[{id}]: {what}\n");
    let first = line(7, "connected from 192.0.2.1");
    let crowd = |count: usize| -> String {
        let each = (0..count).map(|n| line(1000 + n, "connected from 192.0.2.2"));
        each.collect()
    };
    let after = |count: usize| crowd(count) + &line(7, "wrong password");
    let told = Shards::new(&[first.clone(), after(99)], &[DOOR]).carried();
    assert_eq!(told.len(), 1, "99 others leave it in its place");
    Shards::new(&[first, after(100), line(7, "wrong password")], &[DOOR]).carried();
    Shards::new(&[line(7, "connected from 192.0.2.1"), after(100)], &[DOOR]).assert_exact();
}

#[test]
fn mixed_dates_the_last_date_and_buffers_are_told_of() {
    let iso = "2026-11-20 03:00:00 gate: login from 192.0.2.1\n";
    let regex = r"login from <HOST>";
    for (texts, options, says) in [
        (
            [access(1, "192.0.2.1", "/"), iso.to_string()],
            vec![regex],
            "dates in several formats",
        ),
        (
            [
                "2026-11-20 11:59:50 gate: hello\n".to_string(),
                "login from 192.0.2.1\n".to_string(),
            ],
            vec![regex],
            "lines without a date",
        ),
        (
            [iso.replace("login", "logout"), iso.to_string()],
            vec![regex, "--maxlines", "2"],
            "maxlines",
        ),
        (
            [iso.to_string(), iso.to_string()],
            vec![regex, "--since", "2026-11-19"],
            "--since",
        ),
    ] {
        let told = Shards::new(&texts, &options).carried();
        assert!(told.iter().any(|t| t.contains(says)), "{says}: {told:?}");
    }
    // a line that matched has left the buffer
    Shards::new(&[iso, iso], &[regex, "--maxlines", "2"]).assert_exact();
}

#[test]
fn an_hour_that_comes_twice_is_told_of() {
    // in that zone the clock goes back from 03:00 to 02:00
    let zone = "CET-1CEST,M3.5.0,M10.5.0/3";
    let texts = [
        "2026-10-24 23:00:00 from 192.0.2.1\n",
        "2026-10-25 02:30:00 from 192.0.2.1\n",
        "2026-10-26 02:30:00 from 192.0.2.1\n",
    ];
    let shards = Shards::new(&texts, &[]);
    let path = shards.directory.path();
    let report = |log: &str| {
        let arguments = [log, "from <HOST>", "--format", "json", "--now", NOW];
        run_at(zone, path, &arguments, "").out
    };
    let reports: Vec<String> = shards.names.iter().map(|name| report(name)).collect();
    for (pair, told) in [(&reports[..2], 1), (&reports[1..], 0)] {
        let merged = parsed(&run_at(zone, path, &["merge", "-"], &pair.concat()).out);
        let carried = carried(&merged);
        assert_eq!(carried.len(), told, "{carried:?}");
        assert!(
            carried
                .iter()
                .all(|text| text.contains("the zone's clock is changed"))
        );
    }
}

#[test]
fn a_long_line_before_the_first_date_cannot_be_told() {
    let long = format!("{} from 192.0.2.1\n", "é".repeat(1500));
    let dated = access(1, "192.0.2.1", "/wp-login");
    let shards = Shards::new(&[dated.clone(), long + &dated], &[ACCESS]);
    let report = parsed(&shards.report(&shards.names[1..]));
    assert_eq!(report["seam"]["dates"]["head"], Value::Null);
    assert_eq!(shards.carried().len(), 1);
    let many = "no date\n".repeat(63) + &dated;
    Shards::new(&[dated.clone(), many.clone()], &[ACCESS]).assert_exact();
    let shards = Shards::new(&[dated, "no date\n".to_string() + &many], &[ACCESS]);
    assert_eq!(shards.carried().len(), 1, "more than 64 lines");
}

#[test]
fn prefregex_is_counted_as_one_run_counts_it() {
    let directory = Place::new();
    let filter = directory.path().join("pre.conf");
    // three failregexes and no more than one ignoreregex: that one is asked first
    let text = "[Definition]\nprefregex = ^\\s*app: <F-CONTENT>.+</F-CONTENT>$\n\
        failregex = ^a <HOST>$\n  ^b <HOST>$\n  ^c <HOST>$\n  ^d <HOST>$\nignoreregex = quiet$\n";
    std::fs::write(&filter, text).expect("a filter is written");
    let filter = filter.to_str().expect("a path is text");
    let line = |text: &str| format!("2026-11-20 03:00:00 app: {text}\n");
    let texts = [
        line("quiet"),
        line("a 192.0.2.1"),
        line("quiet") + &line("quiet") + &line("b 192.0.2.1") + &line("quiet"),
        line("quiet"),
    ];
    let shards = Shards::new(&texts, &[filter]);
    shards.assert_exact();
    let merged = parsed(&shards.merged().0);
    assert_eq!(
        merged["prefregex"]["hits"], 6,
        "two asked, four counted again"
    );
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

#[test]
fn without_a_warning_merged_is_one_run() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut exact, mut told) = (0, 0);
    for round in 0..24 {
        let mut texts = vec![String::new(); 3];
        for text in &mut texts {
            for _ in 0..dice.below(8) {
                let minute = dice.below(60);
                let date = match dice.below(if round % 2 == 0 { 30 } else { 4 }) {
                    0 => String::new(),
                    1 => format!("2026-11-20 03:{minute:02}:00 "),
                    _ => format!("Nov 20 03:{minute:02}:00 "),
                };
                let (id, ip) = (dice.below(60), dice.below(3));
                let what = match dice.below(4) {
                    0 => format!("connected from 192.0.2.{ip}"),
                    1 => "wrong password".to_string(),
                    2 => format!("wrong password of 203.0.113.{}", 98 + ip),
                    _ => "hello".to_string(),
                };
                *text += &format!("{date}gate door[{id}]: {what}\n");
            }
        }
        let shards = Shards::new(&texts, &[DOOR]);
        let (merged, _) = shards.merged();
        if carried(&parsed(&merged)).is_empty() {
            assert_eq!(
                timeless(&merged),
                timeless(&shards.report(&shards.names)),
                "round {round}: {texts:#?}"
            );
            exact += 1;
        } else {
            told += 1;
        }
    }
    assert!(exact >= 5 && told >= 3, "{exact} exact, {told} told of");
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let texts = [
        access(1, "192.0.2.1", "/wp-login"),
        access(2, "192.0.2.1", "/"),
    ];
    let shards = Shards::new(&texts, &[ACCESS]);
    let path = shards.directory.path();
    let _ = shards.merged();
    let write = |name: &str, arguments: &[&str]| {
        let ran = shards.run(&[arguments, &["--format", "json", "--now", NOW]].concat());
        std::fs::write(path.join(name), ran.out).expect("a report is written");
    };
    write("regex.json", &["0.log", r"^<ADDR> \S+"]);
    write("option.json", &["0.log", ACCESS, "--usedns", "no"]);
    write("dates.json", &["0.log", ACCESS, "-d", "%Y-%m-%d"]);
    write("last.json", &["0.log", ACCESS, "--last", "1"]);
    let edited = |name: &str, edit: &dyn Fn(&mut Value)| {
        let text = std::fs::read_to_string(path.join("0.json")).expect("a report");
        let mut report = parsed(&text);
        edit(&mut report);
        std::fs::write(path.join(name), report.to_string()).expect("a report is written");
    };
    edited("version.json", &|r| r["tool"]["version"] = "0.0.9".into());
    edited("schema.json", &|r| r["schema"] = 2.into());
    edited("old.json", &|r| {
        r.as_object_mut().expect("an object").remove("seam");
    });
    std::fs::write(path.join("other.json"), "\n{\"schema\": 1}\n").expect("a file is written");
    std::fs::write(path.join("broken.json"), "{\"schema\": 1,\n\n  oops").expect("a file");
    std::fs::write(path.join("empty.json"), " \n").expect("a file is written");
    for (file, says) in [
        (
            "regex.json",
            r"regex.json:1: not a report of the same filter and options as 0.json:1: the filter is `^<ADDR> \S+`, there `",
        ),
        ("option.json", "--usedns is `no`, there `not given`"),
        (
            "dates.json",
            "--datepattern is `%Y-%m-%d`, there `not given`",
        ),
        (
            "last.json",
            "last.json:1: a report of a log's end (--last 1) cannot be merged",
        ),
        (
            "version.json",
            "the version of f2b-regex is `0.0.9`, there `",
        ),
        (
            "schema.json",
            "schema.json:1: a report of schema 2; this program knows 1",
        ),
        ("old.json", "old.json:1: this report has no `seam`"),
        (
            "other.json",
            "other.json:2: expected a report of f2b-regex LOG FILTER --format json: missing field `tool`",
        ),
        ("broken.json", "broken.json:3: expected a report"),
        ("empty.json", "empty.json: empty; expected a report"),
        ("nowhere.json", "nowhere.json: No such file"),
    ] {
        let ran = shards.run(&["merge", "0.json", file]);
        assert_eq!(ran.code, Some(2), "{file}: {}", ran.err);
        assert_eq!(ran.out, "", "{file}");
        assert!(ran.err.contains(says), "{file}: {}", ran.err);
        assert_eq!(ran.err.lines().count(), 1, "{file}: {}", ran.err);
    }
}

#[test]
fn the_directory_of_a_filter_may_differ() {
    let first = Shards::new(&[access(1, "192.0.2.1", "/")], &[]);
    let second = Shards::new(&[access(2, "192.0.2.1", "/")], &[]);
    let text = format!("[Definition]\nfailregex = {ACCESS}\n");
    for (shards, name) in [(&first, "a"), (&second, "b")] {
        let directory = shards.directory.path().join(name);
        std::fs::create_dir(&directory).expect("a directory");
        std::fs::write(directory.join("web.conf"), &text).expect("a filter is written");
    }
    let report = |shards: &Shards, filter: &str| {
        let arguments = ["0.log", filter, "--format", "json", "--now", NOW];
        shards.run(&arguments).out
    };
    let both = report(&first, "./a/web.conf") + &report(&second, "./b/web.conf");
    let merged = run_in(first.directory.path(), &["merge", "-"], &both);
    assert_eq!(merged.code, Some(0), "{}", merged.err);
    assert_eq!(parsed(&merged.out)["lines"]["total"], 2);
}

/// A simulation at the tests' time, with the jails of testdata/simulate.
fn simulate(directory: &Path, arguments: &[&str]) -> Ran {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/simulate/conf");
    let base = ["simulate", "-c", config, "--now", NOW];
    run_in(directory, &[&base[..], arguments].concat(), "")
}

/// Runs `simulate --format matches` over each log; returns the files.
fn matches_of(shards: &Shards, options: &[&str]) -> Vec<String> {
    let each = shards.names.iter().map(|log| {
        let arguments = [&[log.as_str()][..], options, &["--format", "matches"]].concat();
        let ran = simulate(shards.directory.path(), &arguments);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let file = log.replace(".log", ".jsonl");
        std::fs::write(shards.directory.path().join(&file), ran.out).expect("a file is written");
        file
    });
    each.collect()
}

/// A log of the jail `door` at that hour; its sessions have numbers from `first` on.
fn doors(hour: usize, first: usize) -> String {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 + first as u64);
    let mut text = format!("gate door[{first}]: wrong password of 192.0.2.1\n");
    for n in 0..60 {
        let (minute, id, ip) = (n / 2, first + 1 + n / 3, dice.below(6));
        let what = match dice.below(3) {
            0 => format!("connected from 192.0.2.{ip}"),
            1 => "wrong password".to_string(),
            _ => format!("wrong password of 198.51.100.{}", 10 + 2 * ip),
        };
        text += &format!("Nov 20 {hour:02}:{minute:02}:00 gate door[{id}]: {what}\n");
    }
    text
}

#[test]
fn a_simulation_of_matches_is_that_of_the_logs() {
    let shards = Shards::new(&[doors(3, 100), doors(4, 200), doors(3, 300)], &[]);
    let path = shards.directory.path();
    let files = matches_of(&shards, &["door"]);
    let rules = ["--format", "json", "--increment", "--maxretry", "4", "door"];
    for joined in [false, true] {
        let mut files: Vec<&str> = files.iter().map(String::as_str).collect();
        if joined {
            let texts = files
                .iter()
                .map(|file| std::fs::read_to_string(path.join(file)));
            let all: Result<String, _> = texts.collect();
            std::fs::write(path.join("all.jsonl"), all.expect("files")).expect("a file is written");
            files = vec!["all.jsonl"];
        }
        let merged = simulate(path, &[&["--matches"], &files[..], &rules[..]].concat());
        let logs: Vec<&str> = shards.names.iter().map(String::as_str).collect();
        let direct = simulate(path, &[&logs[..], &rules[..]].concat());
        assert_eq!(direct.code, Some(0), "{}", direct.err);
        assert_eq!(merged.out, direct.out, "{}", merged.err);
        let report = parsed(&merged.out);
        let jail = &report["jails"][0];
        assert!(
            jail["totals"]["bans"].as_u64() > Some(0),
            "{}",
            jail["totals"]
        );
        assert!(
            jail["totals"]["not_counted"].as_u64() > Some(3),
            "ignoreip holds"
        );
        // the first failure of all has no date before it; those of the other logs have
        assert_eq!(jail["totals"]["undated"], 1);
    }
}

#[test]
fn matches_of_other_filters_and_sessions_that_go_on() {
    let shards = Shards::new(&[doors(3, 100), doors(3, 100)], &[]);
    let path = shards.directory.path();
    let files = matches_of(&shards, &["door"]);
    let ran = simulate(
        path,
        &[
            "--matches",
            &files[0],
            &files[1],
            "door",
            "--format",
            "json",
        ],
    );
    let warnings = &parsed(&ran.out)["warnings"];
    let told = warnings.to_string();
    assert!(
        told.contains("sessions (<F-MLFID>) of the log before go on"),
        "{told}"
    );
    for (arguments, says) in [
        (
            vec!["--matches", "0.jsonl", "shop"],
            "0.jsonl:1: failures of door, found by other regexes than those shop has here",
        ),
        (
            vec!["--matches", "0.log", "door"],
            "0.log:1: expected what f2b-regex simulate",
        ),
        (
            vec!["--matches", "cut.jsonl", "door"],
            "cut.jsonl:3: expected what f2b-regex simulate",
        ),
        (
            vec!["--matches", "0.jsonl", "zone.jsonl", "door"],
            "zone.jsonl:1: not made as 0.jsonl:1: the options: ",
        ),
    ] {
        let text = std::fs::read_to_string(path.join("0.jsonl")).expect("a file");
        let lines: Vec<&str> = text.lines().collect();
        let cut = format!("{}\n{}\n{}", lines[0], lines[1], &lines[2][..9]);
        std::fs::write(path.join("cut.jsonl"), cut).expect("a file is written");
        let zone = [
            "1.log",
            "door",
            "--format",
            "matches",
            "--timezone",
            "UTC+0200",
        ];
        let zone = simulate(path, &zone);
        std::fs::write(path.join("zone.jsonl"), zone.out).expect("a file is written");
        let ran = simulate(path, &arguments);
        assert_eq!(ran.code, Some(2), "{says}");
        assert!(ran.err.contains(says), "{says}: {}", ran.err);
    }
}
