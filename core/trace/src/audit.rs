//! The door for experiments: parts of the detector that a bench drives by itself, and the evidence behind an answer.
//!
//! ```text
//! null experiments: frames on a title's lattice -> synchronisation tracker -> decoding with wrong keys
//! retrieval:        query frames -> votes of the index, before anything confirms them
//! ```
//!
//! Nothing here is needed to examine a clip, and none of it is as settled as the rest of the interface.

pub use crate::blind::tracker::{OpenFinding, SyncTracker};
pub use crate::observer::{Audit, EvidencePart};
pub use crate::query::clip::ClipReader;
pub use crate::query::frames::QueryFrames;
pub use crate::retrieval::votes::{Candidate, SupportingHit, candidates};
pub use crate::task::Task;
