//! Time stamps of a third party for heads of the ledger and for bundles (RFC 3161).
//!
//! ```text
//! head's text, bundle's signature -> SHA-256 -> request (59 bytes of DER) -> authority, online or carried by hand -> response with a signed token
//! response -> facts: digest, time, policy, serial number      -> `openssl ts -verify`: signature and certificates
//! ```
//!
//! Facts are read here; the signature, which may be of any algorithm and chain, is verified by the program `openssl`, at the time
//! the token names: a certificate that has expired since says nothing against a token made before.
//!
//! # Shapes and units
//! Digests have 32 bytes; times are RFC 3339 in UTC; object identifiers are dotted, serial numbers hex.
//! # References
//! Adams, Cain, Pinkas and Zuccherato 2001, RFC 3161, sections 2.4 and 3.4. ETSI EN 319 422 V1.1.1, section 9.1: what a token says of
//! itself that claims to be qualified in the European Union.

use std::{fs, io, process::Command};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{EvidenceError, hex::to_hex};

mod der;
mod facts;

pub use facts::StampFacts;

/// A request up to its digest: version 1, SHA-256.
const REQUEST: [u8; 24] = [
    0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
    0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// After it: the authority's certificate is wanted in the token.
const WITH_CERTIFICATE: [u8; 3] = [0x01, 0x01, 0xff];

/// A response larger than this is none.
const MOST_BYTES: u64 = 1 << 20;

/// A token for a head, as it is on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// The authority's response, base64 of DER.
    pub response: String,
    /// The certificates it was verified with, PEM.
    pub authority: String,
    /// What it says.
    pub facts: StampFacts,
}

/// The digest that a head's text, or a bundle's signature, is stamped by.
#[must_use]
pub fn digest_of(text: &(impl AsRef<[u8]> + ?Sized)) -> [u8; 32] {
    Sha256::digest(text.as_ref()).into()
}

/// The request for a digest.
#[must_use]
pub fn request(digest: &[u8; 32]) -> Vec<u8> {
    [&REQUEST[..], digest, &WITH_CERTIFICATE].concat()
}

/// Asks the authority at `url` over plain HTTP.
///
/// # Errors
/// [`EvidenceError::NoAnswer`].
pub fn ask(url: &str, request: &[u8]) -> Result<Vec<u8>, EvidenceError> {
    let failed = |reason: String| EvidenceError::NoAnswer {
        url: url.to_owned(),
        reason,
    };
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(std::time::Duration::from_secs(30)))
        .build();
    let mut response = ureq::Agent::new_with_config(config)
        .post(url)
        .header("Content-Type", "application/timestamp-query")
        .send(request)
        .map_err(|error| failed(error.to_string()))?;
    let body = response.body_mut().with_config().limit(MOST_BYTES);
    body.read_to_vec()
        .map_err(|error| failed(error.to_string()))
}

/// Takes a response for what is stamped, and verifies it with the authority's certificates (PEM).
///
/// # Errors
/// [`EvidenceError::NoStamp`], [`EvidenceError::OtherDigest`], [`EvidenceError::StampBroken`], [`EvidenceError::NoOpenssl`].
pub fn accept(
    text: &(impl AsRef<[u8]> + ?Sized),
    response: &[u8],
    authority: &str,
) -> Result<Stamp, EvidenceError> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let facts = facts_of(text, response)?;
    verify(text, response, authority, &facts)?;
    Ok(Stamp {
        response: STANDARD.encode(response),
        authority: authority.to_owned(),
        facts,
    })
}

/// What a response says of what is stamped; its signature is not looked at.
///
/// # Errors
/// [`EvidenceError::NoStamp`], [`EvidenceError::OtherDigest`].
pub fn facts_of(
    text: &(impl AsRef<[u8]> + ?Sized),
    response: &[u8],
) -> Result<StampFacts, EvidenceError> {
    let facts = StampFacts::of(response)?;
    let wanted = to_hex(&digest_of(text));
    if facts.digest != wanted {
        return Err(EvidenceError::OtherDigest {
            found: facts.digest,
            wanted,
        });
    }
    Ok(facts)
}

/// Verifies a response's signature, as of the time it names.
///
/// # Errors
/// [`EvidenceError::StampBroken`], [`EvidenceError::NoOpenssl`], [`EvidenceError::File`].
pub fn verify(
    text: &(impl AsRef<[u8]> + ?Sized),
    response: &[u8],
    authority: &str,
    facts: &StampFacts,
) -> Result<(), EvidenceError> {
    let folder = tempfile::Builder::new()
        .prefix("countermark-")
        .tempdir()
        .map_err(EvidenceError::file("make", &std::env::temp_dir()))?;
    let place = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).map_err(EvidenceError::file("write", &path))?;
        Ok::<_, EvidenceError>(path)
    };
    let data = place("stamped", text.as_ref())?;
    let token = place("response.tsr", response)?;
    let ca = place("authority.pem", authority.as_bytes())?;
    let answer = Command::new("openssl")
        .args(["ts", "-verify", "-data"])
        .arg(data)
        .arg("-in")
        .arg(token)
        .arg("-CAfile")
        .arg(ca)
        .args(["-attime", &facts.unix_seconds.to_string()])
        .output()
        .map_err(EvidenceError::NoOpenssl)?;
    if answer.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&answer.stderr);
    Err(EvidenceError::StampBroken(reason_in(&said)))
}

/// The last reason that `openssl` gives, without its own places.
fn reason_in(said: &str) -> String {
    let mut lines = said.lines().filter(|line| line.contains(":error:"));
    let reason = lines.next_back().and_then(|line| line.split(':').nth(5));
    let detail = said
        .lines()
        .find_map(|line| line.split("Verify error:").nth(1))
        .or(reason);
    detail.unwrap_or("openssl refuses it").trim().to_owned()
}

/// Whether the program that verifies tokens can be run.
///
/// # Errors
/// [`EvidenceError::NoOpenssl`].
pub fn openssl_version() -> Result<String, EvidenceError> {
    let answer = Command::new("openssl")
        .arg("version")
        .output()
        .map_err(EvidenceError::NoOpenssl)?;
    if answer.status.success() {
        Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned())
    } else {
        Err(EvidenceError::NoOpenssl(io::Error::other("openssl fails")))
    }
}
