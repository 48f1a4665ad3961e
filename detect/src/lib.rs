//! The tool of the analyst: reads and traces leaked clips.
//!
//! ```text
//! args -> run -> read     (keys only: synchronise, decode)                 -> output
//!             |- identify (the vault: register)                           -|
//!             \- trace    (the vault: register, cancel the host, score) -/
//! ```
//!
//! [`report`] makes a page of an answer and of what [`exhibits`] were collected for it.
//!
//! The library returns an [`output::Report`] for each clip and reports progress through an
//! [`observer::Observer`]; only the binary prints.

pub mod args;
pub mod blind;
pub mod clip;
pub mod exhibits;
pub mod identify;
pub mod leads;
pub mod observer;
pub mod output;
pub mod pairing;
pub mod printer;
pub mod progress;
pub mod read;
pub mod reference;
pub mod registration;
pub mod report;
pub mod run;
pub mod sound;
pub mod trace;
pub mod turn;
pub mod view;
