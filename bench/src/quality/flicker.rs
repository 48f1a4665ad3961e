//! Temporal flicker: how much the mark changes from frame to frame where the picture is flat and still.
//!
//! ```text
//! d_t = marked_t - master_t
//! cell B of 8 x 8 samples is flat at t  <=>  std_B(master_t) < 2  and  RMS_B(master_t - master_(t-1)) < 2
//! flicker = RMS of d_t - d_(t-1) over all samples of flat cells, t >= 1
//! share   = samples in flat cells / all samples,                  t >= 1
//! ```
//!
//! Nothing in a flat and still cell hides a change, so that is where a mark that is drawn anew for each frame is seen to
//! boil. A static mark has no flicker, however strong it is. At a cut the master itself changes by more than the limit,
//! and such cells do not count; the picture's own grain does not either once it is as large as the limits.
//!
//! # Shapes and units
//! Code values at 8 bits: the differences of a deeper picture are divided by `2^(bit_depth - 8)`. Cells begin at the
//! upper left corner; the fewer than eight columns and lines that are left over are never flat. Black bars are flat:
//! they dilute the flicker of the picture between them, and the share tells.

use countermark_picture::PlaneView;
use serde::{Deserialize, Serialize};

use super::pair::{PlanePair, Square, code};

/// Samples of a cell, each way.
pub(super) const CELL: usize = 8;
pub(super) const CELL_SAMPLES: u64 = (CELL * CELL) as u64;
/// A cell with this standard deviation or more has texture, in code values at 8 bits.
const TEXTURE: u64 = 2;
/// A cell whose change from the frame before has this RMS or more moves, in code values at 8 bits.
const MOTION: u64 = 2;

/// The result over a clip that has flat and still regions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Flicker {
    /// RMS of the mark's change from frame to frame, in code values at 8 bits.
    pub rms_codes: f64,
    /// Share of all samples that were flat and still, over 0 and at most 1.
    pub share: f64,
}

/// Adds up frames.
#[derive(Debug, Clone, Default)]
pub(super) struct FlickerMeter {
    /// Of the mark's changes, in squared code values at 8 bits.
    energy: f64,
    flat: u64,
    seen: u64,
}

impl FlickerMeter {
    /// Counts a frame with the one before it. Frames of another size or depth than the one before do not count.
    pub(super) fn add<T: Square>(&mut self, now: &PlanePair<'_, T>, before: &PlanePair<'_, T>) {
        let shape = |pair: &PlanePair<'_, T>| (pair.width(), pair.height(), pair.bit_depth());
        if shape(now) != shape(before) {
            return;
        }
        let unit = u64::from(now.bit_depth().codes_per_8bit_code());
        let (mut energy, mut cells) = (0, 0);
        for y in (0..now.height() / CELL).map(|row| row * CELL) {
            let planes = [now.master(), before.master(), now.marked(), before.marked()];
            let strips = planes.map(|plane| strip(plane, y));
            for column in 0..now.width() / CELL {
                let [master, master_before, marked, marked_before] =
                    strips.each_ref().map(|strip| strip.map(|row| &row[column]));
                if !is_smooth(&master, unit) || !is_still(&master, &master_before, unit) {
                    continue;
                }
                cells += 1;
                energy += squares::<T>(|row, i| {
                    let mark = code(marked[row][i]) - code(master[row][i]);
                    mark - (code(marked_before[row][i]) - code(master_before[row][i]))
                });
            }
        }
        self.energy += energy as f64 / (unit * unit) as f64;
        self.flat += cells * CELL_SAMPLES;
        self.seen += (now.width() * now.height()) as u64;
    }

    /// None when nothing was flat and still.
    pub(super) fn result(&self) -> Option<Flicker> {
        (self.flat > 0).then(|| Flicker {
            rms_codes: (self.energy / self.flat as f64).sqrt(),
            share: self.flat as f64 / self.seen as f64,
        })
    }
}

/// One row of a cell for each of its eight rows.
pub(super) type Cell<'a, T> = [&'a [T; CELL]; CELL];

/// The eight rows from `y`, in whole cells.
pub(super) fn strip<'a, T: Square>(plane: &PlaneView<'a, T>, y: usize) -> [&'a [[T; CELL]]; CELL] {
    std::array::from_fn(|row| plane.row(y + row).as_chunks().0)
}

/// `n sum x^2 - (sum x)^2 < (n TEXTURE)^2`: the variance times `n^2`, exactly.
pub(super) fn is_smooth<T: Square>(cell: &Cell<'_, T>, unit: u64) -> bool {
    let sum: u64 = cell
        .iter()
        .map(|row| row.iter().map(|&s| code(s) as u64).sum::<u64>())
        .sum();
    let square = squares::<T>(|row, i| code(cell[row][i]));
    CELL_SAMPLES * square - sum * sum < (CELL_SAMPLES * TEXTURE * unit).pow(2)
}

fn is_still<T: Square>(cell: &Cell<'_, T>, before: &Cell<'_, T>, unit: u64) -> bool {
    let change = squares::<T>(|row, i| code(cell[row][i]) - code(before[row][i]));
    change < CELL_SAMPLES * (MOTION * unit).pow(2)
}

