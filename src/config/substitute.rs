//! `<tag>`s in option values, replaced until nothing changes: upstream's
//! `substituteRecursiveTags`. Not for `%(…)s` (`interpolate.rs`).

use foldhash::{HashMap, HashMapExt, HashSet};

use indexmap::IndexMap;

use super::error::Fault;
use super::value::{Options, Value};

/// Upstream's MAX_TAG_REPLACE_COUNT: how often one value may bring in one tag.
const MAX_REPLACED: u32 = 25;

/// Replaces tags in all `options` by the values of others, or by what `lookup`
/// finds for them; unknown ones stay. Options in `ignore` are neither changed
/// nor put in.
pub(crate) fn substitute(
    options: &Options,
    ignore: &HashSet<String>,
    mut lookup: impl FnMut(&str) -> Result<Option<Value>, Fault>,
) -> Result<Options, Fault> {
    let mut options = options.clone();
    let mut done = vec![false; options.len()];
    let mut counts: HashMap<usize, IndexMap<String, u32>> = HashMap::new();
    loop {
        let mut again = false;
        for index in 0..options.len() {
            let Some((name, value)) = options.get_index(index) else {
                continue;
            };
            if done[index] || ignore.contains(name) {
                continue;
            }
            let name = name.clone();
            let mut text = value.to_text();
            // The counts start anew unless the value changed and still holds tags.
            let mut replaced = counts.get(&index).cloned().unwrap_or_default();
            let mut changed = false;
            let mut at = 0;
            while let Some((start, end)) = find_tag(text.as_str(), at) {
                let tag = &text.as_str()[start + 1..end - 1];
                if ignore.contains(tag) {
                    at = end;
                    continue;
                }
                if tag == name || replaced.get(tag).copied().unwrap_or(1) > MAX_REPLACED {
                    return Err(Fault::SelfReference {
                        origin: text.origin().cloned(),
                        found: tag.into(),
                        tag: name.into(),
                        counts: replaced.into_iter().collect(),
                        value: text.as_str().into(),
                    });
                }
                let found = match options.get(tag) {
                    Some(value) if !value.is_none() => Some(value.clone()),
                    _ => lookup(tag)?.filter(|value| !value.is_none()),
                };
                let Some(found) = found else {
                    at = end;
                    continue;
                };
                let tag = tag.to_owned();
                let by = found.to_text();
                text = text
                    .replace(&format!("<{tag}>"), &by)
                    .ok_or_else(|| Fault::TooLarge {
                        option: name.clone().into(),
                        section: "Definition".into(),
                    })?;
                changed = true;
                *replaced.entry(tag).or_insert(0) += 1;
                at = start;
            }
            done[index] = !text.as_str().contains('<');
            // upstream compares the texts: a tag replaced by itself is no change
            changed = changed && options[index].to_text().as_str() != text.as_str();
            if changed {
                if find_tag(text.as_str(), 0).is_some() {
                    counts.insert(index, replaced);
                    again = true;
                }
                options[index] = Value::Text(text);
            }
        }
        if !again {
            return Ok(options);
        }
    }
}

/// Start and end of the next `<tag>` at or behind `from`: no blank, `<` or `>` in it.
pub(crate) fn find_tag(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut open = None;
    for at in memchr::memchr3_iter(b'<', b'>', b' ', bytes.get(from..)?) {
        let at = from + at;
        match (bytes[at], open) {
            (b'<', _) => open = Some(at),
            (b'>', Some(start)) if at > start + 1 => return Some((start, at + 1)),
            _ => open = None,
        }
    }
    None
}
