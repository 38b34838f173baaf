//! `--out`: one row per failure instead of a report, in all of upstream's forms.

use crate::date::{Clock, Timestamp};
use crate::engine::address::{Address, Reading};
use crate::engine::groups::{Groups, Key, Names, TupleLine, Value};
use crate::engine::session::Found;
use crate::engine::verdict_sink::LineVerdict;
use crate::pattern::tags::group_name;
use crate::python;
use compact_str::CompactString;
use std::io::{self, Write};

/// Which row is written: the value of `--out`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// `id`, `fid`: the failure id.
    Id,
    /// `ip`: the address, or else the failure id.
    Ip,
    /// `msg`: the lines of the failure.
    Message,
    /// `row`: id, time and all groups as a Python list.
    Row,
    /// The value of one group.
    Group(String),
    /// A text with `<tags>`.
    Template(String),
}

impl RowFormat {
    /// Reads the value of `--out` (upstream's `_prepaireOutput`).
    pub(crate) fn parse(text: &str) -> RowFormat {
        match text {
            "id" | "fid" => RowFormat::Id,
            "ip" => RowFormat::Ip,
            "msg" => RowFormat::Message,
            "row" => RowFormat::Row,
            _ if text.contains('<') => RowFormat::Template(text.to_string()),
            _ => RowFormat::Group(text.to_string()),
        }
    }
}

/// Why a template cannot be filled in; upstream ends in a traceback there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RowError {
    /// The tag needs a running server.
    #[error("--out: <{0}> is known only to a running fail2ban server, not to a test of a filter")]
    ServerOnly(String),
    /// A group takes the place of the count of failures, which is printed as a number.
    #[error("--out: <raw-ticket> prints the group `failures` as a number, and it is a text")]
    FailuresGroup,
    /// Writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A failure as a row sees it.
struct Row<'a> {
    id: Option<&'a Address>,
    time: Option<Timestamp>,
    data: &'a Groups,
    names: &'a Names,
    /// The time of a failure without one, for `<time>`.
    now: f64,
    /// `--invert`: the lines are texts there, not tuples.
    inverted: bool,
}

/// What rows are written with.
pub(crate) struct RowContext<'a> {
    /// The filter's group names.
    pub(crate) names: &'a Names,
    /// The clock, for failures without a date.
    pub(crate) clock: &'a Clock,
    /// `--invert`: the lines without failures instead.
    pub(crate) invert: bool,
}

/// Writes the rows of one line: its failures, or with `invert` the line if it has none.
pub(crate) fn write_line(
    out: &mut dyn Write,
    format: &RowFormat,
    verdict: &LineVerdict,
    context: &RowContext,
) -> Result<(), RowError> {
    let (line, outcome) = (verdict.line, verdict.outcome);
    let failures: Vec<&Found> = outcome.failures().collect();
    if !context.invert {
        let rows = failures
            .iter()
            .map(|f| (f.id.as_ref(), f.date, f.data.as_deref()));
        return write_rows(out, format, rows, context);
    }
    if !failures.is_empty() {
        return Ok(());
    }
    let mut data = Groups::default();
    data.set(Key::FID, Value::Text(CompactString::default()));
    data.set(
        Key::MATCHES,
        Value::Lines(vec![TupleLine::new(["", "", line])]),
    );
    let nobody = Address::new("", Reading::Raw);
    let row = (Some(&nobody), verdict.last_date, Some(&data));
    write_rows(out, format, [row].into_iter(), context)
}

type RowParts<'a> = (Option<&'a Address>, Option<Timestamp>, Option<&'a Groups>);

