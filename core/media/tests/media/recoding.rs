//! Copies for attacks and proxies.

use countermark_media::{MediaError, Rational, Recode, VideoCodec, probe, recode};

use crate::fixture::{all_shots, close, difference, plain_clip};

#[test]
fn every_codec_makes_a_readable_copy() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("master.mp4");
    plain_clip(&master, 12);
    let before = all_shots(&master);
    for (codec, extension, name) in [
        (VideoCodec::H264, "mp4", "h264"),
        (VideoCodec::Hevc, "mkv", "hevc"),
        (VideoCodec::Vp9, "webm", "vp9"),
        (VideoCodec::Av1, "mkv", "av1"),
        (VideoCodec::Mpeg2, "ts", "mpeg2video"),
        (VideoCodec::Mpeg4, "mp4", "mpeg4"),
    ] {
        let copy = folder.path().join(format!("copy-{name}.{extension}"));
        let report = recode(&master, &copy, &Recode::new(close(codec)), &()).expect(name);
        assert_eq!(report.frames, 12, "{name}");
        assert_eq!(probe(&copy).expect("probe").video.codec, name);
        let after = all_shots(&copy);
        assert_eq!(after.len(), 12, "{name}");
        for (before, after) in before.iter().zip(&after) {
            assert!(
                (before.media_time - after.media_time).abs() < 1e-3,
                "{name}"
            );
            let error = difference(&before.samples, &after.samples);
            assert!(error < 6.0, "{name}: {error}");
        }
    }
}

#[test]
fn scale_cut_and_rate_do_what_they_say() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, copy) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    plain_clip(&master, 100);
    let request = Recode {
        scale: Some((48, 32)),
        start_seconds: Some(1.2),
        duration_seconds: Some(2.0),
        frame_rate: Some(Rational::new(10, 1)),
        ..Recode::new(close(VideoCodec::H264))
    };
    let report = recode(&master, &copy, &request, &()).expect("recode");
    assert_eq!(report.frames, 20);
    let video = probe(&copy).expect("probe").video;
    assert_eq!((video.width, video.height), (48, 32));
    assert_eq!(video.frame_rate, Rational::new(10, 1));
    let shots = all_shots(&copy);
    assert_eq!(shots.len(), 20);
    for (number, shot) in shots.iter().enumerate() {
        assert!((shot.media_time - number as f64 / 10.0).abs() < 1e-6);
    }
}

#[test]
fn an_empty_part_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, copy) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    plain_clip(&master, 10);
    let request = Recode {
        start_seconds: Some(50.0),
        ..Recode::new(close(VideoCodec::H264))
    };
    let error = recode(&master, &copy, &request, &()).expect_err("nothing there");
    assert!(
        matches!(error, MediaError::NothingWritten { .. }),
        "{error}"
    );
    assert!(!copy.exists());
}
