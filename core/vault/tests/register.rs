//! The register as its callers see it: states, the ledger, permissions, secrets.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
};

use countermark_vault::{
    BrokenLink, DeliveryOutcome, DeliveryRecord, DeliveryState, DistributorRecord, FrameRate,
    MasterFacts, NewDelivery, ReadKeyError, ReadKeyFile, TitleRecord, Vault, VaultError,
};
use rusqlite::Connection;
use serde_json::json;

struct Studio {
    folder: tempfile::TempDir,
    vault: Vault,
}

impl Studio {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a new vault");
        Self { folder, vault }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    fn raw(&self) -> Connection {
        Connection::open(self.root().join("vault.db")).expect("the register")
    }

    fn add_title(&self, name: &str) -> TitleRecord {
        let draft = self.vault.draft_title(name).expect("a free name");
        fs::write(draft.reference_path(), b"proxy").expect("a proxy");
        self.vault.add_title(draft, facts()).expect("a title")
    }

    fn begin(&self, title: &TitleRecord, distributor: &DistributorRecord) -> DeliveryRecord {
        begin(&self.vault, title, distributor)
    }
}

fn facts() -> MasterFacts {
    MasterFacts {
        file: "master.mov".into(),
        width: 1920,
        height: 1080,
        rotation_degrees: 90,
        bit_depth: 10,
        frame_rate: FrameRate {
            num: 24_000,
            den: 1001,
        },
        duration_seconds: 61.5,
        frames: 1475,
    }
}

fn begin(vault: &Vault, title: &TitleRecord, distributor: &DistributorRecord) -> DeliveryRecord {
    let encoder_settings = json!({"encoder": "libx264", "crf": 16});
    vault
        .begin_delivery(&NewDelivery {
            title,
            distributor,
            licensee: Some("Festival, contract 17"),
            strength: 1.0,
            encoder_settings: &encoder_settings,
            output_file: "copy.mp4",
        })
        .expect("a delivery")
}

fn outcome() -> DeliveryOutcome {
    DeliveryOutcome {
        frames: 1475,
        psnr_y_db: 47.25,
        output_sha256: [0xab; 32],
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
}

fn owner_digits(root: &Path) -> String {
    let text = fs::read_to_string(root.join("secret/owner.key")).expect("the secret");
    text.lines().nth(1).expect("a second line").to_owned()
}

#[test]
fn records_survive_reopening() {
    let studio = Studio::new();
    let title = studio.add_title("Die Brücke");
    let distributor = studio
        .vault
        .add_distributor("Nordlicht")
        .expect("a distributor");
    let begun = studio.begin(&title, &distributor);
    assert_eq!(begun.state, DeliveryState::Pending);
    let done = studio
        .vault
        .complete_delivery(begun.id, &outcome())
        .expect("completed");

    let vault = Vault::open(&studio.root()).expect("the same vault");
    assert_eq!(vault.title("Die Brücke").expect("the title"), title);
    assert_eq!(vault.distributors().expect("distributors"), [distributor]);
    assert_eq!(
        vault.deliveries(Some(&title)).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        vault.deliveries(None).expect("deliveries"),
        std::slice::from_ref(&done)
    );
    assert_eq!(
        (done.payload, done.state, done.frames),
        (begun.payload, DeliveryState::Complete, Some(1475))
    );
    assert_eq!(
        done.output_sha256.as_deref(),
        Some("ab".repeat(32).as_str())
    );
    assert_eq!(
        fs::read(vault.reference_path(&title)).expect("the proxy"),
        b"proxy"
    );
}

#[test]
fn a_delivery_settles_once() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    let failed = studio.begin(&title, &distributor);
    let failed = studio
        .vault
        .fail_delivery(failed.id, "interrupted")
        .expect("failed");
    assert_eq!(
        (failed.state, failed.failure.as_deref()),
        (DeliveryState::Failed, Some("interrupted"))
    );
    assert!(!failed.may_exist());
    let error = studio
        .vault
        .complete_delivery(failed.id, &outcome())
        .expect_err("settled before");
    assert_eq!(
        error.to_string(),
        format!("delivery {} is failed and can change no more", failed.id)
    );
    let acts: Vec<String> = studio
        .vault
        .ledger()
        .expect("a ledger")
        .into_iter()
        .map(|entry| entry.act)
        .collect();
    assert_eq!(
        acts,
        [
            "vault-created",
            "title-added",
            "distributor-added",
            "delivery-begun",
            "delivery-failed"
        ]
    );
}

