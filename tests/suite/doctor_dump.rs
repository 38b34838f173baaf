//! `f2b-regex doctor --format dump` on a small configuration of our own with files laid over it:
//! the commands are those that fail2ban-client printed (`testdata/config/dump`, recorded by the
//! `record.py` there), and what fail2ban refuses is refused with a place.

use crate::util::lay;
use std::path::{Path, PathBuf};
use std::process::Command;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config/dump")
}

struct Ran {
    status: Option<i32>,
    out: String,
    err: String,
}

/// Runs the command in a copy of the configuration, whose path reads `@CONF@` in what it says.
fn doctor(overlay: Option<&Path>, arguments: &[&str]) -> Ran {
    let scratch = tempfile::tempdir().expect("a directory");
    let conf = scratch.path().join("etc");
    lay(&testdata().join("base"), &conf);
    if let Some(overlay) = overlay {
        lay(overlay, &conf);
    }
    let conf = conf.to_str().expect("UTF-8");
    let output = Command::new(env!("CARGO_BIN_EXE_f2b-regex"))
        .current_dir(conf)
        .args(["doctor", "-c", conf])
        .args(arguments)
        .output()
        .expect("the binary starts");
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.replace(conf, "@CONF@")
    };
    Ran {
        status: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// Logs found by one glob come as their directory lists them, which differs between copies.
fn settled(commands: &str) -> Vec<String> {
    let (mut settled, mut logs) = (Vec::new(), Vec::new());
    for line in commands.lines().chain([""]) {
        if line.contains("'addlogpath'") {
            logs.push(line.to_owned());
            continue;
        }
        logs.sort();
        settled.append(&mut logs);
        settled.push(line.to_owned());
    }
    settled
}

#[test]
fn commands_are_those_of_fail2ban_client() {
    let mut tried = 0;
    for entry in testdata().join("overlays").read_dir().expect("overlays") {
        let overlay = entry.expect("an overlay").path();
        let name = overlay.file_name().expect("a name").to_string_lossy();
        let expected = testdata().join(format!("expected/{name}.txt"));
        let expected = std::fs::read_to_string(expected).expect("a recording");
        let (status, commands) = expected.split_once('\n').expect("two parts");
        let ran = doctor(Some(&overlay), &["--format", "dump"]);
        assert_eq!(settled(&ran.out), settled(commands), "{name}: {}", ran.err);
        let accepted = status == "0";
        assert_eq!(ran.status, Some(if accepted { 0 } else { 2 }), "{name}");
        if !accepted {
            assert!(
                ran.err.contains("@CONF@/"),
                "{name} without a place: {}",
                ran.err
            );
        }
        tried += 1;
    }
    assert!(tried >= 20, "only {tried} configurations");
}

/// The line of standard error that a refusal is told in.
fn refusal(jail_local: &str) -> String {
    let overlay = tempfile::tempdir().expect("a directory");
    std::fs::write(overlay.path().join("jail.local"), jail_local).expect("a file");
    doctor(Some(overlay.path()), &["--format", "dump"]).err
}

#[test]
fn faults_are_placed_where_their_writer_can_mend_them() {
    let said = refusal("[DEFAULT]\nbanaction = moat\n[door]\nenabled = true\n");
    assert!(
        said.contains("@CONF@/jail.local:2: jail door: expected a file for its action moat"),
        "{said}"
    );
    let said = refusal("# mine\n[stile]\nenabled = true\n");
    assert!(
        said.contains("@CONF@/jail.local:2: jail stile: cannot load its filter stile"),
        "{said}"
    );
    let said = refusal("[door]\nenabled = true\nfilter = stile\n");
    assert!(
        said.contains("@CONF@/jail.local:3: jail door: cannot load its filter stile"),
        "{said}"
    );
}

#[test]
fn blame_names_the_place_of_a_value_and_those_it_overrides() {
    let overlay = testdata().join("overlays/drop-ins-in-order");
    let ran = doctor(Some(&overlay), &["--blame"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let line = |name: &str| {
        let (_, jail) = ran
            .out
            .split_once("jail door: enabled  jail.d/20-b.local:1\n")
            .expect("the jail");
        let found = jail
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        let words: Vec<&str> = found.expect("the option").split_whitespace().collect();
        words.join(" ")
    };
    // the drop-ins that end in .conf come before jail.local
    let over = "(over jail.local:3, jail.d/30-c.conf:4, jail.conf:9)";
    assert_eq!(
        line("maxretry"),
        format!("maxretry 3 jail.d/10-a.local:2 {over}")
    );
    assert_eq!(
        line("bantime"),
        "bantime 1d jail.d/30-c.conf:2 (over jail.conf:12)"
    );
    let backend = "backend auto jail.conf:29, default_backend at paths.conf:7 (over jail.conf:6)";
    assert_eq!(line("backend"), backend);
}

#[test]
fn only_the_jails_named_are_shown_enabled_or_not() {
    let ran = doctor(None, &["bell", "--format", "dump"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let starts: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("['start'"))
        .collect();
    assert_eq!(starts, ["['start', 'bell']"]);
    let ran = doctor(None, &["bel", "--format", "dump"]);
    assert_eq!(ran.status, Some(2));
    assert_eq!(
        ran.err,
        "f2b-regex: no jail bel in @CONF@; did you mean bell?\n"
    );
}

#[test]
fn logs_are_looked_for_below_the_root() {
    let root = tempfile::tempdir().expect("a directory");
    let conf = root.path().join("etc/fail2ban");
    lay(&testdata().join("base"), &conf);
    std::fs::create_dir_all(root.path().join("srv/log")).expect("a directory");
    std::fs::write(root.path().join("srv/log/door.log"), "").expect("a file");
    let jail = "[door]\nenabled = true\nlogpath = /srv/log/*.log\n";
    std::fs::write(conf.join("jail.local"), jail).expect("a file");
    let root = root.path().to_str().expect("UTF-8");
    let output = Command::new(env!("CARGO_BIN_EXE_f2b-regex"))
        .args(["doctor", "--format", "dump", "--root", root])
        .output()
        .expect("the binary starts");
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(
        out.contains("['set', 'door', 'addlogpath', '/srv/log/door.log', 'head']"),
        "{out}"
    );
}
