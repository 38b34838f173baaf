//! The name of an option stands in the regex where its value should: `(_fishing)` for
//! `%(_fishing)s`.

use super::tree::{replaced, unnamed};
use super::{Case, Offer};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut all = Vec::new();
    for node in case
        .tree
        .nodes()
        .into_iter()
        .filter(|node| unnamed(node).is_some())
    {
        let written = case.tree.text(node.span);
        let name = written.trim_start_matches('(').trim_end_matches(')');
        let Some((_, value)) = case.options.iter().rev().find(|(known, _)| known == name) else {
            continue;
        };
        // a value with references of its own is not known here
        if value.contains("%(") || value.is_empty() {
            continue;
        }
        all.push(Offer {
            code: "option-name",
            why: format!(
                "`{written}` is the name of an option of the filter; its value stands where \
                 `%({name})s` is written"
            ),
            regex: replaced(case.source, node.span, &value.replace("%%", "%")),
        });
    }
    all
}
