//! References of masters, and the fingerprint index over them.
//!
//! ```text
//! <vault>/references/<title>.mp4    a compact proxy of each master
//! <vault>/index/titles/<title>.seg  what the index keeps of each title
//! <vault>/index/<n>-<crc>.seg       the same of n titles in one, made from them
//! ```
//!
//! A [`Catalogue`] is opened once for a process and shared between its threads: a segment is mapped and its checksum
//! looked at once, however many clips are looked up in it. Files are immutable: written under another name, renamed into
//! place, and only ever removed. A [`Vault`] is a catalogue with its register.
//!
//! # Shapes and units
//! See `countermark_fingerprint::index`.
//!
//! # Example
//! ```
//! use countermark_catalogue::Vault;
//! use countermark_register::Register as _;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let vault = Vault::init(&folder.path().join("vault"))?;
//! let index = vault.catalogue().index(&vault.register().titles()?)?;
//! assert!(index.segments().is_empty() && index.unindexed.is_empty());
//! # Ok(())
//! # }
//! ```

pub mod backup;
mod catalogue;
mod check;
mod draft;
mod error;
mod expert;
mod files;
mod index;
mod leftovers;
mod older;
mod prints;
mod recorded;
mod vault;

pub use catalogue::Catalogue;
pub use check::{Problem, Remark, VaultCheck};
pub use draft::ReferenceDraft;
pub use error::CatalogueError;
pub use files::{Difference, FileFinding};
pub use index::{Index, IndexSegment, Unindexed};
pub use leftovers::Leftovers;
pub use prints::{picture_prints, sound_peaks, sound_prints};
pub use vault::{Mended, Vault};
