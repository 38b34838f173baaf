//! What people type: FILTER and LOG are understood wherever a person stands, or refused with what
//! was meant; the help; one name for an option over all commands.

use crate::util::Place;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const NOW: [&str; 2] = ["--now", "2026-11-20T12:00:00Z"];
const COMMANDS: [&str; 4] = ["", "explain", "bench", "simulate"];

/// A home, a filter repository and a machine's configuration, each with other addresses: who is
/// found tells which file was read.
struct World {
    place: Place,
}

/// What the filters match.
const LOG: &str = "Nov 20 10:00:00 system 192.0.2.1\nNov 20 10:00:01 repo 192.0.2.2\n\
                   Nov 20 10:00:02 repolocal 192.0.2.3\nNov 20 10:00:03 own 192.0.2.4\n";

fn filter(word: &str) -> String {
    format!("[Definition]\nfailregex = ^\\s*{word} <HOST>$\n")
}

impl World {
    fn new() -> World {
        let world = World {
            place: Place::new(),
        };
        for directory in [
            "etc/fail2ban/filter.d",
            "repo/filter.d",
            "repo/tests/deep",
            "home/my dir",
        ] {
            fs::create_dir_all(world.at(directory)).expect("a directory");
        }
        world.write("etc/fail2ban/filter.d/door.conf", &filter("system"));
        world.write("etc/fail2ban/filter.d/gate.conf", &filter("system"));
        world.write(
            "etc/fail2ban/jail.conf",
            "[doors]\nenabled = true\nfilter = door\n",
        );
        world.write("repo/filter.d/door.conf", &filter("repo"));
        world.write("repo/filter.d/door.local", &filter("repolocal"));
        world.write("repo/filter.d/only.conf", &filter("repo"));
        world.write("home/gate.conf", &filter("own"));
        world.write("home/my dir/x.conf", &filter("own"));
        world.write("door.log", LOG);
        world
    }

    fn at(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.at(name), text).expect("written");
    }

    /// The program in a directory; `system`: the machine has fail2ban.
    fn command(&self, directory: &str, system: bool) -> Command {
        self.program(
            Path::new(env!("CARGO_BIN_EXE_f2b-regex")),
            directory,
            system,
        )
    }

    fn program(&self, program: &Path, directory: &str, system: bool) -> Command {
        let config = if system { "etc/fail2ban" } else { "nowhere" };
        let mut command = Command::new(program);
        command
            .current_dir(self.at(directory))
            .env("F2B_CONFIG", self.at(config))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("COLUMNS");
        command
    }

    fn log(&self) -> String {
        self.at("door.log").display().to_string()
    }

    /// Who is found, and what is said besides.
    fn found(&self, directory: &str, system: bool, spec: &str) -> (String, String) {
        let mut command = self.command(directory, system);
        let output = command.args(NOW).args([&self.log(), spec, "--out", "ip"]);
        let output = output.output().expect("the binary starts");
        said(&output)
    }
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_filter_is_found_wherever_a_person_types_it() {
    let world = World::new();
    let system = "192.0.2.1\n";
    // the .local counts
    let repo = "192.0.2.3\n";
    let own = "192.0.2.4\n";
    for (directory, has_system, spec, wanted) in [
        ("home", true, "door", system),
        ("home", true, "doors", system),
        ("home", true, "filter.d/door.conf", system),
        ("home", true, "door.conf", system),
        ("home", true, "gate.conf", own),
        ("home", true, "./gate.conf", own),
        ("home", true, "my dir/x.conf", own),
        ("home", true, "./my dir/x.conf[mode='a]b']", own),
        ("home", false, "gate.conf", own),
        ("etc/fail2ban", true, "filter.d/door.conf", system),
        ("etc/fail2ban", true, "door", system),
        ("etc/fail2ban", false, "doors", system),
        ("etc/fail2ban/filter.d", true, "door.conf", system),
        ("repo", false, "filter.d/door.conf", repo),
        ("repo", false, "./filter.d/door.conf", repo),
        ("repo", false, "filter.d/door", repo),
        ("repo", false, "door", repo),
        ("repo", false, "door.conf", repo),
        ("repo/filter.d", false, "door.conf", repo),
        ("repo/filter.d", false, "door", repo),
        ("repo/tests/deep", false, "door", repo),
        ("repo/tests/deep", false, "../../filter.d/door.conf", repo),
        ("repo", true, "filter.d/door.conf", repo),
        ("repo", true, "filter.d/only.conf", "192.0.2.2\n"),
        ("repo", true, "door", system),
    ] {
        let (found, message) = world.found(directory, has_system, spec);
        assert_eq!(
            found, wanted,
            "{directory}, {has_system}: {spec}: {message}"
        );
    }
}

