//! A studio in a few lines: a ledger, keys, a delivery that leaked, and the bundle of its case.

use std::sync::OnceLock;

use countermark_evidence::{
    Bundle, Case, Commitment, EvidenceKey, OpenedEntry, ProcessRecords, SignedHead, SoftRows,
    Stamp,
    archive::{self, Files},
    case::{Accused, Factor, LedgerProof, Next, SCHEMA, Suspect, THRESHOLD_LOG10},
    entry_hash,
    hex::to_hex,
    merkle::Tree,
    sealing, stamp,
};
use countermark_mark::{
    Hypotheses, Payload,
    bound::score_for,
    code::fingerprint::signs,
    key::{DeliveryKey, StreamKey},
};
use serde_json::json;

use crate::authority::Authority;

/// The bytes of the clip.
pub(crate) const CLIP: &[u8] = b"the clip that leaked";
const DELIVERY: [u8; 16] = [3; 16];
const PAYLOAD: u64 = 0x0123_4567_89ab_cdef;

/// The studio's evidence key.
pub(crate) fn studio_key() -> EvidenceKey {
    EvidenceKey::of_seed([41; 32])
}

/// The key of the delivery that leaked.
pub(crate) fn delivery_key() -> DeliveryKey {
    DeliveryKey::from_bytes([7; 32])
}

/// Soft values of so many epochs, a third signal and the rest noise.
fn soft_rows(epochs: u64) -> SoftRows {
    let key = delivery_key();
    let mut noise = StreamKey::from_bytes([9; 32]).stream(0);
    SoftRows::of_rows((10..10 + epochs).map(|epoch| {
        let own = signs(&key, epoch);
        let values = own.map(|sign| {
            let noise = noise.below(2001) as f32 / 1000.0 - 1.0;
            0.2 * sign + noise
        });
        (epoch, values)
    }))
}

struct Ledger {
    entries: Vec<OpenedEntry>,
    tree: Tree,
    last: [u8; 32],
}

impl Ledger {
    fn append(&mut self, act: &str, details: &serde_json::Value) {
        let (seq, details) = (self.entries.len() as i64 + 1, details.to_string());
        let time = format!("2026-11-01T00:00:0{}.000Z", seq % 10);
        let hash = entry_hash(&self.last, seq, &time, act, &details);
        self.entries.push(OpenedEntry {
            seq,
            time,
            act: act.to_owned(),
            details,
            previous: to_hex(&self.last),
            inclusion: Vec::new(),
        });
        self.tree.push(&hash);
        self.last = hash;
    }

    fn opened(&self, acts: &[&str]) -> Vec<OpenedEntry> {
        let wanted = self
            .entries
            .iter()
            .filter(|entry| acts.contains(&entry.act.as_str()));
        let opened = wanted.map(|entry| {
            let path = self.tree.inclusion(entry.seq as u64 - 1, self.tree.size());
            entry.clone().included(&path.expect("an entry"))
        });
        opened.collect()
    }
}

fn ledger() -> Ledger {
    let mut ledger = Ledger {
        entries: Vec::new(),
        tree: Tree::default(),
        last: [0; 32],
    };
    let key = delivery_key();
    let (title, distributor) = (to_hex(&[1; 16]), to_hex(&[2; 16]));
    ledger.append("vault-created", &json!({"schema": 3}));
    ledger.append(
        "evidence-key-made",
        &json!({"key": studio_key().public().to_string()}),
    );
    ledger.append(
        "title-added",
        &json!({"title": title, "name": "Arbeitstitel"}),
    );
    ledger.append(
        "title-renamed",
        &json!({"title": title, "name": "Nachtlicht"}),
    );
    ledger.append(
        "distributor-added",
        &json!({"distributor": distributor, "name": "Nordlicht"}),
    );
    ledger.append(
        "files-recorded",
        &json!({"title": title, "stage": "script", "files": [
            {"name": "script.pdf", "bytes": 3, "sha256": to_hex(&[6; 32])},
            {"name": "notes.txt", "bytes": 4, "sha256": to_hex(&[7; 32])},
        ]}),
    );
    ledger.append(
        "delivery-begun",
        &json!({
            "delivery": to_hex(&DELIVERY),
            "payload": format!("{PAYLOAD:016x}"),
            "title": title,
            "distributor": distributor,
            "licensee": "screening 4",
            "commitment": Commitment::of_key(DELIVERY, &key).to_string(),
            "payload_commitment": Commitment::of_payload(DELIVERY, Payload::new(PAYLOAD), &key).to_string(),
        }),
    );
    ledger.append(
        "delivery-completed",
        &json!({"delivery": to_hex(&DELIVERY)}),
    );
    ledger
}

/// A head of the ledger as it was, or with an entry more.
pub(crate) fn head(more: bool) -> SignedHead {
    let mut ledger = ledger();
    if more {
        ledger.append("key-exported", &json!({}));
    }
    let size = ledger.tree.size();
    let root = ledger.tree.root(size).expect("a root");
    SignedHead::sign(size, &root, "2026-11-02T00:00:00.000Z", &studio_key())
}

