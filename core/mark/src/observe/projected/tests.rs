use super::*;
use crate::format::FormatSpec;
use crate::observe::{Placement, Sampler};
use countermark_picture::{BitDepth, PlaneGeometry};

const MASTER: (usize, usize) = (640, 360);

/// A picture of the unit square, smooth on the scale of a lattice sample.
fn picture(u: f64, v: f64) -> f64 {
    let wave = |x: f64| (x * std::f64::consts::TAU).sin();
    120.0 + 40.0 * wave(9.0 * u + 2.0 * v) + 30.0 * wave(7.0 * v - 3.0 * u) + 10.0 * wave(21.0 * u)
}

fn render(size: (usize, usize), back: impl Fn(f64, f64) -> (f64, f64)) -> Vec<u16> {
    let sample = |x: usize, y: usize| {
        let (u, v) = back(x as f64 + 0.5, y as f64 + 0.5);
        (picture(u, v) * 64.0).round() as u16
    };
    (0..size.1)
        .flat_map(|y| (0..size.0).map(move |x| (x, y)))
        .map(|(x, y)| sample(x, y))
        .collect()
}

fn lattice() -> LatticeGeometry {
    FormatSpec::CURRENT
        .lattice(MASTER.0, MASTER.1)
        .expect("a supported size")
}

fn upright() -> Observation {
    let samples = render(MASTER, |x, y| (x / MASTER.0 as f64, y / MASTER.1 as f64));
    let geometry = PlaneGeometry::packed(MASTER.0, MASTER.1).expect("a valid size");
    let plane = PlaneView::new(&samples, geometry, depth()).expect("a whole plane");
    Sampler::new(MASTER, Placement::Whole, lattice(), CpuLevel::probe())
        .expect("inside the frame")
        .observe(&plane, 0.0)
        .expect("a whole frame")
}

fn depth() -> BitDepth {
    BitDepth::new(14).expect("a supported depth")
}

fn seen_through(
    size: (usize, usize),
    projection: [f64; 9],
    back: impl Fn(f64, f64) -> (f64, f64),
) -> Result<Observation, ObserveError> {
    let samples = render(size, back);
    let geometry = PlaneGeometry::packed(size.0, size.1).expect("a valid size");
    let plane = PlaneView::new(&samples, geometry, depth()).expect("a whole plane");
    let map = Homography::new(projection).expect("a map");
    let projection = Projection::new(map).expect("before the horizon");
    ProjectedSampler::new(lattice(), CpuLevel::probe()).observe(&plane, &projection, 0.0)
}

/// The largest difference of a coefficient over the blocks that both show, as a share of the picture's own deviation.
fn difference(a: &Observation, b: &Observation) -> f64 {
    let blocks = lattice().blocks();
    let mut energy = 0.0_f64;
    let mut worst = 0.0_f64;
    for (i, (x, y)) in a
        .coefficients
        .values()
        .iter()
        .zip(b.coefficients.values())
        .enumerate()
    {
        let block = (i % blocks) as u32;
        if i < blocks || a.unseen.contains(&block) || b.unseen.contains(&block) {
            continue;
        }
        energy = energy.max(f64::from(x.abs()));
        worst = worst.max(f64::from((x - y).abs()));
    }
    worst / energy
}

#[test]
fn the_whole_picture_is_what_the_fast_way_sees() {
    let (w, h) = (MASTER.0 as f64, MASTER.1 as f64);
    let found = seen_through(MASTER, [w, 0.0, 0.0, 0.0, h, 0.0, 0.0, 0.0, 1.0], |x, y| {
        (x / w, y / h)
    })
    .expect("all of it");
    assert!(found.unseen.is_empty());
    // Bilinear points blur a little more than whole samples do.
    assert!(difference(&upright(), &found) < 0.03);
}

