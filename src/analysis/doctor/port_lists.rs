//! Lists of ports that no rule of a firewall can have: parted by blanks, with nothing between two
//! commas, several where one is asked for, more than there may be, or `all`.

use super::commands::{commands_of, option_of, split};
use super::configuration::place_of_action;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use crate::config::{ActionConfig, Origin};

/// Ports that `-m multiport` takes at most (iptables-extensions(8)); a range counts as two.
const MULTIPORT: usize = 15;

/// Says so where a ban has such a list: the rule is refused, and every ban fails. Whether it has.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    for action in &patient.parts.actions {
        let ports = option_of(action, "port").unwrap_or_default();
        let list = ports.trim();
        let Some(fault) = Fault::of(list, &commands_of(action)) else {
            continue;
        };
        let (why, mended) = (fault.message(list), fault.mended(list));
        let message = format!("{why}: the rule of the ban is refused, and every ban fails");
        let (place, change) = match mended {
            Some(list) => place_of_list(patient, action, (&ports, &list)),
            None => place_of_ban(patient, action, fault.other_action()),
        };
        found.block("port-mismatch", place, message, change);
        return true;
    }
    false
}

/// Whether the rule of a ban is for these ports.
pub(super) fn closes(commands: &str, list: &str) -> bool {
    taken(list.trim(), commands).is_some()
}

/// How a rule takes a list of ports: as `--dports`, as `--dport`, as a set of nftables.
fn taken(list: &str, commands: &str) -> Option<(bool, bool, bool)> {
    let takes = |option: &str| {
        let written = format!("{option} {list}");
        let mut found = commands.match_indices(&written);
        found.any(|(at, _)| {
            let behind = commands[at + written.len()..].chars().next();
            behind.is_none_or(char::is_whitespace)
        })
    };
    let set = commands.contains(&format!("\\{{ $(echo '{list}' |"));
    let how = (takes("--dports"), takes("--dport"), set);
    (how != (false, false, false)).then_some(how)
}

/// What is wrong with a list of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// `http, https` is two words of the command, `ssh 2222` is no list.
    Blanks,
    /// `http,,https`, `ssh,`.
    Empty,
    /// `all`: what closes all ports names none.
    All,
    /// `--dport` takes one port.
    Several,
    TooMany,
}

impl Fault {
    /// What is wrong with the list in the commands of an action.
    fn of(list: &str, commands: &str) -> Option<Fault> {
        // comments and what the server replaces later are not judged here
        if list.is_empty() || list.contains(['#', '<', '=', ';', '"', '\'']) {
            return None;
        }
        let (several, one, set) = taken(list, commands)?;
        let mut parts = list.split(',').map(str::trim);
        if ["all", "any", "*"].contains(&list.to_ascii_lowercase().as_str()) {
            return Some(Fault::All);
        }
        if parts.clone().any(|part| part.contains(char::is_whitespace)) {
            return Some(Fault::Blanks);
        }
        if set {
            // a set of nftables may have blanks, and a comma behind the last
            return None;
        }
        if list.contains(char::is_whitespace) {
            return Some(Fault::Blanks);
        }
        if parts.any(str::is_empty) {
            return Some(Fault::Empty);
        }
        if one && !several {
            return list.contains(',').then_some(Fault::Several);
        }
        let counted = split(list).map(|part| 1 + usize::from(part.contains(':')));
        (counted.sum::<usize>() > MULTIPORT).then_some(Fault::TooMany)
    }

    fn message(self, list: &str) -> String {
        let shown = list.replace('\n', "\\n");
        match self {
            Fault::Blanks => format!("`{shown}` has blanks, and is no list of ports so"),
            Fault::Empty => format!("`{shown}` has a comma with no port behind it"),
            Fault::All => format!("{shown} is no port"),
            Fault::Several => format!("the ban takes one port, and is given {shown}"),
            Fault::TooMany => format!("multiport takes {MULTIPORT} ports, and is given more"),
        }
    }

    /// The list as it is meant, where it can be written.
    fn mended(self, list: &str) -> Option<String> {
        let parts: Vec<&str> = split(list).collect();
        matches!(self, Fault::Blanks | Fault::Empty).then(|| parts.join(","))
    }

