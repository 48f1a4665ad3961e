//! Sound: its samples, its clock, and what is left of a damaged file.

use std::f32::consts::TAU;
use std::fs;
use std::path::Path;

use countermark_media::{
    AudioFormat, Integrity, MediaError, Planes, SoundOptions, SoundReader, VideoCodec, VideoWriter,
    VideoWriterSettings,
};

use crate::fixture::{HEIGHT, WIDTH, clip_settings, names, picture, plain_clip};
use crate::footage::footage;

const RATE: u32 = 8000;

/// Loudness of the second `number`: two neighbours are easily told apart.
fn amplitude(number: usize) -> f32 {
    0.1 + 0.2 * (number % 3) as f32
}

/// A clip of whole seconds with a tone of 440 Hz, each second at its own loudness.
fn sounding_clip(path: &Path, codec: VideoCodec, seconds: usize, format: AudioFormat) {
    let settings = VideoWriterSettings {
        audio: Some(format),
        ..clip_settings(codec)
    };
    let mut writer = VideoWriter::create(path, settings).expect("writer");
    let rate = format.sample_rate as usize;
    for second in 0..seconds {
        for number in 0..25 {
            let luma = picture((WIDTH, HEIGHT), 25 * second + number);
            writer.write_frame(Planes::Gray8(&luma)).expect("frame");
        }
        let sound: Vec<f32> = (0..rate)
            .map(|n| amplitude(second) * (TAU * 440.0 * n as f32 / rate as f32).sin())
            .flat_map(|x| vec![x; usize::from(format.channels)])
            .collect();
        writer.write_audio(&sound).expect("sound");
    }
    writer.finish().expect("clip");
}

const STEREO: AudioFormat = AudioFormat {
    sample_rate: 48_000,
    channels: 2,
};

/// All samples, the time of the first, the number of holes, and the state of the file.
fn heard(path: &Path, options: SoundOptions) -> (Vec<f32>, f64, usize, Integrity) {
    let mut reader = SoundReader::open(path, options)
        .expect("open")
        .expect("sound");
    let (mut samples, mut start, mut holes) = (Vec::new(), f64::NAN, 0);
    let mut due = f64::NAN;
    while let Some(block) = reader.next_block().expect("block") {
        assert!(!block.samples().is_empty());
        if samples.is_empty() {
            start = block.media_time();
        } else if (block.media_time() - due).abs() > 1e-6 {
            holes += 1;
        }
        samples.extend_from_slice(block.samples());
        due = block.media_time() + block.samples().len() as f64 / f64::from(options.sample_rate);
    }
    (samples, start, holes, reader.integrity().clone())
}

/// Amplitude of the tone in the middle of a second that begins at sample `from`.
fn loudness(samples: &[f32], from: usize) -> f32 {
    let rate = RATE as usize;
    let middle = &samples[from + rate / 4..from + 3 * rate / 4];
    (2.0 * middle.iter().map(|x| x * x).sum::<f32>() / middle.len() as f32).sqrt()
}

#[test]
fn sound_has_the_rate_and_the_loudness_of_its_seconds() {
    let folder = tempfile::tempdir().expect("folder");
    let mono = AudioFormat {
        sample_rate: 44_100,
        channels: 1,
    };
    for (name, codec, format) in [
        ("a.mp4", VideoCodec::H264, STEREO),
        ("a.mkv", VideoCodec::H264, mono),
        ("a.webm", VideoCodec::Vp9, STEREO),
    ] {
        let path = folder.path().join(name);
        sounding_clip(&path, codec, 4, format);
        let (samples, start, holes, integrity) = heard(&path, SoundOptions::new(RATE));
        assert!(integrity.is_complete(), "{name}: {integrity}");
        assert_eq!(holes, 0, "{name}");
        assert!(start.abs() < 0.03, "{name}: {start}");
        assert!(
            samples.len().abs_diff(4 * RATE as usize) < 600,
            "{name}: {}",
            samples.len()
        );
        for second in 0..3 {
            let from = ((second as f64 - start) * f64::from(RATE)).max(0.0) as usize;
            let error = loudness(&samples, from) - amplitude(second);
            assert!(error.abs() < 0.02, "{name}, second {second}: {error}");
        }
    }
}

