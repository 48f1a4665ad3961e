//! The mark of a copy, read with the keys of its delivery.
//!
//! ```text
//! r = clip without the master's picture -> soft values -> rows of both codes -> t of the delivery, payload of the address code
//! strength = sum (X[copy] - X[master]) (X[marked] - X[master]) / sum (X[marked] - X[master])^2,   X[marked]: the master, marked anew
//! likeness = correlation of X[copy] and X[master]
//! ```
//!
//! `X` are the lattice's coefficients. The clock of a copy is its master's: no shift is searched.
//!
//! # Shapes and units
//! Scores have no unit; strength is a share of what the embedder gives the same frames: see `sight`.

use std::path::Path;

use countermark_catalogue::Vault;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, LIST};
use countermark_mark::{
    ChipPlan, DeliveryKey, FormatSpec, Observation, Registered, Residuals, ScopedPayloadKey,
    SoftValues, Strength, TitleMark, Trust,
};
use countermark_media::{CancelToken, Stocktake};

use super::Request;
use super::finding::{Fault, LEAST_SCORE, Remark};
use super::recompression::Recompression;
use super::sight::{Seen, Sight};
use super::verification::{Quality, Reading, Verification};
use super::windows::{self, Cursor, SquaredError};
use crate::MasteringError;

/// Correlation on the lattice below which two pictures are not of the same moment.
const LEAST_LIKENESS: f64 = 0.9;

/// PSNR, dB, that no encode of the master's pictures falls below: what has their brightness only is alike, and is another picture.
const LEAST_PSNR_Y_DB: f64 = 18.0;

/// A mark of less than this share of what it had when the copy was delivered was weakened. What an encoder leaves of a mark depends
/// on the picture, half of it in grain: a fresh copy's strength is put on record and not judged.
const LEAST_STRENGTH: f64 = 0.7;

/// After a recompression at CRF 28 the mark must still be seen; more than once in 3,000 no other delivery's is. The window is too short to ask for more.
const LEAST_SCORE_AFTER: f64 = 4.0;

/// Above this score, and with its payload read, a short file is not looked at a second time: twice what is wanted.
const ENOUGH_SCORE: f64 = 2.0 * LEAST_SCORE;

/// Blind reading looks at longer parts.
const BLIND_WINDOWS: usize = 3;
const BLIND_FRAMES: u64 = 96;

/// The keys and sizes that a delivery is read with.
struct Reader {
    format: FormatSpec,
    sight: Sight,
    plan: ChipPlan,
    scoped: ScopedPayloadKey,
    delivery: DeliveryKey,
}

/// Reads the mark of the file and adds what that says.
pub(super) fn read(
    vault: &Vault,
    request: &Request<'_>,
    (before, after): (Option<(&Path, &Stocktake)>, &Stocktake),
    usual_strength: f64,
    verification: &mut Verification,
    cancel: &CancelToken,
) -> Result<(), MasteringError> {
    let Some(reader) = Reader::of(vault, request, (before.map(|it| it.1.size), after.size))? else {
        return Ok(());
    };
    let seconds = after.video_seconds;
    let evidence = if let Some((master, before)) = before {
        let keys = [&before.key_seconds[..], &after.key_seconds[..]];
        let plan = windows::plan(seconds, request.also_seconds, keys);
        let files = (
            Cursor::new(master, &before.key_seconds),
            Cursor::new(request.file, &after.key_seconds),
        );
        reader.beside_the_master(files, &plan, verification, cancel)?
    } else {
        verification.remarks.push(Remark::NoMaster);
        Some(reader.blind(request, seconds, verification, cancel)?)
    };
    let Some(evidence) = evidence else {
        verification.remarks.push(Remark::NothingCompared);
        return Ok(());
    };
    reader.judge(vault, request, &evidence, usual_strength, verification)
}

impl Reader {
    /// None for a mark of a format that this program does not know.
    fn of(
        vault: &Vault,
        request: &Request<'_>,
        (master, own): (Option<(u32, u32)>, (u32, u32)),
    ) -> Result<Option<Self>, MasteringError> {
        let record = request.delivery;
        let Ok(format) = record.format() else {
            return Ok(None);
        };
        let register = vault.register();
        let (title, distributor) = (record.title_id, record.distributor_id);
        let carrier = register.carrier_key(title);
        let scoped = register.scoped_payload_key(distributor, title);
        let is_alike = master == Some(own);
        let own = (own.0 as usize, own.1 as usize);
        let lattice = format
            .lattice(own.0, own.1)
            .map_err(|source| MasteringError::NoLattice {
                path: request.file.to_owned(),
                source,
            })?;
        let title = is_alike.then(|| {
            let fits = |it: &&TitleMark| *it.format() == format && it.lattice() == lattice;
            let known = request.title_mark.filter(fits).cloned();
            known.or_else(|| TitleMark::new(&carrier, own, &format).ok())
        });
        Ok(Some(Self {
            format,
            plan: ChipPlan::new(&carrier, lattice, &format),
            delivery: scoped.delivery(record.payload),
            sight: Sight {
                lattice,
                title: title.flatten(),
                strength: Strength::new(record.strength as f32).ok(),
                scoped: scoped.clone(),
                payload: record.payload,
            },
            scoped,
        }))
    }

