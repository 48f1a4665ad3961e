//! Copies with a C2PA manifest, from `deliver` to what a terminal, JSON and a page say of them.

#[path = "../../credentials/tests/all/chain.rs"]
mod chain;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chain::Chain;
use countermark_catalogue::Vault;
use countermark_credentials::Statement;
use countermark_mastering::{
    CopyRequest, Delivered, DeliveryRequest, EncodeChoice, MasteringError, Signer, Strength,
    TitleRequest, check, deliver, register_title,
};
use countermark_register::{FileHash, Licence, proof};
use countermark_report::page::Page;
use countermark_report::words::InWords;
use countermark_report::{Answer, Audience, Circumstances, Custody};
use countermark_trace::exhibits::Exhibits;
use countermark_trace::result::{Agreement, ClipReport, Credentials, State, Verdict};
use countermark_trace::{Request, Silence, Tracer};
use tempfile::TempDir;

/// A title, and a copy of it with a manifest for each of two distributors.
struct House {
    folder: TempDir,
    vault: Vault,
    chain: Chain,
    copies: Vec<Delivered>,
}

fn master() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/street.mp4")
}

impl House {
    /// For all tests; its folder stays with what was built.
    fn shared() -> &'static Self {
        static SHARED: OnceLock<House> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a vault");
        for distributor in ["Nord", "Sea"] {
            vault
                .register()
                .add_distributor(distributor)
                .expect("a free name");
        }
        let title = TitleRequest {
            master: master(),
            name: "Street".to_owned(),
            threads: None,
        };
        register_title(&vault, &title, &()).expect("a title");
        let mut house = Self {
            folder,
            vault,
            chain: Chain::new(),
            copies: Vec::new(),
        };
        let request = house.request(&["nord.mp4", "sea.mp4"]);
        let made = deliver(&house.vault, &request, &()).expect("a request that can be begun");
        house.copies = made.into_iter().map(|copy| copy.expect("a copy")).collect();
        house
    }

    fn request(&self, outputs: &[&str]) -> DeliveryRequest {
        let copies = outputs.iter().zip(["Nord", "Sea"]);
        let signer = Signer::load(&self.chain.certificates(), &self.chain.key());
        DeliveryRequest {
            title: "Street".to_owned(),
            master: master(),
            copies: copies
                .map(|(output, distributor)| CopyRequest {
                    distributor: distributor.to_owned(),
                    licensee: None,
                    licence: Licence::default(),
                    output: self.path(output),
                    encode: EncodeChoice {
                        preset: Some("ultrafast".to_owned()),
                        ..EncodeChoice::default()
                    },
                })
                .collect(),
            strength: Strength::DEFAULT,
            threads: None,
            verify: true,
            signer: Some(Arc::new(signer.expect("a chain that signs"))),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn trace(&self, clip: &Path) -> ClipReport {
        let tracer = Tracer::new(&self.vault).expect("a vault");
        tracer
            .trace(&Request::new(clip), &Silence)
            .expect("an answer")
    }

    /// A file called `name` of these bytes.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("written");
        path
    }
}

fn found(report: &ClipReport) -> &Credentials {
    report.credentials.as_ref().expect("a manifest")
}

/// The manifest's box of a signed file.
fn manifest(bytes: &[u8]) -> &[u8] {
    let at = bytes
        .windows(4)
        .position(|four| four == b"uuid")
        .expect("a box")
        - 4;
    let size = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    &bytes[at..at + size as usize]
}

/// A signed file with the manifest of another one in the place of its own.
fn with_manifest_of(other: &[u8], signed: &[u8]) -> Vec<u8> {
    let (own, stolen) = (manifest(signed), manifest(other));
    assert_eq!(own.len(), stolen.len(), "else chunk offsets would be wrong");
    let at = own.as_ptr() as usize - signed.as_ptr() as usize;
    [&signed[..at], stolen, &signed[at + own.len()..]].concat()
}

