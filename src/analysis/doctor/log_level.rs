//! Log levels by which what a jail looks for is never written: fail2ban's own, and sshd's.

use super::files::text;
use super::log_target::FILTER as RECIDIVE;
use super::patient::Patient;
use super::services::files;
use crate::config::Origin;

/// A level that holds back what a jail is for.
pub(super) struct LogLevel {
    pub(super) message: String,
    pub(super) change: String,
    pub(super) place: Option<Origin>,
}

impl LogLevel {
    /// That of fail2ban's server, which may leave its bans out of its log.
    pub(super) fn of_fail2ban(patient: &Patient) -> Option<LogLevel> {
        let filter = patient.parts.filter.as_ref()?;
        let mut options = patient.ward.machine.server.options.iter();
        let option = options.find(|option| option.name == "loglevel")?;
        let text = option.value.to_text();
        let level = text.as_str().trim().to_uppercase();
        // `Ban 192.0.2.7` is of the level NOTICE
        let holds_back = ["WARNING", "ERROR", "CRITICAL"].contains(&level.as_str());
        if filter.name != RECIDIVE || !holds_back {
            return None;
        }
        let place = option.written.clone();
        let directory = &patient.ward.machine.directory;
        let within = place.as_ref().map(|place| place.within(directory));
        let within = within.map_or(String::new(), |place| format!(" ({place})"));
        Some(LogLevel {
            message: format!("loglevel = {level}{within} leaves the bans out of fail2ban's log"),
            change: "[Definition] of fail2ban.local: loglevel = INFO".to_owned(),
            place,
        })
    }

    /// That of sshd, which tells of failed logins at the level INFO.
    pub(super) fn of_sshd(patient: &Patient) -> Option<LogLevel> {
        const HOLD_BACK: [&str; 3] = ["QUIET", "FATAL", "ERROR"];
        let filter = patient.parts.filter.as_ref()?;
        let root = patient.doctor().root;
        // the files of the directory are read first, and of an option the first value counts
        let places = ["/etc/ssh/sshd_config.d/*.conf", "/etc/ssh/sshd_config"];
        let mut all = places.iter().flat_map(|place| files(root, place));
        let level = all.find_map(|file| level_of(&text(&file)?))?;
        if filter.name != "sshd" || !HOLD_BACK.contains(&level.as_str()) {
            return None;
        }
        Some(LogLevel {
            message: format!("LogLevel {level} (sshd_config) keeps sshd from telling of them"),
            change: "LogLevel INFO (or VERBOSE) in sshd_config, then restart sshd".to_owned(),
            place: patient.jail.header.clone(),
        })
    }
}

/// The level that a configuration of sshd sets for everybody.
fn level_of(config: &str) -> Option<String> {
    let separates = |c: char| c.is_whitespace() || c == '=';
    let lines = config.lines().map(|line| {
        let mut words = line.split(separates).filter(|word| !word.is_empty());
        (words.next().unwrap_or_default(), words.next())
    });
    let mut global = lines.take_while(|(name, _)| !name.eq_ignore_ascii_case("Match"));
    let (_, level) = global.find(|(name, _)| name.eq_ignore_ascii_case("LogLevel"))?;
    Some(level?.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::level_of;

    #[test]
    fn levels_of_sshd() {
        assert_eq!(
            level_of("Port 22\nloglevel=quiet\n").as_deref(),
            Some("QUIET")
        );
        assert_eq!(level_of("#LogLevel QUIET\n"), None);
        assert_eq!(level_of("Match User a\n  LogLevel QUIET\n"), None);
        assert_eq!(
            level_of("LogLevel INFO\nLogLevel QUIET\n").as_deref(),
            Some("INFO")
        );
    }
}
