//! Where secrets lie and who may read them.

use std::fs;

use countermark_register::{Vault, VaultError};

use crate::studio::{Studio, chmod, mode, owner_digits};

#[test]
fn secrets_are_the_owners_only() {
    let studio = Studio::new();
    let directory = studio.root().join("secret");
    let key = directory.join("owner.key");
    assert_eq!((mode(&directory), mode(&key)), (0o700, 0o600));

    chmod(&key, 0o640);
    let error = Vault::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(
        error.contains("(mode 0640)") && error.contains("run `chmod 600 "),
        "{error}"
    );
    chmod(&key, 0o600);
    chmod(&directory, 0o755);
    let error = Vault::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(error.contains("run `chmod 700 "), "{error}");
    chmod(&directory, 0o700);
    Vault::open(&studio.root()).expect("closed again");
}

#[test]
fn a_lost_damaged_or_foreign_secret_is_told_apart() {
    let studio = Studio::new();
    let key = studio.root().join("secret/owner.key");
    let own = fs::read(&key).expect("the secret");
    fs::copy(Studio::new().root().join("secret/owner.key"), &key).expect("another vault's");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretForeign { .. })
    ));
    fs::write(&key, &own[..own.len() - 4]).expect("own file");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretDamaged { .. })
    ));
    fs::remove_file(&key).expect("own file");
    assert!(matches!(
        Vault::open(&studio.root()),
        Err(VaultError::SecretMissing { .. })
    ));
}

#[test]
fn no_file_but_the_secret_holds_the_secret() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.vault.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let digits = owner_digits(&studio.root());
    let scoped = studio.vault.scoped_payload_key(distributor.id, &title);
    let carrier = studio.vault.carrier_key(&title);
    let bytes: Vec<u8> = (0..32)
        .map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hex"))
        .collect();
    for file in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        let contents = fs::read(studio.root().join(file)).expect("a file of the register");
        for secret in [
            bytes.as_slice(),
            digits.as_bytes(),
            scoped.expose_bytes(),
            carrier.expose_bytes(),
        ] {
            assert!(
                !contents
                    .windows(secret.len())
                    .any(|window| window == secret),
                "{file}"
            );
        }
    }
    let shown = format!(
        "{:?} {:?} {scoped:?} {carrier:?}",
        studio.vault,
        studio.vault.read_key(&title, &[distributor])
    );
    assert!(!shown.contains(&digits[..16]), "{shown}");
    assert!(
        !shown.contains(&format!("{:?}", scoped.expose_bytes())),
        "{shown}"
    );
}
