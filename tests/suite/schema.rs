//! The JSON Schemas of docs/ against what the binary writes: every field is known to them.

use crate::util::{Run, f2b, repository};
use jsonschema::Validator;
use serde_json::Value;

fn schema(name: &str) -> Value {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn validator(name: &str) -> Validator {
    let schema = schema(name);
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn output(arguments: &[&str], input: &str) -> Value {
    let mut command = f2b(arguments);
    command.current_dir(repository("")).write_stdin(input);
    command.ran().json()
}

fn assert_valid(validator: &Validator, value: &Value, what: &dyn std::fmt::Debug) {
    let faults: Vec<String> = (validator.iter_errors(value))
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{what:?}: {faults:#?}");
}

const SSHD: &str = "testdata/filter.d/sshd.conf";
const LOG: &str = "testdata/logs/auth.log";
const CONF: &str = "testdata/simulate/conf";

#[test]
fn reports_of_the_main_job_and_of_merge() {
    let schema = validator("report");
    let users: String = (0..102)
        .map(|n| format!("2026-11-20 10:00:00 user u{n} from 192.0.2.1\n"))
        .collect();
    let rich = r"user <F-USER>\w+</F-USER> from <HOST>";
    let journal =
        "{\"__REALTIME_TIMESTAMP\":\"1795144859000000\",\"MESSAGE\":\"x from 192.0.2.1\"}\n";
    let wrapped = "{\"log\":\"Nov 20 03:14:07 gate sshd[1]: Failed password for root from 192.0.2.1 port 2 ssh2\\n\",\"stream\":\"stdout\"}\n";
    for (arguments, input) in [
        (vec![LOG, SSHD], ""),
        (vec!["-", SSHD, "--unwrap"], wrapped),
        (vec!["-", SSHD], wrapped),
        (
            vec![
                LOG,
                SSHD,
                "--print-all-matched",
                "--print-all-missed",
                "--print-all-ignored",
            ],
            "",
        ),
        (
            vec![
                "--log",
                LOG,
                "--log",
                LOG,
                "testdata/filter.d/sshd.conf[mode=strict]",
            ],
            "",
        ),
        (vec!["-", rich], users.as_str()),
        (vec!["-", "x from <HOST>"], journal),
        (vec!["-", "x from <HOST>", "-m", "_X=y"], journal),
        (
            vec![
                "--line",
                "x\u{1b}[31m from 192.0.2.1",
                "x from <HOST>",
                "--usedns",
                "no",
            ],
            "",
        ),
        (
            vec!["-", "from <HOST>", "--maxlines", "3"],
            "a\nb from 192.0.2.1\nc\n",
        ),
        (
            vec!["-", "from <HOST>", "--since", "2026-11-19"],
            users.as_str(),
        ),
        (vec!["-", r"^(?:\w|(a))*\1b <HOST>"], ""),
    ] {
        let all = [&arguments[..], &["--format", "json"]].concat();
        let report = output(&all, input);
        assert_valid(&schema, &report, &all);
        let merged = output(&["merge", "-"], &report.to_string());
        assert_valid(&schema, &merged, &["merge", arguments[0]]);
    }
}

/// The data in a page has fields of its own beside the report's.
#[test]
fn data_of_pages() {
    let schema = validator("report");
    let regex = r"^ gate .* for <F-USER>\w+</F-USER> from <HOST>";
    let lines = "2026-11-20 10:00:00 gate no for x from 192.0.2.1\n\
                 2026-11-20 10:00:01 gate no for y from 192.0.2.2 a\n\
                 2026-11-20 10:00:01 gate no for y\n2026-11-20 10:00:01 gate no for z from 192.0.2.3\n\
                 x no date\n";
    for (arguments, input) in [
        (vec![LOG, SSHD], ""),
        (vec!["-", regex, "^ gate no for z"], lines),
        (vec!["--line", "x", "y <HOST>"], ""),
    ] {
        let all = [&arguments[..], &["--format", "html"]].concat();
        let mut command = f2b(&all);
        command.current_dir(repository("")).write_stdin(input);
        let page = command.ran().ended(0).stdout;
        let (_, data) = page.split_once("id=\"report\">").expect("data");
        let (data, _) = data.split_once('<').expect("its end");
        let data: Value = serde_json::from_str(data).expect("JSON");
        assert_valid(&schema, &data, &all);
        for field in ["history", "parts", "examples", "sparklines"] {
            assert!(data.get(field).is_some(), "{field}");
        }
    }
}

#[test]
fn a_field_that_is_not_described_fails() {
    let schema = validator("report");
    let report = output(&[LOG, SSHD, "--format", "json"], "");
    assert_valid(&schema, &report, &"as written");
    for place in [
        "",
        "/tool",
        "/lines",
        "/logs/0",
        "/addresses/0/first",
        "/seam/sessions",
    ] {
        let mut more = report.clone();
        let object = more.pointer_mut(place).and_then(Value::as_object_mut);
        object
            .unwrap_or_else(|| panic!("{place}"))
            .insert("new".into(), 1.into());
        assert!(!schema.is_valid(&more), "{place}");
        let mut less = report.clone();
        let object = less.pointer_mut(place).and_then(Value::as_object_mut);
        object.unwrap_or_else(|| panic!("{place}")).lose_first();
        assert!(!schema.is_valid(&less), "{place}");
    }
}

/// Takes an object's first field away.
trait Lose {
    fn lose_first(&mut self);
}

impl Lose for serde_json::Map<String, Value> {
    fn lose_first(&mut self) {
        let first = self.keys().next().cloned().expect("a field");
        self.shift_remove(&first);
    }
}

#[test]
fn reports_of_explain() {
    let schema = validator("explain");
    for arguments in [
        vec![LOG, SSHD],
        vec![LOG, SSHD, "--line-number", "2"],
        vec![
            "Nov 20 03:14:07 gate sshd[7]: Connection closed by 192.0.2.1",
            SSHD,
        ],
        vec!["no date from 192.0.2.1", r"from <HOST>\b(?:x|y)$"],
        vec![
            "testdata/simulate/logs/door.log",
            "testdata/simulate/conf/filter.d/door.conf",
            "--line-number",
            "4",
        ],
        vec![LOG, SSHD, "--all"],
        vec![
            "no date from 192.0.2.1",
            r"from <HOST>\b(?:x|y)$",
            "--all",
            "--failures",
        ],
    ] {
        let all = [&["explain"], &arguments[..], &["--format", "json"]].concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_check() {
    let schema = validator("check");
    for arguments in [
        vec![
            "testdata/check/filter.d",
            "--samples",
            "testdata/check/logs",
        ],
        vec![
            "testdata/check/planted/filter.d",
            "--samples",
            "testdata/check/planted/logs",
        ],
        vec!["testdata/check/light"],
        vec![CONF],
    ] {
        let all = [&["check"], &arguments[..], &["--format", "json"]].concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_simulate() {
    let schema = validator("simulate");
    let door = "testdata/simulate/logs/door.log";
    for arguments in [
        vec![door, "door"],
        vec!["testdata/simulate/logs/shop.log*", "shop"],
        vec![
            door,
            "door",
            "--bantime",
            "-1",
            "--formula",
            "ban.Time * 2",
            "--increment",
        ],
        vec![door, "door", "--sweep", "maxretry=1..3,findtime=1m/1h"],
        vec!["--all-jails"],
    ] {
        let all = [
            &["simulate", "-c", CONF],
            &arguments[..],
            &["--format", "json"],
        ]
        .concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
    let door = "testdata/actual/planted/door.log*";
    for (recording, record, more) in [
        ("plain", "fail2ban.log", vec!["--all-jails"]),
        ("plain", "fail2ban.sqlite3", vec!["--all-jails"]),
        ("planted", "fail2ban.log", vec!["--all-jails"]),
        (
            "planted",
            "fail2ban.log",
            vec!["--jails", "door", door, "--why", "203.0.113.70"],
        ),
        (
            "planted",
            "fail2ban.sqlite3",
            vec!["--jails", "door", door, "--why", "203.0.113.60"],
        ),
        (
            "plain",
            "fail2ban.log",
            vec!["--history", "--mmdb", "testdata/actual/mmdb/asn.mmdb"],
        ),
    ] {
        let conf = format!("testdata/actual/{recording}/conf");
        let record = format!("testdata/actual/{recording}/{record}");
        let head = [
            "simulate", "-c", &conf, "--actual", &record, "--format", "json",
        ];
        let all = [&head[..], &more].concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_bench() {
    let schema = validator("bench");
    let log = "testdata/bench/asterisk/pbx.log";
    let (new, old) = (
        "testdata/bench/asterisk/asterisk.conf",
        "testdata/bench/asterisk/old-asterisk.conf",
    );
    for arguments in [
        vec![log, new],
        vec![log, old, "--against", new],
        vec![log, new, "--slowest", "2"],
    ] {
        let few = ["--runs", "3", "--warmup", "1", "--format", "json"];
        let all = [&["bench"], &arguments[..], &few].concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_diff() {
    let schema = validator("diff");
    let (old, new) = ("testdata/diff/old", "testdata/diff/new");
    let samples = ["--samples", "testdata/diff/logs"];
    let filters = ["testdata/diff/old/filter.d", "testdata/diff/new/filter.d"];
    let log = "testdata/diff/logs/gate";
    for arguments in [
        vec![old, new],
        vec![new, old],
        [&[old, new][..], &samples].concat(),
        [&[new, old][..], &samples].concat(),
        [&filters[..], &[log]].concat(),
        vec![old, old],
    ] {
        let all = [&["diff"], &arguments[..], &["--format", "json"]].concat();
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_fit() {
    let schema = validator("fit");
    let unknown = "2026-11-20 11:00:00 x: denied 192.0.2.1\n";
    let journal =
        "{\"__REALTIME_TIMESTAMP\":\"1795144859000000\",\"MESSAGE\":\"x from 192.0.2.1\"}\n";
    for (log, input) in [(LOG, ""), ("-", unknown), ("-", journal)] {
        let config = "testdata/recorded/config/filter.d";
        let all = ["fit", log, "-c", config, "--format", "json"];
        assert_valid(&schema, &output(&all, input), &all);
    }
    let all = ["fit", LOG, "-c", "testdata", "--format", "json"];
    assert_valid(&schema, &output(&all, ""), &all);
}

#[test]
fn reports_of_draft() {
    let schema = validator("draft");
    let line = "2026-11-20 11:00:00 x: denied 192.0.2.1";
    let vague = "2026-11-20 11:00:00 x: denied 192.0.2.1 198.51.100.1";
    let known = "Nov 20 03:14:07 gate sshd[7]: Connection closed by 192.0.2.1 port 22 [preauth]";
    for line in [line, vague, known, "nobody"] {
        let all = [
            "draft",
            "--dry-run",
            "-c",
            "testdata",
            "--format",
            "json",
            "--line",
            line,
        ];
        assert_valid(&schema, &output(&all, ""), &all);
    }
}

#[test]
fn reports_of_doctor() {
    let schema = validator("doctor");
    for machine in ["healthy", "wrong-unit", "exempt", "refused", "helpers"] {
        let place = crate::util::Place::new();
        for part in ["base", &format!("{machine}/root")] {
            let from = repository("testdata/doctor").join(part);
            let copied = std::process::Command::new("cp")
                .arg("-r")
                .arg(format!("{}/.", from.display()))
                .arg(place.path())
                .status();
            assert!(copied.is_ok_and(|status| status.success()), "{machine}");
        }
        let root = place.path().display().to_string();
        let arguments = ["doctor", "--root", &root, "--format", "json"];
        assert_valid(&schema, &output(&arguments, ""), &machine);
    }
    let arguments = ["doctor", "-c", "testdata", "--format", "json"];
    let report = output(&arguments, "");
    assert_valid(&schema, &report, &"no configuration");
    assert_eq!(report["refused"].as_array().map(Vec::len), Some(1));
}
