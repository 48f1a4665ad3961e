//! A vault of 0.1.0, made here from that version's own SQL text, with a secret of this test.

use std::{fs, os::unix::fs::DirBuilderExt as _, path::Path, thread};

use countermark_register::{DeliveryState, Register as _, RegisterError, SqliteRegister};
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::studio::{Studio, chmod};

const TITLE: &str = "0f0e0d0c0b0a09080706050403020100";
const DISTRIBUTOR: &str = "10101010101010101010101010101010";

/// What `vault init`, `title add`, `distributor add` and two `mark`s of 0.1.0 leave, one of them killed.
pub(crate) fn vault_of_0_1_0(root: &Path) {
    fs::create_dir_all(root.join("references")).expect("a folder");
    let secret = root.join("secret");
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&secret)
        .expect("a folder");
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("a secret");
    fs::write(
        secret.join("owner.key"),
        format!("countermark owner secret 1\n{}\n", hex(&bytes)),
    )
    .expect("a secret");
    chmod(&secret.join("owner.key"), 0o600);
    let db = Connection::open(root.join("vault.db")).expect("a database");
    db.pragma_update(None, "journal_mode", "WAL")
        .expect("a log");
    db.execute_batch(include_str!("../fixtures/schema_0.1.0.sql"))
        .expect("tables");
    db.execute_batch(include_str!("../fixtures/rows_0.1.0.sql"))
        .expect("rows");
    let check = Sha256::digest([&b"countermark owner secret check 1"[..], &bytes].concat());
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('owner_secret_check', ?1)",
        params![hex(&check[..16])],
    )
    .expect("a check value");
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut hex = String::new();
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("a string");
    }
    hex
}

#[test]
fn a_vault_of_0_1_0_opens_is_migrated_and_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    vault_of_0_1_0(&root);
    let register = SqliteRegister::open(&root).expect("migrated");
    let [title] = &register.titles().expect("titles")[..] else {
        panic!("one title");
    };
    assert_eq!(
        (title.id.to_string().as_str(), title.name.as_str()),
        (TITLE, "Old")
    );
    assert_eq!(title.master.frame_rate.to_string(), "25/1");
    let distributor = register.distributor_named("Nord").expect("the distributor");
    assert_eq!(distributor.id.to_string(), DISTRIBUTOR);
    let deliveries = register.deliveries(Some(title.id)).expect("deliveries");
    let states: Vec<_> = deliveries.iter().map(|d| d.state).collect();
    assert_eq!(states, [DeliveryState::Complete, DeliveryState::Pending]);
    assert_eq!(deliveries[0].payload.to_string(), "0123456789abcdef");
    assert_eq!(deliveries[1].output_path, None);
    // Its own ledger goes on, with the migration on record.
    let ledger = register.verify_ledger().expect("a check");
    // Seven, and the commitments to two deliveries.
    assert_eq!((ledger.entries, ledger.broken), (9, None));
    let last = register.ledger().expect("a ledger").swap_remove(6);
    assert_eq!(
        (last.act.as_str(), last.details.as_str()),
        ("vault-migrated", r#"{"from":1,"to":3}"#)
    );
    // Nothing is known of what a killed run of 0.1.0 made: it is still scored.
    assert!(register.settle(&|| false).expect("settled").is_empty());
    assert_eq!(
        register
            .delivery(deliveries[1].id)
            .expect("the delivery")
            .state,
        DeliveryState::Pending
    );
    register.add_distributor("New").expect("written");
    drop(register);
    let again = SqliteRegister::open(&root).expect("opened again");
    assert_eq!(again.verify_ledger().expect("a check").entries, 10);
}

#[test]
fn programs_that_migrate_at_once_migrate_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    vault_of_0_1_0(&root);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| SqliteRegister::open(&root).expect("migrated by one of us"));
        }
    });
    let register = SqliteRegister::open(&root).expect("migrated");
    let ledger = register.verify_ledger().expect("a check");
    assert_eq!((ledger.entries, ledger.broken), (9, None));
}

#[test]
fn a_newer_schema_is_left_alone() {
    let studio = Studio::new();
    studio
        .raw()
        .pragma_update(None, "user_version", 4)
        .expect("a newer schema");
    let before = fs::read(studio.root().join("vault.db")).expect("a database");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::Newer {
            found: 4,
            known: 3,
            ..
        })
    ));
    assert_eq!(
        fs::read(studio.root().join("vault.db")).expect("a database"),
        before
    );
}
