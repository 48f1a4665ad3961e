//! A manifest that is read out of a file and verified.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use c2pa::assertions::{Actions, SoftBinding as BindingAssertion};
use c2pa::{Manifest, Reader, ValidationState};

use super::stoppable::Stoppable;
use super::{certificate_sha256, context};
use crate::CredentialsError;
use crate::found::{FoundManifest, SignedBy, SoftBinding, State};
use crate::place::Format;

/// Assertions, actions and faults of a stranger's manifest that are told at most.
const MOST_TOLD: usize = 16;
/// Characters of a text in it that are told at most.
const MOST_CHARACTERS: usize = 200;

/// No fault of the manifest: no list of trusted certificates is held against it.
const UNTRUSTED: &str = "signingCredential.untrusted";

/// The manifest of a file that may have one.
///
/// # Errors
/// [`CredentialsError::File`], [`CredentialsError::Cancelled`].
pub(crate) fn verified(
    clip: &Path,
    format: Format,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Option<FoundManifest>, CredentialsError> {
    let inner = File::open(clip).map_err(|source| CredentialsError::File {
        act: "read",
        path: clip.to_owned(),
        source,
    })?;
    let file = Stoppable { inner, stop };
    // The library is given what a stranger made: whatever it does with it is no reason to end an examination.
    let read = catch_unwind(AssertUnwindSafe(|| {
        Reader::from_context(context()?).with_stream(format.mime(), file)
    }));
    if stop() {
        return Err(CredentialsError::Cancelled);
    }
    Ok(match read {
        Ok(Ok(reader)) => Some(told(&reader)),
        Ok(Err(c2pa::Error::JumbfNotFound)) => None,
        // A picture that is none has no manifest; a box of ISO base media is one.
        Ok(Err(c2pa::Error::InvalidAsset(_))) if !format.is_told_by_its_place() => None,
        Ok(Err(error)) => Some(unreadable(&error.to_string())),
        Err(_) => Some(unreadable("it stopped the program that reads it")),
    })
}

fn unreadable(reason: &str) -> FoundManifest {
    FoundManifest::bare(State::Unreadable, Some(cut(reason)))
}

fn told(reader: &Reader) -> FoundManifest {
    let Some(manifest) = reader.active_manifest() else {
        return unreadable("it has no active manifest");
    };
    let state = match reader.validation_state() {
        ValidationState::Invalid => State::Broken,
        _ => State::Holds,
    };
    FoundManifest {
        faults: faults(reader),
        signed_by: manifest.signature_info().map(|signature| SignedBy {
            name: signature.common_name.as_deref().map(cut),
            organisation: signature.issuer.as_deref().map(cut),
            certificate_sha256: certificate_sha256(signature.cert_chain()),
        }),
        title: manifest.title().map(cut),
        made_by: maker(manifest),
        actions: actions(manifest),
        soft_bindings: bindings(manifest),
        ..FoundManifest::bare(state, None)
    }
}

/// Codes of what is wrong, each once.
pub(super) fn faults(reader: &Reader) -> Vec<String> {
    let mut faults: Vec<String> = Vec::new();
    for status in reader.validation_status().unwrap_or_default() {
        let code = cut(status.code());
        if code != UNTRUSTED && !faults.contains(&code) && faults.len() < MOST_TOLD {
            faults.push(code);
        }
    }
    faults
}

fn maker(manifest: &Manifest) -> Option<String> {
    let maker = manifest.claim_generator_info.as_ref()?.first()?;
    Some(match maker.version.as_deref() {
        Some(version) => cut(&format!("{} {version}", maker.name)),
        None => cut(&maker.name),
    })
}

fn actions(manifest: &Manifest) -> Vec<String> {
    let lists = manifest
        .assertions()
        .iter()
        .filter(|assertion| assertion.label().starts_with(Actions::LABEL))
        .filter_map(|assertion| assertion.to_assertion::<Actions>().ok());
    let mut named = Vec::new();
    for list in lists {
        for action in list.actions() {
            if named.len() < MOST_TOLD {
                named.push(cut(action.action()));
            }
        }
    }
    named
}

fn bindings(manifest: &Manifest) -> Vec<SoftBinding> {
    let assertions = manifest
        .assertions()
        .iter()
        .filter(|assertion| assertion.label().starts_with(BindingAssertion::LABEL))
        .filter_map(|assertion| assertion.to_assertion::<BindingAssertion>().ok());
    let mut found = Vec::new();
    for assertion in assertions {
        let algorithm = cut(assertion.alg.as_deref().unwrap_or_default());
        for block in &assertion.blocks {
            if found.len() < MOST_TOLD {
                found.push(SoftBinding {
                    algorithm: algorithm.clone(),
                    value: cut(&block.value),
                });
            }
        }
    }
    found
}

/// A stranger's text, not longer than it may be told.
fn cut(text: &str) -> String {
    text.chars().take(MOST_CHARACTERS).collect()
}
