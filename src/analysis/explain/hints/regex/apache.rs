//! Apache's error log since 2.4: the module stands before the level, the process and its thread
//! behind, and the port behind the client's address.

use super::{Case, Offer};

/// How lines of 2.2 are asked for, and what takes those of 2.4, too.
const LEVEL: &str = r"\[error\]";
const NEW_LEVEL: &str = r"\[(?:\S+:)?error\](?: \[pid [^\]]+\])?";
const CLIENTS: [&str; 2] = [r"\[client <HOST>\]", r"\[client <ADDR>\]"];

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let is_new = case.text.contains(":error] [pid ");
    if !is_new || !case.source.contains(LEVEL) {
        return Vec::new();
    }
    let mut regex = case.source.replace(LEVEL, NEW_LEVEL);
    for client in CLIENTS {
        let open = &client[..client.len() - r"\]".len()];
        regex = regex.replace(client, &format!(r"{open}(?::\d+)?\]"));
    }
    vec![Offer {
        code: "apache-24",
        why: "Apache 2.4 writes the module before the level, `[pid …]` behind it, and the port of \
              the client"
            .into(),
        regex,
    }]
}
