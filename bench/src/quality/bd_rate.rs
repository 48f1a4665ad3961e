//! Bjontegaard's difference of bitrates: how much more a marked film costs at equal quality.
//!
//! ```text
//! BD = 10^( 1/(H - L) integral_L^H (log10 r_marked(q) - log10 r_master(q)) dq ) - 1
//! ```
//!
//! `r(q)` runs through the encodes by monotone cubic pieces (PCHIP), `[L, H]` is the range of quality that both reach. Quality is
//! luma PSNR against the master for both, so that the mark itself counts as damage.
//!
//! # Shapes and units
//! Points of bytes and decibels, at least three for each curve; a share, 0.05 is 5 % more.
//! # References
//! G. Bjontegaard (2001), Calculation of average PSNR differences between RD-curves, VCEG-M33; F. N. Fritsch, R. E. Carlson (1980),
//! Monotone piecewise cubic interpolation, SIAM J. Numer. Anal. 17(2), with the three-point slopes of F. N. Fritsch, J. Butland (1984).

/// The CRFs of x264 that the curves run through.
pub const BD_CRFS: [u32; 5] = [18, 25, 32, 39, 46];

/// Steps of the integral.
const STEPS: u32 = 1000;

/// Size of an encode and its quality.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatePoint {
    /// Bytes, or any other unit that both curves share.
    pub rate: f64,
    /// Decibels.
    pub quality_db: f64,
}

/// The mean difference of `test` from `anchor`; none where a curve has fewer than three points, does not rise, or they share no
/// range of quality.
#[must_use]
pub fn bd_rate(anchor: &[RatePoint], test: &[RatePoint]) -> Option<f64> {
    let (anchor, test) = (Curve::through(anchor)?, Curve::through(test)?);
    let low = anchor.first().max(test.first());
    let high = anchor.last().min(test.last());
    if high <= low {
        return None;
    }
    let step = (high - low) / f64::from(STEPS);
    let difference = |index: u32| {
        let quality = (low + f64::from(index) * step).min(high);
        test.at(quality) - anchor.at(quality)
    };
    let inner: f64 = (1..STEPS).map(difference).sum();
    let mean = (inner + f64::midpoint(difference(0), difference(STEPS))) / f64::from(STEPS);
    Some(10_f64.powf(mean) - 1.0)
}

/// Decimal logarithm of the rate over quality.
struct Curve {
    quality: Vec<f64>,
    log_rate: Vec<f64>,
    slope: Vec<f64>,
}

impl Curve {
    fn through(points: &[RatePoint]) -> Option<Self> {
        let mut sorted = points.to_vec();
        sorted.sort_by(|a, b| a.quality_db.total_cmp(&b.quality_db));
        let quality: Vec<f64> = sorted.iter().map(|point| point.quality_db).collect();
        let log_rate: Vec<f64> = sorted.iter().map(|point| point.rate.log10()).collect();
        let rises = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
        let finite = quality
            .iter()
            .chain(&log_rate)
            .all(|value| value.is_finite());
        if sorted.len() < 3 || !finite || !rises(&quality) || !rises(&log_rate) {
            return None;
        }
        let step: Vec<f64> = quality.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let secant: Vec<f64> = (0..step.len())
            .map(|i| (log_rate[i + 1] - log_rate[i]) / step[i])
            .collect();
        let last = secant.len() - 1;
        let mut slope = vec![secant[0]];
        for i in 1..=last {
            let (a, b) = (2.0 * step[i] + step[i - 1], step[i] + 2.0 * step[i - 1]);
            slope.push((a + b) / (a / secant[i - 1] + b / secant[i]));
        }
        slope.push(secant[last]);
        Some(Self {
            quality,
            log_rate,
            slope,
        })
    }

    fn first(&self) -> f64 {
        self.quality[0]
    }

    fn last(&self) -> f64 {
        self.quality[self.quality.len() - 1]
    }

    fn at(&self, quality: f64) -> f64 {
        let after = self.quality.partition_point(|q| *q <= quality);
        let i = after.clamp(1, self.quality.len() - 1) - 1;
        let h = self.quality[i + 1] - self.quality[i];
        let t = (quality - self.quality[i]) / h;
        let (t2, t3) = (t * t, t * t * t);
        (2.0 * t3 - 3.0 * t2 + 1.0) * self.log_rate[i]
            + (t3 - 2.0 * t2 + t) * h * self.slope[i]
            + (3.0 * t2 - 2.0 * t3) * self.log_rate[i + 1]
            + (t3 - t2) * h * self.slope[i + 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(points: &[(f64, f64)]) -> Vec<RatePoint> {
        let point = |&(rate, quality_db): &(f64, f64)| RatePoint { rate, quality_db };
        points.iter().map(point).collect()
    }

    const ANCHOR: [(f64, f64); 5] = [
        (100.0, 30.0),
        (200.0, 33.0),
        (400.0, 36.5),
        (900.0, 40.0),
        (2000.0, 43.0),
    ];

    #[test]
    fn a_tenth_more_at_every_quality_is_a_tenth() {
        let more = ANCHOR.map(|(rate, db)| (rate * 1.1, db));
        let told = bd_rate(&curve(&ANCHOR), &curve(&more)).expect("a difference");
        assert!((told - 0.1).abs() < 1e-12, "{told}");
        assert!(bd_rate(&curve(&ANCHOR), &curve(&ANCHOR)).is_some_and(|same| same.abs() < 1e-12));
    }

    #[test]
    fn where_rates_are_exponential_a_decibel_less_costs_its_slope() {
        // log10 r = q / 10: at equal quality one decibel is a tenth of a decade.
        let line = |shift: f64| -> Vec<RatePoint> {
            let points = (0..5).map(|i| 30.0 + 3.0 * f64::from(i));
            points
                .map(|q| RatePoint {
                    rate: 10_f64.powf(q / 10.0),
                    quality_db: q - shift,
                })
                .collect()
        };
        let told = bd_rate(&line(0.0), &line(1.0)).expect("a difference");
        assert!((told - (10_f64.powf(0.1) - 1.0)).abs() < 1e-9, "{told}");
    }

    #[test]
    fn nothing_is_told_of_what_does_not_compare() {
        let far = ANCHOR.map(|(rate, db)| (rate, db + 50.0));
        assert_eq!(bd_rate(&curve(&ANCHOR), &curve(&far)), None);
        assert_eq!(bd_rate(&curve(&ANCHOR[..2]), &curve(&ANCHOR)), None);
        let mut falls = ANCHOR;
        falls[2].0 = 50.0;
        assert_eq!(bd_rate(&curve(&falls), &curve(&ANCHOR)), None);
    }
}
