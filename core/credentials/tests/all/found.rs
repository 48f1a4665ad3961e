use std::fs;
use std::path::Path;

use c2pa::{Builder, BuilderIntent, Context, DigitalSourceType, SigningAlg, create_signer};
use countermark_credentials::{FoundManifest, State, read};
use serde_json::json;

use crate::chain::Chain;
use crate::signed::{master, signed};

fn found(path: &Path) -> FoundManifest {
    read(path, &|| false).expect("a file").expect("a manifest")
}

/// Where the manifest's box lies in a signed file.
fn place(bytes: &[u8]) -> std::ops::Range<usize> {
    let uuid = bytes
        .windows(4)
        .position(|four| four == b"uuid")
        .expect("a box")
        - 4;
    let size = u32::from_be_bytes(bytes[uuid..uuid + 4].try_into().expect("four bytes"));
    uuid..uuid + size as usize
}

#[test]
fn a_byte_of_the_pictures_breaks_the_manifest() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let copy = signed(&folder, &chain, &master());
    let mut bytes = fs::read(&copy).expect("the copy");
    let at = bytes.len() - 1000;
    bytes[at] ^= 1;
    fs::write(&copy, &bytes).expect("written");
    let found = found(&copy);
    assert_eq!(found.state, State::Broken);
    assert_eq!(found.faults, ["assertion.bmffHash.mismatch"]);
    // What it says is still told, for whoever looks into it.
    assert!(found.signed_by.is_some() && found.own_bindings().count() == 1);
}

#[test]
fn the_manifest_of_another_file_does_not_hold() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let copy = signed(&folder, &chain, &master());
    let signed = fs::read(&copy).expect("the copy");
    let other = fs::read(master().with_file_name("landscape.mp4")).expect("another sample");
    let head = u32::from_be_bytes(other[..4].try_into().expect("four bytes")) as usize;
    let stolen = [&other[..head], &signed[place(&signed)], &other[head..]].concat();
    fs::write(&copy, stolen).expect("written");
    assert_eq!(found(&copy).state, State::Broken);
}

#[test]
fn a_manifest_that_was_changed_does_not_hold_or_says_what_it_said() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let copy = signed(&folder, &chain, &master());
    let good = fs::read(&copy).expect("the copy");
    let (said, place) = (found(&copy), place(&good));
    // Of the many zeros that fill its place nothing is said.
    let telling: Vec<usize> = place.clone().skip(45).filter(|&at| good[at] != 0).collect();
    let (mut tried, mut broken) = (0, 0);
    for at in telling.into_iter().step_by(97) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x55;
        fs::write(&copy, bytes).expect("written");
        let found = found(&copy);
        tried += 1;
        broken += usize::from(found.state != State::Holds);
        assert!(
            found.state != State::Holds || found == said,
            "byte {at}: {found:?}"
        );
    }
    // The specification signs no lengths of padding and no salts.
    assert!(broken * 10 >= tried * 8, "{broken} of {tried}");
    // Cut within the manifest, and nothing but its head.
    for keep in [place.start + 100, place.start + 45] {
        fs::write(&copy, &good[..keep]).expect("written");
        let state = found(&copy).state;
        assert!(
            matches!(state, State::Broken | State::Unreadable),
            "{keep}: {state:?}"
        );
    }
}

#[test]
fn the_manifest_of_somebody_else_is_told_with_his_bindings() {
    let (folder, chain) = (tempfile::tempdir().expect("a folder"), Chain::new());
    let certificates = fs::read(chain.certificates()).expect("a chain");
    let key = fs::read(chain.key()).expect("a key");
    let signer = create_signer::from_keys(&certificates, &key, SigningAlg::Es256, None);
    let mut builder = Builder::from_context(Context::new());
    builder.set_intent(BuilderIntent::Create(DigitalSourceType::DigitalCapture));
    builder.definition.title = Some("\u{1b}[2J".to_owned() + &"x".repeat(5000));
    let binding = json!({"alg": "com.example.1", "blocks": [{"scope": {}, "value": "a\u{202e}b"}], "pad": ""});
    builder
        .add_assertion("c2pa.soft-binding", &binding)
        .expect("an assertion");
    let copy = folder.path().join("other.mp4");
    let mut output = fs::File::options();
    let output = output.read(true).write(true).create_new(true).open(&copy);
    let mut source = fs::File::open(master()).expect("the master");
    let signer = signer.expect("a signer");
    let mut output = output.expect("a file");
    builder
        .sign(&*signer, "video/mp4", &mut source, &mut output)
        .expect("signed");
    let found = found(&copy);
    assert_eq!(found.state, State::Holds, "{:?}", found.faults);
    assert_eq!(found.own_bindings().count(), 0);
    assert_eq!(found.soft_bindings[0].algorithm, "com.example.1");
    assert!(
        found
            .title
            .is_some_and(|title| title.chars().count() <= 200)
    );
}
