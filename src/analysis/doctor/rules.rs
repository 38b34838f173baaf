//! The rules of a jail that decide on bans, from its options as fail2ban understands them.

use crate::analysis::simulate::{BanIncrement, Ignores, Settings, arithmetic, duration};
use crate::config::{JailConfig, Value, is_true};
use crate::engine::dns::UseDns;

/// A jail's rules.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) settings: Settings,
    pub(super) ignores: Ignores,
    /// How the filter treats host names.
    pub(super) usedns: UseDns,
    /// Host names are banned as they are.
    pub(super) names_count: bool,
}

impl Rules {
    /// Reads the rules. `elsewhere`: the machine is another one than this, whose addresses say
    /// nothing of its own.
    pub(super) fn of(jail: &JailConfig, elsewhere: bool) -> Rules {
        let value = |name: &str| {
            let option = jail.option(name).filter(|option| !option.value.is_none());
            option.map(|option| &option.value)
        };
        let text = |name: &str| value(name).map(|value| value.to_text().as_str().to_owned());
        let seconds = |name: &str| duration::seconds(&text(name)?).ok();
        let stock = Settings::default();
        let number = |name: &str| text(name).and_then(|text| text.trim().parse::<i64>().ok());
        let named = text("usedns");
        let named = named.as_deref().map(UseDns::parse);
        // a server would resolve names; nothing goes over the network unasked
        let (usedns, names_count) = match named {
            Some(Some(UseDns::Raw)) => (UseDns::Raw, true),
            None | Some(Some(UseDns::Yes | UseDns::Warn)) => (UseDns::Raw, false),
            Some(Some(UseDns::No) | None) => (UseDns::No, false),
        };
        let mut ignores = Ignores::parse(&text("ignoreip").unwrap_or_default(), usedns);
        // a server's default is on (Filter.__init__)
        let own = value("ignoreself").is_none_or(is_set);
        match (own, elsewhere) {
            (true, false) => ignores.add_own(),
            (true, true) => ignores.add_localhost(),
            (false, _) => {}
        }
        let increment = value("bantime.increment").is_some_and(is_set);
        Rules {
            settings: Settings {
                maxretry: number("maxretry").unwrap_or(stock.maxretry),
                findtime: seconds("findtime").unwrap_or(stock.findtime),
                bantime: seconds("bantime").unwrap_or(stock.bantime),
                increment: increment.then(|| BanIncrement {
                    factor: text("bantime.factor")
                        .and_then(|text| arithmetic::value(&text).ok())
                        .unwrap_or(1.0),
                    maxtime: seconds("bantime.maxtime"),
                    overall_jails: value("bantime.overalljails").is_some_and(is_set),
                    ..BanIncrement::default()
                }),
                ..stock
            },
            ignores,
            usedns,
            names_count,
        }
    }
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Text(text) => is_true(text.as_str().trim()),
        other => other.is_truthy(),
    }
}
