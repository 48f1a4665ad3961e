//! Where each sighted probe lies in the picture of a title.
//!
//! ```text
//! sightings -> maps of their own, maps in common, level maps -> the one through which a probe is most like some frame
//! ```
//!
//! # Shapes and units
//! Times in seconds. Homographies from samples of the reference to samples of the probe.

use countermark_fingerprint::Overlay;
use countermark_picture::{Grey, Homography};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::observer::Stage;
use crate::reference::Reference;
use crate::task::Task;
use crate::tuning::{LocalisationTuning, VerificationTuning};

use crate::query::frames::{QueryFrame, QueryFrames};
use crate::reference::key_frames::KeyFrames;
use crate::registration::prior::AlignmentPrior;
use crate::registration::spatial::axis_aligned::Frame;
use crate::registration::spatial::sliding::slid;
use crate::registration::spatial::track::evenly_spaced;
use crate::registration::spatial::verification::{
    Compared, VerifiedMatch, are_mirrored, closer_look, pooled, sightings,
};
use crate::registration::temporal::comparison::Comparison;
use crate::registration::temporal::curve::Curve;

/// A probe and its place in the picture.
#[derive(Clone, Copy)]
pub(crate) struct LocalisedFrame<'a> {
    pub(crate) probe: &'a QueryFrame,
    pub(crate) map: Homography,
    /// Of the key frame that it was sighted in.
    pub(crate) media_time: f64,
    /// Of its sighting.
    pub(crate) sureness: f64,
}

/// The probes of a clip in a title.
pub(crate) struct Localisation<'a> {
    pub(crate) landmarks: KeyFrames,
    /// The layer of the clip in which they are sighted.
    probes: &'a QueryFrames,
    pub(crate) placed: Vec<LocalisedFrame<'a>>,
    /// How each correlates with the reference.
    pub(crate) curves: Vec<Curve>,
    /// Maps of copies that were only cropped and scaled, the likeliest of their kind, the likeliest first.
    pub(crate) level: Vec<Homography>,
    /// Those of them that fill the frame, by all of the picture or its largest part of the frame's shape: they are exact.
    filled: Vec<Homography>,
    /// All maps that are worth trying for any of them.
    pub(crate) maps: Vec<Homography>,
    /// Where the title shows them, in seconds of media, if they were found by sliding: coarse means of blocks, part of which lies under
    /// captions, may be as like other moments.
    pub(crate) slid: Option<[f64; 2]>,
    tuning: &'a LocalisationTuning,
}

impl<'a> Localisation<'a> {
    /// Looks for the probes in the spans of a reference that are held.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn new(
        probes: &'a QueryFrames,
        (reference, compared): (&Reference<'a>, &Compared),
        clues: &[AlignmentPrior],
        task: &Task<'_>,
    ) -> Result<Self, TraceError> {
        let tuning = &reference.tuning().registration.localisation;
        let landmarks = KeyFrames::read(reference)?;
        let (probes, mut sightings) = likelier(probes, (&landmarks, compared), clues, task);
        let certain = &reference.tuning().registration.verification;
        let few = sightings.len() < tuning.few_matches;
        let is_certain = |sightings: &[VerifiedMatch<'_>]| {
            may_be_certain(sightings.iter().map(|s| s.consensus.score), certain)
        };
        let mut span = None;
        if few && !is_certain(&sightings) {
            // What moves is another thing in the nearest key frame: a screenshot of it is of no other frame than its own.
            for sighting in &mut sightings {
                let closer = closer_look(sighting, reference, landmarks.size())?;
                let surer = |it: &VerifiedMatch<'_>| it.consensus.score > sighting.consensus.score;
                if let Some(closer) = closer.filter(surer) {
                    *sighting = closer;
                }
            }
        }
        if !is_certain(&sightings) {
            let slid = slid(probes, (reference, landmarks.size()), clues)?;
            if let Some(seen) = span_of(&slid, certain.close_seconds) {
                (sightings, span) = (slid, Some(seen));
            }
        }
        task.proceed()?;
        let comparison = Comparison {
            probes,
            overlay: probes.overlay(),
            reference,
            size: landmarks.size(),
        };
        let Level { level, filled } = if span.is_some() {
            // Of what slides along a side the map is level, and the same for all.
            Level::of_slid(&sightings)
        } else {
            level(&sightings, comparison)
        };
        let mut maps = level.clone();
        maps.extend(pooled(&sightings, landmarks.size()));
        if sightings.len() < tuning.few_matches {
            for sighting in &sightings {
                let closer = closer_look(sighting, reference, landmarks.size())?;
                maps.extend(closer.and_then(|it| it.upright(&it.consensus.homography)));
            }
        }
        let placed = placed(&sightings, (&filled, &maps), comparison);
        task.proceed()?;
        let (placed, curves) = placed.into_iter().unzip();
        Ok(Self {
            landmarks,
            probes,
            placed,
            curves,
            level,
            filled,
            maps,
            slid: span,
            tuning,
        })
    }

