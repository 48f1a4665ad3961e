//! Signatures of messages.
//!
//! ```text
//! v1,base64(HMAC-SHA256(secret, id || "." || timestamp || "." || body))
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// A secret as it is told once.
pub(crate) fn secret_in_words(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The signature of a message at a time.
pub(super) fn signature(secret: &[u8; 32], (id, seconds): (&str, u64), body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_formula() {
        // Python: base64.b64encode(hmac.new(bytes(range(32)), b"msg_1.1700000000.{}", "sha256").digest())
        let secret: [u8; 32] = std::array::from_fn(|at| at as u8);
        assert_eq!(
            signature(&secret, ("msg_1", 1_700_000_000), "{}"),
            "v1,fhksJF5ElKjlPoT/jtefCO5XjQPvhf7Dhf/8R1ad9yU="
        );
        assert_eq!(
            secret_in_words(&secret),
            "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        );
    }
}
