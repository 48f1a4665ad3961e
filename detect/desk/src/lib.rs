//! The desk: a page for people and an interface for platforms, over the same library as the command line.
//!
//! ```text
//! request -> listen -> route: token, role, rate -> handler
//! clip  -> upload -> job on record -> worker: one process a job (examine) -> result on record -> events, page
//! print -> verify: in this process, with the index and what was looked at of references kept open
//! ```
//!
//! Hostile files and requests reach this crate. A file is only ever decoded in a process of its own, with limits on memory and time;
//! bodies, headers, names and lists are bounded; errors are problem documents without paths, keys or scores.
//!
//! # Modules
//! `settings`, `desk` (what all requests share) - `listen`, `route` (HTTP) - `caller`, `access`, `rate`, `problem` - `worker`, `examine`, `events`, `kept`
//! (jobs) - `licence` - `spread`, `webhook` (early warning) - `tls` - `openapi` - `page` (HTML).

mod access;
mod caller;
mod desk;
mod entry;
mod events;
pub mod examine;
mod kept;
mod licence;
mod listen;
pub mod openapi;
mod page;
mod problem;
mod rate;
mod route;
mod settings;
mod shape;
mod spread;
#[cfg(feature = "tls")]
mod tls;
mod webhook;
mod worker;

pub use listen::{Serving, start};
pub use settings::{DeskStart, Journal, Settings};