    /// The probes against the reference that they were looked for in.
    pub(crate) fn comparison<'b>(&self, reference: &'b Reference<'b>) -> Comparison<'b>
    where
        'a: 'b,
    {
        Comparison {
            probes: self.probes,
            overlay: self.probes.overlay(),
            reference,
            size: self.landmarks.size(),
        }
    }

    /// Whether what is sighted is enough to be certain, on whatever line of time.
    pub(crate) fn may_be_certain(&self, tuning: &VerificationTuning) -> bool {
        may_be_certain(self.placed.iter().map(|placed| placed.sureness), tuning)
    }

    /// Whether a map fills the frame with all of the picture, or with its largest part of the frame's shape, exactly.
    pub(crate) fn is_exact(&self, map: &Homography) -> bool {
        self.filled.contains(map)
    }

    /// What a map that leaves pictures so like the reference is believed by.
    pub(crate) fn trust(&self, likeness: f64, map: &Homography) -> f64 {
        trust(likeness, map, &self.filled, self.tuning)
    }

    /// What lies over the clip, told by the title's own pictures: over a camera on a stand it cannot be told by standing still.
    /// None where the clip is like the title enough, or not much more like it without.
    ///
    /// # Errors
    /// When the reference cannot be decoded.
    pub(crate) fn overlay(&self, reference: &Reference) -> Result<Option<Overlay>, TraceError> {
        let tuning = self.tuning;
        let left = |likeness: f64| 1.0 - likeness / self.placed.len().max(1) as f64;
        let unlike = left(self.curves.iter().map(Curve::best).sum());
        if unlike <= tuning.min_occluded_residual {
            return Ok(None);
        }
        let least = reference.tuning().registration.verification.min_consensus;
        let believed = |placed: &&LocalisedFrame<'_>| placed.sureness >= least;
        let believed: Vec<&LocalisedFrame<'_>> = self.placed.iter().filter(believed).collect();
        let some = evenly_spaced(&believed, tuning.compared_frames);
        let moments: Vec<f64> = some.iter().map(|placed| placed.media_time).collect();
        let shown = reference.pictures(&moments)?;
        let pictures: Vec<(&Grey, &Grey, Homography)> = some
            .iter()
            .zip(&shown)
            .map(|(placed, shown)| (&*placed.probe.picture, &**shown, placed.map))
            .collect();
        let Some(overlay) = Overlay::beside(&pictures) else {
            return Ok(None);
        };
        let without = Comparison {
            overlay: Some(&overlay),
            ..self.comparison(reference)
        };
        let likeness = |placed: &LocalisedFrame<'_>| {
            let curve = without.curve(placed.probe.clip_time, &placed.probe.small, &placed.map);
            curve.map_or(-1.0, |curve| curve.best())
        };
        let each: Vec<f64> = self.placed.par_iter().map(likeness).collect();
        Ok(
            (left(each.iter().sum()) <= tuning.max_residual_without_occlusion * unlike)
                .then_some(overlay),
        )
    }

    /// Ends of the spans of a reference that probes are most like: where a camera glides, or nothing happens, the index may
    /// point to a wrong time, and what the clip shows may lie beyond them.
    pub(crate) fn likest_ends(&self, reference: &Reference) -> Vec<f64> {
        let tuning = self.tuning;
        let least = self.curves.len().clamp(1, tuning.min_frames_at_end);
        let is_likest = |end: &f64| {
            let at_end = |curve: &&Curve| {
                let (mut here, mut elsewhere) = (-1.0_f32, -1.0_f32);
                for (time, correlation) in reference.times().iter().zip(&curve.correlations) {
                    let best = if (time - end).abs() <= tuning.end_seconds {
                        &mut here
                    } else {
                        &mut elsewhere
                    };
                    *best = best.max(*correlation);
                }
                here > elsewhere + tuning.min_end_gain
            };
            self.curves.iter().filter(at_end).count() >= least
        };
        let ends = reference.spans().ends();
        ends.into_iter().filter(is_likest).collect()
    }
}

/// Whether sightings of such scores are enough to be certain, on whatever line of time.
fn may_be_certain(scores: impl ExactSizeIterator<Item = f64>, tuning: &VerificationTuning) -> bool {
    scores.len() >= tuning.min_matches
        || scores.map(|score| score.max(0.0)).sum::<f64>() >= tuning.certain_consensus
}

