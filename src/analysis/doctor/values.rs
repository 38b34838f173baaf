//! Values that the configuration takes and the server refuses: it then stops at that jail, and
//! no jail starts.

use super::finding::JailDiagnosis;
use super::ward::Ward;
use crate::analysis::simulate::duration;
use crate::config::{ActionDetail, JailConfig, JailParts, Origin, Setting, below};
use crate::input::Encoding;
use crate::input::journal::JournalMatch;
use std::path::Path;

/// The backends of fail2ban's server (upstream's `Jail._BACKENDS`), and `auto`.
const BACKENDS: [&str; 4] = ["auto", "pyinotify", "polling", "systemd"];

/// Options that are a length of time.
const TIMES: [&str; 4] = ["findtime", "bantime", "bantime.maxtime", "bantime.rndtime"];

/// Says what the server refuses of a jail; false: there is nothing of the kind.
pub(super) fn check(
    found: &mut JailDiagnosis,
    ward: &Ward,
    (jail, parts): (&JailConfig, &JailParts),
) -> bool {
    let wrong = wrong_option(jail, parts).or_else(|| wrong_journalmatch(parts));
    if let Some(Wrong {
        what,
        expected,
        place,
    }) = wrong
    {
        let message = format!("{what}: the server refuses that, and starts no jail at all");
        let place = place.as_ref().or(jail.header.as_ref());
        found.block("config-refused", place, message, expected);
        return true;
    }
    missing_module(found, ward, (jail, parts))
}

/// A value that is refused, and what it could be.
struct Wrong {
    what: String,
    expected: String,
    place: Option<Origin>,
}

impl Wrong {
    fn of(jail: &JailConfig, option: &str, text: &str, expected: &str) -> Wrong {
        let place = jail
            .option(option)
            .and_then(|option| option.written.clone());
        let written = text.replace('\n', "\\n");
        if let Some((before, _)) = text.split_once(" #") {
            return Wrong {
                what: format!("{option} = {written} (a comment needs a line of its own)"),
                expected: format!("[{}] {option} = {}", jail.name, before.trim()),
                place,
            };
        }
        Wrong {
            what: format!("{option} = {written}"),
            expected: format!("[{}] {option} = {expected}", jail.name),
            place,
        }
    }
}

fn wrong_option(jail: &JailConfig, parts: &JailParts) -> Option<Wrong> {
    let text = |name: &str| {
        let option = jail.options.iter().find(|option| option.name == name);
        let value = option
            .map(|option| &option.value)
            .filter(|value| !value.is_none());
        value.map(|value| value.to_text().as_str().to_owned())
    };
    // a server asks for these whatever they are, and a wrong one is None by then
    let numbers = ["maxretry", "maxmatches"];
    let mut wrong = jail.wrong.iter();
    if let Some(wrong) = wrong.find(|wrong| numbers.contains(&wrong.option)) {
        let found = wrong.value.to_text();
        let mut told = Wrong::of(jail, wrong.option, found.as_str(), "a whole number");
        // `maxmatches = %(maxretry)s` of the stock configuration: the number is at fault
        told.place = wrong.value.origin().cloned().or(told.place);
        return Some(told);
    }
    for name in TIMES {
        if let Some(text) = text(name)
            && duration::seconds(&text).is_err()
        {
            let expected = "a length of time: 600, 10m, 1h 30m, 1d";
            return Some(Wrong::of(jail, name, &text, expected));
        }
    }
    if let Some(text) = text("bantime.multipliers")
        && text
            .split_whitespace()
            .any(|word| word.parse::<i64>().is_err())
    {
        let expected = "numbers: 1 2 4 8";
        return Some(Wrong::of(jail, "bantime.multipliers", &text, expected));
    }
    let backend = &parts.input.configured;
    let base = backend
        .split('[')
        .next()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    if !BACKENDS.contains(&base.as_str()) {
        let expected = "auto, polling, pyinotify or systemd";
        let mut wrong = Wrong::of(jail, "backend", backend, expected);
        if base == "gamin" {
            wrong.what += " (fail2ban has had none of that name since 1.1)";
        }
        return Some(wrong);
    }
    let encoding = text("logencoding").filter(|name| name.to_lowercase() != "auto")?;
    let is_unknown = Encoding::for_label(&encoding).is_none() && !is_codec(&encoding);
    is_unknown.then(|| Wrong::of(jail, "logencoding", &encoding, "auto, utf-8, latin-1, …"))
}

/// Whether Python may have a codec of that name that we have not: those of code pages, of the
/// Macintosh and of EBCDIC.
fn is_codec(name: &str) -> bool {
    let name = name.to_lowercase().replace(['-', '_'], "");
    let known = [
        "cp", "mac", "big5", "euc", "hz", "iso", "johab", "kz", "ptcp", "utf7", "utf32",
    ];
    known.iter().any(|known| name.starts_with(known))
}

/// A journalmatch that is none: words without `=`.
fn wrong_journalmatch(parts: &JailParts) -> Option<Wrong> {
    if parts.input.backend().split('[').next() != Some("systemd") {
        return None;
    }
    let settings = parts.filter_commands.iter().flatten();
    let mut matches = settings.filter_map(|setting| match setting {
        Setting::Journalmatch(words, origin) => Some((words, origin)),
        _ => None,
    });
    let (words, origin) =
        matches.find(|(words, _)| JournalMatch::parse(std::slice::from_ref(words)).is_err())?;
    if let Some(at) = words.iter().position(|word| word.starts_with('#')) {
        return Some(Wrong {
            what: format!(
                "journalmatch = {} (a comment needs a line of its own)",
                words.join(" ")
            ),
            expected: format!("journalmatch = {}", words[..at].join(" ")),
            place: origin.clone(),
        });
    }
    Some(Wrong {
        what: format!("journalmatch = {}", words.join(" ")),
        expected: "journalmatch = FIELD=value, such as _SYSTEMD_UNIT=ssh.service".to_owned(),
        place: origin.clone(),
    })
}

/// An action that is a Python module which is not there.
fn missing_module(
    found: &mut JailDiagnosis,
    ward: &Ward,
    (jail, parts): (&JailConfig, &JailParts),
) -> bool {
    let missing = parts.actions.iter().find(|action| match &action.detail {
        ActionDetail::Python { path, .. } => {
            !Path::new(path).exists() && !below(ward.doctor.root, path).exists()
        }
        ActionDetail::Commands { .. } => false,
    });
    let Some(action) = missing else {
        return false;
    };
    let message = format!(
        "there is no action.d/{}: the server refuses that, and starts no jail at all",
        action.file
    );
    let place = action.origin.as_ref().or(jail.header.as_ref());
    let change = format!(
        "the name of a Python module of action.d, in place of {}",
        action.file
    );
    found.block("action-missing", place, message, change);
    true
}