#[test]
fn a_pending_delivery_is_still_to_be_scored() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let vault = Vault::open(&studio.root()).expect("the same vault");
    let left = vault.deliveries(Some(&title)).expect("deliveries");
    assert_eq!(
        (left[0].state, left[0].may_exist()),
        (DeliveryState::Pending, true)
    );
}

#[test]
fn names_are_unique_and_unknown_ones_come_with_a_remedy() {
    let studio = Studio::new();
    studio.add_title("a");
    studio.vault.add_distributor("b").expect("a distributor");
    assert!(matches!(
        studio.vault.draft_title("a"),
        Err(VaultError::NameTaken { what: "title", .. })
    ));
    assert!(matches!(
        studio.vault.add_distributor("b"),
        Err(VaultError::NameTaken {
            what: "distributor",
            ..
        })
    ));
    assert!(matches!(
        studio.vault.add_distributor(" "),
        Err(VaultError::BadName { .. })
    ));
    let error = studio
        .vault
        .title("c")
        .expect_err("no such title")
        .to_string();
    assert!(
        error.contains("no title named \"c\"") && error.contains("countermark-embed title add"),
        "{error}"
    );
    let error = studio
        .vault
        .distributor("c")
        .expect_err("no such distributor")
        .to_string();
    assert!(
        error.contains("countermark-embed distributor add"),
        "{error}"
    );
}

#[test]
fn a_title_that_loses_the_race_for_its_name_leaves_no_proxy() {
    let studio = Studio::new();
    let drafts = [
        studio.vault.draft_title("a").expect("free"),
        studio.vault.draft_title("a").expect("still free"),
    ];
    let [first, second] = drafts;
    let lost = second.reference_path().to_path_buf();
    for draft in [&first, &second] {
        fs::write(draft.reference_path(), b"proxy").expect("a proxy");
    }
    studio.vault.add_title(first, facts()).expect("first come");
    assert!(matches!(
        studio.vault.add_title(second, facts()),
        Err(VaultError::NameTaken { .. })
    ));
    assert!(!lost.exists());
    assert_eq!(studio.vault.titles().expect("titles").len(), 1);
}

#[test]
fn a_title_is_not_recorded_without_its_proxy() {
    let studio = Studio::new();
    let draft = studio.vault.draft_title("a").expect("free");
    assert!(matches!(
        studio.vault.add_title(draft, facts()),
        Err(VaultError::ReferenceMissing { .. })
    ));
    assert!(studio.vault.titles().expect("titles").is_empty());
}

#[test]
fn the_ledger_refuses_changes() {
    let studio = Studio::new();
    studio.vault.add_distributor("b").expect("a distributor");
    let db = studio.raw();
    for statement in [
        "UPDATE ledger SET details = '{}'",
        "DELETE FROM ledger WHERE seq = 1",
    ] {
        let error = db.execute(statement, []).expect_err(statement).to_string();
        assert!(error.contains("append-only"), "{error}");
    }
    assert_eq!(studio.vault.verify_ledger().expect("a check").broken, None);
}

#[test]
fn a_tampered_ledger_names_the_first_broken_link() {
    let forbidden = "DROP TRIGGER ledger_is_never_changed; DROP TRIGGER ledger_is_never_shortened;";
    for (tampering, broken) in [
        (
            "UPDATE ledger SET details = replace(details, 'name-3', 'other') WHERE seq = 4",
            BrokenLink::Changed { seq: 4 },
        ),
        (
            "UPDATE ledger SET time = '2020-01-01T00:00:00.000Z' WHERE seq = 2",
            BrokenLink::Changed { seq: 2 },
        ),
        (
            "UPDATE ledger SET previous = hash WHERE seq = 3",
            BrokenLink::Unlinked { seq: 3 },
        ),
        (
            "DELETE FROM ledger WHERE seq = 3",
            BrokenLink::Absent { seq: 3 },
        ),
        (
            "DELETE FROM ledger WHERE seq = 1",
            BrokenLink::Absent { seq: 1 },
        ),
        (
            "DELETE FROM ledger WHERE seq >= 5",
            BrokenLink::Absent { seq: 5 },
        ),
    ] {
        let studio = Studio::new();
        for number in 1..=5 {
            studio
                .vault
                .add_distributor(&format!("name-{number}"))
                .expect("a distributor");
        }
        let whole = studio.vault.verify_ledger().expect("a check");
        assert_eq!((whole.entries, whole.broken), (6, None));
        let db = studio.raw();
        db.execute_batch(forbidden).expect("no triggers");
        db.execute(tampering, []).expect(tampering);
        assert_eq!(
            studio.vault.verify_ledger().expect("a check").broken,
            Some(broken),
            "{tampering}"
        );
    }
}

