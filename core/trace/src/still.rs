//! The luma of a decoded frame, kept after the decoder has moved on.
//!
//! # Shapes and units
//! Row major without padding, code values as decoded. Times in seconds of the file's own media time.

use countermark_picture::{AnyPlane, BitDepth, PlaneGeometry, PlaneView, Sample};

/// One frame.
#[derive(Debug)]
pub(crate) struct Still {
    pub(crate) media_time: f64,
    samples: Samples,
    geometry: PlaneGeometry,
    bit_depth: BitDepth,
}

#[derive(Debug)]
enum Samples {
    Bytes(Vec<u8>),
    Words(Vec<u16>),
}

impl Still {
    /// A copy of what a frame shows.
    pub(crate) fn of(luma: AnyPlane<'_>, media_time: f64) -> Self {
        let Ok(geometry) = PlaneGeometry::packed(luma.width(), luma.height()) else {
            unreachable!("the sides of a plane")
        };
        Self {
            media_time,
            samples: match luma {
                AnyPlane::U8(view) => Samples::Bytes(packed(&view)),
                AnyPlane::U16(view) => Samples::Words(packed(&view)),
            },
            geometry,
            bit_depth: luma.bit_depth(),
        }
    }

    /// The frame as it was decoded.
    pub(crate) fn luma(&self) -> AnyPlane<'_> {
        let (geometry, bit_depth) = (self.geometry, self.bit_depth);
        let plane = match &self.samples {
            Samples::Bytes(samples) => {
                PlaneView::new(samples, geometry, bit_depth).map(AnyPlane::U8)
            }
            Samples::Words(samples) => {
                PlaneView::new(samples, geometry, bit_depth).map(AnyPlane::U16)
            }
        };
        let Ok(plane) = plane else {
            unreachable!("the samples of a plane, without its padding")
        };
        plane
    }

    /// The same with black and white exchanged.
    pub(crate) fn negative(luma: AnyPlane<'_>) -> Self {
        let mut still = Self::of(luma, 0.0);
        match &mut still.samples {
            Samples::Bytes(samples) => {
                for sample in samples {
                    *sample = !*sample;
                }
            }
            Samples::Words(samples) => {
                let highest = ((1_u32 << still.bit_depth.bits()) - 1) as u16;
                for sample in samples {
                    *sample = highest.saturating_sub(*sample);
                }
            }
        }
        still
    }

    /// Bytes of its samples.
    pub(crate) fn bytes(&self) -> usize {
        match &self.samples {
            Samples::Bytes(samples) => samples.len(),
            Samples::Words(samples) => 2 * samples.len(),
        }
    }
}

fn packed<T: Sample>(view: &PlaneView<'_, T>) -> Vec<T> {
    let mut packed = Vec::with_capacity(view.width() * view.height());
    for row in view.rows() {
        packed.extend_from_slice(row);
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_twice_is_the_frame() {
        let (bytes, words) = ([0_u8, 16, 255], [0_u16, 64, 1023]);
        let bytes = AnyPlane::of_bytes(&bytes, 3, 1, 3).expect("a plane");
        let geometry = PlaneGeometry::packed(3, 1).expect("three samples");
        let ten = BitDepth::TEN;
        let words = PlaneView::new(&words, geometry, ten).map(AnyPlane::U16);
        let first = |still: &Still| match &still.samples {
            Samples::Bytes(samples) => samples.iter().map(|s| u16::from(*s)).collect(),
            Samples::Words(samples) => samples.clone(),
        };
        for (luma, expected) in [
            (bytes, vec![255_u16, 239, 0]),
            (words.expect("a plane"), vec![1023, 959, 0]),
        ] {
            let negative = Still::negative(luma);
            assert_eq!(first(&negative), expected);
            let again = Still::negative(negative.luma());
            assert_eq!(first(&again), first(&Still::of(luma, 0.0)));
        }
    }

    #[test]
    fn a_still_is_the_frame_without_its_padding() {
        let padded = [1_u16, 2, 3, 0, 4, 5, 6];
        let geometry = PlaneGeometry::new(3, 2, 4).expect("sides in range");
        let plane = PlaneView::new(&padded, geometry, BitDepth::TEN).expect("long enough");
        let still = Still::of(plane.into(), 0.5);
        let own = still.luma();
        assert_eq!((own.size(), own.geometry().stride()), ((3, 2), 3));
        assert_eq!(own.bit_depth(), BitDepth::TEN);
        assert_eq!(still.bytes(), 12);
        let AnyPlane::U16(view) = own else {
            panic!("the depth changed");
        };
        assert_eq!(view.rows().collect::<Vec<_>>(), [[1, 2, 3], [4, 5, 6]]);
    }
}
