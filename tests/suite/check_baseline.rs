//! `--baseline`: what is known does not fail, what moves stays known, what is gone is told.

use crate::util::{Place, Ran, Run, f2b};
use serde_json::Value;

const OLD: &str = "[Definition]\nfailregex = a <HOST>$\n    \"^b <HOST>$\"\n";
const ALL: [&str; 4] = ["filter.d", "--strict", "--baseline", "base.json"];

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check", "--format", "json"], arguments].concat());
    command.current_dir(place.path()).ran()
}

fn codes(report: &Value) -> Vec<String> {
    let filters = report["filters"].as_array().expect("filters").iter();
    let findings = filters.flat_map(|f| f["findings"].as_array().expect("findings").clone());
    findings
        .map(|f| f["code"].as_str().expect("code").to_owned())
        .collect()
}

fn with_baseline() -> Place {
    let place = Place::new();
    place.write("filter.d/x.conf", OLD);
    place.write("filter.d/y.conf", "[Definition]\nfailregex = y <HOST>$\n");
    let ran = check(&place, &[&ALL[..], &["--update-baseline"]].concat()).ended(0);
    assert_eq!(ran.stderr, "wrote base.json: 3 findings, 3 new, 0 gone\n");
    place
}

#[test]
fn what_is_known_does_not_fail_wherever_it_stands() {
    let place = with_baseline();
    let report = check(&place, &ALL).ended(0).json();
    assert!(codes(&report).is_empty());
    assert_eq!(
        (&report["baseline"]["known"], &report["baseline"]["gone"]),
        (&3.into(), &0.into())
    );
    // moved down, and indented otherwise
    let moved = OLD
        .replace("[Def", "# new\n\n[Def")
        .replace("    \"", "\t\t\"");
    place.write("filter.d/x.conf", moved);
    assert!(codes(&check(&place, &ALL).ended(0).json()).is_empty());
    // one more of the same kind in another line is new
    place.write("filter.d/x.conf", format!("{OLD}    c <HOST>$\n"));
    assert_eq!(codes(&check(&place, &ALL).ended(1).json()), ["L001"]);
    // and from another directory the files are the same
    let mut from = f2b(&[
        "check",
        "../filter.d/y.conf",
        "--strict",
        "--baseline",
        "../base.json",
    ]);
    place.write("below/z", "");
    from.current_dir(place.at("below")).ran().ended(0);
}

#[test]
fn what_is_gone_is_told_until_it_is_taken_out() {
    let place = with_baseline();
    place.write("filter.d/y.conf", "[Definition]\nfailregex = ^y <HOST>$\n");
    let ran = check(&place, &ALL).ended(1);
    assert_eq!(codes(&ran.json()), ["I003"]);
    assert!(
        ran.stdout
            .contains("1 finding L001 of filter.d/y.conf gone"),
        "{}",
        ran.stdout
    );
    // what is not checked is not gone, and stays when the file is written
    let one = ["filter.d/x.conf", "--strict", "--baseline", "base.json"];
    assert!(codes(&check(&place, &one).ended(0).json()).is_empty());
    assert!(
        codes(
            &check(&place, &[&ALL[..], &["--no-lint"]].concat())
                .ended(0)
                .json()
        )
        .is_empty()
    );
    let ran = check(&place, &[&one[..], &["--update-baseline"]].concat()).ended(0);
    assert_eq!(ran.stderr, "wrote base.json: 3 findings, 0 new, 0 gone\n");
    let ran = check(&place, &[&ALL[..], &["--update-baseline"]].concat()).ended(0);
    assert_eq!(ran.stderr, "wrote base.json: 2 findings, 0 new, 1 gone\n");
    check(&place, &ALL).ended(0);
    // a filter that is no longer there is gone, too
    std::fs::remove_file(place.at("filter.d/x.conf")).expect("it was there");
    let report = check(&place, &ALL).ended(1).json();
    assert_eq!(report["baseline"]["gone"], 2);
}

#[test]
fn a_baseline_is_named_in_the_settings_and_its_faults_are_told() {
    let place = with_baseline();
    place.write(
        "f2b-regex.toml",
        "paths = [\"filter.d\"]\nbaseline = \"base.json\"\n",
    );
    check(&place, &["--strict"]).ended(0);
    place.write("base.json", "{ \"version\": 1,\n \"found\": [] }");
    let said = check(&place, &[]).ended(2).stderr;
    assert!(
        said.contains("base.json:2: no baseline: unknown field `found`"),
        "{said}"
    );
    place.write("base.json", "{ \"version\": 7, \"findings\": [] }");
    assert!(
        check(&place, &[])
            .ended(2)
            .stderr
            .contains("version 7, expected 1")
    );
    let said = check(&place, &["--baseline", "no.json"]).ended(2).stderr;
    assert!(
        said.contains("--baseline no.json:") && said.contains("--update-baseline"),
        "{said}"
    );
    let said = check(&place, &["--isolated", "filter.d", "--update-baseline"])
        .ended(2)
        .stderr;
    assert!(said.contains("expected --baseline FILE"), "{said}");
}