/// The sum over a cell of the square of `difference(row, column)`.
#[inline]
fn squares<T: Square>(difference: impl Fn(usize, usize) -> i32) -> u64 {
    // A sum for each column: one register each instead of a chain of additions.
    let mut sums = [T::Sum::default(); CELL];
    for row in 0..CELL {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += T::square(difference(row, i));
        }
    }
    sums.into_iter().map(Into::into).sum()
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::{Picture, noise};
    use super::*;

    const SIZE: (usize, usize) = (43, 29);

    fn flat(level: u8) -> Picture<u8> {
        Picture::new(SIZE, 8, move |_, _| level)
    }

    fn measure<T: Square>(frames: &[[&Picture<T>; 2]]) -> Option<Flicker> {
        let mut meter = FlickerMeter::default();
        for two in frames.windows(2) {
            let [[m0, k0], [m1, k1]] = [two[0], two[1]];
            meter.add(&m1.with(k1), &m0.with(k0));
        }
        meter.result()
    }

    /// Straight from the definition, sample by sample, in code values at 8 bits.
    fn oracle(frames: usize, at: impl Fn(usize, usize, [usize; 2]) -> f64) -> (f64, f64) {
        let (mut energy, mut flat, mut seen) = (0.0, 0.0, 0.0);
        for t in 1..frames {
            seen += (SIZE.0 * SIZE.1) as f64;
            for cell in 0..(SIZE.0 / 8) * (SIZE.1 / 8) {
                let (x, y) = (cell % (SIZE.0 / 8) * 8, cell / (SIZE.0 / 8) * 8);
                let samples: Vec<[usize; 2]> = (0..64).map(|i| [x + i % 8, y + i / 8]).collect();
                let mean = |of: &dyn Fn([usize; 2]) -> f64| {
                    samples.iter().map(|&s| of(s)).sum::<f64>() / 64.0
                };
                let level = mean(&|s| at(0, t, s));
                let variance = mean(&|s| (at(0, t, s) - level).powi(2));
                let change = mean(&|s| (at(0, t, s) - at(0, t - 1, s)).powi(2));
                if variance.sqrt() < 2.0 && change.sqrt() < 2.0 {
                    let d = |t, s| at(1, t, s) - at(0, t, s);
                    flat += 64.0;
                    energy += 64.0 * mean(&|s| (d(t, s) - d(t - 1, s)).powi(2));
                }
            }
        }
        (f64::sqrt(energy / flat), flat / seen)
    }

    #[test]
    fn agrees_with_the_definition_on_grain_of_growing_strength() {
        // Noise grows from left to right at 10 bits: cells on the left are flat, cells on the right are not.
        let sample = |which: usize, t: usize, [x, y]: [usize; 2]| {
            let grain = noise(20 + t, x, y, (x as u32 / 8) * 6);
            300 + grain + which as u32 * noise(30 + t, x, y, 9)
        };
        let pictures: Vec<[Picture<u16>; 2]> = (0..4)
            .map(|t| {
                [0, 1].map(|which| {
                    Picture::new(SIZE, 10, move |x, y| {
                        sample(which, t, [x.min(42), y]) as u16
                    })
                })
            })
            .collect();
        let frames: Vec<[&Picture<u16>; 2]> = pictures.iter().map(<[_; 2]>::each_ref).collect();
        let (rms, share) = oracle(4, |which, t, at| f64::from(sample(which, t, at)) / 4.0);
        let flicker = measure(&frames).expect("flat cells");
        assert!((flicker.rms_codes - rms).abs() < 1e-12, "{flicker:?} {rms}");
        assert!((flicker.share - share).abs() < 1e-12, "{flicker:?} {share}");
        assert!((0.1..0.9).contains(&share), "{share}");
    }

    #[test]
    fn a_static_mark_does_not_flicker_and_a_boiling_one_does() {
        let (master, brighter) = (flat(100), flat(103));
        let (still, share) = measure(&[[&master, &brighter]; 3])
            .map(|f| (f.rms_codes, f.share))
            .expect("flat");
        // 40 of 43 columns and 24 of 29 lines lie in whole cells.
        assert!(still < 1e-12 && (share - 960.0 / 1247.0).abs() < 1e-12);
        let boiling = measure(&[
            [&master, &brighter],
            [&master, &master],
            [&master, &brighter],
        ]);
        assert!((boiling.expect("flat").rms_codes - 3.0).abs() < 1e-12);
    }

    #[test]
    fn cuts_and_texture_do_not_count() {
        let (dark, bright) = (flat(40), flat(200));
        assert_eq!(measure(&[[&dark, &bright], [&bright, &dark]]), None);
        let texture = Picture::new(SIZE, 8, |x, y| noise(40, x, y, 60) as u8);
        assert_eq!(measure(&[[&texture, &dark], [&texture, &bright]]), None);
        assert_eq!(measure(&[[&dark, &bright]]), None);
    }

    #[test]
    fn limits_are_exclusive_at_every_depth() {
        let step = |bits: u8, codes: u16| {
            let [before, now] =
                [0, codes].map(|add| Picture::new(SIZE, bits, move |_, _| 64 + add));
            measure(&[[&before, &before], [&now, &now]]).is_some()
        };
        for bits in 8..=16 {
            let limit = 2 << (bits - 8);
            assert!(step(bits, limit - 1) && !step(bits, limit), "{bits} bits");
        }
        // Alternating columns m and m + 2 c have a standard deviation of c.
        let stripes = |bits: u8, codes: u16| {
            let picture = Picture::new(SIZE, bits, |x, _| 64 + codes * (x % 2) as u16);
            measure(&[[&picture, &picture]; 2]).is_some()
        };
        assert!(stripes(8, 3) && !stripes(8, 4));
        assert!(stripes(16, 1023) && !stripes(16, 1024));
    }

    #[test]
    fn a_change_of_size_does_not_count() {
        let (small, large) = (flat(90), Picture::new((80, 80), 8, |_, _| 90));
        let mut meter = FlickerMeter::default();
        meter.add(&large.with(&large), &small.with(&small));
        assert_eq!(meter.result(), None);
    }
}
