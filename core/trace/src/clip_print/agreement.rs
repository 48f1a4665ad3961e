//! On which map words of a print and features of the reference agree.
//!
//! ```text
//! place of the index -> frame of the reference -> each feature of frames near its witness: the one least unlike -> pairs
//! pairs of all places looked at -> consensus -> maps from the reference to the print: the whole frame where that is near, the one
//! that keeps shapes, the one that was found
//! ```
//!
//! # Shapes and units
//! Samples of the reference's frame and of the print's.

use std::f64::consts::PI;
use std::path::Path;

use countermark_fingerprint::print::{PrintFeature, PrintPictures};
use countermark_fingerprint::{Pair, WordWeights, consensus};
use countermark_picture::Homography;
use countermark_register::TitleRecord;
use rayon::prelude::*;

use crate::clip_print::motion::Fit;
use crate::clip_print::shelf::{Shelf, ShelfFrame};
use crate::error::TraceError;
use crate::registration::spatial::verification::unmirrored;
use crate::retrieval::votes::Candidate;
use crate::tuning::{PrintTuning, Tuning};

/// Features nearer than so many of their scales are at the same place.
const SAME_PLACE_SCALES: f64 = 2.0;

/// What a print and a title agree on.
pub(crate) struct Agreement {
    /// From the reference to the print: what it may be, what asks for the least first.
    pub(crate) maps: Vec<Homography>,
    /// Columns and rows of the reference.
    pub(crate) reference: (usize, usize),
    /// As of the consensus; 0 where only hashes told.
    pub(crate) score: f64,
    /// What looks alike, and how much later the reference is at it than the clip.
    pairs: Vec<(Pair, f64)>,
    mirrored: bool,
    /// Whether few pairs of some offset agree only, or few hashes: what moves must be very much alike.
    is_slight: bool,
}

impl Agreement {
    /// Whether the title is certain by what a line, of moments enough or not, is like.
    pub(crate) fn is_certain(&self, fit: &Fit, is_long: bool, tuning: &PrintTuning) -> bool {
        let moves_alike = fit.correlation >= tuning.certain_correlation
            && (!self.is_slight || fit.sharpness >= tuning.slight_sharpness);
        self.score >= tuning.certain_consensus || is_long && moves_alike
    }

    /// Maps that the pairs of some seconds agree on, where they are others than those of all: of a camera that moves each offset
    /// between clip and reference has one of its own. Each with that offset, those with the highest scores first.
    pub(crate) fn of_offsets(
        &self,
        size: (usize, usize),
        tuning: &PrintTuning,
    ) -> Vec<(Homography, f64)> {
        let offsets = || self.pairs.iter().map(|(_, offset)| *offset);
        let (first, last) = (
            offsets().fold(f64::INFINITY, f64::min),
            offsets().fold(f64::NEG_INFINITY, f64::max),
        );
        let half = tuning.offset_seconds;
        let count = ((last - first) / half).ceil().max(0.0) as usize;
        let mut found: Vec<(f64, Homography, f64)> = (0..=count)
            .filter_map(|n| {
                let offset = first + n as f64 * half;
                let own = self.pairs.iter();
                let own = own.filter(|(_, of)| (of - offset).abs() <= half);
                let own: Vec<Pair> = own.map(|(pair, _)| *pair).collect();
                let agreed = consensus(&own, self.reference, size)?;
                let inliers: Vec<&Pair> = agreed.inliers.iter().map(|at| &own[*at]).collect();
                let map = similarity(&inliers, tuning)?;
                (agreed.score >= tuning.min_consensus).then_some((agreed.score, map, offset))
            })
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut maps: Vec<(Homography, f64)> = Vec::new();
        let place = (self.reference, size);
        for (_, map, offset) in found {
            let Some(map) = oriented(map, self.mirrored, size) else {
                continue;
            };
            let known = self.maps.iter().chain(maps.iter().map(|(map, _)| map));
            let mut known =
                known.filter(|known| is_near(known, &map, place, tuning.same_map_shift));
            if maps.len() < tuning.max_offsets && known.next().is_none() {
                maps.push((map, offset));
            }
        }
        maps
    }
}

/// A map to the print as it is, of one that was looked up as it is or mirrored.
fn oriented(map: Homography, mirrored: bool, size: (usize, usize)) -> Option<Homography> {
    if mirrored {
        unmirrored(&map, size.0)
    } else {
        Some(map)
    }
}

