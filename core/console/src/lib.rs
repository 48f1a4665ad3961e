//! What the commands share: arguments in common, printer, progress, remedies, signals, exit codes.
//!
//! ```text
//! Common (as typed) -> Printer -> stdout: results      Progress -> stderr, at a terminal only
//!                           \-> stderr: errors with their remedies, warnings, notes
//! ```
//!
//! ```
//! use clap::Parser;
//! use countermark_console::{Common, Exit, Printer};
//!
//! #[derive(Parser)]
//! struct CommandLine {
//!     #[command(flatten)]
//!     common: Common,
//! }
//!
//! let line = CommandLine::parse_from(["tool", "--json", "--vault", "/srv/vault"]);
//! let printer = Printer::new(&line.common);
//! let done = printer
//!     .result(&serde_json::json!({"schema": 2}), &"nothing to do")
//!     .map(|()| Exit::Done)
//!     .map_err(Into::into);
//! assert_eq!(Exit::of(done, printer), Exit::Done);
//! ```

pub mod clips;
mod common;
mod config;
mod exit;
pub mod flags;
pub mod night;
mod parse;
pub mod passphrase;
mod printer;
mod progress;
pub mod remedy;
mod shell;
pub mod signals;
mod standard_output;

pub use common::{Common, Threads, Verbosity};
pub use config::Config;
pub use exit::Exit;
pub use parse::parse;
pub use printer::{Printer, Remedy};
pub use progress::{
    BatchProgress, ClipProgress, MasteringProgress, Progress, settle, warn_of_alike, warn_of_lost,
};
pub use standard_output::Destination;
