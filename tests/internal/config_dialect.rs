//! The configuration dialect on our own small files (`testdata/config/dialect`),
//! every feature once, against what fail2ban-regex made of them
//! (`expected.json`, recorded with its own classes), and where the text came from.

use std::path::Path;

use crate::config::{
    ConfigError, FilterKind, FilterRequest, FilterSource, Lookup, Origin, Resolution, Setting,
    Sourced, resolve,
};
use serde_json::{Value, json};

/// All tests of this file run in the directory of the fixtures.
fn ask(spec: &str, systemd: bool) -> Result<Resolution, Box<ConfigError>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config/dialect");
    std::env::set_current_dir(directory).expect("fixtures exist");
    let request = FilterRequest {
        spec,
        config_dir: Some(Path::new(".")),
        backend_systemd: systemd,
        lookup: Lookup::Upstream,
    };
    resolve(&request).map_err(Box::new)
}

fn filter(spec: &str) -> Box<FilterSource> {
    match ask(spec, false) {
        Ok(Resolution::Filter(filter)) => filter,
        other => panic!("{spec}: {other:?}"),
    }
}

/// The setting as upstream's command stream names it.
fn command(setting: &Setting) -> (&'static str, Value, Option<&Origin>) {
    let text = |name, sourced: &'_ Sourced| (name, json!(sourced.text));
    let ((name, value), origin) = match setting {
        Setting::Prefregex(s) => (text("prefregex", s), &s.origin),
        Setting::Failregex(s) => (text("addfailregex", s), &s.origin),
        Setting::Ignoreregex(s) => (text("addignoreregex", s), &s.origin),
        Setting::Maxlines(s) => (text("maxlines", s), &s.origin),
        Setting::Datepattern(s) => (text("datepattern", s), &s.origin),
        Setting::UseDns(s) => (text("usedns", s), &s.origin),
        Setting::LogEncoding(s) => (text("logencoding", s), &s.origin),
        Setting::LogTimezone(s) => (text("logtimezone", s), &s.origin),
        Setting::Journalmatch(words, origin) => (("addjournalmatch", json!(words)), origin),
    };
    (name, value, origin.as_ref())
}

fn as_recorded(result: Result<Resolution, Box<ConfigError>>) -> Value {
    match result {
        Ok(Resolution::Literal) => json!({"literal": true}),
        Ok(Resolution::Filter(filter)) => {
            let kind = match &filter.kind {
                FilterKind::Jail { name, .. } => json!(["jail", name]),
                FilterKind::FilterD { name, basedir } => json!(["filterd", name, basedir]),
                FilterKind::Foreign { name, .. } => json!(["foreign", name]),
            };
            let settings = filter.settings.iter().map(command);
            let settings: Vec<Value> = settings
                .map(|(name, value, _)| json!([name, value]))
                .collect();
            json!({"kind": kind, "real": filter.real_options_repr, "settings": settings})
        }
        Err(error) => {
            let quiet = error.classic();
            let verbose = error.classic_at(true);
            json!({
                "before": quiet.before, "lines": quiet.lines, "status": quiet.status,
                "uncaught": quiet.uncaught, "vlines": verbose.lines, "vstatus": verbose.status,
            })
        }
    }
}

#[test]
fn equals_what_upstream_makes_of_it() {
    let recorded =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config/dialect/expected.json");
    let recorded = std::fs::read_to_string(recorded).expect("recorded expectations");
    let recorded: Vec<Value> = serde_json::from_str(&recorded).expect("JSON");
    for case in &recorded {
        let spec = case["spec"].as_str().expect("spec");
        let systemd = case["systemd"].as_bool().expect("systemd");
        assert_eq!(
            as_recorded(ask(spec, systemd)),
            case["upstream"],
            "{spec} systemd={systemd}"
        );
    }
    assert!(recorded.len() >= 88);
}

/// `file:line option` of every setting of that name.
fn origins(filter: &FilterSource, name: &str) -> Vec<String> {
    let of_name = filter
        .settings
        .iter()
        .map(command)
        .filter(|(command, ..)| *command == name);
    let shown = of_name.map(|(_, _, origin)| match origin {
        Some(origin) => {
            let file = origin
                .file
                .file_name()
                .unwrap_or_default()
                .to_string_lossy();
            format!("{file}:{} {}", origin.line, origin.option)
        }
        None => "given".to_owned(),
    });
    shown.collect()
}

#[test]
fn lines_keep_where_they_were_written() {
    let modes = filter("modes.conf[mode=hard]");
    assert_eq!(
        origins(&modes, "addfailregex"),
        [
            "modes.conf:6 common",
            "modes.conf:7 common",
            "modes.conf:9 mode-hard",
            "modes.conf:10 mode-hard",
            "modes.conf:13 failregex",
        ]
    );
    assert_eq!(origins(&modes, "prefregex"), ["modes.conf:5 prefregex"]);
    assert_eq!(origins(&modes, "datepattern"), ["base.conf:10 datepattern"]);
    assert_eq!(
        origins(&modes, "addjournalmatch"),
        ["modes.conf:17 journalmatch", "modes.conf:18 journalmatch"]
    );
    assert_eq!(
        origins(&filter("known.conf"), "addfailregex"),
        ["known.conf:2 failregex", "known.local:3 failregex"]
    );
    assert_eq!(
        origins(&filter("comments.conf"), "addfailregex"),
        [
            "comments.conf:4 failregex",
            "comments.conf:7 failregex",
            "comments.conf:9 failregex"
        ]
    );
    // a jail's own regexes come after those of its filter, which it names again here
    assert_eq!(
        origins(&filter("more"), "addfailregex"),
        [
            "known.conf:2 failregex",
            "known.local:3 failregex",
            "jail.conf:24 failregex",
        ]
    );
    assert_eq!(
        origins(&filter("modes.conf[failregex='^x <HOST>']"), "addfailregex"),
        ["given"]
    );
}

