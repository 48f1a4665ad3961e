//! A value by its name: what a table shows, and why one cannot be set.

/// A row of the table of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its path: `registration.joint.min_gain`.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// What it decides, and where it is from.
    pub about: &'static str,
    /// What it is.
    pub value: f64,
}

/// Why a value cannot be set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TuningError {
    /// There is none of that name.
    #[error("no value of tuning is named {name:?}")]
    Name {
        /// The name, or the rest of its path.
        name: String,
    },
    /// It cannot be that.
    #[error("{name} cannot be {value}")]
    Value {
        /// The name.
        name: String,
        /// The value.
        value: f64,
    },
}
