//! `systems.csv`: which system was asked, and what its mark costs, a line for each clip. Files of several runs are joined by
//! writing one behind the other; heads that repeat are skipped by who reads them.
//!
//! # Shapes and units
//! Decibels, points of VMAF, shares, seconds of one copy; an empty field was not measured. `metrics` are `NAME=VALUE`, parted by
//! `;`, and `NAME=?REASON` where a program told nothing.

use countermark_report::{ReportError, csv};

use super::gathered::Report;
use crate::quality::Told;

pub(super) const HEAD: [&str; 21] = [
    "system",
    "version",
    "suite",
    "clip",
    "bits",
    "keys",
    "reference",
    "register",
    "alone",
    "claim_log10_fpr",
    "psnr_y_db",
    "ssim",
    "vmaf_mean",
    "xpsnr_y_db",
    "bitrate_change",
    "bd_rate",
    "metrics",
    "width",
    "height",
    "frames",
    "marking_seconds",
];

pub(super) fn to_csv(report: &Report) -> Result<String, ReportError> {
    let system = &report.system;
    let number = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
    let rows = report.clips().into_iter().map(|clip| {
        let quality = report.qualities.iter().find(|quality| quality.clip == clip);
        let marking = report.markings.iter().find(|marking| marking.clip == clip);
        let metrics = quality.map_or_else(String::new, |quality| {
            let told = quality.metrics.iter().map(|(name, told)| match told {
                Told::Value(value) => format!("{name}={value}"),
                Told::Unchecked(why) => format!("{name}=?{}", why.replace(';', ",")),
            });
            told.collect::<Vec<_>>().join(";")
        });
        let of = |value: fn(&crate::store::Quality) -> Option<f64>| number(quality.and_then(value));
        [
            system.name.clone(),
            system.version.clone(),
            report.suite.clone(),
            clip.to_owned(),
            system.bits.to_string(),
            system.keys.to_string(),
            system.reference.to_string(),
            system.register.to_string(),
            system.alone.to_string(),
            number(system.claim_log10_fpr),
            of(|quality| Some(quality.psnr_y_db)),
            of(|quality| Some(quality.ssim)),
            of(|quality| quality.vmaf_mean),
            of(|quality| quality.xpsnr_y_db),
            of(|quality| quality.bitrate_change),
            of(|quality| quality.bd_rate),
            metrics,
            marking.map_or(String::new(), |marking| marking.width.to_string()),
            marking.map_or(String::new(), |marking| marking.height.to_string()),
            marking.map_or(String::new(), |marking| marking.frames.to_string()),
            marking.map_or(String::new(), |marking| marking.seconds.to_string()),
        ]
    });
    csv::table(HEAD, rows)
}
