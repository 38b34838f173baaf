//! `f2b-regex manpages DIR`: the manual pages, one of the main job and one of each command,
//! made from what clap knows and the examples of `manual/examples.rs`. A test keeps the
//! committed ones (`man/`) true.

pub(super) mod examples;

use super::terminal::print_error;
use super::{Status, command_line};
use crate::files;
use clap::{CommandFactory, Parser};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};
use examples::Example;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

/// The day of the version's release; that of `CHANGELOG.md`.
const DATE: &str = "2026-11-21";

/// Write the manual pages into a directory. For packagers; the pages are in man/ too.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "f2b-regex manpages",
    bin_name = "f2b-regex manpages",
    disable_version_flag = true
)]
struct ManualArgs {
    /// An existing directory
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

/// What the command takes.
pub(crate) fn arguments() -> clap::Command {
    ManualArgs::command()
}

/// Runs the command.
pub(crate) fn run(arguments: &[OsString]) -> io::Result<Status> {
    let args = match super::parse::<ManualArgs>(arguments) {
        Ok(args) => args,
        Err(status) => return Ok(status),
    };
    let mut commands = command_line();
    commands.build();
    let names: Vec<&str> = commands.get_subcommands().map(|c| c.get_name()).collect();
    let main = Page {
        command: &commands,
        name: None,
        others: &names,
    };
    let further = commands.get_subcommands().map(|command| Page {
        command,
        name: Some(command.get_name()),
        others: &names,
    });
    for page in std::iter::once(main).chain(further) {
        let path = args.directory.join(format!("{}.1", page.title()));
        if let Err(error) = page.text().and_then(|text| files::replace(&path, &text)) {
            print_error(format!("f2b-regex manpages: {}: {error}", path.display()));
            return Ok(Status::Error);
        }
    }
    Ok(Status::Ran)
}

/// One manual page.
struct Page<'c> {
    command: &'c clap::Command,
    /// The command's name; none for the main job.
    name: Option<&'c str>,
    /// The names of all commands.
    others: &'c [&'c str],
}

impl Page<'_> {
    fn title(&self) -> String {
        match self.name {
            Some(name) => format!("f2b-regex-{name}"),
            None => "f2b-regex".into(),
        }
    }

    /// The page as roff.
    fn text(&self) -> io::Result<Vec<u8>> {
        let mut command = self.command.clone();
        if command.get_overridden_usage().is_none() {
            let usage = command.render_usage().to_string();
            command = command.override_usage(usage.replacen("Usage: ", "", 1));
        }
        let command = command
            .mut_args(told_in_full)
            .display_name(self.title())
            .bin_name(self.title().replacen("regex-", "regex ", 1))
            // clap numbers nothing: the version stands in the page's foot
            .version(None::<&str>);
        let man = Man::new(command)
            .title(self.title().to_uppercase())
            .section("1")
            .date(DATE)
            .source(concat!("f2b-regex ", env!("CARGO_PKG_VERSION")))
            .manual("User Commands");
        let mut out = Vec::new();
        man.render_title(&mut out)?;
        man.render_name_section(&mut out)?;
        man.render_synopsis_section(&mut out)?;
        self.description().to_writer(&mut out)?;
        man.render_options_section(&mut out)?;
        self.rest().to_writer(&mut out)?;
        Ok(tidy(&String::from_utf8_lossy(&out)).into_bytes())
    }

    /// DESCRIPTION: what the command is for, and what its `--help` says at the end.
    fn description(&self) -> Roff {
        let mut roff = Roff::new();
        roff.control("SH", ["DESCRIPTION"]);
        let about = self.command.get_long_about();
        if let Some(about) = about.or_else(|| self.command.get_about()) {
            let about = about.to_string();
            let full_stop = if about.ends_with('.') { "" } else { "." };
            roff.text([roman(format!("{about}{full_stop}"))]);
        }
        for paragraph in self.paragraphs() {
            if paragraph.starts_with(STATUS) {
                continue;
            }
            roff.control("PP", []);
            self.paragraph(&mut roff, &paragraph);
        }
        roff
    }

    /// A paragraph of the help; its indented lines are a list of terms.
    fn paragraph(&self, roff: &mut Roff, paragraph: &str) {
        for line in paragraph.lines() {
            match line
                .strip_prefix("  ")
                .and_then(|l| l.trim().split_once("  "))
            {
                Some((term, text)) => {
                    roff.control("TP", []);
                    roff.text([bold(term)]);
                    roff.text([roman(text.trim())]);
                }
                None => {
                    roff.text([roman(line.trim())]);
                }
            }
        }
    }

    /// The paragraphs below the options in `--help`.
    fn paragraphs(&self) -> Vec<String> {
        let Some(help) = self.command.get_after_help() else {
            return Vec::new();
        };
        help.to_string().split("\n\n").map(str::to_owned).collect()
    }

    /// What stands after OPTIONS.
    fn rest(&self) -> Roff {
        let mut roff = Roff::new();
        if self.name.is_none() {
            roff.control("SH", ["COMMANDS"]);
            for command in self.command.get_subcommands() {
                roff.control("TP", []);
                roff.text(reference(&format!("f2b-regex-{}", command.get_name())));
                let about = command.get_about().map(|a| a.to_string());
                roff.text([roman(about.unwrap_or_default())]);
            }
        }
        examples(&mut roff, examples::of(self.name));
        self.exit_status(&mut roff);
        files(&mut roff);
        self.see_also(&mut roff);
        roff
    }

    fn exit_status(&self, roff: &mut Roff) {
        let told = self.paragraphs();
        let told = told.iter().find_map(|text| text.strip_prefix(STATUS));
        let told = told.unwrap_or("0 ran; 2 an error.").trim();
        roff.control("SH", ["EXIT STATUS"]);
        for status in told.trim_end_matches('.').split("; ") {
            let (number, meaning) = status.split_once(' ').unwrap_or((status, ""));
            roff.control("TP", []);
            roff.text([bold(number)]);
            roff.text([roman(format!("{meaning}."))]);
        }
        if self.name.is_none() {
            roff.control("TP", []);
            roff.text([bold("130")]);
            roff.text([roman(
                "Stopped by Ctrl-C; the report of what was read until then was written.",
            )]);
            roff.control("TP", []);
            roff.text([bold("255")]);
            roff.text([roman(
                "An error with --format classic, as in fail2ban-regex.",
            )]);
        }
    }

    fn see_also(&self, roff: &mut Roff) {
        let mut names: Vec<String> = Vec::new();
        if self.name.is_some() {
            names.push("f2b-regex(1)".into());
        }
        let others = self.others.iter().filter(|&&name| Some(name) != self.name);
        names.extend(others.map(|name| format!("f2b-regex-{name}(1)")));
        names.extend(["fail2ban-regex(1)", "jail.conf(5)"].map(str::to_owned));
        roff.control("SH", ["SEE ALSO"]);
        let last = names.len() - 1;
        for (number, name) in names.iter().enumerate() {
            let mut line = reference(name.trim_end_matches(|c| "()15".contains(c)));
            let section = if name.ends_with("(5)") { "(5)" } else { "(1)" };
            line[1] = roman(format!("{section}{}", if number < last { "," } else { "" }));
            roff.text(line);
        }
    }
}

