//! The link of the bundle's own stamp.

use super::{Link, broken, holds, unchecked};
use crate::{
    EvidenceError,
    archive::Files,
    manifest::{SIGNATURE, SIGNATURE_AUTHORITY, SIGNATURE_STAMP},
    stamp,
};

pub(super) fn link(files: &Files) -> Link {
    const NAME: &str = "bundle stamp";
    let parts = [SIGNATURE, SIGNATURE_STAMP, SIGNATURE_AUTHORITY].map(|name| files.get(name));
    let (signature, response, authority) = match parts {
        [_, None, None] => return unchecked(NAME, "no third party stamped the bundle itself"),
        [Some(signature), Some(response), Some(authority)] => (signature, response, authority),
        _ => return broken(NAME, "a part of the bundle\u{2019}s stamp is missing"),
    };
    let facts = match stamp::facts_of(signature, response) {
        Ok(facts) => facts,
        Err(error) => return broken(NAME, error.to_string()),
    };
    let authority = String::from_utf8_lossy(authority);
    match stamp::verify(signature, response, &authority, &facts) {
        Ok(()) => holds(NAME, format!("the signature was stamped {}", facts.time)),
        Err(EvidenceError::NoOpenssl(_)) => unchecked(
            NAME,
            "openssl cannot be run, so only the stamp\u{2019}s digest was compared",
        ),
        Err(error) => broken(NAME, error.to_string()),
    }
}
