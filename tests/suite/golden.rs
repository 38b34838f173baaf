//! The recorded reports of fail2ban-regex, where `../shared` has them.

use std::process::Command;

/// All 492 recordings, byte for byte. Needs Python to run the comparison.
#[test]
fn golden_reports_are_equal() {
    let root = env!("CARGO_MANIFEST_DIR");
    if !std::path::Path::new(root).join("../shared/golden").is_dir() {
        println!("golden reports: skipped, there is no ../shared");
        return;
    }
    let output = Command::new("python3")
        .arg(format!("{root}/tools/golden.py"))
        .arg(env!("CARGO_BIN_EXE_f2b-regex"))
        .output()
        .expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    assert!(output.status.success(), "{text}");
    assert_eq!(last, "492 passed, 0 failed");
}
