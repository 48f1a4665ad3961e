//! A second look, by keys alone, where pictures know the title and their comparison accuses nobody.
//!
//! ```text
//! registration certain, no delivery accused -> its frames, its span of the title -> read with the title's keys -> open decision
//! log10 bound = log10(looks = 2) + log10(among, poses, sections, shifts, keys, list) - t^2 / 2 log10 e
//! ```
//!
//! A picture may be bent in a way that no map of registration follows while the keyed patterns do: the mark's own
//! chips refine the pose that registration begins with, and nothing else is searched. Only frames count that were
//! laid beside the title's and found to be it, as in the first look: a mark that was lifted onto other pictures accuses nobody.
//!
//! # What the second look costs
//! It is made because the first one accused nobody, so it depends on scores, and both are paid for. Let the first look accuse below
//! `b` by its own count, which knows nothing of the second, and the second by a count twice its own. A score is a weighted sum of
//! fair signs, and for these Hoeffding's bound is not tight where anybody is accused:
//!
//! ```text
//! P(t >= x) <= c (1 - Phi(x)) <= c phi(x) / x = (c / sqrt(2 pi) / x) exp(-x^2 / 2),     c = 1 / (4 (1 - Phi(sqrt 2))) < 3.18
//! b <= 1e-9  =>  x >= sqrt(2 ln 1e9) = 6.43  =>  P(first look) <= 0.2 b
//! P(second look) <= b / 2                                                               by Hoeffding and the factor 2
//! P(either) <= 0.7 b < b
//! ```
//!
//! So every bound that is printed holds for both looks together, and what the first look says is the same to the last digit
//! as if there were no second one.
//!
//! # Shapes and units
//! Seconds on the clip's own clock, and of media time.
//! # References
//! V. Bentkus, D. Dzindzalieta (2015), A tight Gaussian bound for weighted sums of Rademacher random variables, Bernoulli 21(2),
//! theorem 1.1.

use countermark_catalogue::Vault;
use countermark_register::ReadKeyFile;

use crate::blind::within::{MAX_PLACES, Placed, Within};
use crate::decide::answer::{Answer, recorded};
use crate::decide::sighted::Carried;
use crate::decide::unanswered::Unanswered;
use crate::error::TraceError;
use crate::query::playback::Playback;
use crate::query::view::{Shown, ViewHypothesis};
use crate::read::read_within;
use crate::registration::segment::{Registration, Segment};
use crate::result::{Accusation, Factors, Host, Tried};

use super::Trace;

/// What the second look's bounds are multiplied by.
const LOOKS: u64 = 2;

/// How much more of the title than its frames show is searched, on either side: a line of time may be off.
const MARGIN_SECONDS: f64 = 1.0;

impl Trace<'_> {
    /// Looks for the mark of the title that the clip certainly shows by its keys alone, where nobody was accused; what was tried,
    /// if it was.
    ///
    /// # Errors
    /// When the clip or the vault cannot be read, or the work is to end.
    pub(super) fn look_again(&mut self, vault: &Vault) -> Result<Option<Tried>, TraceError> {
        let Some(shown) = &self.unanswered else {
            return Ok(None);
        };
        // Keys alone read a clip as it is.
        let is_plain = shown.playback == Playback::PLAIN;
        let Some(media) = span_of(&shown.registration).filter(|_| is_plain) else {
            return Ok(None);
        };
        if shown.moments.is_empty() || !self.findings.together().accused.is_empty() {
            return Ok(None);
        }
        let title = shown.title;
        let places = places(&shown.registration);
        let (register, within) = (
            vault.register(),
            Within {
                media,
                moments: &shown.moments,
                places: &places,
            },
        );
        let distributors = register.distributors()?;
        let keys = ReadKeyFile::all_of_title(register, title, &distributors)?;
        let among = second(shown.among, self.among, keys.len() as u64);
        let path = self.clip.path();
        let read = read_within(path, &keys, among, Some(within), self.task)?;
        if !read.deliveries.is_empty() {
            let deliveries = register.deliveries(Some(title.id))?;
            let named = read.deliveries.into_iter();
            let named = named.map(|read| recorded(read, &deliveries, &distributors));
            if let Some(answer) = self.answer(shown, named.collect(), &read.tried) {
                self.findings.note(title, answer);
                self.unanswered = None;
            }
        }
        Ok(Some(Tried {
            // Known to the first look.
            titles: 0,
            keys: 0,
            ..read.tried
        }))
    }

    /// The first look's answer, with those whom the second one accuses.
    fn answer(
        &self,
        shown: &Unanswered<'_>,
        accusations: Vec<Accusation>,
        tried: &Tried,
    ) -> Option<Answer> {
        let is_own = |known: &&Answer| known.view.playback == shown.playback;
        let known = self.findings.of(shown.title.id).filter(is_own)?;
        Some(Answer {
            format: known.format,
            host: Host::Blind,
            matches: known.matches.clone(),
            accusations,
            best: tried.best,
            title_known: true,
            is_cut: known.is_cut,
            offsets: 0,
            frames: tried.frames,
            clip_seconds: tried.clip_seconds,
            inset: None,
            explained: known.explained,
            view: ViewHypothesis {
                shown: Shown::Registered(std::sync::Arc::clone(&shown.registration)),
                ..known.view.clone()
            },
            part: None,
            closed: known.closed.clone(),
            carried: Carried {
                moments: shown.moments.clone(),
                is_strange: false,
                compared: true,
            },
            withheld: Vec::new(),
        })
    }
}

