//! Where secrets, identifiers and payloads come from.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

use crate::{DeliveryId, DistributorId, RegisterError, TitleId};

/// A source of random bytes.
pub struct Randomness(Source);

enum Source {
    System,
    Seeded(Box<Mutex<ChaCha20Rng>>),
}

impl Randomness {
    /// The system's generator.
    #[must_use]
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A stream that repeats with `seed`, for measurements that must repeat. Whoever knows the seed knows every key and
    /// payload that was drawn: nothing that is marked this way may be delivered.
    #[must_use]
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Source::Seeded(Box::new(Mutex::new(
            ChaCha20Rng::from_seed(seed),
        ))))
    }

    /// The next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], RegisterError> {
        let mut bytes = [0; N];
        match &self.0 {
            Source::System => getrandom::fill(&mut bytes).map_err(RegisterError::NoRandomness)?,
            Source::Seeded(stream) => stream
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .fill_bytes(&mut bytes),
        }
        Ok(bytes)
    }
}

macro_rules! drawn {
    ($($name:ident),+) => {$(
        impl $name {
            /// A fresh identifier.
            pub(crate) fn draw(from: &Randomness) -> Result<Self, RegisterError> {
                from.bytes().map(Self::from_bytes)
            }
        }
    )+};
}

// Here and not in `id`: errors name identifiers, so identifiers must not name errors.
drawn!(TitleId, DistributorId, DeliveryId);

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Source::System => "Randomness(system)",
            Source::Seeded(_) => "Randomness(seeded)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_bytes_repeat_and_the_systems_do_not() {
        let [a, b] = [(); 2].map(|()| Randomness::seeded([7; 32]));
        let draw = |from: &Randomness| from.bytes::<16>().expect("bytes");
        let first = draw(&a);
        assert_eq!(first, draw(&b));
        assert_ne!(first, draw(&a));
        assert_ne!(first, draw(&Randomness::seeded([8; 32])));
        assert_ne!(draw(&Randomness::system()), draw(&Randomness::system()));
        assert_eq!(format!("{a:?}"), "Randomness(seeded)");
    }
}
