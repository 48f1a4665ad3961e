//! A desk on a sealed vault: its jobs open the vault as the desk did, and the passphrase is told to nobody.

use std::path::Path;

use countermark_register::passphrase::Passphrase;
use countermark_register::{Cost, seal};
use serde_json::json;
use tempfile::TempDir;

use super::client::{ended, get, job_of, upload};
use super::leak::leaked;
use super::studio::{Served, print_of, program, studio};

const PASSPHRASE: &str = "nine lives of a grey cat";

/// Seals the vault in a folder, and serves it with its passphrase in a file.
fn sealed(folder: &TempDir) -> Served {
    let vault = folder.path().join("vault");
    let passphrase = Passphrase::new(PASSPHRASE.to_owned().into());
    seal(&vault, &passphrase, Cost::USUAL).expect("sealed");
    let file = folder.path().join("passphrase");
    std::fs::write(&file, PASSPHRASE).expect("a file");
    countermark_register::private_file::close(&file, 0o600).expect("closed");
    let name = file.to_string_lossy().into_owned();
    Served::start_with(folder.path(), &["--passphrase-file", &name])
}

/// Whether some file of the vault, or of what the desk keeps, has the passphrase in it.
fn is_written_down(folder: &Path) -> bool {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap_or_default();
            let mut parts = bytes.windows(PASSPHRASE.len());
            if parts.any(|part| part == PASSPHRASE.as_bytes()) {
                return true;
            }
        }
    }
    false
}

#[test]
fn a_job_of_a_desk_on_a_sealed_vault_opens_it_as_the_desk_did() {
    let folder = studio();
    let print = std::fs::read(print_of("street", folder.path())).expect("a print");
    let served = sealed(&folder);
    let sent = upload(&served, "street.print", &print);
    let job = ended(&served, &job_of(&served, "identify", &sent));
    assert_eq!(
        (&job["state"], &job["result"]["title"]),
        (&json!("done"), &json!("street")),
        "{job}"
    );
    assert!(!is_written_down(&folder.path().join("vault")));
    // Without it nothing is served.
    drop(served);
    let refused = program()
        .args(["serve", "--listen", "127.0.0.1:0", "--vault"])
        .arg(folder.path().join("vault"))
        .stdin(std::process::Stdio::null())
        .output()
        .expect("an exit");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}

#[test]
#[ignore = "slow: a trace in a debug build"]
fn a_trace_of_a_desk_on_a_sealed_vault_names_the_delivery_and_has_its_bundle() {
    let (folder, copy) = leaked();
    let served = sealed(&folder);
    let sent = upload(&served, "leak.mp4", &std::fs::read(copy).expect("a copy"));
    let id = job_of(&served, "trace", &sent);
    let job = ended(&served, &id);
    assert_eq!(
        (&job["result"]["verdict"], &job["bundle"]),
        (&json!("traced"), &json!(true)),
        "{job}"
    );
    assert_eq!(get(&served, &format!("/v1/jobs/{id}/bundle")).status, 200);
    assert!(!is_written_down(&folder.path().join("vault")));
}
