//! Truncated and damaged inputs never look like whole ones.

use std::fs;
use std::path::Path;

use countermark_media::{EncodeSettings, MediaError, ReadOptions, VideoCodec, VideoReader, probe};

use crate::fixture::{close, full_message, identity, names, plain_clip};

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
