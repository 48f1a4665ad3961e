//! Whether what lies over a clip's mark is the noise of its own picture: a witness of transplants.
//!
//! ```text
//! r = x - G y on the lattice, w = the accused's mark as it was sent      m = <r, w> / <w, w>      n = mean of (r - m w)^2
//! e = mean of (x_h - D y_h)^2, h a picture less its means over 3 x 3     D = <x_h, y_h> / <y_h, y_h>      noise = log10 (n / e)
//! ```
//!
//! Whoever lays the mark of a recorded stream over his own copy brings the stream's coding noise on to the lattice, and leaves the
//! detail above it as clean as his copy. A copy that was encoded again is as noisy here as there. The picture is compared, no key of
//! another delivery, and no score changes: only what is said beside an accusation.
//!
//! It is known of clips that show the whole picture upright at its own speed, from a reference of at most their lines, where one
//! delivery of a title is accused: of others nothing is said.
//!
//! # Shapes and units
//! Lattice coefficients and samples in code values of 8 bits, `noise` a decimal logarithm. Times in seconds.

use std::ops::ControlFlow;

use countermark_catalogue::Vault;
use countermark_mark::lattice::dct::Band;
use countermark_mark::{
    ChipPlan, ChipSource as _, DeliveryCode, FormatSpec, Observation, Placement, Registered,
    Residuals,
};
use countermark_picture::{AnyPlane, Grey, QuarterTurn};
use countermark_register::TitleRecord;

use crate::decide::answer::Answer;
use crate::decide::findings::Findings;
use crate::error::{PictureError, TraceError};
use crate::observer::Note;
use crate::query::footage::{Footage, open_clip};
use crate::query::playback::Playback;
use crate::query::sampling::observe;
use crate::query::thumbnail::grey;
use crate::query::view::Shown;
use crate::reference::Reference;
use crate::reference::spans::Spans;
use crate::result::{Accusation, ClipReport, Consistency, Host, Match};
use crate::task::Task;

/// Seconds of the clip that are looked at.
const SECONDS: f64 = 3.0;
/// Later in a clip nothing is looked at: it would be decoded up to there.
const LATEST_SECONDS: f64 = 60.0;
/// Between two frames that are looked at: their neighbours say the same.
const APART_SECONDS: f64 = 0.08;
/// Frames that say something.
const LEAST_FRAMES: usize = 12;
/// Where in an epoch it is alone: before and after, two are blended.
const ALONE: std::ops::Range<f64> = 0.2..0.8;
/// Departure of a speed that is none: lines of time are fitted.
const OWN_SPEED: f64 = 0.005;
/// How far off a line of time may be, in frames of the reference.
const FRAMES_OFF: f64 = 1.6;
/// The mark's diagonals, `u + v`.
const DIAGONALS: std::ops::RangeInclusive<usize> = 1..=6;

/// A picture on the lattice, and what lies above it.
struct Seen {
    observation: Observation,
    detail: Vec<f32>,
}

/// What a clip says of the one delivery that its report accuses; what cannot be looked at is noted.
///
/// # Errors
/// When the work is to end.
pub(crate) fn of_report(
    (clip, report): (&Footage, &ClipReport),
    findings: &Findings<'_>,
    (vault, titles): (&Vault, &[TitleRecord]),
    task: &Task<'_>,
) -> Result<Option<Consistency>, TraceError> {
    let [accused] = &report.deliveries[..] else {
        return Ok(None);
    };
    let named = report.identity.as_ref().and_then(|it| it.title.as_ref());
    let title = titles
        .iter()
        .find(|own| named.is_some_and(|it| it.id == own.id));
    let Some((title, answer)) = title.and_then(|own| Some((own, findings.of(own.id)?))) else {
        return Ok(None);
    };
    consistency(clip, (vault, title), (answer, accused), task).or_else(|error| {
        task.proceed()?;
        task.note(&Note::FramesNotCompared {
            title: title.name.clone(),
            reason: error.reason(),
        });
        Ok(None)
    })
}

