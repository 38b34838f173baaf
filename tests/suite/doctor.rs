//! `f2b-regex doctor` on machines of our own (`testdata/doctor`): what stops each jail, where, and
//! what the change that is proposed brings.

use crate::util::{Place, Ran, Run, f2b, machine, repository};
use serde_json::{Value, json};

fn doctor(machine: &Place, arguments: &[&str]) -> Ran {
    let root = machine.path().to_str().expect("UTF-8");
    let all = [&["doctor", "--root", root], arguments].concat();
    f2b(&all).ran()
}

/// What is wrong with the diagnosis of a jail.
fn compare(expected: &Value, jail: &Value) -> Vec<String> {
    let first = &jail["blockers"][0];
    let mut wrong = Vec::new();
    let mut equal = |what: &str, wanted: &Value, got: &Value| {
        if !wanted.is_null() && wanted != got {
            wrong.push(format!("{what}: {got}, expected {wanted}"));
        }
    };
    let works = json!(expected["blocker"].is_null());
    equal("works", &works, &jail["works"]);
    equal("blocker", &expected["blocker"], &first["code"]);
    equal("matched", &expected["matched"], &jail["matched"]);
    equal("bans", &expected["bans"], &jail["bans"]);
    equal(
        "backend",
        &expected["backend"],
        &jail["backend"]["effective"],
    );
    let place = format!("{}:{}", first["file"].as_str().unwrap_or(""), first["line"]);
    equal("place", &expected["place"], &json!(place));
    let tried = json!([first["tried"]["matched"], first["tried"]["bans"]]);
    equal("tried", &expected["tried"], &tried);
    if let Some(change) = expected["change"].as_str() {
        let got = first["change"].as_str().unwrap_or("");
        equal("change", &json!(true), &json!(got.contains(change)));
    }
    if expected["silent"] == true {
        equal("warnings", &json!([]), &jail["warnings"]);
    }
    wrong
}

