//! Attacks on light and colour: brightness, contrast, gamma, saturation, hue, grey, negatives, range mistakes, tone mapping.
//!
//! ```text
//! brightness-G   y' = G y                      Cb' = G Cb            that is R'G'B' times G
//! contrast-G     y' = m + G (y - m)            Cb' = G Cb            m = mean of y over the frame
//! gamma-G        y' = y^G                      Cb' = Cb
//! saturation-G   y' = y                        Cb' = G Cb            grey: G = 0
//! hue-T          (H, S, V)(R'G'B') -> (H + T, S, V)                  T in turns
//! negate         y' = 1 - y                      Cb' = -Cb
//! range-limited  Y' = 16 + Y 219/255           U' = 128 + (U - 128) 224/255     full-range codes squeezed, once too often
//! range-full     Y' = (Y - 16) 255/219         U' = 128 + (U - 128) 255/224     limited codes expanded, once too often
//! tonemap-P      y' = (L (1 + L/P^2) / (1 + L))^(1/2.4),  L = P y^2.4           Cb' = Cb y'/y
//! ```
//!
//! Cr as Cb. Results are clipped to the legal range, those of range mistakes to 0 .. 255. Hue takes a chroma sample for
//! each of its four luma samples, clips R'G'B' to [0, 1], and averages the four results' chroma; tone mapping scales
//! chroma by the mean of its four.
//!
//! # Shapes and units
//! `y` in [0, 1], Y and U code values on the 8-bit scale; `L` light, 1 = reference white, `P` its peak.
//! # References
//! torchvision, `adjust_brightness`, `adjust_contrast`, `adjust_saturation`, `adjust_hue`. E. Reinhard et al. (2002),
//! Photographic tone reproduction for digital images, eq. 4.

use std::fmt;

use crate::effect::{ClipShape, Each, Effect, PictureAttack, Stage};
use crate::strength::number;
use crate::{NEUTRAL, ParseAttackError, Picture, Plane, Random};

use super::colour::Coding;

/// Exponent from a signal to the light of a display (BT.1886).
const DISPLAY_GAMMA: f32 = 2.4;

/// A change of light or colour with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Photometric {
    Brightness(f64),
    Contrast(f64),
    Gamma(f64),
    Saturation(f64),
    Hue(f64),
    Grey,
    Negate,
    RangeLimited,
    RangeFull,
    ToneMap(f64),
}

/// Reads `brightness`, `contrast`, `gamma`, `saturation`, `hue`, `grey`, `negate`, `range` and `tonemap`.
pub(super) fn parse(
    head: &str,
    strength: &str,
) -> Option<Result<Box<dyn PictureAttack>, ParseAttackError>> {
    let step = format!("{head}-{strength}");
    let bad = |range| {
        Err(ParseAttackError::Strength {
            step: step.clone(),
            range,
        })
    };
    let factor = |low, high, range| number(&step, strength, &(low..=high), range);
    let kind = match head {
        "brightness" => factor(0.05, 4.0, "0.05 to 4").map(Photometric::Brightness),
        "contrast" => factor(0.05, 4.0, "0.05 to 4").map(Photometric::Contrast),
        "gamma" => factor(0.2, 5.0, "0.2 to 5").map(Photometric::Gamma),
        "saturation" => factor(0.0, 4.0, "0 to 4").map(Photometric::Saturation),
        "hue" => factor(-0.5, 0.5, "-0.5 to 0.5 turns").map(Photometric::Hue),
        "grey" if strength.is_empty() => Ok(Photometric::Grey),
        "grey" => bad("nothing: grey has no strength"),
        "negate" if strength.is_empty() => Ok(Photometric::Negate),
        "negate" => bad("nothing: negate has no strength"),
        "range" => match strength {
            "limited" => Ok(Photometric::RangeLimited),
            "full" => Ok(Photometric::RangeFull),
            _ => bad("limited, full"),
        },
        "tonemap" => factor(1.0, 100.0, "1 to 100 times white").map(Photometric::ToneMap),
        _ => return None,
    };
    Some(kind.map(|kind| Box::new(kind) as Box<dyn PictureAttack>))
}

