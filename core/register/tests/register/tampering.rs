//! A register that somebody edited: what the ledger says of it, and that nobody else is named for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use countermark_register::{
    Attested, DeliveryState, Finding, Register, RegisterError, SqliteRegister, Testimony,
};
use rusqlite::{Connection, params};
use sha2::{Digest as _, Sha256};

use crate::studio::{Studio, begin, complete};

const NO_TRIGGERS: &str = "DROP TRIGGER ledger_is_never_changed; DROP TRIGGER ledger_is_never_shortened; \
                           DROP TRIGGER deliveries_are_never_forgotten;";

/// Titles A and B; Nord and Sea have A, West has B and its copy is still being made.
fn scene() -> Studio {
    let studio = Studio::new();
    let register = &studio.register;
    let [a, b] = ["A", "B"].map(|name| studio.add_title(name));
    let add = |name| register.add_distributor(name).expect("a distributor");
    let [nord, sea, west] = ["Nord", "Sea", "West"].map(add);
    let output = studio.folder.path().join("copy.mp4");
    for (title, distributor) in [(&a, &nord), (&a, &sea)] {
        let delivery = begin(register, title, distributor, &output);
        complete(register, delivery.id);
    }
    begin(register, &b, &west, &output);
    studio
}

/// Who has which payload of which title, as an answer would name them.
type Names = BTreeMap<
    String,
    (
        String,
        String,
        Option<String>,
        DeliveryState,
        Option<String>,
    ),
>;

fn names(register: &dyn Register) -> Names {
    let deliveries = register.deliveries(None).expect("deliveries");
    deliveries
        .into_iter()
        .map(|delivery| {
            let hash = delivery.output_sha256.map(|hash| hash.to_string());
            (
                delivery.payload.to_string(),
                (
                    delivery.distributor,
                    delivery.title,
                    delivery.licensee,
                    delivery.state,
                    hash,
                ),
            )
        })
        .collect()
}

fn tamper(root: &Path, sql: &str) {
    let db = Connection::open(root.join("vault.db")).expect("the register");
    db.execute_batch("PRAGMA foreign_keys = OFF").expect("off");
    db.execute_batch(sql).expect(sql);
}

fn kinds(testimony: &Testimony) -> BTreeSet<&'static str> {
    testimony.findings().iter().map(Finding::kind).collect()
}

fn attested(root: &Path) -> Result<Attested, RegisterError> {
    Attested::new(Arc::new(SqliteRegister::open(root)?))
}

/// Makes the chain hold again, as somebody can who knows how it is made.
fn rewrite_chain(root: &Path) {
    let db = Connection::open(root.join("vault.db")).expect("the register");
    let mut query = db
        .prepare("SELECT seq, time, act, details FROM ledger ORDER BY seq")
        .expect("a query");
    let rows = query
        .query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                [row.get::<_, String>(1)?, row.get(2)?, row.get(3)?],
            ))
        })
        .expect("rows");
    let mut previous = [0_u8; 32];
    for row in rows.collect::<Result<Vec<_>, _>>().expect("entries") {
        let (seq, fields) = row;
        let mut hash = Sha256::new();
        hash.update(b"countermark ledger 1");
        hash.update(previous);
        hash.update(seq.to_be_bytes());
        for field in fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field.as_bytes());
        }
        let next: [u8; 32] = hash.finalize().into();
        let hex = |bytes: [u8; 32]| bytes.map(|byte| format!("{byte:02x}")).concat();
        db.execute(
            "UPDATE ledger SET previous = ?2, hash = ?3 WHERE seq = ?1",
            params![seq, hex(previous), hex(next)],
        )
        .expect("rewritten");
        previous = next;
    }
}

#[test]
fn nothing_is_found_in_a_register_that_nobody_touched() {
    let studio = scene();
    let testimony = studio.register.testimony().expect("heard");
    assert_eq!(testimony.findings(), []);
    assert_eq!(testimony.facts(), []);
    assert_eq!(studio.register.odd_objects().expect("looked at"), []);
    let attested = attested(&studio.root()).expect("it holds");
    assert_eq!(names(&attested), names(&studio.register));
    assert_eq!(
        attested.titles().expect("titles"),
        studio.register.titles().expect("titles")
    );
    assert_eq!(
        attested.deliveries(None).expect("deliveries"),
        studio.register.deliveries(None).expect("deliveries")
    );
}

