//! What was typed where LOG and FILTER belong, and what was perhaps meant: swapped arguments, a
//! pattern the shell has spread, a command misspelt.

use super::options::LogArgs;
use crate::config::nearest;
use crate::input::unwrap::Asked;
use crate::input::{LogSource, Words};
use std::io::Read;
use std::path::Path;

/// LOG, FILTER and IGNOREREGEX of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// The logs, or lines.
    pub(super) logs: Vec<String>,
    /// They are lines as text.
    pub(super) are_lines: bool,
    /// FILTER.
    pub(super) filter: String,
    /// IGNOREREGEX.
    pub(super) ignoreregex: Option<String>,
}

/// What is missing, or too much.
pub(super) const BOTH: &str = "expected LOG and FILTER.";

/// Said where more files are given than LOG and FILTER.
const SEVERAL: &str = "several logs are a quoted pattern ('/var/log/mail.log*') or --log for each";

impl Typed {
    /// Tells the positional arguments apart: with `--line` or `--log` the log is given, and they
    /// are FILTER and IGNOREREGEX.
    pub(super) fn of(read: &LogArgs, given: &[&str]) -> Result<Typed, String> {
        let are_lines = !read.line.is_empty();
        let (logs, rest) = match given {
            rest if are_lines => (read.line.clone(), rest),
            rest if !read.logs.is_empty() => (read.logs.clone(), rest),
            [log, rest @ ..] => (vec![log.to_string()], rest),
            [] => (Vec::new(), &[][..]),
        };
        let (filter, ignoreregex) = match rest {
            [filter] => (filter, None),
            [filter, ignoreregex] => (filter, Some(ignoreregex.to_string())),
            rest if rest.len() > 2 && rest.iter().any(|a| Path::new(a).is_file()) => {
                return Err(format!("more than LOG, FILTER and IGNOREREGEX: {SEVERAL}."));
            }
            _ => return Err(BOTH.into()),
        };
        // `--unwrap docker`, one word too many, would be an ignoreregex or shift the others
        let is_kind = |word: &&&str| Asked::parse(word).is_ok();
        if ignoreregex.is_some()
            && read.wrapping.unwrap.as_deref() == Some("auto")
            && let Some(kind) = given.iter().find(is_kind)
        {
            return Err(format!(
                "--unwrap takes its kind behind `=`: --unwrap={kind}."
            ));
        }
        Ok(Typed {
            logs,
            are_lines,
            filter: filter.to_string(),
            ignoreregex,
        })
    }

    /// The logs' sources, none opened.
    pub(super) fn sources(&self, words: Words) -> Result<Vec<LogSource>, String> {
        if self.are_lines {
            return Ok(vec![LogSource::Literal(self.logs.join("\n"))]);
        }
        LogSource::of_all(&self.logs, words).map_err(|error| error.to_string())
    }

    /// An error about the log or the filter, or what it is a sign of. `command` is the further
    /// command's name.
    pub(super) fn explain(&self, error: String, command: Option<&str>) -> String {
        self.advice(command).unwrap_or(error)
    }

    fn advice(&self, command: Option<&str>) -> Option<String> {
        let [log] = self.logs.as_slice() else {
            return None;
        };
        if self.are_lines || !is_log(&self.filter) {
            return None;
        }
        let program = match command {
            Some(command) => format!("f2b-regex {command}"),
            None => "f2b-regex".into(),
        };
        let filter = &self.filter;
        if !Path::new(log).exists() && log != "-" || is_filter_file(log) {
            return Some(format!(
                "{filter} is a log and no filter: are LOG and FILTER swapped? try: {program} \
                 {filter} {log}"
            ));
        }
        match &self.ignoreregex {
            Some(last) => Some(format!(
                "{filter} is a log and no filter: {SEVERAL}; FILTER comes last: {last}"
            )),
            None => Some(format!(
                "{filter} is a log and no filter: {SEVERAL}, and FILTER comes last"
            )),
        }
    }
}

/// The command that a misspelt first argument may mean; a log of that name is not one.
pub(super) fn misspelt_command<'a>(
    word: &str,
    commands: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if Path::new(word).exists() {
        return None;
    }
    nearest(word, commands)
}

/// Whether a FILTER argument is an existing log, or a pattern of logs.
fn is_log(filter: &str) -> bool {
    if filter == "-" {
        return true;
    }
    let there = LogSource::of(filter, Words::AreLogs);
    there.is_ok_and(|sources| {
        let is_log = |source: &LogSource| match source {
            LogSource::File(path) => !is_filter_file(&path.to_string_lossy()),
            LogSource::Journal(_) => true,
            LogSource::Stdin | LogSource::Literal(_) => false,
        };
        !sources.is_empty() && sources.iter().all(is_log)
    })
}

/// Whether a file is a configuration: by its name, or because it begins with a section.
fn is_filter_file(name: &str) -> bool {
    let path = Path::new(name);
    if !path.is_file() {
        return false;
    }
    if name.ends_with(".conf") || name.ends_with(".local") {
        return true;
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path).map(|file| file.take(4096).read_to_end(&mut start));
    if read.is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&start);
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with(['#', ';']));
    // a log line may begin with a date in brackets
    first.is_some_and(|line| {
        let section = line
            .trim_end()
            .strip_prefix('[')
            .and_then(|l| l.strip_suffix(']'));
        section.is_some_and(|name| {
            name.chars()
                .all(|c| c.is_alphanumeric() || "-_?=".contains(c))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(logs: &[&str], rest: &[&str]) -> Result<Typed, String> {
        Typed::of(&LogArgs::default(), &[logs, rest].concat())
    }

    #[test]
    fn arguments_are_told_apart() {
        let both = typed(&["a.log"], &["sshd", "^x"]).expect("LOG, FILTER, IGNOREREGEX");
        assert_eq!(
            (both.filter.as_str(), both.ignoreregex.as_deref()),
            ("sshd", Some("^x"))
        );
        assert_eq!(typed(&[], &[]), Err(BOTH.into()));
        assert_eq!(typed(&["a.log"], &[]), Err(BOTH.into()));
        let lines = LogArgs {
            line: vec!["-a".into(), "b".into()],
            ..LogArgs::default()
        };
        let lines = Typed::of(&lines, &["sshd"]).expect("FILTER alone");
        let wanted = LogSource::Literal("-a\nb".into());
        assert_eq!(lines.sources(Words::AreLogs), Ok(vec![wanted]));
    }

    #[test]
    fn what_was_meant_is_said() {
        let place = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let log = file("auth.log", "[Mon Nov 20 10:00:00 2026] fail\n");
        let rotated = file("auth.log.1", "Nov 19 fail\n");
        let filter = file("x.conf", "[Definition]\n");
        let said = |log: &str, rest: &[&str]| {
            let typed = typed(&[log], rest).expect("enough arguments");
            typed.explain("as before".into(), None)
        };
        let swapped = format!("try: f2b-regex {log} sshd");
        assert!(said("sshd", &[&log]).ends_with(&swapped));
        assert!(said(&filter, &[&log]).contains("swapped"));
        assert!(said("sshd", &["-"]).contains("swapped"));
        assert!(said(&log, &[&rotated, "sshd"]).contains("quoted pattern"));
        assert_eq!(said(&log, &["sshd"]), "as before");
        assert_eq!(said(&log, &[&filter]), "as before");
        let commands = ["check", "bench"];
        assert_eq!(
            misspelt_command("chek", commands.into_iter()),
            Some("check")
        );
        assert_eq!(misspelt_command("syslog", commands.into_iter()), None);
    }
}
