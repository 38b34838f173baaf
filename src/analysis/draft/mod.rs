//! A filter proposed for lines that should match.
//!
//! ```text
//! lines ─ existing: is there a filter?
//!       ─ dates: templates, or a datepattern ─ prefix: syslog's ─ address: whose?
//!       ─ users, tokens: who chose what ─ clusters ─ pattern: a failregex for each
//!       ─ attacks: nobody else's address ─ verify: by a run and by `check` ─ text: the files
//! ```
//!
//! Nothing is proposed that fails [`verify`]; else it is said which lines stand against it.

mod address;
mod attacks;
mod classes;
mod clusters;
mod dates;
mod existing;
mod material;
mod pattern;
mod prefix;
mod quoted;
mod success;
mod text;
mod tokens;
mod users;
mod verify;

use crate::date::Clock;
use material::Material;
use pattern::{Cluster, Open, Width};
use std::collections::BTreeMap;
use std::path::Path;

/// Failregexes of a draft, at most.
const REGEXES: usize = 60;
/// Failregexes that differ only behind the address, from which on they become one.
const TAILS: usize = 4;

/// A line given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Its number among those given, from 1.
    pub(crate) number: u64,
    pub(crate) text: String,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// Lines that must match.
    pub(crate) lines: &'a [Given],
    /// Lines that must not.
    pub(crate) good: &'a [Given],
    /// Which address of a line is the client's, from 1; None: by its place.
    pub(crate) address: Option<usize>,
    /// The filter's name; None: the daemon's.
    pub(crate) name: Option<&'a str>,
    /// The logs, for the jail.
    pub(crate) logs: &'a [String],
    /// The configuration directory.
    pub(crate) config: &'a Path,
    /// Also where a filter of the configuration matches the lines.
    pub(crate) anew: bool,
    pub(crate) clock: &'a Clock,
}

/// A failregex that was made.
#[derive(Clone, Debug)]
pub(crate) struct DraftRegex {
    /// As it stands in the file.
    pub(crate) text: String,
    /// Where in it the text behind the address begins.
    behind: usize,
    /// The clusters of lines it was made of.
    clusters: Vec<usize>,
    /// How many lines, and the first of them.
    pub(crate) lines: u64,
    pub(crate) example: String,
}

/// A filter that passed.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) regexes: Vec<DraftRegex>,
    /// The filter's file, its samples, its jail.
    pub(crate) conf: String,
    pub(crate) samples: String,
    pub(crate) jail: String,
    /// What was done.
    pub(crate) did: Vec<String>,
    /// What was not sure.
    pub(crate) unsure: Vec<String>,
}

/// Something that stands against a draft.
#[derive(Clone, Debug)]
pub(crate) struct Against {
    /// The line's number; 0 where it is a line of the filter.
    pub(crate) number: u64,
    pub(crate) line: String,
    pub(crate) why: String,
}

/// What came of a request.
#[derive(Clone, Debug)]
pub(crate) enum Proposal {
    /// A filter of the configuration matches every line: `name[options]`, and its jail.
    Existing { filter: String, jail: String },
    /// A new one.
    Draft(Box<Draft>),
    /// None that passes.
    None(Vec<Against>),
}

/// What a filter has besides its failregexes.
#[derive(Clone, Debug)]
struct Filter {
    name: String,
    daemon: Option<String>,
    datepattern: Option<String>,
}

/// Proposes a filter.
///
/// # Errors
///
/// Where the configuration cannot be read, or a draft cannot be tried.
pub(crate) fn propose(request: &Request) -> Result<Proposal, String> {
    let texts: Vec<&str> = request
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    let material = match material::take_apart(request, &texts) {
        Ok(material) => material,
        Err(against) => return Ok(Proposal::None(against)),
    };
    if !request.anew
        && let Some(filter) = existing::find(request, &material.addresses)?
    {
        let name = filter.split('[').next().unwrap_or(&filter);
        let jail = text::jail(name, request.logs);
        let jail = jail.replace(
            &format!("filter  = {name}\n"),
            &format!("filter  = {filter}\n"),
        );
        return Ok(Proposal::Existing { filter, jail });
    }
    let samples = text::samples(material.lines, &material.addresses, material.good)?;
    let clusters = clusters::find(&material.words);
    let attacks = attacks::find(&material, &clusters);
    let mut against = Vec::new();
    for (width, open, tails) in [
        (Width::Class, Open::All, false),
        (Width::Class, Open::None, false),
        (Width::Seen, Open::All, false),
        (Width::Seen, Open::None, false),
        (Width::Class, Open::All, true),
        (Width::Seen, Open::None, true),
    ] {
        let made = Made {
            clusters: &clusters,
            width,
            tails,
        };
        let (regexes, attacked) = made.narrowed(&material, open, &attacks)?;
        if regexes.len() > REGEXES {
            if against.is_empty() {
                against = too_many(&regexes);
            }
            continue;
        }
        let mut found = verify::verify(&material, &regexes, &samples)?;
        found.extend(attacked);
        if found.is_empty() {
            return Ok(Proposal::Draft(Box::new(finished(
                request, material, regexes, samples,
            ))));
        }
        if against.is_empty() {
            against = found;
        }
    }
    Ok(Proposal::None(against))
}

/// Lines of too many shapes: some that are alone with theirs.
fn too_many(regexes: &[DraftRegex]) -> Vec<Against> {
    let alone = regexes.iter().filter(|regex| regex.lines == 1).take(5);
    let why = format!(
        "one of {} shapes of lines: they have too little in common",
        regexes.len()
    );
    let told = alone.map(|regex| Against {
        number: 0,
        line: regex.example.clone(),
        why: why.clone(),
    });
    told.collect()
}

