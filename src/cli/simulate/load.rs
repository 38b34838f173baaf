//! A jail's rules and filter, read from the configuration.

use super::Jail;
use super::args::{Args, Format};
use super::asked::Asked;
use super::rules::Rules;
use crate::analysis::simulate::{Collector, SimulatedJail};
use crate::cli::setup::{self, SetupRequest};
use crate::config::{FilterKind, Loader};

/// Reads the rules and the filter of a jail.
pub(super) fn load(
    loader: &Loader,
    args: &Args,
    asked: &Asked,
    spec: &str,
    systemd: bool,
) -> Result<Jail, String> {
    let rules = Rules::read(loader, args, spec)?;
    let timezone = match args.source.timezone {
        Some(_) => asked.timezone,
        None => rules.timezone.as_deref(),
    };
    let request = SetupRequest {
        ignoreregex: args.ignoreregex.as_deref(),
        usedns: rules.usedns,
        // as the server runs it: up to the first failregex that matches
        check_all: false,
        systemd,
        changes: &args.changes,
        maxlines: args.maxlines,
        ..args.source.request(spec, timezone)
    };
    let setup = setup::build_strict(loader, &request, &asked.clock);
    let setup = setup.map_err(|error| error.message)?;
    let name = match setup.source.as_ref().map(|source| &source.kind) {
        Some(FilterKind::Jail { name, .. } | FilterKind::FilterD { name, .. }) => name.clone(),
        Some(FilterKind::Foreign { name, .. }) => name.clone(),
        None => spec.to_string(),
    };
    let collector = Collector::new(rules.ignores.clone(), rules.names_count);
    let regexes = setup.filter.failregexes.iter().map(|regex| {
        let origin = regex.source.origin.as_ref();
        origin.map(ToString::to_string)
    });
    Ok(Jail {
        shown: SimulatedJail {
            name,
            is_jail: rules.is_jail,
            settings: rules.settings.clone(),
            sources: rules.sources.clone(),
            collector: match args.format {
                Format::Matches => collector.keep_rows(),
                _ => collector,
            },
            fed: false,
            regexes: regexes.collect(),
        },
        setup,
        rules,
        journal: systemd,
        unordered: false,
    })
}
