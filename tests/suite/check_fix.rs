//! `--fix` and its kin: what is changed, what is not, and that samples decide.

use crate::util::{Place, Ran, Run, f2b};

fn check(place: &Place, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check"], arguments].concat());
    command.current_dir(place.path()).ran()
}

fn text(place: &Place, name: &str) -> String {
    std::fs::read_to_string(place.at(name)).expect("a file")
}

/// The file after `--fix`, with further arguments.
fn fixed(filter: &str, arguments: &[&str]) -> (String, Ran) {
    let place = Place::new();
    place.write("filter.d/x.conf", filter);
    let ran = check(&place, &[&["filter.d", "--fix"], arguments].concat());
    (text(&place, "filter.d/x.conf"), ran)
}

const DEFINITION: &str = "[Definition]\n";

#[test]
fn what_is_surely_wrong_is_changed() {
    for (wrong, right) in [
        (
            "failregex = ^a <HOST>$\nignoreregx = for x\n",
            "failregex = ^a <HOST>$\nignoreregex = for x\n",
        ),
        ("failregx = ^a <HOST>$\n", "failregex = ^a <HOST>$\n"),
        ("failregex = \"^a <HOST>$\"\n", "failregex = ^a <HOST>$\n"),
        (
            "failregex = ^a <HOST>$\n   r'^b <HOST>$'\n",
            "failregex = ^a <HOST>$\n   ^b <HOST>$\n",
        ),
        (
            "failregex = ^a 5% of <HOST>, 7% of b$\n",
            "failregex = ^a 5%% of <HOST>, 7%% of b$\n",
        ),
        (
            "failregex = ^a <HOST>$\n\ndatepattern = %Y-%m-%d\n",
            "failregex = ^a <HOST>$\n\ndatepattern = %%Y-%%m-%%d\n",
        ),
        (
            "failregex = ^a <HOST>$\n;^b <HOST>$\n    ^c <HOST>$\n",
            "failregex = ^a <HOST>$\n#^b <HOST>$\n    ^c <HOST>$\n",
        ),
    ] {
        let (now, ran) = fixed(&format!("{DEFINITION}{wrong}"), &[]);
        assert_eq!(now, format!("{DEFINITION}{right}"), "{}", ran.stderr);
        ran.ended(0);
    }
    let (now, ran) = fixed("[definition]\r\nfailregex = ^a <HOST>$\r\n", &[]);
    assert_eq!(now, "[Definition]\r\nfailregex = ^a <HOST>$\r\n");
    assert_eq!(ran.ended(0).stderr, "fixed 1 finding in 1 file\n");
}

#[test]
fn what_is_a_guess_needs_a_word_of_its_own() {
    for (wrong, right) in [
        (
            "[Definition]\nfailregex = <HOST> a$\n",
            "[Definition]\nfailregex = ^<HOST> a$\n",
        ),
        (
            "[myapp]\nfailregex = ^a <HOST>$\n",
            "[Definition]\nfailregex = ^a <HOST>$\n",
        ),
        (
            "[Definition]\nfailregex = ^a ; b <HOST>$\n",
            "[Definition]\nfailregex = ^a [;] b <HOST>$\n",
        ),
    ] {
        let (now, ran) = fixed(wrong, &[]);
        assert_eq!(now, wrong);
        let said = "fixed 0 findings in 0 files; 1 more with --unsafe-fixes\n";
        assert_eq!(ran.stderr, said);
        assert_eq!(fixed(wrong, &["--unsafe-fixes"]).0, right);
    }
}

