//! Attacks of filming a screen: vignette, cast, moire, flicker.
//!
//! ```text
//! vignette-S   gain = cos^4(a) = 1 / (1 + q r^2)^2,   q = 1 / sqrt(1 - S) - 1: 1 - S in the corners, where r = 1
//! cast-S       (Cb, Cr) + S F (cos h, sin h),   h a random hue
//! moire-S      Y + S G sin(2 pi f ((x - x0) cos a + (y - y0) sin a) + p + 2 pi v t),   a = a0 + 3 deg sin(2 pi t / 10)
//!              wave length 1 / f of 6 to 48 px, log-uniform;  drift v uniform in -1 to 1 Hz
//! flicker-F    gain = 1 + m sinc(F E) cos(2 pi F (t + T y / H) + p),   sinc(z) = sin(pi z) / (pi z)
//!              light of 1 + m cos(2 pi F t) with m = 0.2, over an exposure E = 10 ms that row y begins at t + T y / H
//! ```
//!
//! Gains act on code values: luma above black, chroma around 128.
//!
//! # Shapes and units
//! `r` from the centre in units of half the diagonal; `F` of flicker in Hz, `T` = 20 ms; `G` = white - black, full scale
//! of luma, and `F` of cast = 224 or, in full range, 255, that of chroma. The beat between screen and camera is in `t`.

use std::f64::consts::{PI, TAU};
use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{NEUTRAL, ParseAttackError, Picture, Random};

use super::shake::READ_OUT_SECONDS;

/// How much a screen's light swings around its mean.
const SCREEN_SWING: f64 = 0.2;
const EXPOSURE_SECONDS: f64 = 0.01;

/// What a screen or a lens does to the light, with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Screen {
    Vignette(f64),
    Cast(f64),
    Moire(f64),
    Flicker(f64),
}

/// Reads `vignette`, `cast`, `moire` and `flicker`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let share = |range, accepted| number(&step, strength, &range, accepted);
    let screen = match head {
        "vignette" => share(0.01..=0.9, "0.01 to 0.9").map(Screen::Vignette),
        "cast" => share(0.01..=0.5, "0.01 to 0.5 of full scale").map(Screen::Cast),
        "moire" => share(0.001..=0.5, "0.001 to 0.5 of full scale").map(Screen::Moire),
        "flicker" => share(1.0..=480.0, "1 to 480 Hz").map(Screen::Flicker),
        _ => return None,
    };
    Some(screen.map(|screen| Box::new(screen) as Box<dyn PictureAttack>))
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vignette(loss) => write!(f, "vignette-{loss}"),
            Self::Cast(share) => write!(f, "cast-{share}"),
            Self::Moire(share) => write!(f, "moire-{share}"),
            Self::Flicker(hertz) => write!(f, "flicker-{hertz}"),
        }
    }
}

impl PictureAttack for Screen {
    fn begin(&self, _: &ClipShape, random: &mut Random) -> Box<dyn Stage> {
        match *self {
            Self::Vignette(loss) => Box::new(Each(Vignette { loss })),
            Self::Cast(share) => {
                let (sin, cos) = random.between(0.0, TAU).sin_cos();
                Box::new(Each(Cast {
                    blue: share * cos,
                    red: share * sin,
                }))
            }
            Self::Moire(share) => Box::new(Each(Moire {
                share,
                wave_length: 6.0 * 8.0_f64.powf(random.unit()),
                angle: random.between(0.0, PI),
                phase: random.between(0.0, TAU),
                drift_hertz: random.between(-1.0, 1.0),
            })),
            Self::Flicker(hertz) => Box::new(Each(Flicker {
                hertz,
                phase: random.between(0.0, TAU),
            })),
        }
    }
}

/// Multiplies every plane about its black or neutral value by a gain at each place, in shares of the frame's sides.
fn brightened(picture: &mut Picture, gain_of_row: impl Fn(f64, &mut [f32])) {
    let black = picture.black();
    for (plane, rest) in [
        (&mut picture.y, black),
        (&mut picture.u, NEUTRAL),
        (&mut picture.v, NEUTRAL),
    ] {
        let mut gains = vec![1.0; plane.width()];
        let height = plane.height() as f64;
        for (y, row) in plane.rows_mut().enumerate() {
            gain_of_row((y as f64 + 0.5) / height, &mut gains);
            for (value, gain) in row.iter_mut().zip(&gains) {
                *value = rest + gain * (*value - rest);
            }
        }
    }
}