#[test]
fn processes_at_once_keep_one_chain() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    let root = studio.root();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let vault = Vault::open(&root).expect("the same vault");
                for _ in 0..10 {
                    let begun = begin(&vault, &title, &distributor);
                    vault
                        .complete_delivery(begun.id, &outcome())
                        .expect("completed");
                }
            });
        }
    });
    let check = studio.vault.verify_ledger().expect("a check");
    assert_eq!((check.entries, check.broken), (3 + 80, None));
    assert_eq!(
        studio
            .vault
            .deliveries(Some(&title))
            .expect("deliveries")
            .len(),
        40
    );
}

#[test]
fn only_one_of_several_inits_makes_the_vault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("deep/vault");
    let made = thread::scope(|scope| {
        let inits: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| Vault::init(&root).map(|_| ())))
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
            .all(|result| matches!(result, Ok(()) | Err(VaultError::AlreadyExists { .. }))),
        "{made:?}"
    );
    Vault::open(&root).expect("a vault with its own secret");
}

#[test]
fn an_interrupted_init_is_finished_with_its_secret() {
    let studio = Studio::new();
    let secret = owner_digits(&studio.root());
    for file in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let _ = fs::remove_file(studio.root().join(file));
    }
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::Missing { .. })
    ));
    fs::write(studio.root().join("vault.db"), b"").expect("what a killed process leaves");
    let error = Vault::open(&studio.root())
        .expect_err("unfinished")
        .to_string();
    assert!(
        error.ends_with("is unfinished: run `countermark-embed vault init` again"),
        "{error}"
    );
    Vault::init(&studio.root()).expect("finished");
    assert_eq!(owner_digits(&studio.root()), secret);
}

#[test]
fn a_missing_newer_or_foreign_register_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let nowhere = folder.path().join("nowhere");
    let error = Vault::open(&nowhere).expect_err("no vault").to_string();
    assert_eq!(
        error,
        format!(
            "no vault at {}: run `countermark-embed vault init`",
            nowhere.display()
        )
    );
    assert!(!nowhere.exists());

    let studio = Studio::new();
    studio
        .raw()
        .pragma_update(None, "user_version", 7)
        .expect("a newer schema");
    let error = Vault::open(&studio.root()).expect_err("newer").to_string();
    assert!(
        error.contains("has schema 7, this program knows schemas up to 1"),
        "{error}"
    );
    assert!(matches!(
        Vault::init(&studio.root()),
        Err(VaultError::Newer { .. })
    ));

    fs::create_dir(&nowhere).expect("a folder");
    fs::write(
        nowhere.join("vault.db"),
        "text, and rather more of it than a header has ".repeat(99),
    )
    .expect("a text");
    assert!(matches!(
        Vault::open(&nowhere),
        Err(VaultError::NotAVault { .. })
    ));
    fs::remove_file(nowhere.join("vault.db")).expect("own file");
    Connection::open(nowhere.join("vault.db"))
        .expect("new")
        .execute_batch("CREATE TABLE t (x)")
        .expect("a table");
    assert!(matches!(
        Vault::open(&nowhere),
        Err(VaultError::NotAVault { .. })
    ));
}

#[test]
fn secrets_are_the_owners_only() {
    let studio = Studio::new();
    let directory = studio.root().join("secret");
    let key = directory.join("owner.key");
    assert_eq!((mode(&directory), mode(&key)), (0o700, 0o600));

    chmod(&key, 0o640);
    let error = Vault::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(
        error.contains("(mode 0640)") && error.contains("run `chmod 600 "),
        "{error}"
    );
    chmod(&key, 0o600);
    chmod(&directory, 0o755);
    let error = Vault::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(error.contains("run `chmod 700 "), "{error}");
    chmod(&directory, 0o700);
    Vault::open(&studio.root()).expect("closed again");
}

#[test]
fn a_lost_damaged_or_foreign_secret_is_told_apart() {
    let studio = Studio::new();
    let key = studio.root().join("secret/owner.key");
    let own = fs::read(&key).expect("the secret");
    fs::copy(Studio::new().root().join("secret/owner.key"), &key).expect("another vault's");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretForeign { .. })
    ));
    fs::write(&key, &own[..own.len() - 4]).expect("own file");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretDamaged { .. })
    ));
    fs::remove_file(&key).expect("own file");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretMissing { .. })
    ));
}

