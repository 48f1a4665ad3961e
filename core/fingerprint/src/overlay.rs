//! Captions, logos and frames that stand still over pictures that move.
//!
//! They have the strongest features of a repost and the steadiest edges, and tell nothing of the title: features are spent on
//! them, and every moment of the clip looks alike where they are.
//!
//! ```text
//! still(x)  =  |mean g(x)| > 6  and  mean |g(x) - mean g(x)|^2 < |mean g(x)|^2 / 4           g: gradient of each picture
//! moving(x) =  standard deviation of the level > 3
//! covered   =  still, and what is not moving within 10 % of it; closed by 2 % and dilated by 1 % of the short side
//! ```
//!
//! A camera on a stand shows still edges too: only where most of what is not covered moves, and 1 to 40 % are covered, is it an
//! overlay. Means and deviations are over the pictures of a clip. Once it is known what the title shows, [`Overlay::beside`] tells
//! the rest:
//!
//! ```text
//! covered   =  foreign in all pictures but one at most, see the head of `foreign`; opened by 1 %, closed by 2 %, dilated by 2 %
//! ```
//!
//! # Shapes and units
//! Pictures as in [`Grey`], all of one size; levels in 8-bit code values, gradients in code values per sample.
//! # Determinism
//! Fixed summation order, no fused multiply-add.

use countermark_picture::{Grey, Homography};

mod coverage;
mod foreign;
mod light;

pub use coverage::Coverage;

/// Pictures that it takes to tell what stands still.
const LEAST_PICTURES: usize = 5;

/// Pictures that it takes to tell what the title does not show.
const LEAST_BESIDE: usize = 3;

/// Gradient of an edge.
const EDGE: f32 = 6.0;

/// How much an edge that stands still may vary, as a share of its own energy.
const UNSTEADY: f32 = 0.25;

/// Deviation of a level that moves.
const MOVES: f32 = 3.0;

/// Share of what is not covered that must move.
const MOVING: f64 = 0.6;

/// Shares of the picture between which it may be covered: less takes no features to speak of.
const LEAST_COVERED: f64 = 0.01;
const MOST_COVERED: f64 = 0.4;

/// Share of the short side within which what does not move belongs to the edges: the ground that letters stand on.
const GROUND: f64 = 0.1;

/// Shares of the short side that edges are closed and dilated by.
const CLOSING: f64 = 0.02;
const DILATION: f64 = 0.01;

/// What lies over a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    width: usize,
    height: usize,
    covered: Vec<bool>,
}

impl Overlay {
    /// What stands still over these pictures; none when that cannot be told, or nothing does.
    #[must_use]
    pub fn find(pictures: &[&Grey]) -> Option<Self> {
        let (first, others) = pictures.split_first()?;
        let (width, height) = (first.width(), first.height());
        let alike = |p: &&Grey| (p.width(), p.height()) == (width, height);
        if pictures.len() < LEAST_PICTURES || !others.iter().all(alike) {
            return None;
        }
        let moments = Moments::of(pictures, width, height);
        let (still, moving) = (moments.still(), moments.moving());
        let near = dilated(&still, width, height, reach(GROUND, width, height));
        let steady: Vec<bool> = (0..still.len())
            .map(|i| still[i] || near[i] && !moving[i])
            .collect();
        let found = Self::of(&steady, (width, height), reach(DILATION, width, height))?;
        let shown = found.covered.iter().zip(&moving).filter(|&(&c, _)| !c);
        let moving = shown.clone().filter(|&(_, &m)| m).count();
        (moving as f64 >= MOVING * shown.count() as f64).then_some(found)
    }

    /// Of what belongs to it, closed, and dilated by some samples; none where it covers too little or too much.
    fn of(set: &[bool], (width, height): (usize, usize), dilation: usize) -> Option<Self> {
        let closing = reach(CLOSING, width, height);
        let covered = dilated(set, width, height, closing + dilation);
        let covered = eroded(&covered, width, height, closing);
        let share = covered.iter().filter(|&&c| c).count() as f64 / covered.len() as f64;
        (LEAST_COVERED..=MOST_COVERED)
            .contains(&share)
            .then_some(Self {
                width,
                height,
                covered,
            })
    }

