//! What a command came to.

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, all floors held.
    Done(String),
    /// Done, some floor was missed, or something got worse.
    Short(String),
    /// Done as far as possible: something could not be measured.
    Broken(String),
    /// Nothing fell short, but something was not checked.
    Unchecked(String),
}

impl Outcome {
    /// What goes to stdout.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Done(text) | Self::Short(text) | Self::Broken(text) | Self::Unchecked(text) => {
                text
            }
        }
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Done(_) => 0,
            Self::Short(_) => 1,
            Self::Broken(_) => 2,
            Self::Unchecked(_) => 3,
        }
    }
}
