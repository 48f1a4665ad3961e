//! The closed loop on quality: how strong the mark may be at this moment of this master.
//!
//! ```text
//! A      = g * rms(a)                                        amplitude of the chips, code values
//! drop   = kappa A^(8/5)                                     VMAF that the mark costs; kappa measured on sampled frames
//! budget = min(97.43 + 1.4 m - 95.4, 6)                      what a frame with motion m may lose
//! A      = min((budget / kappa)^(5/8), A at PSNR-Y 46.2 dB, A at most 3)
//! ```
//!
//! A frame is sampled at the start, at cuts and then once a second: marked, compared with its host by
//! [`crate::quality`], and marked again when the measured `kappa` asks for another amplitude. Between samples the
//! amplitude glides.
//!
//! # Shapes and units
//! Amplitudes and motion in code values of 8 bits; quality in VMAF points of model v0.6.1.
//! # References
//! The exponent is this project's own fit: halving the amplitude leaves 0.33 of the drop on all clips measured.
//! # Determinism
//! Square roots and divisions only: `x^(5/8) = sqrt(x) * x^(1/8)`.

use crate::embed::{FrameReport, MarkSample, Strength};
use crate::lattice::LatticePlane;
use crate::lattice::cpu::CpuLevel;
use crate::lattice::upsample::{Rounding, Upsampler};
use crate::plane::{PlaneGeometry, PlaneView, PlaneViewMut};
use crate::quality::{MotionMeter, QualityMeter, vmaf_ceiling};

/// VMAF that a frame keeps at the default strength.
const FLOOR_VMAF: f32 = 95.4;

/// Most that any frame may lose: the 1st percentile has its own floor of 90.
const LARGEST_DROP: f32 = 6.0;

/// Mean squared change at a PSNR-Y of 46.2 dB, in squared code values of 8 bits.
const LARGEST_CHANGE: f32 = 1.560;

/// Largest amplitude that any content gets.
const LARGEST_AMPLITUDE: f32 = 3.0;

/// Amplitude before anything was measured.
const FIRST_AMPLITUDE: f32 = 0.9;

/// Drop at an amplitude of one, before anything was measured.
const FIRST_KAPPA: f32 = 2.5;

/// Squared change at an amplitude of one, before anything was measured.
const FIRST_CHANGE: f32 = 0.4;

/// Seconds between samples within a shot.
const SAMPLE_SECONDS: f64 = 1.0;

/// How far the amplitude glides towards its target with each frame.
const GLIDE: f32 = 0.1;

/// Mean change of the lattice from one frame to the next that counts as a cut, in code values of 8 bits.
const CUT_CHANGE: f32 = 14.0;

/// What the loop looks at in a frame.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    /// Seconds since the first frame.
    pub media_time: f64,
    /// The host on the lattice.
    pub host: &'a LatticePlane,
    /// Root mean square of the visibility model's amplitudes.
    pub relative_rms: f32,
    /// What a fade between epochs leaves of it, `sqrt((1 - f)^2 + f^2)`.
    pub presence: f32,
}

/// The loop's state.
#[derive(Debug)]
pub struct Pace {
    strength: f32,
    meter: QualityMeter,
    motion_meter: MotionMeter,
    geometry: PlaneGeometry,
    previous: Vec<f32>,
    change_before: f32,
    motion: Motion,
    amplitude: f32,
    kappa: f32,
    change: f32,
    sampled: Option<f64>,
}

/// Motion as far as it can be relied on.
#[derive(Debug, Default)]
struct Motion {
    last: f32,
    held: f32,
}

impl Motion {
    /// Falls at once with calm frames, rises slowly; two frames must agree.
    fn push(&mut self, motion: f32) {
        let calmer = motion.min(self.last);
        self.last = motion;
        let rate = if calmer < self.held { 0.5 } else { 0.15 };
        self.held += rate * (calmer - self.held);
    }
}

impl Pace {
    pub(super) fn new(geometry: PlaneGeometry, strength: Strength, level: CpuLevel) -> Self {
        Self {
            strength: strength.value(),
            meter: QualityMeter::new(geometry, level),
            motion_meter: MotionMeter::new(geometry, level),
            geometry,
            previous: Vec::new(),
            change_before: 0.0,
            motion: Motion::default(),
            amplitude: FIRST_AMPLITUDE,
            kappa: FIRST_KAPPA,
            change: FIRST_CHANGE,
            sampled: None,
        }
    }

