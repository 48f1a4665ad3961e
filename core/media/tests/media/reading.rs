//! Reading a part of a file gives the same pictures as reading all of it.

use std::num::NonZeroUsize;

use countermark_media::{MediaError, ReadOptions, VideoCodec, VideoReader};
use countermark_picture::{Sample as _, by_depth};

use crate::fixture::{all_shots, clip_settings, plain_clip, shots, write_clip};

#[test]
fn seeking_finds_exactly_the_frames_of_a_full_read() {
    let folder = tempfile::tempdir().expect("folder");
    for extension in ["mp4", "mkv", "ts"] {
        let path = folder.path().join(format!("long.{extension}"));
        let mut settings = clip_settings(VideoCodec::H264);
        settings.encode.gop = Some(20);
        settings.encode.options = vec![("bf".to_owned(), "2".to_owned())];
        settings.labels.start_seconds = 0.4;
        write_clip(&path, settings, 150);
        let all = all_shots(&path);
        assert_eq!(all.len(), 150, "{extension}");
        let starts = [0.0, 0.5, 0.76, 0.8, 1.0, 2.32, 3.96, 3.99, 5.9];
        let both = starts.map(|start| [(start, false), (start, true)]);
        for (start, has_closed_groups) in both.into_iter().flatten() {
            let part = shots(
                &path,
                ReadOptions {
                    seek_seconds: Some(start),
                    duration_seconds: Some(0.4),
                    has_closed_groups,
                    ..ReadOptions::default()
                },
            );
            let expected: Vec<_> = all
                .iter()
                .filter(|shot| shot.media_time > start - 0.001 && shot.media_time < start + 0.399)
                .collect();
            assert_eq!(part.len(), expected.len(), "{extension} at {start}");
            for (part, expected) in part.iter().zip(expected) {
                assert!((part.media_time - expected.media_time).abs() < 1e-9);
                assert_eq!(part.samples, expected.samples);
            }
        }
        for has_closed_groups in [false, true] {
            let options = ReadOptions {
                has_closed_groups,
                ..ReadOptions::default()
            };
            let mut reader = VideoReader::open(&path, options).expect("open");
            for start in [3.96, 0.76, 0.8, 5.9, 0.0, 2.32, 0.5] {
                reader.go_to(start).expect("a moment");
                let wanted = all.iter().filter(|shot| shot.media_time > start - 0.001);
                for wanted in wanted.take(7) {
                    let frame = reader.next_frame().expect("a frame").expect("one more");
                    assert!((frame.media_time() - wanted.media_time).abs() < 1e-9);
                    let luma = frame.luma();
                    let is_same = by_depth!(luma, |view| view
                        .rows()
                        .flatten()
                        .map(|sample| sample.code())
                        .eq(wanted.samples.iter().copied()));
                    assert!(is_same, "{extension} at {start}");
                }
            }
        }
    }
}

#[test]
fn seeking_past_the_end_finds_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    for file in ["short.mp4", "short.ts"] {
        let path = folder.path().join(file);
        plain_clip(&path, 10);
        for has_closed_groups in [false, true] {
            let beyond = ReadOptions {
                seek_seconds: Some(100.0),
                has_closed_groups,
                ..ReadOptions::default()
            };
            assert!(shots(&path, beyond).is_empty(), "{file}");
        }
    }
    let path = folder.path().join("short.mp4");
    let negative = ReadOptions {
        seek_seconds: Some(-1.0),
        ..ReadOptions::default()
    };
    assert!(matches!(
        VideoReader::open(&path, negative),
        Err(MediaError::InvalidSetting { .. })
    ));
}

#[test]
fn threads_and_limits_change_no_sample() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("clip.mp4");
    plain_clip(&path, 30);
    let with = |threads, max_frames| {
        shots(
            &path,
            ReadOptions {
                threads: NonZeroUsize::new(threads),
                max_frames,
                ..ReadOptions::default()
            },
        )
    };
    let (one, four, few) = (with(1, None), with(4, None), with(2, Some(7)));
    assert_eq!((one.len(), four.len(), few.len()), (30, 30, 7));
    for (one, four) in one.iter().zip(&four) {
        assert_eq!(one.samples, four.samples);
    }
}
