//! What is wrong with a plan, or with one of its rows.

use std::path::PathBuf;

use countermark_register::{DeliveryId, Outside, RegisterError};

use crate::{MasteringError, PresetError};

/// A plan that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file cannot be read.
    #[error("cannot read the plan {}", path.display())]
    Unreadable {
        /// The plan.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The file is no plan.
    #[error("the plan {} is not understood: {reason}", path.display())]
    NotUnderstood {
        /// The plan.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A column that every row needs is not there.
    #[error("the plan {} has no column {column:?}", path.display())]
    NoColumn {
        /// The plan.
        path: PathBuf,
        /// The column.
        column: &'static str,
    },
    /// A column that nobody knows.
    #[error("the plan {} has a column {column:?}; known are {known}", path.display())]
    UnknownColumn {
        /// The plan.
        path: PathBuf,
        /// The column.
        column: String,
        /// Those there are.
        known: String,
    },
    /// No row at all.
    #[error("the plan {} has no row", path.display())]
    Empty {
        /// The plan.
        path: PathBuf,
    },
}

/// A row that cannot be made.
#[derive(Debug)]
pub struct Problem {
    /// Number of the row in the plan.
    pub row: usize,
    /// What the row is about, for a reader: the title or the master, and the distributor.
    pub about: String,
    /// Why.
    pub fault: RowFault,
}

/// Why a row cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RowFault {
    /// A field is empty.
    #[error("it has no {field}")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field's value is none.
    #[error("its {field} must be {wanted}, got {value:?}")]
    Value {
        /// The field.
        field: &'static str,
        /// What it takes.
        wanted: &'static str,
        /// What it got.
        value: String,
    },
    /// The master is not there.
    #[error("there is no master {}", path.display())]
    NoMaster {
        /// The master.
        path: PathBuf,
    },
    /// The master's pattern matches nothing.
    #[error("no master matches {}", pattern.display())]
    NoMatch {
        /// The pattern.
        pattern: PathBuf,
    },
    /// Two rows would write one file.
    #[error("row {other} has the same output {}", output.display())]
    SameOutput {
        /// The other row.
        other: usize,
        /// The output.
        output: PathBuf,
    },
    /// The licence does not cover today.
    #[error("today is {0}")]
    OutsideLicence(Outside),
    /// The licence cannot be on record.
    #[error(transparent)]
    Licence(RegisterError),
    /// Another run is making it.
    #[error("another run is making it, as delivery {delivery}")]
    BeingMade {
        /// That run's delivery.
        delivery: DeliveryId,
    },
    /// A copy of an earlier run may be somewhere.
    #[error(
        "delivery {delivery} of an earlier run was whole, and its file is not where it was written"
    )]
    Moved {
        /// That run's delivery.
        delivery: DeliveryId,
    },
    /// The disk is too small for all rows.
    #[error("{} has {} MB left, this row and those before it need some {} MB", folder.display(), free / 1_000_000, needed / 1_000_000)]
    NoSpace {
        /// The folder.
        folder: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are needed up to here.
        needed: u64,
    },
    /// There is no such preset.
    #[error(transparent)]
    Preset(#[from] PresetError),
    /// Title, distributor, master, output or encoder do not go together.
    #[error(transparent)]
    Mastering(#[from] MasteringError),
}
