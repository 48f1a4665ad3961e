//! The commit that the program is built from, for the record of every run.

use std::process::Command;

fn main() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success()).then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).map_or("unknown".to_owned(), |commit| {
        let changed = git(&["status", "--porcelain", "--untracked-files=no"]);
        let clean = changed.is_some_and(|changed| changed.is_empty());
        if clean {
            commit
        } else {
            format!("{commit} with changes")
        }
    });
    println!("cargo::rustc-env=COUNTERMARK_COMMIT={commit}");
    // The log of HEAD grows with every commit and checkout.
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo::rerun-if-changed={log}");
    }
    // What is changed and not committed is said, too.
    for source in ["../Cargo.lock", "../core", "attack", "src"] {
        println!("cargo::rerun-if-changed={source}");
    }
}