/// The media that some sightings show, and so much on either side; none of none.
fn span_of(sightings: &[VerifiedMatch<'_>], margin: f64) -> Option<[f64; 2]> {
    let each = sightings.iter().map(|s| [s.media_time, s.media_time]);
    let span = each.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])?;
    Some([span[0] - margin, span[1] + margin])
}

/// The layer of the clip in which the title is sighted most surely: without what stands still over the pictures, unless the
/// others are much surer.
fn likelier<'a>(
    probes: &'a QueryFrames,
    landmarks: (&KeyFrames, &Compared),
    clues: &[AlignmentPrior],
    task: &Task<'_>,
) -> (&'a QueryFrames, Vec<VerifiedMatch<'a>>) {
    let tuning = &task.tuning().registration.localisation;
    let sureness = |layer: &QueryFrames, sightings: &[VerifiedMatch<'_>]| -> f64 {
        let sum: f64 = sightings.iter().map(|s| s.consensus.score.max(0.0)).sum();
        if layer.overlay().is_some() {
            sum / tuning.min_uncovered_confidence
        } else {
            sum
        }
    };
    probes
        .layers()
        .map(|layer| {
            task.stage(Stage::Registering, Some(layer.all().len() as u64));
            (layer, sightings(layer, landmarks, clues, task))
        })
        .max_by(|a, b| sureness(a.0, &a.1).total_cmp(&sureness(b.0, &b.1)))
        .unwrap_or((probes, Vec::new()))
}

/// What a map that leaves pictures so like the reference is believed by: what is free to bend explains more than is there.
fn trust(
    likeness: f64,
    map: &Homography,
    filled: &[Homography],
    tuning: &LocalisationTuning,
) -> f64 {
    let unexplained = 1.0 - likeness;
    -if filled.contains(map) {
        tuning.max_residual_of_free_map * unexplained
    } else {
        unexplained
    }
}

/// Maps of copies that were only cropped and scaled, the likeliest of their kind.
struct Level {
    /// The likeliest first.
    level: Vec<Homography>,
    /// Those that fill the frame.
    filled: Vec<Homography>,
}

