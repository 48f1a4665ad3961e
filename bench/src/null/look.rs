//! What one examination of a clip looked at: every piece of evidence that was scored, and how near it came to accuse.
//!
//! ```text
//! t = sum over the rows of a piece of <s, r> / ||r||
//! ```
//!
//! # Shapes and units
//! `log10_p` is a bound, every hypothesis included; scores have no unit.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use countermark_catalogue::Vault;
use countermark_mark::bound::NormalisedScore;
use countermark_mark::evidence::Evidence;
use countermark_mark::key::DeliveryKey;
use countermark_register::ReadKeyFile;
use countermark_trace::audit::{Audit, EvidencePart};
use countermark_trace::result::ClipReport;
use countermark_trace::{Observer, Reader, Request, Tracer};

/// A piece of evidence that was scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Which hypothesis it belongs to.
    pub part: EvidencePart,
    /// What is scored, one after the other: one of each, unless the detector is at fault.
    pub evidence: Vec<Evidence>,
}

impl Piece {
    /// The scores of `keys`: of several evidences as if none of them shared a sign with another.
    #[must_use]
    pub fn scores(&self, keys: &[DeliveryKey]) -> Vec<f64> {
        let share = 1.0 / (self.evidence.len().max(1) as f64).sqrt();
        let mut sums = vec![0.0; keys.len()];
        for evidence in &self.evidence {
            let scores = evidence.scores(keys).into_iter();
            let terms = sums.iter_mut().zip(scores.map(NormalisedScore::value));
            terms.for_each(|(sum, t)| *sum += share * t);
        }
        sums
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.evidence.iter().all(|evidence| evidence.epochs() == 0)
    }

    /// Whether two pieces are of one hypothesis and the same to the last bit.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let bits = |piece: &Self| -> Vec<u32> {
            let rows = piece.evidence.iter().map(Evidence::fingerprint);
            rows.flat_map(|(_, rows)| rows.iter().map(|r| r.to_bits()).collect::<Vec<_>>())
                .collect()
        };
        self == other && bits(self) == bits(other)
    }
}

/// What an examination looked at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// In the order in which they were scored.
    pub pieces: Vec<Piece>,
    /// The lowest bound of all.
    pub best_log10_p: f64,
    /// Whether anybody was accused: what came after that was not looked at.
    pub is_accused: bool,
}

impl Look {
    fn new(report: &ClipReport, pieces: Collected) -> Self {
        let pieces = pieces.0.into_inner();
        Self {
            pieces: pieces.unwrap_or_else(PoisonError::into_inner),
            best_log10_p: report.tried.best.map_or(0.0, |best| best.log10()),
            is_accused: !report.deliveries.is_empty(),
        }
    }
}

/// `trace` with a register.
///
/// # Errors
/// When the clip or the register cannot be read.
pub fn traced(vault: &Vault, clip: &Path) -> Result<Look> {
    let pieces = Collected::default();
    let report = Tracer::new(vault)?.trace(&Request::new(clip), &pieces)?;
    Ok(Look::new(&report, pieces))
}

/// `read` with keys alone.
///
/// # Errors
/// When the clip cannot be read.
pub fn read(key: &ReadKeyFile, clip: &Path) -> Result<Look> {
    let pieces = Collected::default();
    let report = Reader::of_title(key).read(clip, &pieces)?;
    let mut look = Look::new(&report, pieces);
    // What is followed to the end was decoded after the last section.
    look.pieces
        .retain(|piece| matches!(piece.part, EvidencePart::Section(_)));
    Ok(look)
}

/// Keeps every piece of evidence.
#[derive(Default)]
struct Collected(Mutex<Vec<Piece>>);

impl Observer for Collected {
    fn audit(&self) -> Option<&dyn Audit> {
        Some(self)
    }
}

impl Audit for Collected {
    fn evidence(&self, part: EvidencePart, evidence: &Evidence) {
        let piece = Piece {
            part,
            evidence: vec![evidence.clone()],
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(piece);
    }
}
