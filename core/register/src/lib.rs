//! The studio's register: titles, distributors, deliveries, keys, references.
//!
//! ```text
//! <vault>/vault.db                  SQLite (WAL): titles, distributors, deliveries, the ledger
//! <vault>/secret/owner.key          the owner secret, mode 0600 in a 0700 directory
//! <vault>/references/<title>.mp4    a compact proxy of each master
//! <vault>/index/titles/<title>.seg  what the index keeps of each title
//! <vault>/index/<n>-<crc>.seg       the same of many titles in one, made from them
//! ```
//!
//! Every other key follows from the owner secret (see `countermark_mark::key`), so the database holds none. Each act is
//! one transaction together with its entry in the append-only ledger. Several processes may use one vault at once.
//!
//! The scheme is symmetric: who holds the owner secret or a read key can also forge or erase the marks it reads.
//!
//! # Shapes and units
//! Identifiers are 16 random bytes, printed as 32 hex digits; payloads are 64 random bits, printed as 16. Times are RFC
//! 3339, UTC, milliseconds. Durations are seconds, sizes samples.

mod delivery;
mod distributor;
mod error;
mod id;
mod index;
mod ledger;
mod name;
mod private_file;
mod randomness;
mod read_key;
mod schema;
mod secret;
mod timestamp;
mod title;
mod vault;

pub use delivery::{DeliveryOutcome, DeliveryRecord, DeliveryState, NewDelivery};
pub use distributor::DistributorRecord;
pub use error::VaultError;
pub use id::{DeliveryId, DistributorId, TitleId};
pub use index::{Index, IndexSegment, Unindexed, picture_prints, sound_peaks, sound_prints};
pub use ledger::{BrokenLink, LedgerCheck, LedgerEntry};
pub use randomness::Randomness;
pub use read_key::{DistributorKey, ReadKeyError, ReadKeyFile};
pub use timestamp::Timestamp;
pub use title::{FrameRate, MasterFacts, TitleDraft, TitleRecord};
pub use vault::Vault;
