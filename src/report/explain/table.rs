//! An explanation for people: what each step saw, with carets under line and regex.

use super::page::{INDENT, Page, where_is};
use super::value::{FailureValue, GroupValue, GroupsReport, LineReport, LineValue, RegexValue};
use crate::analysis::explain::steps::SessionState;
use crate::report::text::{Screen, counted, fit, grouped};
use crate::report::{Format, hints};
use std::io::{self, Write};

/// The explanation, as wide as the screen.
pub(crate) struct Table {
    /// Near misses of a line that are shown, or groups of lines.
    pub(crate) top: usize,
    /// Where.
    pub(crate) screen: Screen,
}

impl Format<LineReport> for Table {
    fn write(&self, report: &LineReport, out: &mut dyn Write) -> io::Result<()> {
        let line = &report.line;
        let mut page = Page {
            out,
            screen: self.screen,
        };
        begin(&mut page, line)?;
        date(&mut page, line)?;
        ignored_first(&mut page, line)?;
        prefregex(&mut page, line)?;
        failregexes(&mut page, line, self.top)?;
        ignoreregexes(&mut page, line)?;
        session(&mut page, line)?;
        verdict(&mut page, line)?;
        hints::write(page.out, &report.hints, report.sample, self.screen)
    }
}

impl Format<GroupsReport> for Table {
    fn write(&self, report: &GroupsReport, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page {
            out,
            screen: self.screen,
        };
        let lines = &report.lines;
        let heading = self.screen.heading("Missed");
        writeln!(
            page.out,
            "{heading}  {} of {}, in {}",
            grouped(lines.missed),
            counted(lines.tested, "line", "lines"),
            counted(report.groups.len() as u64, "group", "groups")
        )?;
        for (index, group) in report.groups.iter().take(self.top).enumerate() {
            write_group(&mut page, index + 1, group)?;
        }
        writeln!(page.out)?;
        let rest = report.groups.get(self.top..).unwrap_or_default();
        if !rest.is_empty() {
            let lines: u64 = rest.iter().map(|group| group.lines).sum();
            let groups = counted(rest.len() as u64, "more group", "more groups");
            let lines = counted(lines, "line", "lines");
            page.text(&format!("{groups} of {lines}: --top N"))?;
        }
        if report.left_out > 0 {
            let lines = counted(report.left_out, "line does", "lines do");
            page.text(&format!("{lines} not look like failures"))?;
        }
        if report.ungrouped > 0 {
            let lines = counted(report.ungrouped, "line is", "lines are");
            page.text(&format!(
                "{lines} in no group: too long, or of too many kinds"
            ))?;
        }
        hints::write(page.out, &report.hints, report.sample, self.screen)
    }
}

fn write_group(page: &mut Page, number: usize, group: &GroupValue) -> io::Result<()> {
    let line = &group.example;
    let count = counted(group.lines, "line", "lines");
    let place = match group.lines {
        1 => format!("line {}", group.first),
        _ => format!("lines {} to {}", group.first, group.last),
    };
    let (what, regex) = match stopping(line).filter(|_| group.regex.is_some()) {
        Some(regex) => (format!("{} {}", regex.name, where_is(regex)), Some(regex)),
        None => ("no regex comes near".to_string(), None),
    };
    page.heading(&format!("{number}. {count}"), &format!("{place}: {what}"))?;
    match regex.and_then(|regex| Some((regex, regex.near.as_ref()?))) {
        Some((regex, near)) => page.near(regex, near)?,
        None => page.text(&line.line)?,
    }
    if line.date.searched && !line.date.found {
        page.text("no date is found in it")?;
    }
    Ok(())
}

/// The regex in which a line stops.
pub(super) fn stopping(line: &LineValue) -> Option<&RegexValue> {
    let stopped = line.prefregex.as_ref().filter(|regex| !regex.matched);
    stopped.or_else(|| line.failregex.get(line.nearest.first()?.checked_sub(1)?))
}

fn begin(page: &mut Page, line: &LineValue) -> io::Result<()> {
    let number = line.number.map_or(String::new(), |n| format!(" {n}"));
    let heading = page.screen.heading(&format!("Line{number}"));
    writeln!(page.out, "{heading}  {}", line.verdict.name())?;
    page.all_of(&line.line)?;
    match line.line_bytes - line.line.len() {
        0 => Ok(()),
        rest => page.text(&format!(
            "… and {} more",
            counted(rest as u64, "byte", "bytes")
        )),
    }
}

fn date(page: &mut Page, line: &LineValue) -> io::Result<()> {
    let date = &line.date;
    match (&date.template, &date.seen, date.start.zip(date.end)) {
        _ if !date.searched => {
            page.heading("Date", "comes with the entry; the line is not searched")?;
        }
        (Some(template), Some(seen), Some((start, end))) => {
            page.heading("Date", template)?;
            let time = date.local.as_deref().unwrap_or("no such date");
            page.marked(seen, start..end, &format!("is {time} and is cut out"))?;
        }
        _ => page.no_date(line)?,
    }
    let text = line.text.strip_suffix('\n').unwrap_or(&line.text);
    let room = page.room().saturating_sub(19);
    writeln!(page.out, "{INDENT}the regexes see \"{}\"", fit(text, room))
}

