//! Copies that are not what was ordered, each planted and each named.

use std::path::{Path, PathBuf};

use countermark_catalogue::Vault;
use countermark_mastering::verify::{Fault, Request, Verification, record, verify};
use countermark_mastering::{
    CancelToken, CopyRequest, DeliveryRequest, EncodeChoice, Rate, Rational, Strength,
    TitleRequest, VideoCodec, deliver, register_title,
};
use countermark_media::{
    AudioFormat, EncodeSettings, Planes, ReadOptions, VideoReader, VideoWriter, VideoWriterSettings,
};
use countermark_picture::{AnyPlane, Sample as _, by_depth};
use countermark_register::{DeliveryRecord, DeliveryState, Licence};

const SIZE: (u32, u32) = (512, 288);
const FRAMES: usize = 60;
const RATE: u32 = 24;

/// A vault with one title with sound, and copies of it for two distributors.
struct Floor {
    folder: tempfile::TempDir,
    vault: Vault,
    copies: Vec<DeliveryRecord>,
}

/// How a written clip is made of the master's luma and the copy's.
type Mix = fn(f64, f64) -> f64;

impl Floor {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let master = folder.path().join("film.mp4");
        write(&master, &pictures(), Some(220.0));
        let vault = Vault::init(&folder.path().join("vault")).expect("a vault");
        for name in ["Nord", "Sea"] {
            vault.register().add_distributor(name).expect("a name");
        }
        let title = TitleRequest {
            master: master.clone(),
            name: "T".to_owned(),
            threads: None,
        };
        register_title(&vault, &title, &()).expect("a title");
        let copy = |distributor: &str| CopyRequest {
            distributor: distributor.to_owned(),
            licensee: None,
            licence: Licence::default(),
            output: folder.path().join(distributor).with_extension("mp4"),
            encode: EncodeChoice {
                preset: Some("veryfast".to_owned()),
                rate: Some(Rate::Crf(12.0)),
                ..EncodeChoice::default()
            },
        };
        let request = DeliveryRequest {
            title: "T".to_owned(),
            master,
            copies: vec![copy("Nord"), copy("Sea")],
            strength: Strength::DEFAULT,
            threads: None,
            verify: true,
            signer: None,
        };
        let made = deliver(&vault, &request, &()).expect("begun");
        let copies = made
            .into_iter()
            .map(|copy| {
                let copy = copy.expect("a copy that verifies");
                let found = copy.verification.expect("verified");
                let reading = found.reading.expect("read");
                assert!(reading.score > 12.0, "{found:?}");
                assert_eq!(reading.payload, Some(copy.delivery.payload));
                let share = reading.strength.expect("known");
                assert!(share > 0.3, "{share}");
                let after = found.recompressed.expect("recompressed");
                assert!(after.score > 2.0, "{after:?}");
                assert!(found.worst().is_some_and(|worst| worst.psnr_y_db > 35.0));
                copy.delivery
            })
            .collect();
        Self {
            folder,
            vault,
            copies,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is found in a file that claims to be Nord's.
    fn verify(&self, file: &str, with_master: bool) -> Verification {
        let (file, master) = (self.path(file), self.path("film.mp4"));
        let request = Request {
            master: with_master.then_some(&*master),
            ..Request::new(&file, &self.copies[0])
        };
        verify(&self.vault, &request, &CancelToken::new()).expect("readable")
    }

    /// Writes a file whose luma is a mix of the master's and Nord's.
    fn plant(&self, name: &str, mix: Mix, frames: std::ops::Range<usize>, tone: Option<f64>) {
        let luma = |file: &str| -> Vec<Vec<f64>> {
            let options = ReadOptions::default();
            let mut reader = VideoReader::open(&self.path(file), options).expect("a file");
            let mut all = Vec::new();
            while let Some(frame) = reader.next_frame().expect("a frame") {
                all.push(codes(&frame.luma()));
            }
            all
        };
        let mixed: Vec<Vec<u8>> = luma("film.mp4")
            .iter()
            .zip(&luma("Nord.mp4"))
            .map(|(was, is)| {
                was.iter()
                    .zip(is)
                    .map(|(a, b)| mix(*a, *b).round() as u8)
                    .collect()
            })
            .collect();
        write(&self.path(name), &mixed[frames], tone);
    }
}

fn codes(plane: &AnyPlane<'_>) -> Vec<f64> {
    by_depth!(plane, |view| view
        .rows()
        .flatten()
        .map(|sample| f64::from(sample.code()))
        .collect())
}

/// Moving texture.
fn pictures() -> Vec<Vec<u8>> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    (0..FRAMES)
        .map(|frame| {
            let mut luma = vec![0; width * height];
            for (y, row) in luma.chunks_exact_mut(width).enumerate() {
                for (x, sample) in row.iter_mut().enumerate() {
                    let (x, y) = (x + 2 * frame, y + frame);
                    let grain = (x * 7919 + y * 104_729 + (x * y) % 251) % 7;
                    *sample = (64 + (x / 5 + y / 3) % 96 + grain) as u8;
                }
            }
            luma
        })
        .collect()
}

