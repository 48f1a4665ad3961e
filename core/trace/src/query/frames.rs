//! A few frames of a clip, small and grey, for registration.
//!
//! # Shapes and units
//! Short side [`SHORT_SIDE`] or the clip's own where that is less. How many are taken says
//! [`QueryTuning`](crate::tuning::QueryTuning): 240 pictures of 512 x 288 are 135 MiB. Moments are of a quarter of that size
//! each way, four times as many. Layers share them.

use std::path::Path;
use std::sync::Arc;

use countermark_fingerprint::{Feature, FeatureFinder, FrameHash, FrameHasher, Overlay};
use countermark_picture::content::{Content, ContentFinder};
use countermark_picture::{AnyPlane, Grey, Homography, Rect, by_depth};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::footage::Footage;
use crate::query::part::Part;
use crate::query::playback::Playback;
use crate::query::thumbnail::{SHORT_SIDE, grey};
use crate::task::Task;
use crate::tuning::QueryTuning;

const SMALLER: usize = 4;

/// One frame of a clip.
#[derive(Debug, Clone)]
pub(crate) struct QueryFrame {
    /// On the clip's clock.
    pub(crate) clip_time: f64,
    /// The frame.
    pub(crate) picture: Arc<Grey>,
    /// The frame in the size of a [`DenseThumbnail`].
    pub(crate) small: Arc<Grey>,
    /// Its features.
    pub(crate) features: Vec<Feature>,
    /// Its hash; none when it is too flat.
    pub(crate) hash: Option<FrameHash>,
}

impl QueryFrame {
    /// Its features are found later, those of several probes at a time.
    fn take(luma: AnyPlane<'_>, clip_time: f64, hasher: &mut FrameHasher) -> Self {
        let whole = Rect::whole(luma.width(), luma.height());
        let hashed = by_depth!(luma, |view| hasher.hash(&view, whole));
        Self {
            clip_time,
            features: Vec::new(),
            picture: Arc::new(grey(luma)),
            small: Arc::new(luma.with_short_side(SHORT_SIDE / SMALLER)),
            hash: (!hashed.quality.is_too_flat()).then_some(hashed.hash),
        }
    }
}

/// One frame of a clip, too small for features: what moves tells the time, and the more frames the better.
#[derive(Debug, Clone)]
pub(crate) struct DenseThumbnail {
    /// On the clip's clock.
    pub(crate) clip_time: f64,
    /// The frame.
    pub(crate) picture: Grey,
}

/// The probes of a clip.
#[derive(Debug, Clone, Default)]
pub struct QueryFrames {
    all: Vec<QueryFrame>,
    moments: Arc<Vec<DenseThumbnail>>,
    /// Seconds from one to the next.
    step: f64,
    end: f64,
    content: Option<Content>,
    /// Whether they are of one of several places of the picture.
    is_part: bool,
    /// Columns and rows of the clip's frames.
    frame: (usize, usize),
    uncovered: Option<Box<QueryFrames>>,
    overlay: Option<Overlay>,
}

impl QueryFrames {
    /// Reads them; what lies between bars, where there are any.
    ///
    /// # Errors
    /// When the clip cannot be decoded, or the work is to end.
    pub fn read(clip: &Path, task: &Task<'_>) -> Result<Self, TraceError> {
        Self::of(&Footage::passing(clip), task)
    }

