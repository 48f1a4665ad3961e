//! A vault whose files somebody changed: a check names each, and nothing else.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use countermark_catalogue::backup::{BackupError, backup, manifest_of, restore};
use countermark_catalogue::{CatalogueError, Problem, Remark, Vault, VaultCheck};
use countermark_fingerprint::index::PicturePrint;
use countermark_register::desk::{DeskStore, Events};
use countermark_register::{FrameRate, MasterFacts, RegisterError};

struct Studio {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl Studio {
    /// A vault with so many titles, whose references are no films.
    fn with_titles(titles: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a vault");
        let studio = Self { folder, vault };
        for number in 0..titles {
            studio.add(number);
        }
        studio
    }

    fn add(&self, number: u32) {
        let (register, catalogue) = (self.vault.register(), self.vault.catalogue());
        let title = register
            .draft_title(&format!("t{number:02}"))
            .expect("free");
        let draft = catalogue.draft(&title).expect("a claim");
        let film = format!("no film {number:02}").repeat(50);
        fs::write(draft.reference_path(), film).expect("a reference");
        let pictures = (0..10).map(|place| PicturePrint {
            words: vec![number * 1000 + place],
            hash: None,
        });
        draft
            .write_print(pictures.collect(), Vec::new())
            .expect("a print");
        let files = draft.files().expect("files");
        register
            .add_title(&title, facts(), &files)
            .expect("a title");
        draft.keep();
        catalogue.compact_index(register).expect("an index");
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn check(&self) -> VaultCheck {
        check(&self.root())
    }

    /// The references, and what the index keeps of each title, by the titles' names.
    fn files(&self) -> [Vec<PathBuf>; 2] {
        let titles = self.vault.register().titles().expect("titles");
        let root = self.root();
        let references = titles
            .iter()
            .map(|t| root.join("references").join(&t.reference_file));
        let prints = titles.iter();
        let prints = prints.map(|t| root.join(format!("index/titles/{}.seg", t.id)));
        [references.collect(), prints.collect()]
    }
}

fn facts() -> MasterFacts {
    MasterFacts {
        file: "master.mkv".to_owned(),
        width: 640,
        height: 360,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate { num: 25, den: 1 },
        duration_seconds: 20.0,
        frames: 500,
    }
}

fn check(root: &Path) -> VaultCheck {
    Vault::check(root, None, &|| false).expect("a check")
}

fn kinds(check: &VaultCheck) -> BTreeSet<&'static str> {
    check.problems.iter().map(Problem::kind).collect()
}

fn flip(path: &Path, bits: usize) {
    let mut bytes = fs::read(path).expect("a file");
    let step = bytes.len() / bits;
    for at in 0..bits {
        bytes[at * step] ^= 1;
    }
    fs::write(path, bytes).expect("own file");
}

fn cut(path: &Path) {
    let bytes = fs::read(path).expect("a file");
    fs::write(path, &bytes[..bytes.len() / 2]).expect("own file");
}

#[test]
fn a_vault_that_nobody_touched_has_nothing_wrong() {
    let studio = Studio::with_titles(2);
    let check = studio.check();
    assert!(check.problems.is_empty(), "{:?}", check.problems);
    assert!(check.remarks.is_empty(), "{:?}", check.remarks);
    assert_eq!((check.titles, check.files), (2, 4));
    let noted = Vault::check(&studio.root(), Some(&check.head), &|| false).expect("a check");
    assert!(noted.problems.is_empty());
    assert!(matches!(
        noted.remarks[..],
        [Remark::NotedHead { newer: 0, .. }]
    ));
    let unknown = Vault::check(&studio.root(), Some(&"0".repeat(64)), &|| false);
    assert_eq!(
        kinds(&unknown.expect("a check")),
        BTreeSet::from(["noted-head-unknown"])
    );
    let stopped = Vault::check(&studio.root(), None, &|| true);
    assert!(matches!(
        stopped,
        Err(CatalogueError::Register(RegisterError::Cancelled))
    ));
}

#[test]
fn changed_references_and_prints_are_each_named() {
    type Change = fn(&Path, &Path);
    let changes: [(&str, Change, &str); 7] = [
        ("cut", |file, _| cut(file), "file-changed"),
        ("20 bits flipped", |file, _| flip(file, 20), "file-changed"),
        ("a bit flipped", |file, _| flip(file, 1), "file-changed"),
        (
            "empty",
            |file, _| fs::write(file, b"").expect("own file"),
            "file-changed",
        ),
        (
            "gone",
            |file, _| fs::remove_file(file).expect("own file"),
            "file-missing",
        ),
        (
            "another title's",
            |file, other| {
                fs::copy(other, file).expect("copied");
            },
            "file-changed",
        ),
        (
            "open to others",
            |file, _| countermark_register::private_file::close(file, 0o644).expect("own file"),
            "open-to-others",
        ),
    ];
    for (what, change, kind) in changes {
        for which in [0, 1] {
            let studio = Studio::with_titles(2);
            let files = &studio.files()[which];
            change(&files[0], &files[1]);
            let check = studio.check();
            assert_eq!(kinds(&check), BTreeSet::from([kind]), "{what} {which}");
            assert_eq!(check.problems.len(), 1, "{what} {which}");
            let line = check.problems[0].to_string();
            assert_eq!(line.lines().count(), 1);
            let name = files[0].file_name().expect("a name").to_string_lossy();
            assert!(line.contains(&*name), "{line}");
        }
    }
}

#[test]
fn a_segment_of_another_title_in_its_place_is_not_searched_in_silence() {
    let studio = Studio::with_titles(2);
    let [_, prints] = studio.files();
    fs::copy(&prints[1], &prints[0]).expect("copied");
    let vault = Vault::open(&studio.root()).expect("a vault");
    let titles = vault.register().titles().expect("titles");
    let index = vault.catalogue().index(&titles).expect("an index");
    let [unindexed] = &index.unindexed[..] else {
        panic!("{:?}", index.unindexed)
    };
    assert_eq!(unindexed.title, "t00");
    assert!(
        unindexed.why.contains("of another title"),
        "{}",
        unindexed.why
    );
}

#[test]
fn merged_segments_are_on_record_too() {
    let studio = Studio::with_titles(17);
    let merged = fs::read_dir(studio.root().join("index")).expect("a folder");
    let merged = merged.map(|entry| entry.expect("an entry").path());
    let merged = merged.filter(|path| path.extension().is_some_and(|ext| ext == "seg"));
    let [merged] = &merged.collect::<Vec<_>>()[..] else {
        panic!("one merged segment")
    };
    assert!(studio.check().problems.is_empty());
    flip(merged, 1);
    assert_eq!(kinds(&studio.check()), BTreeSet::from(["file-changed"]));
    fs::rename(merged, merged.with_file_name("16-00000000.seg")).expect("renamed");
    assert_eq!(kinds(&studio.check()), BTreeSet::from(["file-unrecorded"]));
}

#[test]
fn a_file_of_no_title_is_named() {
    let studio = Studio::with_titles(1);
    let orphan = studio.root().join(format!("references/{:032x}.mp4", 7));
    fs::write(&orphan, b"film").expect("a file");
    countermark_register::private_file::close(&orphan, 0o600).expect("own file");
    assert_eq!(kinds(&studio.check()), BTreeSet::from(["orphan"]));
}

#[test]
fn a_vault_that_cannot_be_opened_is_told_as_far_as_it_can_be_seen() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 11] = [
        ("database cut", |root| cut(&root.join("vault.db"))),
        ("database with another head", |root| {
            let path = root.join("vault.db");
            let mut bytes = fs::read(&path).expect("a database");
            bytes[..16].fill(b'x');
            fs::write(path, bytes).expect("own file");
        }),
        ("database empty", |root| {
            fs::write(root.join("vault.db"), b"").expect("own file");
        }),
        ("database gone", |root| {
            fs::remove_file(root.join("vault.db")).expect("own file");
        }),
        ("key cut", |root| cut(&root.join("secret/owner.key"))),
        ("key flipped", |root| {
            let path = root.join("secret/owner.key");
            let text = fs::read_to_string(&path).expect("a key");
            let last = text.trim_end().chars().last().expect("a digit");
            let other = if last == '0' { "1\n" } else { "0\n" };
            let kept = &text.trim_end()[..text.trim_end().len() - 1];
            fs::write(path, format!("{kept}{other}")).expect("own file");
        }),
        ("key empty", |root| {
            fs::write(root.join("secret/owner.key"), b"").expect("own file");
        }),
        ("key gone", |root| {
            fs::remove_file(root.join("secret/owner.key")).expect("own file");
        }),
        ("key of another vault", |root| {
            let other = Studio::with_titles(0);
            fs::copy(
                other.root().join("secret/owner.key"),
                root.join("secret/owner.key"),
            )
            .expect("copied");
        }),
        ("folder writable by others", |root| {
            countermark_register::private_file::close(root, 0o777).expect("own folder");
        }),
        ("references writable by others", |root| {
            countermark_register::private_file::close(&root.join("references"), 0o777)
                .expect("own folder");
        }),
    ];
    for (what, damage) in damages {
        let studio = Studio::with_titles(1);
        let root = studio.root();
        let Studio { folder, vault } = studio;
        // The last handle writes what is in the log into the database.
        drop(vault);
        damage(&root);
        assert!(Vault::open(&root).is_err(), "{what}");
        let check = check(&root);
        assert!(
            kinds(&check).contains("unopened"),
            "{what}: {:?}",
            check.problems
        );
        assert!(
            check
                .problems
                .iter()
                .all(|p| p.to_string().lines().count() == 1)
        );
        drop(folder);
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        Vault::check(&folder.path().join("none"), None, &|| false),
        Err(CatalogueError::Register(RegisterError::Missing { .. }))
    ));
}

