//! Tracing as a library: which title a clip shows, which seconds of it, and whose delivery's signal it carries.
//!
//! ```text
//! read     (keys only: synchronise, decode)
//! identify (the vault: retrieve, register)
//! trace    (the vault: retrieve, register, cancel the host, score)
//! ```
//!
//! Every function returns a result of [`result`] for one clip and reports progress through an [`Observer`]; nothing here
//! prints, and everything can be cancelled.
//!
//! # Modules
//! `query` (the clip) -> `retrieval` (which titles) -> `reference` (their proxies) -> `registration` (where and when)
//! -> `cancel` (the host picture), `blind` (without a reference) -> `decide` (who is accused).

pub mod audit;
mod blind;
mod cancel;
mod decide;
mod error;
pub mod exhibits;
mod identify;
pub mod observer;
mod query;
mod read;
mod reference;
mod registration;
pub mod result;
mod retrieval;
mod trace;

pub use error::{ErrorKind, PictureError, TraceError};
pub use identify::{identify_clip, identify_with_exhibits};
pub use observer::{Note, Observer, Silence, Stage};
pub use read::{read_clip, read_titles};
pub use trace::{trace_clip, trace_with_exhibits};
