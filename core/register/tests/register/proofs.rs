//! Commitments, the ledger as a tree, heads, and the key that signs them.

use std::fs;

use countermark_evidence::{Commitment, SignedHead, hex::from_hex, merkle::is_consistent};
use countermark_register::{
    Act, Finding, Register as _, RegisterError, SqliteRegister,
    proof::{self, Proofs, WorkingFile},
};
use serde_json::{Value, json};

use crate::{
    migration::vault_of_0_1_0,
    studio::{Studio, chmod, mode, outcome},
};

#[test]
fn a_delivery_is_committed_to_when_it_is_begun() {
    let studio = Studio::new();
    let title = studio.add_title("Nachtlicht");
    let distributor = studio
        .register
        .add_distributor("Nordlicht")
        .expect("a free name");
    let delivery = studio.begin(&title, &distributor);
    let scoped = studio.register.scoped_payload_key(distributor.id, title.id);
    let key = scoped.delivery(delivery.payload);
    let id = delivery.id.for_commitments();
    let wanted = Commitment::of_key(id, &key).to_string();
    let payload = Commitment::of_payload(id, delivery.payload, &key).to_string();
    let proofs = Proofs::of(&studio.register).expect("a ledger");
    assert_eq!(proofs.commitments(delivery.id), Some((&*wanted, &*payload)));
    let at = proof::begun_at(&studio.register, delivery.id).expect("a ledger");
    assert_eq!(proofs.committed_at(delivery.id), at);
}

#[test]
fn deliveries_of_an_older_program_are_committed_to_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("vault");
    vault_of_0_1_0(&root);
    let register = SqliteRegister::open(&root).expect("migrated");
    let deliveries = register.deliveries(None).expect("deliveries");
    assert!(!deliveries.is_empty());
    let proofs = Proofs::of(&register).expect("a ledger");
    for delivery in &deliveries {
        let scoped = register.scoped_payload_key(delivery.distributor_id, delivery.title_id);
        let key = scoped.delivery(delivery.payload);
        let wanted = Commitment::of_key(delivery.id.for_commitments(), &key).to_string();
        let found = proofs
            .commitments(delivery.id)
            .map(|(key, _)| key.to_owned());
        assert_eq!(found, Some(wanted));
    }
    let entries = register.entries_given().expect("a count");
    let again = SqliteRegister::open(&root).expect("opened");
    assert_eq!(again.entries_given().expect("a count"), entries);
    assert_eq!(again.testimony().expect("a ledger").broken(), None);
}

#[test]
fn a_head_is_signed_once_and_a_later_one_goes_on_from_it() {
    let studio = Studio::new();
    let register = &studio.register;
    let first = proof::sign_head(register).expect("a head");
    assert!(first.head.is_signed());
    assert_eq!(proof::sign_head(register).expect("a head"), first);
    let title = studio.add_title("Nachtlicht");
    let distributor = register.add_distributor("Nordlicht").expect("a free name");
    let delivery = studio.begin(&title, &distributor);
    let seq = proof::begun_at(register, delivery.id)
        .expect("a ledger")
        .expect("an entry");
    let proved = proof::prove(register, seq)
        .expect("a ledger")
        .expect("an entry");
    assert!(proved.head.is_signed() && proved.head.size > first.head.size);
    assert_eq!(
        proved.entry.root(proved.head.size),
        from_hex(&proved.head.root)
    );
    let details: Value = serde_json::from_str(&proved.entry.details).expect("JSON");
    assert_eq!(details["delivery"], delivery.id.to_string());
    let (older, path) = proved.since.expect("an older head");
    assert_eq!(older, first.head);
    let root = |head: &SignedHead| (head.size, from_hex(&head.root).expect("a hash"));
    let path: Vec<_> = path
        .iter()
        .map(|hash| from_hex(hash).expect("a hash"))
        .collect();
    assert!(is_consistent(root(&older), root(&proved.head), &path));
    assert_eq!(proof::prove(register, 99).expect("a ledger"), None);
    assert_eq!(register.testimony().expect("a ledger").findings(), []);
    assert_eq!(Proofs::of(register).expect("a ledger").findings(), []);
}