    /// Adds the pattern to the plane at the amplitude that the budget allows.
    pub(super) fn mark<T: MarkSample>(
        &mut self,
        frame: &Sample<'_>,
        pattern: &mut LatticePlane,
        upsampler: &mut Upsampler,
        rounding: &Rounding<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> FrameReport {
        let cut = self.follow_motion(frame.host, &plane.as_view());
        let due = self
            .sampled
            .is_none_or(|last| (frame.media_time - last).abs() >= SAMPLE_SECONDS);
        let target = self.allowed();
        if cut || due {
            self.sampled = Some(frame.media_time);
            self.amplitude = target;
            return self.mark_sampled(frame, pattern, upsampler, rounding, plane);
        }
        self.amplitude += GLIDE * (target - self.amplitude);
        scale(
            pattern,
            self.strength * self.amplitude / frame.relative_rms.max(1e-3),
        );
        let squared_change = upsampler.add(pattern, rounding, plane);
        FrameReport {
            squared_change,
            amplitude: self.strength * self.amplitude,
        }
    }

    /// Marks a copy at a first amplitude, measures, and marks the plane at the amplitude that follows.
    fn mark_sampled<T: MarkSample>(
        &mut self,
        frame: &Sample<'_>,
        pattern: &mut LatticePlane,
        upsampler: &mut Upsampler,
        rounding: &Rounding<'_>,
        plane: &mut PlaneViewMut<'_, T>,
    ) -> FrameReport {
        let bit_depth = plane.bit_depth();
        let host: Vec<T> = plane.as_view().rows().flatten().copied().collect();
        let mut copy = host.clone();
        // The frame's own size, proved when the loop was made.
        let packed = |samples| PlaneView::new(samples, self.geometry, bit_depth);
        scale(pattern, self.amplitude / frame.relative_rms.max(1e-3));
        let trial = PlaneViewMut::new(&mut copy, self.geometry, bit_depth)
            .map(|mut trial| upsampler.add(pattern, rounding, &mut trial));
        if let (Ok(trial), Ok(host), Ok(marked)) = (trial, packed(&host), packed(&copy)) {
            let degradation = self.meter.measure(&host, &marked);
            let shown = self.amplitude * frame.presence;
            self.learn(
                shown,
                degradation.vmaf_drop(),
                trial,
                bit_depth.codes_per_8bit_code(),
            );
        }
        let allowed = self.allowed();
        scale(pattern, self.strength * allowed / self.amplitude);
        self.amplitude = allowed;
        let squared_change = upsampler.add(pattern, rounding, plane);
        FrameReport {
            squared_change,
            amplitude: self.strength * self.amplitude,
        }
    }

    /// Takes in what a trial amplitude cost.
    fn learn(&mut self, a: f32, drop: f32, squared_change: u64, unit: u32) {
        let power = power_8_5(a);
        if drop > 0.0 && power > 0.0 {
            self.kappa = drop / power;
        }
        let samples = (self.geometry.width() * self.geometry.height()) as f32;
        let unit = (unit * unit) as f32;
        let mean = squared_change as f32 / (samples * unit);
        if mean > 0.0 {
            self.change = mean / (a * a);
        }
    }

    fn allowed(&self) -> f32 {
        let budget = (vmaf_ceiling(self.motion.held) - FLOOR_VMAF).min(LARGEST_DROP);
        let for_vmaf = power_5_8(budget / self.kappa);
        let for_psnr = (LARGEST_CHANGE / self.change).sqrt();
        for_vmaf.min(for_psnr).min(LARGEST_AMPLITUDE)
    }

    /// Takes in the next frame; says whether it begins a shot.
    fn follow_motion<T: MarkSample>(
        &mut self,
        host: &LatticePlane,
        plane: &PlaneView<'_, T>,
    ) -> bool {
        if let Some(motion) = self.motion_meter.motion(plane) {
            self.motion.push(motion);
        }
        let samples = host.samples();
        let first = self.previous.is_empty();
        let change: f32 = samples
            .iter()
            .zip(&self.previous)
            .map(|(x, y)| (x - y).abs())
            .sum();
        let change = change / samples.len() as f32;
        let cut = change > CUT_CHANGE && change > 3.0 * self.change_before;
        self.change_before = change;
        self.previous.clear();
        self.previous.extend_from_slice(samples);
        cut || first
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

    #[test]
    fn motion_needs_two_frames_that_agree() {
        let mut motion = Motion::default();
        motion.push(30.0);
        assert!(motion.held < f32::EPSILON);
        motion.push(2.0);
        assert!(motion.held > 0.0 && motion.held < 2.0);
    }
}
