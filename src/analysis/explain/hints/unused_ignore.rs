//! An ignoreregex that never applies for a trifle: the blank that the date leaves, the case of letters,
//! quotes around it, an end that the line has not, a slash twice, a network written as `ignoreip` has
//! it. With that mended it takes back some of the failures, and not all.

use super::address::parsed;
use super::change::{RegexChange, RegexOption};
use super::words::is_told_by_words;
use super::{Change, Hint, Proposal, Search, count};
use crate::config::Sourced;
use std::net::{IpAddr, Ipv4Addr};

/// The hint for an ignoreregex that took back nothing, where none did.
pub(super) fn find(search: &mut Search, source: &Sourced) -> Option<Hint> {
    let mut lines = search.now.lines.iter();
    if lines.any(|line| !line.ignored_by.is_empty()) {
        return None;
    }
    if let Some(hint) = network(search, source) {
        return Some(hint);
    }
    for (changed, why) in mended(&source.text) {
        let change = RegexChange::new(RegexOption::Ignoreregex, source, Some(changed.clone()));
        let change = Change::Regex(change);
        let Some(trial) = search.attempt_all(std::slice::from_ref(&change)) else {
            continue;
        };
        let taken = search.now.gained(&trial);
        if taken.is_empty() || trial.counting() == 0 {
            continue;
        }
        return Some(search.propose(Proposal {
            code: "ignoreregex-unused",
            message: format!(
                "the ignoreregex `{}` never applies: {why}; {} left out with `{changed}`",
                source.text,
                count(taken.len(), "line is", "lines are")
            ),
            change: Some(changed),
            changes: vec![change],
            trial,
            lines: taken,
        }));
    }
    None
}

/// The regex without what may keep it from applying, and what that is.
fn mended(source: &str) -> Vec<(String, &'static str)> {
    let mut all = Vec::new();
    let caret = (source.strip_prefix('^')).filter(|rest| !rest.starts_with(r"\s"));
    if let Some(rest) = caret {
        let why = "the date leaves a blank in front, where `^` wants the text";
        all.push((format!(r"^\s*{rest}"), why));
    }
    if source.contains(char::is_alphabetic) && !source.starts_with("(?") {
        let why = "the log writes its words in another case";
        all.push((format!("(?i){source}"), why));
    }
    let around = |quote| source.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inside) = ['"', '\'', '`'].into_iter().find_map(around) {
        let why = "the quotes around it are searched for in the line, too";
        all.push((inside.to_string(), why));
    }
    let ended = (source.strip_suffix('$')).filter(|open| !open.ends_with('\\'));
    if let Some(open) = ended.filter(|open| is_told_by_words(open)) {
        let why = "`$` stands for the end of the line, which goes on";
        let goes_on = open.ends_with(char::is_alphanumeric);
        all.push((format!("{open}{}", if goes_on { r"\b" } else { "" }), why));
    }
    let single = source.replace("/(/", "(/").replace("/(?:/", "(?:/");
    if single != source {
        all.push((single, "it asks for two slashes, one behind the other"));
    }
    all
}

/// `192.0.2.0/24`: the text is searched for in the line, where networks are not read.
fn network(search: &mut Search, source: &Sourced) -> Option<Hint> {
    let written = source.text.replace(r"\.", ".").replace(r"\/", "/");
    let written = written.trim_start_matches('^').trim_end_matches('$');
    let (address, bits) = written.split_once('/')?;
    let (address, bits) = (address.parse::<Ipv4Addr>().ok()?, bits.parse::<u32>().ok()?);
    let mask = u32::MAX.checked_shl(32_u32.checked_sub(bits)?).unwrap_or(0);
    let is_inside = |id: &str| match parsed(id) {
        Some(IpAddr::V4(ip)) => u32::from(ip) & mask == u32::from(address) & mask,
        _ => false,
    };
    let lines = &search.now.lines;
    let is_meant = |at: &usize| {
        lines[*at].counts && (lines[*at].ids.first()).is_some_and(|(id, _)| is_inside(id))
    };
    let meant: Vec<usize> = (0..lines.len()).filter(is_meant).collect();
    let &first = meant.first()?;
    let told = format!(
        "an ignoreregex is searched for as text, and reads no network: {} of {written}, which \
         belongs into `ignoreip` of the jail",
        count(meant.len(), "failure is", "failures are")
    );
    let hint = |lines: u64, example| Hint {
        code: "network-in-ignoreregex".into(),
        message: told.clone(),
        change: Some(format!("ignoreip = {written}")),
        apply: None,
        lines,
        example,
    };
    // where the address begins the line, nobody else can write it there
    let octets: Vec<String> = address.octets().iter().map(u8::to_string).collect();
    let kept = usize::try_from(bits / 8)
        .ok()
        .filter(|_| bits > 0 && bits % 8 == 0);
    let regex = kept.map(|kept| {
        let parts = (0..4).map(|at| {
            if at < kept {
                octets[at].as_str()
            } else {
                r"\d+"
            }
        });
        format!(r"^{}\s", parts.collect::<Vec<_>>().join(r"\."))
    });
    let change = regex.clone().map(|regex| {
        let change = RegexChange::new(RegexOption::Ignoreregex, source, Some(regex));
        Change::Regex(change)
    });
    let trial = change.and_then(|change| {
        let trial = search.attempt_all(std::slice::from_ref(&change))?;
        (search.now.gained(&trial) == meant && trial.counting() > 0).then_some((change, trial))
    });
    let Some(((change, trial), regex)) = trial.zip(regex) else {
        return Some(hint(meant.len() as u64, search.example(first)));
    };
    Some(search.propose(Proposal {
        code: "network-in-ignoreregex",
        message: format!("{told} (or `{regex}` here)"),
        change: Some(regex),
        changes: vec![change],
        trial,
        lines: meant,
    }))
}

#[cfg(test)]
mod tests {
    use super::mended;

    #[test]
    fn what_keeps_it_from_applying_goes() {
        let all = mended(r"^GET /health HTTP 200$");
        let texts: Vec<&str> = all.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                r"^\s*GET /health HTTP 200$",
                "(?i)^GET /health HTTP 200$",
                r"^GET /health HTTP 200\b"
            ]
        );
        assert_eq!(
            mended("'a b'").last().map(|(text, _)| text.as_str()),
            Some("a b")
        );
    }
}
