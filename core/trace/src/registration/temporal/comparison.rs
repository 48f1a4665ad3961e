//! How pictures of a clip correlate with every frame of a reference, through maps and past overlays.
//!
//! ```text
//! m(block) = mean over points of the block, evenly, of picture(map(point))      of blocks that it shows and no overlay covers
//! c(frame) = correlation of m with the frame's own means of those blocks
//! ```
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use countermark_fingerprint::Overlay;
use countermark_mark::Observation;
use countermark_mark::lattice::LatticeGeometry;
use countermark_picture::{Between, Grey, Homography};
use rayon::prelude::*;

use crate::reference::Reference;
use crate::reference::thumbnail::Partial;

use crate::query::frames::{DenseThumbnail, QueryFrames};
use crate::registration::spatial::track::evenly_spaced;
use crate::registration::temporal::curve::Curve;
use crate::tuning::ComparisonTuning;

/// Points across a block, in both directions: its side is 4 to 20 samples of the pictures that tell the time.
const POINTS_ACROSS_A_BLOCK: usize = 8;

/// The pictures of a clip against a reference.
#[derive(Clone, Copy)]
pub(crate) struct Comparison<'a> {
    pub(crate) probes: &'a QueryFrames,
    /// What is left out of their pictures.
    pub(crate) overlay: Option<&'a Overlay>,
    pub(crate) reference: &'a Reference<'a>,
    /// Columns and rows of the reference, as maps take them.
    pub(crate) size: (usize, usize),
}

impl Comparison<'_> {
    /// How a picture that is placed so correlates with the reference; none when its map shows nothing of it. The map leads to
    /// a probe, of which the picture may be a smaller one.
    pub(crate) fn curve(&self, clip_time: f64, picture: &Grey, map: &Homography) -> Option<Curve> {
        // Whoever asked for a result asks again.
        if self.reference.is_cancelled() {
            return None;
        }
        let blocks = Blocks {
            picture,
            map: smaller(map, self.probes.size(), picture)?,
            lattice: self.reference.lattice(),
            size: self.size,
            tuning: &self.reference.tuning().registration.comparison,
        };
        let part = blocks.seen(self.overlay)?;
        Some(correlated(part, clip_time, self.reference))
    }

    /// How at most so many moments of a span correlate with the reference, each through its map.
    pub(crate) fn through(
        &self,
        map: &(dyn Fn(f64) -> Option<Homography> + Sync),
        span: [f64; 2],
        most: usize,
    ) -> Vec<Curve> {
        let moments = evenly_spaced(&self.near(span), most);
        let curve = |moment: &&DenseThumbnail| {
            let map = map(moment.clip_time)?;
            self.curve(moment.clip_time, &moment.picture, &map)
        };
        let curves: Vec<Option<Curve>> = moments.par_iter().map(curve).collect();
        curves.into_iter().flatten().collect()
    }

    /// Moments of a span.
    pub(crate) fn count(&self, span: [f64; 2]) -> usize {
        self.near(span).len()
    }

    /// Moments within and around a span.
    fn near(&self, span: [f64; 2]) -> Vec<&DenseThumbnail> {
        let margin = self.probes.step() / 2.0;
        let moments = self.probes.moments().iter();
        moments
            .filter(|m| (span[0] - margin..=span[1] + margin).contains(&m.clip_time))
            .collect()
    }
}

/// How a frame on the lattice correlates with the reference.
pub(crate) fn observed(observation: &Observation, clip_time: f64, reference: &Reference) -> Curve {
    correlated(Partial::of(observation), clip_time, reference)
}

fn correlated(part: Partial, clip_time: f64, reference: &Reference) -> Curve {
    Curve {
        clip_time,
        correlations: reference.correlations(&part),
        seen: part.seen,
        values: part.values,
    }
}

/// A map to a probe, led on to a smaller picture of the same frame.
fn smaller(map: &Homography, probe: (usize, usize), picture: &Grey) -> Option<Homography> {
    map.then(&Homography::scaling(
        picture.width() as f64 / probe.0 as f64,
        picture.height() as f64 / probe.1 as f64,
    )?)
}

/// Share of a block's side at which one of its points lies.
fn share(point: usize) -> f64 {
    (point as f64 + 0.5) / POINTS_ACROSS_A_BLOCK as f64
}

/// Columns and rows of points, those of each block together.
struct Points {
    columns: Vec<Between>,
    rows: Vec<Between>,
}

/// The blocks of a lattice in a picture.
struct Blocks<'a> {
    picture: &'a Grey,
    /// From samples of the reference to samples of the picture.
    map: Homography,
    lattice: LatticeGeometry,
    size: (usize, usize),
    tuning: &'a ComparisonTuning,
}

