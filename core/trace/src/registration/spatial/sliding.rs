//! Query frames of a short clip that are sighted in a title by sliding them along its frames: parts that keep one side whole, of
//! pictures too coarse or too plain for features.
//!
//! ```text
//! probe i x frame f x way round -> place k, correlation c
//! m(i) = b + v t(i)                                 the line of time with the highest sum of c over the frames nearest to m(i)
//! sighted: at least three probes of c >= 0.3 on it, on average 0.36, at one place, one way round; they share a map
//! ```
//!
//! A reframed copy shows the same part of every frame, and one moment after the other: what slides to different places or times is not
//! sighted. Each probe by itself would take the frame that it is most like, and a scene that stands still has many.
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe, or of its mirror image.

use countermark_fingerprint::{Along, Consensus, Detail, Slid};
use countermark_picture::{Grey, Homography};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::query::frames::{QueryFrame, QueryFrames};
use crate::query::thumbnail::small_grey;
use crate::reference::Reference;
use crate::registration::prior::AlignmentPrior;
use crate::registration::spatial::track::evenly_spaced;
use crate::registration::spatial::verification::VerifiedMatch;
use crate::tuning::{RegistrationTuning, SlidingTuning};

/// Query frames of a short clip, to be slid along a title's frames.
pub(crate) struct Sliding<'a> {
    along: Along,
    /// Upright and mirrored.
    each: Vec<(&'a QueryFrame, [Detail; 2])>,
}

/// Where a query frame is most like a frame of a title.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slide {
    pub(crate) slid: Slid,
    pub(crate) media_time: f64,
}

impl<'a> Sliding<'a> {
    /// Along frames of `size`; none where the clip is longer, or no part of such a frame that keeps one side whole.
    pub(crate) fn new(
        probes: &'a QueryFrames,
        size: (usize, usize),
        tuning: &RegistrationTuning,
    ) -> Option<Self> {
        if probes.end() > tuning.sliding.max_seconds {
            return None;
        }
        let least = tuning.axis_aligned.min_aspect_difference;
        let along = Along::of(probes.size(), size, least)?;
        let some = evenly_spaced(
            &probes.all().iter().collect::<Vec<_>>(),
            tuning.sliding.frames,
        );
        let detail = |probe: &&'a QueryFrame| {
            let picture: &Grey = &probe.picture;
            let both = [
                Detail::new(picture, along),
                Detail::new(&picture.mirrored(), along),
            ];
            (*probe, both)
        };
        Some(Self {
            along,
            each: some.par_iter().map(detail).collect(),
        })
    }

    /// What of a title's frame is compared.
    pub(crate) fn detail(&self, frame: &Grey) -> Detail {
        Detail::new(frame, self.along)
    }

    /// The slide of each query frame, one way round, to the frame that it is most like.
    pub(crate) fn slides(
        &self,
        frames: &[(f64, Detail)],
        mirrored: bool,
    ) -> Vec<(&'a QueryFrame, Slide)> {
        let best = |(probe, ways): &(&'a QueryFrame, [Detail; 2])| {
            let each = frames.iter().filter_map(|(media_time, frame)| {
                let slid = frame.slid(&ways[usize::from(mirrored)])?;
                let media_time = *media_time;
                Some(Slide { slid, media_time })
            });
            let best = each.reduce(|best, next| {
                if next.slid.correlation > best.slid.correlation {
                    next
                } else {
                    best
                }
            })?;
            Some((*probe, best))
        };
        self.each.par_iter().filter_map(best).collect()
    }

    /// The slides of the query frames, one way round, along the line of time on which they are most like the frames, which are in the order of
    /// time, so many seconds apart.
    fn on_one_line(
        &self,
        (frames, step): (&[(f64, Detail)], f64),
        mirrored: bool,
        tuning: &SlidingTuning,
    ) -> Vec<(&'a QueryFrame, Slide)> {
        let to_each = |(probe, ways): &(&'a QueryFrame, [Detail; 2])| {
            let own = &ways[usize::from(mirrored)];
            let each = frames.iter().map(|(_, frame)| frame.slid(own));
            (*probe, each.collect::<Vec<_>>())
        };
        let slides: Vec<(&QueryFrame, Vec<Option<Slid>>)> =
            self.each.par_iter().map(to_each).collect();
        let media: Vec<f64> = frames.iter().map(|(media_time, _)| *media_time).collect();
        let moments: Vec<f64> = slides.iter().map(|(probe, _)| probe.clip_time).collect();
        let alike = |probe: usize, frame: usize| Some(slides[probe].1[frame]?.correlation);
        let line = likest_line(&moments, (&media, step), tuning, alike);
        let on = line
            .into_iter()
            .zip(&slides)
            .filter_map(|(frame, (probe, slides))| {
                let (slid, media_time) = (slides[frame?]?, media[frame?]);
                Some((*probe, Slide { slid, media_time }))
            });
        on.collect()
    }

    /// The map from a frame of `size` to a query frame of `probe`, or to its mirror image.
    fn map(&self, slid: Slid, size: (usize, usize), probe: (usize, usize)) -> Option<Homography> {
        let (scale, left, top) = match self.along {
            Along::Width => (
                probe.1 as f64 / size.1 as f64,
                slid.place * size.0 as f64,
                0.0,
            ),
            Along::Height => (
                probe.0 as f64 / size.0 as f64,
                0.0,
                slid.place * size.1 as f64,
            ),
        };
        Homography::affine([scale, 0.0, -scale * left, 0.0, scale, -scale * top])
    }
}

