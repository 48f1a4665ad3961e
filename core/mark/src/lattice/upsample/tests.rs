use super::*;
use crate::format::FormatSpec;
use crate::lattice::dct::{Band, BlockDct, CoefficientPlane};
use crate::lattice::dither::tests::test_tile;
use crate::lattice::downsample::Downsampler;
use crate::lattice::interpolation::AxisResponse;
use proptest::prelude::*;
use std::sync::LazyLock;

static TILE: LazyLock<DitherTile> = LazyLock::new(test_tile);

fn words(seed: u32) -> impl Iterator<Item = u32> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    })
}

fn pattern(lattice: LatticeGeometry, amplitude: f32, seed: u32) -> LatticePlane {
    let mut pattern = LatticePlane::new(lattice);
    for (sample, word) in pattern.samples_mut().iter_mut().zip(words(seed)) {
        *sample = (word as f32 / 32_768.0 - 1.0) * amplitude;
    }
    pattern
}

fn rounding(bit_depth: BitDepth) -> Rounding<'static> {
    let (tile, offset) = (&*TILE, DitherOffset { x: 11, y: 40 });
    let range = CodeRange::full(bit_depth);
    Rounding {
        tile,
        offset,
        range,
    }
}

/// The interpolated pattern from Keys' formula, in f64, code values of 8 bits.
fn oracle(pattern: &LatticePlane, width: usize, height: usize) -> Vec<f64> {
    let keys = |d: f64| match d.abs() {
        d if d <= 1.0 => 1.5 * d.powi(3) - 2.5 * d * d + 1.0,
        d if d <= 2.0 => -0.5 * d.powi(3) + 2.5 * d * d - 4.0 * d + 2.0,
        _ => 0.0,
    };
    let at = |line: &[f64], x: usize| -> f64 {
        let s = (x as f64 + 0.5) * line.len() as f64 / width as f64 - 0.5;
        let first = s.floor() as isize - 1;
        (first..first + 4)
            .map(|i| keys(s - i as f64) * line[mirrored(i, line.len())])
            .sum()
    };
    let wide: Vec<Vec<f64>> = pattern
        .lines()
        .map(|line| {
            let line: Vec<f64> = line.iter().map(|&p| f64::from(p)).collect();
            (0..width).map(|x| at(&line, x)).collect()
        })
        .collect();
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let s = (y as f64 + 0.5) * wide.len() as f64 / height as f64 - 0.5;
        let first = s.floor() as isize - 1;
        let lines: Vec<_> = (first..first + 4)
            .map(|i| (keys(s - i as f64), &wide[mirrored(i, wide.len())]))
            .collect();
        out.extend((0..width).map(|x| lines.iter().map(|(k, line)| k * line[x]).sum::<f64>()));
    }
    out
}

/// Adds at every level, demands equality, returns the samples and the squared change.
fn add<T: AddChange + PartialEq>(
    samples: &[T],
    geometry: PlaneGeometry,
    depth: BitDepth,
    pattern: &LatticePlane,
) -> (Vec<T>, u64) {
    let mut first: Option<(Vec<T>, u64)> = None;
    for level in CpuLevel::available() {
        let mut changed = samples.to_vec();
        let mut plane = PlaneViewMut::new(&mut changed, geometry, depth).expect("long enough");
        let squared = Upsampler::new(geometry, pattern.geometry(), level).add(
            pattern,
            &rounding(depth),
            &mut plane,
        );
        let expected = first.get_or_insert_with(|| (changed.clone(), squared));
        assert!(*expected == (changed, squared), "{level:?} differs");
    }
    first.expect("there is a portable level")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn change_is_the_pattern_rounded_to_a_neighbour(
        width in 144_usize..500, height in 144_usize..400, padding in 0_usize..30, bits in 8_u8..=16, seed: u32,
    ) {
        let geometry = PlaneGeometry::new(width, height, width + padding).expect("in range");
        let depth = BitDepth::new(bits).expect("in range");
        let pattern = pattern(FormatSpec::CURRENT.lattice(width, height).expect("in range"), 6.0, seed);
        let want = oracle(&pattern, width, height);
        let before: Vec<u16> = words(seed).map(|w| (w as u16) & depth.max_code()).take(geometry.needed_len()).collect();
        let (after, squared) = add(&before, geometry, depth, &pattern);
        let codes = f64::from(depth.codes_per_8bit_code());
        let mut sum = 0;
        for (i, (&old, &new)) in before.iter().zip(&after).enumerate() {
            let (x, y) = (i % geometry.stride(), i / geometry.stride());
            let change = i64::from(new) - i64::from(old);
            sum += (change * change) as u64;
            if x >= width {
                prop_assert_eq!(change, 0, "padding");
                continue;
            }
            // One code of dither, and the fixed point: four floors of 1/256 and half a step of 1/512 times 1.25.
            let target = f64::from(old) + want[y * width + x] * codes;
            let target = target.clamp(0.0, f64::from(depth.max_code()));
            prop_assert!((f64::from(new) - target).abs() < 1.0 + 0.018 * codes, "{old} {new} {target}");
        }
        prop_assert_eq!(sum, squared);
    }
}

