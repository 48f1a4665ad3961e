//! What a desk has on record: tokens, uploads, jobs, cases and sightings.
//!
//! ```text
//! <vault>/desk/desk.db      this record      <vault>/desk/uploads/<id>      what is being examined
//! <vault>/desk/webhooks.key     what the secrets of webhooks are computed from
//! <vault>/desk/kept/<job>/      page, frames and proof bundle of a job that is done
//! job:  queued -> running -> done | failed,   queued | running -> cancelled,   running -> queued when its server is gone
//! ```
//!
//! A database of its own beside the register's: a queue is written all the time and forgets, the register's ledger is evidence. No
//! secret is in it: of tokens only hashes are kept, of webhooks no secret, of what jobs answered only what may leave the studio.
//!
//! # Shapes and units
//! Times are milliseconds since 1970, sizes bytes. Identifiers are 32 hex digits.

mod cases;
mod jobs;
mod messages;
mod origin;
mod rules;
mod sightings;
mod store;
mod tokens;
mod uploads;
mod webhooks;

pub use cases::{CaseNote, CaseRecord};
pub use jobs::{Findings, JobKind, JobRecord, JobState, NewJob};
pub use messages::{Attempt, Message};
pub use origin::Origin;
pub use rules::{Condition, Firing, RuleRecord};
pub use sightings::{Question, Sighting};
pub use store::{DeskError, DeskStore, Page};
pub use tokens::{Role, TokenRecord, token_hash};
pub use uploads::UploadRecord;
pub use webhooks::{Events, WebhookRecord};
