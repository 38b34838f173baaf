//! The bans of a record, counted: by day, jail, address, network, country.

use super::geo::Geo;
use super::record::{Event, JailId, Kind, Record, Source};
use crate::analysis::simulate::{AddressId, Addresses};
use crate::date::Clock;
use crate::engine::address::{Address, Reading};
use crate::input::Window;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bans of a record.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// All bans.
    pub(crate) bans: u64,
    /// Bans restored at starts; not among them.
    pub(crate) restored: u64,
    /// Of how many addresses.
    pub(crate) addresses: u64,
    /// By day, local time: `2026-11-28`.
    pub(crate) days: Vec<Group>,
    /// By jail, the most bans first, as are all that follow.
    pub(crate) jails: Vec<Group>,
    /// Addresses that were banned more than once.
    pub(crate) repeated: Vec<Group>,
    /// Networks: /24 and /48.
    pub(crate) networks: Vec<Network>,
    /// Countries, where a database of them is given.
    pub(crate) countries: Option<Vec<Group>>,
    /// Autonomous systems.
    pub(crate) systems: Option<Vec<Group>>,
}

/// Bans that have something in common.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    /// What.
    pub(crate) name: String,
    /// How many.
    pub(crate) bans: u64,
    /// Of how many addresses.
    pub(crate) addresses: u64,
    /// The first, epoch seconds.
    pub(crate) first: f64,
    /// The last.
    pub(crate) last: f64,
}

/// The bans of a network, and what a ban of the whole would have saved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Network {
    /// The bans.
    pub(crate) group: Group,
    /// Bans of other addresses of it while one was banned.
    pub(crate) saved_bans: u64,
    /// Failures of other addresses of it while one was banned; None where the record has none.
    pub(crate) saved_failures: Option<u64>,
}

/// Bans gathered.
#[derive(Default)]
struct Gathered {
    bans: u64,
    addresses: BTreeSet<AddressId>,
    first: f64,
    last: f64,
}

impl Gathered {
    fn add(&mut self, event: &Event) {
        if self.bans == 0 {
            (self.first, self.last) = (event.time, event.time);
        }
        self.bans += 1;
        self.addresses.insert(event.id);
        self.first = self.first.min(event.time);
        self.last = self.last.max(event.time);
    }

    fn group(&self, name: String) -> Group {
        Group {
            name,
            bans: self.bans,
            addresses: self.addresses.len() as u64,
            first: self.first,
            last: self.last,
        }
    }
}

/// Counts the bans.
///
/// # Errors
///
/// Where a database of countries is damaged.
pub(crate) fn history(
    record: &Record,
    addresses: &Addresses,
    clock: &Clock,
    (window, geo): (Window, &Geo),
) -> Result<History, String> {
    let mut all = Gathered::default();
    let mut days: BTreeMap<String, Gathered> = BTreeMap::new();
    let mut jails: HashMap<JailId, Gathered> = HashMap::new();
    let mut by_address: HashMap<AddressId, Gathered> = HashMap::new();
    let mut by_network: HashMap<String, Gathered> = HashMap::new();
    let mut countries: HashMap<String, Gathered> = HashMap::new();
    let mut systems: HashMap<String, Gathered> = HashMap::new();
    let inside = record
        .events
        .iter()
        .filter(|event| window.holds(event.time));
    let restored = inside
        .clone()
        .filter(|event| event.kind == Kind::Restore)
        .count();
    for event in inside.filter(|event| event.kind == Kind::Ban) {
        all.add(event);
        let day = clock.iso(event.time);
        let day = day.get(..10).unwrap_or(&day).to_owned();
        days.entry(day).or_default().add(event);
        jails.entry(event.jail).or_default().add(event);
        by_address.entry(event.id).or_default().add(event);
        let Some(ip) = ip(addresses, event.id) else {
            continue;
        };
        by_network.entry(network(ip)).or_default().add(event);
        let place = geo.find(ip)?;
        let unknown = || "unknown".to_owned();
        countries
            .entry(place.country.unwrap_or_else(unknown))
            .or_default()
            .add(event);
        systems
            .entry(place.system.unwrap_or_else(unknown))
            .or_default()
            .add(event);
    }
    let jail_name = |id: &JailId| {
        let name = record.jails.get_index(usize::from(id.0));
        name.cloned().unwrap_or_default()
    };
    by_address.retain(|_, gathered| gathered.bans > 1);
    let saved = saved(record, addresses, window);
    let networks = groups(by_network.iter().map(|(name, all)| all.group(name.clone())));
    let has_failures = record.has_failures();
    Ok(History {
        bans: all.bans,
        restored: restored as u64,
        addresses: all.addresses.len() as u64,
        days: days.into_iter().map(|(day, all)| all.group(day)).collect(),
        jails: groups(jails.iter().map(|(id, all)| all.group(jail_name(id)))),
        repeated: groups(
            (by_address.iter()).map(|(id, all)| all.group(addresses.text(*id).to_owned())),
        ),
        networks: networks
            .into_iter()
            .map(|group| {
                let (saved_bans, failures) = saved.get(&group.name).copied().unwrap_or_default();
                Network {
                    group,
                    saved_bans,
                    saved_failures: has_failures.then_some(failures),
                }
            })
            .collect(),
        countries: (geo.has_countries())
            .then(|| groups(countries.iter().map(|(name, all)| all.group(name.clone())))),
        systems: (geo.has_systems())
            .then(|| groups(systems.iter().map(|(name, all)| all.group(name.clone())))),
    })
}

