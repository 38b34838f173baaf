//! The configuration: jails that fail2ban leaves out, and why.

use super::files::names_in;
use super::finding::JailDiagnosis;
use super::hints;
use super::patient::Patient;
use super::place::{is_own, to_mend};
use super::unread::unread_files;
use super::ward::Ward;
use crate::analysis::check::RawFile;
use crate::config::{Fault, JailConfig, Origin, is_true, nearest_file};
use std::path::Path;

/// A jail that fail2ban cannot read.
pub(super) fn refused(found: &mut JailDiagnosis, ward: &Ward, jail: &JailConfig, fault: &Fault) {
    let message = fault.to_string();
    let directory = Path::new(&ward.machine.directory);
    match fault {
        Fault::JailFilter { origin, filter, .. } => {
            let place = of_filter(jail, origin.as_ref(), filter);
            let stock = removed_filter(ward, jail, filter);
            let filters = directory.join("filter.d");
            let near = plain_name(&filters, filter).or_else(|| nearest_file(&filters, filter));
            let misnamed = misnamed(&filters, filter);
            let change = match (stock, &near) {
                (Some(stock), _) => stock,
                _ if filter.contains(" #") => format!(
                    "[{}] filter = {}, a comment on a line of its own",
                    jail.name,
                    filter.split(" #").next().unwrap_or_default().trim()
                ),
                _ if misnamed.is_some() => format!(
                    "rename filter.d/{} to filter.d/{filter}.conf: no other name is read",
                    misnamed.unwrap_or_default()
                ),
                (None, Some(near)) => format!("[{}] filter = {near}", jail.name),
                (None, None) => {
                    format!("a file filter.d/{filter}.conf, or the name of one that is there")
                }
            };
            let message = format!(
                "there is no filter {filter}: {}",
                reason(fault, &ward.machine.directory)
            );
            found.block("filter-missing", place, message, change);
        }
        Fault::JailAction { action, .. } if action.starts_with(['#', ';']) => {
            let option = commented(jail);
            let place = option.as_ref().map(|(_, place)| place);
            let place = place.or(jail.header.as_ref());
            let message =
                format!("{action} is taken for an action: a comment needs a line of its own");
            let change = match &option {
                Some((option, _)) => option.clone(),
                None => format!("nothing behind the action's name ({message})"),
            };
            found.block("action-missing", place, message, change);
        }
        Fault::JailAction { origin, action, .. } => {
            let named = naming(jail, action);
            let place = named.and_then(|(_, place)| place).or(origin.as_ref());
            let option = named.map_or("action", |(option, _)| option);
            let change = match nearest_file(&directory.join("action.d"), action) {
                Some(near) => format!("{option} = {near}"),
                None => format!("a file action.d/{action}.conf, or the name of one that is there"),
            };
            let message = format!(
                "there is no action {action}: {}",
                reason(fault, &ward.machine.directory)
            );
            found.block("action-missing", place, message, change);
        }
        Fault::JailSyntax { origin, .. } => {
            wrong_list(found, jail, origin.as_ref(), &message);
        }
        _ => {
            let place = jail.header.as_ref();
            found.block("config-refused", place, message, "what is said there");
        }
    }
}

/// A filter or an action that is not written as fail2ban reads it.
fn wrong_list(
    found: &mut JailDiagnosis,
    jail: &JailConfig,
    origin: Option<&Origin>,
    message: &str,
) {
    if let Some((option, place)) = empty_banaction(jail) {
        let message = format!("{option} is empty, so that an action has no name: {message}");
        let change = format!("remove the line, or {option} = the action that bans");
        found.block("config-refused", Some(place), message, change);
    } else if let Some((change, place)) = quoted(jail) {
        let message = format!(
            "the quotation marks are a part of the value, which an action puts in others: {message}"
        );
        found.block("config-refused", Some(place), message, change);
    } else if let Some(list) = list_without_quotes(jail) {
        let change = format!("{list} in the brackets: a list needs quotation marks");
        found.block("config-refused", origin, message.to_owned(), change);
    } else {
        let change = "name[option=value, …], with closing quotes and bracket";
        found.block("config-refused", origin, message.to_owned(), change);
    }
}

/// An option of an action whose value is a list without quotation marks, with them:
/// `port="ssh,2222"` for `port=ssh,2222`.
fn list_without_quotes(jail: &JailConfig) -> Option<String> {
    let action = jail.option("action")?.value.to_text();
    let mut brackets = action.as_str().split('[').skip(1);
    brackets.find_map(|rest| {
        let inner = rest.split(']').next().unwrap_or_default();
        let parts: Vec<&str> = inner.split(',').map(str::trim).collect();
        let at = parts.windows(2).position(|pair| {
            let has_value = pair[0].split_once('=').is_some_and(|(_, v)| !v.is_empty());
            has_value && !pair[1].is_empty() && !pair[1].contains('=')
        })?;
        let more = parts[at + 1..]
            .iter()
            .take_while(|part| !part.contains('='));
        let (name, first) = parts[at].split_once('=')?;
        let values: Vec<&str> = std::iter::once(&first).chain(more).copied().collect();
        let list = values.join(",");
        (!inner.contains(['"', '\''])).then(|| format!("{}=\"{list}\"", name.trim()))
    })
}

