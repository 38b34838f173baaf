//! Names of chains and sets that are too long for the firewall: they have the jail's name in them.

use super::commands::commands_of;
use super::configuration::place_of_action;
use super::finding::JailDiagnosis;
use super::patient::Patient;

/// What makes a chain or a set, and how many characters its name may have: `XT_EXTENSION_MAXNAMELEN`
/// of iptables and `IPSET_MAXNAMELEN` of ipset count the byte behind the name.
const MADE_BY: [(&str, &str, usize); 3] = [
    ("iptables", "-N ", 28),
    ("ip6tables", "-N ", 28),
    ("ipset", "create ", 31),
];

/// Says so where a ban is to stand in a chain or set whose name is too long: every ban fails.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient) {
    for action in &patient.parts.actions {
        let commands = commands_of(action);
        let Some((name, most)) = too_long(&commands) else {
            continue;
        };
        let jail = patient.jail.name.as_str();
        let message = format!(
            "{name} has {} characters, {most} is the most that the name of a chain or set may have: every ban fails",
            name.len()
        );
        let left = most.saturating_sub(name.len().saturating_sub(jail.len()));
        // a name of the action's own is not that of the jail
        if !name.contains(jail) {
            let (_, place) = place_of_action(patient.jail, &action.file, action.origin.as_ref());
            let change = format!("a shorter name in the brackets of {}", action.file);
            return found.block("chain-docker", place, message, change);
        }
        let short = shortened(jail, left);
        let change = format!(
            "call the jail {short} (with filter = the one it has), or another name of {left} characters at most"
        );
        return found.block(
            "chain-docker",
            patient.jail.header.as_ref(),
            message,
            change,
        );
    }
}

/// The first name that is too long, and how long it may be.
fn too_long(commands: &str) -> Option<(&str, usize)> {
    MADE_BY.iter().find_map(|(program, makes, most)| {
        let lines = commands.lines().filter(|line| line.contains(program));
        let behind = lines.flat_map(|line| line.split(makes).skip(1));
        let mut names = behind.filter_map(|rest| rest.split_whitespace().next());
        let is_long = |name: &&str| {
            let name = name.trim_end_matches(';');
            name.len() > *most
                && !name.contains(['<', '$', '\'', '"', '('])
                && !name.starts_with('-')
        };
        Some((names.find(is_long)?.trim_end_matches(';'), *most))
    })
}

/// The begin of a name, up to the last hyphen that fits.
fn shortened(name: &str, most: usize) -> &str {
    let Some(begin) = name.get(..most) else {
        return name;
    };
    match begin.rfind(['-', '_']) {
        Some(at) if at > most / 2 => &begin[..at],
        _ => begin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_too_long() {
        let make =
            |name: &str| format!("{{ iptables -w -N f2b-{name} || true; iptables -A f2b-{name} }}");
        let long = |name: &str| too_long(&make(name)).map(|(_, most)| most);
        assert_eq!(long(&"a".repeat(24)), None);
        assert_eq!(long(&"a".repeat(25)), Some(28));
        assert_eq!(long("<name>-and-what-the-server-replaces"), None);
        let set =
            |name: &str| too_long(&format!("ipset -exist create f2b-{name} hash:ip")).is_some();
        assert!(!set(&"a".repeat(27)) && set(&"a".repeat(28)));
        assert_eq!(
            too_long(&format!("nft add chain f2b-{}", "a".repeat(40))),
            None
        );
    }

    #[test]
    fn a_name_is_shortened_at_a_hyphen() {
        assert_eq!(
            shortened("gate-of-the-northern-garden", 24),
            "gate-of-the-northern"
        );
        assert_eq!(shortened("gate", 24), "gate");
        assert_eq!(shortened(&"a".repeat(30), 24).len(), 24);
    }
}