/// What a clip says of the only delivery of a title that is accused by it; none where it cannot be known.
///
/// # Errors
/// When the clip or the reference cannot be decoded, or the work is to end.
fn consistency(
    clip: &Footage,
    (vault, title): (&Vault, &TitleRecord),
    (answer, accused): (&Answer, &Accusation),
    task: &Task<'_>,
) -> Result<Option<Consistency>, TraceError> {
    let Some(shown) = whole_and_plain(answer) else {
        return Ok(None);
    };
    let Some(distributor) = accused.distributor_id else {
        return Ok(None);
    };
    let [from, to] = [shown.query[0], shown.query[1].min(shown.query[0] + SECONDS)];
    let shift = shown.reference[0] - from;
    let spans = Spans::of(vec![[from + shift, to + shift]]);
    let reference = Reference::of_title(vault, title, spans, task)?;
    let mut known: Vec<Seen> = Vec::new();
    let mut lines = (0, 0);
    let mut sampler = None;
    let lattice = reference.lattice();
    reference.each_luma(|media_time, luma| {
        let picture = grey(luma);
        lines = (picture.width(), picture.height());
        let place = Placement::Whole;
        known.push(Seen {
            observation: observe(&mut sampler, lattice, luma, place, media_time)?,
            detail: detail(&picture),
        });
        Ok(())
    })?;
    let mut sampler = None;
    let mut look = |luma: AnyPlane<'_>, media_time: f64| -> Result<Option<Seen>, PictureError> {
        if luma.width() < lines.0 || luma.height() < lines.1 {
            return Ok(None);
        }
        let place = Placement::Whole;
        Ok(Some(Seen {
            observation: observe(&mut sampler, lattice, luma, place, media_time)?,
            detail: detail(&luma.averaged(lines.0, lines.1)),
        }))
    };
    let scoped = vault.register().scoped_payload_key(distributor, title.id);
    let code = DeliveryCode::new(&scoped, accused.payload);
    let carrier = vault.register().carrier_key(title.id);
    let plan = ChipPlan::new(&carrier, lattice, &answer.format);
    let mut sums = Sums::default();
    let (mut first, mut next) = (None, from);
    let mut frames = 0;
    let mut each = |luma: AnyPlane<'_>, media_time: f64| -> Result<ControlFlow<bool>, TraceError> {
        task.proceed()?;
        let own = media_time - *first.get_or_insert(media_time);
        if own > to {
            return Ok(ControlFlow::Break(true));
        }
        let media_time = own + shift;
        if own < next || !is_alone(media_time, &answer.format) {
            return Ok(ControlFlow::Continue(()));
        }
        next = own + APART_SECONDS;
        let seen = look(luma, media_time).map_err(TraceError::clip_picture(clip.path()))?;
        let Some(seen) = seen else {
            return Ok(ControlFlow::Break(false));
        };
        if let Some(other) = shown_by(&seen, &known, reference.frame_seconds()) {
            sums.add((&plan, &code), &seen, other);
            frames += 1;
        }
        Ok(ControlFlow::Continue(()))
    };
    let mut is_known = true;
    if let Some(held) = clip.held() {
        for still in &held.frames {
            if let ControlFlow::Break(known) = each(still.luma(), still.media_time)? {
                is_known = known;
                break;
            }
        }
    } else {
        let mut reader = open_clip(clip.path())?;
        while let Some(frame) = reader.next_frame().map_err(TraceError::Clip)? {
            if let ControlFlow::Break(known) = each(frame.luma(), frame.media_time())? {
                is_known = known;
                break;
            }
        }
    }
    let noise = (is_known && frames >= LEAST_FRAMES)
        .then(|| sums.noise())
        .flatten();
    Ok(noise.map(|noise| Consistency::of(noise, &task.tuning().decision.consistency)))
}

/// The first match of an answer, where it shows the picture as it was delivered.
fn whole_and_plain(answer: &Answer) -> Option<&Match> {
    let shown = answer.matches.first()?;
    let is_plain = answer.host == Host::Reference
        && answer.part.is_none()
        && answer.accusations.len() == 1
        && answer.view.turn == QuarterTurn::None
        && answer.view.playback == Playback::PLAIN
        && matches!(answer.view.shown, Shown::Whole)
        && (shown.speed - 1.0).abs() < OWN_SPEED
        && shown.query[0] < LATEST_SECONDS;
    is_plain.then_some(shown)
}

/// The reference's frame that a frame of the clip shows: a line of time may be a frame off, and detail tells frames apart.
fn shown_by<'a>(clip: &Seen, known: &'a [Seen], frame_seconds: f64) -> Option<&'a Seen> {
    let moment = clip.observation.media_time;
    let near = known.iter().filter(|other| {
        (other.observation.media_time - moment).abs() < FRAMES_OFF * frame_seconds
            && other.detail.len() == clip.detail.len()
    });
    let unlike = |other: &Seen| -> f64 {
        let pairs = clip.detail.iter().zip(&other.detail);
        pairs.map(|(x, y)| f64::from((x - y) * (x - y))).sum()
    };
    near.map(|other| (unlike(other), other))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

