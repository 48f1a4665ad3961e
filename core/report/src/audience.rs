//! For whom an answer is written.

/// For whom an answer is written: scores of deliveries that are not accused are secrets of the studio. Who may ask for them again and
/// again can build a delivery's signal out of noise, and frame whoever it was made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// Whoever gets hold of it: the accused, the threshold, and a whole number that no other score exceeds.
    #[default]
    Outgoing,
    /// The studio alone: every score, with names.
    Internal,
}

impl Audience {
    /// Whether scores of the innocent may be told.
    #[must_use]
    pub const fn is_internal(self) -> bool {
        matches!(self, Self::Internal)
    }
}
