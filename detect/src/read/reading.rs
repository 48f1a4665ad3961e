//! One title looked for in a clip: the footprints that are followed, and what was decoded through them.
//!
//! ```text
//! section -> chips through a footprint -> soft values at a speed -> trail of shifts -> open decision
//! ```
//!
//! # Shapes and units
//! Times in seconds, speeds in media seconds a second of the clip.

use std::ops::{Range, RangeInclusive};

use anyhow::Context as _;
use countermark_mark::blind::correlate::{Correlator, Peak, Quarters, START_SECONDS};
use countermark_mark::blind::demodulate::ChipWindows;
use countermark_mark::blind::footprint::Footprint;
use countermark_mark::blind::looks::{Scene, Stage, Stand};
use countermark_mark::blind::refine::refined;
use countermark_mark::chips::ChipPlan;
use countermark_mark::evidence::ACCUSATION_LOG10_P;
use countermark_mark::format::EPOCH_SECONDS;
use countermark_mark::key::ScopedPayloadKey;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::soft::BIN_SECONDS;
use countermark_mark::sync::search;
use countermark_vault::ReadKeyFile;

use crate::blind::{BlindTrail, OpenFinding};
use crate::observer::Observer;
use crate::turn::{Pose, Turn};

use super::sections::Section;

/// Speeds that are tried on the whole picture: a clip of ten seconds tells steps of two hundredths apart.
const SPEEDS: Range<i32> = -10..13;
const SPEED_STEP: f64 = 0.02;

/// Steps around a speed that settle it, over and over until none is better.
const NEAR_SPEEDS: [f64; 9] = [
    0.0, -0.003, 0.003, -0.006, 0.006, -0.012, 0.012, -0.02, 0.02,
];

/// How far from a peak's start the synchronisation chips are searched, in seconds, and its speed's error.
const NEAR: f64 = 1.0;
const SPEED_ERROR: f64 = 0.06;

/// Rounds that settle a speed at most.
const ROUNDS: usize = 8;

/// Gain in score for which another speed is believed: than 1, and than others.
const SPEED_GAIN: (f64, f64) = (1.02, 1.005);

/// Score of the synchronisation chips from which a speed other than 1, or a footprint that was searched, is worth decoding.
const PROMISING: f64 = 4.0;

/// Peaks of a stage that are refined and decoded.
const CANDIDATES: usize = 8;

/// Footprints that were searched in vain and are followed all the same.
const FOLLOWED: usize = 3;

/// Peaks of each look that a stage keeps.
const PEAKS: usize = 2;

/// Epochs whose patterns are held at a time: eight minutes and a half.
const EPOCHS_AT_A_TIME: u64 = 1024;

/// Readings of one section that may be decoded: two stands and two frames of each of two turns, their speeds, those of a
/// section with other bars, those followed, and the candidates of six stages.
const DECODED: u64 = 24 + FOLLOWED as u64 + 6 * CANDIDATES as u64;

/// A title and its keys.
pub(super) struct Title<'a> {
    pub(super) key: &'a ReadKeyFile,
    lattice: LatticeGeometry,
    pub(super) plan: ChipPlan,
}

/// What is known of a title in a clip so far.
pub(super) struct Reading<'a> {
    title: &'a Title<'a>,
    master: Pose,
    followed: Vec<Followed<'a>>,
    pub(super) best: Option<Best>,
    /// Tried beside those of the trails.
    offsets: u64,
    pub(super) geometries: u64,
}

/// A footprint and a speed that are followed from section to section.
struct Followed<'a> {
    footprint: Footprint,
    speed: f64,
    trail: BlindTrail<'a>,
    /// Whether the picture was taken to fill the frame or what lies between its bars.
    plain: bool,
}

/// How a title runs in a clip.
#[derive(Debug, Clone, Copy)]
struct Pace {
    speed: f64,
    /// How well the synchronisation chips agree.
    score: f64,
    /// Media seconds at the clip's time zero.
    start: f64,
}

/// The best open decision, and where it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub(super) found: OpenFinding,
    pub(super) footprint: Footprint,
    pub(super) frame: (usize, usize),
    pub(super) speed: f64,
    pub(super) sync_score: f64,
}

