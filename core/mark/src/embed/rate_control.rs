//! Perceptual rate control: how strong one delivery's mark may be at this moment of this master.
//!
//! ```text
//! A      = g * rms(a)                                        amplitude of the chips, code values
//! drop   = kappa A^(8/5)                                     VMAF that the mark costs; kappa measured on sampled frames
//! budget = min(97.43 + 1.4 m - 95.4, 6)                      what a frame with motion m may lose
//! A      = min((budget / kappa)^(5/8), A at PSNR-Y 46.2 dB, A at most 3)
//! ```
//!
//! On a sampled frame ([`super::content`] chooses them) a copy is marked, compared with its host by [`crate::quality`],
//! and the frame is marked at the amplitude that the measured `kappa` asks for. Between samples the amplitude glides.
//!
//! The quality model takes all code values for those of standard range, and so are trials: a picture in PQ is tried with as many
//! code values as a standard one, and marked with as many as look alike.
//!
//! `kappa` and the squared change depend on the delivery's own signs, so every delivery closes its own loop; motion, the
//! choice of frames and the host's side of the comparison are the title's.
//!
//! # Shapes and units
//! Amplitudes in code values of 8 bits of standard range, as they look ([`crate::light`]); motion in code values of 8 bits; quality in VMAF points of model v0.6.1.
//! # References
//! The exponent is this project's own fit: halving the amplitude leaves 0.33 of the drop on all clips measured.
//! # Determinism
//! Square roots and divisions only: `x^(5/8) = sqrt(x) * x^(1/8)`.

use super::frame::{FrameReport, MarkSample};
use super::host::HostAnalysis;
use super::strength::Strength;
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::upsample::{Rounding, Upsampler};
use crate::quality::{HostFeatures, QualityMeter, vmaf_ceiling};
use countermark_picture::{PlaneError, PlaneGeometry, PlaneViewMut};

/// VMAF that a frame keeps at the default strength.
const FLOOR_VMAF: f32 = 95.4;

/// Most that any frame may lose: the 1st percentile has its own floor of 90.
const LARGEST_DROP: f32 = 6.0;

/// Mean squared change at a PSNR-Y of 46.2 dB, in squared code values of 8 bits.
const LARGEST_CHANGE: f32 = 1.560;

/// Largest amplitude that any content gets, in code values of 8 bits.
const LARGEST_AMPLITUDE: f32 = 3.0;

/// Amplitude before anything was measured, in code values of 8 bits.
const FIRST_AMPLITUDE: f32 = 0.9;

/// Drop at an amplitude of one, before anything was measured, in VMAF points.
const FIRST_KAPPA: f32 = 2.5;

/// Squared change at an amplitude of one, before anything was measured, in squared code values of 8 bits.
const FIRST_CHANGE: f32 = 0.4;

/// How far from the last amplitude to its target a frame goes.
const GLIDE: f32 = 0.1;

/// Root mean square of the visibility model's amplitudes below which the gain grows no more.
const LEAST_RMS: f32 = 1e-3;

/// The closed loop of one delivery.
#[derive(Debug)]
pub(super) struct RateControl {
    strength: f32,
    meter: QualityMeter,
    geometry: PlaneGeometry,
    amplitude: f32,
    kappa: f32,
    change: f32,
}

/// How a pattern comes onto the samples of a frame.
#[derive(Debug)]
pub(super) struct Printing<'a> {
    pub(super) upsampler: &'a mut Upsampler,
    pub(super) rounding: Rounding<'a>,
}

impl Printing<'_> {
    /// The sum of squared changes, in squared code values of the plane.
    fn add<T: MarkSample>(
        &mut self,
        pattern: &LatticePlane,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> u64 {
        self.upsampler.add(pattern, &self.rounding, plane)
    }
}

impl RateControl {
    pub(super) fn new(geometry: PlaneGeometry, strength: Strength, level: CpuLevel) -> Self {
        Self {
            strength: strength.value(),
            meter: QualityMeter::new(geometry, level),
            geometry,
            amplitude: FIRST_AMPLITUDE,
            kappa: FIRST_KAPPA,
            change: FIRST_CHANGE,
        }
    }

