use std::sync::OnceLock;

use countermark_media::{ReadOptions, VideoReader};

use super::*;
use crate::samples::file::{FileQuality, write_clip};
use crate::samples::{ClipSpec, sample_set};
use crate::scaled::scaled;
use crate::screenshot::on_screen;

mod lies;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Frames, and the luma PSNR of all of them and of the worst, dB; 1000 dB where nothing differs.
#[derive(Debug)]
struct Likeness {
    frames: usize,
    clip_db: f64,
    worst_db: f64,
}

fn likeness(one: &Path, other: &Path) -> Result<Likeness, Box<dyn std::error::Error>> {
    let (one, other) = (shown(one)?, shown(other)?);
    assert_eq!(one.len(), other.len());
    let square = |(x, y): (&u8, &u8)| f64::from(x.abs_diff(*y)).powi(2);
    let mut errors = Vec::new();
    for ((_, a), (_, b)) in one.iter().zip(&other) {
        errors.push(a.iter().zip(b).map(square).sum::<f64>() / a.len() as f64);
    }
    let decibels = |error: f64| (10.0 * (255.0_f64.powi(2) / error).log10()).min(1000.0);
    Ok(Likeness {
        frames: errors.len(),
        clip_db: decibels(errors.iter().sum::<f64>() / errors.len() as f64),
        worst_db: decibels(errors.iter().copied().fold(0.0, f64::max)),
    })
}

/// The street at 320 x 180, three seconds at 10 frames a second.
fn clip() -> ClipSpec {
    let mut spec = sample_set()[2].clone();
    (spec.width, spec.height, spec.fps, spec.seconds) = (320, 180, 10, 3.0);
    spec
}

/// The clip, rendered once for all tests.
fn rendered() -> &'static [u8] {
    static CLIP: OnceLock<Vec<u8>> = OnceLock::new();
    CLIP.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("clip.mkv");
        write_clip(&clip(), &path, FileQuality::Crf(12.0)).expect("a clip");
        std::fs::read(path).expect("a clip")
    })
}

fn attacked(folder: &Path, name: &str) -> Result<(PathBuf, Applied), Box<dyn std::error::Error>> {
    let input = folder.join("clip.mkv");
    if !input.exists() {
        std::fs::write(&input, rendered())?;
    }
    let attack: Attack = name.parse()?;
    let output = folder.join(format!("out.{}", attack.extension()));
    let materials = Materials {
        copies: &[&input],
        ..Materials::default()
    };
    let applied = apply(&attack, &materials, &output, &Place::new(1, "clip", name))?;
    Ok((output, applied))
}

#[test]
fn sizes_keep_the_aspect_and_are_even() {
    assert_eq!(scaled(1280, 720, 360), Some((640, 360)));
    assert_eq!(scaled(720, 1280, 240), Some((240, 426)));
    assert_eq!(scaled(1904, 1080, 361), Some((636, 362)));
    assert_eq!((scaled(640, 360, 360), scaled(320, 240, 360)), (None, None));
}

#[test]
fn bars_reach_the_aspect_and_scale_with_the_picture() {
    assert_eq!(framed((1280, 720), (9, 16)), (1280, 2276));
    assert_eq!(framed((720, 1280), (16, 9)), (2276, 1280));
    assert_eq!(framed((640, 360), (16, 9)), (640, 360));
    let frame = Some((1280, 2276));
    assert_eq!(resized((1280, 720), frame, None), (None, frame));
    assert_eq!(
        resized((1280, 720), frame, Some(540)),
        (Some((540, 304)), Some((540, 960)))
    );
    assert_eq!(
        resized((1280, 720), None, Some(360)),
        (Some((640, 360)), None)
    );
}

#[test]
fn bars_are_black_and_the_picture_is_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, _) = attacked(folder.path(), "bars-9x16")?;
    let mut source = VideoReader::open(&folder.path().join("clip.mkv"), ReadOptions::default())?;
    let mut copy = VideoReader::open(&output, ReadOptions::default())?;
    let mut frames = 0;
    while let (Some(a), Some(b)) = (source.next_frame()?, copy.next_frame()?) {
        let (inner, outer) = (
            on_screen(&a.luma(), a.is_full_range()),
            on_screen(&b.luma(), b.is_full_range()),
        );
        assert_eq!(b.luma().size(), (320, 570));
        let (top, end) = (194 * 320, (194 + 180) * 320);
        assert_eq!(inner, outer[top..end]);
        assert!(outer[..top].iter().chain(&outer[end..]).all(|s| *s == 0));
        frames += 1;
    }
    assert_eq!(frames, 30);
    Ok(())
}

