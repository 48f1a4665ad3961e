//! What the mark does where nothing hides it, in light: skies, black beside letters, the ends of the range.
//!
//! ```text
//! contrast of a flat cell  = RMS of (L(marked) - L(master)) / (L(master) + L0)      L: light of a code value, L0: stray light
//! flat contrast            = its 95th percentile over all flat cells of the clip
//! black lift               = 99.9th percentile of marked - master over samples of the master at 16 to 20
//! strays                   = samples that left 16..235 / all samples, of the worst frame
//! ```
//!
//! Cells are those of the flicker. Code values mean light by the master's transfer function: one of them is another contrast in a
//! PQ sky than in one of standard range. A display in a dim room lifts black by [`STRAY_LIGHT`], below which no contrast is seen.
//!
//! # Shapes and units
//! Contrast in percent, lift in code values at 8 bits, strays as a share. Light in cd/m^2: BT.1886 with white at 203, PQ as it
//! is, HLG on a display of 1,000. Black lift and strays are of narrow range, the contrast of either.
//! # References
//! ITU-R BT.1886, BT.2100, BT.2408.

use serde::{Deserialize, Serialize};

use super::flicker::{CELL, CELL_SAMPLES, is_smooth, strip};
use super::pair::{PlanePair, Square, code};

/// Light of a black screen in a dim room, in cd/m^2.
pub const STRAY_LIGHT: f64 = 0.5;

/// White of standard range, in cd/m^2.
const WHITE: f64 = 203.0;

/// Steps of contrast, in percent.
const CONTRAST_STEP: f64 = 0.05;
const CONTRAST_STEPS: usize = 1000;

/// The part of flat cells that may be worse.
const CONTRAST_TAIL: f64 = 0.05;

/// Code values at 8 bits from black to what is seen as black.
const BLACK: (u32, u32) = (16, 20);

/// The part of black samples that may be lifted further.
const LIFT_TAIL: f64 = 0.001;

/// White of narrow range, in code values at 8 bits.
const NARROW_WHITE: u32 = 235;

/// How a master's code values become light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewing {
    /// Its transfer function.
    pub transfer: Transfer,
    /// Black at 0, white at the largest code.
    pub full_range: bool,
}

/// The transfer functions that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transfer {
    /// BT.1886 and its relatives.
    #[default]
    Standard,
    /// SMPTE ST 2084.
    Pq,
    /// ARIB STD-B67.
    Hlg,
}

/// The result over a clip.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Light {
    /// 95th percentile over flat cells, in percent; none without such cells.
    pub flat_contrast_percent: Option<f64>,
    /// In code values at 8 bits; none without black samples, or in full range.
    pub black_lift_codes: Option<f64>,
    /// Of the worst frame; none in full range.
    pub strays: Option<f64>,
}

/// Adds up frames.
#[derive(Debug, Clone, Default)]
pub(super) struct LightMeter {
    viewing: Viewing,
    /// Light of every code of the depth in use.
    light: Vec<f64>,
    /// Cells by their contrast.
    contrasts: Vec<u64>,
    /// Black samples by their change in code values, changes of zero and below first.
    lifts: Vec<u64>,
    strays: f64,
}

impl Viewing {
    /// By FFmpeg's name of the transfer function.
    pub(super) fn of(transfer: &str, full_range: bool) -> Self {
        let transfer = match transfer {
            "smpte2084" => Transfer::Pq,
            "arib-std-b67" => Transfer::Hlg,
            _ => Transfer::Standard,
        };
        Self {
            transfer,
            full_range,
        }
    }

