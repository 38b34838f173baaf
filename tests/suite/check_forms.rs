//! What `f2b-regex check` writes for other programs, how often, and where to; and what it reads
//! from standard input.

use crate::util::{Place, Ran, Run, f2b};
use serde_json::Value;

/// A fault of the file, two lint rules in one line, and one that is in both modes.
fn place() -> Place {
    let place = Place::new();
    place.write(
        "filter.d/x.conf",
        "[Definition]\nfailregex = <mdre-<mode>>\nmdre-normal = a <HOST>$\n\
         mdre-more = <mdre-normal>\n    ^b \\S*<HOST>$\nmode = normal\nignoreregx = x\n",
    );
    place.write("filter.d/y.conf", "[definition]\nfailregex = ^a <HOST>$\n");
    place
}

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check"], arguments].concat());
    command.current_dir(place.path()).ran()
}

fn form(place: &Place, format: &str) -> String {
    let all = ["filter.d", "--strict", "--verbose", "--format", format];
    check(place, &all).ended(1).stdout
}

#[test]
fn a_fault_is_one_finding_in_every_form() {
    let place = place();
    let value = |format| -> Value { serde_json::from_str(&form(&place, format)).expect("JSON") };
    let json = value("json");
    let filters = json["filters"].as_array().expect("filters").iter();
    let count: usize = filters
        .map(|f| f["findings"].as_array().expect("findings").len())
        .sum();
    assert_eq!(count, 4, "{json}");
    assert_eq!(
        value("sarif")["runs"][0]["results"]
            .as_array()
            .expect("results")
            .len(),
        count
    );
    assert_eq!(value("gitlab").as_array().expect("issues").len(), count);
    assert_eq!(
        value("rdjson")["diagnostics"]
            .as_array()
            .expect("diagnostics")
            .len(),
        count
    );
    let lines = |format: &str, what: &str| {
        let text = form(&place, format);
        text.lines().filter(|line| line.contains(what)).count()
    };
    assert_eq!(lines("concise", "["), count);
    assert_eq!(lines("github", "::"), count);
    assert_eq!(lines("human", " --> "), count);
    assert_eq!(lines("tap", "not ok"), count);
    assert_eq!(lines("junit", "<failure"), count);
}

#[test]
fn gitlab_reviewdog_and_editors_get_what_they_read() {
    let place = place();
    let issues: Value = serde_json::from_str(&form(&place, "gitlab")).expect("JSON");
    let issues = issues.as_array().expect("a list");
    let mut prints: Vec<&str> = Vec::new();
    for issue in issues {
        assert!(["info", "minor", "major"].contains(&issue["severity"].as_str().expect("text")));
        let path = issue["location"]["path"].as_str().expect("text");
        assert!(path.starts_with("filter.d/"), "{path}");
        assert!(
            issue["location"]["lines"]["begin"]
                .as_u64()
                .expect("a line")
                > 0
        );
        prints.push(issue["fingerprint"].as_str().expect("text"));
    }
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), issues.len());
    let found: Value = serde_json::from_str(&form(&place, "rdjson")).expect("JSON");
    let all = found["diagnostics"].as_array().expect("a list");
    let section = all
        .iter()
        .find(|d| d["code"]["value"] == "F008")
        .expect("the section");
    assert_eq!(section["severity"], "ERROR");
    assert_eq!(section["location"]["path"], "filter.d/y.conf");
    assert_eq!(
        section["location"]["range"]["start"],
        serde_json::json!({"line": 1, "column": 2})
    );
    assert_eq!(section["suggestions"][0]["text"], "Definition");
    assert_eq!(section["suggestions"][0]["range"]["end"]["column"], 12);
    let lines = form(&place, "concise");
    assert!(
        lines.contains("filter.d/y.conf:1:2: error[F008] y: [definition] is"),
        "{lines}"
    );
}

#[test]
fn codes_are_counted_and_reports_written() {
    let place = place();
    let counts = check(&place, &["filter.d", "--statistics"]).ended(1).stdout;
    assert!(
        counts.contains("     1  F008  error    not-read\n"),
        "{counts}"
    );
    let counts = check(&place, &["filter.d", "--statistics", "--format", "json"])
        .ended(1)
        .json();
    assert_eq!(counts.as_array().expect("a list").len(), 4);
    let ran = check(
        &place,
        &[
            "filter.d",
            "-o",
            "out.json",
            "--format",
            "json",
            "--exit-zero",
        ],
    );
    assert_eq!(ran.ended(0).stdout, "");
    let written = std::fs::read(place.at("out.json")).expect("it was written");
    assert!(serde_json::from_slice::<Value>(&written).is_ok());
    check(&place, &["filter.d", "-o", "no/out.json"]).ended(2);
}

#[test]
fn standard_input_stands_for_a_file() {
    let place = place();
    place.write("filter.d/common.conf", "[DEFAULT]\n_p = app:\n");
    place.write(
        "f2b-regex.toml",
        "[per-file-ignores]\n\"filter.d/z.conf\" = [\"L009\"]\n",
    );
    let run = |name: &str, text: &str| {
        let mut command = f2b(&[
            "check",
            "-",
            "--format",
            "concise",
            "--stdin-filename",
            name,
        ]);
        command.current_dir(place.path()).write_stdin(text).ran()
    };
    // what is there counts: includes, settings; the file itself need not be
    let text = "[INCLUDES]\nbefore = common.conf\n[Definition]\nfailregex = %(_p)s a <HOST>$\n\
        ignoreregx = x\n";
    let ran = run("filter.d/z.conf", text).ended(0);
    let first = ran.stdout.lines().next().unwrap_or_default().to_owned();
    assert!(
        first.starts_with("filter.d/z.conf:4:13: warning[L001] z: "),
        "{}",
        ran.stdout
    );
    assert!(!place.at("filter.d/z.conf").exists());
    // in place of what is in the file
    run("filter.d/y.conf", "[Definition]\nfailregex = ^a <HOST>$\n").ended(0);
    let ran = run("filter.d/y.conf", "[INCLUDES]\nbefore = none.conf\n").ended(1);
    assert!(
        ran.stdout.contains("filter.d/y.conf:2:10: error[F007]"),
        "{}",
        ran.stdout
    );
    assert!(
        run("none/z.conf", "")
            .ended(2)
            .stderr
            .contains("--stdin-filename none/z.conf")
    );
    assert!(
        check(&place, &["-"])
            .ended(2)
            .stderr
            .contains("expected --stdin-filename")
    );
    let fix = ["-", "--stdin-filename", "x.conf", "--fix"];
    assert!(
        check(&place, &fix)
            .ended(2)
            .stderr
            .contains("cannot be changed")
    );
}
