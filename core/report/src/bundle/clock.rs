//! What the machine's clock is against a time source, as far as the kernel knows: no network is asked.
//!
//! ```text
//! time service (NTP, PTP) -> kernel: status, largest and estimated error, what is still to be put right -> here
//! ```
//!
//! # Shapes and units
//! Seconds. Without a service that keeps the clock, how far it is off is not known.
//! # References
//! `adjtimex(2)`, Linux manual pages. Mills 1994, RFC 1589: the largest error grows by 500 millionths until the next correction.

#![cfg_attr(
    target_os = "linux",
    expect(unsafe_code, reason = "no safe wrapper of adjtimex exists")
)]

use serde_json::{Value, json};

/// What the kernel knows of the clock.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Discipline {
    /// Whether a time service keeps it.
    is_kept: bool,
    /// What is still to be added to it.
    offset_seconds: f64,
    /// The largest error.
    at_most_seconds: f64,
    /// The error that the service expects.
    expected_seconds: f64,
}

/// As `analysis.json` says it.
pub(super) fn state() -> Value {
    told(asked())
}

fn told(asked: Option<Discipline>) -> Value {
    match asked {
        Some(it) if it.is_kept => json!({
            "source": "the system\u{2019}s clock, kept by a time service",
            "offset_seconds": it.offset_seconds,
            "expected_error_seconds": it.expected_seconds,
            "largest_error_seconds": it.at_most_seconds,
            "said": "as the kernel has it of the time service; what the service follows was not asked",
        }),
        other => json!({
            "source": "the system\u{2019}s clock",
            "offset_seconds": Value::Null,
            "said": match other {
                Some(_) => "not known: no time service keeps the clock; compare with a reference and note it on the sheets",
                None => "not known: the system does not say; compare with a reference and note it on the sheets",
            },
        }),
    }
}

#[cfg(target_os = "linux")]
fn asked() -> Option<Discipline> {
    // SAFETY: `timex` is a struct of integers, for which zeros are a value; with `modes` 0 nothing is set.
    let mut found: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a `timex` that outlives the call.
    let state = unsafe { libc::adjtimex(&raw mut found) };
    let unit = if found.status & libc::STA_NANO == 0 {
        1e-6
    } else {
        1e-9
    };
    (state >= 0).then_some(Discipline {
        is_kept: state != libc::TIME_ERROR && found.status & libc::STA_UNSYNC == 0,
        offset_seconds: found.offset as f64 * unit,
        at_most_seconds: found.maxerror as f64 * 1e-6,
        expected_seconds: found.esterror as f64 * 1e-6,
    })
}

#[cfg(not(target_os = "linux"))]
fn asked() -> Option<Discipline> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_nobody_keeps_has_no_offset() {
        let kept = Discipline {
            is_kept: true,
            offset_seconds: -0.000_25,
            at_most_seconds: 0.016,
            expected_seconds: 0.000_5,
        };
        let said = told(Some(kept));
        assert_eq!(said["offset_seconds"], -0.000_25);
        assert_eq!(said["largest_error_seconds"], 0.016);
        for unkept in [
            None,
            Some(Discipline {
                is_kept: false,
                ..kept
            }),
        ] {
            let said = told(unkept);
            assert_eq!(said["offset_seconds"], Value::Null);
            let words = said["said"].as_str().expect("text");
            assert!(words.starts_with("not known: "), "{words}");
            assert_eq!(said.get("largest_error_seconds"), None);
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_answers_with_errors_that_are_none_below_zero() {
        // A sandbox may refuse the call: then it is not known.
        if let Some(found) = asked() {
            assert!(
                found.at_most_seconds >= 0.0 && found.expected_seconds >= 0.0,
                "{found:?}"
            );
            assert!(found.offset_seconds.abs() < 1.0, "{found:?}");
        }
    }
}
