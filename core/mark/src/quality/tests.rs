use super::oracle::{self, Plane};
use super::*;
use countermark_picture::BitDepth;
use proptest::prelude::*;

/// A picture with edges, gradients, texture and a flat part, in codes of 8 bits.
fn scene(x: f64, y: f64) -> f64 {
    if x > 90.0 && y < 40.0 {
        return 30.0;
    }
    let waves = 40.0 * (x * 0.11).sin() * (y * 0.07).cos() + 14.0 * (x * 0.9 + y * 1.3).sin();
    let edge = if (x * 0.05).sin() * (y * 0.04).sin() > 0.2 {
        35.0
    } else {
        0.0
    };
    118.0 + waves + edge
}

fn distortion(x: f64, y: f64) -> f64 {
    (x * 0.31 + 1.0).sin() * (y * 0.23).sin() + 0.7 * (x * 0.17 - y * 0.29).cos()
}

/// A fair threshold for each sample: `SplitMix64`.
fn dither(x: usize, y: usize) -> f64 {
    let mut z = ((y * 65_536 + x) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 40) as f64 / (1_u64 << 24) as f64
}

fn picture(geometry: PlaneGeometry, amplitude: f64) -> Vec<u8> {
    let mut samples = vec![255; geometry.needed_len()];
    for y in 0..geometry.height() {
        for x in 0..geometry.width() {
            let (px, py) = (x as f64, y as f64);
            let changed = scene(px, py).round() + amplitude * distortion(px, py);
            let noise = if amplitude > 0.0 { dither(x, y) } else { 0.0 };
            samples[y * geometry.stride() + x] = (changed + noise).floor() as u8;
        }
    }
    samples
}

fn view<T: Sample>(
    samples: &[T],
    geometry: PlaneGeometry,
    bit_depth: BitDepth,
) -> PlaneView<'_, T> {
    PlaneView::new(samples, geometry, bit_depth).expect("long enough")
}

fn eight(samples: &[u8], geometry: PlaneGeometry) -> PlaneView<'_, u8> {
    view(samples, geometry, BitDepth::EIGHT)
}

fn size(width: usize, height: usize) -> PlaneGeometry {
    PlaneGeometry::packed(width, height).expect("valid")
}

fn degradation(geometry: PlaneGeometry, amplitude: f64) -> Degradation {
    let (host, marked) = (picture(geometry, 0.0), picture(geometry, amplitude));
    let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
    measure(
        &mut meter,
        &eight(&host, geometry),
        &eight(&marked, geometry),
    )
}

fn measure<T: Sample>(
    meter: &mut QualityMeter,
    host: &PlaneView<'_, T>,
    marked: &PlaneView<'_, T>,
) -> Degradation {
    let mut features = HostFeatures::default();
    meter.describe(host, &mut features);
    meter.compare(&features, marked)
}

#[test]
fn one_description_serves_many_marked_planes() {
    let geometry = size(301, 222);
    let marked = [0.5, 3.0, 1.5].map(|amplitude| picture(geometry, amplitude));
    let host = picture(geometry, 0.0);
    let mut features = HostFeatures::default();
    let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
    // What the features held before, of a larger host, must not show.
    let larger = size(340, 250);
    QualityMeter::new(larger, CpuLevel::probe())
        .describe(&eight(&picture(larger, 2.0), larger), &mut features);
    meter.describe(&eight(&host, geometry), &mut features);
    for (marked, amplitude) in marked.iter().zip([0.5, 3.0, 1.5]) {
        let found = meter.compare(&features, &eight(marked, geometry));
        assert_eq!(found, degradation(geometry, amplitude), "{amplitude}");
    }
}

fn oracle_plane(samples: &[u8], geometry: PlaneGeometry) -> Plane {
    Plane::new(geometry.width(), geometry.height(), |x, y| {
        f64::from(samples[y as usize * geometry.stride() + x as usize])
    })
}

