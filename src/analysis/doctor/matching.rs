//! Does the filter match anything, and if not, what would make it.

use super::filter::{self, Replaced};
use super::finding::{Figures, JailDiagnosis};
use super::input::{logpath_origin, other_input};
use super::log_level::LogLevel;
use super::log_programs::{OwnLines, own_lines, writers};
use super::other_filter::Other;
use super::other_logs::candidates;
use super::patient::Patient;
use super::place::is_own;
use super::reading::Reading;
use super::{filter_file, hints, line_begin, other_filter, overrides};
use crate::analysis::wording::counted;
use crate::config::{Origin, Setting};

/// Whether a failure is found that counts; false: it stops here.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    if reading.matched > 0 || reading.lines == 0 {
        return true;
    }
    if super::exemption::names_left_out(found, patient) {
        return false;
    }
    if reading.ignored > 0 && ignores_all(found, patient) {
        return false;
    }
    let message = none_of(patient, reading);
    if filter_file::check(found, patient, &message) || overrides::check(found, patient, &message) {
        return false;
    }
    let helpers = patient.helpers();
    if helpers == 0 || !helpers_only(found, patient, helpers) {
        nothing(found, patient, reading);
    }
    false
}

/// Says so where failures would count if no ignoreregex took them back; whether it has.
fn ignores_all(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    let read = patient.without_ignoreregex();
    let read = read.map(|built| patient.read_with(&built));
    let Some(read) = read.filter(|read| read.matched > 0) else {
        return false;
    };
    let of_ignoreregex = first_origin(patient, |setting| match setting {
        Setting::Ignoreregex(value) => value.origin.as_ref(),
        _ => None,
    });
    let message = format!(
        "filter {} matches {}, and its ignoreregex takes all of that back",
        filter_name(patient),
        counted(read.matched, "line", "lines")
    );
    let place = of_ignoreregex.or(patient.jail.header.as_ref());
    let hint = hints::best(patient, &["ignore"]);
    let tried = match hint.filter(|hint| hint.tried.is_some_and(|tried| tried.matched > 0)) {
        Some(hint) => (hint.change, hint.tried),
        None => {
            let written = of_ignoreregex
                .map(|place| format!(" from {}", place.within(&patient.ward.machine.directory)));
            let change = format!(
                "remove ignoreregex{}, or let it match less",
                written.unwrap_or_default()
            );
            (change, Some(patient.figures(&read)))
        }
    };
    found.block_tried("no-match", place, message, tried);
    true
}

/// Whether a service writes what it says of logins: no log level holds back the failures.
fn logs_at_info(patient: &Patient) -> bool {
    filter_name(patient) == "sshd"
        && hints::sample(patient)
            .iter()
            .any(|line| hints::is_of_level_info(&line.text))
}

fn filter_name<'p>(patient: &'p Patient) -> &'p str {
    let filter = patient.parts.filter.as_ref();
    filter.map_or("", |filter| filter.name.as_str())
}

/// Only helpers match: lines that tell an address, but count nothing by themselves. Whether it says
/// so: where the service writes what it says of logins, only if an option makes them count.
fn helpers_only(found: &mut JailDiagnosis, patient: &Patient, helpers: u64) -> bool {
    let hint = hints::best(patient, &["filter-option"]);
    let hint = hint.filter(|hint| hint.tried.is_some_and(|tried| tried.matched > 0));
    let message = format!(
        "{} as helpers only (NOFAIL), which count nothing until another line of the same session says that the login failed",
        counted(helpers, "line matches", "lines match")
    );
    let place = patient.jail.header.as_ref();
    if logs_at_info(patient) {
        let Some(hint) = hint else { return false };
        let place = hint.place.as_ref().or(place);
        found.block_tried("nofail-only", place, message, (hint.change, hint.tried));
        return true;
    }
    let service = filter_name(patient);
    let change = match service {
        "sshd" => "LogLevel INFO (or VERBOSE) in sshd_config, then restart sshd".to_owned(),
        _ => format!("let {service} write its own lines of failed logins (a higher LogLevel)"),
    };
    let message = message + ": such lines are not written";
    let (change, tried) = match hint {
        Some(hint) => (format!("{change}; or {}", hint.change), hint.tried),
        None => (change, None),
    };
    found.block_tried("nofail-only", place, message, (change, tried));
    true
}

