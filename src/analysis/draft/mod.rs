//! A filter proposed for lines that should match.
//!
//! ```text
//! lines ─ existing: is there a filter?
//!       ─ dates: templates, or a datepattern ─ prefix: syslog's ─ address: whose?
//!       ─ Drain (`fit::shapes`): clusters ─ tokens, pattern: a failregex for each
//!       ─ verify: by a run and by `check` ─ text: the files
//! ```
//!
//! Nothing is proposed that fails [`verify`]; else it is said which lines stand against it.

mod address;
mod classes;
mod dates;
mod existing;
mod pattern;
mod prefix;
mod text;
mod tokens;
mod verify;

use crate::analysis::fit::shapes::Shapes;
use crate::date::Clock;
use pattern::{Cluster, Width};
use std::collections::BTreeMap;
use std::path::Path;
use tokens::{Token, Word};

/// Failregexes of a draft, at most.
const REGEXES: usize = 60;
/// Failregexes that differ only behind the address, from which on they become one.
const TAILS: usize = 4;
/// Shapes of lines that are told apart.
const SHAPES: usize = 2000;

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
    /// Lines it was made of, and the first of them.
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

/// What a draft is made of and held to.
struct Material<'a> {
    lines: &'a [Given],
    good: &'a [Given],
    /// By line, the client's address.
    addresses: Vec<String>,
    filter: Filter,
    /// The text of the configuration's common.conf, where the filter includes it.
    common: Option<String>,
    clock: &'a Clock,
    /// By line, its words behind date and prefix.
    words: Vec<Vec<Word>>,
    json: bool,
    unsure: Vec<String>,
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
    let material = match material(request, &texts) {
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
    let mut against = Vec::new();
    for (width, tails) in [
        (Width::Class, false),
        (Width::Seen, false),
        (Width::Class, true),
        (Width::Seen, true),
    ] {
        let regexes = regexes(&material, width, tails);
        if regexes.len() > REGEXES {
            if against.is_empty() {
                against = too_many(&regexes);
            }
            continue;
        }
        let found = verify::verify(&material, &regexes, &samples)?;
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

/// Takes the lines apart; what stands against it where that cannot be done.
fn material<'a>(request: &Request<'a>, texts: &[&str]) -> Result<Material<'a>, Vec<Against>> {
    let dates = dates::find(texts, request.clock);
    let mut unsure: Vec<String> = dates.unsure.into_iter().collect();
    let cut: Vec<String> = texts
        .iter()
        .zip(&dates.cuts)
        .map(|(text, cut)| match cut {
            Some(cut) => format!("{}{}", &text[..cut.start], &text[cut.end..]),
            None => (*text).to_owned(),
        })
        .collect();
    let cut: Vec<&str> = cut.iter().map(String::as_str).collect();
    let common = std::fs::read_to_string(request.config.join("filter.d/common.conf"));
    let common = common.ok().filter(|text| text.contains("__prefix_line"));
    let prefix = match &common {
        Some(_) => prefix::find(&cut),
        None => None,
    };
    let messages: Vec<&str> = match &prefix {
        Some(prefix) => cut
            .iter()
            .zip(&prefix.ends)
            .map(|(text, end)| &text[*end..])
            .collect(),
        None => cut,
    };
    let chosen = address::choose(&messages, request.address);
    let without: Vec<Against> = (request.lines.iter().zip(&chosen.places))
        .filter(|(_, place)| place.is_none())
        .take(5)
        .map(|(line, _)| Against {
            number: line.number,
            line: line.text.clone(),
            why: match request.address {
                Some(nth) => format!("it has no address number {nth}"),
                None => "no address stands in it".to_owned(),
            },
        })
        .collect();
    if !without.is_empty() {
        return Err(without);
    }
    if let Some((line, addresses)) = &chosen.unsure {
        unsure.push(format!(
            "line {} has the addresses {}: nothing says which is the client's; --address N \
             takes the Nth",
            request.lines[*line].number,
            addresses.join(", ")
        ));
    }
    let places: Vec<_> = chosen.places.into_iter().flatten().collect();
    let addresses = messages.iter().zip(&places);
    let addresses = addresses.map(|(text, seen)| text[seen.start..seen.end].to_owned());
    let addresses = addresses.collect();
    let taken = messages.iter().zip(&places).map(|(text, client)| {
        let all = crate::analysis::explain::hints::address::addresses(text);
        tokens::words(text, *client, &all)
    });
    let name = request.name.map(str::to_owned);
    let daemon_name = prefix.as_ref().map(|prefix| prefix.name.clone());
    Ok(Material {
        words: taken.collect(),
        json: messages
            .iter()
            .all(|text| text.trim_start().starts_with('{')),
        filter: Filter {
            name: name.or(daemon_name).unwrap_or_else(|| "draft".to_owned()),
            daemon: prefix.as_ref().map(|prefix| prefix.daemon.clone()),
            datepattern: dates.datepattern,
        },
        common: common.filter(|_| prefix.is_some()),
        lines: request.lines,
        good: request.good,
        clock: request.clock,
        addresses,
        unsure,
    })
}

