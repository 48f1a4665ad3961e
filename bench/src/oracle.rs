//! The score oracle: what answers that are handed on are worth to somebody who wants to frame a licensee without any key.
//!
//! ```text
//! question k   own copy + N_k                        N_k = lattices of random signs, one for each half second
//! answer  k    q_k = what the outgoing answer reveals
//! clip         own copy + c sum over k of (q_k - mean q) N_k         largest amplitude A_max
//! ```
//!
//! With `q_k` the victim's score, the clip scores about `sqrt(K)` for the victim after `K` questions: nobody ever had its copy.
//! What comes out is the best score of an innocent delivery on that clip, which must stay below [`SAFE_SCORE`].
//!
//! # Shapes and units
//! Scores `t` have no unit; amplitudes in code values of 8 bits.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Result, bail};
use countermark_catalogue::Vault;
use countermark_media::{EncodeSettings, Rate, VideoCodec, transcode};
use countermark_picture::{AnyPlaneMut, PlaneViewMut};
use countermark_trace::exhibits::{Exhibits, RankedDelivery};
use countermark_trace::result::LEAST_TOLD_SCORE;
use countermark_trace::{Request, Silence, Tracer};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::args::{OracleArgs, Reveal};
use crate::clips::find_clips;
use crate::null::registers::Innocent;
use crate::observer::Observer as _;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::suite::Suite;

/// What an innocent delivery may score when all questions are answered.
pub const SAFE_SCORE: f64 = 5.0;

/// Amplitude of a question's noise.
const AMPLITUDE: f32 = 9.0;

/// Length of the clip that is asked about.
const SECONDS: f64 = 2.0;

/// Squares on the short side: as fine as the mark's lattice.
const LINES: usize = 96;

/// How long signs last: an epoch of the mark.
const EPOCH_SECONDS: f64 = 0.5;

/// What an outgoing answer says of a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Whether anybody but the asker is accused.
    pub frames_somebody: bool,
    /// The best score of a delivery that is not accused.
    pub best_innocent: f64,
    /// The score from which it would be accused.
    pub threshold: f64,
}

impl Answer {
    /// What the asker learns of it.
    #[must_use]
    pub fn revealed(self, reveal: Reveal) -> f64 {
        if self.frames_somebody {
            return self.threshold;
        }
        match reveal {
            Reveal::Everything => (self.best_innocent * 100.0).round() / 100.0,
            Reveal::Whole => self.best_innocent.round().min(self.threshold),
            Reveal::Outgoing => {
                let most = self.threshold.ceil().max(LEAST_TOLD_SCORE);
                self.best_innocent.ceil().clamp(LEAST_TOLD_SCORE, most)
            }
            Reveal::Verdict => 0.0,
        }
    }
}

/// Who answers questions about clips.
pub trait Detector {
    /// What comes out for a clip.
    ///
    /// # Errors
    /// When the clip cannot be examined.
    fn ask(&self, clip: &Path) -> Result<Answer>;
}

/// The detector itself, with a register whose first delivery is the asker's own.
struct Studio {
    vault: Vault,
    asker: String,
}

impl Detector for Studio {
    fn ask(&self, clip: &Path) -> Result<Answer> {
        let mut exhibits = Exhibits::default();
        let request = Request::new(clip);
        let tracer = Tracer::new(&self.vault)?;
        let report = tracer.trace_with_exhibits(&request, &Silence, Some(&mut exhibits))?;
        let is_innocent = |s: &&RankedDelivery| s.distributor != self.asker;
        let best = exhibits.standings.iter().find(is_innocent);
        Ok(Answer {
            frames_somebody: report
                .deliveries
                .iter()
                .any(|a| a.distributor != self.asker),
            best_innocent: best.map_or(0.0, |s| s.bound.t()),
            threshold: best.map_or(0.0, |s| s.bound.threshold_t()),
        })
    }
}

/// Random signs for each half second.
struct Noise {
    seed: u64,
    size: (usize, usize),
}