    /// What the title does not show, in all of these pictures but one at most: each with the title's own and the map from that
    /// one's samples to the picture's. None when that cannot be told, or there is nothing.
    #[must_use]
    pub fn beside(pictures: &[(&Grey, &Grey, Homography)]) -> Option<Self> {
        let (first, _, _) = pictures.first()?;
        let (width, height) = (first.width(), first.height());
        let alike = |p: &(&Grey, &Grey, Homography)| (p.0.width(), p.0.height()) == (width, height);
        if pictures.len() < LEAST_BESIDE || !pictures.iter().all(alike) {
            return None;
        }
        let foreign = foreign::in_all(pictures, width, height)?;
        // What is as thin as a map is wrong is no overlay.
        let thin = reach(DILATION, width, height);
        let thick = eroded(&foreign, width, height, thin);
        let thick = dilated(&thick, width, height, thin);
        Self::of(&thick, (width, height), 2 * thin)
    }

    /// A picture of the same size, with what is covered filled smoothly from around it; one of another size as it is.
    #[must_use]
    pub fn filled(&self, picture: &Grey) -> Grey {
        let known: Vec<bool> = self.covered.iter().map(|&c| !c).collect();
        if (picture.width(), picture.height()) == (self.width, self.height) {
            pulled(picture, &known)
        } else {
            picture.clone()
        }
    }

    /// Share of what lies between two corners, as shares of the picture's sides, that is covered; 0 outside.
    #[must_use]
    pub fn share(&self, from: (f64, f64), to: (f64, f64)) -> f64 {
        let range = |from: f64, to: f64, side: usize| {
            let place = |at: f64| (at.clamp(0.0, 1.0) * side as f64) as usize;
            place(from)..(place(to) + 1).min(side)
        };
        let columns = range(from.0, to.0, self.width);
        let (mut covered, mut all) = (0_usize, 0_usize);
        for row in range(from.1, to.1, self.height) {
            let row = &self.covered[row * self.width..(row + 1) * self.width];
            let within = row.get(columns.clone()).unwrap_or_default();
            covered += within.iter().filter(|&&c| c).count();
            all += within.len();
        }
        covered as f64 / all.max(1) as f64
    }
}

/// Sums over the pictures, for each sample.
struct Moments {
    count: f32,
    level: Vec<f32>,
    level_squared: Vec<f32>,
    gradient: Vec<(f32, f32)>,
    gradient_squared: Vec<f32>,
}

impl Moments {
    fn of(pictures: &[&Grey], width: usize, height: usize) -> Self {
        let samples = width * height;
        let mut sums = Self {
            count: pictures.len() as f32,
            level: vec![0.0; samples],
            level_squared: vec![0.0; samples],
            gradient: vec![(0.0, 0.0); samples],
            gradient_squared: vec![0.0; samples],
        };
        for picture in pictures {
            let at = picture.samples();
            for y in 0..height {
                let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
                for x in 0..width {
                    let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
                    let i = y * width + x;
                    let gx = 0.5 * (at[y * width + right] - at[y * width + left]);
                    let gy = 0.5 * (at[below * width + x] - at[above * width + x]);
                    sums.level[i] += at[i];
                    sums.level_squared[i] += at[i] * at[i];
                    sums.gradient[i].0 += gx;
                    sums.gradient[i].1 += gy;
                    sums.gradient_squared[i] += gx * gx + gy * gy;
                }
            }
        }
        sums
    }

    fn still(&self) -> Vec<bool> {
        let share = 1.0 / self.count;
        let sums = self.gradient.iter().zip(&self.gradient_squared);
        sums.map(|(&(gx, gy), &squared)| {
            let (gx, gy) = (gx * share, gy * share);
            let steady = gx * gx + gy * gy;
            steady > EDGE * EDGE && squared * share - steady < UNSTEADY * steady
        })
        .collect()
    }

    fn moving(&self) -> Vec<bool> {
        let share = 1.0 / self.count;
        let sums = self.level.iter().zip(&self.level_squared);
        sums.map(|(&sum, &squared)| {
            let mean = sum * share;
            squared * share - mean * mean > MOVES * MOVES
        })
        .collect()
    }
}

/// A share of the short side in samples.
fn reach(share: f64, width: usize, height: usize) -> usize {
    (width.min(height) as f64 * share) as usize
}

/// Whether anything within `reach` samples, in rows and columns, is set.
fn dilated(set: &[bool], width: usize, height: usize, reach: usize) -> Vec<bool> {
    let rows: Vec<bool> = set
        .chunks_exact(width)
        .flat_map(|row| spread(row, reach))
        .collect();
    let columns: Vec<Vec<bool>> = (0..width)
        .map(|x| {
            let column: Vec<bool> = (0..height).map(|y| rows[y * width + x]).collect();
            spread(&column, reach)
        })
        .collect();
    (0..height)
        .flat_map(|y| columns.iter().map(move |column| column[y]))
        .collect()
}

