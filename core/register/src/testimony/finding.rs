//! What can be wrong with a register, and what there is to know about it.
//!
//! ```text
//! Finding -> breaks():  the ledger proves nothing, and nobody is accused by it
//!         \-> otherwise: something is missing or was edited; what the ledger says stands
//! Fact:   nothing is wrong, but an expert would ask
//! ```

use std::{fmt, path::PathBuf};

use crate::{BrokenLink, DeliveryId, DistributorId, Timestamp, TitleId};

/// A row of the register's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Row {
    /// A title.
    Title(TitleId),
    /// A distributor.
    Distributor(DistributorId),
    /// A delivery.
    Delivery(DeliveryId),
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title(id) => write!(f, "title {id}"),
            Self::Distributor(id) => write!(f, "distributor {id}"),
            Self::Delivery(id) => write!(f, "delivery {id}"),
        }
    }
}

/// Where a row and the ledger differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Discrepancy {
    /// A field has another value.
    #[error(
        "the register was edited: {field} of {row} is {} in its table and {} in the ledger",
        quoted(found.as_deref()), quoted(recorded.as_deref())
    )]
    Edited {
        /// The row.
        row: Row,
        /// The field's column.
        field: &'static str,
        /// What the ledger says.
        recorded: Option<String>,
        /// What the table says.
        found: Option<String>,
    },
    /// The ledger has it, the table does not.
    #[error("the register was edited: {row} ({name:?}) is in the ledger and not in its table")]
    Removed {
        /// The row.
        row: Row,
        /// Its name, or a delivery's payload.
        name: String,
    },
    /// The table has it, the ledger does not.
    #[error(
        "{row} ({name:?}) is in its table and not in the ledger, which counts: nobody is accused by it"
    )]
    Unrecorded {
        /// The row.
        row: Row,
        /// Its name, or a delivery's payload.
        name: String,
    },
}

impl Discrepancy {
    /// The row that it is about.
    #[must_use]
    pub const fn row(&self) -> Row {
        match self {
            Self::Edited { row, .. } | Self::Removed { row, .. } | Self::Unrecorded { row, .. } => {
                *row
            }
        }
    }
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "empty".to_owned(), |value| format!("{value:?}"))
}