/// The name of the file that is meant by a path, by a name with its ending, or by one in other
/// letters: filters are named without `filter.d/` and `.conf`, and letter case counts.
fn plain_name(directory: &Path, filter: &str) -> Option<String> {
    let file = filter.rsplit('/').next().unwrap_or(filter);
    let without_end = [".conf", ".local"]
        .iter()
        .find_map(|end| file.strip_suffix(end));
    let name = without_end.unwrap_or(file);
    let entries = std::fs::read_dir(directory).ok()?.flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        Some(name.strip_suffix(".conf")?.to_owned())
    });
    let mut alike: Vec<String> = names
        .filter(|known| known.eq_ignore_ascii_case(name))
        .collect();
    alike.sort_by_key(|known| known != name);
    alike.into_iter().next().filter(|known| known != filter)
}

/// A file that would be a filter's but for the end of its name: `shop.config`, `shop.conf.txt`.
fn misnamed(directory: &Path, filter: &str) -> Option<String> {
    let is_it = |name: &String| name.split('.').next() == Some(filter);
    names_in(directory).into_iter().find(is_it)
}

/// What to write in place of a filter that newer versions of fail2ban have made a mode of another
/// one: `sshd-ddos` of `sshd`, `postfix-sasl` of `postfix`.
fn removed_filter(ward: &Ward, jail: &JailConfig, filter: &str) -> Option<String> {
    let option = jail.option("filter");
    let before = option.and_then(|option| option.overridden.first());
    if let Some((before, written)) = before.zip(option.and_then(|o| o.written.as_ref()))
        && !before.text.contains("%(")
        && is_own(written)
    {
        return Some(format!(
            "remove filter from {}: {} says filter = {}",
            written.within(&ward.machine.directory),
            before.origin.within(&ward.machine.directory),
            before.text
        ));
    }
    let (name, mode) = filter.rsplit_once('-')?;
    let file = Path::new(&ward.machine.directory).join(format!("filter.d/{name}.conf"));
    let modes = RawFile::read(&file).options;
    let regex = format!("mdre-{mode}");
    let has_mode = modes.iter().any(|option| option.name == regex);
    has_mode.then(|| format!("[{}] filter = {name}[mode={mode}]", jail.name))
}

/// Why a file could not be loaded, in short: files are named from the configuration directory on.
fn reason(fault: &Fault, directory: &str) -> String {
    let text = match fault {
        Fault::JailFilter { reason, .. } | Fault::JailAction { reason, .. } => reason.to_string(),
        other => other.to_string(),
    };
    text.replace(&format!("{directory}/"), "")
}

/// Where the missing filter of a jail is named: the line of `filter`, or the jail itself where
/// its name is what `[DEFAULT]` takes for the filter's.
fn of_filter<'j>(
    jail: &'j JailConfig,
    origin: Option<&'j Origin>,
    filter: &str,
) -> Option<&'j Origin> {
    let header = jail.header.as_ref();
    let own = match (origin, header) {
        (Some(origin), Some(header)) => origin.file == header.file && origin.line > header.line,
        _ => true,
    };
    if filter == jail.name && !own {
        return header;
    }
    origin.or(header)
}

/// The option that names an action the jail's `action` takes from it, and where it is set.
fn naming<'j>(jail: &'j JailConfig, action: &str) -> Option<(&'j str, Option<&'j Origin>)> {
    let mut options = ["banaction", "banaction_allports"].into_iter();
    options.find_map(|name| {
        let option = jail.option(name)?;
        let value = option.value.to_text();
        if value.as_str().split('[').next().map(str::trim) != Some(action) {
            return None;
        }
        let own = to_mend(option).filter(|place| is_own(place));
        // `banaction = %(banaction_allports)s` names the other one
        let place = own.or(option.source.as_ref()).or(option.written.as_ref());
        let name = place.map_or(name, |place| &place.option);
        Some((name, place))
    })
}

/// The option that names an action and is set to nothing.
fn empty_banaction(jail: &JailConfig) -> Option<(&'static str, &Origin)> {
    ["banaction", "banaction_allports"]
        .into_iter()
        .find_map(|name| {
            let option = jail.option(name)?;
            let is_empty = option.value.to_text().as_str().trim().is_empty();
            let place = to_mend(option).filter(|place| is_empty && is_own(place))?;
            Some((name, place))
        })
}

/// An option that the stock configuration hands to actions in quotes, and that is in quotes itself:
/// without them, and where it is.
fn quoted(jail: &JailConfig) -> Option<(String, &Origin)> {
    let mut names = ["port", "protocol", "chain"].into_iter();
    names.find_map(|name| {
        let option = jail.option(name)?;
        let place = to_mend(option).filter(|place| is_own(place))?;
        let text = option.value.to_text();
        let plain = text.as_str().replace('"', "");
        (plain.len() < text.as_str().len()).then(|| (format!("{name} = {plain}"), place))
    })
}

