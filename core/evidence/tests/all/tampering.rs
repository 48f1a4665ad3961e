//! Planted tamperings: each is caught, and named, by this crate and by `verify.py` where it can see it.
//!
//! ```text
//! Left:     a file was changed, and nothing else
//! Stranger: .., and the manifest made and signed anew with another key
//! Studio:   .., and the manifest made and signed anew with the studio's own key: whoever keeps the vault
//! ```

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countermark_evidence::{
    EvidenceKey,
    archive::Files,
    bundle::{AUTHORITY, CASE, HEAD, HEAD_SIGNATURE, KEY, REPORT, STAMP, signed},
    hex::to_hex,
    manifest::{MANIFEST, MINISIG, SIGNATURE, SIGNATURE_AUTHORITY, SIGNATURE_STAMP},
    verify::{Beside, verify_files},
};
use serde_json::{Value, json};

use crate::{
    authority::Authority,
    bundles::edit,
    python,
    specimen::{head, stamped, stamped_files, studio_key},
};

#[derive(Clone, Copy, PartialEq)]
enum Sealed {
    Left,
    Stranger,
    Studio,
}

use Sealed::{Left, Stranger, Studio};

struct Tampering {
    what: &'static str,
    sealed: Sealed,
    /// The link that names it.
    link: &'static str,
    edit: fn(&mut Files),
}

fn flip(files: &mut Files, name: &str, at: usize) {
    let bytes = files.get_mut(name).expect(name);
    bytes[at] ^= 1;
}

fn case(files: &mut Files, change: impl FnOnce(&mut Value)) {
    edit(files, CASE, change);
}

fn accused(files: &mut Files, change: impl FnOnce(&mut Value)) {
    case(files, |case| change(&mut case["accused"][0]));
}

/// Changes the details of the accused's entry of an act.
fn entry(files: &mut Files, act: &str, field: &str, value: &str) {
    accused(files, |one| {
        let entries = one["entries"].as_array_mut().expect("entries");
        let entry = entries
            .iter_mut()
            .find(|entry| entry["act"] == act)
            .expect("an entry");
        let mut details: Value =
            serde_json::from_str(entry["details"].as_str().expect("text")).expect("JSON");
        details[field] = value.into();
        entry["details"] = details.to_string().into();
    });
}

/// Signs the head of the case anew, and puts it into its files.
fn resign_head(files: &mut Files, key: &EvidenceKey) {
    let case: countermark_evidence::Case = serde_json::from_slice(&files[CASE]).expect("a case");
    let mut head = case.ledger.expect("a ledger").head;
    head.key = key.public().to_string();
    head.signature = to_hex(&key.sign(head.text().as_bytes()));
    files.insert(HEAD.into(), head.text().into_bytes());
    files.insert(HEAD_SIGNATURE.into(), head.signature_bytes());
    edit(files, CASE, |case| case["ledger"]["head"] = json!(head));
}

const fn tampering(
    what: &'static str,
    sealed: Sealed,
    link: &'static str,
    edit: fn(&mut Files),
) -> Tampering {
    Tampering {
        what,
        sealed,
        link,
        edit,
    }
}

