//! A register and references that somebody edited, and what a trace of a real leak says of it: the one whose copy leaked, or
//! nobody, and never somebody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use countermark_catalogue::Vault;
use countermark_mark::FormatSpec;
use countermark_register::{NewDelivery, RegisterError};
use countermark_trace::{ErrorKind, Note, Observer, Request, TraceError, Tracer};
use rusqlite::Connection;

use super::examination::studio::Studio;

const CULPRIT: &str = "Seaview";
const INNOCENT: &str = "Nord";

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Observer for Notes {
    fn note(&self, note: &Note) {
        self.0.lock().expect("no panic").push(note.to_string());
    }
}

/// The studio with an innocent distributor, who has a copy of the same title.
fn studio() -> Studio {
    let studio = Studio::new();
    let register = studio.vault.register();
    let innocent = register.add_distributor(INNOCENT).expect("a free name");
    let title = register.title_named("Drama").expect("a title");
    let settings = serde_json::json!({});
    register
        .begin_delivery(&NewDelivery {
            title: &title,
            distributor: &innocent,
            licensee: Some("Festival"),
            strength: 1.0,
            encoder_settings: &settings,
            format: FormatSpec::CURRENT,
            output: Path::new("other.mkv"),
        })
        .expect("a delivery");
    studio
}

/// A copy of the vault, edited.
fn edited(studio: &Studio, edit: impl FnOnce(&Path)) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("vault");
    copy_folder(
        Path::new(&studio.vault.register().place().to_string()),
        &copy,
    );
    edit(&copy);
    (folder, copy)
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a folder");
    fs::set_permissions(to, fs::metadata(from).expect("a folder").permissions()).expect("own");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn sql(root: &Path, statements: &str) {
    let db = Connection::open(root.join("vault.db")).expect("the register");
    db.execute_batch("PRAGMA foreign_keys = OFF").expect("off");
    db.execute_batch(statements).expect(statements);
}

/// Who is named for the leak, with the licensee and the title, and what is noted.
struct Said {
    named: Vec<(String, Option<String>)>,
    title: Option<String>,
    notes: Vec<String>,
}

fn trace(studio: &Studio, root: &Path) -> Result<Said, TraceError> {
    let vault = Vault::open(root).map_err(TraceError::Register)?;
    let notes = Notes::default();
    let report = Tracer::new(&vault)?.trace(&Request::new(&studio.leak()), &notes)?;
    let named = report.deliveries.into_iter();
    Ok(Said {
        named: named.map(|a| (a.distributor, a.licensee)).collect(),
        title: report
            .identity
            .and_then(|identity| Some(identity.title?.name)),
        notes: notes.0.into_inner().expect("no panic"),
    })
}

/// The culprit is named, nobody else, and a note says what was edited.
fn assert_named_with_a_note(studio: &Studio, what: &str, note: &str, edit: impl FnOnce(&Path)) {
    let (_folder, root) = edited(studio, edit);
    let said = trace(studio, &root).expect(what);
    assert!(!said.named.is_empty(), "{what}");
    for (distributor, licensee) in &said.named {
        assert_eq!((distributor.as_str(), licensee), (CULPRIT, &None), "{what}");
    }
    assert_eq!(said.title.as_deref(), Some("Drama"), "{what}");
    let is_said = said.notes.iter().any(|said| said.contains(note));
    assert!(is_said, "{what}: {:?}", said.notes);
}

const SWAP: &str = "UPDATE distributors SET name = 'x' WHERE name = 'Nord'; \
                    UPDATE distributors SET name = 'Nord' WHERE name = 'Seaview'; \
                    UPDATE distributors SET name = 'Seaview' WHERE name = 'x'";
const NO_TRIGGERS: &str = "DROP TRIGGER ledger_is_never_changed; DROP TRIGGER ledger_is_never_shortened; \
                           DROP TRIGGER deliveries_are_never_forgotten;";

#[test]
fn swapped_names_name_the_right_one_and_a_changed_ledger_nobody() {
    let studio = studio();
    assert_named_with_a_note(
        &studio,
        "swapped names",
        "the register was edited: name of",
        |root| {
            sql(root, SWAP);
        },
    );
    let (_folder, root) = edited(&studio, |root| {
        sql(
            root,
            &format!(
                "{NO_TRIGGERS} UPDATE ledger SET details = replace(details, 'Seaview', 'Nord')"
            ),
        );
    });
    match trace(&studio, &root) {
        Err(error @ TraceError::Register(RegisterError::LedgerBroken { .. })) => {
            assert_eq!(error.kind(), ErrorKind::Register);
            let text = error.in_full();
            assert!(
                text.contains("nobody is named by it") && text.lines().count() == 1,
                "{text}"
            );
        }
        Err(error) => panic!("{error}"),
        Ok(said) => panic!("{:?}", said.named),
    }
}

