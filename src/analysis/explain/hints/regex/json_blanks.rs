//! JSON of the log has a blank behind colons and commas, or before the colon, too, the regex has none,
//! or the other way round.

use super::{Case, Offer};

pub(super) fn offers(case: &Case) -> Vec<Offer> {
    let mut regex = case.source.to_string();
    for sign in ["\":", "\",", "},", "],"] {
        for blank in [" ", r"\s*", r"\s+", r"\s"] {
            regex = regex.replace(&format!("{sign}{blank}"), sign);
        }
        // of `[^",]` and the like nothing is changed
        for next in ["\"", "<", "{", r"\{", "(", "t", "f", "n"] {
            regex = regex.replace(&format!("{sign}{next}"), &format!(r"{sign}\s*{next}"));
        }
    }
    if case.text.contains("\" : ") {
        for blank in [" ", r"\s*", r"\s+", r"\s"] {
            regex = regex.replace(&format!("\"{blank}:"), "\":");
        }
        for digit in '0'..='9' {
            regex = regex.replace(&format!("\":{digit}"), &format!(r#""\s*:\s*{digit}"#));
        }
        regex = regex.replace(r#"":\s*"#, r#""\s*:\s*"#);
    }
    if regex == case.source || !case.text.trim_start().starts_with('{') {
        return Vec::new();
    }
    vec![Offer {
        code: "blank-missing",
        why: "JSON may have blanks behind colons and commas, and the regex expects others".into(),
        regex,
    }]
}
