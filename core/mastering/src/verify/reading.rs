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
//! Scores have no unit; strength is a share of what the embedder gives the same frames when it begins with them.

use std::path::Path;

use countermark_catalogue::Vault;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, LIST};
use countermark_mark::inner::inner;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::{
    ChipPlan, DeliveryCode, DeliveryKey, Embedder, FormatSpec, LatticeGeometry, Observation,
    ObserveError, Payload, Placement, PlaneGeometry, PlaneViewMut, Registered, Residuals, Sampler,
    ScopedPayloadKey, SoftValues, Strength, TitleMark, Trust,
};
use countermark_media::{
    CancelToken, EncodeSettings, MediaError, Rate, Recode, VideoCodec, VideoFrame, probe, recode,
};
use countermark_picture::{AnyPlane, by_depth};

use super::finding::{Fault, Quality, Reading, Remark, Verification};
use super::windows::{self, QUALITY_FRAMES, SquaredError, Window};
use super::{LEAST_SCORE, Request};
use crate::MasteringError;

/// Correlation on the lattice below which two pictures are not of the same moment.
const LEAST_LIKENESS: f64 = 0.9;

/// A mark of less than this share of what was ordered has lost what robustness was measured with.
const LEAST_STRENGTH: f64 = 0.7;

/// Quality of the file from which an encoder takes next to nothing of the mark: below, its strength is not judged.
const FAITHFUL_PSNR_DB: f64 = 40.0;

/// The recompression that a mark is to outlive.
const RECOMPRESSION_CRF: f32 = 28.0;
const RECOMPRESSED_FRAMES: u64 = 12;

/// Blind reading looks at longer parts.
const BLIND_WINDOWS: usize = 3;
const BLIND_FRAMES: u64 = 96;

/// What one window says.
#[derive(Default)]
struct Seen {
    clip: Vec<Observation>,
    reference: Vec<Observation>,
    /// `sum (copy - master) (marked - master)`, `sum (marked - master)^2`.
    strength: [f64; 2],
    /// `<copy, master>`, `<copy, copy>`, `<master, master>`.
    likeness: [f64; 3],
    error: SquaredError,
}

/// The keys and sizes that a delivery is read with.
struct Reader {
    format: FormatSpec,
    lattice: LatticeGeometry,
    plan: ChipPlan,
    scoped: ScopedPayloadKey,
    payload: Payload,
    delivery: DeliveryKey,
    title: Option<TitleMark>,
    strength: Option<Strength>,
}

/// Reads the mark of the file and adds what that says.
pub(super) fn read(
    vault: &Vault,
    request: &Request<'_>,
    verification: &mut Verification,
    cancel: &CancelToken,
) -> Result<(), MasteringError> {
    let Some(mut reader) = Reader::of(vault, request)? else {
        return Ok(());
    };
    let seconds = verification
        .stock
        .as_ref()
        .map_or(0.0, |stock| stock.video_seconds);
    let evidence = match request.master {
        Some(master) => {
            let paths = (master, request.file);
            reader.beside_the_master(paths, request.also_seconds, seconds, verification, cancel)?
        }
        None => {
            verification.remarks.push(Remark::NoMaster);
            Some(reader.blind(request, seconds, verification, cancel)?)
        }
    };
    let Some(evidence) = evidence else {
        verification.remarks.push(Remark::NothingCompared);
        return Ok(());
    };
    reader.judge(vault, request, &evidence, verification)
}

impl Reader {
    /// None for a mark of a format that this program does not know.
    fn of(vault: &Vault, request: &Request<'_>) -> Result<Option<Self>, MasteringError> {
        let record = request.delivery;
        let Ok(format) = record.format() else {
            return Ok(None);
        };
        let register = vault.register();
        let (title, distributor) = (record.title_id, record.distributor_id);
        let carrier = register.carrier_key(title);
        let scoped = register.scoped_payload_key(distributor, title);
        let size = |path| -> Result<(usize, usize), MediaError> {
            let video = probe(path)?.video;
            Ok((video.width as usize, video.height as usize))
        };
        let own = size(request.file)?;
        let lattice = format
            .lattice(own.0, own.1)
            .map_err(|source| MasteringError::NoLattice {
                path: request.file.to_owned(),
                source,
            })?;
        let is_alike = match request.master {
            Some(master) => size(master)? == own,
            None => false,
        };
        let title = is_alike.then(|| TitleMark::new(&carrier, own, &format).ok());
        Ok(Some(Self {
            format,
            lattice,
            plan: ChipPlan::new(&carrier, lattice, &format),
            payload: record.payload,
            delivery: scoped.delivery(record.payload),
            scoped,
            title: title.flatten(),
            strength: Strength::new(record.strength as f32).ok(),
        }))
    }