const TAMPERINGS: &[Tampering] = &[
    // A byte in each part.
    tampering("a byte of the case", Left, "files", |f| flip(f, CASE, 40)),
    tampering("a byte of the soft values", Left, "files", |f| {
        flip(f, "soft/1.bin", 100);
    }),
    tampering("a byte of the report", Left, "files", |f| {
        flip(f, "report.html", 3);
    }),
    tampering("a byte of the report's JSON", Left, "files", |f| {
        flip(f, REPORT, 3);
    }),
    tampering("a byte of the analysis", Left, "files", |f| {
        flip(f, "analysis.json", 0);
    }),
    tampering("a byte of how it was acquired", Left, "files", |f| {
        flip(f, "acquired.json", 5);
    }),
    tampering("a byte of the statement", Left, "files", |f| {
        flip(f, "statement.en.md", 9);
    }),
    tampering("a byte of a sheet", Left, "files", |f| {
        flip(f, "sheets/china-16-17.zh.md", 9);
    }),
    tampering("a byte of the head", Left, "files", |f| flip(f, HEAD, 30)),
    tampering("a byte of the head's signature", Left, "files", |f| {
        flip(f, HEAD_SIGNATURE, 1);
    }),
    tampering("a byte of the stamp", Left, "files", |f| {
        flip(f, STAMP, 200);
    }),
    tampering(
        "a byte of the authority's certificate",
        Left,
        "files",
        |f| flip(f, AUTHORITY, 200),
    ),
    tampering("a byte of the evidence key", Left, "signature", |f| {
        flip(f, KEY, 50);
    }),
    tampering("a byte of the signature", Left, "signature", |f| {
        flip(f, SIGNATURE, 9);
    }),
    tampering("a byte of minisign's signature", Left, "signature", |f| {
        flip(f, MINISIG, 90);
    }),
    tampering(
        "another key's number for minisign",
        Left,
        "signature",
        |f| {
            flip(f, MINISIG, 66);
        },
    ),
    tampering("minisign's first comment", Left, "signature", |f| {
        flip(f, MINISIG, 16);
    }),
    tampering("the comment that minisign signs", Left, "signature", |f| {
        flip(f, MINISIG, 184);
    }),
    tampering("the signature of that comment", Left, "signature", |f| {
        flip(f, MINISIG, 211);
    }),
    tampering("a digest in the manifest", Left, "signature", |f| {
        edit(f, MANIFEST, |m| m["files"][0]["bytes"] = 1.into());
    }),
    tampering("a file that is missing", Left, "files", |f| {
        drop(f.remove("soft/1.bin"));
    }),
    tampering("a file that was added", Left, "files", |f| {
        drop(f.insert("more.txt".into(), vec![1]));
    }),
    // Another key.
    tampering("a manifest signed by another key", Stranger, "key", |_| {}),
    tampering(
        "a manifest and a head signed by another key",
        Stranger,
        "stamp",
        |f| {
            resign_head(f, &EvidenceKey::of_seed([8; 32]));
        },
    ),
    tampering("another key on record", Stranger, "key", |f| {
        resign_head(f, &EvidenceKey::of_seed([8; 32]));
        let key = EvidenceKey::of_seed([8; 32]).public().to_string();
        case(f, |c| {
            c["ledger"]["key_entry"]["details"] = json!({"key": key}).to_string().into();
        });
    }),
    // The ledger.
    tampering("a head of more entries", Studio, "stamp", |f| {
        case(f, |c| c["ledger"]["head"]["size"] = 9.into());
        resign_head(f, &studio_key());
    }),
    tampering("a head dated back", Studio, "stamp", |f| {
        case(f, |c| {
            c["ledger"]["head"]["time"] = "2020-01-01T00:00:00.000Z".into();
        });
        resign_head(f, &studio_key());
    }),
    tampering("another root", Studio, "entries 1", |f| {
        case(f, |c| c["ledger"]["head"]["root"] = to_hex(&[9; 32]).into());
        resign_head(f, &studio_key());
    }),
    tampering("a stamp of another head", Studio, "stamp", |f| {
        let authority = Authority::new();
        let stamp = stamped(&head(true), &authority);
        f.insert(
            STAMP.into(),
            STANDARD.decode(&stamp.response).expect("base64"),
        );
        f.insert(AUTHORITY.into(), authority.certificate().into_bytes());
        let facts = json!(stamp.facts);
        case(f, |c| c["ledger"]["stamp"] = facts);
    }),
    tampering("a stamp of another authority", Studio, "stamp", |f| {
        f.insert(
            AUTHORITY.into(),
            Authority::new().certificate().into_bytes(),
        );
    }),
    tampering("a stamp said to be older", Studio, "stamp", |f| {
        case(f, |c| {
            c["ledger"]["stamp"]["time"] = "2020-01-01T00:00:00Z".into();
        });
    }),
    tampering("a stamp that the case forgets", Studio, "stamp", |f| {
        case(f, |c| c["ledger"]["stamp"] = Value::Null);
    }),
    tampering("a stamp that is missing", Studio, "stamp", |f| {
        drop(f.remove(STAMP));
    }),
    tampering("a head that is missing", Studio, "head", |f| {
        drop(f.remove(HEAD));
    }),
    tampering("an entry with another payload", Studio, "entries 1", |f| {
        entry(f, "delivery-begun", "payload", "fedcba9876543210");
    }),
    tampering("an entry with another licensee", Studio, "entries 1", |f| {
        entry(f, "delivery-begun", "licensee", "screening 5");
    }),
    tampering(
        "an entry with another distributor's name",
        Studio,
        "entries 1",
        |f| {
            entry(f, "distributor-added", "name", "Südlicht");
            accused(f, |one| one["distributor"] = "Südlicht".into());
        },
    ),
    tampering("a renaming that is left out", Studio, "entries 1", |f| {
        accused(f, |one| {
            one["entries"].as_array_mut().expect("entries").remove(1);
        });
    }),
    tampering("an entry dated back", Studio, "entries 1", |f| {
        accused(f, |one| {
            one["entries"][2]["time"] = "2020-01-01T00:00:00.000Z".into();
        });
    }),
    tampering("an entry that is left out", Studio, "entries 1", |f| {
        accused(f, |one| {
            one["entries"].as_array_mut().expect("entries").truncate(2);
        });
    }),
    tampering("a path with another hash", Studio, "entries 1", |f| {
        accused(f, |one| {
            one["entries"][0]["inclusion"][0] = to_hex(&[1; 32]).into();
        });
    }),
    tampering("another number of an entry", Studio, "entries 1", |f| {
        accused(f, |one| one["entries"][0]["seq"] = 4.into());
    }),
    // The working files.
    tampering("a working file dated back", Studio, "records", |f| {
        case(f, |c| {
            c["records"]["entries"][0]["time"] = "2020-01-01T00:00:00.000Z".into();
        });
    }),
    tampering("a working file added to an entry", Studio, "records", |f| {
        case(f, |c| {
            let entry = &mut c["records"]["entries"][0]["details"];
            *entry = entry
                .as_str()
                .expect("text")
                .replace("script.pdf", "film.mov")
                .into();
        });
    }),
    tampering(
        "another act as one of working files",
        Studio,
        "records",
        |f| {
            case(f, |c| {
                c["records"]["entries"][0] = c["ledger"]["key_entry"].clone();
            });
        },
    ),
    // The stamp of the bundle.
    tampering(
        "a byte of the bundle\u{2019}s stamp",
        Left,
        "bundle stamp",
        |f| {
            let last = f[SIGNATURE_STAMP].len() - 1;
            flip(f, SIGNATURE_STAMP, last);
        },
    ),
    tampering(
        "another authority of the bundle",
        Left,
        "bundle stamp",
        |f| {
            let other = Authority::new().certificate();
            f.insert(SIGNATURE_AUTHORITY.into(), other.into_bytes());
        },
    ),
    tampering(
        "the head\u{2019}s stamp for the bundle\u{2019}s",
        Left,
        "bundle stamp",
        |f| {
            f.insert(SIGNATURE_STAMP.into(), f[STAMP].clone());
        },
    ),
    tampering("certificates without a stamp", Left, "bundle stamp", |f| {
        drop(f.remove(SIGNATURE_STAMP));
    }),
    tampering(
        "a bundle sealed anew after its stamp",
        Studio,
        "bundle stamp",
        |f| {
            flip(f, "report.html", 3);
        },
    ),
    // Who is accused.
    tampering("a swapped distributor", Studio, "entries 1", |f| {
        accused(f, |one| one["distributor"] = "Südlicht".into());
    }),
    tampering("a swapped delivery", Studio, "entries 1", |f| {
        accused(f, |one| one["delivery"] = to_hex(&[4; 16]).into());
    }),
    tampering("a swapped payload", Studio, "entries 1", |f| {
        accused(f, |one| one["payload"] = "fedcba9876543210".into());
    }),
    tampering("a swapped title", Studio, "entries 1", |f| {
        accused(f, |one| one["title"] = "Mittag".into());
    }),
    tampering("a swapped key", Studio, "commitment 1", |f| {
        accused(f, |one| one["delivery_key"] = to_hex(&[6; 32]).into());
    }),
    tampering("a swapped commitment", Studio, "commitment 1", |f| {
        accused(f, |one| one["commitment"] = to_hex(&[6; 32]).into());
    }),
    tampering(
        "a swapped commitment to the payload",
        Studio,
        "commitment 1",
        |f| {
            accused(f, |one| one["payload_commitment"] = to_hex(&[6; 32]).into());
        },
    ),
    tampering("nobody accused", Studio, "accused", |f| {
        case(f, |c| c["accused"] = json!([]));
    }),
    // The arithmetic.
    tampering("a soft value", Studio, "score 1", |f| {
        flip(f, "soft/1.bin", 2056 + 9);
    }),
    tampering("an epoch of soft values", Studio, "score 1", |f| {
        flip(f, "soft/1.bin", 5 * 2056);
    }),
    tampering("a row of soft values left out", Studio, "score 1", |f| {
        let bytes = f.get_mut("soft/1.bin").expect("soft values");
        bytes.truncate(5 * 2056);
    }),
    tampering("another score", Studio, "score 1", |f| {
        accused(f, |one| {
            one["t"] = (one["t"].as_f64().expect("t") + 1e-9).into();
        });
    }),
    tampering("a higher score with its bound", Studio, "score 1", |f| {
        accused(f, |one| one["t"] = 60.0.into());
    }),
    tampering("a hypothesis count lowered", Studio, "bound 1", |f| {
        accused(f, |one| one["hypotheses"][9]["count"] = 1.into());
    }),
    tampering("a hypothesis count of nothing", Studio, "bound 1", |f| {
        accused(f, |one| one["hypotheses"][9]["count"] = 0.into());
    }),
    tampering("a hypothesis left out", Studio, "bound 1", |f| {
        accused(f, |one| {
            one["hypotheses"].as_array_mut().expect("factors").remove(0);
        });
    }),
    tampering("a lower bound", Studio, "bound 1", |f| {
        accused(f, |one| one["log10_bound"] = (-99.0).into());
    }),
    tampering("a lower threshold", Studio, "bound 1", |f| {
        accused(f, |one| one["threshold_t"] = 1.0.into());
    }),
    tampering("noise for a verdict", Studio, "verdict 1", |f| {
        accused(f, |one| one["t"] = 1.0.into());
    }),
    // What is said beside it.
    tampering("a report about somebody else", Studio, "report", |f| {
        edit(f, REPORT, |r| {
            r["deliveries"][0]["distributor"] = "Südlicht".into();
        });
    }),
    tampering("a report with another count", Studio, "report", |f| {
        edit(f, REPORT, |r| {
            r["deliveries"][0]["hypotheses"]["views"] = 7.into();
        });
    }),
    tampering("an innocent above the threshold", Studio, "next", |f| {
        case(f, |c| c["next"][0]["score_at_most"] = 40.into());
    }),
    tampering("how it was acquired left out", Studio, "acquired", |f| {
        drop(f.remove("acquired.json"));
    }),
];

