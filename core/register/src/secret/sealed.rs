//! The owner secret under a passphrase.
//!
//! ```text
//! secret/owner.key:  countermark owner secret sealed 1 LF  argon2id <m> <t> <p> LF  <salt> LF  <c> LF  <mac> LF
//! k1 || k2 = Argon2id(passphrase, salt; m KiB, t passes, p lanes), 64 bytes
//! c        = secret XOR k1
//! mac      = HMAC-SHA256(k2, all lines before)
//! ```
//!
//! Each sealing draws its own salt, so `k1` covers one secret once: a one-time pad is all the cipher that 32 bytes need. The MAC tells a
//! wrong passphrase from a right one, and covers the cost, which nobody can lower.
//!
//! # Shapes and units
//! Salt 16 bytes, `c` and `mac` 32, all in lower-case hex.
//! # References
//! Biryukov, Dinu, Khovratovich and Josefsson 2021, RFC 9106, "Argon2"; section 4: its second recommended choice is `m` = 64 MiB, `t` = 3.

use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::hex::{from_hex, to_hex};

pub(super) const HEADER: &str = "countermark owner secret sealed 1";
const ALGORITHM: &str = "argon2id";

/// What is more than this was written to use up a machine.
const MOST: Cost = Cost {
    kibibytes: 1 << 21,
    passes: 64,
    lanes: 16,
};

/// What one guess at a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory.
    pub kibibytes: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Cost {
    /// 64 MiB and three passes: a fraction of a second.
    pub const USUAL: Self = Self {
        kibibytes: 64 << 10,
        passes: 3,
        lanes: 4,
    };
}

/// Why a sealed secret is not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// It is no sealed secret, or one with a cost that cannot be paid.
    Damaged,
    /// The passphrase is another.
    WrongPassphrase,
}

/// The text of the file that holds `secret`; none where the cost is out of Argon2's range.
pub(super) fn sealed(
    secret: &[u8; 32],
    passphrase: &str,
    cost: Cost,
    salt: [u8; 16],
) -> Option<String> {
    let keys = Keys::of(passphrase, cost, &salt)?;
    let Cost {
        kibibytes,
        passes,
        lanes,
    } = cost;
    let covered = Zeroizing::new(keys.covered(secret));
    let text = format!(
        "{HEADER}\n{ALGORITHM} {kibibytes} {passes} {lanes}\n{}\n{}\n",
        to_hex(&salt),
        to_hex(covered.as_slice())
    );
    let mac: [u8; 32] = keys.mac(&text).finalize().into_bytes().into();
    Some(format!("{text}{}\n", to_hex(&mac)))
}

/// The secret in the text.
pub(super) fn opened(text: &str, passphrase: &str) -> Result<Zeroizing<[u8; 32]>, Closed> {
    let parts = Parts::of(text).ok_or(Closed::Damaged)?;
    let keys = Keys::of(passphrase, parts.cost, &parts.salt).ok_or(Closed::Damaged)?;
    if keys
        .mac(parts.authenticated)
        .verify_slice(&parts.mac)
        .is_err()
    {
        return Err(Closed::WrongPassphrase);
    }
    Ok(Zeroizing::new(keys.covered(&parts.covered)))
}

/// A sealed secret as it is written.
struct Parts<'a> {
    cost: Cost,
    salt: [u8; 16],
    covered: [u8; 32],
    mac: [u8; 32],
    /// What the MAC is of.
    authenticated: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (authenticated, mac) = text.trim_end_matches('\n').rsplit_once('\n')?;
        let mut lines = authenticated.lines();
        (lines.next()? == HEADER).then_some(())?;
        let words: Vec<&str> = lines.next()?.split(' ').collect();
        let [ALGORITHM, kibibytes, passes, lanes] = words[..] else {
            return None;
        };
        let cost = Cost {
            kibibytes: kibibytes.parse().ok()?,
            passes: passes.parse().ok()?,
            lanes: lanes.parse().ok()?,
        };
        let is_payable = cost.kibibytes <= MOST.kibibytes
            && cost.passes <= MOST.passes
            && cost.lanes <= MOST.lanes;
        is_payable.then_some(())?;
        Some(Self {
            cost,
            salt: from_hex(lines.next()?)?,
            covered: from_hex(lines.next()?)?,
            mac: from_hex(mac)?,
            authenticated: &text[..=authenticated.len()],
        })
    }
}

/// What a passphrase comes to.
struct Keys(Zeroizing<[u8; 64]>);

impl Keys {
    fn of(passphrase: &str, cost: Cost, salt: &[u8; 16]) -> Option<Self> {
        let mut keys = Zeroizing::new([0; 64]);
        let length = Some(keys.len());
        let params = Params::new(cost.kibibytes, cost.passes, cost.lanes, length).ok()?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, keys.as_mut_slice())
            .ok()?;
        Some(Self(keys))
    }

    fn covered(&self, bytes: &[u8; 32]) -> [u8; 32] {
        std::array::from_fn(|at| bytes[at] ^ self.0[at])
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0[32..]) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(text.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost {
        kibibytes: 64,
        passes: 1,
        lanes: 1,
    };

    #[test]
    fn a_secret_comes_back_under_its_own_passphrase_alone() {
        let text = sealed(&[7; 32], "correct horse", CHEAP, [9; 16]).expect("sealed");
        assert!(!text.contains(&to_hex(&[7; 32])));
        assert_eq!(*opened(&text, "correct horse").expect("opened"), [7; 32]);
        assert_eq!(
            opened(&text, "correct hors").expect_err("wrong"),
            Closed::WrongPassphrase
        );
        let other = sealed(&[7; 32], "correct horse", CHEAP, [8; 16]).expect("sealed");
        assert_ne!(text, other);
    }

    #[test]
    fn a_changed_file_is_not_opened() {
        let text = sealed(&[7; 32], "correct horse", CHEAP, [9; 16]).expect("sealed");
        for (from, to) in [("64 1 1", "65 1 1"), ("0909", "0908"), (HEADER, "sealed")] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(opened(&changed, "correct horse").is_err(), "{changed}");
        }
        // A cost that nobody means is not paid.
        let dear = text.replacen("64 1 1", "4194304 1 1", 1);
        assert_eq!(
            opened(&dear, "correct horse").expect_err("refused"),
            Closed::Damaged
        );
    }

    #[test]
    fn keys_are_those_of_the_formula() {
        let text = sealed(&[7; 32], "correct horse", CHEAP, [9; 16]).expect("sealed");
        assert_eq!(text, GOLDEN);
    }

    /// Python: argon2-cffi's `low_level.hash_secret_raw` and hmac, by the formula above.
    const GOLDEN: &str = "countermark owner secret sealed 1\nargon2id 64 1 1\n\
        09090909090909090909090909090909\n\
        f9e4790a5df5a24a6396b37ea75f8d28580d134a515227742e99c8a20e2e34d6\n\
        e799de28dd8966f6ea3a10edb6f787444eaf88a3880c14b84c882488a0c185f5\n";
}
