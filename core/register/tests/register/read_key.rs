//! Read keys for analysts.

use std::fs;

use countermark_mark::FormatSpec;
use countermark_register::{ReadKeyError, ReadKeyFile, Register as _};

use crate::studio::{Studio, chmod, mode};

#[test]
fn a_read_key_round_trips_and_names_only_its_distributors() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let [named, other] = ["b", "c"].map(|name| {
        studio
            .register
            .add_distributor(name)
            .expect("a distributor")
    });
    let path = studio.folder.path().join("a.key");
    ReadKeyFile::export(
        &studio.register,
        &title,
        std::slice::from_ref(&named),
        &path,
        false,
    )
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
        studio.register.carrier_key(title.id).expose_bytes()
    );
    assert_eq!(key.distributors.len(), 1);
    assert_eq!(
        key.distributors[0].key.expose_bytes(),
        studio
            .register
            .scoped_payload_key(named.id, title.id)
            .expose_bytes()
    );
    assert_ne!(
        key.distributors[0].key.expose_bytes(),
        studio
            .register
            .scoped_payload_key(other.id, title.id)
            .expose_bytes()
    );
    assert_eq!(
        studio
            .register
            .ledger()
            .expect("a ledger")
            .last()
            .expect("an entry")
            .act,
        "key-exported"
    );

    let again = ReadKeyFile::export(
        &studio.register,
        &title,
        std::slice::from_ref(&named),
        &path,
        false,
    );
    assert!(matches!(again, Err(ReadKeyError::Exists { .. })));
    ReadKeyFile::export(&studio.register, &title, &[named, other], &path, true).expect("replaced");
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
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    let path = studio.folder.path().join("a.key");
    ReadKeyFile::export(&studio.register, &title, &[distributor], &path, false).expect("exported");
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
        error_of(&good.replace(
            &format!("\"mark_format\": {}", FormatSpec::CURRENT.version()),
            "\"mark_format\": 99"
        ))
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
