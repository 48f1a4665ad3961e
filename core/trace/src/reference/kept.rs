//! What was decoded and found of references that were closed, for those that are opened again: each other way to play a clip, and each
//! look at its mark, comes back to the same titles.
//!
//! # Shapes and units
//! At most [`KEPT_BYTES`] of frames and of what was made of them; of more the references that were closed first are forgotten.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countermark_fingerprint::Feature;
use countermark_mark::Observation;

use super::store::Store;

/// Bytes that are kept: as many as one open reference holds of frames.
const KEPT_BYTES: usize = 256 << 20;

/// What is known of a proxy, by the bits of media times.
#[derive(Default)]
pub(super) struct Known {
    pub(super) store: Store,
    /// Features of key frames.
    pub(super) features: BTreeMap<u64, Arc<[Feature]>>,
    /// Frames on the lattice.
    pub(super) observed: BTreeMap<u64, Arc<Observation>>,
    pub(super) thumbnails: BTreeMap<u64, Vec<f32>>,
}

impl Known {
    fn bytes(&self) -> usize {
        let features = self.features.values().map(|all| size_of_val(&**all));
        let observed = self.observed.values().map(|observation| {
            let values = observation.coefficients.values();
            size_of_val(values)
        });
        let thumbnails = self.thumbnails.values().map(|means| size_of_val(&**means));
        self.store.bytes() + features.chain(observed).chain(thumbnails).sum::<usize>()
    }
}

/// Proxies that are closed, the last one last.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Vec<(PathBuf, Known)>>);

impl Kept {
    /// What is known of a proxy, for whoever opens it.
    pub(super) fn take(&self, path: &Path) -> Known {
        let mut all = self.lock();
        let place = all.iter().position(|(known, _)| known == path);
        place.map_or_else(Known::default, |at| all.remove(at).1)
    }

    /// Keeps what is known of a proxy that is closed, in place of what another one knew that was open beside it.
    pub(super) fn put(&self, path: PathBuf, known: Known) {
        let mut all = self.lock();
        all.retain(|(other, _)| *other != path);
        all.push((path, known));
        let mut bytes: usize = all.iter().map(|(_, known)| known.bytes()).sum();
        let mut gone = 0;
        while bytes > KEPT_BYTES && gone < all.len() {
            bytes -= all[gone].1.bytes();
            gone += 1;
        }
        all.drain(..gone);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(PathBuf, Known)>> {
        // Proxies are put in whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(frames: usize) -> Known {
        Known {
            thumbnails: (0..frames as u64)
                .map(|time| (time, vec![0.0; 1 << 20]))
                .collect(),
            ..Known::default()
        }
    }

    #[test]
    fn the_proxies_that_were_closed_first_are_forgotten_first() {
        let kept = Kept::default();
        let path = |name: &str| PathBuf::from(name);
        for name in ["a", "b", "c"] {
            // 100 MiB each.
            kept.put(path(name), known(25));
        }
        assert!(kept.take(Path::new("a")).thumbnails.is_empty());
        assert_eq!(kept.take(Path::new("b")).thumbnails.len(), 25);
        assert!(kept.take(Path::new("b")).thumbnails.is_empty(), "it is out");
        kept.put(path("b"), known(3));
        assert_eq!(kept.take(Path::new("c")).thumbnails.len(), 25);
        assert_eq!(kept.take(Path::new("b")).thumbnails.len(), 3);
        // One that is too large by itself.
        kept.put(path("d"), known(70));
        assert!(kept.take(Path::new("d")).thumbnails.is_empty());
    }
}
