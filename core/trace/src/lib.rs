//! Tracing as a library: which title a clip shows, which seconds of it, and whose delivery's signal it carries.
//!
//! ```text
//! read     (keys only: synchronise, decode)
//! identify (the vault: retrieve, register)
//! trace    (the vault: retrieve, register, cancel the host, score)
//! ```
//!
//! Every function returns a result of [`output`] for one clip and reports progress through an [`observer::Observer`];
//! nothing here prints.

pub mod blind;
pub mod clip;
pub mod error;
pub mod exhibits;
pub mod identify;
pub mod leads;
pub mod observer;
pub mod output;
pub mod pairing;
pub mod read;
pub mod reference;
pub mod registration;
pub mod sound;
pub mod trace;
pub mod turn;
pub mod view;
