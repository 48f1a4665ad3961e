//! What processes leave that are killed, written as they would have written it.

use std::fs;
use std::path::PathBuf;

use countermark_register::{FrameRate, MasterFacts, NewDelivery, TitleDraft};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::work::WorkNote;

struct House {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl House {
    /// With the title T and the distributor D.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a vault");
        vault.add_distributor("D").expect("a distributor");
        let draft = vault.draft_title("T").expect("a free name");
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
        vault.add_title(draft, facts).expect("a title");
        Self { folder, vault }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A pending delivery of `a.mp4` and its note.
    fn begin(&self) -> (DeliveryId, WorkNote) {
        let delivery = self
            .vault
            .begin_delivery(&NewDelivery {
                title: &self.vault.title("T").expect("the title"),
                distributor: &self.vault.distributor("D").expect("the distributor"),
                licensee: None,
                strength: 1.0,
                encoder_settings: &serde_json::Value::Null,
                output_file: "a.mp4",
            })
            .expect("on record");
        let note = WorkNote::of_delivery(self.vault.root(), delivery.id, &self.path("a.mp4"))
            .expect("a note");
        (delivery.id, note)
    }

    fn settle(&self) -> Settled {
        settle(&self.vault, &CancelToken::new()).expect("a register")
    }

    fn state(&self, id: DeliveryId) -> DeliveryState {
        self.vault.delivery(id).expect("on record").state
    }
}

const PARTIAL: &str = ".a.mp4.countermark-4711-0.partial";

fn whole() -> DeliveryOutcome {
    DeliveryOutcome {
        frames: 12,
        psnr_y_db: 51.5,
        output_sha256: Sha256::digest("whole").into(),
    }
}

#[test]
fn a_copy_that_was_not_complete_is_failed_and_its_file_removed() {
    let house = House::new();
    let (id, note) = house.begin();
    fs::write(house.path(PARTIAL), "half").expect("a file");
    note.leave();
    assert_eq!(house.settle().failed, [id]);
    assert_eq!(house.state(id), DeliveryState::Failed);
    assert!(!house.path(PARTIAL).exists());
    assert!(house.settle().is_empty());
}

#[test]
fn a_copy_under_its_name_is_complete() {
    let house = House::new();
    let (id, mut note) = house.begin();
    note.outcome(&whole()).expect("written");
    fs::write(house.path("a.mp4"), "whole").expect("a file");
    fs::hard_link(house.path("a.mp4"), house.path(PARTIAL)).expect("a link");
    note.leave();
    assert_eq!(house.settle().completed, [id]);
    let record = house.vault.delivery(id).expect("on record");
    assert_eq!(
        (record.state, record.frames),
        (DeliveryState::Complete, Some(12))
    );
    assert!(house.path("a.mp4").exists() && !house.path(PARTIAL).exists());
}

#[test]
fn a_complete_copy_that_never_had_its_name_is_failed() {
    let house = House::new();
    let (id, mut note) = house.begin();
    note.outcome(&whole()).expect("written");
    fs::write(house.path(PARTIAL), "whole").expect("a file");
    // Somebody else's file under that name is not touched.
    fs::write(house.path("a.mp4"), "of another").expect("a file");
    note.leave();
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
        let (id, mut note) = house.begin();
        note.outcome(&whole()).expect("written");
        fs::write(house.path("moved.mp4"), "whole").expect("a file");
        if with_second_link {
            fs::hard_link(house.path("moved.mp4"), house.path(PARTIAL)).expect("a link");
        }
        note.leave();
        assert_eq!(house.settle().missing, [id]);
        assert_eq!(house.state(id), DeliveryState::Pending);
        assert!(house.settle().is_empty());
    }
}

#[test]
fn live_work_and_deliveries_without_a_note_are_left_alone() {
    let house = House::new();
    let (live, _note) = house.begin();
    let (old, note) = house.begin();
    drop(note);
    assert!(house.settle().is_empty());
    for id in [live, old] {
        assert_eq!(house.state(id), DeliveryState::Pending);
    }
}

#[test]
fn a_cancel_leaves_the_matter_for_the_next_time() {
    let house = House::new();
    let (id, note) = house.begin();
    note.leave();
    let cancel = CancelToken::new();
    cancel.cancel();
    let settled = settle(&house.vault, &cancel).expect("a register");
    assert!(settled.is_empty());
    assert_eq!(house.state(id), DeliveryState::Pending);
    assert_eq!(house.settle().failed, [id]);
}

#[test]
fn proxies_of_killed_registrations_go_and_those_of_live_ones_stay() {
    let house = House::new();
    let references = house.vault.references();
    let drafts = ["dead", "live", "old", "recent"]
        .map(|name| house.vault.draft_title(name).expect("a free name"));
    for draft in &drafts {
        fs::write(draft.reference_path(), "a proxy").expect("a file");
        draft.write_print(Vec::new(), Vec::new()).expect("a print");
    }
    let [dead, live, old, recent] = drafts.each_ref().map(TitleDraft::id);
    WorkNote::of_title(house.vault.root(), dead)
        .expect("a note")
        .leave();
    let _note = WorkNote::of_title(house.vault.root(), live).expect("a note");
    let long_ago = std::time::SystemTime::now() - AGE_OF_ABANDONED_PROXY * 2;
    let old_file = fs::File::options()
        .append(true)
        .open(references.join(format!("{old}.mp4")))
        .expect("the proxy");
    old_file.set_modified(long_ago).expect("a time");
    fs::write(
        references.join(format!(".{dead}.mp4.countermark-4711-0.partial")),
        "half",
    )
    .expect("a file");
    // A draft removes its own files when it is dropped: a killed process does not get there.
    drafts.into_iter().for_each(std::mem::forget);
    assert_eq!(house.settle().proxies, 2);
    let is_there = |id: TitleId| references.join(format!("{id}.mp4")).exists();
    assert_eq!(
        [dead, live, old, recent].map(is_there),
        [false, true, false, true]
    );
    let titles = house.vault.titles().expect("titles");
    assert!(is_there(titles[0].id));
    assert_eq!(fs::read_dir(&references).expect("a folder").count(), 3);
    let prints = fs::read_dir(house.vault.root().join("index/titles")).expect("a folder");
    assert_eq!(prints.count(), 2);
    assert!(house.settle().is_empty());
}
