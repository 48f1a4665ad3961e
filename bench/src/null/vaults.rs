//! Complete decisions with fresh registers: how often the best of many innocent deliveries looks guilty.
//!
//! ```text
//! P(log10 p of the best innocent < -k) <= 10^-k  for each register;   of n registers at most B(n, 10^-k) do
//! B(n, q) = least b with P(X > b) < 10^-3 for X ~ Binomial(n, q)
//! ```
//!
//! A factor that was forgotten, such as the list of an open decode, shows here and nowhere else.
//!
//! # Shapes and units
//! `log10_p` is the bound that an answer states, every hypothesis included.

/// Bounds at which registers are counted.
pub const LEVELS: [f64; 2] = [-1.0, -2.0];

/// Chance that a detector without a fault is taken for one with a fault, for each level.
const FALSE_ALARM: f64 = 1e-3;

/// How many registers had an innocent delivery below each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Innocents {
    /// Registers.
    pub registers: u64,
    /// Those whose best innocent lies below each of [`LEVELS`].
    pub below: [u64; 2],
}

impl Innocents {
    /// Counts a register by its best innocent.
    pub fn add(&mut self, log10_p: f64) {
        self.registers += 1;
        for (count, level) in self.below.iter_mut().zip(LEVELS) {
            *count += u64::from(log10_p < level);
        }
    }

    /// How many may lie below each level.
    #[must_use]
    pub fn limits(&self) -> [u64; 2] {
        LEVELS.map(|level| most(self.registers, 10_f64.powf(level)))
    }

    /// Whether no level has more.
    #[must_use]
    pub fn hold(&self) -> bool {
        self.registers > 0
            && self
                .below
                .iter()
                .zip(self.limits())
                .all(|(n, most)| *n <= most)
    }
}

/// `B(n, q)`.
fn most(n: u64, q: f64) -> u64 {
    let mut term = (1.0 - q).powf(n as f64);
    let mut below = term;
    let mut b = 0;
    while 1.0 - below >= FALSE_ALARM && b < n {
        term *= (n - b) as f64 / (b + 1) as f64 * q / (1.0 - q);
        below += term;
        b += 1;
    }
    b
}

#[cfg(test)]
mod tests {
    use super::{Innocents, most};

    #[test]
    fn limits_are_those_of_the_binomial_law() {
        // P(X > 20) = 0.81e-3, P(X > 19) = 1.98e-3 for 100 and a tenth; P(X > 4) = 3.4e-3, P(X > 5) = 0.53e-3 for a hundredth.
        assert_eq!((most(100, 0.1), most(100, 0.01)), (20, 5));
        assert_eq!(most(2, 0.1), 2);
    }

    #[test]
    fn too_many_that_look_guilty_do_not_hold() {
        let mut few = Innocents::default();
        (0..100).for_each(|n| few.add(if n < 10 { -1.5 } else { 0.0 }));
        assert!(few.hold());
        let mut many = few;
        (0..100).for_each(|_| many.add(-1.2));
        assert!(!many.hold());
        assert!(!Innocents::default().hold());
    }
}
