//! The files of a draft: the filter, its samples, the section of its jail.

use super::{DraftRegex, Filter, Given};
use serde::Serialize;
use std::fmt::Write as _;

/// Samples written of each kind.
const SAMPLES: usize = 1000;

/// The filter's file.
pub(super) fn conf(filter: &Filter, regexes: &[DraftRegex]) -> String {
    let mut out = format!(
        "# {}: drafted by f2b-regex from lines of a log; review it before you use it.\n\n",
        filter.name
    );
    if let Some(daemon) = &filter.daemon {
        let _ = write!(
            out,
            "[INCLUDES]\nbefore = common.conf\n\n[Definition]\n_daemon = {daemon}\n\n"
        );
    } else {
        out += "[Definition]\n";
    }
    let mut lead = "failregex = ";
    for regex in regexes {
        let _ = writeln!(out, "{lead}{}", regex.text);
        lead = "            ";
    }
    out += "\nignoreregex =\n";
    if let Some(pattern) = &filter.datepattern {
        let _ = writeln!(out, "\ndatepattern = {}", pattern.replace('%', "%%"));
    }
    out
}

/// The section of jail.local.
pub(super) fn jail(name: &str, logs: &[String]) -> String {
    let lines = logs.join("\n          ").replace('%', "%%");
    format!("[{name}]\nenabled = true\nfilter  = {name}\nbackend = auto\nlogpath = {lines}\n")
}

#[derive(Serialize)]
struct Case<'a> {
    line: &'a str,
    gives: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
}

#[derive(Serialize)]
struct Samples<'a> {
    cases: Vec<Case<'a>>,
}

/// The samples that `f2b-regex check` reads beside the filter: the lines that must match with
/// their addresses, and those that must not. Errors: serde's.
pub(super) fn samples(
    lines: &[Given],
    addresses: &[String],
    good: &[Given],
) -> Result<String, String> {
    let matched = lines.iter().zip(addresses).map(|(line, address)| Case {
        line: &line.text,
        gives: "matched",
        host: Some(address),
    });
    let missed = good.iter().map(|line| Case {
        line: &line.text,
        gives: "missed",
        host: None,
    });
    let samples = Samples {
        cases: matched.take(SAMPLES).chain(missed.take(SAMPLES)).collect(),
    };
    let body = serde_yaml_ng::to_string(&samples).map_err(|error| error.to_string())?;
    Ok(format!(
        "# What the filter gives for each line: f2b-regex check reads this file.\n{body}"
    ))
}
