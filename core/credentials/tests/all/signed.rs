use std::fs;
use std::path::{Path, PathBuf};

use countermark_credentials::{CredentialsError, Signer, State, Statement, read};
use countermark_media::{CancelToken, stocktake};
use tempfile::TempDir;

use crate::chain::Chain;

pub(crate) const STATEMENT: Statement<'_> = Statement {
    title: "Br\u{fc}cke \u{2014} 1",
    format: 2,
    binding: "f63e76e43d527fad2873480f92478ce664b26942ae94a5a3825ff5f66d835a1a",
    version: "9.9",
};

pub(crate) fn master() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/street.mp4")
}

pub(crate) fn signer(chain: &Chain) -> Signer {
    Signer::load(&chain.certificates(), &chain.key()).expect("a chain that signs")
}

/// A signed copy of the file `from`.
pub(crate) fn signed(folder: &TempDir, chain: &Chain, from: &Path) -> PathBuf {
    let to = folder.path().join("signed.mp4");
    fs::write(&to, "").expect("a file to write to");
    let done = signer(chain).sign(&STATEMENT, from, &to, &|| false);
    done.expect("a file that can be signed");
    to
}

#[test]
fn a_signed_file_holds_and_plays_the_same_packets() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let copy = signed(&folder, &chain, &master());
    let found = read(&copy, &|| false).expect("a file").expect("a manifest");
    assert_eq!(
        (found.state, found.faults.as_slice()),
        (State::Holds, &[][..])
    );
    let by = found.signed_by.as_ref().expect("a signer");
    assert_eq!(by.name.as_deref(), Some("Test studio"));
    assert_eq!(by.organisation.as_deref(), Some("Countermark tests"));
    let own = signer(&chain);
    assert_eq!(
        by.certificate_sha256.as_deref(),
        Some(own.certificate_sha256())
    );
    assert_eq!(found.title.as_deref(), Some(STATEMENT.title));
    assert_eq!(found.made_by.as_deref(), Some("Countermark 9.9"));
    assert_eq!(found.actions, ["c2pa.opened", "c2pa.watermarked.bound"]);
    assert_eq!(
        found.own_bindings().collect::<Vec<_>>(),
        [STATEMENT.binding]
    );
    assert_eq!(found.soft_bindings[0].algorithm, "org.countermark.2");
    let packets = |path: &Path| stocktake(path, &CancelToken::new()).expect("packets");
    assert_eq!(packets(&copy), packets(&master()));
    assert_eq!(read(&master(), &|| false).expect("a file"), None);
}

#[test]
fn every_kind_of_key_that_c2pa_knows_signs() {
    let folder = tempfile::tempdir().expect("a folder");
    for key in [
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"][..],
        &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
        &["-newkey", "ed25519"],
        &["-newkey", "rsa:2048"],
    ] {
        let chain = Chain::of(key, "as_signer");
        let copy = signed(&folder, &chain, &master());
        let found = read(&copy, &|| false).expect("a file").expect("a manifest");
        assert_eq!(found.state, State::Holds, "{key:?}: {:?}", found.faults);
    }
}

#[test]
fn certificates_that_do_not_do_are_refused_before_any_work() {
    let chain = Chain::new();
    let other = Chain::new();
    let refused = |certificates: &Path, key: &Path| {
        Signer::load(certificates, key)
            .expect_err("refused")
            .to_string()
    };
    for (certificates, key, says) in [
        // Signed by itself.
        (
            chain.file("authority.pem"),
            chain.file("authority.key"),
            "authority.pem",
        ),
        (chain.certificates(), other.key(), "chain.pem"),
        (chain.key(), chain.key(), "there is no certificate in it"),
        (chain.certificates(), chain.certificates(), "no private key"),
        (chain.certificates(), chain.file("none.key"), "cannot read"),
        (chain.file("none.pem"), chain.key(), "cannot read"),
    ] {
        let refused = refused(&certificates, &key);
        assert!(refused.contains(says), "{refused}");
    }
    let server = Chain::of(&["-newkey", "ed25519"], "as_server");
    let refused = refused(&server.certificates(), &server.key());
    assert!(
        refused.contains("no chain of PEM certificates"),
        "{refused}"
    );
}

#[test]
fn nothing_of_the_key_is_said() {
    let chain = Chain::new();
    let secret = fs::read_to_string(chain.key()).expect("a key");
    let body = secret.lines().nth(1).expect("a key of several lines");
    let halves = body.split_at(body.len() / 2);
    let told = format!("{:?}", signer(&chain));
    // As a certificate, half a key, and with a certificate that is not its own.
    let broken = chain.file("broken.key");
    fs::write(&broken, secret.replace(halves.1, "")).expect("written");
    let load = |certificates: &Path, key: &Path| {
        let refused = Signer::load(certificates, key).expect_err("refused");
        format!("{refused} {refused:?}")
    };
    for said in [
        told,
        load(&chain.key(), &chain.key()),
        load(&chain.certificates(), &broken),
        load(&Chain::new().certificates(), &chain.key()),
    ] {
        assert!(
            !said.contains(halves.0) && !said.contains(halves.1),
            "{said}"
        );
    }
}

#[test]
fn signing_ends_when_it_is_told_to() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let to = folder.path().join("a.mp4");
    fs::write(&to, "").expect("a file");
    let signer = signer(&chain);
    let ended = signer.sign(&STATEMENT, &master(), &to, &|| true);
    assert!(
        matches!(ended, Err(CredentialsError::Cancelled)),
        "{ended:?}"
    );
    let copy = signed(&folder, &chain, &master());
    let ended = read(&copy, &|| true);
    assert!(
        matches!(ended, Err(CredentialsError::Cancelled)),
        "{ended:?}"
    );
}

#[test]
fn what_is_no_iso_media_is_not_signed() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let (from, to) = (folder.path().join("a.mkv"), folder.path().join("b.mp4"));
    fs::write(&from, b"\x1a\x45\xdf\xa3 nothing of the kind").expect("written");
    fs::write(&to, "").expect("a file");
    let refused = signer(&chain).sign(&STATEMENT, &from, &to, &|| false);
    assert!(refused.is_err());
    let missing = signer(&chain).sign(&STATEMENT, &folder.path().join("none"), &to, &|| false);
    assert!(
        matches!(missing, Err(CredentialsError::File { .. })),
        "{missing:?}"
    );
}
