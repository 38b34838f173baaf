//! Host names where addresses are wanted: `<HOST>` took a name though an address stands in
//! the line, or the log names hosts only.

use super::{Change, Hint, Search, count};
use crate::engine::address::AddressKind;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let lines = &search.now.lines;
    let named = |at: &usize| {
        lines[*at]
            .ids
            .iter()
            .any(|(_, kind)| *kind == AddressKind::Dns)
    };
    let named: Vec<usize> = (0..lines.len()).filter(named).collect();
    let &first = named.first()?;
    // some names among addresses are how the daemon logs them, not what is wrong
    if 2 * named.len() < search.now.counting() {
        return None;
    }
    let all = named.len() == search.now.counting();
    addresses_instead(search, &named).or_else(|| names_only(search, &named, first).filter(|_| all))
}

/// `<ADDR>` finds an address in the lines where `<HOST>` took a name.
fn addresses_instead(search: &mut Search, named: &[usize]) -> Option<Hint> {
    let trial = search.attempt(Change::AddrForHost)?;
    let address = |at: &usize| {
        let ids = &trial.lines[*at].ids;
        ids.iter()
            .find(|(_, kind)| matches!(kind, AddressKind::Ip4 | AddressKind::Ip6))
    };
    let found: Vec<usize> = named
        .iter()
        .copied()
        .filter(|at| address(at).is_some())
        .collect();
    let &first = found.first()?;
    if 2 * found.len() < named.len() {
        return None;
    }
    let (name, _) = search.now.lines[first].ids.first()?.clone();
    let (address, _) = address(&first)?.clone();
    let source = trial.regexes.get(trial.lines[first].regex?)?.text.clone();
    let hint = Hint {
        code: "host-took-name".into(),
        message: format!(
            "`<HOST>` caught the host name {name}; `<ADDR>` finds {address}: {} that way",
            count(
                found.len(),
                "line names an address",
                "lines name an address"
            )
        ),
        change: Some(source),
        lines: found.len() as u64,
        example: search.example(first),
    };
    search.keep(Change::AddrForHost, trial);
    Some(hint)
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
            "host names are logged, {} ({name}) and no address: a ban needs one; {advice}, or let \
             names be resolved (--usedns yes)",
            count(named.len(), "line has a name", "lines have a name")
        ),
        change: change.map(str::to_string),
        lines: named.len() as u64,
        example: search.example(first),
    })
}
