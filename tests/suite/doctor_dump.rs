//! `f2b-regex doctor --format dump` on a small configuration of our own with files laid over it:
//! the commands are those that fail2ban-client printed (`testdata/config/dump`, recorded by the
//! `record.py` there), and what fail2ban refuses is refused with a place.

use std::path::{Path, PathBuf};
use std::process::Command;

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config/dump")
}

/// Copies the files of a directory over those of another.
fn lay(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in from.read_dir().expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            lay(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
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
            assert!(ran.err.contains("@CONF@/"), "{name} without a place: {}", ran.err);
        }
        tried += 1;
    }
    assert!(tried >= 20, "only {tried} configurations");
}
