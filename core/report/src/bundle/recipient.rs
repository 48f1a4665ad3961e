//! A bundle encrypted to a recipient: a lawyer, an expert, a court, and nobody on the way.
//!
//! ```text
//! ZIP -> age: X25519, HKDF-SHA-256, ChaCha20-Poly1305 -> a file that `age -d -i key` opens
//! ```
//!
//! The bundle opens the keys of the accused deliveries: what travels is better closed. Signatures and stamps are those of the ZIP inside.
//!
//! # References
//! Valsorda and Cartwright-Cox, "The age file encryption format, version 1": age-encryption.org/v1.

use std::str::FromStr;

use age::x25519;

use super::BundleError;

/// Whose key opens the bundle.
#[derive(Debug, Clone)]
pub struct Recipient(x25519::Recipient);

impl FromStr for Recipient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = text.trim().parse();
        found
            .map(Self)
            .map_err(|_| "a recipient of age, age1.., is wanted")
    }
}

impl Recipient {
    /// The bundle, encrypted.
    ///
    /// # Errors
    /// [`BundleError::NotEncrypted`].
    pub fn encrypt(&self, zip: &[u8]) -> Result<Vec<u8>, BundleError> {
        age::encrypt(&self.0, zip).map_err(|error| BundleError::NotEncrypted(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_recipient_opens_it() {
        let (own, other) = (x25519::Identity::generate(), x25519::Identity::generate());
        let recipient: Recipient = own.to_public().to_string().parse().expect("a recipient");
        let closed = recipient.encrypt(b"PK: a bundle").expect("encrypted");
        assert!(closed.starts_with(b"age-encryption.org/v1\n"));
        assert!(!closed.windows(8).any(|part| part == b"a bundle"));
        assert_eq!(
            age::decrypt(&own, &closed).expect("its own"),
            b"PK: a bundle"
        );
        assert!(age::decrypt(&other, &closed).is_err());
        for wrong in ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQ"] {
            assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
        }
    }
}
