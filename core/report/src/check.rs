//! What going through a vault came to: as JSON and in words.
//!
//! ```text
//! VaultCheck -> Checked -> to_json: the body of a json::Document
//!                       \-> Display: a line for each problem and remark, and one for what was gone through
//! ```

use std::fmt;
use std::path::PathBuf;

use countermark_catalogue::VaultCheck;
use serde_json::{Value, json};

/// A vault that was gone through.
#[derive(Debug)]
pub struct Checked {
    /// The vault.
    pub vault: PathBuf,
    /// What was found.
    pub check: VaultCheck,
}

impl Checked {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.check.problems.is_empty()
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let check = &self.check;
        let line = |kind: &str, text: String| json!({"kind": kind, "text": text});
        let problems = check.problems.iter();
        let problems: Vec<Value> = problems.map(|p| line(p.kind(), p.to_string())).collect();
        let remarks = check.remarks.iter();
        let remarks: Vec<Value> = remarks.map(|r| line(r.kind(), r.to_string())).collect();
        json!({
            "vault": self.vault.display().to_string(),
            "entries": check.entries,
            "head": check.head,
            "titles": check.titles,
            "deliveries": check.deliveries,
            "files": check.files,
            "problems": problems,
            "remarks": remarks,
        })
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let check = &self.check;
        for problem in &check.problems {
            writeln!(f, "problem: {problem}")?;
        }
        for remark in &check.remarks {
            writeln!(f, "note: {remark}")?;
        }
        let found = match check.problems.len() {
            0 => "nothing is wrong".to_owned(),
            1 => "1 problem".to_owned(),
            many => format!("{many} problems"),
        };
        write!(
            f,
            "{}: {found}; {} entries, {} titles, {} deliveries, {} files; head {}",
            self.vault.display(),
            check.entries,
            check.titles,
            check.deliveries,
            check.files,
            check.head,
        )
    }
}
