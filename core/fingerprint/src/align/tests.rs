use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;

const WIDTH: usize = 320;
const HEIGHT: usize = 180;

/// A texture with a closed form: blobs and waves in samples of the reference.
struct Texture {
    waves: Vec<[f64; 4]>,
}

fn uniform(random: &mut ChaCha20Rng) -> f64 {
    f64::from(random.next_u32()) / 4_294_967_296.0
}

impl Texture {
    /// Waves of 8 to 60 samples; their mixture is as rough as a picture's, amplitude rising with length.
    fn new(seed: u64) -> Self {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let waves = (0..24).map(|_| {
            let angle = uniform(&mut random) * std::f64::consts::TAU;
            let length = 8.0 * 7.5_f64.powf(uniform(&mut random));
            let phase = uniform(&mut random) * std::f64::consts::TAU;
            let frequency = std::f64::consts::TAU / length;
            [
                frequency * angle.cos(),
                frequency * angle.sin(),
                phase,
                length.sqrt(),
            ]
        });
        Self {
            waves: waves.collect(),
        }
    }

    fn at(&self, (x, y): (f64, f64)) -> f64 {
        let sum: f64 = self
            .waves
            .iter()
            .map(|[a, b, phase, gain]| gain * (a * x + b * y + phase).sin())
            .sum();
        128.0 + 2.5 * sum
    }

    /// The picture whose point `p` shows the texture's `back(p)`, each sample the mean of 2 x 2 points.
    fn seen(&self, back: &Homography, width: usize, height: usize) -> Grey {
        let point = |i: usize, j: usize, k: usize| {
            let (x, y) = (i as f64 + 0.25, j as f64 + 0.25);
            back.map((x + 0.5 * (k % 2) as f64, y + 0.5 * (k / 2) as f64))
                .map_or(0.0, |p| self.at(p))
        };
        let samples = (0..width * height).map(|at| {
            let four = (0..4).map(|k| point(at % width, at / width, k));
            (four.sum::<f64>() / 4.0) as f32
        });
        Grey::new(width, height, samples.collect()).expect("a picture")
    }

    fn reference(&self) -> Grey {
        self.seen(&Homography::IDENTITY, WIDTH, HEIGHT)
    }

    fn suspect(&self, truth: &Homography) -> Grey {
        self.seen(&truth.inverse().expect("invertible"), WIDTH, HEIGHT)
    }
}

fn changed(picture: &Grey, mut change: impl FnMut(usize, usize, f32) -> f32) -> Grey {
    let width = picture.width();
    let samples = picture.samples().iter().enumerate();
    let samples =
        samples.map(|(at, &p)| change(at % width, at / width, p).clamp(0.0, 255.0).round());
    Grey::new(width, picture.height(), samples.collect()).expect("a picture")
}

/// Noise of standard deviation `sigma`: twelve uniform numbers, less six.
fn noisy(picture: &Grey, sigma: f64, seed: u64) -> Grey {
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    changed(picture, |_, _, p| {
        let twelve: f64 = (0..12).map(|_| uniform(&mut random)).sum();
        p + (sigma * (twelve - 6.0)) as f32
    })
}

/// Half of the width and of the height, enlarged to the whole.
fn half_crop() -> Homography {
    Homography::affine([2.0, 0.0, -130.0, 0.0, 2.0, -70.0]).expect("invertible")
}

fn tilt() -> Homography {
    let (sin, cos) = (0.06_f64).sin_cos();
    Homography::new([
        1.1 * cos,
        -1.1 * sin,
        4.0,
        1.1 * sin,
        1.1 * cos,
        -17.0,
        2e-4,
        -1e-4,
        1.0,
    ])
    .expect("invertible")
}

/// A start whose corners are off by 2 to 4 samples of the reference.
fn off(truth: &Homography) -> Homography {
    Homography::new([1.008, -0.006, 2.0, 0.005, 0.993, -1.5, 1e-5, -1e-5, 1.0])
        .and_then(|error| error.then(truth))
        .expect("invertible")
}

/// Largest distance in samples of the reference between the true and the found places of what the suspect's corners show.
fn error(found: &Homography, truth: &Homography) -> f64 {
    let (w, h) = (WIDTH as f64, HEIGHT as f64);
    let back = |map: &Homography, at| map.inverse().and_then(|back| back.map(at)).expect("finite");
    [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)]
        .into_iter()
        .map(|corner| {
            let ((x, y), (u, v)) = (back(found, corner), back(truth, corner));
            (x - u).hypot(y - v)
        })
        .fold(0.0, f64::max)
}

fn aligned(reference: &Grey, suspect: &Grey, truth: &Homography) -> (f64, Aligned) {
    let found = align(reference, suspect, &off(truth), Freedom::Projective).expect("aligned");
    (error(&found.homography, truth), found)
}

