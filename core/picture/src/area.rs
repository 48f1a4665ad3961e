//! Area averaging of a rectangle of luma onto a small grid.
//!
//! ```text
//! t[j,i] = (N M / w h) * integral over [j h/N, (j+1) h/N) x [i w/M, (i+1) w/M) of p(y, x)
//! ```
//!
//! `p` is constant within each source sample, so a sample that straddles two cells is shared by its covered area. Holds
//! for any ratio, also when the rectangle has fewer samples than the grid has cells.
//!
//! # Shapes and units
//! In: `w x h` samples of any depth. Out: `N` rows of `M` cells, row major, 8-bit code values.

use crate::{PlaneView, Rect, Sample};

/// The samples that one cell covers along one axis.
struct Cover {
    first: usize,
    last: usize,
    first_weight: f32,
    last_weight: f32,
}

impl Cover {
    /// Cell `index` of `cells` over `length` samples; weights are covered lengths divided by the cell's length.
    fn new(index: usize, cells: usize, length: usize) -> Self {
        // In units of 1/cells of a sample the cell is [index * length, (index + 1) * length): exact in integers.
        let (from, to) = (index * length, (index + 1) * length);
        let (first, last) = (from / cells, (to - 1) / cells);
        let scale = 1.0 / length as f32;
        let (first_weight, last_weight) = if first == last {
            (1.0, 0.0)
        } else {
            (
                ((first + 1) * cells - from) as f32 * scale,
                (to - last * cells) as f32 * scale,
            )
        };
        Self {
            first,
            last,
            first_weight,
            last_weight,
        }
    }
}

/// Averages `rect` of `view` (clamped to the plane) onto `columns x rows` cells in 8-bit code values.
///
/// `cells` is overwritten and keeps its allocation between calls.
pub fn area_average<T: Sample>(
    view: &PlaneView<'_, T>,
    rect: Rect,
    columns: usize,
    rows: usize,
    cells: &mut Vec<f32>,
) {
    cells.clear();
    cells.resize(columns * rows, 0.0);
    if cells.is_empty() {
        return;
    }
    let rect = rect.clamped(view.width(), view.height());
    let covers: Vec<Cover> = (0..columns)
        .map(|i| Cover::new(i, columns, rect.width))
        .collect();
    let inner = columns as f32 / rect.width as f32;
    let mut line = vec![0.0_f32; columns];
    let mut source = view.rows().skip(rect.top);
    let mut held = None;
    for (j, out) in cells.chunks_exact_mut(columns).enumerate() {
        let cover = Cover::new(j, rows, rect.height);
        for y in cover.first..=cover.last {
            if held != Some(y) {
                let Some(row) = source.next() else { return };
                let row = &row[rect.left..rect.left + rect.width];
                for (cell, cover) in line.iter_mut().zip(&covers) {
                    *cell = average(row, cover, inner);
                }
                held = Some(y);
            }
            let weight = match y {
                y if y == cover.first => cover.first_weight,
                y if y == cover.last => cover.last_weight,
                _ => rows as f32 / rect.height as f32,
            } * view.level();
            for (cell, &value) in out.iter_mut().zip(&line) {
                *cell += weight * value;
            }
        }
    }
}

fn average<T: Sample>(row: &[T], cover: &Cover, inner: f32) -> f32 {
    let sample = |x: usize| row[x].value();
    if cover.first == cover.last {
        return sample(cover.first);
    }
    // Integers: exact, and the order of summation does not matter.
    let middle: u64 = row[cover.first + 1..cover.last]
        .iter()
        .map(|&sample| u64::from(sample.into()))
        .sum();
    cover.first_weight * sample(cover.first)
        + inner * middle as f32
        + cover.last_weight * sample(cover.last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{BitDepth, PlaneGeometry};

    /// The integral of the head's equation, sample by sample.
    fn oracle(samples: &[u8], width: usize, rect: Rect, columns: usize, rows: usize) -> Vec<f64> {
        let overlap = |a0: f64, a1: f64, b0: f64, b1: f64| (a1.min(b1) - a0.max(b0)).max(0.0);
        let (cell_w, cell_h) = (
            rect.width as f64 / columns as f64,
            rect.height as f64 / rows as f64,
        );
        let mut cells = Vec::new();
        for j in 0..rows {
            for i in 0..columns {
                let mut sum = 0.0;
                for y in 0..rect.height {
                    for x in 0..rect.width {
                        let area = overlap(
                            j as f64 * cell_h,
                            (j + 1) as f64 * cell_h,
                            y as f64,
                            y as f64 + 1.0,
                        ) * overlap(
                            i as f64 * cell_w,
                            (i + 1) as f64 * cell_w,
                            x as f64,
                            x as f64 + 1.0,
                        );
                        sum += area * f64::from(samples[(y + rect.top) * width + x + rect.left])
                            / (cell_w * cell_h);
                    }
                }
                cells.push(sum);
            }
        }
        cells
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn average_is_the_integral_over_the_cell(
            samples in prop::collection::vec(any::<u8>(), 40 * 30),
            left in 0_usize..20, top in 0_usize..20, width in 1_usize..40, height in 1_usize..30,
            columns in 1_usize..17, rows in 1_usize..17,
        ) {
            let rect = Rect { left, top, width, height }.clamped(40, 30);
            let packed = PlaneGeometry::packed(40, 30)?;
            let view = PlaneView::new(&samples, packed, BitDepth::EIGHT)?;
            let mut cells = Vec::new();
            area_average(&view, rect, columns, rows, &mut cells);
            for (got, want) in cells.iter().zip(oracle(&samples, 40, rect, columns, rows)) {
                // Sums of at most 1,200 samples of 255 in f32.
                prop_assert!((f64::from(*got) - want).abs() < 2e-3, "{got} {want}");
            }
        }

        #[test]
        fn ten_bits_and_padding_change_nothing(
            samples in prop::collection::vec(any::<u8>(), 33 * 21),
            padding in 0_usize..9,
        ) {
            let mut wide = vec![1023_u16; (33 + padding) * 21];
            for (to, from) in wide.chunks_mut(33 + padding).zip(samples.chunks(33)) {
                for (t, &f) in to.iter_mut().zip(from) {
                    *t = u16::from(f) * 4;
                }
            }
            let (mut a, mut b) = (Vec::new(), Vec::new());
            let rect = Rect::whole(33, 21);
            let (packed, padded) = (PlaneGeometry::packed(33, 21)?, PlaneGeometry::new(33, 21, 33 + padding)?);
            area_average(&PlaneView::new(&samples, packed, BitDepth::EIGHT)?, rect, 8, 8, &mut a);
            area_average(&PlaneView::new(&wide, padded, BitDepth::TEN)?, rect, 8, 8, &mut b);
            prop_assert_eq!(a, b);
        }
    }
}
