//! Reports of `simulate --actual`: what the server did beside what the rules say.

pub(crate) mod json;
pub(crate) mod table;
mod words;

use crate::analysis::actual::{Comparison, Record};
use crate::analysis::simulate::{Place, Simulation};
use crate::date::Clock;

/// All that is told.
pub(crate) struct Result<'a> {
    /// What the server did.
    pub(crate) record: &'a Record,
    /// What the rules say.
    pub(crate) simulation: &'a Simulation,
    /// Both together.
    pub(crate) comparison: &'a Comparison,
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
}

impl Result<'_> {
    /// A line of a jail's log as it is named: `auth.log:12`.
    fn line(&self, place: Place) -> String {
        let log = self.simulation.logs.get(place.log as usize);
        let name = log.map_or("?", |log| log.name.as_str());
        format!("{name}:{}", place.line)
    }
}
