use f2b_regex::config::*;
use f2b_regex::engine::*;
use f2b_regex::pattern::Scratch;
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let Ok(Resolution::Filter(s)) = resolve(&FilterRequest { spec: &a[1], config_dir: std::path::Path::new("/tmp/golden/corpus/config"), backend_systemd: false }) else { panic!() };
    let mut f = Filter::new(FilterOptions::default());
    for x in &s.settings { match x { Setting::Prefregex(v) => f.set_prefregex(v.clone()).unwrap(), Setting::Failregex(v) => f.add_failregex(v.clone()).unwrap(), _ => {} } }
    let mut scratch = Scratch::default();
    for text in &a[2..] {
        let text = format!("{text}\n");
        println!("{text}");
        if let Some(p) = &f.prefregex { time(p, "pre", &text, &mut scratch); }
        let c: Vec<usize> = f.candidates(&text).collect();
        for i in c { time(&f.failregexes[i], &format!("{}", i + 1), &text, &mut scratch); }
    }
}
fn time(r: &FilterRegex, name: &str, text: &str, scratch: &mut Scratch) {
    let n = 50_000; let t = Instant::now(); let mut m = false;
    for _ in 0..n { m = r.regex.search(text, scratch).unwrap().is_some(); }
    println!("{name:4} {:6.0} ns {:5} steps {m} {:.60}", t.elapsed().as_nanos() as f64 / n as f64, scratch.steps(), r.source.text);
}
