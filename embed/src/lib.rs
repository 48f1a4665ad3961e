//! The tool of post-production: marks one master for many licensees.
//!
//! ```text
//! args (as typed) -> run -> vault | title | mark | batch | .. -> countermark-mastering, countermark-register
//!     -> countermark-report: Production, JSON, words -> countermark-console
//! ```
//!
//! Only `countermark-console` writes to the terminal. A delivery is on record before its file exists; a killed run leaves
//! it pending, an interrupted one failed, and neither leaves a half file under the final name.

pub mod args;
pub mod batch;
pub mod ledger;
pub mod mark;
pub mod records;
pub mod run;
pub mod title;
pub mod vault;
pub mod verify;
