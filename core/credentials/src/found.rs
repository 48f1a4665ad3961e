//! A manifest that was found in a clip.

use serde::Serialize;

use crate::statement::is_ours;

/// A manifest, as it was found: what it says is its signer's word, and only of the file as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundManifest {
    /// Whether it holds.
    pub state: State,
    /// What is wrong with it: codes of the specification, or a reason in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
    /// Who signed it; nobody is named where the signature could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<SignedBy>,
    /// What it calls the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The program that it says made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
    /// What it says was done, such as `c2pa.watermarked.bound`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
    /// Marks and fingerprints of the content that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub soft_bindings: Vec<SoftBinding>,
}

/// Whether a manifest holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Signature and hashes hold: nothing was changed since it was signed. Whose certificate that is was held against no list.
    Holds,
    /// It can be read, and does not hold.
    Broken,
    /// It cannot be read.
    Unreadable,
    /// The program was built without what reads it.
    Unread,
}

/// Who signed a manifest, by his own certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedBy {
    /// The certificate's common name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organisation that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// SHA-256 of the certificate, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
}

/// What ties a manifest to the content itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SoftBinding {
    /// The algorithm's name.
    pub algorithm: String,
    /// Its value.
    pub value: String,
}

impl FoundManifest {
    /// One of which no more is known.
    pub(crate) fn bare(state: State, fault: Option<String>) -> Self {
        Self {
            state,
            faults: fault.into_iter().collect(),
            signed_by: None,
            title: None,
            made_by: None,
            actions: Vec::new(),
            soft_bindings: Vec::new(),
        }
    }

    /// The values of soft bindings by this program's mark.
    pub fn own_bindings(&self) -> impl Iterator<Item = &str> {
        self.soft_bindings
            .iter()
            .filter(|binding| is_ours(&binding.algorithm))
            .map(|binding| binding.value.as_str())
    }
}
