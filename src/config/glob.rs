//! Python's `glob.glob`, with which fail2ban finds the logs of a jail. The crate `glob` reads
//! `**`, an open `[` and names with a leading dot in another way, and sorts what it finds.

use std::path::{Component, Path, PathBuf};

use super::paths;

/// The paths that fit `pattern`, in the order in which their directories list them. They are
/// looked for below `root`, which the paths do not name; an empty `root` is this machine's `/`.
/// Names that are not UTF-8 are left out.
pub(crate) fn glob(root: &Path, pattern: &str) -> Vec<String> {
    matching(root, pattern, false)
}

/// Where `path` is on this machine, if `root` stands for `/`. Absolute links are
/// followed below `root`: in a copy of a machine, `/var/log/x` is the copy's.
pub(crate) fn below(root: &Path, path: &str) -> PathBuf {
    if root.as_os_str().is_empty() {
        return PathBuf::from(path);
    }
    root.join(followed(root, Path::new(path)))
}

/// As [`below`], but a link at its end is not followed.
pub(crate) fn entry_below(root: &Path, path: &str) -> PathBuf {
    let trimmed = Path::new(path);
    match (trimmed.parent(), trimmed.file_name()) {
        (Some(parent), Some(name)) if !root.as_os_str().is_empty() => {
            root.join(followed(root, parent)).join(name)
        }
        _ => below(root, path),
    }
}

/// The path below `root` to which `path` leads, as it would if `root` were `/`.
fn followed(root: &Path, path: &Path) -> PathBuf {
    /// Links followed, as many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut links = 0;
    let mut found = PathBuf::new();
    let mut open: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(next) = open.pop() {
        let mut parts = next.components();
        let Some(part) = parts.next() else {
            continue;
        };
        open.push(parts.as_path().to_owned());
        match part {
            Component::RootDir | Component::Prefix(_) => found.clear(),
            Component::CurDir => {}
            Component::ParentDir => {
                found.pop();
            }
            Component::Normal(name) => {
                let target = std::fs::read_link(root.join(&found).join(name));
                match target.ok().filter(|_| links < MOST_LINKS) {
                    Some(target) => {
                        links += 1;
                        open.push(target);
                    }
                    None => found.push(name),
                }
            }
        }
    }
    found
}

/// `_iglob`; of a pattern in the middle of a path only the directories count.
fn matching(root: &Path, pattern: &str, directories: bool) -> Vec<String> {
    let (directory, name) = (paths::dirname(pattern), paths::basename(pattern));
    if !has_magic(pattern) {
        let there = if name.is_empty() {
            !directory.is_empty() && below(root, directory).is_dir()
        } else {
            entry_below(root, pattern).symlink_metadata().is_ok()
        };
        return there.then(|| pattern.to_owned()).into_iter().collect();
    }
    if directory.is_empty() {
        return entries(root, directory, name, directories);
    }
    let parents = if has_magic(directory) && directory != pattern {
        matching(root, directory, true)
    } else {
        vec![directory.to_owned()]
    };
    let mut found = Vec::new();
    for parent in parents {
        let names = if has_magic(name) {
            entries(root, &parent, name, directories)
        } else {
            let path = entry_below(root, &paths::join(&parent, name));
            let there = path.symlink_metadata().is_ok() && (!name.is_empty() || path.is_dir());
            there.then(|| name.to_owned()).into_iter().collect()
        };
        found.extend(names.iter().map(|name| paths::join(&parent, name)));
    }
    found
}

fn has_magic(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// The names in a directory that fit a pattern; hidden ones only where the pattern is hidden.
fn entries(root: &Path, directory: &str, pattern: &str, directories: bool) -> Vec<String> {
    let mut place = below(root, directory);
    if place.as_os_str().is_empty() {
        place.push(".");
    }
    let Ok(listed) = std::fs::read_dir(place) else {
        return Vec::new();
    };
    let tokens = tokens(pattern);
    let fits = |name: &String| {
        let hidden = name.starts_with('.') && !pattern.starts_with('.');
        let name: Vec<char> = name.chars().collect();
        !hidden && fits(&tokens, &name)
    };
    let listed = listed.flatten();
    // a symbolic link to a directory counts as one
    let listed = listed.filter(|entry| !directories || entry.path().is_dir());
    let names = listed.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(fits).collect()
}

/// A part of a pattern (`fnmatch.translate`).
#[derive(Debug, PartialEq)]
enum Token {
    /// `*`
    Anything,
    /// `?`
    AnyChar,
    Char(char),
    /// `[a-z]` or `[!a-z]`: first and last character of every range.
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

fn tokens(pattern: &str) -> Vec<Token> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        at += 1;
        match c {
            '*' if tokens.last() == Some(&Token::Anything) => {}
            '*' => tokens.push(Token::Anything),
            '?' => tokens.push(Token::AnyChar),
            '[' => match set_end(&chars, at) {
                Some(end) => {
                    tokens.push(set(&chars[at..end]));
                    at = end + 1;
                }
                // a bracket that is not closed stands for itself
                None => tokens.push(Token::Char('[')),
            },
            other => tokens.push(Token::Char(other)),
        }
    }
    tokens
}

