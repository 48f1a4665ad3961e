//! The masters of the trade: each becomes a copy of its own kind, and nothing but the pictures has changed.

use std::fs;
use std::path::Path;

use countermark_media::{
    AudioFormat, EncodeSettings, Fate, LossKind, MediaError, Planes, Rate, Rational, SampleFormat,
    VideoCodec, VideoWriter, VideoWriterSettings, inventory, probe, sequence_path,
};

use crate::fixture::{all_shots, difference, identity, names, picture};

const SIZE: (u32, u32) = (320, 240);
const FRAMES: usize = 10;

fn settings(codec: VideoCodec, profile: &str, rate: Rate) -> EncodeSettings {
    EncodeSettings {
        profile: (!profile.is_empty()).then(|| profile.to_owned()),
        ..EncodeSettings::new(codec, rate)
    }
}

/// Ten pictures of 25 a second, and sound where `channels` is not 0.
fn master(
    path: &Path,
    encode: &EncodeSettings,
    format: SampleFormat,
    channels: u16,
    top: Option<bool>,
) {
    let mut settings =
        VideoWriterSettings::new(SIZE.0, SIZE.1, Rational::new(25, 1), encode.clone());
    settings.format = format;
    settings.top_first = top;
    settings.audio = (channels > 0).then_some(AudioFormat {
        sample_rate: 48_000,
        channels,
    });
    settings.labels.metadata = vec![("timecode".to_owned(), "10:11:12:13".to_owned())];
    for (key, value) in [
        ("color_primaries", "bt709"),
        ("color_trc", "bt709"),
        ("colorspace", "bt709"),
    ] {
        let pair = (key.to_owned(), value.to_owned());
        settings.encode.options.push(pair);
    }
    let mut writer = VideoWriter::create(path, settings).expect("writer");
    for number in 0..FRAMES {
        let gray = picture(SIZE, number);
        let shift = format.bit_depth() - 8;
        let deep: Vec<u16> = gray.iter().map(|&it| u16::from(it) << shift).collect();
        let planes = if shift == 0 {
            Planes::Gray8(&gray)
        } else {
            Planes::Gray16(&deep)
        };
        writer.write_frame(planes).expect("frame");
        if channels > 0 {
            let tone: Vec<f32> = (0..1920 * usize::from(channels))
                .map(|at| (at as f32 * 0.01).sin() * 0.3)
                .collect();
            writer.write_audio(&tone).expect("sound");
        }
    }
    writer.finish().expect("finish");
}

