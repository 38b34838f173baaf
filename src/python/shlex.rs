//! `shlex.split`.

/// `shlex.split`; the error is what its ValueError says.
pub(crate) fn shlex_split(text: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '\\' => {
                let next = chars.next().ok_or("No escaped character")?;
                word.get_or_insert_default().push(next);
            }
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or("No closing quotation")? {
                        end if end == c => break,
                        '\\' if c == '"' => {
                            let next = chars.next().ok_or("No escaped character")?;
                            if next != '\\' && next != '"' {
                                word.push('\\');
                            }
                            word.push(next);
                        }
                        other => word.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expectations are what CPython 3.11 answers.
    #[test]
    fn shlex_splits_as_python() {
        let split = |text| shlex_split(text).map(|words| words.join("|"));
        assert_eq!(
            split(r#"a 'b c'd "e\"f\g" \h ''"#),
            Ok(r#"a|b cd|e"f\g|h|"#.to_owned())
        );
        assert_eq!(split("a 'b"), Err("No closing quotation"));
        assert_eq!(split("a \\"), Err("No escaped character"));
        assert_eq!(split("a#b #c"), Ok("a#b|#c".to_owned()));
    }
}