#[test]
fn a_manifest_goes_with_the_copy_and_is_told_beside_the_mark() {
    let house = House::shared();
    let [nord, sea] = &house.copies[..] else {
        panic!("two copies");
    };
    for copy in [nord, sea] {
        // What is on record is the file with its manifest.
        let digest = FileHash::of_file(&copy.output, &|| false).expect("a file");
        assert_eq!(copy.delivery.output_sha256, digest);
        let report = house.trace(&copy.output);
        assert_eq!(report.verdict, Verdict::Traced);
        assert_eq!(report.deliveries[0].delivery, Some(copy.delivery.id));
        let found = found(&report);
        assert_eq!(
            found.manifest.state,
            State::Holds,
            "{:?}",
            found.manifest.faults
        );
        assert_eq!(
            (found.mark, found.own_certificate),
            (Agreement::Agrees, Some(true))
        );
        assert_eq!(found.delivery, Some(copy.delivery.id));
        assert_eq!(found.manifest.title.as_deref(), Some("Street"));
        // It says who got the copy to nobody who has not the ledger.
        let told = String::from_utf8_lossy(&fs::read(&copy.output).expect("the copy")).into_owned();
        for secret in [
            copy.delivery.payload.to_string(),
            copy.delivery.id.to_string(),
        ] {
            assert!(!told.contains(&secret), "{secret}");
        }
        for name in ["Nord", "Sea"] {
            let manifest = manifest(&fs::read(&copy.output).expect("the copy")).to_vec();
            assert!(
                !manifest
                    .windows(name.len())
                    .any(|part| part == name.as_bytes())
            );
        }
    }
    assert_ne!(
        found(&house.trace(&nord.output)).manifest.soft_bindings,
        found(&house.trace(&sea.output)).manifest.soft_bindings
    );
    let report = house.trace(&nord.output);
    let words = InWords(&report).to_string();
    let says = format!(
        "its soft binding is that of delivery {}, which the mark names too",
        nord.delivery.id
    );
    assert!(
        words.contains("\n  c2pa         a manifest that holds") && words.contains(&says),
        "{words}"
    );
    let json = serde_json::to_value(report.document(Audience::Outgoing)).expect("JSON");
    assert_eq!(
        (&json["c2pa"]["state"], &json["c2pa"]["mark"]),
        (&"holds".into(), &"agrees".into())
    );
    let page = Page {
        statement: report.statement(),
        custody: &Custody::of(&nord.output).expect("the copy"),
        exhibits: &Exhibits::default(),
        circumstances: &Circumstances::default(),
        still: None,
        audience: Audience::Outgoing,
    };
    let page = page.to_html().expect("a page");
    assert!(
        page.contains("C2PA manifest") && page.contains(&says),
        "{page}"
    );
    let tracer = Tracer::new(&house.vault).expect("a vault");
    let identified = tracer
        .identify(&Request::new(&nord.output), &Silence)
        .expect("an answer");
    let told = identified.credentials.as_ref().expect("a manifest");
    assert_eq!(
        (told.mark, told.delivery),
        (Agreement::NotAsked, Some(nord.delivery.id))
    );
    assert!(
        InWords(&identified)
            .to_string()
            .contains("the mark was not asked")
    );
    // The master has none.
    assert_eq!(house.trace(&master()).credentials, None);
}

#[test]
fn a_manifest_that_was_tampered_with_accuses_nobody() {
    let house = House::shared();
    let [nord, sea] = &house.copies[..] else {
        panic!("two copies");
    };
    let (own, other) = (
        fs::read(&nord.output).expect("a copy"),
        fs::read(&sea.output).expect("a copy"),
    );

    // A byte of the pictures.
    let mut changed = own.clone();
    let last = changed.len() - 9;
    changed[last] ^= 1;
    let report = house.trace(&house.file("changed.mp4", &changed));
    assert_eq!(found(&report).manifest.state, State::Broken);
    assert_eq!(
        found(&report).manifest.faults,
        ["assertion.bmffHash.mismatch"]
    );
    assert_eq!(
        (report.verdict, found(&report).mark),
        (Verdict::Traced, Agreement::Agrees)
    );
    assert!(
        InWords(&report)
            .to_string()
            .contains("a manifest that does not hold (assertion.bmffHash.mismatch)")
    );

    // Sea's manifest in Nord's copy: Nord is named, by the mark.
    let framed = house.file("framed.mp4", &with_manifest_of(&other, &own));
    let report = house.trace(&framed);
    assert_eq!(report.deliveries[0].delivery, Some(nord.delivery.id));
    assert_eq!(
        (found(&report).manifest.state, found(&report).mark),
        (State::Broken, Agreement::Differs)
    );
    assert_eq!(found(&report).delivery, Some(sea.delivery.id));

    // What is none: a broken box costs no answer.
    let mut broken = own.clone();
    let at = broken
        .windows(4)
        .position(|four| four == b"jumb")
        .expect("a store");
    broken[at..at + 200].fill(0xff);
    let report = house.trace(&house.file("broken.mp4", &broken));
    assert_eq!(report.deliveries[0].delivery, Some(nord.delivery.id));
    assert_eq!(
        (found(&report).manifest.state, found(&report).mark),
        (State::Unreadable, Agreement::NoBinding)
    );
}

