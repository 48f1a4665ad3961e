//! Making and opening a vault.

use std::{fs, thread};

use countermark_register::{ErrorKind, Register as _, RegisterError, SqliteRegister};
use rusqlite::Connection;

use crate::studio::{Studio, owner_digits};

#[test]
fn only_one_of_several_inits_makes_the_vault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("deep/vault");
    let made = thread::scope(|scope| {
        let inits: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| SqliteRegister::init(&root).map(|_| ())))
            .collect();
        inits
            .into_iter()
            .map(|init| init.join().expect("no panic"))
            .collect::<Vec<_>>()
    });
    assert_eq!(
        made.iter().filter(|result| result.is_ok()).count(),
        1,
        "{made:?}"
    );
    assert!(
        made.iter()
            .all(|result| matches!(result, Ok(()) | Err(RegisterError::AlreadyExists { .. }))),
        "{made:?}"
    );
    SqliteRegister::open(&root).expect("a vault with its own secret");
}

#[test]
fn an_interrupted_init_is_finished_with_its_secret() {
    let studio = Studio::new();
    let secret = owner_digits(&studio.root());
    for file in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let _ = fs::remove_file(studio.root().join(file));
    }
    let mark = studio.root().join("secret/unfinished");
    fs::write(&mark, b"").expect("what a killed process leaves");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::Missing { .. })
    ));
    fs::write(studio.root().join("vault.db"), b"").expect("what a killed process leaves");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::Unfinished { .. })
    ));
    SqliteRegister::init(&studio.root()).expect("finished");
    assert_eq!(owner_digits(&studio.root()), secret);
    assert!(!mark.exists());
}

#[test]
fn a_register_that_is_gone_beside_its_secret_is_lost_and_never_made_anew() {
    let studio = Studio::new();
    studio
        .register
        .add_distributor("Nord")
        .expect("a distributor");
    let database = studio.root().join("vault.db");
    let lost = || {
        for opened in [
            SqliteRegister::open(&studio.root()),
            SqliteRegister::init(&studio.root()),
        ] {
            assert!(
                matches!(opened, Err(RegisterError::Lost { .. })),
                "{opened:?}"
            );
        }
    };
    for file in ["vault.db-wal", "vault.db-shm"] {
        let _ = fs::remove_file(studio.root().join(file));
    }
    fs::write(&database, b"").expect("own file");
    lost();
    assert_eq!(fs::read(&database).expect("a file"), b"");
    fs::remove_file(&database).expect("own file");
    lost();
    assert!(!database.exists());
}

#[test]
fn a_missing_newer_or_foreign_register_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nowhere = folder.path().join("nowhere");
    let error = SqliteRegister::open(&nowhere).expect_err("no vault");
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert_eq!(
        error.to_string(),
        format!("no vault at {}", nowhere.display())
    );
    assert!(!nowhere.exists());

    let studio = Studio::new();
    studio
        .raw()
        .pragma_update(None, "user_version", 7)
        .expect("a newer schema");
    let error = SqliteRegister::open(&studio.root())
        .expect_err("newer")
        .to_string();
    assert!(
        error.contains("has schema 7, this program knows schemas up to 3"),
        "{error}"
    );
    assert!(matches!(
        SqliteRegister::init(&studio.root()),
        Err(RegisterError::Newer { .. })
    ));

    fs::create_dir(&nowhere).expect("a folder");
    fs::write(
        nowhere.join("vault.db"),
        "text, and rather more of it than a header has ".repeat(99),
    )
    .expect("a text");
    assert!(matches!(
        SqliteRegister::open(&nowhere),
        Err(RegisterError::NotARegister { .. })
    ));
    fs::remove_file(nowhere.join("vault.db")).expect("own file");
    Connection::open(nowhere.join("vault.db"))
        .expect("new")
        .execute_batch("CREATE TABLE t (x)")
        .expect("a table");
    assert!(matches!(
        SqliteRegister::open(&nowhere),
        Err(RegisterError::NotARegister { .. })
    ));
}
