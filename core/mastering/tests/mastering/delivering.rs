//! What is made of one decode, and what keeps a copy from being made.

use std::fs;
use std::path::PathBuf;
use std::sync::{Barrier, Mutex};
use std::thread;

use countermark_mastering::{
    DeliveryRequest, EncodeChoice, MasteringError, Notice, Observer, Stage, VideoCodec, deliver,
};
use countermark_media::{MediaError, probe};
use countermark_register::{DeliveryState, FileHash};

use crate::house::{House, sha256};

const OUTPUTS: [&str; 3] = ["a.mp4", "b.mov", "c.ts"];

/// Copies in both codecs; Matroska files, which hold a random number, are left out.
fn request(house: &House, outputs: &[&str]) -> DeliveryRequest {
    let mut request = house.request(outputs);
    for copy in &mut request.copies {
        if copy.output.extension().is_some_and(|kind| kind == "mov") {
            copy.encode.codec = Some(VideoCodec::Hevc);
        }
    }
    request
}

#[test]
#[ignore = "slow: each copy twice; the bits of marks alone are in core/mark"]
fn copies_made_together_are_the_copies_made_alone() {
    let (together, alone) = (House::with_title(60), House::with_title(60));
    let made = deliver(&together.vault, &request(&together, &OUTPUTS), &()).expect("begun");
    let all = request(&alone, &OUTPUTS);
    for (made, copy) in made.into_iter().zip(all.copies.clone()) {
        let made = made.expect("a copy");
        let one = DeliveryRequest {
            copies: vec![copy],
            ..all.clone()
        };
        let single = deliver(&alone.vault, &one, &()).expect("begun");
        let [Ok(single)] = &single[..] else {
            panic!("one copy")
        };
        assert_eq!(made.delivery.payload, single.delivery.payload);
        assert_eq!(made.delivery.output_sha256, single.delivery.output_sha256);
        assert_eq!(made.delivery.psnr_y_db, single.delivery.psnr_y_db);
        assert!(
            fs::read(&made.output).expect("the copy")
                == fs::read(&single.output).expect("the copy"),
            "{} differs from the copy made alone",
            made.output.display()
        );
    }
}

#[test]
fn what_is_answered_is_what_lies_on_disk_and_on_record() {
    let house = House::with_title(30);
    let made = deliver(&house.vault, &request(&house, &OUTPUTS), &()).expect("begun");
    let mut payloads = Vec::new();
    for copy in made {
        let copy = copy.expect("a copy");
        let bytes = fs::read(&copy.output).expect("the copy");
        let sha256 = sha256(&bytes);
        assert_eq!(copy.delivery.output_sha256, FileHash::parse(&sha256));
        assert_eq!(copy.transcode.bytes, bytes.len() as u64);
        assert_eq!(copy.delivery.frames, Some(30));
        assert_eq!(copy.delivery.state, DeliveryState::Complete);
        assert!(copy.delivery.psnr_y_db.is_some_and(|db| db > 40.0));
        probe(&copy.output).expect("a whole file");
        payloads.push(copy.delivery.payload);
    }
    payloads.sort_by_key(ToString::to_string);
    payloads.dedup();
    assert_eq!(payloads.len(), OUTPUTS.len());
    assert_eq!(house.files(), OUTPUTS);
    assert_eq!(house.kept()[2], Vec::<String>::new());
}

#[test]
fn requests_that_cannot_be_done_leave_no_record() {
    let house = House::with_title(12);
    fs::write(house.path("there.mp4"), "precious").expect("a file");
    let good = house.request(&["a.mp4"]);
    let with = |change: &dyn Fn(&mut DeliveryRequest)| {
        let mut request = good.clone();
        change(&mut request);
        deliver(&house.vault, &request, &()).expect_err("refused")
    };
    let no_copies = with(&|request| request.copies.clear());
    assert!(matches!(no_copies, MasteringError::NoCopies));
    let unknown = with(&|request| request.copies[0].distributor = "Nobody".to_owned());
    assert!(matches!(unknown, MasteringError::Register(_)), "{unknown}");
    let unknown = with(&|request| request.title = "X".to_owned());
    assert!(matches!(unknown, MasteringError::Register(_)), "{unknown}");
    let exists = with(&|request| request.copies[0].output = house.path("there.mp4"));
    assert!(
        matches!(exists, MasteringError::OutputExists { .. }),
        "{exists}"
    );
    let itself = with(&|request| request.copies[0].output.clone_from(&request.master));
    assert!(
        matches!(itself, MasteringError::OutputExists { .. }),
        "{itself}"
    );
    let container = with(&|request| request.copies[0].output = house.path("a.avi"));
    let MasteringError::Media(MediaError::UnknownContainer { .. }) = container else {
        panic!("{container}")
    };
    let codec = with(&|request| {
        request.copies[0].output = house.path("a.webm");
        request.copies[0].encode = EncodeChoice::default();
    });
    let MasteringError::Media(MediaError::ContainerCannotHold { .. }) = codec else {
        panic!("{codec}")
    };
    let twice = with(&|request| {
        let mut again = request.copies[0].clone();
        again.output = house.path("./vault/../a.mp4");
        request.copies.push(again);
    });
    assert!(
        matches!(twice, MasteringError::SameOutput { .. }),
        "{twice}"
    );
    assert_eq!(
        house.vault.register().deliveries(None).expect("deliveries"),
        []
    );
    assert_eq!(house.files(), ["there.mp4"]);
}