#[test]
fn every_machine_has_what_is_expected() {
    let all = repository("testdata/doctor");
    let mut wrong = Vec::new();
    let mut tried = 0;
    for entry in all.read_dir().expect("a directory") {
        let path = entry.expect("an entry").path();
        let Ok(text) = std::fs::read_to_string(path.join("expected.json")) else {
            continue;
        };
        tried += 1;
        let expected: Value = serde_json::from_str(&text).expect("JSON");
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("UTF-8");
        let machine = machine(name);
        let given = expected["args"].as_array().expect("a list").iter();
        let mut arguments: Vec<&str> = given.filter_map(Value::as_str).collect();
        let table = doctor(&machine, &arguments);
        arguments.extend(["--format", "json"]);
        let report = doctor(&machine, &arguments);
        for ran in [&table, &report] {
            if json!(ran.status) != expected["status"] {
                wrong.push(format!("{name}: status {:?}: {}", ran.status, ran.stderr));
            }
        }
        let said = table
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        for text in expected["says"].as_array().into_iter().flatten() {
            if !said.contains(text.as_str().expect("text")) {
                wrong.push(format!("{name}: does not say {text}: {said}"));
            }
        }
        if table.stdout.lines().any(|line| line.chars().count() > 80) {
            wrong.push(format!(
                "{name}: a line is wider than 80:\n{}",
                table.stdout
            ));
        }
        let report = report.json();
        let jails = report["jails"].as_array().expect("a list");
        for (jail, expected) in expected["jails"].as_object().expect("jails") {
            match jails.iter().find(|found| found["name"] == json!(jail)) {
                None => wrong.push(format!("{name}: no {jail}")),
                Some(found) => {
                    let faults = compare(expected, found).into_iter();
                    wrong.extend(faults.map(|fault| format!("{name}: {jail}: {fault}\n{found:#}")));
                }
            }
        }
    }
    assert!(tried >= 10, "{tried} machines");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_configuration_alone_says_nothing_of_logs() {
    let machine = machine("another-log");
    let ran = doctor(&machine, &["--no-environment", "--format", "json"]).ended(0);
    let report = ran.json();
    assert_eq!(report["jails"][0]["works"], true);
    assert_eq!(report["jails"][0]["lines"], Value::Null);
}

#[test]
fn a_workflow_is_told_of_file_and_line() {
    let machine = machine("too-few");
    let ran = doctor(&machine, &["--format", "github"]).ended(1);
    let file = machine.at("etc/fail2ban/jail.local").display().to_string();
    let command = format!("::error title=below-maxretry gate,file={file},line=3::gate: ");
    assert!(ran.stdout.starts_with(&command), "{}", ran.stdout);
}

#[test]
fn only_the_last_lines_are_read() {
    let machine = machine("healthy");
    let ran = doctor(&machine, &["--lines", "2", "--format", "json"]);
    let report = ran.json();
    assert_eq!(report["jails"][0]["lines"], 2);
    assert_eq!(report["jails"][0]["matched"], 2);
}

#[test]
fn what_is_wrong_with_the_arguments_is_said() {
    let machine = machine("healthy");
    let said = |arguments: &[&str]| doctor(&machine, arguments).ended(2).stderr;
    assert!(said(&["nosuch"]).contains("no jail nosuch in "));
    assert!(said(&["gaet"]).contains("did you mean gate?"));
    let config = machine.at("etc/fail2ban").display().to_string();
    assert!(said(&[&config]).contains("write -c "));
    let file = machine.at("etc/fail2ban/jail.conf").display().to_string();
    assert!(said(&["-c", &file]).contains("is a file: write -c "));
    let filters = machine.at("etc/fail2ban/filter.d").display().to_string();
    assert!(said(&["-c", &filters]).contains("has no jail.conf"));
    let ran = f2b(&["doctor", "--root", &config]).ran().ended(2);
    assert!(ran.stderr.contains("stands for /"), "{}", ran.stderr);
    let ran = f2b(&["doctor", "--root", "/no/such/root"]).ran().ended(2);
    assert!(ran.stderr.contains("no such directory"), "{}", ran.stderr);
}

#[test]
fn the_configuration_is_the_one_that_other_commands_read() {
    let machine = machine("healthy");
    let mut command = f2b(&["doctor", "--no-environment", "--format", "json"]);
    command.env("F2B_CONFIG", machine.at("etc/fail2ban"));
    let report = command.ran().ended(0).json();
    assert_eq!(report["jails"][0]["name"], "gate");
    // a checkout that holds one, where the machine has none
    let mut command = f2b(&["doctor", "--no-environment", "--format", "json"]);
    command.env("F2B_CONFIG", "/no/such/place");
    let ran = command
        .current_dir(machine.at("etc/fail2ban"))
        .ran()
        .ended(0);
    assert_eq!(ran.json(), report);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let machine = machine("healthy");
    let jails: String = (0..8)
        .map(|n| format!("[gate{n}]\nenabled = true\nfilter = gate\nlogpath = /var/log/gate.log\n"))
        .collect();
    machine.write("etc/fail2ban/jail.d/more.local", jails);
    for format in ["table", "json", "github"] {
        let with = |threads| doctor(&machine, &["--format", format, "--threads", threads]).stdout;
        let one = with("1");
        assert!(one.contains("gate7") || format == "github", "{one}");
        assert_eq!(one, with("2"));
        assert_eq!(one, with("9"));
    }
}

#[test]
fn links_lead_to_places_of_the_copy() {
    let machine = machine("healthy");
    let log = machine.at("var/log/gate.log");
    std::fs::create_dir_all(machine.at("srv/real")).expect("a directory");
    std::fs::rename(&log, machine.at("srv/real/gate.log")).expect("moved");
    std::os::unix::fs::symlink("/srv/here/gate.log", &log).expect("a link");
    std::os::unix::fs::symlink("real", machine.at("srv/here")).expect("a link");
    let report = doctor(&machine, &["--format", "json"]).ended(0).json();
    assert_eq!(report["jails"][0]["inputs"][0]["path"], "/var/log/gate.log");
    assert_eq!(report["jails"][0]["works"], true);
    std::fs::remove_file(machine.at("srv/here")).expect("removed");
    let table = doctor(&machine, &[]).ended(1).stdout;
    assert!(table.contains("leads nowhere"), "{table}");
    std::fs::remove_file(&log).expect("removed");
    std::os::unix::fs::symlink("/dev/stdout", &log).expect("a link");
    let table = doctor(&machine, &[]).ended(1).stdout;
    assert!(table.contains("is a link to /dev/stdout"), "{table}");
}

#[test]
fn a_named_pipe_is_not_waited_for() {
    let machine = machine("healthy");
    let log = machine.at("var/log/gate.log");
    std::fs::remove_file(&log).expect("removed");
    let made = std::process::Command::new("mkfifo").arg(&log).status();
    assert!(made.expect("mkfifo").success());
    let report = doctor(&machine, &["--format", "json"]).ended(1).json();
    assert_eq!(report["jails"][0]["blockers"][0]["code"], "log-unreadable");
}

#[test]
fn many_jails_with_one_fault_fit_the_screen() {
    let machine = machine("no-iptables");
    let jails: String = (0..12)
        .map(|n| format!("[gate{n}]\nenabled = true\nfilter = gate\nlogpath = /var/log/gate.log\n"))
        .collect();
    machine.write(
        "etc/fail2ban/jail.d/more.local",
        "[DEFAULT]\nbanaction = wall\n".to_owned() + &jails,
    );
    let table = doctor(&machine, &[]).ended(1).stdout;
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    assert_eq!(table.matches(": command-missing").count(), 2, "{table}");
}

#[test]
fn what_keeps_a_jail_from_being_enabled_is_said() {
    let said = |file: &str, text: &str| {
        let machine = machine("healthy");
        machine.write("etc/fail2ban/jail.local", "[gate]\nmaxretry = 3\n");
        machine.write(&format!("etc/fail2ban/{file}"), text);
        doctor(&machine, &[]).ended(0).stderr
    };
    let on = "[gate]\nenabled = true\n";
    for file in [
        "jail.locale",
        "jail.local.txt",
        "gate.local",
        "jail.conf.d/gate.conf",
        "jail.d/own/gate.local",
        "jail.local.conf",
        "gate.cnf",
        "jail.d/gate",
        "jail.d/gate.txt",
    ] {
        let text = said(file, on);
        assert!(text.contains(&format!("{file} is not read: ")), "{text}");
    }
    let text = said("jail.d/a.local", "[gate]\nport = ssh\n enabled = true\n");
    let expected = "jail.d/a.local:3 is indented, so that `enabled = true` is no option";
    assert!(text.contains(expected), "{text}");
    assert_eq!(said("jail.local.bak", on), "");
    let text = said("jail.d/a.local", "[gate]\nenabled = tru # soon\n");
    let expected = "jail.d/a.local:2: enabled = tru # soon is neither true nor false: jail gate";
    assert!(text.contains(expected), "{text}");
    for off in ["false", "No", "off ; until Monday", "0"] {
        let text = said("jail.d/a.local", &format!("[gate]\nenabled = {off}\n"));
        assert_eq!(text, "", "{off}");
    }
}

#[test]
fn jails_of_fail2bans_own_options_are_told_of() {
    for file in ["fail2ban.local", "fail2ban.d/gate.conf"] {
        let machine = machine("healthy");
        machine.write("etc/fail2ban/jail.local", "");
        let text = "[Definition]\nloglevel = INFO\n[gate]\nenabled = true\n";
        machine.write(&format!("etc/fail2ban/{file}"), text);
        let said = doctor(&machine, &[]).stderr;
        assert!(said.contains(&format!("{file} is not read: ")), "{said}");
        assert!(said.contains("move its jails to jail.local"), "{said}");
    }
}

#[test]
fn files_that_are_not_read_are_told_of_where_their_jails_are_missed() {
    let machine = machine("healthy");
    let write = |file: &str, text: &str| machine.write(&format!("etc/fail2ban/{file}"), text);
    write("jail.d/door.cnf", "[door]\nenabled = true\n");
    write("jail.d/gate.cnf", "[gate]\nenabled = true\n");
    write("jail.d/off/door.conf", "[door]\nenabled = true\n");
    write("jail.d/stile.txt", "[stile]\nenabled = true\n");
    let said = doctor(&machine, &[]).ended(0).stderr;
    let told: Vec<&str> = said.lines().collect();
    assert_eq!(told.len(), 2, "{said}");
    assert!(told[0].contains("jail.d/door.cnf is not read: "), "{said}");
    assert!(told[1].contains("call it jail.d/stile.local"), "{said}");
    let said = doctor(&machine, &["stile"]).ended(2).stderr;
    assert!(said.contains("jail.d/stile.txt has it"), "{said}");
}

#[test]
fn a_missing_include_is_told_with_the_reference_it_leaves_open() {
    let machine = machine("healthy");
    let filter = "[INCLUDES]\nbefore = gone.conf\n[Definition]\nfailregex = ^%(begin)s <HOST>$\n";
    machine.write("etc/fail2ban/filter.d/porch.conf", filter);
    machine.write(
        "etc/fail2ban/jail.d/porch.local",
        "[porch]\nenabled = true\nlogpath = /var/log/gate.log\n",
    );
    let said = doctor(&machine, &[]).ended(2).stderr;
    assert!(said.contains("porch.conf:2: cannot include "), "{said}");
}
