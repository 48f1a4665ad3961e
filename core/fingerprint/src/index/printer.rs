//! The prints of a title's pictures, frame by frame.
//!
//! # Shapes and units
//! Frames with a short side of about 288 samples, in the order of media time, in seconds.

use countermark_picture::content::ContentFinder;
use countermark_picture::{Grey, PlaneView, Sample};

use super::PICTURE_WORDS;
use super::segment::PICTURE_STEP;
use super::write::PicturePrint;
use crate::{FeatureFinder, FrameHasher, Projection};

/// Makes a print of the first frame of every [`PICTURE_STEP`].
#[derive(Debug, Default)]
pub struct PicturePrinter {
    finder: FeatureFinder,
    hasher: FrameHasher,
    borders: ContentFinder,
    prints: Vec<PicturePrint>,
}

impl PicturePrinter {
    /// Takes a frame in.
    pub fn push<T: Sample>(&mut self, luma: &PlaneView<'_, T>, media_time: f64) {
        if media_time < self.prints.len() as f64 * PICTURE_STEP {
            return;
        }
        // Places at which no frame begins stay empty.
        let place = (media_time / PICTURE_STEP) as usize;
        self.prints.resize(place, PicturePrint::default());
        self.borders.observe(luma);
        // What lies between bars, as far as frames have told.
        let content = self.borders.sides().rect;
        let whole = Grey::averaged(luma, luma.width(), luma.height());
        let features = self.finder.find(&whole, PICTURE_WORDS);
        let hashed = self.hasher.hash(luma, content);
        self.prints.push(PicturePrint {
            words: features
                .iter()
                .map(|feature| Projection::new(&feature.descriptor).word())
                .collect(),
            hash: (!hashed.quality.is_too_flat()).then(|| hashed.hash.words()[0]),
        });
    }

    /// The prints, a place each.
    #[must_use]
    pub fn finish(self) -> Vec<PicturePrint> {
        self.prints
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;
    use countermark_picture::{BitDepth, PlaneGeometry};

    #[test]
    fn every_step_has_the_print_of_its_first_frame() {
        let grey = picture(1, 320, 180);
        let samples: Vec<u8> = grey.samples().iter().map(|s| *s as u8).collect();
        let packed = PlaneGeometry::packed(320, 180).expect("sides");
        let view = PlaneView::new(&samples, packed, BitDepth::EIGHT).expect("a plane");
        let mut printer = PicturePrinter::default();
        for time in [0.0, 0.5, 1.99, 2.03, 2.5, 8.1] {
            printer.push(&view, time);
        }
        let prints = printer.finish();
        assert_eq!(prints.len(), 5);
        assert_eq!(prints[0], prints[1]);
        assert_eq!(prints[2], PicturePrint::default());
        assert_eq!(prints[4], prints[0]);
        assert!(prints[0].words.len() > 10 && prints[0].hash.is_some());
    }
}
