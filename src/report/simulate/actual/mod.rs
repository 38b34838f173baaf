//! Reports of `simulate --actual`: what the server did beside what the rules say.

pub(crate) mod history;
pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod story;
pub(crate) mod table;
mod words;

use crate::analysis::actual::history::History;
use crate::analysis::actual::record::Source;
use crate::analysis::actual::story::Story;
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
    /// `--why`.
    pub(crate) why: Option<Why<'a>>,
    /// `--history`.
    pub(crate) history: Option<History>,
    /// For the times that are told.
    pub(crate) clock: &'a Clock,
    /// Files are named with their directories.
    pub(crate) whole_names: bool,
}

/// The story of an address.
pub(crate) struct Why<'a> {
    /// As it was asked for.
    pub(crate) address: String,
    /// One for each jail that knows it.
    pub(crate) stories: Vec<Story<'a>>,
}

impl Result<'_> {
    /// A line of a jail's log as it is named: `auth.log:12`.
    fn line(&self, place: Place) -> String {
        let log = self.simulation.logs.get(place.log as usize);
        let name = log.map_or("?", |log| log.name.as_str());
        format!("{}:{}", self.name(name), place.line)
    }

    /// A line of the record: `fail2ban.log:12`, or `fail2ban.sqlite3, row 12 of bans`.
    fn at(&self, place: Place) -> String {
        let file = self.record.files.get(place.log as usize);
        let name = self.name(file.map_or("?", |file| file.name.as_str()));
        match self.record.source {
            Source::Log => format!("{name}:{}", place.line),
            Source::Database => format!("{name}, row {} of bans", place.line),
        }
    }

    fn name<'n>(&self, path: &'n str) -> &'n str {
        let last = path.rsplit('/').next().filter(|_| !self.whole_names);
        last.unwrap_or(path)
    }
}
