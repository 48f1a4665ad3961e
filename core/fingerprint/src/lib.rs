//! Fingerprints of pictures and sound: frame hashes, local features, the maps between pictures, words of sound and the
//! lines they lie on.
//!
//! Pure computation on planes of [`countermark_picture`]: no files, no clocks, no media library.
//!
//! ```
//! use countermark_fingerprint::FrameHasher;
//! use countermark_picture::{BitDepth, PlaneGeometry, PlaneView, Rect};
//!
//! let samples: Vec<u8> = (0..320 * 180).map(|i| ((i % 320) * (i / 320) / 230) as u8).collect();
//! let frame = PlaneView::new(&samples, PlaneGeometry::packed(320, 180)?, BitDepth::EIGHT)?;
//! let hashed = FrameHasher::new().hash(&frame, Rect::whole(320, 180));
//! assert_eq!(hashed.hash.distance(hashed.hash.mirrored().mirrored()), 0);
//! # Ok::<(), countermark_picture::PlaneError>(())
//! ```

mod align;
mod consensus;
mod elementary;
mod features;
mod frame_hash;
pub mod index;
mod matching;
mod overlay;
pub mod print;
mod slide;
mod sound;
#[cfg(test)]
mod test_picture;
mod word;
mod x86;

pub use align::{
    Aligned, Bent, Freedom, Pyramid, align, align_all, bend_all, bend_from, bend_is_fine,
    bent_likeness, realign_all,
};
pub use consensus::{Consensus, consensus};
pub use features::{Descriptor, Feature, FeatureFinder};
pub use frame_hash::{FrameHash, FrameHasher, HASH_BITS, HashQuality, HashedFrame};
pub use matching::{Pair, matches};
pub use overlay::{Coverage, Overlay};
pub use slide::{Along, Detail, Slid};
pub use sound::{SOUND_RATE, SoundFinder, SoundHit, SoundLine, SoundPeaks, SoundWord, sound_lines};
pub use word::{Projection, WORD_BITS, WordWeights};