    /// Takes them from a clip that is looked at again later; what lies between bars, where there are any.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn of(clip: &Footage, task: &Task<'_>) -> Result<Self, TraceError> {
        let (whole, borders) = Self::pass(clip, None, task)?;
        let taken = match borders.content() {
            Some(content) => Self::pass(clip, Some(content), task)?.0,
            None => whole,
        };
        taken.with_features(task)
    }

    /// Takes those of a part of the picture, at the times at which it is one.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn of_part(
        clip: &Footage,
        part: &Part,
        task: &Task<'_>,
    ) -> Result<Self, TraceError> {
        let (mut taken, _) = Self::pass(clip, Some(part.content), task)?;
        taken.is_part = true;
        taken.all.retain(|probe| part.holds(probe.clip_time));
        let moments = taken.moments.iter();
        let moments = moments.filter(|moment| part.holds(moment.clip_time));
        taken.moments = Arc::new(moments.cloned().collect());
        taken.with_features(task)
    }

    /// Those of some moments of the clip.
    pub(crate) fn only(&self, holds: &impl Fn(f64) -> bool) -> Self {
        let uncovered = self.uncovered.as_ref();
        let mut some = Self {
            uncovered: uncovered.map(|layer| Box::new(layer.only(holds))),
            ..self.clone()
        };
        some.all.retain(|probe| holds(probe.clip_time));
        some
    }

    fn with_features(mut self, task: &Task<'_>) -> Result<Self, TraceError> {
        let tuning = &task.tuning().query;
        self.all
            .par_iter_mut()
            .for_each_init(FeatureFinder::new, |finder, probe| {
                if !task.is_cancelled() {
                    probe.features = finder.find(&probe.picture, tuning.max_features);
                }
            });
        task.proceed()?;
        self.uncovered = self.uncovered(tuning.max_features).map(Box::new);
        Ok(self)
    }

    /// The same without what stands still over the pictures, such as captions and logos; none when nothing does.
    fn uncovered(&self, max_features: usize) -> Option<Self> {
        let pictures: Vec<&Grey> = self.all.iter().map(|probe| &*probe.picture).collect();
        Some(self.without(Overlay::find(&pictures)?, max_features))
    }

    /// The same without what lies over the pictures. It has no features and no part in likenesses. Alignment weighs such
    /// things out itself, so the pictures stay.
    pub(crate) fn without(&self, overlay: Overlay, max_features: usize) -> Self {
        let probe = |finder: &mut FeatureFinder, probe: &QueryFrame| QueryFrame {
            features: finder.find(&overlay.filled(&probe.picture), max_features),
            ..probe.clone()
        };
        let all = self.all.par_iter().map_init(FeatureFinder::new, probe);
        Self {
            all: all.collect(),
            moments: Arc::clone(&self.moments),
            uncovered: None,
            overlay: Some(overlay),
            ..*self
        }
    }

    /// The frames of a clip that is played in another way, on the clock of that playback. What is told of a negative is told of the
    /// clip as it is, and turned round.
    #[must_use]
    pub(crate) fn played(&self, playback: Playback) -> Self {
        let frame = |frame: &QueryFrame| {
            let clip_time = playback.own(frame.clip_time);
            if !playback.is_negative() {
                return QueryFrame {
                    clip_time,
                    ..frame.clone()
                };
            }
            QueryFrame {
                clip_time,
                features: frame.features.iter().map(Feature::negative).collect(),
                picture: Arc::new(frame.picture.negative()),
                small: Arc::new(frame.small.negative()),
                // Features tell it as well.
                hash: None,
            }
        };
        let mut all: Vec<QueryFrame> = self.all.iter().map(frame).collect();
        let moment = |moment: &DenseThumbnail| DenseThumbnail {
            clip_time: playback.own(moment.clip_time),
            picture: if playback.is_negative() {
                moment.picture.negative()
            } else {
                moment.picture.clone()
            },
        };
        let mut moments: Vec<DenseThumbnail> = self.moments.iter().map(moment).collect();
        if playback.is_backwards() {
            all.reverse();
            moments.reverse();
        }
        let uncovered = self.uncovered.as_ref();
        Self {
            all,
            moments: Arc::new(moments),
            step: playback.pace() * self.step,
            end: playback.pace() * self.end,
            content: self.content,
            is_part: self.is_part,
            frame: self.frame,
            uncovered: uncovered.map(|layer| Box::new(layer.played(playback))),
            overlay: self.overlay.clone(),
        }
    }

    fn pass(
        clip: &Footage,
        content: Option<Content>,
        task: &Task<'_>,
    ) -> Result<(Self, ContentFinder), TraceError> {
        let tuning = &task.tuning().query;
        let pass = clip.pass(
            task,
            |info| Pass::new(info.length_seconds(None).unwrap_or(0.0), content, tuning),
            |pass, media_time, luma| pass.take(luma, media_time),
        )?;
        Ok(pass.finished())
    }

    /// What lies between bars in the frames; none when the probes are whole frames.
    #[must_use]
    pub(crate) fn content(&self) -> Option<Content> {
        self.content
    }

    /// Whether they are of one of several places of the picture, which may show one title after the other.
    #[must_use]
    pub(crate) fn is_part(&self) -> bool {
        self.is_part
    }

    /// The part of the clip's frames that they show, in samples of those; none where no frame was shown.
    #[must_use]
    pub(crate) fn shown(&self) -> Option<Rect> {
        let (width, height) = self.frame;
        let whole = Rect::whole(width, height);
        (width > 0 && height > 0).then(|| {
            self.content
                .map_or(whole, |content| content.rect(self.frame))
        })
    }

    /// Columns and rows of the clip's frames.
    #[must_use]
    pub(crate) fn frame(&self) -> (usize, usize) {
        self.frame
    }

    /// The clip as it is, and without what seems to stand still over it, where something does. That may as well be the title,
    /// filmed from a stand and laid over pictures that move.
    pub fn layers(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.uncovered.as_deref())
    }

    /// What this layer is without.
    #[must_use]
    pub(crate) fn overlay(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// In the order of time.
    #[must_use]
    pub(crate) fn all(&self) -> &[QueryFrame] {
        &self.all
    }

    /// In the order of time.
    #[must_use]
    pub(crate) fn moments(&self) -> &[DenseThumbnail] {
        &self.moments
    }

    /// Columns and rows of the probes.
    #[must_use]
    pub(crate) fn size(&self) -> (usize, usize) {
        self.all
            .first()
            .map_or((1, 1), |p| (p.picture.width(), p.picture.height()))
    }

    /// What a copy may fill: the probes, and the whole frame where they are a part of it, for what was taken for bars may be a
    /// sky. Columns and rows in samples of the probes, and the map to them.
    pub(crate) fn frames(&self) -> Vec<((f64, f64), Homography)> {
        let (width, height) = self.size();
        let size = (width as f64, height as f64);
        let mut frames: Vec<((f64, f64), Homography)> = Vec::new();
        frames.extend(Homography::scaling(1.0, 1.0).map(|same| (size, same)));
        frames.extend(self.content.and_then(|content| {
            let within = content.in_frame()?.inverse()?;
            let (first, last) = (within.map((0.0, 0.0))?, within.map((1.0, 1.0))?);
            let whole = ((last.0 - first.0) * size.0, (last.1 - first.1) * size.1);
            let (left, top) = (first.0 * size.0, first.1 * size.1);
            let into = Homography::affine([1.0, 0.0, left, 0.0, 1.0, top])?;
            Some((whole, into))
        }));
        frames
    }

    /// What the scores of some probes add up to: of those that lie closer than usual no more than usual, for they show nearly the same.
    pub(crate) fn together(&self, scores: impl Iterator<Item = f64>, tuning: &QueryTuning) -> f64 {
        let mut scores: Vec<f64> = scores.collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let usual = (self.step * tuning.frames_per_second).min(1.0) * self.all.len() as f64;
        scores.into_iter().take(usual.ceil() as usize).sum()
    }

    /// Seconds from one probe to the next.
    #[must_use]
    pub(crate) fn step(&self) -> f64 {
        self.step
    }

    /// The clip's last moment.
    #[must_use]
    pub(crate) fn end(&self) -> f64 {
        self.end
    }
}

