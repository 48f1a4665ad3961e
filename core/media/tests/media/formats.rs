//! Pixel formats, sizes and codecs on their way through a transcode.

use countermark_media::{
    MediaError, Note, Planes, ReadOptions, SampleFormat, VideoCodec, VideoReader, VideoWriter,
    VideoWriterSettings, probe, transcode,
};

use crate::fixture::{
    HEIGHT, WIDTH, all_shots, brighten, clip_settings, close, difference, identity, mean, picture,
    plain_clip, ten_bits, write_clip,
};

#[test]
fn edits_reach_every_frame_and_spoil_none() {
    // Writing into a frame that the decoder still predicts from would add up over the clip.
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    let mut settings = clip_settings(VideoCodec::H264);
    settings.encode.options = vec![("bf".to_owned(), "2".to_owned())];
    write_clip(&master, settings, 40);
    let mut edit = |mut luma: countermark_picture::AnyPlaneMut<'_>, _| {
        brighten(&mut luma, 10);
        Ok(())
    };
    transcode(&master, &marked, &close(VideoCodec::H264), &mut edit, &()).expect("transcode");
    let (before, after) = (all_shots(&master), all_shots(&marked));
    assert_eq!(before.len(), 40);
    assert_eq!(after.len(), 40);
    for (before, after) in before.iter().zip(&after) {
        let rise = mean(&after.samples) - mean(&before.samples);
        assert!(
            (rise - 10.0).abs() < 0.5,
            "{} rose by {rise}",
            after.media_time
        );
    }
}

#[test]
fn ten_bits_stay_ten_bits_in_both_codecs() {
    let folder = tempfile::tempdir().expect("folder");
    for (from, to) in [
        (VideoCodec::H264, VideoCodec::Hevc),
        (VideoCodec::Hevc, VideoCodec::H264),
    ] {
        let master = folder.path().join(format!("{from:?}.mkv"));
        let marked = folder.path().join(format!("{from:?}-{to:?}.mp4"));
        write_clip(&master, ten_bits(from), 10);
        let report = identity(&master, &marked, &close(to)).expect("transcode");
        assert_eq!(report.pixel_format, "yuv420p10le");
        assert_eq!(report.notes, []);
        let video = probe(&marked).expect("probe").video;
        assert_eq!(video.bit_depth, 10);
        let (before, after) = (all_shots(&master), all_shots(&marked));
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert!(before.samples.iter().any(|&sample| sample > 255));
            assert!(difference(&before.samples, &after.samples) < 6.0);
        }
    }
}

#[test]
fn chroma_layouts_are_kept() {
    let folder = tempfile::tempdir().expect("folder");
    for (format, name) in [
        (SampleFormat::Yuv422Bits8, "yuv422p"),
        (SampleFormat::Yuv422Bits10, "yuv422p10le"),
        (SampleFormat::Yuv444Bits8, "yuv444p"),
        (SampleFormat::Yuv444Bits10, "yuv444p10le"),
    ] {
        for codec in [VideoCodec::H264, VideoCodec::Hevc] {
            let master = folder.path().join(format!("{name}-{codec:?}.mp4"));
            let marked = folder.path().join(format!("{name}-{codec:?}-out.mp4"));
            let settings = VideoWriterSettings {
                format,
                ..clip_settings(codec)
            };
            write_clip(&master, settings, 3);
            let report = identity(&master, &marked, &close(codec)).expect("transcode");
            assert_eq!(report.pixel_format, name);
            assert_eq!(report.notes, []);
        }
    }
}

#[test]
fn full_range_stays_full_range() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    let settings = VideoWriterSettings {
        full_range: true,
        ..clip_settings(VideoCodec::H264)
    };
    write_clip(&master, settings, 5);
    assert_eq!(
        probe(&master).expect("probe").video.pixel_format,
        "yuvj420p"
    );
    let report = identity(&master, &marked, &close(VideoCodec::H264)).expect("transcode");
    assert_eq!(report.notes, []);
    assert!(probe(&marked).expect("probe").video.full_range);
    for (before, after) in all_shots(&master).iter().zip(&all_shots(&marked)) {
        assert!(before.full_range && after.full_range);
        assert!(difference(&before.samples, &after.samples) < 2.0);
    }
}

