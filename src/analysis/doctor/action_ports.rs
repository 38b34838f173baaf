//! The port of a ban where a jail names its actions itself: `action = iptables-multiport[name=web]`
//! does not hand on the jail's `port`, and the ban closes the preset of the action, `ssh`.

use super::commands::{commands_of, option_of, split};
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::port_lists::closes;
use super::port_names::number;
use super::ports::covers;
use super::programs;
use crate::config::ActionConfig;

/// Says so where no ban closes a port of the jail, as an action was not given them.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient) {
    let mut told = found.blockers.iter();
    if told.any(|told| told.code == "port-mismatch") {
        return;
    }
    let Some((action, closed)) = without_ports(patient) else {
        return;
    };
    let section = patient.section();
    let wanted = patient.option("port").map(|port| port.value.to_text());
    let wanted = wanted.map_or(String::new(), |text| text.as_str().trim().to_owned());
    let message = format!(
        "the ban closes {closed}, which is what action {} has for itself: the jail's port = {wanted} is not handed on to it",
        action.file
    );
    let change = format!(
        "port=\"%(port)s\" in the brackets of {} in {section} action",
        action.file
    );
    let place = patient.place("action").or(patient.jail.header.as_ref());
    found.block("port-mismatch", place, message, change);
}

/// The action that closes none of the jail's ports, which it was not given; no other does either.
fn without_ports<'p>(patient: &'p Patient) -> Option<(&'p ActionConfig, String)> {
    let root = patient.doctor().root;
    let wanted = patient.option("port")?.value.to_text();
    let listed = patient.option("action")?.value.to_text();
    // a name that is not known here may stand for any number
    let wanted: Option<Vec<u16>> = split(wanted.as_str())
        .map(|port| number(root, port))
        .collect();
    let wanted = wanted.filter(|ports| !ports.is_empty())?;
    let mut found = None;
    for action in &patient.parts.actions {
        let commands = commands_of(action);
        if programs::only_report(&commands) {
            continue;
        }
        let closed = option_of(action, "port")?;
        let is_own = closes(&commands, &closed) && !is_given(listed.as_str(), &action.file);
        if !is_own || wanted.iter().any(|port| covers(root, &closed, *port)) {
            return None;
        }
        found = Some((action, closed));
    }
    found
}

/// Whether an action is given ports where it is listed.
fn is_given(listed: &str, action: &str) -> bool {
    let mut entries = listed.match_indices(action).map(|(at, _)| &listed[at..]);
    entries.any(|entry| {
        let behind = &entry[action.len()..];
        // `iptables[type=multiport][port="80,443"]` has two pairs of brackets
        let end = behind.find("]\n").unwrap_or(behind.len());
        let mut names = behind[..end].split([',', '[']).skip(1);
        behind.starts_with('[')
            && names.any(|option| {
                option
                    .split('=')
                    .next()
                    .is_some_and(|name| name.trim() == "port")
            })
    })
}

#[cfg(test)]
mod tests {
    use super::is_given;

    #[test]
    fn options_of_a_listed_action() {
        let list = "iptables-multiport[name=web, protocol=tcp]\nsendmail[name=web, port=25]";
        assert!(!is_given(list, "iptables-multiport"));
        assert!(is_given(list, "sendmail"));
        assert!(is_given(
            "iptables[type=multiport][port=\"80,443\"]",
            "iptables"
        ));
        assert!(is_given("iptables[name=a, port = \"80,443\"]", "iptables"));
        assert!(!is_given("iptables", "iptables"));
    }
}
