//! The studio's register: who got what, and the secrets from which every key follows.
//!
//! ```text
//! titles, distributors, deliveries  --every act-->  ledger:  hash[n] = SHA-256(label || hash[n-1] || n || time || act || details)
//!                                                            mac[n] = HMAC(ledger key, label || hash[n])
//! owner secret  --HKDF-->  carrier key of a title, payload key of a distributor in a title, delivery key; ledger key
//! ```
//!
//! [`Register`] is a trait: [`SqliteRegister`] keeps it in a folder for one machine. Every key follows from the owner secret
//! (see `countermark_mark::key`), so the database holds none. Each act is one transaction together with its entry in the
//! append-only ledger. Several processes may use one register at once, and several threads one handle.
//!
//! Tables can be edited by whoever can write the database; entries of the ledger cannot. [`Register::testimony`] is what the ledger
//! says, and [`Attested`] a register that answers so: whoever names somebody reads that one.
//!
//! The scheme is symmetric: who holds the owner secret or a read key can also forge or erase the marks it reads.
//!
//! # Shapes and units
//! Identifiers are 16 random bytes, printed as 32 hex digits; payloads are 64 random bits, printed as 16. Times are RFC
//! 3339, UTC, milliseconds. Durations are seconds, sizes samples.
//!
//! # Example
//! ```
//! use countermark_register::{Register as _, SqliteRegister};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let register = SqliteRegister::init(&folder.path().join("vault"))?;
//! let nordlicht = register.add_distributor("Nordlicht")?;
//! assert_eq!(register.distributor_named("Nordlicht")?, nordlicht);
//! let testimony = register.testimony()?;
//! assert_eq!((testimony.entries(), testimony.broken()), (2, None));
//! assert_eq!(testimony.distributors(), [nordlicht]);
//! # Ok(())
//! # }
//! ```

mod attested;
mod claim;
mod copy_formats;
mod day;
mod delivery;
pub mod desk;
mod distributor;
mod error;
mod evidence_key;
pub mod expert;
mod exposure;
mod files;
mod hash;
mod hex;
mod id;
mod ledger;
mod licence;
mod licence_accepted;
mod name;
pub mod passphrase;
pub mod permissions;
pub mod private_file;
pub mod proof;
mod randomness;
mod read_key;
mod register;
mod secret;
pub mod settle;
mod sqlite;
mod testimony;
mod timestamp;
mod title;

pub use attested::Attested;
pub use claim::{Claim, ClaimState, Claims, Work};
pub use copy_formats::CopyFormats;
pub use day::Day;
pub use delivery::{DeliveryOutcome, DeliveryRecord, DeliveryState, NewDelivery};
pub use distributor::DistributorRecord;
pub use error::{ErrorKind, Named, Place, RegisterError};
pub use files::{Checksum, TitleFiles};
pub use hash::FileHash;
pub use id::{DeliveryId, DistributorId, TitleId};
pub use ledger::{Act, BrokenLink, LedgerCheck, LedgerEntry};
pub use licence::{Licence, Outside};
pub use name::Alike;
pub use randomness::Randomness;
pub use read_key::{DistributorKey, ReadKeyError, ReadKeyFile};
pub use register::{Access, Register};
pub use secret::{Cost, is_sealed, seal, unseal};
pub use settle::{Kept, Settlement};
pub use sqlite::{SqliteRegister, backup::copy_database};
pub use testimony::{
    Testimony,
    finding::{Discrepancy, Fact, Finding, Row},
};
pub use timestamp::Timestamp;
pub use title::{FrameRate, MasterFacts, TitleDraft, TitleRecord};