#[test]
fn every_command_and_the_library_find_the_same_filter() {
    let world = World::new();
    for (directory, system, spec) in [
        ("repo", false, "filter.d/only.conf"),
        ("repo", false, "only"),
        ("home", true, "gate.conf"),
        ("home", true, "./my dir/x.conf"),
    ] {
        let mut regexes = Vec::new();
        for command in COMMANDS {
            let mut program = world.command(directory, system);
            program.args([command].iter().filter(|name| !name.is_empty()));
            program
                .args(NOW)
                .args([&world.log(), spec, "--format", "json"]);
            program.args(["--no-time"].iter().filter(|_| command == "bench"));
            let (out, error) = said(&program.output().expect("the binary starts"));
            let word = ["repo", "own"]
                .into_iter()
                .find(|word| out.contains(&format!("{word} ")));
            let is_one = word.is_some() || command == "simulate" && out.contains("192.0.2.");
            assert!(is_one, "{command} {spec}: {error}");
            regexes.extend(word.filter(|_| command != "simulate"));
        }
        regexes.dedup();
        assert_eq!(regexes.len(), 1, "{spec}: {regexes:?}");
    }
    let path = world.at("repo/filter.d/door.conf").display().to_string();
    let filter = f2b_regex::Filter::load(&path, world.at("etc/fail2ban")).expect("a filter");
    let analysis = filter.at(1_795_176_000.0).analyze(LOG);
    let failures: Vec<_> = analysis.failures().map(|(line, _)| line.number).collect();
    assert_eq!(failures, [3]);
    let none = f2b_regex::Filter::load("nosuchfilter", world.at("etc/fail2ban"));
    let said = none.expect_err("there is none").to_string();
    assert!(
        said.starts_with("nosuchfilter: no jail, no filter in"),
        "{said}"
    );
}

#[test]
fn where_two_files_could_be_meant_the_report_says_so() {
    let world = World::new();
    let system = world.at("etc/fail2ban/filter.d").display().to_string();
    let (_, said) = world.found("home", true, "gate.conf");
    assert!(
        said.contains(&format!("write {system}/gate.conf to read that")),
        "{said}"
    );
    let (_, said) = world.found("repo", true, "filter.d/door.conf");
    assert!(
        said.contains(&format!("write {system}/door.conf to read that")),
        "{said}"
    );
    let (_, said) = world.found("repo", true, "door");
    assert!(
        said.contains("write ./filter.d/door.conf to read that"),
        "{said}"
    );
    // one file, whatever its names
    for (directory, spec) in [("etc/fail2ban", "filter.d/door.conf"), ("home", "door")] {
        let (_, said) = world.found(directory, true, spec);
        assert_eq!(said, "", "{directory}: {spec}");
    }
}

#[test]
fn under_upstreams_name_its_rules_hold() {
    let world = World::new();
    let link = world.at("fail2ban-regex");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_f2b-regex"), &link).expect("a link");
    let found = |directory: &str, system: bool, spec: &str| {
        let mut command = world.program(&link, directory, system);
        let output = command
            .args(NOW)
            .args([&world.log(), spec, "-o", "ip"])
            .output();
        said(&output.expect("the binary starts")).0
    };
    assert_eq!(found("repo", true, "filter.d/door.conf"), "192.0.2.1\n");
    assert_eq!(found("repo", true, "./filter.d/door.conf"), "192.0.2.3\n");
    let refused = found("repo", false, "filter.d/door.conf");
    assert_eq!(
        refused,
        "ERROR: No failure-id group in 'filter.d/door.conf'\n"
    );
}

