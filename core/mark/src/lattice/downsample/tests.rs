use super::*;
use crate::format::FormatSpec;
use countermark_picture::BitDepth;
use proptest::prelude::*;

/// Weight of picture sample `x` in lattice sample `i`, from the definition, in f64.
fn weight(i: usize, x: usize, picture: usize, lattice: usize) -> f64 {
    let r = picture as f64 / lattice as f64;
    let (x, i) = (x as f64, i as f64);
    if picture < lattice {
        let centre = ((i + 0.5) * r - 0.5).clamp(0.0, picture as f64 - 1.0);
        (1.0 - (centre - x).abs()).max(0.0)
    } else {
        ((i * r + r).min(x + 1.0) - (i * r).max(x)).max(0.0) / r
    }
}

fn oracle<T: Sample>(plane: &PlaneView<'_, T>, lattice: LatticeGeometry) -> Vec<f64> {
    let (w, h) = (plane.geometry().width(), plane.geometry().height());
    let scale = f64::from(plane.bit_depth().codes_per_8bit_code());
    let mut lines = vec![0.0; h * lattice.width()];
    for (y, row) in plane.rows().enumerate() {
        for i in 0..lattice.width() {
            for (x, &sample) in row.iter().enumerate() {
                lines[y * lattice.width() + i] +=
                    weight(i, x, w, lattice.width()) * f64::from(sample.into()) / scale;
            }
        }
    }
    let mut out = vec![0.0; lattice.width() * lattice.height()];
    for (j, out) in out.chunks_exact_mut(lattice.width()).enumerate() {
        for (y, line) in lines.chunks_exact(lattice.width()).enumerate() {
            let weight = weight(j, y, h, lattice.height());
            out.iter_mut().zip(line).for_each(|(o, l)| *o += weight * l);
        }
    }
    out
}

/// A fixed linear congruential sequence: the pictures need to be irregular, not random.
fn noise(len: usize, seed: u32) -> Vec<u16> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as u16
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn check<T: RowSum>(
    samples: &[T],
    geometry: PlaneGeometry,
    depth: BitDepth,
    lattice: LatticeGeometry,
) {
    let plane = PlaneView::new(samples, geometry, depth).expect("long enough");
    let expected = oracle(&plane, lattice);
    let mut first: Option<LatticePlane> = None;
    for level in CpuLevel::available() {
        let mut out = LatticePlane::new(lattice);
        Downsampler::new(geometry, lattice, level).run(&plane, &mut out);
        for (got, want) in out.samples().iter().zip(&expected) {
            // Sums of up to 30 x 30 samples in f32: relative error of a few 2^-24 on 255.
            assert!(
                (f64::from(*got) - want).abs() < 2e-4,
                "{got} {want} {geometry:?}"
            );
        }
        assert_eq!(first.get_or_insert_with(|| out.clone()), &out, "{level:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn any_size_agrees_with_the_definition(
        width in 1_usize..700, height in 1_usize..500, padding in 0_usize..40, seed: u32, bits in 8_u8..=16,
    ) {
        let geometry = PlaneGeometry::new(width, height, width + padding).expect("in range");
        let lattice = FormatSpec::CURRENT.lattice(320, 240).expect("in range");
        let depth = BitDepth::new(bits).expect("in range");
        let mut samples = noise(geometry.needed_len(), seed);
        for sample in &mut samples {
            *sample &= depth.max_code();
        }
        check(&samples, geometry, depth, lattice);
        let bytes: Vec<u8> = samples.iter().map(|&s| s as u8).collect();
        check(&bytes, geometry, BitDepth::EIGHT, lattice);
    }
}

#[test]
fn ten_bits_and_eight_bits_give_the_same_lattice() {
    let geometry = PlaneGeometry::new(723, 405, 768).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(723, 405).expect("in range");
    let bytes: Vec<u8> = noise(geometry.needed_len(), 3)
        .iter()
        .map(|&s| s as u8)
        .collect();
    let words: Vec<u16> = bytes.iter().map(|&s| u16::from(s) * 4).collect();
    let mut downsampler = Downsampler::new(geometry, lattice, CpuLevel::probe());
    let (mut eight, mut ten) = (LatticePlane::new(lattice), LatticePlane::new(lattice));
    downsampler.run(
        &PlaneView::new(&bytes, geometry, BitDepth::EIGHT).expect("valid"),
        &mut eight,
    );
    downsampler.run(
        &PlaneView::new(&words, geometry, BitDepth::TEN).expect("valid"),
        &mut ten,
    );
    assert_eq!(eight, ten, "a power of two moves no rounding");
}

#[test]
fn tall_columns_of_white_do_not_overflow() {
    let geometry = PlaneGeometry::packed(144, 32_768).expect("in range");
    let lattice = FormatSpec::CURRENT.lattice(160, 144).expect("in range");
    let mut out = LatticePlane::new(lattice);
    let mut downsampler = Downsampler::new(geometry, lattice, CpuLevel::probe());
    let white = vec![255_u8; geometry.needed_len()];
    downsampler.run(
        &PlaneView::new(&white, geometry, BitDepth::EIGHT).expect("valid"),
        &mut out,
    );
    assert!(out.samples().iter().all(|s| (s - 255.0).abs() < 1e-3));
    let white = vec![u16::MAX; geometry.needed_len()];
    let depth = BitDepth::new(16).expect("in range");
    downsampler.run(
        &PlaneView::new(&white, geometry, depth).expect("valid"),
        &mut out,
    );
    assert!(
        out.samples()
            .iter()
            .all(|s| (s - 65_535.0 / 256.0).abs() < 1e-3)
    );
}
