//! Makes date templates of date patterns, and holds the default ones. Upstream
//! keeps every template it made in one cache (`DD_patternCache`) and shares them,
//! so that a default template's weight reaches a user's equal pattern: the cache
//! is kept here, for the making of one detector.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::boundary::{self, Begin, Bounded};
use super::fields::FieldTable;
use super::template::{DateTemplate, Kind};
use super::{DateError, Exception, python};

/// Upstream's default templates (`DateDetectorCache.DEFAULT_TEMPLATES`), in order.
const DEFAULTS: [&str; 17] = [
    // 2005-01-23T21:59:59.981746 and its kin, with / or . too
    r"%ExY(?P<_sep>[-/.])%m(?P=_sep)%d(?:T|  ?)%H:%M:%S(?:[.,]%f)?(?:\s*%z)?",
    // Sun Jan 23 21:59:59.011 2005
    r"(?:%a )?%b %d %k:%M:%S(?:\.%f)?(?: %ExY)?",
    // Sun Jan 23 2005 21:59:59.011
    r"(?:%a )?%b %d %ExY %k:%M:%S(?:\.%f)?",
    // 23/01/2005 21:59:59, 23-01-05 21:59:59
    r"%d(?P<_sep>[-/])%m(?P=_sep)(?:%ExY|%Exy) %k:%M:%S",
    // Apache: 31/Oct/2006:09:22:55 -0000; named: 26-Jul-2007 15:20:52.252
    r"%d(?P<_sep>[-/])%b(?P=_sep)%ExY[ :]?%H:%M:%S(?:\.%f)?(?: %z)?",
    // cPanel: 05/20/2008:01:57:39
    r"%m/%d/%ExY:%H:%M:%S",
    // 01-27-2012 16:22:44.252
    r"%m-%d-%ExY %k:%M:%S(?:\.%f)?",
    r"EPOCH",
    // 21:59:59
    r"{^LN-BEG}%H:%M:%S",
    // <09/16/08@05:03:30>
    r"^<%m/%d/%Exy@%H:%M:%S>",
    // MySQL: 130322 11:46:11
    r"%Exy%Exm%Exd  ?%H:%M:%S",
    // Tomcat: Apr 27, 2013 02:33:06 PM
    r"%b %d, %ExY %I:%M:%S %p",
    // ASSP: Apr-27-13 02:33:06
    r"^%b-%d-%Exy %k:%M:%S",
    // 20050123T215959, 20050123-21:59:59
    r"%ExY%Exm%Exd(?:-|T|  ?)%ExH:?%ExM:?%ExS(?:[.,]%f)?(?:\s*%z)?",
    // monit: PDT Apr 16 21:05:29
    r"(?:%Z )?(?:%a )?%b %d %k:%M:%S(?:\.%f)?(?: %ExY)?",
    // +00:00 Jan 23 21:59:59.011 2005
    r"(?:%z )?(?:%a )?%b %d %k:%M:%S(?:\.%f)?(?: %ExY)?",
    r"TAI64N",
];

const LINE_BEGIN: &str = "{^LN-BEG}";

/// The weight of a default template's line-anchored twin.
const TWIN_WEIGHT: f64 = 100.0;

/// Which of the default templates to add.
#[derive(Clone, Copy)]
enum Defaults<'p> {
    /// Those tied to the begin of the line, twins included.
    LineBegin,
    /// All of them, twins included.
    All,
    /// Those without twins, put for `{DATE}` into a pattern.
    Inside(&'p str),
}

/// The templates of a detector in the making.
pub(super) struct Catalog {
    fields: FieldTable,
    /// Every template made; shared by index.
    made: Vec<DateTemplate>,
    by_key: HashMap<String, usize>,
    /// The default templates, once made: without twins, and with.
    plain: Option<Vec<usize>>,
    twinned: Option<Vec<usize>>,
    /// The detector's list.
    listed: Vec<usize>,
    names: HashSet<String>,
}

impl Catalog {
    /// Empty; `year` is the local year of now.
    pub(super) fn new(year: i32) -> Catalog {
        Catalog {
            fields: FieldTable::new(year),
            made: Vec::new(),
            by_key: HashMap::new(),
            plain: None,
            twinned: None,
            listed: Vec::new(),
            names: HashSet::new(),
        }
    }

    /// The templates listed, for a detector.
    pub(super) fn finish(self) -> Vec<Arc<DateTemplate>> {
        let mut made: Vec<_> = self.made.into_iter().map(Some).collect();
        self.listed
            .iter()
            .filter_map(|&at| made[at].take())
            .map(Arc::new)
            .collect()
    }

