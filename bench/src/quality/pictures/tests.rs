use std::path::PathBuf;

use countermark_media::{EncodeSettings, Rate, Recode, VideoCodec, recode};

use super::super::luma::measure_luma;
use super::super::pair::tests::{Picture, noise};
use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name)
}

#[test]
fn long_side_is_at_most_640() {
    let sizes = [(1920, 1080), (1080, 1916), (640, 360), (48, 32), (3840, 16)];
    let shown = sizes.map(shown_size);
    assert_eq!(
        shown,
        [(640, 360), (361, 640), (640, 360), (48, 32), (640, 3)]
    );
}

#[test]
fn shrunk_samples_are_means_of_the_area_that_they_cover() {
    // 25 columns into 10, 18 lines into 12: 2.5 x 1.5 samples each. Full range, so that codes are shown as they are.
    let picture = Picture::new((25, 18), 8, |x, y| noise(50, x, y, 255) as u8);
    let grey = Grey::of_plane(&picture.view(), true, (10, 12));
    // Straight from the definition: each old sample is cut into 10 x 12 equal tiles.
    for (i, &sample) in grey.samples.iter().enumerate() {
        let (x, y) = (i % 10, i / 10);
        let tiles = (0..25 * 18).map(|t| {
            let (u, v) = ((x * 25 + t % 25) / 10, (y * 18 + t / 25) / 12);
            f64::from(noise(50, u, v, 255))
        });
        let expected = tiles.sum::<f64>() / (25.0 * 18.0);
        assert!((f64::from(sample) - expected).abs() < 0.5 + 1e-9);
    }
}

#[test]
fn black_and_white_of_every_range_and_depth_are_shown_as_0_and_255() {
    let shown = |bits: u8, full_range: bool, level: u16| {
        let picture = Picture::new((16, 16), bits, |_, _| level);
        Grey::of_plane(&picture.view(), full_range, (16, 16)).samples[0]
    };
    for (bits, full_range, black, white) in [
        (8, false, 16, 235),
        (10, false, 64, 940),
        (8, true, 0, 255),
        (16, true, 0, 65_535),
    ] {
        let ends = [black, white].map(|level| shown(bits, full_range, level));
        assert_eq!(ends, [0, 255], "{bits} bits, full range: {full_range}");
    }
    assert_eq!([0, 1023].map(|level| shown(10, false, level)), [0, 255]);
}

#[test]
fn difference_is_amplified_around_grey_and_saturates() {
    let shown = |bits: u8, difference: i32| {
        let [a, b] = [0, difference].map(|add| {
            let level = (1 << (bits - 1)) + add;
            Picture::new((16, 18), bits, move |_, _| level as u16)
        });
        let grey = Grey::of_difference(&a.with(&b), (5, 7));
        assert_eq!((grey.width, grey.height, grey.samples.len()), (5, 7, 35));
        assert!(grey.samples.iter().all(|&s| s == grey.samples[0]));
        grey.samples[0]
    };
    assert_eq!(
        [-9, -2, 0, 1, 9].map(|d| shown(8, d)),
        [0, 96, 128, 144, 255]
    );
    assert_eq!(
        [-9, -2, 0, 1, 9].map(|d| shown(10, d)),
        [92, 120, 128, 132, 164]
    );
}

#[test]
fn differences_that_cancel_are_not_clamped_first() {
    let [a, b] = [0, 20].map(|swing: i32| {
        let paint =
            move |x: usize, _| (128 + if x.is_multiple_of(2) { swing } else { -swing }) as u8;
        Picture::new((32, 32), 8, paint)
    });
    let grey = Grey::of_difference(&a.with(&b), (16, 16));
    assert!(grey.samples.iter().all(|&s| s == 128));
}

#[test]
fn worst_block_is_shown_where_it_lies() {
    let shown = |x, y, side| {
        let block = Block {
            relative_mse: 0.0,
            x,
            y,
            side,
        };
        let region = shown_block(&block, (1920, 1080), (640, 360));
        [region.x, region.y, region.width, region.height]
    };
    assert_eq!(shown(0, 0, 16), [0, 0, 6, 6]);
    assert_eq!(shown(48, 33, 15), [16, 11, 5, 5]);
    assert_eq!(shown(1904, 1064, 16), [634, 354, 6, 6]);
}

#[test]
fn pictures_of_the_worst_frame_show_its_worst_block() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (master, copy) = (
        folder.path().join("master.mkv"),
        folder.path().join("copy.mkv"),
    );
    let encode = |input: &Path, output: &Path, crf| {
        let settings = EncodeSettings {
            preset: Some("ultrafast".to_owned()),
            ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(crf))
        };
        let order = Recode {
            scale: Some((960, 540)),
            duration_seconds: Some(0.5),
            ..Recode::new(settings)
        };
        recode(input, output, &order, &())
    };
    encode(&sample("street.mp4"), &master, 4.0)?;
    encode(&master, &copy, 30.0)?;
    let worst = measure_luma(&master, &copy)?.worst_block;
    let pictures = worst_frame_pictures(&master, &copy, worst.frame.index)?;
    assert_eq!(pictures.frame, worst.frame);
    assert_eq!(pictures.size, (640, 360));
    // 960 columns become 640.
    let Region { x, y, .. } = pictures.worst_block;
    assert_eq!((x, y), (worst.x * 2 / 3, worst.y * 2 / 3));
    for jpeg in [&pictures.original, &pictures.marked, &pictures.difference] {
        let grey = image::load_from_memory(jpeg)?.to_luma8();
        assert_eq!(grey.dimensions(), (640, 360));
    }
    assert_ne!(pictures.original, pictures.marked);
    let same = worst_frame_pictures(&master, &master, 0)?;
    assert_eq!(same.original, same.marked);
    let flat = image::load_from_memory(&same.difference)?.to_luma8();
    assert!(flat.pixels().all(|p| p.0 == [128]));
    let beyond = worst_frame_pictures(&master, &copy, 1000).err();
    assert!(
        matches!(
            beyond,
            Some(PicturesError::NoFrame {
                frames: 12..=13,
                index: 1000
            })
        ),
        "{beyond:?}"
    );
    Ok(())
}
