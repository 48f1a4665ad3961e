//! The verification of a bundle, link by link: what holds, what does not, and what could not be looked at.
//!
//! ```text
//! files -> signature -> key -> head -> stamp                 the bundle is the studio's, and the studio had bound itself before
//! entries -> commitment -> score -> bound -> verdict         for each of the accused: the arithmetic, from the key on
//! report, next, records, verifier, clip, bundle stamp        what is said beside it
//! ```
//!
//! Nothing of the vault is needed, and nothing of the bundle is believed: every value is computed again from those before it.

use std::{fmt, io::Read as _, path::Path};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    EvidenceError,
    archive::{self, Files},
    bundle::{
        ACQUIRED, AUTHORITY, CASE, COMMENT, HEAD, HEAD_SIGNATURE, KEY, REPORT, STAMP, VERIFIER,
        VERIFY_PY,
    },
    case::{Case, SCHEMA, THRESHOLD_LOG10},
    head::SignedHead,
    hex::{from_hex, to_hex},
    key::EvidencePublicKey,
    manifest::{MANIFEST, MINISIG, Manifest, SIGNATURE},
    merkle::Hash,
    stamp,
};

mod accused;
mod link;
mod records;
mod sealed;

pub use link::{Link, State};

use link::{broken, holds, unchecked};

/// What is known beside the bundle.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The clip.
    pub clip: Option<&'a Path>,
    /// The studio's evidence key as it was published.
    pub key: Option<EvidencePublicKey>,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Every link.
    pub links: Vec<Link>,
    /// Whom the bundle names, as far as it holds.
    pub accused: Vec<String>,
    /// The evidence key that signed it, hex.
    pub key: Option<String>,
}

impl Verification {
    /// Whether no link is broken.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.links.iter().all(|link| link.state != State::Broken)
    }

    /// The first broken link.
    #[must_use]
    pub fn broken(&self) -> Option<&Link> {
        self.links.iter().find(|link| link.state == State::Broken)
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for link in &self.links {
            writeln!(f, "{link}")?;
        }
        if let Some(key) = &self.key {
            writeln!(
                f,
                "evidence key {key}: compare it with the one that the studio published"
            )?;
        }
        let count = |state| self.links.iter().filter(|link| link.state == state).count();
        let (good, open) = (count(State::Holds), count(State::Unchecked));
        match self.broken() {
            None if open == 0 => write!(f, "the bundle holds: {good} links"),
            None => write!(
                f,
                "the bundle holds: {good} links, {open} could not be checked"
            ),
            Some(_) => write!(
                f,
                "the bundle does not hold: {} broken links",
                count(State::Broken)
            ),
        }
    }
}

/// Verifies the bundle at `path`.
///
/// # Errors
/// When it cannot be read as a bundle: [`EvidenceError::File`], [`EvidenceError::Archive`], [`EvidenceError::Hostile`],
/// [`EvidenceError::Newer`], [`EvidenceError::Part`].
pub fn verify(path: &Path, beside: Beside<'_>) -> Result<Verification, EvidenceError> {
    verify_files(&archive::open(path)?, beside)
}

/// Verifies a bundle that is unpacked.
///
/// # Errors
/// [`EvidenceError::Newer`], [`EvidenceError::Part`].
pub fn verify_files(files: &Files, beside: Beside<'_>) -> Result<Verification, EvidenceError> {
    // Before its fields are asked for: a newer form may have others.
    let manifest_bytes = part(files, MANIFEST)?;
    known(MANIFEST, manifest_bytes)?;
    let manifest: Manifest = parsed(MANIFEST, manifest_bytes)?;
    let case_bytes = part(files, CASE)?;
    known(CASE, case_bytes)?;
    let case: Case = parsed(CASE, case_bytes)?;
    let mut links = vec![match manifest.difference(files) {
        None => holds(
            "files",
            format!("{} files have their digests", manifest.files.len()),
        ),
        Some(difference) => broken("files", difference),
    }];
    let key = files
        .get(KEY)
        .and_then(|pem| EvidencePublicKey::of_pem(std::str::from_utf8(pem).ok()?));
    links.push(signature(files, manifest_bytes, key.as_ref()));
    links.push(key_on_record(&case, key, beside.key));
    links.push(head(files, &case));
    links.push(stamped(files, &case));
    if case.accused.is_empty() {
        links.push(broken("accused", "nobody is accused"));
    }
    let root = case.ledger.as_ref().and_then(|ledger| {
        let root: Hash = from_hex(&ledger.head.root)?;
        Some((ledger.head.size, root))
    });
    for (at, accused) in case.accused.iter().enumerate() {
        links.extend(accused::links(at + 1, accused, files, root));
    }
    links.push(report(files, &case));
    links.push(next(&case));
    links.push(acquired(files, &case));
    links.extend(records::link(&case, root));
    links.push(sealed::link(files));
    links.push(match files.get(VERIFIER) {
        Some(own) if own == VERIFY_PY.as_bytes() => {
            holds("verifier", "verify.py is the one of this program")
        }
        Some(_) => unchecked(
            "verifier",
            "verify.py is another one than this program\u{2019}s",
        ),
        None => broken("verifier", "verify.py is missing"),
    });
    links.push(clip(&case, beside.clip)?);
    if !case.warnings.is_empty() {
        let said = case.warnings.join("; ");
        links.push(unchecked(
            "register",
            format!("the bundle warns of its register: {said}"),
        ));
    }
    let names = case.accused.iter();
    let names = names.map(|one| format!("{} ({})", one.distributor, one.payload));
    Ok(Verification {
        links,
        accused: names.collect(),
        key: key.map(|key| key.to_string()),
    })
}

