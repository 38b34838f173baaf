//! `f2b-regex completions SHELL`: what a shell needs to complete our arguments.

use super::{Status, command_line};
use clap::{CommandFactory, Parser, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::io::{self, Write};

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
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    let mut command = with_hints(command_line());
    // into memory first: the generator panics where a pipe is closed
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "f2b-regex", &mut script);
    if shell == Shell::Bash {
        // clap_complete 4.6 writes a hyphen of the program's name in two ways, so that the
        // options of commands are never found
        let text = String::from_utf8_lossy(&script);
        let mended = text.replace("f2b__subcmd__regex__subcmd__", "f2b__regex__subcmd__");
        script = mended.into_bytes();
    }
    io::stdout().lock().write_all(&script)?;
    Ok(Status::Ran)
}

/// Tells the shells which values are files and which directories: by the name the help gives
/// the value, so that a new option is completed like the others.
fn with_hints(command: clap::Command) -> clap::Command {
    let hint = |arg: clap::Arg| -> clap::Arg {
        let named = |word: &str| {
            arg.get_value_names().is_some_and(|names| {
                let mut words = names.iter().flat_map(|name| name.split([' ', '|', '.']));
                words.any(|part| part == word)
            })
        };
        if named("DIR") {
            return arg.value_hint(ValueHint::DirPath);
        }
        match ["LOG", "FILTER", "PATH", "FILE"].into_iter().any(named) {
            true => arg.value_hint(ValueHint::AnyPath),
            false => arg,
        }
    };
    command
        .mut_args(hint)
        .mut_subcommands(|command| command.mut_args(hint))
}
