//! Every example of README.md, docs/filters.md, docs/limits.md, docs/unwrap.md, docs/bench.md and the
//! manual pages is run, and the reports they show are compared with real ones. `F2B_BLESS=1` writes
//! the reports anew.
//!
//! In the documents, a block
//! * `console` is a session: `$ ` before what is typed, then what it prints, all of it; a line
//!   `…` alone stands for any number of lines;
//! * `console figures` is a session whose reports hold measurements: what they say is compared, the
//!   numbers are not;
//! * `sh` is commands only;
//! * with a word `file=NAME` is written to that file, for the blocks below it;
//! * `sh newcomer` and `sh deb` are run by `.ci/newcomer` and `.ci/deb`, not here.
//!
//! A comment `# status N` behind a command says how it ends, where that is not 0. The commands run
//! in a copy of testdata/docs, whose `etc/fail2ban` and `var/log` stand in place of the machine's, and
//! with a clock that stands still.

use crate::util::{NOW, Place, left_out};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A fenced block of a document.
#[derive(Clone, Debug)]
struct Block {
    /// Lines before its first, in the document.
    line: usize,
    /// The language, then words of ours.
    words: Vec<String>,
    /// Its lines.
    text: Vec<String>,
}

impl Block {
    fn is(&self, words: &[&str]) -> bool {
        self.words == words
    }

    fn file(&self) -> Option<&str> {
        self.words
            .iter()
            .find_map(|word| word.strip_prefix("file="))
    }
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in document.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(words), None) => {
                open = Some(Block {
                    line: number + 1,
                    words: words.split_whitespace().map(str::to_owned).collect(),
                    text: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A machine made up: a directory with configuration and logs, and programs beside ours.
struct Machine {
    directory: Place,
}

impl Machine {
    fn new() -> Machine {
        let directory = Place::new();
        let machine = Machine { directory };
        let root = machine.root();
        copy(&Path::new(ROOT).join("testdata/docs"), root, &|text| {
            machine.here(text)
        });
        std::os::unix::fs::symlink(Path::new(ROOT).join("testdata"), root.join("testdata"))
            .expect("a link");
        fs::create_dir_all(root.join("srv")).expect("a directory");
        fs::copy(root.join("var/log/auth.log"), root.join("srv/auth.log")).expect("a copy");
        let mail = fs::read(root.join("var/log/mail.log")).expect("a log");
        for name in ["var/log/mail.log.2.gz", "old.gz"] {
            let file = fs::File::create(root.join(name)).expect("a file");
            let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            packed.write_all(&mail).expect("written");
            packed.finish().expect("written");
        }
        // what a text cannot be: a server's database, and those of countries
        let actual = Path::new(ROOT).join("testdata/actual");
        for directory in ["var/lib/fail2ban", "var/lib/GeoIP"] {
            fs::create_dir_all(root.join(directory)).expect("a directory");
        }
        for (from, to) in [
            (
                "plain/fail2ban.sqlite3",
                "var/lib/fail2ban/fail2ban.sqlite3",
            ),
            ("mmdb/country.mmdb", "var/lib/GeoIP/GeoLite2-Country.mmdb"),
            ("mmdb/asn.mmdb", "var/lib/GeoIP/GeoLite2-ASN.mmdb"),
        ] {
            fs::copy(actual.join(from), root.join(to)).expect("a copy");
        }
        // told by its first bytes; what is in it comes from our journalctl
        fs::write(root.join("system.journal"), b"LPKSHHRH\0\0\0\0\0\0\0\0").expect("written");
        // ours, with the machine's configuration directory and a clock where none is given
        machine.program(
            "f2b-regex",
            &format!(
                "export F2B_CONFIG=${{F2B_CONFIG-{etc}}}\n\
                 clock='--now {NOW}'\n\
                 case \" $* \" in *' --now '*) clock= ;; esac\n\
                 case \"$1\" in\n\
                 bench|diff|doctor|draft|explain|fit|simulate) name=$1; shift; exec {f2b} $name $clock \"$@\" ;;\n\
                 check|completions|help|merge) exec {f2b} \"$@\" ;;\n\
                 *) exec {f2b} $clock \"$@\" ;;\n\
                 esac\n",
                f2b = env!("CARGO_BIN_EXE_f2b-regex"),
                etc = root.join("etc/fail2ban").display(),
            ),
        );
        machine.program(
            "journalctl",
            &format!("exec cat {}/journal.export\n", root.display()),
        );
        machine
    }

    fn root(&self) -> &Path {
        self.directory.path()
    }

    fn program(&self, name: &str, script: &str) {
        let directory = self.root().join("bin");
        fs::create_dir_all(&directory).expect("a directory");
        let written = directory.join(format!("{name}.sh"));
        fs::write(&written, format!("#!/bin/sh\n{script}")).expect("written");
        // by another process: a file that a child of this one still holds open to write cannot run
        let mut install = Command::new("install");
        install
            .args(["-m", "755"])
            .arg(&written)
            .arg(directory.join(name));
        assert!(install.status().expect("install starts").success());
    }

    /// The machine's directories are ours.
    fn here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (theirs, ours) in [
            ("/etc/fail2ban", "etc/fail2ban"),
            ("/var/log/", "var/log/"),
            ("/var/lib/", "var/lib/"),
            ("/srv/", "srv/"),
        ] {
            // not where the path begins elsewhere
            let ours = self.root().join(ours).display().to_string();
            text = text.replace(&format!(" {theirs}"), &format!(" {ours}"));
            text = text.replace(&format!("'{theirs}"), &format!("'{ours}"));
        }
        text
    }

    /// What a command prints, standard error too, and how it ends.
    fn run(&self, command: &str) -> (String, Option<i32>) {
        let root = self.root();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1\n{}", self.here(command)))
            .current_dir(root)
            .env("PATH", format!("{}:{path}", root.join("bin").display()))
            .env("HOME", root.join("home"))
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env_remove("COLUMNS")
            .env_remove("NO_COLOR")
            .output()
            .expect("sh starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // who reads it sees another directory there
        let text = text.replace(&root.display().to_string(), "/home/you");
        (timeless(&text), output.status.code())
    }

    /// Runs a command that must end as its comment says; what it prints.
    fn try_it(&self, at: &str, command: &str) -> String {
        let expected = match command.rsplit_once("# status ") {
            Some((_, status)) => status.trim().parse().expect("a number"),
            None => 0,
        };
        let (text, status) = self.run(command);
        assert_eq!(status, Some(expected), "{at}: {command}\n{text}");
        // a pipe hides how the program before it ends
        if expected == 0 && command.contains('|') {
            assert!(!text.contains("f2b-regex: "), "{at}: {command}\n{text}");
        }
        text
    }

    /// A repository of the current directory, for what compares revisions.
    fn repository(&self) -> bool {
        let made = "git init -q . && git add filter.d logs && \
                    git -c user.name=n -c user.email=n@example.org commit -q -m first";
        self.run(made).1 == Some(0)
    }
}

/// Copies a tree; what stands for the machine's paths in configuration is put in its place.
fn copy(from: &Path, to: &Path, here: &dyn Fn(&str) -> String) {
    fs::create_dir_all(to).expect("a directory");
    for entry in from.read_dir().expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target, here);
            continue;
        }
        let text = fs::read_to_string(&path).expect("UTF-8");
        let text = if path.extension().is_some_and(|e| e == "conf") {
            here(&text)
        } else {
            text
        };
        fs::write(&target, text).expect("written");
    }
}

