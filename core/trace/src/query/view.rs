//! How the frames of a clip may show the master's picture: turned by quarters, behind bars, in any perspective.
//!
//! A clip is first taken as it is. Bars, of any constant level, are known once a pass is over: when that pass was in
//! vain, the picture between them is tried on its own. With a reference, a clip that still says nothing is registered: see
//! [`crate::registration`]. Every view that a clip may come to counts as a hypothesis, tried or not; where the bars end,
//! and what registration finds, is read off the picture and says nothing about keys.
//!
//! # Shapes and units
//! Samples of the turned frame.

use std::sync::Arc;

use countermark_fingerprint::{BorderCropper, Homography, LumaError, LumaView, Rect};
use countermark_mark::Placement;
use countermark_mark::lattice::LatticeGeometry;
use countermark_media::{Luma, LumaSamples};

use crate::query::orientation::{Pose, Turn};
use crate::registration::segment::Registration;

/// Views of each turn: the whole frame and the picture between bars.
const VIEWS_OF_A_TURN: usize = 2;

/// Seconds from one look at the borders to the next.
const BORDER_LOOK_SECONDS: f64 = 0.25;

/// A picture between bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inset {
    frame: (usize, usize),
    placement: Placement,
}

impl Inset {
    /// Where the picture lies in a frame of that size.
    #[must_use]
    pub(crate) fn placement(self, frame: (usize, usize)) -> Placement {
        if frame == self.frame {
            self.placement
        } else {
            Placement::Whole
        }
    }
}

/// What lies between the bars of frames of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    frame: (usize, usize),
    rect: Rect,
}

impl Content {
    /// The frame without its bars; the whole frame when it is of another size.
    #[must_use]
    pub(crate) fn of(self, luma: Luma<'_>) -> Luma<'_> {
        if (luma.width, luma.height) != self.frame {
            return luma;
        }
        let first = self.rect.top * luma.stride + self.rect.left;
        let samples = match luma.samples {
            LumaSamples::U8(samples) => LumaSamples::U8(&samples[first..]),
            LumaSamples::U16(samples) => LumaSamples::U16(&samples[first..]),
        };
        Luma {
            samples,
            width: self.rect.width,
            height: self.rect.height,
            ..luma
        }
    }
}

impl Content {
    /// First column, first row, columns and rows in a frame of that size; the whole of one of another size.
    #[must_use]
    pub(crate) fn rect(self, frame: (usize, usize)) -> [usize; 4] {
        if frame == self.frame {
            let Rect {
                left,
                top,
                width,
                height,
            } = self.rect;
            [left, top, width, height]
        } else {
            [0, 0, frame.0, frame.1]
        }
    }

    /// From the unit square of what lies between the bars to that of the frame.
    #[must_use]
    pub(crate) fn in_frame(self) -> Option<Homography> {
        let (width, height) = (self.frame.0 as f64, self.frame.1 as f64);
        Homography::affine([
            self.rect.width as f64 / width,
            0.0,
            self.rect.left as f64 / width,
            0.0,
            self.rect.height as f64 / height,
            self.rect.top as f64 / height,
        ])
    }
}

/// One way to look at a clip.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// What brings its frames upright.
    pub(crate) turn: Turn,
    /// Where the picture lies in them.
    pub(crate) shown: Shown,
}

/// Where the master's picture lies in the frames of a clip.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// It fills them.
    Whole,
    /// It lies between bars.
    Between(Inset),
    /// It was registered with the reference, frame by frame.
    Registered(Arc<Registration>),
}

/// The views of a clip that are worth a pass, likeliest first.
#[derive(Debug)]
pub(crate) struct Views {
    /// The next one last.
    left: Vec<View>,
    /// How the whole frame is turned that is being looked at.
    whole: Option<Turn>,
    possible: usize,
}

impl Views {
    /// For a clip and a master that are coded like this.
    #[must_use]
    pub(crate) fn new(master: Pose, clip: Pose) -> Self {
        let turns = Turn::candidates(master, clip);
        let whole = |turn: &Turn| View {
            turn: *turn,
            shown: Shown::Whole,
        };
        Self {
            possible: VIEWS_OF_A_TURN * turns.len(),
            left: turns.iter().rev().map(whole).collect(),
            whole: None,
        }
    }

    /// And one more, for the clip as registration finds it.
    #[must_use]
    pub(crate) fn with_registration(mut self) -> Self {
        self.possible += 1;
        self
    }

    /// All views that there may be.
    #[must_use]
    pub(crate) fn possible(&self) -> usize {
        self.possible
    }

    /// The picture that a pass in vain saw between bars becomes the next view.
    pub(crate) fn offer(&mut self, inset: Option<Inset>) {
        if let (Some(turn), Some(inset)) = (self.whole, inset) {
            self.left.push(View {
                turn,
                shown: Shown::Between(inset),
            });
        }
    }
}

impl Iterator for Views {
    type Item = View;

    fn next(&mut self) -> Option<View> {
        let next = self.left.pop()?;
        self.whole = matches!(next.shown, Shown::Whole).then_some(next.turn);
        Some(next)
    }
}

/// Looks for bars in a clip, frame by frame.
#[derive(Debug, Default)]
pub(crate) struct Borders {
    cropper: Option<((usize, usize), BorderCropper)>,
    next_look: f64,
}

impl Borders {
    /// Whether the last frame that was looked at lies far enough back for another one.
    #[must_use]
    pub(crate) fn is_due(&self, seconds: f64) -> bool {
        seconds >= self.next_look
    }

