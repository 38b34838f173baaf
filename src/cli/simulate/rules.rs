//! The rules of a jail: its options in jail.conf, each replaced by the command line's.

use super::args::{self, Args};
use crate::analysis::simulate::{BanIncrement, Ignores, Settings, arithmetic, duration};
use crate::config::{FilterRequest, Loader, Sourced, is_true, jail_options};
use crate::engine::dns::UseDns;
use std::collections::BTreeMap;
use std::fmt::Display;

/// A jail's rules.
pub(crate) struct Rules {
    /// Those of the ban.
    pub(crate) settings: Settings,
    /// Who is never banned.
    pub(crate) ignores: Ignores,
    /// How the filter treats host names.
    pub(crate) usedns: UseDns,
    /// Host names are banned as they are.
    pub(crate) names_count: bool,
    /// There is a jail of that name.
    pub(crate) is_jail: bool,
    /// Where options come from, as `file:line`; absent: a default.
    pub(crate) sources: BTreeMap<&'static str, String>,
    /// The jail's `logpath`, one pattern a line.
    pub(crate) logpath: Option<Sourced>,
    /// The jail's `logtimezone`.
    pub(crate) timezone: Option<String>,
    /// What cannot be simulated.
    pub(crate) warnings: Vec<String>,
}

/// The options of the jail, as they are looked up.
struct Options<'a> {
    jail: &'a BTreeMap<String, Sourced>,
    sources: BTreeMap<&'static str, String>,
}

impl Options<'_> {
    /// The value of an option: the given one, else the jail's, read by `parse`.
    fn get<T>(
        &mut self,
        name: &'static str,
        given: Option<T>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        if given.is_some() {
            self.sources.insert(name, "command line".into());
            return Ok(given);
        }
        let Some(value) = self
            .jail
            .get(name)
            .filter(|value| !value.text.trim().is_empty())
        else {
            return Ok(None);
        };
        let place = place(value);
        let read = parse(&value.text).map_err(|error| format!("{place}: {name}: {error}"))?;
        self.sources.insert(name, place);
        Ok(Some(read))
    }
}

fn place(value: &Sourced) -> String {
    value
        .origin
        .as_ref()
        .map_or("the jail".into(), |origin| origin.to_string())
}

impl Rules {
    /// Reads the rules for `spec`, a FILTER argument.
    pub(crate) fn read(loader: &Loader, args: &Args, spec: &str) -> Result<Rules, String> {
        let request = FilterRequest {
            spec,
            config_dir: args.source.config.as_deref(),
            ..FilterRequest::default()
        };
        let jail = jail_options(loader, &request).map_err(text)?;
        let is_jail = jail.is_some();
        let jail = jail.unwrap_or_default();
        let mut options = Options {
            jail: &jail,
            sources: BTreeMap::new(),
        };
        let mut warnings = Vec::new();
        let settings = settings(args, &mut options, &mut warnings)?;
        let plain = |text: &str| Ok(text.to_string());
        let usedns = options.get("usedns", args.usedns.clone(), plain)?;
        let (usedns, names_count) = match (usedns.as_deref().map(UseDns::parse), &args.usedns) {
            (None, _) => (UseDns::Raw, false),
            (Some(Some(UseDns::Raw)), _) => (UseDns::Raw, true),
            (Some(Some(UseDns::Yes | UseDns::Warn)), Some(_)) => (UseDns::Yes, false),
            // the jail would resolve names; nothing goes over the network unasked
            (Some(Some(UseDns::Yes | UseDns::Warn)), None) => (UseDns::Raw, false),
            (Some(None), Some(given)) => {
                return Err(format!("--usedns {given}: expected yes, warn, no or raw"));
            }
            // any other word means no (Filter.setUseDns)
            (Some(Some(UseDns::No) | None), _) => (UseDns::No, false),
        };
        let list = options.get("ignoreip", args.ignoreip.clone(), plain)?;
        let mut ignores = Ignores::parse(list.as_deref().unwrap_or(""), usedns);
        // a server's default is on (Filter.__init__)
        let own = options
            .get("ignoreself", args.ignoreself, boolean)?
            .unwrap_or(true);
        if own {
            ignores.add_own();
        }
        if let Some(command) = jail
            .get("ignorecommand")
            .filter(|c| !c.text.trim().is_empty())
        {
            let what = "ignorecommand is not run; nobody is ignored by it";
            warnings.push(format!("{}: {what}", place(command)));
        }
        let jail_text = |name: &str| jail.get(name).map(|value| value.text.clone());
        Ok(Rules {
            settings,
            ignores,
            usedns,
            names_count,
            is_jail,
            sources: options.sources,
            logpath: jail
                .get("logpath")
                .filter(|path| !path.text.trim().is_empty())
                .cloned(),
            timezone: jail_text("logtimezone").filter(|zone| !zone.is_empty()),
            warnings,
        })
    }
}

