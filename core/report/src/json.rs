//! JSON: one object a line, the schema's version in front.
//!
//! ```text
//! {"schema": 2, ...}
//! ```
//!
//! # Shapes and units
//! Numbers are rounded where results are serialised: [`rounded`] to the nearest, bounds with [`rounded_up`].

use serde::Serialize;

pub use countermark_trace::result::{rounded, rounded_up};

/// The version of the JSON; a field that changes its meaning raises it. 2: `log10_p` became `log10_bound`, one accusation a delivery,
/// no scores of the innocent.
pub const SCHEMA: u32 = 2;

/// A body, an object, behind the schema's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Document<T> {
    schema: u32,
    #[serde(flatten)]
    body: T,
}

impl<T: Serialize> Document<T> {
    /// Puts the version in front of `body`.
    pub const fn new(body: T) -> Self {
        Self {
            schema: SCHEMA,
            body,
        }
    }
}

/// A clip that could not be examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Broken<'a> {
    file: &'a str,
    verdict: &'static str,
    error: &'a str,
}

impl<'a> Broken<'a> {
    /// The clip `file`, and why.
    #[must_use]
    pub const fn new(file: &'a str, error: &'a str) -> Self {
        Self {
            file,
            verdict: "error",
            error,
        }
    }
}