struct Vignette {
    loss: f64,
}

impl Effect for Vignette {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let (width, height) = (picture.width() as f64, picture.height() as f64);
        let fall = (1.0 / (1.0 - self.loss).sqrt() - 1.0) / (width * width + height * height);
        brightened(&mut picture, |row, gains| {
            let y = (2.0 * row - 1.0) * height;
            let step = 2.0 / gains.len() as f64;
            for (x, gain) in gains.iter_mut().enumerate() {
                let x = ((x as f64 + 0.5) * step - 1.0) * width;
                let root = 1.0 / (1.0 + fall * (x * x + y * y));
                *gain = (root * root) as f32;
            }
        });
        picture
    }
}

struct Cast {
    blue: f64,
    red: f64,
}

impl Effect for Cast {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let scale = if picture.full_range { 255.0 } else { 224.0 };
        for (plane, share) in [(&mut picture.u, self.blue), (&mut picture.v, self.red)] {
            let offset = (share * scale) as f32;
            for value in plane.samples_mut() {
                *value += offset;
            }
        }
        picture
    }
}

#[derive(Debug, Clone, Copy)]
struct Moire {
    share: f64,
    wave_length: f64,
    angle: f64,
    phase: f64,
    drift_hertz: f64,
}

impl Moire {
    fn angle_at(&self, seconds: f64) -> f64 {
        self.angle + 3.0_f64.to_radians() * (TAU * seconds / 10.0).sin()
    }
}

impl Effect for Moire {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        let amplitude = self.share * f64::from(picture.white() - picture.black());
        let (sin, cos) = self.angle_at(seconds).sin_cos();
        let turns = TAU / self.wave_length;
        let start = self.phase + TAU * self.drift_hertz * seconds;
        let (cx, cy) = (picture.width() as f64 / 2.0, picture.height() as f64 / 2.0);
        // sin(a + b) = sin a cos b + cos a sin b: two products a sample instead of a sine.
        let columns: Vec<(f32, f32)> = (0..picture.width())
            .map(|x| {
                let (sin, cos) = (turns * cos * (x as f64 + 0.5 - cx)).sin_cos();
                (sin as f32, cos as f32)
            })
            .collect();
        for (y, row) in picture.y.rows_mut().enumerate() {
            let (row_sin, row_cos) = (turns * sin * (y as f64 + 0.5 - cy) + start).sin_cos();
            let (a, b) = ((amplitude * row_cos) as f32, (amplitude * row_sin) as f32);
            for (value, (sin, cos)) in row.iter_mut().zip(&columns) {
                *value += sin * a + cos * b;
            }
        }
        picture
    }
}

#[derive(Debug, Clone, Copy)]
struct Flicker {
    hertz: f64,
    phase: f64,
}

impl Flicker {
    /// What the exposure leaves of the screen's swing.
    fn swing(&self) -> f64 {
        let cycles = PI * self.hertz * EXPOSURE_SECONDS;
        SCREEN_SWING * cycles.sin() / cycles
    }
}

impl Effect for Flicker {
    fn apply(&mut self, mut picture: Picture, seconds: f64) -> Picture {
        let swing = self.swing();
        brightened(&mut picture, |row, gains| {
            let start = seconds + READ_OUT_SECONDS * row;
            let gain = 1.0 + swing * (TAU * self.hertz * start + self.phase).cos();
            gains.fill(gain as f32);
        });
        picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{assert_accepted, assert_refused, attacked, attacked_at, drawn};

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        assert_accepted(&[
            "vignette-0.3",
            "cast-0.1",
            "moire-0.05",
            "flicker-60",
            "flicker-59.94",
        ]);
        assert_refused(&[
            "vignette-1",
            "cast-0",
            "moire-0.6",
            "flicker-0",
            "cast--0.1",
        ]);
    }

    #[test]
    fn vignette_falls_to_its_value_in_the_corners_and_keeps_the_centre() {
        let out = attacked("vignette-0.3", 1, &drawn(640, 480, |_, _| 216.0));
        let at = |x: usize, y: usize| (out.y.row(y)[x] - 16.0) / 200.0;
        assert!((at(320, 240) - 1.0).abs() < 1e-4);
        for (x, y) in [(0, 0), (639, 0), (0, 479), (639, 479)] {
            // The corner's sample lies half a pixel inside.
            assert!((at(x, y) - 0.7).abs() < 2e-3, "{}", at(x, y));
            assert!(((out.u.row(y / 2)[x / 2] - 128.0) / 44.0 - 0.7).abs() < 3e-3);
        }
        // Halfway along the diagonal: 1 / (1 + q / 4)^2 with q = 0.195.
        assert!((at(480, 360) - 0.9092).abs() < 1e-3, "{}", at(480, 360));
    }