#[test]
fn clean_pictures_come_back_to_a_fiftieth_of_a_sample() {
    let texture = Texture::new(1);
    for truth in [Homography::IDENTITY, tilt(), half_crop()] {
        assert!(error(&off(&truth), &truth) > 2.0);
        let (error, found) = aligned(&texture.reference(), &texture.suspect(&truth), &truth);
        // Bilinear interpolation is what is left.
        assert!(error < 0.02, "{error}");
        assert!(found.correlation > 0.98, "{}", found.correlation);
    }
}

#[test]
fn the_overlap_is_the_area_that_the_suspect_shows() {
    let texture = Texture::new(2);
    let truth = half_crop();
    let (_, found) = aligned(&texture.reference(), &texture.suspect(&truth), &truth);
    // One row and one column of samples may fall to either side.
    assert!((found.overlap - 0.25).abs() < 0.01, "{}", found.overlap);
}

#[test]
fn a_mirror_is_a_map_like_any_other() {
    let texture = Texture::new(3);
    let mirror = Homography::affine([-1.0, 0.0, WIDTH as f64, 0.0, 1.0, 0.0]).expect("invertible");
    let truth = tilt().then(&mirror).expect("finite");
    let (error, found) = aligned(&texture.reference(), &texture.suspect(&truth), &truth);
    assert!(found.homography.is_mirrored() && error < 0.02, "{error}");
}

#[test]
fn gain_gamma_and_vignette_do_not_move_the_map() {
    let texture = Texture::new(4);
    let truth = tilt();
    let suspect = changed(&texture.suspect(&truth), |x, y, p| {
        let (u, v) = (
            x as f32 / WIDTH as f32 - 0.5,
            y as f32 / HEIGHT as f32 - 0.5,
        );
        let level = (p / 255.0).max(0.0).powf(1.6) * (1.0 - 0.8 * (u * u + v * v));
        20.0 + 180.0 * level
    });
    let (error, _) = aligned(&texture.reference(), &suspect, &truth);
    assert!(error < 0.05, "{error}");
}

#[test]
fn noise_of_ten_levels_and_half_a_crop_leave_a_tenth_of_a_sample() {
    let texture = Texture::new(5);
    for (truth, seed) in [(tilt(), 50), (half_crop(), 51)] {
        let suspect = noisy(&texture.suspect(&truth), 10.0, seed);
        let (error, _) = aligned(&texture.reference(), &suspect, &truth);
        assert!(error < 0.1, "{error}");
    }
}

#[test]
fn a_blurred_suspect_leaves_a_tenth_of_a_sample() {
    let texture = Texture::new(6);
    let truth = tilt();
    let sharp = texture.suspect(&truth);
    let soft = sharp.blurred(8);
    let (error, _) = aligned(&texture.reference(), &noisy(&soft, 5.0, 60), &truth);
    assert!(error < 0.1, "{error}");
}

#[test]
fn a_tenth_pasted_over_does_not_pull() {
    let texture = Texture::new(7);
    let truth = tilt();
    // A striped plate of 32 % by 32 %, standing still in the suspect.
    let suspect = changed(&noisy(&texture.suspect(&truth), 5.0, 70), |x, y, p| {
        let covered = (190..292).contains(&x) && (15..73).contains(&y);
        if !covered {
            p
        } else if (x / 6 + y / 9) % 3 == 0 {
            20.0
        } else {
            235.0
        }
    });
    let (error, found) = aligned(&texture.reference(), &suspect, &truth);
    assert!(error < 0.1, "{error}");
    assert!(found.correlation > 0.8, "{}", found.correlation);
}

#[test]
fn what_surrounds_an_inset_does_not_hold_the_map_where_it_began() {
    let texture = Texture::new(8);
    let truth = Homography::affine([0.5, 0.0, 60.0, 0.0, 0.5, 45.0]).expect("invertible");
    let (inset, around) = (texture.suspect(&truth), Texture::new(9).reference());
    let suspect = noisy(
        &changed(&around, |x, y, p| {
            if (60..220).contains(&x) && (45..135).contains(&y) {
                inset.samples()[y * WIDTH + x]
            } else {
                p
            }
        }),
        2.0,
        8,
    );
    for scale in [0.494, 0.498, 0.499, 0.501, 0.503] {
        // The middle is right, as it is after a search for the place.
        let (x, y) = (140.0 - scale * 160.0, 90.0 - scale * 90.0);
        let start = Homography::affine([scale, 0.0, x, 0.0, scale, y]).expect("invertible");
        let found = align(&texture.reference(), &suspect, &start, Freedom::Similarity);
        let found = found.expect("aligned").homography;
        let error = (found.matrix()[0] - 0.5).abs();
        assert!(error < 0.0004, "{scale}: {error}");
    }
}