/// Where the set that begins at `at` has its `]`; one that comes first is a member.
fn set_end(chars: &[char], at: usize) -> Option<usize> {
    let mut from = at;
    if chars.get(from) == Some(&'!') {
        from += 1;
    }
    if chars.get(from) == Some(&']') {
        from += 1;
    }
    let behind = chars.get(from..)?;
    behind.iter().position(|&c| c == ']').map(|end| from + end)
}

fn set(inner: &[char]) -> Token {
    let (negated, inner) = match inner.strip_prefix(&['!']) {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let mut ranges = Vec::new();
    let mut at = 0;
    while let Some(&low) = inner.get(at) {
        match inner.get(at + 1..at + 3) {
            Some(&['-', high]) => {
                // a range that runs backwards holds nothing
                if low <= high {
                    ranges.push((low, high));
                }
                at += 3;
            }
            _ => {
                ranges.push((low, low));
                at += 1;
            }
        }
    }
    Token::Set { negated, ranges }
}

/// Whether the whole name fits; only the last `*` met is ever tried again.
fn fits(tokens: &[Token], name: &[char]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while token < tokens.len() || at < name.len() {
        match (tokens.get(token), name.get(at)) {
            (Some(Token::Anything), _) => {
                again = Some((token, at));
                token += 1;
                continue;
            }
            (Some(wanted), Some(&c)) if takes(wanted, c) => {
                token += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        match again {
            Some((star, from)) if from < name.len() => {
                again = Some((star, from + 1));
                token = star + 1;
                at = from + 1;
            }
            _ => return false,
        }
    }
    true
}

fn takes(token: &Token, c: char) -> bool {
    match token {
        Token::Anything | Token::AnyChar => true,
        Token::Char(wanted) => *wanted == c,
        Token::Set { negated, ranges } => {
            ranges.iter().any(|&(low, high)| low <= c && c <= high) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations are what fnmatch and glob of CPython 3.13 answer.
    #[test]
    fn fits_as_fnmatch() {
        let fits = |pattern: &str, name: &str| {
            let name: Vec<char> = name.chars().collect();
            fits(&tokens(pattern), &name)
        };
        for (pattern, name) in [
            ("*", ""),
            ("a*b*c", "abbcbc"),
            ("[!a]x", "bx"),
            ("[]a]", "]"),
            ("[a-c-e]", "-"),
            ("[--a]", "/"),
            ("[a", "[a"),
            ("[!]", "[!]"),
            ("[^a]", "^"),
            ("**.log", "x.log"),
            ("[c-a!]", "!"),
        ] {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("a*b", "abc"),
            ("[!a]", "a"),
            ("[c-a]", "b"),
            ("?", ""),
            ("[a-c-e]", "d"),
            ("A", "a"),
        ] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn finds_as_glob() {
        let root = tempfile::tempdir().expect("a directory");
        for directory in ["log/a", "log/b", "log/.h"] {
            std::fs::create_dir_all(root.path().join(directory)).expect("a directory");
        }
        for file in [
            "log/x.log",
            "log/.y.log",
            "log/a/1.log",
            "log/b/1.log",
            "log/.h/1.log",
        ] {
            std::fs::write(root.path().join(file), "").expect("a file");
        }
        let found = |pattern: &str| {
            let mut found = glob(root.path(), pattern);
            found.sort();
            found.join(" ")
        };
        assert_eq!(found("/log/*.log"), "/log/x.log");
        assert_eq!(found("/log/.*.log"), "/log/.y.log");
        assert_eq!(found("/log/*/1.log"), "/log/a/1.log /log/b/1.log");
        assert_eq!(found("/log/**/1.log"), "/log/a/1.log /log/b/1.log");
        assert_eq!(found("/log//*.log"), "/log/x.log");
        assert_eq!(found("/log/*/"), "/log/a/ /log/b/");
        assert_eq!(found("/log/x.log/"), "");
        assert_eq!(found("/log/a/"), "/log/a/");
        assert_eq!(found("/l?g/[ab]/none"), "");
        assert_eq!(found(""), "");
    }
}