/// Whether everything within `reach` samples is set.
fn eroded(set: &[bool], width: usize, height: usize, reach: usize) -> Vec<bool> {
    let clear: Vec<bool> = set.iter().map(|&s| !s).collect();
    let near_clear = dilated(&clear, width, height, reach);
    near_clear.into_iter().map(|near| !near).collect()
}

/// Whether anything within `reach` of each place of a line is set.
fn spread(line: &[bool], reach: usize) -> Vec<bool> {
    let mut near = vec![false; line.len()];
    let mut done = 0;
    for (at, _) in line.iter().enumerate().filter(|&(_, &set)| set) {
        let end = (at + reach + 1).min(line.len());
        near[at.saturating_sub(reach).max(done)..end].fill(true);
        done = end;
    }
    near
}

/// Unknown samples from the known ones around them: means of 2 x 2 until all are known, then back.
fn pulled(picture: &Grey, known: &[bool]) -> Grey {
    let (width, height) = (picture.width(), picture.height());
    if !known.contains(&false) || !known.contains(&true) {
        return picture.clone();
    }
    let samples = picture.samples();
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let quads = (0..half_height).flat_map(|y| (0..half_width).map(move |x| (x, y)));
    let (half, half_known): (Vec<f32>, Vec<bool>) = quads
        .map(|(x, y)| {
            let (mut sum, mut count) = (0.0, 0.0);
            for row in 2 * y..(2 * y + 2).min(height) {
                for at in row * width + 2 * x..row * width + (2 * x + 2).min(width) {
                    if known[at] {
                        sum += samples[at];
                        count += 1.0;
                    }
                }
            }
            if count > 0.0 {
                (sum / count, true)
            } else {
                (0.0, false)
            }
        })
        .unzip();
    let Some(half) = Grey::new(half_width, half_height, half) else {
        return picture.clone();
    };
    let half = pulled(&half, &half_known);
    let filled = samples
        .iter()
        .zip(known)
        .enumerate()
        .map(|(i, (&own, &known))| {
            let (x, y) = ((i % width) as f64, (i / width) as f64);
            if known {
                own
            } else {
                half.at(0.5 * x + 0.25, 0.5 * y + 0.25)
            }
        });
    Grey::new(width, height, filled.collect()).unwrap_or_else(|| picture.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

    const SIZE: (usize, usize) = (256, 144);

    /// Rows and columns of a caption: white, with dark letters.
    const CAPTION: [std::ops::Range<usize>; 2] = [20..44, 60..200];

    /// A window that glides over a large picture, under a caption.
    fn gliding(caption: bool) -> Vec<Grey> {
        let wide = picture(5, SIZE.0 + 200, SIZE.1);
        (0..8)
            .map(|step| {
                let first = 25 * step;
                let rows = wide.rows().enumerate();
                let samples = rows.flat_map(|(y, row)| {
                    let row = row[first..first + SIZE.0].iter().enumerate();
                    row.map(move |(x, &own)| {
                        let covers = caption && CAPTION[0].contains(&y) && CAPTION[1].contains(&x);
                        match (covers, x / 4 % 3 == 0 && y % 12 > 3) {
                            (false, _) => own,
                            (true, true) => 20.0,
                            (true, false) => 235.0,
                        }
                    })
                });
                Grey::new(SIZE.0, SIZE.1, samples.collect()).expect("a picture")
            })
            .collect()
    }

    fn find(pictures: &[Grey]) -> Option<Overlay> {
        Overlay::find(&pictures.iter().collect::<Vec<_>>())
    }

    #[test]
    fn a_caption_over_moving_pictures_is_covered_and_little_else() {
        let overlay = find(&gliding(true)).expect("a caption");
        let within = |i: usize, margin: usize| {
            let near = |at: usize, range: &std::ops::Range<usize>| {
                (range.start - margin..range.end + margin).contains(&at)
            };
            near(i / SIZE.0, &CAPTION[0]) && near(i % SIZE.0, &CAPTION[1])
        };
        for (i, &covered) in overlay.covered.iter().enumerate() {
            assert!(covered || !within(i, 0), "the caption at {i}");
            assert!(!covered || within(i, 4), "the picture at {i}");
        }
    }

    #[test]
    fn what_is_not_covered_stays_and_the_rest_is_smooth() {
        let pictures = gliding(true);
        let overlay = find(&pictures).expect("a caption");
        let filled = overlay.filled(&pictures[3]);
        let own = pictures[3].samples().iter().zip(filled.samples());
        for ((&before, &after), &covered) in own.zip(&overlay.covered) {
            assert!(covered || before.to_bits() == after.to_bits());
        }
        let steepest = |picture: &Grey| {
            let rows = picture.rows().skip(24).take(16);
            let steps = rows.flat_map(|row| row[64..196].windows(2).map(|w| (w[1] - w[0]).abs()));
            steps.fold(0.0, f32::max)
        };
        assert!(steepest(&pictures[3]) > 200.0);
        assert!(steepest(&filled) < 20.0, "{}", steepest(&filled));
    }

    #[test]
    fn shares_are_those_of_the_caption() {
        let overlay = find(&gliding(true)).expect("a caption");
        let share = |x: [f64; 2], y: [f64; 2]| overlay.share((x[0], y[0]), (x[1], y[1]));
        assert!(share([0.3, 0.7], [0.15, 0.28]) > 0.999);
        assert!(share([0.3, 0.7], [0.5, 0.9]) < 0.001);
        let half = share([0.3, 0.7], [0.225, 0.385]);
        assert!((0.4..0.75).contains(&half), "{half}");
        assert!(share([1.5, 2.0], [-3.0, -1.0]) < 0.001);
    }

    #[test]
    fn nothing_is_covered_where_nothing_or_everything_stands_still() {
        assert_eq!(find(&gliding(false)), None);
        let still = vec![gliding(true).swap_remove(0); 8];
        assert_eq!(find(&still), None);
    }

    /// A still picture of a title; what a clip shows of it, half as bright, under a caption; and the map between them.
    fn still(caption: bool) -> (Grey, Vec<Grey>, Homography) {
        let shown = picture(5, SIZE.0 + 40, SIZE.1 + 20);
        let rows = shown.rows().skip(10).take(SIZE.1).enumerate();
        let samples = rows.flat_map(|(y, row)| {
            let row = row[20..20 + SIZE.0].iter().enumerate();
            row.map(move |(x, &own)| {
                let covers = caption && CAPTION[0].contains(&y) && CAPTION[1].contains(&x);
                if covers { 235.0 } else { 0.5 * own + 8.0 }
            })
        });
        let clip = Grey::new(SIZE.0, SIZE.1, samples.collect()).expect("a picture");
        let map = Homography::affine([1.0, 0.0, -20.0, 0.0, 1.0, -10.0]).expect("a shift");
        (shown, vec![clip; 4], map)
    }

    fn beside(caption: bool, (right, down): (f64, f64)) -> Option<Overlay> {
        let (shown, clip, map) = still(caption);
        let off = Homography::affine([1.0, 0.0, right, 0.0, 1.0, down]).expect("a shift");
        let map = map.then(&off).expect("a map");
        let pictures: Vec<_> = clip.iter().map(|own| (own, &shown, map)).collect();
        Overlay::beside(&pictures)
    }

    #[test]
    fn a_caption_over_a_still_picture_is_told_by_the_title() {
        for off in [(0.0, 0.0), (0.7, -0.6)] {
            let overlay = beside(true, off).expect("a caption");
            let share = |x: [f64; 2], y: [f64; 2]| overlay.share((x[0], y[0]), (x[1], y[1]));
            assert!(share([0.24, 0.77], [0.15, 0.29]) > 0.999, "{off:?}");
            assert!(share([0.0, 1.0], [0.4, 1.0]) < 0.01, "{off:?}");
        }
    }

    #[test]
    fn what_the_title_shows_is_not_covered() {
        assert_eq!(beside(false, (0.0, 0.0)), None);
        assert_eq!(beside(false, (0.7, -0.6)), None);
        let (shown, clip, map) = still(true);
        let few: Vec<_> = clip[..2].iter().map(|own| (own, &shown, map)).collect();
        assert_eq!(Overlay::beside(&few), None);
        assert_eq!(Overlay::beside(&[]), None);
    }

    #[test]
    fn few_pictures_and_pictures_of_several_sizes_tell_nothing() {
        let mut pictures = gliding(true);
        assert_eq!(find(&pictures[..4]), None);
        pictures[2] = pictures[2].halved().expect("large enough");
        assert_eq!(find(&pictures), None);
        assert_eq!(Overlay::find(&[]), None);
    }

    #[test]
    fn lines_spread_no_further_than_their_reach() {
        let line = [1, 0, 0, 0, 0, 0, 1, 1, 0, 0].map(|set| set == 1);
        let near = [1, 1, 0, 0, 0, 1, 1, 1, 1, 0].map(|set| set == 1);
        assert_eq!(spread(&line, 1), near);
        assert_eq!(spread(&line, 0), line);
        assert_eq!(spread(&line, 3), [true; 10]);
        assert_eq!(
            eroded(&near, 10, 1, 1),
            [1, 0, 0, 0, 0, 0, 1, 1, 0, 0].map(|s| s == 1)
        );
    }
}
