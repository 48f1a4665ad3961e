//! Real clips: variable frame rate, edit lists, rotation, data tracks.
//!
//! They lie in `COUNTERMARK_FOOTAGE`, else in `../shared/footage` beside the workspace.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use countermark_media::{EncodeSettings, LossKind, Rate, VideoCodec, probe};

use crate::fixture::{Shot, identity, shots};

/// The clip called `name`, or `None` after saying that the test is skipped: on the real standard error, for the harness
/// keeps to itself what a passed test prints.
pub(crate) fn footage(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("COUNTERMARK_FOOTAGE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/footage"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    let _ = writeln!(
        std::io::stderr(),
        "SKIPPED: no footage at {}",
        path.display()
    );
    None
}

fn times(path: &Path) -> Vec<f64> {
    shots(path, countermark_media::ReadOptions::default())
        .iter()
        .map(|shot: &Shot| shot.media_time)
        .collect()
}

fn fast() -> EncodeSettings {
    EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(28.0))
    }
}

#[test]
#[ignore = "real clips: make test-all"]
fn phone_clip_keeps_its_times_and_its_rotation() {
    let Some(master) = footage("edge-phone-fire-720p-rot180-vfr.mp4") else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let marked = folder.path().join("marked.mp4");
    let report = identity(&master, &marked, &fast()).expect("transcode");
    let (before, after) = (times(&master), times(&marked));
    assert_eq!(report.frames, 25);
    assert_eq!(before.len(), 25);
    assert_eq!(before, after);
    let video = probe(&marked).expect("probe").video;
    assert_eq!(video.rotation_degrees, 180);
    assert_eq!(
        probe(&master).expect("probe").video.duration_seconds,
        video.duration_seconds
    );
}

#[test]
#[ignore = "real clips: make test-all"]
fn clip_with_a_gap_keeps_its_times() {
    let Some(master) = footage("lofoten-coast-1024x750p24.mp4") else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let marked = folder.path().join("marked.mp4");
    identity(&master, &marked, &fast()).expect("transcode");
    assert_eq!(times(&master), times(&marked));
}

#[test]
#[ignore = "real clips: make test-all"]
fn action_camera_keeps_its_data_track_and_names_what_it_loses() {
    let Some(master) = footage("walk-garden-848x480p30.mp4") else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let marked = folder.path().join("marked.mp4");
    let error = identity(&master, &marked, &fast()).expect_err("a track that MP4 does not hold");
    assert!(error.to_string().contains("fdsc"), "{error}");
    let settings = EncodeSettings {
        allow_loss: vec![LossKind::Data],
        ..fast()
    };
    let report = identity(&master, &marked, &settings).expect("transcode");
    assert_eq!(report.copied_streams, 2);
    let lost: Vec<_> = report
        .dropped_streams
        .iter()
        .map(|dropped| (dropped.stream.kind, dropped.stream.tag.as_deref()))
        .collect();
    assert_eq!(lost, [("data", Some("fdsc"))]);
    assert!(probe(&marked).expect("probe").video.full_range);
}

#[test]
#[ignore = "real clips: make test-all"]
fn every_clip_of_the_collection_is_whole() {
    // Damage reported on an intact file would be as bad as damage overlooked.
    for name in [
        "shuttle-over-earth-1080x608p30-vp8.webm",
        "bikes-640x272p25.mp4",
        "his-girl-friday-480p30.mp4",
        "bbb-burrow-720p30-h264.mkv",
    ] {
        let Some(path) = footage(name) else { continue };
        let mut reader =
            countermark_media::VideoReader::open(&path, countermark_media::ReadOptions::default())
                .expect("open");
        while reader.next_frame().expect("frame").is_some() {}
        assert!(
            reader.integrity().is_complete(),
            "{name}: {}",
            reader.integrity()
        );
    }
}
