//! Migrations that fail, that are killed, and that run at once: whole before or whole after, never between.
//!
//! Every statement asks SQLite's authorizer at least once, so refusing its n-th question fails the n-th step, and ending
//! the process there is a kill in the middle of it.

use std::{
    path::{Path, PathBuf},
    process::{Command, abort},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use rusqlite::hooks::{AuthContext, Authorization};

use super::*;

const STEP: &str = "COUNTERMARK_TEST_STEP";
const DATABASE: &str = "COUNTERMARK_TEST_DATABASE";

/// A database of 0.1.0 with a ledger entry, as its `vault init` leaves it.
fn old(folder: &Path) -> PathBuf {
    let database = folder.join("vault.db");
    let db = Connection::open(&database).expect("a database");
    db.pragma_update(None, "journal_mode", "WAL")
        .expect("a log");
    db.execute_batch(include_str!("../../../tests/fixtures/schema_0.1.0.sql"))
        .expect("the tables of 0.1.0");
    db.execute(
        "INSERT INTO meta (name, value) VALUES ('owner_secret_check', 'c')",
        [],
    )
    .expect("a check value");
    db.pragma_update(None, "application_id", APPLICATION_ID)
        .expect("a mark");
    db.pragma_update(None, "user_version", 1)
        .expect("a version");
    // Its hash is not looked at here.
    db.execute(
        "INSERT INTO ledger (time, act, details, previous, hash) VALUES (?1, 'vault-created', '{}', '', '')",
        [Timestamp::now()],
    )
    .expect("an entry");
    database
}

fn key() -> LedgerKey {
    LedgerKey::of(&[3; 32])
}

fn columns(db: &Connection) -> Vec<String> {
    let mut query = db
        .prepare("SELECT name FROM pragma_table_info('deliveries')")
        .expect("a query");
    let names = query.query_map([], |row| row.get(0)).expect("rows");
    names.collect::<Result<_, _>>().expect("names")
}

fn acts(db: &Connection) -> Vec<String> {
    let mut query = db
        .prepare("SELECT act FROM ledger ORDER BY seq")
        .expect("a query");
    let acts = query.query_map([], |row| row.get(0)).expect("rows");
    acts.collect::<Result<_, _>>().expect("acts")
}

/// Refuses the `step`-th question from 1 on, or does `instead`. Answers how many were asked.
fn refusing(db: &Connection, step: u32, instead: Option<fn()>) -> Arc<AtomicU32> {
    let asked = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&asked);
    db.authorizer(Some(move |_: AuthContext<'_>| {
        if counter.fetch_add(1, Ordering::Relaxed) + 1 != step {
            return Authorization::Allow;
        }
        if let Some(act) = instead {
            act();
        }
        Authorization::Deny
    }))
    .expect("an authorizer");
    asked
}

fn upgrade(db: &mut Connection) -> rusqlite_migration::Result<()> {
    migrate(db, Occasion::Upgrade { from: 1 }, &key())
}

/// Questions that a whole migration asks.
fn steps() -> u32 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut db = Connection::open(old(folder.path())).expect("a database");
    let asked = refusing(&db, u32::MAX, None);
    upgrade(&mut db).expect("a migration");
    asked.load(Ordering::Relaxed)
}

fn assert_old_and_whole(db: &Connection) {
    assert_eq!(version(db), Ok(Some(1)));
    assert!(!columns(db).contains(&"output_path".to_owned()));
    assert_eq!(acts(db), ["vault-created"]);
}

fn assert_new_and_whole(db: &Connection) {
    assert_eq!(version(db), Ok(Some(LATEST)));
    assert!(columns(db).contains(&"output_path".to_owned()));
    assert_eq!(acts(db), ["vault-created", "vault-migrated"]);
    let check: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .expect("a check");
    assert_eq!(check, "ok");
}

#[test]
fn a_migration_that_fails_at_any_statement_changes_nothing_and_can_be_repeated() {
    let steps = steps();
    assert!(steps > 10, "{steps}");
    for step in 1..=steps {
        let folder = tempfile::tempdir().expect("a folder");
        let database = old(folder.path());
        let mut db = Connection::open(&database).expect("a database");
        refusing(&db, step, None);
        upgrade(&mut db).expect_err("refused");
        drop(db);
        let mut db = Connection::open(&database).expect("a database");
        assert_old_and_whole(&db);
        upgrade(&mut db).expect("a migration");
        assert_new_and_whole(&db);
    }
}

#[test]
fn a_migration_that_is_killed_at_any_statement_changes_nothing_and_can_be_repeated() {
    for step in 1..=steps() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = old(folder.path());
        let killed = Command::new(std::env::current_exe().expect("this test"))
            .args([
                "--exact",
                "sqlite::migrate::tests::child_that_dies",
                "--ignored",
            ])
            .env(STEP, step.to_string())
            .env(DATABASE, &database)
            .output()
            .expect("a child");
        assert_eq!(killed.status.code(), None, "step {step}: {killed:?}");
        let mut db = Connection::open(&database).expect("a database");
        assert_old_and_whole(&db);
        upgrade(&mut db).expect("a migration");
        assert_new_and_whole(&db);
    }
}

#[test]
#[ignore = "the child of the test above: it ends its process"]
fn child_that_dies() {
    let step = std::env::var(STEP).ok().and_then(|step| step.parse().ok());
    let database = std::env::var_os(DATABASE);
    let (Some(step), Some(database)) = (step, database) else {
        return;
    };
    let mut db = Connection::open(database).expect("a database");
    refusing(&db, step, Some(|| abort()));
    upgrade(&mut db).expect("a migration");
}

#[test]
fn the_first_schema_is_the_one_that_0_1_0_made() {
    let tables = |sql: &str| -> Vec<(String, Option<String>)> {
        let db = Connection::open_in_memory().expect("a database");
        db.execute_batch(sql).expect("tables");
        let mut query = db
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
            .expect("a query");
        let rows = query
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows");
        rows.collect::<Result<_, _>>().expect("tables")
    };
    assert_eq!(
        tables(include_str!("../schema_1.sql")),
        tables(include_str!("../../../tests/fixtures/schema_0.1.0.sql"))
    );
}

#[test]
fn a_copy_in_memory_is_migrated_without_a_word_on_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut db = super::super::snapshot::load(&old(folder.path())).expect("a copy");
    migrate(&mut db, Occasion::Copy, &key()).expect("a migration");
    assert!(columns(&db).contains(&"output_path".to_owned()));
    assert_eq!(acts(&db), ["vault-created"]);
}
