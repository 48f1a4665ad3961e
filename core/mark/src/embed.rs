//! Writing the mark: one frame in, the same frame marked.
//!
//! ```text
//! X = DCT(area average of the picture)                       the host on the lattice
//! P[k,b] = g s[k] a[b] ((1 - f) v[e,k,b] + f v[e',k,b])       chips of the epoch, fading into the neighbour's
//! picture += upsample(inverse DCT(P)), rounded by keyed dither
//! ```
//!
//! with `s` and `a` from the visibility model, `v` from [`crate::chips`], `f` from the epochs and the gain `g` from
//! the perceptual rate control, which follows the content so that quality stays in budget.
//!
//! A [`TitleMark`] makes one [`HostAnalyser`], whose [`HostAnalysis`] of a frame serves all deliveries, and one
//! [`DeliveryMark`] for each of them. The bits of a delivery do not depend on what other deliveries there are.
//! [`Embedder`] is both for a single delivery.
//!
//! # Shapes and units
//! Planes of 8 to 16 bits, media time in seconds since the first frame. Letterbox bars stay untouched.
//! # Determinism
//! The same master, keys and version give the same bits on every CPU.

mod content;
mod delivery;
mod embedder;
mod frame;
mod host;
mod rate_control;
mod shade;
mod shared;
mod strength;
mod title;
mod window;

pub use delivery::DeliveryMark;
pub use embedder::Embedder;
pub use frame::{FrameReport, MarkSample};
pub use host::{HostAnalyser, HostAnalysis};
pub use strength::{EmbedError, Strength};
pub use title::TitleMark;

#[cfg(test)]
mod tests;
