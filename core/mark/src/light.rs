//! What a change of a code value is in light: the visibility model knows pictures of standard range, others are shown to it
//! as the standard code values that a display would show alike.
//!
//! ```text
//! L(m)  = light of the code value m by the master's transfer function, cd/m^2
//! m*(m) = 16 + 219 min(L / 203, 1)^(1/2.4)                  the standard code value that looks alike
//! c(m)  = (d ln L / d m) / (d ln L* / d m*)                  contrast of a code value, in those of standard range at m*
//!       = (d ln L / d m) (m* - 16) / 2.4
//! a     = a* / max(c, 1)                                     an amplitude of standard range, in the master's code values
//! ```
//!
//! One code value of a bright sky in PQ is four times the contrast that one of standard range is at white: an amplitude in code
//! values that hides in one is a dirty curtain in the other. Dark PQ code values are finer than those of standard range;
//! there the mark is not made stronger.
//!
//! # Shapes and units
//! Code values of 8 bits in narrow range, 16 to 235; light in cd/m^2 of a display: BT.1886 with white as HDR's reference
//! white, PQ as it is, HLG on a display of 1,000 cd/m^2.
//! # References
//! ITU-R BT.1886 (standard range), BT.2100 (PQ, HLG and its system gamma), BT.2408 (reference white of 203 cd/m^2).
//! # Determinism
//! Tables and linear interpolation: powers and logarithms differ between machines in their last bit.

/// The transfer function of a master's luma.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum Transfer {
    /// Standard range: BT.1886 and its relatives (BT.709, sRGB, BT.601).
    #[default]
    Standard,
    /// Perceptual quantiser, SMPTE ST 2084.
    Pq,
    /// Hybrid log-gamma, ARIB STD-B67.
    Hlg,
}

/// The code values that a master's luma keeps to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum CodingRange {
    /// All codes of the bit depth.
    #[default]
    Full,
    /// 16 to 235 in 8 bits, what lies beside is overshoot.
    Narrow,
}

/// First code value of the tables.
const BLACK: f32 = 16.0;

/// Steps of the tables for one code value.
const STEPS_PER_CODE: f32 = 64.0 / 219.0;

impl Transfer {
    /// The standard code value that a display shows as `code`, and how much contrast a code value is there, in those of standard
    /// range.
    pub(crate) fn standard(self, code: f32) -> (f32, f32) {
        let table = match self {
            Self::Standard => return (code, 1.0),
            Self::Pq => &PQ,
            Self::Hlg => &HLG,
        };
        let last = table.len() - 1;
        let at = ((code - BLACK) * STEPS_PER_CODE).clamp(0.0, last as f32);
        let below = (at as usize).min(last - 1);
        let (share, [low, high]) = (at - below as f32, [table[below], table[below + 1]]);
        let between = |a: f32, b: f32| a + share * (b - a);
        (between(low.0, high.0), between(low.1, high.1))
    }
}

/// `(m*, c)` of PQ at every 64th part of the range.
const PQ: [(f32, f32); 65] = [
    (16.00, 0.635),
    (18.71, 0.635),
    (20.84, 0.618),
    (22.98, 0.635),
    (25.19, 0.662),
    (27.52, 0.696),
    (29.96, 0.733),
    (32.54, 0.774),
    (35.26, 0.818),
    (38.14, 0.864),
    (41.18, 0.913),
    (44.39, 0.965),
    (47.79, 1.020),
    (51.38, 1.077),
    (55.16, 1.138),
    (59.17, 1.202),
    (63.39, 1.269),
    (67.86, 1.340),
    (72.57, 1.414),
    (77.54, 1.493),
    (82.79, 1.575),
    (88.33, 1.662),
    (94.17, 1.754),
    (100.34, 1.851),
    (106.85, 1.953),
    (113.71, 2.061),
    (120.96, 2.175),
    (128.60, 2.295),
    (136.67, 2.421),
    (145.18, 2.555),
    (154.16, 2.697),
    (163.65, 2.847),
    (173.66, 3.005),
    (184.23, 3.173),
    (195.39, 3.351),
    (207.17, 3.539),
    (219.62, 3.739),
    (232.77, 3.950),
    (235.00, 3.964),
    (235.00, 3.939),
    (235.00, 3.917),
    (235.00, 3.898),
    (235.00, 3.881),
    (235.00, 3.866),
    (235.00, 3.853),
    (235.00, 3.843),
    (235.00, 3.834),
    (235.00, 3.828),
    (235.00, 3.823),
    (235.00, 3.820),
    (235.00, 3.819),
    (235.00, 3.819),
    (235.00, 3.821),
    (235.00, 3.825),
    (235.00, 3.831),
    (235.00, 3.839),
    (235.00, 3.848),
    (235.00, 3.858),
    (235.00, 3.871),
    (235.00, 3.885),
    (235.00, 3.901),
    (235.00, 3.918),
    (235.00, 3.937),
    (235.00, 3.958),
    (235.00, 3.981),
];

