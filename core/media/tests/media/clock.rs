//! The clip's seconds are those that a player shows, whatever the file's timestamps do.

use std::fs;
use std::path::{Path, PathBuf};

use countermark_media::{ClockBreak, Planes, ReadOptions, VideoCodec, VideoReader, VideoWriter};

use crate::fixture::{HEIGHT, WIDTH, clip_settings, picture};

/// A piece of 25 frames, 1 s, whose clock starts at so many seconds.
fn piece(folder: &Path, name: &str, start: f64, (width, height): (u32, u32)) -> Vec<u8> {
    let path = folder.join(format!("{name}.ts"));
    let mut settings = clip_settings(VideoCodec::H264);
    (settings.width, settings.height) = (width, height);
    let mut writer = VideoWriter::create(&path, settings).expect("writer");
    for number in 0..25 {
        let gray = picture((width, height), number);
        let seconds = start + number as f64 / 25.0;
        writer
            .write_frame_at(seconds, Planes::Gray8(&gray))
            .expect("frame");
    }
    writer.finish().expect("piece");
    fs::read(&path).expect("piece")
}

fn joined(folder: &Path, pieces: &[Vec<u8>]) -> PathBuf {
    let path = folder.join("joined.ts");
    fs::write(&path, pieces.concat()).expect("joined");
    path
}

struct Read {
    times: Vec<f64>,
    sizes: Vec<(usize, usize)>,
    breaks: Vec<ClockBreak>,
    told: Option<f64>,
}

fn read(path: &Path) -> Read {
    let mut reader = VideoReader::open(path, ReadOptions::default()).expect("open");
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    while let Some(frame) = reader.next_frame().expect("frame") {
        times.push(frame.media_time());
        sizes.push(frame.luma().size());
    }
    Read {
        times,
        sizes,
        breaks: reader.clock_breaks().to_vec(),
        told: reader.info().length_seconds(None),
    }
}

fn assert_continuous(read: &Read, frames: usize, case: &str) {
    assert_eq!(read.times.len(), frames, "{case}");
    for (frame, time) in read.times.iter().enumerate() {
        let due = read.times[0] + frame as f64 / 25.0;
        assert!((time - due).abs() < 1e-6, "{case}: frame {frame} at {time}");
    }
    let told = read.told.expect("a length");
    assert!(
        (told - frames as f64 / 25.0).abs() < 0.05,
        "{case}: {told} s"
    );
}

const SIZE: (u32, u32) = (WIDTH, HEIGHT);

#[test]
fn pieces_whose_clocks_restart_jump_or_overlap_follow_each_other() {
    let folder = tempfile::tempdir().expect("folder");
    let first = piece(folder.path(), "first", 0.0, SIZE);
    for (case, start) in [("restart", 0.0), ("jump", 1000.0), ("overlap", 0.4)] {
        let second = piece(folder.path(), case, start, SIZE);
        let read = read(&joined(folder.path(), &[first.clone(), second]));
        assert_continuous(&read, 50, case);
        let [only] = &read.breaks[..] else {
            panic!("{case}: {:?}", read.breaks);
        };
        assert_eq!(only.frame, 25, "{case}");
        let shift = only.file_seconds - only.expected_seconds;
        assert!((shift - (start - 1.0)).abs() < 0.1, "{case}: {only:?}");
    }
}

#[test]
fn another_size_in_mid_stream_is_one_continuous_span() {
    let folder = tempfile::tempdir().expect("folder");
    let pieces = [
        piece(folder.path(), "first", 0.0, SIZE),
        piece(folder.path(), "second", 1.0, (48, 32)),
    ];
    let read = read(&joined(folder.path(), &pieces));
    assert_continuous(&read, 50, "sizes");
    assert_eq!((read.sizes[24], read.sizes[25]), ((96, 64), (48, 32)));
}

#[test]
fn an_advertisement_between_two_pieces_moves_neither() {
    let folder = tempfile::tempdir().expect("folder");
    let first = piece(folder.path(), "first", 0.0, SIZE);
    let advertisement = piece(folder.path(), "advertisement", 500.0, (64, 48));
    let read = read(&joined(
        folder.path(),
        &[first.clone(), advertisement, first],
    ));
    assert_continuous(&read, 75, "advertisement");
    assert_eq!(read.breaks.len(), 2);
}

#[test]
fn a_counter_that_is_full_goes_on_from_the_beginning() {
    // 2^33 ticks of 1/90000 s are 95,443.7 s: the counter is full in the middle of the piece.
    let folder = tempfile::tempdir().expect("folder");
    let bytes = piece(folder.path(), "wrap", 95_441.8, SIZE);
    let read = read(&joined(folder.path(), &[bytes]));
    assert_continuous(&read, 25, "wrap");
    assert_eq!(read.breaks, []);
}

#[test]
fn a_moment_is_found_behind_a_break() {
    let folder = tempfile::tempdir().expect("folder");
    let first = piece(folder.path(), "first", 0.0, SIZE);
    let path = joined(folder.path(), &[first.clone(), first]);
    let options = ReadOptions {
        seek_seconds: Some(1.2),
        duration_seconds: Some(0.4),
        ..ReadOptions::default()
    };
    let mut reader = VideoReader::open(&path, options).expect("open");
    let mut times = Vec::new();
    while let Some(frame) = reader.next_frame().expect("frame") {
        times.push(frame.media_time());
    }
    assert_eq!(times.len(), 10, "{times:?}");
    assert!((times[0] - 1.2).abs() < 1e-6, "{times:?}");
}

#[test]
fn a_thousand_frames_a_second_cost_what_their_seconds_cost() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("fast.mkv");
    let mut settings = clip_settings(VideoCodec::H264);
    settings.frame_rate = countermark_media::Rational::new(1000, 1);
    crate::fixture::write_clip(&path, settings, 1000);
    let options = ReadOptions {
        most_frames_per_second: std::num::NonZeroU32::new(100),
        ..ReadOptions::default()
    };
    let mut reader = VideoReader::open(&path, options).expect("open");
    let (mut frames, mut last) = (0, 0.0);
    while let Some(frame) = reader.next_frame().expect("frame") {
        (frames, last) = (frames + 1, frame.media_time());
    }
    assert!((100..120).contains(&frames), "{frames}");
    assert!(last > 0.98, "{last}");
}