#[test]
fn heads_that_whoever_keeps_the_vault_makes_up_are_named() {
    let studio = Studio::new();
    let register = &studio.register;
    let key = register.evidence_key().expect("a key");
    let head = proof::sign_head(register).expect("a head").head;
    let of_another_tree = SignedHead::sign(head.size, &[7; 32], &head.time, &key);
    let stranger = countermark_evidence::EvidenceKey::of_seed([1; 32]);
    let root = from_hex(&head.root).expect("a hash");
    let of_a_stranger = SignedHead::sign(head.size, &root, &head.time, &stranger);
    let dated_back = SignedHead {
        time: "2020-01-01T00:00:00.000Z".into(),
        ..head.clone()
    };
    for made_up in [&of_another_tree, &of_a_stranger, &dated_back] {
        register
            .enter(Act::HeadSigned, &json!(made_up))
            .expect("an entry");
    }
    register
        .enter(Act::HeadStamped, &json!({}))
        .expect("an entry");
    let proofs = Proofs::of(register).expect("a ledger");
    let why: Vec<&str> = proofs
        .findings()
        .iter()
        .map(|finding| match finding {
            Finding::Head { why, .. } => why.as_str(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(
        why,
        [
            "its root is not that of the entries it names",
            "its key is not on record",
            "its signature does not hold",
            "it cannot be read",
        ]
    );
    assert_eq!(proofs.heads().len(), 1);
    // Whoever names somebody is told so.
    let testimony = register.testimony().expect("a ledger");
    assert_eq!(testimony.findings(), proofs.findings());
    assert_eq!(testimony.broken(), None);
}

#[test]
fn the_evidence_key_is_made_once_for_its_owner_alone() {
    let studio = Studio::new();
    let path = studio.root().join("secret/evidence.key");
    assert!(!path.exists(), "made when it is needed");
    let key = studio.register.evidence_key().expect("a key").public();
    assert_eq!(mode(&path), 0o600);
    let again = SqliteRegister::open(&studio.root()).expect("opened");
    assert_eq!(again.evidence_key().expect("a key").public(), key);
    let entries = again.ledger().expect("a ledger");
    let made = entries
        .iter()
        .filter(|entry| entry.act == Act::EvidenceKeyMade.as_str());
    let told: Vec<&str> = made.map(|entry| entry.details.as_str()).collect();
    assert_eq!(told, [json!({"key": key.to_string()}).to_string()]);
    // Lost: another one is made, and the ledger says so.
    fs::remove_file(&path).expect("removed");
    let other = again.evidence_key().expect("a key").public();
    assert_ne!(other, key);
    let proofs = Proofs::of(&again).expect("a ledger");
    assert_eq!(proofs.size(), entries.len() as u64 + 1);
    chmod(&path, 0o644);
    let error = again.evidence_key().expect_err("open to others");
    assert!(
        matches!(error, RegisterError::SecretExposed { .. }),
        "{error}"
    );
    chmod(&path, 0o600);
    fs::write(&path, "nonsense").expect("written");
    let error = again.evidence_key().expect_err("damaged");
    assert!(
        matches!(error, RegisterError::SecretDamaged { .. }),
        "{error}"
    );
}

#[test]
fn a_stamp_of_no_head_on_record_is_refused_and_nothing_is_put_on_record() {
    let studio = Studio::new();
    proof::sign_head(&studio.register).expect("a head");
    let entries = studio.register.entries_given().expect("a count");
    for response in [&b"nonsense"[..], &[0x30, 5, 0x30, 3, 2, 1, 2]] {
        let error = proof::take_stamp(&studio.register, response, "").expect_err("refused");
        assert!(matches!(error, RegisterError::Evidence(_)), "{error}");
    }
    assert_eq!(studio.register.entries_given().expect("a count"), entries);
}

#[test]
fn working_files_are_on_record_with_their_digests() {
    let studio = Studio::new();
    let title = studio.add_title("Nachtlicht");
    let script = WorkingFile {
        name: "script.pdf".into(),
        bytes: 3,
        sha256: outcome().output_sha256,
    };
    proof::record_files(&studio.register, title.id, "script", &[script]).expect("an entry");
    let entries = studio.register.ledger().expect("a ledger");
    let last = entries.last().expect("an entry");
    assert_eq!(last.act, "files-recorded");
    let details: Value = serde_json::from_str(&last.details).expect("JSON");
    assert_eq!(details["files"][0]["name"], "script.pdf");
    assert_eq!(
        studio.register.testimony().expect("a ledger").findings(),
        []
    );
}
