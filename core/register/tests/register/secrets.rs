//! Where secrets lie and who may read them.

use std::fs;

use countermark_mark::FormatSpec;
use countermark_register::{ReadKeyFile, Register as _, RegisterError, SqliteRegister};

use crate::studio::{Studio, chmod, mode, owner_digits};

#[test]
fn secrets_are_the_owners_only() {
    let studio = Studio::new();
    let directory = studio.root().join("secret");
    let key = directory.join("owner.key");
    assert_eq!((mode(&directory), mode(&key)), (0o700, 0o600));

    chmod(&key, 0o640);
    let error = SqliteRegister::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(
        error.contains("(mode 0640 where 0600 is needed)"),
        "{error}"
    );
    chmod(&key, 0o600);
    chmod(&directory, 0o755);
    let error = SqliteRegister::open(&studio.root())
        .expect_err("exposed")
        .to_string();
    assert!(error.contains("where 0700 is needed"), "{error}");
    chmod(&directory, 0o700);
    SqliteRegister::open(&studio.root()).expect("closed again");
}

#[test]
fn a_lost_damaged_or_foreign_secret_is_told_apart() {
    let studio = Studio::new();
    let key = studio.root().join("secret/owner.key");
    let own = fs::read(&key).expect("the secret");
    fs::copy(Studio::new().root().join("secret/owner.key"), &key).expect("another vault's");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::SecretForeign { .. })
    ));
    fs::write(&key, &own[..own.len() - 4]).expect("own file");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::SecretDamaged { .. })
    ));
    fs::remove_file(&key).expect("own file");
    assert!(matches!(
        SqliteRegister::open(&studio.root()),
        Err(RegisterError::SecretMissing { .. })
    ));
}

#[test]
fn no_file_but_the_secret_holds_the_secret() {
    let studio = Studio::new();
    let title = studio.add_title("a");
    let distributor = studio.register.add_distributor("b").expect("a distributor");
    studio.begin(&title, &distributor);
    let digits = owner_digits(&studio.root());
    let scoped = studio.register.scoped_payload_key(distributor.id, title.id);
    let carrier = studio.register.carrier_key(title.id);
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
        studio.register,
        ReadKeyFile::of_title(
            &studio.register,
            &title,
            &[distributor],
            FormatSpec::CURRENT
        )
    );
    assert!(!shown.contains(&digits[..16]), "{shown}");
    assert!(
        !shown.contains(&format!("{:?}", scoped.expose_bytes())),
        "{shown}"
    );
}