    /// Light of a code value of that depth, in cd/m^2.
    fn light(self, code: u32, bits: u32) -> f64 {
        let unit = f64::from(1_u32 << (bits - 8));
        let signal = if self.full_range {
            f64::from(code) / f64::from((1_u32 << bits) - 1)
        } else {
            (f64::from(code) / unit - 16.0) / 219.0
        };
        let signal = signal.clamp(0.0, 1.1);
        match self.transfer {
            Transfer::Standard => WHITE * signal.powf(2.4),
            Transfer::Pq => {
                let root = signal.powf(1.0 / 78.843_75);
                let above = (root - 0.835_937_5).max(0.0);
                10_000.0
                    * (above / (18.851_562_5 - 18.687_5 * root)).powf(1.0 / 0.159_301_757_812_5)
            }
            Transfer::Hlg => {
                let scene = if signal <= 0.5 {
                    signal * signal / 3.0
                } else {
                    (((signal - 0.559_910_73) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
                };
                1000.0 * scene.powf(1.2)
            }
        }
    }
}

impl LightMeter {
    pub(super) fn new(viewing: Viewing) -> Self {
        Self {
            viewing,
            ..Self::default()
        }
    }

    pub(super) fn add<T: Square>(&mut self, pair: &PlanePair<'_, T>) {
        let bits = pair.bit_depth().bits();
        let codes = 1_usize << bits;
        if self.light.len() != codes {
            let codes = 0..codes as u32;
            self.light = codes.map(|code| self.viewing.light(code, bits)).collect();
        }
        self.contrasts.resize(CONTRAST_STEPS + 1, 0);
        for y in (0..pair.height() / CELL).map(|row| row * CELL) {
            self.add_contrasts(pair, y);
        }
        if !self.viewing.full_range {
            self.add_ends(pair);
        }
    }

    /// The flat cells of the eight rows from `y`.
    fn add_contrasts<T: Square>(&mut self, pair: &PlanePair<'_, T>, y: usize) {
        let unit = u64::from(pair.bit_depth().codes_per_8bit_code());
        let [masters, marks] = [pair.master(), pair.marked()].map(|plane| strip(plane, y));
        for column in 0..pair.width() / CELL {
            let master = masters.map(|row| &row[column]);
            if !is_smooth(&master, unit) {
                continue;
            }
            let mut energy = 0.0;
            for (was, is) in master.iter().zip(marks.map(|row| &row[column])) {
                for (&was, &is) in was.iter().zip(is) {
                    let (was, is) = (code(was) as usize, code(is) as usize);
                    let light = self.light[was];
                    energy += ((self.light[is] - light) / (light + STRAY_LIGHT)).powi(2);
                }
            }
            let percent = 100.0 * (energy / CELL_SAMPLES as f64).sqrt();
            let step = (percent / CONTRAST_STEP) as usize;
            self.contrasts[step.min(CONTRAST_STEPS)] += 1;
        }
    }

    /// Black that was lifted, and samples that left the range.
    fn add_ends<T: Square>(&mut self, pair: &PlanePair<'_, T>) {
        let unit = pair.bit_depth().codes_per_8bit_code() as i32;
        let [first, black, white] = [BLACK.0, BLACK.1, NARROW_WHITE].map(|code| code as i32 * unit);
        let mut strays = 0_u64;
        for y in 0..pair.height() {
            let (master, marked) = (pair.master().row(y), pair.marked().row(y));
            for (&was, &is) in master.iter().zip(marked) {
                let (was, is) = (code(was), code(is));
                if (first..=black).contains(&was) {
                    let lift = (is - was).max(0) as usize;
                    if self.lifts.len() <= lift {
                        self.lifts.resize(lift + 1, 0);
                    }
                    self.lifts[lift] += 1;
                }
                let within = first..=white;
                strays += u64::from(within.contains(&was) && !within.contains(&is));
            }
        }
        let share = strays as f64 / (pair.width() * pair.height()) as f64;
        self.strays = self.strays.max(share);
    }

    /// Of all frames so far.
    pub(super) fn result(&self) -> Light {
        let bits = self.light.len().max(256).ilog2();
        let narrow = !self.viewing.full_range;
        Light {
            flat_contrast_percent: below_tail(&self.contrasts, CONTRAST_TAIL)
                .map(|step| (step + 1) as f64 * CONTRAST_STEP),
            black_lift_codes: below_tail(&self.lifts, LIFT_TAIL)
                .filter(|_| narrow)
                .map(|lift| lift as f64 / f64::from(1_u32 << (bits - 8))),
            strays: narrow.then_some(self.strays),
        }
    }
}

/// The class above which no more than that share of all counts lies; none without any.
fn below_tail(counts: &[u64], tail: f64) -> Option<usize> {
    let all: u64 = counts.iter().sum();
    let mut above = 0;
    for (class, &count) in counts.iter().enumerate().rev() {
        above += count;
        if above as f64 > tail * all as f64 {
            return Some(class);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::pair::tests::Picture;
    use super::*;

    const SIZE: (usize, usize) = (40, 24);

    fn measured<T: Square>(viewing: Viewing, master: &Picture<T>, marked: &Picture<T>) -> Light {
        let mut meter = LightMeter::new(viewing);
        meter.add(&master.with(marked));
        meter.result()
    }

    #[test]
    fn a_code_value_in_a_pq_sky_is_more_light_than_one_of_standard_range() {
        let flat = |level: u16| Picture::new(SIZE, 10, move |_, _| level);
        let contrast = |name: &str, level: u16| {
            let (master, marked) = (flat(level), flat(level + 4));
            measured(Viewing::of(name, false), &master, &marked).flat_contrast_percent
        };
        // d ln L / d v = 2.4 / (v - 16) at 150 of 8 bits.
        let standard = contrast("bt709", 600).expect("flat cells");
        assert!((standard - 1.8).abs() < 0.11, "{standard}");
        let pq = contrast("smpte2084", 600).expect("flat cells");
        // 4.3 % of 207 cd/m^2 to 1.8 % of 62.
        assert!((2.2..2.6).contains(&(pq / standard)), "{pq} {standard}");
    }

    #[test]
    fn light_is_that_of_the_standards() {
        let at = |name: &str, code| Viewing::of(name, false).light(code, 10);
        assert!((at("bt709", 940) - 203.0).abs() < 1e-6);
        assert!((at("smpte2084", 940) - 10_000.0).abs() < 1.0);
        // BT.2408: reference white is at 58 % of PQ and 75 % of HLG.
        assert!((at("smpte2084", 573) - 203.0).abs() < 3.0);
        assert!((at("arib-std-b67", 721) - 203.0).abs() < 3.0);
        assert!(Viewing::of("", true).light(0, 8) < 1e-9);
    }

    #[test]
    fn black_that_is_lifted_is_told_and_its_rare_samples_are_not() {
        let black = Picture::new(SIZE, 8, |_, _| 16_u8);
        let lifted = Picture::new(SIZE, 8, |x, _| if x < 4 { 27 } else { 16_u8 });
        let narrow = Viewing::default();
        let light = measured(narrow, &black, &lifted);
        assert_eq!(light.black_lift_codes, Some(11.0));
        let once = Picture::new(
            (64, 64),
            8,
            |x, y| if (x, y) == (9, 9) { 40 } else { 16_u8 },
        );
        let large = Picture::new((64, 64), 8, |_, _| 16_u8);
        assert_eq!(measured(narrow, &large, &once).black_lift_codes, Some(0.0));
        let full = Viewing::of("bt709", true);
        assert_eq!(measured(full, &black, &lifted).black_lift_codes, None);
    }

    #[test]
    fn samples_that_leave_the_range_are_counted_and_overshoots_of_the_master_are_not() {
        let master = Picture::new(SIZE, 8, |x, _| [16_u8, 235, 240, 100][x % 4]);
        let marked = Picture::new(SIZE, 8, |x, _| [14_u8, 237, 241, 100][x % 4]);
        let light = measured(Viewing::default(), &master, &marked);
        assert!((light.strays.expect("narrow") - 0.5).abs() < 1e-12);
        assert_eq!(
            measured(Viewing::default(), &master, &master).strays,
            Some(0.0)
        );
    }
}
