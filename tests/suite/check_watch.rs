//! `f2b-regex check --watch` as it runs: what begins a check anew is tested beside the loop.

use crate::util::{Place, Run, f2b, program};
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn checks_again_after_a_change_and_ends_with_ctrl_c() {
    let place = Place::new();
    let filter = place.write("filter.d/x.conf", "[Definition]\nfailregex = ^a <HOST>$\n");
    let mut command = program(&["check", "filter.d", "--watch", "--format", "concise"]);
    command.env("F2B_CONFIG", place.at("none"));
    let mut child = (command.current_dir(place.path()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut reports = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut messages = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let mut next = move || {
        let last = reports.find(|line| {
            let line = line.as_deref().unwrap_or_default();
            line.starts_with("passed") || line.starts_with("failed")
        });
        // said once all is looked at
        let watching = messages.next().expect("a message").expect("text");
        assert!(watching.starts_with("watching "), "{watching}");
        last.expect("a report").expect("text")
    };
    assert!(next().starts_with("passed: 0 errors"));
    std::fs::write(&filter, "[Definition]\nfailregx = ^a <HOST>$\n").expect("written");
    assert!(next().starts_with("failed: 1 error"));
    place.write("filter.d/y.conf", "[Definition]\nfailregx = ^a <HOST>$\n");
    assert!(next().starts_with("failed: 2 errors"));
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).expect("a signal");
    assert_eq!(child.wait().expect("an end").code(), Some(130));
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let place = Place::new();
    for other in ["--fix", "--update", "--show-settings"] {
        let ran = f2b(&["check", ".", "--watch", other])
            .current_dir(place.path())
            .ran();
        let ran = ran.ended(2);
        assert!(ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
    }
}
