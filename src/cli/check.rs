//! `f2b-regex check`: arguments in, a check's report out. The checking is `check`'s.

mod args;
mod changes;
mod project;
mod settings;
mod show;
mod stdin;
mod watch;

use super::Status;
use super::terminal;
use crate::analysis::check::{self, Baseline, Report, Request};
use crate::analysis::wording::counted;
use crate::files;
use crate::report::Format;
use crate::report::check::{FormatName, Statistics, Style};
use args::CheckArgs;
use clap::CommandFactory;
use settings::Settings;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use stdin::Stdin;
use watch::{Places, SystemAlarms};

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
    if let Some(threads) = args.workers.threads {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
        if let Err(error) = pool {
            return Ok(wrong(&format!("--threads {threads}: {error}")));
        }
    }
    if args.watch {
        return again_and_again(&args);
    }
    Ok(match once(&args, &mut Places::default()) {
        Ok(status) => status,
        Err(Stop::Wrong(message)) => wrong(&message),
        Err(Stop::Output(error)) => return Err(error),
    })
}

/// Why a check ended without a report.
enum Stop {
    /// The arguments, the settings or what is to be checked.
    Wrong(String),
    /// The report cannot be written.
    Output(io::Error),
}

impl From<String> for Stop {
    fn from(message: String) -> Stop {
        Stop::Wrong(message)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Output(error)
    }
}

/// Checks until Ctrl-C.
fn again_and_again(args: &CheckArgs) -> io::Result<Status> {
    let mut alarms = match SystemAlarms::new() {
        Ok(alarms) => alarms,
        Err(message) => return Ok(wrong(&message)),
    };
    let mut first = Places::default();
    first.add_directory(Path::new("."));
    args.paths.iter().for_each(|path| first.add_file(path));
    watch::watch(first, &mut alarms, &mut || {
        let mut places = Places::default();
        terminal::clear_screen()?;
        match once(args, &mut places) {
            Ok(_) => {}
            Err(Stop::Wrong(message)) => {
                wrong(&message);
            }
            Err(Stop::Output(error)) => return Err(error),
        }
        terminal::print_error(format!(
            "watching {}; Ctrl-C ends it",
            counted(places.files.len() as u64, "file", "files")
        ));
        Ok(places)
    })
}

/// One check with its report, and what is to be written beside it; `places` are told what it
/// depends on.
fn once(args: &CheckArgs, places: &mut Places) -> Result<Status, Stop> {
    let settings = Settings::new(args)?;
    if args.show_settings {
        let mut out = terminal::stdout(terminal::Colors::None);
        show::show(&settings, &mut out)?;
        out.flush()?;
        return Ok(Status::Ran);
    }
    settings.add_places(places);
    places.written.clone_from(&args.output_file);
    let request = settings.request(args)?;
    let stdin = stdin::filename(args)?.map(stdin::read).transpose()?;
    let baseline = settings.baseline(args.update_baseline)?;
    let mut report = checked(args, &request, baseline.as_ref(), stdin.as_ref())?;
    places.add_report(&report);
    if let Some(baseline) = baseline.as_ref().filter(|_| args.update_baseline) {
        terminal::print_error(baseline.update(&report, &request)?);
        return Ok(Status::Ran);
    }
    if changes::are_wanted(args) {
        if let Some(status) = changes::make(args, &report, &request)? {
            return Ok(status);
        }
        report = checked(args, &request, baseline.as_ref(), stdin.as_ref())?;
    }
    for updated in report.filters.iter().filter_map(|f| f.updated.as_ref()) {
        let name = check::shown(&updated.path).display();
        let lines = counted(updated.lines as u64, "line", "lines");
        terminal::print_error(format!(
            "wrote {name}: {lines}, {} changed",
            updated.changed
        ));
    }
    write(args, &report, settings.strict())?;
    let failed = check::failed(&report, settings.strict()) && !args.exit_zero;
    Ok(if failed {
        Status::Condition
    } else {
        Status::Ran
    })
}

/// Writes the report where it is wanted.
fn write(args: &CheckArgs, report: &Report, strict: bool) -> io::Result<()> {
    let mut screen = terminal::screen(args.screen.color);
    screen.color &= args.output_file.is_none();
    let style = Style {
        screen,
        strict,
        verbose: args.verbose,
    };
    let format: Box<dyn Format<Report>> = if args.statistics {
        Box::new(Statistics {
            as_json: args.format == FormatName::Json,
        })
    } else {
        args.format.format(style)
    };
    if let Some(file) = &args.output_file {
        let mut text = Vec::new();
        format.write(report, &mut text)?;
        return files::replace(file, &text)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", file.display())));
    }
    let mut out = match args.format {
        FormatName::Github if !args.statistics => terminal::stdout_of_commands(),
        _ => terminal::stdout(terminal::Colors::Ours),
    };
    format.write(report, &mut out)?;
    out.flush()
}

/// Checks what is asked for; what a baseline knows is left out, unless it is written anew.
fn checked(
    args: &CheckArgs,
    request: &Request,
    baseline: Option<&Baseline>,
    stdin: Option<&Stdin>,
) -> Result<Report, String> {
    let bar = progress_bar(args);
    let tick = |done: usize, total: usize| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    };
    let checked = match stdin {
        Some(stdin) => Ok(stdin.trial.check(&stdin.path, request)),
        None => check::run(request, &tick),
    };
    bar.finish_and_clear();
    let mut report = checked.map_err(|error| error.to_string())?;
    if let Some(baseline) = baseline.filter(|_| !args.update_baseline) {
        baseline.apply(&mut report, request);
    }
    Ok(report)
}

fn wrong(message: &str) -> Status {
    terminal::print_error(format!("f2b-regex check: {message}"));
    Status::Error
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
