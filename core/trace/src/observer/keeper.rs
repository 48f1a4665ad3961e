//! An observer that keeps the evidence of a clip, so that a score can be repeated from it.
//!
//! ```text
//! every hypothesis that is scored -> kept -> the one whose score of a delivery is t, to the last bit
//! ```
//!
//! # Shapes and units
//! A kept row holds 1024 soft values, 4 KiB.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use countermark_mark::evidence::Evidence;
use countermark_mark::key::DeliveryKey;

use crate::observer::{Audit, EvidencePart, Note, Observer, Stage};
use crate::result::{ClipReport, Identification};

/// Rows that are kept, 1 GiB: the oldest go first.
const MOST_ROWS: usize = 1 << 18;

/// Keeps evidence, and passes everything on.
pub struct EvidenceKeeper<'a> {
    next: &'a dyn Observer,
    kept: Mutex<VecDeque<Evidence>>,
}

impl<'a> EvidenceKeeper<'a> {
    /// In front of another observer.
    #[must_use]
    pub fn new(next: &'a dyn Observer) -> Self {
        Self {
            next,
            kept: Mutex::default(),
        }
    }

    /// What `look` makes of each kept piece.
    pub fn each<T>(&self, look: impl Fn(&Evidence) -> T) -> Vec<T> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(look).collect()
    }

    /// The evidence by which a delivery has exactly the score `t`; none when it was not kept.
    #[must_use]
    pub fn of_score(&self, delivery: &DeliveryKey, t: f64) -> Option<Evidence> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let scores_so =
            |evidence: &&Evidence| evidence.score(delivery).value().to_bits() == t.to_bits();
        kept.iter().rev().find(scores_so).cloned()
    }
}

impl Audit for EvidenceKeeper<'_> {
    fn evidence(&self, part: EvidencePart, evidence: &Evidence) {
        if let Some(audit) = self.next.audit() {
            audit.evidence(part, evidence);
        }
        // What is withheld or only told accuses nobody.
        let accuses = !matches!(part, EvidencePart::Doubtful | EvidencePart::OtherTitle);
        if !accuses || evidence.epochs() == 0 {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.contains(evidence) {
            return;
        }
        kept.push_back(evidence.clone());
        while kept.len() > 1 && kept.iter().map(Evidence::epochs).sum::<usize>() > MOST_ROWS {
            kept.pop_front();
        }
    }
}

impl Observer for EvidenceKeeper<'_> {
    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.next.stage(stage, total);
    }

    fn progress(&self, done: u64) {
        self.next.progress(done);
    }

    fn note(&self, note: &Note) {
        self.next.note(note);
    }

    fn traced(&self, report: &ClipReport) {
        self.next.traced(report);
    }

    fn identified(&self, identification: &Identification) {
        self.next.identified(identification);
    }

    fn is_cancelled(&self) -> bool {
        self.next.is_cancelled()
    }

    fn audit(&self) -> Option<&dyn Audit> {
        Some(self)
    }
}