    /// Reads the file against its master; none where no frame has a partner.
    fn beside_the_master(
        &mut self,
        paths: (&Path, &Path),
        also: Option<f64>,
        seconds: f64,
        verification: &mut Verification,
        cancel: &CancelToken,
    ) -> Result<Option<Evidence>, MasteringError> {
        let mut evidence = Evidence::default();
        let (mut frames, mut strength, mut error) = (0, [0.0; 2], SquaredError::default());
        let mut longest: Option<(Window, Vec<Observation>)> = None;
        for window in windows::plan(seconds, also) {
            if cancel.is_cancelled() {
                return Err(MasteringError::Cancelled);
            }
            let seen = self.look(paths, window)?;
            let Some(first) = seen.clip.first() else {
                continue;
            };
            let [xy, xx, yy] = seen.likeness;
            let likeness = if xx > 0.0 && yy > 0.0 {
                xy / (xx * yy).sqrt()
            } else {
                1.0
            };
            let psnr_y_db = seen.error.psnr_db();
            verification.windows.push(Quality {
                seconds: first.media_time,
                psnr_y_db: psnr_y_db.unwrap_or(f64::NAN),
                likeness,
            });
            if likeness < LEAST_LIKENESS {
                verification.faults.push(Fault::OtherPictures {
                    seconds: first.media_time,
                    likeness,
                });
            }
            if window.is_usual {
                error.add(seen.error);
            }
            frames += seen.clip.len() as u64;
            strength[0] += seen.strength[0];
            strength[1] += seen.strength[1];
            evidence.merge(self.evidence(&seen.clip, &seen.reference));
            // The last one is at the moment that the caller names, where there is one.
            longest = Some((window, seen.reference));
        }
        verification.psnr_y_db = error.psnr_db();
        if verification.psnr_y_db.is_none() {
            verification
                .windows
                .retain(|window| window.psnr_y_db.is_finite());
            verification.remarks.push(Remark::OtherSize);
        }
        let Some((window, reference)) = longest else {
            return Ok(None);
        };
        let share = (strength[1] > 0.0).then(|| strength[0] / strength[1]);
        verification.reading = Some(self.reading(&evidence, frames, share));
        verification.recompressed = self.recompressed(paths.1, window, &reference, cancel)?;
        Ok(Some(evidence))
    }

    /// One window of both files.
    fn look(&mut self, paths: (&Path, &Path), window: Window) -> Result<Seen, MasteringError> {
        let mut seen = Seen::default();
        let mut samplers: Option<(Sampler, Sampler)> = None;
        let mut embedder = self
            .title
            .as_ref()
            .zip(self.strength)
            .map(|(title, strength)| {
                Embedder::of_title(
                    title,
                    DeliveryCode::new(&self.scoped, self.payload),
                    strength,
                )
            });
        windows::pairs(
            paths,
            window,
            |master, copy| -> Result<(), MasteringError> {
                let (was, is) = (master.luma(), copy.luma());
                let (for_master, for_copy) = match &mut samplers {
                    Some(samplers) => samplers,
                    none => {
                        none.insert((self.sampler(&was, paths.0)?, self.sampler(&is, paths.1)?))
                    }
                };
                let moment = master.media_time();
                let refuse = |source| refused(paths.1, source);
                let reference =
                    by_depth!(&was, |view| for_master.observe(view, moment)).map_err(refuse)?;
                let clip = by_depth!(&is, |view| for_copy.observe(view, moment)).map_err(refuse)?;
                if (seen.clip.len() as u64) < QUALITY_FRAMES
                    && let Some(error) = SquaredError::between(&was, &is)
                {
                    seen.error.add(error);
                }
                let (x, y) = (clip.coefficients.values(), reference.coefficients.values());
                for (sum, term) in
                    seen.likeness
                        .iter_mut()
                        .zip([inner(x, y), inner(x, x), inner(y, y)])
                {
                    *sum += term;
                }
                if let Some(embedder) = &mut embedder {
                    let marked = marked(embedder, &was, moment, for_master).map_err(refuse)?;
                    let z = marked.coefficients.values();
                    let added: Vec<f32> = z.iter().zip(y).map(|(z, y)| z - y).collect();
                    let found: Vec<f32> = x.iter().zip(y).map(|(x, y)| x - y).collect();
                    seen.strength[0] += inner(&found, &added);
                    seen.strength[1] += inner(&added, &added);
                }
                seen.clip.push(clip);
                seen.reference.push(reference);
                Ok(())
            },
        )?;
        Ok(seen)
    }