/// What is edited, how (the first row of deliveries is Nord's, the second Sea's), and the finding.
const EDITS: [(&str, &str, &str); 15] = [
    (
        "names of distributors swapped",
        "UPDATE distributors SET name = 'x' WHERE name = 'Nord'; \
         UPDATE distributors SET name = 'Nord' WHERE name = 'Sea'; \
         UPDATE distributors SET name = 'Sea' WHERE name = 'x'",
        "row-edited",
    ),
    (
        "a distributor renamed",
        "UPDATE distributors SET name = 'Innocent' WHERE name = 'Nord'",
        "row-edited",
    ),
    (
        "a licensee replaced",
        "UPDATE deliveries SET licensee = 'Innocent' WHERE rowid = 1",
        "row-edited",
    ),
    (
        "names of titles swapped",
        "UPDATE titles SET name = 'x' WHERE name = 'A'; UPDATE titles SET name = 'A' WHERE name = 'B'; \
         UPDATE titles SET name = 'B' WHERE name = 'x'",
        "row-edited",
    ),
    (
        "a delivery given to another",
        "UPDATE deliveries SET distributor = (SELECT id FROM distributors WHERE name = 'West') WHERE rowid = 1",
        "row-edited",
    ),
    (
        "payloads swapped",
        "CREATE TEMP TABLE p AS SELECT rowid AS r, payload FROM deliveries; \
         UPDATE deliveries SET payload = '0000000000000000' WHERE rowid = 1; \
         UPDATE deliveries SET payload = (SELECT payload FROM p WHERE r = 1) WHERE rowid = 2; \
         UPDATE deliveries SET payload = (SELECT payload FROM p WHERE r = 2) WHERE rowid = 1",
        "row-edited",
    ),
    (
        "a payload replaced",
        "UPDATE deliveries SET payload = '0123456789abcdef' WHERE rowid = 1",
        "row-edited",
    ),
    (
        "a payload that is none",
        "UPDATE deliveries SET payload = 'no payload here ' WHERE rowid = 1",
        "row-edited",
    ),
    (
        "a delivery failed",
        "UPDATE deliveries SET state = 'failed' WHERE rowid = 1",
        "row-edited",
    ),
    (
        "another format",
        "UPDATE deliveries SET format_version = 1 WHERE rowid = 1",
        "row-edited",
    ),
    (
        "another file",
        "UPDATE deliveries SET output_sha256 = replace(output_sha256, 'a', 'c') WHERE rowid = 1",
        "row-edited",
    ),
    (
        "another reference",
        "UPDATE titles SET reference_file = (SELECT reference_file FROM titles WHERE name = 'B') WHERE name = 'A'",
        "row-edited",
    ),
    (
        "a delivery deleted",
        "DROP TRIGGER deliveries_are_never_forgotten; DELETE FROM deliveries WHERE rowid = 1",
        "row-removed",
    ),
    (
        "a distributor deleted",
        "DELETE FROM distributors WHERE name = 'Nord'",
        "row-removed",
    ),
    (
        "a delivery put in for an innocent",
        "INSERT INTO deliveries (id, payload, title, distributor, strength, format_version, encoder_settings, \
         output_file, state, created) SELECT '40404040404040404040404040404040', '0123456789abcdef', title, \
         (SELECT id FROM distributors WHERE name = 'West'), 1.0, 2, '{}', 'x', 'pending', created \
         FROM deliveries WHERE rowid = 1",
        "row-unrecorded",
    ),
];

#[test]
fn edited_rows_are_named_and_the_ledgers_word_stands() {
    for (what, sql, kind) in EDITS {
        let studio = scene();
        let before = names(&studio.register);
        tamper(&studio.root(), sql);
        let testimony = studio.register.testimony().expect("heard");
        assert_eq!(kinds(&testimony), BTreeSet::from([kind]), "{what}");
        assert!(testimony.broken().is_none(), "{what}");
        let attested = attested(&studio.root()).expect(what);
        assert_eq!(names(&attested), before, "{what}");
    }
}