/// The option that names an action and has a comment behind the name: without that, and where it is.
fn commented(jail: &JailConfig) -> Option<(String, Origin)> {
    let mut options = ["banaction", "banaction_allports", "action"].into_iter();
    options.find_map(|name| {
        let option = jail.option(name)?;
        let place = to_mend(option).filter(|place| is_own(place))?;
        let text = option.value.to_text();
        let text = text.as_str();
        let (before, _) = text.split_once(" #").or_else(|| text.split_once(" ;"))?;
        Some((format!("{name} = {}", before.trim()), place.clone()))
    })
}

/// Where an option is set: `banaction`'s place for an action that comes from it.
pub(super) fn place_of_action<'j>(
    jail: &'j JailConfig,
    action: &str,
    origin: Option<&'j Origin>,
) -> (&'j str, Option<&'j Origin>) {
    match naming(jail, action) {
        Some((option, Some(place))) => (option, Some(place)),
        _ => ("action", origin.or(jail.header.as_ref())),
    }
}

/// A `mode` that the jail sets and does not give its filter: `filter = dovecot` takes none.
pub(super) fn mode_without_use(found: &mut JailDiagnosis, patient: &Patient) {
    let mode = patient.option("mode");
    let written = mode.and_then(|mode| mode.written.as_ref());
    let (Some(mode), Some(written), Some(filter)) = (mode, written, &patient.parts.filter) else {
        return;
    };
    let value = mode.value.to_text();
    let is_given = filter.given.iter().any(|(name, _)| name == "mode");
    let header = patient.jail.header.as_ref();
    let in_section = header.is_some_and(|h| h.file == written.file && h.line < written.line);
    if is_given || !is_own(written) || !in_section || hints::hands_on(patient.jail, "mode") {
        return;
    }
    let message = format!(
        "mode = {} ({}) reaches no filter, as filter = {} does not hand it on: {} filter = {}[mode={}]",
        value.as_str(),
        written.within(&patient.ward.machine.directory),
        filter.name,
        patient.section(),
        filter.name,
        value.as_str()
    );
    found.warn("mode-unused", message);
}

/// A jail that was asked for by name, but is not enabled.
pub(super) fn disabled(found: &mut JailDiagnosis, ward: &Ward, jail: &JailConfig) {
    let option = jail.option("enabled");
    let written = option.and_then(|option| option.written.as_ref());
    let place = written.or(jail.header.as_ref());
    let before = option.and_then(|option| option.overridden.first());
    let directory = &ward.machine.directory;
    if let Some((written, value)) = written.and_then(|w| Some((w, no_truth(w)?))) {
        let message = format!(
            "{} says enabled = {value}, which is neither true nor false: fail2ban takes it for false",
            written.within(directory)
        );
        let change = format!(
            "[{}] enabled = true, a comment on a line of its own",
            jail.name
        );
        found.block("disabled", Some(written), message, change);
        return;
    }
    let message = match (written, before) {
        (Some(written), Some(before)) => format!(
            "{} says enabled = false; that puts enabled = {} of {} out of force",
            written.within(directory),
            before.text,
            before.origin.within(directory)
        ),
        (Some(written), None) => format!("{} says enabled = false", written.within(directory)),
        (None, _) => "nothing says enabled = true".to_owned(),
    };
    // what the user wrote himself is not put right by one more file
    if !written.is_some_and(is_own) && !before.is_some_and(|before| is_own(&before.origin)) {
        let unread = unread_files(ward.config_dir());
        let enabling = unread
            .iter()
            .find_map(|file| Some((file, file.enabling(&jail.name)?)));
        if let Some((file, place)) = enabling {
            let message = format!(
                "{message}; {} says enabled = true, and is not read: {}",
                place.within(directory),
                file.why
            );
            let change = file.change.clone();
            found.block("disabled", Some(&place), message, change);
            return;
        }
    }
    let change = match (written, before) {
        (Some(written), Some(before)) if before.text.trim() == "true" => {
            format!("remove enabled from {}", written.within(directory))
        }
        _ => format!("[{}] enabled = true", jail.name),
    };
    found.block("disabled", place, message, change);
}

/// What `enabled` is set to in that place, if it is no truth value: to fail2ban that is false
/// (upstream's `_as_bool`).
pub(crate) fn no_truth(written: &Origin) -> Option<String> {
    const FALSE: [&str; 5] = ["false", "no", "off", "0", "none"];
    let file = RawFile::read(&written.file);
    let line = file.lines.get((written.line as usize).checked_sub(1)?)?;
    let (_, value) = line.split_once(['=', ':'])?;
    let value = value.split(" ;").next().unwrap_or_default().trim();
    let is_known = is_true(value) || FALSE.contains(&value.to_lowercase().as_str());
    let is_told = !is_known && !value.is_empty() && !value.contains("%(");
    is_told.then(|| value.to_owned())
}