#[test]
#[ignore = "slow: traces a clip for each tampering"]
fn every_tampering_is_said_and_the_innocent_is_named_in_none() {
    let studio = studio();
    let culprit = "(SELECT d.rowid FROM deliveries d JOIN distributors p ON p.id = d.distributor WHERE p.name = 'Seaview')";
    let register: [(&str, String, &str); 12] = [
        (
            "renamed",
            "UPDATE distributors SET name = 'Innocent' WHERE name = 'Seaview'".into(),
            "name of distributor",
        ),
        (
            "licensee",
            format!("UPDATE deliveries SET licensee = 'Innocent' WHERE rowid = {culprit}"),
            "licensee of delivery",
        ),
        (
            "title",
            "UPDATE titles SET name = 'Comedy'".into(),
            "name of title",
        ),
        (
            "given to another",
            format!(
                "UPDATE deliveries SET distributor = (SELECT id FROM distributors WHERE name = 'Nord') WHERE rowid = {culprit}"
            ),
            "distributor of delivery",
        ),
        (
            "payloads swapped",
            "CREATE TEMP TABLE p AS SELECT rowid AS r, payload FROM deliveries; \
             UPDATE deliveries SET payload = '0000000000000000' WHERE rowid = 1; \
             UPDATE deliveries SET payload = (SELECT payload FROM p WHERE r = 1) WHERE rowid = 2; \
             UPDATE deliveries SET payload = (SELECT payload FROM p WHERE r = 2) WHERE rowid = 1"
                .into(),
            "payload of delivery",
        ),
        (
            "payload replaced",
            format!("UPDATE deliveries SET payload = '0123456789abcdef' WHERE rowid = {culprit}"),
            "payload of delivery",
        ),
        (
            "failed",
            format!("UPDATE deliveries SET state = 'failed' WHERE rowid = {culprit}"),
            "state of delivery",
        ),
        (
            "deleted",
            format!("{NO_TRIGGERS} DELETE FROM deliveries WHERE rowid = {culprit}"),
            "in the ledger and not in its table",
        ),
        (
            "format",
            format!("UPDATE deliveries SET format_version = 1 WHERE rowid = {culprit}"),
            "format_version of delivery",
        ),
        (
            "tail",
            format!("{NO_TRIGGERS} DELETE FROM ledger WHERE seq > 5"),
            "ends at entry 5",
        ),
        (
            "tail and numbers",
            format!(
                "{NO_TRIGGERS} DELETE FROM ledger WHERE seq > 5; UPDATE sqlite_sequence SET seq = 5 WHERE name = 'ledger'"
            ),
            "ends at entry 5",
        ),
        (
            "both distributors deleted",
            "DELETE FROM distributors".into(),
            "in the ledger and not in its table",
        ),
    ];
    let (_folder, untouched) = edited(&studio, |_| ());
    let said = trace(&studio, &untouched).expect("an answer");
    assert_eq!(said.named[0].0, CULPRIT);
    assert!(!said.notes.iter().any(|note| note.contains("edited")));
    for (what, statements, note) in &register {
        assert_named_with_a_note(&studio, what, note, |root| sql(root, statements));
    }
    changed_references_are_said(&studio);
}

/// A reference that was cut or flipped is said, and nobody else is named for it.
fn changed_references_are_said(studio: &Studio) {
    let reference = |root: &Path| {
        let mut files = fs::read_dir(root.join("references")).expect("a folder");
        files.next().expect("a reference").expect("an entry").path()
    };
    for (what, cut) in [("cut in half", true), ("bits flipped", false)] {
        let (_folder, root) = edited(studio, |root| {
            let path = reference(root);
            let mut bytes = fs::read(&path).expect("a reference");
            let half = bytes.len() / 2;
            if cut {
                bytes.truncate(half);
            } else {
                bytes[half] ^= 1;
            }
            fs::write(path, bytes).expect("own file");
        });
        let said = trace(studio, &root).expect(what);
        assert!(said.named.iter().all(|(name, _)| name == CULPRIT), "{what}");
        let part = "the reference of \"Drama\" is not the file on record";
        let is_said = said.notes.iter().any(|note| note.contains(part));
        assert!(is_said, "{what}: {:?}", said.notes);
    }
}
