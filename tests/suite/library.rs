//! The library from outside: a log in pieces is one log, and its session says what looks wrong
//! and what would help.

use crate::util::{Place, Run, f2b, repository};
use f2b_regex::{Filter, Line};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// November 2026, as in `util::NOW`.
const NOW: f64 = 1_795_176_000.0;

fn sshd() -> Filter {
    let path = repository("testdata/filter.d/sshd.conf");
    let path = path.display().to_string();
    let filter = Filter::load(&path, repository("testdata")).expect("a filter");
    filter.at(NOW)
}

/// Lines of sessions whose address and failure stand in two lines, and of a filter over two lines.
const LINES: [&str; 10] = [
    "2026-11-20 09:00:05 door[7]: call from 192.0.2.1",
    "2026-11-20 09:00:06 door[7]: wrong code",
    "2026-11-20 09:00:07 door[8]: call from 192.0.2.2",
    "2026-11-20 09:00:08 door[8]: wrong code",
    "door[7]: wrong code",
    "2026-11-20 09:00:09 door[8]: bye",
    "",
    "# 2026-11-20 09:00:09 door[8]: wrong code",
    "2026-11-20 09:00:10 door[7]: opened",
    "20/Nov/2026:09:00:11 door[9]: call from 192.0.2.3",
];

const FILTERS: [&str; 2] = [
    "[Definition]\nfailregex = ^\\s*door\\[<F-MLFID>\\d+</F-MLFID>\\]: (?:<F-NOFAIL>call</F-NOFAIL> from \
     <ADDR>|wrong code|<F-MLFFORGET>bye</F-MLFFORGET>)$\nignoreregex = opened$\n",
    "[Definition]\nfailregex = ^\\s*door\\[\\d+\\]: call from <ADDR>\\n\\s*door\\[\\d+\\]: wrong code$\n\
     [Init]\nmaxlines = 2\n",
];

/// What the lines of a log give in pieces; each piece ends before the lines of these indexes.
fn in_pieces(filter: &Filter, lines: &[&str], cuts: &[usize]) -> (Vec<Line>, [usize; 3]) {
    let mut session = filter.session();
    let mut judged = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([lines.len()]) {
        let piece: String = (lines[start..end].iter())
            .map(|line| format!("{line}\n"))
            .collect();
        judged.extend(session.analyze(&piece).lines);
        start = end;
    }
    let counts = session.counts();
    (judged, [counts.matched, counts.ignored, counts.missed])
}

#[test]
fn cuts_between_lines_change_nothing() {
    let place = Place::new();
    let filters = FILTERS.map(|text| {
        let file = place.write("door.conf", text).display().to_string();
        let filter = Filter::load(&file, place.path()).expect("a filter");
        filter.at(NOW)
    });
    let chosen = prop::collection::vec(0..LINES.len(), 0..40);
    let cuts = prop::collection::vec(0..40_usize, 0..8);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(200));
    let result = runner.run(&(chosen, cuts), |(chosen, cuts)| {
        let lines: Vec<&str> = chosen.iter().map(|at| LINES[*at]).collect();
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|at| *at < lines.len()).collect();
        cuts.sort_unstable();
        for filter in &filters {
            prop_assert_eq!(
                in_pieces(filter, &lines, &cuts),
                in_pieces(filter, &lines, &[])
            );
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn pieces_count_as_the_program_does() {
    let place = Place::new();
    for filter in FILTERS {
        let file = place.write("door.conf", filter).display().to_string();
        let log = LINES.join("\n") + "\n";
        let path = place.write("door.log", &log).display().to_string();
        let report = f2b(&[&path, &file, "--format", "json"]).ran().json();
        let wanted = ["matched", "ignored", "missed"].map(|name| report["lines"][name].as_u64());
        let filter = Filter::load(&file, place.path()).expect("a filter").at(NOW);
        let cuts: Vec<usize> = (1..LINES.len()).collect();
        let (_, counts) = in_pieces(&filter, &LINES, &cuts);
        assert_eq!(wanted, counts.map(|count| Some(count as u64)), "{file}");
    }
    // failures whose address stands in an earlier piece, of the sshd filter too
    let filter = sshd();
    let mut session = filter.session();
    let first = "2026-11-20 09:00:05 gate sshd[7]: Connection closed by 192.0.2.1 port 5\n";
    assert_eq!(session.analyze(first).failures().count(), 0);
    let later =
        "2026-11-20 09:00:06 gate sshd[7]: Failed password for root from 192.0.2.1 port 5\n";
    let analysis = session.analyze(later);
    let found: Vec<_> = analysis
        .failures()
        .map(|(line, found)| (line.number, found.id.as_deref()))
        .collect();
    assert_eq!(found, [(2, Some("192.0.2.1"))]);
}

#[test]
fn a_filter_says_what_its_files_hardly_mean() {
    let path = repository("testdata/filter.d/sshd.conf")
        .display()
        .to_string();
    let load = |spec: &str| Filter::load(spec, repository("testdata"));
    assert!(load(&path).expect("a filter").warnings().is_empty());
    let filter = load(&format!("{path}[mode=normal, moed=strict]")).expect("a filter");
    let warnings = filter.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0].code, "unused-given-option");
    assert!(warnings[0].message.contains("moed"), "{warnings:?}");
}

