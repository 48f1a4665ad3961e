use super::*;
use crate::features::{Descriptor, Feature};

fn noise(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    }
}

fn print() -> ClipPrint {
    let mut next = noise(5);
    let mut feature = || {
        let descriptor = Descriptor::from_bytes(std::array::from_fn(|_| (next() % 90) as u8));
        let mut share = |all: f64| f64::from(next() % 10_000) / 10_000.0 * all;
        let feature = Feature {
            x: share(512.0),
            y: share(288.0),
            scale: 1.6 + share(20.0),
            angle: share(6.0) - 3.0,
            strength: 1.0,
            descriptor,
        };
        PrintFeature::new(&feature, (512, 288))
    };
    let frame = |n: u32, features: Vec<PrintFeature>| PrintFrame {
        clip_time: f64::from(n) / 2.0,
        hash: n
            .is_multiple_of(2)
            .then(|| 0x0123_4567_89ab_cdef ^ u64::from(n)),
        features,
    };
    let frames = (0..20).map(|n| frame(n, (0..5).map(|_| feature()).collect()));
    let moment = |n: u32| PrintMoment {
        clip_time: f64::from(n) / 8.0,
        means: std::array::from_fn(|k| ((n * 3 + 7 * k as u32) % 200) as f32),
    };
    let peaks: Vec<(f64, f64)> = (0..150)
        .map(|n| (f64::from(n) * 0.064, f64::from(n % 48) / 12.0))
        .collect();
    let pictures = PrintPictures {
        size: (512, 288),
        level_step: 0.5,
        frames: frames.collect(),
        moments: (0..80).map(moment).collect(),
    };
    ClipPrint {
        end: 9.96,
        telling: 20,
        pictures,
        sound: Some(SoundPeaks::of_places(&peaks)),
        inset: None,
    }
}

/// One of a clip with a picture in a picture.
fn print_with_inset() -> ClipPrint {
    let whole = print();
    let mut pictures = whole.pictures.clone();
    pictures.level_step = 1.0;
    pictures.frames.truncate(7);
    let rect = Rect {
        left: 40,
        top: 0,
        width: 960,
        height: 541,
    };
    ClipPrint {
        inset: Some(PrintInset {
            rect,
            frame: (1920, 1080),
            pictures,
        }),
        ..whole
    }
}

#[test]
fn a_print_is_read_as_it_was_written_and_written_again_the_same() {
    let bytes = print().to_bytes();
    let read = ClipPrint::parse(&bytes).expect("a print");
    let (own, was) = (&read.pictures, print().pictures);
    assert_eq!(own.frames, was.frames);
    for (moment, was) in own.moments.iter().zip(was.moments) {
        assert!((moment.clip_time - was.clip_time).abs() < 1e-9);
        // Each of its waves is off by 0.7 of a step at most.
        let apart = moment.means.iter().zip(was.means);
        let squares: f32 = apart.map(|(mean, was)| (mean - was).powi(2)).sum();
        assert!(squares <= MEANS as f32 * 0.1225 + 0.01, "{squares}");
    }
    assert_eq!(own.moments.len(), 80);
    assert_eq!((own.size, read.telling), ((512, 288), 20));
    let sound = |print: ClipPrint| print.sound.expect("sound").places();
    for ((time, pitch), (was, high)) in sound(read.clone()).into_iter().zip(sound(print())) {
        assert!((time - was).abs() <= 0.002 + 1e-9 && (pitch - high).abs() < 0.005);
    }
    assert_eq!(read.to_bytes(), bytes);
}

#[test]
fn an_inset_is_read_as_it_was_written_and_lies_within_its_frames() {
    let print = print_with_inset();
    let bytes = print.to_bytes();
    let read = ClipPrint::parse(&bytes).expect("a print");
    let (own, was) = (read.inset.clone(), print.inset.clone());
    let (own, was) = (own.expect("an inset"), was.expect("an inset"));
    assert_eq!((own.rect, own.frame), (was.rect, was.frame));
    assert_eq!(own.pictures.frames, was.pictures.frames);
    assert_eq!(own.pictures.moments.len(), was.pictures.moments.len());
    assert_eq!(read.pictures.frames, print.pictures.frames);
    assert_eq!(read.to_bytes(), bytes);
    let mut outside = print;
    if let Some(inset) = &mut outside.inset {
        inset.rect.top = 540;
    }
    let refused = ClipPrint::parse(&outside.to_bytes());
    assert_eq!(refused, Err(PrintError::Damaged));
}

#[test]
fn bytes_that_are_no_print_are_refused() {
    let bytes = print().to_bytes();
    assert_eq!(
        ClipPrint::parse(b"\0\0\0\x18ftyp"),
        Err(PrintError::Foreign)
    );
    assert_eq!(ClipPrint::parse(b""), Err(PrintError::Foreign));
    let mut newer = bytes.clone();
    newer[7] = VERSION + 1;
    assert_eq!(
        ClipPrint::parse(&newer),
        Err(PrintError::Version { found: VERSION + 1 })
    );
    for length in 7..bytes.len() {
        let cut = ClipPrint::parse(&bytes[..length]);
        assert!(matches!(cut, Err(PrintError::Short { .. })), "{length}");
    }
    let long = [bytes.clone(), vec![0; MOST_BYTES]].concat();
    assert!(matches!(
        ClipPrint::parse(&long),
        Err(PrintError::Long { .. })
    ));
    for at in 16..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        assert_eq!(ClipPrint::parse(&flipped), Err(PrintError::Damaged), "{at}");
    }
}

#[test]
fn bytes_with_a_right_checksum_that_make_no_sense_are_bounded() {
    let mut next = noise(11);
    let (mut refused, mut longest) = (0, 0);
    for round in 0..400 {
        let mut bytes = print_with_inset().to_bytes();
        if round % 2 == 0 {
            for _ in 0..=round / 40 {
                let at = 16 + next() as usize % (bytes.len() - 16);
                bytes[at] = next() as u8;
            }
        } else {
            bytes.truncate(16);
            bytes.extend((0..next() % 3000).map(|_| next() as u8));
            let length = bytes.len() as u32;
            bytes[8..12].copy_from_slice(&length.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes[16..]);
        bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
        match ClipPrint::parse(&bytes) {
            Err(error) => {
                assert_eq!(error, PrintError::Damaged);
                refused += 1;
            }
            Ok(print) => {
                assert!(print.end.is_finite());
                let inset = print.inset.as_ref().map(|inset| &inset.pictures);
                for own in [Some(&print.pictures), inset].into_iter().flatten() {
                    let features: usize = own.frames.iter().map(|f| f.features.len()).sum();
                    longest = longest.max(features.max(own.moments.len()));
                    assert!(own.frames.len() <= MOST_FRAMES && features <= MOST_FEATURES);
                    assert!(own.moments.len() <= MOST_MOMENTS);
                }
            }
        }
    }
    assert!(refused > 0 && longest > 0);
}
