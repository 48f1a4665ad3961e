//! From the planes of `countermark-media` to the embedder of `countermark-mark`, and the quality of what it did.
//!
//! ```text
//! PSNR-Y = 10 log10((2^bit_depth - 1)^2 n / sum (marked - master)^2),  over all n luma samples, before encoding
//! ```
//!
//! # Shapes and units
//! Media time is seconds since the video's first frame. `squared_error` is in squared code values of the picture's own
//! bit depth, divided by the squared peak, so that depths can be compared.

use countermark_mark::{
    EmbedError, Embedder, Payload, Strength,
    key::{CarrierKey, ScopedPayloadKey},
    plane::{BitDepth, PlaneError, PlaneGeometry, PlaneViewMut},
};
use countermark_media::{LumaMut, LumaSamplesMut};

/// Marks the pictures of one delivery, in order.
#[derive(Debug)]
pub struct Marker {
    embedder: Embedder,
    picture: (usize, usize),
    squared_error: f64,
    samples: f64,
}

/// A picture that cannot be marked.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MarkerError {
    /// The decoder delivered another size than the file announced.
    #[error("the picture is {}x{}, the file announced {}x{}", found.0, found.1, announced.0, announced.1)]
    Size {
        /// Size of the picture.
        found: (usize, usize),
        /// Size that the file announced.
        announced: (usize, usize),
    },
    /// The plane is none.
    #[error(transparent)]
    Plane(#[from] PlaneError),
}

impl Marker {
    /// A marker for pictures of `picture` (width, height) that carry `payload`.
    ///
    /// # Errors
    /// When pictures of this size cannot carry a mark.
    pub fn new(
        carrier: &CarrierKey,
        scoped: &ScopedPayloadKey,
        payload: Payload,
        picture: (usize, usize),
        strength: Strength,
    ) -> Result<Self, EmbedError> {
        let embedder = Embedder::new(carrier, scoped, payload, picture, strength)?;
        Ok(Self {
            embedder,
            picture,
            squared_error: 0.0,
            samples: 0.0,
        })
    }

    /// Marks one picture in place.
    ///
    /// # Errors
    /// When its size or its samples are not what was announced.
    pub fn mark(&mut self, luma: LumaMut<'_>, media_time: f64) -> Result<(), MarkerError> {
        let found = (luma.width, luma.height);
        if found != self.picture {
            return Err(MarkerError::Size {
                found,
                announced: self.picture,
            });
        }
        let geometry = PlaneGeometry::new(luma.width, luma.height, luma.stride)?;
        let depth = BitDepth::new(luma.bit_depth)?;
        let report = match luma.samples {
            LumaSamplesMut::U8(samples) => self.embedder.mark(
                &mut PlaneViewMut::new(samples, geometry, depth)?,
                media_time,
            ),
            LumaSamplesMut::U16(samples) => self.embedder.mark(
                &mut PlaneViewMut::new(samples, geometry, depth)?,
                media_time,
            ),
        };
        let peak = f64::from((1_u32 << depth.bits()) - 1);
        self.squared_error += report.squared_change as f64 / (peak * peak);
        self.samples += (luma.width * luma.height) as f64;
        Ok(())
    }

    /// Luma PSNR of everything marked so far, dB; infinite if nothing changed.
    #[must_use]
    pub fn psnr_y_db(&self) -> f64 {
        10.0 * (self.samples / self.squared_error).log10()
    }
}