/// `(m*, c)` of HLG at every 64th part of the range.
const HLG: [(f32, f32); 65] = [
    (16.00, 1.122),
    (19.84, 1.122),
    (23.68, 1.122),
    (27.52, 1.122),
    (31.36, 1.122),
    (35.20, 1.122),
    (39.04, 1.122),
    (42.87, 1.122),
    (46.71, 1.122),
    (50.55, 1.122),
    (54.39, 1.122),
    (58.23, 1.122),
    (62.07, 1.122),
    (65.91, 1.122),
    (69.75, 1.122),
    (73.59, 1.122),
    (77.43, 1.122),
    (81.27, 1.122),
    (85.11, 1.122),
    (88.95, 1.122),
    (92.79, 1.122),
    (96.62, 1.122),
    (100.46, 1.122),
    (104.30, 1.122),
    (108.14, 1.122),
    (111.98, 1.122),
    (115.82, 1.122),
    (119.66, 1.122),
    (123.50, 1.122),
    (127.34, 1.122),
    (131.18, 1.122),
    (135.02, 1.122),
    (138.86, 1.122),
    (142.80, 1.186),
    (146.98, 1.253),
    (151.39, 1.323),
    (156.04, 1.396),
    (160.94, 1.472),
    (166.11, 1.551),
    (171.56, 1.633),
    (177.30, 1.719),
    (183.33, 1.808),
    (189.68, 1.901),
    (196.35, 1.998),
    (203.36, 2.099),
    (210.72, 2.204),
    (218.45, 2.314),
    (226.56, 2.428),
    (235.00, 2.546),
    (235.00, 2.565),
    (235.00, 2.583),
    (235.00, 2.599),
    (235.00, 2.615),
    (235.00, 2.629),
    (235.00, 2.642),
    (235.00, 2.654),
    (235.00, 2.666),
    (235.00, 2.676),
    (235.00, 2.686),
    (235.00, 2.695),
    (235.00, 2.703),
    (235.00, 2.710),
    (235.00, 2.717),
    (235.00, 2.724),
    (235.00, 2.730),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Light of a signal of 0 to 1, cd/m^2.
    fn pq(signal: f64) -> f64 {
        let (m1, m2) = (2610.0 / 16384.0, 2523.0 / 32.0);
        let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
        let x = signal.powf(1.0 / m2);
        10_000.0 * ((x - c1).max(0.0) / (c2 - c3 * x)).powf(1.0 / m1)
    }

    /// Light of a signal of 0 to 1, cd/m^2.
    fn hlg(signal: f64) -> f64 {
        let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_73);
        let scene = if signal <= 0.5 {
            signal * signal / 3.0
        } else {
            (((signal - c) / a).exp() + b) / 12.0
        };
        1000.0 * scene.powf(1.2)
    }

    #[test]
    fn tables_are_the_functions_of_the_recommendations() {
        for (transfer, light) in [
            (Transfer::Pq, &pq as &dyn Fn(f64) -> f64),
            (Transfer::Hlg, &hlg),
        ] {
            for code in (24..=235).map(f64::from) {
                let log_light = |code: f64| light((code - 16.0) / 219.0).ln();
                let wanted =
                    16.0 + 219.0 * (log_light(code).exp() / 203.0).min(1.0).powf(1.0 / 2.4);
                let rise = (log_light(code + 0.01) - log_light(code - 0.01)) / 0.02;
                let contrast = rise * (wanted - 16.0) / 2.4;
                let (found, found_contrast) = transfer.standard(code as f32);
                // The bends of the functions lie between two steps.
                assert!(
                    (f64::from(found) - wanted).abs() < 3.5,
                    "{transfer:?} {code}: {found} {wanted}"
                );
                let ratio = f64::from(found_contrast) / contrast;
                assert!(
                    (0.93..1.07).contains(&ratio),
                    "{transfer:?} {code}: {found_contrast} {contrast}"
                );
            }
        }
    }

    #[test]
    fn standard_range_is_left_as_it_is() {
        for code in [0.0, 16.0, 99.5, 255.0] {
            assert_eq!(Transfer::Standard.standard(code), (code, 1.0));
        }
    }

    #[test]
    fn codes_outside_of_the_range_are_those_at_its_ends() {
        assert_eq!(Transfer::Pq.standard(0.0), Transfer::Pq.standard(16.0));
        assert_eq!(Transfer::Hlg.standard(255.0), Transfer::Hlg.standard(235.0));
    }
}
