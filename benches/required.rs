//! Prints the texts the gate looks for: one line each, of every failregex of a filter.
//!
//! `cargo bench --profile dev --bench required -- CONFIG FILTER`, for `compare.py`, which gives the same
//! texts to `rg`.

use f2b_regex::config::{FilterRequest, Resolution, Setting, resolve};
use f2b_regex::engine::{Filter, FilterOptions};
use f2b_regex::pattern::literals::required;
use std::path::Path;

fn main() {
    // cargo adds `--bench`
    let given: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let [config, spec] = given.as_slice() else {
        eprintln!("usage: cargo bench --bench required -- CONFIG FILTER");
        return;
    };
    let request = FilterRequest {
        spec,
        config_dir: Path::new(config),
        backend_systemd: false,
    };
    let source = match resolve(&request) {
        Ok(Resolution::Filter(source)) => source,
        _ => panic!("{spec} is no filter of {config}"),
    };
    let mut filter = Filter::new(FilterOptions::default());
    for setting in source.settings {
        let added = match setting {
            Setting::Prefregex(value) => filter.set_prefregex(value),
            Setting::Failregex(value) => filter.add_failregex(value),
            _ => continue,
        };
        added.unwrap_or_else(|error| panic!("{spec}: {error}"));
    }
    let mut texts: Vec<String> = Vec::new();
    for regex in &filter.failregexes {
        let found = required(regex.regex.ast()).unwrap_or_default();
        texts.extend(
            found
                .iter()
                .map(|t| String::from_utf8_lossy(t).into_owned()),
        );
    }
    texts.sort();
    texts.dedup();
    texts.iter().for_each(|text| println!("{text}"));
}