fn write_rows<'a>(
    out: &mut dyn Write,
    format: &RowFormat,
    rows: impl Iterator<Item = RowParts<'a>>,
    context: &'a RowContext,
) -> Result<(), RowError> {
    let nothing = Groups::default();
    // templates with a message of several lines come after the others, and from there on
    // every row is held back (upstream's `wrap`)
    let mut held: Vec<(Vec<String>, String)> = Vec::new();
    let mut wrapping = false;
    for (id, time, data) in rows {
        let row = Row {
            id,
            time,
            data: data.unwrap_or(&nothing),
            names: context.names,
            now: context.clock.now_epoch(),
            inverted: context.invert,
        };
        match format {
            RowFormat::Id => writeln!(out, "{}", row.id_text())?,
            RowFormat::Ip => writeln!(out, "{}", row.ip_text())?,
            RowFormat::Message => {
                for line in row.messages() {
                    writeln!(out, "{line}")?;
                }
            }
            RowFormat::Row => writeln!(out, "{}", row.python_row())?,
            RowFormat::Group(name) => {
                let value = context.names.get(name).and_then(|key| row.data.get(key));
                match value.unwrap_or(&Value::None) {
                    lines @ Value::Lines(_) => writeln!(out, "{}", row.lines_repr(lines))?,
                    value => writeln!(out, "{}", value.to_text())?,
                }
            }
            RowFormat::Template(template) => {
                let text = row.fill(template, &mut wrapping)?;
                if wrapping {
                    held.push((row.messages(), text));
                } else {
                    writeln!(out, "{text}")?;
                }
            }
        }
    }
    for (messages, text) in held {
        for message in messages {
            writeln!(out, "{}", text.replace(MESSAGE_MARK, &message))?;
        }
    }
    Ok(())
}

/// Stands for the message until its lines are known; captured text has its NULs escaped.
const MESSAGE_MARK: &str = "\0msg\0";

