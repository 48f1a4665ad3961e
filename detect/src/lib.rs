//! The tool of the analyst: reads and traces leaked clips.
//!
//! ```text
//! args -> run -> countermark-console: night, each clip -> countermark-trace: read, identify, trace -> countermark-report
//! ```
//!
//! Only `countermark-console` writes to the terminal.

pub mod args;
pub mod bundling;
pub mod print;
pub mod run;
pub mod serve;
pub mod stamping;
