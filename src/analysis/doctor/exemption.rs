//! Who is not banned, and who had better not be: `ignoreip` and `ignoreself`, host names,
//! proxies.

use super::finding::{Figures, JailDiagnosis};
use super::ignoreip;
use super::patient::Patient;
use super::place::is_own;
use super::programs;
use super::reading::Reading;
use super::rules::Rules;
use crate::analysis::simulate::Ignores;
use crate::analysis::wording::{counted, grouped};
use crate::engine::dns::UseDns;
use std::net::IpAddr;

/// Says who else is not banned: what `ignorecommand` decides at the time.
pub(super) fn ignorecommand(found: &mut JailDiagnosis, patient: &Patient) {
    let option = patient.option("ignorecommand");
    let Some(option) = option.filter(|option| !option.value.is_none()) else {
        return;
    };
    let text = option.value.to_text();
    let command = text.as_str().trim();
    let Some(program) = command.split_whitespace().next() else {
        return;
    };
    let bans = found.bans.as_ref().map_or(0, Vec::len);
    if ["true", "/bin/true", "/usr/bin/true", ":"].contains(&program) {
        let message = format!("ignorecommand = {command} exempts everybody: it never fails");
        let place = patient.place("ignorecommand");
        let change = format!("{} ignorecommand =", patient.section());
        found.block("exempt", place, message, change);
    } else if program.starts_with('/')
        && programs::is_there(patient.doctor().root, program) == Some(false)
    {
        let message = format!(
            "ignorecommand calls {program}, which is not on this machine: it exempts nobody"
        );
        found.warn("command-missing", message);
    } else if bans > 0 && patient.place("ignorecommand").is_some_and(is_own) {
        // that of a stock jail is there for the clients the jail is not for
        let message =
            format!("ignorecommand is not run here: whom {program} names is not banned after all");
        found.warn("exempt", message);
    }
}

/// Says why failures do not count, where none of those that would lead to a ban does; false: that
/// is not what keeps it from banning.
pub(super) fn check(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    let mut names: Vec<(&str, u64)> = reading.names().collect();
    names.sort_by_key(|(_, hits)| std::cmp::Reverse(*hits));
    let of_names: u64 = names.iter().map(|(_, hits)| hits).sum();
    let of_exempt: u64 = reading.exempt().map(|(_, _, hits)| hits).sum();
    let counted = reading.collector.tickets.len() as u64;
    if of_exempt > counted && of_exempt >= of_names {
        return exempt(found, patient, reading);
    }
    if of_names > counted {
        host_names(found, patient, &names, of_names);
        return true;
    }
    false
}

/// Those who fail are exempt.
fn exempt(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) -> bool {
    let without = Rules {
        ignores: Ignores::default(),
        ..patient.rules.clone()
    };
    let read = patient.read_under(&without);
    let bans = read.replay(&patient.rules.settings).bans.len() as u64;
    if bans == 0 {
        return false;
    }
    let Some((address, entry, _)) = reading.exempt().max_by_key(|(_, _, hits)| *hits) else {
        return false;
    };
    let total: u64 = reading.exempt().map(|(_, _, hits)| hits).sum();
    let failures = counted(total, "failure", "failures");
    let is_local = address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let tried = Figures {
        lines: read.lines,
        matched: read.matched,
        bans,
    };
    let section = patient.section();
    if is_local {
        let message = format!(
            "{failures} of {address}, this machine itself, which {entry} exempts: the service stands behind a proxy on this machine and does not log the client's address"
        );
        let change = "let the service log the client's address (X-Forwarded-For, the PROXY protocol), not that of the proxy; do not ban 127.0.0.1";
        let place = patient.place(if entry == "ignoreself" {
            "ignoreself"
        } else {
            "ignoreip"
        });
        let place = place.or(patient.jail.header.as_ref());
        found.block("exempt", place, message, change);
        return true;
    }
    let comments = ignoreip::comments(patient);
    if let Some(comment) = comments.iter().find(|comment| comment.has(entry)) {
        let message = format!(
            "{failures} do not count: {} stands in the comment behind ignoreip, whose words fail2ban takes for entries",
            comment.addresses.join(", ")
        );
        let change = (comment.change(), Some(tried));
        found.block_tried("exempt", comment.place.as_ref(), message, change);
        return true;
    }
    if entry == "ignoreself" {
        let message = format!("{failures} do not count: ignoreself exempts {address}");
        let change = format!("{section} ignoreself = false, if this machine itself may be banned");
        let place = patient.place("ignoreself");
        found.block_tried("exempt", place, message, (change, Some(tried)));
        return true;
    }
    let left = Left::of(patient, reading);
    let entries = match left.removed.len() {
        0 | 1 => format!("{entry} of ignoreip exempts"),
        _ => format!("{} of ignoreip exempt", left.removed.join(", ")),
    };
    let message =
        format!("{failures} do not count: {entries} {address} and whoever it is the network of");
    let change = format!("{section} ignoreip = {}", left.entries());
    let change = (change, Some(left.tried.unwrap_or(tried)));
    found.block_tried("exempt", patient.place("ignoreip"), message, change);
    true
}

/// What of ignoreip may stay: whom it exempts would not be banned.
#[derive(Default)]
struct Left {
    kept: Vec<String>,
    removed: Vec<String>,
    tried: Option<Figures>,
}

