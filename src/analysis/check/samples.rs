//! fail2ban's annotated sample logs as a script: which line is tested with which option
//! sets, and what it must give.
//!
//! Follows upstream's `samplestestcase` to the letter, oddities included: option sets stay
//! in force over `addFILE`; the last `test.condition` of a list decides for the block; a
//! `test.prefix-line` also stays before the line for the option sets after it. Running the
//! script is `verify`'s.

use super::MOST_CHECKED;
use super::annotation::{is_true, part_of, text_of, todo};
use super::codes;
use super::expression::{self, Names};
use super::finding::{Excerpt, Finding, Severity};
use super::load::{self, Options};
use crate::files;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a line must give.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// Whether a failregex must match it.
    pub(crate) matched: bool,
    /// What the annotation says beside, `time` and comments left out.
    pub(crate) fields: Vec<(String, Value)>,
    /// The failure's local time, as written.
    pub(crate) time: Option<String>,
    /// The annotation's `desc`.
    pub(crate) desc: Option<String>,
    /// It is known that the line gives something else; why, if that is said.
    pub(crate) todo: Option<String>,
}

/// One test of a line: an option set, and the line as it is for it.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// Index into [`Script::variants`].
    pub(crate) variant: usize,
    /// The line comes from a journal: it brings its time along.
    pub(crate) journal: bool,
    /// The line behind a `test.prefix-line`; None: as it stands.
    pub(crate) text: Option<String>,
}

/// A line with all its tests.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Index into [`Script::files`].
    pub(crate) file: usize,
    /// The line's number, from 1.
    pub(crate) number: u32,
    /// The number of its annotation; None for a line without one, which must not match.
    pub(crate) annotation: Option<u32>,
    /// The line.
    pub(crate) text: String,
    /// What it must give.
    pub(crate) expected: Expected,
    /// The tests.
    pub(crate) runs: Vec<Run>,
}

/// An option set of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VariantKey {
    /// What upstream tells option sets apart by.
    key: String,
    /// The options of the filter.
    pub(crate) options: Options,
}

/// The sample logs of one filter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// The logs, in the order they are read.
    pub(crate) files: Vec<PathBuf>,
    /// The option sets, in the order of first use.
    pub(crate) variants: Vec<VariantKey>,
    /// The lines.
    pub(crate) steps: Vec<Step>,
}

impl Script {
    /// Reads the sample log of the filter `name` and those it adds. Faults of the
    /// annotations go to `findings`; the lines concerned are left out.
    pub(crate) fn read(name: &str, log: &Path, findings: &mut Vec<Finding>) -> Script {
        let mut reader = Reader {
            name,
            script: Script {
                files: vec![log.to_path_buf()],
                ..Script::default()
            },
            root: log.parent().and_then(|parent| parent.canonicalize().ok()),
            known: log.canonicalize().ok().into_iter().collect(),
            bytes: MOST_CHECKED,
            common: Map::new(),
            tests: None,
            findings,
        };
        if files::leads_out(log) {
            let message = format!(
                "{}: not read: it leads out of the repository; put the log itself there, or name \
                 it (--samples) where it is",
                log.display()
            );
            reader.fault(log, 1, "", 0..0, message);
            return Script::default();
        }
        let mut at = 0;
        while let Some(file) = reader.script.files.get(at).cloned() {
            reader.file(at, &file);
            at += 1;
        }
        reader.script
    }

    /// Whether any line has an annotation; else the log is just a log.
    pub(crate) fn is_annotated(&self) -> bool {
        self.steps.iter().any(|step| step.annotation.is_some())
    }
}

/// One of the option sets in force.
#[derive(Clone, Debug)]
struct Test {
    variant: usize,
    /// The options with the `test.` ones.
    opts: HashMap<String, String>,
}

struct Reader<'a> {
    name: &'a str,
    script: Script,
    /// The directory that added files must be in or below.
    root: Option<PathBuf>,
    /// The files, links followed.
    known: HashSet<PathBuf>,
    /// Bytes that the files still to be read may have together.
    bytes: u64,
    common: Map<String, Value>,
    tests: Option<Vec<Test>>,
    findings: &'a mut Vec<Finding>,
}

