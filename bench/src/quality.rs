//! What the mark costs: luma quality measured here, VMAF and XPSNR through an FFmpeg that has them.
//!
//! ```text
//! frames -> pair -> psnr | block | ssim | flicker | light -> luma    one pass over both files
//!                \-> pictures                                        one frame, for a reader's own eyes
//! external -> vmaf, xpsnr                                        the measuring tool that the environment names
//! ```
//!
//! The marked frames are compared before any lossy encoding: the marked copy under test is lossless.

mod bd_rate;
mod block;
mod external;
mod flicker;
mod frames;
mod light;
mod luma;
mod metric;
mod pair;
mod pictures;
mod psnr;
mod ssim;
mod vmaf;
mod xpsnr;

pub use bd_rate::{BD_CRFS, RatePoint, bd_rate};
pub use block::WorstBlock;
pub use external::{VMAF_VARIABLE, VmafError};
pub use flicker::Flicker;
pub use frames::{CompareError, FrameAt};
pub use light::{Light, STRAY_LIGHT, Transfer, Viewing};
pub use luma::{LumaMeter, LumaQuality, measure_luma};
pub use metric::{Metric, Told};
pub use pair::{LEAST_SIDE, PairError, PlanePair, Square};
pub use pictures::{
    DIFFERENCE_GAIN, FramePictures, LONG_SIDE, PicturesError, Region, worst_frame_pictures,
};
pub use psnr::{Psnr, compare_luma};
pub use ssim::Ssim;
pub use vmaf::{Vmaf, measure, measuring_tool};
