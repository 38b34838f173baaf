//! The messages of fail2ban's log, of every version since 0.9: what a line says, without its time.

use regex::Regex;
use std::sync::LazyLock;

/// What a line of fail2ban's log says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Message<'l> {
    /// Something happened to an address, or another failure id, in a jail.
    Deed {
        /// The jail.
        jail: &'l str,
        /// What happened.
        deed: Deed,
        /// Who.
        id: &'l str,
        /// The time that is told with it: of the failure, or the end of a longer ban.
        time: Option<&'l str>,
    },
    /// A server starts; its version.
    Starting(&'l str),
    /// A server has ended.
    Exiting,
    /// The options of a jail follow: it is made, or read anew.
    Options(&'l str),
    /// A jail works.
    JailStarted(&'l str),
    /// An option of the jail whose options are being told.
    Setting(Rule, f64),
    /// A log of that jail.
    LogAdded(&'l str),
    /// Something else.
    Other,
}

/// What happens to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Deed {
    /// A failure.
    Found,
    /// A failure told by hand (`fail2ban-client set JAIL attempt`).
    Attempt,
    /// It is banned.
    Ban,
    /// It is banned again after a start: the ban is in force still.
    Restore,
    /// Its ban ends.
    Unban,
    /// Its ban is lifted since the server ends.
    Repeal,
    /// It is banned already.
    Already,
    /// Its ban is longer than the jail's bantime.
    Increase,
    /// Its failure does not count.
    Ignore,
}

/// An option that decides on bans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    /// `maxretry`.
    MaxRetry,
    /// `findtime`, seconds.
    FindTime,
    /// `bantime`, seconds.
    BanTime,
}

impl Rule {
    /// Its name in jail.conf.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rule::MaxRetry => "maxretry",
            Rule::FindTime => "findtime",
            Rule::BanTime => "bantime",
        }
    }
}

/// Behind the level of a line begins its message. What stands before depends on the version, the
/// target and the verbosity; levels may be cut to five letters.
static LEVEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^.{0,160}?(?:^|[\s>])(?:INFO|NOTICE?|MSG|WARN(?:I|ING)?|ERROR|CRITI(?:CAL)?|DEBUG)\s+",
    )
    .ok()
});

/// Splits a line of fail2ban's log before its message; None where it has none.
pub(super) fn split(line: &str) -> Option<(&str, &str)> {
    let head = LEVEL.as_ref()?.find(line)?;
    Some((&line[..head.end()], &line[head.end()..]))
}

/// Reads a message.
pub(super) fn read(message: &str) -> Message<'_> {
    let message = message.trim();
    if let Some(of_jail) = message.strip_prefix('[') {
        return match of_jail.split_once("] ") {
            Some((jail, rest)) => deed(jail, rest).unwrap_or(Message::Other),
            None => Message::Other,
        };
    }
    let quoted = |rest: &'static str| {
        let text = message.strip_prefix(rest)?;
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (inner, behind) = text[1..].split_once(quote)?;
        Some((inner, behind))
    };
    if let Some(version) = message.strip_prefix("Starting Fail2ban v") {
        return Message::Starting(version.trim());
    }
    if message == "Exiting Fail2ban" {
        return Message::Exiting;
    }
    let options = ["Creating new jail ", "Reload jail "];
    if let Some((jail, _)) = options.into_iter().find_map(quoted) {
        return Message::Options(jail);
    }
    if let Some((jail, " started" | " reloaded")) = quoted("Jail ") {
        return Message::JailStarted(jail);
    }
    if let Some((path, _)) = quoted("Added logfile: ") {
        return Message::LogAdded(path);
    }
    if let Some(path) = message.strip_prefix("Added logfile = ") {
        return Message::LogAdded(path.split(" (pos = ").next().unwrap_or(path));
    }
    setting(message).unwrap_or(Message::Other)
}

/// `maxRetry: 3` and, before 0.10, `Set maxRetry = 3`.
fn setting(message: &str) -> Option<Message<'_>> {
    let (name, value) = match message.strip_prefix("Set ") {
        Some(old) => old.split_once(" = ")?,
        None => message.split_once(": ")?,
    };
    let rule = match name {
        "maxRetry" => Rule::MaxRetry,
        "findtime" => Rule::FindTime,
        "banTime" => Rule::BanTime,
        _ => return None,
    };
    let value: f64 = value.trim().parse().ok()?;
    value.is_finite().then_some(Message::Setting(rule, value))
}

