//! Looks for a witness of transplants: what tells a copy with another's mark laid over it from a re-encode of the other's copy.
//!
//! ```text
//! x = clip, y = reference, w = the accused's mark as it was sent; d a diagonal of the lattice, h what lies above the lattice
//! r[d] = x - G[d] y       m[d] = <r, w> / <w, w>       n[d] = mean of (r - m w)^2       e = mean of (x_h - D y_h)^2 of a sample
//! strength   mean of m                    slope   m[5..6] / m[1..2], against the picture's own: (G[5] + G[6]) / (G[1] + G[2])
//! noise      log10 n / e                  sharp   D - mean of m        rough   log10 of the noise at 1..2 over that at 5..6
//! ```
//!
//! A transplant carries the coding noise of the recorded stream on the lattice, and the framer's own detail above it; a re-encode
//! that hurts the mark should hurt the detail as well. The area under each feature's ROC is printed, and what share of transplants is
//! told at one false alarm in twenty.
//!
//! # Shapes and units
//! Observations as in `countermark_mark`; detail at 288 lines, code values of 8 bits.
//!
//! `cargo run --release -p countermark-bench --example transplant -- CLIPS WORK [MAX_CLIPS]`

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use countermark_attack::{Attack, Materials, Place, apply};
use countermark_bench::clips::find_clips;
use countermark_bench::subject::{MarkedCopy, Preparation, Subject as _};
use countermark_bench::suite::Suite;
use countermark_bench::tools::Tools;
use countermark_catalogue::Vault;
use countermark_mark::lattice::LatticeGeometry;
use countermark_mark::lattice::cpu::CpuLevel;
use countermark_mark::lattice::dct::Band;
use countermark_mark::{
    ChipPlan, ChipSource as _, DeliveryCode, FormatSpec, Observation, Placement, Registered,
    Residuals, Sampler,
};
use countermark_media::{ReadOptions, VideoReader};
use countermark_picture::{Grey, by_depth};
use countermark_trace::exhibits::Exhibits;
use countermark_trace::{Request, Silence, Tracer};

const GENUINE: [&str; 10] = [
    "h264-crf16",
    "h264-crf20",
    "h264-crf24",
    "h264-crf28",
    "h264-crf32",
    "h264-360p-crf26",
    "h264-240p-crf24",
    "h264-240p-crf30",
    "noise-5+h264-crf20",
    "unsharp-1+h264-crf20",
];

const TRANSPLANTS: [&str; 6] = [
    "transplanted-360+h264-crf20",
    "transplanted-240+h264-crf16",
    "transplanted-240+h264-crf20",
    "transplanted-240+h264-crf26",
    "transplanted-180+h264-crf20",
    "transplanted-144+h264-crf20",
];

const FEATURES: [&str; 5] = ["strength", "slope", "noise", "sharp", "rough"];

/// Lines at which detail is looked at: those of a proxy.
const LINES: usize = 288;

/// One picture on the lattice, and what lies above it.
struct Seen {
    observation: Observation,
    detail: Vec<f32>,
}

fn seen(path: &Path, lattice: LatticeGeometry) -> Result<Vec<Seen>> {
    let mut reader = VideoReader::open(path, ReadOptions::default())?;
    let mut sampler: Option<Sampler> = None;
    let mut all = Vec::new();
    let mut first = None;
    while let Some(frame) = reader.next_frame()? {
        let luma = frame.luma();
        let time = frame.media_time() - *first.get_or_insert(frame.media_time());
        if sampler.is_none() {
            let size = luma.size();
            sampler = Some(Sampler::new(
                size,
                Placement::Whole,
                lattice,
                CpuLevel::probe(),
            )?);
        }
        let Some(sampler) = &mut sampler else {
            bail!("no sampler");
        };
        let observation = by_depth!(luma, |view| sampler.observe(&view, time))?;
        let size = luma.size_with_short_side(LINES);
        all.push(Seen {
            observation,
            detail: detail(&luma.averaged(size.0, size.1)),
        });
    }
    Ok(all)
}

/// A picture without its mean over 3 x 3 samples: what the lattice does not hold.
fn detail(picture: &Grey) -> Vec<f32> {
    let (width, height) = (picture.width(), picture.height());
    let rows: Vec<&[f32]> = picture.rows().collect();
    let mut out = Vec::with_capacity(width * height);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let mut sum = 0.0;
            for row in &rows[y - 1..=y + 1] {
                sum += row[x - 1] + row[x] + row[x + 1];
            }
            out.push(rows[y][x] - sum / 9.0);
        }
    }
    out
}

fn dot(x: &[f32], y: &[f32]) -> f64 {
    x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum()
}

