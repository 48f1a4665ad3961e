//! The key under which the ledger's entries are authenticated.
//!
//! ```text
//! key    = HKDF-SHA256(salt = "countermark/v1", ikm = owner secret, info = "register/ledger" || 0x00), 32 bytes
//! mac[n] = HMAC-SHA256(key, "countermark ledger mac 1" || hash[n])
//! ```
//!
//! `hash[n]` is over the entry and over the hash before it, so an entry's MAC binds everything that was written before it. Who
//! can write the database, and does not know the owner secret, can make a chain and no MAC.
//!
//! # Shapes and units
//! Keys, hashes and MACs have 32 bytes.
//! # References
//! Krawczyk, Bellare and Canetti 1997, RFC 2104, "HMAC"; Krawczyk and Eronen 2010, RFC 5869, "HKDF".

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

const SALT: &[u8] = b"countermark/v1";
const INFO: &[u8] = b"register/ledger\0";

/// The key of one register's ledger.
#[derive(Clone)]
pub(crate) struct LedgerKey(Zeroizing<[u8; 32]>);

/// What is authenticated: each thing has a label of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An entry.
    Entry,
    /// The head that is remembered outside of the database.
    Head,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Entry => b"countermark ledger mac 1",
            Self::Head => b"countermark ledger head 1",
        }
    }
}

impl LedgerKey {
    /// The key that follows from an owner secret.
    pub(crate) fn of(secret: &[u8; 32]) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        let derived = Hkdf::<Sha256>::new(Some(SALT), secret).expand(INFO, key.as_mut_slice());
        debug_assert!(derived.is_ok(), "32 bytes are below HKDF's limit");
        Self(key)
    }

    /// The MAC of `message`.
    pub(crate) fn mac(&self, purpose: Purpose, message: &[u8]) -> [u8; 32] {
        self.keyed(purpose, message).finalize().into_bytes().into()
    }

    /// Whether `mac` is that of `message`; takes the same time whatever differs.
    pub(crate) fn holds(&self, purpose: Purpose, message: &[u8], mac: &[u8; 32]) -> bool {
        self.keyed(purpose, message).verify_slice(mac).is_ok()
    }

    fn keyed(&self, purpose: Purpose, message: &[u8]) -> Hmac<Sha256> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(purpose.label());
        mac.update(message);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::to_hex;

    #[test]
    fn key_and_macs_are_those_of_the_formula() {
        let key = LedgerKey::of(&[7; 32]);
        // Python: hmac and hashlib, by the formula above.
        assert_eq!(to_hex(key.0.as_slice()), GOLDEN_KEY);
        assert_eq!(to_hex(&key.mac(Purpose::Entry, &[9; 32])), GOLDEN_MAC);
    }

    #[test]
    fn a_mac_holds_for_its_key_its_purpose_and_its_message_alone() {
        let key = LedgerKey::of(&[7; 32]);
        let mac = key.mac(Purpose::Entry, b"a");
        assert!(key.holds(Purpose::Entry, b"a", &mac));
        assert!(!key.holds(Purpose::Head, b"a", &mac));
        assert!(!key.holds(Purpose::Entry, b"b", &mac));
        assert!(!LedgerKey::of(&[8; 32]).holds(Purpose::Entry, b"a", &mac));
    }

    const GOLDEN_KEY: &str = "614ae5e7f88e685226f904dee5782d386ba07120d4dc8fc050c24e5de3d18711";
    const GOLDEN_MAC: &str = "ab1e00b718a3c97d8764eadeb1ffacbb71256b7b76d62acd36e257f844eb10e1";
}
