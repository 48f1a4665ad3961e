//! Keys are in two places only: the owner's file and exported key files, both for their owner alone.

use std::{fs, os::unix::fs::PermissionsExt as _};

use countermark_register::ReadKeyFile;

use crate::studio::Studio;

/// The 32 bytes that 64 hex digits stand for.
fn bytes_of(digits: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex");
    (0..64).step_by(2).map(pair).collect()
}

fn contains(contents: &[u8], part: &[u8]) -> bool {
    contents.windows(part.len()).any(|window| window == part)
}

#[test]
fn nothing_but_key_files_shows_a_key() {
    let studio = Studio::with_title("film.mp4", 12);
    let mut shown = String::new();
    for arguments in [
        "mark film.mp4 -o a.mp4 --title T --distributor D -v",
        "mark film.mp4 -o b.mp4 --title T --distributor D --json",
        "key export --title T -o t.key -v",
        "key export --title T --distributor D -o t.key --force --json",
        "key export --title T -o t.key",
        "deliveries -v",
        "deliveries --json",
        "mark none.mp4 -o b.mp4 --title T --distributor D -v",
    ] {
        let done = studio.run(arguments);
        shown += &done.stdout;
        shown += &done.stderr;
    }
    let owner = fs::read_to_string(studio.path("vault/secret/owner.key")).expect("the secret");
    let key = ReadKeyFile::load(&studio.path("t.key")).expect("a read key");
    let secrets = [
        bytes_of(owner.lines().nth(1).expect("digits")),
        key.carrier.expose_bytes().to_vec(),
        key.distributors[0].key.expose_bytes().to_vec(),
    ];
    let files = ["vault.db", "vault.db-wal", "vault.db-shm"]
        .map(|file| studio.path("vault").join(file))
        .into_iter()
        .chain([studio.path("a.mp4")])
        .filter(|file| file.exists())
        .map(|file| fs::read(file).expect("a file"));
    for contents in files.chain([shown.into_bytes()]) {
        for secret in &secrets {
            let lower = first_digits(secret);
            assert!(!contains(&contents, secret));
            assert!(!contains(&contents, lower.as_bytes()));
            assert!(!contains(&contents, lower.to_uppercase().as_bytes()));
        }
    }
}

/// The first 16 hex digits: even a part of a key is too much.
fn first_digits(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().take(8).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[test]
fn a_read_key_is_its_owners_and_names_its_distributors() {
    let studio = Studio::with_title("film.mp4", 12);
    studio.json("distributor add E");
    let exported = studio.json("key export --title T -o all.key");
    assert_eq!(exported["distributors"], serde_json::json!(["D", "E"]));
    studio.json("key export --title T --distributor E --distributor E -o one.key");
    for (file, names) in [("all.key", &["D", "E"][..]), ("one.key", &["E"])] {
        let path = studio.path(file);
        let mode = fs::metadata(&path).expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let key = ReadKeyFile::load(&path).expect("a read key");
        let found: Vec<&str> = key.distributors.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn an_exposed_secret_stops_everything() {
    let studio = Studio::with_title("film.mp4", 12);
    let secret = studio.path("vault/secret/owner.key");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).expect("own file");
    let refused = studio.run("deliveries");
    assert_eq!(refused.code, Some(2));
    let remedy = "run `chmod 600 ./vault/secret/owner.key`";
    assert!(refused.stderr.contains(remedy), "{}", refused.stderr);
}