/// The features of a clip against a reference, for the delivery that `code` is of.
fn features(plan: &ChipPlan, code: &DeliveryCode, clip: &[Seen], reference: &[Seen]) -> [f64; 5] {
    let lattice = plan.lattice();
    let blocks = lattice.blocks();
    let band = Band::of_mark(lattice);
    let format = plan.format();
    let (mut rw, mut ww, mut rr, mut count) = ([0.0; 16], [0.0; 16], [0.0; 16], [0.0; 16]);
    let (mut xy, mut yy) = ([0.0; 16], [0.0; 16]);
    let (mut hxy, mut hyy, mut hxx, mut samples) = (0.0, 0.0, 0.0, 0.0);
    for frame in clip {
        let time = frame.observation.media_time;
        let phase = (time / format.epoch_seconds()).fract();
        // Where one epoch is alone.
        if !(0.2..0.8).contains(&phase) {
            continue;
        }
        let nearest = reference.iter().min_by(|a, b| {
            let far = |seen: &Seen| (seen.observation.media_time - time).abs();
            far(a).total_cmp(&far(b))
        });
        let Some(other) = nearest else {
            continue;
        };
        let pair = Registered {
            clip: &frame.observation,
            reference: &other.observation,
        };
        let residuals = Residuals::with_reference(lattice, &[pair]);
        let residual = &residuals.frames()[0];
        let epoch = (time / format.epoch_seconds()) as u64;
        let sent = code.chip_values(plan, epoch);
        for (at, &(u, v)) in band.frequencies().iter().enumerate() {
            let d = usize::from(u + v);
            let span = at * blocks..(at + 1) * blocks;
            let amplitude = format.amplitude((u, v));
            let r = &residual.values[span.clone()];
            let w: Vec<f32> = sent[span.clone()]
                .iter()
                .zip(&residual.amplitudes)
                .map(|(sign, visible)| sign * visible * amplitude)
                .collect();
            rw[d] += dot(r, &w);
            ww[d] += dot(&w, &w);
            rr[d] += dot(r, r);
            count[d] += blocks as f64;
            let shift = |seen: &Observation| {
                let from = (at + 1) * blocks;
                seen.coefficients.values()[from..from + blocks].to_vec()
            };
            let (x, y) = (shift(&frame.observation), shift(&other.observation));
            xy[d] += dot(&x, &y);
            yy[d] += dot(&y, &y);
        }
        if frame.detail.len() == other.detail.len() {
            hxy += dot(&frame.detail, &other.detail);
            hyy += dot(&other.detail, &other.detail);
            hxx += dot(&frame.detail, &frame.detail);
            samples += frame.detail.len() as f64;
        }
    }
    let sum = |values: &[f64; 16], from: usize, to: usize| values[from..=to].iter().sum::<f64>();
    let m = |from: usize, to: usize| sum(&rw, from, to) / sum(&ww, from, to);
    let g = |from: usize, to: usize| sum(&xy, from, to) / sum(&yy, from, to);
    let n = |from: usize, to: usize| {
        let left = sum(&rr, from, to) - m(from, to) * sum(&rw, from, to);
        left / sum(&count, from, to)
    };
    let sharpness = hxy / hyy;
    let e = (hxx - sharpness * hxy) / samples;
    [
        m(1, 6),
        m(5, 6) / m(1, 2) - g(5, 6) / g(1, 2),
        (n(1, 6) / e).log10(),
        sharpness - m(1, 6),
        (n(1, 2) / n(5, 6)).log10(),
    ]
}

/// The share of pairs in which a transplant lies above a re-encode, and the share of transplants above all but a twentieth of these.
fn roc(genuine: &[f64], transplants: &[f64]) -> (f64, f64) {
    let above = |t: &f64| genuine.iter().filter(|g| *g < t).count() as f64;
    let pairs = (genuine.len() * transplants.len()).max(1) as f64;
    let area = transplants.iter().map(above).sum::<f64>() / pairs;
    let mut sorted = genuine.to_vec();
    sorted.sort_by(f64::total_cmp);
    let limit = sorted[(sorted.len() * 19 / 20).min(sorted.len() - 1)];
    let told = transplants.iter().filter(|t| **t > limit).count();
    (area, told as f64 / transplants.len().max(1) as f64)
}

/// What was measured: for each reference the features of one clip.
struct Row {
    is_transplant: bool,
    by_master: [f64; 5],
    by_proxy: [f64; 5],
    /// What `trace` tells: the noise by the proxy, where it names one delivery and can know it.
    told: f64,
}

impl Row {
    fn by_master(&self) -> [f64; 5] {
        self.by_master
    }

    fn by_proxy(&self) -> [f64; 5] {
        self.by_proxy
    }
}

