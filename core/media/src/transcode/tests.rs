//! What a transcode carries over, compared packet by packet: this needs the crate's own demuxer.

use std::path::Path;

use countermark_picture::AnyPlaneMut;

use super::*;
use crate::ffi::{Input, Packet};
use crate::plan::video_stream;
use crate::source::{Event, FrameSource};
use crate::{
    AudioFormat, CancelToken, Chapter, Planes, Rate, Rational, SampleFormat, VideoCodec,
    VideoWriter, VideoWriterSettings, probe,
};

const WIDTH: u32 = 64;
const HEIGHT: u32 = 48;

/// A gradient that moves with `number`.
fn picture(number: usize) -> Vec<u8> {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    (0..width * height)
        .map(|at| (40 + (at % width + at / width + 3 * number) % 160) as u8)
        .collect()
}

fn small(codec: VideoCodec) -> EncodeSettings {
    EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..EncodeSettings::new(codec, Rate::Crf(12.0))
    }
}

fn master_settings() -> VideoWriterSettings {
    VideoWriterSettings::new(
        WIDTH,
        HEIGHT,
        Rational::new(25, 1),
        EncodeSettings {
            // B-frames: decoding order differs from presentation order.
            options: vec![("bf".to_owned(), "2".to_owned())],
            ..small(VideoCodec::H264)
        },
    )
}

/// Writes pictures at `times`, with sound beside them if the settings ask for it.
fn write_master(path: &Path, settings: VideoWriterSettings, times: &[f64]) {
    let audio = settings.audio;
    let deep = settings.format.bit_depth() > 8;
    let mut writer = VideoWriter::create(path, settings).expect("writer");
    let mut sounded = 0;
    for (number, &time) in times.iter().enumerate() {
        let gray = picture(number);
        if deep {
            let samples: Vec<u16> = gray.iter().map(|&sample| u16::from(sample) * 4).collect();
            writer.write_frame_at(time, Planes::Gray16(&samples))
        } else {
            writer.write_frame_at(time, Planes::Gray8(&gray))
        }
        .expect("frame");
        if let Some(format) = audio {
            let until = ((time + 0.04) * f64::from(format.sample_rate)) as usize;
            let tone: Vec<f32> = (sounded..until.max(sounded))
                .flat_map(|at| {
                    let sample = (at as f32 * 0.05).sin() * 0.3;
                    vec![sample; usize::from(format.channels)]
                })
                .collect();
            sounded = until.max(sounded);
            writer.write_audio(&tone).expect("sound");
        }
    }
    writer.finish().expect("finish");
}

fn even_times(frames: usize) -> Vec<f64> {
    (0..frames).map(|number| number as f64 / 25.0).collect()
}

/// Presentation times of all pictures, in seconds.
fn picture_times(path: &Path) -> Vec<f64> {
    let mut source = FrameSource::open(path, 2, &CancelToken::new()).expect("open");
    let time_base = source.time_base();
    let mut times = Vec::new();
    loop {
        match source.next() {
            Event::Frame(frame) => {
                times.push(crate::Pts(frame.pts().expect("set")).seconds(time_base));
            }
            Event::Packet(_) => {}
            Event::End => return times,
        }
    }
}

/// Time in seconds and bytes of every packet that is not video.
fn foreign_packets(path: &Path) -> Vec<(f64, Vec<u8>)> {
    let mut input = Input::open(path, None, &CancelToken::new()).expect("open");
    let video = input.best_video().expect("video").index();
    let mut packets = Vec::new();
    let mut packet = Packet::new();
    while input.read(&mut packet).expect("read") {
        if packet.stream() != video {
            let time_base = input.stream(packet.stream()).expect("stream").time_base();
            let pts = packet.pts().expect("sound has times");
            packets.push((pts as f64 * time_base.as_f64(), packet.data().to_vec()));
        }
    }
    packets
}

fn identity(input: &Path, output: &Path, settings: &EncodeSettings) -> TranscodeReport {
    transcode(input, output, settings, &mut |_, _| Ok(()), &()).expect("transcode")
}

fn assert_same_times(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-6, "{a} became {b}");
    }
}

