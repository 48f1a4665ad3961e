//! What an outsider with a master and its marked copy sees of the mark's structure: averages and autocorrelations.
//!
//! ```text
//! r(d) = sum_x p(x) p(x + d) / sum_x p(x)^2        p: a plane without its mean over 17 x 17 samples
//! ```
//!
//! Three planes each of the master and the copy: one frame, the mean of all frames, and the copy's difference from the
//! master in both. The lattice has a period of 8 samples of its own; a mark that repeats, or a grid that shows, would raise
//! `r` at multiples of it.
//!
//! # Shapes and units
//! Planes at two samples to a lattice sample, code values of 8 bits. Lags in blocks of the lattice.
//!
//! `cargo run --release -p countermark-bench --example concealment -- MASTER COPY FRAMES PLOT.svg`

use std::path::Path;

use anyhow::{Context as _, bail};
use countermark_mark::FormatSpec;
use countermark_mark::lattice::BLOCK;
use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::{Value as _, by_depth};
use countermark_report::svg::{Axis, Look, Plot, Point, Series, Tone};
use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

/// Samples of a plane for a lattice sample.
const SAMPLES: usize = 2;

/// Reach of the high pass.
const REACH: usize = 8;

/// Lags that are looked at, in blocks.
const BLOCKS: usize = 6;

struct Planes {
    width: usize,
    height: usize,
    first: Vec<f64>,
    mean: Vec<f64>,
    frames: usize,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [master, copy, frames, plot] = arguments.as_slice() else {
        bail!("usage: concealment MASTER COPY FRAMES PLOT.svg");
    };
    let frames: u64 = frames.parse().context("FRAMES is a number")?;
    let master = Planes::read(Path::new(master), frames)?;
    let copy = Planes::read(Path::new(copy), frames)?;
    if (master.width, master.height, master.frames) != (copy.width, copy.height, copy.frames) {
        bail!("the copy must have the master's size and frames");
    }
    let difference =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a - b).collect() };
    let pairs = [
        (
            "one frame",
            master.correlation(&master.first),
            copy.correlation(&copy.first),
        ),
        (
            "mean of all",
            master.correlation(&master.mean),
            copy.correlation(&copy.mean),
        ),
    ];
    let one = difference(&copy.first, &master.first);
    let all = difference(&copy.mean, &master.mean);
    let of_one = copy.correlation(&one);
    let of_all = copy.correlation(&all);
    let said = |text: String| {
        use std::io::Write as _;
        writeln!(std::io::stdout(), "{text}")
    };
    said(format!(
        "{} frames; difference from the master: rms {:.3} in one frame, {:.4} in the mean of all",
        copy.frames,
        rms(&one),
        rms(&all)
    ))?;
    for (name, master, copy) in &pairs {
        let change: Vec<f64> = difference(&copy.values, &master.values);
        let change = Correlation {
            values: change,
            ..*copy
        };
        said(format!("{name}: {}", change.summary()))?;
    }
    said(format!("difference in one frame: {}", of_one.summary()))?;
    said(format!(
        "difference in the mean of all: {}",
        of_all.summary()
    ))?;
    let series = [
        ("master, one frame", Tone::Third, &pairs[0].1),
        ("copy, one frame", Tone::First, &pairs[0].2),
        ("difference, mean of all", Tone::Second, &of_all),
    ]
    .map(|(name, tone, correlation)| Series {
        name: name.to_owned(),
        tone,
        look: Look::Curve,
        points: correlation.along(),
    });
    let drawing = Plot {
        title: "Autocorrelation along the rows".to_owned(),
        width: 640.0,
        height: 300.0,
        x: Axis::through(
            "blocks of the lattice",
            &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        ),
        y: Axis::through("r", &[-0.5, 0.0, 0.5, 1.0]),
        series: series.to_vec(),
    };
    std::fs::write(plot, drawing.to_file()).with_context(|| format!("cannot write {plot}"))?;
    Ok(())
}

