//! The frame around a picture that is encoded again: bars up to an aspect, and a short side of so many lines.
//!
//! # Shapes and units
//! Luma pixels; all sides even.

use super::geometry::homography::Homography;
use super::scaled::scaled;

/// The least frame of an aspect around a picture, both sides even.
pub(super) fn framed(picture: (u32, u32), aspect: (u32, u32)) -> (u32, u32) {
    let even = |side: f64| (side / 2.0).ceil() as u32 * 2;
    let (width, height) = (f64::from(picture.0), f64::from(picture.1));
    let aspect = f64::from(aspect.0) / f64::from(aspect.1);
    (
        even(width.max(height * aspect)),
        even(height.max(width / aspect)),
    )
}

/// What the picture is scaled to, and the frame that it is put into, for a frame with a short side of `lines`.
pub(super) type Resized = (Option<(u32, u32)>, Option<(u32, u32)>);

pub(super) fn resized(
    picture: (u32, u32),
    frame: Option<(u32, u32)>,
    lines: Option<u32>,
) -> Resized {
    let outer = frame.unwrap_or(picture);
    let Some(small) = lines.and_then(|lines| scaled(outer.0, outer.1, lines)) else {
        return (None, frame);
    };
    let Some(frame) = frame else {
        return (Some(small), None);
    };
    let shrunk = |side: u32, outer: u32, small: u32| {
        let side = f64::from(side) * f64::from(small) / f64::from(outer);
        ((side / 2.0).round() as u32 * 2).clamp(2, small)
    };
    let inner = (
        shrunk(picture.0, frame.0, small.0),
        shrunk(picture.1, frame.1, small.1),
    );
    (Some(inner), Some(small))
}

/// Where the pixels of a picture lie that is scaled and put into the middle of a frame, to whole chroma samples.
pub(super) fn onto_canvas(
    (width, height): (u32, u32),
    scale: Option<(u32, u32)>,
    canvas: Option<(u32, u32)>,
) -> Homography {
    let inner = scale.unwrap_or((width, height));
    let frame = canvas.unwrap_or(inner);
    let margin = |outer: u32, inner: u32| f64::from(outer.saturating_sub(inner) / 2 / 2 * 2);
    let share = |new: u32, old: u32| f64::from(new) / f64::from(old);
    Homography::stretch(share(inner.0, width), share(inner.1, height)).then(&Homography::shift(
        margin(frame.0, inner.0),
        margin(frame.1, inner.1),
    ))
}
