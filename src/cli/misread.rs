//! Why a filter file that was read sets nothing: a section or an option whose name fail2ban
//! does not know. Not for the warnings of filters that run: those are `config`'s.

use crate::config::FilterSource;
use std::path::Path;

/// Options a filter is read for.
const OPTIONS: [&str; 3] = ["failregex", "prefregex", "ignoreregex"];

/// What is wrong with the files of a filter without any setting; None where nothing is seen.
pub(super) fn why(source: &FilterSource) -> Option<String> {
    source.files.iter().find_map(|file| {
        let text = std::fs::read_to_string(file).ok()?;
        section(file, &text).or_else(|| option(file, &text))
    })
}

/// `[definition]`.
fn section(file: &Path, text: &str) -> Option<String> {
    let named = |line: &str| -> Option<String> {
        Some(
            line.trim_end()
                .strip_prefix('[')?
                .strip_suffix(']')?
                .to_string(),
        )
    };
    if text
        .lines()
        .any(|line| named(line).is_some_and(|name| name == "Definition"))
    {
        return None;
    }
    let mut lines = text.lines().enumerate();
    let (number, name) = lines.find_map(|(number, line)| {
        let name = named(line)?;
        let near = strsim::damerau_levenshtein(&name.to_lowercase(), "definition") <= 3;
        near.then_some((number + 1, name))
    })?;
    let file = file.display();
    Some(format!(
        "{file}:{number}: the section is `[{name}]`; fail2ban reads a filter from `[Definition]` \
         only, so the file sets nothing"
    ))
}

/// `failregx`.
fn option(file: &Path, text: &str) -> Option<String> {
    let mut lines = text.lines().enumerate();
    let (number, name, right) = lines.find_map(|(number, line)| {
        let (name, _) = line.split_once(['=', ':'])?;
        let name = name.trim_end();
        let right = OPTIONS.iter().find(|right| {
            let distance = strsim::damerau_levenshtein(&name.to_lowercase(), right);
            name != **right && distance <= 2
        })?;
        Some((number + 1, name, *right))
    })?;
    let file = file.display();
    Some(format!(
        "{file}:{number}: nothing reads the option `{name}`; is it `{right}`? The file sets no \
         failregex"
    ))
}

/// A file that `before` or `after` of `[INCLUDES]` name and that is not there: fail2ban goes on
/// without, and then lacks what it would set.
pub(super) fn missing_include(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let lines = text.lines().enumerate();
    let inside = lines
        .skip_while(|(_, line)| line.trim_end() != "[INCLUDES]")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('['));
    inside.into_iter().find_map(|(number, line)| {
        let (name, value) = line.split_once(['=', ':'])?;
        let named = matches!(name.trim(), "before" | "after");
        let included = file.parent()?.join(value.trim());
        let is_there = value.trim().is_empty() || included.exists() || value.contains('%');
        (named && !is_there).then(|| {
            let (file, included) = (file.display(), included.display());
            format!(
                "{file}:{}: cannot include {included}: no such file",
                number + 1
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_nearly_right_are_told_with_their_line() {
        let file = Path::new("x.conf");
        let said = section(file, "# x\n[definition]\nfailregex = a").expect("it is near");
        assert!(
            said.starts_with("x.conf:2: the section is `[definition]`"),
            "{said}"
        );
        let said = option(file, "[Definition]\nfailregx = a").expect("it is near");
        assert!(said.contains("`failregx`; is it `failregex`?"), "{said}");
        assert_eq!(option(file, "[Definition]\nfailregex = a"), None);
    }

    #[test]
    fn a_file_that_cannot_be_included_is_named() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("x.conf");
        let write = |name| std::fs::write(&file, format!("[INCLUDES]\nbefore = {name}\n"));
        write("commn.conf").expect("it is written");
        let said = missing_include(&file).expect("it is not there");
        assert!(
            said.contains(":2: cannot include") && said.ends_with("no such file"),
            "{said}"
        );
        write("x.conf").expect("it is written");
        assert_eq!(missing_include(&file), None);
    }
}