/// What the second look is one among: all that the first one was, each of the title's formats, and both looks.
fn second(view: Factors, clip: Factors, formats: u64) -> Factors {
    Factors {
        titles: view.titles.max(clip.titles),
        formats: view.formats.max(formats),
        looks: LOOKS,
        ..view
    }
}

/// Where the longest of the segments that are certain put the picture, each at its middle.
fn places(registration: &Registration) -> Vec<Placed> {
    let certain = registration
        .segments
        .iter()
        .filter(|segment| segment.is_certain);
    let mut certain: Vec<&Segment> = certain.collect();
    let length = |segment: &Segment| segment.query[1] - segment.query[0];
    certain.sort_by(|a, b| length(b).total_cmp(&length(a)));
    certain.truncate(MAX_PLACES);
    certain.into_iter().filter_map(placed).collect()
}

/// Where a segment puts the picture at its middle.
fn placed(segment: &Segment) -> Option<Placed> {
    let middle = f64::midpoint(segment.query[0], segment.query[1]);
    let picture = segment.projection((middle, &segment.map(middle)?), segment.probe)?;
    let size = (segment.probe.0 as f64, segment.probe.1 as f64);
    // What was registered is what lies between bars.
    let (left, top, width, height) = segment.content.map_or((0.0, 0.0, 1.0, 1.0), |content| {
        let frame = content.frame();
        let rect = content.rect(frame);
        let (x, y) = (frame.0 as f64, frame.1 as f64);
        (
            rect.left as f64 / x,
            rect.top as f64 / y,
            rect.width as f64 / x,
            rect.height as f64 / y,
        )
    });
    let corner = |(u, v): (f64, f64)| {
        let (x, y) = picture.map(u, v);
        (left + width * x / size.0, top + height * y / size.1)
    };
    Some(Placed {
        corners: [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)].map(corner),
        start: segment.time.at(0.0),
        speed: segment.time.speed,
    })
}

/// The span of media that is certainly shown, and a little more on either side; none where nothing is certain.
fn span_of(registration: &Registration) -> Option<[f64; 2]> {
    let certain = registration
        .segments
        .iter()
        .filter(|segment| segment.is_certain);
    let ends = |segment: &Segment| segment.query.map(|moment| segment.time.at(moment));
    let moments = certain.flat_map(ends).map(|moment| [moment, moment]);
    let span = moments.reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]);
    span.map(|[from, to]| [from - MARGIN_SECONDS, to + MARGIN_SECONDS])
}

#[cfg(test)]
mod tests {
    use countermark_mark::bound::NormalisedScore;

    use super::*;
    use crate::result::Bound;

    /// 1 - Phi(x), by Simpson's rule up to where nothing is left.
    fn upper_tail(x: f64) -> f64 {
        let density = |at: f64| (-0.5 * at * at).exp() / std::f64::consts::TAU.sqrt();
        let (steps, width) = (20_000, 20.0);
        let step = width / f64::from(steps);
        let weight = |at: i32| match at {
            0 => 1.0,
            at if at == steps => 1.0,
            at if at % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let sum: f64 = (0..=steps)
            .map(|at| weight(at) * density(x + f64::from(at) * step))
            .sum();
        sum * step / 3.0
    }

    #[test]
    fn both_looks_together_accuse_the_innocent_less_often_than_either_bound_says() {
        let constant = 1.0 / (4.0 * upper_tail(2.0_f64.sqrt()));
        assert!((constant - 3.178).abs() < 1e-3, "{constant}");
        let among = Factors {
            decisions: 2,
            titles: 3,
            views: 17,
            ..Factors::ONE
        };
        let again = second(among, Factors { titles: 5, ..among }, 2);
        assert_eq!((again.looks, again.titles, again.formats), (2, 5, 2));
        // From the highest bound that accuses on: the chance of a score that is given so low a bound.
        for log10_bound in [-9.0, -12.0, -30.0, -60.0] {
            let chance = |factors: Factors| {
                let count = factors.product();
                let t = (2.0 * (count.log10() - log10_bound) / std::f64::consts::LOG10_E).sqrt();
                let bound = Bound::new(NormalisedScore::new(t, 1.0), factors);
                assert!((bound.log10() - log10_bound).abs() < 1e-9);
                (t, count)
            };
            let (t, count) = chance(among);
            let first = count * constant * upper_tail(t);
            let (t, count) = chance(again);
            // All of its hypotheses but the factor of looks, by Hoeffding.
            let later = count / 2.0 * (-0.5 * t * t).exp();
            let said = 10.0_f64.powf(log10_bound);
            assert!(
                first < 0.2 * said && later <= 0.500_001 * said,
                "{log10_bound}"
            );
            assert!(first + later < said);
        }
    }
}
