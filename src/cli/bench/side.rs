//! A filter that takes part in a bench, set up.

use crate::analysis::bench::report::{RegexText, Side};
use crate::analysis::bench::revision::Checkout;
use crate::analysis::bench::{Candidate, FilterTiming};
use crate::cli::setup::Setup;
use crate::date::Clock;
use crate::engine::FilterRegex;
use std::path::Path;

/// A filter set up, and how the report calls it.
pub(crate) struct Prepared {
    /// The filter and its detector.
    pub(crate) setup: Setup,
    /// As given on the command line.
    pub(crate) name: String,
    /// The revision it was read from.
    pub(crate) checkout: Option<Checkout>,
}

impl Prepared {
    /// What the report says of it.
    pub(crate) fn side(&self, mut timing: Option<FilterTiming>) -> Side {
        let shown = |path: &Path| {
            let path = path.display().to_string();
            match &self.checkout {
                Some(checkout) => checkout.shown(&path),
                None => path,
            }
        };
        let regex = |(at, regex): (usize, &FilterRegex)| RegexText {
            number: at + 1,
            regex: regex.source.text.clone(),
            file: regex.source.origin.as_ref().map(|o| shown(&o.file)),
            line: regex.source.origin.as_ref().map(|o| o.line),
        };
        let files = timing.iter_mut().flat_map(|timing| &mut timing.parts);
        for file in files.filter_map(|part| part.file.as_mut()) {
            *file = shown(Path::new(file));
        }
        let file = self.setup.source.as_ref().and_then(|s| s.main_file());
        Side {
            name: self.name.clone(),
            file: file.map(shown),
            failregex: self
                .setup
                .filter
                .failregexes
                .iter()
                .enumerate()
                .map(regex)
                .collect(),
            timing,
        }
    }

    /// What is measured and compared.
    pub(crate) fn candidate<'a>(&'a self, clock: &'a Clock) -> Candidate<'a> {
        Candidate {
            filter: &self.setup.filter,
            detector: self.setup.detector.as_ref(),
            clock,
        }
    }
}