#[test]
fn a_crop_shows_some_blocks_and_those_truly() {
    // The right three quarters and the lower half, on 960 x 400 samples.
    let (sx, sy) = (960.0 / 0.75, 400.0 / 0.5);
    let found = seen_through(
        (960, 400),
        [sx, 0.0, -0.25 * sx, 0.0, sy, -0.5 * sy, 0.0, 0.0, 1.0],
        |x, y| (x / sx + 0.25, y / sy + 0.5),
    )
    .expect("some of it");
    let (cols, rows) = (lattice().cols(), lattice().rows());
    let hidden = |block: &u32| {
        let (col, row) = (*block as usize % cols, *block as usize / cols);
        (col as f64) < 0.25 * cols as f64 - 1e-9 || (row as f64) < 0.5 * rows as f64 - 1e-9
    };
    let expected: Vec<u32> = (0..(cols * rows) as u32).filter(hidden).collect();
    assert_eq!(found.unseen, expected);
    assert!(difference(&upright(), &found) < 0.03);
    let blocks = lattice().blocks();
    for &block in &found.unseen {
        let zero = found.coefficients.values()[block as usize..]
            .iter()
            .step_by(blocks)
            .all(|x| x.abs() < f32::EPSILON);
        assert!(zero, "block {block}");
    }
}

#[test]
fn of_a_block_that_the_border_cuts_its_cells_are_seen() {
    // From half of the fourth column of blocks on, and from a quarter of the third row on.
    let (cols, rows) = (lattice().cols(), lattice().rows());
    let (left, top) = (3.5 / cols as f64, 2.25 / rows as f64);
    let (sx, sy) = (960.0 / (1.0 - left), 500.0 / (1.0 - top));
    let found = seen_through(
        (960, 500),
        [sx, 0.0, -left * sx, 0.0, sy, -top * sy, 0.0, 0.0, 1.0],
        |x, y| (x / sx + left, y / sy + top),
    )
    .expect("some of it");
    let right_half: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    let lower = u64::MAX << 16;
    let expected: Vec<(u32, u64)> = (0..cols * rows)
        .filter_map(|block| {
            let seen = match (block % cols, block / cols) {
                (3, 2) => right_half & lower,
                (3, 3..) => right_half,
                (4.., 2) => lower,
                _ => return None,
            };
            Some((block as u32, seen))
        })
        .collect();
    let parts = found
        .parts
        .iter()
        .map(|(block, part, _)| (block, part.seen()));
    assert_eq!(parts.collect::<Vec<_>>(), expected);
    // And as they would be cut out of the whole picture, which is smooth: its band is nearly all of it.
    let upright = upright();
    let band = Band::of_mark(lattice());
    let (mut apart, mut energy) = (0.0_f64, 0.0_f64);
    for (block, part, values) in found.parts.iter() {
        let of_block = upright.coefficients.values().iter().skip(block as usize);
        let mut own: Vec<f32> = of_block.step_by(cols * rows).skip(1).copied().collect();
        part.window().of(&mut own, &band);
        for (x, y) in values.iter().zip(&own) {
            apart += f64::from((x - y) * (x - y));
            energy += f64::from(y * y);
        }
    }
    let share = (apart / energy).sqrt();
    assert!(share < 0.05, "{share}");
}

#[test]
fn the_whole_picture_has_no_parts() {
    let (w, h) = (MASTER.0 as f64, MASTER.1 as f64);
    let map = [w, 0.0, 0.0, 0.0, h, 0.0, 0.0, 0.0, 1.0];
    let found = seen_through(MASTER, map, |x, y| (x / w, y / h)).expect("all of it");
    assert!(found.parts.is_empty());
}

#[test]
fn a_mirrored_and_turned_frame_in_perspective_is_set_right() {
    // u and v exchanged and mirrored, with a horizon: x = 700 (1 - v) / w, y = 900 u / w, w = 1 + 0.2 u - 0.1 v.
    let projection = [0.0, -700.0, 700.0, 900.0, 0.0, 0.0, 0.2, -0.1, 1.0];
    let back = |x: f64, y: f64| {
        // y (1 + 0.2 u - 0.1 v) = 900 u and x (1 + 0.2 u - 0.1 v) = 700 (1 - v): two linear equations.
        let (a, b, c) = (900.0 - 0.2 * y, 0.1 * y, y);
        let (d, e, f) = (0.2 * x, 700.0 - 0.1 * x, 700.0 - x);
        let det = a * e - b * d;
        ((c * e - b * f) / det, (a * f - c * d) / det)
    };
    let found = seen_through((780, 760), projection, back).expect("all of it");
    assert!(
        found.unseen.len() < lattice().blocks() / 4,
        "{}",
        found.unseen.len()
    );
    assert!(difference(&upright(), &found) < 0.04);
}

