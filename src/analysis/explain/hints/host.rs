//! Host names where addresses are wanted: `<HOST>` took a name though an address stands in
//! the line, or the log names hosts only.

use super::address::{Seen, addresses, is_whole, parsed};
use super::change::{RegexChange, RegexOption};
use super::sample_sides::Sides;
use super::sides::Side;
use super::{Change, Hint, Proposal, Search, count};
use crate::engine::address::AddressKind;

/// What stands before the address of a server that names are asked of.
const RESOLVED: [&str; 4] = ["resolved by", "resolver", "nameserver", "dns"];

/// Lines that count with a host name; some among addresses are how the daemon logs them, not
/// what is wrong.
fn named(search: &Search) -> Option<Vec<usize>> {
    let lines = &search.now.lines;
    let is_named = |at: &usize| {
        lines[*at].counts && (lines[*at].ids.iter()).any(|(_, kind)| *kind == AddressKind::Dns)
    };
    let named: Vec<usize> = (0..lines.len()).filter(is_named).collect();
    (!named.is_empty() && 2 * named.len() >= search.now.counting()).then_some(named)
}

/// `<ADDR>` finds an address in the lines where `<HOST>` took a name.
pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let named = named(search)?;
    let mut changes = Vec::new();
    for source in &search.now.regexes {
        if source.text.contains("<HOST>") {
            let text = source.text.replace("<HOST>", "<ADDR>");
            let change = RegexChange::new(RegexOption::Failregex, source, Some(text));
            changes.push(Change::Regex(change));
        }
    }
    let trial = search.attempt_all(&changes)?;
    let whole = |at: &usize| {
        let line = &trial.lines[*at];
        let text = &search.evidence.lines[*at].text;
        !line.ids.is_empty() && line.ids.iter().all(|(id, _)| is_whole(text, id))
    };
    // a piece of an address in one line tells that the others are right by chance
    let found: Vec<usize> = named.iter().copied().filter(whole).collect();
    if found.is_empty() || found.len() < named.len() || trial.lost(&search.now) > 0 {
        return None;
    }
    // `<ADDR>` takes the first address, which may be the server's
    let sides = Sides::of(search);
    let is_client = |at: &usize| {
        let clients = sides.clients(search, *at);
        let mut ids = trial.lines[*at].ids.iter();
        let is_one = clients.iter().all(|seen| seen.ip == clients[0].ip);
        is_one && ids.all(|(id, _)| clients.iter().any(|seen| parsed(id) == Some(seen.ip)))
    };
    if !found.iter().all(is_client) {
        return None;
    }
    let first = found[0];
    let (name, _) = search.now.lines[first].ids.first()?.clone();
    let (address, _) = trial.lines[first].ids.first()?.clone();
    let source = trial.regexes.get(trial.lines[first].regex?)?.text.clone();
    Some(search.propose(Proposal {
        code: "host-took-name",
        message: format!(
            "`<HOST>` caught the host name {name}; `<ADDR>` finds {address}: {} that way",
            count(
                found.len(),
                "line names an address",
                "lines name an address"
            )
        ),
        change: Some(source),
        changes,
        trial,
        lines: found,
    }))
}

/// The log names hosts only.
pub(super) fn find_names(search: &mut Search) -> Option<Hint> {
    let named = named(search)?;
    let all = named.len() == search.now.counting();
    // an address of this machine, or of who resolves names, is of no use
    let sides = Sides::of(search);
    if !all || named.iter().any(|&at| has_clients(search, &sides, at)) {
        return None;
    }
    names_only(search, &named, named[0])
}

/// Whether a line has an address that may be the client's.
fn has_clients(search: &Search, sides: &Sides, at: usize) -> bool {
    let text = &search.now.lines[at].text;
    let is_resolver = |seen: &Seen| {
        let before = text[..seen.start].trim_end();
        RESOLVED.iter().any(|words| before.ends_with(words))
    };
    let is_other =
        |seen: &Seen| sides.side(search, at, seen) == Some(Side::Server) || is_resolver(seen);
    !addresses(text).iter().all(is_other)
}

fn names_only(search: &Search, named: &[usize], first: usize) -> Option<Hint> {
    let (name, _) = search.now.lines[first].ids.first()?;
    let (advice, change) = match search.evidence.filter_name.as_deref() {
        Some("sshd") => ("set `UseDNS no` in sshd_config", Some("UseDNS no")),
        Some(name) if name.starts_with("apache") => (
            "set `HostnameLookups Off` in Apache's configuration",
            Some("HostnameLookups Off"),
        ),
        _ => ("let the daemon log addresses (for sshd: UseDNS no)", None),
    };
    Some(Hint {
        code: "host-names".into(),
        message: format!(
            "host names are logged, {} ({name}) and no address of a client: a ban needs one; {advice}, or let \
             names be resolved (--usedns yes)",
            count(named.len(), "line has a name", "lines have a name")
        ),
        change: change.map(str::to_string),
        apply: None,
        lines: named.len() as u64,
        example: search.example(first),
    })
}
