//! What the mark costs: quality, its worst frames, time.
//!
//! # Shapes and units
//! PSNR and XPSNR in decibels, SSIM from 0 to 1, VMAF in points, flicker in 8-bit code values, detector seconds a minute
//! of clip.

use std::fmt::Write as _;
use std::io::Cursor;

use image::{ImageFormat, ImageReader};

use super::super::check::floors;
use super::super::json::frames_per_second;
use super::super::row::seconds_per_minute;
use super::super::{Report, WorstFrame, base64, cell, path_name};
use crate::statistics::median;
use crate::store::Quality;
use crate::suite::DetectorPath;
use countermark_report::markup::Text;

/// A table's head: the name, columns of numbers, columns of words.
fn head(out: &mut String, name: &str, numbers: &[&str], words: &[&str]) {
    let _ = write!(
        out,
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">{name}</th>"
    );
    for number in numbers {
        let _ = write!(out, "<th scope=\"col\" class=\"n\">{number}</th>");
    }
    for word in words {
        let _ = write!(out, "<th scope=\"col\">{word}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

pub(super) fn quality(report: &Report) -> String {
    if report.qualities.is_empty() {
        return "<p class=\"none\">Quality was not measured in this run.</p>\n".to_owned();
    }
    let mut out = String::from("<p>The marked pictures before any attack, against the master.");
    if let Some(floor) = report.floor {
        let _ = write!(out, " Floors: PSNR-Y {} dB", floor.min_psnr_y_db);
        for (name, least) in [
            ("VMAF mean", floor.min_vmaf_mean),
            ("VMAF 1st percentile", floor.min_vmaf_p1),
        ] {
            if let Some(least) = least {
                let _ = write!(out, ", {name} {least}");
            }
        }
        out.push('.');
    }
    if report.qualities.iter().any(|q| q.vmaf_mean.is_none()) {
        out.push_str(" VMAF was not measured where it says -: no FFmpeg with libvmaf was named.");
    }
    out.push_str("</p>\n");
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
        "bitrate at equal CRF",
    ];
    head(&mut out, "clip", &columns, &[]);
    for quality in &report.qualities {
        line(&mut out, report, quality);
    }
    out.push_str("</tbody>\n</table></div>\n");
    out
}

fn line(out: &mut String, report: &Report, q: &Quality) {
    let short = |name: &str| {
        let all = report.floor.map(|floor| floors(q, floor));
        all.into_iter().flatten().any(|(own, value, least)| {
            own == name
                && matches!((value, least), (Some(value), Some(least)) if value < least || value.is_nan())
        })
    };
    let bitrate = q
        .bitrate_change
        .map_or("-".to_owned(), |c| format!("{:+.1} %", c * 100.0));
    let _ = write!(out, "<tr><th scope=\"row\">{}</th>", Text(&q.clip));
    for (value, is_short) in [
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
        (bitrate, false),
    ] {
        let class = if is_short { "n bad" } else { "n" };
        let _ = write!(out, "<td class=\"{class}\">{value}</td>");
    }
    out.push_str("</tr>\n");
}

pub(super) fn pictures(report: &Report, pictures: &[WorstFrame]) -> String {
    if report.qualities.is_empty() {
        return "<p class=\"none\">Quality was not measured in this run.</p>\n".to_owned();
    }
    let mut out = String::from(
        "<p>The frame with the lowest PSNR-Y of each clip: the original, the marked one, and their difference, \
         amplified.</p>\n",
    );
    let mut missing = Vec::new();
    for quality in &report.qualities {
        let Some(frame) = pictures.iter().find(|p| p.clip == quality.clip) else {
            missing.push(Text(&quality.clip).to_string());
            continue;
        };
        let size = size(&frame.original);
        let (shape, attributes) = match size {
            Some((width, height)) if height > width => (" upright", dimensions(width, height)),
            Some((width, height)) => ("", dimensions(width, height)),
            None => ("", String::new()),
        };
        let _ = writeln!(
            out,
            "<h3>{}</h3>\n<p class=\"muted\">frame {}, {:.2} dB</p>\n<div class=\"frames{shape}\">",
            Text(&quality.clip),
            quality.worst_frame,
            quality.worst_frame_psnr_y_db
        );
        for (name, bytes) in [
            ("original", &frame.original),
            ("marked", &frame.marked),
            ("difference, amplified", &frame.difference),
        ] {
            let _ = writeln!(
                out,
                "<figure><img alt=\"{}, {name}\"{attributes} loading=\"lazy\" src=\"data:image/jpeg;base64,{}\"/><figcaption>{name}</figcaption></figure>",
                Text(&quality.clip),
                base64::encode(bytes)
            );
        }
        out.push_str("</div>\n");
    }
    if !missing.is_empty() {
        let _ = writeln!(
            out,
            "<p class=\"none\">No pictures were kept of: {}.</p>",
            missing.join(", ")
        );
    }
    out
}

/// Known in advance, the page does not jump while pictures arrive.
fn dimensions(width: u32, height: u32) -> String {
    format!(" width=\"{width}\" height=\"{height}\"")
}

fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    reader.into_dimensions().ok()
}

pub(super) fn speed(report: &Report) -> String {
    let mut out = String::new();
    if report.trials.is_empty() {
        out.push_str("<p class=\"none\">No trial was timed in this run.</p>\n");
    } else {
        out.push_str("<h3>Detector</h3>\n<p>Seconds for a minute of clip, with other trials on the other cores.</p>\n");
        head(
            &mut out,
            "path",
            &["trials", "median", "worst"],
            &["worst on"],
        );
        for path in DetectorPath::ALL {
            detector(&mut out, report, path);
        }
        out.push_str("</tbody>\n</table></div>\n");
    }
    if report.markings.is_empty() {
        out.push_str("<p class=\"none\">Marking was not timed in this run.</p>\n");
        return out;
    }
    out.push_str("<h3>Marking</h3>\n<p>One copy, encoding included: the mean over copies.</p>\n");
    head(
        &mut out,
        "clip",
        &["size", "frames", "seconds", "frames/s"],
        &[],
    );
    for marking in &report.markings {
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}&#215;{}</td><td class=\"n\">{}</td><td class=\"n\">{:.2}</td><td class=\"n\">{}</td></tr>",
            Text(&marking.clip),
            marking.width,
            marking.height,
            marking.frames,
            marking.seconds,
            cell(frames_per_second(marking), 1)
        );
    }
    out.push_str("</tbody>\n</table></div>\n");
    out
}

fn detector(out: &mut String, report: &Report, path: DetectorPath) {
    let own: Vec<_> = report.trials.iter().filter(|t| t.path == path).collect();
    let speeds: Vec<f64> = own.iter().map(|t| seconds_per_minute(t)).collect();
    let worst = own
        .iter()
        .max_by(|a, b| seconds_per_minute(a).total_cmp(&seconds_per_minute(b)));
    let Some(worst) = worst else {
        return;
    };
    let _ = writeln!(
        out,
        "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1}</td><td class=\"words\">{}, <code>{}</code></td></tr>",
        path_name(path),
        own.len(),
        cell(median(&speeds), 1),
        seconds_per_minute(worst),
        Text(&worst.clip),
        Text(&worst.attack)
    );
}
