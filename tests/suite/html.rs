//! Pages (`--format html`): that they are whole and ask for nothing, that the main job's is read
//! back, and that what logs and filters hold is text on them. How they look and what their script
//! does is tested in a browser, `tests/browser`.

use crate::util::{Place, Ran, Run, assert_text, f2b, repository};
use html5ever::tendril::TendrilSink;
use html5ever::{ParseOpts, parse_document};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use proptest::prelude::*;
use std::sync::OnceLock;

const SSHD: &str = "testdata/filter.d/sshd.conf";
const LOG: &str = "testdata/logs/auth.log";

fn run(arguments: &[&str]) -> Ran {
    let mut command = f2b(arguments);
    command.current_dir(repository("")).ran()
}

/// An element of a page.
#[derive(Debug, PartialEq, Eq)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
}

/// The elements of a page in order, and its text, script and style left out.
fn parsed(page: &str) -> (Vec<Element>, String) {
    let dom = parse_document(RcDom::default(), ParseOpts::default()).one(page);
    let (mut elements, mut text) = (Vec::new(), String::new());
    walk(&dom.document, &mut elements, &mut text);
    (elements, text)
}

fn walk(node: &Handle, elements: &mut Vec<Element>, text: &mut String) {
    match &node.data {
        NodeData::Element { name, attrs, .. } => {
            let attributes = attrs.borrow();
            let pairs = attributes.iter();
            let pairs = pairs.map(|one| (one.name.local.to_string(), one.value.to_string()));
            elements.push(Element {
                name: name.local.to_string(),
                attributes: pairs.collect(),
            });
            if ["script", "style"].contains(&&*name.local) {
                return;
            }
        }
        NodeData::Text { contents } => text.push_str(&contents.borrow()),
        NodeData::Comment { contents } => panic!("a comment: {contents}"),
        _ => {}
    }
    for child in node.children.borrow().iter() {
        walk(child, elements, text);
    }
}

/// Names of elements and their attributes: what a hostile text must not add to.
fn shape(page: &str) -> Vec<(String, Vec<String>)> {
    let (elements, _) = parsed(page);
    let names = |element: Element| {
        let names = element.attributes.into_iter().map(|(name, _)| name);
        (element.name, names.collect())
    };
    elements.into_iter().map(names).collect()
}

/// What a page of any command is.
#[track_caller]
fn assert_page(page: &str) {
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.ends_with("</html>"), "{}", &page[page.len() - 200..]);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    let (elements, _) = parsed(page);
    let ids: Vec<&str> = elements
        .iter()
        .filter_map(|one| one.attribute("id"))
        .collect();
    let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
    for element in &elements {
        for (name, value) in &element.attributes {
            // the policy would stop them, and say so
            assert!(name != "style" && !name.starts_with("on"), "{element:?}");
            if ["href", "src"].contains(&name.as_str()) {
                assert!(value.starts_with('#') || value == "data:,", "{element:?}");
                let target = value.strip_prefix('#');
                assert!(target.is_none_or(|id| ids.contains(&id)), "{element:?}");
            }
            if ["aria-labelledby", "for"].contains(&name.as_str()) {
                assert!(ids.contains(&value.as_str()), "{element:?}");
            }
        }
        if element.name == "th" {
            assert!(element.attribute("scope").is_some(), "{element:?}");
        }
    }
    let count = |name: &str| elements.iter().filter(|one| one.name == name).count();
    assert_eq!((count("h1"), count("main"), count("script")), (1, 1, 2));
    assert_eq!(count("table"), count("caption"));
    // what cannot be seen stands as its escape
    let plain = |c: char| c == '\n' || !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}');
    assert!(page.chars().all(plain));
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[test]
fn every_command_has_one() {
    let place = Place::new();
    let root = place.path().to_str().expect("UTF-8");
    let jails = "[DEFAULT]\nbackend = polling\nenabled = true\n[a]\nlogpath = /a.log\n\
                 filter = f\naction =\n[b]\nfilter = none\nlogpath = /b.log\n";
    place.write("etc/fail2ban/jail.conf", jails);
    place.write("etc/fail2ban/fail2ban.conf", "[Definition]\n");
    place.write(
        "etc/fail2ban/filter.d/f.conf",
        "[Definition]\nfailregex = ^x <HOST>$\n",
    );
    place.write("a.log", "2026-11-20 11:00:00 x 192.0.2.1\n");
    let filters = format!("{root}/etc/fail2ban/filter.d");
    let planted = "testdata/actual/planted";
    let (conf, record, door) = (
        format!("{planted}/conf"),
        format!("{planted}/fail2ban.log"),
        format!("{planted}/door.log*"),
    );
    let actual = [
        "simulate", "-c", &conf, "--actual", &record, "--jails", "door", &door,
    ];
    let commands: [(&[&str], i32); 14] = [
        (&[LOG, SSHD], 0),
        (&["-", "no <HOST>"], 0),
        (&["explain", LOG, SSHD, "--all"], 0),
        (&["explain", LOG, SSHD], 0),
        (&["explain", LOG, SSHD, "--line-number", "2"], 0),
        (&actual, 0),
        (&[&actual[..], &["--why", "203.0.113.70"]].concat(), 0),
        (&[&actual[..], &["--history"]].concat(), 0),
        (
            &[
                "simulate",
                LOG,
                SSHD,
                "--sweep",
                "maxretry=1..5,findtime=1m..1h",
            ],
            0,
        ),
        (&["doctor", "--root", root], 1),
        (&["check", "testdata/check/filter.d"], 0),
        (
            &[
                "bench",
                LOG,
                SSHD,
                "--against",
                "Failed .* from <HOST>",
                "--no-time",
            ],
            0,
        ),
        (&["bench", LOG, SSHD, "--lines", "20"], 0),
        (&["diff", "testdata/check/filter.d", &filters, LOG], 0),
    ];
    for (command, status) in commands {
        let ran = run(&[command, &["--format", "html"]].concat());
        assert_eq!(ran.status, Some(status), "{command:?}: {}", ran.stderr);
        assert_page(&ran.stdout);
        // but for times measured, two runs are the same
        if command[0] != "bench" {
            let again = run(&[command, &["--format", "html"]].concat());
            assert_text(&ran.stdout, &again.stdout);
        }
    }
}