/// The frames, so many seconds apart and in the order of time, that lie nearest to the line of time on which moments of a clip are most
/// `alike` to theirs: one for each moment, none where there is none that near.
fn likest_line(
    moments: &[f64],
    (media, step): (&[f64], f64),
    tuning: &SlidingTuning,
    alike: impl Fn(usize, usize) -> Option<f64>,
) -> Vec<Option<usize>> {
    let Some(begin) = moments.first() else {
        return Vec::new();
    };
    let nearest = |media_time: f64| {
        let after = media.partition_point(|time| *time < media_time);
        let off = |frame: &usize| (media[*frame] - media_time).abs();
        let beside = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let near = beside.filter(|frame| *frame < media.len() && off(frame) <= step);
        near.min_by(|a, b| off(a).total_cmp(&off(b)))
    };
    let speeds = ((tuning.max_speed - tuning.min_speed) / tuning.speed_step) as usize;
    let mut best = (0.0, vec![None; moments.len()]);
    for first in media {
        for n in 0..=speeds {
            let speed = tuning.min_speed + n as f64 * tuning.speed_step;
            let each = moments.iter();
            let line: Vec<Option<usize>> = each
                .map(|moment| nearest(first + speed * (moment - begin)))
                .collect();
            let each = line.iter().enumerate();
            let sum: f64 = each.filter_map(|(i, frame)| alike(i, (*frame)?)).sum();
            if sum > best.0 {
                best = (sum, line);
            }
        }
    }
    best.1
}

/// The probes that are sighted so where `clues` allow it, in the order of time; none unless enough of them lie in one place.
///
/// # Errors
/// When the reference cannot be decoded.
pub(crate) fn slid<'a>(
    probes: &'a QueryFrames,
    (reference, size): (&Reference<'_>, (usize, usize)),
    clues: &[AlignmentPrior],
) -> Result<Vec<VerifiedMatch<'a>>, TraceError> {
    let tuning = &reference.tuning().registration;
    let Some(sliding) = Sliding::new(probes, size, tuning) else {
        return Ok(Vec::new());
    };
    let slack = tuning.verification.prior_slack_seconds;
    let is_expected = |media_time: f64| {
        let near = |clue: &AlignmentPrior| {
            let mut expected = probes
                .all()
                .iter()
                .filter_map(|p| clue.expected(p.clip_time));
            expected.any(|expected| (expected - media_time).abs() < slack)
        };
        clues.is_empty() || clues.iter().any(near)
    };
    let length = reference.times().last().copied().unwrap_or(0.0);
    let spaced = |step: f64| (length / tuning.sliding.max_frames).max(step);
    let frames = |step: f64| -> Result<Vec<(f64, Detail)>, TraceError> {
        let mut next = 0.0;
        let mut frames: Vec<(f64, Grey)> = Vec::new();
        reference.each_luma(|media_time, luma| {
            // Spans may lie apart.
            let is_due = media_time >= next || media_time < next - 2.0 * step;
            if is_due && is_expected(media_time) {
                next = media_time + step;
                frames.push((media_time, small_grey(luma)));
            }
            Ok(())
        })?;
        reference.proceed()?;
        frames.sort_by(|a, b| a.0.total_cmp(&b.0));
        let each = frames.par_iter();
        let each = each.map(|(media_time, picture)| (*media_time, sliding.detail(picture)));
        Ok(each.collect())
    };
    let may_be =
        |mirrored: &bool| clues.is_empty() || clues.iter().any(|clue| clue.mirrored == *mirrored);
    let ways: Vec<bool> = [false, true].into_iter().filter(may_be).collect();
    let possible = ways.len();
    // Another title is like the clip nowhere: some of its frames tell.
    let some = frames(spaced(tuning.sliding.title_step_seconds))?;
    let is_like = |mirrored: &bool| {
        let slides = sliding.slides(&some, *mirrored);
        let sum: f64 = slides.iter().map(|(_, slide)| slide.slid.correlation).sum();
        sum >= tuning.sliding.min_lead_correlation * slides.len().max(1) as f64
    };
    let ways: Vec<bool> = ways.into_iter().filter(is_like).collect();
    if ways.is_empty() {
        return Ok(Vec::new());
    }
    let step = spaced(tuning.sliding.step_seconds);
    let frames = frames(step)?;
    let trials = possible * frames.len();
    let each = ways.into_iter().map(|mirrored| {
        let slides = sliding.on_one_line((&frames, step), mirrored, &tuning.sliding);
        let slides = in_one_place(slides, tuning);
        let sum: f64 = slides.iter().map(|(_, slide)| slide.slid.correlation).sum();
        (sum, mirrored, slides)
    });
    let Some((_, mirrored, slides)) = each.max_by(|a, b| a.0.total_cmp(&b.0)) else {
        return Ok(Vec::new());
    };
    let sum: f64 = slides.iter().map(|(_, slide)| slide.slid.place).sum();
    let place = sum / slides.len() as f64;
    let sighted = slides
        .into_iter()
        .filter_map(|(probe, Slide { slid, media_time })| {
            let consensus = Consensus {
                homography: sliding.map(Slid { place, ..slid }, size, probes.size())?,
                inliers: Vec::new(),
                score: slid.score(trials),
            };
            Some(VerifiedMatch::without_pairs(
                probe, media_time, consensus, mirrored,
            ))
        });
    Ok(sighted.collect())
}

