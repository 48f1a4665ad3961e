//! Requests that cannot be met are refused with the file, the value and the remedy, and leave nothing behind.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use countermark_media::{
    AudioFormat, EncodeSettings, MediaError, Planes, Rate, ReadOptions, VideoCodec, VideoReader,
    VideoWriter, probe, transcode,
};

use crate::fixture::{
    HEIGHT, WIDTH, clip_settings, close, full_message, identity, names, picture, plain_clip,
};

/// A WAVE file with a tenth of a second of silence.
fn wave() -> Vec<u8> {
    let data = vec![0u8; 1600];
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000u32.to_le_bytes());
    file.extend(16000u32.to_le_bytes());
    file.extend(b"\x02\0\x10\0data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

#[test]
fn what_is_no_video_is_named() {
    let folder = tempfile::tempdir().expect("folder");
    let text = "A letter, not a film.\n".repeat(100);
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("empty.mp4", Vec::new(), "the file is empty"),
        (
            "text.mp4",
            text.clone().into_bytes(),
            "not a readable media file",
        ),
        ("text.txt", text.into_bytes(), "not a"),
        ("sound.mp4", wave(), "no video stream, only audio pcm_s16le"),
        (
            "list.m3u8",
            b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/a.ts\n".to_vec(),
            "the playlist leads nowhere",
        ),
    ];
    for (name, bytes, expected) in cases {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("write");
        let error = probe(&path).expect_err(name);
        let message = full_message(&error);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains(name), "{message}");
        assert!(VideoReader::open(&path, ReadOptions::default()).is_err());
        let marked = folder.path().join("marked.mkv");
        assert!(identity(&path, &marked, &EncodeSettings::default()).is_err());
        assert!(!marked.exists());
    }
    for path in [folder.path().to_owned(), folder.path().join("absent.mp4")] {
        assert!(probe(&path).is_err(), "{}", path.display());
    }
}

#[test]
fn outputs_that_cannot_be_are_refused_first() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 3);
    let settings = close(VideoCodec::H264);
    let refuse = |name: &str, settings: &EncodeSettings| {
        identity(&master, &folder.path().join(name), settings).expect_err(name)
    };
    let error = refuse("marked.avi", &settings);
    assert!(
        error.to_string().contains(".mp4, .m4v, .mov, .mkv"),
        "{error}"
    );
    assert!(matches!(
        refuse("master.mp4", &settings),
        MediaError::OutputIsInput { .. }
    ));
    fs::write(folder.path().join("taken.mp4"), "precious").expect("write");
    assert!(matches!(
        refuse("taken.mp4", &settings),
        MediaError::OutputExists { .. }
    ));
    assert_eq!(
        fs::read(folder.path().join("taken.mp4")).expect("read"),
        b"precious"
    );
    assert!(matches!(
        refuse("marked.webm", &settings),
        MediaError::ContainerCannotHold { .. }
    ));
    assert!(matches!(
        refuse("no/such/folder.mp4", &settings),
        MediaError::Io { .. }
    ));
    let replace = EncodeSettings {
        overwrite: true,
        ..settings
    };
    identity(&master, &folder.path().join("taken.mp4"), &replace).expect("replaced");
    assert_eq!(names(folder.path()), ["master.mp4", "taken.mp4"]);
}