/// What stands behind the name of a jail.
fn deed<'l>(jail: &'l str, text: &'l str) -> Option<Message<'l>> {
    let say = |deed, id: &'l str, time| {
        let id = id.trim();
        (!id.is_empty()).then_some(Message::Deed {
            jail,
            deed,
            id,
            time,
        })
    };
    if let Some(id) = text.strip_suffix(" already banned") {
        return say(Deed::Already, id, None);
    }
    let failures = [("Found ", Deed::Found), ("Attempt ", Deed::Attempt)];
    for (word, deed) in failures {
        let Some(rest) = text.strip_prefix(word) else {
            continue;
        };
        return match rest.rsplit_once(" - ") {
            // the observer repeats the failure of an address it knows
            Some((id, _)) if id.ends_with(", bad") => None,
            Some((id, time)) => say(deed, id, Some(time.trim())),
            None => say(deed, rest, None),
        };
    }
    if let Some(rest) = text.strip_prefix("Increase Ban ") {
        let (id, more) = rest.rsplit_once(" (")?;
        let end = more.strip_suffix(')')?.rsplit_once("-> ");
        return say(Deed::Increase, id, end.map(|(_, time)| time.trim()));
    }
    if let Some(rest) = text.strip_prefix("Ignore ") {
        if rest.ends_with(", expired bantime") {
            return None;
        }
        let id = rest.rsplit_once(" by ").map_or(rest, |(id, _)| id);
        return say(Deed::Ignore, id, None);
    }
    let plain = [
        ("Ban ", Deed::Ban),
        ("Restore Ban ", Deed::Restore),
        ("Unban ", Deed::Unban),
        ("Repeal Ban ", Deed::Repeal),
    ];
    let (id, deed) =
        (plain.iter()).find_map(|(word, deed)| Some((text.strip_prefix(word)?, *deed)))?;
    say(deed, id, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Message<'_> {
        read(split(line).map_or("", |(_, message)| message))
    }

    fn deed<'l>(deed: Deed, id: &'l str, time: Option<&'l str>) -> Message<'l> {
        let jail = "sshd";
        Message::Deed {
            jail,
            deed,
            id,
            time,
        }
    }

    // The forms of 0.9.0 to the development head: server.py and helpers.py of each.
    #[test]
    fn forms_of_lines() {
        let ban = deed(Deed::Ban, "192.0.2.1", None);
        for line in [
            "2014-03-15 10:00:00,123 fail2ban.actions[77]: NOTICE  [sshd] Ban 192.0.2.1",
            "2026-11-28 18:19:17,786 fail2ban.actions        [9299]: NOTICE  [sshd] Ban 192.0.2.1",
            "2026-11-28 18:19:17,786 fail2ban.actions [9299]: NOTICE [sshd] Ban 192.0.2.1",
            "Nov 28 18:19:17 gate fail2ban.actions[9299]: NOTICE [sshd] Ban 192.0.2.1",
            "fail2ban.actions[9299]: NOTICE [sshd] Ban 192.0.2.1",
            " 2026-11-28 18:19:17,786 7F3A2C NOTIC [sshd] Ban 192.0.2.1",
            " +   12 7F3A2C fail2ban.actions          NOTIC [sshd] Ban 192.0.2.1",
            "<29>Nov 28 18:19:17 fail2ban.actions[9299]: NOTICE [sshd] Ban 192.0.2.1",
        ] {
            assert_eq!(of(line), ban, "{line}");
        }
        assert_eq!(split("Nov 28 18:19:17 gate sshd[1]: Failed password"), None);
    }

    #[test]
    fn messages_of_jails() {
        let time = Some("2026-11-28 18:19:38");
        for (text, want) in [
            ("Found 192.0.2.1", deed(Deed::Found, "192.0.2.1", None)),
            (
                "Found 192.0.2.1 - 2026-11-28 18:19:38",
                deed(Deed::Found, "192.0.2.1", time),
            ),
            (
                "Found 192.0.2.1, bad - 2026-11-28 18:19:38, 1 # -> 2.0, Ban",
                Message::Other,
            ),
            (
                "Attempt 192.0.2.1 - 2026-11-28 18:19:38",
                deed(Deed::Attempt, "192.0.2.1", time),
            ),
            ("Restore Ban ::1", deed(Deed::Restore, "::1", None)),
            ("Unban ::1", deed(Deed::Unban, "::1", None)),
            ("Repeal Ban ::1", deed(Deed::Repeal, "::1", None)),
            ("::1 already banned", deed(Deed::Already, "::1", None)),
            (
                "Increase Ban ::1 (2 # 6s -> 2026-11-28 18:19:38)",
                deed(Deed::Increase, "::1", time),
            ),
            ("Ignore ::1 by ip", deed(Deed::Ignore, "::1", None)),
            ("Ignore ::1", deed(Deed::Ignore, "::1", None)),
            ("Ignore ::1, expired bantime", Message::Other),
            // an id with what looks like a message in it stays one id
            (
                "Found x [sshd] Ban 192.0.2.9",
                deed(Deed::Found, "x [sshd] Ban 192.0.2.9", None),
            ),
        ] {
            let line = format!("2026-11-28 18:19:38,1 fail2ban.x [1]: INFO    [sshd] {text}");
            assert_eq!(of(&line), want, "{text}");
        }
    }

    #[test]
    fn messages_of_the_server() {
        for (text, want) in [
            ("Starting Fail2ban v1.0.2", Message::Starting("1.0.2")),
            ("Exiting Fail2ban", Message::Exiting),
            ("Creating new jail 'sshd'", Message::Options("sshd")),
            ("Reload jail 'sshd'", Message::Options("sshd")),
            ("Jail 'sshd' started", Message::JailStarted("sshd")),
            ("  maxRetry: 3", Message::Setting(Rule::MaxRetry, 3.0)),
            ("Set maxRetry = 3", Message::Setting(Rule::MaxRetry, 3.0)),
            ("  findtime: 600", Message::Setting(Rule::FindTime, 600.0)),
            ("  banTime: -1", Message::Setting(Rule::BanTime, -1.0)),
            (
                "Added logfile: '/var/log/a.log' (pos = 0, hash = 1)",
                Message::LogAdded("/var/log/a.log"),
            ),
            (
                "Added logfile = /var/log/a.log",
                Message::LogAdded("/var/log/a.log"),
            ),
            ("Set banTime.increment = True", Message::Other),
        ] {
            let line = format!("2026-11-28 18:19:38,1 fail2ban.x [1]: INFO    {text}");
            assert_eq!(of(&line), want, "{text}");
        }
    }
}
