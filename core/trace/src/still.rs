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
