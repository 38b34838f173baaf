//! The committed manual pages are those the binary writes, are good roff, and every command has
//! one with its examples; the completions are scripts their shells accept.

use crate::util::{self, Place, Run, left_out};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn f2b(arguments: &[&str]) -> String {
    util::f2b(arguments).ran().ended(0).stdout
}

/// The pages of a directory, by file name.
fn pages(directory: &Path) -> BTreeMap<String, String> {
    let entries = directory.read_dir().expect("a directory");
    entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let text = std::fs::read_to_string(entry.path()).expect("UTF-8");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn committed() -> BTreeMap<String, String> {
    pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man"))
}

#[test]
fn the_committed_pages_are_those_of_this_version() {
    let fresh = Place::new();
    f2b(&["manpages", &fresh.path().to_string_lossy()]);
    let (fresh, committed) = (pages(fresh.path()), committed());
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    let how = "write them anew: cargo run -- manpages man";
    assert_eq!(names(&fresh), names(&committed), "{how}");
    for (name, text) in &fresh {
        assert!(text == &committed[name], "man/{name} is not true; {how}");
    }
}

#[test]
fn every_command_of_the_help_has_a_page_with_examples() {
    let help = f2b(&["--help"]);
    let list = help
        .split_once("\nCommands, ")
        .expect("the list of commands")
        .1;
    let named: Vec<&str> = list
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let pages = committed();
    let with_page: Vec<&str> = pages
        .keys()
        .filter_map(|page| page.strip_prefix("f2b-regex-")?.strip_suffix(".1"))
        .collect();
    let mut sorted = named.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, with_page, "the commands of --help and the pages");
    for (name, text) in &pages {
        for section in ["SYNOPSIS", "DESCRIPTION", "EXAMPLES", "FILES", "SEE ALSO"] {
            let heading = if section.contains(' ') {
                format!(".SH \"{section}\"")
            } else {
                format!(".SH {section}")
            };
            assert!(
                text.lines().any(|line| line == heading),
                "man/{name} has no {section} (examples: src/cli/manual/examples.rs)"
            );
        }
    }
}

/// The date of the pages is the version's of the changelog.
#[test]
fn the_pages_bear_the_release_of_the_changelog() {
    let changelog = include_str!("../../CHANGELOG.md");
    let heading = changelog.lines().find(|line| line.starts_with("## "));
    let heading = heading.expect("a release");
    let title = committed()["f2b-regex.1"].clone();
    let title = title.lines().find(|line| line.starts_with(".TH"));
    let title = title.expect("a title").to_owned();
    let (version, date) = heading[3..].split_once(" - ").expect("VERSION - DATE");
    assert_eq!(version, env!("CARGO_PKG_VERSION"), "{heading}");
    assert!(title.contains(date), "{title}: {heading}");
}

/// Runs a checker; what it says, or nothing where it is not installed.
fn said(program: &str, arguments: &[&str], input: &str) -> Option<String> {
    let child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        left_out("manual pages and completions", program);
        return None;
    };
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if !output.status.success() && text.is_empty() {
        text = format!("{program}: {}", output.status);
    }
    Some(text)
}

#[test]
fn the_pages_are_good_roff() {
    for (name, text) in committed() {
        if let Some(said) = said("mandoc", &["-Tlint", "-Wstyle"], &text) {
            assert_eq!(said, "", "man/{name}");
        }
    }
}

/// The Debian package takes them from the repository.
#[test]
fn the_committed_completions_are_those_of_this_version() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/completions");
    for (shell, file) in [
        ("bash", "f2b-regex.bash"),
        ("zsh", "_f2b-regex"),
        ("fish", "f2b-regex.fish"),
    ] {
        let committed = std::fs::read_to_string(directory.join(file)).expect("a script");
        assert!(
            f2b(&["completions", shell]) == committed,
            "write it anew: cargo run -- completions {shell} > packaging/completions/{file}"
        );
    }
}

#[test]
fn shells_accept_their_completions() {
    for (shell, program, arguments) in [
        ("bash", "bash", ["-n", "/dev/stdin"].as_slice()),
        ("zsh", "zsh", &["-n", "/dev/stdin"]),
        ("fish", "fish", &["--no-execute", "/dev/stdin"]),
    ] {
        let script = f2b(&["completions", shell]);
        assert!(script.contains("F2B_COMPLETE"), "{shell}");
        if let Some(said) = said(program, arguments, &script) {
            assert_eq!(said, "", "{shell}");
        }
        // the checker would say so if there were something to say
        if let Some(said) = said(program, arguments, "if [ (\n") {
            assert_ne!(said, "", "{shell}");
        }
    }
}

/// What bash offers for a word begun, by the script itself.
#[test]
fn bash_completes_commands_options_and_names() {
    let place = Place::new();
    let filters = place.path().join("etc/filter.d");
    std::fs::create_dir_all(&filters).expect("a directory");
    std::fs::write(filters.join("door.conf"), "").expect("written");
    let jails = "[doors]\nenabled = true\n[gates]\n";
    std::fs::write(place.path().join("etc/jail.conf"), jails).expect("written");
    let script = f2b(&["completions", "bash"]);
    let binary = Path::new(env!("CARGO_BIN_EXE_f2b-regex"));
    let programs = binary.parent().expect("a directory").display();
    let config = place.path().join("etc").display().to_string();
    let offered = |words: &str, word: &str| -> Option<String> {
        let try_it = format!(
            "cd {}\nPATH={programs}:$PATH\nexport F2B_CONFIG={config}\n{script}\n\
             COMP_WORDS=({words} {word})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _clap_complete_f2b_regex f2b-regex {word}\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            place.path().display(),
        );
        said("bash", &["--norc"], &try_it)
    };
    for (words, word, wanted) in [
        ("f2b-regex", "simu", &["simulate"][..]),
        ("f2b-regex check", "--cov", &["--coverage-min"]),
        ("f2b-regex check --explain", "F00", &["F001", "F002"]),
        ("f2b-regex a.log", "do", &["door", "doors"]),
        ("f2b-regex explain a.log", "do", &["door", "doors"]),
        ("f2b-regex simulate --jails", "ga", &["gates"]),
        ("f2b-regex a.log door --format", "cl", &["classic"]),
        ("f2b-regex a.log door --config", "et", &["etc/"]),
    ] {
        let Some(offered) = offered(words, word) else {
            continue;
        };
        let names: Vec<&str> = offered.lines().map(str::trim_end).collect();
        for name in wanted {
            assert!(names.contains(name), "{words} {word}: {offered}");
        }
        let other = names.iter().find(|name| !name.starts_with(word));
        assert_eq!(other, None, "{words} {word}: {offered}");
    }
}
