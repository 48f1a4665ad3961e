//! The ledger as a tree, through the real binary: heads, proofs, working files, and stamps of a real authority.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

use crate::studio::Studio;

const AUTHORITY: &str = "
[ req ]
distinguished_name = dn
prompt = no
x509_extensions = ext
[ dn ]
CN = Countermark test authority
[ ext ]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ tsa ]
default_tsa = own
[ own ]
dir = .
serial = ./serial
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
";

fn openssl(folder: &Path, words: &str) {
    let done = Command::new("openssl")
        .current_dir(folder)
        .args(words.split_whitespace())
        .output()
        .expect("openssl is on the machine");
    assert!(done.status.success(), "{words}: {done:?}");
}

fn refused(studio: &Studio, words: &str) -> String {
    let done = studio.run(words);
    let said = done.stderr;
    assert_eq!(
        (done.code, said.lines().count()),
        (Some(2), 1),
        "{words}: {said}"
    );
    said
}

#[test]
fn a_head_is_signed_stamped_by_an_authority_and_found_again() {
    let studio = Studio::empty();
    studio.json("vault init");
    studio.json("distributor add Nordlicht");
    let head = studio.json("ledger head");
    assert_eq!(head["stamp"], Value::Null);
    let root = head["head"]["root"].as_str().expect("a root").to_owned();
    assert_eq!(
        studio.json("ledger head")["head"],
        head["head"],
        "nothing came after it"
    );

    let folder = studio.path("");
    fs::write(folder.join("tsa.cnf"), AUTHORITY).expect("written");
    fs::write(folder.join("serial"), "01\n").expect("written");
    openssl(
        &folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tsa.key -out tsa.pem -days 30 -config tsa.cnf",
    );
    studio.json("ledger stamp --request head.tsq");
    openssl(
        &folder,
        "ts -reply -config tsa.cnf -queryfile head.tsq -out head.tsr",
    );
    let stamped = studio.json("ledger stamp --response head.tsr --authority tsa.pem");
    assert_eq!(stamped["head"], head["head"]);
    assert_eq!(stamped["stamp"]["policy"], "1.2.3.4.1");

    // What is no stamp of a head changes nothing.
    let entries = studio.json("vault check")["entries"].clone();
    fs::write(folder.join("page.tsr"), "<html>not found</html>").expect("written");
    let said = refused(
        &studio,
        "ledger stamp --response page.tsr --authority tsa.pem",
    );
    assert!(
        said.contains("the answer is none of a time stamping authority"),
        "{said}"
    );
    openssl(
        &folder,
        "ts -query -data tsa.cnf -sha256 -cert -out other.tsq",
    );
    openssl(
        &folder,
        "ts -reply -config tsa.cnf -queryfile other.tsq -out other.tsr",
    );
    let said = refused(
        &studio,
        "ledger stamp --response other.tsr --authority tsa.pem",
    );
    assert!(said.contains("no signed head of the vault"), "{said}");
    let said = refused(&studio, "ledger prove 99");
    assert!(said.contains("the ledger has no entry of 99"), "{said}");

    let check = studio.json("vault check");
    assert_eq!(check["entries"], entries);
    assert_eq!(check["problems"], serde_json::json!([]), "{check}");
    let noted = studio.json(&format!("vault check --head {root}"));
    assert_eq!(noted["problems"], serde_json::json!([]), "{noted}");
    let proof = studio.json("ledger prove 2");
    assert_eq!(
        proof["proof"]["entry"]["act"], "distributor-added",
        "{proof}"
    );
}
