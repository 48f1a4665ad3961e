//! What the mark costs: luma PSNR measured here, VMAF through an FFmpeg that has it, bitrate at equal quality.
//!
//! The marked frames are compared before any lossy encoding: the marked copy under test is lossless.

mod frames;
mod pair;
mod psnr;
mod vmaf;

pub use frames::{CompareError, FrameAt};
pub use pair::{LEAST_SIDE, PairError, PlanePair, Square};
pub use psnr::{Psnr, compare_luma};
pub use vmaf::{VMAF_VARIABLE, Vmaf, VmafError, measure};