/// A report without what differs from run to run: how long it took.
fn timeless(report: &str) -> String {
    let mut out = String::new();
    for line in report.lines() {
        let timed = line.find(" in ").filter(|&at| {
            let rest = &line[at + 4..];
            let number: String = rest
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            number.contains('.') && rest[number.len()..].starts_with(" s")
        });
        let line = match timed {
            Some(at) => &format!("{} in 0.00 s", &line[..at]),
            None => line,
        };
        let _ = writeln!(out, "{line}");
    }
    out
}

/// Commands of a block: lines, those that end in a backslash with the next.
fn commands(lines: &[String]) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    for line in lines {
        match open {
            true => {
                let last = commands.last_mut().expect("a line before");
                last.push('\n');
                last.push_str(line);
            }
            false if line.trim().is_empty() => continue,
            false => commands.push(line.clone()),
        }
        open = line.ends_with('\\');
    }
    commands
}

/// What a session shows: commands, each with what it prints.
fn session(block: &Block) -> Vec<(String, Vec<String>)> {
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for line in &block.text {
        match (line.strip_prefix("$ "), parts.last_mut()) {
            (Some(command), _) => parts.push((command.to_owned(), Vec::new())),
            (None, Some((command, shown))) if command.ends_with('\\') && shown.is_empty() => {
                command.push('\n');
                command.push_str(line);
            }
            (None, Some((_, shown))) => shown.push(line.clone()),
            (None, None) => panic!("a session begins with `$ `: {line}"),
        }
    }
    parts
}