impl Noise {
    /// For pictures of that many columns and rows.
    fn new(seed: u64, (width, height): (usize, usize)) -> Self {
        let side = width.min(height).max(1);
        let squares = |length: usize| length * LINES / side + 2;
        Self {
            seed,
            size: (squares(width), squares(height)),
        }
    }

    /// `[row][column]` of one half second.
    fn signs(&self, epoch: u64) -> Vec<f32> {
        let mut seed = [0x6f; 32];
        seed[..8].copy_from_slice(&self.seed.to_le_bytes());
        seed[8..16].copy_from_slice(&epoch.to_le_bytes());
        let mut stream = ChaCha8Rng::from_seed(seed);
        let count = self.size.0 * self.size.1;
        let sign = |_| {
            if stream.next_u32() & 1 == 1 {
                1.0
            } else {
                -1.0
            }
        };
        (0..count).map(sign).collect()
    }
}

/// A lattice of values for each half second, kept once it was made.
struct Layer<'a> {
    /// What is summed, and with which weights.
    parts: &'a [(f32, Noise)],
    known: Option<(u64, Vec<f32>)>,
}

impl Layer<'_> {
    fn lattice(&mut self, epoch: u64) -> &[f32] {
        if self.known.as_ref().is_none_or(|(known, _)| *known != epoch) {
            let mut sum: Vec<f32> = Vec::new();
            for (weight, noise) in self.parts {
                let signs = noise.signs(epoch);
                sum.resize(signs.len(), 0.0);
                let pairs = sum.iter_mut().zip(&signs);
                pairs.for_each(|(sum, sign)| *sum += weight * sign);
            }
            self.known = Some((epoch, sum));
        }
        self.known.as_ref().map_or(&[], |(_, lattice)| lattice)
    }
}

/// Adds a layer to a file, picture by picture.
fn laid(parts: &[(f32, Noise)], copy: &Path, output: &Path, crf: f32) -> Result<()> {
    let encode = EncodeSettings {
        threads: Some(NonZeroUsize::MIN),
        overwrite: true,
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(crf))
    };
    let columns = parts.first().map_or(0, |(_, noise)| noise.size.0);
    let mut layer = Layer { parts, known: None };
    transcode(
        copy,
        output,
        &encode,
        &mut |mut luma: AnyPlaneMut<'_>, time| {
            let epoch = (time.media_time / EPOCH_SECONDS).max(0.0) as u64;
            let lattice = layer.lattice(epoch);
            if let AnyPlaneMut::U8(view) = &mut luma {
                add(view, lattice, columns);
            }
            Ok(())
        },
        &(),
    )?;
    Ok(())
}

/// Adds a lattice, bilinear.
fn add(view: &mut PlaneViewMut<'_, u8>, lattice: &[f32], columns: usize) {
    let geometry = view.geometry();
    let unit = LINES as f32 / geometry.width().min(geometry.height()) as f32;
    for (y, row) in view.rows_mut().enumerate() {
        let v = y as f32 * unit;
        let (above, down) = (v as usize, v.fract());
        for (x, sample) in row.iter_mut().enumerate() {
            let u = x as f32 * unit;
            let (left, right) = (u as usize, u.fract());
            let at = |dx: usize, dy: usize| lattice[(above + dy) * columns + left + dx];
            let upper = at(0, 0) * (1.0 - right) + at(1, 0) * right;
            let lower = at(0, 1) * (1.0 - right) + at(1, 1) * right;
            let value = f32::from(*sample) + upper * (1.0 - down) + lower * down;
            *sample = value.round().clamp(0.0, 255.0) as u8;
        }
    }
}

