//! Every filter of fail2ban's own configuration in every mode, and every jail of
//! its jail.conf, compared with what fail2ban's classes make of them. The corpus
//! is not part of this repository: the tests are ignored, and `.ci/run` runs
//! them where it lies beside the checkout.
//! `testdata/config/corpus.tsv` holds, per argument, the number of final settings
//! and the FNV-1a hash of their texts, no text of fail2ban itself.

use std::path::{Path, PathBuf};

use crate::config::{FilterRequest, Lookup, Resolution, Setting, resolve};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/config")
}

fn fnv(hash: u64, text: &str) -> u64 {
    text.bytes().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Hash over `name \x1f text \x1e` of each setting.
fn hash(settings: &[Setting]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for setting in settings {
        let (name, text) = match setting {
            Setting::Prefregex(s) => ("prefregex", s.text.clone()),
            Setting::Failregex(s) => ("addfailregex", s.text.clone()),
            Setting::Ignoreregex(s) => ("addignoreregex", s.text.clone()),
            Setting::Maxlines(s) => ("maxlines", s.text.clone()),
            Setting::Datepattern(s) => ("datepattern", s.text.clone()),
            Setting::Journalmatch(words, _) => ("addjournalmatch", words.join("\x1f")),
            Setting::UseDns(s) => ("usedns", s.text.clone()),
            Setting::LogEncoding(s) => ("logencoding", s.text.clone()),
            Setting::LogTimezone(s) => ("logtimezone", s.text.clone()),
        };
        for part in [name, "\x1f", &text, "\x1e"] {
            hash = fnv(hash, part);
        }
    }
    hash
}

/// Lines of the recording: argument, whether the log is a journal, number, hash.
/// `-` for the number: fail2ban fails.
fn recorded() -> Vec<(String, bool, String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/config/corpus.tsv");
    let text = std::fs::read_to_string(file).expect("recorded hashes");
    let lines = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [spec, systemd, count, hash] = fields[..] else {
            panic!("four fields expected: {line}");
        };
        (spec.into(), systemd == "1", count.into(), hash.into())
    });
    lines.collect()
}

#[test]
#[ignore = "needs ../shared beside the checkout"]
fn every_filter_and_jail_equals_upstream() {
    let config = corpus();
    let mut different = Vec::new();
    let recorded = recorded();
    for (spec, systemd, count, expected) in &recorded {
        let request = FilterRequest {
            spec,
            config_dir: Some(&config),
            backend_systemd: *systemd,
            lookup: Lookup::Upstream,
        };
        let (ours, hash) = match resolve(&request) {
            Ok(Resolution::Filter(filter)) => (
                filter.settings.len().to_string(),
                format!("{:016x}", hash(&filter.settings)),
            ),
            Ok(Resolution::Literal) => ("literal".to_owned(), String::new()),
            Err(_) => ("-".to_owned(), String::new()),
        };
        if (&ours, &hash) != (count, expected) {
            different.push(format!(
                "{spec} systemd={systemd}: {ours}, expected {count}"
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} differ: {different:#?}",
        different.len()
    );
    assert!(recorded.len() > 1900, "{} recorded", recorded.len());
}

/// What fail2ban's own samples use is no trap: no warning may be raised.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn no_false_alarms() {
    let config = corpus();
    let logs = config.join("../fail2ban/tests/files/logs");
    let mut alarms = Vec::new();
    for name in filters(&config) {
        for options in sample_options(&logs.join(&name)) {
            for spec in [format!("{name}.conf{options}"), format!("{name}{options}")] {
                let request = FilterRequest {
                    spec: &spec,
                    config_dir: Some(&config),
                    backend_systemd: false,
                    lookup: Lookup::Upstream,
                };
                match resolve(&request) {
                    Ok(Resolution::Filter(filter)) => {
                        alarms.extend(filter.warnings.iter().map(|w| format!("{spec}: {w}")));
                    }
                    // made to be included: alone it fails, upstream too
                    Err(_) if name.ends_with("-common") => {}
                    other => panic!("{spec}: {other:?}"),
                }
            }
        }
    }
    assert!(alarms.is_empty(), "{alarms:#?}");
}

fn filters(config: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(config.join("filter.d")).expect("filter.d");
    let files = entries.map(|entry| entry.expect("entry").path());
    let filters = files.filter(|file| file.extension().is_some_and(|ext| ext == "conf"));
    filters
        .map(|file| {
            file.file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

/// The option lists a sample log runs its filter with (`# filterOptions: …`).
fn sample_options(log: &Path) -> Vec<String> {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut all = vec![String::new()];
    for line in text.lines() {
        let Some((_, json)) = line.split_once("# filterOptions: ") else {
            continue;
        };
        let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let sets = match value {
            serde_json::Value::Array(sets) => sets,
            one => vec![one],
        };
        for set in sets {
            let options = set.as_object().into_iter().flatten();
            let options = options.filter(|(name, _)| !name.starts_with("test."));
            let options: Vec<String> = options
                .map(|(name, value)| format!("{name}=\"{}\"", value.as_str().unwrap_or("")))
                .collect();
            if !options.is_empty() {
                all.push(format!("[{}]", options.join(",")));
            }
        }
    }
    all.sort();
    all.dedup();
    all
}