/// A line of measurements without them: numbers, units, bars and the width of columns.
fn without_figures(line: &str) -> String {
    let mut out = String::new();
    // whether a run was far off is chance as well
    let line = match line.rsplit_once("; ") {
        Some((before, last)) if last.contains(" outlier") => before,
        _ => line,
    };
    for c in line.chars() {
        match c {
            '0'..='9' if out.ends_with('0') => {}
            '0'..='9' => out.push('0'),
            '.' if out.ends_with('0') => {}
            '█' | '▉' | '▊' | '▋' | '▌' | '▍' | '▎' | '▏' => {}
            // also between the thousands and the hundreds
            ' ' if out.ends_with(' ') => {}
            _ => out.push(c),
        }
    }
    let mut out = out.replace("µs", "ns").replace("ms", "ns");
    while out.contains("0 0") {
        out = out.replace("0 0", "0");
    }
    out.trim_end().to_owned()
}

/// Whether lines are those shown, `…` being any number of them.
fn alike(shown: &[String], real: &[&str]) -> bool {
    match shown.split_first() {
        None => real.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=real.len()).any(|skipped| alike(rest, &real[skipped..]))
        }
        Some((line, rest)) => real.first() == Some(&line.as_str()) && alike(rest, &real[1..]),
    }
}

/// Runs a document's examples; with `F2B_BLESS` its text with the reports of now.
fn run(name: &str) {
    let path = Path::new(ROOT).join(name);
    let document = fs::read_to_string(&path).expect("a document");
    let machine = Machine::new();
    let mut written: Vec<(usize, usize, Vec<String>)> = Vec::new();
    let mut wrong = String::new();
    let blocks = blocks(&document);
    let mut ran = 0;
    for block in &blocks {
        let at = format!("{name}:{}", block.line);
        if let Some(file) = block.file() {
            let file = machine.root().join(file);
            fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
            fs::write(file, block.text.join("\n") + "\n").expect("written");
        } else if block.is(&["sh"]) {
            for command in commands(&block.text) {
                machine.try_it(&at, &command);
                ran += 1;
            }
        } else if block.is(&["console"]) || block.is(&["console", "figures"]) {
            let figures = block.is(&["console", "figures"]);
            let mut lines = Vec::new();
            for (command, shown) in session(block) {
                if command.contains("--python") && !has_python() {
                    left_out(&command, "python3");
                    lines.extend(format!("$ {command}").lines().map(str::to_owned));
                    lines.extend(shown);
                    continue;
                }
                let real = machine.try_it(&at, &command);
                ran += 1;
                let real: Vec<&str> = real.lines().collect();
                lines.extend(format!("$ {command}").lines().map(str::to_owned));
                let same = if figures {
                    let shown: Vec<String> = shown.iter().map(|l| without_figures(l)).collect();
                    let real: Vec<String> = real.iter().map(|l| without_figures(l)).collect();
                    alike(&shown, &real.iter().map(String::as_str).collect::<Vec<_>>())
                } else {
                    alike(&shown, &real)
                };
                if same {
                    lines.extend(shown)
                } else {
                    let _ = writeln!(wrong, "{at}: $ {command}\n{}\n", real.join("\n"));
                    lines.extend(real.iter().map(|line| (*line).to_owned()));
                }
            }
            written.push((block.line, block.text.len(), lines));
        } else {
            let known = [
                "sh newcomer",
                "sh deb",
                "yaml",
                "toml",
                "ini",
                "text",
                "rust",
                "json",
            ];
            assert!(
                known.contains(&block.words.join(" ").as_str()),
                "{at}: {:?} is nothing that is run",
                block.words
            );
        }
    }
    assert!(ran > 0, "{name}: no example was found");
    if std::env::var_os("F2B_BLESS").is_some() {
        let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
        for (first, count, new) in written.into_iter().rev() {
            lines.splice(first..first + count, new);
        }
        fs::write(&path, lines.join("\n") + "\n").expect("written");
        return;
    }
    assert!(
        wrong.is_empty(),
        "what is shown differs from what is printed (F2B_BLESS=1 writes it anew):\n{wrong}"
    );
}

fn has_python() -> bool {
    let python = Command::new("python3").arg("--version").output();
    python.is_ok_and(|output| output.status.success())
}

#[test]
fn readme() {
    run("README.md");
}

