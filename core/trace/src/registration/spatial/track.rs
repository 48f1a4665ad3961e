//! Homographies of a segment, refined to a fraction of a sample against the reference itself.
//!
//! One map for the whole segment when the camera stands still, else one for each probe. Of the motions that a map may be
//! corrected by, the simplest that explains the pictures is taken: what is free to bend bends with the noise.
//!
//! # Shapes and units
//! Homographies from samples of the reference to samples of a probe; correlations from -1 to 1.

use std::sync::Arc;

use countermark_fingerprint::{Aligned, Freedom, Pyramid, align_all};
use countermark_picture::Homography;
use rayon::prelude::*;

use crate::error::TraceError;
use crate::reference::Reference;

use crate::query::frames::QueryFrame;
use crate::registration::temporal::line::TimeMap;
use crate::tuning::TrackTuning;

const ROUNDING_TANGENT: f64 = 1e-9;

/// Homographies by clip time, ascending, at least one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path(Vec<Placed>);

/// The map of a moment.
type Placed = (f64, Homography);

impl Path {
    /// The map that holds for all moments, if one does.
    pub(crate) fn steady(&self) -> Option<&Homography> {
        match &self.0[..] {
            [(_, map)] => Some(map),
            _ => None,
        }
    }

    /// One map for all moments.
    pub(crate) fn steady_at(map: Homography) -> Self {
        Self(vec![(0.0, map)])
    }

    /// The map at a moment: between two of the path their mean, or the nearer one where left and right are exchanged; outside it
    /// the nearest.
    pub(crate) fn at(&self, clip_time: f64) -> Option<Homography> {
        let (before, after) = self.around(clip_time);
        match (before, after) {
            (Some((before, a)), Some((next, b))) => {
                let share = (clip_time - before) / (next - before).max(1e-9);
                if a.is_mirrored() != b.is_mirrored() {
                    return Some(if share < 0.5 { *a } else { *b });
                }
                let (a, b) = (a.matrix(), b.matrix());
                Homography::new(std::array::from_fn(|i| a[i] + share * (b[i] - a[i])))
            }
            (Some((_, only)), None) | (None, Some((_, only))) => Some(*only),
            (None, None) => None,
        }
    }

    /// The maps before and after a moment, where a cut lies between them: no mean of two that are far apart is one. None elsewhere.
    pub(crate) fn cut_at(
        &self,
        clip_time: f64,
        size: (usize, usize),
        tuning: &TrackTuning,
    ) -> Option<[Homography; 2]> {
        let (Some((_, before)), Some((_, after))) = self.around(clip_time) else {
            return None;
        };
        is_cut(before, after, size, tuning).then_some([*before, *after])
    }

    /// The last of the path before a moment, and the first after it.
    fn around(&self, clip_time: f64) -> (Option<&Placed>, Option<&Placed>) {
        let after = self.0.partition_point(|(time, _)| *time < clip_time);
        (after.checked_sub(1).map(|i| &self.0[i]), self.0.get(after))
    }
}

/// Whether no camera moves from one map to the other between two probes.
fn is_cut(a: &Homography, b: &Homography, size: (usize, usize), tuning: &TrackTuning) -> bool {
    a.is_mirrored() != b.is_mirrored() || !are_near(a, b, size, tuning)
}

/// Whether pieces were framed anew again and again: many probes have nothing to do with those before them.
pub(crate) fn is_cut_often(
    members: &[(&QueryFrame, Homography)],
    size: (usize, usize),
    tuning: &TrackTuning,
) -> bool {
    let cuts = members.windows(2);
    let cuts = cuts.filter(|pair| is_cut(&pair[0].1, &pair[1].1, size, tuning));
    cuts.count() >= (members.len() / 4).max(tuning.min_cuts)
}

