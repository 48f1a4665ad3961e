//! An entry of the ledger as a stranger sees it: its text, and the hash that chain and tree are made of.
//!
//! ```text
//! hash[n] = SHA-256("countermark ledger 1" || hash[n-1] || seq || field(time) || field(act) || field(details))
//! field(x) = length of x in bytes || x,  hash[0] = 32 zero bytes
//! leaf[n] = SHA-256(0x00 || hash[n])                                                                 see `merkle`
//! ```
//!
//! A leaf tells nothing of its entry, so that one entry can be opened and all others stay closed.
//!
//! # Shapes and units
//! `seq` counts from 1; `seq` and lengths are hashed as 64-bit big-endian numbers; details are JSON text.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    hex::{from_hex, to_hex},
    merkle::{self, Hash},
};

const LABEL: &[u8] = b"countermark ledger 1";

/// The hash of an entry that follows one of the hash `previous`.
#[must_use]
pub fn entry_hash(previous: &Hash, seq: i64, time: &str, act: &str, details: &str) -> Hash {
    let mut hash = Sha256::new();
    hash.update(LABEL);
    hash.update(previous);
    hash.update(seq.to_be_bytes());
    for field in [time, act, details] {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

/// An entry of the ledger with the proof that a head holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedEntry {
    /// Position, from 1.
    pub seq: i64,
    /// When.
    pub time: String,
    /// What.
    pub act: String,
    /// With what: JSON text, exactly as it was hashed.
    pub details: String,
    /// The previous entry's hash, hex.
    pub previous: String,
    /// Hashes of the path from its leaf to the head's root, hex, the leaf's neighbour first.
    pub inclusion: Vec<String>,
}

impl OpenedEntry {
    /// Its hash; none when `previous` is none.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        let previous = from_hex(&self.previous)?;
        Some(entry_hash(
            &previous,
            self.seq,
            &self.time,
            &self.act,
            &self.details,
        ))
    }

    /// The root that its path leads to in a tree of `size` entries; none when the path is not one.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Hash> {
        let index = u64::try_from(self.seq.checked_sub(1)?).ok()?;
        let path: Option<Vec<Hash>> = self.inclusion.iter().map(|hash| from_hex(hash)).collect();
        merkle::root_of_inclusion(index, size, merkle::leaf_hash(&self.hash()?), &path?)
    }

    /// With the path in a tree of entries.
    #[must_use]
    pub fn included(mut self, path: &[Hash]) -> Self {
        self.inclusion = path.iter().map(|hash| to_hex(hash)).collect();
        self
    }
}
