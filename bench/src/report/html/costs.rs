//! What the mark costs: quality, its worst frames, time.
//!
//! # Shapes and units
//! PSNR and XPSNR in decibels, SSIM from 0 to 1, VMAF in points, flicker in 8-bit code values, detector seconds a minute
//! of clip.

use std::io::Cursor;

use countermark_report::html::{data_uri, scroll};
use image::{ImageFormat, ImageReader};
use maud::{Markup, html};

use super::super::cell::{cell, path_name};
use super::super::check::asked;
use super::super::gathered::Report;
use super::super::json::frames_per_second;
use super::super::pictures::WorstFrame;
use super::super::row::seconds_per_minute;
use crate::statistics::median;
use crate::store::{Marking, Quality};
use crate::suite::{DetectorPath, QualityFloor};

/// A table: the name, columns of numbers, columns of words.
fn table(name: &str, numbers: &[&str], words: &[&str], rows: &Markup) -> Markup {
    html! {
        (scroll(name, &html! {
            table {
                thead {
                    tr {
                        th scope="col" { (name) }
                        @for number in numbers { th.n scope="col" { (number) } }
                        @for word in words { th scope="col" { (word) } }
                    }
                }
                tbody { (rows) }
            }
        }))
    }
}

pub(super) fn quality(report: &Report) -> Markup {
    if report.qualities.is_empty() {
        return html! { p.none { "Quality was not measured in this run." } };
    }
    let columns = [
        "frames",
        "PSNR-Y dB",
        "VMAF mean",
        "VMAF 1st pct",
        "worst frame dB",
        "worst block dB",
        "SSIM",
        "worst SSIM",
        "XPSNR dB",
        "flicker",
        "contrast in flat regions %",
        "lift of black",
        "strays %",
        "bitrate at equal CRF",
    ];
    let rows = html! {
        @for quality in &report.qualities {
            (line(report, quality))
        }
    };
    html! {
        p {
            "The marked pictures before any attack, against the master."
            @if let Some(floor) = report.floor { (floors_in_words(floor)) }
            @if report.qualities.iter().any(|q| q.vmaf_mean.is_none()) {
                " VMAF was not measured where it says -: no FFmpeg with libvmaf was named."
            }
        }
        (table("clip", &columns, &[], &rows))
    }
}

fn floors_in_words(floor: QualityFloor) -> String {
    let beside = [
        ("VMAF mean", floor.min_vmaf_mean),
        ("VMAF 1st percentile", floor.min_vmaf_p1),
    ];
    let above = [
        (
            "contrast in flat regions, %",
            floor.max_flat_contrast_percent,
        ),
        ("lift of black", floor.max_black_lift_codes),
        ("strays", floor.max_strays),
    ];
    let above: String = above
        .into_iter()
        .filter_map(|(name, most)| Some(format!(", {name} at most {}", most?)))
        .collect();
    let beside: String = beside
        .into_iter()
        .filter_map(|(name, least)| Some(format!(", {name} {}", least?)))
        .collect();
    format!(" Floors: PSNR-Y {} dB{beside}{above}.", floor.min_psnr_y_db)
}

fn line(report: &Report, q: &Quality) -> Markup {
    let short = |name: &str| {
        let all = report.floor.map(|floor| asked(q, floor));
        let mut all = all.into_iter().flatten();
        all.any(|asked| asked.name == name && asked.is_short())
    };
    let bitrate = q
        .bitrate_change
        .map_or("-".to_owned(), |c| format!("{:+.1} %", c * 100.0));
    let values = [
        (q.frames.to_string(), false),
        (format!("{:.2}", q.psnr_y_db), short("PSNR-Y")),
        (cell(q.vmaf_mean, 2), short("VMAF mean")),
        (cell(q.vmaf_p1, 2), short("VMAF 1st percentile")),
        (format!("{:.2}", q.worst_frame_psnr_y_db), false),
        (format!("{:.2}", q.worst_block_psnr_y_db), false),
        (format!("{:.4}", q.ssim), false),
        (format!("{:.4}", q.worst_frame_ssim), false),
        (cell(q.xpsnr_y_db, 2), false),
        (cell(q.flicker, 2), false),
        (
            cell(q.flat_contrast_percent, 2),
            short("contrast in flat regions, %"),
        ),
        (cell(q.black_lift_codes, 1), short("lift of black")),
        (
            cell(q.strays.map(|share| 100.0 * share), 2),
            short("strays"),
        ),
        (bitrate, false),
    ];
    html! {
        tr {
            th scope="row" { (q.clip) }
            @for (value, is_short) in values {
                td.n.bad[is_short] { (value) }
            }
        }
    }
}

