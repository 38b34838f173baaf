//! Many jails read by one loader: each file is read and merged once, however many jails ask.

use crate::config::{FilterRequest, Loader, Resolution, jail_options};
use crate::work::{self, Work};
use std::fs;
use std::path::Path;

/// A configuration with a file in jail.d for each jail.
fn directory(jails: usize) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).expect("a file");
    fs::create_dir(place.path().join("filter.d")).expect("a directory");
    fs::create_dir(place.path().join("jail.d")).expect("a directory");
    write("jail.conf", "[DEFAULT]\nfilter = app\nmaxretry = 3\n");
    write(
        "filter.d/app.conf",
        "[Definition]\nfailregex = from <ADDR>$\n",
    );
    for jail in 0..jails {
        let text = format!("[j{jail}]\nlogpath = /var/log/j{jail}.log\nfindtime = {jail}\n");
        write(&format!("jail.d/j{jail}.conf"), &text);
    }
    place
}

/// Reads every jail as simulate does: its options, then its filter.
fn read_all(config: &Path, jails: usize) {
    let loader = Loader::default();
    for jail in 0..jails {
        let spec = format!("j{jail}");
        let request = FilterRequest {
            spec: &spec,
            config_dir: Some(config),
            ..FilterRequest::default()
        };
        let options = jail_options(&loader, &request).expect("no fault");
        let options = options.expect("a jail");
        assert_eq!(options["findtime"].text, jail.to_string());
        assert_eq!(options["maxretry"].text, "3");
        let read = loader.resolve(&request).expect("no fault");
        let Resolution::Filter(source) = read else {
            panic!("{spec} is no jail");
        };
        assert_eq!(source.files.len(), jails + 2);
    }
}

#[test]
fn every_file_is_read_and_merged_once() {
    for jails in [20, 200] {
        let place = directory(jails);
        let files = work::of(Work::ConfigFile, || read_all(place.path(), jails));
        assert_eq!(files as usize, jails + 2, "each file once");
        let merges = work::of(Work::Merge, || read_all(place.path(), jails));
        // jail.conf and the files of jail.d once; the filter for each jail, twice
        assert_eq!(merges as usize, jails + 1 + 2 * jails);
    }
}

#[test]
fn thousands_of_files_are_no_fault_of_a_filter() {
    let place = directory(2_500);
    let request = FilterRequest {
        spec: "app",
        config_dir: Some(place.path()),
        ..FilterRequest::default()
    };
    let loader = Loader::default();
    assert!(matches!(
        loader.resolve(&request),
        Ok(Resolution::Filter(_))
    ));
    let request = FilterRequest {
        spec: "j2499",
        ..request
    };
    let options = jail_options(&loader, &request).expect("no fault");
    assert_eq!(options.expect("a jail")["findtime"].text, "2499");
    // each may include what they share
    for jail in 0..2_500 {
        let text = format!("[INCLUDES]\nbefore = ../shared.conf\n[j{jail}]\nfindtime = {jail}\n");
        fs::write(place.path().join(format!("jail.d/j{jail}.conf")), text).expect("a file");
    }
    fs::write(
        place.path().join("shared.conf"),
        "[DEFAULT]\nmaxretry = 4\n",
    )
    .expect("a file");
    let options = jail_options(&Loader::default(), &request).expect("no fault");
    assert_eq!(options.expect("a jail")["maxretry"].text, "4");
}