#[test]
fn losses_agree_with_the_formulas() {
    for (width, height) in [(144, 144), (201, 147), (150, 331), (256, 160)] {
        let geometry = size(width, height);
        let (host, marked) = (picture(geometry, 0.0), picture(geometry, 1.5));
        let (h, m) = (
            oracle_plane(&host, geometry),
            oracle_plane(&marked, geometry),
        );
        let found = degradation(geometry, 1.5);
        // f32 keeps variances to 1e-3 of the noise and cubic sums to 1e-6.
        let close = |found: f32, expected: f64| {
            assert!(
                (f64::from(found) - expected).abs() < 2e-3 * expected,
                "{width}x{height}: {found} {expected}"
            );
        };
        close(found.detail_loss, oracle::detail_loss(&h, &m));
        let [quarter, eighth] = oracle::information_losses(&h, &m);
        close(found.information_loss[0], quarter);
        close(found.information_loss[1], eighth);
    }
}

#[test]
fn equal_frames_lose_nothing() {
    for (width, height) in [(144, 144), (640, 272), (145, 1001)] {
        let geometry = size(width, height);
        let host = picture(geometry, 1.0);
        let plane = eight(&host, geometry);
        let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
        let found = measure(&mut meter, &plane, &plane);
        assert_eq!(found, Degradation::default());
        assert!(found.vmaf_drop().abs() == 0.0);
    }
}

#[test]
fn flat_frames_lose_next_to_nothing() {
    let geometry = size(320, 180);
    let (host, marked) = (vec![16_u8; 320 * 180], vec![17_u8; 320 * 180]);
    let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
    let found = measure(
        &mut meter,
        &eight(&host, geometry),
        &eight(&marked, geometry),
    );
    assert!(found.vmaf_drop() < 1e-3, "{found:?}");
}

#[test]
fn losses_grow_with_the_amplitude() {
    for (width, height) in [(144, 144), (360, 641)] {
        let found =
            [0.7, 1.4, 2.8, 5.6].map(|amplitude| degradation(size(width, height), amplitude));
        for pair in found.windows(2) {
            assert!(pair[0].detail_loss < pair[1].detail_loss, "{found:?}");
            assert!(
                pair[0].information_loss[0] < pair[1].information_loss[0],
                "{found:?}"
            );
            assert!(
                pair[0].information_loss[1] < pair[1].information_loss[1],
                "{found:?}"
            );
            assert!(pair[0].vmaf_drop() < pair[1].vmaf_drop(), "{found:?}");
        }
    }
}

#[test]
fn bit_depths_agree_exactly() {
    let geometry = size(183, 151);
    let (host, marked) = (picture(geometry, 0.0), picture(geometry, 1.5));
    let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
    let expected = measure(
        &mut meter,
        &eight(&host, geometry),
        &eight(&marked, geometry),
    );
    for bits in [8, 10, 16] {
        let depth = BitDepth::new(bits).expect("valid");
        let widen = |samples: &[u8]| -> Vec<u16> {
            samples
                .iter()
                .map(|&s| u16::from(s) << (bits - 8))
                .collect()
        };
        let (host, marked) = (widen(&host), widen(&marked));
        let found = measure(
            &mut meter,
            &view(&host, geometry, depth),
            &view(&marked, geometry, depth),
        );
        assert_eq!(found, expected, "{bits} bits");
    }
}

#[test]
fn small_changes_of_ten_bits_are_seen() {
    let geometry = size(192, 160);
    let ten = |amplitude: f64| -> Vec<u16> {
        let sample = |i: usize| {
            let (x, y) = ((i % 192) as f64, (i / 192) as f64);
            (4.0 * (scene(x, y) + amplitude * distortion(x, y))).round() as u16
        };
        (0..192 * 160).map(sample).collect()
    };
    let (host, marked) = (ten(0.0), ten(0.3));
    let mut meter = QualityMeter::new(geometry, CpuLevel::probe());
    let found = measure(
        &mut meter,
        &view(&host, geometry, BitDepth::TEN),
        &view(&marked, geometry, BitDepth::TEN),
    );
    assert!(found.vmaf_drop() > 0.01, "{found:?}");
}

