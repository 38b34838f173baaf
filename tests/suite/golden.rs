//! The recorded reports of fail2ban-regex, which `../shared` has; `.ci/run` runs this where that lies
//! beside the checkout. Recordings of our own, which every clone has, are in `recorded`.

use std::process::Command;

/// All 492 recordings, byte for byte. Needs Python to run the comparison.
#[test]
#[ignore = "needs ../shared beside the checkout"]
fn golden_reports_are_equal() {
    let root = env!("CARGO_MANIFEST_DIR");
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