#[test]
fn one_line_is_told_step_by_step() {
    let lines = "2026-11-20 10:00:00 gate no for <b>x</b> at 192.0.2.1\n";
    let regex = "^ gate no for <F-USER>.*</F-USER> from <HOST>$";
    let page = |arguments: &[&str]| {
        let all = [arguments, &["--format", "html", "--no-hints"]].concat();
        let mut command = f2b(&all);
        let ran = command.write_stdin(lines).ran().ended(0);
        assert_page(&ran.stdout);
        parsed(&ran.stdout)
    };
    let (elements, text) = page(&["explain", "-", regex]);
    assert!(text.contains("Line 1 is missed"), "{text}");
    assert!(text.contains("stops at column"), "{text}");
    let stops = |one: &&Element| one.attribute("class") == Some("m-stop");
    assert_eq!(elements.iter().filter(stops).count(), 2);
    let (_, text) = page(&["explain", "-", &regex.replace("from", "at")]);
    assert!(text.contains("Line 1 is matched"), "{text}");
    assert!(text.contains("1 of 1 matches."), "{text}");
    assert!(text.contains("What the groups of failregex 1 took"));
    assert!(text.contains("<b>x</b>"), "{text}");
}

#[test]
fn what_the_server_did_is_told_ban_by_ban() {
    let planted = "testdata/actual/planted";
    let (conf, record) = (format!("{planted}/conf"), format!("{planted}/fail2ban.log"));
    let log = format!("{planted}/door.log*");
    let arguments = [
        "simulate", "-c", &conf, "--actual", &record, "--jails", "door", &log, "--format", "html",
    ];
    let page = run(&arguments).ended(0).stdout;
    let (elements, text) = parsed(&page);
    // one for each ban that differs
    let tags = |kind: &str| text.matches(&format!("{kind}203.0.113.")).count();
    assert_eq!((tags("extra"), tags("missing")), (2, 5), "{text}");
    assert!(text.contains("by hand: no failure before it"), "{text}");
    assert!(text.contains("maxretry was 5 then"), "{text}");
    let jails = |one: &&Element| one.attribute("href") == Some("#jail-1");
    assert_eq!(elements.iter().filter(jails).count(), 1);
    let (_, data) = page.split_once("id=\"report\">").expect("data");
    let (data, _) = data.split_once('<').expect("its end");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    let json = run(&[&arguments[..9], &["json"]].concat()).ended(0).json();
    assert_eq!(data["actual"], json["actual"]);
}