#[test]
fn only_the_pictures_are_new() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (
        folder.path().join("master.mp4"),
        folder.path().join("m.mp4"),
    );
    let mut settings = master_settings();
    settings.audio = Some(AudioFormat {
        sample_rate: 48_000,
        channels: 2,
    });
    settings.labels.rotation_degrees = 90;
    settings.labels.sample_aspect = Rational::new(4, 3);
    settings.labels.metadata = vec![("title".to_owned(), "Countermark test".to_owned())];
    settings.labels.chapters = ["one", "two"]
        .into_iter()
        .zip([0.0, 0.6])
        .map(|(title, start)| Chapter {
            start_seconds: start,
            end_seconds: start + 0.6,
            title: title.to_owned(),
        })
        .collect();
    for (key, value) in [
        ("color_primaries", "bt709"),
        ("color_trc", "bt709"),
        ("colorspace", "bt709"),
    ] {
        settings
            .encode
            .options
            .push((key.to_owned(), value.to_owned()));
    }
    write_master(&master, settings, &even_times(30));
    let report = identity(&master, &marked, &small(VideoCodec::H264));
    assert_eq!(report.frames, 30);
    assert_eq!(report.copied_streams, 1);
    assert_eq!(report.dropped_streams, []);
    assert_eq!(report.notes, []);
    assert_same_times(&picture_times(&master), &picture_times(&marked));
    assert_eq!(foreign_packets(&master), foreign_packets(&marked));
    let (before, after) = (
        probe(&master).expect("probe"),
        probe(&marked).expect("probe"),
    );
    assert_eq!(after.video.rotation_degrees, 90);
    assert_eq!(after.video.sample_aspect, Rational::new(4, 3));
    assert_eq!(after.video.colour.primaries, "bt709");
    assert_eq!(before.video, after.video);
    assert_eq!(after.chapters, 2);
    assert_eq!(before.other_streams, after.other_streams);
    assert!(
        after
            .metadata
            .contains(&("title".to_owned(), "Countermark test".to_owned()))
    );
}

#[test]
fn uneven_times_and_a_late_start_are_kept() {
    let folder = tempfile::tempdir().expect("folder");
    let times = [0.0, 0.033, 0.1, 0.133, 0.5, 0.9, 0.934, 1.25];
    for (from, to, start) in [
        ("mp4", "mp4", 0.0),
        ("mkv", "mkv", 0.0),
        ("mkv", "mp4", 0.0),
        ("mp4", "mp4", 1.5),
        ("mkv", "mkv", 1.5),
        ("mkv", "mp4", 1.5),
    ] {
        let master = folder.path().join(format!("{from}{to}{start}.{from}"));
        let marked = folder.path().join(format!("{from}{to}{start}-out.{to}"));
        let mut settings = master_settings();
        settings.labels.start_seconds = start;
        write_master(&master, settings, &times);
        let report = identity(&master, &marked, &small(VideoCodec::H264));
        assert_eq!(report.frames, times.len() as u64, "{from} to {to}");
        let (before, after) = (picture_times(&master), picture_times(&marked));
        assert!((before[0] - start).abs() < 1e-3, "{from}: {before:?}");
        assert_same_times(&before, &after);
    }
}

#[test]
fn edits_get_the_media_time_that_readers_see() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (folder.path().join("a.mkv"), folder.path().join("b.mp4"));
    let mut settings = master_settings();
    settings.labels.start_seconds = 2.0;
    write_master(&master, settings, &[0.0, 0.05, 0.2, 0.21]);
    let mut told = Vec::new();
    let mut edit = |_: AnyPlaneMut<'_>, time: FrameTime| {
        told.push((time.index, time.media_time));
        Ok(())
    };
    transcode(&master, &marked, &small(VideoCodec::H264), &mut edit, &()).expect("transcode");
    let mut reader =
        crate::VideoReader::open(&marked, crate::ReadOptions::default()).expect("open");
    let mut seen = Vec::new();
    while let Some(frame) = reader.next_frame().expect("frame") {
        seen.push((frame.index(), frame.media_time()));
    }
    assert_eq!(told.len(), 4);
    for (told, seen) in told.iter().zip(&seen) {
        assert_eq!(told.0, seen.0);
        assert!((told.1 - seen.1).abs() < 1e-6, "{told:?} {seen:?}");
    }
}

#[test]
fn hdr10_survives_both_encoders() {
    const DISPLAY: &str = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)";
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("hdr.mp4");
    let mut settings = master_settings();
    settings.format = SampleFormat::Yuv420Bits10;
    settings.encode = small(VideoCodec::Hevc);
    settings.encode.options = [
        (
            "x265-params",
            format!("master-display={DISPLAY}:max-cll=1000,400").as_str(),
        ),
        ("color_primaries", "bt2020"),
        ("color_trc", "smpte2084"),
        ("colorspace", "bt2020nc"),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .to_vec();
    write_master(&master, settings, &even_times(5));
    for codec in [VideoCodec::Hevc, VideoCodec::H264] {
        let marked = folder.path().join(format!("{codec:?}.mp4"));
        let report = identity(&master, &marked, &small(codec));
        assert_eq!(report.pixel_format, "yuv420p10le");
        let mut source = FrameSource::open(&marked, 1, &CancelToken::new()).expect("open");
        let Event::Frame(frame) = source.next() else {
            panic!("no frame")
        };
        // FFmpeg's H.264 decoder does not read this metadata from the bit stream; the container has it too.
        let hdr10 = if codec == VideoCodec::Hevc {
            frame.hdr10()
        } else {
            video_stream(&source).hdr10()
        };
        assert_eq!(
            hdr10.mastering_display.as_deref(),
            Some(DISPLAY),
            "{codec:?}"
        );
        assert_eq!(hdr10.light_level, Some((1000, 400)), "{codec:?}");
        let colour = probe(&marked).expect("probe").video.colour;
        assert_eq!(colour.primaries, "bt2020");
        assert_eq!(colour.transfer, "smpte2084");
        assert_eq!(colour.matrix, "bt2020nc");
    }
}

