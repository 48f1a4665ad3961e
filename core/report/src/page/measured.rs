//! How often the whole system was wrong when it was tested, by the version that was.
//!
//! ```text
//! no error in n independent trials:  rate < 3 / n at 95 %  (rule of three, of 0.05^(1/n) = 1 - 3.0 / n)
//! ```
//!
//! # References
//! Hanley and Lippman-Hand 1983, "If nothing goes wrong, is everything all right? Interpreting zero numerators", JAMA 249.

/// What a version's suites came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// The version of the program.
    pub version: &'static str,
    /// Clips that were analysed, about.
    pub clips: u32,
    /// Those of them in which somebody was accused whose copy was not used.
    pub wrong: u32,
    /// The runs, for whoever wants to repeat them.
    pub run: &'static str,
}

/// The last version whose complete suites were counted.
pub const MEASURED: Measured = Measured {
    version: "0.1.0",
    clips: 1600,
    wrong: 0,
    run: "all runs of the suites of countermark-bench with that version (README, \u{201c}In figures\u{201d})",
};

impl Measured {
    /// The rate that the true one lies below at 95 %, in percent; none where there were errors, which the rule does not cover.
    #[must_use]
    pub fn below_percent(&self) -> Option<f64> {
        (self.wrong == 0).then(|| 100.0 * 3.0 / f64::from(self.clips))
    }

    /// In words.
    #[must_use]
    pub fn in_words(&self, program: &str) -> String {
        let Self {
            version,
            clips,
            wrong,
            run,
        } = self;
        let interval = self.below_percent().map_or(String::new(), |percent| {
            // Not below the figure.
            let percent = (percent * 100.0).ceil() / 100.0;
            format!(": below {percent:.2} % at 95 % (rule of three)")
        });
        let other = if program == *version {
            String::new()
        } else {
            format!(" This page was made by version {program}.")
        };
        format!(
            "With version {version}, {wrong} of some {clips} clips led to a wrong accusation{interval}. Counted were {run}.{other} That is \
             the rate of the whole system, program and register included; no bound says more of it."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_error_in_n_is_less_than_three_in_n() {
        let percent = MEASURED.below_percent().expect("no errors");
        // The exact bound of Clopper and Pearson: 1 - 0.05^(1/n).
        let exact = 100.0 * (1.0 - 0.05_f64.powf(1.0 / f64::from(MEASURED.clips)));
        assert!(
            percent > exact && percent - exact < 0.01,
            "{percent} {exact}"
        );
        let words = MEASURED.in_words("0.1.0");
        assert!(
            words.contains("0 of some 1600") && words.contains("below 0.19 %"),
            "{words}"
        );
        assert!(!words.contains("This page"), "{words}");
        assert!(MEASURED.in_words("9.9.9").contains("version 9.9.9"));
        let one = Measured {
            wrong: 1,
            ..MEASURED
        };
        assert_eq!(one.below_percent(), None);
    }
}