#[test]
fn mezzanine_masters_come_out_as_they_were() {
    use SampleFormat::{Yuv422Bits8, Yuv422Bits10, Yuv444Bits10};
    let native = |codec, profile| settings(codec, profile, Rate::Native);
    let folder = tempfile::tempdir().expect("folder");
    let xdcam = EncodeSettings {
        gop: Some(12),
        ..settings(VideoCodec::Mpeg2, "422", Rate::Bitrate(50_000_000))
    };
    let imx = EncodeSettings {
        gop: Some(1),
        ..settings(VideoCodec::Mpeg2, "422", Rate::Bitrate(30_000_000))
    };
    let (prores, dnx) = (VideoCodec::ProRes, VideoCodec::Dnx);
    for (name, encode, format, profile) in [
        ("proxy.mov", native(prores, "proxy"), Yuv422Bits10, "Proxy"),
        ("hq.mov", native(prores, "hq"), Yuv422Bits10, "HQ"),
        ("hq.mxf", native(prores, "hq"), Yuv422Bits10, "HQ"),
        ("4444.mov", native(prores, "4444"), Yuv444Bits10, "4444"),
        ("xq.mov", native(prores, "4444xq"), Yuv444Bits10, "XQ"),
        ("lb.mxf", native(dnx, "dnxhr_lb"), Yuv422Bits8, "DNXHR LB"),
        (
            "hqx.mxf",
            native(dnx, "dnxhr_hqx"),
            Yuv422Bits10,
            "DNXHR HQX",
        ),
        (
            "444.mov",
            native(dnx, "dnxhr_444"),
            Yuv444Bits10,
            "DNXHR 444",
        ),
        ("xdcam.mxf", xdcam.clone(), Yuv422Bits8, "4:2:2"),
        ("xdcam.mov", xdcam, Yuv422Bits8, "4:2:2"),
        ("imx.mxf", imx, Yuv422Bits8, "4:2:2"),
        (
            "j2k.mov",
            native(VideoCodec::Jpeg2000, ""),
            Yuv422Bits10,
            "",
        ),
        ("ffv1.mkv", native(VideoCodec::Ffv1, ""), Yuv422Bits10, ""),
    ] {
        let (before, after) = (
            folder.path().join(name),
            folder.path().join(format!("copy-{name}")),
        );
        // The writer's sound is AAC, which MXF does not hold.
        let channels = if name.ends_with("mxf") { 0 } else { 2 };
        master(&before, &encode, format, channels, None);
        let report =
            identity(&before, &after, &encode).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.frames, FRAMES as u64, "{name}");
        let (was, is) = (
            inventory(&before).expect(name),
            inventory(&after).expect(name),
        );
        assert_eq!(is.codec, was.codec, "{name}");
        assert_eq!(is.profile, was.profile, "{name}");
        if !profile.is_empty() {
            assert_eq!(is.profile.as_deref(), Some(profile), "{name}");
        }
        assert_eq!(is.pixel_format, was.pixel_format, "{name}");
        assert_eq!(is.colour, was.colour, "{name}");
        assert_eq!(is.key_distance, was.key_distance, "{name}");
        assert_eq!(was.timecode.as_deref(), Some("10:11:12:13"), "{name}");
        assert_eq!(is.timecode, was.timecode, "{name}");
        let streams = |path: &Path| probe(path).expect(name).other_streams;
        assert_eq!(streams(&after), streams(&before), "{name}");
        assert!(
            report
                .carriage
                .iter()
                .all(|item| item.fate == Fate::Carried),
            "{name}: {report:?}"
        );
        let (was, is) = (all_shots(&before), all_shots(&after));
        assert_eq!(is.len(), was.len(), "{name}");
        for (was, is) in was.iter().zip(&is) {
            assert!((was.media_time - is.media_time).abs() < 1e-6, "{name}");
            let scale = f64::from(1_u32 << (format.bit_depth() - 8));
            assert!(
                difference(&was.samples, &is.samples) / scale < 2.5,
                "{name}"
            );
        }
    }
}

#[test]
fn fields_keep_their_order_through_every_encoder_that_codes_them() {
    use SampleFormat::{Yuv420Bits8, Yuv422Bits10};
    let folder = tempfile::tempdir().expect("folder");
    let fast = |codec| EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..settings(codec, "", Rate::Crf(10.0))
    };
    let mpeg2 = settings(VideoCodec::Mpeg2, "422", Rate::Bitrate(30_000_000));
    let prores = settings(VideoCodec::ProRes, "standard", Rate::Native);
    for top in [true, false] {
        let source = folder.path().join(format!("{top}.mov"));
        master(&source, &prores, Yuv422Bits10, 0, Some(top));
        assert_eq!(inventory(&source).expect("master").top_first, Some(top));
        for (name, encode) in [
            ("h264.mp4", fast(VideoCodec::H264)),
            ("h264.ts", fast(VideoCodec::H264)),
            ("hevc.mov", fast(VideoCodec::Hevc)),
            ("hevc.mkv", fast(VideoCodec::Hevc)),
            ("mpeg2.mxf", mpeg2.clone()),
            ("prores.mov", prores.clone()),
            ("prores.mxf", prores.clone()),
        ] {
            let copy = folder.path().join(format!("{top}-{name}"));
            let encode = EncodeSettings {
                // A transport stream has no place for a time code.
                allow_loss: vec![LossKind::Timecode],
                ..encode
            };
            identity(&source, &copy, &encode).unwrap_or_else(|error| panic!("{name}: {error}"));
            let found = inventory(&copy).expect(name);
            assert_eq!(found.top_first, Some(top), "{name}, top first: {top}");
        }
    }
    let source = folder.path().join("plain.mp4");
    master(
        &source,
        &fast(VideoCodec::H264),
        Yuv420Bits8,
        0,
        Some(false),
    );
    let dnx = settings(VideoCodec::Dnx, "dnxhr_hq", Rate::Native);
    let error =
        identity(&source, &folder.path().join("dnx.mov"), &dnx).expect_err("no fields in DNxHR");
    assert!(
        error.to_string().contains("two fields, bottom first"),
        "{error}"
    );
}