#[test]
fn mending_the_index_puts_what_it_writes_on_record() {
    let studio = Studio::with_titles(1);
    let [references, prints] = studio.files();
    // A film that can be decoded is needed to mend; without one the loss stays named.
    fs::remove_file(&prints[0]).expect("own file");
    let lost = studio.vault.catalogue().mend_index(studio.vault.register());
    assert_eq!(lost.expect("as far as it goes").len(), 1);
    assert_eq!(kinds(&studio.check()), BTreeSet::from(["file-missing"]));
    assert!(references[0].exists());
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).expect("there").permissions().mode() & 0o777
}

#[test]
fn a_vault_comes_back_from_its_backup_as_it_was() {
    let studio = Studio::with_titles(3);
    let (target, back) = (
        studio.folder.path().join("backup"),
        studio.folder.path().join("back"),
    );
    let made = backup(&studio.root(), &target, &|| false).expect("a backup");
    assert!(made.check.problems.is_empty(), "{:?}", made.check.problems);
    assert_eq!(made.manifest, manifest_of(&target).expect("a manifest"));
    assert_eq!(
        (mode(&target), mode(&target.join("vault.db"))),
        (0o700, 0o600)
    );
    // The vault goes on while its backup lies there.
    studio.add(9);
    let restored = restore(&target, &back, None, &|| false).expect("a vault");
    assert!(
        restored.check.problems.is_empty(),
        "{:?}",
        restored.check.problems
    );
    assert_eq!(restored.check.titles, 3);
    assert_eq!(restored.check.files, made.check.files);
    let vault = Vault::open(&back).expect("opened");
    let id = vault.register().titles().expect("titles")[0].id;
    let carrier = |vault: &Vault| vault.register().carrier_key(id).expose_bytes().to_vec();
    assert_eq!(carrier(&vault), carrier(&studio.vault));
    // A head that was noted after the backup: the restored ledger is older.
    let noted = studio.check().head;
    let older = studio.folder.path().join("older");
    let restored = restore(&target, &older, Some(&noted), &|| false).expect("a vault");
    assert_eq!(
        kinds(&restored.check),
        BTreeSet::from(["noted-head-unknown"])
    );
}

