//! Countries and autonomous systems of addresses, by local databases in MaxMind's format.

use crate::files;
use maxminddb::Reader;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A database larger than this is refused: the largest of MaxMind's is a tenth of it.
const LARGEST: u64 = 1 << 30;

/// Databases; perhaps none.
#[derive(Default)]
pub(crate) struct Geo {
    databases: Vec<Database>,
}

struct Database {
    name: String,
    reader: Reader<Vec<u8>>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Countries,
    Systems,
}

/// Where an address belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Belongs {
    /// `DE`.
    pub(crate) country: Option<String>,
    /// `AS64496 Example`.
    pub(crate) system: Option<String>,
}

#[derive(Deserialize)]
struct Country {
    country: Option<IsoCode>,
    registered_country: Option<IsoCode>,
}

#[derive(Deserialize)]
struct IsoCode {
    iso_code: Option<String>,
}

#[derive(Deserialize)]
struct System {
    autonomous_system_number: Option<u32>,
    autonomous_system_organization: Option<String>,
}

impl Geo {
    /// Opens databases.
    ///
    /// # Errors
    ///
    /// Where one cannot be read, or is neither of countries nor of autonomous systems.
    pub(crate) fn open(paths: &[PathBuf]) -> Result<Geo, String> {
        let databases = paths.iter().map(|path| Database::open(path));
        Ok(Geo {
            databases: databases.collect::<Result<_, _>>()?,
        })
    }

    /// There is a database of countries.
    pub(crate) fn has_countries(&self) -> bool {
        self.databases.iter().any(|one| one.kind == Kind::Countries)
    }

    /// There is a database of autonomous systems.
    pub(crate) fn has_systems(&self) -> bool {
        self.databases.iter().any(|one| one.kind == Kind::Systems)
    }

    /// Where an address belongs.
    ///
    /// # Errors
    ///
    /// Where a database is damaged.
    pub(crate) fn find(&self, ip: IpAddr) -> Result<Belongs, String> {
        let mut belongs = Belongs::default();
        for database in &self.databases {
            match database.kind {
                Kind::Countries => {
                    let found: Option<Country> = database.find(ip)?;
                    let country = found.and_then(|found| {
                        let of = |one: Option<IsoCode>| one.and_then(|one| one.iso_code);
                        of(found.country).or_else(|| of(found.registered_country))
                    });
                    belongs.country = belongs.country.or(country);
                }
                Kind::Systems => {
                    let found: Option<System> = database.find(ip)?;
                    let system = found.and_then(|found| {
                        let number = found.autonomous_system_number?;
                        let name = found.autonomous_system_organization.unwrap_or_default();
                        Some(format!("AS{number} {name}").trim_end().to_owned())
                    });
                    belongs.system = belongs.system.or(system);
                }
            }
        }
        Ok(belongs)
    }
}

impl Database {
    fn open(path: &Path) -> Result<Database, String> {
        let name = path.display().to_string();
        let bytes = files::read_regular(path, LARGEST);
        let bytes = bytes.map_err(|error| format!("--mmdb {name}: {error}"))?;
        let reader = Reader::from_source(bytes).map_err(|error| {
            format!("--mmdb {name}: {error}; expected a database such as GeoLite2-Country.mmdb")
        })?;
        let about = &reader.metadata().database_type;
        let kind = match about.as_str() {
            about if about.contains("ASN") || about.contains("ISP") => Kind::Systems,
            about
                if ["Country", "City", "Enterprise"]
                    .iter()
                    .any(|one| about.contains(one)) =>
            {
                Kind::Countries
            }
            about => {
                return Err(format!(
                    "--mmdb {name}: a database of {about:?}; expected one of countries (Country, \
                     City) or of autonomous systems (ASN, ISP)"
                ));
            }
        };
        Ok(Database { name, reader, kind })
    }

    fn find<'r, Found: Deserialize<'r>>(&'r self, ip: IpAddr) -> Result<Option<Found>, String> {
        // a database of IPv4 only knows no other address
        if ip.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let found = self.reader.lookup(ip).and_then(|found| found.decode());
        found.map_err(|error| format!("--mmdb {}: {ip}: {error}", self.name))
    }
}