/// The map that a candidate's pictures agree on; none when they do not, and no hash says that the whole frame is shown.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn of_candidate(
    candidate: &Candidate,
    print: &PrintPictures,
    (title, reference): (&TitleRecord, &Path),
    shelf: &Shelf,
    tuning: &Tuning,
) -> Result<Option<Agreement>, TraceError> {
    let most = tuning.query.max_features;
    let min_hashed = tuning.retrieval.candidates.min_hashed_frames;
    let tuning = &tuning.print;
    let looks: Vec<Result<Option<_>, TraceError>> = candidate
        .witnesses
        .par_iter()
        .take(tuning.looks)
        .map(|witness| {
            let Some(frame) = shelf.frame(title.id, reference, witness.media_time, most)? else {
                return Ok(None);
            };
            let seen = print.frames.get(witness.probe).map(|probe| probe.clip_time);
            let pairs = seen.map_or_else(Vec::new, |moment| {
                let near = print
                    .frames
                    .iter()
                    .filter(|f| (f.clip_time - moment).abs() <= tuning.look_seconds);
                let features = near.flat_map(|frame| {
                    let offset = witness.media_time - frame.clip_time;
                    frame.features.iter().map(move |feature| (feature, offset))
                });
                // Each is held against all of the print's.
                let own = frame.features.iter();
                let weights: Vec<WordWeights> =
                    own.map(|own| WordWeights::new(&own.projection)).collect();
                let shown = (&*frame, &weights[..]);
                let pair = |(f, offset)| {
                    let pair = paired(f, candidate.mirrored, shown, print.size, tuning);
                    pair.map(|pair| (pair, offset))
                };
                features.filter_map(pair).collect()
            });
            Ok(Some((pairs, frame.size)))
        })
        .collect();
    let (mut told, mut size) = (Vec::new(), None);
    for look in looks {
        let Some((own, of)) = look? else { continue };
        size = Some(of);
        told.extend(own);
    }
    let Some(size) = size else { return Ok(None) };
    let pairs: Vec<Pair> = told.iter().map(|(pair, _)| *pair).collect();
    let agreed = consensus(&pairs, size, print.size);
    let oriented = |map: Homography| oriented(map, candidate.mirrored, print.size);
    let scaling = (
        print.size.0 as f64 / size.0 as f64,
        print.size.1 as f64 / size.1 as f64,
    );
    let whole = Homography::scaling(scaling.0, scaling.1);
    if let Some(agreed) = agreed.filter(|agreed| agreed.score >= tuning.min_consensus) {
        let own: Vec<&Pair> = agreed.inliers.iter().map(|at| &pairs[*at]).collect();
        let found = agreed.homography;
        let whole =
            whole.filter(|whole| is_near(whole, &found, (size, print.size), tuning.max_map_shift));
        let maps = whole
            .into_iter()
            .chain(similarity(&own, tuning))
            .chain([found]);
        return Ok(Some(Agreement {
            maps: maps.filter_map(oriented).collect(),
            reference: size,
            score: agreed.score,
            pairs: told,
            mirrored: candidate.mirrored,
            is_slight: false,
        }));
    }
    let mut slight = Agreement {
        maps: Vec::new(),
        reference: size,
        score: 0.0,
        pairs: told,
        mirrored: candidate.mirrored,
        is_slight: candidate.hashed < min_hashed,
    };
    // A hash is of a whole frame, however it was scaled.
    if candidate.hashed >= tuning.min_hashed_frames {
        slight.maps.extend(whole.and_then(oriented));
    }
    // Of fast cuts each shot has few pairs, and those of the others are in the way.
    if slight.is_slight {
        let others = slight.of_offsets(print.size, tuning).into_iter();
        slight.maps.extend(others.map(|(map, _)| map));
    }
    Ok((!slight.maps.is_empty()).then_some(slight))
}

/// Whether two maps send the corners of a reference to about the same places of a print, up to a share of its short side.
fn is_near(
    one: &Homography,
    other: &Homography,
    (reference, print): ((usize, usize), (usize, usize)),
    shift: f64,
) -> bool {
    let (width, height) = (reference.0 as f64, reference.1 as f64);
    let reach = shift * print.0.min(print.1) as f64;
    let corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)];
    corners.into_iter().all(|corner| {
        let ((x, y), (u, v)) = (one.project(corner), other.project(corner));
        (x - u).hypot(y - v) <= reach
    })
}

/// The map of turn, scale and shift nearest to some pairs; without the turn where it is next to none, which few pairs tell badly.
fn similarity(pairs: &[&Pair], tuning: &PrintTuning) -> Option<Homography> {
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(|pair| of(pair)).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.from.0), mean(&|p| p.from.1));
    let (u, v) = (mean(&|p| p.to.0), mean(&|p| p.to.1));
    let (mut along, mut across, mut all) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let (x, y) = (pair.from.0 - x, pair.from.1 - y);
        let (u, v) = (pair.to.0 - u, pair.to.1 - v);
        along += x * u + y * v;
        across += x * v - y * u;
        all += x * x + y * y;
    }
    if all < 1e-6 {
        return None;
    }
    let (a, mut b) = (along / all, across / all);
    if b.abs() < tuning.min_turn * a {
        b = 0.0;
    }
    Homography::affine([a, -b, u - a * x + b * y, b, a, v - b * x - a * y])
}

