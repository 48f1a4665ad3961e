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
}
