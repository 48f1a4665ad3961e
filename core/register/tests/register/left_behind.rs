//! What killed processes leave behind, and what becomes of it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use countermark_register::{
    DeliveryOutcome, DeliveryRecord, DeliveryState, FileHash, Kept, Register as _, RegisterError,
    Settlement, SqliteRegister,
};

use crate::studio::{Studio, begin};

const ROOT: &str = "COUNTERMARK_TEST_ROOT";
const STAGE: &str = "COUNTERMARK_TEST_STAGE";

/// How far a process gets before it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    Made,
}

/// A studio in which another process was killed while it worked on a delivery to `copy.mp4`.
struct Killed {
    studio: Studio,
    delivery: DeliveryRecord,
}

impl Killed {
    fn at(stage: Stage) -> Self {
        let studio = Studio::new();
        studio.add_title("a");
        studio.register.add_distributor("b").expect("a distributor");
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "left_behind::child_that_waits",
                "--ignored",
                "--nocapture",
            ])
            .env(ROOT, studio.root())
            .env(STAGE, format!("{stage:?}"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child");
        let said = BufReader::new(child.stdout.take().expect("its words"));
        let ready = said
            .lines()
            .map_while(Result::ok)
            .any(|line| line.contains("ready"));
        assert!(ready, "the child began");
        let [delivery] = &studio.register.deliveries(None).expect("deliveries")[..] else {
            panic!("one delivery");
        };
        // Alive: nobody settles it.
        assert!(
            studio
                .register
                .settle(&|| false)
                .expect("settled")
                .is_empty()
        );
        child.kill().expect("killed");
        child.wait().expect("gone");
        Self {
            delivery: delivery.clone(),
            studio,
        }
    }

    fn output(&self) -> PathBuf {
        self.studio.root().with_file_name("copy.mp4")
    }

    fn settle(&self) -> Vec<Settlement> {
        let register = SqliteRegister::open(&self.studio.root()).expect("the vault");
        let settled = register.settle(&|| false).expect("settled");
        assert_eq!(register.verify_ledger().expect("a check").broken, None);
        settled
    }

    fn state(&self) -> DeliveryState {
        self.studio
            .register
            .delivery(self.delivery.id)
            .expect("the delivery")
            .state
    }
}

#[test]
#[ignore = "the child of the tests here: it waits until it is killed"]
#[expect(clippy::print_stdout, reason = "it tells its parent how far it is")]
fn child_that_waits() {
    let (Some(root), Some(stage)) = (std::env::var_os(ROOT), std::env::var_os(STAGE)) else {
        return;
    };
    let root = PathBuf::from(root);
    let register = SqliteRegister::open(&root).expect("the vault");
    let title = register.title_named("a").expect("the title");
    let distributor = register.distributor_named("b").expect("the distributor");
    let begun = begin(
        &register,
        &title,
        &distributor,
        &root.with_file_name("copy.mp4"),
    );
    if stage == "Made" {
        let outcome = DeliveryOutcome {
            frames: 7,
            psnr_y_db: 47.0,
            output_sha256: hash_of(b"the copy"),
        };
        register.record_outcome(begun.id, &outcome).expect("made");
    }
    // On a line of its own, whatever the test harness has written before.
    println!("\nready");
    std::thread::sleep(std::time::Duration::from_secs(600));
}

fn hash_of(contents: &[u8]) -> FileHash {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("copy");
    fs::write(&path, contents).expect("a file");
    FileHash::of_file(&path, &|| false)
        .expect("read")
        .expect("not cancelled")
}

#[test]
fn one_killed_before_anything_was_made_fails() {
    let killed = Killed::at(Stage::Begun);
    let [Settlement::Failed(failed)] = &killed.settle()[..] else {
        panic!("failed");
    };
    assert_eq!(failed.id, killed.delivery.id);
    assert_eq!(failed.failure.as_deref(), Some("interrupted"));
    assert_eq!(killed.state(), DeliveryState::Failed);
    assert!(killed.settle().is_empty(), "settled once");
}

#[test]
fn one_killed_after_its_file_had_its_name_is_complete() {
    let killed = Killed::at(Stage::Made);
    fs::write(killed.output(), b"the copy").expect("the copy");
    let [Settlement::Completed(done)] = &killed.settle()[..] else {
        panic!("complete");
    };
    assert_eq!(
        (done.id, done.frames, done.state),
        (killed.delivery.id, Some(7), DeliveryState::Complete)
    );
}

#[test]
fn one_whose_whole_file_was_moved_or_replaced_stays_to_be_scored() {
    for contents in [None, Some(&b"another file"[..])] {
        let killed = Killed::at(Stage::Made);
        if let Some(contents) = contents {
            fs::write(killed.output(), contents).expect("a file");
        }
        assert!(matches!(
            killed.settle()[..],
            [Settlement::Kept {
                why: Kept::Moved,
                ..
            }]
        ));
        assert_eq!(killed.state(), DeliveryState::Pending);
        assert!(killed.settle().is_empty(), "said once");
    }
}

#[test]
fn the_file_of_another_under_its_name_is_none_of_its_business() {
    let killed = Killed::at(Stage::Begun);
    fs::write(killed.output(), b"of another").expect("a file");
    assert!(matches!(killed.settle()[..], [Settlement::Failed(_)]));
    assert_eq!(fs::read(killed.output()).expect("a file"), b"of another");
}

#[test]
fn one_whose_folder_is_away_is_looked_at_again() {
    let killed = Killed::at(Stage::Made);
    let folder = killed.studio.folder.path();
    // The vault is in the copy's folder, and stays within reach.
    let new_root = tempfile::tempdir().expect("a folder");
    fs::rename(killed.studio.root(), new_root.path().join("vault")).expect("moved");
    fs::rename(folder, folder.with_extension("away")).expect("moved");
    let settle = || {
        let register = SqliteRegister::open(&new_root.path().join("vault")).expect("the vault");
        register.settle(&|| false).expect("settled")
    };
    for _ in 0..2 {
        assert!(matches!(
            settle()[..],
            [Settlement::Kept {
                why: Kept::Unreachable,
                ..
            }]
        ));
    }
    fs::rename(folder.with_extension("away"), folder).expect("back");
    fs::write(killed.output(), b"the copy").expect("the copy");
    assert!(matches!(settle()[..], [Settlement::Completed(_)]));
}

#[test]
fn a_cancelled_settling_leaves_everything_and_is_done_later() {
    let killed = Killed::at(Stage::Made);
    fs::write(killed.output(), b"the copy").expect("the copy");
    let register = SqliteRegister::open(&killed.studio.root()).expect("the vault");
    assert!(matches!(
        register.settle(&|| true),
        Err(RegisterError::Cancelled)
    ));
    assert_eq!(killed.state(), DeliveryState::Pending);
    assert!(matches!(killed.settle()[..], [Settlement::Completed(_)]));
}

#[test]
fn a_copy_of_the_vault_settles_nothing_of_the_original() {
    let killed = Killed::at(Stage::Begun);
    let copy = killed.studio.folder.path().join("restored");
    let done = Command::new("cp")
        .args([
            "-a".as_ref(),
            killed.studio.root().as_os_str(),
            copy.as_os_str(),
        ])
        .status()
        .expect("cp");
    assert!(done.success());
    let register = SqliteRegister::open(&copy).expect("the copy");
    assert!(register.settle(&|| false).expect("settled").is_empty());
    let delivery = register.delivery(killed.delivery.id).expect("the delivery");
    assert_eq!(delivery.state, DeliveryState::Pending);
}
