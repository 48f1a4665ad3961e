//! Attacks that lay something over the picture, from a logo in a corner to all of it.
//!
//! ```text
//! logo-P        inset-P cornerblur-P        P percent of the area, in a corner
//! subtitles-P   ticker-P text-P             text, P percent of the height
//! content-KIND                              everything: black, flat, noise, bars, slides
//! ```
//!
//! All are painted as a [`patch`], with letters from [`lettering`]. Below 16 pixels a side there is no room for a corner
//! or a line: such pictures stay as they are ([`roomy`]), but for content, which replaces pictures of any size.
//!
//! # Shapes and units
//! Luma pixels, all even. Paint is display-referred R'G'B' in [0, 1].

mod caption;
mod content;
mod corner;
mod lettering;
mod patch;
mod roomy;

use super::effect;

/// The families of this room, each with the words of its own.
pub(super) const FAMILIES: &[effect::Parse] = &[corner::parse, caption::parse, content::parse];

#[cfg(test)]
mod tests {
    use super::roomy::LEAST_SIDE;
    use crate::tryout::{applied_once, grey};

    const NAMES: [&str; 11] = [
        "logo-0.5",
        "logo-25",
        "inset-2",
        "inset-40",
        "cornerblur-50",
        "subtitles-2",
        "subtitles-20",
        "ticker-2",
        "ticker-20",
        "text-2",
        "text-20",
    ];

    #[test]
    fn frames_without_room_stay_as_they_are() {
        for (width, height) in [(2, 2), (4, 400), (400, 4), (14, 14)] {
            let picture = grey(width, height, |x, y| (x * 7 + y * 5) as f32 % 200.0);
            for name in NAMES {
                assert_eq!(applied_once(name, &picture), picture, "{name}");
            }
            for name in ["content-black", "content-bars", "content-slides"] {
                assert_ne!(applied_once(name, &picture).y, picture.y, "{name}");
            }
        }
    }

    #[test]
    fn the_smallest_and_the_longest_frames_are_covered() {
        for (width, height) in [
            (LEAST_SIDE, LEAST_SIDE),
            (LEAST_SIDE, 400),
            (400, LEAST_SIDE),
        ] {
            let picture = grey(width, height, |x, y| (x * 7 + y * 5) as f32 % 200.0);
            for name in NAMES {
                assert_ne!(applied_once(name, &picture).y, picture.y, "{name}");
            }
        }
    }
}