/// Most of the time programs are waited for.
const AT_ONCE: usize = 4;

#[test]
fn every_tampering_is_caught_and_named_by_both_verifiers() {
    assert!(TAMPERINGS.len() >= 40);
    std::thread::scope(|scope| {
        for part in TAMPERINGS.chunks(TAMPERINGS.len().div_ceil(AT_ONCE)) {
            scope.spawn(move || part.iter().for_each(is_caught));
        }
    });
}

fn is_caught(tampering: &Tampering) {
    let Tampering {
        what, sealed, link, ..
    } = tampering;
    let mut files = stamped_files().clone();
    (tampering.edit)(&mut files);
    let key = match sealed {
        Left => None,
        Stranger => Some(EvidenceKey::of_seed([8; 32])),
        Studio => Some(studio_key()),
    };
    if let Some(key) = key {
        files = signed(files, &key).expect("signed");
    }
    match verify_files(&files, Beside::default()) {
        Ok(found) => {
            let is_named = found
                .links
                .iter()
                .any(|l| l.name == *link && l.state == countermark_evidence::verify::State::Broken);
            assert!(is_named, "{what}: {link} is not named\n{found}");
        }
        // A byte of the case may leave no JSON: that is said as well.
        Err(error) => assert_eq!(*link, "files", "{what}: {error}"),
    }
    let said = python::verify(&files);
    assert!(matches!(said.code, Some(1 | 2)), "{what}: {}", said.text);
    if said.code == Some(1) {
        let broken = said.broken();
        assert!(
            broken.iter().any(|name| name == link),
            "{what}: {link} is not named\n{}",
            said.text
        );
    } else {
        assert_eq!(*link, "files", "{what}: {}", said.text);
    }
}

#[test]
fn a_changed_verifier_is_told_by_the_program() {
    let mut files = stamped_files().clone();
    files.insert("verify.py".into(), b"print('the bundle holds')".to_vec());
    let files = signed(files, &studio_key()).expect("signed");
    let found = verify_files(&files, Beside::default()).expect("a bundle");
    let link = found
        .links
        .iter()
        .find(|link| link.name == "verifier")
        .expect("the link");
    assert_eq!(link.state, countermark_evidence::verify::State::Unchecked);
}
