//! The words by which people name codes.

use super::codes::Code;
use super::lint::all_codes;
use super::selection::ALL;
use crate::config::nearest;

/// The code or beginning of codes that a word names: `l009`, `options` and `L009` are the same.
///
/// # Errors
///
/// Where it names none: what is wrong, with the code that was perhaps meant.
pub(crate) fn word(text: &str) -> Result<String, String> {
    let upper = text.to_ascii_uppercase();
    let all = all_codes();
    if upper == ALL || (!text.is_empty() && all.iter().any(|code| code.code.starts_with(&upper))) {
        return Ok(upper);
    }
    if let Some(named) = all.iter().find(|code| code.name == text) {
        return Ok(named.code.to_owned());
    }
    Err(format!("`{text}` is no code{}", meant(&upper, text, &all)))
}

fn meant(upper: &str, text: &str, all: &[Code]) -> String {
    let code = nearest(upper, all.iter().map(|code| code.code));
    let name = || nearest(text, all.iter().map(|code| code.name));
    let near = code.map(str::to_owned).or_else(|| {
        let name = name()?;
        let named = all.iter().find(|code| code.name == name)?;
        Some(format!("{name} ({})", named.code))
    });
    match near {
        Some(near) => format!("; did you mean {near}?"),
        None => ": `f2b-regex check --explain all` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_codes_or_beginnings_of_them() {
        assert_eq!(word("l00"), Ok("L00".to_owned()));
        assert_eq!(word("unanchored"), Ok("L001".to_owned()));
        assert_eq!(word("all"), Ok("ALL".to_owned()));
        let wrong = |text| word(text).expect_err("no code");
        assert!(wrong("L099").ends_with("did you mean L009?"));
        assert!(wrong("unancored").ends_with("did you mean unanchored (L001)?"));
        assert!(wrong("").starts_with("`` is no code"));
    }
}