impl fmt::Display for Photometric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brightness(gain) => write!(f, "brightness-{gain}"),
            Self::Contrast(gain) => write!(f, "contrast-{gain}"),
            Self::Gamma(exponent) => write!(f, "gamma-{exponent}"),
            Self::Saturation(gain) => write!(f, "saturation-{gain}"),
            Self::Hue(turns) => write!(f, "hue-{turns}"),
            Self::Grey => f.write_str("grey"),
            Self::Negate => f.write_str("negate"),
            Self::RangeLimited => f.write_str("range-limited"),
            Self::RangeFull => f.write_str("range-full"),
            Self::ToneMap(peak) => write!(f, "tonemap-{peak}"),
        }
    }
}

impl PictureAttack for Photometric {
    fn begin(&self, _: &ClipShape, _: &mut Random) -> Box<dyn Stage> {
        Box::new(Each(*self))
    }
}

impl Effect for Photometric {
    fn apply(&mut self, mut picture: Picture, _: f64) -> Picture {
        let coding = Coding::of(&picture);
        match *self {
            Self::Brightness(gain) => {
                scale_luma(&mut picture, coding.black, gain as f32);
                scale_chroma(&mut picture, gain as f32);
            }
            Self::Contrast(gain) => {
                let mean = mean(&picture.y);
                scale_luma(&mut picture, mean, gain as f32);
                scale_chroma(&mut picture, gain as f32);
            }
            Self::Gamma(exponent) => {
                let curve = |y: f32| y.powf(exponent as f32);
                for sample in picture.y.samples_mut() {
                    *sample = coding.black + coding.luma_span * curve(signal(*sample, &coding));
                }
            }
            Self::Saturation(gain) => scale_chroma(&mut picture, gain as f32),
            Self::Hue(turns) => turn_hue(&mut picture, &coding, turns),
            Self::Grey => scale_chroma(&mut picture, 0.0),
            Self::Negate => {
                let white = coding.black + coding.luma_span;
                affine(&mut picture.y, |code| coding.black + white - code);
                scale_chroma(&mut picture, -1.0);
            }
            Self::RangeLimited => {
                affine(&mut picture.y, |code| 16.0 + code * (219.0 / 255.0));
                stretch_chroma(&mut picture, 224.0 / 255.0);
            }
            Self::RangeFull => {
                affine(&mut picture.y, |code| (code - 16.0) * (255.0 / 219.0));
                stretch_chroma(&mut picture, 255.0 / 224.0);
            }
            Self::ToneMap(peak) => tone_map(&mut picture, &coding, peak as f32),
        }
        picture
    }
}

fn affine(plane: &mut Plane, change: impl Fn(f32) -> f32) {
    for sample in plane.samples_mut() {
        *sample = change(*sample).clamp(0.0, 255.0);
    }
}

fn stretch_chroma(picture: &mut Picture, gain: f32) {
    for plane in [&mut picture.u, &mut picture.v] {
        affine(plane, |code| NEUTRAL + (code - NEUTRAL) * gain);
    }
}

fn mean(plane: &Plane) -> f32 {
    let sum: f64 = (0..plane.height())
        .map(|y| f64::from(plane.row(y).iter().sum::<f32>()))
        .sum();
    (sum / plane.samples().len() as f64) as f32
}

fn scale_luma(picture: &mut Picture, about: f32, gain: f32) {
    let (black, white) = (picture.black(), picture.white());
    for sample in picture.y.samples_mut() {
        *sample = (about + gain * (*sample - about)).clamp(black, white);
    }
}

