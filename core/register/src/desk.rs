//! What a desk has on record: tokens, uploads, jobs, cases and sightings.
//!
//! ```text
//! <vault>/desk/desk.db      this record      <vault>/desk/uploads/<id>      what is being examined
//! job:  queued -> running -> done | failed,   queued | running -> cancelled,   running -> queued when its server is gone
//! ```
//!
//! A database of its own beside the register's: a queue is written all the time and forgets, the register's ledger is evidence. No
//! secret is in it: of tokens only hashes are kept, of what jobs answered only what may leave the studio.
//!
//! # Shapes and units
//! Times are milliseconds since 1970, sizes bytes. Identifiers are 32 hex digits.

mod cases;
mod jobs;
mod sightings;
mod store;
mod tokens;
mod uploads;

pub use cases::{CaseNote, CaseRecord};
pub use jobs::{JobKind, JobRecord, JobState, NewJob};
pub use sightings::{Question, Sighting};
pub use store::{DeskError, DeskStore, Page};
pub use tokens::{Role, TokenRecord, token_hash};
pub use uploads::UploadRecord;
