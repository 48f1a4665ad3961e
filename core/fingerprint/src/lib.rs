//! Fingerprints of pictures and sound: border cropping, frame hashes, local features, the maps between pictures, words
//! of sound and the lines they lie on.
//!
//! Pure computation on luma samples: no files, no clocks, no media library. A caller wraps decoded luma in a [`LumaView`],
//! shows it to a [`BorderCropper`] until the black bars are known, then hashes the content with a [`FrameHasher`].
//!
//! ```
//! use countermark_fingerprint::{FrameHasher, LumaView, Rect};
//!
//! let samples: Vec<u8> = (0..320 * 180).map(|i| ((i % 320) * (i / 320) / 230) as u8).collect();
//! let frame = LumaView::new(&samples, 320, 180, 320, 8)?;
//! let hashed = FrameHasher::new().hash(&frame, Rect::whole(320, 180));
//! assert_eq!(hashed.hash.distance(hashed.hash.mirrored().mirrored()), 0);
//! # Ok::<(), countermark_fingerprint::LumaError>(())
//! ```

mod align;
mod borders;
mod consensus;
mod elementary;
mod features;
mod frame_hash;
mod grey;
mod homography;
pub mod index;
mod luma;
mod matching;
mod overlay;
mod sound;
#[cfg(test)]
mod test_picture;
mod thumbnail;
mod word;

pub use align::{Aligned, Freedom, Pyramid, align, align_all, realign_all};
pub use borders::{BorderCropper, Content, Side};
pub use consensus::{Consensus, consensus};
pub use features::{Descriptor, Feature, FeatureFinder};
pub use frame_hash::{FrameHash, FrameHasher, HASH_BITS, HashQuality, HashedFrame};
pub use grey::Grey;
pub use homography::Homography;
pub use luma::{LumaError, LumaView, Rect, Sample};
pub use matching::{Pair, matches};
pub use overlay::Overlay;
pub use sound::{SOUND_RATE, SoundFinder, SoundHit, SoundLine, SoundPeaks, SoundWord, sound_lines};
pub use thumbnail::area_average;
pub use word::{Projection, WORD_BITS};