#[test]
fn a_session_says_what_looks_wrong_with_its_lines() {
    let filter = sshd();
    let codes = |log: &str| -> Vec<String> {
        let mut session = filter.session();
        session.analyze(log);
        session
            .warnings()
            .into_iter()
            .map(|warning| warning.code)
            .collect()
    };
    let failed = "sshd[7]: Failed password for root from 192.0.2.1 port 5";
    assert_eq!(codes(""), ["no-lines"]);
    assert_eq!(codes(&format!("{failed}\n")), ["no-date"]);
    assert_eq!(
        codes(&format!("2026-11-20 09:00:05 gate {failed}\n")),
        [""; 0]
    );
}

#[test]
fn a_session_says_what_would_help() {
    let place = Place::new();
    let text = "[Definition]\nfailregex = ^door: wrong code from <HOST>$\ndatepattern = ^%%Y-%%m-%%d %%H:%%M\\s\n";
    let file = place.write("door.conf", text).display().to_string();
    let filter = Filter::load(&file, place.path()).expect("a filter").at(NOW);
    let mut session = filter.session();
    for minute in 10..20 {
        let line = format!("20.11.2026 09:{minute}:05 door: wrong code from 192.0.2.{minute}\n");
        assert_eq!(session.analyze(&line).matched, 0);
    }
    let program = f2b(&["--format", "json", "-", &file])
        .write_stdin(
            (10..20)
                .map(|minute| {
                    format!("20.11.2026 09:{minute}:05 door: wrong code from 192.0.2.{minute}\n")
                })
                .collect::<String>(),
        )
        .ran()
        .json();
    let wanted: Vec<&str> = (program["hints"].as_array().expect("hints").iter())
        .filter_map(|hint| hint["message"].as_str())
        .collect();
    assert!(!wanted.is_empty(), "{program}");
    let hints = session.hints();
    let got: Vec<&str> = hints.iter().map(|hint| hint.message.as_str()).collect();
    assert_eq!(got, wanted);
    let example = hints[0].example.as_ref().expect("an example");
    assert!(example.1.contains("door: wrong code"), "{example:?}");
    // nothing is said where nothing is wrong
    let regex = Filter::of_failregex(r"^\s*door: wrong code from <HOST>$").expect("a filter");
    let regex = regex.at(NOW);
    let mut session = regex.session();
    session.analyze("2026-11-20 09:00:05 door: wrong code from 192.0.2.1\n");
    assert!(session.hints().is_empty(), "{:?}", session.hints());
}

#[test]
fn a_name_that_nothing_has_is_said_as_the_program_says_it() {
    let place = Place::new();
    let file = place.write("filter.d/door.conf", FILTERS[0]);
    place.write("filter.d/common.conf", "[DEFAULT]\nx = y\n");
    let dir = place.path().display().to_string();
    for spec in ["nosuchfilter", "dor", "filter.d/dor.conf", "dor[mode=x]"] {
        let program = f2b(&["-c", &dir, "--line", "x", spec]).ran().ended(2);
        let library = Filter::load(spec, place.path()).expect_err("there is none");
        let said = library.to_string();
        assert!(said.contains("no jail, no filter in"), "{said}");
        assert_eq!(program.stderr.trim_end(), format!("f2b-regex: {said}"));
    }
    assert!(
        Filter::load("dor", place.path())
            .expect_err("none")
            .to_string()
            .ends_with("is it door?")
    );
    let included = Filter::load("common", place.path())
        .expect_err("no filter")
        .to_string();
    assert!(included.contains("not a filter"), "{included}");
    let refused = Filter::load("door from nobody", place.path()).expect_err("no failure id");
    assert!(refused.to_string().contains("failregex"), "{refused}");
    assert!(Filter::load(&file.display().to_string(), place.path()).is_ok());
}
