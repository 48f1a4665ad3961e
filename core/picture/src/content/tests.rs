use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::{BitDepth, PlaneError, PlaneGeometry, PlaneView};

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

fn observe(finder: &mut ContentFinder, samples: &[u8]) -> Result<(), PlaneError> {
    let packed = PlaneGeometry::packed(W, H)?;
    finder.observe(&PlaneView::new(samples, packed, BitDepth::EIGHT)?);
    Ok(())
}

#[test]
fn nothing_seen_cuts_nothing() {
    let content = ContentFinder::default().sides();
    assert_eq!(content.rect, Rect::whole(0, 0));
    assert!(!content.is_settled());
    assert_eq!(ContentFinder::default().content(), None);
}

#[test]
fn dark_scene_cuts_nothing_and_does_not_unlearn() -> Result<(), PlaneError> {
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    let letterbox = Rect {
        left: 0,
        top: 15,
        width: W,
        height: 90,
    };
    let mut finder = ContentFinder::default();
    for i in 0..5 {
        observe(
            &mut finder,
            &boxed(letterbox, 16, 0.01, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(finder.sides().rect, Rect::whole(W, H));
    assert!(!finder.sides().is_settled());
    for i in 0..5 {
        observe(
            &mut finder,
            &boxed(letterbox, 16, 1.0, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(finder.sides().rect, letterbox);
    for i in 0..5 {
        observe(
            &mut finder,
            &boxed(letterbox, 16, 0.0, f64::from(i), &mut stream),
        )?;
    }
    assert_eq!(finder.sides().rect, letterbox);
    assert!(finder.sides().is_settled());
    Ok(())
}

#[test]
fn lamp_in_the_dark_is_no_letterbox() -> Result<(), PlaneError> {
    // A bright square in a night scene has sharp edges, but they do not span the frame.
    let mut samples = vec![18_u8; W * H];
    for y in 50..70 {
        samples[y * W + 70..y * W + 95].fill(220);
    }
    let mut finder = ContentFinder::default();
    observe(&mut finder, &samples)?;
    assert_eq!(finder.sides().rect, Rect::whole(W, H));
    Ok(())
}

#[test]
fn vignette_is_no_border() -> Result<(), PlaneError> {
    let mut samples = vec![16_u8; W * H];
    for (i, s) in samples.iter_mut().enumerate() {
        let (x, y) = (
            (i % W) as f64 / W as f64 - 0.5,
            (i / W) as f64 / H as f64 - 0.5,
        );
        let falloff = (1.0 - 4.0 * (x * x).max(y * y)).max(0.0);
        *s = (16.0 + 180.0 * falloff.powi(3)) as u8;
    }
    let mut finder = ContentFinder::default();
    observe(&mut finder, &samples)?;
    // A fade this slow crosses the threshold along the whole line at once; what it loses must stay dark.
    let rect = finder.sides().rect;
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
fn frame_of_another_size_starts_afresh() -> Result<(), PlaneError> {
    let mut stream = ChaCha8Rng::seed_from_u64(2);
    let pillarbox = Rect {
        left: 46,
        top: 0,
        width: 68,
        height: H,
    };
    let mut finder = ContentFinder::default();
    let geometry = PlaneGeometry::packed(64, 36)?;
    finder.observe(&PlaneView::new(
        &[90_u8; 64 * 36],
        geometry,
        BitDepth::EIGHT,
    )?);
    observe(&mut finder, &boxed(pillarbox, 16, 1.0, 0.0, &mut stream))?;
    assert_eq!(finder.sides().rect, pillarbox);
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
        let mut finder = ContentFinder::default();
        for i in 0..12 {
            observe(&mut finder, &boxed(rect, level, 1.0, f64::from(i) * 0.9, &mut stream))?;
        }
        prop_assert_eq!(finder.sides().rect, rect);
        prop_assert!(finder.sides().is_settled());
    }

    #[test]
    fn ten_bits_and_stride_give_the_same_answer(
        samples in prop::collection::vec(any::<u8>(), 31 * 27), padding in 0_usize..8,
    ) {
        let mut wide = vec![900_u16; (31 + padding) * 27];
        for (to, from) in wide.chunks_mut(31 + padding).zip(samples.chunks(31)) {
            to.iter_mut().zip(from).for_each(|(t, &f)| *t = u16::from(f) * 4);
        }
        let (mut a, mut b) = (ContentFinder::default(), ContentFinder::default());
        let (packed, padded) = (PlaneGeometry::packed(31, 27)?, PlaneGeometry::new(31, 27, 31 + padding)?);
        a.observe(&PlaneView::new(&samples, packed, BitDepth::EIGHT)?);
        b.observe(&PlaneView::new(&wide, padded, BitDepth::TEN)?);
        prop_assert_eq!(a.sides(), b.sides());
    }
}

#[test]
fn looks_are_a_quarter_of_a_second_apart() -> Result<(), PlaneError> {
    let mut stream = ChaCha8Rng::seed_from_u64(3);
    let whole = Rect::whole(W, H);
    let boxes = [
        Rect {
            top: 15,
            height: 90,
            ..whole
        },
        whole,
    ];
    let [bars, none] = boxes.map(|rect| boxed(rect, 16, 1.0, 0.0, &mut stream));
    let mut finder = ContentFinder::default();
    finder.look(AnyPlane::of_bytes(&bars, W, H, W)?, 0.0);
    finder.look(AnyPlane::of_bytes(&none, W, H, W)?, 0.2);
    let content = finder.content().expect("bars");
    assert_eq!(content.rect((W, H)), boxes[0]);
    finder.look(AnyPlane::of_bytes(&none, W, H, W)?, 0.25);
    assert_eq!(finder.content(), None, "the picture fills the frame");
    Ok(())
}

#[test]
fn content_is_the_frame_without_its_bars() -> Result<(), PlaneError> {
    let samples: Vec<u8> = (0..W * H).map(|i| (i / W) as u8).collect();
    let rect = Rect {
        left: 3,
        top: 20,
        width: 150,
        height: 70,
    };
    let content = Content::new((W, H), rect);
    let within = content.of(AnyPlane::of_bytes(&samples, W, H, W)?);
    assert_eq!((within.size(), within.geometry().stride()), ((150, 70), W));
    let AnyPlane::U8(view) = within else {
        panic!("8 bits stay 8 bits");
    };
    assert!(
        view.rows()
            .enumerate()
            .all(|(y, row)| row == [20 + y as u8; 150])
    );
    let other = AnyPlane::of_bytes(&samples, W - 1, H, W)?;
    assert_eq!(content.of(other).size(), (W - 1, H), "another size");
    assert_eq!(content.rect((W - 1, H)), Rect::whole(W - 1, H));
    let map = content.in_frame().expect("sides");
    assert_eq!(map.map((0.0, 0.0)), Some((3.0 / 160.0, 20.0 / 120.0)));
    Ok(())
}

/// Content of the rows and columns of a frame of floats.
fn black(level: impl Fn(usize, usize) -> f32) -> [std::ops::Range<usize>; 2] {
    let samples: Vec<f32> = (0..W * H).map(|i| level(i % W, i / W)).collect();
    let (rows, columns) = BlackLines::of_rows(samples.chunks_exact(W), W);
    [rows.content(), columns.content()]
}

#[test]
fn black_bars_end_at_the_first_bright_sample() {
    let band = black(|_, y| if (12..84).contains(&y) { 90.0 } else { 16.0 });
    assert_eq!(band, [12..84, 0..W]);
    assert_eq!(black(|_, _| BlackLines::BLACK), [0..0, 0..0]);
    assert_eq!(
        black(|x, y| if (x, y) == (7, 9) { 19.5 } else { 0.0 }),
        [9..10, 7..8]
    );
}