/// The feature of the reference that looks most like one of the print, if none elsewhere does so nearly as well.
fn paired(
    feature: &PrintFeature,
    mirrored: bool,
    (frame, weights): (&ShelfFrame, &[WordWeights]),
    size: (usize, usize),
    tuning: &PrintTuning,
) -> Option<Pair> {
    let (word, uncertain) = feature.word(mirrored);
    let unlike: Vec<f32> = weights
        .iter()
        .map(|other| other.unlike(word, uncertain))
        .collect();
    let (nearest, &least) = unlike
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))?;
    if f64::from(least) > tuning.max_unlike {
        return None;
    }
    let best = &frame.features[nearest];
    let elsewhere = frame.features.iter().zip(&unlike).filter(|(other, _)| {
        let (dx, dy) = (other.place.0 - best.place.0, other.place.1 - best.place.1);
        let reach = SAME_PLACE_SCALES * other.scale.max(best.scale);
        dx * dx + dy * dy >= reach * reach
    });
    let second = elsewhere.map(|(_, unlike)| *unlike).min_by(f32::total_cmp);
    if second.is_some_and(|second| f64::from(least) > tuning.ratio * f64::from(second)) {
        return None;
    }
    let (mut to, mut angle) = (feature.place(size), feature.angle());
    if mirrored {
        to.0 = size.0 as f64 - to.0;
        angle = PI - angle;
    }
    Some(Pair {
        from: best.place,
        to,
        from_scale: best.scale,
        to_scale: feature.scale(),
        from_angle: best.angle,
        to_angle: angle,
        distance: (least * 1000.0) as u32,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_camera_that_moves_each_offset_has_a_map_of_its_own() {
        // Looked up a second apart, by when the camera has moved on.
        let pair = |n: i32, offset: f64| {
            let from = (
                40.0 + f64::from(n * 61 % 400),
                30.0 + f64::from(n * 37 % 220),
            );
            let pair = Pair {
                from,
                to: (1.6 * from.0 - 90.0 - 70.0 * offset, 1.6 * from.1 - 60.0),
                from_scale: 2.0,
                to_scale: 3.2,
                from_angle: 0.5,
                to_angle: 0.5,
                distance: 10,
            };
            (pair, offset)
        };
        // What looks alike by chance, at any offset.
        let chance = |n: i32| {
            let (mut pair, _) = pair(n, 0.0);
            pair.to = (f64::from(n * 97 % 512), f64::from(n * 71 % 288));
            pair.to_angle = f64::from(n);
            (pair, f64::from(n % 5) * 0.5)
        };
        let size = (512, 288);
        let agreement = Agreement {
            maps: Vec::new(),
            reference: size,
            score: 0.0,
            pairs: [0.0, 1.5]
                .into_iter()
                .flat_map(|offset| (0..12).map(move |n| pair(n, offset)))
                .chain((0..20).map(chance))
                .collect(),
            mirrored: false,
            is_slight: true,
        };
        let found = agreement.of_offsets(size, &PrintTuning::default());
        for offset in [0.0, 1.5] {
            let own = found.iter().find(|(_, of)| (of - offset).abs() <= 0.5);
            let (map, _) = own.expect("a map");
            let (x, _) = map.project((200.0, 100.0));
            let expected = 1.6 * 200.0 - 90.0 - 70.0 * offset;
            assert!((x - expected).abs() < 2.0, "{offset} {x} {expected}");
        }
        let known = Agreement {
            maps: found.iter().map(|(map, _)| *map).collect(),
            ..agreement
        };
        assert_eq!(known.of_offsets(size, &PrintTuning::default()), Vec::new());
    }

    #[test]
    fn few_pairs_say_scale_and_shift_and_no_turn_where_it_is_next_to_none() {
        let pair = |n: i32, turn: f64| {
            // In a narrow column, as the features of a portrait are, and a sample or so off.
            let from = (200.0 + f64::from(n % 3) * 9.0, 40.0 + f64::from(n) * 17.0);
            let shake = f64::from(n * 37 % 5 - 2) * 0.6;
            let (sin, cos) = (turn.sin(), turn.cos());
            Pair {
                from,
                to: (
                    1.8 * (cos * from.0 - sin * from.1) - 240.0 + shake,
                    1.8 * (sin * from.0 + cos * from.1) + 6.0 - shake,
                ),
                from_scale: 2.0,
                to_scale: 3.6,
                from_angle: 0.0,
                to_angle: 0.0,
                distance: 10,
            }
        };
        let tuning = PrintTuning::default();
        for turn in [0.0, 0.01, 0.3] {
            let pairs: Vec<Pair> = (0..12).map(|n| pair(n, turn)).collect();
            let pairs: Vec<&Pair> = pairs.iter().collect();
            let map = similarity(&pairs, &tuning).expect("a map");
            let [a, b, _, c, d, ..] = map.matrix();
            assert!((a - d).abs() < 1e-9 && (b + c).abs() < 1e-9);
            assert!((a.hypot(c) - 1.8).abs() < 0.02, "{a} {c}");
            assert_eq!(c == 0.0, turn < tuning.min_turn / 2.0, "{c}");
        }
    }
}