/// Something that is wrong with a register.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// The chain does not hold.
    #[error(transparent)]
    Chain(BrokenLink),
    /// An entry's MAC is not the owner's: somebody wrote it who has not the owner's secret.
    #[error("the MAC of entry {seq} of the ledger is not the owner's")]
    ForeignMac {
        /// The entry.
        seq: i64,
    },
    /// An entry without a MAC after entries that have one.
    #[error("entry {seq} of the ledger carries no MAC, though earlier ones do")]
    NoMac {
        /// The entry.
        seq: i64,
    },
    /// Not one entry has a MAC, in a register that gives each entry one.
    #[error("no entry of the ledger carries a MAC, though this register gives them one")]
    NoMacs,
    /// The ledger was authenticated a second time, from another entry on: it may have been written anew before.
    #[error(
        "the ledger's first MAC is at entry {found}, and was at entry {remembered}: it was written anew, or an older copy was migrated again"
    )]
    WrittenAnew {
        /// The first entry with a MAC, as it was remembered.
        remembered: i64,
        /// The first entry with a MAC now; 0 for none.
        found: i64,
    },
    /// An entry that this program wrote or should know cannot be understood.
    #[error("entry {seq} of the ledger cannot be read")]
    Unreadable {
        /// The entry.
        seq: i64,
    },
    /// The ledger has fewer entries than were written: its tail was cut, or it is an older copy.
    #[error(
        "the ledger ends at entry {entries}, and entry {written} was written: its tail was cut, or it is an older copy"
    )]
    CutShort {
        /// Entries there are.
        entries: i64,
        /// Entries that were written.
        written: i64,
    },
    /// The remembered entry is another one now: an older copy was put back and used.
    #[error(
        "entry {seq} of the ledger is not the one that was remembered: an older copy was put back and used"
    )]
    Forked {
        /// The entry.
        seq: i64,
    },
    /// No head is remembered outside of the database.
    #[error(
        "the ledger's head is not remembered: secret/ledger.head is missing, so a cut tail or an older copy would not show"
    )]
    HeadMissing {
        /// The file it should be in.
        path: PathBuf,
    },
    /// The file of the remembered head is not one that this register wrote.
    #[error(
        "secret/ledger.head is not the remembered head of this ledger, so a cut tail or an older copy would not show"
    )]
    HeadDamaged {
        /// The file.
        path: PathBuf,
    },
    /// A head that was noted elsewhere is of no entry.
    #[error(
        "the noted head {hash} is of no entry of the ledger: its tail was cut, it is an older copy, or another register's"
    )]
    NotedHeadUnknown {
        /// What was noted.
        hash: String,
    },
    /// A head or a stamp on record does not hold.
    #[error("the head of the ledger in entry {seq} does not hold: {why}")]
    Head {
        /// The entry.
        seq: i64,
        /// Why.
        why: String,
    },
    /// Rows and ledger differ.
    #[error(transparent)]
    Row(#[from] Discrepancy),
    /// A table, an index or a trigger is not as this program makes it.
    #[error("the {object} of the register's database is missing or was changed")]
    Schema {
        /// Its kind and name.
        object: String,
    },
    /// The database itself is damaged.
    #[error("the database is damaged: {what}")]
    Database {
        /// The first thing that its own check names.
        what: String,
    },
    /// Others than the owner can read or write a file or folder.
    #[error("{} is open to others (mode {mode:04o} where {wanted:04o} is needed)", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// A file or folder that cannot be looked at.
    #[error("cannot look at {}: {reason}", path.display())]
    Hidden {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
}

impl Finding {
    /// Whether the ledger proves nothing because of it: nobody may be accused by what it says.
    #[must_use]
    pub const fn breaks(&self) -> bool {
        matches!(
            self,
            Self::Chain(_)
                | Self::ForeignMac { .. }
                | Self::NoMac { .. }
                | Self::NoMacs
                | Self::WrittenAnew { .. }
                | Self::Unreadable { .. }
        )
    }

    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Chain(_) => "chain-broken",
            Self::ForeignMac { .. } => "mac-foreign",
            Self::NoMac { .. } | Self::NoMacs => "mac-missing",
            Self::WrittenAnew { .. } => "ledger-written-anew",
            Self::Unreadable { .. } => "entry-unreadable",
            Self::CutShort { .. } => "ledger-cut-short",
            Self::Forked { .. } => "ledger-forked",
            Self::HeadMissing { .. } => "head-missing",
            Self::HeadDamaged { .. } => "head-damaged",
            Self::NotedHeadUnknown { .. } => "noted-head-unknown",
            Self::Head { .. } => "head",
            Self::Row(Discrepancy::Edited { .. }) => "row-edited",
            Self::Row(Discrepancy::Removed { .. }) => "row-removed",
            Self::Row(Discrepancy::Unrecorded { .. }) => "row-unrecorded",
            Self::Schema { .. } => "schema-changed",
            Self::Database { .. } => "database-damaged",
            Self::Open { .. } => "open-to-others",
            Self::Hidden { .. } => "unreadable",
        }
    }
}

/// Something that is worth knowing about a register in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fact {
    /// Entries of schemas 1 and 2, which had no MACs.
    #[error(
        "the first {entries} entries of the ledger carry no MAC: they are as they were found {}",
        since.as_ref().map_or_else(|| "now, for the register could not be migrated".to_owned(), |day| format!("on {day}, and what was done to them before cannot be known"))
    )]
    WithoutMacs {
        /// How many.
        entries: i64,
        /// When the first entry with a MAC was written; none where none was, in a register that cannot be written.
        since: Option<Timestamp>,
    },
    /// The remembered head is older than the ledger: a process ended between an act and its remembering.
    #[error(
        "the remembered head is {entries} entries older than the ledger: the next act remembers the newest"
    )]
    HeadBehind {
        /// How many entries are newer.
        entries: i64,
    },
    /// The clock went back between two entries.
    #[error("the clock went back at entry {seq} of the ledger, from {from} to {to}")]
    ClockWentBack {
        /// The later entry.
        seq: i64,
        /// Time of the entry before it.
        from: Timestamp,
        /// Its time.
        to: Timestamp,
    },
}

impl Fact {
    /// A word for scripts.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::WithoutMacs { .. } => "without-macs",
            Self::HeadBehind { .. } => "head-behind",
            Self::ClockWentBack { .. } => "clock-went-back",
        }
    }
}
