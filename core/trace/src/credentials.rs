//! The C2PA manifest in a clip's file: read when the answer is made, and held against it.

use std::path::Path;

use countermark_credentials::{CredentialsError, FoundManifest, read};
use countermark_register::{Attested, DeliveryRecord, Register as _, proof};

use crate::error::TraceError;
use crate::result::{Accusation, Agreement, Credentials};
use crate::task::Task;

/// The manifest in the file of `clip`, none where there is none; `accused` are those that the mark names, where it was asked.
///
/// # Errors
/// When the register cannot be read, or the work is to end.
pub(crate) fn credentials_of(
    clip: &Path,
    accused: Option<&[Accusation]>,
    attested: &Attested,
    task: &Task<'_>,
) -> Result<Option<Credentials>, TraceError> {
    let manifest = match read(clip, &|| task.is_cancelled()) {
        Ok(Some(manifest)) => manifest,
        Err(CredentialsError::Cancelled) => return Err(TraceError::Cancelled),
        // A file that can be read no more is no reason to take back an answer, and nothing is known of a manifest in it.
        Ok(None) | Err(_) => return Ok(None),
    };
    beside(manifest, accused, attested).map(Some)
}

/// A manifest beside the ledger's word and the mark's.
fn beside(
    manifest: FoundManifest,
    accused: Option<&[Accusation]>,
    attested: &Attested,
) -> Result<Credentials, TraceError> {
    let (mut is_bound, mut meant) = (false, None);
    for value in manifest.own_bindings() {
        is_bound = true;
        if let Some(id) = proof::payload_committed_as(attested, value)? {
            meant = Some(attested.delivery(id)?);
            break;
        }
    }
    let mark = match (&meant, accused) {
        (None, _) if is_bound => Agreement::NotOnRecord,
        (None, _) => Agreement::NoBinding,
        (Some(_), None) => Agreement::NotAsked,
        (Some(_), Some([])) => Agreement::Silent,
        (Some(meant), Some(accused)) => {
            if accused.iter().any(|it| it.delivery == Some(meant.id)) {
                Agreement::Agrees
            } else {
                Agreement::Differs
            }
        }
    };
    Ok(Credentials {
        own_certificate: meant
            .as_ref()
            .and_then(|meant| is_signed_by_own(&manifest, meant)),
        delivery: meant.map(|meant| meant.id),
        mark,
        manifest,
    })
}

/// Whether the certificate of a manifest is the one on record for a delivery.
fn is_signed_by_own(manifest: &FoundManifest, delivery: &DeliveryRecord) -> Option<bool> {
    let settings: serde_json::Value = serde_json::from_str(&delivery.encoder_settings).ok()?;
    let own = settings["c2pa"]["certificate_sha256"].as_str()?;
    let signed = manifest.signed_by.as_ref()?.certificate_sha256.as_deref();
    Some(signed == Some(own))
}