/// Pictures with a sound whose loudness changes at a rhythm that its tone decides; silent files if none.
fn write(path: &Path, pictures: &[Vec<u8>], tone: Option<f64>) {
    let encode = EncodeSettings {
        preset: Some("veryfast".to_owned()),
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(14.0))
    };
    let sound = AudioFormat {
        sample_rate: 48_000,
        channels: 1,
    };
    let settings = VideoWriterSettings {
        audio: tone.map(|_| sound),
        ..VideoWriterSettings::new(SIZE.0, SIZE.1, Rational::new(24, 1), encode)
    };
    let mut writer = VideoWriter::create(path, settings).expect("a clip");
    for (number, luma) in pictures.iter().enumerate() {
        writer.write_frame(Planes::Gray8(luma)).expect("a frame");
        if let Some(tone) = tone {
            let first = number * 48_000 / RATE as usize;
            let samples: Vec<f32> = (first..first + 48_000 / RATE as usize)
                .map(|at| {
                    let time = at as f64 / 48_000.0;
                    let loudness =
                        0.5 + 0.45 * (time * tone / 13.0).sin() * (time * tone / 71.0).cos();
                    (loudness * (time * tone * std::f64::consts::TAU).sin()) as f32
                })
                .collect();
            writer.write_audio(&samples).expect("sound");
        }
    }
    writer.finish().expect("a clip");
}

fn kinds(found: &Verification) -> Vec<&'static str> {
    found.faults.iter().map(Fault::kind).collect()
}