#[test]
fn more_pairs_of_one_geometry_have_less_error() {
    let truth = tilt();
    let pictures: Vec<(Grey, Grey)> = (0..6)
        .map(|k| {
            let texture = Texture::new(80 + k);
            (
                texture.reference(),
                noisy(&texture.suspect(&truth), 20.0, k),
            )
        })
        .collect();
    let pairs: Vec<(&Grey, &Grey)> = pictures.iter().map(|(r, s)| (r, s)).collect();
    let single: f64 = pairs
        .iter()
        .map(|(r, s)| aligned(r, s, &truth).0)
        .sum::<f64>()
        / 6.0;
    let pyramids: Vec<(Pyramid, Pyramid)> = pictures
        .iter()
        .map(|(r, s)| (Pyramid::new(r.clone()), Pyramid::new(s.clone())))
        .collect();
    let shared: Vec<(&Pyramid, &Pyramid)> = pyramids.iter().map(|(r, s)| (r, s)).collect();
    let together = align_all(&shared, &off(&truth), Freedom::Projective).expect("aligned");
    let error = error(&together.homography, &truth);
    // The square root of six is 2.4; the largest of four corners in one draw has a spread of a third.
    assert!(error < single / 1.6 && error < 0.1, "{error} {single}");
}

#[test]
fn without_features_six_samples_are_bridged() {
    let texture = Texture::new(9);
    let truth = Homography::affine([1.004, 0.003, 5.0, -0.002, 0.997, -4.0]).expect("invertible");
    let suspect = noisy(&texture.suspect(&truth), 5.0, 90);
    let start = Homography::IDENTITY;
    let found =
        align(&texture.reference(), &suspect, &start, Freedom::Projective).expect("aligned");
    let error = error(&found.homography, &truth);
    assert!(error < 0.05, "{error}");
}

#[test]
fn each_freedom_changes_only_what_it_may() {
    let texture = Texture::new(10);
    let truth = Homography::affine([1.0, 0.0, 2.3, 0.0, 1.0, -1.6]).expect("invertible");
    let (reference, suspect) = (texture.reference(), texture.suspect(&truth));
    let all = [
        Freedom::Shift,
        Freedom::Level,
        Freedom::Stretch,
        Freedom::Similarity,
        Freedom::Affine,
    ];
    for freedom in all {
        let found = align(&reference, &suspect, &Homography::IDENTITY, freedom).expect("aligned");
        assert!(error(&found.homography, &truth) < 0.02);
        let [a, b, _, d, e, _, g, h, _] = found.homography.matrix();
        assert!(g.abs() < 1e-15 && h.abs() < 1e-15);
        let is = |difference: f64| difference.abs() < 1e-12;
        let (turns, stretches) = match freedom {
            Freedom::Affine => (true, true),
            Freedom::Similarity => (true, false),
            Freedom::Stretch => (false, true),
            _ => (false, false),
        };
        assert!(turns || (is(b) && is(d)));
        assert!(stretches || (is(a - e) && is(b + d)));
        assert!(is(a - 1.0) || freedom != Freedom::Shift);
    }
}

#[test]
fn a_scale_for_each_side_is_found_without_a_turn() {
    let texture = Texture::new(12);
    let truth = Homography::affine([0.988, 0.0, 4.0, 0.0, 1.006, -2.0]).expect("invertible");
    let suspect = noisy(&texture.suspect(&truth), 5.0, 91);
    let found = align(
        &texture.reference(),
        &suspect,
        &Homography::IDENTITY,
        Freedom::Stretch,
    );
    let found = found.expect("aligned").homography;
    assert!(error(&found, &truth) < 0.05, "{found:?}");
}

#[test]
fn other_pictures_do_not_correlate() {
    for seed in 0..4 {
        let (one, other) = (Texture::new(200 + seed), Texture::new(300 + seed));
        let found = align(
            &one.reference(),
            &other.reference(),
            &tilt(),
            Freedom::Projective,
        );
        let correlation = found.map_or(0.0, |found| found.correlation);
        assert!(correlation < 0.35, "{correlation}");
    }
}

#[test]
fn what_constrains_nothing_is_not_aligned() {
    let texture = Texture::new(11);
    let reference = texture.reference();
    let flat = Grey::new(WIDTH, HEIGHT, vec![90.0; WIDTH * HEIGHT]).expect("a picture");
    let start = Homography::IDENTITY;
    assert!(align(&flat, &flat, &start, Freedom::Shift).is_none());
    assert!(align(&reference, &flat, &start, Freedom::Projective).is_none());
    let away = Homography::affine([1.0, 0.0, 300.0, 0.0, 1.0, 90.0]).expect("invertible");
    assert!(align(&reference, &texture.suspect(&away), &away, Freedom::Shift).is_none());
    assert!(align_all(&[], &start, Freedom::Shift).is_none());
    let small = reference.halved().expect("large enough");
    let (reference, small) = (Pyramid::new(reference), Pyramid::new(small));
    let unlike = [(&reference, &reference), (&reference, &small)];
    assert!(align_all(&unlike, &start, Freedom::Shift).is_none());
}
