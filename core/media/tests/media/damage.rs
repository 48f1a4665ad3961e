//! Truncated and damaged inputs never look like whole ones.

use std::fs;
use std::path::Path;

use countermark_media::{
    EncodeSettings, MediaError, Planes, ReadOptions, VideoCodec, VideoReader, VideoWriter, probe,
};

use crate::fixture::{
    HEIGHT, WIDTH, clip_settings, close, full_message, identity, names, plain_clip,
};

fn cut(path: &Path, share: f64) {
    let bytes = fs::read(path).expect("read");
    let kept = (bytes.len() as f64 * share) as usize;
    fs::write(path, &bytes[..kept]).expect("write");
}

fn read_to_end(path: &Path) -> (usize, countermark_media::Integrity) {
    let mut reader = VideoReader::open(path, ReadOptions::default()).expect("open");
    let mut frames = 0;
    while reader.next_frame().expect("frame").is_some() {
        frames += 1;
    }
    (frames, reader.integrity().clone())
}

#[test]
fn truncated_files_are_reported_and_refused() {
    let folder = tempfile::tempdir().expect("folder");
    for extension in ["mp4", "mov", "mkv"] {
        let master = folder.path().join(format!("cut.{extension}"));
        let marked = folder.path().join("marked.mp4");
        plain_clip(&master, 50);
        assert!(read_to_end(&master).1.is_complete(), "{extension}");
        cut(&master, 0.6);
        let (frames, integrity) = read_to_end(&master);
        assert!((1..50).contains(&frames), "{extension}: {frames}");
        assert!(integrity.is_truncated(), "{extension}: {integrity}");
        assert!(probe(&master).expect("probe").integrity.is_truncated());
        let error = identity(&master, &marked, &close(VideoCodec::H264)).expect_err("truncated");
        assert!(matches!(error, MediaError::Damaged { .. }), "{error}");
        assert!(full_message(&error).contains(&format!("cut.{extension}")));
        assert!(!marked.exists());
        let settings = EncodeSettings {
            accept_damaged: true,
            ..close(VideoCodec::H264)
        };
        let report = identity(&master, &marked, &settings).expect("accepted");
        assert!(report.integrity.is_truncated());
        assert_eq!(report.frames, frames as u64);
        fs::remove_file(&marked).expect("remove");
    }
    assert_eq!(names(folder.path()), ["cut.mkv", "cut.mov", "cut.mp4"]);
}

#[test]
fn a_head_without_a_body_is_no_media_file() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("head.mp4");
    plain_clip(&master, 5);
    cut(&master, 0.02);
    let Err(error) = VideoReader::open(&master, ReadOptions::default()) else {
        panic!("opened")
    };
    assert!(full_message(&error).contains("head.mp4"));
}

#[test]
fn garbage_in_the_middle_is_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let master = folder.path().join("garbage.mp4");
    plain_clip(&master, 50);
    let mut bytes = fs::read(&master).expect("read");
    let middle = bytes.len() / 2;
    for (offset, byte) in bytes[middle..middle + 4000].iter_mut().enumerate() {
        *byte = (offset * 37 % 251) as u8;
    }
    fs::write(&master, bytes).expect("write");
    let (_, integrity) = read_to_end(&master);
    assert!(!integrity.is_complete());
    assert!(integrity.damaged_packets + integrity.damaged_frames > 0);
}

#[test]
fn a_cut_transport_stream_gets_the_same_answer_every_time() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = folder.path().join("whole.ts");
    let mut writer = VideoWriter::create(&whole, clip_settings(VideoCodec::H264)).expect("writer");
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let mut noise = 1_u32;
    for _ in 0..20 {
        // Noise: every picture fills many packets of the stream.
        let luma: Vec<u8> = (0..width * height)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .collect();
        writer.write_frame(Planes::Gray8(&luma)).expect("frame");
    }
    writer.finish().expect("clip");
    assert!(read_to_end(&whole).1.is_complete());
    let mut reported = 0;
    for share in [0.3, 0.45, 0.6, 0.75] {
        let master = folder.path().join("cut.ts");
        fs::copy(&whole, &master).expect("copy");
        cut(&master, share);
        let first = read_to_end(&master).1;
        // FFmpeg's own flag depends on which decoder thread is faster.
        for _ in 0..8 {
            assert_eq!(read_to_end(&master).1, first);
        }
        // A cut between two pictures leaves a shorter stream that is whole.
        reported += usize::from(!first.is_complete());
    }
    assert!(reported > 0);
}

#[test]
fn errors_are_one_line_without_addresses() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("text.mp4");
    fs::write(&path, "A letter, not a film.\n".repeat(100)).expect("write");
    let error = probe(&path).expect_err("text");
    let message = full_message(&error);
    assert!(
        !message.contains("0x") && !message.contains("misdetection"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("get an intact copy"), "{message}");
}
