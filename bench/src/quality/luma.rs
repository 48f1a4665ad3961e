//! Everything that is measured on luma alone, in one pass over master and marked file.
//!
//! ```text
//! for each pair of frames:  PSNR, worst block, SSIM, light of the pair;  flicker of the pair and the pair before
//! ```
//!
//! # Shapes and units
//! At most four decoded frames are held, two of each file, and a workspace of about 5 MB. Ratios are of the file's own
//! depth; everything else is in code values at 8 bits.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::block::{BlockMeter, WorstBlock};
use super::flicker::{Flicker, FlickerMeter};
use super::frames::{CompareError, FrameAt, FramePairs, LumaPair};
use super::light::{Light, LightMeter, Viewing};
use super::pair::{PlanePair, Square};
use super::psnr::{Psnr, PsnrMeter};
use super::ssim::{Ssim, SsimMeter};

/// What the mark did to the luma of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LumaQuality {
    /// Peak signal-to-noise ratio, and the number of frames.
    pub psnr: Psnr,
    /// Structural similarity.
    pub ssim: Ssim,
    /// The block that lost most.
    pub worst_block: WorstBlock,
    /// Flicker in flat and still regions; none when the clip has no such region.
    pub flicker: Option<Flicker>,
    /// What it did to light.
    pub light: Light,
}

/// Measures frames as they come.
#[derive(Debug, Clone, Default)]
pub struct LumaMeter {
    psnr: PsnrMeter,
    block: BlockMeter,
    ssim: SsimMeter,
    flicker: FlickerMeter,
    light: LightMeter,
}

impl LumaMeter {
    /// A meter for pictures that are viewed so.
    #[must_use]
    pub fn new(viewing: Viewing) -> Self {
        Self {
            light: LightMeter::new(viewing),
            ..Self::default()
        }
    }

    /// Counts the pair of frame `at`; `before` is the pair of the frame before it, where there is one.
    pub fn add<T: Square>(
        &mut self,
        at: FrameAt,
        pair: &PlanePair<'_, T>,
        before: Option<&PlanePair<'_, T>>,
    ) {
        self.psnr.add(at, pair);
        self.block.add(at, pair);
        self.ssim.add(at, pair);
        self.light.add(pair);
        if let Some(before) = before {
            self.flicker.add(pair, before);
        }
    }

    /// The quality of all frames so far; none without frames.
    #[must_use]
    pub fn result(&self) -> Option<LumaQuality> {
        Some(LumaQuality {
            psnr: self.psnr.result()?,
            ssim: self.ssim.result()?,
            worst_block: self.block.result()?,
            flicker: self.flicker.result(),
            light: self.light.result(),
        })
    }
}

/// Measures the luma of `marked` against that of `master`; they must have the same frames.
///
/// # Errors
/// When a file cannot be decoded, or frames differ in number, size or depth, or are smaller than
/// [`super::LEAST_SIDE`] a side.
pub fn measure_luma(master: &Path, marked: &Path) -> Result<LumaQuality, CompareError> {
    let mut pairs = FramePairs::open(master, marked)?;
    let mut meter = LumaMeter::new(pairs.viewing());
    let mut before = None;
    while let Some(pair) = pairs.next_pair()? {
        let earlier = before.as_ref().map(|p| pairs.luma(p)).transpose()?;
        match (pairs.luma(&pair)?, &earlier) {
            (LumaPair::U8(luma), Some(LumaPair::U8(earlier))) => {
                meter.add(pair.at(), &luma, Some(earlier));
            }
            (LumaPair::U16(luma), Some(LumaPair::U16(earlier))) => {
                meter.add(pair.at(), &luma, Some(earlier));
            }
            (LumaPair::U8(luma), _) => meter.add(pair.at(), &luma, None),
            (LumaPair::U16(luma), _) => meter.add(pair.at(), &luma, None),
        }
        before = Some(pair);
    }
    meter.result().ok_or_else(|| CompareError::Empty {
        master: master.to_owned(),
    })
}

#[cfg(test)]
mod tests;
