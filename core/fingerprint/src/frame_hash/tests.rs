use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use countermark_picture::{BitDepth, PlaneError, PlaneGeometry};

/// A picture of soft random blobs: large structure, as frames have.
fn picture(seed: u64, width: usize, height: usize) -> Vec<u8> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut unit = || f64::from(stream.next_u32()) / f64::from(u32::MAX);
    let blobs: Vec<[f64; 4]> = (0..60)
        .map(|_| {
            [
                unit(),
                unit(),
                0.02 + 0.2 * unit() * unit(),
                unit() * 160.0 - 80.0,
            ]
        })
        .collect();
    let mut samples = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (py, px) = (y as f64 / height as f64, x as f64 / width as f64);
            let level: f64 = blobs
                .iter()
                .map(|[by, bx, r, a]| {
                    let d2 = ((py - by).powi(2) + (px - bx).powi(2)) / (r * r);
                    a / (1.0 + d2 * d2)
                })
                .sum();
            samples.push((118.0 + level).clamp(16.0, 235.0) as u8);
        }
    }
    samples
}

fn hash(samples: &[u8], width: usize, height: usize) -> Result<HashedFrame, PlaneError> {
    let packed = PlaneGeometry::packed(width, height)?;
    let view = PlaneView::new(samples, packed, BitDepth::EIGHT)?;
    Ok(FrameHasher::new().hash(&view, Rect::whole(width, height)))
}

#[test]
fn bits_are_signs_of_the_textbook_transform() -> Result<(), PlaneError> {
    let samples = picture(7, 64, 64);
    let hashed = hash(&samples, 64, 64)?;
    let mut sturdy = 0;
    for (k, (v, u)) in frequencies().into_iter().enumerate() {
        let mut sum = 0.0_f64;
        for y in 0..64 {
            for x in 0..64 {
                let cos = |n: usize, f: usize| {
                    (std::f64::consts::PI * ((2 * n + 1) * f) as f64 / 128.0).cos()
                };
                sum += f64::from(samples[y * 64 + x]) * cos(y, v) * cos(x, u);
            }
        }
        let c = |f: usize| {
            if f == 0 {
                (1.0_f64 / 64.0).sqrt()
            } else {
                (2.0_f64 / 64.0).sqrt()
            }
        };
        let x = sum * c(u) * c(v);
        sturdy += usize::from(x.abs() >= 3.0);
        // Below this the rounding of 4,096 single-precision terms may turn the sign.
        if x.abs() > 1e-2 {
            let bit = hashed.hash.words()[k / 64] >> (k % 64) & 1;
            assert_eq!(bit == 1, x > 0.0, "coefficient {v},{u} = {x}");
        }
    }
    assert!((hashed.quality.share() - sturdy as f32 / 256.0).abs() < 0.01);
    Ok(())
}

#[test]
fn hash_of_a_mirrored_frame_is_the_mirrored_hash() -> Result<(), PlaneError> {
    let samples = picture(11, 320, 180);
    let mut mirrored = samples.clone();
    mirrored.chunks_mut(320).for_each(<[u8]>::reverse);
    let (a, b) = (hash(&samples, 320, 180)?, hash(&mirrored, 320, 180)?);
    assert!(a.hash.mirrored().distance(b.hash) <= 2);
    assert!(a.hash.distance(b.hash) > 80);
    Ok(())
}

#[test]
fn rescaled_and_noisy_frame_stays_near_and_others_stay_far() -> Result<(), PlaneError> {
    let large = hash(&picture(3, 640, 360), 640, 360)?;
    let mut small = picture(3, 240, 136);
    let mut stream = ChaCha8Rng::seed_from_u64(5);
    for s in &mut small {
        *s = s
            .saturating_add((stream.next_u32() % 9) as u8)
            .saturating_sub(4);
    }
    let near = hash(&small, 240, 136)?.hash.distance(large.hash);
    assert!(near <= 24, "{near}");
    for seed in 20..40 {
        let far = hash(&picture(seed, 320, 180), 320, 180)?
            .hash
            .distance(large.hash);
        assert!((70..=186).contains(&far), "{far}");
    }
    Ok(())
}

#[test]
fn flat_and_dark_frames_say_so() -> Result<(), PlaneError> {
    let rich = picture(2, 320, 180);
    assert!(!hash(&rich, 320, 180)?.quality.is_too_flat());
    assert!(hash(&vec![16; 320 * 180], 320, 180)?.quality.is_too_flat());
    let dark: Vec<u8> = rich.iter().map(|s| 16 + s / 40).collect();
    assert!(hash(&dark, 320, 180)?.quality.is_too_flat());
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let noise: Vec<u8> = (0..320 * 180)
        .map(|_| 60 + (stream.next_u32() % 12) as u8)
        .collect();
    assert!(hash(&noise, 320, 180)?.quality.is_too_flat());
    Ok(())
}

#[test]
fn hash_of_a_fixed_frame_is_pinned() -> Result<(), PlaneError> {
    let samples: Vec<u8> = (0..96 * 64_usize)
        .map(|i| (((i % 96) * (i % 96) / 3) ^ ((i / 96) * 5)) as u8)
        .collect();
    let words = hash(&samples, 96, 64)?.hash.words();
    assert_eq!(words, PINNED, "{words:#018x?}");
    Ok(())
}

const PINNED: [u64; 4] = [
    0xf3c3_362a_d444_2a00,
    0x00e3_613b_1ff0_8d62,
    0xd41d_703d_e1d9_1594,
    0x89d4_5ecc_6eb6_ea4f,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn distance_is_a_metric_that_mirroring_keeps(
        a in any::<[u64; 4]>(), b in any::<[u64; 4]>(), c in any::<[u64; 4]>(),
    ) {
        let (a, b, c) = (FrameHash::from_words(a), FrameHash::from_words(b), FrameHash::from_words(c));
        prop_assert_eq!(a.distance(a), 0);
        prop_assert_eq!(a.distance(b), b.distance(a));
        prop_assert!(a.distance(c) <= a.distance(b) + b.distance(c));
        prop_assert_eq!(a.mirrored().distance(b.mirrored()), a.distance(b));
        prop_assert_eq!(a.mirrored().mirrored(), a);
    }

    #[test]
    fn any_geometry_hashes(
        samples in prop::collection::vec(any::<u8>(), 50 * 37),
        left in 0_usize..60, top in 0_usize..60, width in 0_usize..60, height in 0_usize..60,
    ) {
        let padded = PlaneGeometry::new(49, 37, 50)?;
        let view = PlaneView::new(&samples, padded, BitDepth::EIGHT)?;
        let hashed = FrameHasher::new().hash(&view, Rect { left, top, width, height });
        prop_assert!((0.0..=1.0).contains(&hashed.quality.share()));
    }
}
