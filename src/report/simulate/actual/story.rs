//! `--why`: the story of an address for people, on one screen: the last lines of it.

use super::{Result, words};
use crate::analysis::actual::Deviation;
use crate::analysis::actual::record::Kind;
use crate::analysis::actual::story::{Entry, Outcome, Story, What};
use crate::report::Format;
use crate::report::columns::{keep_whole, print, sharing_table};
use crate::report::text::{Screen, counted, grouped, printable, wrapped};
use std::io::{self, Write};

/// The table, as wide as the screen.
pub(crate) struct Table {
    /// Lines of a story shown: the last.
    pub(crate) top: usize,
    /// Where.
    pub(crate) screen: Screen,
}

impl Format<Result<'_>> for Table {
    fn write(&self, result: &Result<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Some(why) = &result.why else {
            return Ok(());
        };
        if why.stories.is_empty() {
            let address = printable(&why.address);
            writeln!(out, "{address}: neither in the logs nor in the record")?;
        }
        for (number, story) in why.stories.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            self.story(out, result, (&why.address, story))?;
        }
        Ok(())
    }
}

impl Table {
    fn story(
        &self,
        out: &mut dyn Write,
        result: &Result,
        (address, story): (&str, &Story),
    ) -> io::Result<()> {
        let entries = story.entries.iter();
        let by_rules = entries
            .clone()
            .filter(|entry| is_ban_by_rules(entry))
            .count() as u64;
        let banned = entries.filter(|entry| matches!(entry.what, What::Server(Kind::Ban, _)));
        let head = format!(
            "{}  {}: {} by the rules, {} of the server",
            self.screen.heading(&printable(address)),
            printable(story.jail),
            counted(by_rules, "ban", "bans"),
            grouped(banned.count() as u64)
        );
        writeln!(out, "{head}")?;
        if let Some(entry) = &story.ignored_by {
            writeln!(out, "  its failures do not count: {}", printable(entry))?;
        }
        for deviation in &story.deviations {
            let text = self::deviation(deviation, result);
            let lines = wrapped(&text, self.screen.width.saturating_sub(2), 2);
            writeln!(out, "  {}", lines.join("\n  "))?;
        }
        let hidden = story.entries.len().saturating_sub(self.top);
        if hidden > 0 {
            let lines = counted(hidden as u64, "line", "lines");
            writeln!(out, "\n  {lines} before these: --top N, or --format json")?;
        } else {
            writeln!(out)?;
        }
        let mut table = sharing_table(self.screen);
        table.set_header(["Time", "What", "Line", "Regex or record"]);
        for entry in story.entries.iter().skip(hidden) {
            table.add_row(row(entry, result));
        }
        keep_whole(&mut table, &[0]);
        print(out, &table)
    }
}

/// What differs, and why.
pub(super) fn deviation(deviation: &Deviation, result: &Result) -> String {
    let side = words::side(deviation.side);
    let time = words::short(deviation.time, result);
    let reason = words::reason(&deviation.reason, deviation.side, result);
    format!("{side} at {time}: {}", printable(&reason))
}

fn is_ban_by_rules(entry: &Entry) -> bool {
    let What::Failure { outcome, .. } = &entry.what else {
        return false;
    };
    matches!(outcome, Outcome::Ban(_))
}

/// Time, what happened, the line of the log, the regex or the line of the record.
pub(super) fn row(entry: &Entry, result: &Result) -> [String; 4] {
    let time = words::short(entry.time, result);
    let name = |text: &str| text.rsplit('/').next().unwrap_or(text).to_owned();
    match &entry.what {
        What::Failure {
            place,
            regex,
            count,
            outcome,
            noted,
        } => {
            let until = |end: f64| match end {
                f64::INFINITY => "for ever".into(),
                end => format!("until {}", words::short(end, result)),
            };
            let what = match outcome {
                Outcome::Counted => format!("failure {count}"),
                Outcome::Ban(end) => format!("failure {count}: a ban {}", until(*end)),
                Outcome::Banned(end) => format!("failure, banned {}", until(*end)),
                Outcome::Ignored => "failure, ignored".into(),
            };
            let unseen = noted.is_none() && result.record.has_failures();
            let what = if unseen {
                format!("{what}; not noted")
            } else {
                what
            };
            let regex = regex.as_deref().map(name).unwrap_or_default();
            [
                time,
                what,
                result.line(*place),
                printable(&regex).into_owned(),
            ]
        }
        What::Server(kind, place) => {
            let what = match kind {
                Kind::Found => "Found, not in the log",
                Kind::Attempt => "Attempt",
                Kind::Ban => "Ban",
                Kind::Restore => "Restore Ban",
                Kind::Unban => "Unban",
                Kind::Repeal => "Repeal Ban",
                Kind::Already => "already banned",
                Kind::Increase => "Increase Ban",
                Kind::Ignore => "Ignore",
            };
            [
                time,
                format!("server: {what}"),
                String::new(),
                result.at(*place),
            ]
        }
        What::Ended(place) | What::Started(place) => {
            let what = match (&entry.what, place) {
                (What::Started(_), _) => "server: started",
                (_, Some(_)) => "server: ended",
                (_, None) => "server: last line before a start",
            };
            let at = place.map(|place| result.at(place));
            [time, what.into(), String::new(), at.unwrap_or_default()]
        }
    }
}