    /// The window of the copy through a recompression; none where that cannot be made.
    fn recompressed(
        &self,
        copy: &Path,
        window: Window,
        reference: &[Observation],
        cancel: &CancelToken,
    ) -> Result<Option<Reading>, MasteringError> {
        let (Some(first), Some(folder)) = (reference.first(), tempfile::tempdir().ok()) else {
            return Ok(None);
        };
        let step = reference
            .get(1)
            .map_or(0.04, |second| second.media_time - first.media_time);
        let frames = (reference.len() as u64)
            .min(RECOMPRESSED_FRAMES)
            .min(window.frames);
        let output = folder.path().join("window.mkv");
        let order = Recode {
            start_seconds: Some(first.media_time - step / 4.0),
            duration_seconds: Some((frames as f64 - 0.25) * step),
            ..Recode::new(EncodeSettings {
                preset: Some("veryfast".to_owned()),
                ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(RECOMPRESSION_CRF))
            })
        };
        match recode(copy, &output, &order, &Ended(cancel)) {
            Ok(_) => {}
            Err(MediaError::Cancelled { .. }) => return Err(MasteringError::Cancelled),
            // Odd sizes, no room for temporary files: no fault of the copy.
            Err(_) => return Ok(None),
        }
        let whole = Window {
            from: 0.0,
            frames,
            is_usual: false,
        };
        let mut frames = windows::open(&output, whole)?;
        let mut clip = Vec::new();
        let mut sampler: Option<Sampler> = None;
        for reference in reference {
            let Some(frame) = frames.next_frame()? else {
                break;
            };
            let observed = self.observe(&frame, reference.media_time, &mut sampler, copy)?;
            clip.push(observed);
        }
        if clip.is_empty() {
            return Ok(None);
        }
        let evidence = self.evidence(&clip, &reference[..clip.len()]);
        Ok(Some(self.reading(&evidence, clip.len() as u64, None)))
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
            let window = Window {
                from: seconds * number as f64 / BLIND_WINDOWS as f64,
                frames: BLIND_FRAMES,
                is_usual: true,
            };
            let mut frames = windows::open(request.file, window)?;
            let (mut clip, mut sampler) = (Vec::new(), None);
            while let Some(frame) = frames.next_frame()? {
                let moment = frame.media_time();
                clip.push(self.observe(&frame, moment, &mut sampler, request.file)?);
            }
            read += clip.len() as u64;
            let residuals = Residuals::blind(self.lattice, &clip);
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
        let residuals = Residuals::with_reference(self.lattice, &pairs);
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
        let is_faithful = verification
            .psnr_y_db
            .is_some_and(|db| db >= FAITHFUL_PSNR_DB);
        if let Some(share) = reading.strength
            && share < LEAST_STRENGTH
            && is_faithful
        {
            verification.faults.push(Fault::Strength { share });
        }
        if let Some(after) = verification.recompressed {
            if after.score < LEAST_SCORE {
                let score = after.score;
                verification.faults.push(Fault::Fragile { score });
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

    fn sampler(&self, plane: &AnyPlane<'_>, path: &Path) -> Result<Sampler, MasteringError> {
        Sampler::new(
            plane.size(),
            Placement::Whole,
            self.lattice,
            CpuLevel::probe(),
        )
        .map_err(|source| refused(path, source))
    }

    fn observe(
        &self,
        frame: &VideoFrame,
        moment: f64,
        sampler: &mut Option<Sampler>,
        path: &Path,
    ) -> Result<Observation, MasteringError> {
        let plane = frame.luma();
        let sampler = match sampler {
            Some(sampler) => sampler,
            none => none.insert(self.sampler(&plane, path)?),
        };
        by_depth!(&plane, |view| sampler.observe(view, moment))
            .map_err(|source| refused(path, source))
    }
}

/// The master's frame, marked anew and seen through the lattice.
fn marked(
    embedder: &mut Embedder,
    plane: &AnyPlane<'_>,
    moment: f64,
    sampler: &mut Sampler,
) -> Result<Observation, ObserveError> {
    by_depth!(plane, |view| {
        let geometry = PlaneGeometry::packed(view.width(), view.height())?;
        let mut samples: Vec<_> = view.rows().flatten().copied().collect();
        let mut copy = PlaneViewMut::new(&mut samples, geometry, view.bit_depth())?;
        embedder.mark(&mut copy, moment);
        sampler.observe(&copy.as_view(), moment)
    })
}

fn refused(path: &Path, source: ObserveError) -> MasteringError {
    MasteringError::Unseen {
        path: path.to_owned(),
        source,
    }
}

/// Ends a recompression with the verification.
struct Ended<'a>(&'a CancelToken);

impl countermark_media::Observer for Ended<'_> {
    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(self.0)
    }
}
