//! A backup of a vault and a vault that was restored from one: as JSON and in words.
//!
//! # Shapes and units
//! Bytes of all files together.

use std::fmt;
use std::path::PathBuf;

use countermark_catalogue::Problem;
use countermark_catalogue::backup::Copied;
use serde_json::{Value, json};

/// A backup that was made.
#[derive(Debug)]
pub struct BackedUp {
    /// Where it is.
    pub folder: PathBuf,
    /// What it holds.
    pub copied: Copied,
}

/// A vault that was restored.
#[derive(Debug)]
pub struct Restored {
    /// Where it is.
    pub vault: PathBuf,
    /// What it holds.
    pub copied: Copied,
}

fn json_of(copied: &Copied) -> Value {
    let Copied {
        manifest, check, ..
    } = copied;
    let problems = check.problems.iter();
    json!({
        "made": manifest.made,
        "files": manifest.files.len(),
        "bytes": manifest.bytes(),
        "entries": check.entries,
        "head": check.head,
        "problems": problems
            .map(|it| json!({"kind": it.kind(), "text": it.to_string()}))
            .collect::<Vec<_>>(),
    })
}

/// A line for each problem, then what was copied.
fn words_of(copied: &Copied, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for problem in &copied.check.problems {
        match problem {
            Problem::Register(finding) if finding.kind() == "noted-head-unknown" => writeln!(
                f,
                "warning: {finding}: the backup is older than that head, or of another vault"
            )?,
            other => writeln!(f, "warning: {other}")?,
        }
    }
    write!(
        f,
        "{} files, {:.1} MB, {} entries, head {}",
        copied.manifest.files.len(),
        copied.manifest.bytes() as f64 / 1e6,
        copied.check.entries,
        copied.check.head
    )
}

impl BackedUp {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json_of(&self.copied);
        json["backup"] = self.folder.display().to_string().into();
        json
    }
}

impl fmt::Display for BackedUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words_of(&self.copied, f)?;
        let folder = self.folder.display();
        write!(
            f,
            "; backed up to {folder}, which holds the vault's secrets"
        )
    }
}

impl Restored {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json_of(&self.copied);
        json["vault"] = self.vault.display().to_string().into();
        json
    }
}

impl fmt::Display for Restored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        words_of(&self.copied, f)?;
        let (vault, made) = (self.vault.display(), &self.copied.manifest.made);
        write!(f, "; restored the vault {vault} as it was on {made}")
    }
}
