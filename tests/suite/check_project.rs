//! `f2b-regex.toml`: found upwards, read with its faults told, and what of it counts.

use crate::util::{Place, Ran, Run, f2b};

const FILTER: &str = "[INCLUDES]\nbefore = common.conf\n[Definition]\n\
    failregex = ^%(__prefix_line)slogin failed from <HOST>$\n";
const COMMON: &str = "[DEFAULT]\n__prefix_line = app: \n";

fn check_in(place: &Place, directory: &str, arguments: &[&str]) -> Ran {
    let mut command = f2b(&[&["check"], arguments].concat());
    command.env("F2B_CONFIG", place.at("etc"));
    command.current_dir(place.at(directory)).ran()
}

/// A repository with a filter that includes what only /etc/fail2ban has.
fn repository() -> Place {
    let place = Place::new();
    place.write("etc/filter.d/common.conf", COMMON);
    place.write("repo/filter.d/x.conf", FILTER);
    place
}

#[test]
fn includes_come_from_the_repository_else_from_the_machine() {
    let place = repository();
    let ran = check_in(&place, "repo", &["filter.d"]).ended(0);
    let etc = place.at("etc").display().to_string();
    assert!(
        ran.stdout.contains(&format!("includes from {etc}")),
        "{}",
        ran.stdout
    );
    let json = check_in(&place, "repo", &["filter.d", "--format", "json"]).json();
    assert_eq!(json["filters"][0]["includes_from"], etc.as_str());
    // a directory that is named is the only one
    place.write(
        "empty/filter.d/y.conf",
        "[Definition]\nfailregex = ^a <HOST>$\n",
    );
    let ran = check_in(&place, "repo", &["-c", "../empty", "filter.d"]).ended(1);
    assert!(ran.stdout.contains("F007"), "{}", ran.stdout);
    place.write("repo/f2b-regex.toml", "config = \"../empty\"\n");
    check_in(&place, "repo", &["filter.d"]).ended(1);
    check_in(&place, "repo", &["filter.d", "-c", "../etc"]).ended(0);
    // filters elsewhere in the repository include from its own filter.d first
    place.write("repo/f2b-regex.toml", "");
    place.write(
        "repo/filter.d/common.conf",
        "[DEFAULT]\n__prefix_line = own: \n",
    );
    place.write("repo/more/x.conf", FILTER);
    let ran = check_in(&place, "repo", &["more", "--format", "json"]).ended(0);
    let regex = &ran.json()["filters"][0]["option_sets"][0]["failregex"][0]["regex"];
    assert_eq!(regex, "^own:login failed from <HOST>$");
}

#[test]
fn the_nearest_file_upwards_counts_and_the_command_line_over_it() {
    let place = repository();
    place.write(
        "repo/f2b-regex.toml",
        "paths = [\"filter.d\"]\nignore = [\"F\"]\nstrict = true\n",
    );
    place.write(
        "repo/filter.d/bad.conf",
        "[definition]\nfailregex = ^a <HOST>$\n",
    );
    check_in(&place, "repo", &[]).ended(0);
    // from below, and from elsewhere
    check_in(&place, "repo/filter.d", &[]).ended(0);
    check_in(&place, "etc", &["../repo/filter.d/bad.conf"]).ended(0);
    check_in(&place, "repo", &["--isolated", "filter.d"]).ended(1);
    check_in(&place, "repo", &["--ignore", "C"]).ended(1);
    // nearer
    place.write("repo/filter.d/f2b-regex.toml", "select = [\"F008\"]\n");
    check_in(&place, "repo", &["filter.d/bad.conf"]).ended(1);
    check_in(
        &place,
        "repo",
        &["--settings", "f2b-regex.toml", "filter.d"],
    )
    .ended(0);
    let both = check_in(&place, "repo", &["filter.d", "../etc/filter.d"]).ended(2);
    assert!(both.stderr.contains("belongs to"), "{}", both.stderr);
}

#[test]
fn settings_are_shown_with_where_they_come_from() {
    let place = repository();
    let text = "paths = [\"filter.d\"]\ntimezone = \"Europe/Zurich\"\nnow = 2026-01-02T03:04:05Z\n\
        coverage-min = 80\n[per-file-ignores]\n\"filter.d/old-*\" = [\"L001\"]\n\
        [option-sets]\nx = [{ mode = \"ddos\" }]\n";
    place.write("repo/f2b-regex.toml", text);
    let ran = check_in(&place, "repo", &["--show-settings", "--ignore", "L"]).ended(0);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    for (key, from) in [
        ("paths = [\"filter.d\"]", "f2b-regex.toml"),
        ("now = \"2026-01-02T03:04:05Z\"", "f2b-regex.toml"),
        ("coverage-min = 80", "f2b-regex.toml"),
        ("select = [\"ALL\"]", "default"),
        ("ignore = [\"L\"]", "command line"),
        (
            "per-file-ignores.\"filter.d/old-*\" = [\"L001\"]",
            "f2b-regex.toml",
        ),
        ("option-sets.x = [{ mode = \"ddos\" }]", "f2b-regex.toml"),
    ] {
        let line = lines.iter().find(|line| line.starts_with(key));
        assert!(
            line.is_some_and(|line| line.ends_with(&format!("# {from}"))),
            "{key}\n{lines:#?}"
        );
    }
    // what is shown can be a file itself
    place.write("repo/f2b-regex.toml", &ran.stdout);
    let again = check_in(&place, "repo", &["--show-settings"]).ended(0);
    assert!(again.stdout.contains("option-sets.x"), "{}", again.stdout);
}