/// Takes a name while the copies are being made.
struct TakesName(PathBuf);

impl Observer for TakesName {
    fn frames_done(&self, frames: u64) {
        if frames == 3 {
            fs::write(&self.0, "of another").expect("a file");
        }
    }
}

#[test]
fn a_name_that_is_taken_meanwhile_costs_one_copy() {
    let house = House::with_title(12);
    let outputs = ["a.mp4", "taken.mp4", "b.mp4"];
    let taken = TakesName(house.path("taken.mp4"));
    let made = deliver(&house.vault, &house.request(&outputs), &taken).expect("begun");
    let [Ok(_), Err(failed), Ok(_)] = &made[..] else {
        panic!("{made:?}")
    };
    assert_eq!(failed.state, DeliveryState::Failed);
    let failed = house
        .vault
        .register()
        .delivery(failed.delivery)
        .expect("on record");
    assert_eq!(failed.state, DeliveryState::Failed);
    assert_eq!(house.files(), ["a.mp4", "b.mp4", "taken.mp4"]);
    let taken = fs::read(house.path("taken.mp4")).expect("a file");
    assert_eq!(taken, b"of another");
}

/// Waits for the other program when marking begins.
struct InStep<'a>(&'a Barrier);

impl Observer for InStep<'_> {
    fn stage(&self, stage: Stage, _: Option<u64>) {
        if matches!(stage, Stage::Marking { .. }) {
            self.0.wait();
        }
    }
}

#[test]
fn of_two_programs_with_one_output_one_wins() {
    let house = House::with_title(24);
    let barrier = Barrier::new(2);
    let (request, root) = (house.request(&["a.mp4"]), house.path("vault"));
    let made: Vec<_> = thread::scope(|scope| {
        let programs = [(); 2].map(|()| {
            scope.spawn(|| {
                let vault = countermark_catalogue::Vault::open(&root).expect("the vault");
                deliver(&vault, &request, &InStep(&barrier)).expect("begun")
            })
        });
        programs
            .into_iter()
            .flat_map(|program| program.join().expect("no panic"))
            .collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 1));
    let won = won.into_iter().flatten().next().expect("one");
    let lost = lost.into_iter().find_map(Result::err).expect("one");
    assert!(
        matches!(
            lost.error.as_ref(),
            MasteringError::Media(MediaError::OutputExists { .. })
        ),
        "{}",
        lost.error
    );
    let state = |id| {
        house
            .reopened()
            .register()
            .delivery(id)
            .expect("on record")
            .state
    };
    assert_eq!(state(won.delivery.id), DeliveryState::Complete);
    assert_eq!(state(lost.delivery), DeliveryState::Failed);
    let sha256 = sha256(&fs::read(house.path("a.mp4")).expect("the copy"));
    assert_eq!(won.delivery.output_sha256, FileHash::parse(&sha256));
    assert_eq!(house.files(), ["a.mp4"]);
}

/// Remembers what it was told.
#[derive(Default)]
struct Remembers(Mutex<Vec<String>>);

impl Observer for Remembers {
    fn stage(&self, stage: Stage, total_frames: Option<u64>) {
        let text = format!("{stage:?} {total_frames:?}");
        self.0.lock().expect("whole").push(text);
    }

    fn notice(&self, notice: Notice) {
        let kind = match notice {
            Notice::DeliveryBegun { copy, .. } => format!("begun {copy}"),
            other => format!("{other:?}"),
        };
        self.0.lock().expect("whole").push(kind);
    }
}

#[test]
fn stages_are_told_in_their_order() {
    let house = House::empty(12);
    let told = Remembers::default();
    house.register(&told).expect("a title");
    assert_eq!(
        std::mem::take(&mut *told.0.lock().expect("whole")),
        [
            "RenderingReference Some(12)",
            "FingerprintingPictures None",
            "FingerprintingSound None",
            "Silent"
        ]
    );
    deliver(&house.vault, &house.request(&["a.mp4", "b.mp4"]), &told).expect("begun");
    let told = told.0.lock().expect("whole");
    let (verified, stages): (Vec<&String>, Vec<&String>) =
        told.iter().partition(|line| line.starts_with("Verified"));
    assert_eq!(
        stages,
        [
            "begun 0",
            "begun 1",
            "Marking { copies: 2 } Some(12)",
            "Hashing None",
            "Verifying None",
            "Verifying None"
        ]
    );
    assert_eq!(verified.len(), 2);
}