#[test]
fn padding_is_not_measured() {
    let padded = PlaneGeometry::new(171, 150, 190).expect("valid");
    assert_eq!(degradation(padded, 1.4), degradation(size(171, 150), 1.4));
}

#[test]
fn drop_weighs_the_losses() {
    let found = Degradation {
        detail_loss: 0.01,
        information_loss: [0.02, 0.03],
    };
    assert!((found.vmaf_drop() - (2.172 + 1.074 + 2.232)).abs() < 1e-5);
    let enhanced = Degradation {
        detail_loss: -0.01,
        information_loss: [0.0; 2],
    };
    assert!(enhanced.vmaf_drop().abs() == 0.0);
    assert!((vmaf_ceiling(2.0) - 100.23).abs() < 1e-4);
}

#[test]
fn motion_agrees_with_the_formula() {
    // Below 256 lines all rows are taken; at 400 every third, at 1100 every eighth.
    for (width, height, tolerance) in [
        (160, 144, 1e-4),
        (333, 250, 1e-4),
        (150, 400, 0.05),
        (144, 1100, 0.05),
    ] {
        let geometry = size(width, height);
        let (first, second) = (picture(geometry, 0.0), picture(geometry, 5.0));
        let mut meter = MotionMeter::new(geometry, CpuLevel::probe());
        assert_eq!(meter.motion(&eight(&first, geometry)), None);
        let found = f64::from(
            meter
                .motion(&eight(&second, geometry))
                .expect("second plane"),
        );
        let expected = oracle::motion(
            &oracle_plane(&first, geometry),
            &oracle_plane(&second, geometry),
        );
        assert!(
            (found / expected - 1.0).abs() < tolerance,
            "{width}x{height}: {found} {expected}"
        );
        assert_eq!(meter.motion(&eight(&second, geometry)), Some(0.0));
        meter.reset();
        assert_eq!(meter.motion(&eight(&first, geometry)), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn levels_agree_bit_for_bit(
        width in 144_usize..400,
        height in 144_usize..300,
        padding in 0_usize..40,
        amplitude in 0.0_f64..6.0,
    ) {
        let geometry = PlaneGeometry::new(width, height, width + padding).expect("valid");
        let (host, marked) = (picture(geometry, 0.0), picture(geometry, amplitude));
        let (host, marked) = (eight(&host, geometry), eight(&marked, geometry));
        let mut portable = QualityMeter::new(geometry, CpuLevel::PORTABLE);
        let expected = measure(&mut portable, &host, &marked);
        let mut portable = MotionMeter::new(geometry, CpuLevel::PORTABLE);
        let expected_motion = [portable.motion(&host), portable.motion(&marked)];
        for level in CpuLevel::available() {
            let mut meter = QualityMeter::new(geometry, level);
            prop_assert_eq!(measure(&mut meter, &host, &marked), expected);
            // The workspace keeps nothing.
            prop_assert_eq!(measure(&mut meter, &host, &marked), expected);
            let mut motion = MotionMeter::new(geometry, level);
            prop_assert_eq!([motion.motion(&host), motion.motion(&marked)], expected_motion);
        }
    }

    #[test]
    fn tiny_planes_are_measured(width in 1_usize..40, height in 1_usize..40) {
        let geometry = size(width, height);
        prop_assert!(degradation(geometry, 2.0).vmaf_drop().is_finite());
        let plane = picture(geometry, 0.0);
        let mut meter = MotionMeter::new(geometry, CpuLevel::probe());
        prop_assert_eq!(meter.motion(&eight(&plane, geometry)), None);
    }
}