/// Seconds from one query frame to the next of a clip that is so long; 0 where that is not known.
fn step_of(length: f64, tuning: &QueryTuning) -> f64 {
    let usual = 1.0 / tuning.frames_per_second;
    if length <= 0.0 {
        return usual;
    }
    let of_short = (length / tuning.min_frames as f64).clamp(usual / 4.0, usual);
    of_short.max(length / tuning.max_frames as f64)
}

/// One pass over a clip.
struct Pass<'a> {
    tuning: &'a QueryTuning,
    taken: QueryFrames,
    moments: Vec<DenseThumbnail>,
    borders: ContentFinder,
    hasher: FrameHasher,
    start: Option<f64>,
    /// When the next probe and the next moment are due.
    next: f64,
    next_moment: f64,
    moment_step: f64,
    first: Option<QueryFrame>,
}

impl<'a> Pass<'a> {
    /// Over a clip of some seconds, of which something is content.
    fn new(length: f64, content: Option<Content>, tuning: &'a QueryTuning) -> Self {
        let step = step_of(length, tuning);
        Self {
            tuning,
            taken: QueryFrames {
                step,
                content,
                ..QueryFrames::default()
            },
            moments: Vec::new(),
            borders: ContentFinder::default(),
            hasher: FrameHasher::new(),
            start: None,
            // The middle of each step: the first frame of a cut is often its worst.
            next: step / 2.0,
            next_moment: 0.0,
            moment_step: (length / tuning.max_thumbnails as f64)
                .max(1.0 / tuning.thumbnails_per_second),
            first: None,
        }
    }

