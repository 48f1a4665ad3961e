//! Sizes of scaled pictures.

/// The size with a short side of `lines`, both sides even; none when the picture is no larger already.
pub(super) fn scaled(width: u32, height: u32, lines: u32) -> Option<(u32, u32)> {
    let short = width.min(height);
    if short <= lines {
        return None;
    }
    let scale = f64::from(lines) / f64::from(short);
    let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(2);
    Some((even(width), even(height)))
}