#[test]
fn faults_of_the_file_are_told_with_their_line() {
    let place = repository();
    for (text, said) in [
        (
            "\npath = [\"x\"]\n",
            ":2: unknown key `path`; did you mean `paths`?",
        ),
        (
            "colour = 1\n",
            ":1: unknown key `colour`, expected one of paths,",
        ),
        (
            "ignore = [\"L001\",\n  \"L099\"]\n",
            ":2: `L099` is no code; did you mean L009?",
        ),
        (
            "coverage-min = 101\n",
            ":1: coverage-min 101: expected a number from 0 to 100",
        ),
        (
            "timezone = \"Nowhere\"\n",
            ":1: timezone Nowhere: expected a name",
        ),
        ("now = \"noon\"\n", ":1: now noon: expected a time"),
        (
            "[per-file-ignores]\n\"a[\" = [\"L\"]\n",
            ":2: `a[` is no pattern of file names",
        ),
        (
            "paths = \"filter.d\"\n",
            ":1: found the string \"filter.d\", expected a list: [\"filter.d\"]",
        ),
        ("paths = [\n", ":1: "),
    ] {
        place.write("repo/f2b-regex.toml", text);
        let said_now = check_in(&place, "repo", &["filter.d"]).ended(2).stderr;
        let wanted = format!("f2b-regex check: f2b-regex.toml{said}");
        assert!(said_now.starts_with(&wanted), "{text}: {said_now}");
    }
    place.write("repo/f2b-regex.toml", "paths = [\"filterd\"]\n");
    let gone = check_in(&place, "repo", &[]).ended(2).stderr;
    assert!(
        gone.contains("f2b-regex.toml: `paths` names filterd"),
        "{gone}"
    );
    let none = check_in(&place, "etc", &[]).ended(2).stderr;
    assert!(none.contains("expected a PATH"), "{none}");
}

#[test]
fn files_have_ignores_and_filters_option_sets_of_their_own() {
    let place = repository();
    place.write(
        "repo/filter.d/old-y.conf",
        "[Definition]\nfailregex = a <HOST>$\n",
    );
    let all = ["filter.d", "--strict"];
    check_in(&place, "repo", &all).ended(1);
    place.write(
        "repo/f2b-regex.toml",
        "[per-file-ignores]\n\"filter.d/old-*\" = [\"L001\"]\n",
    );
    check_in(&place, "repo", &all).ended(0);
    place.write(
        "repo/f2b-regex.toml",
        "[per-file-ignores]\n\"old-y.conf\" = [\"unanchored\"]\n",
    );
    check_in(&place, "repo", &all).ended(0);
    place.write(
        "repo/f2b-regex.toml",
        "[per-file-ignores]\n\"x.conf\" = [\"L001\"]\n",
    );
    check_in(&place, "repo", &all).ended(1);
    // an option of the filter that makes a regex of it that Python refuses
    let filter = "[Definition]\nfailregex = ^a<what> <HOST>$\nwhat = x\n";
    place.write("repo/filter.d/old-y.conf", filter);
    place.write(
        "repo/f2b-regex.toml",
        "[option-sets]\nold-y = [{ what = \"(\" }]\n",
    );
    let ran = check_in(&place, "repo", &["filter.d"]).ended(1);
    assert!(ran.stdout.contains("old-y[what=(]"), "{}", ran.stdout);
}

#[test]
fn what_the_readme_shows_is_read() {
    let place = repository();
    let readme = std::fs::read_to_string(crate::util::repository("README.md")).expect("a file");
    let shown = readme.split("```toml\n").nth(1).expect("a block");
    let shown = shown.split("```").next().expect("its end");
    place.write("repo/f2b-regex.toml", shown);
    let ran = check_in(&place, "repo", &["--show-settings"]).ended(0);
    assert!(
        ran.stdout
            .contains("per-file-ignores.\"filter.d/old-*.conf\""),
        "{}",
        ran.stdout
    );
}
