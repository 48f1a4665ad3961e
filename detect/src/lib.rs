//! The tool of the analyst: reads and traces leaked clips.
//!
//! ```text
//! args -> run -> countermark-trace: read, identify, trace -> countermark-report -> printer
//! ```
//!
//! Only [`printer`] and [`progress`] write to the terminal.

pub mod args;
pub mod printer;
pub mod progress;
pub mod remedy;
pub mod run;
