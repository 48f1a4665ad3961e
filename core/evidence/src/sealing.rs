//! The stamp of a bundle itself: that it was sealed by then.
//!
//! ```text
//! manifest.sig -> SHA-256 -> request -> authority -> response, verified -> manifest.sig.tsr, manifest.sig.authority.pem
//! ```
//!
//! The signature stands for every file of the bundle. What is added is outside of the manifest, so no digest and no signature changes.
//! The head's stamp says what the studio had bound itself to before; this one, by when the case was made.

use crate::{
    EvidenceError, Stamp,
    archive::Files,
    bundle::{VERIFIER, VERIFY_PY},
    manifest::{SIGNATURE, SIGNATURE_AUTHORITY, SIGNATURE_STAMP},
    stamp,
};

/// The request for the stamp of a bundle's files.
///
/// # Errors
/// [`EvidenceError::Part`] without a signature.
pub fn request(files: &Files) -> Result<Vec<u8>, EvidenceError> {
    Ok(stamp::request(&stamp::digest_of(signature(files)?)))
}

/// Takes an authority's response for a bundle, verifies it with the authority's certificates (PEM), and adds both.
///
/// # Errors
/// Those of [`stamp::accept`]; [`EvidenceError::StampedAlready`], [`EvidenceError::OtherVersion`]; [`EvidenceError::Part`] without a
/// signature. Nothing is added then.
pub fn take(files: &mut Files, response: &[u8], authority: &str) -> Result<Stamp, EvidenceError> {
    if files.contains_key(SIGNATURE_STAMP) {
        return Err(EvidenceError::StampedAlready);
    }
    // An older verifier calls files that it does not know strangers.
    if files.get(VERIFIER).map(Vec::as_slice) != Some(VERIFY_PY.as_bytes()) {
        return Err(EvidenceError::OtherVersion);
    }
    let stamp = stamp::accept(signature(files)?, response, authority)?;
    files.insert(SIGNATURE_STAMP.into(), response.to_vec());
    files.insert(SIGNATURE_AUTHORITY.into(), authority.as_bytes().to_vec());
    Ok(stamp)
}

fn signature(files: &Files) -> Result<&[u8], EvidenceError> {
    let found = files.get(SIGNATURE).map(Vec::as_slice);
    found.ok_or_else(|| EvidenceError::Part {
        name: SIGNATURE.to_owned(),
        reason: "it is missing".to_owned(),
    })
}
