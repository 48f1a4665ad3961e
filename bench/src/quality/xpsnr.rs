//! Luma XPSNR through FFmpeg's filter of that name: PSNR with blocks weighted by how little their texture and motion
//! hide.
//!
//! ```text
//! D_t   = sum over blocks k of (a_pic / a_k) SSE_k,   a_k = max(a_min, texture_k + 2 motion_k)
//! XPSNR = 10 log10(W H (2^bit_depth - 1)^2 / (mean over t of sqrt(D_t))^2)
//! ```
//!
//! Texture and motion are mean absolute values after a high pass and of the change from the frame before. The filter
//! takes them from its first input, the master.
//!
//! It reads rows of more than 8 bits as if they followed each other without padding (seen in FFmpeg 9.0: 6 dB where
//! PSNR is 47 dB, at 600 columns). Such pictures are therefore given to it as luma alone, widened to a multiple of
//! [`WHOLE_ROW`] columns by their own mirror image: their rows have no padding, and the mirrored columns score as the
//! picture does. At 8 bits, where both ways work, widening moved the value of a clip of 360, 600, 626 and 854 columns
//! by 0.07 dB at most.
//!
//! # Shapes and units
//! Decibels, capped at [`Psnr::IDENTICAL_DB`].
//!
//! # References
//! C. R. Helmrich et al. (2020), XPSNR: a low-complexity extension of the perceptually weighted peak signal-to-noise
//! ratio for high-resolution video quality assessment, ICASSP, eq. 1 to 5.

use std::path::Path;

use countermark_media::{VideoInfo, probe};

use super::external::{Comparison, Tool, VmafError};
use super::psnr::Psnr;

/// Columns whose samples of two bytes fill whole vectors of every processor, so that rows need no padding.
const WHOLE_ROW: u32 = 64;

/// Measures `marked` against `master`; none when the tool has no such filter or the filter cannot read the pictures.
pub(super) fn measure(
    tool: &Tool,
    marked: &Path,
    master: &Path,
    folder: &Path,
) -> Result<Option<f64>, VmafError> {
    if !tool.has("xpsnr") {
        return Ok(None);
    }
    let Some(prepare) = preparation(&probe(master)?.video) else {
        return Ok(None);
    };
    let log = "xpsnr.log";
    let text = tool.compare(&Comparison {
        action: "measure XPSNR",
        inputs: [master, marked],
        prepare: &prepare,
        filter: &format!("xpsnr=stats_file={log}"),
        log,
        folder,
    })?;
    parse(&text)
}

/// What must happen to pictures before the filter reads them right; none when nothing helps.
fn preparation(video: &VideoInfo) -> Option<String> {
    let is_rgb = ["rgb", "bgr", "gbr"]
        .iter()
        .any(|order| video.pixel_format.contains(order));
    let padding = video.width.next_multiple_of(WHOLE_ROW) - video.width;
    match video.bit_depth {
        _ if is_rgb => None,
        0..=8 => Some(String::new()),
        // The filter holds samples in signed 16 bits.
        15.. => None,
        _ if video.width < WHOLE_ROW => None,
        _ if padding == 0 => Some("extractplanes=y,".to_owned()),
        _ => Some(format!(
            "extractplanes=y,pad=w=iw+{padding}:h=ih,fillborders=right={padding}:mode=mirror,"
        )),
    }
}

/// The value of the clip in the filter's log; none when the log has no luma.
fn parse(log: &str) -> Result<Option<f64>, VmafError> {
    let malformed = || VmafError::NoAverage {
        last_line: log.lines().last().unwrap_or_default().to_owned(),
    };
    let average = log
        .lines()
        .rfind(|line| line.starts_with("XPSNR average"))
        .ok_or_else(malformed)?;
    let mut words = average.split_whitespace();
    if !words.any(|word| word == "y:") {
        return Ok(None);
    }
    let decibels: f64 = words
        .next()
        .and_then(|word| word.parse().ok())
        .ok_or_else(malformed)?;
    Ok(Some(decibels.min(Psnr::IDENTICAL_DB)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: &str = "n:    1  XPSNR y: 34.6844  XPSNR u: 41.4806  XPSNR v: 42.0726\n\n";

    fn log(average: &str) -> Result<Option<f64>, VmafError> {
        parse(&format!("{FRAMES}XPSNR average, 1 frames  {average}\n"))
    }

    #[test]
    fn the_average_over_the_clip_is_read_and_no_frame() -> Result<(), VmafError> {
        assert_eq!(
            log("y: 36.7366  u: 44.3284  v: 44.4249  (minimum: 36.7366)")?,
            Some(36.7366)
        );
        assert_eq!(log("y: 37.2855")?, Some(37.2855));
        assert_eq!(
            log("y: inf  u: inf  v: inf  (minimum: inf)")?,
            Some(Psnr::IDENTICAL_DB)
        );
        assert_eq!(log("r: 40.0  g: 41.0  b: 42.0  (minimum: 40.0)")?, None);
        Ok(())
    }

    #[test]
    fn a_log_that_was_cut_short_is_refused() {
        for text in ["", FRAMES, "XPSNR average, 3 frames  y:"] {
            assert!(matches!(parse(text), Err(VmafError::NoAverage { .. })));
        }
    }

    #[test]
    fn only_deep_pictures_are_widened() -> Result<(), Box<dyn std::error::Error>> {
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/evening-10bit.mp4");
        let mut video = probe(&sample)?.video;
        let mut prepared = |format: &str, bits, width| {
            video.pixel_format = format.to_owned();
            (video.bit_depth, video.width) = (bits, width);
            preparation(&video)
        };
        assert_eq!(prepared("yuv420p", 8, 600).as_deref(), Some(""));
        assert_eq!(
            prepared("yuv420p10le", 10, 640).as_deref(),
            Some("extractplanes=y,")
        );
        assert_eq!(
            prepared("yuv420p10le", 10, 600).as_deref(),
            Some("extractplanes=y,pad=w=iw+40:h=ih,fillborders=right=40:mode=mirror,")
        );
        assert_eq!(prepared("yuv444p16le", 16, 640), None);
        assert_eq!(prepared("yuv420p10le", 10, 48), None);
        assert_eq!(prepared("gbrp", 8, 640), None);
        Ok(())
    }
}
