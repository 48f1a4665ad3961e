//! Level maps: what a copy that was only cropped and scaled is made by, mirrored or not.
//!
//! ```text
//! q = s p + d                                                one scale s, one shift d; x mirrored first
//! whole:  all of the picture fills the frame, with a scale for each side
//! cut:    s = max(w / W, h / H), d = 0 along the side that is whole
//! L       = sum over some probes of their best correlation with any frame of the reference
//! ```
//!
//! A camera that glides shows a moment nearly as it showed another, only larger, so matches with a frame of another moment
//! make a map that is a little too large, or turned. Few numbers are less easily led astray than the six or eight that
//! matches fit, and `L` asks all moments of the reference at once: from where the matches put it a map is led to where `L`
//! is highest, along the direction of the cut alone, and with all three numbers free.
//!
//! # Shapes and units
//! Homographies from samples of the reference to samples of the probe.
//!
//! # References
//! R. Hooke, T. A. Jeeves, Direct search solution of numerical and statistical problems, J. ACM 8 (1961).

use countermark_picture::Homography;

use crate::tuning::AxisAlignedTuning;

/// What a level copy fills: the probes, or the frame that they are a part of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Columns and rows of the reference.
    pub(crate) reference: (f64, f64),
    /// Columns and rows of the frame, in samples of a probe.
    pub(crate) size: (f64, f64),
    pub(crate) into_probe: Homography,
    pub(crate) mirrored: bool,
    pub(crate) tuning: &'a AxisAlignedTuning,
}

/// A level map to a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Level {
    /// Samples of the probe for one of the reference.
    scale: f64,
    /// The sample of the reference in the middle of the frame.
    middle: (f64, f64),
}

impl Frame<'_> {
    /// All of the picture in the frame: what nobody has cropped is known exactly.
    pub(crate) fn whole(&self) -> Option<Homography> {
        let (x, y) = (
            self.size.0 / self.reference.0,
            self.size.1 / self.reference.1,
        );
        self.placed((x, y), (self.reference.0 / 2.0, self.reference.1 / 2.0))
    }

    /// The likeliest map with one side whole, around the place where most of `maps` put the cut; none when the frame has the
    /// picture's shape, or the matches say that it shows much less.
    pub(crate) fn cut(
        &self,
        maps: &[Homography],
        likeness: impl Fn(&[Homography]) -> Vec<f64>,
    ) -> Option<Homography> {
        let tuning = self.tuning;
        let (across, down) = (
            self.size.0 / self.reference.0,
            self.size.1 / self.reference.1,
        );
        let scale = across.max(down);
        let usual = self.usual(maps)?;
        if (across / down - 1.0).abs() <= tuning.min_aspect_difference
            || !(tuning.min_scale..=tuning.max_scale).contains(&(usual.scale / scale))
        {
            return None;
        }
        let columns = across < down;
        let (side, shown, mut best) = if columns {
            (self.reference.0, self.size.0 / scale, usual.middle.0)
        } else {
            (self.reference.1, self.size.1 / scale, usual.middle.1)
        };
        let at = |place: f64| {
            let place = place.clamp(shown / 2.0, side - shown / 2.0);
            let middle = if columns {
                (place, self.reference.1 / 2.0)
            } else {
                (self.reference.0 / 2.0, place)
            };
            self.map(Level { scale, middle })
        };
        let mut reach = tuning.cut_reach;
        let steps = [
            tuning.coarse_cut_step,
            tuning.middle_cut_step,
            tuning.fine_cut_step,
        ];
        for step in steps {
            let steps = (reach / step).ceil() as i32;
            let (places, maps): (Vec<f64>, Vec<Homography>) = (-steps..=steps)
                .map(|i| best + f64::from(i) * step * side)
                .filter_map(|place| Some((place, at(place)?)))
                .unzip();
            let scores = places.into_iter().zip(likeness(&maps));
            best = scores.max_by(|a, b| a.1.total_cmp(&b.1))?.0;
            reach = step;
        }
        at(best)
    }

    /// The likeliest map around the one that most of `maps` are near to.
    pub(crate) fn free(
        &self,
        maps: &[Homography],
        likeness: impl Fn(&[Homography]) -> Vec<f64>,
    ) -> Option<Homography> {
        let better = |best: (Level, f64), others: &[Level]| {
            let (others, maps): (Vec<Level>, Vec<Homography>) = others
                .iter()
                .filter_map(|level| Some((*level, self.map(*level)?)))
                .unzip();
            let scores = others.into_iter().zip(likeness(&maps));
            scores.fold(best, |best, next| if next.1 > best.1 { next } else { best })
        };
        let usual = self.usual(maps)?;
        let mut best = better((usual, f64::NEG_INFINITY), &[usual]);
        let tuning = self.tuning;
        let mut step = tuning.first_step;
        for _ in 0..tuning.max_rounds {
            let start = best;
            for direction in [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)] {
                let sides = [-step, step].map(|step| self.moved(best.0, direction, step));
                best = better(best, &sides);
            }
            if best.1 <= start.1 {
                step /= 2.0;
                if step < tuning.last_step {
                    break;
                }
                continue;
            }
            // On the way that all steps went together.
            best = better(best, &[start.0.beyond(best.0)]);
        }
        self.map(best.0)
    }

    fn map(&self, level: Level) -> Option<Homography> {
        self.placed((level.scale, level.scale), level.middle)
    }

    /// The map of some scale that puts a sample of the reference in the middle of the frame.
    fn placed(&self, (across, down): (f64, f64), (x, y): (f64, f64)) -> Option<Homography> {
        let across = if self.mirrored { -across } else { across };
        let (left, top) = (self.size.0 / 2.0 - across * x, self.size.1 / 2.0 - down * y);
        Homography::affine([across, 0.0, left, 0.0, down, top])?.then(&self.into_probe)
    }

    /// The level map nearest to another in the middle of the frame; none when that is the other way round.
    fn nearest(&self, map: &Homography) -> Option<Level> {
        let middle = (self.size.0 / 2.0, self.size.1 / 2.0);
        let middle = map.inverse()?.map(self.into_probe.map(middle)?)?;
        (map.is_mirrored() == self.mirrored).then_some(Level {
            scale: map.magnification(middle)?,
            middle,
        })
    }

    /// The level map that most are near to.
    fn usual(&self, maps: &[Homography]) -> Option<Level> {
        let all: Vec<Level> = maps.iter().filter_map(|map| self.nearest(map)).collect();
        let median = |of: fn(&Level) -> f64| {
            let mut values: Vec<f64> = all.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        Some(Level {
            scale: median(|level| level.scale)?,
            middle: (median(|l| l.middle.0)?, median(|l| l.middle.1)?),
        })
    }

    fn moved(&self, from: Level, (scale, x, y): (f64, f64, f64), step: f64) -> Level {
        let step_of = |side: f64| step * side / from.scale;
        Level {
            scale: from.scale * (1.0 + scale * step),
            middle: (
                from.middle.0 + x * step_of(self.size.0),
                from.middle.1 + y * step_of(self.size.1),
            ),
        }
    }
}

