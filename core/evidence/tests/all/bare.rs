//! A bundle on a bare Debian: `tests/bare.sh` in a root with python3 and openssl alone, without a network.

use std::{fs, path::Path, process::Command};

use countermark_evidence::archive;

use crate::specimen::stamped_files;

/// What the script says where no such root can be made.
const CANNOT: i32 = 77;

#[test]
#[ignore = "slow: copies Python's library into a root of its own"]
fn a_stranger_verifies_with_python_and_openssl_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.zip");
    fs::write(&path, archive::pack(stamped_files()).expect("packed")).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bare.sh");
    let answer = Command::new("sh")
        .arg(script)
        .arg(&path)
        .output()
        .expect("sh is on the machine");
    let said = String::from_utf8_lossy(&answer.stdout).into_owned()
        + &String::from_utf8_lossy(&answer.stderr);
    if answer.status.code() == Some(CANNOT) {
        assert!(said.contains("not tried"), "{said}");
        return;
    }
    assert_eq!(answer.status.code(), Some(0), "{said}");
    for line in [
        "ok    signature",
        "ok    stamp",
        "ok    bundle stamp",
        "the bundle holds",
        "verified offline in",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
}
