//! A picture with its halves and what alignments ask of them, made once.
//!
//! ```text
//! level l + 1 = means of 2 x 2 of level l;   B[n] = n passes of [1 2 1]/4 along both axes
//! ```
//!
//! A picture is aligned again and again: with each frame that it may show, from several starts, and for each on several
//! levels. None of its blurs depends on the other picture, and where that shows all of it, neither do its normalised samples
//! and their gradients.
//!
//! # Shapes and units
//! Level `l` has samples of `2^l` samples of the picture.

use std::sync::{Arc, OnceLock};

use countermark_picture::Grey;

use super::normalised::{Neighbourhoods, RADIUS};
use super::pattern::{Pattern, surrounded};
use super::view::MOST_PASSES;

/// The coarsest level has at least this many samples on its short side: one sample there is 8 of a short side of 288.
const COARSEST_SIDE: usize = 32;

/// Passes beyond one, which all pictures have.
const BLURS: usize = MOST_PASSES + 1;

/// A picture that is aligned with others, several times.
#[derive(Debug)]
pub struct Pyramid {
    /// Finest first.
    scales: Vec<Scale>,
}

/// One level of a picture.
#[derive(Debug)]
pub(super) struct Scale {
    picture: Arc<Grey>,
    blurred: [OnceLock<Grey>; BLURS],
    patterns: [OnceLock<Pattern>; BLURS],
    /// Of all samples.
    neighbourhoods: OnceLock<Neighbourhoods>,
}

impl Pyramid {
    /// Of a picture.
    #[must_use]
    pub fn new(picture: impl Into<Arc<Grey>>) -> Self {
        let mut scales = vec![Scale::new(picture.into())];
        while let Some(last) = scales.last() {
            let last = &last.picture;
            if last.width().min(last.height()) < 2 * COARSEST_SIDE {
                break;
            }
            let Some(half) = last.halved() else { break };
            scales.push(Scale::new(Arc::new(half)));
        }
        Self { scales }
    }

    /// The picture itself.
    #[must_use]
    pub fn picture(&self) -> &Grey {
        &self.scales[0].picture
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        let picture = self.picture();
        (picture.width(), picture.height())
    }

    /// Finest first, at least one.
    pub(super) fn scales(&self) -> &[Scale] {
        &self.scales
    }
}

impl Scale {
    fn new(picture: Arc<Grey>) -> Self {
        Self {
            picture,
            blurred: Default::default(),
            patterns: Default::default(),
            neighbourhoods: OnceLock::new(),
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.picture.width(), self.picture.height())
    }

    /// Blurred by one pass and so many more.
    pub(super) fn blurred(&self, more: usize) -> &Grey {
        self.blurred[more].get_or_init(|| {
            let less = self.blurred[..more].iter().enumerate();
            let less = less.filter_map(|(at, known)| Some((at, known.get()?)));
            match less.last() {
                Some((at, known)) => known.blurred(more - at),
                None => self.picture.blurred(1 + more),
            }
        })
    }

    /// The squares around all samples.
    pub(super) fn neighbourhoods(&self) -> &Neighbourhoods {
        self.neighbourhoods.get_or_init(|| {
            let (width, height) = self.size();
            Neighbourhoods::new(vec![true; width * height], width, RADIUS)
        })
    }

    /// All samples normalised, after one pass and so many more.
    pub(super) fn pattern(&self, more: usize) -> &Pattern {
        self.patterns[more].get_or_init(|| {
            let all = self.neighbourhoods();
            let counts = surrounded(all.mask(), self.size().0);
            self.pattern_within(more, all, &counts)
        })
    }

    /// The samples of a mask normalised, after one pass and so many more; `counts` are those with all neighbours.
    pub(super) fn pattern_within(
        &self,
        more: usize,
        neighbourhoods: &Neighbourhoods,
        counts: &[bool],
    ) -> Pattern {
        let mut samples = self.blurred(more).samples().to_vec();
        neighbourhoods.normalise(&mut samples);
        Pattern::new(&samples, counts, self.size().0)
    }
}

/// The first pair, if all have its sizes.
pub(super) fn alike<'a>(
    pairs: &[(&'a Pyramid, &'a Pyramid)],
) -> Option<(&'a Pyramid, &'a Pyramid)> {
    let (reference, suspect) = *pairs.first()?;
    let alike = pairs
        .iter()
        .all(|(r, s)| r.size() == reference.size() && s.size() == suspect.size());
    alike.then_some((reference, suspect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

    #[test]
    fn blurs_are_those_of_the_picture_in_any_order() {
        let own = picture(3, 96, 70);
        for order in [[0, 2, 5], [5, 2, 0], [2, 5, 0]] {
            let pyramid = Pyramid::new(own.clone());
            for more in order {
                let blurred = pyramid.scales()[0].blurred(more);
                assert_eq!(*blurred, own.blurred(1 + more), "{more} of {order:?}");
            }
        }
    }

    #[test]
    fn levels_are_halves_down_to_the_coarsest() {
        let pyramid = Pyramid::new(picture(3, 260, 150));
        let sizes: Vec<_> = pyramid.scales().iter().map(Scale::size).collect();
        assert_eq!(sizes, [(260, 150), (130, 75), (65, 37)]);
    }
}
