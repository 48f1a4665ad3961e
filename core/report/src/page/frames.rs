//! Frames of the clip beside those of the master, as pictures inside the page.

use countermark_trace::exhibits::{FramePair, Picture};
use image::ExtendedColorType;
use image::ImageEncoder as _;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use maud::{Markup, html};
use rayon::prelude::*;

use crate::ReportError;
use crate::html::data_uri;

/// Correlation below which a pair is said to be unlike: the match says too much there.
const UNLIKE: f64 = 0.5;

/// What stands over the three pictures of a pair.
const HEADINGS: [&str; 3] = [
    "the clip as found",
    "the master, in the clip\u{2019}s geometry",
    "what is left, eight times amplified",
];

/// The three pictures of a pair as PNGs: clip, master, what is left.
pub(crate) type Encoded = [Vec<u8>; 3];

/// The pictures of pairs, side by side: most of a page's time goes here.
///
/// # Errors
/// When a picture cannot be encoded.
pub(crate) fn encoded(pairs: &[FramePair]) -> Result<Vec<Encoded>, ReportError> {
    pairs
        .par_iter()
        .map(|pair| {
            let residual = || png(&pair.residual);
            let ((clip, master), residual) = rayon::join(
                || rayon::join(|| png(&pair.clip), || png(&pair.master)),
                residual,
            );
            Ok([clip?, master?, residual?])
        })
        .collect()
}

/// The pairs, each with what they are and how well they agree.
///
/// # Errors
/// When a picture cannot be encoded.
pub fn pairs(pairs: &[FramePair]) -> Result<Markup, ReportError> {
    Ok(drawn(pairs, &encoded(pairs)?))
}

/// The same of pictures that are encoded.
pub(crate) fn drawn(pairs: &[FramePair], encoded: &[Encoded]) -> Markup {
    if pairs.is_empty() {
        return html! {
            p.none { "No frames were compared: the pictures of the clip were not found in a reference." }
        };
    }
    let figures = pairs.iter().zip(encoded);
    let figures: Vec<Markup> = figures.map(|(pair, pngs)| figure(pair, pngs)).collect();
    html! {
        p {
            "Of each pair first the clip, then the master\u{2019}s reference brought into the clip\u{2019}s geometry (black \
             where it shows nothing), last what is left of the clip when the reference, fitted in contrast and brightness, \
             is taken off: eight times amplified, grey for no difference. Pictures are grey and reduced to a short side of \
             288 samples."
        }
        @for figure in figures {
            (figure)
        }
    }
}

fn figure(pair: &FramePair, pngs: &Encoded) -> Markup {
    let shown = [
        ("clip", &pair.clip),
        ("master", &pair.master),
        ("residual", &pair.residual),
    ];
    let pictures = shown.into_iter().zip(pngs).map(|((name, picture), png)| {
        let alt = format!("{name} at {:.2} s of the clip", pair.clip_time);
        (data_uri("image/png", png), picture, alt)
    });
    let pictures: Vec<_> = pictures.collect();
    let upright = pair.clip.height > pair.clip.width;
    html! {
        figure.pair.upright[upright] {
            figcaption {
                b { (format!("{:.2} s of the clip", pair.clip_time)) }
                " and "
                b { (format!("{:.2} s of ", pair.media_time)) (pair.title) }
                @if pair.mirrored { ", mirrored" }
                (format!("; correlation {:.3}", pair.correlation))
                @if pair.correlation < UNLIKE {
                    "; " strong { "these frames are unlike" }
                }
            }
            div {
                @for heading in HEADINGS { p.heading { (heading) } }
                @for (uri, picture, alt) in &pictures {
                    img src=(uri) width=(picture.width) height=(picture.height) alt=(alt);
                }
            }
        }
    }
}

/// A picture as a PNG.
fn png(picture: &Picture) -> Result<Vec<u8>, ReportError> {
    let mut png = Vec::new();
    let (width, height) = (picture.width as u32, picture.height as u32);
    PngEncoder::new_with_quality(&mut png, CompressionType::Default, FilterType::Adaptive)
        .write_image(&picture.samples, width, height, ExtendedColorType::L8)
        .map_err(ReportError::Picture)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn a_picture_comes_back_out_of_its_uri() {
        let picture = Picture {
            width: 3,
            height: 2,
            samples: vec![0, 128, 255, 7, 8, 9],
        };
        let uri = data_uri("image/png", &png(&picture).expect("a picture"));
        let coded = uri
            .strip_prefix("data:image/png;base64,")
            .expect("a data URI");
        let png = STANDARD.decode(coded).expect("base64");
        let decoded = image::load_from_memory(&png).expect("a PNG").to_luma8();
        assert_eq!(decoded.dimensions(), (3, 2));
        assert_eq!(decoded.into_raw(), picture.samples);
    }
}