#[test]
fn a_ledger_that_was_changed_names_nobody() {
    for (what, sql, rechain, kind) in [
        (
            "an entry changed",
            "UPDATE ledger SET details = replace(details, 'Nord', 'Innocent')",
            false,
            "chain-broken",
        ),
        (
            "an entry changed and the chain made anew",
            "UPDATE ledger SET details = replace(details, 'Nord', 'Innocent')",
            true,
            "mac-foreign",
        ),
        (
            "an entry in the middle deleted",
            "DELETE FROM ledger WHERE seq = 5",
            false,
            "chain-broken",
        ),
        (
            "without MACs from an entry on",
            "UPDATE ledger SET mac = NULL WHERE seq > 4",
            false,
            "mac-missing",
        ),
        (
            "made anew without any MAC",
            "UPDATE ledger SET mac = NULL, details = replace(details, 'Nord', 'Innocent')",
            true,
            "ledger-written-anew",
        ),
    ] {
        let studio = scene();
        tamper(&studio.root(), &format!("{NO_TRIGGERS} {sql}"));
        if rechain {
            rewrite_chain(&studio.root());
        }
        let testimony = studio.register.testimony().expect("heard");
        assert_eq!(testimony.broken().map(Finding::kind), Some(kind), "{what}");
        match attested(&studio.root()) {
            Err(error @ RegisterError::LedgerBroken { .. }) => {
                let text = error.to_string();
                assert_eq!(text.lines().count(), 1, "{text}");
                assert!(!text.contains("Innocent"), "{text}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

#[test]
fn a_register_that_was_made_old_and_rewritten_is_not_taken_for_one_of_0_1_0() {
    let studio = scene();
    tamper(
        &studio.root(),
        &format!(
            "{NO_TRIGGERS} UPDATE ledger SET details = replace(details, 'Nord', 'Innocent'); \
             ALTER TABLE ledger DROP COLUMN mac; PRAGMA user_version = 2; \
             UPDATE distributors SET name = 'Innocent' WHERE name = 'Nord'"
        ),
    );
    rewrite_chain(&studio.root());
    let opened = SqliteRegister::open(&studio.root()).expect("migrated");
    let testimony = opened.testimony().expect("heard");
    assert_eq!(
        testimony.broken().map(Finding::kind),
        Some("ledger-written-anew")
    );
}

#[test]
fn a_cut_tail_shows_though_its_numbers_were_taken_back() {
    for (what, sql) in [
        ("the tail", "DELETE FROM ledger WHERE seq > 9"),
        (
            "the tail and its numbers",
            "DELETE FROM ledger WHERE seq > 9; UPDATE sqlite_sequence SET seq = 9 WHERE name = 'ledger'",
        ),
        (
            "the tail, its numbers and the delivery",
            "DELETE FROM ledger WHERE seq > 9; UPDATE sqlite_sequence SET seq = 9 WHERE name = 'ledger'; \
             DELETE FROM deliveries WHERE rowid > 1",
        ),
    ] {
        let studio = scene();
        tamper(&studio.root(), &format!("{NO_TRIGGERS} {sql}"));
        let testimony = studio.register.testimony().expect("heard");
        assert!(kinds(&testimony).contains("ledger-cut-short"), "{what}");
        assert!(testimony.broken().is_none(), "{what}");
        let left = names(&attested(&studio.root()).expect(what));
        assert!(left.values().all(|(distributor, ..)| distributor == "Nord"));
    }
}

#[test]
fn an_older_copy_shows_before_it_is_used_and_after() {
    let studio = scene();
    let old = studio.folder.path().join("older.db");
    studio
        .raw()
        .execute("VACUUM INTO ?1", [old.to_str().expect("a path")])
        .expect("a copy");
    let late = studio.register.add_distributor("Late").expect("later");
    let root = studio.root();
    // An open handle knows the database that was there.
    let Studio {
        folder: _folder,
        register,
    } = studio;
    drop(register);
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(root.join(format!("vault.db{ending}")));
    }
    fs::copy(&old, root.join("vault.db")).expect("put back");
    let register = SqliteRegister::open(&root).expect("it opens");
    let testimony = register.testimony().expect("heard");
    assert_eq!(kinds(&testimony), BTreeSet::from(["ledger-cut-short"]));
    assert!(
        testimony
            .distributors()
            .iter()
            .all(|known| known.id != late.id)
    );
    for name in ["One", "Two"] {
        register.add_distributor(name).expect("used again");
        let testimony = register.testimony().expect("heard");
        assert_eq!(
            kinds(&testimony),
            BTreeSet::from(["ledger-forked"]),
            "{name}"
        );
    }
}

#[test]
fn a_vault_that_was_copied_while_it_was_written_says_what_is_missing() {
    let studio = scene();
    let copy = studio.folder.path().join("copied");
    fs::create_dir_all(copy.join("secret")).expect("a folder");
    for folder in [copy.clone(), copy.join("secret")] {
        crate::studio::chmod(&folder, 0o700);
    }
    for file in ["vault.db", "vault.db-wal"] {
        fs::copy(studio.root().join(file), copy.join(file)).expect("copied");
    }
    studio
        .register
        .add_distributor("Meanwhile")
        .expect("written");
    for file in ["secret/owner.key", "secret/ledger.head"] {
        fs::copy(studio.root().join(file), copy.join(file)).expect("copied");
    }
    let register = SqliteRegister::open(&copy).expect("it opens");
    let testimony = register.testimony().expect("heard");
    assert_eq!(kinds(&testimony), BTreeSet::from(["ledger-cut-short"]));
    assert_eq!(testimony.deliveries().len(), 3);
}

#[test]
fn a_lost_or_foreign_head_is_named() {
    let studio = scene();
    let head = studio.root().join("secret/ledger.head");
    fs::write(&head, "countermark ledger head 1\n1 00 1\n00\n").expect("own file");
    let testimony = studio.register.testimony().expect("heard");
    assert_eq!(kinds(&testimony), BTreeSet::from(["head-damaged"]));
    fs::remove_file(&head).expect("own file");
    let testimony = studio.register.testimony().expect("heard");
    assert_eq!(kinds(&testimony), BTreeSet::from(["head-missing"]));
    // The next act remembers it again.
    studio.register.add_distributor("Next").expect("an act");
    assert_eq!(studio.register.testimony().expect("heard").findings(), []);
}

#[test]
fn nothing_is_made_under_a_name_that_was_edited() {
    let studio = scene();
    tamper(
        &studio.root(),
        "UPDATE distributors SET name = 'x' WHERE name = 'Nord'; \
         UPDATE distributors SET name = 'Nord' WHERE name = 'Sea'; \
         UPDATE distributors SET name = 'Sea' WHERE name = 'x'",
    );
    let register = SqliteRegister::open(&studio.root()).expect("it opens");
    let title = register.title_named("A").expect("a title");
    let swapped = register.distributor_named("Nord").expect("a row");
    let settings = serde_json::json!({});
    let refused = register.begin_delivery(&countermark_register::NewDelivery {
        title: &title,
        distributor: &swapped,
        licensee: None,
        strength: 1.0,
        format: countermark_mark::FormatSpec::CURRENT,
        encoder_settings: &settings,
        output: Path::new("copy.mp4"),
    });
    assert!(
        matches!(refused, Err(RegisterError::Edited(_))),
        "{refused:?}"
    );
    let key = studio.folder.path().join("a.key");
    let refused =
        countermark_register::ReadKeyFile::export(&register, &title, &[swapped], &key, false);
    assert!(refused.is_err());
    assert!(!key.exists());
}

#[test]
fn a_changed_trigger_or_table_is_named() {
    let studio = scene();
    tamper(
        &studio.root(),
        "DROP TRIGGER deliveries_are_never_forgotten",
    );
    let odd = studio.register.odd_objects().expect("looked at");
    let [finding] = &odd[..] else {
        panic!("{odd:?}")
    };
    assert!(
        finding
            .to_string()
            .contains("trigger deliveries_are_never_forgotten")
    );
}
