//! The wrong bits of the true copy in the evidence that decisions are made from.
//!
//! # Shapes and units
//! A share of the coded bits, 0 to 1.

use std::sync::{Mutex, PoisonError};

use countermark_mark::Payload;
use countermark_mark::evidence::Evidence;
use countermark_mark::key::ScopedPayloadKey;
use countermark_trace::Observer;
use countermark_trace::audit::{Audit, EvidencePart};

/// Counts the wrong bits of the true copy in the evidence that decisions are made from.
pub(super) struct BitErrors<'a> {
    truth: Option<(&'a ScopedPayloadKey, Payload)>,
    least: Mutex<Option<f64>>,
}

impl<'a> BitErrors<'a> {
    pub(super) fn new(truth: Option<(&'a ScopedPayloadKey, Payload)>) -> Self {
        Self {
            truth,
            least: Mutex::new(None),
        }
    }

    /// The least share of wrong bits under any hypothesis of time and geometry.
    pub(super) fn least(&self) -> Option<f64> {
        *self.least.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for BitErrors<'_> {
    fn audit(&self) -> Option<&dyn Audit> {
        Some(self)
    }
}

impl Audit for BitErrors<'_> {
    fn evidence(&self, part: EvidencePart, evidence: &Evidence) {
        // Short pieces are noisy: their best would be a matter of chance.
        if matches!(
            part,
            EvidencePart::Match(_)
                | EvidencePart::Alternative { .. }
                | EvidencePart::Section(_)
                | EvidencePart::Doubtful
                | EvidencePart::OtherTitle
        ) {
            return;
        }
        let Some((key, payload)) = self.truth.filter(|_| evidence.epochs() > 0) else {
            return;
        };
        let share = evidence.coded_bit_error(key, payload);
        let mut least = self.least.lock().unwrap_or_else(PoisonError::into_inner);
        *least = Some(least.map_or(share, |least| least.min(share)));
    }
}
