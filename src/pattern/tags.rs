//! fail2ban's tags in regexes: `<HOST>`, `<F-USER>…</F-USER>`, `<SKIPLINES>` and the rest.
//!
//! Rewrites a failregex as its author wrote it into the Python regex that is compiled
//! (upstream's `Regex._resolveHostTag` and the flag rewrite in `Regex.__init__`). Not for
//! the `<tag>`s of configuration files, which `config` has substituted before.

use super::ast::Span;
use std::collections::HashSet;

/// How `<HOST>` is read: the part of `usedns` that shapes a regex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum HostTag {
    /// Addresses and host names.
    #[default]
    Any,
    /// Addresses only (`usedns = no`): `<HOST>` means `<ADDR>`.
    AddressOnly,
}

const IP4: &str = r"(?:::f{4,6}:)?(?P<ip4>(?:\d{1,3}\.){3}\d{1,3})";
const IP6: &str = r"(?P<ip6>(?:[0-9a-fA-F]{1,4}::?|:){1,7}(?:[0-9a-fA-F]{1,4}|(?<=:):))";
const DNS: &str = r"(?P<dns>[\w\-.^_]*\w)";
const CIDR: &str = r"(?P<cidr>\d+)";
const FAILURE_ID: &str = r"(?P<fid>\S+)";
const PORT: &str = r"(?P<fport>\w+)";

/// The group name a `<F-…>` tag stands for: lower case, `ID` and `PORT` renamed
/// (upstream's `mapTag2Opt`).
pub(crate) fn group_name(tag: &str) -> String {
    match tag.to_lowercase().as_str() {
        "id" => "fid".into(),
        "port" => "fport".into(),
        other => other.into(),
    }
}

/// The regex as it is compiled: tags replaced, then `((?i)…)` made local.
pub(crate) fn resolve(regex: &str, host: HostTag) -> String {
    Resolved::of(regex, host).text
}

/// The regex with every tag of fail2ban's replaced by its expression.
///
/// A tag nobody knows stays as it is, as upstream leaves it.
pub(crate) fn resolve_tags(regex: &str, host: HostTag) -> String {
    tags_replaced(regex, host).text
}

/// A regex as it is compiled, that knows where each piece of it comes from.
pub(crate) struct Resolved {
    /// The regex.
    pub(crate) text: String,
    tags: Rewritten,
    flags: Rewritten,
}

impl Resolved {
    /// Tags replaced, then `((?i)…)` made local.
    pub(crate) fn of(regex: &str, host: HostTag) -> Resolved {
        let tags = tags_replaced(regex, host);
        let mut flags = localize_flags(&tags.text);
        Resolved {
            text: std::mem::take(&mut flags.text),
            tags,
            flags,
        }
    }

    /// Where in the regex as written the piece stands that became `span`: bytes. A piece of what
    /// a tag stands for is the whole tag.
    pub(crate) fn written(&self, span: Span) -> Span {
        Span {
            start: self.tags.begin(self.flags.begin(span.start)),
            end: self.tags.end(self.flags.end(span.end)),
        }
    }
}

/// A text made of another, part by part.
#[derive(Default)]
struct Rewritten {
    text: String,
    parts: Vec<Part>,
    /// Bytes of the other text, and of this one.
    length: usize,
    made: usize,
}

/// Where a part begins, and where what it was made of does.
#[derive(Clone, Copy)]
struct Part {
    at: usize,
    from: usize,
    /// It was copied.
    same: bool,
}

impl Rewritten {
    /// Appends what `taken` bytes of the other text become.
    fn push(&mut self, text: &str, taken: usize, same: bool) {
        let goes_on = same && self.parts.last().is_some_and(|part| part.same);
        if taken > 0 && !goes_on {
            self.parts.push(Part {
                at: self.text.len(),
                from: self.length,
                same,
            });
        }
        self.text.push_str(text);
        self.length += taken;
        self.made += text.len();
    }

