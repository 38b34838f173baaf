//! A configuration file as it is written: lines, sections, options, comments.
//!
//! For rules that look at the spelling itself and for finding the option sets a filter
//! has. What options mean is `config`'s; this reads no includes and replaces nothing.

use super::MOST_CHECKED;
use crate::files;
use std::path::{Path, PathBuf};

/// One option with all its lines.
#[derive(Clone, Debug)]
pub(crate) struct RawOption {
    /// The section it stands in, without brackets.
    pub(crate) section: String,
    /// Its name as written.
    pub(crate) name: String,
    /// Number and text of each line of its value, the first without `name =`.
    pub(crate) lines: Vec<(u32, String)>,
}

impl RawOption {
    /// The line its name stands in, from 1.
    pub(crate) fn line(&self) -> u32 {
        self.lines.first().map_or(1, |(number, _)| *number)
    }
}

/// A configuration file, line by line.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawFile {
    /// The file.
    pub(crate) path: PathBuf,
    /// Its lines without their ends.
    pub(crate) lines: Vec<String>,
    /// Its options in order.
    pub(crate) options: Vec<RawOption>,
    /// Its sections with the line each begins in, from 1.
    pub(crate) sections: Vec<(String, u32)>,
    /// Number and text of its comment lines, the `#` or `;` included.
    pub(crate) comments: Vec<(u32, String)>,
}

impl RawFile {
    /// Reads a file; one that cannot be read is empty (`config` has said so).
    pub(crate) fn read(path: &Path) -> RawFile {
        let bytes = files::read_regular(path, MOST_CHECKED).unwrap_or_default();
        RawFile::parse(path, &String::from_utf8_lossy(&bytes))
    }

    /// Parses the text of a file.
    pub(crate) fn parse(path: &Path, text: &str) -> RawFile {
        let mut file = RawFile {
            path: path.to_path_buf(),
            lines: text.lines().map(ToString::to_string).collect(),
            ..RawFile::default()
        };
        let mut section = String::new();
        let mut indent_of_option = 0;
        let mut in_option = false;
        for (line, number) in text.lines().zip(1u32..) {
            let trimmed = line.trim();
            let indent = line.len() - line.trim_start().len();
            if trimmed.starts_with(['#', ';']) {
                file.comments.push((number, trimmed.to_string()));
            } else if trimmed.is_empty() {
                continue;
            } else if in_option && indent > indent_of_option {
                if let Some(option) = file.options.last_mut() {
                    option.lines.push((number, trimmed.to_string()));
                }
            } else if let Some(name) = trimmed.strip_prefix('[').and_then(|t| t.split_once(']')) {
                section = name.0.to_string();
                file.sections.push((section.clone(), number));
                in_option = false;
            } else if let Some(split) = trimmed.find(['=', ':']) {
                indent_of_option = indent;
                in_option = true;
                file.options.push(RawOption {
                    section: section.clone(),
                    name: trimmed[..split].trim_end().to_string(),
                    lines: vec![(number, trimmed[split + 1..].trim().to_string())],
                });
            }
        }
        file
    }

    /// The option that has that line.
    pub(crate) fn option_at(&self, line: u32) -> Option<&RawOption> {
        let mut options = self.options.iter();
        options.find(|option| option.lines.iter().any(|(at, _)| *at == line))
    }

    /// The comments `# f2b-regex: ignore CODE [CODE…]`. One silences the line it is at or right
    /// above, or the whole file when it stands above the first section.
    pub(crate) fn ignore_comments(&self) -> Vec<IgnoreComment> {
        let first_section = self.sections.first().map_or(u32::MAX, |(_, line)| *line);
        let is_comment = |line: u32| {
            let text = self.lines.get(line as usize - 1);
            text.is_some_and(|text| text.trim().starts_with(['#', ';']))
        };
        let comments = self.comments.iter().filter_map(|(line, text)| {
            let below = (*line..).find(|line| !is_comment(*line));
            Some(IgnoreComment {
                line: *line,
                words: ignored_words(text)?,
                below: below.filter(|_| *line > first_section),
            })
        });
        comments.collect()
    }
}

/// A comment that silences findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IgnoreComment {
    /// Its line.
    pub(crate) line: u32,
    /// The codes it names, as written.
    pub(crate) words: Vec<String>,
    /// The line below it and other comments, which it is about; None: the whole file.
    below: Option<u32>,
}

impl IgnoreComment {
    /// Whether it is about findings in that line; None: about those of the file as a whole.
    pub(crate) fn concerns(&self, line: Option<u32>) -> bool {
        match self.below {
            None => true,
            Some(below) => line.is_some_and(|line| (self.line..=below).contains(&line)),
        }
    }
}

/// The codes an ignore comment names, up to the first word that cannot be one: what follows may
/// say why.
fn ignored_words(comment: &str) -> Option<Vec<String>> {
    let rest = comment.trim_start_matches(['#', ';']).trim_start();
    let rest = rest.strip_prefix("f2b-regex:")?.trim_start();
    let rest = rest.strip_prefix("ignore")?;
    let words = rest.split(|c: char| matches!(c, ',' | ':') || c.is_whitespace());
    let is_code = |(number, word): &(usize, &str)| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let has_digit = word.contains(|c: char| c.is_ascii_digit());
        // `L` for all of a kind comes first: later it is a word of the reason
        digits.len() < word.len() && (has_digit || *number == 0 && word.len() == 1)
    };
    let words = words.filter(|word| !word.is_empty()).enumerate();
    let codes = words.take_while(is_code).map(|(_, word)| word.to_owned());
    Some(codes.collect())
}

