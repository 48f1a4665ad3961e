//! The frames that were compared, on one sheet: for a letter, a slide, a ticket.
//!
//! ```text
//! row = clip | master's frame in the clip's geometry | what is left between them, amplified
//! ```
//!
//! # Shapes and units
//! Grey, 8 bits; pictures as large as the pairs hold them, [`GAP`] white samples around each.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _};

use countermark_trace::exhibits::{FramePair, Picture};

use crate::ReportError;

/// Samples between pictures and around them.
const GAP: usize = 8;

/// Rows of the sheet at most.
const MOST_ROWS: usize = 3;

const WHITE: u8 = 255;

/// The sheet of the first pairs as a PNG; none without pairs.
///
/// # Errors
/// [`ReportError::Picture`].
pub(crate) fn sheet(pairs: &[FramePair]) -> Result<Option<Vec<u8>>, ReportError> {
    let rows = &pairs[..pairs.len().min(MOST_ROWS)];
    if rows.is_empty() {
        return Ok(None);
    }
    let widest = rows.iter().map(|pair| pair.clip.width).max().unwrap_or(0);
    let width = GAP + 3 * (widest + GAP);
    let heights = rows.iter().map(|pair| pair.clip.height + GAP);
    let height = GAP + heights.sum::<usize>();
    let mut canvas = vec![WHITE; width * height];
    let mut top = GAP;
    for pair in rows {
        for (column, picture) in [&pair.clip, &pair.master, &pair.residual]
            .into_iter()
            .enumerate()
        {
            place(
                &mut canvas,
                width,
                GAP + column * (widest + GAP),
                top,
                picture,
            );
        }
        top += pair.clip.height + GAP;
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
        .write_image(&canvas, width as u32, height as u32, ExtendedColorType::L8)
        .map_err(ReportError::Picture)?;
    Ok(Some(png))
}

fn place(canvas: &mut [u8], width: usize, left: usize, top: usize, picture: &Picture) {
    let rows = picture.samples.chunks_exact(picture.width.max(1));
    for (row, samples) in rows.enumerate() {
        let start = (top + row) * width + left;
        canvas[start..start + samples.len()].copy_from_slice(samples);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(width: usize, height: usize) -> FramePair {
        let picture = |level: u8| Picture {
            width,
            height,
            samples: vec![level; width * height],
        };
        FramePair {
            title: crate::specimen::title("film"),
            clip_time: 0.0,
            media_time: 0.0,
            mirrored: false,
            correlation: 1.0,
            gain: 1.0,
            offset: 0.0,
            clip: picture(10),
            master: picture(20),
            residual: picture(128),
        }
    }

    #[test]
    fn each_pair_is_a_row_of_three() {
        let png = sheet(&[pair(4, 2), pair(2, 3)])
            .expect("a PNG")
            .expect("pairs");
        let sheet = image::load_from_memory(&png).expect("a PNG").to_luma8();
        assert_eq!(sheet.dimensions(), (8 + 3 * 12, 8 + 10 + 11));
        let at = |x: u32, y: u32| sheet.get_pixel(x, y).0[0];
        assert_eq!([at(8, 8), at(20, 8), at(32, 9)], [10, 20, 128]);
        assert_eq!([at(8, 18), at(20, 20), at(33, 20)], [10, 20, 128]);
        assert_eq!([at(0, 0), at(12, 8), at(10, 18)], [255, 255, 255]);
    }

    #[test]
    fn no_pairs_are_no_sheet() {
        assert!(sheet(&[]).expect("no error").is_none());
    }
}