/// The one line of an error, status 2.
fn error(world: &World, arguments: &[&str]) -> String {
    let mut command = world.command("home", true);
    let output = command.args(arguments).output().expect("the binary starts");
    let (out, error) = said(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert_eq!(out, "", "{arguments:?}");
    error
}

#[test]
fn a_file_that_is_no_filter_is_said_to_be_that() {
    let world = World::new();
    let log = world.log();
    for (text, wanted) in [
        (
            "# a\n[Defintion]\nfailregex = x <HOST>\n",
            "is [Defintion] in line 2 meant to be it?",
        ),
        (
            "[definition]\nfailregex = x <HOST>\n",
            "is [definition] in line 1 meant to be it?",
        ),
        (
            "[Definition]\nfailrgex = x <HOST>\n",
            "is failrgex meant to be it?",
        ),
        ("[Definition]\nactionban = x\n", "it is an action"),
        ("[Definition]\n_daemon = x\n", "made to be included"),
        (
            "[shop]\nenabled = true\n",
            "name the jail instead, such as shop",
        ),
        ("[Other]\na = b\n", "only [Other]"),
        ("", "no section [Definition]"),
        ("failregex = x\n", "expected a [section]"),
    ] {
        world.write("home/odd.conf", text);
        for command in COMMANDS {
            let words = [command].into_iter().filter(|name| !name.is_empty());
            let words: Vec<&str> = words.chain([log.as_str(), "odd.conf"]).collect();
            let said = error(&world, &words);
            assert!(said.contains(wanted), "{text:?}: {said}");
            assert!(!said.contains("no file of that name"), "{said}");
        }
    }
}

/// Who copies a filter often leaves behind what it includes.
#[test]
fn a_filter_copied_without_its_includes_says_which() {
    let world = World::new();
    let text = "[INCLUDES]\nbefore = common.conf\n[Definition]\nfailregex = ^%(__prefix)s <HOST>\n";
    world.write("home/copied.conf", text);
    let log = world.log();
    for command in COMMANDS {
        let words = [command].into_iter().filter(|name| !name.is_empty());
        let words: Vec<&str> = words.chain([log.as_str(), "copied.conf"]).collect();
        let said = error(&world, &words);
        assert!(said.contains("`%(__prefix)s`"), "{said}");
        assert!(said.contains("copied.conf:2: cannot include "), "{said}");
        assert!(said.contains("common.conf: no such file"), "{said}");
    }
}

#[test]
fn a_log_that_is_not_there_is_no_line() {
    let world = World::new();
    world.write("home/auth.log", LOG);
    for (log, wanted) in [
        ("syslog-of-nobody", "no such log file"),
        ("auth.lgo", "is it auth.log?"),
        ("192.0.2.1", "use --line"),
    ] {
        for command in COMMANDS {
            let words = [command].into_iter().filter(|name| !name.is_empty());
            let words: Vec<&str> = words.chain([log, "door"]).collect();
            let said = error(&world, &words);
            assert!(said.contains(wanted), "{command} {log}: {said}");
        }
    }
}

#[test]
fn what_was_meant_is_said() {
    let world = World::new();
    for name in ["auth.log", "auth.log.1"] {
        world.write(&format!("home/{name}"), LOG);
    }
    for (words, wanted) in [
        (&["door", "auth.log"][..], "try: f2b-regex auth.log door"),
        (
            &["gate.conf", "auth.log"],
            "try: f2b-regex auth.log gate.conf",
        ),
        (&["door", "auth.log*"], "swapped"),
        (
            &["explain", "door", "auth.log"],
            "try: f2b-regex explain auth.log door",
        ),
        (
            &["bench", "door", "auth.log"],
            "try: f2b-regex bench auth.log door",
        ),
        (
            &["simulate", "door", "auth.log"],
            "try: f2b-regex simulate auth.log door",
        ),
        (&["auth.log", "auth.log.1", "door"], "quoted pattern"),
        (
            &["auth.log", "auth.log.1", "auth.log.2", "door"],
            "quoted pattern",
        ),
        (&["chek", "filter.d"], "is it f2b-regex check?"),
        (&["doctr"], "is it f2b-regex doctor?"),
        (
            &["simulte", "auth.log", "door"],
            "is it f2b-regex simulate?",
        ),
        (&["auth.log", "dor"], "is it door?"),
        (&["auth.log", "my dir"], "is a directory"),
        (&["auth.log", "./my dir/none.conf"], "no file of that name"),
        (
            &["auth.log", "door", "--timezone", "Mars"],
            "such as Europe/Berlin",
        ),
    ] {
        let said = error(&world, words);
        assert!(said.contains(wanted), "{words:?}: {said}");
    }
    // an option is never a log
    for command in ["explain", "bench"] {
        let said = error(&world, &[command, "--nope", "auth.log", "door"]);
        assert!(said.contains("unexpected argument '--nope'"), "{said}");
    }
}

#[test]
fn lines_are_given_by_their_option_in_every_command() {
    let world = World::new();
    for command in COMMANDS {
        let mut program = world.command("home", true);
        program.args([command].iter().filter(|name| !name.is_empty()));
        program
            .args(NOW)
            .args(["--line", "-x", "--line", "Nov 20 10:00:00 system 192.0.2.1"]);
        program.args(["door", "--format", "json"]);
        program.args(["--no-time"].iter().filter(|_| command == "bench"));
        let output = program.output().expect("the binary starts");
        let (out, error) = said(&output);
        assert_eq!(output.status.code(), Some(0), "{command}: {error}");
        assert!(
            serde_json::from_str::<serde_json::Value>(&out).is_ok(),
            "{command}: {out}"
        );
    }
}

#[test]
fn an_option_has_one_name_in_all_commands() {
    let world = World::new();
    let names = "line log since until last timezone TZ now encoding journalmatch config \
                 datepattern strip-ansi color no-progress";
    for command in COMMANDS {
        let mut program = world.command("home", true);
        program.args([command].iter().filter(|name| !name.is_empty()));
        let (help, _) = said(&program.arg("--help").output().expect("the binary starts"));
        for name in names.split_whitespace() {
            assert!(help.contains(&format!("--{name}")), "{command}: {name}");
        }
    }
}

#[test]
fn windows_hold_in_every_command() {
    let world = World::new();
    for (window, lines) in [
        (&["--since", "2026-11-20 10:00:02"][..], 2),
        (&["--until", "2026-11-20 10:00:01"], 1),
        (&["--last", "3"], 3),
    ] {
        let run = |command: &[&str], more: &[&str]| {
            let mut program = world.command("home", true);
            program
                .args(command)
                .args(NOW)
                .args([&world.log(), "door", "--format", "json"]);
            let (out, error) = said(&program.args(window).args(more).output().expect("it starts"));
            serde_json::from_str::<serde_json::Value>(&out).expect(&error)
        };
        assert_eq!(run(&[], &[])["lines"]["total"], lines, "{window:?}");
        assert_eq!(
            run(&["bench"], &["--no-time"])["log"]["lines"],
            lines,
            "{window:?}"
        );
        let explained = run(&["explain"], &[]);
        assert!(
            explained.to_string().contains("Nov 20 10:00:0"),
            "{window:?}"
        );
    }
}

#[test]
fn a_place_is_a_time_zone() {
    let world = World::new();
    let mut command = world.command("home", true);
    command
        .args(NOW)
        .args([&world.log(), "door", "--format", "json"]);
    // a rule, so that the machine needs no zone files
    command.args(["--timezone", "CET-1CEST,M3.5.0,M10.5.0/3"]);
    let (out, error) = said(&command.output().expect("the binary starts"));
    let report: serde_json::Value = serde_json::from_str(&out).expect(&error);
    // 10:00 there
    assert_eq!(report["addresses"][0]["first"]["epoch"], 1_795_165_200.0);
    assert_eq!(
        report["addresses"][0]["first"]["time"],
        "2026-11-20T10:00:00+01:00"
    );
}

#[test]
fn the_help_begins_with_examples_and_fits_a_terminal() {
    let world = World::new();
    let help = |arguments: &[&str]| {
        let mut command = world.command("home", true);
        let output = command.args(arguments).output().expect("the binary starts");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        said(&output).0
    };
    let whole = help(&["--help"]);
    let at = |text: &str| {
        whole
            .find(text)
            .unwrap_or_else(|| panic!("{text}: {whole}"))
    };
    let order = [
        "Examples:",
        "Commands,",
        "Arguments:",
        "What to read:",
        "The filter:",
        "What to print:",
        "Speed and progress:",
    ];
    assert!(order.map(at).is_sorted(), "{whole}");
    let all = [
        "bench",
        "check",
        "completions",
        "diff",
        "explain",
        "merge",
        "simulate",
    ];
    let pages = all.map(|command| help(&[command, "--help"]));
    for page in pages.iter().chain([&whole]) {
        let long = page.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{page}");
        assert!(page.contains("Examples:"), "{page}");
    }
    assert_eq!(help(&["help", "bench"]), pages[0]);
    let short = help(&["help"]);
    assert_eq!(short.matches("    f2b-regex ").count(), 3, "{short}");
    assert!(short.lines().count() < 15, "{short}");
    let mut command = world.command("home", true);
    let nothing = command.output().expect("the binary starts");
    assert_eq!(nothing.status.code(), Some(2));
    assert_eq!(said(&nothing), (String::new(), short));
    assert!(error(&world, &["help", "sshd"]).contains("no such command"));
}

/// `Fail2banRegex` compiles a datepattern at the first line it searches.
#[test]
fn a_datepattern_that_does_not_compile_is_said_when_upstream_says_it() {
    let world = World::new();
    world.write("home/empty.log", "");
    let run = |arguments: &[&str]| {
        let mut command = world.command("home", true);
        let output = command
            .args(NOW)
            .args(arguments)
            .output()
            .expect("it starts");
        (output.status.code(), said(&output))
    };
    let classic = ["--format", "classic", "-d", "(x"];
    let (status, (out, _)) = run(&[&classic[..], &["empty.log", "door"]].concat());
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("Use      datepattern : (x : (x\n"), "{out}");
    assert!(out.contains("Lines: 0 lines"), "{out}");
    let log = world.log();
    let (status, (out, error)) = run(&[&classic[..], &[log.as_str(), "door"]].concat());
    assert_eq!(status, Some(1), "{error}");
    assert!(out.ends_with("Use         encoding : UTF-8\n\n"), "{out}");
    assert!(error.contains("unterminated subpattern"), "{error}");
    let (status, (out, _)) = run(&[&classic[..], &[log.as_str(), "door", "-o", "ip"]].concat());
    assert_eq!((status, out.as_str()), (Some(1), ""));
    // of two the later is compiled at the first line the other finds no date in
    world.write(
        "home/rows.log",
        &LOG.replacen("Nov 20 10:00:02", "who knows when", 1),
    );
    world.write(
        "home/any.conf",
        "[Definition]\nfailregex = <HOST>$\ndatepattern = ^%%b %%d %%H:%%M:%%S\n  {^LN-BEG}(\n",
    );
    for threads in ["1", "4"] {
        let rows = ["rows.log", "./any.conf", "-o", "ip", "--threads", threads];
        let (status, (out, error)) = run(&[&["--format", "classic"][..], &rows].concat());
        assert_eq!(status, Some(1), "{error}");
        assert_eq!(out, "192.0.2.1\n192.0.2.2\n");
    }
    // a bad ignoreregex comes before it
    for format in [&[][..], &["--format", "classic"]] {
        let (_, (out, error)) = run(&[format, &["-d", "(x", "empty.log", "door", "(bad"]].concat());
        let said = out + &error;
        assert!(
            said.contains("at position 0") && !said.contains("date template"),
            "{said}"
        );
    }
    // ours is said before a long run
    let (status, (_, error)) = run(&["-d", "(x", "empty.log", "door"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("--datepattern: date template"), "{error}");
}
