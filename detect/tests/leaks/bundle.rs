//! The proof bundle of a leak, through the real binary: verified by the program and by Python, and searched for other keys.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countermark_catalogue::Vault;
use countermark_mark::{FormatSpec, Payload};
use countermark_register::proof::{self, WorkingFile};
use countermark_register::{FileHash, NewDelivery, ReadKeyFile};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Leak;
use super::authority::Authority;

type Files = BTreeMap<String, Vec<u8>>;

/// A copy of a folder.
fn copied(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder");
    let mode = fs::metadata(from).expect("a folder").permissions();
    fs::set_permissions(to, mode).expect("own folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, own) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copied(&path, &own);
        } else {
            fs::copy(&path, &own).expect("copied");
        }
    }
}

/// Traces the leak against the vault `vault`, with a bundle; what was said on stderr, and the bundle's files.
fn bundled(leak: &Leak, vault: &str, name: &str) -> (String, Files) {
    bundled_with(leak, vault, name, &[])
}

fn bundled_with(leak: &Leak, vault: &str, name: &str, more: &[&str]) -> (String, Files) {
    let zip = format!("{name}.zip");
    let arguments = [
        "trace", "leak.mkv", "--title", "Drama", "--vault", vault, "--bundle", &zip,
    ];
    let output = leak.detect(&[&arguments[..], more].concat());
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{errors}");
    let path = leak.folder.path().join(&zip);
    assert!(fs::metadata(&path).expect("a bundle").len() < 5_000_000);
    (
        errors,
        countermark_evidence::archive::open(&path).expect("a bundle"),
    )
}

fn unpacked(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

/// Runs the bundle's own verifier in the unpacked folder.
fn python(folder: &Path) -> (Option<i32>, String) {
    let said = Command::new("python3")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .args(["-B", "verify.py"])
        .current_dir(folder)
        .output()
        .expect("python3 is on the machine");
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    (said.status.code(), text)
}

/// The bundle holds for the program and for Python: the unpacked folder, and what Python said.
fn held(leak: &Leak, zip: &str, files: &Files) -> (TempDir, String) {
    let verified = leak.detect(&["verify", zip, "--clip", "leak.mkv", "--json"]);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let verified: Value = serde_json::from_slice(&verified.stdout).expect("one object");
    let links = verified["links"].as_array().expect("links");
    assert!(
        links.iter().all(|link| link["state"] != "broken"),
        "{verified}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    unpacked(files, folder.path());
    let (code, said) = python(folder.path());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("ok    score 1") && said.ends_with("the bundle holds\n"),
        "{said}"
    );
    (folder, said)
}

fn case(files: &Files) -> Value {
    serde_json::from_slice(&files["case.json"]).expect("JSON")
}

fn hex(bytes: &[u8]) -> String {
    countermark_evidence::hex::to_hex(bytes)
}

/// Every key of the vault but that of the accused delivery.
fn other_keys(leak: &Leak, vault: &Vault) -> Vec<[u8; 32]> {
    let register = vault.register();
    let secret = |name: &str| {
        let path = leak.folder.path().join("keeper/secret").join(name);
        let text = fs::read_to_string(path).expect("a secret");
        let digits = text.lines().nth(1).expect("a second line").to_owned();
        countermark_evidence::hex::from_hex(&digits).expect("a key")
    };
    let mut keys = vec![secret("owner.key"), secret("evidence.key")];
    for title in register.titles().expect("titles") {
        keys.push(*register.carrier_key(title.id).expose_bytes());
        for distributor in register.distributors().expect("distributors") {
            let scoped = register.scoped_payload_key(distributor.id, title.id);
            keys.push(*scoped.expose_bytes());
            keys.push(*scoped.whitening().expose_bytes());
        }
    }
    let accused: Payload = leak.payload.parse().expect("a payload");
    for delivery in register.deliveries(None).expect("deliveries") {
        if delivery.payload != accused {
            let scoped = register.scoped_payload_key(delivery.distributor_id, delivery.title_id);
            keys.push(*scoped.delivery(delivery.payload).expose_bytes());
        }
    }
    keys
}

/// A copy of the leak's vault as `name`, with two deliveries more.
fn keeper(leak: &Leak, name: &str) -> Vault {
    let root = leak.folder.path().join(name);
    copied(&leak.folder.path().join("vault"), &root);
    let vault = Vault::open(&root).expect("a vault");
    let register = vault.register();
    let title = register.title_named("Drama").expect("the title");
    for name in ["Nordlicht", "Südlicht"] {
        let distributor = register.add_distributor(name).expect("a free name");
        let begun = register.begin_delivery(&NewDelivery {
            title: &title,
            distributor: &distributor,
            licensee: None,
            strength: 1.0,
            format: FormatSpec::CURRENT,
            encoder_settings: &json!({}),
            output: Path::new("other.mkv"),
        });
        begun.expect("a delivery");
    }
    vault
}

#[test]
fn a_bundle_holds_for_strangers_and_no_key_but_that_of_the_accused() {
    let leak = Leak::whole();
    let vault = keeper(leak, "keeper");
    let (_, files) = bundled(leak, "keeper", "first");
    let own = case(&files);
    assert_eq!(own["accused"][0]["delivery"], leak.delivery.as_str());
    assert_eq!(own["next"].as_array().map(Vec::len), Some(2), "{own}");

    // No other key, in whatever way it may be written.
    let keys = other_keys(leak, &vault);
    for (name, bytes) in &files {
        let text = str::from_utf8(bytes);
        for key in &keys {
            let holds = match text {
                Ok(text) => text.contains(&hex(key)) || text.contains(&STANDARD.encode(key)),
                Err(_) => bytes.windows(key.len()).any(|part| part == key),
            };
            assert!(!holds, "{name} holds a key that it must not");
        }
    }
    // Nor a name of who is not accused.
    for (name, bytes) in &files {
        assert!(
            !String::from_utf8_lossy(bytes).contains("Südlicht"),
            "{name}"
        );
    }

    // The program and Python say the same.
    let (folder, said) = held(leak, "first.zip", &files);
    let t = own["accused"][0]["t"].as_f64().expect("a score");
    assert!(said.contains(&format!("t = {t:.4}")), "{said}");
    let soft = folder.path().join("soft/1.bin");
    let mut bytes = fs::read(&soft).expect("soft values");
    bytes[100] ^= 1;
    fs::write(&soft, bytes).expect("written");
    let (code, said) = python(folder.path());
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("FAIL  files") && said.contains("FAIL  score 1"),
        "{said}"
    );
}

