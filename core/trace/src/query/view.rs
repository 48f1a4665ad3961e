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

use countermark_mark::Placement;
use countermark_mark::lattice::LatticeGeometry;
use countermark_picture::content::ContentFinder;
use countermark_picture::{QuarterTurn, Rect};

use crate::query::orientation::Pose;
use crate::query::playback::Playback;
use crate::registration::segment::Registration;

/// View hypotheses of each turn: the whole frame and the picture between bars.
const VIEWS_OF_A_TURN: usize = 2;

/// A picture between bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inset {
    frame: (usize, usize),
    placement: Placement,
}

impl Inset {
    /// What a finder saw between bars; none when the picture fills the frame, or is too small for the lattice.
    #[must_use]
    pub(crate) fn of(borders: &ContentFinder, lattice: LatticeGeometry) -> Option<Self> {
        let content = borders.content()?;
        let frame = content.frame();
        let Rect {
            left: x,
            top: y,
            width,
            height,
        } = content.rect(frame);
        let placement = Placement::Window {
            x,
            y,
            width,
            height,
        };
        let fits = width >= lattice.width() && height >= lattice.height();
        fits.then_some(Self { frame, placement })
    }

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

/// One way to look at a clip.
#[derive(Debug, Clone)]
pub(crate) struct ViewHypothesis {
    /// What brings its frames upright.
    pub(crate) turn: QuarterTurn,
    /// Where the picture lies in them.
    pub(crate) shown: Shown,
    /// How the clip is played.
    pub(crate) playback: Playback,
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
pub(crate) struct ViewHypotheses {
    /// The next one last.
    left: Vec<ViewHypothesis>,
    /// How the whole frame is turned that is being looked at.
    whole: Option<QuarterTurn>,
    possible: usize,
    playback: Playback,
}

impl ViewHypotheses {
    /// For a clip and a master that are coded like this.
    #[must_use]
    pub(crate) fn new(master: Pose, clip: Pose) -> Self {
        let turns = clip.turns_onto(master);
        let whole = |turn: &QuarterTurn| ViewHypothesis {
            turn: *turn,
            shown: Shown::Whole,
            playback: Playback::PLAIN,
        };
        Self {
            possible: VIEWS_OF_A_TURN * turns.len(),
            left: turns.iter().rev().map(whole).collect(),
            whole: None,
            playback: Playback::PLAIN,
        }
    }

    /// Of the clip when it is played so.
    #[must_use]
    pub(crate) fn played(mut self, playback: Playback) -> Self {
        self.playback = playback;
        for view in &mut self.left {
            view.playback = playback;
        }
        self
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
            self.left.push(ViewHypothesis {
                turn,
                shown: Shown::Between(inset),
                playback: self.playback,
            });
        }
    }
}

impl Iterator for ViewHypotheses {
    type Item = ViewHypothesis;

    fn next(&mut self) -> Option<ViewHypothesis> {
        let next = self.left.pop()?;
        self.whole = matches!(next.shown, Shown::Whole).then_some(next.turn);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use countermark_picture::AnyPlane;

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
        let mut borders = ContentFinder::default();
        let luma = AnyPlane::of_bytes(samples, width, height, width).expect("a plane");
        borders.look(luma, 0.0);
        Inset::of(&borders, lattice())
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
        let mut views = ViewHypotheses::new(POSE, POSE);
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
        assert_eq!(
            ViewHypotheses::new(POSE, POSE)
                .with_registration()
                .possible(),
            3
        );
    }

    #[test]
    fn a_picture_that_fills_the_frame_or_is_tiny_is_no_inset() {
        assert_eq!(seen(&frame(640, 360, (640, 360)), 640, 360), None);
        assert_eq!(seen(&frame(640, 360, (120, 68)), 640, 360), None);
    }
}
