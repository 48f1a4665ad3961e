//! What can go wrong in a register, said with its values and without a remedy: what to do about it depends on who asked.
//!
//! [`RegisterError::kind`] sorts the errors by what a caller can do about them.

use std::{error::Error, fmt, io, path::PathBuf};

use crate::{DeliveryId, DeliveryState, Discrepancy, DistributorId, Finding, TitleId};

/// Where a register is, for messages: a folder or an address, never with a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place(String);

impl Place {
    /// A register in a folder.
    #[must_use]
    pub fn folder(path: &std::path::Path) -> Self {
        Self(path.display().to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a caller can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// What was asked for does not exist.
    Missing,
    /// It exists already, or is in another state.
    Conflict,
    /// The request itself is wrong.
    Invalid,
    /// The register can be read and not written.
    ReadOnly,
    /// A secret is open to others.
    Exposed,
    /// A passphrase is wanted, or another one.
    Sealed,
    /// Something on disk is not what it was.
    Damaged,
    /// Written by a newer program.
    Newer,
    /// Later it may go well: the register is busy.
    Busy,
    /// No space is left.
    Full,
    /// The work was stopped by its caller.
    Cancelled,
    /// The system or the database refused.
    System,
}

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Named {
    /// A title.
    Title,
    /// A text of a licence.
    Licence,
    /// A distributor.
    Distributor,
    /// Who watches a delivery, under which contract.
    Licensee,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Distributor => "distributor",
            Self::Licensee => "licensee",
            Self::Licence => "text of the licence",
        })
    }
}

