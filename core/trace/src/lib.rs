//! Tracing as a library: which title a clip shows, which seconds of it, and whose delivery's signal it carries.
//!
//! ```text
//! read     (keys only: synchronise, decode)
//! identify (the vault: retrieve, register)
//! trace    (the vault: retrieve, register, cancel the host, score)
//! ```
//!
//! A [`Tracer`] answers a [`Request`] for one clip with a result of [`result`] and reports progress through an [`Observer`],
//! which can end the work; a [`Reader`] does so with keys alone. What an accusation says, and what it does not, is in
//! [`result::Bound`]. Nothing here prints. Every value that decides is in [`Tuning`].
//!
//! # Modules
//! `query` (the clip) -> `retrieval` (which titles) -> `reference` (their proxies) -> `registration` (where and when)
//! -> `search` (all that a clip shows) -> `cancel` (the host picture), `blind` (without a reference) -> `decide` (who is accused).
//! `clip_print`: prints of clips.

pub mod audit;
mod blind;
mod cancel;
mod clip_print;
mod consistency;
mod credentials;
mod decide;
mod error;
pub mod exhibits;
mod identify;
pub mod observer;
mod query;
mod read;
mod reference;
mod register;
mod registration;
mod request;
pub mod result;
mod retrieval;
mod search;
mod still;
mod task;
mod trace;
mod tracer;
pub mod tuning;

pub use clip_print::make::print_of;
pub use countermark_fingerprint::print::{ClipPrint, PrintError};
pub use error::{ErrorKind, PictureError, TraceError};
pub use observer::{Note, Observer, Silence, Stage};
pub use request::Request;
pub use tracer::{Reader, Tracer};
pub use tuning::Tuning;
