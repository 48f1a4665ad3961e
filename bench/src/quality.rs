//! What the mark costs: luma PSNR measured here, VMAF through an FFmpeg that has it, bitrate at equal quality.
//!
//! The marked frames are compared before any lossy encoding: the marked copy under test is lossless.

mod psnr;
mod vmaf;

pub use psnr::{Psnr, compare_luma};
pub use vmaf::{VMAF_VARIABLE, Vmaf, VmafError, measure};
