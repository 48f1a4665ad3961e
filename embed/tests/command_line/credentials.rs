//! `mark --c2pa`: with the feature a copy that holds a manifest, without it a line that names the feature.

use crate::studio::Studio;

/// A command that ends with 2 and one line that says so much.
fn assert_refused(studio: &Studio, command: &str, says: &str) {
    let refused = studio.run(command);
    assert_eq!(
        (refused.code, refused.stdout.as_str()),
        (Some(2), ""),
        "{command}"
    );
    assert!(
        refused.stderr.contains(says),
        "{command}: {}",
        refused.stderr
    );
}

#[cfg(not(feature = "c2pa"))]
#[test]
fn without_the_feature_no_manifest_is_promised() {
    let studio = Studio::empty();
    let mark = "mark film.mp4 -o a.mp4 --title T --distributor D";
    for (flags, says) in [
        ("--c2pa chain.pem --c2pa-key signer.key", "--features c2pa"),
        ("--c2pa chain.pem", "--c2pa-key"),
        ("--c2pa-key signer.key", "--c2pa"),
    ] {
        assert_refused(&studio, &format!("{mark} {flags}"), says);
        assert!(!studio.path("a.mp4").exists());
    }
}

#[cfg(feature = "c2pa")]
mod signed {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use countermark_credentials::{State, read};
    use serde_json::Value;

    use super::{Studio, assert_refused};
    use crate::chain::Chain;

    #[test]
    fn a_copy_gets_a_manifest_and_no_word_of_the_key_gets_out() {
        let studio = Studio::with_title("film.mp4", 24);
        let chain = Chain::new();
        for (from, to) in [
            (chain.certificates(), "chain.pem"),
            (chain.key(), "signer.key"),
        ] {
            fs::copy(from, studio.path(to)).expect("a copy");
        }
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(studio.path("signer.key"), private).expect("a mode");
        let flags =
            "--title T --distributor D --preset veryfast --c2pa chain.pem --c2pa-key signer.key";
        for output in ["a.mp4", "b.mov"] {
            let marked = studio.json(&format!("mark film.mp4 -o {output} {flags}"));
            assert_eq!(marked["verification"]["holds"], true, "{marked}");
            let digest = marked["encoder"]["c2pa"]["certificate_sha256"].as_str();
            let found = read(&studio.path(output), &|| false).expect("a file");
            let found = found.expect("a manifest");
            assert_eq!(found.state, State::Holds, "{:?}", found.faults);
            let by = found.signed_by.expect("a signer");
            assert_eq!(by.certificate_sha256.as_deref(), digest);
            assert_eq!(found.title.as_deref(), Some("T"));
            // It is what the register has, and `verify` finds it by its digest.
            let verified = studio.json(&format!("verify {output}"));
            assert_eq!(verified["holds"], true, "{verified}");
        }
        let secret = fs::read_to_string(studio.path("signer.key")).expect("a key");
        let body = secret.lines().nth(1).expect("a key of several lines");
        let listed = studio.json("deliveries");
        let database = fs::read(studio.path("vault/vault.db")).expect("the register");
        assert!(!Value::to_string(&listed).contains(body));
        assert!(!String::from_utf8_lossy(&database).contains(body));
        assert_eq!(studio.leftovers(), Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_signed_is_refused_before_the_work() {
        let studio = Studio::with_title("film.mp4", 12);
        let (chain, other) = (Chain::new(), Chain::new());
        for (from, to) in [
            (chain.certificates(), "chain.pem"),
            (chain.key(), "signer.key"),
            (other.key(), "other.key"),
        ] {
            fs::copy(from, studio.path(to)).expect("a copy");
        }
        let mark = "mark film.mp4 --title T --distributor D";
        for (flags, says) in [
            (
                "-o a.mxf --c2pa chain.pem --c2pa-key signer.key",
                "can hold no C2PA manifest",
            ),
            (
                "-o a.mkv --c2pa chain.pem --c2pa-key signer.key",
                "leave out --c2pa",
            ),
            (
                "-o a.ts --c2pa chain.pem --c2pa-key signer.key",
                "can hold no C2PA manifest",
            ),
            (
                "-o a.mp4 --c2pa chain.pem --c2pa-key other.key",
                "no chain of PEM certificates",
            ),
            (
                "-o a.mp4 --c2pa film.mp4 --c2pa-key signer.key",
                "no chain of PEM certificates",
            ),
            (
                "-o a.mp4 --c2pa chain.pem --c2pa-key film.mp4",
                "openssl pkcs8",
            ),
        ] {
            assert_refused(&studio, &format!("{mark} {flags}"), says);
        }
        let listed = studio.json("deliveries");
        assert_eq!(listed["deliveries"].as_array().map(Vec::len), Some(0));
        assert_eq!(studio.leftovers(), Vec::<String>::new());
    }
}