/// Groups, the most bans first.
fn groups(all: impl Iterator<Item = Group>) -> Vec<Group> {
    let mut all: Vec<Group> = all.collect();
    all.sort_by(|a, b| b.bans.cmp(&a.bans).then_with(|| a.name.cmp(&b.name)));
    all
}

fn ip(addresses: &Addresses, id: AddressId) -> Option<IpAddr> {
    Address::new(addresses.text(id), Reading::Any).ip()
}

/// The network of an address: /24, or /48 of IPv6.
fn network(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("{}/24", Ipv4Addr::from(u32::from(ip) & !0xff)),
        IpAddr::V6(ip) => format!("{}/48", Ipv6Addr::from(u128::from(ip) & !(u128::MAX >> 48))),
    }
}

/// By network: bans and failures of other addresses in the same jail while one of it was banned,
/// had that ban been one of the whole network.
fn saved(record: &Record, addresses: &Addresses, window: Window) -> HashMap<String, (u64, u64)> {
    let ends = ends(record);
    // by jail and network: until when it would be banned, and for whom
    let mut banned: HashMap<(JailId, String), (f64, AddressId)> = HashMap::new();
    let mut saved: HashMap<String, (u64, u64)> = HashMap::new();
    for (number, event) in record.events.iter().enumerate() {
        if !matches!(event.kind, Kind::Ban | Kind::Found) || !window.holds(event.time) {
            continue;
        }
        let Some(network) = ip(addresses, event.id).map(network) else {
            continue;
        };
        let key = (event.jail, network);
        let covered =
            (banned.get(&key)).is_some_and(|(until, of)| event.time < *until && *of != event.id);
        match event.kind {
            Kind::Found if covered => saved.entry(key.1).or_default().1 += 1,
            Kind::Ban if covered => saved.entry(key.1).or_default().0 += 1,
            Kind::Ban => {
                let end = ends.get(&number).copied().unwrap_or(f64::INFINITY);
                banned.insert(key, (end, event.id));
            }
            _ => {}
        }
    }
    saved
}

/// When each ban ended, epoch seconds, by the number of its event; absent: it is in force still.
fn ends(record: &Record) -> HashMap<usize, f64> {
    let mut ends = HashMap::new();
    if record.source == Source::Database {
        for (number, (event, row)) in record.events.iter().zip(&record.rows).enumerate() {
            let bantime = row.bantime.filter(|seconds| *seconds >= 0.0);
            ends.extend(bantime.map(|seconds| (number, event.time + seconds)));
        }
        return ends;
    }
    let mut open: HashMap<(JailId, AddressId), usize> = HashMap::new();
    for (number, event) in record.events.iter().enumerate() {
        match event.kind {
            Kind::Ban => {
                open.insert((event.jail, event.id), number);
            }
            // a ban that is repealed at the end of a server is restored at the next start
            Kind::Unban => {
                let ban = open.remove(&(event.jail, event.id));
                ends.extend(ban.map(|ban| (ban, event.time)));
            }
            _ => {}
        }
    }
    ends
}
