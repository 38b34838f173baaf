//! The log is JSON and the filter is for lines of text: no option helps.

use super::regex::Tree;
use super::{Hint, Search, words};

/// The hint's code; nothing is looked for behind it.
pub(super) const CODE: &str = "json-log";

pub(super) fn find(search: &mut Search) -> Option<Hint> {
    if search.now.counting() > 0 {
        return None;
    }
    let lines = &search.evidence.lines;
    let is_json = |text: &str| {
        text.starts_with('{') && serde_json::from_str::<serde_json::Value>(text).is_ok()
    };
    let json: Vec<usize> = (0..lines.len())
        .filter(|&at| is_json(&lines[at].text))
        .collect();
    let &first = json.first()?;
    if 10 * json.len() < 9 * lines.len() {
        return None;
    }
    // a filter for JSON quotes its keys
    let outer = search.outer_regexes();
    let for_json =
        |text: &str| text.contains(r#"":"#) || text.contains(r#""\s*:"#) || text.contains(r#"\":"#);
    if outer.iter().any(|(_, source)| for_json(&source.text)) {
        return None;
    }
    // a filter whose words stand in the lines is nearly right, and so is one for what is wrapped
    let near = |text: &str| {
        let tree = Tree::new(text);
        tree.is_some_and(|tree| json.iter().any(|&at| tree.agreement(&lines[at].text) > 6))
    };
    let is_wrapped = json
        .iter()
        .any(|&at| lines[at].text.starts_with(r#"{"log":""#));
    let failregexes = search.now.regexes.iter().map(|source| source.text.as_str());
    if is_wrapped
        || failregexes
            .chain(outer.iter().map(|(_, s)| s.text.as_str()))
            .any(near)
    {
        return None;
    }
    // an application's message may stand in JSON; the regexes of a request line are for a format
    let is_request =
        |text: &str| text.contains("GET") || text.contains("POST") || text.contains("HTTP");
    let failed = |at: &&usize| words::tells_failure(&lines[**at].text);
    let asks = outer.iter().any(|(_, source)| is_request(&source.text));
    if !asks && !json.iter().any(|at| failed(&at)) {
        return None;
    }
    Some(Hint {
        code: CODE.into(),
        message: "the log is JSON, one object a line, and the filter is for lines of text: no \
                  option helps, write a failregex for this format (`\"remote_addr\": \"<ADDR>\"` and \
                  what tells the failure) or let the daemon log the usual format"
            .into(),
        change: None,
        apply: None,
        lines: json.len() as u64,
        example: search.example(first),
    })
}
