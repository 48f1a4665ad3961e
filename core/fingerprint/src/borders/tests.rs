use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::luma::LumaError;

const W: usize = 160;
const H: usize = 120;

/// Moving gratings inside `rect`, a noisy level outside.
fn boxed(rect: Rect, border: u8, gain: f64, time: f64, stream: &mut ChaCha8Rng) -> Vec<u8> {
    let mut samples = vec![border; W * H];
    for y in rect.top..rect.top + rect.height {
        for x in rect.left..rect.left + rect.width {
            let wave =
                ((x as f64 * 0.31 + time).sin() + (y as f64 * 0.23 - time * 0.7).sin()) * 40.0;
            samples[y * W + x] = (16.0 + gain * (100.0 + wave)) as u8;
        }
    }
    for s in &mut samples {
        *s = s
            .saturating_add((stream.next_u32() % 5) as u8)
            .saturating_sub(2);
    }
    samples
}

fn observe(cropper: &mut BorderCropper, samples: &[u8]) -> Result<(), LumaError> {
    cropper.observe(&LumaView::new(samples, W, H, W, 8)?);
    Ok(())
}

#[test]
fn nothing_seen_cuts_nothing() {
    let content = BorderCropper::new(W, H).content();
    assert_eq!(content.rect, Rect::whole(W, H));
    assert!(!content.is_settled());
}

#[test]
fn dark_scene_cuts_nothing_and_does_not_unlearn() -> Result<(), LumaError> {
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let letterbox = Rect {
        left: 0,
        top: 15,
        width: W,
        height: 90,
    };
    let mut cropper = BorderCropper::new(W, H);
    for i in 0..5 {
        observe(
            &mut cropper,
            &boxed(letterbox, 16, 0.01, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(cropper.content().rect, Rect::whole(W, H));
    assert!(!cropper.content().is_settled());
    for i in 0..5 {
        observe(
            &mut cropper,
            &boxed(letterbox, 16, 1.0, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(cropper.content().rect, letterbox);
    for i in 0..5 {
        observe(
            &mut cropper,
            &boxed(letterbox, 16, 0.0, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(cropper.content().rect, letterbox);
    assert!(cropper.content().is_settled());
    Ok(())
}

#[test]
fn lamp_in_the_dark_is_no_letterbox() -> Result<(), LumaError> {
    // A bright square in a night scene has sharp edges, but they do not span the frame.
    let mut samples = vec![18_u8; W * H];
    for y in 50..70 {
        samples[y * W + 70..y * W + 95].fill(220);
    }
    let mut cropper = BorderCropper::new(W, H);
    observe(&mut cropper, &samples)?;
    assert_eq!(cropper.content().rect, Rect::whole(W, H));
    Ok(())
}

#[test]
fn vignette_is_no_border() -> Result<(), LumaError> {
    let mut samples = vec![16_u8; W * H];
    for (i, s) in samples.iter_mut().enumerate() {
        let (x, y) = (
            (i % W) as f64 / W as f64 - 0.5,
            (i / W) as f64 / H as f64 - 0.5,
        );
        let falloff = (1.0 - 4.0 * (x * x).max(y * y)).max(0.0);
        *s = (16.0 + 180.0 * falloff.powi(3)) as u8;
    }
    let mut cropper = BorderCropper::new(W, H);
    observe(&mut cropper, &samples)?;
    // A fade this slow crosses the threshold along the whole line at once; what it loses must stay dark.
    let rect = cropper.content().rect;
    for y in 0..H {
        for x in 0..W {
            let inside = (rect.left..rect.left + rect.width).contains(&x)
                && (rect.top..rect.top + rect.height).contains(&y);
            assert!(inside || samples[y * W + x] < 40);
        }
    }
    Ok(())
}

#[test]
fn frame_of_another_size_starts_afresh() -> Result<(), LumaError> {
    let mut stream = ChaCha8Rng::seed_from_u64(2);
    let pillarbox = Rect {
        left: 46,
        top: 0,
        width: 68,
        height: H,
    };
    let mut cropper = BorderCropper::new(640, 360);
    observe(&mut cropper, &boxed(pillarbox, 16, 1.0, 0.0, &mut stream))?;
    assert_eq!(cropper.content().rect, pillarbox);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn boxes_of_any_level_are_found_exactly(
        seed in any::<u64>(), level in prop::sample::select(vec![2_u8, 16, 235]),
        left in 0_usize..60, right in 0_usize..60, top in 0_usize..40, bottom in 0_usize..40,
    ) {
        let mut stream = ChaCha8Rng::seed_from_u64(seed);
        let rect = Rect { left, top, width: W - left - right, height: H - top - bottom };
        let mut cropper = BorderCropper::new(W, H);
        for i in 0..12 {
            observe(&mut cropper, &boxed(rect, level, 1.0, f64::from(i) * 0.9, &mut stream))?;
        }
        prop_assert_eq!(cropper.content().rect, rect);
        prop_assert!(cropper.content().is_settled());
    }

    #[test]
    fn ten_bits_and_stride_give_the_same_answer(
        samples in prop::collection::vec(any::<u8>(), 31 * 27), padding in 0_usize..8,
    ) {
        let mut wide = vec![900_u16; (31 + padding) * 27];
        for (to, from) in wide.chunks_mut(31 + padding).zip(samples.chunks(31)) {
            to.iter_mut().zip(from).for_each(|(t, &f)| *t = u16::from(f) * 4);
        }
        let (mut a, mut b) = (BorderCropper::new(31, 27), BorderCropper::new(31, 27));
        a.observe(&LumaView::new(&samples, 31, 27, 31, 8)?);
        b.observe(&LumaView::new(&wide, 31, 27, 31 + padding, 10)?);
        prop_assert_eq!(a.content(), b.content());
    }
}
