//! Attack suites, quality, false positives; the sample generator.

pub mod samples;