    /// Reads the file against its master; none where no frame has a partner.
    fn beside_the_master(
        &self,
        (mut master, mut copy): (Cursor<'_>, Cursor<'_>),
        plan: &windows::Plan,
        verification: &mut Verification,
        cancel: &CancelToken,
    ) -> Result<Option<Evidence>, MasteringError> {
        let mut evidence = Evidence::default();
        let (mut frames, mut strength, mut error) = (0, [0.0; 2], SquaredError::default());
        let mut recompressed = None;
        for window in plan.windows.iter().chain(&plan.reserve) {
            if Some(*window) == plan.reserve && self.is_enough(&evidence) {
                continue;
            }
            if cancel.is_cancelled() {
                return Err(MasteringError::Cancelled);
            }
            let mut seen = self.sight.look((&mut master, &mut copy), *window, false)?;
            // Not every file's key frames are what they say: before anything is held against it, all is decoded.
            if seen.clip.is_empty() || seen.is_damaged || is_other(&seen) {
                seen = self.sight.look((&mut master, &mut copy), *window, true)?;
            }
            let Some(first) = seen.clip.first() else {
                continue;
            };
            let (seconds, likeness) = (first.media_time, seen.likeness());
            verification.windows.push(Quality {
                seconds,
                psnr_y_db: seen.error.psnr_db().unwrap_or(f64::NAN),
                likeness,
            });
            if is_other(&seen) {
                let fault = Fault::OtherPictures { seconds, likeness };
                verification.faults.push(fault);
            }
            if window.is_usual {
                error.add(seen.error);
            }
            frames += seen.clip.len() as u64;
            strength[0] += seen.strength[0];
            strength[1] += seen.strength[1];
            evidence.merge(self.evidence(&seen.clip, &seen.reference));
            if let Some(recompression) = seen.recompression {
                recompressed = Some((recompression, seen.reference));
            }
        }
        verification.psnr_y_db = error.psnr_db();
        if verification.psnr_y_db.is_none() {
            verification
                .windows
                .retain(|window| window.psnr_y_db.is_finite());
            verification.remarks.push(Remark::OtherSize);
        }
        if frames == 0 {
            return Ok(None);
        }
        let share = (strength[1] > 0.0).then(|| strength[0] / strength[1]);
        verification.reading = Some(self.reading(&evidence, frames, share));
        if let Some((recompression, reference)) = recompressed {
            verification.recompressed =
                self.recompressed(copy.path, recompression, &reference, verification)?;
        }
        Ok(Some(evidence))
    }

    /// Whether more pictures would say nothing else.
    fn is_enough(&self, evidence: &Evidence) -> bool {
        let reading = self.reading(evidence, 0, None);
        reading.score >= ENOUGH_SCORE && reading.payload.is_some()
    }

    /// The mark in the window's pictures after their recompression; none where that could not be made.
    fn recompressed(
        &self,
        copy: &Path,
        recompression: Recompression,
        reference: &[Observation],
        verification: &mut Verification,
    ) -> Result<Option<Reading>, MasteringError> {
        let (mut clip, mut sampler) = (Vec::new(), None);
        let made = recompression.decoded(|frame| -> Result<(), MasteringError> {
            if let Some(reference) = reference.get(clip.len()) {
                let moment = reference.media_time;
                clip.push(self.sight.observe(frame, moment, &mut sampler, copy)?);
            }
            Ok(())
        })?;
        // No room for temporary files: no fault of the copy.
        let why = match made {
            Err(error) => crate::error::chain(&error),
            Ok(()) if clip.is_empty() => "it has no frame".to_owned(),
            Ok(()) => {
                let evidence = self.evidence(&clip, &reference[..clip.len()]);
                return Ok(Some(self.reading(&evidence, clip.len() as u64, None)));
            }
        };
        verification.remarks.push(Remark::NotRecompressed { why });
        Ok(None)
    }

