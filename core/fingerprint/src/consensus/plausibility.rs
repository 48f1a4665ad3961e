//! Maps that a copy of a picture is made by.
//!
//! ```text
//! J   = ((h0 - x' h6) / w, (h1 - x' h7) / w; (h3 - y' h6) / w, (h4 - y' h7) / w)       w = h6 x + h7 y + h8
//! s   = sqrt(det J),   anisotropy = sigma_1 / sigma_2 of J
//! ```
//!
//! A plausible map has, at the corners and in the middle, `1/5 <= s <= 5` and an anisotropy of at most 1.6 (2.2 at the
//! corners), does not fold (`det J > 0`), and magnifies no corner 4 times more in area than another.
//!
//! # Shapes and units
//! Points in samples.

use countermark_picture::Homography;

const MOST_SCALE: f64 = 5.0;
const MOST_ANISOTROPY: f64 = 1.6;
/// Where a tilt adds to it.
const MOST_CORNER_ANISOTROPY: f64 = 2.2;
/// Ratio of the areas that two corners are magnified to.
const MOST_TILT: f64 = 4.0;

/// Whether a copy may be made by this map from a picture of `(width, height)` samples.
pub(super) fn is_plausible(map: &Homography, (width, height): (f64, f64)) -> bool {
    let Some(_) = area(map, (width / 2.0, height / 2.0), MOST_ANISOTROPY) else {
        return false;
    };
    let corners = [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)];
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for corner in corners {
        let Some(area) = area(map, corner, MOST_CORNER_ANISOTROPY) else {
            return false;
        };
        (least, most) = (least.min(area), most.max(area));
    }
    most <= MOST_TILT * least
}

/// `[dx'/dx, dx'/dy, dy'/dx, dy'/dy]` at a point; not finite on the horizon.
pub(super) fn jacobian(map: &Homography, (x, y): (f64, f64)) -> [f64; 4] {
    let h = map.matrix();
    let w = h[6] * x + h[7] * y + h[8];
    let to_x = (h[0] * x + h[1] * y + h[2]) / w;
    let to_y = (h[3] * x + h[4] * y + h[5]) / w;
    [
        (h[0] - to_x * h[6]) / w,
        (h[1] - to_x * h[7]) / w,
        (h[3] - to_y * h[6]) / w,
        (h[4] - to_y * h[7]) / w,
    ]
}

/// The area that a sample becomes; none when scale or anisotropy are out of bounds, or beyond the horizon.
fn area(map: &Homography, at: (f64, f64), most_anisotropy: f64) -> Option<f64> {
    map.map(at)?;
    let [a, b, c, d] = jacobian(map, at);
    let (area, squares) = (a * d - b * c, a * a + b * b + c * c + d * d);
    let most_area = MOST_SCALE * MOST_SCALE;
    let sound = (1.0 / most_area..=most_area).contains(&area)
        // sigma_1 / sigma_2 + sigma_2 / sigma_1 = squares / area.
        && squares <= area * (most_anisotropy + 1.0 / most_anisotropy);
    sound.then_some(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plausible(matrix: [f64; 9]) -> bool {
        is_plausible(&Homography::new(matrix).expect("a map"), (512.0, 288.0))
    }

    #[test]
    fn copies_are_plausible() {
        assert!(plausible(Homography::IDENTITY.matrix()));
        assert!(plausible([0.0, -0.4, 300.0, 0.4, 0.0, 7.0, 0.0, 0.0, 1.0]));
        assert!(plausible([1.3, 0.1, 5.0, 0.0, 1.0, 7.0, 5e-4, 2e-4, 1.0]));
    }

    #[test]
    fn mirrors_slivers_specks_and_horizons_are_not() {
        assert!(!plausible([-1.0, 0.0, 512.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
        assert!(!plausible([1.0, 0.0, 0.0, 0.0, 1.8, 0.0, 0.0, 0.0, 1.0]));
        assert!(!plausible([0.15, 0.0, 0.0, 0.0, 0.15, 0.0, 0.0, 0.0, 1.0]));
        assert!(!plausible([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -2e-3, 0.0, 1.0]));
        assert!(!plausible([
            1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -2.5e-3, 0.0, 1.0
        ]));
    }
}