/// Asks all questions about one copy, and answers what the best innocent scores on the clip that is made of the answers.
///
/// # Errors
/// When a file cannot be made or examined.
pub fn framed(
    detector: &dyn Detector,
    copy: &Path,
    size: (usize, usize),
    (questions, reveal): (u64, Reveal),
    work: &Path,
    done: &dyn Fn(u64),
) -> Result<Answer> {
    let clip = work.join("question.mkv");
    let mut revealed = Vec::new();
    for k in 0..questions {
        laid(&[(AMPLITUDE, Noise::new(k, size))], copy, &clip, 12.0)?;
        revealed.push(detector.ask(&clip)?.revealed(reveal));
        done(k + 1);
    }
    let mean = revealed.iter().sum::<f64>() / questions.max(1) as f64;
    let power: f64 = revealed.iter().map(|q| (q - mean) * (q - mean)).sum();
    // As loud as a question; where nothing was revealed it is one question more, which is as good as any.
    let weights = revealed.iter().map(|q| (q - mean) / power.sqrt());
    let parts: Vec<(f32, Noise)> = if power > 0.0 {
        let noises = (0..questions).map(|k| Noise::new(k, size));
        let loud = weights.map(|w| AMPLITUDE * w as f32);
        loud.zip(noises).collect()
    } else {
        vec![(AMPLITUDE, Noise::new(questions, size))]
    };
    laid(&parts, copy, &clip, 16.0)?;
    detector.ask(&clip)
}

/// `countermark-bench oracle`.
///
/// # Errors
/// When a file cannot be made or examined.
pub fn run(args: &OracleArgs, quiet: bool) -> Result<Outcome> {
    let progress = Progress::new(quiet);
    let suite = Suite::load("framing")?;
    let clips = find_clips(&args.clips, &suite.clips)?.clips;
    let Some(clip) = clips.first() else {
        bail!(
            "no clip of {} is large and long enough",
            args.clips.display()
        );
    };
    let work = args.out.join("work");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let master = clip.master(Some(SECONDS), &work)?;
    let innocent = Innocent::new(&work.join("vault"), &master, (1, 1), args.deliveries)?;
    let copy = innocent.copy(&master, &work.join("copy.mkv"))?;
    let info = countermark_media::probe(&copy)?.video;
    let size = (info.width as usize, info.height as usize);
    let studio = Studio {
        asker: Innocent::first_distributor().to_owned(),
        vault: innocent.vault,
    };
    let answer = framed(
        &studio,
        &copy,
        size,
        (args.questions, args.reveal),
        &work,
        &|done| {
            progress.doing(
                &clip.stem,
                &format!("question {done} of {}", args.questions),
            );
        },
    )?;
    progress.finish();
    fs::remove_dir_all(&work)?;
    let mut text = String::new();
    writeln!(
        text,
        "{}: {} questions, {} innocent deliveries, revealed {:?}: the best innocent scores {:.2}, accused from {:.2}{}",
        clip.stem,
        args.questions,
        args.deliveries,
        args.reveal,
        answer.best_innocent,
        answer.threshold,
        if answer.frames_somebody {
            "; an innocent is ACCUSED"
        } else {
            ""
        }
    )?;
    let holds = !answer.frames_somebody && answer.best_innocent < SAFE_SCORE;
    Ok(if holds {
        Outcome::Done(text)
    } else {
        Outcome::Short(text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outgoing_answer_says_nothing_of_scores_that_are_far_from_the_threshold() {
        let answer = |best_innocent| Answer {
            frames_somebody: false,
            best_innocent,
            threshold: 7.3,
        };
        let said = |score, reveal| answer(score).revealed(reveal);
        assert_eq!(
            said(1.234, Reveal::Everything).to_bits(),
            1.23_f64.to_bits()
        );
        assert_eq!(said(1.6, Reveal::Whole).to_bits(), 2.0_f64.to_bits());
        for score in [-1.0, 1.6, 4.9] {
            assert_eq!(said(score, Reveal::Outgoing).to_bits(), 5.0_f64.to_bits());
        }
        assert_eq!(said(6.2, Reveal::Outgoing).to_bits(), 7.0_f64.to_bits());
        assert_eq!(said(4.0, Reveal::Verdict).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn noise_repeats_and_differs_between_questions_and_half_seconds() {
        let noise = |seed| Noise::new(seed, (640, 360));
        assert_eq!(noise(1).signs(3), noise(1).signs(3));
        assert_ne!(noise(1).signs(3), noise(1).signs(4));
        assert_ne!(noise(1).signs(3), noise(2).signs(3));
    }
}
