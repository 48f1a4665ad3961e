//! How the means of a print rise and fall against the second around each moment.
//!
//! ```text
//! h[b,i] = c[b,i] - mean of c[b,k] over |t[k] - t[i]| <= 1 s;      g[b,i] likewise of the reference along the line
//! correlation = sum_b,i h g / sqrt(sum h^2  sum g^2)
//! ```
//!
//! Of pictures that hardly move, slow changes are the larger ones and tell the time badly: where the map is a little off, another
//! moment explains them as well.
//!
//! # Shapes and units
//! Code values of 8 bits; times in seconds.

use countermark_fingerprint::print::{MEANS, PrintMoment};

use super::Shown;
use crate::registration::temporal::line::TimeMap;

/// Seconds on either side of a moment that it is held against.
pub(super) const AROUND_SECONDS: f64 = 1.0;

/// How the means of a print rise and fall against those of the moments around them.
pub(super) struct Rises {
    pub(super) own: Vec<[f32; MEANS]>,
    /// First and last of the moments around each.
    pub(super) windows: Vec<[usize; 2]>,
}

impl Rises {
    pub(super) fn of(moments: &[&PrintMoment]) -> Self {
        let windows: Vec<[usize; 2]> = (0..moments.len())
            .map(|at| {
                let now = moments[at].clip_time;
                let first = moments.partition_point(|m| m.clip_time < now - AROUND_SECONDS);
                let last = moments.partition_point(|m| m.clip_time <= now + AROUND_SECONDS);
                [first, last - 1]
            })
            .collect();
        let own = windows.iter().zip(moments).map(|(&[first, last], moment)| {
            let around = &moments[first..=last];
            std::array::from_fn(|k| {
                let sum: f32 = around.iter().map(|m| m.means[k]).sum();
                moment.means[k] - sum / around.len() as f32
            })
        });
        Self {
            own: own.collect(),
            windows,
        }
    }
}

impl Shown {
    /// How alike print and reference rise and fall against the second around each moment; none where too little is shown.
    pub(super) fn rising_alike(
        &self,
        moments: &[&PrintMoment],
        rises: &Rises,
        line: TimeMap,
    ) -> Option<f64> {
        let mut near = self.times.len() / 2;
        let mut shown: Vec<Option<[f32; MEANS]>> = Vec::with_capacity(moments.len());
        for moment in moments {
            shown.push(self.at(line.at(moment.clip_time), &mut near));
        }
        let known = shown.iter().flatten().count();
        if known < 3 || 10 * known < 6 * moments.len() {
            return None;
        }
        let (mut cc, mut rr, mut cr) = ([0.0_f32; MEANS], [0.0_f32; MEANS], [0.0_f32; MEANS]);
        let (mut sum, mut count, mut from, mut to) = ([0.0_f32; MEANS], 0_u32, 0, 0);
        for (at, own) in rises.own.iter().enumerate() {
            let [first, last] = rises.windows[at];
            while to <= last {
                if let Some(shown) = &shown[to] {
                    count += 1;
                    for (sum, shown) in sum.iter_mut().zip(shown) {
                        *sum += shown;
                    }
                }
                to += 1;
            }
            while from < first {
                if let Some(shown) = &shown[from] {
                    count -= 1;
                    for (sum, shown) in sum.iter_mut().zip(shown) {
                        *sum -= shown;
                    }
                }
                from += 1;
            }
            let Some(shown) = &shown[at] else { continue };
            let share = 1.0 / count.max(1) as f32;
            for k in 0..MEANS {
                let other = shown[k] - sum[k] * share;
                cc[k] += own[k] * own[k];
                rr[k] += other * other;
                cr[k] += own[k] * other;
            }
        }
        let (mut c2, mut r2, mut both) = (0.0, 0.0, 0.0);
        for k in (0..MEANS).filter(|k| self.parts[*k]) {
            c2 += f64::from(cc[k]);
            r2 += f64::from(rr[k]);
            both += f64::from(cr[k]);
        }
        Some(both / (c2.max(1e-6) * r2.max(1e-6)).sqrt())
    }
}