    fn copy(&mut self, text: &str) {
        self.push(text, text.len(), true);
    }

    /// Where a piece that begins `at` begins in the other text.
    fn begin(&self, at: usize) -> usize {
        let next = self.parts.partition_point(|part| part.at <= at);
        match next.checked_sub(1).map(|part| self.parts[part]) {
            Some(part) if part.same => (part.from + at - part.at).min(self.length),
            Some(_) if at >= self.made => self.length,
            Some(part) => part.from,
            None => 0,
        }
    }

    /// Where a piece that ends `at` ends in the other text.
    fn end(&self, at: usize) -> usize {
        let next = self.parts.partition_point(|part| part.at < at);
        match next.checked_sub(1).map(|part| self.parts[part]) {
            Some(part) if part.same => (part.from + at - part.at).min(self.length),
            Some(_) => self.parts.get(next).map_or(self.length, |part| part.from),
            None => 0,
        }
    }
}

fn tags_replaced(regex: &str, host: HostTag) -> Rewritten {
    let mut out = Rewritten::default();
    out.text.reserve(regex.len() + 128);
    let mut opened: HashSet<&str> = HashSet::new();
    let mut skiplines = 0;
    let mut rest = regex;
    while let Some(at) = rest.find('<') {
        out.copy(&rest[..at]);
        rest = &rest[at..];
        let Some(length) = tag_length(rest) else {
            out.copy("<");
            rest = &rest[1..];
            continue;
        };
        let tag = &rest[..length];
        rest = &rest[length..];
        match replacement(&tag[1..length - 1], host, &mut skiplines, &mut opened) {
            Some(text) => out.push(&text, length, false),
            None => out.copy(tag),
        }
    }
    out.copy(rest);
    out
}

/// What `<name>` becomes; None to keep it.
fn replacement<'t>(
    name: &'t str,
    host: HostTag,
    skiplines: &mut usize,
    opened: &mut HashSet<&'t str>,
) -> Option<String> {
    let address = || format!(r"\[?(?:{IP4}|{IP6})\]?");
    Some(match name {
        "HOST" if host == HostTag::Any => format!("(?:{}|{DNS})", address()),
        "HOST" | "ADDR" | "F-ADDR/" => address(),
        "IP4" | "F-IP4/" => IP4.into(),
        "IP6" | "F-IP6/" => IP6.into(),
        "DNS" | "F-DNS/" => DNS.into(),
        "CIDR" | "F-CIDR/" => CIDR.into(),
        "SUBNET" | "F-SUBNET/" => format!(r"\[?(?:{IP4}|{IP6})(?:/{CIDR})?\]?"),
        "F-ID/" => FAILURE_ID.into(),
        "F-PORT/" => PORT.into(),
        "SKIPLINES" => {
            let number = *skiplines;
            *skiplines += 1;
            format!(r"\n(?P<skiplines{number}>(?:(?:.*\n)*?))")
        }
        _ => {
            let (closing, name) = match name.strip_prefix('/') {
                Some(name) => (true, name),
                None => (false, name),
            };
            let custom = name.strip_prefix("F-")?;
            let is_name =
                |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-".contains(&b);
            if custom.is_empty() || !custom.bytes().all(is_name) {
                return None;
            }
            if closing {
                return opened.contains(custom).then(|| ")".into());
            }
            opened.insert(custom);
            format!("(?P<{}>", group_name(custom))
        }
    })
}

/// Length of the tag that `text`, which begins with `<`, begins with: `</?[\w\-]+/?>`.
fn tag_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('<')?;
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let name_end = inner.find(|c: char| !(super::unicode::is_word(u32::from(c)) || c == '-'))?;
    if name_end == 0 {
        return None;
    }
    let after = &inner[name_end..];
    let after = after.strip_prefix('/').unwrap_or(after);
    let after = after.strip_prefix('>')?;
    Some(text.len() - after.len())
}

