//! What goes into the marking of one frame, and what is reported of it.
//!
//! # Shapes and units
//! Squared changes in squared code values of the plane's bit depth, amplitudes in code values of 8 bits.

use crate::lattice::downsample::RowSum;
use crate::lattice::upsample::AddChange;

/// What marking did to a frame.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct FrameReport {
    /// Sum of squared changes of luma, in squared code values of the plane's bit depth.
    pub squared_change: u64,
    /// Root mean square amplitude of the chips as they look, in code values of 8 bits of standard range.
    pub amplitude: f32,
}

/// A sample type that can be marked.
pub trait MarkSample: RowSum + AddChange {}
impl<T: RowSum + AddChange> MarkSample for T {}
