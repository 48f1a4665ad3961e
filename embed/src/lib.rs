//! The tool of post-production: marks one master for many licensees.
//!
//! ```text
//! args (as typed) -> settings (resolved) -> run -> title | mark -> countermark-mastering -> outcome
//!     -> countermark-report: JSON, words -> countermark-console
//! ```
//!
//! Only `countermark-console` writes to the terminal. A delivery is on record before its file exists; a killed run leaves
//! it pending, an interrupted one failed, and neither leaves a half file under the final name.

pub mod args;
pub mod batch;
pub mod interrupt;
pub mod ledger;
pub mod mark;
pub mod outcome;
pub mod progress;
pub mod records;
pub mod run;
pub mod settings;
pub mod shell;
pub mod title;
pub mod verify;
