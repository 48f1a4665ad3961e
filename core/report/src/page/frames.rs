//! Frames of the clip beside those of the master, as pictures inside the page.
//!
//! # References
//! L. Masinter (1998), The "data" URL scheme, RFC 2397.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ExtendedColorType;
use image::ImageEncoder as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

use crate::ReportError;
use crate::markup::Text;
use countermark_trace::exhibits::{FramePair, Picture};

/// Correlation below which a pair is said to be unlike: the match says too much there.
const UNLIKE: f64 = 0.5;

/// The section's content.
///
/// # Errors
/// When a picture cannot be encoded.
pub(super) fn section(pairs: &[FramePair]) -> Result<String, ReportError> {
    if pairs.is_empty() {
        return Ok(
            "<p class=\"none\">No frames were compared: the pictures of the clip were not found in a reference.</p>\n"
                .to_owned(),
        );
    }
    let mut out = String::from(
        "<p>Of each pair first the clip, then the master\u{2019}s reference brought into the clip\u{2019}s geometry (black \
         where it shows nothing), last what is left of the clip when the reference, fitted in contrast and brightness, is taken \
         off: eight times amplified, grey for no difference. Pictures are grey and reduced to a short side of 288 samples.</p>\n",
    );
    for pair in pairs {
        let upright = if pair.clip.height > pair.clip.width {
            " upright"
        } else {
            ""
        };
        let unlike = if pair.correlation < UNLIKE {
            "; <strong>these frames are unlike</strong>"
        } else {
            ""
        };
        let mirrored = if pair.mirrored { ", mirrored" } else { "" };
        let _ = write!(
            out,
            "<figure class=\"pair{upright}\">\n<figcaption><b>{:.2} s of the clip</b> and <b>{:.2} s of {}</b>{mirrored}; \
             correlation {:.3}{unlike}</figcaption>\n<div>\n",
            pair.clip_time,
            pair.media_time,
            Text(&pair.title),
            pair.correlation,
        );
        for (name, picture) in [
            ("clip", &pair.clip),
            ("master", &pair.master),
            ("residual", &pair.residual),
        ] {
            let _ = writeln!(
                out,
                "<img src=\"{}\" width=\"{}\" height=\"{}\" alt=\"{name} at {:.2} s of the clip\"/>",
                data_uri(picture)?,
                picture.width,
                picture.height,
                pair.clip_time,
            );
        }
        out.push_str("</div>\n</figure>\n");
    }
    Ok(out)
}

fn data_uri(picture: &Picture) -> Result<String, ReportError> {
    let mut png = Vec::new();
    let (width, height) = (picture.width as u32, picture.height as u32);
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(&picture.samples, width, height, ExtendedColorType::L8)
        .map_err(ReportError::Picture)?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(png)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_comes_back_out_of_its_uri() {
        let picture = Picture {
            width: 3,
            height: 2,
            samples: vec![0, 128, 255, 7, 8, 9],
        };
        let uri = data_uri(&picture).expect("a picture");
        let coded = uri
            .strip_prefix("data:image/png;base64,")
            .expect("a data URI");
        let png = STANDARD.decode(coded).expect("base64");
        let decoded = image::load_from_memory(&png).expect("a PNG").to_luma8();
        assert_eq!(decoded.dimensions(), (3, 2));
        assert_eq!(decoded.into_raw(), picture.samples);
    }
}