    /// Reads with keys alone.
    fn blind(
        &self,
        request: &Request<'_>,
        seconds: f64,
        verification: &mut Verification,
        cancel: &CancelToken,
    ) -> Result<Evidence, MasteringError> {
        let mut evidence = Evidence::default();
        let mut read = 0;
        for number in 0..BLIND_WINDOWS {
            if cancel.is_cancelled() {
                return Err(MasteringError::Cancelled);
            }
            let from = seconds * number as f64 / BLIND_WINDOWS as f64;
            let mut frames = windows::open(request.file, from, BLIND_FRAMES)?;
            let (mut clip, mut sampler) = (Vec::new(), None);
            while let Some(frame) = frames.next_frame()? {
                let moment = frame.media_time();
                clip.push(
                    self.sight
                        .observe(&frame, moment, &mut sampler, request.file)?,
                );
            }
            read += clip.len() as u64;
            let residuals = Residuals::blind(self.sight.lattice, &clip);
            let soft = SoftValues::new(&residuals, &self.format, Trust::Blind);
            evidence.merge(Evidence::collect(&self.plan, &soft, 0));
        }
        verification.reading = Some(self.reading(&evidence, read, None));
        Ok(evidence)
    }

    fn evidence(&self, clip: &[Observation], reference: &[Observation]) -> Evidence {
        let pairs: Vec<Registered<'_>> = clip
            .iter()
            .zip(reference)
            .map(|(clip, reference)| Registered { clip, reference })
            .collect();
        let residuals = Residuals::with_reference(self.sight.lattice, &pairs);
        let soft = SoftValues::new(&residuals, &self.format, Trust::Reference);
        Evidence::collect(&self.plan, &soft, 0)
    }

    fn reading(&self, evidence: &Evidence, frames: u64, strength: Option<f64>) -> Reading {
        let found = evidence.decode(&self.scoped, &mut ListDecoder::new(LIST));
        Reading {
            frames,
            score: evidence.score(&self.delivery).value(),
            // A payload that its own fingerprint does not support is a guess.
            payload: found
                .filter(|found| found.score.value() >= LEAST_SCORE)
                .map(|found| found.payload),
            strength,
        }
    }

    /// What the readings say against the file.
    fn judge(
        &self,
        vault: &Vault,
        request: &Request<'_>,
        evidence: &Evidence,
        usual_strength: f64,
        verification: &mut Verification,
    ) -> Result<(), MasteringError> {
        let wanted = request.delivery.payload;
        let Some(reading) = verification.reading else {
            return Ok(());
        };
        let is_known_file = request.delivery.output_sha256 == verification.sha256;
        if reading.score < LEAST_SCORE {
            match self.somebody_else(vault, request, evidence)? {
                Some(fault) => verification.faults.push(fault),
                // Keys alone do not read every picture; the file on record was read beside its master.
                None if request.master.is_none() && is_known_file => {
                    verification.remarks.push(Remark::PayloadUnread);
                }
                None => verification.faults.push(Fault::NoMark {
                    score: reading.score,
                }),
            }
            return Ok(());
        }
        match reading.payload {
            Some(found) if found == wanted => {}
            None => verification.remarks.push(Remark::PayloadUnread),
            found => verification
                .faults
                .push(Fault::OtherPayload { found, wanted }),
        }
        let share = reading.strength.map(|found| found / usual_strength);
        if let Some(share) = share.filter(|share| *share < LEAST_STRENGTH)
            && verification.is_recorded
        {
            verification.faults.push(Fault::Strength { share });
        }
        if let Some(after) = verification.recompressed {
            if after.score < LEAST_SCORE_AFTER {
                let score = after.score;
                verification.remarks.push(Remark::Fragile { score });
            } else if after.payload != Some(wanted) {
                verification.remarks.push(Remark::PayloadFragile);
            }
        }
        Ok(())
    }

    /// Whose mark of this title the file carries instead.
    fn somebody_else(
        &self,
        vault: &Vault,
        request: &Request<'_>,
        evidence: &Evidence,
    ) -> Result<Option<Fault>, MasteringError> {
        let register = vault.register();
        let mut best: Option<(f64, Fault)> = None;
        for other in register.deliveries(Some(request.delivery.title_id))? {
            if other.format() != Ok(self.format) {
                continue;
            }
            let scoped = register.scoped_payload_key(other.distributor_id, other.title_id);
            let score = evidence.score(&scoped.delivery(other.payload)).value();
            let known = best.as_ref().map_or(LEAST_SCORE, |(known, _)| *known);
            if score > known {
                let fault = Fault::OtherMark {
                    delivery: other.id,
                    distributor: other.distributor,
                    score,
                };
                best = Some((score, fault));
            }
        }
        Ok(best.map(|(_, fault)| fault))
    }
}

/// Whether a window shows other pictures than the master.
fn is_other(seen: &Seen) -> bool {
    let psnr_y_db = seen.error.psnr_db();
    seen.likeness() < LEAST_LIKENESS || psnr_y_db.is_some_and(|db| db < LEAST_PSNR_Y_DB)
}