/// A line upstream's `^#+ ?(failJSON|(?:file|filter)Options|addFILE):(.+)$` matches: the
/// word, and where the JSON is.
fn annotation(line: &str) -> Option<(&str, Range<usize>)> {
    let rest = line.trim_start_matches('#');
    if rest.len() == line.len() {
        return None;
    }
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let word = ["failJSON", "fileOptions", "filterOptions", "addFILE"];
    let word = word.into_iter().find(|word| rest.starts_with(word))?;
    let json = rest[word.len()..].strip_prefix(':')?;
    (!json.is_empty()).then(|| (word, line.len() - json.len()..line.len()))
}

impl Reader<'_> {
    fn fault(&mut self, file: &Path, number: u32, line: &str, span: Range<usize>, message: String) {
        self.findings.push(Finding {
            fix: None,
            code: codes::ANNOTATION,
            severity: Severity::Error,
            message,
            subject: self.name.to_string(),
            excerpts: vec![Excerpt {
                file: Some(file.to_path_buf()),
                line: Some(number),
                text: line.to_string(),
                span,
                ..Excerpt::default()
            }],
            help: String::new(),
        });
    }

    fn file(&mut self, index: usize, path: &Path) {
        let text = match files::read_regular(path, self.bytes) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                let message = format!("{}: cannot be read: {error}", path.display());
                self.fault(path, 1, "", 0..0, message);
                return;
            }
        };
        self.bytes = self.bytes.saturating_sub(text.len() as u64);
        let mut ignore_block = false;
        let mut lines = text
            .split_inclusive('\n')
            .map(|line| line.trim_end_matches(['\r', '\n']))
            .zip(1u32..);
        while let Some((line, number)) = lines.next() {
            let Some((word, json)) = annotation(line) else {
                let skipped = line.starts_with('#') || line.trim().is_empty();
                if !ignore_block && !skipped {
                    self.step(index, line, number, None, Map::new());
                }
                continue;
            };
            let value: Value = match serde_json::from_str(&line[json.clone()]) {
                Ok(value) => value,
                Err(error) => {
                    let at = (json.start + error.column().saturating_sub(1)).min(line.len());
                    let at = (0..=at)
                        .rev()
                        .find(|at| line.is_char_boundary(*at))
                        .unwrap_or(0);
                    let message = format!("{word}: this is not JSON: {error}");
                    self.fault(path, number, line, at..line.len().min(at + 1), message);
                    if word == "failJSON" {
                        lines.next();
                    }
                    continue;
                }
            };
            match (word, value) {
                ("fileOptions", Value::Object(options)) => self.common = options,
                ("filterOptions", options) => {
                    if let Some(ignored) = self.filter_options(options, (path, number, line, json))
                    {
                        ignore_block = ignored;
                    }
                }
                ("addFILE", Value::String(name)) => {
                    if let Err(message) = self.add_file(path, &name) {
                        self.fault(path, number, line, json, message);
                    }
                }
                ("failJSON", Value::Object(fields)) => {
                    let Some((text, at)) = lines.next() else {
                        let message = "failJSON: expected a log line below it".to_string();
                        self.fault(path, number, line, 0..line.len(), message);
                        return;
                    };
                    if !ignore_block {
                        self.step(index, text, at, Some((number, line)), fields);
                    }
                }
                (word, _) => {
                    let what = match word {
                        "addFILE" => "a file name in quotes",
                        _ => "an object { … }",
                    };
                    let message = format!("{word}: expected {what}");
                    self.fault(path, number, line, json, message);
                }
            }
        }
    }

    /// Adds the file `name`, given in the file `by`, to those to be read: once, and only from
    /// the directory of the samples, or below. Upstream follows any path, and reads a file
    /// that adds itself for ever.
    fn add_file(&mut self, by: &Path, name: &str) -> Result<(), String> {
        let added = by.parent().unwrap_or(Path::new(".")).join(name);
        let real = added
            .canonicalize()
            .map_err(|error| format!("addFILE: {}: {error}", added.display()))?;
        if !self
            .root
            .as_ref()
            .is_some_and(|root| real.starts_with(root))
        {
            return Err(format!(
                "addFILE: expected a file in the directory of the samples or below, found {}",
                added.display()
            ));
        }
        if self.known.insert(real) {
            self.script.files.push(added);
        }
        Ok(())
    }

    /// Sets the option sets for the lines to come; whether the block is to be skipped.
    fn filter_options(
        &mut self,
        options: Value,
        (path, number, line, json): (&Path, u32, &str, Range<usize>),
    ) -> Option<bool> {
        let sets = match options {
            Value::Array(sets) => sets,
            one => vec![one],
        };
        let mut tests = Vec::new();
        let mut ignore_block = false;
        for set in sets {
            let Value::Object(set) = set else {
                let message = "filterOptions: expected { … } or a list of them".to_string();
                self.fault(path, number, line, json, message);
                return None;
            };
            let mut merged = self.common.clone();
            merged.extend(set);
            let opts: HashMap<String, String> = merged
                .iter()
                .map(|(k, v)| (k.clone(), text_of(v)))
                .collect();
            if let Some(condition) = opts.get("test.condition").filter(|c| !c.is_empty()) {
                match self.holds(condition, &opts, path) {
                    Ok(holds) => ignore_block = !holds,
                    Err(error) => {
                        let span = part_of(line, condition, error.at);
                        let message = format!("test.condition: {error}");
                        self.fault(path, number, line, span, message);
                        ignore_block = true;
                    }
                }
            }
            if ignore_block {
                continue;
            }
            let own = merged.iter().filter(|(name, _)| !name.starts_with("test."));
            let options: Options = own
                .map(|(name, value)| (name.clone(), text_of(value)))
                .collect();
            let named = opts.get("test.filter-name").filter(|name| !name.is_empty());
            let key = named.cloned().unwrap_or_else(|| load::label("", &options));
            let variant = self.variant(key, options);
            tests.push(Test { variant, opts });
        }
        self.tests = Some(tests);
        Some(ignore_block)
    }

    fn variant(&mut self, key: String, options: Options) -> usize {
        let variants = &mut self.script.variants;
        variants
            .iter()
            .position(|known| known.key == key)
            .unwrap_or_else(|| {
                variants.push(VariantKey { key, options });
                variants.len() - 1
            })
    }

    fn holds(
        &self,
        condition: &str,
        opts: &HashMap<String, String>,
        path: &Path,
    ) -> Result<bool, expression::ExpressionError> {
        let filename = path.file_name().unwrap_or_default().to_string_lossy();
        let names = Names {
            name: self.name,
            filename: &filename,
            opts,
        };
        expression::truth(condition, &names)
    }

    fn step(
        &mut self,
        file: usize,
        text: &str,
        number: u32,
        annotation: Option<(u32, &str)>,
        fields: Map<String, Value>,
    ) {
        if self.tests.as_ref().is_none_or(Vec::is_empty) {
            // no option set was asked for yet: the filter as it is, file options left aside
            let variant = self.variant(String::new(), Options::new());
            let opts = HashMap::new();
            self.tests = Some(vec![Test { variant, opts }]);
        }
        let path = self.script.files[file].clone();
        let constraint = fields
            .get("constraint")
            .map(text_of)
            .filter(|c| !c.is_empty());
        let mut runs = Vec::new();
        let mut prefixed: Option<String> = None;
        for test in self.tests.clone().unwrap_or_default() {
            if let Some(constraint) = &constraint {
                match self.holds(constraint, &test.opts, &path) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => {
                        let (at, line) = annotation.unwrap_or((number, text));
                        let span = part_of(line, constraint, error.at);
                        self.fault(&path, at, line, span, format!("constraint: {error}"));
                        return;
                    }
                }
            }
            let journal = test
                .opts
                .get("logtype")
                .is_some_and(|logtype| logtype == "journal");
            if journal && let Some(prefix) = test.opts.get("test.prefix-line") {
                prefixed = Some(format!("{prefix}{}", prefixed.as_deref().unwrap_or(text)));
            }
            runs.push(Run {
                variant: test.variant,
                journal,
                text: prefixed.clone(),
            });
        }
        let mut expected = Expected {
            matched: fields.get("match").is_some_and(is_true),
            time: fields.get("time").filter(|t| !t.is_null()).map(text_of),
            desc: fields.get("desc").map(text_of),
            todo: fields.get("todo").and_then(todo),
            fields: Vec::new(),
        };
        for (name, value) in fields {
            if !["time", "match", "desc", "constraint", "todo"].contains(&name.as_str()) {
                expected.fields.push((name, value));
            }
        }
        self.script.steps.push(Step {
            file,
            number,
            annotation: annotation.map(|(number, _)| number),
            text: text.to_string(),
            expected,
            runs,
        });
    }
}
