//! What a command came to.

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, all floors held.
    Done(String),
    /// Done, some floor was missed.
    Short(String),
}

impl Outcome {
    /// What goes to stdout.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Done(text) | Self::Short(text) => text,
        }
    }
}