/// An error of the register. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// There is no register at the place.
    #[error("no vault at {place}")]
    Missing {
        /// Where one was looked for.
        place: Place,
    },
    /// The making of the register was broken off.
    #[error("the vault at {place} is unfinished")]
    Unfinished {
        /// The register.
        place: Place,
    },
    /// The register's database is missing or empty, beside the secret of a register that was whole.
    #[error("the vault at {place} has lost its register: {} is missing or empty", database.display())]
    Lost {
        /// The register.
        place: Place,
        /// The database file.
        database: PathBuf,
    },
    /// A register is there already.
    #[error("there is already a vault at {place}")]
    AlreadyExists {
        /// The register.
        place: Place,
    },
    /// The register was written by a newer program.
    #[error("the vault at {place} has schema {found}, this program knows schemas up to {known}")]
    Newer {
        /// The register.
        place: Place,
        /// The schema version on record.
        found: i64,
        /// The newest schema version known here.
        known: i64,
    },
    /// The file is something else.
    #[error("{} is not the register of a vault", database.display())]
    NotARegister {
        /// The database file.
        database: PathBuf,
    },
    /// The owner secret is missing.
    #[error("the vault at {place} has lost its owner secret {}", secret.display())]
    SecretMissing {
        /// The register.
        place: Place,
        /// The secret's file.
        secret: PathBuf,
    },
    /// The owner secret's file or directory is open to others.
    #[error("{} can be read by others (mode {mode:04o} where {wanted:04o} is needed)", path.display())]
    SecretExposed {
        /// The exposed file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// Others than the owner can write the register.
    #[error("{} can be written by others (mode {mode:04o} where {wanted:04o} is needed)", path.display())]
    Writable {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// The ledger does not hold, so nothing that the register says can be relied on.
    #[error("the ledger of the vault at {place} does not hold, so nobody is named by it: {why}")]
    LedgerBroken {
        /// The register.
        place: Place,
        /// What does not hold.
        why: Box<Finding>,
    },
    /// Something was to be made under a name that the ledger does not know.
    #[error(transparent)]
    Edited(Box<Discrepancy>),
    /// The owner secret's file cannot be parsed.
    #[error("{} is damaged or of another version", secret.display())]
    SecretDamaged {
        /// The secret's file.
        secret: PathBuf,
    },
    /// The owner secret is a valid one of another register.
    #[error("{} belongs to another vault", secret.display())]
    SecretForeign {
        /// The secret's file.
        secret: PathBuf,
    },
    /// The owner secret is sealed, and nobody can be asked for its passphrase.
    #[error("the vault at {place} is sealed with a passphrase")]
    Sealed {
        /// The register.
        place: Place,
    },
    /// The owner secret is sealed with another passphrase.
    #[error("that is not the passphrase of the vault at {place}")]
    WrongPassphrase {
        /// The register.
        place: Place,
    },
    /// A passphrase that is soon guessed.
    #[error("a passphrase has {least} characters at least, got {found}")]
    WeakPassphrase {
        /// Its characters.
        found: usize,
        /// How many are wanted.
        least: usize,
    },
    /// The owner secret is sealed already.
    #[error("the vault at {place} is sealed already")]
    SealedAlready {
        /// The register.
        place: Place,
    },
    /// The owner secret is not sealed.
    #[error("the vault at {place} is not sealed")]
    NotSealed {
        /// The register.
        place: Place,
    },
    /// There is no distributor yet.
    #[error("the vault at {place} has no distributor")]
    NoDistributors {
        /// The register.
        place: Place,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness(#[source] getrandom::Error),
    /// A file beside the register could not be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried: `read`, `write`, `create`.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The disk is full.
    #[error("no space left for the register {place}")]
    DiskFull {
        /// The register.
        place: Place,
    },
    /// The register can be read and not written.
    #[error("the register {place} is read-only")]
    ReadOnly {
        /// The register.
        place: Place,
    },
    /// Another process does not let go.
    #[error("another process has kept the register {place} busy for too long")]
    Busy {
        /// The register.
        place: Place,
    },
    /// The database refused.
    #[error("the register {place} could not be used")]
    Backend {
        /// The register.
        place: Place,
        /// The database's reason.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A name that cannot be used.
    #[error(
        "a {what}'s name must have 1 to {max} characters, none of them a control or invisible one, no blank at either end, got {name:?}"
    )]
    BadName {
        /// What is named.
        what: Named,
        /// The longest allowed name.
        max: usize,
        /// The name given.
        name: String,
    },
    /// The name is taken.
    #[error("the vault at {place} already has a {what} named {name:?}")]
    NameTaken {
        /// What is named.
        what: Named,
        /// The name given.
        name: String,
        /// The register.
        place: Place,
    },
    /// No title of that name.
    #[error("the vault at {place} has no title named {name:?}")]
    UnknownTitle {
        /// The name given.
        name: String,
        /// The register.
        place: Place,
    },
    /// No distributor of that name.
    #[error("the vault at {place} has no distributor named {name:?}")]
    UnknownDistributor {
        /// The name given.
        name: String,
        /// The register.
        place: Place,
    },
    /// No such title.
    #[error("the vault at {place} has no title {id}")]
    NoTitle {
        /// The title asked for.
        id: TitleId,
        /// The register.
        place: Place,
    },
    /// No such distributor.
    #[error("the vault at {place} has no distributor {id}")]
    NoDistributor {
        /// The distributor asked for.
        id: DistributorId,
        /// The register.
        place: Place,
    },
    /// No such delivery.
    #[error("the vault at {place} has no delivery {id}")]
    NoDelivery {
        /// The delivery asked for.
        id: DeliveryId,
        /// The register.
        place: Place,
    },
    /// A delivery that was finished before.
    #[error("delivery {id} is {state} and can change no more")]
    Settled {
        /// The delivery.
        id: DeliveryId,
        /// Its state.
        state: DeliveryState,
    },
    /// A licence ends before it begins.
    #[error("a licence cannot end on {until}, before it begins on {from}")]
    BadWindow {
        /// Its first day.
        from: crate::Day,
        /// Its last day.
        until: crate::Day,
    },
    /// Nothing is delivered to a distributor any more.
    #[error("the distributor {name:?} is retired")]
    Retired {
        /// Its name.
        name: String,
    },
    /// A delivery cannot be complete before what was made is on record.
    #[error("nothing is on record of what was made for delivery {id}")]
    NothingMade {
        /// The delivery.
        id: DeliveryId,
    },
    /// No head with the digest that somebody stamped.
    #[error("no signed head of the vault at {place} has the digest {digest}")]
    NoHead {
        /// The digest, hex.
        digest: String,
        /// The register.
        place: Place,
    },
    /// A head or a stamp.
    #[error(transparent)]
    Evidence(#[from] countermark_evidence::EvidenceError),
    /// The caller stopped the work.
    #[error("cancelled")]
    Cancelled,
}

impl RegisterError {
    /// What a caller can do about it.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing { .. }
            | Self::UnknownTitle { .. }
            | Self::UnknownDistributor { .. }
            | Self::NoTitle { .. }
            | Self::NoDistributor { .. }
            | Self::NoDistributors { .. }
            | Self::NoHead { .. }
            | Self::NoDelivery { .. } => ErrorKind::Missing,
            Self::AlreadyExists { .. }
            | Self::NameTaken { .. }
            | Self::Settled { .. }
            | Self::Retired { .. }
            | Self::SealedAlready { .. }
            | Self::NotSealed { .. }
            | Self::NothingMade { .. } => ErrorKind::Conflict,
            Self::BadName { .. }
            | Self::BadWindow { .. }
            | Self::WeakPassphrase { .. }
            | Self::Evidence(_) => ErrorKind::Invalid,
            Self::Sealed { .. } | Self::WrongPassphrase { .. } => ErrorKind::Sealed,
            Self::ReadOnly { .. } => ErrorKind::ReadOnly,
            Self::SecretExposed { .. } | Self::Writable { .. } => ErrorKind::Exposed,
            Self::Unfinished { .. }
            | Self::Lost { .. }
            | Self::LedgerBroken { .. }
            | Self::Edited(_)
            | Self::NotARegister { .. }
            | Self::SecretMissing { .. }
            | Self::SecretDamaged { .. }
            | Self::SecretForeign { .. } => ErrorKind::Damaged,
            Self::Newer { .. } => ErrorKind::Newer,
            Self::Busy { .. } => ErrorKind::Busy,
            Self::DiskFull { .. } => ErrorKind::Full,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::NoRandomness(_) | Self::File { .. } | Self::Backend { .. } => ErrorKind::System,
        }
    }

    pub(crate) fn file(
        act: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { act, path, source }
    }
}