fn part<'a>(files: &'a Files, name: &str) -> Result<&'a [u8], EvidenceError> {
    let found = files.get(name).map(Vec::as_slice);
    found.ok_or_else(|| EvidenceError::Part {
        name: name.to_owned(),
        reason: "it is missing".to_owned(),
    })
}

fn parsed<'a, T: serde::Deserialize<'a>>(name: &str, bytes: &'a [u8]) -> Result<T, EvidenceError> {
    serde_json::from_slice(bytes).map_err(|error| EvidenceError::Part {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// Refuses a newer form.
fn known(name: &str, bytes: &[u8]) -> Result<(), EvidenceError> {
    #[derive(serde::Deserialize)]
    struct Version {
        schema: u64,
    }
    let Version { schema: found } = parsed(name, bytes)?;
    if found > SCHEMA {
        return Err(EvidenceError::Newer {
            found,
            known: SCHEMA,
        });
    }
    Ok(())
}

fn signature(files: &Files, manifest: &[u8], key: Option<&EvidencePublicKey>) -> Link {
    const NAME: &str = "signature";
    let Some(key) = key else {
        return broken(NAME, "evidence-key.pem is no Ed25519 key");
    };
    let Some(own) = files.get(SIGNATURE) else {
        return broken(NAME, "manifest.sig is missing");
    };
    if !key.holds(manifest, own) {
        return broken(
            NAME,
            "manifest.sig is not the evidence key\u{2019}s for manifest.json",
        );
    }
    let minisig = files
        .get(MINISIG)
        .and_then(|text| std::str::from_utf8(text).ok());
    if minisig.is_none_or(|file| !key.holds_minisign(own, COMMENT, file)) {
        return broken(NAME, "manifest.json.minisig is not that of manifest.sig");
    }
    holds(NAME, "the manifest is signed by the evidence key")
}

fn key_on_record(
    case: &Case,
    key: Option<EvidencePublicKey>,
    published: Option<EvidencePublicKey>,
) -> Link {
    const NAME: &str = "key";
    let Some(key) = key else {
        return broken(NAME, "there is no evidence key");
    };
    if published.is_some_and(|published| published != key) {
        return broken(NAME, "the evidence key is not the one that was published");
    }
    let Some(ledger) = &case.ledger else {
        return unchecked(
            NAME,
            "no head of the ledger: the evidence key is not on record",
        );
    };
    let hex = key.to_string();
    if ledger.head.key != hex {
        return broken(NAME, "bundle and head are signed by different keys");
    }
    let entry = &ledger.key_entry;
    let details: Option<serde_json::Value> = serde_json::from_str(&entry.details).ok();
    if entry.act != "evidence-key-made"
        || details.is_none_or(|details| details["key"] != hex.as_str())
    {
        return broken(NAME, "the ledger has another evidence key on record");
    }
    if entry.root(ledger.head.size) != from_hex(&ledger.head.root) {
        return broken(
            NAME,
            "the entry of the evidence key is not in the head\u{2019}s tree",
        );
    }
    holds(
        NAME,
        format!(
            "the evidence key is on record since {}, entry {}",
            entry.time, entry.seq
        ),
    )
}

fn head(files: &Files, case: &Case) -> Link {
    const NAME: &str = "head";
    let Some(ledger) = &case.ledger else {
        return unchecked(NAME, "the bundle holds no head of the ledger");
    };
    let signature = files.get(HEAD_SIGNATURE).map(Vec::as_slice);
    let text = files
        .get(HEAD)
        .and_then(|text| std::str::from_utf8(text).ok());
    let found = text.and_then(|text| SignedHead::of_text(text, signature.unwrap_or_default()));
    if found.as_ref() != Some(&ledger.head) {
        return broken(NAME, "ledger/head.txt is not the head of the case");
    }
    if !ledger.head.is_signed() {
        return broken(
            NAME,
            "the head\u{2019}s signature is not the evidence key\u{2019}s",
        );
    }
    let SignedHead { size, time, .. } = &ledger.head;
    holds(
        NAME,
        format!("{size} entries, signed {time} by the studio\u{2019}s clock"),
    )
}

fn stamped(files: &Files, case: &Case) -> Link {
    const NAME: &str = "stamp";
    let Some(ledger) = &case.ledger else {
        return unchecked(NAME, "no head, so no stamp of it");
    };
    let Some(facts) = &ledger.stamp else {
        if files.contains_key(STAMP) {
            return broken(NAME, "ledger/stamp.tsr is of no head of the case");
        }
        return unchecked(
            NAME,
            "no third party stamped the head: its time rests on the studio\u{2019}s word",
        );
    };
    let (Some(response), Some(authority)) = (files.get(STAMP), files.get(AUTHORITY)) else {
        return broken(NAME, "ledger/stamp.tsr or ledger/authority.pem is missing");
    };
    let text = ledger.head.text();
    let found = match stamp::facts_of(&text, response) {
        Ok(found) => found,
        Err(error) => return broken(NAME, error.to_string()),
    };
    if found != *facts {
        return broken(NAME, "the stamp says something else than the case");
    }
    let authority = String::from_utf8_lossy(authority);
    match stamp::verify(&text, response, &authority, facts) {
        Ok(()) => {
            let mut said = format!("stamped {} under policy {}", facts.time, facts.policy);
            if facts.claims_qualified {
                said += ", by a token that claims to be qualified";
            }
            if facts.time.get(..19) < ledger.head.time.get(..19) {
                said += "; a clock is wrong, for the studio\u{2019}s said ";
                said += &ledger.head.time;
                said += " before";
            }
            holds(NAME, said)
        }
        Err(EvidenceError::NoOpenssl(_)) => unchecked(
            NAME,
            "openssl cannot be run, so only the stamp\u{2019}s digest was compared",
        ),
        Err(error) => broken(NAME, error.to_string()),
    }
}

/// The report says what the case says.
fn report(files: &Files, case: &Case) -> Link {
    const NAME: &str = "report";
    let report: Option<serde_json::Value> = files
        .get(REPORT)
        .and_then(|bytes| serde_json::from_slice(bytes).ok());
    let Some(report) = report else {
        return broken(NAME, "report.json cannot be read");
    };
    let Some(named) = report["deliveries"].as_array() else {
        return broken(NAME, "report.json names no deliveries");
    };
    let same = named.len() == case.accused.len()
        && named.iter().zip(&case.accused).all(|(told, own)| {
            let near = |field: &str, value: f64| {
                told[field]
                    .as_f64()
                    .is_some_and(|told| (told - value).abs() < 2e-3)
            };
            let counts = |factor: &crate::case::Factor| {
                told["hypotheses"][&factor.name].as_u64() == Some(factor.count)
            };
            told["payload"] == own.payload.as_str()
                && told["distributor"] == own.distributor.as_str()
                && near("t", own.t)
                && near("log10_bound", own.log10_bound)
                && own.hypotheses.iter().all(counts)
        });
    if same {
        holds(NAME, "report.json says what the case says")
    } else {
        broken(NAME, "report.json says something else than the case")
    }
}

fn next(case: &Case) -> Link {
    const NAME: &str = "next";
    let thresholds = case.accused.iter().map(|accused| accused.threshold_t);
    let most = thresholds.fold(0.0_f64, f64::max).ceil();
    let own: Vec<_> = case
        .accused
        .iter()
        .map(|accused| &accused.commitment)
        .collect();
    let is_right = |next: &crate::case::Next| {
        next.score_at_most as f64 <= most
            && (next.commitment.is_none() || !own.contains(&&next.commitment))
    };
    if case.next.len() > 10 || !case.next.iter().all(is_right) {
        return broken(
            NAME,
            "deliveries that are not accused are told with scores that would accuse",
        );
    }
    holds(
        NAME,
        format!("{} deliveries came next and stay closed", case.next.len()),
    )
}

fn acquired(files: &Files, case: &Case) -> Link {
    match (case.suspect.acquired, files.contains_key(ACQUIRED)) {
        (true, true) => holds("acquired", "the bundle says how the clip was acquired"),
        (false, false) => unchecked(
            "acquired",
            "the bundle does not say how the clip was acquired",
        ),
        _ => broken("acquired", "acquired.json is not what the case says"),
    }
}

fn clip(case: &Case, clip: Option<&Path>) -> Result<Link, EvidenceError> {
    const NAME: &str = "clip";
    let Some(path) = clip else {
        return Ok(unchecked(NAME, "the clip was not given"));
    };
    let mut file = std::fs::File::open(path).map_err(EvidenceError::file("open", path))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file
            .read(&mut piece)
            .map_err(EvidenceError::file("read", path))?;
        if read == 0 {
            break;
        }
        hash.update(&piece[..read]);
    }
    Ok(if to_hex(&hash.finalize()) == case.suspect.sha256 {
        holds(NAME, "the clip is the one that was analysed")
    } else {
        broken(
            NAME,
            "the clip is another file than the one that was analysed",
        )
    })
}

/// Whether a bound accuses.
fn accuses(log10_bound: f64) -> bool {
    log10_bound < THRESHOLD_LOG10
}