#[test]
fn the_report_is_read_back_from_it() {
    let place = Place::new();
    let both: Vec<String> = (["json", "html"].iter())
        .map(|format| {
            let ran = run(&[LOG, SSHD, "--format", format]).ended(0);
            let file = place.write(&format!("report.{format}"), ran.stdout);
            file.to_str().expect("UTF-8").to_string()
        })
        .collect();
    let merged = |files: &[&str]| {
        let mut report = run(&[&["merge"], files].concat()).ended(0).json();
        report["timing"] = serde_json::Value::Null;
        report
    };
    let one = merged(&[&both[0]]);
    assert!(one["lines"]["matched"].as_u64().is_some_and(|n| n > 0));
    assert_eq!(one, merged(&[&both[1]]));
    assert_eq!(merged(&[&both[0], &both[0]]), merged(&[&both[0], &both[1]]));
    // a page of another command is none
    let page = run(&["check", "testdata/check/filter.d", "--format", "html"]).stdout;
    let other = place.write("check.html", page);
    let ran = run(&["merge", other.to_str().expect("UTF-8")]).ended(2);
    assert!(ran.stderr.contains("expected a report"), "{}", ran.stderr);
}

/// A page of a log that holds such a text where users and unknown words stand, in a file of such a
/// name.
fn page_with(text: &str, name: &str) -> String {
    let place = Place::new();
    let mut log = Vec::new();
    // what is warned of is in every log, so that the warnings are the same
    log.extend(b"\0\0padded\n\x1b[31mcolours\n\x07\x01bell\n\xff\xfe invalid\n");
    for second in 10..14 {
        let time = format!("2026-11-20 10:00:{second} gate");
        log.extend(format!("{time} login of {text} from 203.0.113.{second}\n").bytes());
        log.extend(format!("{time} logout of {text}\n").bytes());
    }
    place.write(name, log);
    let regex = "^ gate login of <F-USER>.*</F-USER> from <HOST>$";
    let mut command = f2b(&["--log", name, regex, "--format", "html", "--no-hints"]);
    let ran = command.current_dir(place.path()).ran().ended(0);
    let count = ran.stdout.contains("4 of 12 lines matched");
    assert!(count, "{}", &ran.stdout[..2000]);
    ran.stdout
}

/// What such a page is made of where the text is a word.
fn harmless() -> &'static Vec<(String, Vec<String>)> {
    static SHAPE: OnceLock<Vec<(String, Vec<String>)>> = OnceLock::new();
    SHAPE.get_or_init(|| shape(&page_with("xyz", "plain.log")))
}

/// Pieces of texts that markup is made of, or that drive what shows them.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("</script>"),
        Just("<script>alert(1)</script>"),
        Just("<!--"),
        Just("-->"),
        Just("]]>"),
        Just("</title></style>"),
        Just("\""),
        Just("'"),
        Just("\" onload=\"x"),
        Just("<img src=x onerror=x>"),
        Just("&lt;b&gt;"),
        Just("&#60;i"),
        Just("\u{202e}"),
        Just("\u{2066}"),
        Just("\u{2028}"),
        Just("\u{85}"),
        Just("\u{feff}"),
        Just("\u{e0041}"),
        Just("\u{7f}"),
        Just("\x08"),
        Just("{{ 7*7 }}"),
        Just("{% x %}"),
        Just("é漢"),
        Just("a"),
        Just("\\u003c"),
        Just("`"),
    ];
    prop::collection::vec(pieces, 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Hostile lines are text: the page has the elements and attributes it has with harmless ones.
    #[test]
    fn hostile_lines_are_text(text in hostile()) {
        let page = page_with(&text, "plain.log");
        assert_page(&page);
        prop_assert_eq!(&shape(&page), harmless());
    }
}

/// The other commands' pages, of lines and filters that hold such a text.
#[test]
fn hostile_lines_and_filters_are_text_elsewhere() {
    let pages = |text: &str| -> Vec<Vec<(String, Vec<String>)>> {
        let place = Place::new();
        let time = "2026-11-20 10:00:00 gate";
        place.write(
            "a.log",
            format!("{time} login of {text} from 203.0.113.1\n{time} logout of {text}\n"),
        );
        let regex = "^ gate login of <F-USER>.*</F-USER> from <HOST>$";
        let filter = |more: &str| format!("[Definition]\n# {text}\nfailregex = {regex}\n{more}");
        place.write("old/filter.d/f.conf", filter(""));
        let broken = format!("            ^{text} from <HOST>(\n");
        place.write("new/filter.d/f.conf", filter(&broken));
        place.write(
            "samples/f",
            format!("{time} login of {text} from 203.0.113.1\n"),
        );
        let jail = "[f]\nenabled = true\nfilter = f\nlogpath = a.log\nmaxretry = 1\n";
        place.write("conf/jail.conf", jail);
        let ids = "[Definition]\nfailregex = ^ gate login of <F-ID>\\S+</F-ID> from\n";
        place.write("conf/filter.d/f.conf", ids);
        let server = "fail2ban.actions [7]: NOTICE  [f] Ban";
        let record = format!(
            "2026-11-20 09:00:00,100 {server} other{text}\n2026-11-20 11:00:00,100 {server} {text}\n"
        );
        place.write("fail2ban.log", record);
        let actual = [
            "simulate",
            "-c",
            "conf",
            "--actual",
            "fail2ban.log",
            "--jails",
            "f",
            "a.log",
        ];
        let commands: [&[&str]; 9] = [
            &["explain", "a.log", regex, "--all", "--no-hints"],
            &["explain", "a.log", regex, "--no-hints"],
            &[
                "explain",
                "a.log",
                regex,
                "--no-hints",
                "--line-number",
                "1",
            ],
            &actual,
            &[&actual[..], &["--why", text]].concat(),
            &["simulate", "a.log", regex],
            &[
                "bench",
                "a.log",
                regex,
                "--against",
                "logout of .* <HOST>",
                "--no-time",
            ],
            &["check", "new/filter.d", "--samples", "samples"],
            &["diff", "old", "new", "a.log"],
        ];
        let page = |command: &&[&str]| {
            let arguments = [*command, &["--format", "html"]].concat();
            let ran = f2b(&arguments).current_dir(place.path()).ran();
            assert_page(&ran.stdout);
            shape(&ran.stdout)
        };
        commands.iter().map(page).collect()
    };
    let text = "</script><!--<img/src=x>\u{202e}\"'&lt;b>";
    assert_eq!(pages(text), pages(&"x".repeat(text.chars().count())));
}

