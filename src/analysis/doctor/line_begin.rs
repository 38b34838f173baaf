//! Lines that a filter can never match: every failregex begins with the address, and no line does.
//! So it is with a filter for one format of access logs on a log of another.

use super::filter::{self, Replaced};
use super::hints;
use super::patient::Patient;
use crate::config::Setting;
use crate::engine::dns::UseDns;

/// Lines by which the form of a log is known.
const ENOUGH: usize = 5;

/// How failregexes that begin with the address are written.
const BEGINS: [&str; 6] = [
    "^<HOST>",
    "^<ADDR>",
    "^<IP4>",
    r"^\s*<HOST>",
    r"^\s*<ADDR>",
    "^<SUBNET>",
];

/// A line of the log, where the address stands elsewhere in all of them.
pub(super) fn elsewhere(patient: &Patient) -> Option<String> {
    let mut settings = patient.settings(patient.reads_journal(), &patient.jail.name)?;
    for setting in &mut settings {
        match setting {
            Setting::Failregex(value) => {
                let begins = BEGINS
                    .iter()
                    .find(|begin| value.text.starts_with(**begin))?;
                value.text = (*begins).to_owned();
            }
            Setting::Prefregex(_) => return None,
            _ => {}
        }
    }
    settings.retain(|setting| !matches!(setting, Setting::Ignoreregex(_)));
    let lines = hints::sample(patient);
    let with_address = lines.iter().filter(|line| hints::names_address(&line.text));
    if lines.len() < ENOUGH || with_address.count() < lines.len() {
        return None;
    }
    // host names, too, are what `<HOST>` stands for
    let clock = patient.doctor().clock;
    let built = filter::build(&settings, UseDns::Raw, Replaced::default(), clock).ok()?;
    let reading = patient.read_with(&built);
    (reading.matched == 0).then(|| lines.into_iter().next_back().map(|line| line.text))?
}