#[test]
fn a_desk_comes_back_with_its_record_and_the_key_of_its_webhooks() {
    let studio = Studio::with_titles(1);
    let (target, back) = (
        studio.folder.path().join("backup"),
        studio.folder.path().join("back"),
    );
    // The desk serves while the backup is made.
    let desk = DeskStore::open(&studio.root()).expect("a desk");
    let case = desk.add_case("local", "Night").expect("a case");
    let events = Events {
        jobs: true,
        rules: false,
    };
    let (webhook, _) = desk
        .add_webhook("local", "https://hooks.example/", events)
        .expect("a webhook");
    fs::write(desk.uploads_folder().join("clip"), "a clip").expect("an upload");
    let made = backup(&studio.root(), &target, &|| false).expect("a backup");
    assert!(made.check.problems.is_empty(), "{:?}", made.check.problems);
    let names = made.manifest.files.iter().map(|file| &*file.path);
    let of_desk: Vec<&str> = names.filter(|name| name.starts_with("desk/")).collect();
    assert_eq!(of_desk, ["desk/desk.db", "desk/webhooks.key"]);
    desk.add_case("local", "later").expect("a case");
    restore(&target, &back, None, &|| false).expect("a vault");
    for (name, wanted) in [("desk", 0o700), ("desk/desk.db", 0o600)] {
        assert_eq!(mode(&back.join(name)), wanted, "{name}");
    }
    let restored = DeskStore::open(&back).expect("a desk");
    let cases = restored.cases(10).expect("cases");
    assert_eq!(
        cases.iter().map(|it| &it.id).collect::<Vec<_>>(),
        [&case.id]
    );
    let secret = |desk: &DeskStore| desk.webhook_secret(&webhook.id).expect("a secret").to_vec();
    assert_eq!(secret(&restored), secret(&desk));
}

