//! `f2b-regex check`: arguments in, a check's report out. The checking is `check`'s.

mod args;

use super::Status;
use super::options::instant;
use super::terminal;
use crate::analysis::check::selection::{self, Selection};
use crate::analysis::check::{self, Request};
use crate::date::{Clock, TimeZone};
use crate::report::check::{FormatName, Style};
use args::CheckArgs;
use clap::CommandFactory;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    CheckArgs::command()
}

/// Runs the command; the error is one of writing the report.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<CheckArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    if let Some(code) = &args.explain {
        return explain(code);
    }
    let request = match request(&args) {
        Ok(request) => request,
        Err(message) => return Ok(wrong(&message)),
    };
    if let Some(threads) = args.workers.threads {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
        if let Err(error) = pool {
            return Ok(wrong(&format!("--threads {threads}: {error}")));
        }
    }
    let bar = progress_bar(&args);
    let tick = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let checked = check::run(&request, &tick);
    bar.finish_and_clear();
    let report = match checked {
        Ok(report) => report,
        Err(error) => return Ok(wrong(&error.to_string())),
    };
    let style = Style {
        screen: terminal::screen(args.screen.color),
        strict: args.strict,
        verbose: args.verbose,
    };
    let mut out = match args.format {
        FormatName::Github => terminal::stdout_of_commands(),
        _ => terminal::stdout(terminal::Colors::Ours),
    };
    args.format.format(style).write(&report, &mut out)?;
    out.flush()?;
    Ok(match check::failed(&report, args.strict) {
        true => Status::Condition,
        false => Status::Ran,
    })
}

fn wrong(message: &str) -> Status {
    terminal::print_error(format!("f2b-regex check: {message}"));
    Status::Error
}

fn request(args: &CheckArgs) -> Result<Request, String> {
    let suite = Request::suite_clock();
    let now = match &args.now {
        None => check::SUITE_NOW,
        Some(text) => instant(text)?,
    };
    let clock = match &args.timezone {
        None if args.now.is_none() => suite,
        zone => {
            let name = zone.as_deref().unwrap_or(check::SUITE_ZONE);
            let zone = TimeZone::named(name).ok_or_else(|| {
                format!("--timezone {name}: expected a name such as Europe/Zurich, or a TZ rule")
            })?;
            Clock::in_zone(now, zone)
        }
    };
    if let Some(percent) = args.coverage_min.filter(|p| !(0.0..=100.0).contains(p)) {
        return Err(format!(
            "--coverage-min {percent}: expected a number from 0 to 100"
        ));
    }
    Ok(Request {
        paths: args.paths.clone(),
        samples: args.samples.clone(),
        clock,
        coverage_min: args.coverage_min,
        lint: !args.no_lint,
        selection: Selection {
            select: words("--select", &args.select)?,
            ignore: words("--ignore", &args.ignore)?,
            per_file: Vec::new(),
        },
        python: args.python,
        update: args.update,
    })
}

/// The codes that an option names.
fn words(option: &str, given: &[String]) -> Result<Vec<String>, String> {
    let words = given.iter().map(|word| selection::word(word.trim()));
    let words: Result<Vec<String>, String> = words.collect();
    words.map_err(|message| format!("{option}: {message}"))
}

/// Prints what a code stands for.
fn explain(code: &str) -> io::Result<Status> {
    let all = check::lint::all_codes();
    let wanted = |known: &&check::codes::Code| {
        code == "all" || known.code.eq_ignore_ascii_case(code) || known.name == code
    };
    let shown: Vec<_> = all.iter().filter(wanted).collect();
    if shown.is_empty() {
        let known: Vec<&str> = all.iter().map(|known| known.code).collect();
        return Ok(wrong(&format!(
            "--explain {code}: expected one of {}",
            known.join(", ")
        )));
    }
    let mut out = terminal::stdout(terminal::Colors::Ours);
    for (number, code) in shown.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} {}\n", code.code, code.name)?;
        for line in code.text.lines() {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(Status::Ran)
}

/// Shown on a terminal only, on standard error.
fn progress_bar(args: &CheckArgs) -> indicatif::ProgressBar {
    if args.progress.no_progress || !io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    indicatif::ProgressBar::new(0)
}
