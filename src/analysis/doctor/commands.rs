//! What an action runs, as the server makes it of its options.

use crate::config::{ActionConfig, ActionDetail};

/// An option of an action, its tags replaced.
pub(super) fn option_of(action: &ActionConfig, name: &str) -> Option<String> {
    match &action.detail {
        ActionDetail::Commands { options, .. } => {
            let value = options.get(name).filter(|value| !value.is_none())?;
            Some(value.to_text().as_str().to_owned())
        }
        ActionDetail::Python { .. } => None,
    }
}

/// What the action runs at its start and for a ban.
pub(super) fn commands_of(action: &ActionConfig) -> String {
    let texts = ["actionstart", "actioncheck", "actionban"];
    let texts = texts.iter().filter_map(|name| option_of(action, name));
    let mut text = texts.collect::<Vec<_>>().join("\n");
    // what the server leaves for the moment of the ban: `<iptables>`, and `<lockingopt>` in it
    for _ in 0..2 {
        for name in tags(&text) {
            if let Some(value) = option_of(action, &name) {
                text = text.replace(&format!("<{name}>"), &value);
            }
        }
    }
    text
}

/// The names of the tags in a text.
fn tags(text: &str) -> Vec<String> {
    let parts = text.split('<').skip(1);
    let names = parts.filter_map(|part| Some(part.split_once('>')?.0.to_owned()));
    let is_name = |name: &String| {
        name.chars()
            .all(|c| c.is_alphanumeric() || "_-".contains(c))
    };
    names.filter(is_name).collect()
}
