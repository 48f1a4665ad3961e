//! Segments of the index as a search of many words looks into them.
//!
//! # Shapes and units
//! Places as in `countermark_fingerprint::index`; media times in seconds.

use countermark_catalogue::{Index, IndexSegment};
use countermark_fingerprint::index::{Segment, WordFilter};

/// A segment.
pub(crate) struct Searchable<'a> {
    titles: &'a IndexSegment,
    view: Segment<'a>,
    /// Of a small one.
    filter: Option<WordFilter>,
}

impl<'a> Searchable<'a> {
    /// The segments of an index, in their order.
    pub(crate) fn all_of(index: &'a Index) -> Vec<Self> {
        let segments = index.segments().iter();
        segments
            .map(|titles| {
                let view = titles.view();
                Self {
                    filter: WordFilter::of(&view),
                    titles,
                    view,
                }
            })
            .collect()
    }

    /// Whether it may have places of a word.
    pub(crate) fn may_hold(&self, word: u32) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| filter.may_hold(word))
    }

    /// Places of a word, ascending.
    pub(crate) fn places_of_word(&self, word: u32) -> impl Iterator<Item = u32> + use<'a> {
        self.view.places_of_word(word)
    }

    /// Places of a frame hash and of those near it, ascending.
    pub(crate) fn places_of_hash(&self, hash: u64) -> Vec<u32> {
        self.view.places_of_hash(hash)
    }

    /// The title of a place, by its place among those asked for, and the media time there; none of a title that is not asked for.
    pub(crate) fn picture(&self, place: u32) -> Option<(usize, f64)> {
        let (title, media_time) = self.view.picture(place)?;
        Some((self.titles.title(title)?, media_time))
    }
}
