//! A map that shows a title a little better than the features of a print tell it.
//!
//! ```text
//! y = what the means of the print do,  x = what those of the reference do through the map,  x[k] = d x / d p[k],  x[t] = d x / d t
//! y ~ a x + sum_k a p[k] x[k] + a t x[t]       (Gauss-Newton; p: shifts and scales across and down, t: a shift in time)
//! ```
//!
//! Once of how they rise and fall against the second around, and once of their means over time, which have a constant of their own and in
//! which captions and dark corners count little: each is weighed by what it leaves.
//!
//! # Shapes and units
//! Shifts as shares of the print's sides; times in seconds.
//! # References
//! B. D. Lucas, T. Kanade, An iterative image registration technique (IJCAI 1981).

use std::sync::Arc;

use countermark_fingerprint::print::{MEANS, PrintMoment};
use countermark_picture::{Homography, solve};

use super::Shown;
use super::rises::Rises;
use crate::clip_print::shelf::Chunk;
use crate::registration::temporal::line::TimeMap;

/// Moments that are looked at.
const MOMENTS: usize = 24;
/// Fewer do not tell.
const LEAST_MOMENTS: usize = 8;
/// Steps that differences are taken over: shares of a side, and seconds.
const STEP: f64 = 0.01;
const TIME_STEP: f64 = 0.04;
/// Most that one round moves a corner by.
const MOST: f64 = 0.08;
const ROUNDS: usize = 3;
/// Gain, two shifts, two scales, time, and the constant of what stands still.
const UNKNOWNS: usize = 7;

/// Equations of a kind: what the print has, and what goes with each unknown.
type Rows = Vec<Row>;
type Row = (f64, [f64; UNKNOWNS]);

/// The map near `map` through which the moments of `line` look most like the reference; none where that is not told.
pub(crate) fn refined(
    chunks: &[Arc<Chunk>],
    mut map: Homography,
    (reference, size): ((usize, usize), (usize, usize)),
    (moments, mut line): (&[&PrintMoment], TimeMap),
) -> Option<Homography> {
    let every = moments.len().div_ceil(MOMENTS).max(1);
    let moments: Vec<&PrintMoment> = moments.iter().copied().step_by(every).collect();
    if moments.len() < LEAST_MOMENTS {
        return None;
    }
    let rises = Rises::of(&moments);
    for _ in 0..ROUNDS {
        let wanted: Vec<f64> = moments.iter().map(|m| line.at(m.clip_time)).collect();
        let through = |map: &Homography| Shown::of_moments(chunks, map, reference, size, &wanted);
        let shown = through(&map)?;
        let now = seen(&shown, &moments, line)?;
        let mut beside = Vec::with_capacity(4);
        for unknown in 0..4 {
            let moved = map.then(&step(unknown, STEP, size)?)?;
            beside.push(seen(&through(&moved)?, &moments, line)?);
        }
        let later = TimeMap {
            offset: line.offset + TIME_STEP,
            ..line
        };
        let later = seen(&shown, &moments, later)?;
        let ways: Vec<(&Vec<[f32; MEANS]>, f64)> = beside
            .iter()
            .map(|beside| (beside, STEP))
            .chain([(&later, TIME_STEP)])
            .collect();
        let own: Vec<[f32; MEANS]> = moments.iter().map(|moment| moment.means).collect();
        let parts: Vec<usize> = (0..MEANS).filter(|k| shown.parts[*k]).collect();
        let moving = moving_rows((&own, &now, &ways), &rises, &parts);
        let still = still_rows((&own, &now, &ways), &parts);
        let [gain, across, down, wide, high, time, _] = solved(&moving, &still)?;
        if gain < 0.2 {
            return None;
        }
        let most = |value: f64| (value / gain).clamp(-MOST, MOST);
        let shares = [across, down, wide, high].map(most);
        for (unknown, share) in shares.into_iter().enumerate() {
            map = map.then(&step(unknown, share, size)?)?;
        }
        line.offset += most(time);
        if shares.iter().all(|share| share.abs() < STEP / 10.0) {
            break;
        }
    }
    Some(map)
}

/// A small step in one of the unknowns of a map, about the middle of the print.
fn step(unknown: usize, share: f64, size: (usize, usize)) -> Option<Homography> {
    let (width, height) = (size.0 as f64, size.1 as f64);
    let scale = 1.0 + share;
    Homography::affine(match unknown {
        0 => [1.0, 0.0, share * width, 0.0, 1.0, 0.0],
        1 => [1.0, 0.0, 0.0, 0.0, 1.0, share * height],
        2 => [scale, 0.0, -share * width / 2.0, 0.0, 1.0, 0.0],
        _ => [1.0, 0.0, 0.0, 0.0, scale, -share * height / 2.0],
    })
}

/// What the reference shows at each moment; none where it ends.
fn seen(shown: &Shown, moments: &[&PrintMoment], line: TimeMap) -> Option<Vec<[f32; MEANS]>> {
    let mut near = 0;
    let of = |moment: &&PrintMoment| shown.at(line.at(moment.clip_time), &mut near);
    moments.iter().map(of).collect()
}

/// What a print has, what the reference shows, and what it shows a step aside in each unknown.
type Means<'a> = (
    &'a [[f32; MEANS]],
    &'a [[f32; MEANS]],
    &'a [(&'a Vec<[f32; MEANS]>, f64)],
);