#[test]
fn no_file_but_the_secret_holds_the_secret() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let digits = owner_digits(&studio.root());
    let scoped = studio.vault.scoped_payload_key(distributor.id, &title);
    let carrier = studio.vault.carrier_key(&title);
    let bytes: Vec<u8> = (0..32)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hex"))
        .collect();
    for file in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let contents = fs::read(studio.root().join(file)).expect("a file of the register");
        for secret in [
            bytes.as_slice(),
            digits.as_bytes(),
            scoped.expose_bytes(),
            carrier.expose_bytes(),
        ] {
            assert!(
                !contents
                    .windows(secret.len())
                    .any(|window| window == secret),
                "{file}"
            );
        }
    }
    let shown = format!(
        "{:?} {:?} {scoped:?} {carrier:?}",
        studio.vault,
        studio.vault.read_key(&title, &[distributor])
    );
    assert!(!shown.contains(&digits[..16]), "{shown}");
    assert!(
        !shown.contains(&format!("{:?}", scoped.expose_bytes())),
        "{shown}"
    );
}

#[test]
fn a_read_key_round_trips_and_names_only_its_distributors() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let [named, other] =
        ["b", "c"].map(|name| studio.vault.add_distributor(name).expect("a distributor"));
    let path = studio.folder.path().join("a.key");
    studio
        .vault
        .export_read_key(&title, std::slice::from_ref(&named), &path, false)
        .expect("exported");
    assert_eq!(mode(&path), 0o600);
    let key = ReadKeyFile::load(&path).expect("a read key");
    assert_eq!(
        (key.title, key.title_name.as_str(), key.width, key.height),
        (title.id, "a", 1920, 1080)
    );
    assert_eq!(
        (key.frame_rate, key.exposed),
        (title.master.frame_rate, false)
    );
    assert_eq!(
        key.carrier.expose_bytes(),
        studio.vault.carrier_key(&title).expose_bytes()
    );
    assert_eq!(key.distributors.len(), 1);
    assert_eq!(
        key.distributors[0].key.expose_bytes(),
        studio
            .vault
            .scoped_payload_key(named.id, &title)
            .expose_bytes()
    );
    assert_ne!(
        key.distributors[0].key.expose_bytes(),
        studio
            .vault
            .scoped_payload_key(other.id, &title)
            .expose_bytes()
    );
    assert_eq!(
        studio
            .vault
            .ledger()
            .expect("a ledger")
            .last()
            .expect("an entry")
            .act,
        "key-exported"
    );

    let again = studio
        .vault
        .export_read_key(&title, std::slice::from_ref(&named), &path, false);
    assert!(matches!(again, Err(ReadKeyError::Exists { .. })));
    studio
        .vault
        .export_read_key(&title, &[named, other], &path, true)
        .expect("replaced");
    assert_eq!(
        ReadKeyFile::load(&path)
            .expect("a read key")
            .distributors
            .len(),
        2
    );
    chmod(&path, 0o644);
    assert!(ReadKeyFile::load(&path).expect("a read key").exposed);
}

#[test]
fn a_damaged_read_key_is_named_with_its_remedy() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    let path = studio.folder.path().join("a.key");
    studio
        .vault
        .export_read_key(&title, &[distributor], &path, false)
        .expect("exported");
    let good = fs::read_to_string(&path).expect("a text");
    let carrier = carrier_digits(&good);
    let error_of = |text: &str| {
        fs::write(&path, text).expect("own file");
        let error = ReadKeyFile::load(&path).expect_err("damaged").to_string();
        assert!(error.contains("a.key"), "{error}");
        assert!(!error.contains(&carrier[..12]), "{error}");
        error
    };
    assert!(error_of("").contains("is not a countermark read key"));
    assert!(error_of(&good[..good.len() / 2]).contains("is not a countermark read key"));
    assert!(
        error_of(&good.replace("\"countermark_read_key\": 1", "\"countermark_read_key\": 9"))
            .contains("version 9")
    );
    assert!(
        error_of(&good.replace("\"mark_format\": 1", "\"mark_format\": 99"))
            .contains("mark format 99")
    );
    assert!(error_of(&good.replace(&carrier, &carrier[2..])).contains("damaged at carrier_key"));
    assert!(
        error_of(&good.replace("\"width\": 1920", "\"width\": \"wide\""))
            .contains("damaged at a missing")
    );
    let missing = studio.folder.path().join("none.key");
    assert!(
        ReadKeyFile::load(&missing)
            .expect_err("no file")
            .to_string()
            .contains("none.key")
    );
}

/// The carrier key's digits in a key file's text.
fn carrier_digits(text: &str) -> String {
    let (_, after) = text
        .split_once("\"carrier_key\": \"")
        .expect("a carrier key");
    after[..64].to_owned()
}