impl Level {
    fn of_slid(sightings: &[VerifiedMatch<'_>]) -> Self {
        let first = sightings.first();
        let map = first.and_then(|s| s.upright(&s.consensus.homography));
        Self {
            level: map.into_iter().collect(),
            filled: Vec::new(),
        }
    }
}

fn level(sightings: &[VerifiedMatch<'_>], comparison: Comparison<'_>) -> Level {
    let tuning = &comparison.reference.tuning().registration.localisation;
    let all: Vec<(&QueryFrame, Homography)> = sightings
        .iter()
        .filter_map(|s| Some((s.probe, s.upright(&s.consensus.homography)?)))
        .collect();
    let some = evenly_spaced(&all, tuning.compared_frames);
    let likeness = |maps: &[Homography]| -> Vec<f64> {
        let pairs: Vec<(&Homography, &QueryFrame)> = maps
            .iter()
            .flat_map(|map| some.iter().map(move |(probe, _)| (map, *probe)))
            .collect();
        let best = |(map, probe): &(&Homography, &QueryFrame)| {
            let curve = comparison.curve(probe.clip_time, &probe.small, map);
            curve.map_or(-1.0, |curve| curve.best())
        };
        let each: Vec<f64> = pairs.par_iter().map(best).collect();
        let own = each.chunks(some.len().max(1));
        own.map(|own| own.iter().sum()).collect()
    };
    let (width, height) = comparison.size;
    let frames: Vec<Frame<'_>> = comparison
        .probes
        .frames()
        .into_iter()
        .map(|(size, into_probe)| Frame {
            reference: (width as f64, height as f64),
            size,
            into_probe,
            mirrored: are_mirrored(sightings),
            tuning: &comparison.reference.tuning().registration.axis_aligned,
        })
        .collect();
    let maps: Vec<Homography> = all.iter().map(|(_, map)| *map).collect();
    let filled: Vec<Homography> = frames
        .iter()
        .flat_map(|frame| [frame.whole(), frame.cut(&maps, likeness)])
        .flatten()
        .collect();
    let free = frames.first().and_then(|frame| frame.free(&maps, likeness));
    let all: Vec<Homography> = filled.iter().copied().chain(free).collect();
    let mut ranked: Vec<(f64, Homography)> = likeness(&all).into_iter().zip(all).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    Level {
        level: ranked.into_iter().map(|(_, map)| map).collect(),
        filled,
    }
}

/// Where each sighted probe lies in the picture. What moves in the picture bends the map of a single probe, for its key
/// frame is of another moment; what stands is the same in all of them. So `maps` are tried for each, and the best of the
/// others' own; the one that correlates best is taken, with its correlations.
fn placed<'a>(
    sightings: &[VerifiedMatch<'a>],
    (filled, maps): (&[Homography], &[Homography]),
    comparison: Comparison<'_>,
) -> Vec<(LocalisedFrame<'a>, Curve)> {
    let tuning = &comparison.reference.tuning().registration.localisation;
    let trust = |curve: &Curve, map: &Homography| trust(curve.best(), map, filled, tuning);
    let curve =
        |probe: &QueryFrame, map: &Homography| comparison.curve(probe.clip_time, &probe.small, map);
    let mut all: Vec<(LocalisedFrame<'a>, Curve)> = sightings
        .par_iter()
        .map(|sighting| {
            let map = sighting.upright(&sighting.consensus.homography)?;
            let placed = LocalisedFrame {
                probe: sighting.probe,
                map,
                media_time: sighting.media_time,
                sureness: sighting.consensus.score.max(0.0),
            };
            Some((placed, curve(sighting.probe, &map)?))
        })
        .flatten()
        .collect();
    let mut others: Vec<(f64, Homography)> = all
        .iter()
        .map(|(placed, curve)| (curve.best(), placed.map))
        .collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0));
    others.truncate(tuning.shared_maps);
    let others: Vec<Homography> = others
        .iter()
        .map(|(_, map)| *map)
        .chain(maps.iter().copied())
        .collect();
    all.par_iter_mut().for_each(|(own, known)| {
        for map in &others {
            if let Some(other) = curve(own.probe, map)
                && trust(&other, map) > trust(known, &own.map)
            {
                (own.map, *known) = (*map, other);
            }
        }
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(scale: f64) -> Homography {
        Homography::scaling(scale, scale).expect("a map")
    }

    #[test]
    fn a_map_that_fills_the_frame_is_believed_though_a_freer_one_explains_a_tenth_more() {
        let tuning = LocalisationTuning::default();
        let (filled, free) = (map(1.0), map(1.01));
        let trust = |likeness: f64, map: &Homography| trust(likeness, map, &[filled], &tuning);
        // 1 - 0.95 = 0.05 is left by the one, 0.046 by the other: more than 0.9 of it.
        assert!(trust(0.95, &filled) > trust(0.954, &free));
        // 0.044 is less than 0.9 of it.
        assert!(trust(0.95, &filled) < trust(0.956, &free));
        assert!(trust(0.95, &free) < trust(0.951, &free));
    }

    #[test]
    fn frames_that_are_most_like_the_end_of_what_is_known_ask_for_more() {
        use countermark_mark::FormatSpec;

        use crate::observer::Silence;
        use crate::task::Task;
        use crate::tuning::Tuning;

        let tuning = Tuning::default();
        let task = Task::new(&Silence, &tuning);
        let lattice = FormatSpec::CURRENT
            .lattice(1280, 720)
            .expect("a supported size");
        let times: Vec<f64> = (0..100).map(|n| 10.0 + f64::from(n) * 0.1).collect();
        let reference = Reference::of_frames(lattice, times.clone(), Vec::new(), &task);
        // Correlation falls with the distance from `peak`.
        let curve = |peak: f64| Curve {
            clip_time: 0.0,
            correlations: times
                .iter()
                .map(|time| (1.0 - 0.01 * (time - peak).abs()) as f32)
                .collect(),
            seen: Vec::new(),
            values: Vec::new(),
        };
        let placing = |peaks: &[f64]| Localisation {
            landmarks: KeyFrames::none(),
            probes: &NO_PROBES,
            placed: Vec::new(),
            curves: peaks.iter().map(|peak| curve(*peak)).collect(),
            level: Vec::new(),
            filled: Vec::new(),
            maps: Vec::new(),
            slid: None,
            tuning: &tuning.registration.localisation,
        };
        let ends = |peaks: &[f64]| placing(peaks).likest_ends(&reference);
        let last = times[99];
        assert_eq!(ends(&[25.0, 25.0, 25.0, 15.0]), [last]);
        assert!(ends(&[25.0, 25.0, 15.0, 15.0]).is_empty(), "two of four");
        assert_eq!(ends(&[5.0, 5.0, 5.0]), [10.0]);
        assert!(ends(&[15.0, 15.0, 15.0]).is_empty(), "in the middle");
    }

    static NO_PROBES: std::sync::LazyLock<QueryFrames> =
        std::sync::LazyLock::new(QueryFrames::default);
}