/// The maps of a run of placed probes in a reference of some size; `other` is worth a start too.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn path(
    members: &[(&QueryFrame, Homography)],
    other: Option<Homography>,
    time: TimeMap,
    (reference, size): (&Reference, (usize, usize)),
) -> Result<Path, TraceError> {
    let tuning = &reference.tuning().registration.track;
    let most = if is_cut_often(members, size, tuning) {
        tuning.cut_frames
    } else {
        tuning.single_frames
    };
    let chosen = evenly_spaced(members, most);
    let moments: Vec<f64> = chosen
        .iter()
        .map(|(probe, _)| time.at(probe.clip_time))
        .collect();
    let shown = reference.pictures(&moments)?;
    let pyramids: Vec<(Pyramid, Pyramid)> = shown
        .into_par_iter()
        .zip(&chosen)
        .map(|(shown, (probe, _))| {
            (
                Pyramid::new(shown),
                Pyramid::new(Arc::clone(&probe.picture)),
            )
        })
        .collect();
    let pairs: Vec<(&Pyramid, &Pyramid)> = pyramids.iter().map(|(r, p)| (r, p)).collect();
    let few = evenly_spaced(&pairs, tuning.common_frames);
    let mut starts = starts(&chosen);
    starts.extend(other.filter(|map| !starts.contains(map)));
    let common: Vec<Aligned> = starts
        .into_par_iter()
        .filter_map(|start| together(&few, &start, tuning))
        .collect();
    let common = common
        .into_iter()
        .max_by(|a, b| a.correlation.total_cmp(&b.correlation));
    let each: Vec<Own<'_>> = pairs
        .iter()
        .zip(&chosen)
        .map(|(&(shown, picture), (probe, map))| Own {
            clip_time: probe.clip_time,
            shown,
            picture,
            start: *map,
        })
        .collect();
    reference.proceed()?;
    if let Some(common) = common {
        // A few tell whether the camera moves.
        let some = aligned(&evenly_spaced(&each, tuning.sentinels), Some(&common));
        let moves = some.len() == tuning.sentinels
            && mean(&some) > common.correlation + tuning.min_gain_of_own_maps;
        if !moves {
            return Ok(Path(vec![(0.0, common.homography)]));
        }
    }
    reference.proceed()?;
    let own = aligned(&each, common.as_ref());
    if own.is_empty() {
        let unaligned = chosen.iter().map(|(probe, map)| (probe.clip_time, *map));
        return Ok(Path(unaligned.collect()));
    }
    Ok(Path(
        own.iter()
            .map(|(clip_time, aligned)| (*clip_time, aligned.homography))
            .collect(),
    ))
}

/// A probe that may have a map of its own.
#[derive(Clone, Copy)]
struct Own<'a> {
    clip_time: f64,
    shown: &'a Pyramid,
    picture: &'a Pyramid,
    start: Homography,
}

/// Each probe's own map, from the common one or its own start, whichever leads further.
fn aligned(each: &[Own<'_>], common: Option<&Aligned>) -> Vec<(f64, Aligned)> {
    let freedom = common.map_or(Freedom::Similarity, |common| freedom(&common.homography));
    each.par_iter()
        .filter_map(|own| {
            let starts = [common.map(|common| common.homography), Some(own.start)];
            let best = starts
                .into_iter()
                .flatten()
                .filter_map(|start| align_all(&[(own.shown, own.picture)], &start, freedom))
                .max_by(|a, b| a.correlation.total_cmp(&b.correlation))?;
            Some((own.clip_time, best))
        })
        .collect()
}

fn mean(aligned: &[(f64, Aligned)]) -> f64 {
    let sum: f64 = aligned.iter().map(|(_, aligned)| aligned.correlation).sum();
    sum / aligned.len().max(1) as f64
}

/// At most so many, evenly.
pub(crate) fn evenly_spaced<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    let count = all.len().min(most);
    (0..count)
        .map(|i| all[(2 * i + 1) * all.len() / (2 * count)])
        .collect()
}

/// The maps that most probes have, without repeats.
fn starts(chosen: &[(&QueryFrame, Homography)]) -> Vec<Homography> {
    let mut counted: Vec<(usize, Homography)> = Vec::new();
    for (_, map) in chosen {
        match counted.iter_mut().find(|(_, known)| known == map) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, *map)),
        }
    }
    counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let majority = counted
        .first()
        .is_some_and(|(count, _)| 2 * count > chosen.len());
    counted.truncate(if majority { 1 } else { 2 });
    counted.into_iter().map(|(_, map)| map).collect()
}

/// One map for all pairs, the simplest that explains them: upright, a similarity, an affine map, or the start in its
/// perspective.
fn together(
    pairs: &[(&Pyramid, &Pyramid)],
    start: &Homography,
    tuning: &TrackTuning,
) -> Option<Aligned> {
    let (shown, _) = pairs.first()?;
    let size = (shown.picture().width(), shown.picture().height());
    let similar = similarity(start, size);
    let plain = similar.and_then(|plain| align_all(pairs, &plain, Freedom::Similarity));
    let level = similar
        .and_then(|map| upright(&map, size, tuning))
        .and_then(|level| align_all(pairs, &level, Freedom::Level));
    let mut best = match (level, plain) {
        (Some(level), Some(plain))
            if plain.correlation > level.correlation + tuning.min_gain_of_freer_model =>
        {
            Some(plain)
        }
        (level, plain) => level.or(plain),
    };
    let from = best.map_or(*start, |best| best.homography);
    let tilted = is_tilted(start, size, tuning).then_some((*start, Freedom::Projective));
    for (from, freedom) in std::iter::once((from, Freedom::Affine)).chain(tilted) {
        let freer = align_all(pairs, &from, freedom);
        if let Some(freer) = freer
            && best.is_none_or(|best| {
                freer.correlation > best.correlation + tuning.min_gain_of_freer_model
            })
        {
            best = Some(freer);
        }
    }
    best
}

