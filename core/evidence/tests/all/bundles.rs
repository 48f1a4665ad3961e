//! Whole bundles, with and without what makes them stronger.

use std::io::Cursor;

use countermark_evidence::{
    EvidenceError, EvidenceKey, Verification, archive,
    bundle::{CASE, signed},
    manifest::MANIFEST,
    sealing, stamp,
    verify::{Beside, State, verify_files},
};

use crate::{
    authority::Authority,
    python,
    specimen::{CLIP, files, stamped_files, studio_key},
};

fn state(verification: &Verification, name: &str) -> State {
    let link = verification.links.iter().find(|link| link.name == name);
    link.unwrap_or_else(|| panic!("no link {name}")).state
}

#[test]
fn a_stamped_bundle_holds_link_by_link_for_both_verifiers() {
    let clip = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(clip.path(), CLIP).expect("written");
    let beside = Beside {
        clip: Some(clip.path()),
        key: Some(studio_key().public()),
    };
    let found = verify_files(stamped_files(), beside).expect("a bundle");
    let holds = found.links.iter().all(|link| link.state == State::Holds);
    assert!(holds, "{found}");
    assert_eq!(found.accused, ["Nordlicht (0123456789abcdef)"]);
    let python = python::verify(stamped_files());
    assert_eq!(python.code, Some(0), "{}", python.text);
    for link in &found.links {
        if ["clip", "verifier"].contains(&&*link.name) {
            continue;
        }
        let said = link.said.replace('\u{2019}', "'");
        let line = format!("ok    {:14} {said}", link.name);
        assert!(python.text.contains(&line), "{line}\n{}", python.text);
    }
    assert!(
        python.text.ends_with("the bundle holds\n"),
        "{}",
        python.text
    );
}

#[test]
fn without_a_stamp_or_a_head_what_cannot_be_checked_is_said() {
    let plain = files(None);
    let found = verify_files(&plain, Beside::default()).expect("a bundle");
    assert!(found.holds(), "{found}");
    assert_eq!(state(&found, "stamp"), State::Unchecked);
    assert_eq!(state(&found, "clip"), State::Unchecked);
    let mut bare = plain;
    edit(&mut bare, CASE, |case| {
        case["ledger"] = serde_json::Value::Null;
    });
    bare.retain(|name, _| !name.starts_with("ledger/"));
    let bare = signed(bare, &studio_key()).expect("signed");
    let found = verify_files(&bare, Beside::default()).expect("a bundle");
    assert!(found.holds(), "{found}");
    for name in ["key", "head", "stamp", "entries 1"] {
        assert_eq!(state(&found, name), State::Unchecked, "{name}");
    }
    let said = python::verify(&bare);
    assert_eq!(
        (said.code, said.broken().len()),
        (Some(0), 0),
        "{}",
        said.text
    );
}

#[test]
fn a_bundle_is_stamped_once_by_what_verifies_and_knows_no_other_verifier() {
    let authority = Authority::new();
    let certificate = authority.certificate();
    let mut own = files(None);
    let before = own.clone();
    let response = authority.answer(&sealing::request(&own).expect("a signature"));
    let error = sealing::take(&mut own, &response, &Authority::new().certificate());
    assert!(
        matches!(error, Err(EvidenceError::StampBroken(_))),
        "{error:?}"
    );
    let other = authority.answer(&stamp::request(&[1; 32]));
    let error = sealing::take(&mut own, &other, &certificate);
    assert!(
        matches!(error, Err(EvidenceError::OtherDigest { .. })),
        "{error:?}"
    );
    assert_eq!(own, before, "what is no stamp of it changes nothing");

    sealing::take(&mut own, &response, &certificate).expect("a stamp");
    let found = verify_files(&own, Beside::default()).expect("a bundle");
    assert_eq!(state(&found, "bundle stamp"), State::Holds, "{found}");
    let error = sealing::take(&mut own, &response, &certificate);
    assert!(
        matches!(error, Err(EvidenceError::StampedAlready)),
        "{error:?}"
    );

    let mut older = files(None);
    older.insert("verify.py".into(), b"an older one".to_vec());
    let error = sealing::take(&mut older, &response, &certificate);
    assert!(
        matches!(error, Err(EvidenceError::OtherVersion)),
        "{error:?}"
    );
}

#[test]
fn the_published_key_tells_a_bundle_that_was_signed_anew_as_a_whole() {
    let other = EvidenceKey::of_seed([8; 32]).public();
    let beside = Beside {
        key: Some(other),
        ..Beside::default()
    };
    let found = verify_files(&files(None), beside).expect("a bundle");
    assert_eq!(found.broken().map(|link| &*link.name), Some("key"));
}

#[test]
fn another_clip_is_told() {
    let clip = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(clip.path(), b"another").expect("written");
    let beside = Beside {
        clip: Some(clip.path()),
        ..Beside::default()
    };
    let found = verify_files(&files(None), beside).expect("a bundle");
    assert_eq!(found.broken().map(|link| &*link.name), Some("clip"));
}

#[test]
fn the_same_case_is_the_same_bytes() {
    assert_eq!(files(None), files(None));
}

#[test]
fn what_is_no_bundle_or_a_newer_one_is_said_in_a_line() {
    let error = |files: &archive::Files| {
        verify_files(files, Beside::default())
            .expect_err("refused")
            .to_string()
    };
    let mut newer = files(None);
    edit(&mut newer, MANIFEST, |manifest| {
        manifest["schema"] = 2.into();
    });
    assert_eq!(
        error(&newer),
        "the bundle has version 2, this program knows versions up to 1"
    );
    assert_eq!(python::verify(&newer).code, Some(2));
    let mut without = files(None);
    without.remove(CASE);
    assert_eq!(
        error(&without),
        "the bundle's case.json cannot be read: it is missing"
    );
    assert_eq!(python::verify(&without).code, Some(2));
    let mut garbled = files(None);
    garbled.insert(MANIFEST.into(), b"{\"schema\": 1}".to_vec());
    assert!(
        error(&garbled).starts_with("the bundle's manifest.json cannot be read: missing field")
    );
    let cut = archive::unpack(Cursor::new(b"PK")).expect_err("refused");
    assert!(matches!(cut, EvidenceError::Archive(_)), "{cut}");
}

/// Changes a JSON file.
pub(crate) fn edit(
    files: &mut archive::Files,
    name: &str,
    change: impl FnOnce(&mut serde_json::Value),
) {
    let mut value = serde_json::from_slice(&files[name]).expect("JSON");
    change(&mut value);
    let bytes = serde_json::to_vec_pretty(&value).expect("JSON");
    files.insert(name.to_owned(), bytes);
}
