//! Sound for the samples: speech-like formants, a chord, noise bursts and room tone.
//!
//! ```text
//! voice  = glottal pulses at f0(t) through three resonators  y[n] = g x[n] + 2 r cos(w) y[n-1] - r^2 y[n-2]
//! r = exp(-pi B / fs),  w = 2 pi F / fs,  F and B the formant's frequency and bandwidth, new for each syllable
//! ```
//!
//! # Shapes and units
//! Mono samples in [-1, 1] at 48,000 a second; frequencies in hertz.
//! # References
//! D. Klatt (1980), Software for a cascade/parallel formant synthesizer, JASA 67(3), eq. 1 to 3.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::noise::Uniform;

/// Samples a second.
pub const SAMPLE_RATE: u32 = 48_000;

/// First to third formant of five vowels.
const VOWELS: [[f32; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
];

#[derive(Default)]
struct Resonator {
    y1: f32,
    y2: f32,
}

impl Resonator {
    fn step(&mut self, input: f32, frequency: f32, bandwidth: f32) -> f32 {
        let rate = SAMPLE_RATE as f32;
        let r = (-std::f32::consts::PI * bandwidth / rate).exp();
        let cosine = (std::f32::consts::TAU * frequency / rate).cos();
        let gain = (1.0 - r)
            * (1.0 - 2.0 * r * (2.0 * std::f32::consts::TAU * frequency / rate).cos() + r * r)
                .sqrt();
        let y = gain * input + 2.0 * r * cosine * self.y1 - r * r * self.y2;
        self.y2 = self.y1;
        self.y1 = y;
        y
    }
}

/// `seconds` of sound; `speech` is the share of voice against music.
#[must_use]
pub fn sound(seed: u64, seconds: f32, speech: f32) -> Vec<f32> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let count = (seconds * SAMPLE_RATE as f32).round() as usize;
    let mut out = vec![0.0; count];
    voice(&mut out, &mut stream, speech);
    music(&mut out, &mut stream, (1.0 - speech) * 0.25 + 0.05);
    let mut rumble = 0.0;
    for sample in &mut out {
        rumble += 0.02 * (stream.between(-1.0, 1.0) - rumble);
        *sample = (*sample + 0.05 * rumble + 0.001 * stream.between(-1.0, 1.0)).clamp(-1.0, 1.0);
    }
    out
}

fn voice(out: &mut [f32], stream: &mut ChaCha8Rng, level: f32) {
    let rate = SAMPLE_RATE as f32;
    let mut formants: [Resonator; 3] = Default::default();
    let (mut at, mut phase) = (0, 0.0_f32);
    let pitch = stream.between(105.0, 210.0);
    while at < out.len() {
        let vowel = VOWELS[(stream.between(0.0, 5.0) as usize).min(4)];
        let length = (stream.between(0.10, 0.24) * rate) as usize;
        let (burst, pause) = (
            stream.between(0.0, 1.0) < 0.5,
            stream.between(0.0, 1.0) < 0.18,
        );
        let tone = pitch * stream.between(0.85, 1.2);
        for i in 0..length.min(out.len() - at) {
            let t = i as f32 / length as f32;
            let envelope = if pause {
                0.0
            } else {
                (std::f32::consts::PI * t).sin().sqrt()
            };
            phase += tone * (1.06 - 0.12 * t) / rate;
            if phase >= 1.0 {
                phase -= 1.0;
            }
            let pulse = if phase < 0.4 {
                (phase / 0.4 * std::f32::consts::PI).sin()
            } else {
                -0.12
            };
            let breath = 0.03 * stream.between(-1.0, 1.0);
            let mut spoken = 0.0;
            for ((resonator, frequency), gain) in
                formants.iter_mut().zip(vowel).zip([1.0, 0.5, 0.3])
            {
                spoken += gain * resonator.step(pulse + breath, frequency, 60.0 + frequency * 0.04);
            }
            let hiss = if burst && t < 0.25 {
                stream.between(-1.0, 1.0) * (1.0 - 4.0 * t) * 0.10
            } else {
                0.0
            };
            out[at + i] += level * envelope * (2.2 * spoken + hiss);
        }
        at += length;
    }
}

fn music(out: &mut [f32], stream: &mut ChaCha8Rng, level: f32) {
    let rate = SAMPLE_RATE as f32;
    let root = 110.0 * 2_f32.powf(stream.between(0.0, 1.0));
    for (beat, bar) in out.chunks_mut(SAMPLE_RATE as usize / 2).enumerate() {
        let shift = [0.0, 5.0, 7.0, 3.0][beat / 2 % 4];
        for interval in [0.0, 4.0, 7.0, 12.0] {
            let frequency = root * 2_f32.powf((shift + interval) / 12.0);
            for (i, sample) in bar.iter_mut().enumerate() {
                let t = i as f32 / rate;
                let angle = std::f32::consts::TAU * frequency * t;
                let tone = angle.sin() + 0.4 * (2.0 * angle).sin() + 0.15 * (3.0 * angle).sin();
                *sample += level * 0.2 * tone * (-4.0 * t).exp() * (t * 200.0).min(1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_seeded_audible_and_does_not_clip() {
        for speech in [0.0, 0.8] {
            let a = sound(4, 2.0, speech);
            assert_eq!(a.len(), 96_000);
            assert_eq!(a, sound(4, 2.0, speech));
            assert_ne!(a, sound(5, 2.0, speech));
            let rms = (a.iter().map(|s| f64::from(s * s)).sum::<f64>() / a.len() as f64).sqrt();
            assert!((0.01..0.4).contains(&rms), "{rms}");
            let clipped = a.iter().filter(|s| s.abs() >= 1.0).count();
            assert!(clipped < a.len() / 1000, "{clipped}");
        }
    }
}