#[test]
fn sound_takes_the_form_of_its_container() {
    let folder = tempfile::tempdir().expect("folder");
    let prores = settings(VideoCodec::ProRes, "lt", Rate::Native);
    let source = folder.path().join("sound.mov");
    master(&source, &prores, SampleFormat::Yuv422Bits10, 6, None);
    let copy = folder.path().join("sound.mxf");
    let report = identity(&source, &copy, &prores).expect("AAC becomes PCM");
    let sound = &probe(&copy).expect("probe").other_streams;
    let kinds: Vec<_> = sound
        .iter()
        .filter(|stream| stream.kind == "audio")
        .map(|stream| (stream.codec.as_str(), stream.channels, stream.sample_rate))
        .collect();
    assert_eq!(kinds, [("pcm_s24le", 6, 48_000)]);
    let converted = report
        .carriage
        .iter()
        .find(|item| item.kind == LossKind::Audio);
    assert!(
        matches!(converted.map(|item| &item.fate), Some(Fate::Converted { into }) if into == "pcm_s24le"),
        "{report:?}"
    );
    // PCM does not go into MP4: it stays lossless.
    let h264 = EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..settings(VideoCodec::H264, "", Rate::Crf(20.0))
    };
    let back = folder.path().join("sound.mp4");
    identity(&copy, &back, &h264).expect("PCM becomes ALAC");
    let info = probe(&back).expect("probe");
    let codecs: Vec<_> = info
        .other_streams
        .iter()
        .map(|stream| stream.codec.as_str())
        .collect();
    assert!(codecs.contains(&"alac"), "{codecs:?}");
}

#[test]
fn what_no_copy_can_hold_is_named_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("folder");
    let prores = settings(VideoCodec::ProRes, "standard", Rate::Native);
    let source = folder.path().join("master.mov");
    master(&source, &prores, SampleFormat::Yuv422Bits10, 2, None);
    let before = names(folder.path());
    let op_atom = EncodeSettings {
        op_atom: true,
        ..settings(VideoCodec::Dnx, "dnxhr_sq", Rate::Native)
    };
    let copy = folder.path().join("atom.mxf");
    let error = identity(&source, &copy, &op_atom).expect_err("sound in OP-Atom");
    assert!(
        matches!(&error, MediaError::WouldLose { losses, .. } if losses[0].kind == LossKind::Audio),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("stream 1 (audio, aac, 2 channels)"),
        "{error}"
    );
    assert_eq!(names(folder.path()), before);
    let allowed = EncodeSettings {
        allow_loss: vec![LossKind::Audio],
        ..op_atom
    };
    identity(&source, &copy, &allowed).expect("the pictures alone");
    assert_eq!(
        inventory(&copy).expect("probe").profile.as_deref(),
        Some("DNXHR SQ")
    );
    for (encode, name, says) in [
        (
            settings(VideoCodec::ProRes, "ultra", Rate::Native),
            "a.mov",
            "proxy, lt, standard",
        ),
        (
            settings(VideoCodec::ProRes, "hq", Rate::Crf(16.0)),
            "a.mov",
            "crf must be absent",
        ),
        (prores, "a.mp4", "write a .mov or .mxf file instead"),
    ] {
        let error = identity(&source, &folder.path().join(name), &encode).expect_err(says);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn numbered_pictures_are_a_video() {
    let folder = tempfile::tempdir().expect("folder");
    for number in 0..12 {
        let pixels = image::RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
            let gray = (40 + (x + y + 9 * number) % 150) as u8;
            image::Rgb([gray, gray, gray])
        });
        let name = format!("shot_{:04}.png", 1001 + number);
        pixels.save(folder.path().join(name)).expect("save");
    }
    let pattern = folder.path().join("shot_%04d.png");
    let master = sequence_path(&pattern, Rational::new(24000, 1001)).expect("a sequence");
    let video = probe(&master).expect("probe").video;
    assert_eq!(
        (video.frames, video.frame_rate),
        (Some(12), Rational::new(24000, 1001))
    );
    let shots = all_shots(&master);
    assert_eq!(shots.len(), 12);
    assert!((shots[11].media_time - 11.0 * 1001.0 / 24000.0).abs() < 1e-6);
    let copy = folder.path().join("copy.mov");
    let prores = settings(VideoCodec::ProRes, "4444", Rate::Native);
    let report = identity(&master, &copy, &prores).expect("a copy");
    assert_eq!(
        (report.frames, report.pixel_format.as_str()),
        (12, "yuv444p10le")
    );
    let found = probe(&copy).expect("probe").video;
    assert_eq!(found.frame_rate, Rational::new(24000, 1001));
    std::fs::remove_file(folder.path().join("shot_1005.png")).expect("gone");
    let error =
        identity(&master, &folder.path().join("b.mov"), &prores).expect_err("1005 is missing");
    assert!(
        error.to_string().contains("picture 1005 is missing"),
        "{error}"
    );
}

