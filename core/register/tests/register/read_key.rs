//! Read keys for analysts.

use std::fs;

use countermark_mark::FormatSpec;
use countermark_register::{ReadKeyError, ReadKeyFile, Register as _};
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

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
        error_of(&good.replace("\"countermark_read_key\": 2", "\"countermark_read_key\": 9"))
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

#[test]
fn a_key_of_version_1_is_read_and_said_to_have_no_checksum() {
    let (_studio, path, good) = exported();
    assert!(!ReadKeyFile::load(&path).expect("a read key").unchecked);
    let (body, _) = good.split_once(",\n  \"checksum\"").expect("a checksum");
    let first =
        body.replace("\"countermark_read_key\": 2", "\"countermark_read_key\": 1") + "\n}\n";
    let key = ReadKeyFile::parse(first.as_bytes(), &path).expect("version 1");
    assert!(key.unchecked);
    // The number of the version alone makes no old key of a new one.
    let claimed = good.replace("\"countermark_read_key\": 2", "\"countermark_read_key\": 1");
    assert!(ReadKeyFile::parse(claimed.as_bytes(), &path).is_err());
}

#[test]
fn numbers_without_bounds_are_refused() {
    let (_studio, path, good) = exported();
    for (field, value) in [
        ("\"duration_seconds\": 61.5", "\"duration_seconds\": 1e308"),
        ("\"duration_seconds\": 61.5", "\"duration_seconds\": 1e7"),
        ("\"duration_seconds\": 61.5", "\"duration_seconds\": -1"),
        ("\"width\": 1920", "\"width\": 4000000000"),
        ("\"height\": 1080", "\"height\": 0"),
        ("24000/1001", "4000000000/1"),
        ("24000/1001", "1/0"),
        ("\"rotation_degrees\": 90", "\"rotation_degrees\": 360"),
        ("\"name\": \"a\"", r#""name": "\u001b[2J""#),
    ] {
        let text = good.replace(field, value);
        assert_ne!(text, good, "{field}");
        let error = ReadKeyFile::parse(text.as_bytes(), &path).expect_err(value);
        assert!(
            matches!(error, ReadKeyError::Damaged { .. }),
            "{value}: {error}"
        );
    }
    let carrier = carrier_digits(&good);
    let zeros = good.replace(&carrier, &"0".repeat(64));
    assert!(ReadKeyFile::parse(zeros.as_bytes(), &path).is_err());
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let null = std::path::PathBuf::from("/dev/zero");
    for path in [folder.path().to_path_buf(), pipe, null] {
        let error = ReadKeyFile::load(&path).expect_err("no file");
        assert!(matches!(error, ReadKeyError::NotAFile { .. }), "{error}");
    }
}

#[test]
fn a_hundred_thousand_damaged_keys_are_refused_in_one_line_or_are_the_right_key() {
    let (_studio, path, good) = exported();
    let right = ReadKeyFile::parse(good.as_bytes(), &path).expect("a read key");
    let facts = |key: &ReadKeyFile| {
        let distributors: Vec<_> = key
            .distributors
            .iter()
            .map(|d| (d.name.clone(), *d.key.expose_bytes()))
            .collect();
        let carrier = *key.carrier.expose_bytes();
        let numbers = (key.width, key.height, key.rotation_degrees, key.frame_rate);
        let duration = key.duration_seconds.to_bits();
        let title = (key.title, key.title_name.clone(), key.format.version());
        (title, numbers, duration, carrier, distributors)
    };
    let wanted = facts(&right);
    let carrier = carrier_digits(&good);
    let mut random = ChaCha20Rng::seed_from_u64(24);
    let (mut refused, mut same) = (0_u32, 0_u32);
    for _ in 0..100_000 {
        let mut text = good.clone().into_bytes();
        for _ in 0..=random.next_u32() % 3 {
            mutate(&mut text, &mut random);
        }
        match ReadKeyFile::parse(&text, &path) {
            Ok(key) => {
                assert_eq!(facts(&key), wanted, "{}", String::from_utf8_lossy(&text));
                same += 1;
            }
            Err(error) => {
                let said = error.to_string();
                assert_eq!(said.lines().count(), 1, "{said}");
                assert!(
                    said.contains("a.key") && !said.contains(&carrier[..12]),
                    "{said}"
                );
                refused += 1;
            }
        }
    }
    // Blanks between fields and letters of hex digits say nothing.
    assert!(
        refused > 90_000 && same > 0,
        "{refused} refused, {same} the same"
    );
}

/// A flipped bit, another byte, a byte more or less, a piece doubled or lost, another digit, another number.
fn mutate(text: &mut Vec<u8>, random: &mut ChaCha20Rng) {
    let at = random.next_u32() as usize % text.len().max(1);
    let byte = random.next_u32() as u8;
    let to = (at + random.next_u32() as usize % 40).min(text.len());
    match random.next_u32() % 8 {
        0 => text[at] ^= 1 << (byte % 8),
        1 => text[at] = byte,
        2 => text.insert(at, byte),
        3 => drop(text.remove(at)),
        4 => drop(text.drain(at..to)),
        5 => {
            let piece = text[at..to].to_vec();
            text.splice(at..at, piece);
        }
        6 => text[at] = b"0123456789abcdef"[usize::from(byte) % 16],
        _ => drop(text.splice(at..at, *b"99999")),
    }
    if text.is_empty() {
        text.push(b'{');
    }
}

/// A studio, the file of a read key of its title for two distributors, and that file's text.
fn exported() -> (Studio, std::path::PathBuf, String) {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let add = |name| {
        studio
            .register
            .add_distributor(name)
            .expect("a distributor")
    };
    let distributors = ["b", "c"].map(add);
    let path = studio.folder.path().join("a.key");
    ReadKeyFile::export(&studio.register, &title, &distributors, &path, false).expect("exported");
    let text = fs::read_to_string(&path).expect("a text");
    (studio, path, text)
}

/// The carrier key's digits in a key file's text.
fn carrier_digits(text: &str) -> String {
    let (_, after) = text
        .split_once("\"carrier_key\": \"")
        .expect("a carrier key");
    after[..64].to_owned()
}