#[test]
fn cut_keeps_the_frames_and_their_samples() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, applied) = attacked(folder.path(), "cut-1s")?;
    let [start] = applied.cuts[..] else {
        return Err("one cut".into());
    };
    assert!((0.0..=2.0).contains(&start));
    // A lossless cut has the frames that a reader finds at that place.
    let options = ReadOptions {
        seek_seconds: Some(start),
        duration_seconds: Some(1.0),
        ..ReadOptions::default()
    };
    let mut source = VideoReader::open(&folder.path().join("clip.mkv"), options)?;
    let mut copy = VideoReader::open(&output, ReadOptions::default())?;
    let mut frames = 0;
    while let (Some(a), Some(b)) = (source.next_frame()?, copy.next_frame()?) {
        assert_eq!(
            on_screen(&a.luma(), a.is_full_range()),
            on_screen(&b.luma(), b.is_full_range())
        );
        frames += 1;
    }
    assert!((9..=11).contains(&frames), "{frames}");
    Ok(())
}

#[test]
fn stronger_attack_costs_more_and_the_rate_is_kept() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut last = f64::INFINITY;
    for crf in [20, 30, 40] {
        let (output, _) = attacked(folder.path(), &format!("h264-crf{crf}"))?;
        let psnr = likeness(&folder.path().join("clip.mkv"), &output)?;
        assert_eq!(psnr.frames, 30);
        assert!(psnr.clip_db < last - 2.0, "crf {crf}: {psnr:?}");
        last = psnr.clip_db;
    }
    let (output, _) = attacked(folder.path(), "h264-90p-60k")?;
    let info = probe(&output)?.video;
    assert_eq!((info.width, info.height), (160, 90));
    Ok(())
}

#[test]
fn frame_rate_changes_the_count_and_chains_leave_no_intermediates() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, _) = attacked(folder.path(), "fps-5+h264-crf30+hevc-crf30")?;
    let mut reader = VideoReader::open(&output, ReadOptions::default())?;
    let mut frames = 0;
    while reader.next_frame()?.is_some() {
        frames += 1;
    }
    assert!((14..=16).contains(&frames), "{frames}");
    let mut left: Vec<_> = std::fs::read_dir(folder.path())?
        .map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_, _>>()?;
    left.sort();
    assert_eq!(left, ["clip.mkv", "out.mkv"]);
    Ok(())
}

#[test]
fn same_seed_makes_the_same_pictures() -> Outcome {
    let folder = tempfile::tempdir()?;
    let name = "cut-1s+drop-10+h264-90p-crf30";
    let (output, first) = attacked(folder.path(), name)?;
    // The container itself carries a random identifier.
    let kept = folder.path().join("first.mkv");
    std::fs::rename(&output, &kept)?;
    for _ in 0..4 {
        let (output, again) = attacked(folder.path(), name)?;
        assert_eq!(first, again);
        let same = likeness(&kept, &output)?;
        assert!(same.frames >= 7, "{same:?}");
        assert!(same.worst_db >= 100.0, "{same:?}");
    }
    Ok(())
}

/// Times and luma.
type Shots = Vec<(f64, Vec<u8>)>;

fn shown(path: &Path) -> Result<Shots, Box<dyn std::error::Error>> {
    let mut reader = VideoReader::open(path, ReadOptions::default())?;
    let mut all = Vec::new();
    while let Some(frame) = reader.next_frame()? {
        all.push((
            frame.media_time(),
            on_screen(&frame.luma(), frame.is_full_range()),
        ));
    }
    Ok(all)
}

#[test]
fn speed_and_cut_in_one_pass_keep_the_pictures() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, applied) = attacked(folder.path(), "cut-1s+speed-2")?;
    let all = shown(&folder.path().join("clip.mkv"))?;
    let first = all
        .iter()
        .position(|(time, _)| *time > applied.cuts[0] - 0.05)
        .ok_or("a place")?;
    let fast = shown(&output)?;
    assert_eq!(fast.len(), 10);
    for (index, (time, samples)) in fast.iter().enumerate() {
        assert!((time - index as f64 * 0.05).abs() < 2e-3, "{time}");
        assert_eq!(*samples, all[first + index].1);
    }
    Ok(())
}

