//! Addresses that a web server takes from a header of the network in front of it, such as Cloudflare:
//! the packets bear that network's addresses, and a ban of this machine's firewall meets none of them.

use super::commands::commands_of;
use super::files::text;
use super::finding::JailDiagnosis;
use super::patient::Patient;
use super::programs;
use super::service_list::{SERVICES, Service};
use super::services::files;
use crate::config::ActionConfig;

/// Headers that networks of their own set, not proxies of the same machine.
const HEADERS: [&str; 3] = ["CF-Connecting-IP", "True-Client-IP", "Fastly-Client-IP"];
/// How nginx and Apache are told of it, in small letters.
const DIRECTIVES: [&str; 2] = ["real_ip_header", "remoteipheader"];
/// Files read at most.
const FILES: usize = 200;

/// Says so where a ban is one of the machine's own firewall only.
pub(super) fn warn(found: &mut JailDiagnosis, patient: &Patient) {
    let bans = found.bans.as_ref().is_some_and(|bans| !bans.is_empty());
    let actions = &patient.parts.actions;
    if !bans
        || !actions
            .iter()
            .all(|action| is_local(action) || only_tells(action))
    {
        return;
    }
    let Some(header) = service(patient).and_then(|service| header_of(patient, service)) else {
        return;
    };
    let message = format!(
        "the addresses are those of the header {header}: the packets come from the network in front of the server, and a ban of this machine's firewall keeps out only who comes past it; an action such as cloudflare-token bans there"
    );
    found.warn("proxy-address", message);
}

fn is_local(action: &ActionConfig) -> bool {
    programs::call_packet_filter(&commands_of(action))
}

fn only_tells(action: &ActionConfig) -> bool {
    !action.file.contains("cloudflare") && programs::only_report(&commands_of(action))
}

/// The web server whose log the jail reads, by its filter or by where the log lies.
fn service(patient: &Patient) -> Option<&'static Service> {
    let root = patient.doctor().root;
    let filter = patient.parts.filter.as_ref();
    let of_filter = filter.and_then(|filter| Service::of_filter(&filter.name, root));
    if let Some(service) = of_filter.filter(|service| service.is_web) {
        return Some(service);
    }
    let logs = patient.logs();
    let lies = |place: &str| logs.iter().any(|log| log.starts_with(place));
    let name = if lies("/var/log/nginx/") {
        "nginx"
    } else if lies("/var/log/apache2/") || lies("/var/log/httpd/") {
        "Apache"
    } else {
        return None;
    };
    SERVICES.iter().find(|service| service.name == name)
}

/// The header that the configuration of a web server takes addresses from.
fn header_of(patient: &Patient, service: &Service) -> Option<&'static str> {
    let root = patient.doctor().root;
    let all = service.places.iter().flat_map(|place| files(root, place));
    let texts = all.take(FILES).filter_map(|file| text(&file));
    let headers = texts.filter_map(|text| text.lines().find_map(header_in));
    headers.into_iter().next()
}

fn header_in(line: &str) -> Option<&'static str> {
    let mut words = line.split([' ', '\t', ';']).filter(|word| !word.is_empty());
    let directive = words.next()?.to_ascii_lowercase();
    let named = words.next()?;
    let mut headers = HEADERS.into_iter();
    let known = headers.find(|header| header.eq_ignore_ascii_case(named));
    known.filter(|_| DIRECTIVES.contains(&directive.as_str()))
}

#[cfg(test)]
mod tests {
    use super::header_in;

    #[test]
    fn lines_that_name_a_header() {
        let nginx = header_in("    real_ip_header CF-Connecting-IP;");
        assert_eq!(nginx, Some("CF-Connecting-IP"));
        assert_eq!(header_in("RemoteIPHeader cf-connecting-ip"), nginx);
        assert_eq!(header_in("# real_ip_header CF-Connecting-IP;"), None);
        assert_eq!(header_in("real_ip_header X-Forwarded-For;"), None);
        assert_eq!(header_in("proxy_set_header CF-Connecting-IP $x;"), None);
    }
}
