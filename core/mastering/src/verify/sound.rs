//! How like two streams of sound are, whatever they are coded as.
//!
//! ```text
//! e[n] = log(mean square of 20 ms + floor),   likeness = max over |lag| <= 3 of correlation(e of the master, e of the copy)
//! ```
//!
//! A codec changes samples and delays them by some milliseconds; the course of the loudness stays.
//!
//! # Shapes and units
//! Windows of ten seconds, up to [`WINDOWS`] of them; one channel, full scale 1.

use std::path::Path;

use countermark_media::{CancelToken, SoundOptions, SoundReader};

use crate::MasteringError;

/// Sound of a codec at any usual rate is above this, another track below it.
pub(super) const LEAST_LIKENESS: f64 = 0.9;

const WINDOWS: u32 = 3;
const WINDOW_SECONDS: f64 = 10.0;
const SAMPLE_RATE: u32 = 8000;
/// 20 ms.
const STEP: usize = 160;
const LAGS: i64 = 3;
/// Of the mean square: -80 dB of full scale.
const FLOOR: f64 = 1e-8;
/// Variance of the logarithm below which the loudness does not change.
const STEADY: f64 = 1e-3;

/// The lowest likeness of all windows; none where nothing can be compared.
pub(super) fn likeness(
    (master, own): (&Path, usize),
    (copy, other): (&Path, usize),
    seconds: f64,
    cancel: &CancelToken,
) -> Result<Option<f64>, MasteringError> {
    let windows = ((seconds / WINDOW_SECONDS).ceil().max(1.0) as u32).min(WINDOWS);
    let mut lowest: Option<f64> = None;
    for window in 0..windows {
        if cancel.is_cancelled() {
            return Err(MasteringError::Cancelled);
        }
        let middle = seconds * (f64::from(window) + 0.5) / f64::from(windows);
        let from = (middle - WINDOW_SECONDS / 2.0).max(0.0);
        let (a, b) = (loudness(master, own, from)?, loudness(copy, other, from)?);
        if let Some(likeness) = best_correlation(&a, &b) {
            lowest = Some(lowest.map_or(likeness, |lowest| lowest.min(likeness)));
        }
    }
    Ok(lowest)
}

/// The course of the loudness of one window, each step at its moment; silence where there is no sound.
fn loudness(path: &Path, stream: usize, from: f64) -> Result<Vec<f64>, MasteringError> {
    let options = SoundOptions {
        seek_seconds: Some(from),
        duration_seconds: Some(WINDOW_SECONDS),
        ..SoundOptions::new(SAMPLE_RATE)
    };
    let steps = (WINDOW_SECONDS * f64::from(SAMPLE_RATE)) as usize / STEP;
    let mut energy = vec![0.0; steps];
    let mut reached = 0;
    if let Some(mut reader) = SoundReader::open_stream(path, stream, options)? {
        while let Some(block) = reader.next_block()? {
            let first = ((block.media_time() - from) * f64::from(SAMPLE_RATE)).round() as i64;
            for (at, sample) in (first..).zip(block.samples()) {
                let step = usize::try_from(at).map_or(steps, |at| at / STEP);
                if let Some(sum) = energy.get_mut(step) {
                    *sum += f64::from(*sample).powi(2) / STEP as f64;
                    reached = reached.max(step + 1);
                }
            }
        }
    }
    energy.truncate(reached);
    Ok(energy.into_iter().map(|it| (it + FLOOR).ln()).collect())
}

/// None for two sounds of which neither changes; 0 where only one does.
fn best_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.is_empty() && b.is_empty() {
        return None;
    }
    let at = |lag: i64| {
        let (skip_a, skip_b) = (lag.max(0) as usize, (-lag).max(0) as usize);
        let (a, b) = (a.get(skip_a..)?, b.get(skip_b..)?);
        correlation(&a[..a.len().min(b.len())], &b[..a.len().min(b.len())])
    };
    let found: Vec<f64> = (-LAGS..=LAGS).filter_map(at).collect();
    found.into_iter().reduce(f64::max)
}

fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    if a.is_empty() {
        return None;
    }
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |x: &[f64], mx: f64, y: &[f64], my: f64| {
        let terms = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my));
        terms.sum::<f64>() / n
    };
    let (va, vb) = (sum(a, ma, a, ma), sum(b, mb, b, mb));
    match (va > STEADY, vb > STEADY) {
        (false, false) => None,
        (true, true) => Some(sum(a, ma, b, mb) / (va * vb).sqrt()),
        _ => Some(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(seed: u64) -> Vec<f64> {
        let mut state = seed;
        (0..500)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                f64::from((state >> 33) as u32 % 1000) / 100.0
            })
            .collect()
    }

    #[test]
    fn a_delay_of_a_step_is_no_other_sound() {
        let sound = course(1);
        let delayed = [&[0.0][..], &sound].concat();
        assert!(best_correlation(&sound, &delayed).is_some_and(|it| it > 0.99));
        assert!(best_correlation(&sound, &course(2)).is_some_and(|it| it < 0.3));
    }

    #[test]
    fn silence_is_like_silence_and_unlike_sound() {
        let silence = vec![FLOOR.ln(); 500];
        assert_eq!(best_correlation(&silence, &silence), None);
        assert_eq!(best_correlation(&silence, &course(1)), Some(0.0));
    }
}
