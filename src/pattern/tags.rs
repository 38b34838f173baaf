//! fail2ban's tags in regexes: `<HOST>`, `<F-USER>…</F-USER>`, `<SKIPLINES>` and the rest.
//!
//! Rewrites a failregex as its author wrote it into the Python regex that is compiled
//! (upstream's `Regex._resolveHostTag` and the flag rewrite in `Regex.__init__`). Not for
//! the `<tag>`s of configuration files, which `config` has substituted before.

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
    localize_flags(&resolve_tags(regex, host))
}

/// The regex with every tag of fail2ban's replaced by its expression.
///
/// A tag nobody knows stays as it is, as upstream leaves it.
pub(crate) fn resolve_tags(regex: &str, host: HostTag) -> String {
    let mut out = String::with_capacity(regex.len() + 128);
    let mut opened: HashSet<&str> = HashSet::new();
    let mut skiplines = 0;
    let mut rest = regex;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(length) = tag_length(rest) else {
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        let tag = &rest[..length];
        rest = &rest[length..];
        match replacement(&tag[1..length - 1], host, &mut skiplines, &mut opened) {
            Some(text) => out.push_str(&text),
            None => out.push_str(tag),
        }
    }
    out.push_str(rest);
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
fn localize_flags(regex: &str) -> String {
    let mut out = String::with_capacity(regex.len());
    let mut rest = regex;
    let mut before = None;
    while let Some(c) = rest.chars().next() {
        if c == '('
            && before != Some('\\')
            && let Some((flags, length)) = wrapped_flags(rest)
        {
            out.push_str(flags);
            out.push(':');
            rest = &rest[length..];
            before = Some(')');
            continue;
        }
        out.push(c);
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