#[test]
fn reverse_turns_every_picture_round_and_keeps_the_length() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, _) = attacked(folder.path(), "reverse")?;
    let all = shown(&folder.path().join("clip.mkv"))?;
    let back = shown(&output)?;
    assert_eq!(all.len(), back.len());
    for (there, back) in all.iter().zip(back.iter().rev()) {
        assert_eq!(there.1, back.1);
    }
    assert!(
        back.windows(2)
            .all(|w| (w[1].0 - w[0].0 - 0.1).abs() < 0.011)
    );
    Ok(())
}

#[test]
fn course_says_which_moment_every_picture_shows() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, pieces) in [
        ("cut-1s", 1),
        ("drop-20+fps-10", 1),
        ("speed-1.25+cut-1s+h264-crf0", 1),
        ("blend-10+cut-2s+cut-1s", 1),
        ("head-12", 1),
        ("reverse", 1),
        ("cut-2s+reverse", 1),
        ("boomerang", 2),
        ("ramp-1x1.6x0.75", 3),
        ("stall-0.4", 3),
        ("stills-0.5", 7),
        ("recap-3x0.5s", 3),
        ("shuffle-3x0.5s", 3),
        ("shuffle-3x0.5s+speed-0.5", 3),
    ] {
        let (output, applied) = attacked(folder.path(), name)?;
        let all = shown(&folder.path().join("clip.mkv"))?;
        let frames = shown(&output)?;
        assert_eq!(applied.course.pieces().len(), pieces, "{name}");
        let length = applied.course.seconds();
        let last = frames.last().map_or(0.0, |frame| frame.0);
        assert!(length > last && length < last + 0.25, "{name}: {length}");
        let mut right = 0;
        for (moment, samples) in &frames {
            // Containers round times to milliseconds: at the border the moment after counts.
            let shown = applied.course.at(*moment + 1e-3).ok_or("a course")?;
            let near = |frame: &&(f64, Vec<u8>)| (frame.0 - shown).abs() < 0.04;
            right += usize::from(all.iter().find(near).is_some_and(|f| f.1 == *samples));
        }
        // A dropped picture is shown by the one before.
        let least = if name.starts_with("drop") { 0.6 } else { 1.0 };
        let share = right as f64 / frames.len() as f64;
        assert!(share >= least, "{name}: {share}");
    }
    let (_, averaged) = attacked(folder.path(), "average-5")?;
    let shown = averaged.course.at(1.0).ok_or("a course")?;
    assert!((shown - 0.8).abs() < 1e-9, "{shown}");
    let (_, shot) = attacked(folder.path(), "cut-1s+jpeg-q80")?;
    let begun = shot.cuts[0] + shot.cuts[1];
    assert!((0.0..0.21).contains(&(shot.course.at(0.0).ok_or("a course")? - begun)));
    Ok(())
}

#[test]
fn recap_has_its_fragments_length() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, applied) = attacked(folder.path(), "recap-3x0.5s")?;
    let frames = shown(&output)?;
    assert!((15..=18).contains(&frames.len()), "{}", frames.len());
    assert_eq!(applied.cuts.len(), 3);
    Ok(())
}

#[test]
fn copies_of_two_films_are_not_mixed() -> Outcome {
    let folder = tempfile::tempdir()?;
    let clip = folder.path().join("clip.mkv");
    let (slower, _) = attacked(folder.path(), "fps-5")?;
    let materials = Materials {
        copies: &[&clip, &slower],
        ..Materials::default()
    };
    let output = folder.path().join("mixed.mkv");
    let mixed = apply(
        &"average-of-2".parse()?,
        &materials,
        &output,
        &Place::new(1, "clip", "x"),
    );
    let said = mixed
        .err()
        .map_or_else(String::new, |error| error.to_string());
    assert!(
        said.contains("is no copy of the same title as") && said.contains("5.000 frames a second"),
        "{said}"
    );
    assert!(!output.exists());
    Ok(())
}