    /// Lists one line of a datepattern (upstream's `DateDetector.appendTemplate`).
    pub(super) fn append(&mut self, pattern: &str) -> Result<(), DateError> {
        let key = key_of(pattern);
        let template = match self.by_key.get(&key) {
            Some(&template) => template,
            None => match key.as_str() {
                LINE_BEGIN => return self.append_defaults(Defaults::LineBegin),
                // upstream's filter for this key lets nothing through: an empty
                // detector gets the defaults at its first line, no other does; but
                // they are made, and their weights given
                "{DEFAULT}" => return self.twinned_defaults().map(drop),
                _ if key.contains("{DATE}") => {
                    return self.append_defaults(Defaults::Inside(pattern));
                }
                "{NONE}" => self.template("{UNB}^", key.clone())?,
                _ => self.template(pattern, key.clone())?,
            },
        };
        self.by_key.insert(key, template);
        self.list(template, false)
    }

    /// Lists all default templates, as for an empty detector.
    pub(super) fn append_all_defaults(&mut self) -> Result<(), DateError> {
        self.append_defaults(Defaults::All)
    }

    fn list(&mut self, template: usize, ignore_duplicate: bool) -> Result<(), DateError> {
        let name = &self.made[template].name;
        if self.names.insert(name.clone()) {
            self.listed.push(template);
        } else if !ignore_duplicate {
            let message = format!("There is already a template with name {name}");
            return Err(DateError::new(Exception::Value, message));
        }
        Ok(())
    }

    /// Upstream's `addDefaultTemplate`.
    fn append_defaults(&mut self, which: Defaults) -> Result<(), DateError> {
        let ignore_duplicate = !self.listed.is_empty();
        let defaults = match which {
            Defaults::Inside(_) => self.plain_defaults()?,
            Defaults::LineBegin | Defaults::All => self.twinned_defaults()?,
        };
        for mut template in defaults {
            match which {
                Defaults::LineBegin if !self.made[template].anchors.line_begin => continue,
                Defaults::Inside(outer) => {
                    template = self.wrapped(template, |text| boundary::put_date(outer, text))?;
                }
                Defaults::LineBegin | Defaults::All => {}
            }
            self.list(template, ignore_duplicate)?;
        }
        Ok(())
    }

    fn plain_defaults(&mut self) -> Result<Vec<usize>, DateError> {
        if self.plain.is_none() {
            let known = self.made.len();
            let templates: Result<Vec<usize>, DateError> = DEFAULTS
                .iter()
                .map(|pattern| self.template(pattern, key_of(pattern)))
                .collect();
            let templates = templates?;
            self.mark_defaults(known);
            self.plain = Some(templates);
        }
        Ok(self.plain.clone().unwrap_or_default())
    }

    /// The line-anchored twins, then the default templates
    /// (`DateDetectorCache._addDefaultTemplate`).
    fn twinned_defaults(&mut self) -> Result<Vec<usize>, DateError> {
        if self.twinned.is_none() {
            let plain = self.plain_defaults()?;
            let known = self.made.len();
            let mut templates = Vec::with_capacity(plain.len() * 2);
            for &template in &plain {
                let name = self.made[template].name.clone();
                if name.starts_with(LINE_BEGIN) || name.starts_with('^') {
                    continue;
                }
                let twin = self.wrapped(template, |text| format!("{LINE_BEGIN}{text}"))?;
                if self.made[twin].name != name {
                    self.made[twin].weight = TWIN_WEIGHT;
                    templates.push(twin);
                }
            }
            self.mark_defaults(known);
            templates.extend(plain);
            self.twinned = Some(templates);
        }
        Ok(self.twinned.clone().unwrap_or_default())
    }

    /// The templates made since there were so many are defaults.
    fn mark_defaults(&mut self, known: usize) {
        for template in &mut self.made[known..] {
            template.is_default = true;
        }
    }

    /// The template with its pattern wrapped (`_getAnchoredTemplate`): upstream
    /// looks for it by its name too, as if that were a pattern.
    fn wrapped(
        &mut self,
        template: usize,
        wrap: impl Fn(&str) -> String,
    ) -> Result<usize, DateError> {
        let name = wrap(&self.made[template].name);
        if let Some(&cached) = self.by_key.get(&name) {
            return Ok(cached);
        }
        let pattern = self.made[template].pattern.as_deref().map(wrap);
        if let Some(&cached) = pattern
            .as_ref()
            .and_then(|pattern| self.by_key.get(pattern))
        {
            return Ok(cached);
        }
        let pattern = pattern.unwrap_or(name);
        self.template(&pattern, key_of(&pattern))
    }

    /// The template of a pattern, made or cached (`_getPatternTemplate`).
    fn template(&mut self, pattern: &str, key: String) -> Result<usize, DateError> {
        if let Some(&cached) = self.by_key.get(&key) {
            return Ok(cached);
        }
        let template = self.make(pattern, &key)?;
        self.made.push(template);
        self.by_key.insert(key, self.made.len() - 1);
        Ok(self.made.len() - 1)
    }