/// `((?i)x)` and `(?:(?i)x)` as `(?i:x)`: global flags inside a pattern are an error to
/// Python since 3.11 (upstream's `R_GLOB2LOCFLAGS`).
fn localize_flags(regex: &str) -> Rewritten {
    let mut out = Rewritten::default();
    out.text.reserve(regex.len());
    let mut rest = regex;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        if c == '('
            && before != Some('\\')
            && let Some((flags, length)) = wrapped_flags(rest)
        {
            out.push(&format!("{flags}:"), length, false);
            rest = &rest[length..];
            before = Some(')');
            continue;
        }
        out.copy(&rest[..c.len_utf8()]);
        before = Some(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Of `((?i)…` the part `(?i` and the length of `((?i)`.
fn wrapped_flags(text: &str) -> Option<(&str, usize)> {
    let inner = text
        .strip_prefix("(?:")
        .or_else(|| text.strip_prefix('('))?;
    let letters = inner.strip_prefix("(?")?;
    let end = letters.find(|c: char| !c.is_ascii_lowercase())?;
    if end == 0 || !letters[end..].starts_with(')') {
        return None;
    }
    let length = text.len() - inner.len() + 2 + end + 1;
    Some((&inner[..2 + end], length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(regex: &str) -> String {
        resolve(regex, HostTag::Any)
    }

    #[test]
    fn host_follows_usedns() {
        assert!(any("<HOST>").contains("(?P<dns>"));
        assert!(!resolve("<HOST>", HostTag::AddressOnly).contains("(?P<dns>"));
        assert_eq!(resolve("<HOST>", HostTag::AddressOnly), any("<ADDR>"));
    }

    #[test]
    fn custom_tags_open_and_close() {
        assert_eq!(any("<F-USER>a</F-USER>"), "(?P<user>a)");
        assert_eq!(any("<F-ID>a</F-ID>"), "(?P<fid>a)");
        assert_eq!(any("a</F-USER>"), "a</F-USER>");
        assert_eq!(any("<f-user>"), "<f-user>");
        assert_eq!(any("<F-PORT/>"), r"(?P<fport>\w+)");
        assert_eq!(any("<x <F-A>"), "<x (?P<a>");
    }

    #[test]
    fn a_piece_is_found_where_it_was_written() {
        let source = r"^é((?i)failed) <F-USER>\S+</F-USER> from <HOST>(?:(?s)x)$";
        let resolved = Resolved::of(source, HostTag::Any);
        assert_eq!(resolved.text, any(source));
        let written = |piece: &str| {
            let start = resolved.text.find(piece).expect("a piece of it");
            let end = start + piece.len();
            let span = resolved.written(Span { start, end });
            &source[span.start..span.end]
        };
        for same in ["^é", "ailed", " from ", r"\S+", "$"] {
            assert_eq!(written(same), same);
        }
        assert_eq!(written("(?P<ip6>"), "<HOST>");
        assert_eq!(written("?P<user>"), "<F-USER>");
        assert_eq!(written("?i:fail"), "((?i)fail");
        let end = resolved.text.len();
        let behind = resolved.written(Span { start: end, end });
        assert_eq!((behind.start, behind.end), (source.len(), source.len()));
    }

    #[test]
    fn skiplines_are_numbered() {
        assert_eq!(
            any("<SKIPLINES>a<SKIPLINES>"),
            r"\n(?P<skiplines0>(?:(?:.*\n)*?))a\n(?P<skiplines1>(?:(?:.*\n)*?))"
        );
    }

    #[test]
    fn global_flags_become_local() {
        assert_eq!(any("((?i)a)(?:(?s)b)"), "(?i:a)(?s:b)");
        assert_eq!(any(r"\((?i)a)"), r"\((?i)a)");
        assert_eq!(any("(?i)a"), "(?i)a");
        assert_eq!(any("((?i)(?s)x)"), "(?i:(?s)x)");
    }
}