/// How failregexes are made of clusters.
struct Made<'a> {
    clusters: &'a [Vec<usize>],
    width: Width,
    /// Those that differ only behind the address become one.
    tails: bool,
}

impl Made<'_> {
    /// The failregexes, each as wide as the attacks on its lines let it be, without those whose
    /// lines others match; and an attack that succeeds nevertheless.
    fn narrowed(
        &self,
        material: &Material,
        open: Open,
        attacks: &[attacks::Attack],
    ) -> Result<(Vec<DraftRegex>, Option<Against>), String> {
        let mut opens = vec![open; self.clusters.len()];
        loop {
            let regexes = self.regexes(material, &opens);
            if regexes.len() > REGEXES {
                return Ok((regexes, None));
            }
            let Some(trial) = verify::Trial::new(material, &regexes)? else {
                return Ok((regexes, None));
            };
            let attacked = trial.attacked(attacks);
            let mut narrower = false;
            for &cluster in attacked.keys() {
                if let Some(next) = opens[cluster].narrower() {
                    opens[cluster] = next;
                    narrower = true;
                }
            }
            if !narrower {
                let kept = trial.needed(material, &regexes, self.clusters);
                let against = attacked.values().next().map(|attack| attack.against());
                return Ok((self.without(material, regexes, &kept), against));
            }
        }
    }

    /// A failregex for each cluster of lines.
    fn regexes(&self, material: &Material, opens: &[Open]) -> Vec<DraftRegex> {
        let start = match material.filter.daemon {
            Some(_) => "^%(__prefix_line)s",
            None => "^",
        };
        let mut all: Vec<DraftRegex> = Vec::new();
        for (number, lines) in self.clusters.iter().enumerate() {
            let words = lines.iter().map(|&line| material.words[line].as_slice());
            let cluster = Cluster {
                lines: words.collect(),
                width: self.width,
                open: opens[number],
                json: material.json,
            };
            let (regex, behind) = cluster.regex();
            // the prefix takes the blanks before the message
            let begin = if start.len() > 1 { r"\s*".len() } else { 0 };
            let text = format!("{start}{}$", &regex[begin..]);
            let behind = start.len() + behind - begin;
            match all.iter_mut().find(|known| known.text == text) {
                Some(known) => {
                    known.lines += lines.len() as u64;
                    known.clusters.push(number);
                }
                None => all.push(DraftRegex {
                    text,
                    behind,
                    clusters: vec![number],
                    lines: lines.len() as u64,
                    example: material.lines[lines[0]].text.clone(),
                }),
            }
        }
        if self.tails { joined(all) } else { all }
    }

    /// The failregexes that are needed: `kept` has, for each, that which takes its lines.
    fn without(
        &self,
        material: &Material,
        regexes: Vec<DraftRegex>,
        kept: &[usize],
    ) -> Vec<DraftRegex> {
        let mut all: Vec<Option<DraftRegex>> = regexes.into_iter().map(Some).collect();
        for at in (0..all.len()).filter(|&at| kept[at] != at) {
            let (Some(left), Some(known)) = (all[at].take(), all[kept[at]].as_mut()) else {
                continue;
            };
            known.lines += left.lines;
            known.clusters.extend(left.clusters);
            let lines = known
                .clusters
                .iter()
                .flat_map(|&cluster| &self.clusters[cluster]);
            if let Some(&first) = lines.min() {
                known.example = material.lines[first].text.clone();
            }
        }
        all.into_iter().flatten().collect()
    }
}

/// One failregex for many that only differ behind the address.
fn joined(all: Vec<DraftRegex>) -> Vec<DraftRegex> {
    let mut heads: BTreeMap<String, usize> = BTreeMap::new();
    for regex in &all {
        *heads
            .entry(regex.text[..regex.behind].to_owned())
            .or_default() += 1;
    }
    let mut out: Vec<DraftRegex> = Vec::new();
    for regex in all {
        let head = &regex.text[..regex.behind];
        let text = match heads.get(head) {
            Some(&count) if count >= TAILS => format!(r"{head}(?:\W.*)?$"),
            _ => regex.text.clone(),
        };
        match out.iter_mut().find(|known| known.text == text) {
            Some(known) => {
                known.lines += regex.lines;
                known.clusters.extend(regex.clusters);
            }
            None => out.push(DraftRegex { text, ..regex }),
        }
    }
    out
}

/// The draft that passed.
fn finished(
    request: &Request,
    material: Material,
    regexes: Vec<DraftRegex>,
    samples: String,
) -> Draft {
    let Material {
        filter,
        mut unsure,
        dated,
        ..
    } = material;
    let mut did = Vec::new();
    did.push(match &filter.datepattern {
        Some(pattern) => format!("date: by datepattern {pattern}"),
        None if dated => "date: fail2ban's own templates find it".to_owned(),
        None => "date: none is read in all lines".to_owned(),
    });
    if let Some(daemon) = &filter.daemon {
        did.push(format!("prefix: syslog's, of the daemon {daemon}"));
    }
    let of_one = |regex: &&DraftRegex| regex.lines == 1 && !regex.text.contains("<F-USER>");
    match regexes.iter().filter(of_one).count() {
        0 => {}
        count => unsure.push(format!(
            "regexes made of one line keep its words ({count}): give lines of other clients and \
             users, too"
        )),
    }
    Draft {
        conf: text::conf(&filter, &regexes),
        jail: text::jail(&filter.name, request.logs),
        name: filter.name,
        regexes,
        samples,
        did,
        unsure,
    }
}
