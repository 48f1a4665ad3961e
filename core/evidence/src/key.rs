//! The key under which a studio signs heads of its ledger and its bundles, and nothing else.
//!
//! ```text
//! signature = Ed25519(seed, message), 64 bytes;  deterministic: the same message has the same signature
//! PEM       = base64 of 30 2a 30 05 06 03 2b 65 70 03 21 00 || public key        (SubjectPublicKeyInfo)
//! minisign  = base64("Ed" || key id || signature),  key id = first 8 bytes of SHA-256(public key)
//! ```
//!
//! `openssl pkeyutl -verify -pubin -inkey evidence-key.pem -rawin -in FILE -sigfile FILE.sig` checks the one,
//! `minisign -Vm FILE -P KEY` the other. The key says nothing about marks: who has it can sign, and neither read nor forge one.
//!
//! # References
//! Josefsson and Liusvaara 2017, RFC 8032, "`EdDSA`". Josefsson and Schaad 2018, RFC 8410, section 4.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_compact::{KeyPair, PublicKey, Seed, Signature};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::hex::{from_hex, to_hex};

/// What stands before an Ed25519 key in DER.
const SPKI: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The secret half. Prints its type only.
pub struct EvidenceKey(Zeroizing<[u8; 32]>);

impl EvidenceKey {
    /// Of the seed's bytes.
    #[must_use]
    pub fn of_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    fn pair(&self) -> KeyPair {
        KeyPair::from_seed(Seed::new(*self.0))
    }

    /// The half that everybody may have.
    #[must_use]
    pub fn public(&self) -> EvidencePublicKey {
        EvidencePublicKey(*self.pair().pk)
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        *self.pair().sk.sign(message, None)
    }

    /// The signature file of `minisign` for a message, with a comment that is signed too.
    #[must_use]
    pub fn minisign(&self, message: &[u8], comment: &str) -> String {
        let signature = self.sign(message);
        let commented = self.sign(&[&signature[..], comment.as_bytes()].concat());
        self.public().minisign_file(&signature, comment, &commented)
    }
}

impl fmt::Debug for EvidenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EvidenceKey(..)")
    }
}

/// The public half, printed as 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EvidencePublicKey([u8; 32]);

impl EvidencePublicKey {
    /// The key written as `hex`.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        from_hex(hex).map(Self)
    }

    /// Whether `signature` is its owner's for the message.
    #[must_use]
    pub fn holds(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = Signature::from_slice(signature);
        signature.is_ok_and(|signature| PublicKey::new(self.0).verify(message, &signature).is_ok())
    }

    /// As `openssl` reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let der = [&SPKI[..], &self.0].concat();
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der))
    }

    /// Out of such a text.
    #[must_use]
    pub fn of_pem(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let der = STANDARD.decode(body.trim()).ok()?;
        let key = der.strip_prefix(&SPKI[..])?;
        Some(Self(key.try_into().ok()?))
    }

    /// As `minisign -P` takes it.
    #[must_use]
    pub fn to_minisign(&self) -> String {
        STANDARD.encode([&b"Ed"[..], &self.id(), &self.0].concat())
    }

    /// Whether `file` is `minisign`'s for a message that has this `signature` by the key, with this comment: to the last byte, for the key's
    /// number and the first comment are signed by nobody.
    #[must_use]
    pub fn holds_minisign(&self, signature: &[u8], comment: &str, file: &str) -> bool {
        let commented = file
            .lines()
            .nth(3)
            .and_then(|line| STANDARD.decode(line).ok());
        commented.is_some_and(|commented| {
            self.holds(&[signature, comment.as_bytes()].concat(), &commented)
                && file == self.minisign_file(signature, comment, &commented)
        })
    }

    fn minisign_file(&self, signature: &[u8], comment: &str, commented: &[u8]) -> String {
        format!(
            "untrusted comment: signature of a Countermark evidence key\n{}\ntrusted comment: {comment}\n{}\n",
            STANDARD.encode([&b"Ed"[..], &self.id(), signature].concat()),
            STANDARD.encode(commented)
        )
    }

    fn id(&self) -> [u8; 8] {
        let hash: [u8; 32] = Sha256::digest(self.0).into();
        std::array::from_fn(|at| hash[at])
    }
}

impl fmt::Display for EvidencePublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&to_hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        let seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = EvidenceKey::of_seed(seed.expect("a seed"));
        assert_eq!(
            key.public().to_string(),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = key.sign(&[0x72]);
        assert_eq!(
            to_hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        assert!(key.public().holds(&[0x72], &signature));
        assert!(!key.public().holds(&[0x73], &signature));
        assert!(!key.public().holds(&[0x72], &signature[1..]));
        assert!(
            !EvidenceKey::of_seed([1; 32])
                .public()
                .holds(&[0x72], &signature)
        );
    }

    #[test]
    fn a_public_key_round_trips_as_pem_and_hex() {
        let key = EvidenceKey::of_seed([5; 32]).public();
        assert_eq!(EvidencePublicKey::of_pem(&key.to_pem()), Some(key));
        assert_eq!(EvidencePublicKey::parse(&key.to_string()), Some(key));
        assert_eq!(
            EvidencePublicKey::of_pem("-----BEGIN PUBLIC KEY-----"),
            None
        );
    }

    /// The file format of minisign: both signatures are over what it says.
    #[test]
    fn a_minisign_file_holds_both_signatures() {
        let key = EvidenceKey::of_seed([5; 32]);
        let file = key.minisign(b"message", "case");
        let lines: Vec<&str> = file.lines().collect();
        let own = STANDARD.decode(lines[1]).expect("base64");
        let global = STANDARD.decode(lines[3]).expect("base64");
        assert_eq!(
            (own.len(), &own[..2], &own[2..10]),
            (74, &b"Ed"[..], &key.public().id()[..])
        );
        assert!(key.public().holds(b"message", &own[10..]));
        assert!(key.public().holds(&[&own[10..], b"case"].concat(), &global));
        assert!(key.public().holds_minisign(&own[10..], "case", &file));
    }

    #[test]
    fn a_minisign_file_holds_to_the_last_bit() {
        let key = EvidenceKey::of_seed([5; 32]);
        let (file, signature) = (key.minisign(b"message", "case"), key.sign(b"message"));
        for at in 0..file.len() {
            let mut bytes = file.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert!(
                !key.public().holds_minisign(&signature, "case", &changed),
                "byte {at}"
            );
        }
        assert!(
            !key.public()
                .holds_minisign(&key.sign(b"other"), "case", &file)
        );
        assert!(!key.public().holds_minisign(&signature, "another", &file));
    }
}
