//! The append-only, hash-chained ledger of every act.
//!
//! ```text
//! hash[n] = SHA-256("countermark ledger 1" || hash[n-1] || seq || field(time) || field(act) || field(details))
//! field(x) = length of x in bytes || x,  hash[0] = 32 zero bytes
//! mac[n]  = HMAC-SHA256(key of the owner secret, label || hash[n])                                       see `key`
//! ```
//!
//! The chain shows every change, removal or insertion before its last entry. Whoever can rewrite the whole file can rewrite the
//! chain too, but no MAC: those need the owner secret. The head is remembered outside of the database (see `head`), so that
//! a removal at the end or an older copy shows. The hashes are the leaves of a Merkle tree as well, see [`crate::proof`], so that one
//! entry can be shown to a stranger and all others stay closed. Entries of schema 1 and 2 carry no MAC; the first that has one binds them as
//! they were on that day.
//!
//! # Shapes and units
//! `seq` counts from 1; `seq` and lengths are hashed as 64-bit big-endian numbers; details are JSON text.

use std::fmt;

use countermark_evidence::entry_hash;

use crate::{
    Timestamp,
    hex::{from_hex, to_hex},
};

pub(crate) mod head;
pub(crate) mod key;

use key::{LedgerKey, Purpose};

/// What is put on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Act {
    /// The register was made.
    VaultCreated,
    /// The register's tables were brought up to a newer schema.
    VaultMigrated,
    /// A title was added.
    TitleAdded,
    /// A distributor was added.
    DistributorAdded,
    /// A delivery was begun.
    DeliveryBegun,
    /// A delivery's file is whole and about to get its final name.
    DeliveryMade,
    /// A delivery's file has its final name.
    DeliveryCompleted,
    /// A delivery was given up.
    DeliveryFailed,
    /// A read key was exported.
    KeyExported,
    /// A title's facts and the checksums of its files were put on record as they were found.
    TitleNoted,
    /// A copy was read back.
    DeliveryVerified,
    /// A delivery's licence was put on record or changed.
    LicenceSet,
    /// A delivery is no longer allowed, whatever its licence says.
    DeliveryRevoked,
    /// A title has another name.
    TitleRenamed,
    /// A distributor has another name.
    DistributorRenamed,
    /// Nothing is delivered to a distributor any more.
    DistributorRetired,
    /// A segment of the index that holds several titles was written, or put on record as it was found.
    SegmentNoted,
    /// A key for signing heads and bundles was made: its public half.
    EvidenceKeyMade,
    /// Commitments to a delivery that an older program had begun.
    DeliveryCommitted,
    /// A head of the ledger as a tree was signed.
    HeadSigned,
    /// A third party stamped a head.
    HeadStamped,
    /// Working files of a title: their digests.
    FilesRecorded,
}

impl Act {
    /// The word on record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VaultCreated => "vault-created",
            Self::VaultMigrated => "vault-migrated",
            Self::TitleAdded => "title-added",
            Self::DistributorAdded => "distributor-added",
            Self::DeliveryBegun => "delivery-begun",
            Self::DeliveryMade => "delivery-made",
            Self::DeliveryCompleted => "delivery-completed",
            Self::DeliveryFailed => "delivery-failed",
            Self::KeyExported => "key-exported",
            Self::TitleNoted => "title-noted",
            Self::DeliveryVerified => "delivery-verified",
            Self::LicenceSet => "licence-set",
            Self::DeliveryRevoked => "delivery-revoked",
            Self::TitleRenamed => "title-renamed",
            Self::DistributorRenamed => "distributor-renamed",
            Self::DistributorRetired => "distributor-retired",
            Self::SegmentNoted => "segment-noted",
            Self::EvidenceKeyMade => "evidence-key-made",
            Self::DeliveryCommitted => "delivery-committed",
            Self::HeadSigned => "ledger-head-signed",
            Self::HeadStamped => "ledger-head-stamped",
            Self::FilesRecorded => "files-recorded",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One act on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Position, from 1.
    pub seq: i64,
    /// When.
    pub time: Timestamp,
    /// What: one of [`Act`], or the word of a newer program.
    pub act: String,
    /// With what, as JSON text.
    pub details: String,
    /// The previous entry's hash, hex.
    pub previous: String,
    /// This entry's hash, hex.
    pub hash: String,
    /// Its MAC under the owner's secret, hex; none for entries of schemas 1 and 2.
    pub mac: Option<String>,
}

/// What [`Register::verify_ledger`](crate::Register::verify_ledger) found.
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
    /// Whether its MAC is the owner's; `None` when it carries none.
    pub(crate) fn is_authentic(&self, key: &LedgerKey) -> Option<bool> {
        let mac = from_hex(self.mac.as_ref()?);
        let hash = from_hex::<32>(&self.hash);
        Some(
            matches!((mac, hash), (Some(mac), Some(hash)) if key.holds(Purpose::Entry, &hash, &mac)),
        )
    }

    fn expected_hash(&self) -> Option<[u8; 32]> {
        let previous = from_hex::<32>(&self.previous)?;
        Some(entry_hash(
            &previous,
            self.seq,
            self.time.as_str(),
            &self.act,
            &self.details,
        ))
    }
}

fn genesis() -> String {
    to_hex(&[0; 32])
}

/// The entry of an act that follows `last`.
pub(crate) fn next(
    last: Option<(i64, String)>,
    time: &Timestamp,
    act: Act,
    details: &serde_json::Value,
    key: &LedgerKey,
) -> LedgerEntry {
    let (seq, previous) = last.map_or_else(|| (1, genesis()), |(seq, hash)| (seq + 1, hash));
    let details = details.to_string();
    // A damaged hash is not mended: the chain goes on from zeros and the check names the break.
    let linked = from_hex::<32>(&previous).unwrap_or_default();
    let hash = entry_hash(&linked, seq, time.as_str(), act.as_str(), &details);
    LedgerEntry {
        hash: to_hex(&hash),
        mac: Some(to_hex(&key.mac(Purpose::Entry, &hash))),
        seq,
        time: time.clone(),
        act: act.as_str().to_owned(),
        details,
        previous: to_hex(&linked),
    }
}

/// The check of a chain, entry by entry from the first.
#[derive(Debug)]
pub(crate) struct Chain(LedgerCheck);

impl Chain {
    pub(crate) fn new() -> Self {
        Self(LedgerCheck {
            entries: 0,
            head: genesis(),
            broken: None,
        })
    }

    /// Takes the next entry; `false` at the first link that does not hold.
    pub(crate) fn follow(&mut self, entry: &LedgerEntry) -> bool {
        let check = &mut self.0;
        let seq = entry.seq;
        check.entries += 1;
        check.broken = if seq != check.entries {
            Some(BrokenLink::Absent { seq: check.entries })
        } else if entry.previous != check.head {
            Some(BrokenLink::Unlinked { seq })
        } else if entry.expected_hash() != from_hex(&entry.hash) {
            Some(BrokenLink::Changed { seq })
        } else {
            check.head.clone_from(&entry.hash);
            None
        };
        check.broken.is_none()
    }

    /// The whole, when `given` entries were ever written.
    pub(crate) fn finish(mut self, given: i64) -> LedgerCheck {
        let check = &mut self.0;
        if check.broken.is_none() && given > check.entries {
            check.broken = Some(BrokenLink::Absent {
                seq: check.entries + 1,
            });
        }
        self.0
    }
}
