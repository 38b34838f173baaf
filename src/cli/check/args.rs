//! What `f2b-regex check` takes on the command line.

use super::super::options::{PRINT, ProgressArgs, READ, STATUS, ScreenArgs, ThreadArgs};
use crate::report::check::FormatName;
use clap::Parser;
use std::path::PathBuf;

/// Heading of `--help`.
const CHECKS: &str = "What to check";
/// See [`CHECKS`].
const FIX: &str = "What to change";

/// Check filters: faults, annotated samples, coverage, traps. For filter repositories.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex check",
    bin_name = "f2b-regex check",
    infer_long_args = true,
    after_help = "PATH is a filter file, a directory of them, or a configuration directory with \
        filter.d, jail.conf or jail.d.\n\nExit status: 0 all is well; 1 a check failed; 2 an error."
)]
pub(super) struct CheckArgs {
    /// What to check [default: `paths` of f2b-regex.toml, or where that file is]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Annotated logs (failJSON), named like their filters; may be repeated
    #[arg(short, long, value_name = "DIR", help_heading = READ)]
    pub(super) samples: Vec<PathBuf>,

    /// Configuration directory for includes that are not in the repository
    /// [default: /etc/fail2ban]
    #[arg(short, long, value_name = "DIR", help_heading = READ)]
    pub(super) config: Option<PathBuf>,

    /// Settings in place of the nearest f2b-regex.toml upwards from PATH
    #[arg(long, value_name = "FILE", help_heading = READ)]
    pub(super) settings: Option<PathBuf>,

    /// Read no f2b-regex.toml
    #[arg(long, conflicts_with = "settings", help_heading = READ)]
    pub(super) isolated: bool,

    /// Print the settings that count, and where each comes from
    #[arg(long, help_heading = PRINT)]
    pub(super) show_settings: bool,

    /// Fail if less than this percentage of a filter's failregexes is exercised
    #[arg(long, value_name = "PERCENT", help_heading = STATUS)]
    pub(super) coverage_min: Option<f64>,

    /// Only findings of these codes, or codes that begin so: L, L00, L009
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = CHECKS)]
    pub(super) select: Vec<String>,

    /// No findings of these codes; of --select and --ignore the more exact counts
    #[arg(long, value_name = "CODE", value_delimiter = ',', help_heading = CHECKS)]
    pub(super) ignore: Vec<String>,

    /// Run no lint rules
    #[arg(long, help_heading = CHECKS)]
    pub(super) no_lint: bool,

    /// Prove backtracking by python3 too, where it is installed
    #[arg(long, help_heading = CHECKS)]
    pub(super) python: bool,

    /// Check again whenever a file changes that took part; Ctrl-C ends it
    #[arg(long, help_heading = CHECKS,
        conflicts_with_all = ["update", "fix", "unsafe_fixes", "diff", "add_ignore",
            "update_baseline", "show_settings", "explain", "stdin_filename"])]
    pub(super) watch: bool,

    /// Write what each line gives at present into the .yaml or .toml files, for review
    #[arg(long, help_heading = PRINT)]
    pub(super) update: bool,

    /// Change what is surely wrong in the files, where every sample gives the same
    #[arg(long, help_heading = FIX)]
    pub(super) fix: bool,

    /// Change what is perhaps wrong, too
    #[arg(long, help_heading = FIX)]
    pub(super) unsafe_fixes: bool,

    /// Show the changes and write nothing
    #[arg(long, help_heading = FIX)]
    pub(super) diff: bool,

    /// Write comments that silence what is found now
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes"], help_heading = FIX)]
    pub(super) add_ignore: bool,

    /// Explain a code of the report, or all of them
    #[arg(long, value_name = "CODE|all", help_heading = PRINT)]
    pub(super) explain: Option<String>,

    /// How the report is written
    #[arg(long, value_enum, default_value_t = FormatName::Human, help_heading = PRINT)]
    pub(super) format: FormatName,

    /// Print only how often each code was found
    #[arg(long, help_heading = PRINT)]
    pub(super) statistics: bool,

    /// Write the report into this file
    #[arg(short, long, value_name = "FILE", help_heading = PRINT)]
    pub(super) output_file: Option<PathBuf>,

    /// The file that standard input (PATH -) stands for
    #[arg(long, value_name = "FILE", help_heading = READ)]
    pub(super) stdin_filename: Option<PathBuf>,

    /// The clock of the samples (RFC 3339) [default: 2005-08-14T12:00:00+02:00]
    #[arg(long, value_name = "TIME", help_heading = READ)]
    pub(super) now: Option<String>,

    /// The zone of the samples: a name or a TZ rule [default: that of
    /// fail2ban's own tests]
    #[arg(long, value_name = "ZONE", visible_alias = "TZ", alias = "zone", help_heading = READ)]
    pub(super) timezone: Option<String>,

    /// Findings that are in this file do not fail the check
    #[arg(long, value_name = "FILE", help_heading = STATUS)]
    pub(super) baseline: Option<PathBuf>,

    /// Write the findings there are now into the baseline
    #[arg(long, help_heading = STATUS)]
    pub(super) update_baseline: bool,

    /// End with status 0, whatever is found
    #[arg(long, help_heading = STATUS)]
    pub(super) exit_zero: bool,

    /// Let warnings fail the check too
    #[arg(long, help_heading = STATUS)]
    pub(super) strict: bool,

    #[command(flatten)]
    pub(super) screen: ScreenArgs,

    #[command(flatten)]
    pub(super) workers: ThreadArgs,

    #[command(flatten)]
    pub(super) progress: ProgressArgs,

    /// Show notes, and one line per filter
    #[arg(short, long, help_heading = PRINT)]
    pub(super) verbose: bool,
}
