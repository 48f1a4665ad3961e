//! Where secrets lie and who may read them.

use std::fs;
use std::sync::{Arc, Mutex};

use countermark_mark::FormatSpec;
use countermark_register::passphrase::{self, Passphrase};
use countermark_register::{
    Cost, ReadKeyFile, Register as _, RegisterError, SqliteRegister, is_sealed, seal, unseal,
};

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

/// Cheap: what a passphrase costs is not what is tested.
const CHEAP: Cost = Cost {
    kibibytes: 64,
    passes: 1,
    lanes: 1,
};

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(zeroize::Zeroizing::new(text.to_owned()))
}

#[test]
fn a_sealed_register_opens_with_its_passphrase_alone() {
    let studio = Studio::new();
    let (root, key) = (studio.root(), studio.root().join("secret/owner.key"));
    let digits = owner_digits(&root);
    // A second name of the file: what it held is there to be looked at.
    let old = studio.folder.path().join("old");
    fs::hard_link(&key, &old).expect("a second name");
    let carrier = |register: &SqliteRegister| {
        let id = studio.register.titles().expect("titles")[0].id;
        register.carrier_key(id).expose_bytes().to_vec()
    };
    studio.add_title("T");
    let before = carrier(&studio.register);

    let weak = seal(&root, &passphrase("short"), CHEAP).expect_err("soon guessed");
    assert_eq!(
        weak.to_string(),
        "a passphrase has 8 characters at least, got 5"
    );
    seal(&root, &passphrase("correct horse"), CHEAP).expect("sealed");
    assert!(is_sealed(&root).expect("readable"));
    assert_eq!(mode(&key), 0o600);
    for file in [&key, &old] {
        let text = fs::read_to_string(file).expect("a text");
        assert!(!text.contains(&digits[..16]), "{}", file.display());
    }
    assert!(matches!(
        seal(&root, &passphrase("correct horse"), CHEAP),
        Err(RegisterError::SealedAlready { .. })
    ));

    // Nobody who can be asked, somebody who is wrong, somebody who is right.
    let answers = Arc::new(Mutex::new(vec![
        Some("correct horse"),
        Some("battery staple"),
        None,
    ]));
    let (own, asked) = (root.clone(), Arc::clone(&answers));
    passphrase::ask_with(move |place| {
        let answer = (place == own).then(|| asked.lock().expect("whole").pop().flatten());
        Ok(answer.flatten().map(passphrase))
    });
    assert!(matches!(
        SqliteRegister::open(&root),
        Err(RegisterError::Sealed { .. })
    ));
    let wrong = SqliteRegister::open(&root).expect_err("wrong").to_string();
    assert!(
        wrong.starts_with("that is not the passphrase of the vault at"),
        "{wrong}"
    );
    assert!(!wrong.contains("staple"), "{wrong}");
    let opened = SqliteRegister::open(&root).expect("opened");
    assert_eq!(carrier(&opened), before);

    answers.lock().expect("whole").push(Some("correct horse"));
    unseal(&root).expect("unsealed");
    assert_eq!(owner_digits(&root), digits);
    assert!(matches!(
        unseal(&root),
        Err(RegisterError::NotSealed { .. })
    ));
    SqliteRegister::open(&root).expect("open to its owner");
}
