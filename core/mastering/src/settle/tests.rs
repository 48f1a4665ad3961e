//! What processes leave that are killed, written as they would have written it.

use std::fs;
use std::path::PathBuf;

use countermark_catalogue::ReferenceDraft;
use countermark_mark::FormatSpec;
use countermark_register::{
    DeliveryId, DeliveryOutcome, DeliveryState, FileHash, FrameRate, MasterFacts, NewDelivery,
    Register, SqliteRegister, TitleId,
};

use super::*;

struct House {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl House {
    /// With the title T and the distributor D.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a vault");
        let register = vault.register();
        register.add_distributor("D").expect("a distributor");
        let title = register.draft_title("T").expect("a free name");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        fs::write(draft.reference_path(), "a proxy").expect("a file");
        let facts = MasterFacts {
            file: "film.mp4".to_owned(),
            width: 512,
            height: 288,
            rotation_degrees: 0,
            bit_depth: 8,
            frame_rate: FrameRate { num: 24, den: 1 },
            duration_seconds: 0.5,
            frames: 12,
        };
        let file = draft.files().expect("a reference");
        register.add_title(&title, facts, &file).expect("a title");
        draft.keep();
        Self { folder, vault }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A pending delivery of `a.mp4`, of a handle that is `left` as the end of its process would.
    fn begin(&self, left: impl FnOnce(&dyn Register, DeliveryId)) -> DeliveryId {
        let register = SqliteRegister::open(&self.path("vault")).expect("the vault");
        let delivery = register
            .begin_delivery(&NewDelivery {
                title: &register.title_named("T").expect("the title"),
                distributor: &register.distributor_named("D").expect("the distributor"),
                licensee: None,
                strength: 1.0,
                format: FormatSpec::CURRENT,
                encoder_settings: &serde_json::Value::Null,
                output: &self.path("a.mp4"),
            })
            .expect("on record");
        left(&register, delivery.id);
        delivery.id
    }

    fn settle(&self) -> Settled {
        settle(&self.vault, &CancelToken::new()).expect("a vault")
    }

    fn state(&self, id: DeliveryId) -> DeliveryState {
        self.vault.register().delivery(id).expect("on record").state
    }
}

const PARTIAL: &str = ".a.mp4.countermark-4711-0.partial";

/// Nothing is on record of what was made.
fn begun(_: &dyn Register, _: DeliveryId) {}

/// Whole, and about to have its name.
fn made(register: &dyn Register, id: DeliveryId) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("whole");
    fs::write(&path, "whole").expect("a file");
    let hash = FileHash::of_file(&path, &|| false).expect("read");
    let outcome = DeliveryOutcome {
        frames: 12,
        psnr_y_db: 51.5,
        output_sha256: hash.expect("not cancelled"),
    };
    register.record_outcome(id, &outcome).expect("on record");
}

#[test]
fn a_copy_that_was_not_complete_is_failed_and_its_file_removed() {
    let house = House::new();
    let id = house.begin(begun);
    fs::write(house.path(PARTIAL), "half").expect("a file");
    assert_eq!(house.settle().failed, [id]);
    assert_eq!(house.state(id), DeliveryState::Failed);
    assert!(!house.path(PARTIAL).exists());
    assert!(house.settle().is_empty());
}

#[test]
fn a_copy_under_its_name_is_complete() {
    let house = House::new();
    let id = house.begin(made);
    fs::write(house.path("a.mp4"), "whole").expect("a file");
    fs::hard_link(house.path("a.mp4"), house.path(PARTIAL)).expect("a link");
    assert_eq!(house.settle().completed, [id]);
    let record = house.vault.register().delivery(id).expect("on record");
    assert_eq!(
        (record.state, record.frames),
        (DeliveryState::Complete, Some(12))
    );
    assert!(house.path("a.mp4").exists() && !house.path(PARTIAL).exists());
}

#[test]
fn a_complete_copy_that_never_had_its_name_is_failed() {
    let house = House::new();
    let id = house.begin(made);
    fs::write(house.path(PARTIAL), "whole").expect("a file");
    // Somebody else's file under that name is not touched.
    fs::write(house.path("a.mp4"), "of another").expect("a file");
    assert_eq!(house.settle().failed, [id]);
    assert!(!house.path(PARTIAL).exists());
    assert_eq!(
        fs::read(house.path("a.mp4")).expect("a file"),
        b"of another"
    );
}

#[test]
fn a_copy_that_had_its_name_and_was_moved_stays_pending() {
    for with_second_link in [false, true] {
        let house = House::new();
        let id = house.begin(made);
        fs::write(house.path("moved.mp4"), "whole").expect("a file");
        if with_second_link {
            fs::hard_link(house.path("moved.mp4"), house.path(PARTIAL)).expect("a link");
        }
        assert_eq!(house.settle().missing, [id]);
        assert_eq!(house.state(id), DeliveryState::Pending);
        assert!(house.settle().is_empty());
    }
}

#[test]
fn live_work_is_left_alone() {
    let house = House::new();
    let id = house.begin(|_, id| {
        assert!(house.settle().is_empty());
        assert_eq!(house.state(id), DeliveryState::Pending);
    });
    assert_eq!(house.settle().failed, [id]);
}

#[test]
fn a_cancel_leaves_the_matter_for_the_next_time() {
    let house = House::new();
    let id = house.begin(begun);
    let cancel = CancelToken::new();
    cancel.cancel();
    let settled = settle(&house.vault, &cancel).expect("a register");
    assert!(settled.is_empty());
    assert_eq!(house.state(id), DeliveryState::Pending);
    assert_eq!(house.settle().failed, [id]);
}

#[test]
fn references_of_given_up_titles_go_and_those_of_live_work_and_of_unknown_titles_stay() {
    let house = House::new();
    let references = house.vault.catalogue().references();
    let [dead, live, unknown] = ["dead", "live", "unknown"].map(|name| {
        let title = house.vault.register().draft_title(name).expect("free");
        let draft = house.vault.catalogue().draft(&title).expect("a claim");
        fs::write(draft.reference_path(), "a proxy").expect("a file");
        draft.write_print(Vec::new(), Vec::new()).expect("a print");
        (title.id(), draft)
    });
    let partial = references.join(format!(".{}.mp4.countermark-4711-0.partial", dead.0));
    fs::write(&partial, "half").expect("a file");
    let reference = unknown.1.reference_path().to_owned();
    let (dead, unknown) = (
        (dead.0, drop(dead.1)).0,
        (unknown.0, drop::<ReferenceDraft>(unknown.1)).0,
    );
    // As of a title that an older register, put back, does not know.
    fs::write(&reference, "a proxy").expect("a file");
    assert!(house.settle().is_empty());
    assert!(!partial.exists());
    let is_there = |id: TitleId| references.join(format!("{id}.mp4")).exists();
    assert_eq!([dead, live.0, unknown].map(is_there), [false, true, true]);
    let title = house.vault.register().title_named("T").expect("the title");
    assert!(is_there(title.id));
}