    #[test]
    fn cast_shifts_chroma_by_its_share_of_full_scale_in_hues_that_vary() {
        let grey = drawn(8, 8, |_, _| 128.0);
        let mut hues = Vec::new();
        for seed in 0..6 {
            let out = attacked("cast-0.1", seed, &grey);
            let (blue, red) = (out.u.row(2)[1] - 128.0, out.v.row(2)[1] - 128.0);
            assert!((blue.hypot(red) - 22.4).abs() < 1e-3);
            assert_eq!(out.y, grey.y);
            hues.push(red.atan2(blue));
        }
        assert!(hues.iter().any(|hue| (hue - hues[0]).abs() > 0.5));
    }

    #[test]
    fn moire_is_a_sine_of_its_amplitude_in_luma_that_drifts() {
        let grey = drawn(200, 200, |_, _| 128.0);
        let out = attacked_at("moire-0.05", 2, &grey, &[0.0, 0.2]);
        for picture in &out {
            let offsets = picture.y.samples().iter().map(|v| f64::from(v - 128.0));
            let most = offsets.clone().fold(0.0_f64, |most, v| most.max(v.abs()));
            let power = offsets.map(|v| v * v).sum::<f64>() / 40_000.0;
            assert!((most - 0.05 * 219.0).abs() < 0.05, "{most}");
            // A sine's power is half its amplitude squared; the frame holds no whole number of waves.
            assert!((power / (most * most) - 0.5).abs() < 0.05, "{power}");
            assert_eq!(picture.u, grey.u);
        }
        assert_ne!(out[0].y, out[1].y);
    }

    #[test]
    fn moire_has_wave_lengths_of_six_to_forty_eight_pixels() {
        let grey = drawn(400, 400, |_, _| 128.0);
        for seed in 0..6 {
            let out = attacked("moire-0.1", seed, &grey);
            let count = |samples: &mut dyn Iterator<Item = f32>| {
                let all: Vec<f32> = samples.map(|v| v - 128.0).collect();
                all.windows(2).filter(|w| w[0] * w[1] < 0.0).count() as f64 / 2.0 / 400.0
            };
            let along = count(&mut out.y.row(200).iter().copied());
            let down = count(&mut out.y.samples().iter().skip(200).step_by(400).copied());
            let wave_length = 1.0 / along.hypot(down);
            assert!((5.8..52.0).contains(&wave_length), "{wave_length}");
        }
    }

    #[test]
    fn flicker_is_a_band_of_the_exposed_swing_that_beats_with_the_frame_rate() {
        let white = drawn(4, 480, |_, _| 216.0);
        let gain = |picture: &Picture, y: usize| f64::from((picture.y.row(y)[0] - 16.0) / 200.0);
        for (name, sinc) in [("flicker-60", 0.504_55), ("flicker-24", 0.908_06)] {
            let times: Vec<f64> = (0..30).map(|n| f64::from(n) / 25.3).collect();
            let out = attacked_at(name, 4, &white, &times);
            let gains = out.iter().flat_map(|p| (0..480).map(move |y| gain(p, y)));
            let (least, most) = gains.fold((9.0_f64, 0.0_f64), |(a, b), g| (a.min(g), b.max(g)));
            assert!((most - 1.0 - 0.2 * sinc).abs() < 1e-3, "{name}: {most}");
            assert!((1.0 - least - 0.2 * sinc).abs() < 1e-3, "{name}: {least}");
            assert!((gain(&out[0], 100) - gain(&out[1], 100)).abs() > 1e-3);
        }
        // A camera at a divisor of the refresh sees a band that stands still.
        let out = attacked_at("flicker-60", 4, &white, &[0.0, 1.0 / 30.0]);
        assert!((0..480).all(|y| (gain(&out[0], y) - gain(&out[1], y)).abs() < 1e-4));
        // Rows 1/60 s apart, of 20 ms in all, are in the same light.
        let row = 480.0 / 1.2;
        assert!((gain(&out[0], 10) - gain(&out[0], 10 + row as usize)).abs() < 1e-4);
    }
}