pub(super) fn pictures(report: &Report, pictures: &[WorstFrame]) -> Markup {
    if report.qualities.is_empty() {
        return html! { p.none { "Quality was not measured in this run." } };
    }
    let of = |quality: &Quality| pictures.iter().find(|p| p.clip == quality.clip);
    let missing: Vec<&str> = report
        .qualities
        .iter()
        .filter(|quality| of(quality).is_none())
        .map(|quality| quality.clip.as_str())
        .collect();
    html! {
        p {
            "The frame with the lowest PSNR-Y of each clip: the original, the marked one, and their difference, amplified."
        }
        @for quality in &report.qualities {
            @if let Some(frame) = of(quality) {
                h3 { (quality.clip) }
                p.muted { (format!("frame {}, {:.2} dB", quality.worst_frame, quality.worst_frame_psnr_y_db)) }
                (worst_frame(frame))
            }
        }
        @if !missing.is_empty() {
            p.none { "No pictures were kept of: " (missing.join(", ")) "." }
        }
    }
}

fn worst_frame(frame: &WorstFrame) -> Markup {
    // Known in advance, the page does not jump while pictures arrive.
    let size = size(&frame.original);
    let upright = size.is_some_and(|(width, height)| height > width);
    html! {
        div.frames.upright[upright] {
            @for (name, bytes) in [
                ("original", &frame.original),
                ("marked", &frame.marked),
                ("difference, amplified", &frame.difference),
            ] {
                figure {
                    img alt=(format!("{}, {name}", frame.clip)) width=[size.map(|size| size.0)] height=[size.map(|size| size.1)]
                        loading="lazy" src=(data_uri("image/jpeg", bytes));
                    figcaption { (name) }
                }
            }
        }
    }
}

fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    reader.into_dimensions().ok()
}

pub(super) fn speed(report: &Report) -> Markup {
    let detectors = html! {
        @for path in DetectorPath::ALL { (detector(report, path)) }
    };
    let markings = html! {
        @for one in &report.markings { (marking(one)) }
    };
    html! {
        @if report.trials.is_empty() {
            p.none { "No trial was timed in this run." }
        } @else {
            h3 { "Detector" }
            p { "Seconds for a minute of clip, with other trials on the other cores." }
            (table("path", &["trials", "median", "worst"], &["worst on"], &detectors))
        }
        @if report.markings.is_empty() {
            p.none { "Marking was not timed in this run." }
        } @else {
            h3 { "Marking" }
            p { "One copy, encoding included: the mean over copies." }
            (table("clip", &["size", "frames", "seconds", "frames/s"], &[], &markings))
        }
    }
}

fn marking(marking: &Marking) -> Markup {
    html! {
        tr {
            th scope="row" { (marking.clip) }
            td.n { (marking.width) "\u{d7}" (marking.height) }
            td.n { (marking.frames) }
            td.n { (format!("{:.2}", marking.seconds)) }
            td.n { (cell(frames_per_second(marking), 1)) }
        }
    }
}

fn detector(report: &Report, path: DetectorPath) -> Markup {
    let own: Vec<_> = report.trials.iter().filter(|t| t.path == path).collect();
    let speeds: Vec<f64> = own.iter().map(|t| seconds_per_minute(t)).collect();
    let worst = own
        .iter()
        .max_by(|a, b| seconds_per_minute(a).total_cmp(&seconds_per_minute(b)));
    html! {
        @if let Some(worst) = worst {
            tr {
                th scope="row" { (path_name(path)) }
                td.n { (own.len()) }
                td.n { (cell(median(&speeds), 1)) }
                td.n { (format!("{:.1}", seconds_per_minute(worst))) }
                td.words { (worst.clip) ", " code { (worst.attack) } }
            }
        }
    }
}