/// Where the first setting of the filter is written that `origin` has an answer for.
fn first_origin<'p>(
    patient: &'p Patient,
    origin: impl Fn(&'p Setting) -> Option<&'p Origin>,
) -> Option<&'p Origin> {
    let mut settings = patient.parts.filter_commands.iter().flatten();
    settings.find_map(origin)
}

/// `filter sshd matches none of 32 lines`
fn none_of(patient: &Patient, reading: &Reading) -> String {
    let name = filter_name(patient);
    let (one, many) = if patient.reads_journal() {
        ("entry of the journal", "entries of the journal")
    } else {
        ("line", "lines")
    };
    let lines = counted(reading.lines, one, many);
    format!("filter {name} matches none of {lines}")
}

/// Nothing matches at all.
fn nothing(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let name = filter_name(patient);
    let place = first_origin(patient, |setting| match setting {
        Setting::Failregex(value) => value.origin.as_ref(),
        _ => None,
    });
    let mut message = none_of(patient, reading);
    if let Some(level) = LogLevel::of_fail2ban(patient) {
        message += &format!(": {}", level.message);
        found.block("no-match", level.place.as_ref(), message, level.change);
        return;
    }
    if let Some(hint) = hints::all(patient).first() {
        let hint = hints::in_terms_of(patient, hint);
        message += &format!(": {}", hint.message);
        let place = hint.place.as_ref().or(place);
        found.block_tried("no-match", place, message, (hint.change, hint.tried));
        return;
    }
    if let Some((inserted, why, figures)) = behind_caret(patient) {
        message += &format!(": {why}");
        let change = format!("`{inserted}` after `^` of its failregex: ^{inserted}…");
        found.block_tried("no-match", place, message, (change, Some(figures)));
        return;
    }
    if patient.built.filter.failregexes.is_empty() {
        message += ": it has no failregex";
        let change = format!("a failregex in [Definition] of filter.d/{name}.local");
        found.block(
            "no-match",
            place.or(patient.jail.header.as_ref()),
            message,
            change,
        );
        return;
    }
    if super::encoding::check(found, (patient, reading), "no-match")
        || super::logpaths::check(found, patient, &message)
    {
        return;
    }
    // of the journal no more than the log could have, had it been written there
    let since = reading.oldest().unwrap_or(f64::INFINITY);
    if !patient.reads_journal()
        && let Some(other) = other_input(
            patient,
            &candidates(patient, &patient.parts.input.logs),
            since,
        )
    {
        message += &format!(", while {} has what it matches", other.name);
        found.block_tried("no-match", logpath_origin(patient), message, other.change());
        return;
    }
    unlike_any(found, patient, place, message);
}

