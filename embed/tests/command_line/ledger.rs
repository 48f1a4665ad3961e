//! The ledger as a tree, through the real binary: heads, proofs, working files, and stamps of a real authority.

use std::fs;

use countermark_evidence::stamp;
use serde_json::Value;

use crate::{authority::Authority, studio::Studio};

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
    let authority = Authority::new();
    fs::write(folder.join("tsa.pem"), authority.certificate()).expect("written");
    studio.json("ledger stamp --request head.tsq");
    let asked = fs::read(folder.join("head.tsq")).expect("a request");
    fs::write(folder.join("head.tsr"), authority.answer(&asked)).expect("written");
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
    let other = authority.answer(&stamp::request(&[7; 32]));
    fs::write(folder.join("other.tsr"), other).expect("written");
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