#[test]
fn every_planted_fault_is_caught_and_named() {
    let floor = Floor::new();
    // The file as it was delivered: with its master and without.
    for with_master in [true, false] {
        let found = floor.verify("Nord.mp4", with_master);
        assert!(found.holds(), "{:?}", found.faults);
    }
    // The wrong key: Seaview's copy under Nordlicht's name.
    let found = floor.verify("Sea.mp4", true);
    assert!(
        found.faults.iter().any(|fault| matches!(
            fault,
            Fault::OtherMark { delivery, distributor, .. }
                if *delivery == floor.copies[1].id && distributor == "Sea"
        )),
        "{:?}",
        found.faults
    );
    // Half the strength.
    floor.plant("half.mp4", f64::midpoint, 0..FRAMES, Some(220.0));
    let found = floor.verify("half.mp4", true);
    let share = found.faults.iter().find_map(|fault| match fault {
        Fault::Strength { share } => Some(*share),
        _ => None,
    });
    assert!(
        share.is_some_and(|share| (0.2..0.65).contains(&share)),
        "{found:?}"
    );
    // No mark at all.
    floor.plant("clean.mp4", |was, _| was, 0..FRAMES, Some(220.0));
    assert!(kinds(&floor.verify("clean.mp4", true)).contains(&"no-mark"));
    // A dropped second.
    floor.plant(
        "short.mp4",
        |_, is| is,
        0..FRAMES - RATE as usize,
        Some(220.0),
    );
    let found = kinds(&floor.verify("short.mp4", false));
    assert!(
        found.contains(&"pictures") && found.contains(&"length"),
        "{found:?}"
    );
    // A lost sound track, and another one.
    floor.plant("silent.mp4", |_, is| is, 0..FRAMES, None);
    assert!(kinds(&floor.verify("silent.mp4", true)).contains(&"stream-missing"));
    floor.plant("dubbed.mp4", |_, is| is, 0..FRAMES, Some(330.0));
    assert!(kinds(&floor.verify("dubbed.mp4", true)).contains(&"stream-differs"));
    // Other pictures.
    floor.plant("grey.mp4", |_, _| 128.0, 0..FRAMES, Some(220.0));
    let found = kinds(&floor.verify("grey.mp4", true));
    assert!(found.contains(&"no-mark"), "{found:?}");
    // All of them are other files than the one on record.
    assert!(found.contains(&"other-file"), "{found:?}");
    // No video at all.
    std::fs::write(floor.path("text.mp4"), "not a film").expect("a file");
    assert!(kinds(&floor.verify("text.mp4", true)).contains(&"unreadable"));
}

#[test]
fn what_was_found_is_in_the_ledger_and_later_files_are_held_against_it() {
    let floor = Floor::new();
    let register = floor.vault.register();
    let id = floor.copies[0].id;
    let known = register.verifications(id).expect("the ledger");
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].1["stock"]["pictures"], FRAMES);
    let found = floor.verify("Sea.mp4", true);
    record(&floor.vault, id, &floor.path("Sea.mp4"), &found).expect("on record");
    let known = register.verifications(id).expect("the ledger");
    assert_eq!(known[1].1["faults"][0]["kind"], "other-file");
    assert_eq!(register.testimony().expect("the ledger").broken(), None);
}

#[test]
fn a_copy_that_fails_its_verification_is_put_aside_and_still_scored() {
    // The master becomes another between decode and verification: what was written is then not what is expected.
    struct Swaps<'a>(&'a Path, &'a Path);
    impl countermark_mastering::Observer for Swaps<'_> {
        fn stage(&self, stage: countermark_mastering::Stage, _: Option<u64>) {
            if stage == countermark_mastering::Stage::Verifying {
                std::fs::copy(self.1, self.0).expect("another master");
            }
        }
    }
    let floor = Floor::new();
    let (master, other) = (floor.path("film.mp4"), floor.path("other.mp4"));
    let mut negative = pictures();
    negative
        .iter_mut()
        .flatten()
        .for_each(|luma| *luma = 255 - *luma);
    write(&other, &negative, Some(220.0));
    let request = DeliveryRequest {
        title: "T".to_owned(),
        master: master.clone(),
        copies: vec![CopyRequest {
            distributor: "Nord".to_owned(),
            licensee: None,
            licence: Licence::default(),
            output: floor.path("again.mp4"),
            encode: EncodeChoice::default(),
        }],
        strength: Strength::DEFAULT,
        threads: None,
        verify: true,
        signer: None,
    };
    let made = deliver(&floor.vault, &request, &Swaps(&master, &other)).expect("begun");
    let [Err(failed)] = &made[..] else {
        panic!("one copy that fails: {made:?}")
    };
    assert!(
        failed.error.to_string().contains("are not the master's"),
        "{}",
        failed.error
    );
    assert!(!floor.path("again.mp4").exists());
    assert!(floor.path("again.mp4.quarantine").exists());
    let record = floor
        .vault
        .register()
        .delivery(failed.delivery)
        .expect("on record");
    assert_eq!(record.state, DeliveryState::Failed);
    assert!(record.may_exist() && record.output_sha256.is_some());
}
