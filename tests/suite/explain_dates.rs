//! Dates that no template reads, or reads in part: the datepattern that is proposed, and the times
//! that the run with it applied finds. And the zone of a log, which is proposed only where the log
//! tells it.

use crate::util::{Place, Run, f2b};
use serde_json::Value;

const NOW: &str = "2026-11-20T12:00:00Z";

/// The report on lines, on a machine in a zone.
fn report(lines: &[&str], typed: &str, zone: &str, more: &[&str]) -> Value {
    let place = Place::new();
    let log = place.write("app.log", lines.join("\n") + "\n");
    let mut command = f2b(&["--format", "json", "--now", NOW]);
    command.env("TZ", zone);
    command.arg(log).arg(typed).args(more);
    command.ran().json()
}

/// Lines of which each names a failure, the zone of the machine; code and change of the first hint,
/// and the first and the last time it leads to.
struct Dated {
    lines: &'static [&'static str],
    zone: &'static str,
    code: &'static str,
    change: &'static str,
    times: [&'static str; 2],
}

const NEW_YORK: &str = "EST5";

const DATED: &[Dated] = &[
    // a zone behind more digits than a template takes
    Dated {
        lines: &[
            "2026-11-20T11:30:01.123456789Z stderr F door: wrong code by 192.0.2.5",
            "2026-11-20T11:30:02.123456789Z stderr F door: wrong code by 192.0.2.6",
        ],
        zone: NEW_YORK,
        code: "zone-not-read",
        change: r"datepattern = ^%%Y-%%m-%%dT%%H:%%M:%%S\.%%f\d*%%z",
        times: ["2026-11-20T11:30:01", "2026-11-20T11:30:02"],
    },
    Dated {
        lines: &[
            "2026-11-18T11:30:01.123 CET [12] door: wrong code by 192.0.2.5",
            "2026-11-18T11:30:02.123 CET [12] door: wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "zone-not-read",
        change: r"datepattern = ^%%Y-%%m-%%dT%%H:%%M:%%S\.%%f %%ExZ",
        times: ["2026-11-18T10:30:01", "2026-11-18T10:30:02"],
    },
    Dated {
        lines: &["2026-11-18 11:30:01 (+0200) door: wrong code by 192.0.2.5"],
        zone: "UTC",
        code: "zone-not-read",
        change: r"datepattern = ^%%Y-%%m-%%d %%H:%%M:%%S \(%%z\)",
        times: ["2026-11-18T09:30:01", "2026-11-18T09:30:01"],
    },
    Dated {
        lines: &[
            "Wed Nov 18 11:30:01 CET 2026 door: wrong code by 192.0.2.5",
            "Wed Nov 18 11:30:02 CET 2026 door: wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "zone-not-read",
        change: r"datepattern = ^\w+\s+%%b %%d %%H:%%M:%%S %%ExZ %%Y",
        times: ["2026-11-18T10:30:01", "2026-11-18T10:30:02"],
    },
    // a day that stands apart from its time
    Dated {
        lines: &[
            "W1117 08:00:00.123456   12 door.go:1] wrong code by 192.0.2.5",
            "W1118 08:00:01.123456   12 door.go:1] wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "datepattern",
        change: r"datepattern = ^\w%%m%%d %%H:%%M:%%S\.%%f",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            r#"{"date":"17.11.2026","time":"08:00:00","msg":"wrong code by 192.0.2.5"}"#,
            r#"{"date":"18.11.2026","time":"08:00:01","msg":"wrong code by 192.0.2.6"}"#,
        ],
        zone: "UTC",
        code: "datepattern",
        change: r#"datepattern = "date":"%%d\.%%m\.%%Y","time":"%%H:%%M:%%S""#,
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            "id=7 date=2026-11-17 time=08:00:00 msg=\"wrong code by 192.0.2.5\"",
            "id=7 date=2026-11-18 time=08:00:01 msg=\"wrong code by 192.0.2.6\"",
        ],
        zone: "UTC",
        code: "datepattern",
        change: r"datepattern = date=%%Y-%%m-%%d\s+time=%%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    // a month in small letters, with strokes
    Dated {
        lines: &[
            "nov/17/2026 08:00:00 system,error wrong code by 192.0.2.5 via ssh",
            "nov/18/2026 08:00:01 system,error wrong code by 192.0.2.6 via ssh",
        ],
        zone: "UTC",
        code: "datepattern",
        change: "datepattern = ^%%b/%%d/%%Y %%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            "nov/17 08:00:00 system,error wrong code by 192.0.2.5 via ssh",
            "nov/18 08:00:01 system,error wrong code by 192.0.2.6 via ssh",
        ],
        zone: "UTC",
        code: "datepattern",
        change: "datepattern = ^%%b/%%d %%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    // the day of the year
    Dated {
        lines: &[
            "2026-321T08:00:00 door: wrong code by 192.0.2.5",
            "2026-322T08:00:01 door: wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "datepattern",
        change: "datepattern = ^%%Y-%%jT%%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    // the time before the day, of half a day
    Dated {
        lines: &[
            "11:00:00 PM 11/17/2026 door: wrong code by 192.0.2.5",
            "01:00:01 AM 11/18/2026 door: wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "other-date",
        change: "datepattern = ^%%I:%%M:%%S %%p %%m/%%d/%%Y",
        times: ["2026-11-17T23:00:00", "2026-11-18T01:00:01"],
    },
    // another date of the line: one to come, one that has been, the same in all lines
    Dated {
        lines: &[
            r#"{"msg":"wrong code by 192.0.2.5, shut until 2026-11-27 10:00:00","t":"2026-11-17T08:00:00Z"}"#,
            r#"{"msg":"wrong code by 192.0.2.6, shut until 2026-11-28 10:00:00","t":"2026-11-18T08:00:01Z"}"#,
        ],
        zone: NEW_YORK,
        code: "other-date",
        change: r#"datepattern = "t":"%%Y-%%m-%%dT%%H:%%M:%%S%%z""#,
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            "door built 2019-03-04 10:00:00 tells: wrong code by 192.0.2.5 at 2026-11-17 08:00:00",
            "door built 2019-03-05 10:00:00 tells: wrong code by 192.0.2.6 at 2026-11-18 08:00:01",
        ],
        zone: "UTC",
        code: "other-date",
        change: "datepattern = at %%Y-%%m-%%d %%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            "door 2019-03-04 10:00:00 tells: wrong code by 192.0.2.5 at 2026-11-17 08:00:00",
            "door 2019-03-04 10:00:00 tells: wrong code by 192.0.2.6 at 2026-11-17 08:00:09",
            "door 2019-03-04 10:00:00 tells: wrong code by 192.0.2.5 at 2026-11-18 08:00:01",
        ],
        zone: "UTC",
        code: "other-date",
        change: "datepattern = at %%Y-%%m-%%d %%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
    Dated {
        lines: &[
            "shut=20.12.2026 10:00:00 logged=17.11.2026 08:00:00 wrong code by 192.0.2.5",
            "shut=21.12.2026 10:00:00 logged=18.11.2026 08:00:01 wrong code by 192.0.2.6",
        ],
        zone: "UTC",
        code: "datepattern",
        change: r"datepattern = logged=%%d\.%%m\.%%Y %%H:%%M:%%S",
        times: ["2026-11-17T08:00:00", "2026-11-18T08:00:01"],
    },
];

#[test]
fn dates_are_read_whole() {
    for dated in DATED {
        let run = |more: &[&str]| report(dated.lines, "wrong code by <HOST>", dated.zone, more);
        let hints = &run(&[])["hints"];
        let first = (&hints[0]["code"], &hints[0]["change"]);
        assert_eq!(first, (&dated.code.into(), &dated.change.into()), "{hints}");
        let applied = run(&["--apply", "1"]);
        let rows = applied["addresses"].as_array().expect("addresses");
        let ends = ["first", "last"];
        let mut times: Vec<f64> = Vec::new();
        for row in rows {
            times.extend(ends.iter().filter_map(|end| row[end]["epoch"].as_f64()));
        }
        times.sort_by(f64::total_cmp);
        let found = [times[0], times[times.len() - 1]].map(f64::floor);
        assert_eq!(found, dated.times.map(epoch), "{}", dated.change);
    }
}

#[test]
fn a_datepattern_that_reads_the_wrong_parts_is_told() {
    let half = [
        "17.11.2026 05:01:02 AM door: wrong code by 192.0.2.5",
        "17.11.2026 11:10:02 PM door: wrong code by 192.0.2.6",
    ];
    let minutes = [
        "2026-11-17 05:01:02 door: wrong code by 192.0.2.5",
        "2026-11-17 23:10:02 door: wrong code by 192.0.2.6",
    ];
    for (lines, pattern, code, right) in [
        (
            half,
            r"^%d\.%m\.%Y %H:%M:%S %p",
            "half-day",
            r"^%d\.%m\.%Y %I:%M:%S %p",
        ),
        (
            minutes,
            "^%Y-%M-%d %H:%m:%S",
            "other-date",
            "^%Y-%m-%d %H:%M:%S",
        ),
    ] {
        let given = ["-d", pattern];
        let typed = report(&lines, "wrong code by <HOST>", "UTC", &given);
        let hint = &typed["hints"][0];
        assert_eq!(hint["code"], code, "{hint}");
        let change = format!("datepattern = {}", right.replace('%', "%%"));
        assert_eq!(hint["change"], change.as_str());
        let more = [&given[..], &["--apply", "1"]].concat();
        let applied = report(&lines, "wrong code by <HOST>", "UTC", &more);
        let times = [0, 1].map(|row| applied["addresses"][row]["first"]["epoch"].as_f64());
        let right = ["2026-11-17T05:01:02", "2026-11-17T23:10:02"].map(epoch);
        let mut found = times.map(|time| time.unwrap_or_default());
        found.sort_by(f64::total_cmp);
        assert_eq!(found, right);
    }
    // in the morning it makes no difference
    let lines = ["17.11.2026 05:01:02 AM door: wrong code by 192.0.2.5"];
    let given = ["-d", r"^%d\.%m\.%Y %H:%M:%S %p"];
    let report = report(&lines, "wrong code by <HOST>", "UTC", &given);
    assert_eq!(report["hints"], serde_json::json!([]));
}

#[test]
fn the_date_of_an_event_is_not_taken_where_the_line_has_its_own() {
    for lines in [
        [
            "2026-11-17 08:00:00 door: wrong code by 192.0.2.5, shut until 2026-11-18 08:00:00",
            "2026-11-17 08:00:01 door: wrong code by 192.0.2.6, shut until 2026-11-18 08:00:01",
        ],
        [
            "2026-11-17 08:00:00 door built 2019-03-04 10:00:00: wrong code by 192.0.2.5",
            "2026-11-17 08:00:01 door built 2019-03-04 10:00:00: wrong code by 192.0.2.6",
        ],
        // which of them it is nothing tells
        [
            "wrong code by 192.0.2.5 2026-11-17 08:00:00 2026-11-18 09:00:00",
            "wrong code by 192.0.2.6 2026-11-17 08:00:01 2026-11-18 09:00:01",
        ],
    ] {
        assert_eq!(hints(&lines, "wrong code by <HOST>", "UTC"), []);
    }
}

/// Seconds since 1970 of a time of November 2026 in UTC.
fn epoch(text: &str) -> f64 {
    const NOVEMBER: f64 = 1_793_491_200.0;
    let number = |at: usize| text[at..at + 2].parse::<f64>().expect("a number");
    NOVEMBER + (number(8) - 1.0) * 86_400.0 + number(11) * 3600.0 + number(14) * 60.0 + number(17)
}

/// Code and change of each hint.
fn hints(lines: &[&str], typed: &str, zone: &str) -> Vec<(Value, Value, Value)> {
    let report = report(lines, typed, zone, &[]);
    let hints = report["hints"].as_array().cloned().unwrap_or_default();
    let of = |hint: &Value, name: &str| hint[name].clone();
    hints
        .iter()
        .map(|hint| (of(hint, "code"), of(hint, "change"), of(hint, "apply")))
        .collect()
}

#[test]
fn a_zone_is_proposed_where_the_log_tells_it() {
    let line = |time: &str| format!("2026-11-20 {time} door: wrong code by 192.0.2.5");
    let zone = |time: &str, machine: &str| {
        let found = hints(&[&line(time)], "wrong code by <HOST>", machine);
        assert!(found.len() <= 1, "{found:?}");
        found.into_iter().next()
    };
    let is = |found: Option<(Value, Value, Value)>, change: Value| {
        let (code, found, apply) = found.expect("a hint");
        assert_eq!(code, "zone-off");
        assert_eq!(found, change);
        assert_eq!(apply.is_null(), change.is_null());
    };
    // 12:00 in Greenwich, 07:00 in New York
    is(zone("11:59:30", NEW_YORK), "logtimezone = UTC".into());
    is(zone("13:59:30", "UTC"), "logtimezone = UTC+0200".into());
    is(zone("17:29:30", "UTC"), "logtimezone = UTC+0530".into());
    is(zone("16:59:30", NEW_YORK), "logtimezone = UTC+0500".into());
    // as well UTC, some hours old
    for time in ["08:59:30", "10:00:01", "11:00:01"] {
        is(zone(time, NEW_YORK), Value::Null);
    }
    // no zone is such that the line was written now
    is(zone("15:30:04", "UTC"), Value::Null);
    is(zone("14:20:00", "UTC"), Value::Null);
    assert_eq!(zone("11:00:00", "UTC"), None);
    // a line that names its zone is not in another one
    let line = "2026-11-20T15:30:01Z door: wrong code by 192.0.2.5";
    assert_eq!(hints(&[line], "wrong code by <HOST>", NEW_YORK), []);
}

#[test]
fn no_date_is_put_in_a_regex() {
    let lines = [
        "17|nov|2026|08:00:00 door: wrong code by 192.0.2.5",
        "18|nov|2026|08:00:01 door: wrong code by 192.0.2.6",
    ];
    for (code, change, _) in hints(&lines, "^ door: wrong code by <HOST>$", "UTC") {
        assert_ne!(code, "text-before", "{change}");
    }
    // the rest of a date that was cut off in its midst
    let lines = [
        "2026-11-20T09:00:00.123456789+00:00 stdout F door: wrong code by 192.0.2.5",
        "2026-11-20T09:00:01.123456789+00:00 stdout F door: wrong code by 192.0.2.6",
    ];
    for zone in [NEW_YORK, "UTC"] {
        let found = hints(&lines, "^door: wrong code by <HOST>$", zone);
        assert_eq!(found[0].0, "zone-not-read");
        assert_eq!(found[1].0, "text-before");
        assert_eq!(found[1].1, r"^\s+\S+\s+\S+\s+door: wrong code by <HOST>$");
    }
}

#[test]
fn a_time_without_its_day_is_not_offered() {
    for line in [
        "17 08:00:00 door: wrong code by 192.0.2.5",
        "x17 08:00:00 door: wrong code by 192.0.2.5",
        r#"{"time":"08:00:00","msg":"wrong code by 192.0.2.5","day":17,"month":11}"#,
        r#"{"time":"08:00:00","msg":"wrong code by 192.0.2.5","on":"17. nov 26"}"#,
    ] {
        let found = hints(&[line], "wrong code by <HOST>", "UTC");
        let is_bare = |change: &Value| !change.as_str().is_some_and(|text| text.contains("%%d"));
        let bare = found
            .iter()
            .find(|(code, change, _)| code == "datepattern" && is_bare(change));
        assert_eq!(bare, None, "{line}");
    }
    // where there is no day, it is one of today
    let found = hints(
        &["[ERROR ] 08:00:00 door:329 wrong code by 192.0.2.5"],
        "wrong code by <HOST>",
        "UTC",
    );
    assert_eq!(found[0].1, r"datepattern = ^\[\w+\s+\]\s+%%H:%%M:%%S");
}

#[test]
fn a_month_of_another_language_is_told_whatever_the_order() {
    for lines in [
        [
            "18 nov. 08:00:00 door: wrong code by 192.0.2.5",
            "19 nov. 08:00:01 door: wrong code by 192.0.2.6",
        ],
        [
            "18 lis 2026 08:00:00 door: wrong code by 192.0.2.5",
            "19 lis 2026 08:00:01 door: wrong code by 192.0.2.6",
        ],
    ] {
        let found = hints(&lines, "wrong code by <HOST>", "UTC");
        assert_eq!(found[0].0, "month-name");
        assert_eq!(found[0].1, "LC_ALL=C");
        assert!(found[0].2.is_null());
    }
}
