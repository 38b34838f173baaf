//! `--fix`, `--diff` and `--add-ignore`: the changes that `check` worked out, shown or written.

use super::super::Status;
use super::super::terminal;
use super::args::CheckArgs;
use crate::analysis::check::add_ignore::add_ignores;
use crate::analysis::check::fix::{FixedFile, fix};
use crate::analysis::check::{Report, Request, shown};
use crate::analysis::wording::counted;
use crate::files;
use similar::TextDiff;
use std::io::{self, Write};

/// Whether a call asks for changes of files.
pub(super) fn are_wanted(args: &CheckArgs) -> bool {
    args.fix || args.unsafe_fixes || args.diff || args.add_ignore
}

/// Shows or writes the changes. The status of a run that ends with them; None where the files are
/// to be checked again.
///
/// # Errors
///
/// Those of writing to standard output.
pub(super) fn make(
    args: &CheckArgs,
    report: &Report,
    request: &Request,
) -> io::Result<Option<Status>> {
    let mut fixed = if args.add_ignore {
        add_ignores(report)
    } else {
        fix(report, request, args.unsafe_fixes)
    };
    let sum = |of: fn(&FixedFile) -> u64| fixed.iter().map(of).sum::<u64>();
    let (made, refused, not_sure) = (
        sum(|file| file.made),
        sum(|file| file.refused),
        sum(|file| file.not_sure),
    );
    fixed.retain(|file| file.before != file.after);
    if args.diff {
        let mut out = terminal::stdout(terminal::Colors::None);
        for file in &fixed {
            let name = shown(&file.path).display().to_string();
            let diff = TextDiff::from_lines(&file.before, &file.after);
            let mut diff = diff.unified_diff();
            write!(
                out,
                "{}",
                diff.header(&format!("a/{name}"), &format!("b/{name}"))
            )?;
        }
        out.flush()?;
    } else {
        for file in &fixed {
            if let Err(error) = files::replace(&file.path, file.after.as_bytes()) {
                let name = file.path.display();
                terminal::print_error(format!("f2b-regex check: {name}: {error}"));
                return Ok(Some(Status::Error));
            }
        }
    }
    let verb = match (args.diff, args.add_ignore) {
        (true, true) => "would silence",
        (true, false) => "would fix",
        (false, true) => "silenced",
        (false, false) => "fixed",
    };
    let mut said = format!(
        "{verb} {} in {}",
        counted(made, "finding", "findings"),
        counted(fixed.len() as u64, "file", "files")
    );
    if refused > 0 {
        let times = counted(refused, "fix is", "fixes are");
        said += &format!("; {times} not made: a sample would give otherwise, or it mends nothing");
    }
    if not_sure > 0 {
        let times = counted(not_sure, "more", "more");
        said += &format!("; {times} with --unsafe-fixes");
    }
    terminal::print_error(said);
    Ok(match (args.diff, fixed.is_empty()) {
        (true, true) => Some(Status::Ran),
        (true, false) => Some(Status::Condition),
        (false, _) => None,
    })
}
