//! The ways lines are wrapped, and what a record holds.

use super::outer::OuterDate;
use crate::config::nearest;
use std::borrow::Cow;
use std::fmt;

/// What `--unwrap` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whatever the first lines of a log are.
    Auto,
    /// Only this.
    Kind(WrapKind),
}

/// How the lines of a log are wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WrapKind {
    /// Docker's json-file driver: `{"log":"…\n","stream":"stdout","time":"…"}`.
    Docker,
    /// CRI, as containerd, CRI-O and Podman's k8s-file write it: `TIME stdout F text`.
    Cri,
    /// A syslog header before the line's own.
    Syslog,
    /// The field of that name of a JSON object; dots lead into objects.
    Json(String),
}

/// A record: what it holds of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record<'l> {
    /// The text, without its end of line.
    pub(crate) text: Cow<'l, str>,
    /// The stream it is of; only records of the same are put together.
    pub(crate) stream: Cow<'l, str>,
    /// The line goes on in the next record.
    pub(crate) is_partial: bool,
    /// When it was written.
    pub(crate) date: Option<OuterDate<'l>>,
}

/// The words of `--unwrap`.
pub(crate) const WORDS: [&str; 4] = ["auto", "docker", "cri", "syslog"];

impl Asked {
    /// Reads the value of `--unwrap`.
    ///
    /// # Errors
    ///
    /// What is expected in place of a word that is none, as a sentence.
    pub(crate) fn parse(word: &str) -> Result<Asked, String> {
        Ok(match word {
            "auto" => Asked::Auto,
            "docker" | "json-file" => Asked::Kind(WrapKind::Docker),
            "cri" | "containerd" | "k8s-file" => Asked::Kind(WrapKind::Cri),
            "syslog" => Asked::Kind(WrapKind::Syslog),
            _ => match word.strip_prefix("json:") {
                Some(path) if !path.split('.').any(str::is_empty) => {
                    Asked::Kind(WrapKind::Json(path.to_owned()))
                }
                Some(path) => {
                    return Err(format!(
                        "--unwrap=json:{path}: expected the name of a field, as in json:message or \
                         json:log.original"
                    ));
                }
                None => return Err(unknown(word)),
            },
        })
    }
}

/// What is wrong with a word that is no kind.
fn unknown(word: &str) -> String {
    let expected = "expected auto, docker, cri, syslog or json:FIELD";
    let near = if word.is_empty() {
        None
    } else if word.to_lowercase().starts_with("json") {
        Some("json:message, or another field")
    } else {
        nearest(word, WORDS).or_else(|| {
            WORDS
                .into_iter()
                .find(|known| word.eq_ignore_ascii_case(known))
        })
    };
    match near {
        Some(near) => format!("--unwrap={word}: {expected}; is it {near}?"),
        None => format!("--unwrap={word}: {expected}"),
    }
}

impl fmt::Display for WrapKind {
    /// As `--unwrap` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WrapKind::Docker => f.write_str("docker"),
            WrapKind::Cri => f.write_str("cri"),
            WrapKind::Syslog => f.write_str("syslog"),
            WrapKind::Json(path) => write!(f, "json:{path}"),
        }
    }
}

impl WrapKind {
    /// What it is, for people.
    pub(crate) fn title(&self) -> String {
        match self {
            WrapKind::Docker => "Docker's json-file".into(),
            WrapKind::Cri => "CRI's form".into(),
            WrapKind::Syslog => "a second syslog header".into(),
            WrapKind::Json(path) => format!("the JSON field {path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named() {
        let kind = |word| Asked::parse(word);
        assert_eq!(kind("auto"), Ok(Asked::Auto));
        assert_eq!(kind("json-file"), Ok(Asked::Kind(WrapKind::Docker)));
        let json = Asked::Kind(WrapKind::Json("log.original".into()));
        assert_eq!(kind("json:log.original"), Ok(json));
        for (word, near) in [
            ("dokcer", "is it docker?"),
            ("CRI", "is it cri?"),
            ("json", "is it json:message"),
            ("json:", "expected the name of a field"),
            ("json:a..b", "expected the name of a field"),
            ("", "expected auto, docker, cri, syslog or json:FIELD"),
            ("gelf", "expected auto, docker, cri, syslog or json:FIELD"),
        ] {
            let said = kind(word).expect_err(word);
            assert!(said.contains(near), "{said}");
        }
    }
}