#[test]
fn part_of_the_sound_is_the_same_part_of_the_whole() {
    let folder = tempfile::tempdir().expect("folder");
    for name in ["a.mp4", "a.mkv"] {
        let path = folder.path().join(name);
        sounding_clip(&path, VideoCodec::H264, 6, STEREO);
        let (whole, start, ..) = heard(&path, SoundOptions::new(RATE));
        let options = SoundOptions {
            seek_seconds: Some(3.25),
            duration_seconds: Some(1.5),
            ..SoundOptions::new(RATE)
        };
        let (part, from, ..) = heard(&path, options);
        assert!((from - 3.25).abs() < 1e-3, "{name}: {from}");
        assert!(part.len().abs_diff(12_000) <= 1, "{name}: {}", part.len());
        let skipped = ((from - start) * f64::from(RATE)).round() as usize;
        // The seam of two seconds is a step of loudness. The two runs sample the resampled tone at phases up to half a
        // sample apart: 440 Hz changes by 0.17 of its amplitude in that.
        let seam = |samples: &[f32]| {
            let rms = |at: usize| samples[at..at + 200].iter().map(|x| x * x).sum::<f32>();
            (0..samples.len() - 400)
                .max_by(|a, b| {
                    let step = |at: usize| (rms(at + 200) - rms(at)).abs();
                    step(*a).total_cmp(&step(*b))
                })
                .expect("samples")
        };
        let offset = seam(&whole[skipped..skipped + part.len()]).abs_diff(seam(&part));
        assert!(offset <= 40, "{name}: {offset} samples");
    }
}

#[test]
fn silent_files_have_no_sound_and_beyond_the_end_there_is_none() {
    let folder = tempfile::tempdir().expect("folder");
    let silent = folder.path().join("silent.mp4");
    plain_clip(&silent, 5);
    let reader = SoundReader::open(&silent, SoundOptions::new(RATE)).expect("open");
    assert!(reader.is_none());
    let short = folder.path().join("short.mp4");
    sounding_clip(&short, VideoCodec::H264, 1, STEREO);
    let beyond = SoundOptions {
        seek_seconds: Some(20.0),
        ..SoundOptions::new(RATE)
    };
    assert!(heard(&short, beyond).0.is_empty());
}

#[test]
fn sound_of_a_cut_file_goes_on_to_the_cut_and_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    for name in ["cut.mp4", "cut.mkv"] {
        let path = folder.path().join(name);
        sounding_clip(&path, VideoCodec::H264, 6, STEREO);
        let bytes = fs::read(&path).expect("read");
        fs::write(&path, &bytes[..bytes.len() * 6 / 10]).expect("write");
        let (samples, _, _, integrity) = heard(&path, SoundOptions::new(RATE));
        assert!(integrity.is_truncated(), "{name}: {integrity}");
        let seconds = samples.len() / RATE as usize;
        assert!((1..5).contains(&seconds), "{name}: {seconds}");
    }
    assert_eq!(names(folder.path()), ["cut.mkv", "cut.mp4"]);
}

#[test]
fn garbage_in_the_sound_is_counted_and_the_clock_stands() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("garbage.mp4");
    sounding_clip(&path, VideoCodec::H264, 6, STEREO);
    let mut bytes = fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    assert!(bytes.len() > 100_000, "{}", bytes.len());
    for (offset, byte) in bytes[middle..middle + 20_000].iter_mut().enumerate() {
        *byte = (offset * 37 % 251) as u8;
    }
    fs::write(&path, bytes).expect("write");
    let (samples, start, _, integrity) = heard(&path, SoundOptions::new(RATE));
    assert!(!integrity.is_complete());
    assert!(integrity.damaged_packets + integrity.damaged_frames > 0);
    assert!((loudness(&samples, (-start * f64::from(RATE)) as usize) - amplitude(0)).abs() < 0.02);
    let last = &samples[samples.len() - RATE as usize - 400..];
    assert!((loudness(last, 0) - amplitude(5)).abs() < 0.02);
}

#[test]
fn rates_out_of_range_and_negative_times_are_refused() {
    let path = Path::new("nowhere.mp4");
    let slow = SoundReader::open(path, SoundOptions::new(10)).err();
    assert!(matches!(slow, Some(MediaError::InvalidSetting { .. })));
    let options = SoundOptions {
        seek_seconds: Some(-1.0),
        ..SoundOptions::new(RATE)
    };
    let before = SoundReader::open(path, options).err();
    assert!(matches!(before, Some(MediaError::InvalidSetting { .. })));
    let missing = SoundReader::open(path, SoundOptions::new(RATE)).err();
    assert!(matches!(missing, Some(MediaError::Io { .. })));
}

#[test]
#[ignore = "real clips: make test-all"]
fn real_clips_sound_from_where_their_video_begins() {
    for (name, seconds) in [
        ("bbb-opening-480p24-h264.mp4", 30.0),
        // Sound and pictures of this file both begin at 3 ms.
        ("bbb-opening-720p24-vp8.webm", 30.0),
        ("his-girl-friday-480p30.mp4", 6.1),
    ] {
        let Some(path) = footage(name) else { continue };
        let (samples, start, holes, integrity) = heard(&path, SoundOptions::new(RATE));
        assert!(integrity.is_complete(), "{name}: {integrity}");
        assert_eq!(holes, 0, "{name}");
        assert!(start.abs() < 5e-4, "{name}: {start}");
        let heard = samples.len() as f64 / f64::from(RATE);
        assert!((heard - seconds).abs() < 0.15, "{name}: {heard}");
    }
}