    /// Adds the pattern to the plane at the amplitude that the budget allows.
    pub(super) fn mark<T: MarkSample>(
        &mut self,
        host: &HostAnalysis,
        pattern: &mut LatticePlane,
        mut printing: Printing<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> FrameReport {
        let target = self.allowed(host.motion());
        if let Some(features) = host.sample() {
            self.amplitude = target;
            scale(pattern, self.amplitude / host.relative_rms().max(LEAST_RMS));
            let shown = self.amplitude * host.mix().cross_fade_level();
            // A plane of the loop's own size, proved when it was made, is never refused.
            if let Ok((drop, change)) = self.trial(features, pattern, &mut printing, plane) {
                self.learn(shown, drop, change);
            }
            let allowed = self.allowed(host.motion());
            let asked = self.strength * allowed / self.amplitude;
            scale(pattern, asked / host.contrast());
            self.amplitude = allowed;
        } else {
            self.amplitude += GLIDE * (target - self.amplitude);
            let gain = self.strength * self.amplitude / host.relative_rms().max(LEAST_RMS);
            scale(pattern, gain / host.contrast());
        }
        FrameReport {
            squared_change: printing.add(pattern, plane),
            amplitude: self.strength * self.amplitude,
        }
    }

    /// What a copy marked with the pattern costs: points of VMAF, and the mean squared change in squared code values of 8
    /// bits.
    fn trial<T: MarkSample>(
        &mut self,
        host: &HostFeatures,
        pattern: &LatticePlane,
        printing: &mut Printing<'_>,
        plane: &PlaneViewMut<'_, T>,
    ) -> Result<(f32, f32), PlaneError> {
        let bit_depth = plane.bit_depth();
        // One copy a second: a buffer that is kept would have to be of both sample types.
        let mut copy: Vec<T> = Vec::with_capacity(self.geometry.needed_len());
        plane
            .as_view()
            .rows()
            .for_each(|row| copy.extend_from_slice(row));
        let mut trial = PlaneViewMut::new(&mut copy, self.geometry, bit_depth)?;
        let squared_change = printing.add(pattern, &mut trial);
        let degradation = self.meter.compare(host, &trial.as_view());
        let samples = (self.geometry.width() * self.geometry.height()) as f32;
        let unit = bit_depth.codes_per_8bit_code();
        let unit = (unit * unit) as f32;
        Ok((
            degradation.vmaf_drop(),
            squared_change as f32 / (samples * unit),
        ))
    }

    /// Takes in what a trial amplitude cost.
    fn learn(&mut self, shown: f32, drop: f32, change: f32) {
        let power = power_8_5(shown);
        if drop > 0.0 && power > 0.0 {
            self.kappa = drop / power;
        }
        if change > 0.0 {
            self.change = change / (shown * shown);
        }
    }

    /// The amplitude that the budget allows under a motion.
    fn allowed(&self, motion: f32) -> f32 {
        let budget = (vmaf_ceiling(motion) - FLOOR_VMAF).min(LARGEST_DROP);
        let for_vmaf = power_5_8(budget / self.kappa);
        let for_psnr = (LARGEST_CHANGE / self.change).sqrt();
        for_vmaf.min(for_psnr).min(LARGEST_AMPLITUDE)
    }
}

fn scale(pattern: &mut LatticePlane, factor: f32) {
    pattern
        .samples_mut()
        .iter_mut()
        .for_each(|sample| *sample *= factor);
}

/// `x^(5/8)`.
fn power_5_8(x: f32) -> f32 {
    x.sqrt() * x.sqrt().sqrt().sqrt()
}

/// `x^(8/5)`, the inverse of [`power_5_8`], by Newton's method on `y^5 = x^8`.
fn power_8_5(x: f32) -> f32 {
    let x = f64::from(x).max(1e-6);
    let fourth = (x * x) * (x * x);
    let target = fourth * fourth;
    let mut y = x;
    for _ in 0..40 {
        let fourth = y * y * y * y;
        y -= (fourth * y - target) / (5.0 * fourth);
    }
    y as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_inverse() {
        for x in [0.05_f32, 0.3, 1.0, 2.7, 9.0] {
            assert!((power_5_8(power_8_5(x)) / x - 1.0).abs() < 1e-5, "{x}");
            assert!(
                (f64::from(power_8_5(x)) / f64::from(x).powf(1.6) - 1.0).abs() < 1e-5,
                "{x}"
            );
        }
    }
}