#[test]
fn what_is_compared_with_is_moved_as_the_attack_moves_and_loses_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let bent = folder.path().join("bent.mkv");
    for (name, least, most) in [
        // Nothing moves: the encoder's damage alone.
        ("h264-crf28", 28.0, 45.0),
        // Both are turned and cut at the same places.
        ("cut-1s+rotate-3+crop-0.8+h264-crf28", 28.0, 45.0),
        ("speed-1.25+mirror+h264-crf28", 28.0, 45.0),
        // Brightness is damage, and not moved.
        ("brightness-0.5+h264-crf28", 5.0, 25.0),
    ] {
        let (output, applied) = attacked(folder.path(), name)?;
        let clip = folder.path().join("clip.mkv");
        let again = bend(&name.parse()?, &clip, &bent, &Place::new(1, "clip", name))?;
        assert_eq!(again.cuts, applied.cuts, "{name}");
        let (kept, left) = (shown(&bent)?, shown(&output)?);
        assert_eq!(kept.len(), left.len(), "{name}");
        let mut sum = 0.0;
        let mut count = 0.0;
        for (a, b) in kept[4].1.iter().zip(&left[4].1) {
            sum += (f64::from(*a) - f64::from(*b)).powi(2);
            count += 1.0;
        }
        let db = 10.0 * (255.0 * 255.0 * count / sum).log10();
        assert!((least..most).contains(&db), "{name}: {db} dB");
    }
    let foreign = bend(
        &"pasted".parse()?,
        &bent,
        &folder.path().join("x.mkv"),
        &Place::new(1, "clip", "x"),
    );
    assert!(matches!(foreign, Err(AttackError::Missing { .. })));
    Ok(())
}

#[test]
fn mixes_take_the_samples_of_all_copies() -> Outcome {
    let folder = tempfile::tempdir()?;
    let clip = folder.path().join("clip.mkv");
    let (degraded, _) = attacked(folder.path(), "h264-crf40")?;
    let output = folder.path().join("mixed.mkv");
    let copies = [clip.as_path(), degraded.as_path()];
    let pictures = |name: &str| -> Result<Shots, Box<dyn std::error::Error>> {
        let materials = Materials {
            copies: &copies,
            ..Materials::default()
        };
        apply(
            &name.parse()?,
            &materials,
            &output,
            &Place::new(1, "clip", name),
        )?;
        shown(&output)
    };
    let (low, high) = (pictures("min-of-2")?, pictures("max-of-2")?);
    let (a, b) = (shown(&clip)?, shown(&degraded)?);
    for frame in [0, 17] {
        for (i, (low, high)) in low[frame].1.iter().zip(&high[frame].1).enumerate() {
            let pair = (a[frame].1[i], b[frame].1[i]);
            assert_eq!((*low, *high), (pair.0.min(pair.1), pair.0.max(pair.1)));
        }
    }
    let spliced = pictures("splice-of-2")?;
    assert_eq!((&spliced[3].1, &spliced[20].1), (&a[3].1, &b[20].1));
    let missing = apply(
        &"average-of-3".parse()?,
        &Materials {
            copies: &copies,
            ..Materials::default()
        },
        &output,
        &Place::new(1, "clip", "x"),
    );
    assert!(matches!(missing, Err(AttackError::Missing { .. })));
    Ok(())
}

#[test]
#[ignore = "slow: encodes at every rate"]
fn bitrates_are_within_a_tenth_of_their_names() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, kilobits) in [
        ("h264-200k", 200.0),
        ("h264-90p-60k", 60.0),
        ("hevc-200k", 200.0),
        ("vp9-200k", 200.0),
        ("mpeg2-600k", 600.0),
        ("mpeg4-400k", 400.0),
        ("noise-5+h264-400k", 400.0),
    ] {
        let (output, _) = attacked(folder.path(), name)?;
        let measured = std::fs::metadata(&output)?.len() as f64 * 8.0 / 1000.0 / 3.0;
        assert!(
            (measured / kilobits - 1.0).abs() < 0.1,
            "{name}: {measured}"
        );
    }
    Ok(())
}

#[test]
fn segments_say_which_copies_are_in_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (clip, _) = attacked(folder.path(), "h264-crf20")?;
    let (output, copies) = (folder.path().join("mixed.mkv"), [clip.as_path(); 10]);
    let materials = Materials {
        copies: &copies,
        ..Materials::default()
    };
    // Three seconds have room for two turns.
    let place = Place::new(1, "clip", "x");
    let applied = apply(&"segments-of-10".parse()?, &materials, &output, &place)?;
    let used = applied.used.ok_or("a choice")?;
    assert!((1..=2).contains(&used.len()) && used.iter().all(|&copy| copy < 10));
    let applied = apply(&"splice-of-3".parse()?, &materials, &output, &place)?;
    assert_eq!(applied.used, Some(vec![0, 1, 2]));
    let applied = apply(&"average-of-2".parse()?, &materials, &output, &place)?;
    assert_eq!(applied.used, None);
    Ok(())
}

#[test]
fn a_picture_between_bars_can_be_encoded_as_rgb() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (output, _) = attacked(folder.path(), "bars-1x1+h264rgb-crf20")?;
    let video = probe(&output)?.video;
    assert_eq!((video.width, video.height), (320, 320));
    assert_eq!(video.pixel_format, "gbrp");
    Ok(())
}