#[test]
fn unknown_options_and_values_out_of_range_are_errors() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 3);
    let option = |codec, key: &str, value: &str| EncodeSettings {
        options: vec![(key.to_owned(), value.to_owned())],
        ..close(codec)
    };
    for (settings, expected) in [
        (option(VideoCodec::H264, "tuen", "film"), "tuen=film"),
        (
            option(VideoCodec::H264, "x264-params", "aq-mdoe=3"),
            "aq-mdoe",
        ),
        (
            option(VideoCodec::Hevc, "x265-params", "aq-mdoe=3"),
            "aq-mdoe",
        ),
        (
            EncodeSettings {
                preset: Some("meduim".to_owned()),
                ..close(VideoCodec::H264)
            },
            "meduim",
        ),
        (
            EncodeSettings::new(VideoCodec::H264, Rate::Crf(52.0)),
            "0 to 51, not 52",
        ),
        (
            EncodeSettings::new(VideoCodec::H264, Rate::Crf(f32::NAN)),
            "0 to 51",
        ),
        (
            EncodeSettings::new(VideoCodec::H264, Rate::Bitrate(0)),
            "bits a second",
        ),
    ] {
        let marked = folder.path().join("marked.mp4");
        let error = identity(&master, &marked, &settings).expect_err(expected);
        let message = full_message(&error);
        assert!(message.contains(expected), "{message}");
        assert_eq!(names(folder.path()), ["master.mp4"]);
    }
}

#[test]
fn audio_that_does_not_fit_is_an_error_with_a_remedy() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    let mut settings = clip_settings(VideoCodec::H264);
    settings.audio = Some(AudioFormat {
        sample_rate: 44_100,
        channels: 1,
    });
    let mut writer = VideoWriter::create(&master, settings).expect("writer");
    for number in 0..5 {
        let gray = picture((WIDTH, HEIGHT), number);
        writer.write_frame(Planes::Gray8(&gray)).expect("frame");
        writer.write_audio(&[0.1; 1764]).expect("sound");
    }
    writer.finish().expect("finish");
    let marked = folder.path().join("marked.webm");
    let error = identity(&master, &marked, &close(VideoCodec::Vp9)).expect_err("aac in webm");
    let message = error.to_string();
    assert!(message.contains("the aac audio of stream 1"), "{message}");
    assert!(message.contains("write a .mkv file instead"), "{message}");
    assert_eq!(names(folder.path()), ["master.mp4"]);
}

#[test]
fn rotation_that_would_be_lost_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    let mut settings = clip_settings(VideoCodec::H264);
    settings.labels.rotation_degrees = 270;
    crate::fixture::write_clip(&master, settings, 3);
    assert_eq!(probe(&master).expect("probe").video.rotation_degrees, 270);
    let marked = folder.path().join("marked.mkv");
    let error = identity(&master, &marked, &close(VideoCodec::H264)).expect_err("rotation");
    assert!(error.to_string().contains("270 degrees"), "{error}");
}

#[test]
fn a_failed_edit_leaves_no_file() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (
        folder.path().join("master.mp4"),
        folder.path().join("m.mp4"),
    );
    plain_clip(&master, 30);
    let settings = close(VideoCodec::H264);
    let error = transcode(
        &master,
        &marked,
        &settings,
        &mut |_, time| {
            if time.index == 7 {
                return Err("the eighth frame is cursed".into());
            }
            Ok(())
        },
        &(),
    )
    .expect_err("edit");
    assert!(
        matches!(error, MediaError::Edit { frame: 7, .. }),
        "{error}"
    );
    assert!(full_message(&error).contains("cursed"));
    assert_eq!(names(folder.path()), ["master.mp4"]);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        transcode(
            &master,
            &marked,
            &settings,
            &mut |_, time| {
                assert!(time.index < 3, "on purpose");
                Ok(())
            },
            &(),
        )
    }));
    assert!(panicked.is_err());
    assert_eq!(names(folder.path()), ["master.mp4"]);
}

#[test]
fn writers_refuse_wrong_planes_and_empty_films() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("own.mp4");
    let mut writer = VideoWriter::create(&path, clip_settings(VideoCodec::H264)).expect("writer");
    let error = writer
        .write_frame(Planes::Gray8(&[0; 10]))
        .expect_err("short");
    assert!(
        error.to_string().contains("must hold 6144 samples, not 10"),
        "{error}"
    );
    assert!(writer.write_audio(&[0.0; 2]).is_err());
    assert!(matches!(
        writer.finish(),
        Err(MediaError::NothingWritten { .. })
    ));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}
