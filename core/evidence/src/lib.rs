//! Evidence that a stranger can check: commitments before the leak, a ledger as a Merkle tree, stamps of third parties, bundles, and
//! their verification.
//!
//! ```text
//! delivery key -> commitment -> entry of the ledger -> leaf -> root -> signed head -> RFC 3161 stamp      before the leak
//! clip -> soft values, opened delivery key -> t -> bound -> verdict                                       in the bundle
//! ```
//!
//! Who doubts a verdict needs neither the studio nor this program: `verify.py` repeats all of it with Python's standard library and
//! `openssl`. What a bundle proves, and what it does not, is in the README.
//!
//! ```
//! use countermark_evidence::{Commitment, merkle::{Tree, leaf_hash, root_of_inclusion}};
//! use countermark_mark::key::DeliveryKey;
//!
//! let key = DeliveryKey::from_bytes([7; 32]);
//! let commitment = Commitment::of_key([1; 16], &key).to_string();
//! let mut ledger = Tree::default();
//! for entry in ["made", &commitment, "more"] {
//!     ledger.push(entry.as_bytes());
//! }
//! // The studio publishes the root, and later opens the key and this path.
//! let (root, path) = (ledger.root(3), ledger.inclusion(1, 3).expect("a leaf"));
//! assert_eq!(root_of_inclusion(1, 3, leaf_hash(commitment.as_bytes()), &path), root);
//! ```

pub mod archive;
pub mod bundle;
pub mod case;
mod commitment;
mod entry;
mod error;
mod head;
pub mod hex;
mod key;
pub mod manifest;
pub mod merkle;
mod records;
pub mod sealing;
mod sheets;
mod soft;
pub mod stamp;
pub mod verify;

pub use bundle::Bundle;
pub use case::Case;
pub use commitment::Commitment;
pub use entry::{OpenedEntry, entry_hash};
pub use error::EvidenceError;
pub use head::SignedHead;
pub use key::{EvidenceKey, EvidencePublicKey, SIGNATURE_BYTES};
pub use records::{FILES_RECORDED, ProcessRecords, RecordedFile, RecordedStage};
pub use soft::{ROW_BYTES, SoftRows};
pub use stamp::Stamp;
pub use verify::{Verification, verify};
