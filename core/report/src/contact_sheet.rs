//! The worst frames of a copy on one page: the master, the copy, and their difference, amplified.
//!
//! ```text
//! difference = 128 + 16 (copy - master),   luma in code values of 8 bits
//! ```
//!
//! # Shapes and units
//! Pictures of at most 640 samples a side, inside of the page; media time in seconds, PSNR in dB over luma.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countermark_media::{MediaError, ReadOptions, VideoReader};
use countermark_picture::{Sample as _, by_depth};
use image::imageops::{self, FilterType};
use image::{GrayImage, ImageEncoder as _, codecs::jpeg::JpegEncoder};
use maud::{Markup, html};

use crate::ReportError;
use crate::html::{data_uri, document, facts};
use crate::still::still;
use crate::verification::{Verified, found_words};

/// Frames that are shown.
const FRAMES: usize = 6;
const AMPLIFICATION: f64 = 16.0;
const MOST_SIDE: u32 = 640;
const QUALITY: u8 = 85;

/// Writes `NAME.html` into `folder`, for the file of `verified` and its master. Answers the page.
///
/// # Errors
/// When a file cannot be read, or the page cannot be written.
pub fn contact_sheet(
    verified: &Verified,
    master: &Path,
    folder: &Path,
) -> Result<PathBuf, ReportError> {
    let mut windows = verified.found.windows.clone();
    windows.sort_by(|a, b| a.psnr_y_db.total_cmp(&b.psnr_y_db));
    windows.truncate(FRAMES);
    let mut figures = Vec::new();
    for window in &windows {
        let failure = |source| ReportError::Media {
            path: verified.file.clone(),
            source,
        };
        let pictures = [
            still(master, window.seconds).map_err(failure)?,
            still(&verified.file, window.seconds).map_err(failure)?,
            difference(master, &verified.file, window.seconds).map_err(failure)?,
        ];
        figures.push(figure(window.seconds, window.psnr_y_db, &pictures));
    }
    let name = verified.file.file_name().unwrap_or_default();
    let shown = name.to_string_lossy();
    let page = page(verified, &shown, &figures);
    let mut file = name.to_owned();
    file.push(".html");
    let path = folder.join(file);
    crate::folder::write_whole(&path, page.as_bytes()).map_err(|source| ReportError::Write {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

fn page(verified: &Verified, name: &str, figures: &[Markup]) -> String {
    let (delivery, found) = (&verified.delivery, &verified.found);
    let verdict = if found.holds() {
        "is what was ordered"
    } else {
        "must not be handed on"
    };
    let sha256 = found.sha256.map_or(String::new(), |hash| hash.to_string());
    let rows = [
        ("title", delivery.title.clone()),
        ("distributor", delivery.distributor.clone()),
        ("delivery", delivery.id.to_string()),
        ("SHA-256", sha256),
        ("read back", found_words(found)),
    ];
    let body = html! {
        header {
            p.kicker { "Countermark: verification of a copy" }
            h1 { (name) " " (verdict) }
            (facts(&rows))
        }
        main {
            @if !found.faults.is_empty() {
                section {
                    h2 { "What is wrong" }
                    ul { @for fault in &found.faults { li { (fault) } } }
                }
            }
            @if !found.remarks.is_empty() {
                section {
                    h2 { "What else there is to know" }
                    ul { @for remark in &found.remarks { li { (remark) } } }
                }
            }
            section {
                h2 { "The parts that are least like the master" }
                p { "Of each the master, the copy, and the difference of their luma, sixteen times amplified; grey is none." }
                @if figures.is_empty() { p.none { "No part of the copy could be compared with the master." } }
                @for figure in figures { (figure) }
            }
        }
    };
    document(&format!("{name} {verdict}"), &body)
}

fn figure(seconds: f64, psnr_y_db: f64, pictures: &[Option<Vec<u8>>; 3]) -> Markup {
    html! {
        figure.pair {
            figcaption { b { (format!("{seconds:.2} s")) } (format!(": PSNR-Y {psnr_y_db:.2} dB")) }
            div {
                @for heading in ["the master", "the copy", "their difference"] { p.heading { (heading) } }
                @for (name, picture) in ["master", "copy", "difference"].iter().zip(pictures) {
                    @if let Some(jpeg) = picture {
                        img src=(data_uri("image/jpeg", jpeg)) alt=(format!("{name} at {seconds:.2} s"));
                    }
                }
            }
        }
    }
}

/// The amplified difference of two files' frames at a moment; none where their sizes differ.
fn difference(master: &Path, copy: &Path, seconds: f64) -> Result<Option<Vec<u8>>, MediaError> {
    let options = ReadOptions {
        threads: NonZeroUsize::new(2),
        seek_seconds: Some(seconds),
        max_frames: Some(1),
        ..ReadOptions::default()
    };
    let first = |path: &Path| VideoReader::open(path, options)?.next_frame();
    let (Some(was), Some(is)) = (first(master)?, first(copy)?) else {
        return Ok(None);
    };
    let (was, is) = (was.luma(), is.luma());
    if was.size() != is.size() {
        return Ok(None);
    }
    let codes = |plane: &countermark_picture::AnyPlane<'_>| -> Vec<f64> {
        let unit = f64::from(1_u32 << (plane.bit_depth().bits() - 8));
        by_depth!(plane, |view| view
            .rows()
            .flatten()
            .map(|sample| f64::from(sample.code()) / unit)
            .collect())
    };
    let pairs = codes(&is).into_iter().zip(codes(&was));
    let shown = pairs.map(|(is, was)| {
        let value = 128.0 + AMPLIFICATION * (is - was);
        value.round().clamp(0.0, 255.0) as u8
    });
    let (width, height) = (was.width() as u32, was.height() as u32);
    let Some(picture) = GrayImage::from_raw(width, height, shown.collect()) else {
        return Ok(None);
    };
    let scale = (f64::from(MOST_SIDE) / f64::from(width.max(height))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let small = imageops::resize(&picture, side(width), side(height), FilterType::Triangle);
    let mut jpeg = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut jpeg, QUALITY).write_image(
        &small,
        small.width(),
        small.height(),
        image::ExtendedColorType::L8,
    );
    Ok(encoded.ok().map(|()| jpeg))
}