    fn make(&self, pattern: &str, key: &str) -> Result<DateTemplate, DateError> {
        if key.contains("EPOCH") && boundary::has_epoch(pattern) {
            return Ok(epoch_inside(pattern, key.contains("LEPOCH")));
        }
        let bare = key.strip_prefix(LINE_BEGIN).or(key.strip_prefix('^'));
        match bare.unwrap_or(key) {
            "EPOCH" => Ok(epoch(bare.is_some(), false)),
            "LEPOCH" => Ok(epoch(bare.is_some(), true)),
            "TAI64N" => Ok(tai64n(bare.is_some())),
            _ => self.of_fields(pattern),
        }
    }

    /// A template of `%` fields (upstream's `DatePatternRegex`).
    fn of_fields(&self, pattern: &str) -> Result<DateTemplate, DateError> {
        let (inner, begin, word_end) = boundary::take_marks(pattern);
        let (name, regex) = self.fields.expand(inner).map_err(|error| {
            let message = format!(
                "Failed to set datepattern '{inner}' (may be an invalid format or unescaped \
                 percent char): {error}"
            );
            DateError::new(Exception::Type, message)
        })?;
        let bounded = boundary::bound(&regex, begin, word_end);
        let mut template = template(name, bounded, Kind::Pattern);
        template.pattern = Some(pattern.to_owned());
        Ok(template)
    }
}

/// Patterns without a field are known by their upper-case text.
fn key_of(pattern: &str) -> String {
    if pattern.contains('%') {
        pattern.to_owned()
    } else {
        pattern.to_uppercase()
    }
}

fn template(name: String, bounded: Bounded, kind: Kind) -> DateTemplate {
    let prefix = bounded.named_line_begin && !name.starts_with(LINE_BEGIN);
    DateTemplate {
        name: if prefix {
            format!("{LINE_BEGIN}{name}")
        } else {
            name
        },
        pattern: None,
        regex: bounded.regex,
        weight: 1.0,
        anchors: bounded.anchors,
        kind,
        is_default: false,
        compiled: OnceLock::new(),
    }
}

fn epoch_regex(long: bool) -> &'static str {
    if long {
        r"\d{10,11}(?:\d{3}(?:\.\d{1,6}|\d{3})?)?"
    } else {
        r"\d{10,11}\b(?:\.\d{3,6})?"
    }
}

/// Epoch seconds, alone: anywhere, in brackets at the begin of the line (nsd), in
/// SELinux' `audit(…:123)`; or only at the begin of the line.
fn epoch(line_begin: bool, long: bool) -> DateTemplate {
    let epoch = epoch_regex(long);
    let bounded = if line_begin {
        let regex = format!(r"((?P<square>(?<=^\[))?{epoch})(?(square)(?=\]))");
        boundary::bound(&regex, Begin::Line, true)
    } else {
        let regex = format!(
            r"((?:^|(?P<square>(?<=^\[))|(?P<selinux>(?<=\baudit\())){epoch})(?:(?(selinux)(?=:\d+\)))|(?(square)(?=\])))"
        );
        boundary::bound(&regex, Begin::Free, true)
    };
    let name = if long { "LongEpoch" } else { "Epoch" };
    template(name.into(), bounded, Kind::Epoch { long, group: 1 })
}

/// Epoch seconds where a pattern says `{EPOCH}`.
fn epoch_inside(pattern: &str, long: bool) -> DateTemplate {
    let regex = boundary::put_epoch(pattern, epoch_regex(long));
    let bounded = boundary::bound(&regex, Begin::Word, true);
    template(pattern.to_owned(), bounded, Kind::Epoch { long, group: 2 })
}

fn tai64n(line_begin: bool) -> DateTemplate {
    let begin = if line_begin { Begin::Line } else { Begin::Free };
    template(
        "TAI64N".into(),
        boundary::bound("@[0-9a-f]{24}", begin, true),
        Kind::Tai64n,
    )
}

/// The lines of a datepattern, blank ones dropped (`Filter.setDatePattern`).
pub(super) fn lines(pattern: &str) -> impl Iterator<Item = &str> {
    pattern
        .split('\n')
        .map(python::strip)
        .filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody compiles them before they are used.
    #[test]
    fn defaults_compile() {
        let mut catalog = Catalog::new(2026);
        catalog.append_all_defaults().expect("are good");
        let templates = catalog.finish();
        assert!(templates.len() > 20);
        for template in templates {
            assert!(template.is_default(), "{}", template.name());
            assert!(template.compiled_regex().is_ok(), "{}", template.name());
        }
        let mut catalog = Catalog::new(2026);
        catalog.append("%Y(").expect("no field is wrong");
        catalog.append(LINE_BEGIN).expect("are good");
        let templates = catalog.finish();
        let (own, others) = templates.split_first().expect("there are some");
        assert!(!own.is_default() && own.compiled_regex().is_err());
        assert!(others.iter().all(|template| template.is_default()));
    }
}
