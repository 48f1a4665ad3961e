//! A vault with a title and marked copies, one of which leaks.

use std::path::PathBuf;

use countermark_bench::subject::{Preparation, Subject as _};
use countermark_bench::tools::Tools;
use tempfile::TempDir;

use super::studio::sample;

/// A folder with a vault, and in it a copy of the title `street` as its distributor has it.
pub(crate) fn leaked() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let own = folder.path().join("copies");
    std::fs::create_dir(&own).expect("a new folder");
    let preparation = Preparation {
        register: &folder.path().join("vault"),
        title: "street",
        seed: [30; 32],
        marked: 1,
        registered: 3,
    };
    let prepared = Tools.prepare(&sample("street"), &own, &preparation);
    let prepared = prepared.expect("a title with its copies");
    let copy = prepared.copies.first().expect("a copy").file.clone();
    (folder, copy)
}