/// Whether a map's scale differs from corner to corner of a picture.
pub(crate) fn is_tilted(
    map: &Homography,
    (width, height): (usize, usize),
    tuning: &TrackTuning,
) -> bool {
    let matrix = map.matrix();
    matrix[6].abs() * width as f64 + matrix[7].abs() * height as f64 > tuning.min_tilt
}

/// Whether an alignment that begins with one map over a picture of some size may end at the other.
pub(crate) fn are_near(
    a: &Homography,
    b: &Homography,
    (width, height): (usize, usize),
    tuning: &TrackTuning,
) -> bool {
    let (w, h) = (width as f64, height as f64);
    let is_near = |corner: (f64, f64)| {
        let (Some(a), Some(b)) = (a.map(corner), b.map(corner)) else {
            return false;
        };
        (a.0 - b.0).abs() <= tuning.max_corner_shift * w
            && (a.1 - b.1).abs() <= tuning.max_corner_shift * h
    };
    [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)]
        .into_iter()
        .all(is_near)
}

/// The similarity nearest to a map over a picture of some size, mirrored if the map is.
pub(crate) fn similarity(map: &Homography, (width, height): (usize, usize)) -> Option<Homography> {
    let (w, h) = (width as f64, height as f64);
    let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)];
    let side = if map.is_mirrored() { -1.0 } else { 1.0 };
    // Least squares of (a x - b y + c, b x + a y + d) with x mirrored first where the map is: four equations decouple
    // about the means.
    let (mut a, mut b, mut energy) = (0.0, 0.0, 0.0);
    let mut mean = (0.0, 0.0);
    for (x, y) in corners {
        let (px, py) = map.map((x, y))?;
        let (x, y) = (side * (x - w / 2.0), y - h / 2.0);
        a += x * px + y * py;
        b += x * py - y * px;
        energy += x * x + y * y;
        mean = (mean.0 + px / 4.0, mean.1 + py / 4.0);
    }
    let (a, b) = (a / energy, b / energy);
    Homography::affine([
        side * a,
        -b,
        mean.0 - side * a * w / 2.0 + b * h / 2.0,
        side * b,
        a,
        mean.1 - side * b * w / 2.0 - a * h / 2.0,
    ])
}

/// A similarity turned to the nearest multiple of a right angle about the middle of a picture of some size; none when it is
/// turned by more than `max_slant`.
pub(crate) fn upright(
    map: &Homography,
    (width, height): (usize, usize),
    tuning: &TrackTuning,
) -> Option<Homography> {
    let m = map.matrix();
    let (along, across) = (m[0].abs().max(m[3].abs()), m[0].abs().min(m[3].abs()));
    if across > tuning.max_slant * along {
        return None;
    }
    let scale = along.hypot(across);
    let kept = |part: f64| {
        if part.abs() > across {
            part.signum() * scale
        } else {
            0.0
        }
    };
    let [a, b, c, d] = [m[0], m[1], m[3], m[4]].map(kept);
    let (x, y) = (0.5 * width as f64, 0.5 * height as f64);
    let middle = map.map((x, y))?;
    Homography::affine([
        a,
        b,
        middle.0 - a * x - b * y,
        c,
        d,
        middle.1 - c * x - d * y,
    ])
}

