//! Near misses: which known word a misspelt one was meant to be.

use std::path::Path;

/// The word of `known` nearest to `word`, if it is at most two typos away (one in
/// a short word); neighbours that changed places are one. The word itself is no near miss.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = if length < 5 { 1 } else { 2 };
    let folded = word.to_lowercase();
    known
        .into_iter()
        .filter(|other| *other != word && other.chars().count().abs_diff(length) <= limit)
        .map(|other| (strsim::osa_distance(&folded, &other.to_lowercase()), other))
        .filter(|(typos, _)| *typos <= limit)
        .min()
        .map(|(_, other)| other)
}

/// The name of the configuration file in a directory that is nearest to one that is not there,
/// without its suffix.
pub(crate) fn nearest_file(directory: &Path, name: &str) -> Option<String> {
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let names = entries.filter_map(|entry| {
        let path = entry.path();
        let kind = path.extension().and_then(|kind| kind.to_str())?;
        let stem = path.file_stem()?.to_str()?;
        ["conf", "local"].contains(&kind).then(|| stem.to_owned())
    });
    let scored = names.map(|known| (likeness(&known, name), known));
    let near = scored.filter(|(score, _)| *score > 0.85);
    let near = near.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1)));
    near.map(|(_, name)| name)
}

/// How like two names are, from 0 to 1. Two filters of one program (`nginx-noagent`,
/// `nginx-botsearch`) are as like as what tells them apart.
fn likeness(known: &str, name: &str) -> f64 {
    let whole = strsim::jaro_winkler(known, name);
    let same = known.chars().zip(name.chars()).take_while(|(a, b)| a == b);
    let same: usize = same.map(|(c, _)| c.len_utf8()).sum();
    let begin = known[..same].rfind('-').map_or(0, |dash| dash + 1);
    match (&known[begin..], &name[begin..]) {
        (known, name) if begin > 0 && !known.is_empty() && !name.is_empty() => {
            whole.min(strsim::jaro_winkler(known, name))
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::{likeness, nearest};

    #[test]
    fn filters_of_one_program_are_not_alike_for_that() {
        assert!(likeness("nginx-botsearch", "nginx-noagent") < 0.85);
        assert!(likeness("apache-common", "apache-wootwoot") < 0.85);
        for (known, typed) in [
            ("nginx-http-auth", "nginx-http-atuh"),
            ("apache-noscript", "apache-noscipt"),
            ("sshd", "ssh"),
            ("iptables-multiport", "iptables-multi"),
        ] {
            assert!(likeness(known, typed) > 0.85, "{typed}");
        }
    }

    #[test]
    fn finds_what_was_meant() {
        let known = ["failregex", "ignoreregex", "mode"];
        assert_eq!(nearest("ignoreregx", known), Some("ignoreregex"));
        assert_eq!(nearest("failrgeex", known), Some("failregex"));
        assert_eq!(nearest("Mode", known), Some("mode"));
        assert_eq!(nearest("mood", known), None);
        assert_eq!(nearest("failregex", known), None);
    }
}