impl Left {
    /// Takes out entries that exempt somebody who would be banned, until none does.
    fn of(patient: &Patient, reading: &Reading) -> Left {
        /// Readings of the log.
        const ROUNDS: usize = 8;
        let mut left = Left::default();
        let settings = &patient.rules.settings;
        let none = patient.read_under(&Rules {
            ignores: Ignores::default(),
            ..patient.rules.clone()
        });
        let bans = none.replay(settings).bans;
        let banned: Vec<&str> = bans.iter().map(|ban| none.addresses.text(ban.id)).collect();
        let mut ignores = patient.rules.ignores.clone();
        let culprits = |read: &Reading| -> Vec<String> {
            let of_banned = read
                .exempt()
                .filter(|(address, ..)| banned.contains(address));
            let entries = of_banned.map(|(_, entry, _)| entry.to_owned());
            entries.filter(|entry| entry != "ignoreself").collect()
        };
        let mut found = culprits(reading);
        for _ in 0..ROUNDS {
            if found.is_empty() {
                break;
            }
            found.sort();
            found.dedup();
            ignores.remove(&found);
            left.removed.append(&mut found);
            let read = patient.read_under(&Rules {
                ignores: ignores.clone(),
                ..patient.rules.clone()
            });
            found = culprits(&read);
            left.tried = Some(patient.figures(&read));
        }
        let entries = ignores.texts().filter(|text| ignoreip::is_entry(text));
        left.kept = entries.map(str::to_owned).collect();
        left
    }

    /// What to write into ignoreip.
    fn entries(&self) -> String {
        if self.kept.is_empty() || self.removed.is_empty() {
            return "127.0.0.1/8 ::1".to_owned();
        }
        self.kept.join(" ")
    }
}

/// Says so where the filter would match host names, which `usedns = no` leaves out.
pub(super) fn names_left_out(found: &mut JailDiagnosis, patient: &Patient) -> bool {
    if patient.usedns() != UseDns::No {
        return false;
    }
    let Some(reading) = patient.read_names() else {
        return false;
    };
    let mut names: Vec<(&str, u64)> = reading.names().collect();
    names.sort_by_key(|(_, hits)| std::cmp::Reverse(*hits));
    let total = names.iter().map(|(_, hits)| hits).sum();
    if total > 0 {
        host_names(found, patient, &names, total);
    }
    total > 0
}

/// Host names in place of addresses.
fn host_names(found: &mut JailDiagnosis, patient: &Patient, names: &[(&str, u64)], total: u64) {
    let shown: Vec<&str> = names.iter().take(3).map(|(name, _)| *name).collect();
    let so = match patient.usedns() {
        UseDns::No => "usedns = no leaves them out",
        _ => "fail2ban would have to look them up, and bans what the name leads to, if anything",
    };
    let message = format!(
        "{} of host names ({}), not of addresses: {so}",
        counted(total, "failure is", "failures are"),
        shown.join(", ")
    );
    let filter = patient.parts.filter.as_ref();
    let service = filter.map_or("", |filter| filter.name.as_str());
    let change = match service {
        "sshd" => "UseDNS no in sshd_config, then restart sshd".to_owned(),
        _ => format!(
            "let {service} log addresses, not names (its option is called UseDNS, HostnameLookups or the like)"
        ),
    };
    let place = patient.place("usedns").or(patient.jail.header.as_ref());
    found.block("hostname-only", place, message, change);
}

/// Looks for private addresses among those who fail.
pub(super) fn check_addresses(found: &mut JailDiagnosis, patient: &Patient, reading: &Reading) {
    let tickets = &reading.collector.tickets;
    let mut hits: Vec<(String, u64)> = Vec::new();
    for ticket in tickets {
        let address = reading.addresses.text(ticket.id);
        match hits.iter_mut().find(|(known, _)| known == address) {
            Some((_, count)) => *count += 1,
            None if is_private(address) => hits.push((address.to_owned(), 1)),
            None => {}
        }
    }
    let Some((address, most)) = hits.iter().max_by_key(|(_, count)| *count) else {
        return;
    };
    let total = tickets.len() as u64;
    if 2 * most > total && patient.doctor().lines > 0 {
        let percent = most * 100 / total.max(1);
        let message = format!(
            "{percent} % of the failures ({} of {}) come from {address}, a private address: a proxy or Docker's gateway, not the client; a ban of it shuts everybody out",
            grouped(*most),
            grouped(total)
        );
        let change = "let the service see the client's address (Docker: userland-proxy off or network_mode host; a proxy: X-Forwarded-For or the PROXY protocol), and put the gateway into ignoreip";
        let place = patient.jail.header.as_ref();
        found.block("proxy-address", place, message, change);
        return;
    }
    let banned = found.bans.iter().flatten();
    let banned: Vec<&String> = banned.filter(|address| is_private(address)).collect();
    if let Some(address) = banned.first() {
        let message = format!(
            "{address} would be banned, a machine of the own network: {} ignoreip = 127.0.0.1/8 ::1 {address}, if that is not meant",
            patient.section()
        );
        found.warn("private-address", message);
    }
}

/// Whether an address is one of a private network; those of documentation are not.
fn is_private(address: &str) -> bool {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            ip.is_private() || ip.is_link_local() || ip.is_loopback() || shared
        }
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn networks_of_documentation_are_not_private() {
        for address in [
            "10.1.2.3",
            "172.18.0.1",
            "192.168.7.40",
            "100.64.0.1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_private(address), "{address}");
        }
        for address in [
            "192.0.2.1",
            "198.51.100.23",
            "203.0.113.7",
            "2001:db8::1",
            "172.32.0.1",
        ] {
            assert!(!is_private(address), "{address}");
        }
    }
}
