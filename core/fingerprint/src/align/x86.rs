//! The kernels of alignment, compiled once more for AVX2: see [`crate::x86`].

use countermark_picture::{Grey, Homography};

use super::motion::Tile;
use super::normalised::{self, Neighbourhoods, Workspace};
use super::pattern::{self, Pattern};
use super::view;
use crate::x86::dispatched;

dispatched! {
    /// See [`view::sampled`].
    through(map: &Homography, picture: &Grey, width: usize, grid: &mut [f32]) is view::sampled
}
dispatched! {
    /// See [`view::held`].
    inside(map: &Homography, picture: (usize, usize), margin: f64, width: usize, mask: &mut [bool]) is view::held
}
dispatched! {
    /// See [`normalised::shares`].
    shares(mask: &[bool], width: usize, radius: usize, share: &mut [f32]) is normalised::shares
}
dispatched! {
    /// See [`normalised::normalise`].
    normalise(around: &Neighbourhoods, samples: &mut [f32], workspace: &mut Workspace) is normalised::normalise
}
dispatched! {
    /// See [`pattern::gather`].
    gather(pattern: &Pattern, seen: &[f32], width: usize, cut: f32, tiles: &mut [Tile]) is pattern::gather
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

    const SIZE: (usize, usize) = (91, 67);

    /// Maps that are level, turned and tilted, and leave the picture.
    fn maps() -> [Homography; 3] {
        [
            [1.2, 0.0, -9.0, 0.0, 1.2, 4.0, 0.0, 0.0, 1.0],
            [0.9, 0.1, -3.0, -0.1, 0.9, 7.0, 0.0, 0.0, 1.0],
            [1.0, 0.02, 2.0, 0.01, 1.1, -6.0, 4e-4, -2e-4, 1.0],
        ]
        .map(|matrix| Homography::new(matrix).expect("a map"))
    }

    #[test]
    fn every_level_gives_the_same_bits() {
        let (width, height) = SIZE;
        let (reference, suspect) = (picture(1, width, height), picture(2, 120, 80));
        for map in maps() {
            let mut masks = [vec![false; width * height], vec![false; width * height]];
            inside(&map, (120, 80), 1.0, width, &mut masks[0]);
            view::held(&map, (120, 80), 1.0, width, &mut masks[1]);
            let [mask, portable] = masks;
            assert_eq!(mask, portable);
            assert!(mask.contains(&true) && mask.contains(&false));
            let mut shares_of = [vec![0.0; mask.len()], vec![0.0; mask.len()]];
            shares(&mask, width, 4, &mut shares_of[0]);
            normalised::shares(&mask, width, 4, &mut shares_of[1]);
            assert_eq!(shares_of[0], shares_of[1]);
            let mut seen = [vec![0.0; mask.len()], vec![0.0; mask.len()]];
            through(&map, &suspect, width, &mut seen[0]);
            view::sampled(&map, &suspect, width, &mut seen[1]);
            assert_eq!(seen[0], seen[1]);
            let counts = pattern::surrounded(&mask, width);
            let around = Neighbourhoods::new(mask, width, 4);
            let mut workspace = Workspace::default();
            normalise(&around, &mut seen[0], &mut workspace);
            normalised::normalise(&around, &mut seen[1], &mut workspace);
            assert_eq!(seen[0], seen[1]);
            let mut level = reference.samples().to_vec();
            around.normalise(&mut level);
            let own = Pattern::new(&level, &counts, width);
            let tiles = || vec![Tile::default(); width.div_ceil(8) * height.div_ceil(8)];
            let mut gathered = [tiles(), tiles()];
            gather(&own, &seen[0], width, 0.7, &mut gathered[0]);
            pattern::gather(&own, &seen[1], width, 0.7, &mut gathered[1]);
            for (tile, portable) in gathered[0].iter().zip(&gathered[1]) {
                assert_eq!(format!("{tile:?}"), format!("{portable:?}"));
            }
        }
    }
}