#[test]
fn samples_decide_whether_a_change_is_made() {
    let place = Place::new();
    let filter = "[Definition]\nfailregex = login failed from <HOST>$\n    denied <HOST>$\n";
    let sample = |line: &str| {
        format!(
            "# failJSON: {{ \"match\": true, \"host\": \"192.0.2.1\" }}\nJun 21 16:47:46 {line}\n"
        )
    };
    let all = ["filter.d", "--samples", "logs", "--fix"];
    // the first is exercised and begins the line, the second is not exercised
    place.write("filter.d/x.conf", filter.replace("login", "\\s*login"));
    place.write("logs/x", sample("login failed from 192.0.2.1"));
    let ran = check(&place, &all).ended(0);
    let now = text(&place, "filter.d/x.conf");
    assert!(
        now.contains("= ^\\s*login") && now.contains("    denied"),
        "{now}"
    );
    assert_eq!(
        ran.stderr, "fixed 1 finding in 1 file\n",
        "what lines begin with that no sample shows is not guessed"
    );
    // something stands before it: the sample would no longer match
    place.write("filter.d/x.conf", filter);
    place.write("logs/x", sample("srv login failed from 192.0.2.1"));
    let ran = check(&place, &all).ended(0);
    assert_eq!(text(&place, "filter.d/x.conf"), filter);
    assert!(
        ran.stderr
            .contains("1 fix is not made: a sample would give otherwise"),
        "{}",
        ran.stderr
    );
    // quotes that are in the log
    let filter = "[Definition]\nfailregex = \"login from <HOST>\"\n";
    place.write("filter.d/x.conf", filter);
    place.write("logs/x", sample("srv \"login from 192.0.2.1\""));
    check(&place, &[&all[..], &["--ignore", "L001"]].concat());
    // without them it matches as well, and gives the same
    assert!(!text(&place, "filter.d/x.conf").contains('"'));
    let filter = "[Definition]\nfailregex = \"^login from <HOST>$\"\n";
    place.write("filter.d/x.conf", filter);
    place.write(
        "logs/x",
        "Jun 21 16:47:46 login from 192.0.2.1\n".replace("login", "  login"),
    );
    place.write("filter.d/x.conf", filter.replace('^', "^\\s*"));
    // the line must not match, and would
    let ran = check(&place, &all);
    assert!(
        text(&place, "filter.d/x.conf").contains('"'),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_difference_is_shown_and_nothing_written() {
    let place = Place::new();
    let filter = "[Definition]\nfailregex = \"^a <HOST>$\"\nignoreregex =\n";
    place.write("filter.d/x.conf", filter);
    let ran = check(&place, &["filter.d", "--diff"]).ended(1);
    assert_eq!(
        ran.stdout,
        "--- a/filter.d/x.conf\n+++ b/filter.d/x.conf\n@@ -1,3 +1,3 @@\n [Definition]\n\
         -failregex = \"^a <HOST>$\"\n+failregex = ^a <HOST>$\n ignoreregex =\n"
    );
    assert_eq!(ran.stderr, "would fix 1 finding in 1 file\n");
    assert_eq!(text(&place, "filter.d/x.conf"), filter);
    place.write("filter.d/x.conf", "[Definition]\nfailregex = ^a <HOST>$\n");
    check(&place, &["filter.d", "--diff"]).ended(0);
}

#[test]
fn included_files_and_jails_are_changed_with_all_that_read_them() {
    let place = Place::new();
    place.write(
        "etc/filter.d/base.conf",
        "[Definition]\nfailregex = \"^<what> <HOST>$\"\nwhat = a\n",
    );
    for name in ["x", "y"] {
        let text = format!("[INCLUDES]\nbefore = base.conf\n[Definition]\nwhat = {name}\n");
        place.write(&format!("etc/filter.d/{name}.conf"), text);
    }
    place.write(
        "etc/jail.conf",
        "[x]\nfilter = x\nmaxretyr = 3\nbantiem = 1h\n",
    );
    let ran = check(&place, &["etc", "--fix"]).ended(0);
    assert!(text(&place, "etc/filter.d/base.conf").contains("= ^<what> <HOST>$\n"));
    assert_eq!(
        text(&place, "etc/jail.conf"),
        "[x]\nfilter = x\nmaxretry = 3\nbantime = 1h\n"
    );
    assert!(
        ran.stderr.starts_with("fixed 3 findings in 2 files"),
        "{}",
        ran.stderr
    );
}

#[test]
fn comments_for_what_is_there_now_are_added_once() {
    let place = Place::new();
    let filter = "[Definition]\nfailregex = a <HOST>$\n    \"^b <HOST>$\"\nignoreregx = x\n";
    place.write("filter.d/x.conf", filter);
    place.write("jail.conf", "[x]\nfilter = x\nmaxretyr = 3\n");
    let all = [".", "--strict"];
    check(&place, &all).ended(1);
    let ran = check(&place, &[&all[..], &["--add-ignore"]].concat()).ended(0);
    assert_eq!(ran.stderr, "silenced 4 findings in 2 files\n");
    let now = text(&place, "filter.d/x.conf");
    assert!(
        now.contains("    # f2b-regex: ignore L011\n    \"^b"),
        "{now}"
    );
    check(&place, &all).ended(0);
    let ran = check(&place, &[&all[..], &["--add-ignore"]].concat()).ended(0);
    assert_eq!(ran.stderr, "silenced 0 findings in 0 files\n");
    assert_eq!(text(&place, "filter.d/x.conf"), now);
}