/// Nothing says why no line matches: whether one should, and by which filter.
fn unlike_any(
    found: &mut JailDiagnosis,
    patient: &Patient,
    place: Option<&Origin>,
    mut message: String,
) {
    let suspects = hints::suspects(patient);
    if suspects.all == 0 && begins_elsewhere(found, patient, place, &message) {
        return;
    }
    if suspects.all == 0
        && !logs_at_info(patient)
        && let Some(level) = LogLevel::of_sshd(patient)
    {
        message += &format!(": {}", level.message);
        found.block("no-match", level.place.as_ref(), message, level.change);
        return;
    }
    if suspects.all == 0 {
        // a quiet log: nobody failed
        found.warn(
            "nothing-to-match",
            message + ", and none reads like a failure",
        );
        return;
    }
    if other_filter::is_own_of_shared_log(patient) {
        match own_lines(patient) {
            Some(OwnLines::Quiet { program }) => {
                found.warn(
                    "nothing-to-match",
                    message + &format!(", and none of {program} reads like a failure"),
                );
                return;
            }
            Some(OwnLines::Failures { program, lines }) => {
                let lines = counted(lines, "line", "lines");
                message += &format!(", though {lines} of {program} read like failures");
                let change = format!("see why: f2b-regex explain LOG {}", patient.jail.name);
                found.block("no-match", place, message, change);
                return;
            }
            None if writers(patient) > 1 => {
                message += "; those that read like failures may be for other jails";
                found.warn("nothing-to-match", message);
                return;
            }
            None => {}
        }
    }
    let other = other_filter::find(patient, suspects.all);
    if let Some(Other::Meant(filter, figures)) = other {
        message += &format!(", which filter {filter} does");
        let change = format!("{} filter = {filter}", patient.section());
        let origin = patient.place("filter").filter(|place| is_own(place));
        let origin = origin.or(patient.jail.header.as_ref());
        found.block_tried("no-match", origin, message, (change, Some(figures)));
        return;
    }
    if let Some(Other::WrongLog(filter)) = other {
        let own = filter_name(patient);
        message += &format!(", which filter {filter} does: it is hardly the log of {own}");
        let change = format!("{} logpath = the log that {own} writes", patient.section());
        found.block("no-match", logpath_origin(patient), message, change);
        return;
    }
    message += &format!(
        ", though {} like failures",
        counted(suspects.all, "line reads", "lines read")
    );
    if let Some(Other::Beside(filter)) = other {
        message += &format!(": those that filter {filter} is for");
        found.warn("nothing-to-match", message);
        return;
    }
    if !other_filter::is_sole_reader(patient, suspects.logins) {
        found.warn(
            "nothing-to-match",
            message + "; they may be for other jails",
        );
        return;
    }
    let change = format!("see why: f2b-regex explain LOG {}", patient.jail.name);
    found.block("no-match", place, message, change);
}

/// Says so where a filter is for lines that begin with the address, and no line does.
fn begins_elsewhere(
    found: &mut JailDiagnosis,
    patient: &Patient,
    place: Option<&Origin>,
    message: &str,
) -> bool {
    let Some(line) = line_begin::elsewhere(patient) else {
        return false;
    };
    let begin: String = line.chars().take(40).collect();
    let message =
        format!("{message}: its failregex begins with the address, and the lines with `{begin}…`");
    let change = "a failregex for such lines: f2b-regex draft --line TEXT makes one of a line";
    found.block("no-match", place, message, change);
    true
}

/// What may stand between the date and what a failregex begins with.
const BEHIND_CARET: [(&str, &str); 3] = [
    (r"\s*", "after the date stands a blank"),
    (
        r"\s*\S+\s+",
        "after the date stand a blank and the host's name",
    ),
    (r"\s*\S+\s+\S+\s+", "after the date stand two more words"),
];

/// A text behind `^` of the failregexes with which something matches.
fn behind_caret(patient: &Patient) -> Option<(&'static str, &'static str, Figures)> {
    let settings = patient.settings(patient.reads_journal(), &patient.jail.name)?;
    let (usedns, clock) = (patient.usedns(), patient.doctor().clock);
    BEHIND_CARET.into_iter().find_map(|(inserted, why)| {
        let mut settings = settings.clone();
        for setting in &mut settings {
            if let Setting::Failregex(value) = setting
                && let Some(rest) = value.text.strip_prefix('^')
            {
                value.text = format!("^{inserted}{rest}");
            }
        }
        let built = filter::build(&settings, usedns, Replaced::default(), clock).ok()?;
        let reading = patient.read_with(&built);
        (reading.matched > 0).then(|| (inserted, why, patient.figures(&reading)))
    })
}