    fn take(&mut self, luma: AnyPlane<'_>, media_time: f64) {
        let taken = &mut self.taken;
        let clip_time = media_time - *self.start.get_or_insert(media_time);
        taken.end = clip_time;
        taken.frame = luma.size();
        // What lies between bars is known, or a part of the picture is looked at.
        if taken.content.is_none() {
            self.borders.look(luma, clip_time);
        }
        let luma = taken.content.map_or(luma, |content| content.of(luma));
        if clip_time >= self.next_moment && self.moments.len() < 2 * self.tuning.max_thumbnails {
            self.next_moment = clip_time + self.moment_step;
            self.moments.push(DenseThumbnail {
                clip_time,
                picture: luma.with_short_side(SHORT_SIDE / SMALLER),
            });
        }
        if clip_time >= self.next && taken.all.len() < 2 * self.tuning.max_frames {
            self.next = clip_time + taken.step;
            taken
                .all
                .push(QueryFrame::take(luma, clip_time, &mut self.hasher));
        } else if self.first.is_none() {
            self.first = Some(QueryFrame::take(luma, clip_time, &mut self.hasher));
        }
    }

    fn finished(self) -> (QueryFrames, ContentFinder) {
        let mut taken = self.taken;
        taken.moments = Arc::new(self.moments);
        // A picture, or a clip shorter than half a step, is its own probe.
        if taken.all.is_empty() {
            taken.all.extend(self.first);
        }
        (taken, self.borders)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_clips_are_given_frames_enough_to_agree() {
        let tuning = QueryTuning::default();
        let steps = [0.0, 0.2, 1.0, 2.0, 60.0, 600.0].map(|length| step_of(length, &tuning));
        let expected = [0.5, 0.125, 0.25, 0.5, 0.5, 2.5];
        for (step, expected) in steps.iter().zip(expected) {
            assert!((step - expected).abs() < 1e-9, "{steps:?}");
        }
    }

    #[test]
    fn frames_that_lie_closer_than_usual_add_up_to_no_more() {
        let tuning = QueryTuning::default();
        let mut hasher = FrameHasher::new();
        let luma = [128_u8; 64 * 64];
        let luma = AnyPlane::of_bytes(&luma, 64, 64, 64).expect("a plane");
        let frames = |step| QueryFrames {
            step,
            all: (0..4)
                .map(|_| QueryFrame::take(luma, 0.0, &mut hasher))
                .collect(),
            ..QueryFrames::default()
        };
        let scores = || [20.0, 50.0, 30.0, 40.0].into_iter();
        let sums = [0.25, 0.5, 2.0]
            .map(frames)
            .map(|all| all.together(scores(), &tuning));
        assert_eq!(format!("{sums:?}"), "[90.0, 140.0, 140.0]");
    }
}