fn is_alone(media_time: f64, format: &FormatSpec) -> bool {
    ALONE.contains(&(media_time / format.epoch_seconds()).fract())
}

/// A picture less its means over 3 x 3 samples: what the lattice does not hold.
fn detail(picture: &Grey) -> Vec<f32> {
    let (width, height) = (picture.width(), picture.height());
    let rows: Vec<&[f32]> = picture.rows().collect();
    let mut detail = Vec::with_capacity(width * height);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let near = rows[y - 1..=y + 1].iter();
            let sum: f32 = near.map(|row| row[x - 1] + row[x] + row[x + 1]).sum();
            detail.push(rows[y][x] - sum / 9.0);
        }
    }
    detail
}

fn dot(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum()
}

/// Inner products over all frames.
#[derive(Default)]
struct Sums {
    /// Of the residual `r` and the mark `w`.
    rw: f64,
    ww: f64,
    rr: f64,
    chips: f64,
    /// Of the detail `x` of the clip and `y` of the reference.
    xy: f64,
    yy: f64,
    xx: f64,
    samples: f64,
}

impl Sums {
    fn add(&mut self, (plan, code): (&ChipPlan, &DeliveryCode), clip: &Seen, reference: &Seen) {
        let (lattice, format) = (plan.lattice(), plan.format());
        let blocks = lattice.blocks();
        let pair = Registered {
            clip: &clip.observation,
            reference: &reference.observation,
        };
        let residuals = Residuals::with_reference(lattice, &[pair]);
        let Some(residual) = residuals.frames().first() else {
            return;
        };
        let epoch = (clip.observation.media_time / format.epoch_seconds()) as u64;
        let sent = code.chip_values(plan, epoch);
        for (at, &(u, v)) in Band::of_mark(lattice).frequencies().iter().enumerate() {
            if !DIAGONALS.contains(&usize::from(u + v)) {
                continue;
            }
            let span = at * blocks..(at + 1) * blocks;
            let amplitude = format.amplitude((u, v));
            let left = &residual.values[span.clone()];
            let visible = sent[span].iter().zip(&residual.amplitudes);
            let mark: Vec<f32> = visible
                .map(|(sign, seen)| sign * seen * amplitude)
                .collect();
            self.rw += dot(left, &mark);
            self.ww += dot(&mark, &mark);
            self.rr += dot(left, left);
            self.chips += blocks as f64;
        }
        self.xy += dot(&clip.detail, &reference.detail);
        self.yy += dot(&reference.detail, &reference.detail);
        self.xx += dot(&clip.detail, &clip.detail);
        self.samples += clip.detail.len() as f64;
    }

    /// None where there is no detail, or no mark.
    fn noise(&self) -> Option<f64> {
        let noise = (self.rr - self.rw * self.rw / self.ww) / self.chips;
        let above = (self.xx - self.xy * self.xy / self.yy) / self.samples;
        Some((noise / above).log10()).filter(|noise| noise.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_on_the_lattice_alone_is_told_from_noise_everywhere() {
        let sums = |on_lattice: f64, above: f64| Sums {
            rw: 30.0,
            ww: 60.0,
            rr: 15.0 + 100.0 * on_lattice,
            chips: 100.0,
            xy: 400.0,
            yy: 800.0,
            xx: 200.0 + 1000.0 * above,
            samples: 1000.0,
        };
        assert!(sums(2.0, 2.0).noise().expect("known").abs() < 1e-12);
        assert!((sums(20.0, 2.0).noise().expect("known") - 1.0).abs() < 1e-12);
        assert_eq!(Sums::default().noise(), None);
    }

    #[test]
    fn detail_is_what_a_mean_does_not_hold() {
        let ramp = Grey::new(5, 4, (0..20).map(|i| (i % 5) as f32 * 8.0).collect());
        let ramp = detail(&ramp.expect("a picture"));
        assert_eq!(ramp.len(), 6);
        assert!(ramp.iter().all(|left| left.abs() < 1e-4));
        let mut dot = vec![0.0; 9];
        dot[4] = 9.0;
        let dot = detail(&Grey::new(3, 3, dot).expect("a picture"));
        assert!((dot[0] - 8.0).abs() < 1e-6);
    }
}