/// The calls people try first do the same at home, in the configuration directory, and in a
/// checkout of filters on a machine without fail2ban.
#[test]
fn readmes_calls_run_wherever_one_stands() {
    let machine = Machine::new();
    let document = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("a document");
    let all = blocks(&document);
    let calls = all.iter().filter(|block| block.is(&["sh"]));
    let calls = calls.flat_map(|block| commands(&block.text));
    let on_machine = |call: &String| {
        let from_anywhere = !call.contains(" ./") && !call.contains('>') && !call.contains(" -c ");
        call.starts_with("f2b-regex ") && call.contains("/var/log/") && from_anywhere
    };
    let calls: Vec<String> = calls.filter(on_machine).collect();
    assert!(calls.len() >= 10, "{calls:#?}");
    fs::create_dir_all(machine.root().join("home")).expect("a directory");
    let plain = |path: &Path, to: &Path| copy(path, to, &str::to_owned);
    let filters = machine.root().join("etc/fail2ban/filter.d");
    plain(&filters, &machine.root().join("checkout/filter.d"));
    for (place, system) in [("home", true), ("etc/fail2ban", true), ("checkout", false)] {
        let config = if system {
            ""
        } else {
            "export F2B_CONFIG=/nowhere; "
        };
        for call in &calls {
            // rules and logs of jails are the machine's
            if system || !call.contains("simulate") {
                machine.try_it(place, &format!("{config}cd {place} && {call}"));
            }
        }
    }
}

#[test]
fn guide_to_filters() {
    run("docs/filters.md");
}

#[test]
fn limits() {
    run("docs/limits.md");
}

#[test]
fn wrapped_logs() {
    run("docs/unwrap.md");
}

#[test]
fn bench() {
    run("docs/bench.md");
}

/// What is left of a line of figures still tells one report from another.
#[test]
fn figures_are_all_that_is_left_out() {
    let shown = " failregex #5      77.1  1284 ns  12.5 µs   30% ██▍         1.0  line 10";
    let other = " failregex #1      9  1 284 ns  572.2 ns  3%            2.0  line 8";
    assert_eq!(without_figures(shown), without_figures(other));
    assert_ne!(
        without_figures(shown),
        without_figures(&shown.replace("failregex", "prefregex"))
    );
    assert_ne!(without_figures("a: 5 ns"), without_figures("a: gated"));
    assert_eq!(without_figures("a; b 5 %; 1 outlier"), "a; b 0 %");
}

/// The examples of a page: between .EX and .EE.
fn page_examples(page: &str) -> Vec<String> {
    let mut examples = Vec::new();
    let mut open: Option<Vec<String>> = None;
    for line in page.lines() {
        match (line, &mut open) {
            (".EX", None) => open = Some(Vec::new()),
            (".EE", Some(lines)) => {
                examples.extend(commands(lines));
                open = None;
            }
            (line, Some(lines)) => {
                lines.push(
                    line.replace("\\-", "-")
                        .replace("\\\\", "\\")
                        .replace("\\*(Aq", "'"),
                );
            }
            _ => {}
        }
    }
    examples
}

#[test]
fn manual_pages() {
    let machine = Machine::new();
    let git = machine.repository();
    for entry in Path::new(ROOT).join("man").read_dir().expect("man/") {
        let path: PathBuf = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let page = fs::read_to_string(&path).expect("UTF-8");
        let examples = page_examples(&page);
        assert!(!examples.is_empty(), "{name} has no examples");
        for example in examples {
            if example.contains("git:") && !git {
                left_out(&example, "git");
                continue;
            }
            machine.try_it(&name, &example);
        }
    }
}

/// Links to files lead to files.
/// The guides name the places to change: what looks like a path of the repository must be one.
#[test]
fn paths_that_the_guides_name_are_there() {
    for name in [
        "CONTRIBUTING.md",
        "docs/ARCHITECTURE.md",
        "docs/fuzzing.md",
        "docs/releasing.md",
    ] {
        let text = fs::read_to_string(Path::new(ROOT).join(name)).expect("a document");
        let roots = [
            "src/",
            "tests/",
            "testdata/",
            "docs/",
            "tools/",
            "benches/",
            "contrib/",
            "packaging/",
            ".ci/",
        ];
        let mut quoted = text.split('`').skip(1).step_by(2).filter(|path| {
            roots.iter().any(|root| path.starts_with(root))
                && !path.contains(|c: char| {
                    c.is_whitespace() || c.is_ascii_uppercase() || "<…*".contains(c)
                })
        });
        let missing = quoted.find(|path| !Path::new(ROOT).join(path).exists());
        assert_eq!(missing, None, "{name}");
    }
}

#[test]
fn links() {
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/filters.md",
        "docs/limits.md",
        "docs/unwrap.md",
        "docs/bench.md",
        "docs/json.md",
        "docs/pages.md",
        "docs/performance.md",
        "docs/releasing.md",
    ] {
        let path = Path::new(ROOT).join(name);
        let text = fs::read_to_string(&path).expect("a document");
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap_or_default();
            if target.starts_with("http") || target.is_empty() {
                continue;
            }
            let target = path.parent().expect("a directory").join(target);
            assert!(target.exists(), "{name}: no {}", target.display());
        }
    }
}