impl Row<'_> {
    fn id_text(&self) -> String {
        self.id.map_or("None".into(), |id| id.text.to_string())
    }

    fn ip_text(&self) -> String {
        match self.data.get(Key::IP) {
            Some(ip) => ip.to_text().to_string(),
            None => self.id_text(),
        }
    }

    fn time_text(&self) -> String {
        self.time.map_or("None".into(), timestamp_repr)
    }

    fn messages(&self) -> Vec<String> {
        match self.data.get(Key::MATCHES) {
            Some(Value::Lines(lines)) => {
                lines.iter().map(|line| line.joined().to_string()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// `[id, time, {groups}],` without the lines.
    fn python_row(&self) -> String {
        // an id joined of several captures is a tuple there, not its text
        let joined = |text: &str| match self.data.get(Key::FID) {
            Some(fid @ Value::Tuple(_)) => fid.to_text() == text,
            _ => false,
        };
        let id = self.id.map_or("None".into(), |id| {
            if joined(&id.text) {
                id.text.to_string()
            } else {
                python::repr(&id.text)
            }
        });
        let groups: Vec<String> = (self.data.iter())
            .filter(|(key, _)| *key != Key::MATCHES)
            .map(|(key, value)| {
                format!(
                    "{}: {}",
                    python::repr(self.names.name(key)),
                    value.to_repr()
                )
            })
            .collect();
        let time = self.time_text();
        format!("[{id},\t{time},\t{{{}}}],", groups.join(", "))
    }

    /// Fills the template's tags in, not recursively: captured text is never read as a tag
    /// (upstream's `CommandAction.replaceDynamicTags`).
    fn fill(&self, template: &str, wrapping: &mut bool) -> Result<String, RowError> {
        let filled = replace_tags(template, |tag| {
            if tag == "msg" {
                let messages = self.messages();
                if !*wrapping && messages.len() <= 1 {
                    return Ok(Some(messages.concat()));
                }
                *wrapping = true;
                return Ok(Some(MESSAGE_MARK.to_string()));
            }
            let value = self.info(tag)?;
            Ok(value.map(|v| {
                if matches!(tag, "br" | "sp") {
                    v
                } else {
                    escape_nul(&v)
                }
            }))
        })?;
        replace_tags(&filled, |tag| {
            let Some(name) = tag.strip_prefix("F-") else {
                return Ok(None);
            };
            let is_name =
                |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-".contains(&b);
            if name.is_empty() || !name.bytes().all(is_name) {
                return Ok(None);
            }
            let key = self.names.get(&group_name(name));
            // groups that took no part are not in the ticket's data
            let value = key.and_then(|key| self.data.present(key));
            let value = match (value, name) {
                (Some(lines @ Value::Lines(_)), _) => Some(self.lines_repr(lines)),
                (None, "MATCHES") => Some("[]".into()),
                (None, "FAILURES") => Some("0".into()),
                (value, _) => value.map(|v| v.to_text().to_string()),
            };
            Ok(Some(escape_nul(&value.unwrap_or_default())))
        })
    }

    /// The value of an action tag (upstream's `Actions.ActionInfo`); None for no such tag.
    fn info(&self, tag: &str) -> Result<Option<String>, RowError> {
        Ok(Some(match tag {
            "ip" => self.ip_text(),
            "fid" => self.id_text(),
            "family" => {
                let family = self.address().and_then(|a| a.family());
                family.unwrap_or("None").to_string()
            }
            "ip-rev" => self.address().map(|a| a.reversed()).unwrap_or_default(),
            // never asked of the network
            "ip-host" => "None".into(),
            "bancount" | "restored" => "0".into(),
            "failures" => self.failures(),
            "raw-ticket" => self.ticket()?,
            "F-*" => self.ticket_data(),
            "time" => self.ticket_time(),
            "matches" => self.messages().join("\n"),
            "br" => "\n".into(),
            "sp" => " ".into(),
            "fq-hostname" | "sh-hostname" => own_host_name(),
            "bantime" | "ipmatches" | "ipjailmatches" | "ipfailures" | "ipjailfailures" => {
                return Err(RowError::ServerOnly(tag.to_string()));
            }
            _ if tag.starts_with("jail.") => return Err(RowError::ServerOnly(tag.to_string())),
            _ => return Ok(None),
        }))
    }

    fn ticket_time(&self) -> String {
        timestamp_repr(self.time.unwrap_or(Timestamp::Float(self.now)))
    }

    /// The count of failures, which a group of that name takes the place of
    /// (`Ticket.__init__`).
    fn failures(&self) -> String {
        match self.failures_group() {
            Some(text) => text.to_text().to_string(),
            None => "0".into(),
        }
    }

    fn failures_group(&self) -> Option<&Value> {
        let key = self.names.get("failures")?;
        self.data.present(key)
    }

    /// `repr` of the failure's lines.
    fn lines_repr(&self, lines: &Value) -> String {
        match lines {
            Value::Lines(lines) if self.inverted => {
                let texts: Vec<String> = lines.iter().map(|l| python::repr(l.joined())).collect();
                format!("[{}]", texts.join(", "))
            }
            other => other.to_repr(),
        }
    }

    fn matches_repr(&self) -> String {
        let lines = self.data.present(Key::MATCHES);
        lines.map_or("[]".into(), |lines| self.lines_repr(lines))
    }

    /// The ticket as text (`Ticket.__str__`).
    fn ticket(&self) -> Result<String, RowError> {
        if self.failures_group().is_some() {
            return Err(RowError::FailuresGroup);
        }
        Ok(format!(
            "BanTicket: ip={} time={} bantime=None bancount=0 #attempts=0 matches={}",
            self.id_text(),
            self.ticket_time(),
            self.matches_repr()
        ))
    }

    /// All that a ticket knows, as a Python dictionary (`Ticket.__init__`).
    fn ticket_data(&self) -> String {
        let failures = self.failures_group();
        let mut entries = vec![
            format!("'matches': {}", self.matches_repr()),
            format!(
                "'failures': {}",
                failures.map_or("0".into(), Value::to_repr)
            ),
        ];
        for (key, value) in self.data.iter() {
            let name = self.names.name(key);
            if *value != Value::None && !matches!(name, "matches" | "failures") {
                entries.push(format!("{}: {}", python::repr(name), value.to_repr()));
            }
        }
        format!("{{{}}}", entries.join(", "))
    }

    fn address(&self) -> Option<Address> {
        match self.data.get(Key::IP) {
            Some(ip) => Some(Address::new(&ip.to_text(), Reading::Any)),
            None => self.id.cloned(),
        }
    }
}

fn escape_nul(text: &str) -> String {
    text.replace('\0', "\\x00")
}

fn own_host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim_end().to_string())
        .unwrap_or_default()
}

/// Replaces every `<tag>` (no blanks, no angle brackets inside) `value` has an answer for.
fn replace_tags(
    text: &str,
    mut value: impl FnMut(&str) -> Result<Option<String>, RowError>,
) -> Result<String, RowError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest[1..].find(['<', '>', ' ']).map(|end| end + 1);
        let tag = end.filter(|&end| end > 1 && rest[end..].starts_with('>'));
        match tag {
            Some(end) => {
                let whole = &rest[..=end];
                match value(&rest[1..end])? {
                    Some(text) => out.push_str(&text),
                    None => out.push_str(whole),
                }
                rest = &rest[end + 1..];
            }
            None => {
                out.push('<');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// `repr` of a time: fail2ban's are whole numbers where the text named a zone.
fn timestamp_repr(time: Timestamp) -> String {
    match time {
        Timestamp::Int(seconds) => seconds.to_string(),
        Timestamp::Float(seconds) => python::repr_float(seconds),
    }
}