    /// The stock action that takes what is meant.
    fn other_action(self) -> &'static str {
        match self {
            Fault::Several => "iptables-multiport",
            _ => "iptables-allports",
        }
    }
}

/// Where a list is set, and what to write there.
fn place_of_list<'p>(
    patient: &'p Patient,
    action: &ActionConfig,
    (ports, mended): (&str, &str),
) -> (Option<&'p Origin>, String) {
    let section = patient.section();
    let header = patient.jail.header.as_ref();
    let of_jail = patient.option("port").map(|option| option.value.to_text());
    if of_jail.is_some_and(|text| text.as_str().trim() == ports.trim()) {
        let place = patient.place("port").or(header);
        return (place, format!("{section} port = {mended}"));
    }
    let change = format!(
        "port=\"{mended}\" in the brackets of {} in {section} action",
        action.file
    );
    (patient.place("action").or(header), change)
}

/// Where an action is named, and which is to be named there.
fn place_of_ban<'p>(
    patient: &'p Patient,
    action: &'p ActionConfig,
    other: &str,
) -> (Option<&'p Origin>, String) {
    let (option, place) = place_of_action(patient.jail, &action.file, action.origin.as_ref());
    let section = patient.section();
    let commands = commands_of(action);
    let other = match other {
        "iptables-allports" if commands.contains("nft ") => "nftables[type=allports]",
        "iptables-allports" if commands.contains("firewall-cmd ") => "firewallcmd-allports",
        "iptables-multiport" if commands.contains("firewall-cmd ") => "firewallcmd-multiport",
        other => other,
    };
    let change = if option == "action" {
        format!("{other} in place of {} in {section} action", action.file)
    } else {
        format!("{section} banaction = {other}")
    };
    (place, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MULTI: &str = "iptables -C $chain -p $proto -m multiport --dports LIST -j f2b-gate";
    const ONE: &str = "iptables -I INPUT -p tcp --dport LIST -j f2b-gate";
    const SET: &str = "nft add rule tcp dport \\{ $(echo 'LIST' | sed s/:/-/g) \\} drop";

    fn of(list: &str, commands: &str) -> Option<Fault> {
        Fault::of(list, &commands.replace("LIST", list))
    }

    #[test]
    fn lists_that_rules_can_have() {
        assert_eq!(of("http,https", MULTI), None);
        assert_eq!(of("0:65535", MULTI), None);
        assert_eq!(of("ssh", ONE), None);
        assert_eq!(of("0:65535", ONE), None);
        assert_eq!(of("http, https", SET), None);
        assert_eq!(of("http,https,", SET), None);
        assert_eq!(of("http, https", "iptables -j f2b-http"), None);
        assert_eq!(of("ssh # mine", MULTI), None);
    }

    #[test]
    fn lists_that_no_rule_can_have() {
        assert_eq!(of("http, https", MULTI), Some(Fault::Blanks));
        assert_eq!(of("ssh 2222", MULTI), Some(Fault::Blanks));
        assert_eq!(of("ssh 2222", SET), Some(Fault::Blanks));
        assert_eq!(of("ssh,", MULTI), Some(Fault::Empty));
        assert_eq!(of("80,,443", MULTI), Some(Fault::Empty));
        assert_eq!(of("all", MULTI), Some(Fault::All));
        assert_eq!(of("any", SET), Some(Fault::All));
        assert_eq!(of("80,443", ONE), Some(Fault::Several));
        let many = (1..17).map(|port| port.to_string());
        let many = many.collect::<Vec<_>>().join(",");
        assert_eq!(of(&many, MULTI), Some(Fault::TooMany));
    }

    #[test]
    fn a_list_is_mended() {
        let mended = |fault: Fault, list| fault.mended(list);
        let is = |list: &str| Some(list.to_owned());
        assert_eq!(mended(Fault::Blanks, "http, https"), is("http,https"));
        assert_eq!(mended(Fault::Blanks, "ssh 2222"), is("ssh,2222"));
        assert_eq!(mended(Fault::Empty, "ssh,"), is("ssh"));
        assert_eq!(mended(Fault::All, "all"), None);
    }
}