#[test]
fn odd_sizes_keep_their_size_and_luma() {
    let folder = tempfile::tempdir().expect("folder");
    let (width, height) = (107, 61);
    let master = folder.path().join("odd.webm");
    let settings = VideoWriterSettings {
        width,
        height,
        ..clip_settings(VideoCodec::Vp9)
    };
    // The writer takes 4:2:0 of odd size where the codec does.
    write_clip(&master, settings, 4);
    for codec in [VideoCodec::H264, VideoCodec::Hevc] {
        let marked = folder.path().join(format!("{codec:?}.mp4"));
        let report = identity(&master, &marked, &close(codec)).expect("transcode");
        assert_eq!(report.pixel_format, "yuv444p");
        assert!(matches!(
            report.notes.as_slice(),
            [Note::PixelFormatConverted { from, to }] if from == "yuv420p" && to == "yuv444p"
        ));
        let (before, after) = (all_shots(&master), all_shots(&marked));
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after.size, (107, 61));
            assert!(difference(&before.samples, &after.samples) < 2.0);
        }
    }
    let direct = VideoWriterSettings {
        width,
        height,
        ..clip_settings(VideoCodec::H264)
    };
    let path = folder.path().join("direct.mp4");
    let mut writer = VideoWriter::create(&path, direct).expect("writer");
    let error = writer
        .write_frame(Planes::Gray8(&picture((width, height), 0)))
        .expect_err("H.264 has no odd 4:2:0");
    assert!(matches!(error, MediaError::Ffmpeg { .. }), "{error}");
}

#[test]
fn one_frame_is_a_film() {
    let folder = tempfile::tempdir().expect("folder");
    for extension in ["mp4", "mkv"] {
        let master = folder.path().join(format!("one.{extension}"));
        let marked = folder.path().join(format!("marked.{extension}"));
        plain_clip(&master, 1);
        let report = identity(&master, &marked, &close(VideoCodec::H264)).expect("transcode");
        assert_eq!(report.frames, 1);
        assert_eq!(all_shots(&marked).len(), 1);
        let duration = probe(&marked).expect("probe").duration_seconds;
        assert!(
            duration.is_some_and(|it| (it - 0.04).abs() < 0.002),
            "{duration:?}"
        );
    }
}

#[test]
fn still_pictures_are_clips_of_one_frame() {
    let folder = tempfile::tempdir().expect("folder");
    let pixels = image::RgbImage::from_fn(WIDTH - 1, HEIGHT - 1, |x, y| {
        image::Rgb([(x * 2) as u8, (y * 3) as u8, 90])
    });
    let gray =
        image::GrayImage::from_fn(WIDTH - 1, HEIGHT - 1, |x, y| image::Luma([(x + y) as u8]));
    for name in ["shot.png", "shot%02d.jpg", "gray.png"] {
        let path = folder.path().join(name);
        if name.starts_with("gray") {
            gray.save(&path).expect("save");
        } else {
            pixels.save(&path).expect("save");
        }
        let shots = all_shots(&path);
        assert_eq!(shots.len(), 1, "{name}");
        assert_eq!(shots[0].size, (95, 63));
        assert!(shots[0].full_range, "{name}");
        let expected: Vec<u16> = if name.starts_with("gray") {
            gray.pixels().map(|pixel| u16::from(pixel[0])).collect()
        } else {
            // BT.601, as for every small picture.
            pixels
                .pixels()
                .map(|pixel| {
                    let [r, g, b] = pixel.0.map(f64::from);
                    (0.299 * r + 0.587 * g + 0.114 * b).round() as u16
                })
                .collect()
        };
        let error = difference(&shots[0].samples, &expected);
        assert!(error < 2.0, "{name}: {error}");
        let mut reader = VideoReader::open(&path, ReadOptions::default()).expect("open");
        assert_eq!(reader.info().width, 95);
        assert!(reader.next_frame().expect("frame").is_some());
        assert!(reader.next_frame().expect("end").is_none());
    }
}
