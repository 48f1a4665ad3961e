//! A signed head: the whole ledger at one moment in five lines, fit to be stamped, published, or read over the telephone.
//!
//! ```text
//! countermark ledger head 2 LF  <entries> LF  <root, hex> LF  <time> LF  <evidence key, hex> LF
//! signature = Ed25519(evidence key, those bytes)
//! ```
//!
//! # Shapes and units
//! The root is that of `merkle` over the hashes of entries 1 to `size`; times are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};

use crate::{
    hex::to_hex,
    key::{EvidenceKey, EvidencePublicKey},
    merkle::Hash,
};

const LABEL: &str = "countermark ledger head 2";

/// A head, signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    /// Entries of the ledger.
    pub size: u64,
    /// The root over them, hex.
    pub root: String,
    /// When it was signed, by the studio's clock.
    pub time: String,
    /// The evidence key, hex.
    pub key: String,
    /// The signature, hex.
    pub signature: String,
}

impl SignedHead {
    /// Signs a root over so many entries.
    #[must_use]
    pub fn sign(size: u64, root: &Hash, time: &str, key: &EvidenceKey) -> Self {
        let mut head = Self {
            size,
            root: to_hex(root),
            time: time.to_owned(),
            key: key.public().to_string(),
            signature: String::new(),
        };
        head.signature = to_hex(&key.sign(head.text().as_bytes()));
        head
    }

    /// The text that is signed and stamped.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{LABEL}\n{}\n{}\n{}\n{}\n",
            self.size, self.root, self.time, self.key
        )
    }

    /// Out of its text and signature; none unless it is exactly that text.
    #[must_use]
    pub fn of_text(text: &str, signature: &[u8]) -> Option<Self> {
        let mut lines = text.lines().skip(1);
        let head = Self {
            size: lines.next()?.parse().ok()?,
            root: lines.next()?.to_owned(),
            time: lines.next()?.to_owned(),
            key: lines.next()?.to_owned(),
            signature: to_hex(signature),
        };
        (head.text() == text).then_some(head)
    }

    /// The signature's bytes; empty when it is none.
    #[must_use]
    pub fn signature_bytes(&self) -> Vec<u8> {
        crate::hex::from_hex::<64>(&self.signature).map_or_else(Vec::new, |bytes| bytes.to_vec())
    }

    /// Whether the signature is that of the key it names.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let key = EvidencePublicKey::parse(&self.key);
        key.is_some_and(|key| key.holds(self.text().as_bytes(), &self.signature_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_signed_as_a_whole() {
        let key = EvidenceKey::of_seed([1; 32]);
        let head = SignedHead::sign(12, &[7; 32], "2026-11-30T00:00:00.000Z", &key);
        assert!(head.is_signed());
        let back = SignedHead::of_text(&head.text(), &head.signature_bytes());
        assert_eq!(back.as_ref(), Some(&head));
        assert_eq!(
            SignedHead::of_text(&format!("{}\n", head.text()), &[0; 64]),
            None
        );
        for changed in [
            SignedHead {
                size: 13,
                ..head.clone()
            },
            SignedHead {
                root: to_hex(&[8; 32]),
                ..head.clone()
            },
            SignedHead {
                time: "2025".into(),
                ..head.clone()
            },
            SignedHead {
                key: EvidenceKey::of_seed([2; 32]).public().to_string(),
                ..head
            },
        ] {
            assert!(!changed.is_signed(), "{changed:?}");
        }
    }
}
