//! Which findings of `f2b-regex check` count: `--select`, `--ignore`, comments in the files.

use crate::util::{Place, Ran, Run, f2b};

/// Two lint rules, and an option that fail2ban does not know.
const CARELESS: &str =
    "[Definition]\nfailregex = login failed .* <HOST> on x\nignoreregx = for x\n";

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check", "--format", "json"], arguments].concat());
    command.current_dir(place.path()).ran()
}

/// Codes and lines of the findings.
fn found(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let filters = report["filters"].as_array().expect("filters").iter();
    let findings = filters.flat_map(|f| f["findings"].as_array().expect("findings").clone());
    let shown = findings.map(|f| format!("{}:{}", f["code"].as_str().expect("code"), f["line"]));
    shown.collect()
}

#[test]
fn codes_and_their_beginnings_are_selected_and_ignored() {
    let place = Place::new();
    place.write("x.conf", CARELESS);
    let all = found(&check(&place, &["x.conf"]));
    assert_eq!(all, ["L001:2", "L002:2", "L009:3"]);
    for (arguments, left) in [
        (&["--select", "L001,L009"][..], &["L001:2", "L009:3"][..]),
        (&["--select", "F"], &[]),
        (&["--ignore", "L00"], &[]),
        (
            &["--select", "L", "--ignore", "L009"],
            &["L001:2", "L002:2"],
        ),
        (&["--ignore", "L", "--select", "L009"], &["L009:3"]),
        (&["--ignore", "unanchored,options"], &["L002:2"]),
    ] {
        let ran = check(&place, &[&["x.conf"], arguments].concat());
        assert_eq!(found(&ran), left, "{arguments:?}");
        // what does not count does not fail the check
        let errors = left.iter().any(|code| !code.starts_with("L001"));
        ran.ended(i32::from(errors));
    }
}

#[test]
fn an_unknown_code_is_said_with_the_one_meant() {
    let place = Place::new();
    place.write("x.conf", CARELESS);
    let said = check(&place, &["x.conf", "--ignore", "L099"])
        .ended(2)
        .stderr;
    assert!(
        said.contains("--ignore: `L099` is no code; did you mean L009?"),
        "{said}"
    );
    let said = check(&place, &["x.conf", "--select", "quote"])
        .ended(2)
        .stderr;
    assert!(said.contains("did you mean quotes (L011)?"), "{said}");
    // in a comment it is a finding
    place.write(
        "x.conf",
        "# f2b-regex: ignore L099\n[Definition]\nfailregex = ^a <HOST>$\n",
    );
    let ran = check(&place, &["x.conf"]).ended(0);
    assert_eq!(found(&ran), ["I002:1"]);
    assert!(ran.stdout.contains("did you mean L009?"), "{}", ran.stdout);
    let ran = check(&place, &["x.conf", "--ignore", "I"]).ended(0);
    assert!(found(&ran).is_empty());
}

#[test]
fn a_comment_silences_codes_of_any_kind() {
    let place = Place::new();
    let silent = "[Definition]\n# f2b-regex: ignore L00\nfailregex = login failed .* <HOST> on x\n\
        # f2b-regex: ignore L009 the old name\nignoreregx = for x\n";
    place.write("x.conf", silent);
    assert!(found(&check(&place, &["x.conf"]).ended(0)).is_empty());
    // a section of another name: F008
    place.write(
        "x.conf",
        "# f2b-regex: ignore F008\n[definition]\nfailregex = ^a <HOST>$\n",
    );
    assert!(found(&check(&place, &["x.conf"]).ended(0)).is_empty());
    // an include that is not there: F007
    let include = "[INCLUDES]\n# f2b-regex: ignore F007\nbefore = nothing.conf\n\
        [Definition]\nfailregex = ^a <HOST>$\n";
    place.write("x.conf", include);
    assert!(found(&check(&place, &["x.conf"]).ended(0)).is_empty());
    // an option that no jail has: F009
    let jail = "[x]\n# f2b-regex: ignore F009\nmaxretyr = 3\nfilter = x\n";
    place.write("etc/jail.conf", jail);
    place.write(
        "etc/filter.d/x.conf",
        "[Definition]\nfailregex = ^a <HOST>$\n",
    );
    assert!(found(&check(&place, &["etc"]).ended(0)).is_empty());
    // a failregex that no sample exercises: C001, C002
    place.write(
        "x.conf",
        "# f2b-regex: ignore C002\n[Definition]\nfailregex = ^\\s*a <HOST>$\n    \
         # f2b-regex: ignore C001\n    ^b <HOST>$\n",
    );
    place.write(
        "logs/x",
        "# failJSON: { \"match\": true, \"host\": \"192.0.2.1\" }\nJun 21 16:47:46 a 192.0.2.1\n",
    );
    let all = ["x.conf", "--samples", "logs", "--coverage-min", "100"];
    assert!(found(&check(&place, &all).ended(0)).is_empty());
}

#[test]
fn a_comment_that_silences_nothing_is_found() {
    let place = Place::new();
    let text = "[Definition]\n# f2b-regex: ignore L001, L011\nfailregex = a <HOST>$\n\
        # f2b-regex: ignore\nignoreregex =\n";
    place.write("x.conf", text);
    let ran = check(&place, &["x.conf"]).ended(0);
    assert_eq!(found(&ran), ["I001:2", "I002:4"]);
    assert!(
        ran.stdout.contains("silences nothing: no L011 here"),
        "{}",
        ran.stdout
    );
    check(&place, &["x.conf", "--strict"]).ended(1);
    // what is not looked for cannot be found to be silenced
    let ran = check(&place, &["x.conf", "--no-lint"]).ended(0);
    assert_eq!(found(&ran), ["I002:4"]);
    let ran = check(&place, &["x.conf", "--ignore", "L011"]).ended(0);
    assert_eq!(found(&ran), ["I002:4"]);
}