impl Planes {
    fn read(path: &Path, frames: u64) -> anyhow::Result<Self> {
        let options = ReadOptions {
            max_frames: Some(frames),
            ..ReadOptions::default()
        };
        let mut reader = VideoReader::open(path, options)?;
        let mut planes: Option<Self> = None;
        while let Some(frame) = reader.next_frame()? {
            let luma = frame.luma();
            let lattice = FormatSpec::CURRENT.lattice(luma.width(), luma.height())?;
            let (width, height) = (SAMPLES * lattice.width(), SAMPLES * lattice.height());
            let scale = f64::from(luma.bit_depth().level());
            let at = |x: usize, y: usize| {
                by_depth!(luma, |view| f64::from(view.row(y)[x].value()) * scale)
            };
            let mut plane = Vec::with_capacity(width * height);
            for j in 0..height {
                for i in 0..width {
                    let span = |k: usize, of: usize, side: usize| {
                        let first = k * side / of;
                        first..((k + 1) * side / of).max(first + 1)
                    };
                    let (columns, rows) =
                        (span(i, width, luma.width()), span(j, height, luma.height()));
                    let samples = (columns.len() * rows.len()) as f64;
                    let sum: f64 = rows
                        .flat_map(|y| columns.clone().map(move |x| (x, y)))
                        .map(|(x, y)| at(x, y))
                        .sum();
                    plane.push(sum / samples);
                }
            }
            match &mut planes {
                None => {
                    planes = Some(Self {
                        width,
                        height,
                        first: plane.clone(),
                        mean: plane,
                        frames: 1,
                    });
                }
                Some(planes) => {
                    planes.frames += 1;
                    let sums = planes.mean.iter_mut().zip(&plane);
                    sums.for_each(|(sum, x)| *sum += x);
                }
            }
        }
        let mut planes = planes.with_context(|| format!("no frame in {}", path.display()))?;
        let share = 1.0 / planes.frames as f64;
        for mean in &mut planes.mean {
            *mean *= share;
        }
        Ok(planes)
    }

    /// The autocorrelation of a plane's detail.
    fn correlation(&self, plane: &[f64]) -> Correlation {
        let (columns, rows) = (2 * self.width, 2 * self.height);
        let mut values = vec![Complex64::default(); columns * rows];
        for y in 0..self.height {
            for x in 0..self.width {
                let around =
                    |k: usize, side: usize| k.saturating_sub(REACH)..(k + REACH + 1).min(side);
                let (xs, ys) = (around(x, self.width), around(y, self.height));
                let samples = (xs.len() * ys.len()) as f64;
                let sum: f64 = ys
                    .flat_map(|v| plane[v * self.width..][xs.clone()].iter())
                    .sum();
                values[y * columns + x].re = plane[y * self.width + x] - sum / samples;
            }
        }
        let mut planner = FftPlanner::new();
        let mut both = |values: &mut Vec<Complex64>, inverse: bool| {
            let plan = |planner: &mut FftPlanner<f64>, length| {
                if inverse {
                    planner.plan_fft_inverse(length)
                } else {
                    planner.plan_fft_forward(length)
                }
            };
            plan(&mut planner, columns).process(values);
            let mut turned = transposed(values, columns);
            plan(&mut planner, rows).process(&mut turned);
            *values = transposed(&turned, rows);
        };
        both(&mut values, false);
        for value in &mut values {
            *value = Complex64::new(value.norm_sqr(), 0.0);
        }
        both(&mut values, true);
        let whole = values[0].re;
        Correlation {
            columns,
            rows,
            values: values.iter().map(|value| value.re / whole).collect(),
        }
    }
}

#[derive(Clone)]
struct Correlation {
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Correlation {
    fn at(&self, x: isize, y: isize) -> f64 {
        let wrap = |k: isize, of: usize| k.rem_euclid(of as isize) as usize;
        self.values[wrap(y, self.rows) * self.columns + wrap(x, self.columns)]
    }

    /// The highest value beyond a block, and the mean square on the lattice's periods over that between them.
    fn summary(&self) -> String {
        let block = (SAMPLES * BLOCK) as isize;
        let reach = BLOCKS as isize * block;
        let mut most = (0.0_f64, (0, 0));
        let (mut on, mut between) = ((0.0, 0), (0.0, 0));
        for y in 0..=reach {
            for x in -reach..=reach {
                if x.abs().max(y) <= block {
                    continue;
                }
                let r = self.at(x, y);
                if r.abs() > most.0.abs() {
                    most = (r, (x, y));
                }
                let sum = if x % block == 0 && y % block == 0 {
                    &mut on
                } else if x % block == block / 2 || y % block == block / 2 {
                    &mut between
                } else {
                    continue;
                };
                *sum = (sum.0 + r * r, sum.1 + 1);
            }
        }
        let mean = |(sum, count): (f64, i32)| (sum / f64::from(count)).sqrt();
        let (x, y) = most.1;
        format!(
            "highest beyond a block {:+.4} at ({:.1}, {:.1}) blocks; rms on the lattice's periods {:.5}, between them {:.5}",
            most.0,
            x as f64 / block as f64,
            y as f64 / block as f64,
            mean(on),
            mean(between)
        )
    }

    fn along(&self) -> Vec<Point> {
        let block = SAMPLES * BLOCK;
        (0..=BLOCKS * block)
            .map(|x| Point {
                x: x as f64 / block as f64,
                y: self.at(x as isize, 0),
                interval: None,
            })
            .collect()
    }
}

fn transposed(values: &[Complex64], columns: usize) -> Vec<Complex64> {
    let rows = values.len() / columns;
    (0..columns)
        .flat_map(|x| (0..rows).map(move |y| values[y * columns + x]))
        .collect()
}

fn rms(plane: &[f64]) -> f64 {
    (plane.iter().map(|x| x * x).sum::<f64>() / plane.len() as f64).sqrt()
}