fn ignored_first(page: &mut Page, line: &LineValue) -> io::Result<()> {
    if !line.ignored_first {
        return Ok(());
    }
    page.heading("Ignoreregex", "tried first, and takes the line")?;
    matches(page, &line.ignoreregex)
}

fn matches(page: &mut Page, regexes: &[RegexValue]) -> io::Result<()> {
    let mut matched = regexes.iter().filter(|regex| regex.matched);
    matched.try_for_each(|regex| page.match_of(regex))
}

fn prefregex(page: &mut Page, line: &LineValue) -> io::Result<()> {
    let Some(regex) = &line.prefregex else {
        return Ok(());
    };
    let said = if regex.matched {
        "matches"
    } else if regex.exhausted {
        "gave no answer within its budget of steps"
    } else {
        "does not match: no failregex is tried"
    };
    page.heading("Prefregex", &format!("{}  {said}", where_is(regex)))?;
    match &regex.near {
        Some(near) => page.near(regex, near),
        None => page.groups(&regex.groups),
    }
}

fn failregexes(page: &mut Page, line: &LineValue, top: usize) -> io::Result<()> {
    let all = &line.failregex;
    if all.is_empty() {
        return Ok(());
    }
    let matched = all.iter().filter(|regex| regex.matched).count();
    if matched > 0 {
        page.heading("Failregex", &format!("{matched} of {} match", all.len()))?;
        return matches(page, all);
    }
    let said = match all.len() {
        1 => "it does not match".to_string(),
        n => format!("none of {n} matches; the nearest (more with --top)"),
    };
    page.heading("Failregex", &said)?;
    for number in line.nearest.iter().take(top) {
        let regex = number.checked_sub(1).and_then(|index| all.get(index));
        if let Some((regex, near)) = regex.and_then(|regex| Some((regex, regex.near.as_ref()?))) {
            page.title(regex)?;
            page.near(regex, near)?;
        }
    }
    Ok(())
}

fn ignoreregexes(page: &mut Page, line: &LineValue) -> io::Result<()> {
    if line.ignored_first || line.ignoreregex.is_empty() {
        return Ok(());
    }
    let said = if line.ignoreregex.iter().any(|regex| regex.matched) {
        "takes the match back"
    } else {
        "none matches"
    };
    page.heading("Ignoreregex", said)?;
    matches(page, &line.ignoreregex)
}

fn session(page: &mut Page, line: &LineValue) -> io::Result<()> {
    let Some((title, about, said)) = session_text(line) else {
        return Ok(());
    };
    page.heading(title, &about)?;
    said.iter().try_for_each(|line| page.text(line))
}

/// Of the session of a line, or the lines behind it that complete it: what it is, what it is about,
/// and what is said.
pub(super) fn session_text(line: &LineValue) -> Option<(&'static str, String, Vec<String>)> {
    let completed = line.completed_by.as_ref();
    let completed =
        completed.map(|later| format!("completed by line {}: {}", later.number, later.line));
    let Some(session) = &line.session else {
        let about = "the regex may match over more than one";
        return Some(("Several lines", about.into(), vec![completed?]));
    };
    let state = |state: &Option<SessionState>, none: &str| match state {
        None => none.to_string(),
        Some(state) => state_text(state),
    };
    let before = state(&session.before, "this line begins it");
    let after = state(&session.after, "this line ends it");
    let lines = [format!("before: {before}"), format!("after:  {after}")];
    let said = lines.into_iter().chain(completed).collect();
    Some(("Session", session.id.trim().into(), said))
}

fn verdict(page: &mut Page, line: &LineValue) -> io::Result<()> {
    page.heading("Verdict", &line.why)?;
    let mut failures = line.failures.iter();
    failures.try_for_each(|failure| page.text(&failure_text(failure)))
}

/// A failure in words.
pub(super) fn failure_text(failure: &FailureValue) -> String {
    let who = match &failure.id {
        Some(id) => format!("{} {id}", failure.kind),
        None => "nobody yet".into(),
    };
    let time = failure.local.as_deref().unwrap_or("no date");
    let users = if failure.users.is_empty() {
        String::new()
    } else {
        format!(", user {}", failure.users.join(", "))
    };
    let helper = if failure.nofail { ", helper only" } else { "" };
    let number = failure.failregex;
    format!("failregex {number}: {who}{users}, {time}{helper}")
}

fn state_text(state: &SessionState) -> String {
    let mut parts = Vec::new();
    if state.pending {
        parts.push("a failure waits for an address".to_string());
    }
    if state.nofail {
        parts.push("helpers only (<F-NOFAIL>), nothing counts yet".to_string());
    }
    if state.gained {
        parts.push("ended well (<F-MLFGAINED>)".to_string());
    }
    if let Some(id) = &state.id {
        parts.push(format!("address {id}"));
    }
    if !state.users.is_empty() {
        parts.push(format!("users {}", state.users.join(", ")));
    }
    if parts.is_empty() {
        "nothing waits".into()
    } else {
        parts.join("; ")
    }
}
