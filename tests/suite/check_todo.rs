//! Lines that are known to fail: told, but no failure, until they do what they must.

use crate::util::{Place, Ran, Run, f2b};

const FILTER: &str = "[Definition]\nfailregex = ^\\s*a from <HOST>$\n";

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check", "x.conf"], arguments].concat());
    command.current_dir(place.path()).ran()
}

#[test]
fn a_known_failure_of_a_sample_log_is_a_note() {
    let place = Place::new();
    place.write("x.conf", FILTER);
    let sample = "# failJSON: { \"match\": true, \"host\": \"192.0.2.1\" }\n\
        Jun 21 16:47:46 a from 192.0.2.1\n\
        # failJSON: { \"match\": true, \"host\": \"192.0.2.2\", \"todo\": \"bug 7\" }\n\
        Jun 21 16:47:46 b from 192.0.2.2\n";
    place.write("logs/x", sample);
    let all = ["--samples", "logs"];
    let ran = check(&place, &[&all[..], &["--verbose", "--strict"]].concat()).ended(0);
    assert!(
        ran.stdout.contains("note[S010]: x: known failure (bug 7):"),
        "{}",
        ran.stdout
    );
    let tap = check(&place, &[&all[..], &["--format", "tap"]].concat())
        .ended(0)
        .stdout;
    assert!(tap.contains("not ok 3 - sample: x x:4 # TODO\n"), "{tap}");
    let junit = check(&place, &[&all[..], &["--format", "junit"]].concat())
        .ended(0)
        .stdout;
    assert_eq!(
        (
            junit.matches("<skipped").count(),
            junit.matches("<failure").count()
        ),
        (1, 0)
    );
    // mended: the mark is to be taken out
    place.write("x.conf", FILTER.replace("a from", "[ab] from"));
    let ran = check(&place, &all).ended(0);
    assert!(
        ran.stdout.contains("warning[S011]") && ran.stdout.contains("bug 7"),
        "{}",
        ran.stdout
    );
    check(&place, &[&all[..], &["--strict"]].concat()).ended(1);
}

#[test]
fn an_expectation_that_is_not_met_yet_stays_when_the_others_are_written() {
    let place = Place::new();
    place.write("x.conf", FILTER);
    let cases = "cases:\n- line: Jun 21 16:47:46 a from 192.0.2.1\n  gives: missed\n\
        - line: Jun 21 16:47:46 b from 192.0.2.2\n  gives: matched\n  todo: bug 7\n\
        - line: Jun 21 16:47:46 c from 192.0.2.3\n  gives: missed\n  todo: false\n";
    place.write("x.yaml", cases);
    check(&place, &[]).ended(1);
    let ran = check(&place, &["--update"]).ended(0);
    assert_eq!(ran.stderr, "wrote x.yaml: 3 lines, 1 changed\n");
    let now = std::fs::read_to_string(place.at("x.yaml")).expect("it is there");
    assert!(now.contains("gives: matched\n  todo: bug 7"), "{now}");
    assert!(now.contains("host: 192.0.2.1"), "{now}");
    assert_eq!(check(&place, &["--update"]).ended(0).stderr, "");
    place.write("x.conf", FILTER.replace("a from", "[ab] from"));
    let ran = check(&place, &[]).ended(0);
    assert!(ran.stdout.contains("warning[S011]"), "{}", ran.stdout);
}
