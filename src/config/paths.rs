//! `posixpath` on strings: fail2ban decides which file to read by how a path is
//! spelled, so these must spell as Python does. Not for opening anything.

/// Position of the last `/`'s successor: where the base name starts.
fn base_at(path: &str) -> usize {
    path.rfind('/').map_or(0, |slash| slash + 1)
}

/// `os.path.basename`.
pub(crate) fn basename(path: &str) -> &str {
    &path[base_at(path)..]
}

/// `os.path.dirname`.
pub(crate) fn dirname(path: &str) -> &str {
    let head = &path[..base_at(path)];
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }
}

/// `os.path.join`.
pub(crate) fn join(base: &str, name: &str) -> String {
    if name.starts_with('/') || base.is_empty() {
        name.to_owned()
    } else if base.ends_with('/') {
        format!("{base}{name}")
    } else {
        format!("{base}/{name}")
    }
}

/// `os.path.splitext(path)[0]`.
pub(crate) fn stem(path: &str) -> &str {
    let base = base_at(path);
    let leading_dots = path[base..].bytes().take_while(|&b| b == b'.').count();
    match path[base + leading_dots..].rfind('.') {
        Some(dot) => &path[..base + leading_dots + dot],
        None => path,
    }
}

/// `os.path.abspath`.
pub(crate) fn abspath(path: &str) -> String {
    if path.starts_with('/') {
        return normpath(path);
    }
    let here = std::env::current_dir().unwrap_or_default();
    normpath(&join(&here.to_string_lossy(), path))
}

/// `os.path.normpath`.
fn normpath(path: &str) -> String {
    // POSIX gives exactly two leading slashes a meaning of their own
    let root = match path.bytes().take_while(|&b| b == b'/').count() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if !parts.is_empty() && parts.last() != Some(&"..") => {
                parts.pop();
            }
            ".." if !root.is_empty() => {}
            part => parts.push(part),
        }
    }
    let path = format!("{root}{}", parts.join("/"));
    if path.is_empty() {
        ".".to_owned()
    } else {
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations are what posixpath of CPython 3.11 answers.
    #[test]
    fn spells_as_posixpath() {
        assert_eq!((dirname("a//b"), basename("a//b")), ("a", "b"));
        assert_eq!(
            (dirname("//b"), dirname("b"), dirname("/b")),
            ("//", "", "/")
        );
        assert_eq!(
            (join("a", "b"), join("a/", "b")),
            ("a/b".into(), "a/b".into())
        );
        assert_eq!(
            (join("", "b"), join("a", "/b"), join("a", "")),
            ("b".into(), "/b".into(), "a/".into())
        );
        assert_eq!(
            (stem("a/b.c.d"), stem("a.b/c"), stem("a/.b"), stem("..b.c")),
            ("a/b.c", "a.b/c", "a/.b", "..b")
        );
        assert_eq!(normpath("/a/./b/../../../c//d/"), "/c/d");
        assert_eq!(
            (normpath("//a"), normpath("///a")),
            ("//a".into(), "/a".into())
        );
        assert_eq!(normpath("../../a/.."), "../..");
    }
}
