//! A request for one clip: which, of which titles, in which case.

use std::path::Path;

use countermark_register::TitleId;

/// One clip to examine.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Its file: a video or a picture.
    pub clip: &'a Path,
    /// The titles that it may show; all of them when nothing is known.
    pub titles: Option<&'a [TitleId]>,
    /// How many clips are examined for the same case, this one included: each is a chance more to accuse wrongly, so the
    /// bound is multiplied by their number.
    pub case_clips: u64,
    /// How many titles that come nearest and are no findings `identify` lists.
    pub listed: usize,
}

impl<'a> Request<'a> {
    /// A clip by itself, of any title.
    #[must_use]
    pub fn new(clip: &'a Path) -> Self {
        Self {
            clip,
            titles: None,
            case_clips: 1,
            listed: 0,
        }
    }

    /// Of these titles only.
    #[must_use]
    pub fn among(mut self, titles: &'a [TitleId]) -> Self {
        self.titles = Some(titles);
        self
    }

    /// With so many titles that come nearest and are no findings.
    #[must_use]
    pub fn listing(mut self, titles: usize) -> Self {
        self.listed = titles;
        self
    }

    /// One of so many clips of a case.
    #[must_use]
    pub fn in_case_of(mut self, clips: u64) -> Self {
        self.case_clips = clips.max(1);
        self
    }
}
