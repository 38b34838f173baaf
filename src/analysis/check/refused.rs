//! What to do about a regex that is refused, by what Python's `re` says of it.

/// What CPython's message begins with, and what to do then. Its messages are in `pattern`.
const HELP: &[(&str, &str)] = &[
    (
        "global flags not at the start",
        "put (?i) at the very beginning, before ^, or write (?i:…) around the part it is for; \
         before Python 3.11 it could stand anywhere",
    ),
    (
        "unbalanced parenthesis",
        "nothing opens this ), or a [ before it is never closed: write \\) or \\[ where the line \
         has one",
    ),
    (
        "missing ), unterminated subpattern",
        "nothing closes this (: write \\( where the line has one",
    ),
    (
        "unterminated character set",
        "nothing closes this [: write \\[ where the line has one",
    ),
    (
        "nothing to repeat",
        "there is nothing before it to repeat: any text is .*, and the character itself has a \
         backslash before it",
    ),
    (
        "multiple repeat",
        "a repeat of a repeat: the character itself has a backslash before it",
    ),
    (
        "redefinition of group name",
        "a tag can stand once: write what matches the other place without it (\\S+)",
    ),
    (
        "bad character range",
        "put the - first or last between the brackets, or write \\-",
    ),
    (
        "look-behind requires fixed-width",
        "Python looks behind by a fixed number of characters only",
    ),
    (
        "unknown extension",
        "Python has no such group: a named one is (?P<name>…)",
    ),
];

/// What to do about a regex that Python refuses with this message; may be empty.
pub(super) fn help(message: &str) -> &'static str {
    let known = HELP.iter().find(|(begin, _)| message.starts_with(begin));
    known.map_or("", |(_, help)| help)
}

/// What to do about a failregex that names nobody.
pub(super) fn help_of_nameless(regex: &str) -> &'static str {
    if regex.contains("(?P<host>") {
        return "(?P<host>…) counted before fail2ban 0.10: write <HOST> in its place";
    }
    if regex.contains("&lt;") {
        return "a page wrote < as &lt;, and > as &gt;: write <HOST>";
    }
    if regex.to_ascii_uppercase().contains("<HOST>") {
        return "tags are in capital letters: write <HOST>";
    }
    "put <HOST>, <ADDR>, <F-ID>…</F-ID> or <F-MLFID>…</F-MLFID> where the line names the source"
}