#[test]
fn a_picture_beside_the_frame_or_across_the_horizon_is_refused() {
    let beside = [640.0, 0.0, 900.0, 0.0, 360.0, 0.0, 0.0, 0.0, 1.0];
    assert!(matches!(
        seen_through(MASTER, beside, |_, _| (0.0, 0.0)),
        Err(ObserveError::Unseen { .. })
    ));
    let map = Homography::new([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -2.0, 0.0, 1.0]).expect("a map");
    assert!(Projection::new(map).is_none());
}

#[test]
fn every_level_gives_the_same_bits_and_cells_are_means_of_their_points() {
    let size = (417, 298);
    let samples = render(size, |x, y| (x / 417.0, y / 298.0));
    let geometry = PlaneGeometry::packed(size.0, size.1).expect("a valid size");
    let plane = PlaneView::new(&samples, geometry, depth()).expect("a whole plane");
    let wave = Bend::new(
        (6, 4),
        (0..63).map(|i| [0.004 * f64::from(i % 5), 0.003]).collect(),
    );
    let bend = Arc::new(wave.expect("folds nothing"));
    for tilt in [0.0, 0.07] {
        let map = [560.0, 14.0, -60.0, -9.0, 380.0, -21.0, tilt, -tilt, 1.0];
        let map = Homography::new(map).expect("a map");
        let level = Projection::new(map).expect("before the horizon");
        for projection in [level.clone(), level.bent(Some(Arc::clone(&bend)))] {
            let seen: Vec<Observation> = CpuLevel::available()
                .into_iter()
                .map(|level| {
                    ProjectedSampler::new(lattice(), level)
                        .observe(&plane, &projection, 0.0)
                        .expect("blocks inside the frame")
                })
                .collect();
            let bits = |observation: &Observation| -> Vec<u32> {
                let values = observation.coefficients.values();
                values.iter().map(|value| value.to_bits()).collect()
            };
            let first = bits(&seen[0]);
            assert!(first.iter().any(|bits| *bits != 0));
            assert!(seen.iter().all(|observation| bits(observation) == first));
            // Each cell as the loop over points says, which stands in the module's head.
            let mut by_points = ProjectedSampler::new(lattice(), CpuLevel::PORTABLE);
            by_points
                .observe(&plane, &projection, 0.0)
                .expect("the same");
            let (col, row) = (lattice().cols() / 2, lattice().rows() / 2);
            let (i, j) = (col * BLOCK + 3, row * BLOCK + 5);
            let cell = by_points.plane.samples()[j * lattice().width() + i];
            let mut mean = 0.0;
            for point in 0..16 {
                let u = (i as f64 + (f64::from(point % 4) + 0.5) / 4.0) / lattice().width() as f64;
                let v = (j as f64 + (f64::from(point / 4) + 0.5) / 4.0) / lattice().height() as f64;
                let (x, y) = projection.map(u, v);
                let (x, y) = (x - 0.5, y - 0.5);
                let (x0, y0) = (x.floor() as usize, y.floor() as usize);
                let sample = |x: usize, y: usize| f64::from(samples[y * size.0 + x]) / 64.0;
                let (fx, fy) = (x - x.floor(), y - y.floor());
                let line = |y| (1.0 - fx) * sample(x0, y) + fx * sample(x0 + 1, y);
                mean += ((1.0 - fy) * line(y0) + fy * line(y0 + 1)) / 16.0;
            }
            assert!((f64::from(cell) - mean).abs() < 1e-3, "{cell} {mean}");
        }
    }
}
