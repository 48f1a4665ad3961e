//! Content credentials (C2PA manifests): signed into a marked copy, and read out of a clip.
//!
//! ```text
//! copy, Signer, Statement -> uuid box behind ftyp: assertions (hash of the file, soft binding, actions), claim, signature
//! clip                    -> FoundManifest: does it hold, who signed it, its soft bindings
//! ```
//!
//! The soft binding ties the manifest to the mark in the pictures, which stays where the manifest is stripped. What it publishes is the
//! commitment to the delivery's payload, never the payload: see "What a manifest tells" in the README.
//!
//! Without the feature `c2pa` nothing is signed or verified: [`Signer::load`] says so, and [`read`] tells only that there is a
//! manifest.
//!
//! ```
//! use countermark_credentials::read;
//!
//! # let clip = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/street.mp4");
//! match read(&clip, &|| false)? {
//!     Some(found) => println!("{:?}, signed by {:?}", found.state, found.signed_by),
//!     None => println!("no manifest"),
//! }
//! # Ok::<(), countermark_credentials::CredentialsError>(())
//! ```
//!
//! # Shapes and units
//! Digests are SHA-256, as 64 hex digits.
//! # References
//! C2PA Technical Specification 2.2: the manifest's box in A.5 "Embedding manifests into BMFF-based assets", "Soft binding" in 18.10,
//! actions in 18.15.

#[cfg(not(feature = "c2pa"))]
mod absent;
mod error;
mod found;
mod place;
mod read;
#[cfg(feature = "c2pa")]
mod signed;
mod statement;

#[cfg(not(feature = "c2pa"))]
pub use absent::Signer;
pub use error::CredentialsError;
pub use found::{FoundManifest, SignedBy, SoftBinding, State};
pub use read::read;
#[cfg(feature = "c2pa")]
pub use signed::Signer;
pub use statement::{Statement, algorithm};
