//! Near misses: which known word a misspelt one was meant to be.

/// Insertions, deletions, replacements and swaps of neighbours between two words.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1);
            cost = cost.min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// The word of `known` nearest to `word`, if it is at most two typos away (one in
/// a short word). The word itself is no near miss.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let limit = if length < 5 { 1 } else { 2 };
    let folded = word.to_lowercase();
    known
        .into_iter()
        .filter(|other| *other != word && other.chars().count().abs_diff(length) <= limit)
        .map(|other| (distance(&folded, &other.to_lowercase()), other))
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
