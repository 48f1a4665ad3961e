//! The tool of the analyst: reads and traces leaked clips.
//!
//! ```text
//! args -> run -> night: each clip -> countermark-trace: read, identify, trace -> countermark-report -> countermark-console
//! ```
//!
//! Only `countermark-console` writes to the terminal.

pub mod args;
pub mod bundling;
pub mod night;
pub mod print;
pub mod progress;
pub mod remedy;
pub mod run;
pub mod serve;
pub mod stamping;