/// The case, without and with a stamp.
pub(crate) fn case(stamp: Option<&Stamp>) -> (Case, SoftRows) {
    let (ledger, key, soft) = (ledger(), delivery_key(), soft_rows(6));
    let score = soft.score(&key);
    let count = |name: &str| match name {
        "decisions" => 2,
        "views" => 6,
        "deliveries" => 40,
        _ => 1,
    };
    let names = [
        "clips",
        "decisions",
        "titles",
        "formats",
        "views",
        "readings",
        "poses",
        "sections",
        "shifts",
        "deliveries",
        "keys",
        "list",
        "looks",
    ];
    let factors = names.map(|name| Factor {
        name: name.to_owned(),
        count: count(name),
        what: format!("what {name} counts"),
    });
    let product = factors
        .iter()
        .map(|f| f.count)
        .fold(Hypotheses::ONE, Hypotheses::times);
    let accused = Accused {
        distributor: "Nordlicht".into(),
        title: "Nachtlicht".into(),
        licensee: Some("screening 4".into()),
        delivery: Some(to_hex(&DELIVERY)),
        payload: format!("{PAYLOAD:016x}"),
        delivery_key: to_hex(key.expose_bytes()),
        soft: "soft/1.bin".into(),
        rows: soft.rows(),
        t: score.value(),
        threshold_t: score_for(THRESHOLD_LOG10, product).value(),
        log10_bound: score.log10_p(product),
        hypotheses: factors.into(),
        decision: "closed".into(),
        commitment: Some(Commitment::of_key(DELIVERY, &key).to_string()),
        payload_commitment: Some(
            Commitment::of_payload(DELIVERY, Payload::new(PAYLOAD), &key).to_string(),
        ),
        entries: ledger.opened(&[
            "title-added",
            "title-renamed",
            "distributor-added",
            "delivery-begun",
            "delivery-completed",
        ]),
    };
    let case = Case {
        schema: SCHEMA,
        suspect: Suspect {
            file: "leak.mp4".into(),
            bytes: CLIP.len() as u64,
            // sha256sum of CLIP.
            sha256: "fe695b1643613494045ae086eada00889069a1d4979a2aca009a96b5b95d4337".into(),
            acquired: true,
        },
        title: Some("Nachtlicht".into()),
        matches: json!([]),
        pictures_compared: true,
        threshold_log10: THRESHOLD_LOG10,
        accused: vec![accused],
        next: vec![Next {
            commitment: Some(to_hex(&[5; 32])),
            score_at_most: 5,
        }],
        ledger: Some(LedgerProof {
            head: head(false),
            key_entry: ledger.opened(&["evidence-key-made"]).remove(0),
            stamp: stamp.map(|stamp| stamp.facts.clone()),
        }),
        warnings: Vec::new(),
        records: Some(ProcessRecords {
            entries: ledger.opened(&["files-recorded"]),
            later: 1,
        }),
    };
    (case, soft)
}

/// The report that goes with it.
fn report(case: &Case) -> Vec<u8> {
    let one = &case.accused[0];
    let counts = one
        .hypotheses
        .iter()
        .map(|f| (f.name.clone(), json!(f.count)));
    let counts: serde_json::Map<String, serde_json::Value> = counts.collect();
    json!({"deliveries": [{
        "payload": one.payload,
        "distributor": one.distributor,
        "t": (one.t * 1000.0).round() / 1000.0,
        "log10_bound": (one.log10_bound * 1000.0).ceil() / 1000.0,
        "hypotheses": counts,
    }]})
    .to_string()
    .into_bytes()
}

/// A stamp of a head by an authority.
pub(crate) fn stamped(head: &SignedHead, authority: &Authority) -> Stamp {
    let request = stamp::request(&stamp::digest_of(&head.text()));
    let response = authority.answer(&request);
    stamp::accept(&head.text(), &response, &authority.certificate()).expect("a stamp")
}

/// The bundle's files with a stamp of the head and one of the bundle, made once.
pub(crate) fn stamped_files() -> &'static Files {
    static FILES: OnceLock<Files> = OnceLock::new();
    FILES.get_or_init(|| {
        let authority = Authority::new();
        let stamp = stamped(&head(false), &authority);
        let mut files = files(Some(&stamp));
        let request = sealing::request(&files).expect("a signature");
        let response = authority.answer(&request);
        sealing::take(&mut files, &response, &authority.certificate()).expect("a stamp");
        files
    })
}

/// The bundle's files.
pub(crate) fn files(stamp: Option<&Stamp>) -> Files {
    let (case, soft) = case(stamp);
    let zip = Bundle::new(&case, &[soft], stamp)
        .expect("a bundle")
        .with("report.json", report(&case))
        .with("report.html", b"<p>Nordlicht</p>".to_vec())
        .with("analysis.json", b"{}".to_vec())
        .with(
            "acquired.json",
            b"{\"url\": \"https://example.org\"}".to_vec(),
        )
        .seal(&studio_key())
        .expect("sealed");
    archive::unpack(std::io::Cursor::new(zip)).expect("a bundle")
}
