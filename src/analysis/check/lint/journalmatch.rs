//! A filter of a system service without `journalmatch`.
//!
//! Where logs are in the journal only, a filter without `journalmatch` reads every entry of
//! the machine: slow, and lines of other services may match. Filters that use
//! `%(__prefix_line)s` read syslog lines, so their service writes to the journal there.

use super::Subject;

pub(super) fn check(subject: &mut Subject) {
    let Some(own) = subject
        .raw
        .iter()
        .find(|file| file.path.ends_with(file_name(subject)))
    else {
        return;
    };
    let uses_prefix = own.options.iter().find(|option| {
        let named = option.name == "failregex" || option.name == "prefregex";
        named
            && option
                .lines
                .iter()
                .any(|(_, text)| text.contains("__prefix_line"))
    });
    let has = subject.raw.iter().any(|file| {
        file.options
            .iter()
            .any(|option| option.name == "journalmatch")
    });
    if let Some(option) = uses_prefix.filter(|_| !has) {
        let message = "reads syslog lines, but has no journalmatch".to_string();
        let help = "add journalmatch = _SYSTEMD_UNIT=… or _COMM=…";
        let place = (own.path.clone(), option.line());
        subject.report_line((&place.0, place.1), None, (message, "", help));
    }
}

fn file_name(subject: &Subject) -> std::path::PathBuf {
    subject
        .path
        .file_name()
        .map(std::path::PathBuf::from)
        .unwrap_or_default()
}
