//! Dates: datepatterns, the detector, and what users write for times.
//!
//! Input: the datepattern on the first line (empty: the default templates; `\n` in it parts
//! several), a zone on the second, the log's lines behind them.

use crate::analysis::simulate::duration;
use crate::date::{Clock, DateDetector, TimeCache, TimeZone};
use crate::input::window::moment;
use crate::pattern::Scratch;

/// 2026-11-20 12:00 UTC.
const NOW: f64 = 1_795_176_000.0;

/// One input.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let pattern = lines.next().unwrap_or_default().replace("\\n", "\n");
    let zone = lines.next().unwrap_or_default();
    let clock = Clock::in_zone(NOW, TimeZone::utc());
    for written in [pattern.as_str(), zone] {
        if let Some(time) = moment(written, &clock) {
            assert!(time.is_finite());
        }
        if let Ok(seconds) = duration::seconds(written) {
            let _ = duration::show(seconds);
        }
    }
    let mut detector = if pattern.is_empty() {
        DateDetector::default_templates(clock.now_year())
    } else {
        match DateDetector::from_datepattern(&pattern, &clock) {
            Ok(detector) => detector,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                return;
            }
        }
    };
    if let Err(error) = detector.set_default_tz(zone) {
        assert!(!error.to_string().is_empty());
    }
    let _ = detector.display();
    let mut scratch = Scratch::default();
    scratch.set_step_budget(200_000);
    let (mut cache, mut fresh) = (TimeCache::default(), TimeCache::default());
    for line in lines.take(40) {
        let before = detector.clone();
        let Ok(found) = detector.match_time(line, &mut scratch) else {
            return;
        };
        let Some(found) = found else { continue };
        let whole = found.found.start..found.found.end;
        assert!(line.get(whole).is_some());
        if let Some(cut) = found.group1() {
            assert!(line.get(cut).is_some());
        }
        let time = detector.time_of(line, &found, &clock, &mut cache);
        if let Ok(time) = &time {
            assert!(time.seconds().is_finite());
        }
        // a cache may only save time
        fresh = TimeCache::default();
        let again = detector.time_of(line, &found, &clock, &mut fresh);
        assert_eq!(format!("{time:?}"), format!("{again:?}"), "of {line:?}");
        // the template that was chosen does match this line in this part
        let template = &before.all()[found.template];
        assert!(template.compiled_regex().is_ok());
    }
    let _ = fresh;
    for template in detector.templates() {
        assert!(template.weight >= 0.0 || template.hits == 0);
    }
}
