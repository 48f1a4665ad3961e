//! The luma of a decoded frame, kept after the decoder has moved on.
//!
//! # Shapes and units
//! Row major without padding, code values as decoded. Times in seconds of the file's own media time.

use countermark_media::{Luma, LumaSamples};

/// One frame.
#[derive(Debug)]
pub(crate) struct Still {
    pub(crate) media_time: f64,
    samples: Samples,
    width: usize,
    height: usize,
    bit_depth: u8,
    full_range: bool,
}

#[derive(Debug)]
enum Samples {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

impl Still {
    /// A copy of what a frame shows.
    pub(crate) fn of(luma: Luma<'_>, media_time: f64) -> Self {
        Self {
            media_time,
            samples: match luma.samples {
                LumaSamples::U8(samples) => Samples::Bytes(packed(samples, &luma)),
                LumaSamples::U16(samples) => Samples::Words(packed(samples, &luma)),
            },
            width: luma.width,
            height: luma.height,
            bit_depth: luma.bit_depth,
            full_range: luma.full_range,
        }
    }

    /// The frame as it was decoded.
    pub(crate) fn luma(&self) -> Luma<'_> {
        Luma {
            samples: match &self.samples {
                Samples::Bytes(samples) => LumaSamples::U8(samples),
                Samples::Words(samples) => LumaSamples::U16(samples),
            },
            width: self.width,
            height: self.height,
            stride: self.width,
            bit_depth: self.bit_depth,
            full_range: self.full_range,
        }
    }

    /// Bytes of its samples.
    pub(crate) fn bytes(&self) -> usize {
        match &self.samples {
            Samples::Bytes(samples) => samples.len(),
            Samples::Words(samples) => 2 * samples.len(),
        }
    }
}

fn packed<T: Copy>(samples: &[T], luma: &Luma<'_>) -> Vec<T> {
    let mut packed = Vec::with_capacity(luma.width * luma.height);
    for row in samples.chunks(luma.stride) {
        packed.extend_from_slice(&row[..luma.width]);
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_still_is_the_frame_without_its_padding() {
        let padded = [1_u16, 2, 3, 0, 4, 5, 6];
        let luma = Luma {
            samples: LumaSamples::U16(&padded),
            width: 3,
            height: 2,
            stride: 4,
            bit_depth: 10,
            full_range: true,
        };
        let still = Still::of(luma, 0.5);
        let own = still.luma();
        assert_eq!((own.width, own.height, own.stride), (3, 2, 3));
        assert_eq!((own.bit_depth, own.full_range), (10, true));
        assert_eq!(still.bytes(), 12);
        let LumaSamples::U16(samples) = own.samples else {
            panic!("the depth changed");
        };
        assert_eq!(samples, [1, 2, 3, 4, 5, 6]);
    }
}
