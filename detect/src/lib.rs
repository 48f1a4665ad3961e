//! The tool of the analyst: reads and traces leaked clips.
//!
//! ```text
//! args -> run -> countermark-trace: read, identify, trace -> printer, report
//! ```
//!
//! [`report`] makes a page of an answer and of what the exhibits were collected for it. Only the binary prints.

pub mod args;
pub mod printer;
pub mod progress;
pub mod report;
pub mod run;
