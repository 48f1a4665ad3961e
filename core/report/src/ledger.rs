//! Heads of the ledger, proofs of entries and recorded files: as JSON and in words.

use std::fmt;

use countermark_evidence::EvidencePublicKey;
use countermark_register::proof::{EntryProof, HeadOnRecord, WorkingFile};
use serde_json::{Value, json};

/// A head that was signed, and stamped or not.
#[derive(Debug)]
pub struct Headed(pub HeadOnRecord);

impl Headed {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let HeadOnRecord { seq, head, stamp } = &self.0;
        json!({
            "entry": seq,
            "head": head,
            "text": head.text(),
            "stamp": stamp.as_ref().map(|stamp| &stamp.facts),
        })
    }
}

impl fmt::Display for Headed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HeadOnRecord { head, stamp, .. } = &self.0;
        write!(f, "{}", head.text())?;
        writeln!(f, "signature {}", head.signature)?;
        if let Some(key) = EvidencePublicKey::parse(&head.key) {
            writeln!(f, "minisign key {}", key.to_minisign())?;
        }
        match stamp {
            None => write!(f, "no third party has stamped it yet"),
            Some(stamp) => {
                let facts = &stamp.facts;
                write!(
                    f,
                    "stamped {} under policy {}, serial number {}",
                    facts.time, facts.policy, facts.serial
                )?;
                if facts.claims_qualified {
                    write!(f, ", by a token that claims to be qualified")?;
                }
                if facts.time.get(..19) < head.time.get(..19) {
                    write!(
                        f,
                        "; a clock is wrong, for the studio\u{2019}s said {} before",
                        head.time
                    )?;
                }
                Ok(())
            }
        }
    }
}

/// A proof that an entry is in the ledger.
#[derive(Debug)]
pub struct Proved(pub EntryProof);

impl Proved {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"proof": self.0})
    }
}

impl fmt::Display for Proved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryProof {
            entry, head, since, ..
        } = &self.0;
        writeln!(f, "entry {} ({}, {})", entry.seq, entry.act, entry.time)?;
        writeln!(f, "details {}", entry.details)?;
        writeln!(f, "previous {}", entry.previous)?;
        for hash in &entry.inclusion {
            writeln!(f, "path {hash}")?;
        }
        if let Some((older, path)) = since {
            writeln!(
                f,
                "goes on from the head of {} entries, root {}",
                older.size, older.root
            )?;
            for hash in path {
                writeln!(f, "consistency {hash}")?;
            }
        }
        write!(
            f,
            "root {} over {} entries, signed {}",
            head.root, head.size, head.time
        )
    }
}

/// Working files that were put on record.
#[derive(Debug)]
pub struct FilesRecorded {
    /// Name of the title.
    pub title: String,
    /// Of which stage of the work.
    pub stage: String,
    /// The files.
    pub files: Vec<WorkingFile>,
}

impl FilesRecorded {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let files = self.files.iter().map(|file| {
            json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256.to_string()})
        });
        json!({"title": self.title, "stage": self.stage, "files": files.collect::<Vec<_>>()})
    }
}

impl fmt::Display for FilesRecorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            writeln!(f, "{}  {}", file.sha256, file.name)?;
        }
        let count = self.files.len();
        write!(
            f,
            "put {count} files of the stage {} of {} on record; their time is that of the ledger\u{2019}s next stamp",
            self.stage, self.title
        )
    }
}