#[test]
fn what_is_there_stays_and_what_is_damaged_is_not_restored() {
    let studio = Studio::with_titles(1);
    DeskStore::open(&studio.root()).expect("a desk");
    let inside = |name: &str| studio.folder.path().join(name);
    let (target, back) = (inside("backup"), inside("back"));
    fs::create_dir(&target).expect("a folder");
    let taken = backup(&studio.root(), &target, &|| false).expect_err("taken");
    assert!(matches!(taken, BackupError::Exists { .. }), "{taken}");
    fs::remove_dir(&target).expect("own folder");
    assert!(backup(&studio.root(), &target, &|| true).is_err());
    backup(&studio.root(), &target, &|| false).expect("a backup");
    let taken = restore(&target, &studio.root(), None, &|| false).expect_err("taken");
    assert!(matches!(taken, BackupError::Exists { .. }), "{taken}");
    let nothing = restore(&studio.root(), &back, None, &|| false).expect_err("no backup");
    assert!(
        matches!(nothing, BackupError::NotABackup { .. }),
        "{nothing}"
    );

    let manifest = fs::read_to_string(target.join("manifest.json")).expect("a manifest");
    for file in manifest_of(&target).expect("a manifest").files {
        let path = target.join(&file.path);
        let whole = fs::read(&path).expect("a file");
        cut(&path);
        let error = restore(&target, &back, None, &|| false).expect_err("damaged");
        assert!(matches!(error, BackupError::Differs { .. }), "{error}");
        fs::remove_file(&path).expect("own file");
        restore(&target, &back, None, &|| false).expect_err("missing");
        fs::write(&path, whole).expect("own file");
    }
    // A manifest that leads out of the backup.
    let leading = manifest.replace("\"vault.db\"", "\"secret/../../vault.db\"");
    fs::write(target.join("manifest.json"), leading).expect("own file");
    let error = restore(&target, &back, None, &|| false).expect_err("outside");
    assert!(matches!(error, BackupError::NotABackup { .. }), "{error}");
    // Neither a half vault nor a half backup is left, under any name.
    let names = fs::read_dir(studio.folder.path()).expect("a folder");
    let mut names: Vec<_> = names.map(|it| it.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["backup", "vault"]);
}