/// A failregex for each cluster of lines; `tails`: those that differ only behind the address
/// become one.
fn regexes(material: &Material, width: Width, tails: bool) -> Vec<DraftRegex> {
    let mut shapes = Shapes::new(SHAPES);
    let mut clusters: BTreeMap<(usize, String), Vec<usize>> = BTreeMap::new();
    for (number, words) in material.words.iter().enumerate() {
        let texts: Vec<String> = words.iter().map(shown).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let shape = shapes.add_words(number as u64, "", &texts);
        let key = (shape.unwrap_or(SHAPES + number), skeleton(words));
        clusters.entry(key).or_default().push(number);
    }
    let start = match material.filter.daemon {
        Some(_) => "^%(__prefix_line)s",
        None => "^",
    };
    let mut all: Vec<DraftRegex> = Vec::new();
    for lines in clusters.into_values() {
        let cluster = Cluster {
            lines: lines
                .iter()
                .map(|&line| material.words[line].as_slice())
                .collect(),
            width,
            json: material.json,
        };
        let (regex, behind) = cluster.regex();
        // the prefix takes the blanks before the message
        let begin = if start.len() > 1 { r"\s*".len() } else { 0 };
        let text = format!("{start}{}$", &regex[begin..]);
        let behind = start.len() + behind - begin;
        match all.iter_mut().find(|known| known.text == text) {
            Some(known) => known.lines += lines.len() as u64,
            None => all.push(DraftRegex {
                text,
                behind,
                lines: lines.len() as u64,
                example: material.lines[lines[0]].text.clone(),
            }),
        }
    }
    if tails { joined(all) } else { all }
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
            Some(known) => known.lines += regex.lines,
            None => out.push(DraftRegex { text, ..regex }),
        }
    }
    out
}

/// A word as the clusters see it: numbers and addresses are none of its text.
fn shown(word: &Word) -> String {
    word.tokens.iter().map(Token::text).collect()
}

/// Where the client's address stands: in which word, and between which signs.
fn skeleton(words: &[Word]) -> String {
    let is_client = |word: &Word| word.tokens.contains(&Token::Client);
    let Some(at) = words.iter().position(is_client) else {
        return String::new();
    };
    let mut out = at.to_string();
    for token in &words[at].tokens {
        match token {
            Token::Word(_) => out.push('w'),
            Token::Sign(c) => {
                out.push('\\');
                out.push(*c);
            }
            Token::Quoted(_) => out.push('q'),
            Token::Client => out.push('C'),
            Token::Address(_) => out.push('a'),
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
    let Material { filter, unsure, .. } = material;
    let mut did = Vec::new();
    did.push(match &filter.datepattern {
        Some(pattern) => format!("date: by datepattern {pattern}"),
        None => "date: fail2ban's own templates find it".to_owned(),
    });
    if let Some(daemon) = &filter.daemon {
        did.push(format!("prefix: syslog's, of the daemon {daemon}"));
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