#[test]
#[ignore = "slow: a search with keys alone, and its bundle"]
fn a_copy_that_keys_alone_name_has_a_bundle_that_holds() {
    let leak = Leak::whole();
    drop(keeper(leak, "alone"));
    let references = leak.folder.path().join("alone/references");
    for reference in fs::read_dir(references).expect("a folder") {
        fs::remove_file(reference.expect("a file").path()).expect("removed");
    }
    let (errors, files) = bundled(leak, "alone", "alone");
    assert!(errors.contains("was not checked"), "{errors}");
    let own = case(&files);
    assert_eq!(own["accused"][0]["delivery"], leak.delivery.as_str());
    assert_eq!(own["accused"][0]["decision"], "open", "{own}");
    assert_eq!(own["pictures_compared"], false);
    let statement = String::from_utf8_lossy(&files["statement.en.md"]);
    assert!(
        statement.contains("The pictures were not compared with the title's"),
        "{statement}"
    );
    let (_, said) = held(leak, "alone.zip", &files);
    assert!(said.contains("ok    commitment 1"), "{said}");
}

#[test]
#[ignore = "slow: a trace more, and one that warns"]
fn a_bundle_lists_working_files_and_takes_a_stamp_of_itself() {
    let leak = Leak::whole();
    let vault = keeper(leak, "working");
    let register = vault.register();
    let title = register.title_named("Drama").expect("the title").id;
    let seaview = register.distributor_named("Seaview").expect("known").id;
    register
        .rename_distributor(seaview, "Seaview Media")
        .expect("renamed");
    let record = |stage: &str, name: &str| {
        let file = WorkingFile {
            name: name.into(),
            bytes: 9,
            sha256: FileHash::parse(&"ab".repeat(32)).expect("a digest"),
        };
        proof::record_files(register, title, stage, &[file]).expect("on record");
    };
    record("script", "script <1>.pdf");
    proof::sign_head(register).expect("a head");
    record("edit", "cut.mov");
    let more = ["--records", "--stamp-request", "working.tsq"];
    let (_, files) = bundled_with(leak, "working", "working", &more);
    let own = case(&files);
    assert_eq!(own["accused"][0]["distributor"], "Seaview Media");
    assert_eq!(own["records"]["later"], 1, "{own}");
    let page = String::from_utf8_lossy(&files["report.html"]);
    assert!(page.contains("script &lt;1&gt;.pdf") && !page.contains("cut.mov"));
    let analysis: Value = serde_json::from_slice(&files["analysis.json"]).expect("JSON");
    for (part, field) in [
        ("clock", "said"),
        ("clock", "source"),
        ("system", "processor"),
    ] {
        assert!(
            analysis[part][field].is_string(),
            "{part}.{field}: {analysis}"
        );
    }
    for field in ["command", "program", "program_sha256", "ended"] {
        assert!(analysis[field].is_string(), "{field}: {analysis}");
    }

    // The request goes to an authority, and its answer into the bundle.
    let authority = Authority::new();
    let place = |name: &str| leak.folder.path().join(name);
    let request = fs::read(place("working.tsq")).expect("a request");
    fs::write(place("working.tsr"), authority.answer(&request)).expect("written");
    fs::write(place("tsa.pem"), authority.certificate()).expect("written");
    let take = [
        "stamp",
        "working.zip",
        "--response",
        "working.tsr",
        "--authority",
        "tsa.pem",
        "--json",
    ];
    let taken = leak.detect(&take);
    assert_eq!(taken.status.code(), Some(0), "{taken:?}");
    let taken: Value = serde_json::from_slice(&taken.stdout).expect("one object");
    assert_eq!(taken["stamp"]["policy"], "1.2.3.4.1");
    let stamped = countermark_evidence::archive::open(&place("working.zip")).expect("a bundle");
    let (_, said) = held(leak, "working.zip", &stamped);
    for line in [
        "ok    records        1 working files in 1 entries of the head's tree, script 1; 1 entries came later",
        "ok    bundle stamp   the signature was stamped ",
        "ok    entries 1",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let again = leak.detect(&take);
    let errors = String::from_utf8_lossy(&again.stderr).into_owned();
    assert_eq!(again.status.code(), Some(2), "{errors}");
    assert!(
        errors.starts_with("error: working.zip was not stamped: the bundle is stamped already"),
        "{errors}"
    );
}

#[test]
#[cfg(feature = "age")]
fn a_bundle_for_a_recipient_is_closed_to_others() {
    let leak = Leak::whole();
    drop(keeper(leak, "closed"));
    let arguments = [
        "trace",
        "leak.mkv",
        "--title",
        "Drama",
        "--vault",
        "closed",
        "--bundle",
        "closed.age",
        "--stamp-request",
        "closed.tsq",
        "--recipient",
    ];
    let trace = |recipient| leak.detect(&[&arguments[..], &[recipient]].concat());
    let refused = trace("age1seaview");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let traced = trace("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p");
    assert_eq!(traced.status.code(), Some(0), "{traced:?}");
    let place = |name: &str| leak.folder.path().join(name);
    let closed = fs::read(place("closed.age")).expect("a bundle");
    assert!(closed.starts_with(b"age-encryption.org/v1\n"));
    assert!(fs::read(place("closed.tsq")).is_ok_and(|asked| asked.len() == 59));
    let verified = leak.detect(&["verify", "closed.age"]);
    let errors = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert_eq!(verified.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("only its recipient can open it"),
        "{errors}"
    );
}

#[test]
#[ignore = "slow: four traces"]
fn a_case_is_the_same_again_from_the_pixels_and_an_edited_row_warns() {
    let leak = Leak::whole();
    let vault = keeper(leak, "again");
    let register = vault.register();
    let title = register.title_named("Drama").expect("the title");
    let (_, files) = bundled(leak, "again", "one");

    // An expert with the title's keys and reference under seal goes from the pixels to the same bits.
    let package = leak.folder.path().join("package");
    vault
        .catalogue()
        .copy_title(&title, &package)
        .expect("copied");
    let whose = [register.distributor_named("Seaview").expect("known")];
    ReadKeyFile::export(register, &title, &whose, &package.join("title.key"), false)
        .expect("a key");
    let arguments = [
        "verify", "one.zip", "--clip", "leak.mkv", "--expert", "package", "--json",
    ];
    let verified = leak.detect(&arguments);
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    let verified: Value = serde_json::from_slice(&verified.stdout).expect("one object");
    let link = verified["links"]
        .as_array()
        .and_then(|links| links.last())
        .expect("links");
    assert_eq!(link["name"], "pixels 1");
    let said = link["said"].as_str().expect("text");
    assert!(
        said.contains("the same soft values, to the last bit"),
        "{said}"
    );

    // Analysed again, only what is said of the analysis differs, and what hashes or signs it.
    let (_, again) = bundled(leak, "again", "two");
    let names = |files: &Files| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&files), names(&again));
    let differ: Vec<&String> = files
        .keys()
        .filter(|name| files[*name] != again[*name])
        .collect();
    let may = [
        "analysis.json",
        "manifest.json",
        "manifest.json.minisig",
        "manifest.sig",
    ];
    assert_eq!(differ, may);

    // Whoever keeps the vault edits a row: the ledger's word is used, and the bundle warns.
    let db = rusqlite::Connection::open(leak.folder.path().join("again/vault.db"))
        .expect("the register");
    db.execute("UPDATE deliveries SET licensee = 'somebody else'", [])
        .expect("edited");
    drop(db);
    let (errors, framed) = bundled(leak, "again", "framed");
    assert!(errors.contains("the register was edited"), "{errors}");
    let framed = case(&framed);
    assert_eq!(framed["accused"][0]["licensee"], Value::Null);
    let warnings = framed["warnings"].to_string();
    assert!(warnings.contains("the register was edited"), "{warnings}");
}

#[test]
fn without_an_accusation_or_with_several_clips_there_is_no_bundle() {
    let leak = Leak::whole();
    let output = leak.detect(&["trace", "leak.mkv", "leak.mkv", "--bundle", "none.zip"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.starts_with("error: a bundle is about one clip, and 2 are named"),
        "{errors}"
    );
    let output = leak.detect(&["verify", "leak.mkv"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(
        errors.starts_with("error: leak.mkv was not verified: not a whole bundle"),
        "{errors}"
    );
    assert!(!leak.folder.path().join("none.zip").exists());
}