impl<'a> Title<'a> {
    /// # Errors
    /// When the key is of a title that cannot have been marked.
    pub(super) fn new(key: &'a ReadKeyFile) -> anyhow::Result<Self> {
        let lattice = LatticeGeometry::for_picture(key.width as usize, key.height as usize)
            .with_context(|| {
                format!(
                    "the read key is of a title that cannot be marked: {:?}",
                    key.title_name
                )
            })?;
        Ok(Self {
            plan: ChipPlan::new(&key.carrier, lattice),
            key,
            lattice,
        })
    }

    fn keys(&self) -> Vec<&ScopedPayloadKey> {
        self.key.distributors.iter().map(|d| &d.key).collect()
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(title: &'a Title<'a>) -> Self {
        Self {
            title,
            master: Pose {
                width: title.key.width,
                height: title.key.height,
                rotation_degrees: title.key.rotation_degrees,
            },
            followed: Vec::new(),
            best: None,
            offsets: 0,
            geometries: 0,
        }
    }

    /// Whether a payload was decoded and confirmed.
    pub(super) fn is_accused(&self) -> bool {
        self.best
            .is_some_and(|best| best.found.log10_p < ACCUSATION_LOG10_P)
    }

    /// Time offsets tried.
    pub(super) fn offsets(&self) -> u64 {
        let followed = self.followed.iter().map(|f| f.trail.offsets());
        self.offsets + followed.sum::<u64>()
    }

    /// The evidence of all trails.
    pub(super) fn tell(&self, observer: &dyn Observer) {
        for followed in &self.followed {
            for evidence in followed.trail.evidence().0 {
                observer.evidence(evidence);
            }
        }
    }

    /// Takes in a section through the footprints that are followed; the whole frame and what lies between bars are among
    /// them.
    pub(super) fn push(&mut self, section: &Section, pose: Pose, number: u64) {
        let plain = self.plain_footprints(section, pose);
        for followed in &mut self.followed {
            // Other bars than before: the old picture is one among those that were searched.
            followed.plain &= plain.contains(&followed.footprint);
        }
        for footprint in plain {
            self.follow(footprint, 1.0, true);
        }
        for followed in &mut self.followed {
            let chips = section.residues.chips(&followed.footprint);
            followed.trail.push_soft(&chips.soft_values(followed.speed));
        }
        self.decode(section, number, |_| true);
    }

    /// Looks for another speed in the plain footprints.
    pub(super) fn push_speeds(&mut self, section: &Section, number: u64) {
        let plain: Vec<Footprint> = self
            .followed
            .iter()
            .filter(|followed| followed.plain)
            .map(|followed| followed.footprint)
            .collect();
        let speeds: Vec<f64> = SPEEDS.map(|n| 1.0 + SPEED_STEP * f64::from(n)).collect();
        for footprint in plain {
            let chips = section.residues.chips(&footprint);
            let everywhere = self.everywhere(section.residues.span());
            let Pace { speed, score, .. } = self.best_speed(&chips, &speeds, everywhere.clone());
            if (speed - 1.0).abs() < SPEED_STEP / 2.0 || score < PROMISING {
                continue;
            }
            let settled = self.settled_speed(&chips, speed, everywhere);
            let fresh = self.follow(footprint, settled.speed, false);
            self.take(&chips, fresh);
            self.decode(section, number, |at| at == fresh);
            if self.is_accused() {
                return;
            }
        }
    }

    /// Searches the geometries of a stage, and decodes what looks best.
    pub(super) fn search(&mut self, section: &Section, stage: &Stage, number: u64) {
        let content = section
            .content
            .and_then(|rect| section.residues.within(rect));
        let residues = content.as_ref().unwrap_or(&section.residues);
        let mut quarters = Quarters::new(residues);
        let mut peaks = Vec::new();
        let epochs = (self.title.key.duration_seconds / EPOCH_SECONDS).ceil() as u64 + 1;
        for first in (0..epochs).step_by(EPOCHS_AT_A_TIME as usize) {
            let span = first..(first + EPOCHS_AT_A_TIME).min(epochs);
            let correlator = Correlator::new(
                &self.title.plan,
                self.title.lattice,
                stage.step,
                stage.largest,
                span.clone(),
            );
            for &look in &stage.looks {
                // The clip may begin before the media does, or in the epochs looked at before.
                let [begin, end] = residues.span().map(|time| time * look.speed);
                let from = span.start as f64 * EPOCH_SECONDS - begin - (end - begin) / 2.0;
                let to = span.end as f64 * EPOCH_SECONDS - begin;
                let starts =
                    (from / START_SECONDS).floor() as i64..(to / START_SECONDS).ceil() as i64;
                peaks.extend(correlator.peaks(&mut quarters, look, starts, PEAKS));
            }
        }
        self.geometries += stage.looks.len() as u64;
        for peak in distinct(peaks) {
            let mut footprint = refined(residues, &self.title.plan, &peak);
            let mut chips = residues.chips(&footprint);
            let near = near_start(peak.start as f64 * START_SECONDS, residues.span());
            let mut settled = self.settled_speed(&chips, peak.speed, near.clone());
            if settled.score < PROMISING {
                continue;
            }
            if (settled.speed - peak.speed).abs() > SPEED_STEP / 2.0 {
                // Epochs that were taken for others blurred the first refinement.
                let again = Peak {
                    speed: settled.speed,
                    start: (settled.start / START_SECONDS).round() as i64,
                    footprint,
                    ..peak
                };
                footprint = refined(residues, &self.title.plan, &again);
                chips = residues.chips(&footprint);
                settled = self.settled_speed(&chips, settled.speed, near);
            }
            let fresh = self.follow(footprint, settled.speed, false);
            self.take(&chips, fresh);
            self.decode(section, number, |at| at == fresh);
            if self.is_accused() {
                return;
            }
        }
    }

    /// Lets go of what was searched in vain, but for the most promising.
    pub(super) fn forget(&mut self) {
        let best = self.best.map(|best| best.footprint);
        let score = |followed: &Followed<'_>| followed.trail.sync_score();
        self.followed.sort_by(|a, b| {
            let rank = |f: &Followed<'_>| (f.plain, Some(f.footprint) == best);
            rank(b).cmp(&rank(a)).then(score(b).total_cmp(&score(a)))
        });
        let plain = self.followed.iter().filter(|f| f.plain).count();
        let lost = self.followed.iter().skip(plain + FOLLOWED);
        self.offsets += lost.map(|f| f.trail.offsets()).sum::<u64>();
        self.followed.truncate(plain + FOLLOWED);
    }

    /// What a search of this section looks like.
    pub(super) fn scene(&self, section: &Section, pose: Pose) -> Scene {
        let frame = section
            .content
            .map_or(section.frame, |[_, _, width, height]| (width, height));
        Scene {
            lattice: self.title.lattice,
            picture: (
                f64::from(self.title.key.width),
                f64::from(self.title.key.height),
            ),
            frame: (frame.0 as f64, frame.1 as f64),
            quarters: self.turns(pose)[0],
        }
    }

    /// Clockwise quarter turns that may bring the clip upright, likeliest first.
    fn turns(&self, pose: Pose) -> Vec<u8> {
        let turns = Turn::candidates(self.master, pose);
        turns.into_iter().map(Turn::quarters).collect()
    }

    fn plain_footprints(&self, section: &Section, pose: Pose) -> Vec<Footprint> {
        let (width, height) = section.frame;
        let mut rects = vec![[0, 0, width, height]];
        rects.extend(section.content);
        let mut footprints = Vec::new();
        for quarters in self.turns(pose) {
            for mirrored in [false, true] {
                for rect in &rects {
                    let stand = Stand { quarters, mirrored };
                    let corners = stand.corners(rect.map(|side| side as f64));
                    footprints.push(Footprint::of_corners(self.title.lattice, corners));
                }
            }
        }
        footprints
    }

    /// Follows a footprint, and says where; one that is followed already is not followed twice.
    fn follow(&mut self, footprint: Footprint, speed: f64, plain: bool) -> usize {
        let same = |f: &Followed<'_>| f.footprint == footprint && (f.speed - speed).abs() < 1e-9;
        if let Some(known) = self.followed.iter().position(same) {
            return known;
        }
        self.geometries += u64::from(plain);
        self.followed.push(Followed {
            footprint,
            speed,
            trail: BlindTrail::new(
                &self.title.plan,
                self.title.lattice,
                self.title.key.duration_seconds,
            ),
            plain,
        });
        self.followed.len() - 1
    }

    fn take(&mut self, chips: &ChipWindows, at: usize) {
        let followed = &mut self.followed[at];
        followed.trail.push_soft(&chips.soft_values(followed.speed));
    }

    /// Shifts, in bins, under which a section lies in the media.
    fn everywhere(&self, [begin, end]: [f64; 2]) -> RangeInclusive<i64> {
        let fastest = 1.0 + SPEED_STEP * f64::from(SPEEDS.end);
        let first = (end * fastest / BIN_SECONDS).ceil() as i64;
        let bins = (self.title.key.duration_seconds / BIN_SECONDS).ceil() as i64;
        -first..=bins - (begin * (2.0 - fastest) / BIN_SECONDS) as i64
    }

    /// The speed that none of those around it beats.
    fn settled_speed(
        &mut self,
        chips: &ChipWindows,
        from: f64,
        shifts: RangeInclusive<i64>,
    ) -> Pace {
        let mut settled = self.best_speed(chips, &[from], shifts.clone());
        for _ in 0..ROUNDS {
            let near = NEAR_SPEEDS.map(|step| settled.speed + step);
            let next = self.best_speed(chips, &near, shifts.clone());
            let stays = (next.speed - settled.speed).abs() < 1e-9;
            settled = next;
            if stays || settled.score < PROMISING {
                break;
            }
        }
        settled
    }

    /// The speed under which the synchronisation chips agree best; the first unless another is clearly better.
    fn best_speed(
        &mut self,
        chips: &ChipWindows,
        speeds: &[f64],
        shifts: RangeInclusive<i64>,
    ) -> Pace {
        let mut best: Option<Pace> = None;
        for &speed in speeds {
            let soft = chips.soft_values(speed);
            let found = search(&self.title.plan, &soft, shifts.clone(), 1);
            self.offsets += found.tried;
            let Some(shift) = found.best.first() else {
                continue;
            };
            let score = shift.score.value();
            let better = |known: Pace| {
                let plain = (known.speed - 1.0).abs() < 1e-9;
                score > known.score * if plain { SPEED_GAIN.0 } else { SPEED_GAIN.1 }
            };
            if best.is_none_or(better) {
                best = Some(Pace {
                    speed,
                    score,
                    start: shift.bins as f64 * BIN_SECONDS,
                });
            }
        }
        best.unwrap_or(Pace {
            speed: 1.0,
            score: 0.0,
            start: 0.0,
        })
    }

    /// Decodes the trails of the footprints that are chosen.
    fn decode(&mut self, section: &Section, number: u64, chosen: impl Fn(usize) -> bool) {
        // Sections cost 2 (n + 1)^2: the sum of their inverses stays below one.
        let geometries = DECODED * 2 * (number + 1) * (number + 1);
        let keys = self.title.keys();
        for (at, followed) in self.followed.iter().enumerate() {
            if !chosen(at) {
                continue;
            }
            let Some(found) = followed.trail.decode(&keys, geometries) else {
                continue;
            };
            if self
                .best
                .is_none_or(|best| found.log10_p < best.found.log10_p)
            {
                self.best = Some(Best {
                    found,
                    footprint: followed.footprint,
                    frame: section.frame,
                    speed: followed.speed,
                    sync_score: followed.trail.sync_score(),
                });
            }
        }
    }
}

/// Shifts, in bins, around a start, as far as an error of the speed moves them in a span of the clip.
fn near_start(seconds: f64, [begin, end]: [f64; 2]) -> RangeInclusive<i64> {
    let start = (seconds / BIN_SECONDS).round() as i64;
    let reach = ((NEAR + SPEED_ERROR * (begin + end) / 2.0) / BIN_SECONDS) as i64;
    start - reach..=start + reach
}

/// The best peaks, no two of about the same place and time.
fn distinct(mut peaks: Vec<Peak>) -> Vec<Peak> {
    peaks.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.start.cmp(&b.start)));
    let mut kept: Vec<Peak> = Vec::new();
    for peak in peaks {
        if kept.len() == CANDIDATES {
            break;
        }
        let near = |other: &Peak| {
            let across = other.footprint.samples_across() * 3.0;
            let corners = other.footprint.corners();
            let close = corners
                .iter()
                .zip(peak.footprint.corners())
                .all(|(a, b)| (a.0 - b.0).abs() < across && (a.1 - b.1).abs() < across);
            close && other.start.abs_diff(peak.start) <= 2
        };
        if !kept.iter().any(near) {
            kept.push(peak);
        }
    }
    kept
}
