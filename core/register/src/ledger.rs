//! The append-only, hash-chained ledger of every act.
//!
//! ```text
//! hash[n] = SHA-256("countermark ledger 1" || hash[n-1] || seq || field(time) || field(act) || field(details))
//! field(x) = length of x in bytes || x,  hash[0] = 32 zero bytes
//! ```
//!
//! The chain shows every change, removal or insertion before its last entry. The entry numbers that SQLite gave out show
//! a removal at the end. Whoever can rewrite the whole file can rewrite the chain too: note the head hash elsewhere to
//! guard against that.
//!
//! # Shapes and units
//! `seq` counts from 1; `seq` and lengths are hashed as 64-bit big-endian numbers; details are JSON text.

use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

use crate::{
    Timestamp, Vault, VaultError,
    id::{from_hex, to_hex},
};

/// One act on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Position, from 1.
    pub seq: i64,
    /// When.
    pub time: Timestamp,
    /// What: `vault-created`, `title-added`, `distributor-added`, `delivery-begun`, `delivery-completed`,
    /// `delivery-failed` or `key-exported`.
    pub act: String,
    /// With what, as JSON text.
    pub details: String,
    /// The previous entry's hash, hex.
    pub previous: String,
    /// This entry's hash, hex.
    pub hash: String,
}

/// What [`Vault::verify_ledger`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Entries present.
    pub entries: i64,
    /// Hash of the last good entry, hex.
    pub head: String,
    /// The first link that does not hold.
    pub broken: Option<BrokenLink>,
}

/// Where the chain breaks, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokenLink {
    /// The entry's contents do not give its hash.
    #[error("entry {seq} of the ledger was changed")]
    Changed {
        /// The entry.
        seq: i64,
    },
    /// The entry does not follow the one before it.
    #[error("entry {seq} of the ledger does not follow the one before it")]
    Unlinked {
        /// The entry.
        seq: i64,
    },
    /// There is no such entry, though a later one was written.
    #[error("entry {seq} of the ledger is missing")]
    Absent {
        /// The first missing entry.
        seq: i64,
    },
}

impl LedgerEntry {
    fn expected_hash(&self) -> Option<String> {
        let previous = from_hex::<32>(&self.previous)?;
        Some(hash_of(
            &previous,
            self.seq,
            self.time.as_str(),
            &self.act,
            &self.details,
        ))
    }
}

fn hash_of(previous: &[u8; 32], seq: i64, time: &str, act: &str, details: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"countermark ledger 1");
    hash.update(previous);
    hash.update(seq.to_be_bytes());
    for field in [time, act, details] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    to_hex(&hash.finalize())
}

fn genesis() -> String {
    to_hex(&[0; 32])
}

/// Appends an act. Must be called inside the immediate transaction of the act itself.
pub(crate) fn append(
    db: &Connection,
    time: &Timestamp,
    act: &str,
    details: &serde_json::Value,
) -> rusqlite::Result<()> {
    let last: Option<(i64, String)> = db
        .query_row(
            "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (seq, previous) = last.map_or_else(|| (1, genesis()), |(seq, hash)| (seq + 1, hash));
    let details = details.to_string();
    // A damaged hash is not mended: the chain goes on from zeros and the check names the break.
    let linked = from_hex::<32>(&previous).unwrap_or_default();
    let hash = hash_of(&linked, seq, time.as_str(), act, &details);
    db.execute(
        "INSERT INTO ledger (seq, time, act, details, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![seq, time, act, details, to_hex(&linked), hash],
    )?;
    Ok(())
}

impl Vault {
    /// Every act on record, oldest first.
    ///
    /// # Errors
    /// [`VaultError::Database`].
    pub fn ledger(&self) -> Result<Vec<LedgerEntry>, VaultError> {
        let mut entries = Vec::new();
        self.for_each_entry(|entry| {
            entries.push(entry);
            true
        })?;
        Ok(entries)
    }

    /// Walks the chain and names the first link that does not hold.
    ///
    /// # Errors
    /// [`VaultError::Database`]; a broken chain is a result, not an error.
    pub fn verify_ledger(&self) -> Result<LedgerCheck, VaultError> {
        let mut check = LedgerCheck {
            entries: 0,
            head: genesis(),
            broken: None,
        };
        self.for_each_entry(|entry| {
            let seq = entry.seq;
            check.entries += 1;
            check.broken = if seq != check.entries {
                Some(BrokenLink::Absent { seq: check.entries })
            } else if entry.previous != check.head {
                Some(BrokenLink::Unlinked { seq })
            } else if entry.expected_hash().as_ref() != Some(&entry.hash) {
                Some(BrokenLink::Changed { seq })
            } else {
                check.head = entry.hash;
                None
            };
            check.broken.is_none()
        })?;
        if check.broken.is_none() {
            let given: Option<i64> = self.read(|db| {
                db.query_row(
                    "SELECT seq FROM sqlite_sequence WHERE name = 'ledger'",
                    [],
                    |row| row.get(0),
                )
                .optional()
            })?;
            if given.unwrap_or(0) > check.entries {
                check.broken = Some(BrokenLink::Absent {
                    seq: check.entries + 1,
                });
            }
        }
        Ok(check)
    }

    fn for_each_entry(&self, mut visit: impl FnMut(LedgerEntry) -> bool) -> Result<(), VaultError> {
        self.read(|db| {
            let mut statement = db.prepare(
                "SELECT seq, time, act, details, previous, hash FROM ledger ORDER BY seq",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let entry = LedgerEntry {
                    seq: row.get(0)?,
                    time: row.get(1)?,
                    act: row.get(2)?,
                    details: row.get(3)?,
                    previous: row.get(4)?,
                    hash: row.get(5)?,
                };
                if !visit(entry) {
                    break;
                }
            }
            Ok(())
        })
    }
}