fn scale_chroma(picture: &mut Picture, gain: f32) {
    let most = Coding::of(picture).chroma_span / 2.0;
    for plane in [&mut picture.u, &mut picture.v] {
        for sample in plane.samples_mut() {
            *sample = NEUTRAL + (gain * (*sample - NEUTRAL)).clamp(-most, most);
        }
    }
}

/// `y` of a code value, clipped.
fn signal(code: f32, coding: &Coding) -> f32 {
    ((code - coding.black) / coding.luma_span).clamp(0.0, 1.0)
}

/// Hands `change` the four luma samples of each chroma sample.
fn each_quad(picture: &mut Picture, mut change: impl FnMut(&mut [f32; 4], &mut f32, &mut f32)) {
    let width = picture.width();
    let luma = picture.y.samples_mut().chunks_exact_mut(2 * width);
    let chroma = picture.u.rows_mut().zip(picture.v.rows_mut());
    for (rows, (u, v)) in luma.zip(chroma) {
        let (top, bottom) = rows.split_at_mut(width);
        let pairs = top.chunks_exact_mut(2).zip(bottom.chunks_exact_mut(2));
        for ((top, bottom), (u, v)) in pairs.zip(u.iter_mut().zip(v)) {
            let mut quad = [top[0], top[1], bottom[0], bottom[1]];
            change(&mut quad, u, v);
            top.copy_from_slice(&quad[..2]);
            bottom.copy_from_slice(&quad[2..]);
        }
    }
}

fn turn_hue(picture: &mut Picture, coding: &Coding, turns: f64) {
    let sixths = (turns.rem_euclid(1.0) * 6.0) as f32;
    each_quad(picture, |quad, u, v| {
        let (blue, red) = (*u, *v);
        (*u, *v) = (0.0, 0.0);
        for sample in quad {
            let rgb = coding.rgb([*sample, blue, red]).map(|c| c.clamp(0.0, 1.0));
            let codes = coding.codes(turned(rgb, sixths));
            *sample = codes[0];
            *u += codes[1] / 4.0;
            *v += codes[2] / 4.0;
        }
    });
}

/// The colour whose hue is `sixths` of a turn (0 up to 6) further; value and saturation stay.
fn turned([red, green, blue]: [f32; 3], sixths: f32) -> [f32; 3] {
    let most = red.max(green).max(blue);
    let span = most - red.min(green).min(blue);
    if span <= 0.0 {
        return [red, green, blue];
    }
    let hue = if most <= red {
        (green - blue) / span
    } else if most <= green {
        2.0 + (blue - red) / span
    } else {
        4.0 + (red - green) / span
    };
    [5.0, 3.0, 1.0].map(|primary| {
        // -1 up to 16: two steps of six lead into 0 up to 6.
        let mut place = primary + hue + sixths;
        for _ in 0..2 {
            place -= if place >= 6.0 { 6.0 } else { 0.0 };
        }
        most - span * place.min(4.0 - place).clamp(0.0, 1.0)
    })
}

fn tone_map(picture: &mut Picture, coding: &Coding, peak: f32) {
    let curve = |y: f32| {
        let light = peak * y.powf(DISPLAY_GAMMA);
        (light * (1.0 + light / (peak * peak)) / (1.0 + light)).powf(1.0 / DISPLAY_GAMMA)
    };
    // What y'/y tends to in the dark.
    let lift = peak.powf(1.0 / DISPLAY_GAMMA);
    each_quad(picture, |quad, u, v| {
        let (mut before, mut after) = (0.0, 0.0);
        for sample in quad {
            let y = signal(*sample, coding);
            let mapped = curve(y);
            before += y;
            after += mapped;
            *sample = coding.black + coding.luma_span * mapped;
        }
        let gain = if before > 1e-3 { after / before } else { lift };
        let most = coding.chroma_span / 2.0;
        for chroma in [u, v] {
            *chroma = NEUTRAL + (gain * (*chroma - NEUTRAL)).clamp(-most, most);
        }
    });
}

#[cfg(test)]
mod tests;
