//! The kernels of features, compiled once more for AVX2: see [`crate::x86`].

use super::descriptor::{self, Grid, Histogram};
use super::gradients::{self, Gradients};
use super::plane::Plane;
use super::scale_space::{self, Kernel};
use crate::x86::dispatched;

dispatched! {
    /// See [`scale_space::blurred`].
    blur(kernel: &Kernel, from: &Plane, to: &mut Plane, padded: &mut Vec<f32>) is scale_space::blurred
}
dispatched! {
    /// See [`gradients::differentiated`].
    differentiate(plane: &Plane, gradients: &mut Gradients) is gradients::differentiated
}
dispatched! {
    /// See [`descriptor::gathered`].
    gather(gradients: &Gradients, grid: &Grid, bins: &mut Histogram) is descriptor::gathered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_picture::picture;

    #[test]
    fn every_level_gives_the_same_bits() {
        let (width, height) = (91, 67);
        let plane = Plane {
            width,
            height,
            samples: picture(3, width, height).samples().to_vec(),
        };
        let kernel = Kernel::between(0.25, 2.3);
        let (mut padded, mut blurs) = (Vec::new(), [Plane::default(), Plane::default()]);
        blur(&kernel, &plane, &mut blurs[0], &mut padded);
        scale_space::blurred(&kernel, &plane, &mut blurs[1], &mut padded);
        assert_eq!(blurs[0].samples, blurs[1].samples);
        let mut fields = [Gradients::default(), Gradients::default()];
        differentiate(&blurs[0], &mut fields[0]);
        gradients::differentiated(&blurs[1], &mut fields[1]);
        assert_eq!(fields[0].magnitude.samples, fields[1].magnitude.samples);
        assert_eq!(fields[0].direction.samples, fields[1].direction.samples);
        for (x, y, sigma, angle) in [(40.2, 30.7, 2.0, 0.13), (3.5, 60.1, 1.7, 0.8)] {
            let grid = Grid::new(&fields[0], (x, y), sigma, angle);
            let mut bins = [descriptor::EMPTY; 2];
            gather(&fields[0], &grid, &mut bins[0]);
            descriptor::gathered(&fields[1], &grid, &mut bins[1]);
            assert_eq!(bins[0].map(f32::to_bits), bins[1].map(f32::to_bits));
            assert!(bins[0].iter().any(|bin| *bin > 0.0));
        }
    }
}