impl Level {
    /// As far beyond another one as that lies from this one.
    fn beyond(self, other: Self) -> Self {
        Self {
            scale: other.scale * other.scale / self.scale,
            middle: (
                2.0 * other.middle.0 - self.middle.0,
                2.0 * other.middle.1 - self.middle.1,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static TUNING: LazyLock<AxisAlignedTuning> = LazyLock::new(AxisAlignedTuning::default);
    const REFERENCE: (f64, f64) = (512.0, 288.0);

    fn frame(size: (f64, f64), mirrored: bool) -> Frame<'static> {
        Frame {
            reference: REFERENCE,
            size,
            into_probe: Homography::scaling(1.0, 1.0).expect("a map"),
            mirrored,
            tuning: &TUNING,
        }
    }

    /// How near maps are to the true one at the corners of a frame of some size.
    fn nearness(truth: Homography, size: (f64, f64)) -> impl Fn(&[Homography]) -> Vec<f64> {
        let back = truth.inverse().expect("invertible");
        move |maps| {
            let error = |map: &Homography| -> f64 {
                let corners = [(0.0, 0.0), (size.0, 0.0), (0.0, size.1), size];
                let apart = |corner: (f64, f64)| {
                    let there = map
                        .map(back.map(corner).expect("a place"))
                        .expect("a place");
                    (there.0 - corner.0).hypot(there.1 - corner.1)
                };
                corners.into_iter().map(apart).sum()
            };
            maps.iter().map(|map| -error(map)).collect()
        }
    }

    fn apart(a: &Homography, b: &Homography) -> f64 {
        let pairs = a.matrix().into_iter().zip(b.matrix());
        pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_cut_to_another_shape_is_found_from_matches_that_are_off() {
        let size = (162.0, 288.0);
        for (mirrored, matrix, off) in [
            (
                false,
                [1.0, 0.0, -200.0, 0.0, 1.0, 0.0],
                [1.08, 0.05, -225.0, -0.02, 1.1, -12.0],
            ),
            (
                true,
                [-1.0, 0.0, 362.0, 0.0, 1.0, 0.0],
                [-1.1, 0.0, 385.0, 0.03, 1.09, -15.0],
            ),
        ] {
            let truth = Homography::affine(matrix).expect("a map");
            let off = Homography::affine(off).expect("a map");
            let found = frame(size, mirrored).cut(&[off], nearness(truth, size));
            let found = found.expect("a cut");
            assert!(apart(&found, &truth) < 1.0, "{found:?}");
        }
    }

    #[test]
    fn frames_of_the_same_shape_and_small_parts_are_not_cut() {
        let none = |maps: &[Homography]| vec![0.0; maps.len()];
        let map = Homography::affine([1.0, 0.0, -10.0, 0.0, 1.0, 0.0]).expect("a map");
        assert_eq!(frame((256.0, 144.0), false).cut(&[map], none), None);
        let part = Homography::affine([1.6, 0.0, -200.0, 0.0, 1.6, -60.0]).expect("a map");
        assert_eq!(frame((162.0, 288.0), false).cut(&[part], none), None);
    }

    #[test]
    fn a_level_map_is_found_whatever_its_scale() {
        let size = (256.0, 144.0);
        let truth = Homography::affine([1.17, 0.0, -85.0, 0.0, 1.17, -136.0]).expect("a map");
        let off = Homography::affine([1.08, 0.03, -70.0, -0.01, 1.09, -120.0]).expect("a map");
        let found = frame(size, false).free(&[off], nearness(truth, size));
        let found = found.expect("a map");
        assert!(apart(&found, &truth) < 2.0, "{found:?}");
    }

    #[test]
    fn the_frame_around_a_probe_is_filled_as_a_whole() {
        // The uppermost tenth of the frame was taken for a bar.
        let frame = Frame {
            into_probe: Homography::affine([1.0, 0.0, 0.0, 0.0, 1.0, -28.8]).expect("a map"),
            ..frame(REFERENCE, true)
        };
        let map = frame.whole().expect("a map");
        let corner = map.map((0.0, 0.0)).expect("a place");
        assert!((corner.0 - 512.0).abs() < 1e-9 && (corner.1 + 28.8).abs() < 1e-9);
    }
}
