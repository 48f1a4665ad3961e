//! `results.jsonl`: a record a line, each sealed with what came before it.
//!
//! ```text
//! line i = { record, .., "seal": s_i },    s_i = first 16 hex digits of SHA-256(s_(i-1) || line i without its seal)
//! ```
//!
//! A line that was planted, changed or lost breaks the chain: it and what follows it are measured anew. Whoever computes the
//! seals can still write what he likes: they guard against mistakes, not against forgery.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use crate::provenance::{RECORDS, RunHead, hex};
use crate::record::Record;

/// Hex digits of a seal.
const DIGITS: usize = 16;

/// The file, open for more lines.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    seal: String,
}

impl Journal {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: File::create(path)?,
            seal: String::new(),
        })
    }

    pub(super) fn append(&mut self, record: &Record) -> io::Result<()> {
        let text = serde_json::to_string(record).map_err(io::Error::from)?;
        self.seal = seal(&self.seal, &text);
        let open = text.strip_suffix('}').unwrap_or(&text);
        let line = format!("{open},\"seal\":\"{}\"}}\n", self.seal);
        self.file.write_all(line.as_bytes())
    }

    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }
}

fn seal(before: &str, text: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(text);
    let mut digits = hex(&hash.finalize());
    digits.truncate(DIGITS);
    digits
}

/// A line without its seal, and the seal.
fn unsealed(line: &str) -> Option<(String, &str)> {
    let (text, rest) = line.rsplit_once(",\"seal\":\"")?;
    Some((format!("{text}}}"), rest.strip_suffix("\"}")?))
}

/// What a folder holds.
pub(super) enum OnRecord {
    Nothing,
    /// A run of a version whose records this one does not read.
    Older,
    /// A run; the line from which on it is not as it was written, if there is one.
    Run(Box<RunHead>, Vec<Record>, Option<usize>),
}

/// Read first: heads of other versions have other fields.
#[derive(Deserialize)]
struct AnyHead {
    record: String,
    #[serde(default)]
    schema: u32,
}

/// Reads a file of results; a last line that a kill cut short is dropped.
pub(super) fn read(path: &Path) -> Result<OnRecord, StoreError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(OnRecord::Nothing),
        Err(source) => {
            return Err(StoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let (mut head, mut records) = (None, Vec::new());
    let mut before = String::new();
    for (index, line) in text[..whole].lines().enumerate() {
        let malformed = |source| StoreError::Malformed {
            path: path.to_owned(),
            line: index + 1,
            source,
        };
        if index == 0 {
            let any: AnyHead = serde_json::from_str(line).map_err(malformed)?;
            if any.record == "run" && any.schema != RECORDS {
                return Ok(OnRecord::Older);
            }
        }
        let sealed = unsealed(line).filter(|(text, found)| seal(&before, text) == *found);
        let Some((record, found)) = sealed else {
            serde_json::from_str::<serde_json::Value>(line).map_err(malformed)?;
            return Ok(head.map_or(OnRecord::Older, |head| {
                OnRecord::Run(head, records, Some(index + 1))
            }));
        };
        found.clone_into(&mut before);
        match serde_json::from_str(&record).map_err(malformed)? {
            Record::Run(found) => head = Some(Box::new(found)),
            record => records.push(record),
        }
    }
    Ok(head.map_or(OnRecord::Nothing, |head| OnRecord::Run(head, records, None)))
}
