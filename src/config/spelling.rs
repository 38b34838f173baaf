//! Near misses: which known word a misspelt one was meant to be.

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

#[cfg(test)]
mod tests {
    use super::nearest;

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