/// Those of some slides that are sure and lie where most of them do; none where too few do.
fn in_one_place<P>(mut slides: Vec<(P, Slide)>, tuning: &RegistrationTuning) -> Vec<(P, Slide)> {
    let (own, least) = (&tuning.sliding, tuning.verification.min_matches);
    slides.retain(|(_, slide)| slide.slid.correlation >= own.min_correlation);
    let mut places: Vec<f64> = slides.iter().map(|(_, slide)| slide.slid.place).collect();
    places.sort_by(f64::total_cmp);
    let Some(usual) = places.get(places.len() / 2).copied() else {
        return Vec::new();
    };
    slides.retain(|(_, slide)| (slide.slid.place - usual).abs() <= own.max_place_difference);
    let sum: f64 = slides.iter().map(|(_, slide)| slide.slid.correlation).sum();
    if slides.len() < least || sum < own.min_mean_correlation * slides.len() as f64 {
        slides.clear();
    }
    slides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slide(place: f64, correlation: f64) -> ((), Slide) {
        let slid = Slid {
            place,
            correlation,
            places: 87,
            samples: 492.0,
        };
        let media_time = 0.0;
        ((), Slide { slid, media_time })
    }

    #[test]
    fn query_frames_are_sighted_where_three_sure_ones_lie_in_one_place() {
        let tuning = RegistrationTuning::default();
        let sighted = |slides: &[((), Slide)]| in_one_place(slides.to_vec(), &tuning).len();
        let (sure, faint) = (slide(0.3, 0.5), slide(0.3, 0.25));
        assert_eq!(sighted(&[sure, sure, sure, slide(0.32, 0.4)]), 4);
        assert_eq!(sighted(&[sure, sure, sure, slide(0.6, 0.9)]), 3);
        assert_eq!(sighted(&[sure, sure, faint, faint]), 0);
        assert_eq!(sighted(&[sure, sure, slide(0.4, 0.5), slide(0.6, 0.5)]), 0);
        assert_eq!(sighted(&[]), 0);
    }

    #[test]
    fn query_frames_lie_on_one_line_of_time_whatever_each_is_most_like() {
        let tuning = SlidingTuning::default();
        let media: Vec<f64> = (0..100).map(|frame| 0.1 * f64::from(frame)).collect();
        let moments = [0.0, 0.4, 0.8, 1.2];
        // Shown from 3 s on, at 1.1 times the speed. A scene that stands still is alike at all times, and each by itself elsewhere a bit more.
        let shown = [30, 34, 39, 43];
        let decoys = [80, 10, 60, 20];
        let alike = |i: usize, frame: usize| {
            Some(match frame {
                frame if frame == shown[i] => 0.60,
                frame if frame == decoys[i] => 0.62,
                _ => 0.45,
            })
        };
        let line = likest_line(&moments, (&media, 0.1), &tuning, alike);
        assert_eq!(line, shown.map(Some));
        // Where nothing lies near a moment, it has no frame.
        let gap: Vec<f64> = media
            .iter()
            .copied()
            .filter(|t| !(3.15..3.65).contains(t))
            .collect();
        let line = likest_line(&moments, (&gap, 0.1), &tuning, |i, frame| {
            ((gap[frame] - media[shown[i]]).abs() < 1e-9).then_some(0.6)
        });
        let found: Vec<bool> = line.iter().map(Option::is_some).collect();
        assert_eq!(found, [true, false, true, true], "{line:?}");
        assert!(likest_line(&[], (&media, 0.1), &tuning, alike).is_empty());
    }
}