fn moving_rows((own, now, ways): Means<'_>, rises: &Rises, parts: &[usize]) -> Rows {
    let mut rows = Vec::with_capacity(own.len() * parts.len());
    for (at, &[first, last]) in rises.windows.iter().enumerate() {
        let risen = |means: &[[f32; MEANS]], k: usize| {
            let around = &means[first..=last];
            let sum: f32 = around.iter().map(|means| means[k]).sum();
            f64::from(means[at][k] - sum / around.len() as f32)
        };
        for &k in parts {
            let here = risen(now, k);
            let mut row = [0.0; UNKNOWNS];
            row[0] = here;
            for (unknown, (beside, step)) in ways.iter().enumerate() {
                row[1 + unknown] = (risen(beside, k) - here) / step;
            }
            rows.push((risen(own, k), row));
        }
    }
    rows
}

fn still_rows((own, now, ways): Means<'_>, parts: &[usize]) -> Rows {
    let mean = |means: &[[f32; MEANS]], k: usize| {
        f64::from(means.iter().map(|means| means[k]).sum::<f32>()) / means.len() as f64
    };
    let row = |&k: &usize| {
        let here = mean(now, k);
        let mut row = [0.0; UNKNOWNS];
        row[0] = here;
        for (unknown, (beside, step)) in ways.iter().enumerate() {
            row[1 + unknown] = (mean(beside, k) - here) / step;
        }
        row[UNKNOWNS - 1] = 1.0;
        (mean(own, k), row)
    };
    parts.iter().map(row).collect()
}

/// The unknowns by least squares, each row weighed by what its kind leaves, and those that are far off less.
fn solved(moving: &[Row], still: &[Row]) -> Option<[f64; UNKNOWNS]> {
    let mut found = [0.0; UNKNOWNS];
    found[0] = 1.0;
    let mean =
        |of: &dyn Fn(&Row) -> f64| still.iter().map(of).sum::<f64>() / still.len().max(1) as f64;
    found[UNKNOWNS - 1] = mean(&|row| row.0) - mean(&|row| row.1[0]);
    for _ in 0..3 {
        let left = |(value, row): &Row| {
            let sum: f64 = row.iter().zip(&found).map(|(row, found)| row * found).sum();
            value - sum
        };
        let mut normal = [[0.0; UNKNOWNS]; UNKNOWNS];
        let mut right = [0.0; UNKNOWNS];
        for rows in [moving, still] {
            let residuals: Vec<f64> = rows.iter().map(left).collect();
            let mut sizes: Vec<f64> = residuals.iter().map(|left| left.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            // As a normal distribution's deviation goes with its median.
            let deviation = (1.48 * sizes[sizes.len() / 2]).max(0.05);
            for ((value, row), left) in rows.iter().zip(residuals) {
                let weight = 1.0 / (deviation * left.abs().max(deviation));
                for (i, a) in row.iter().enumerate() {
                    right[i] += weight * a * value;
                    for (normal, b) in normal[i].iter_mut().zip(row) {
                        *normal += weight * a * b;
                    }
                }
            }
        }
        for (i, normal) in normal.iter_mut().enumerate() {
            normal[i] *= 1.0 + 1e-6;
        }
        found = solve(normal, right)?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves that wander over a picture.
    fn chunk() -> Chunk {
        let size = (64, 36);
        let times: Vec<f64> = (0..200).map(|n| f64::from(n) / 25.0).collect();
        let mut samples = Vec::new();
        for time in &times {
            for at in 0..size.0 * size.1 {
                let (x, y) = ((at % size.0) as f64, (at / size.0) as f64);
                let wave = (0.23 * x + 0.8 * time).sin() + (0.31 * y - 1.1 * time).sin();
                let level = 120.0 + 25.0 * wave + 12.0 * (0.17 * (x + y) + 2.3 * time).cos();
                samples.push((level * 128.0) as u16);
            }
        }
        Chunk::of(size, times, samples)
    }

    #[test]
    fn a_map_that_is_a_little_off_is_mended_whatever_lies_in_a_corner() {
        let chunks = [Arc::new(chunk())];
        let place = ((512, 288), (400, 300));
        let right = Homography::affine([1.1, 0.0, -70.0, 0.0, 1.2, -25.0]).expect("a map");
        let shown = Shown::through(&chunks, &right, place.0, place.1).expect("parts");
        let line = TimeMap {
            offset: 1.5,
            speed: 1.0,
        };
        let moments: Vec<PrintMoment> = (0..40)
            .map(|n| {
                let clip_time = f64::from(n) / 8.0;
                let mut near = 0;
                let shown = shown.at(line.at(clip_time), &mut near).expect("a frame");
                let mut means = shown.map(|mean| 0.9 * mean + 5.0);
                means[MEANS - 2] = 230.0;
                PrintMoment { clip_time, means }
            })
            .collect();
        let moments: Vec<&PrintMoment> = moments.iter().collect();
        let off = Homography::affine([1.15, 0.0, -72.0, 0.0, 1.17, -17.0]).expect("a map");
        let found = refined(&chunks, off, place, (&moments, line)).expect("a map");
        let far = |map: &Homography| -> f64 {
            let corners = [(70.0, 25.0), (420.0, 25.0), (420.0, 265.0), (70.0, 265.0)];
            let apart = corners.map(|corner| {
                let ((x, y), (u, v)) = (map.project(corner), right.project(corner));
                (x - u).hypot(y - v)
            });
            apart.into_iter().fold(0.0, f64::max)
        };
        assert!(
            far(&off) > 14.0 && far(&found) < 2.0,
            "{} {}",
            far(&off),
            far(&found)
        );
    }
}
