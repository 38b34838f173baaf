//! Replays the seeds of the fuzz targets and every input that once broke one.

use crate::fuzzing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// All files of a directory, by name.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory of seeds");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

#[test]
fn seeds_and_old_crashers() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus-seeds");
    let mut broken = Vec::new();
    for (target, run) in fuzzing::TARGETS {
        let files = files(&seeds.join(target));
        assert!(files.len() > 3, "{target} has seeds");
        for file in files {
            let data = std::fs::read(&file).expect("a seed can be read");
            if catch_unwind(AssertUnwindSafe(|| run(&data))).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