#[test]
fn names_of_files_are_text() {
    for name in [
        "<b onclick=x>.log",
        "'\"><img src=x>.log",
        "a\u{202e}b&amp;.log",
    ] {
        let page = page_with("x", name);
        assert_page(&page);
        assert_eq!(&shape(&page), harmless(), "{name}");
    }
    let (_, text) = parsed(&page_with("x", "<b onclick=x>.log"));
    assert!(text.contains("<b onclick=x>.log"));
}

#[test]
fn long_lines_and_many_addresses_leave_a_page_small() {
    let place = Place::new();
    let mut log = String::new();
    for number in 0..4000 {
        let (hour, minute, second) = (number / 3600, number / 60 % 60, number % 60);
        let (high, low) = (number / 250, number % 250);
        log += &format!(
            "2026-11-20 {hour:02}:{minute:02}:{second:02} no user{number} from 10.0.{high}.{low}\n"
        );
    }
    let long = "y".repeat(1 << 20);
    log += &format!("2026-11-20 11:00:00 no {long} from 192.0.2.1\n2026-11-20 11:00:01 {long}\n");
    place.write("long.log", log);
    let regex = r"^ no <F-USER>\S+</F-USER> from <HOST>$";
    let mut command = f2b(&["long.log", regex, "--format", "html"]);
    let page = command.current_dir(place.path()).ran().ended(0).stdout;
    assert_page(&page);
    assert!(page.len() < 1_000_000, "{}", page.len());
    let (_, text) = parsed(&page);
    for said in [
        "4\u{a0}001 addresses and ids: the 200 with the most hits",
        "The first 20 lines of 4 001 hits.",
    ] {
        assert!(text.contains(said), "{said}");
    }
    // as many as are asked for
    let mut command = f2b(&["long.log", regex, "--format", "html", "--top", "5000"]);
    let page = command.current_dir(place.path()).ran().ended(0).stdout;
    let file = place.write("all.html", page);
    let merged = run(&["merge", file.to_str().expect("UTF-8")])
        .ended(0)
        .json();
    assert_eq!(merged["addresses"].as_array().map(Vec::len), Some(4001));
}

#[test]
fn a_line_that_a_later_one_completes_is_not_missed() {
    let page = |lines: &str| {
        let regex = r"^ one$<SKIPLINES>^ two from <HOST>$";
        let mut command = f2b(&["-", regex, "--maxlines", "2", "--format", "html"]);
        let page = command.write_stdin(lines).ran().ended(0).stdout;
        assert_page(&page);
        parsed(&page).1
    };
    let (one, two) = (
        "2026-11-20 10:00:00 one\n",
        "2026-11-20 10:00:01 two from 192.0.2.1\n",
    );
    assert!(page(one).contains("Missed lines"));
    let text = page(&[one, two].concat());
    assert!(!text.contains("Missed lines"), "{text}");
}

#[test]
fn all_lines_are_there_if_asked_for() {
    let lines = "no from 192.0.2.1\n".repeat(30);
    let page = |more: &[&str]| {
        let mut command = f2b(&[&["-", "no from <HOST>", "--format", "html"], more].concat());
        let ran = command.write_stdin(lines.as_str()).ran().ended(0);
        let (elements, _) = parsed(&ran.stdout);
        elements.iter().filter(|one| one.name == "li").count()
    };
    assert_eq!(page(&["--print-all-matched"]), page(&[]) + 10);
}