/// What a manifest of the master states with such a soft binding.
fn statement(binding: &str) -> Statement<'_> {
    Statement {
        title: "Street",
        format: 2,
        binding,
        version: env!("CARGO_PKG_VERSION"),
    }
}

#[test]
fn a_manifest_of_what_nobody_got_names_nobody() {
    let house = House::shared();
    let nord = &house.copies[0];
    let signed_by = |signer: &Signer, binding: &str, name: &str| {
        let path = house.file(name, b"");
        let done = signer.sign(&statement(binding), &master(), &path, &|| false);
        done.expect("signed");
        path
    };
    // Nord's manifest in the master.
    let signer = house.request(&[]).signer.expect("a signer");
    let signed = signed_by(&signer, &"0".repeat(64), "signed.mp4");
    let signed = fs::read(signed).expect("the master");
    let own = fs::read(&nord.output).expect("a copy");
    let report = house.trace(&house.file("master.mp4", &with_manifest_of(&own, &signed)));
    assert_eq!(
        (report.verdict, found(&report).mark),
        (Verdict::TitleOnly, Agreement::Silent)
    );
    assert!(report.deliveries.is_empty());

    // A stranger's manifest of the master, with Nord's soft binding, holds, and is not the studio's.
    let stranger = Chain::new();
    let stranger = Signer::load(&stranger.certificates(), &stranger.key());
    let stranger = stranger.expect("a chain that signs");
    let register = house.vault.register();
    let of = (nord.delivery.distributor_id, nord.delivery.title_id);
    let (_, binding) = proof::commitments(register, nord.delivery.id, nord.delivery.payload, of);
    let report = house.trace(&signed_by(&stranger, &binding.to_string(), "forged.mp4"));
    assert_eq!(found(&report).manifest.state, State::Holds);
    assert_eq!(
        (found(&report).own_certificate, found(&report).mark),
        (Some(false), Agreement::Silent)
    );
    assert!(report.deliveries.is_empty());
    let words = InWords(&report).to_string();
    let says = "not the certificate on record for that delivery";
    assert!(words.contains(says), "{words}");

    // One of another vault.
    let report = house.trace(&signed_by(&stranger, &"ab".repeat(32), "unknown.mp4"));
    assert_eq!(
        (found(&report).mark, found(&report).delivery),
        (Agreement::NotOnRecord, None)
    );
}

#[test]
fn what_can_hold_no_manifest_is_refused_before_the_work() {
    let house = House::shared();
    let before = house
        .vault
        .register()
        .deliveries(None)
        .expect("deliveries")
        .len();
    for output in ["a.mxf", "a.mkv", "a.ts"] {
        let mut request = house.request(&[output]);
        // A preset of x264's is for none of MXF's encoders.
        request.copies[0].encode = EncodeChoice::default();
        let refused = check(&house.vault, &request).expect_err("refused");
        let is_told =
            matches!(&refused, MasteringError::NoManifest { path } if path.ends_with(output));
        assert!(is_told, "{output}: {refused}");
        assert!(deliver(&house.vault, &request, &()).is_err());
    }
    let after = house
        .vault
        .register()
        .deliveries(None)
        .expect("deliveries")
        .len();
    assert_eq!((before, after), (2, 2));
}
