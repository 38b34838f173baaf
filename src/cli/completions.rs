//! `f2b-regex completions SHELL`: what a shell needs to complete our arguments. The script asks
//! the program itself at every word, so that jails, filters and codes are those of the moment.

use super::{Status, command_line};
use crate::analysis::check::lint::all_codes;
use crate::config::{Lookup, config_dir, jail_names};
use crate::input::unwrap::WORDS;
use clap::{CommandFactory, Parser, ValueEnum, ValueHint};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter,
};
use clap_complete::env::{Bash, CompleteEnv, EnvCompleter, Fish, Zsh};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The environment's name for the shell that asks.
const ASKING: &str = "F2B_COMPLETE";

/// Write completions of the whole command line for a shell to standard output.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex completions",
    bin_name = "f2b-regex completions",
    disable_version_flag = true,
    after_help = "Where a shell looks for them:\n\
        \x20 bash  ~/.local/share/bash-completion/completions/f2b-regex\n\
        \x20 zsh   a file _f2b-regex in a directory of $fpath\n\
        \x20 fish  ~/.config/fish/completions/f2b-regex.fish\n\n\
        Exit status: 0 ran; 2 an error."
)]
struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: ShellName,
}

/// The shells whose completions are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShellName {
    /// GNU Bash.
    Bash,
    /// The Z shell.
    Zsh,
    /// fish.
    Fish,
}

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    CompletionsArgs::command()
}

/// Runs the command; the error is one of writing.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<CompletionsArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let shell: &dyn EnvCompleter = match args.shell {
        ShellName::Bash => &Bash,
        ShellName::Zsh => &Zsh,
        ShellName::Fish => &Fish,
    };
    let mut script = Vec::new();
    let name = "f2b-regex";
    shell.write_registration(ASKING, name, name, name, &mut script)?;
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Ran)
}

/// Where a shell asks: answers it and says so.
pub(super) fn answer(arguments: &[OsString]) -> bool {
    if std::env::var_os(ASKING).is_none_or(|shell| shell.is_empty()) {
        return false;
    }
    let here = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(|| with_values(command_line()))
        .var(ASKING)
        .try_complete(arguments.to_vec(), here.as_deref());
    // nobody reads a message in the middle of a command line
    asked.unwrap_or(true)
}

/// Tells what the values are: by the name the help gives the value, so that a new option is
/// completed like the others.
fn with_values(command: clap::Command) -> clap::Command {
    let value = |arg: clap::Arg| -> clap::Arg {
        let named = |word: &str| {
            arg.get_value_names().is_some_and(|names| {
                let mut words = names
                    .iter()
                    .flat_map(|name| name.split([' ', '|', '.', ',']));
                words.any(|part| part == word)
            })
        };
        if named("FILTER") {
            return arg.add(ArgValueCompleter::new(filters));
        }
        if named("CODE") {
            return arg.add(ArgValueCompleter::new(lint_codes));
        }
        if named("A") {
            return arg.add(ArgValueCompleter::new(jails));
        }
        if named("KIND") {
            return arg.add(ArgValueCompleter::new(wrap_kinds));
        }
        if named("DIR") {
            return arg.value_hint(ValueHint::DirPath);
        }
        if ["LOG", "PATH", "FILE", "REPORT", "OLD", "NEW"]
            .into_iter()
            .any(named)
        {
            return arg.value_hint(ValueHint::AnyPath);
        }
        arg
    };
    command
        .mut_args(value)
        .mut_subcommands(|command| command.mut_args(value))
}

/// The configuration directory of the command line that is being written.
fn typed_config() -> PathBuf {
    let words: Vec<OsString> = std::env::args_os().collect();
    let behind = |pair: &[OsString]| {
        let is_option = pair[0] == "-c" || pair[0] == "--config";
        is_option.then(|| PathBuf::from(&pair[1]))
    };
    let given = words.windows(2).find_map(behind);
    config_dir(given.as_deref(), None, Lookup::TypedFirst)
}

fn candidates(names: impl IntoIterator<Item = String>, begun: &OsStr) -> Vec<CompletionCandidate> {
    let Some(begun) = begun.to_str() else {
        return Vec::new();
    };
    let names = names.into_iter().filter(|name| name.starts_with(begun));
    names.map(CompletionCandidate::new).collect()
}

/// The jails of the configuration; none where it cannot be read.
fn jail_list(config: &Path) -> Vec<String> {
    let jails = jail_names(config).unwrap_or_default();
    jails.into_iter().map(|jail| jail.name).collect()
}

fn jails(begun: &OsStr) -> Vec<CompletionCandidate> {
    candidates(jail_list(&typed_config()), begun)
}

/// Jails, filters, and files.
fn filters(begun: &OsStr) -> Vec<CompletionCandidate> {
    let config = typed_config();
    let mut names: BTreeSet<String> = jail_list(&config).into_iter().collect();
    let directory = std::fs::read_dir(config.join("filter.d"));
    for entry in directory.into_iter().flatten().flatten() {
        let path = entry.path();
        let is_filter = path
            .extension()
            .is_some_and(|e| e == "conf" || e == "local");
        if let Some(name) = path.file_stem().and_then(OsStr::to_str)
            && is_filter
        {
            names.insert(name.to_owned());
        }
    }
    let mut all = candidates(names, begun);
    all.extend(PathCompleter::any().complete(begun));
    all
}

/// What `--unwrap` takes.
fn wrap_kinds(begun: &OsStr) -> Vec<CompletionCandidate> {
    let known = WORDS.into_iter().chain(["json:message"]);
    candidates(known.map(str::to_owned), begun)
}

fn lint_codes(begun: &OsStr) -> Vec<CompletionCandidate> {
    let codes = all_codes();
    let known = codes.iter().flat_map(|code| [code.code, code.name]);
    candidates(known.chain(["all"]).map(str::to_owned), begun)
}
