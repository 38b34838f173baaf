//! What a draft is made of: the lines taken apart.

use super::tokens::{self, Free, Message, Word};
use super::{Against, Filter, Given, Request};
use super::{address, clusters, dates, prefix, success};
use crate::analysis::explain::hints::address::{Seen, addresses};
use crate::date::Clock;
use std::collections::HashMap;
use std::ops::Range;

/// What a draft is made of and held to.
pub(super) struct Material<'a> {
    pub(super) lines: &'a [Given],
    pub(super) good: &'a [Given],
    /// By line, the client's address.
    pub(super) addresses: Vec<String>,
    pub(super) filter: Filter,
    /// The text of the configuration's common.conf, where the filter includes it.
    pub(super) common: Option<String>,
    pub(super) clock: &'a Clock,
    /// By line, its words behind date and prefix.
    pub(super) words: Vec<Vec<Word>>,
    /// By line, where they stand.
    pub(super) parts: Vec<Parts>,
    pub(super) json: bool,
    /// A date was found in every line.
    pub(super) dated: bool,
    pub(super) unsure: Vec<String>,
}

/// Where the parts of a line stand in it.
#[derive(Debug)]
pub(super) struct Parts {
    /// Where the message begins.
    pub(super) start: usize,
    /// The client's address.
    pub(super) client: Range<usize>,
    /// What an attacker may choose.
    pub(super) free: Vec<Free>,
}

/// Takes the lines apart; what stands against it where that cannot be done.
pub(super) fn take_apart<'a>(
    request: &Request<'a>,
    texts: &[&str],
) -> Result<Material<'a>, Vec<Against>> {
    let dates = dates::find(texts, request.clock);
    let mut unsure: Vec<String> = dates.unsure.iter().cloned().collect();
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
        Some(_) => prefix::find(&cut, texts),
        None => None,
    };
    let begins = |line: usize| prefix.as_ref().map_or(0, |prefix| prefix.ends[line]);
    let messages = cut
        .iter()
        .enumerate()
        .map(|(line, text)| &text[begins(line)..]);
    let messages: Vec<&str> = messages.collect();
    let chosen = address::choose(&messages, request.address);
    let without = without_address(request, &chosen);
    if !without.is_empty() {
        return Err(without);
    }
    unsure.extend(chosen.said(request.lines));
    unsure.extend(success::said(request.lines, &messages));
    let places: Vec<Seen> = chosen.places.into_iter().flatten().collect();
    let clients = messages.iter().zip(&places);
    let clients = clients.map(|(text, seen)| text[seen.start..seen.end].to_owned());
    let clients: Vec<String> = clients.collect();
    let moved = |line: usize| Moved {
        begin: begins(line),
        cut: dates.cuts[line].as_ref(),
    };
    let (mut words, mut parts) = taken(&messages, &places, &[], moved);
    let names = clusters::names(&words, &clusters::find(&words));
    if !names.is_empty() {
        (words, parts) = taken(&messages, &places, &names, moved);
    }
    let name = request.name.map(str::to_owned);
    let daemon_name = prefix.as_ref().map(|prefix| prefix.name.clone());
    Ok(Material {
        words,
        parts,
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
        dated: dates.cuts.iter().all(Option::is_some),
        addresses: clients,
        unsure,
    })
}

/// The words of messages, and where their parts stand; `names` are users' names by line.
fn taken<'a>(
    messages: &[&str],
    places: &[Seen],
    names: &[(usize, Range<usize>)],
    moved: impl Fn(usize) -> Moved<'a>,
) -> (Vec<Vec<Word>>, Vec<Parts>) {
    let with_places = || messages.iter().zip(places);
    let bracketed = !with_places()
        .any(|(text, seen)| tokens::has_brackets(text, seen) && !tokens::in_brackets(text, seen));
    let mut names_of: HashMap<usize, Vec<Range<usize>>> = HashMap::new();
    for (line, place) in names {
        names_of.entry(*line).or_default().push(place.clone());
    }
    let taken = with_places().enumerate().map(|(line, (text, client))| {
        let known = names_of.remove(&line).unwrap_or_default();
        let message = Message::new(text, *client, &addresses(text), bracketed, &known);
        let moved = moved(line);
        let start = moved.place(client.start);
        let free = message
            .free()
            .into_iter()
            .filter_map(|free| moved.free(free));
        let parts = Parts {
            start: moved.place(0),
            client: start..start + client.end - client.start,
            free: free.collect(),
        };
        (message.words(), parts)
    });
    taken.unzip()
}

/// The first lines in which there is no address.
fn without_address(request: &Request, chosen: &address::Chosen) -> Vec<Against> {
    let lines = request.lines.iter().zip(&chosen.places);
    let without = lines.filter(|(_, place)| place.is_none()).take(5);
    let told = without.map(|(line, _)| Against {
        number: line.number,
        line: line.text.clone(),
        why: match request.address {
            Some(nth) => format!("it has no address number {nth}"),
            None => "no address stands in it".to_owned(),
        },
    });
    told.collect()
}

/// From places in a message to those in its line.
struct Moved<'a> {
    /// Where the message begins in the line without its date.
    begin: usize,
    /// Where the date stood.
    cut: Option<&'a Range<usize>>,
}

impl Moved<'_> {
    fn place(&self, at: usize) -> usize {
        let at = at + self.begin;
        match self.cut {
            Some(cut) if at >= cut.start => at + cut.len(),
            _ => at,
        }
    }

    /// A part, unless the date stood in it.
    fn free(&self, free: Free) -> Option<Free> {
        let (from, to) = (free.place.start + self.begin, free.place.end + self.begin);
        let dated = self.cut.is_some_and(|cut| (from..=to).contains(&cut.start));
        let start = self.place(free.place.start);
        let place = start..start + free.place.len();
        (!dated).then_some(Free { place, ..free })
    }
}
