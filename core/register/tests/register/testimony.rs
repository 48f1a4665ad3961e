//! Who may read and write a register, and what an old one testifies.

use countermark_register::{Fact, Finding, Named, Register as _, RegisterError, SqliteRegister};

use crate::{
    migration::vault_of_0_1_0,
    studio::{Studio, chmod, mode},
};

#[test]
fn a_vault_of_0_1_0_says_that_its_entries_carried_no_mac_and_is_held_from_then_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    vault_of_0_1_0(&root);
    let register = SqliteRegister::open(&root).expect("migrated");
    let testimony = register.testimony().expect("heard");
    assert_eq!(testimony.findings(), []);
    let [
        Fact::WithoutMacs {
            entries: 6,
            since: Some(day),
        },
    ] = testimony.facts()
    else {
        panic!("{:?}", testimony.facts());
    };
    let migrated = &register.ledger().expect("a ledger")[6];
    assert_eq!(day, &migrated.time);
    assert!(migrated.mac.is_some());
    assert!(register.has_unnoted_titles().expect("looked"));
    // What is done to an old entry from that day on shows.
    register.add_distributor("New").expect("an act");
    let db = rusqlite::Connection::open(root.join("vault.db")).expect("the register");
    db.execute_batch(
        "DROP TRIGGER ledger_is_never_changed; \
         UPDATE ledger SET details = replace(details, 'Nord', 'Sea') WHERE seq = 3",
    )
    .expect("edited");
    assert!(register.testimony().expect("heard").broken().is_some());
}

#[test]
fn an_old_vault_is_closed_to_others_when_it_is_migrated() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    vault_of_0_1_0(&root);
    chmod(&root, 0o755);
    chmod(&root.join("vault.db"), 0o644);
    SqliteRegister::open(&root).expect("migrated");
    assert_eq!((mode(&root), mode(&root.join("vault.db"))), (0o700, 0o600));
    assert_eq!(countermark_register::permissions::open_files(&root), []);
}

#[test]
fn a_register_that_others_can_write_is_refused_and_one_that_they_can_read_is_named() {
    let studio = Studio::new();
    let root = studio.root();
    let database = root.join("vault.db");
    for (path, wanted) in [(&root, 0o700), (&database, 0o600)] {
        for open in [0o020, 0o002, 0o022] {
            chmod(path, wanted | open);
            match SqliteRegister::open(&root) {
                Err(RegisterError::Writable {
                    path: named,
                    wanted: said,
                    ..
                }) => {
                    assert_eq!((&named, said), (path, wanted));
                }
                other => panic!("{other:?}"),
            }
        }
        chmod(path, wanted | 0o044);
        SqliteRegister::open(&root).expect("it opens");
        let open = countermark_register::permissions::open_files(&root);
        assert!(
            matches!(&open[..], [Finding::Open { path: named, .. }] if named == path),
            "{open:?}"
        );
        chmod(path, wanted);
    }
}

#[test]
fn names_are_composed_refused_when_they_cannot_be_seen_and_warned_of_when_alike() {
    let studio = Studio::new();
    let register = &studio.register;
    let added = register.add_distributor("Bru\u{308}cke").expect("a name");
    assert_eq!(added.name, "Br\u{fc}cke");
    for same in ["Br\u{fc}cke", "Bru\u{308}cke"] {
        assert_eq!(
            register.distributor_named(same).expect("known").id,
            added.id
        );
        assert!(matches!(
            register.add_distributor(same),
            Err(RegisterError::NameTaken { .. })
        ));
    }
    let refused = register.add_distributor("Sea\u{200b}");
    assert!(matches!(refused, Err(RegisterError::BadName { .. })));
    register.add_distributor("Sea").expect("a name");
    let alike = register
        .names_like(Named::Distributor, "sea")
        .expect("looked up");
    let said: Vec<String> = alike.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["the distributor \"sea\" may be taken for the distributor \"Sea\", which is on record"]
    );
}
