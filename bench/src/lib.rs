//! Attack suites, quality, false positives; the sample generator.