#[test]
fn encoders_of_rgb_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("folder");
    let (master, marked) = (
        folder.path().join("master.mkv"),
        folder.path().join("marked.mkv"),
    );
    let settings = EncodeSettings::new(VideoCodec::H264Rgb, Rate::Crf(23.0));
    let refused = transcode(&master, &marked, &settings, &mut |_, _| Ok(()), &());
    assert!(matches!(
        refused,
        Err(MediaError::InvalidSetting {
            setting: "codec",
            ..
        })
    ));
    assert!(!marked.exists());
}

/// Captions of a picture: a control code of field 1, then bytes that tell the pictures apart.
fn captions(number: usize) -> Vec<u8> {
    vec![0xfc, 0x94, 0x2c, 0xfc, 0x80 | (number % 64) as u8, 0x00]
}

/// Captions and active format of every picture of a file, in the order of presentation.
fn user_data(path: &Path) -> Vec<(Option<Vec<u8>>, Option<u8>)> {
    let mut source = FrameSource::open(path, 1, &CancelToken::new()).expect("open");
    let mut found = Vec::new();
    loop {
        match source.next() {
            Event::Frame(frame) => {
                found.push((frame.captions().map(<[u8]>::to_vec), frame.active_format()));
            }
            Event::Packet(_) => {}
            Event::End => return found,
        }
    }
}

#[test]
fn captions_and_active_format_go_through_every_encoder_that_has_a_place_for_them() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("broadcast.ts");
    let mut writer = VideoWriter::create(&master, master_settings()).expect("writer");
    for number in 0..12 {
        let gray = picture(number);
        writer
            .write_with_user_data(Planes::Gray8(&gray), &captions(number), 10)
            .expect("frame");
    }
    writer.finish().expect("finish");
    let before = user_data(&master);
    assert_eq!(before.len(), 12);
    for (number, found) in before.iter().enumerate() {
        assert_eq!(
            *found,
            (Some(captions(number)), Some(10)),
            "master, {number}"
        );
    }
    for (codec, name) in [
        (VideoCodec::H264, "a.ts"),
        (VideoCodec::H264, "a.mp4"),
        (VideoCodec::Hevc, "b.mp4"),
        (VideoCodec::Hevc, "b.ts"),
        (VideoCodec::Mpeg2, "c.ts"),
    ] {
        let copy = folder.path().join(format!("{codec:?}-{name}"));
        let settings = match codec {
            VideoCodec::Mpeg2 => EncodeSettings::new(codec, Rate::Crf(3.0)),
            _ => small(codec),
        };
        let report = identity(&master, &copy, &settings);
        if codec == VideoCodec::Hevc {
            // FFmpeg's decoder of HEVC reads captions, but no active format.
            let found = user_data(&copy).into_iter().map(|(captions, _)| captions);
            let expected = before.iter().map(|(captions, _)| captions.clone());
            assert!(found.eq(expected), "{name}");
            let bytes = std::fs::read(&copy).expect("the copy");
            let told = bytes.windows(6).filter(|six| six == b"DTG1\x41\xfa");
            assert!(told.count() >= 11, "{name}");
        } else {
            assert_eq!(user_data(&copy), before, "{codec:?} {name}");
        }
        for kind in [crate::LossKind::Captions, crate::LossKind::Afd] {
            let carried = report.carriage.iter().find(|item| item.kind == kind);
            let fate = carried.map(|item| &item.fate);
            assert_eq!(fate, Some(&crate::Fate::Carried), "{codec:?} {kind}");
        }
    }
    let (copy, lost) = (folder.path().join("d.mov"), crate::LossKind::Captions);
    let prores = EncodeSettings {
        profile: Some("hq".to_owned()),
        ..EncodeSettings::new(VideoCodec::ProRes, Rate::Native)
    };
    let refused = transcode(&master, &copy, &prores, &mut |_, _| Ok(()), &());
    let error = refused
        .expect_err("ProRes has no place for captions")
        .to_string();
    assert!(error.contains("closed captions"), "{error}");
    let allowed = EncodeSettings {
        allow_loss: vec![lost, crate::LossKind::Afd],
        ..prores
    };
    let report = identity(&master, &copy, &allowed);
    assert!(
        report
            .carriage
            .iter()
            .any(|item| item.kind == lost && matches!(item.fate, crate::Fate::Dropped { .. }))
    );
}
