use super::*;
use crate::format::FormatSpec;
use rustdct::Dct2 as _;
use rustdct::algorithm::type2and3_butterflies::Type2And3Butterfly8;
use std::f64::consts::PI;

fn sample_plane(width: usize, height: usize) -> LatticePlane {
    let mut plane = LatticePlane::new(
        FormatSpec::CURRENT
            .lattice(width, height)
            .expect("in range"),
    );
    let mut state = 7_u32;
    for sample in plane.samples_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = (state >> 16) as f32 / 257.0;
    }
    plane
}

fn block(plane: &LatticePlane, index: usize) -> [[f64; 8]; 8] {
    let cols = plane.geometry().cols();
    let (row, col) = (index / cols, index % cols);
    std::array::from_fn(|y| {
        let line = (row * 8 + y) * plane.geometry().width() + col * 8;
        std::array::from_fn(|x| f64::from(plane.samples()[line + x]))
    })
}

fn textbook(block: &[[f64; 8]; 8], u: u8, v: u8) -> f64 {
    let c = |k: u8| if k == 0 { 8_f64.sqrt().recip() } else { 0.5 };
    let wave = |k: u8, n: usize| (PI * (2.0 * n as f64 + 1.0) * f64::from(k) / 16.0).cos();
    let mut sum = 0.0;
    for (y, row) in block.iter().enumerate() {
        for (x, p) in row.iter().enumerate() {
            sum += p * wave(u, y) * wave(v, x);
        }
    }
    c(u) * c(v) * sum
}

#[test]
fn band_agrees_with_the_textbook_at_every_level() {
    for (w, h) in [(1920, 1080), (608, 1080), (150, 177)] {
        let plane = sample_plane(w, h);
        let band = Band::diagonals(0, 6);
        let mut first: Option<CoefficientPlane> = None;
        for level in CpuLevel::available() {
            let mut out = CoefficientPlane::new(plane.geometry(), &band);
            BlockDct::new(plane.geometry(), level).forward_band(&plane, &band, &mut out);
            for (index, &(u, v)) in band.frequencies().iter().enumerate() {
                for (b, &got) in out.coefficient(index).iter().enumerate() {
                    let want = textbook(&block(&plane, b), u, v);
                    // Sixteen f32 roundings on sums of up to 2040.
                    assert!(
                        (f64::from(got) - want).abs() < 1e-3,
                        "({u}, {v}) {got} {want}"
                    );
                }
            }
            assert_eq!(first.get_or_insert_with(|| out.clone()), &out, "{level:?}");
        }
    }
}

#[test]
fn full_transform_agrees_with_rustdct() {
    let plane = sample_plane(320, 200);
    let band = Band::full();
    let mut out = CoefficientPlane::new(plane.geometry(), &band);
    BlockDct::new(plane.geometry(), CpuLevel::probe()).forward_band(&plane, &band, &mut out);
    // What its planner takes for eight samples; the planner itself would have every transform of any length compiled.
    let dct = Type2And3Butterfly8::<f64>::new();
    for b in 0..plane.geometry().blocks() {
        let mut rows = block(&plane, b);
        for row in &mut rows {
            dct.process_dct2(row);
        }
        let columns: [[f64; 8]; 8] = std::array::from_fn(|v| rows.map(|row| row[v]));
        for (v, mut column) in columns.into_iter().enumerate() {
            dct.process_dct2(&mut column);
            for (u, value) in column.iter().enumerate() {
                let c = |k: usize| if k == 0 { 8_f64.sqrt().recip() } else { 0.5 };
                let got = f64::from(out.coefficient(8 * u + v)[b]);
                assert!((got - c(u) * c(v) * value).abs() < 1e-3, "({u}, {v})");
            }
        }
    }
}

#[test]
fn inverse_undoes_forward_at_every_level() {
    let plane = sample_plane(1080, 1333);
    let band = Band::full();
    let mut first: Option<LatticePlane> = None;
    for level in CpuLevel::available() {
        let mut dct = BlockDct::new(plane.geometry(), level);
        let mut coefficients = CoefficientPlane::new(plane.geometry(), &band);
        dct.forward_band(&plane, &band, &mut coefficients);
        let mut back = LatticePlane::new(plane.geometry());
        dct.inverse_band(&coefficients, &band, &mut back);
        for (a, b) in plane.samples().iter().zip(back.samples()) {
            assert!((a - b).abs() < 3e-4, "{a} {b}");
        }
        assert_eq!(
            first.get_or_insert_with(|| back.clone()),
            &back,
            "{level:?}"
        );
    }
}

#[test]
fn band_keeps_only_its_own_frequencies() {
    let plane = sample_plane(400, 300);
    let (band, full) = (Band::diagonals(2, 6), Band::full());
    assert_eq!(
        (band.len(), band.index_of(0, 0), full.index_of(3, 5)),
        (25, None, Some(29))
    );
    let mut dct = BlockDct::new(plane.geometry(), CpuLevel::probe());
    let mut narrow = CoefficientPlane::new(plane.geometry(), &band);
    let mut wide = CoefficientPlane::new(plane.geometry(), &full);
    let mut filtered = LatticePlane::new(plane.geometry());
    dct.forward_band(&plane, &band, &mut narrow);
    dct.inverse_band(&narrow, &band, &mut filtered);
    dct.forward_band(&filtered, &full, &mut wide);
    for (index, &(u, v)) in full.frequencies().iter().enumerate() {
        for (b, &got) in wide.coefficient(index).iter().enumerate() {
            let want = band
                .index_of(u, v)
                .map_or(0.0, |i| narrow.coefficient(i)[b]);
            assert!((got - want).abs() < 1e-3, "({u}, {v}) {got} {want}");
        }
    }
}

#[test]
fn impossible_bands_are_refused() {
    assert_eq!(
        Band::new(vec![(0, 8)]),
        Err(BandError::Frequency { u: 0, v: 8 })
    );
    assert_eq!(
        Band::new(vec![(1, 2), (1, 2)]),
        Err(BandError::Repeated { u: 1, v: 2 })
    );
}