/// An option with the help `-h` leaves out, and with its other names.
fn told_in_full(arg: clap::Arg) -> clap::Arg {
    let others = arg.get_visible_aliases().unwrap_or_default();
    let others: Vec<String> = others.iter().map(|other| format!("--{other}")).collect();
    let arg = arg.hide_short_help(false);
    match (
        others.is_empty(),
        arg.get_help().map(|help| help.to_string()),
    ) {
        (false, Some(help)) => arg.help(format!("{help}. Also {}", others.join(", "))),
        _ => arg,
    }
}

/// Text lines of at most 80 bytes, and no macro that says nothing: what `mandoc -Tlint` asks.
fn tidy(page: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut verbatim = false;
    for line in page.lines() {
        let line = line.trim_end();
        let before = out.last().map_or("", String::as_str);
        match line {
            ".EX" => verbatim = true,
            ".EE" => verbatim = false,
            _ => {}
        }
        if line == ".PP" && before.starts_with(".SH") || line == ".br" && before == ".sp" {
            continue;
        }
        if line.is_empty() {
            // the blank line clap_mangen sets before possible values, between two breaks
            if before == ".br" {
                out.pop();
            }
            out.push(".sp".to_owned());
            continue;
        }
        if verbatim || line.starts_with('.') || before == ".TP" {
            out.push(line.to_owned())
        } else {
            out.extend(wrapped(line))
        }
    }
    out.join("\n") + "\n"
}

/// A text line broken at blanks, never before what roff would take for a macro.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().expect("begins with one line");
        let full = last.len() + 1 + word.len() > 80 && !word.starts_with(['.', '\'']);
        if full && !last.is_empty() {
            lines.push(word.to_owned());
            continue;
        }
        if !last.is_empty() {
            last.push(' ');
        }
        last.push_str(word);
    }
    lines
}

/// How the help's paragraph of statuses begins.
const STATUS: &str = "Exit status:";

/// Another page: its name and section.
fn reference(name: &str) -> Vec<Inline> {
    vec![bold(name), roman("(1)")]
}

fn examples(roff: &mut Roff, examples: &[Example]) {
    if examples.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    for example in examples {
        roff.control("PP", []);
        roff.text([roman(example.what)]);
        roff.control("PP", []);
        roff.control("EX", []);
        for line in example.command.lines() {
            roff.text([roman(format!("    {line}"))]);
        }
        roff.control("EE", []);
    }
}

fn files(roff: &mut Roff) {
    roff.control("SH", ["FILES"]);
    for (file, what) in [
        (
            "/etc/fail2ban/filter.d/",
            "The filters known by name. Beside NAME.conf, NAME.local and NAME.d/*.conf are \
             read, as fail2ban reads them.",
        ),
        (
            "/etc/fail2ban/jail.conf, /etc/fail2ban/jail.local",
            "The jails: a name is looked for here first, and gives the filter with the \
             jail's options.",
        ),
    ] {
        roff.control("TP", []);
        roff.text([italic(file)]);
        roff.text([roman(what)]);
    }
    roff.control("PP", []);
    roff.text([roman(
        "Nothing is written to these directories. Where a command takes --config, that \
         directory stands in place of /etc/fail2ban, else the one that the environment variable \
         F2B_CONFIG names. Where there is none of them, it is the nearest directory upwards from \
         the filter file or the current directory that holds a filter.d.",
    )]);
}