/// `bytes` with every `from` as `to`, which is as long.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|it| it == from) {
        at += found;
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

/// FFmpeg 5.1 writes no ancillary data (SMPTE 436M): the sound of an MXF is called that by its labels.
#[test]
fn ancillary_data_of_mxf_is_not_lost_without_a_word() {
    const SOUND: &[u8] = b"\x06\x0e\x2b\x34\x04\x01\x01\x01\x01\x03\x02\x02\x02\0\0\0";
    const DATA: &[u8] = b"\x06\x0e\x2b\x34\x04\x01\x01\x01\x01\x03\x02\x02\x03\0\0\0";
    const WAVE: &[u8] = b"\x06\x0e\x2b\x34\x04\x01\x01\x01\x0d\x01\x03\x01\x02\x06\x03\0";
    const ANCILLARY: &[u8] = b"\x06\x0e\x2b\x34\x04\x01\x01\x09\x0d\x01\x03\x01\x02\x0e\0\0";
    let folder = tempfile::tempdir().expect("folder");
    let source = folder.path().join("captioned.mxf");
    let xdcam = EncodeSettings {
        gop: Some(12),
        ..settings(VideoCodec::Mpeg2, "422", Rate::Bitrate(50_000_000))
    };
    let spoken = folder.path().join("spoken.mov");
    master(&spoken, &xdcam, SampleFormat::Yuv422Bits8, 1, None);
    identity(&spoken, &source, &xdcam).expect("with PCM");
    let bytes = fs::read(&source).expect("the master");
    let bytes = replaced(&replaced(&bytes, SOUND, DATA), WAVE, ANCILLARY);
    fs::write(&source, bytes).expect("a master with ancillary data");
    for name in ["a.mxf", "a.mov", "a.mkv"] {
        let copy = folder.path().join(name);
        let error = identity(&source, &copy, &xdcam).expect_err("refused");
        let MediaError::WouldLose { losses, .. } = &error else {
            panic!("{name}: {error}");
        };
        assert_eq!(losses[0].kind, LossKind::Data);
        assert!(
            losses[0].what.contains("SMPTE 436M, which holds captions"),
            "{error}"
        );
        assert!(!copy.exists());
        let allowed = EncodeSettings {
            allow_loss: vec![LossKind::Data],
            ..xdcam.clone()
        };
        let report = identity(&source, &copy, &allowed).expect("allowed");
        let fate = report.carriage.iter().find(|it| it.kind == LossKind::Data);
        assert!(
            fate.is_some_and(|it| matches!(it.fate, Fate::Dropped { .. })),
            "{name}"
        );
    }
}