#[test]
fn eight_and_ten_bits_change_alike_on_average() {
    let geometry = PlaneGeometry::new(641, 363, 700).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(641, 363).expect("in range");
    let pattern = pattern(lattice, 0.3, 5);
    let want = oracle(&pattern, 641, 363);
    let (eight, _) = add(
        &vec![100_u8; geometry.needed_len()],
        geometry,
        BitDepth::EIGHT,
        &pattern,
    );
    let (ten, _) = add(
        &vec![400_u16; geometry.needed_len()],
        geometry,
        BitDepth::TEN,
        &pattern,
    );
    let (mut eight_error, mut ten_error) = (0.0, 0.0);
    for (i, want) in want.iter().enumerate() {
        let at = i / 641 * 700 + i % 641;
        eight_error += f64::from(eight[at]) - 100.0 - want;
        ten_error += f64::from(ten[at]) / 4.0 - 100.0 - want;
    }
    let n = want.len() as f64;
    assert!(eight_error.abs() / n < 1e-3, "{}", eight_error / n);
    assert!(ten_error.abs() / n < 1e-3, "{}", ten_error / n);
}

#[test]
fn a_third_of_a_code_survives_in_eight_bits() {
    let geometry = PlaneGeometry::packed(1920, 1080).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(1920, 1080).expect("in range");
    let band = Band::diagonals(2, 6);
    let mut dct = BlockDct::new(lattice, CpuLevel::probe());
    let mut sent = CoefficientPlane::new(lattice, &band);
    // 25 coefficients of ±0.5 in 64 samples: 0.31 code values rms.
    for (value, word) in sent.values_mut().iter_mut().zip(words(9)) {
        *value = if word & 64 == 0 { 0.5 } else { -0.5 };
    }
    let mut pattern = LatticePlane::new(lattice);
    dct.inverse_band(&sent, &band, &mut pattern);
    let (after, _) = add(
        &vec![90_u8; 1920 * 1080],
        geometry,
        BitDepth::EIGHT,
        &pattern,
    );

    let mut seen = LatticePlane::new(lattice);
    let plane =
        countermark_picture::PlaneView::new(&after, geometry, BitDepth::EIGHT).expect("valid");
    Downsampler::new(geometry, lattice, CpuLevel::probe()).run(&plane, &mut seen);
    let mut received = CoefficientPlane::new(lattice, &band);
    dct.forward_band(&seen, &band, &mut received);

    let (rows, columns) = (AxisResponse::of(1080, 144), AxisResponse::of(1920, 256));
    for (index, &(u, v)) in band.frequencies().iter().enumerate() {
        let pairs = sent
            .coefficient(index)
            .iter()
            .zip(received.coefficient(index));
        let gain =
            pairs.map(|(s, r)| f64::from(s * r)).sum::<f64>() / (0.25 * lattice.blocks() as f64);
        let expected = rows.survival[usize::from(u)] * columns.survival[usize::from(v)];
        // Leaks from other coefficients with random signs, averaged over 576 blocks: 0.01 rms.
        assert!(
            (gain - expected).abs() < 0.05,
            "({u}, {v}) {gain} {expected}"
        );
    }
}

#[test]
fn black_borders_keep_their_bits() {
    let geometry = PlaneGeometry::packed(1280, 720).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(1280, 720).expect("in range");
    let mut pattern = pattern(lattice, 8.0, 3);
    for (y, line) in pattern.lines_mut().enumerate() {
        let bar = !(16..80).contains(&y);
        line.iter_mut()
            .enumerate()
            .filter(|(x, _)| bar || *x >= 84)
            .for_each(|(_, p)| *p = 0.0);
    }
    let before: Vec<u8> = words(4).map(|w| w as u8).take(1280 * 720).collect();
    let (after, squared) = add(&before, geometry, BitDepth::EIGHT, &pattern);
    assert!(squared > 0);
    // Keys reaches two lattice samples beyond: 15 of the picture's.
    for (i, (old, new)) in before.iter().zip(&after).enumerate() {
        let (x, y) = (i % 1280, i / 1280);
        if !(104..616).contains(&y) || x >= 656 {
            assert_eq!(old, new, "({x}, {y})");
        }
    }
}

#[test]
fn codes_saturate_and_outsiders_are_not_pulled_in() {
    let geometry = PlaneGeometry::packed(160, 144).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(160, 144).expect("in range");
    let mut pattern = LatticePlane::new(lattice);
    pattern.samples_mut().fill(f32::INFINITY);
    let run = |start: u8, range: CodeRange| {
        let mut samples = vec![start; geometry.needed_len()];
        let mut plane = PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("valid");
        let rounding = Rounding {
            range,
            ..rounding(BitDepth::EIGHT)
        };
        Upsampler::new(geometry, lattice, CpuLevel::probe()).add(&pattern, &rounding, &mut plane);
        assert!(samples.iter().all(|s| s.abs_diff(samples[0]) <= 1));
        samples[0]
    };
    let full = CodeRange::full(BitDepth::EIGHT);
    let limited = CodeRange::new(16, 235, BitDepth::EIGHT).expect("in range");
    assert!(
        (139..=140).contains(&run(100, full)),
        "limited to forty codes"
    );
    assert_eq!(run(230, full), 255);
    assert_eq!((run(230, limited), run(240, limited)), (235, 240));
    assert!(CodeRange::new(16, 300, BitDepth::EIGHT).is_err());
}
