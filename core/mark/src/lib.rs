//! The watermark: keys, payload, codes, lattice, visibility model, embedding, scoring.
//!
//! ```text
//! embed:   picture -> lattice -> visibility -> rate control -> upsample -> picture
//! detect:  picture -> observe -> residual -> soft -> sync -> evidence -> bound
//! blind:   picture -> blind (stack, whitened residuals, search, pose) -> soft -> sync -> evidence -> bound
//! ```
//!
//! Pure computation: no files, no clocks, no media library. What goes on the lattice is planned by [`ChipPlan`] from a
//! title's carrier key; what a delivery says there comes from the two codes in [`code`]. The README holds the method with
//! its equations.
//!
//! # A grey plane, marked and read back
//! ```
//! use countermark_mark::code::polar::ListDecoder;
//! use countermark_mark::evidence::{ACCUSATION_LOG10_P, LIST, open_hypotheses};
//! use countermark_mark::lattice::cpu::CpuLevel;
//! use countermark_mark::*;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let carrier = CarrierKey::from_bytes([1; 32]); // of the title
//! let scoped = ScopedPayloadKey::from_bytes([2; 32]); // of the distributor in this title
//! let payload = Payload::new(0x0123_4567_89ab_cdef); // of the delivery
//! let (size, format) = ((320, 192), FormatSpec::CURRENT);
//! let geometry = PlaneGeometry::packed(size.0, size.1)?;
//!
//! let mut embedder = Embedder::new(&carrier, &scoped, payload, size, Strength::DEFAULT)?;
//! let lattice = embedder.lattice();
//! let mut sampler = Sampler::new(size, Placement::Whole, lattice, CpuLevel::probe())?;
//! let mut clip = Vec::new();
//! for seconds in (0..24).map(|frame| f64::from(frame) / 12.0) {
//!     let mut grey = vec![128_u8; size.0 * size.1];
//!     let mut plane = PlaneViewMut::new(&mut grey, geometry, BitDepth::EIGHT)?;
//!     embedder.mark(&mut plane, seconds);
//!     clip.push(sampler.observe(&plane.as_view(), seconds)?);
//! }
//!
//! let plan = ChipPlan::new(&carrier, lattice, &format);
//! let soft = SoftValues::new(&Residuals::blind(lattice, &clip), &format, Trust::Blind);
//! let shift = sync::search(&plan, &soft, -8..=8, 1).best[0];
//! let evidence = Evidence::collect(&plan, &soft, shift.bins);
//! let found = evidence.decode(&scoped, &mut ListDecoder::new(LIST)).ok_or("no candidate")?;
//! assert_eq!(found.payload, payload);
//! assert!(found.score.log10_p(open_hypotheses(1, 1)) < ACCUSATION_LOG10_P);
//! # Ok(())
//! # }
//! ```

pub mod blind;
pub mod bound;
mod chips;
pub mod code;
mod embed;
mod epoch;
pub mod evidence;
mod format;
pub mod inner;
pub mod key;
pub mod lattice;
mod light;
mod observe;
mod payload;
pub mod quality;
mod residual;
pub mod soft;
pub mod sync;
mod visibility;

pub use bound::{Hypotheses, NormalisedScore};
pub use chips::{ChipPlan, ChipSource, DeliveryCode, EpochChips};
pub use countermark_picture::{BitDepth, PlaneError, PlaneGeometry, PlaneView, PlaneViewMut};
pub use embed::{
    DeliveryMark, EmbedError, Embedder, FrameReport, HostAnalyser, HostAnalysis, MarkSample,
    Strength, TitleMark,
};
pub use evidence::{Evidence, Finding};
pub use format::{Codes, FormatSpec, UnknownFormat};
pub use key::{
    CarrierKey, DeliveryKey, DistributorId, OwnerSecret, PayloadKey, ScopedPayloadKey, TitleId,
};
pub use lattice::LatticeGeometry;
pub use lattice::dct::part::Part;
pub use light::{CodingRange, Transfer};
pub use observe::parts::Parts;
pub use observe::projected::{ProjectedSampler, Projection};
pub use observe::{Observation, ObserveError, Placement, Sampler, mask_blocks};
pub use payload::{Payload, PayloadError};
pub use residual::{Registered, ResidualFrame, Residuals};
pub use soft::{SoftValues, Trust};