/// A tag made of another: `<mdre-<mode>>` is `mdre-`, `mode` and nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Composite {
    prefix: String,
    key: String,
    suffix: String,
}

/// Values an option can have, by the tags made of it: `mode` with `normal`, `ddos`, … .
///
/// `mdre-<mode>` asks for options of that shape, `lt_<logtype>/…` for sections.
pub(crate) fn option_values(files: &[RawFile]) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let composites = composites(files);
    for composite in &composites {
        let tag = format!(
            "<{}<{}>{}>",
            composite.prefix, composite.key, composite.suffix
        );
        // `__prefix_line = <__prefix_<logtype>>` has the shape it asks for, and is no value
        let asks = |option: &RawOption| option.lines.iter().any(|(_, text)| text.contains(&tag));
        let names = files.iter().flat_map(|file| {
            let options = file.options.iter().filter(|option| !asks(option));
            let options = options.map(|option| option.name.as_str());
            options.chain(file.sections.iter().map(|(name, _)| name.as_str()))
        });
        let suffix = composite.suffix.split('/').next().unwrap_or_default();
        for name in names {
            let value = name.strip_prefix(composite.prefix.as_str());
            let Some(value) = value.and_then(|value| value.strip_suffix(suffix)) else {
                continue;
            };
            // `ddos-other` belongs to `<mdre-<mode>-other>`, not to `<mdre-<mode>>`
            let other = |c: &&Composite| {
                c.key == composite.key
                    && c.prefix == composite.prefix
                    && c.suffix.len() > composite.suffix.len()
                    && name.ends_with(c.suffix.as_str())
            };
            if value.is_empty() || composites.iter().any(|c| other(&c)) {
                continue;
            }
            let at = found.iter().position(|(key, _)| *key == composite.key);
            let at = at.unwrap_or_else(|| {
                found.push((composite.key.clone(), Vec::new()));
                found.len() - 1
            });
            if !found[at].1.iter().any(|known| known == value) {
                found[at].1.push(value.to_string());
            }
        }
    }
    found
}

/// The option sets the files know: each value of each option by itself.
pub(crate) fn option_sets(files: &[RawFile]) -> Vec<Vec<(String, String)>> {
    let options = option_values(files).into_iter();
    let sets = options.flat_map(|(key, values)| {
        let of_key = values.into_iter().map(move |value| (key.clone(), value));
        of_key.map(|option| vec![option])
    });
    sets.collect()
}

/// The options the tags of these files are made of: `mode` of `<mdre-<mode>>`.
pub(crate) fn option_keys(files: &[RawFile]) -> Vec<String> {
    composites(files)
        .into_iter()
        .map(|composite| composite.key)
        .collect()
}

fn composites(files: &[RawFile]) -> Vec<Composite> {
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let lines = files
        .iter()
        .flat_map(|file| &file.options)
        .flat_map(|o| &o.lines);
    for (_, text) in lines {
        for (open, _) in text.match_indices('<') {
            let rest = &text[open + 1..];
            let Some(inner) = rest
                .find(|c| !is_word(c))
                .filter(|at| rest[*at..].starts_with('<'))
            else {
                continue;
            };
            let Some(close) = rest[inner..].find('>').map(|at| inner + at) else {
                continue;
            };
            let key = &rest[inner + 1..close];
            let tail = &rest[close + 1..];
            let end = tail.find(|c| !is_word(c));
            let Some(end) = end.filter(|at| tail[*at..].starts_with('>')) else {
                continue;
            };
            let composite = Composite {
                prefix: rest[..inner].to_string(),
                key: key.to_string(),
                suffix: tail[..end].to_string(),
            };
            let named = !key.is_empty() && key.chars().all(is_word);
            if named
                && !(composite.prefix.is_empty() && composite.suffix.is_empty())
                && !found.contains(&composite)
            {
                found.push(composite);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# f2b-regex: ignore L001\n[lt_file]\n[lt_journal]\n[Definition]\n\
        failregex = ^a <HOST>$\n    # f2b-regex: ignore L002, L003\n    ;b\n    ^<mdre-<mode>>\n\
        mdre-normal =\nmdre-ddos = x\nmode = normal\n_p = <lt_<logtype>/pre>\n";

    #[test]
    fn options_comments_and_values() {
        let file = RawFile::parse(Path::new("x.conf"), TEXT);
        assert_eq!(file.options[0].lines.len(), 2);
        assert_eq!(file.options[0].section, "Definition");
        let comments = file.ignore_comments();
        assert_eq!(comments[0].words, ["L001"]);
        assert!(comments[0].concerns(Some(9)) && comments[0].concerns(None));
        assert_eq!(comments[1].words, ["L002", "L003"]);
        assert!(comments[1].concerns(Some(8)) && !comments[1].concerns(Some(9)));
        assert_eq!(
            ignored_words("# f2b-regex: ignore L001, L0 the log is ours"),
            Some(vec!["L001".to_owned(), "L0".to_owned()])
        );
        let values = option_values(&[file]);
        assert_eq!(
            values[0],
            ("mode".into(), vec!["normal".into(), "ddos".into()])
        );
        assert_eq!(
            values[1],
            ("logtype".into(), vec!["file".into(), "journal".into()])
        );
    }
}