fn settings(
    args: &Args,
    options: &mut Options,
    warnings: &mut Vec<String>,
) -> Result<Settings, String> {
    let stock = Settings::default();
    let number = |text: &str| match text.trim().parse::<u32>() {
        Ok(number) => Ok(number),
        Err(_) => Err(format!("{text:?}: expected a number")),
    };
    let maxretry = options.get("maxretry", args.maxretry, number)?;
    let maxmatches = args
        .maxmatches
        .map(|n| u32::try_from(n).unwrap_or(u32::MAX));
    let maxmatches = options.get("maxmatches", maxmatches, number)?;
    let on = options.get("bantime.increment", args.increment, boolean)?;
    // an option that only an increment uses asks for one, on the command line
    let meant = args.factor.is_some()
        || args.formula.is_some()
        || args.multipliers.is_some()
        || args.maxtime.is_some()
        || args.overalljails.is_some();
    let increment = if on.unwrap_or(false) || (meant && args.increment.is_none()) {
        Some(increment(args, options, warnings)?)
    } else {
        None
    };
    Ok(Settings {
        maxretry: maxretry.map_or(stock.maxretry, i64::from),
        findtime: (options.get("findtime", args.findtime, args::positive)?)
            .unwrap_or(stock.findtime),
        maxmatches: maxmatches.map_or(stock.maxmatches, |n| n as usize),
        bantime: options
            .get("bantime", args.bantime, args::ban_time)?
            .unwrap_or(stock.bantime),
        increment,
        blocking: args.blocking,
    })
}

fn increment(
    args: &Args,
    options: &mut Options,
    warnings: &mut Vec<String>,
) -> Result<BanIncrement, String> {
    let plain = |text: &str| Ok(text.to_string());
    let factor = options.get("bantime.factor", args.factor.clone(), plain)?;
    let factor = factor.map(|t| arithmetic::value(&t).map_err(|e| format!("bantime.factor: {e}")));
    let multipliers = options.get("bantime.multipliers", args.multipliers.clone(), plain)?;
    let multipliers = multipliers.as_deref().unwrap_or("").split_whitespace();
    let multipliers: Result<Vec<f64>, String> = multipliers
        .map(|word| match word.parse::<i64>() {
            Ok(number) => Ok(number as f64),
            Err(_) => Err(format!(
                "bantime.multipliers: {word:?}: expected whole numbers"
            )),
        })
        .collect();
    let multipliers = multipliers?;
    let formula = options.get("bantime.formula", args.formula.clone(), plain)?;
    let formula = match formula.filter(|_| multipliers.is_empty()) {
        Some(text) => Some(
            BanIncrement::parse_formula(&text)
                .map_err(|error| format!("bantime.formula {text:?}: {error}"))?,
        ),
        None => None,
    };
    let rndtime = options.get("bantime.rndtime", None, |text| {
        duration::seconds(text).map_err(|error| error.to_string())
    })?;
    if let Some(seconds) = rndtime.filter(|seconds| *seconds != 0.0) {
        let most = duration::show(seconds);
        warnings.push(format!(
            "bantime.rndtime: bans are up to {most} longer than shown"
        ));
    }
    Ok(BanIncrement {
        factor: factor.transpose()?.unwrap_or(1.0),
        multipliers,
        formula,
        maxtime: options.get("bantime.maxtime", args.maxtime, args::positive)?,
        overall_jails: (options.get("bantime.overalljails", args.overalljails, boolean)?)
            .unwrap_or(false),
    })
}

fn boolean(text: &str) -> Result<bool, String> {
    Ok(is_true(text.trim()))
}

fn text(error: impl Display) -> String {
    error.to_string()
}
