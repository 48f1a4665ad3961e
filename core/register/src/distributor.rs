//! Distributors: licensees that copies are delivered to.

use crate::{DistributorId, Timestamp};

/// A distributor on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributorRecord {
    /// Identifier; the payload key derives from it.
    pub id: DistributorId,
    /// Unique name.
    pub name: String,
    /// When it was added.
    pub added: Timestamp,
    /// Since when nothing is delivered to it any more; only the ledger's word has it: see [`Attested`](crate::Attested).
    pub retired: Option<Timestamp>,
}
