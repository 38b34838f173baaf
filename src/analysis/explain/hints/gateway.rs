//! Every line has one and the same address of a private network: that of a proxy or of the
//! container network, not of a client.

use super::address::{addresses, is_private};
use super::{Hint, Search, count};

/// Fewer lines than this tell nothing.
const ENOUGH: usize = 4;

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    let counting: Vec<usize> = (0..search.now.lines.len())
        .filter(|&at| search.now.lines[at].counts)
        .collect();
    let &first = counting.first()?;
    let mut all = search
        .evidence
        .lines
        .iter()
        .flat_map(|line| addresses(&line.text));
    let one = all.next()?.ip;
    let others = search.evidence.lines.len() > counting.len();
    let texts = counting
        .iter()
        .map(|&at| search.now.lines[at].text.as_str());
    let different: std::collections::BTreeSet<&str> = texts.collect();
    if counting.len() < ENOUGH
        || different.len() < ENOUGH
        || !others
        || !is_private(one)
        || all.any(|seen| seen.ip != one)
    {
        return None;
    }
    Some(Hint {
        code: "proxy-address".into(),
        message: format!(
            "{one} is a private address (RFC 1918) and the only one in the log, {} of it: it is \
             that of a proxy or of the container network, and a ban of it shuts everybody out; let \
             the daemon log the client (X-Forwarded-For, real_ip)",
            count(counting.len(), "line has a failure", "lines have a failure")
        ),
        change: None,
        apply: None,
        lines: counting.len() as u64,
        example: search.example(first),
    })
}
