//! What the mark costs: luma PSNR measured here, VMAF through an FFmpeg that has it, bitrate at equal quality.
//!
//! The marked frames are compared before any lossy encoding: the marked copy under test is lossless.

mod block;
mod external;
mod flicker;
mod frames;
mod luma;
mod pair;
mod psnr;
mod ssim;
mod vmaf;
mod xpsnr;

pub use block::WorstBlock;
pub use external::{VMAF_VARIABLE, VmafError};
pub use flicker::Flicker;
pub use frames::{CompareError, FrameAt};
pub use luma::{LumaMeter, LumaQuality, measure_luma};
pub use pair::{LEAST_SIDE, PairError, PlanePair, Square};
pub use psnr::{Psnr, compare_luma};
pub use ssim::Ssim;
pub use vmaf::{Vmaf, measure};
