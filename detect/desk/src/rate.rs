//! How fast somebody may ask: a bucket of requests for each token and each address.
//!
//! ```text
//! left = min(burst, left + rate * seconds since),   a request takes one
//! ```
//!
//! # Shapes and units
//! Requests and requests a second.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Buckets that are kept at most: those that are full again go first.
const MOST: usize = 10_000;

/// Buckets of one kind.
pub(crate) struct Rates {
    rate: f64,
    burst: f64,
    buckets: Mutex<HashMap<String, (f64, Instant)>>,
}

impl Rates {
    pub(crate) fn new(rate: f64, burst: f64) -> Self {
        Self {
            rate,
            burst,
            buckets: Mutex::default(),
        }
    }

    /// Takes one request of `who`.
    ///
    /// # Errors
    /// The seconds to wait when there is none left.
    pub(crate) fn take(&self, who: &str, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST {
            let (rate, burst) = (self.rate, self.burst);
            buckets.retain(|_, (left, at)| {
                *left + rate * now.saturating_duration_since(*at).as_secs_f64() < burst
            });
        }
        let full = (self.burst, now);
        let (left, at) = buckets.entry(who.to_owned()).or_insert(full);
        let since = now.saturating_duration_since(*at).as_secs_f64();
        *left = (*left + self.rate * since).min(self.burst);
        *at = now;
        if *left < 1.0 {
            return Err(((1.0 - *left) / self.rate).ceil() as u64);
        }
        *left -= 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let rates = Rates::new(2.0, 3.0);
        let now = Instant::now();
        assert_eq!(
            [(); 4].map(|()| rates.take("a", now).is_ok()),
            [true, true, true, false]
        );
        assert_eq!(rates.take("b", now), Ok(()));
        assert_eq!(rates.take("a", now + Duration::from_millis(600)), Ok(()));
        assert_eq!(rates.take("a", now + Duration::from_millis(600)), Err(1));
    }
}
