use std::fs;
use std::path::Path;

use countermark_credentials::{CredentialsError, FoundManifest, Signer, State, read};

/// The UUID of the box that holds a manifest, C2PA 2.2, A.5.
const C2PA: &[u8] = b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81";

#[test]
fn without_the_feature_nothing_is_signed_and_the_feature_is_named() {
    let refused = Signer::load(Path::new("chain.pem"), Path::new("signer.key"));
    let refused = refused.expect_err("no signer");
    assert!(matches!(refused, CredentialsError::NotBuilt), "{refused:?}");
    assert!(refused.to_string().contains("feature c2pa"), "{refused}");
}

#[test]
fn without_the_feature_a_manifest_is_told_and_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let clip = folder.path().join("clip.mp4");
    let found = |bytes: &[u8]| {
        fs::write(&clip, bytes).expect("written");
        let found: Option<FoundManifest> = read(&clip, &|| false).expect("a file");
        found.map(|found| found.state)
    };
    let ftyp = b"\0\0\0\x10ftypisom\0\0\0\0";
    assert_eq!(found(ftyp), None);
    let manifest = [&ftyp[..], b"\0\0\0\x18uuid", C2PA].concat();
    assert_eq!(found(&manifest), Some(State::Unread));
    assert_eq!(found(b"\xff\xd8\xff\xe0 a picture that may have one"), None);
}
