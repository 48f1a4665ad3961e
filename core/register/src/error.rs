//! What can go wrong in a vault, in words that name the vault and the remedy.

use std::path::PathBuf;

use crate::{DeliveryState, id::DeliveryId};

/// An error of the vault. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// There is no vault at the path.
    #[error("no vault at {}: run `countermark-embed vault init`", vault.display())]
    Missing {
        /// The vault's directory.
        vault: PathBuf,
    },
    /// `vault init` was killed half way.
    #[error("the vault at {} is unfinished: run `countermark-embed vault init` again", vault.display())]
    Unfinished {
        /// The vault's directory.
        vault: PathBuf,
    },
    /// `vault init` where a vault already is.
    #[error("there is already a vault at {}: use it, or name another directory with --vault", vault.display())]
    AlreadyExists {
        /// The vault's directory.
        vault: PathBuf,
    },
    /// The vault was written by a newer program.
    #[error("the vault at {} has schema {found}, this program knows schemas up to {known}: update countermark", vault.display())]
    Newer {
        /// The vault's directory.
        vault: PathBuf,
        /// The schema version in the vault.
        found: i64,
        /// The newest schema version known here.
        known: i64,
    },
    /// `vault.db` is something else.
    #[error("{} is not the register of a vault: restore it from a backup, or name another directory with --vault", database.display())]
    NotAVault {
        /// The database file.
        database: PathBuf,
    },
    /// The owner secret is missing.
    #[error("the vault at {} has lost its owner secret: restore {} from a backup", vault.display(), secret.display())]
    SecretMissing {
        /// The vault's directory.
        vault: PathBuf,
        /// The secret's file.
        secret: PathBuf,
    },
    /// The owner secret's file or directory is open to others.
    #[error("{} can be read by others (mode {mode:04o}): run `chmod {wanted:o} {}`", path.display(), path.display())]
    SecretExposed {
        /// The exposed file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The permission bits it should have.
        wanted: u32,
    },
    /// The owner secret's file cannot be parsed.
    #[error("{} is damaged or of another version: restore it from a backup", secret.display())]
    SecretDamaged {
        /// The secret's file.
        secret: PathBuf,
    },
    /// The owner secret is a valid one of another vault.
    #[error("{} belongs to another vault: restore the one that was made with this register", secret.display())]
    SecretForeign {
        /// The secret's file.
        secret: PathBuf,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness(#[source] getrandom::Error),
    /// A file of the vault could not be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried: `read`, `write`, `create`.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The disk is full.
    #[error("no space left for the register {}: free some and try again", database.display())]
    DiskFull {
        /// The database file.
        database: PathBuf,
    },
    /// The register cannot be written.
    #[error("the register {} is read-only: run as the vault's owner", database.display())]
    ReadOnly {
        /// The database file.
        database: PathBuf,
    },
    /// Another process does not let go.
    #[error("another process has kept the register {} busy for too long: try again when it is done", database.display())]
    Busy {
        /// The database file.
        database: PathBuf,
    },
    /// The database refused.
    #[error("the register {} could not be used", database.display())]
    Database {
        /// The database file.
        database: PathBuf,
        /// SQLite's reason.
        #[source]
        source: rusqlite::Error,
    },
    /// A name that cannot be used.
    #[error(
        "a {what}'s name must have 1 to {max} characters, none of them a control character, no blank at either end, got {name:?}"
    )]
    BadName {
        /// `title`, `distributor` or `licensee`.
        what: &'static str,
        /// The longest allowed name.
        max: usize,
        /// The name given.
        name: String,
    },
    /// The name is taken.
    #[error("the vault at {} already has a {what} named {name:?}: choose another name", vault.display())]
    NameTaken {
        /// `title` or `distributor`.
        what: &'static str,
        /// The name given.
        name: String,
        /// The vault's directory.
        vault: PathBuf,
    },
    /// No title of that name.
    #[error("the vault at {} has no title named {name:?}: add it with `countermark-embed title add MASTER --title NAME`", vault.display())]
    UnknownTitle {
        /// The name given.
        name: String,
        /// The vault's directory.
        vault: PathBuf,
    },
    /// No distributor of that name.
    #[error("the vault at {} has no distributor named {name:?}: add it with `countermark-embed distributor add NAME`", vault.display())]
    UnknownDistributor {
        /// The name given.
        name: String,
        /// The vault's directory.
        vault: PathBuf,
    },
    /// A delivery that was finished before.
    #[error("delivery {id} is {state} and can change no more")]
    Settled {
        /// The delivery.
        id: DeliveryId,
        /// Its state.
        state: DeliveryState,
    },
    /// No such delivery.
    #[error("the vault at {} has no delivery {id}", vault.display())]
    UnknownDelivery {
        /// The delivery asked for.
        id: DeliveryId,
        /// The vault's directory.
        vault: PathBuf,
    },
    /// A title whose reference proxy was not written before it was recorded.
    #[error("the reference proxy {} is missing: add the title again", path.display())]
    ReferenceMissing {
        /// Where the proxy should be.
        path: PathBuf,
    },
}