impl Blocks<'_> {
    /// The means of the blocks that the picture shows and no overlay covers; none when there is no such block.
    fn seen(&self, overlay: Option<&Overlay>) -> Option<Partial> {
        let blocks = 0..self.lattice.blocks();
        let shown = |block: &usize| self.shows(&self.corners(*block), overlay);
        let seen: Vec<usize> = blocks.filter(shown).collect();
        let points = self.points();
        let means = seen.iter().map(|&block| match &points {
            Some(points) => Some(self.mean_of(block, points)),
            None => self.mean(block),
        });
        let means: Option<Vec<f32>> = means.collect();
        means
            .filter(|means| !means.is_empty())
            .map(|means| Partial::new(seen, means))
    }

    /// A point of a block, shares of its sides from its upper left corner, in the picture.
    fn place(&self, block: usize, (right, down): (f64, f64)) -> Option<(f64, f64)> {
        let (cols, rows) = (self.lattice.cols(), self.lattice.rows());
        let (col, row) = ((block % cols) as f64, (block / cols) as f64);
        self.map.map((
            (col + right) / cols as f64 * self.size.0 as f64,
            (row + down) / rows as f64 * self.size.1 as f64,
        ))
    }

    fn corners(&self, block: usize) -> [Option<(f64, f64)>; 4] {
        [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)].map(|corner| self.place(block, corner))
    }

    /// Whether the picture shows a block with such corners whole and uncovered: what lies between them does not leave them.
    fn shows(&self, corners: &[Option<(f64, f64)>; 4], overlay: Option<&Overlay>) -> bool {
        let (width, height) = (self.picture.width() as f64, self.picture.height() as f64);
        let tuning = self.tuning;
        let (within_x, within_y) = (
            -tuning.block_overhang_samples..=width + tuning.block_overhang_samples,
            -tuning.block_overhang_samples..=height + tuning.block_overhang_samples,
        );
        let inside = corners
            .iter()
            .all(|c| c.is_some_and(|(x, y)| within_x.contains(&x) && within_y.contains(&y)));
        inside
            && overlay.is_none_or(|overlay| {
                let all = || {
                    corners
                        .iter()
                        .flatten()
                        .map(|(x, y)| (x / width, y / height))
                };
                let bound = |pick: fn(f64, f64) -> f64| {
                    all().reduce(|a, b| (pick(a.0, b.0), pick(a.1, b.1)))
                };
                match (bound(f64::min), bound(f64::max)) {
                    (Some(from), Some(to)) => overlay.share(from, to) <= tuning.max_covered_share,
                    _ => true,
                }
            })
    }

    /// Where the points of all blocks lie, where each column and each row of them stays one: of copies that were only cropped and
    /// scaled, which most maps are that are tried. The same to the last bit as one by one.
    fn points(&self) -> Option<Points> {
        let [across, skew, _, lean, down, _, zero, none, one] = self.map.matrix();
        let is_level = [skew, lean, zero, none].iter().all(|part| *part == 0.0);
        if !is_level || one.to_bits() != 1.0_f64.to_bits() || across == 0.0 || down == 0.0 {
            return None;
        }
        let place = |col: usize, row: usize| {
            let block = row * self.lattice.cols() + col;
            move |share: f64| self.place(block, (share, share))
        };
        let shares = || (0..POINTS_ACROSS_A_BLOCK).map(share);
        let columns = (0..self.lattice.cols()).flat_map(|col| shares().map(place(col, 0)));
        let rows = (0..self.lattice.rows()).flat_map(|row| shares().map(place(0, row)));
        let (width, height) = (self.picture.width(), self.picture.height());
        Some(Points {
            columns: columns
                .map(|at| Some(Between::new(at?.0, width)))
                .collect::<Option<_>>()?,
            rows: rows
                .map(|at| Some(Between::new(at?.1, height)))
                .collect::<Option<_>>()?,
        })
    }

    /// As [`Self::mean`].
    fn mean_of(&self, block: usize, points: &Points) -> f32 {
        let (col, row) = (block % self.lattice.cols(), block / self.lattice.cols());
        let own = |at: usize| at * POINTS_ACROSS_A_BLOCK..(at + 1) * POINTS_ACROSS_A_BLOCK;
        let mut sum = 0.0;
        for y in &points.rows[own(row)] {
            for x in &points.columns[own(col)] {
                sum += self.picture.between(*x, *y);
            }
        }
        sum / (POINTS_ACROSS_A_BLOCK * POINTS_ACROSS_A_BLOCK) as f32
    }

    fn mean(&self, block: usize) -> Option<f32> {
        let mut sum = 0.0;
        for down in 0..POINTS_ACROSS_A_BLOCK {
            for right in 0..POINTS_ACROSS_A_BLOCK {
                let (x, y) = self.place(block, (share(right), share(down)))?;
                sum += self.picture.at(x, y);
            }
        }
        Some(sum / (POINTS_ACROSS_A_BLOCK * POINTS_ACROSS_A_BLOCK) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: (usize, usize) = (256, 144);

    /// What a white bar with dark marks covers that stands in the upper half of pictures that change, in samples.
    fn bar() -> Overlay {
        let pictures: Vec<Grey> = (0..8)
            .map(|step| {
                let noise = |x: usize, y: usize| {
                    let seed = (x + 256 * (y + 144 * step)) as u32;
                    (seed.wrapping_mul(2_654_435_761) >> 24) as f32
                };
                let level = |x: usize, y: usize| match ((24..48).contains(&y), x & 4) {
                    (false, _) => noise(x, y),
                    (true, 0) => 20.0,
                    (true, _) => 235.0,
                };
                let places = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
                let samples = places.map(|(x, y)| level(x, y)).collect();
                Grey::new(SIZE.0, SIZE.1, samples).expect("a picture")
            })
            .collect();
        Overlay::find(&pictures.iter().collect::<Vec<_>>()).expect("a bar")
    }

    fn covered_rows(map: &Homography) -> Vec<usize> {
        let lattice = countermark_mark::FormatSpec::CURRENT
            .lattice(1280, 720)
            .expect("a supported size");
        let overlay = bar();
        let picture = Grey::new(SIZE.0, SIZE.1, vec![0.0; SIZE.0 * SIZE.1]).expect("a picture");
        let blocks = Blocks {
            picture: &picture,
            map: *map,
            lattice,
            size: SIZE,
            tuning: &ComparisonTuning::default(),
        };
        let is_covered = |block: &usize| {
            let corners = blocks.corners(*block);
            blocks.shows(&corners, None) && !blocks.shows(&corners, Some(&overlay))
        };
        let mut rows: Vec<usize> = (0..lattice.blocks())
            .filter(is_covered)
            .map(|block| block / lattice.cols())
            .collect();
        rows.dedup();
        rows
    }

    #[test]
    fn points_of_a_level_map_are_those_of_one_by_one_to_the_last_bit() {
        let noise = |i: usize| ((i as u32).wrapping_mul(2_654_435_761) >> 24) as f32;
        let samples = (0..SIZE.0 * SIZE.1).map(noise).collect();
        let picture = Grey::new(SIZE.0, SIZE.1, samples).expect("a picture");
        let lattice = countermark_mark::FormatSpec::CURRENT
            .lattice(1280, 720)
            .expect("a supported size");
        for (matrix, is_level) in [
            ([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], true),
            ([-1.31, 0.0, 290.3, 0.0, 1.29, -17.7], true),
            ([1.31, 0.01, -40.0, -0.01, 1.31, -17.7], false),
        ] {
            let blocks = Blocks {
                picture: &picture,
                map: Homography::affine(matrix).expect("a map"),
                lattice,
                size: SIZE,
                tuning: &ComparisonTuning::default(),
            };
            let points = blocks.points();
            assert_eq!(points.is_some(), is_level);
            let Some(points) = points else {
                continue;
            };
            for block in 0..lattice.blocks() {
                let (own, other) = (blocks.mean(block), blocks.mean_of(block, &points));
                assert_eq!(own.map(f32::to_bits), Some(other.to_bits()), "{block}");
            }
        }
    }

    #[test]
    fn blocks_under_an_overlay_are_covered_wherever_the_map_puts_them() {
        // Twelve rows of blocks of twelve samples each; the bar lies on the third and the fourth, and its rim on their
        // neighbours.
        let same = Homography::scaling(1.0, 1.0).expect("a map");
        let rows = covered_rows(&same);
        assert!([2, 3].iter().all(|row| rows.contains(row)), "{rows:?}");
        assert!(rows.iter().all(|row| (1..=4).contains(row)), "{rows:?}");
        // Shifted down by half a picture none of it, shifted up its lower half lies under the bar.
        let lower = Homography::affine([1.0, 0.0, 0.0, 0.0, 1.0, 72.0]).expect("a map");
        assert_eq!(covered_rows(&lower), Vec::<usize>::new());
        let higher = Homography::affine([1.0, 0.0, 0.0, 0.0, 1.0, -72.0]).expect("a map");
        let rows = covered_rows(&higher);
        assert!([8, 9].iter().all(|row| rows.contains(row)), "{rows:?}");
        assert!(rows.iter().all(|row| (7..=10).contains(row)), "{rows:?}");
    }
}
