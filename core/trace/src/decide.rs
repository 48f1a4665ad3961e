//! Who is accused: evidence of a clip against the deliveries on record and against distributors' keys.
//!
//! ```text
//! title context, view -> evidence of each match -> both decisions -> findings of all titles -> the answer
//! ```
//!
//! # Shapes and units
//! Times in seconds, scores as `log10_p`.

pub(crate) mod answer;
pub(crate) mod context;
pub(crate) mod counted;
pub(crate) mod findings;
pub(crate) mod missing_reference;
pub(crate) mod ranking;
pub(crate) mod registered;
pub(crate) mod sighted;
pub(crate) mod suspects;
pub(crate) mod unanswered;