#[test]
fn files_are_listed_in_order() {
    let names = |spec| -> Vec<String> {
        let files = filter(spec).files;
        files
            .iter()
            .map(|file| file.display().to_string())
            .collect()
    };
    assert_eq!(
        names("split.conf"),
        [
            "./filter.d/split.conf",
            "./filter.d/split.d/10.conf",
            "./filter.d/split.local",
            "./filter.d/split.d/20.local",
        ]
    );
    assert_eq!(
        names("modes"),
        [
            "./paths.conf",
            "./jail.conf",
            "./filter.d/base.conf",
            "./filter.d/modes.conf"
        ]
    );
}

#[test]
fn traps_are_named() {
    let warned = |spec| -> Vec<String> {
        let warnings = filter(spec).warnings;
        let shown = warnings.iter().map(|w| format!("{}: {w}", w.kind.name()));
        shown.collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(warned("modes.conf[mode=hard]"), none);
    assert_eq!(
        warned("modes.conf[mode=hrad]"),
        [
            "unknown-value: `hrad` is no mode this filter knows: <mode-hrad> selects nothing; known: hard, soft; did you mean `hard`?"
        ]
    );
    // every option could be such a value; those that are named otherwise are not offered
    assert_eq!(warned("picks.conf[mode=keen]"), none);
    assert_eq!(
        warned("picks.conf[mode=kean]"),
        [
            "unknown-value: `kean` is no mode this filter knows: <kean> selects nothing; known: keen, plain; did you mean `keen`?"
        ]
    );
    assert_eq!(
        warned("modes.conf[moed=hard]"),
        [
            "unused-given-option: nothing in the filter uses the option `moed` given; did you mean `mode`?"
        ]
    );
    assert_eq!(
        warned("typo.conf"),
        [
            "misspelt-option: ./filter.d/typo.conf:3: fail2ban knows no option `ignoreregx`; did you mean `ignoreregex`?",
            "misspelt-option: ./filter.d/typo.conf:4: fail2ban knows no option `failregex2`; did you mean `failregex`?"
        ]
    );
    assert_eq!(
        warned("tags.conf"),
        [
            "unresolved-tag: ./filter.d/tags.conf:2: <HSOT> is no tag fail2ban knows: it matches literally; did you mean `HOST`?",
            "unresolved-tag: ./filter.d/tags.conf:2: <no_such/tag> is no tag fail2ban knows: it matches literally"
        ]
    );
    assert_eq!(
        warned("loop-a.conf"),
        [
            "include-loop: ./filter.d/loop-b.conf:2: ./filter.d/loop-a.conf is included from itself; fail2ban breaks the loop here"
        ]
    );
    assert_eq!(
        warned("gone.conf"),
        [
            "include-unreadable: ./filter.d/gone.conf:2: cannot include ./filter.d/nowhere.conf: no such file; fail2ban goes on without"
        ]
    );
}

#[test]
fn faults_are_one_clear_line() {
    let said = |spec| match ask(spec, false) {
        Err(error) => error.to_string(),
        other => panic!("{spec}: {other:?}"),
    };
    for (spec, expected) in [
        (
            "headless.conf",
            "./filter.d/headless.conf:1: expected a [section] before the first option, found 'failregex = x'",
        ),
        (
            "twice.conf",
            "./filter.d/twice.conf:3: option `failregex` stands twice in [Definition]; join the two, further lines indented",
        ),
        (
            "sections.conf",
            "./filter.d/sections.conf:2: section [Definition] stands twice in this file; join the two",
        ),
        (
            "junk.conf",
            "./filter.d/junk.conf:3: expected `option = value` or an indented line, found 'junk' (and 1 more such lines)",
        ),
        (
            "latin.conf",
            "cannot load filter latin.conf: ./filter.d/latin.conf: it is not UTF-8: byte 0xff in line 2",
        ),
        (
            "unset.conf",
            "./filter.d/unset.conf:2: `%(nope)s` in option `failregex` of [Definition]: expected the name of an option that is set there, in [DEFAULT] or as section/option",
        ),
        (
            "without-common.conf",
            "./filter.d/without-common.conf:2: `%(__prefix_line)s` in option `failregex` of [Definition]: expected the name of an option that is set there, in [DEFAULT] or as section/option; filter.d/common.conf sets it: `before = common.conf` in a section [INCLUDES] above",
        ),
        (
            "percent.conf",
            "./filter.d/percent.conf:2: option `failregex` of [Definition]: expected `%%` or `%(name)s` at '% <HOST>'",
        ),
        (
            "deep.conf",
            "./filter.d/deep.conf:3: option `failregex` of [Definition] refers to other options more than 10 deep; does it refer to itself?",
        ),
        (
            "self.conf",
            "./filter.d/self.conf:2: option `failregex` refers to itself through <x>",
        ),
        (
            "shlex.conf",
            "./filter.d/shlex.conf:3: journalmatch '\"open': a quotation is not closed",
        ),
        (
            "noaction",
            "./jail.conf:37: jail noaction: expected a file for its action missing: found neither ./action.d/missing.conf nor ./action.d/missing.local",
        ),
        (
            "lost",
            "./jail.conf:27: jail lost: cannot load its filter nowhere: found neither ./filter.d/nowhere.conf nor ./filter.d/nowhere.local",
        ),
        ("modes[=]", "expected option=value, found '='"),
    ] {
        assert_eq!(said(spec), expected);
    }
}
