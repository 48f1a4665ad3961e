//! What was settled of what killed processes left; see [`crate::settle()`].

use std::path::PathBuf;

use countermark_register::DeliveryId;

/// What was settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Settled {
    /// Deliveries whose copy is whole under its name.
    pub completed: Vec<DeliveryId>,
    /// Deliveries whose copy never had its name.
    pub failed: Vec<DeliveryId>,
    /// Deliveries that stay pending: their copy was whole, and is not where it was written.
    pub missing: Vec<DeliveryId>,
    /// Deliveries that stay pending until their copy can be read again.
    pub unreachable: Vec<DeliveryId>,
    /// References and prints without a title that were removed.
    pub removed: Vec<PathBuf>,
}

impl Settled {
    /// Whether there was nothing to settle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
