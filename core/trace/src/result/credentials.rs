//! The C2PA manifest in a clip's file, beside what the mark says.
//!
//! ```text
//! soft binding of ours -> the ledger's entry with this commitment to a payload -> its delivery -> among the accused?
//! ```
//!
//! A manifest is looked at when the answer is made, changes nothing in it and multiplies no bound. It can be put into any file by
//! whoever has a copy that holds it: only where it holds does it say something of this file, and never who leaked it.

use countermark_credentials::FoundManifest;
use countermark_register::DeliveryId;
use serde::Serialize;

/// A manifest, and what the register and the mark say to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credentials {
    /// The manifest.
    #[serde(flatten)]
    pub manifest: FoundManifest,
    /// The delivery that its soft binding is the commitment of.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "super::optional_text"
    )]
    pub delivery: Option<DeliveryId>,
    /// Whether it was signed with the certificate that the ledger has for that delivery; none where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_certificate: Option<bool>,
    /// Whether its soft binding and the mark agree.
    pub mark: Agreement,
}

/// What the mark says to a soft binding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// The mark names the same delivery.
    Agrees,
    /// The mark names others.
    Differs,
    /// The binding is of a delivery on record, and the mark names nobody.
    Silent,
    /// The binding is of a delivery on record, and the mark was not asked.
    NotAsked,
    /// The binding is of this program's mark, and no delivery on record is meant.
    NotOnRecord,
    /// There is no binding of this program's mark.
    NoBinding,
}