    /// Takes a frame into account, or passes over it when the last one was just looked at.
    ///
    /// # Errors
    /// When the plane has no area or an impossible depth.
    pub(crate) fn look(&mut self, luma: Luma<'_>, seconds: f64) -> Result<(), LumaError> {
        if !self.is_due(seconds) {
            return Ok(());
        }
        self.next_look = seconds + BORDER_LOOK_SECONDS;
        let size = (luma.width, luma.height);
        let cropper = match &mut self.cropper {
            Some((known, cropper)) if *known == size => cropper,
            stale => &mut stale.insert((size, BorderCropper::new(size.0, size.1))).1,
        };
        let (width, height, stride, depth) =
            (luma.width, luma.height, luma.stride, luma.bit_depth.into());
        match luma.samples {
            LumaSamples::U8(samples) => {
                cropper.observe(&LumaView::new(samples, width, height, stride, depth)?);
            }
            LumaSamples::U16(samples) => {
                cropper.observe(&LumaView::new(samples, width, height, stride, depth)?);
            }
        }
        Ok(())
    }

    /// What lies between the bars; none when it fills the frame.
    #[must_use]
    pub(crate) fn content(&self) -> Option<Content> {
        let (frame, cropper) = self.cropper.as_ref()?;
        let rect = cropper.content().rect;
        let fills = (rect.width, rect.height) == *frame;
        (!fills && rect.width > 0 && rect.height > 0).then_some(Content {
            frame: *frame,
            rect,
        })
    }

    /// The picture between bars; none when it fills the frame, or is too small for the lattice.
    #[must_use]
    pub(crate) fn inset(&self, lattice: LatticeGeometry) -> Option<Inset> {
        let Content { frame, rect } = self.content()?;
        let fits = rect.width >= lattice.width() && rect.height >= lattice.height();
        fits.then_some(Inset {
            frame,
            placement: Placement::Window {
                x: rect.left,
                y: rect.top,
                width: rect.width,
                height: rect.height,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSE: Pose = Pose {
        width: 640,
        height: 360,
        rotation_degrees: 0,
    };

    fn lattice() -> LatticeGeometry {
        countermark_mark::FormatSpec::CURRENT
            .lattice(640, 360)
            .expect("a supported size")
    }

    /// A textured picture of some size in the middle of a grey frame.
    fn frame(width: usize, height: usize, picture: (usize, usize)) -> Vec<u8> {
        let (left, top) = ((width - picture.0) / 2, (height - picture.1) / 2);
        let inside = |x: usize, y: usize| {
            (left..left + picture.0).contains(&x) && (top..top + picture.1).contains(&y)
        };
        let sample = |x: usize, y: usize| {
            if inside(x, y) {
                (60 + (x * 7 + y * 13) % 120) as u8
            } else {
                32
            }
        };
        (0..height)
            .flat_map(|y| (0..width).map(move |x| sample(x, y)))
            .collect()
    }

    fn seen(samples: &[u8], width: usize, height: usize) -> Option<Inset> {
        let mut borders = Borders::default();
        let luma = Luma {
            samples: LumaSamples::U8(samples),
            width,
            height,
            stride: width,
            bit_depth: 8,
            full_range: false,
        };
        borders.look(luma, 0.0).expect("a plane");
        borders.inset(lattice())
    }

    #[test]
    fn the_picture_between_bars_is_the_next_view() {
        let inset = seen(&frame(540, 960, (540, 304)), 540, 960);
        let expected = Placement::Window {
            x: 0,
            y: 328,
            width: 540,
            height: 304,
        };
        assert_eq!(
            inset.map(|inset| inset.placement((540, 960))),
            Some(expected)
        );
        assert_eq!(
            inset.map(|inset| inset.placement((960, 540))),
            Some(Placement::Whole),
            "a frame of another size"
        );
        let mut views = Views::new(POSE, POSE);
        assert_eq!(views.possible(), 2);
        assert!(matches!(
            views.next().map(|view| view.shown),
            Some(Shown::Whole)
        ));
        views.offer(inset);
        let Some(Shown::Between(offered)) = views.next().map(|view| view.shown) else {
            panic!("the picture between bars is the next view");
        };
        assert_eq!(Some(offered), inset);
        views.offer(inset);
        assert!(views.next().is_none());
        assert_eq!(Views::new(POSE, POSE).with_registration().possible(), 3);
    }

    #[test]
    fn content_is_the_frame_without_its_bars() {
        let samples = frame(540, 960, (540, 304));
        let luma = |width, height| Luma {
            samples: LumaSamples::U8(&samples),
            width,
            height,
            stride: width,
            bit_depth: 8,
            full_range: false,
        };
        let mut borders = Borders::default();
        borders.look(luma(540, 960), 0.0).expect("a plane");
        let content = borders.content().expect("bars");
        let within = content.of(luma(540, 960));
        assert_eq!(
            (within.width, within.height, within.stride),
            (540, 304, 540)
        );
        let LumaSamples::U8(first) = within.samples else {
            panic!("8 bits stay 8 bits");
        };
        assert_eq!(first[..540], samples[328 * 540..329 * 540]);
        assert_eq!(content.of(luma(480, 960)).width, 480, "another size");
    }

    #[test]
    fn a_picture_that_fills_the_frame_or_is_tiny_is_no_inset() {
        assert_eq!(seen(&frame(640, 360, (640, 360)), 640, 360), None);
        assert_eq!(seen(&frame(640, 360, (120, 68)), 640, 360), None);
    }
}