/// The motions that a similarity may make: one that is upright stays so.
pub(crate) fn freedom(map: &Homography) -> Freedom {
    let m = map.matrix();
    let (along, across) = (m[0].abs().max(m[3].abs()), m[0].abs().min(m[3].abs()));
    if across > ROUNDING_TANGENT * along {
        Freedom::Similarity
    } else {
        Freedom::Level
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_similarity_is_its_own_nearest_also_mirrored() {
        for side in [1.0, -1.0] {
            let map = Homography::affine([side * 1.2, -0.3, 40.0, side * 0.3, 1.2, -7.0])
                .expect("invertible");
            let nearest = similarity(&map, (512, 288)).expect("before the horizon");
            for (a, b) in map.matrix().iter().zip(nearest.matrix()) {
                assert!((a - b).abs() < 1e-9, "{map:?} {nearest:?}");
            }
        }
    }

    #[test]
    fn a_map_that_is_hardly_turned_is_set_upright_about_the_middle() {
        let size = (512, 288);
        let turned = |degrees: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let [a, b] = [1.5 * cos, 1.5 * sin];
            Homography::affine([a, -b, 40.0, b, a, -7.0]).expect("invertible")
        };
        for (degrees, quarter) in [(0.1, 0.0), (-2.0, 0.0), (90.5, 90.0)] {
            let map = turned(degrees);
            let found = upright(&map, size, &TrackTuning::default()).expect("nearly upright");
            assert_eq!(freedom(&map), Freedom::Similarity);
            assert_eq!(freedom(&found), Freedom::Level);
            for (a, b) in found.matrix()[..2].iter().zip(turned(quarter).matrix()) {
                assert!((a - b).abs() < 1e-9, "{degrees}: {found:?}");
            }
            let middle = |map: &Homography| map.map((256.0, 144.0)).expect("finite");
            let (a, b) = (middle(&map), middle(&found));
            assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9);
        }
        assert!(upright(&turned(5.0), size, &TrackTuning::default()).is_none());
    }

    #[test]
    fn between_pieces_that_were_framed_anew_both_maps_are_held_out_and_no_mean() {
        let (size, tuning) = ((512, 288), TrackTuning::default());
        let map = |a, x| Homography::affine([a, 0.0, x, 0.0, 1.0, 0.0]).expect("invertible");
        let (plain, mirrored, far) = (map(1.0, 3.0), map(-1.0, 509.0), map(1.0, 90.0));
        let path = Path(vec![(1.0, plain), (2.0, mirrored), (3.0, map(-1.0, 500.0))]);
        assert_eq!(path.cut_at(1.6, size, &tuning), Some([plain, mirrored]));
        assert_eq!((path.at(1.4), path.at(1.6)), (Some(plain), Some(mirrored)));
        // Nine samples are what a hand does.
        assert_eq!(path.cut_at(2.5, size, &tuning), None);
        assert_eq!(path.cut_at(0.5, size, &tuning), None);
        assert!(
            is_cut(&plain, &far, size, &tuning),
            "moved by a sixth of the width"
        );
    }

    #[test]
    fn pieces_framed_anew_are_cut_often_and_a_hand_that_shakes_is_not() {
        let (size, tuning) = ((512, 288), TrackTuning::default());
        let picture = countermark_picture::Grey::new(8, 8, vec![0.0; 64]).expect("a picture");
        let picture = Arc::new(picture);
        let probe = |n: u32| QueryFrame {
            clip_time: f64::from(n) / 2.0,
            picture: Arc::clone(&picture),
            small: Arc::clone(&picture),
            features: Vec::new(),
            hash: None,
        };
        let probes: Vec<QueryFrame> = (0..12).map(probe).collect();
        let often = |map: &dyn Fn(usize) -> Homography| {
            let members: Vec<(&QueryFrame, Homography)> = probes
                .iter()
                .enumerate()
                .map(|(n, probe)| (probe, map(n)))
                .collect();
            is_cut_often(&members, size, &tuning)
        };
        let map = |a: f64, x: f64| {
            Homography::affine([a, 0.0, x, 0.0, a.abs(), 0.0]).expect("invertible")
        };
        // Every second piece mirrored; all of them elsewhere.
        assert!(often(&|n| if n % 2 == 0 {
            map(1.2, -30.0)
        } else {
            map(-1.2, 560.0)
        }));
        assert!(often(&|n| map(1.2, if n % 2 == 0 { -90.0 } else { 0.0 })));
        // Nine samples to and fro; one cut in the middle.
        assert!(!often(&|n| map(1.2, if n % 2 == 0 { -9.0 } else { 0.0 })));
        assert!(!often(&|n| map(1.2, if n < 6 { -90.0 } else { 0.0 })));
    }

    #[test]
    fn a_path_is_the_mean_between_two_maps_and_the_nearest_outside() {
        let map = |x| Homography::affine([1.0, 0.0, x, 0.0, 1.0, 0.0]).expect("invertible");
        let path = Path(vec![(1.0, map(10.0)), (3.0, map(20.0))]);
        let x = |time| path.at(time).expect("a map").matrix()[2];
        assert!((x(2.5) - 17.5).abs() < 1e-9);
        assert!((x(0.0) - 10.0).abs() < 1e-9 && (x(9.0) - 20.0).abs() < 1e-9);
    }
}
