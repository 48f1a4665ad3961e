//! What a system is and needs, the built-in one too: the head of its rows in a table of systems.
//!
//! # Shapes and units
//! Bits of a payload; a decimal logarithm.

use countermark_mark::FormatSpec;

use super::{OURS, System};

/// Bits of our delivery payloads.
const OUR_BITS: usize = 64;

/// A delivery is named only where an innocent would be in fewer than one of a billion analyses.
const OUR_CLAIM_LOG10_FPR: f64 = -9.0;

/// What a reader must know of a system beside its figures.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a system has and needs is a list of yes and no"
)]
pub struct Capabilities {
    /// Its name.
    pub name: String,
    /// Which version, in words.
    pub version: String,
    /// Bits of a payload.
    pub bits: usize,
    /// Whether its answers need a secret key.
    pub keys: bool,
    /// Whether it can be asked with the unmarked film.
    pub reference: bool,
    /// Whether it can be asked with a register of what was delivered.
    pub register: bool,
    /// Whether it can be asked without either of them.
    pub alone: bool,
    /// What it states about false alarms, as a decimal logarithm; none when it states nothing.
    pub claim_log10_fpr: Option<f64>,
}

impl Capabilities {
    /// Of a described system, or of the built-in one.
    #[must_use]
    pub fn of(system: Option<&System>) -> Self {
        match system {
            Some(system) => Self {
                name: system.name.clone(),
                version: system.version.clone(),
                bits: system.bits,
                keys: system.keys,
                reference: system.reference,
                register: system.register,
                alone: true,
                claim_log10_fpr: system.claim_log10_fpr,
            },
            None => Self {
                name: OURS.to_owned(),
                version: format!(
                    "{}, format {}",
                    env!("CARGO_PKG_VERSION"),
                    FormatSpec::CURRENT.version()
                ),
                bits: OUR_BITS,
                keys: true,
                reference: true,
                register: true,
                alone: true,
                claim_log10_fpr: Some(OUR_CLAIM_LOG10_FPR),
            },
        }
    }
}
