//! Clips of several titles, through the real binary: pieces of two films cut together, and a film with its sound.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use countermark_catalogue::{Vault, picture_prints, sound_peaks, sound_prints};
use countermark_media::{
    CancelToken, EncodeSettings, Planes, Rate, Rational, ReadOptions, VideoCodec, VideoReader,
    VideoWriter, VideoWriterSettings,
};
use countermark_picture::AnyPlane;
use countermark_register::{FrameRate, MasterFacts, Randomness};
use serde_json::Value;

const SIZE: (usize, usize) = (640, 360);
const RATE: i32 = 25;

#[test]
#[ignore = "slow: two titles and a recap of both"]
fn pieces_of_two_titles_are_found_in_both() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    vault(folder.path(), &["landscape", "street"]);
    let clip = folder.path().join("recap.mkv");
    cut_together(&clip, &[("landscape", 1.0, 2.0), ("street", 0.4, 2.0)]);
    let report = identify(folder.path(), &clip, 0);
    let found = |title: &str, query: f64, reference: f64| {
        let matches = report["matches"].as_array().expect("a list");
        let shown = matches
            .iter()
            .find(|found| found["title"] == title && from(found, "query") <= query)
            .unwrap_or_else(|| panic!("nothing of {title}: {report}"));
        let speed = shown["speed"].as_f64().expect("a ratio");
        let media = from(shown, "reference") + speed * (query - from(shown, "query"));
        assert!(
            (media - reference).abs() < 0.1,
            "{title} at {media}: {report}"
        );
    };
    found("landscape", 1.0, 2.0);
    found("street", 3.0, 1.4);
}

#[test]
fn a_film_is_recognised_by_its_pictures_and_its_sound() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    vault(folder.path(), &["landscape", "street"]);
    let report = identify(folder.path(), &sample("street"), 0);
    assert_eq!(report["title"], "street", "{report}");
    assert_eq!(
        report["matches"][0]["by"],
        serde_json::json!(["picture", "sound"]),
        "{report}"
    );
}

#[test]
#[ignore = "slow: a whole search in vain"]
fn a_film_that_is_not_in_the_vault_is_not_found() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    vault(folder.path(), &["landscape", "street"]);
    let report = identify(folder.path(), &sample("drama-portrait"), 1);
    assert_eq!(report["title"], Value::Null, "{report}");
}

#[test]
fn a_title_without_its_reference_does_not_hide_the_others() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let vault = vault(folder.path(), &["landscape", "street"]);
    let lost = vault.register().title_named("landscape").expect("a title");
    std::fs::remove_file(vault.catalogue().reference_path(&lost)).expect("removed");
    let clip = folder.path().join("recap.mkv");
    cut_together(&clip, &[("landscape", 1.0, 1.5), ("street", 0.4, 2.0)]);
    let report = identify(folder.path(), &clip, 0);
    assert_eq!(report["title"], "street", "{report}");
}

fn from(found: &Value, span: &str) -> f64 {
    found[span][0].as_f64().expect("seconds")
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../samples/{name}.mp4"))
}

/// A vault with samples as titles; each is its own reference.
fn vault(folder: &Path, names: &[&str]) -> Vault {
    let vault =
        Vault::init_with(&folder.join("vault"), Randomness::seeded([7; 32])).expect("a vault");
    for name in names {
        let title = vault.register().draft_title(name).expect("a free name");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        std::fs::copy(sample(name), draft.reference_path()).expect("a copy");
        let pictures =
            picture_prints(draft.reference_path(), &CancelToken::new()).expect("pictures");
        let sound = sound_peaks(&sample(name), &CancelToken::new()).expect("sound");
        let sound = sound.map_or_else(Vec::new, |peaks| sound_prints(&peaks));
        draft.write_print(pictures, sound).expect("a print");
        let facts = MasterFacts {
            file: format!("{name}.mp4"),
            width: SIZE.0 as u32,
            height: SIZE.1 as u32,
            rotation_degrees: 0,
            bit_depth: 8,
            frame_rate: FrameRate {
                num: RATE as u32,
                den: 1,
            },
            duration_seconds: 4.0,
            frames: 100,
        };
        let file = draft.files().expect("a reference");
        vault
            .register()
            .add_title(&title, facts, &file)
            .expect("a title");
        draft.keep();
    }
    vault
}

/// Seconds of samples, one after the other, without sound.
fn cut_together(path: &Path, pieces: &[(&str, f64, f64)]) {
    let encode = EncodeSettings::new(VideoCodec::H264, Rate::Crf(26.0));
    let rate = Rational::new(RATE, 1);
    let settings = VideoWriterSettings::new(SIZE.0 as u32, SIZE.1 as u32, rate, encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    for (name, start, length) in pieces {
        let options = ReadOptions {
            seek_seconds: Some(*start),
            duration_seconds: Some(*length),
            ..ReadOptions::default()
        };
        let mut reader = VideoReader::open(&sample(name), options).expect("a sample");
        while let Some(frame) = reader.next_frame().expect("a frame") {
            writer
                .write_frame(Planes::Gray8(&packed(frame.luma())))
                .expect("a frame");
        }
    }
    writer.finish().expect("a clip");
}

fn packed(luma: AnyPlane<'_>) -> Vec<u8> {
    let AnyPlane::U8(view) = luma else {
        panic!("the samples have 8 bits");
    };
    view.array().iter().copied().collect()
}

fn identify(folder: &Path, clip: &Path, code: i32) -> Value {
    let output = Command::cargo_bin("countermark-detect")
        .expect("the binary")
        .current_dir(folder)
        .env_remove("COUNTERMARK_VAULT")
        .args(["identify", "--json"])
        .arg(clip)
        .output()
        .expect("an exit");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{errors}");
    serde_json::from_slice(&output.stdout).expect("one object")
}