fn measured(
    master: &Path,
    name: &str,
    work: &Path,
    say: &mut dyn FnMut(String),
) -> Result<Vec<Row>> {
    let register = work.join("vault");
    let preparation = Preparation {
        register: &register,
        title: name,
        seed: [7; 32],
        marked: 2,
        registered: 2,
    };
    let prepared = Tools.prepare(master, work, &preparation)?;
    let vault = Vault::open(&register)?;
    let tracer = Tracer::new(&vault)?;
    let title = vault.register().title_named(name)?;
    let copy: &MarkedCopy = prepared.copies.first().context("no copy")?;
    let distributor = vault.register().distributor_named(&copy.distributor)?;
    let scoped = vault
        .register()
        .scoped_payload_key(distributor.id, title.id);
    let code = DeliveryCode::new(&scoped, copy.payload().context("no payload")?);
    let format = FormatSpec::CURRENT;
    let size = (title.master.width as usize, title.master.height as usize);
    let lattice = format.lattice(size.0, size.1)?;
    let plan = ChipPlan::new(&vault.register().carrier_key(title.id), lattice, &format);
    let clean = seen(master, lattice)?;
    let proxy = seen(&vault.catalogue().reference_path(&title), lattice)?;
    let files: Vec<&Path> = prepared
        .copies
        .iter()
        .map(|copy| copy.file.as_path())
        .collect();
    let mut rows = Vec::new();
    for name_of in GENUINE.iter().chain(&TRANSPLANTS) {
        let attack: Attack = name_of.parse()?;
        let output = work.join("clip.mkv");
        let materials = Materials {
            copies: &files,
            master: Some(master),
            ..Materials::default()
        };
        apply(&attack, &materials, &output, &Place::new(1, name, name_of))?;
        let clip = seen(&output, lattice)?;
        let traced = tracer.trace_with_exhibits(
            &Request::new(&output),
            &Silence,
            Some(&mut Exhibits::default()),
        )?;
        let told = traced.consistency.map_or(f64::NAN, |told| told.noise);
        let row = Row {
            told,
            is_transplant: TRANSPLANTS.contains(name_of),
            by_master: features(&plan, &code, &clip, &clean),
            by_proxy: features(&plan, &code, &clip, &proxy),
        };
        let list = |values: &[f64; 5]| values.map(|v| format!("{v:.3}")).join(" | ");
        say(format!(
            "| {name} | {name_of} | {} | {} | {:.3} |",
            list(&row.by_master),
            list(&row.by_proxy),
            row.told
        ));
        rows.push(row);
    }
    Ok(rows)
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (clips, work, most) = match arguments.as_slice() {
        [clips, work] => (PathBuf::from(clips), PathBuf::from(work), 8),
        [clips, work, most] => (PathBuf::from(clips), PathBuf::from(work), most.parse()?),
        _ => bail!("usage: transplant CLIPS WORK [MAX_CLIPS]"),
    };
    let mut say = |text: String| {
        // Nothing can be done when stdout is gone.
        let _ = writeln!(std::io::stdout(), "{text}");
    };
    let suite = Suite::load("framing")?;
    let found = find_clips(&clips, &suite.clips)?.clips;
    let step = found.len().div_ceil(most.max(1)).max(1);
    let names = FEATURES.join(" | ");
    say(format!(
        "| clip | attack | {names} | the same by the proxy | as told |"
    ));
    let mut rows = Vec::new();
    for clip in found.iter().step_by(step) {
        let folder = work.join(&clip.stem);
        std::fs::create_dir_all(&folder)?;
        let master = clip.master(Some(3.0), &folder)?;
        rows.extend(measured(&master, &clip.stem, &folder, &mut say)?);
        std::fs::remove_dir_all(&folder)?;
    }
    let told = |transplant: bool| -> Vec<f64> {
        let own = rows.iter().filter(|row| row.is_transplant == transplant);
        let mut told: Vec<f64> = own.map(|row| row.told).filter(|v| v.is_finite()).collect();
        told.sort_by(f64::total_cmp);
        told
    };
    let (genuine, transplants) = (told(false), told(true));
    let (area, share) = roc(&genuine, &transplants);
    let list = |values: &[f64]| {
        values
            .iter()
            .map(|v| format!("{v:.2}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    say(format!("told of re-encodes: {}", list(&genuine)));
    say(format!("told of transplants: {}", list(&transplants)));
    say(format!(
        "as told: area {area:.3}, told at one false alarm in twenty {share:.2}"
    ));
    for (at, feature) in FEATURES.iter().enumerate() {
        for (kind, of) in [
            ("master", Row::by_master as fn(&Row) -> [f64; 5]),
            ("proxy", Row::by_proxy),
        ] {
            let values = |transplant: bool| -> Vec<f64> {
                let own = rows.iter().filter(|row| row.is_transplant == transplant);
                // Of a clip of fewer lines than a proxy nothing above the lattice is known.
                let own = own.map(|row| of(row)[at]);
                own.filter(|value| value.is_finite()).collect()
            };
            let (area, told) = roc(&values(false), &values(true));
            let area = area.max(1.0 - area);
            say(format!(
                "{feature}, against the {kind}: area {area:.3}, told at one false alarm in twenty {told:.2}"
            ));
        }
    }
    Ok(())
}
