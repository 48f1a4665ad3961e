//! From a clip to its print: what tells most, in so many bytes.
//!
//! ```text
//! budget  = max(2,000, 10,000 / 60 a second)                     bytes
//! moments at the finest step that takes a third of it, the strongest peaks of sound in a quarter, hashes, and features for the rest:
//! the strongest of each frame, the second strongest of each .. , what repeats one of a frame near it left out
//! ```
//!
//! # Shapes and units
//! Times in seconds of the clip's clock.

use std::path::Path;

use countermark_catalogue::sound_peaks;
use countermark_fingerprint::print::{
    ClipPrint, MEANS, MOST_FEATURES, MOST_FRAMES, MOST_MOMENTS, PARTS, PrintFeature, PrintFrame,
    PrintMoment,
};
use countermark_fingerprint::{FrameHash, SoundPeaks};
use countermark_media::CancelToken;
use countermark_picture::Grey;

use crate::error::TraceError;
use crate::observer::{Note, Observer};
use crate::query::frames::QueryFrames;
use crate::task::Task;
use crate::tuning::{PrintTuning, Tuning};

/// Steps of means that are tried, the finest first.
const LEVEL_STEPS: [f32; 7] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// Ranks of peaks of sound that are tried, the most first.
const RANKS: [usize; 6] = [16, 12, 9, 6, 4, 2];

/// Makes the print of a clip: a video or a picture.
///
/// # Errors
/// When the clip cannot be read, or the observer asked to stop.
pub fn print_of(clip: &Path, observer: &dyn Observer) -> Result<ClipPrint, TraceError> {
    let tuning = Tuning::default();
    let task = Task::new(observer, &tuning);
    let probes = QueryFrames::read(clip, &task)?;
    let cancel = CancelToken::new();
    let sound = sound_peaks(clip, &cancel).unwrap_or_else(|error| {
        task.note(&Note::SoundUnread {
            reason: error.to_string(),
        });
        None
    });
    task.proceed()?;
    Ok(chosen(&probes, sound, &tuning))
}

fn chosen(probes: &QueryFrames, sound: Option<SoundPeaks>, tuning: &Tuning) -> ClipPrint {
    let least = tuning.query.min_features;
    let telling = probes.all().iter().filter(|p| p.features.len() >= least);
    let tuning = &tuning.print;
    let budget = (tuning.bytes_per_second * probes.end()).max(tuning.least_bytes) as usize;
    let mut print = ClipPrint {
        size: probes.size(),
        end: probes.end(),
        telling: telling.count() as u64,
        level_step: LEVEL_STEPS[0],
        frames: Vec::new(),
        moments: moments(probes),
        sound: None,
    };
    let fits = |print: &ClipPrint, share: f64, beside: usize| {
        print.to_bytes().len().saturating_sub(beside) as f64 <= share * budget as f64
    };
    for step in LEVEL_STEPS {
        print.level_step = step;
        if fits(&print, tuning.moments_share, 0) {
            break;
        }
    }
    let beside = print.to_bytes().len();
    if let Some(sound) = sound {
        for ranks in RANKS {
            print.sound = Some(sound.strongest(ranks)).filter(|sound| !sound.is_empty());
            if fits(&print, tuning.sound_share, beside) {
                break;
            }
        }
    }
    print.frames = hashed(probes, tuning);
    let left = budget.saturating_sub(print.to_bytes().len());
    // A little more than fit: what compresses is not known before.
    let mut ranked = ranked(probes, left / 9 + 8, tuning);
    let bare = print.frames.clone();
    loop {
        print.frames.clone_from(&bare);
        for (frame, feature) in &ranked {
            print.frames[*frame].features.push(*feature);
        }
        let size = print.to_bytes().len();
        if size <= budget || ranked.is_empty() {
            return print;
        }
        let over = ((size - budget) / 10).max(1);
        ranked.truncate(ranked.len().saturating_sub(over));
    }
}

/// The frames without features: a hash for every second one.
fn hashed(probes: &QueryFrames, tuning: &PrintTuning) -> Vec<PrintFrame> {
    let frames = probes.all().iter().take(MOST_FRAMES).enumerate();
    frames
        .map(|(number, probe)| PrintFrame {
            clip_time: probe.clip_time,
            hash: probe
                .hash
                .filter(|_| number % tuning.frames_of_hash == 0)
                .map(|hash: FrameHash| hash.words()[0]),
            features: Vec::new(),
        })
        .collect()
}

/// Features in the order in which they are taken, with the place of their frame.
fn ranked(probes: &QueryFrames, most: usize, tuning: &PrintTuning) -> Vec<(usize, PrintFeature)> {
    // Without what lies over the pictures, where something does.
    let layer = probes.layers().last().unwrap_or(probes);
    let size = probes.size();
    let frames: Vec<(f64, Vec<PrintFeature>)> = layer
        .all()
        .iter()
        .take(MOST_FRAMES)
        .map(|probe| {
            let all = probe.features.iter();
            let all = all.map(|feature| PrintFeature::new(feature, size));
            (probe.clip_time, all.collect())
        })
        .collect();
    let most = most.min(MOST_FEATURES);
    let deepest = frames.iter().map(|(_, all)| all.len()).max().unwrap_or(0);
    let mut taken: Vec<Vec<PrintFeature>> = vec![Vec::new(); frames.len()];
    let mut ranked = Vec::new();
    for rank in 0..deepest {
        for (number, (clip_time, all)) in frames.iter().enumerate() {
            let Some(feature) = all.get(rank) else {
                continue;
            };
            let near = frames
                .iter()
                .zip(&taken)
                .filter(|((other, _), _)| (other - clip_time).abs() <= tuning.repeat_seconds);
            let is_known = near
                .flat_map(|(_, taken)| taken)
                .any(|known| known.repeats(feature));
            if is_known {
                continue;
            }
            if ranked.len() == most {
                return ranked;
            }
            taken[number].push(*feature);
            ranked.push((number, *feature));
        }
    }
    ranked
}

fn moments(probes: &QueryFrames) -> Vec<PrintMoment> {
    let moments = probes.moments().iter().take(MOST_MOMENTS);
    moments
        .map(|moment| PrintMoment {
            clip_time: moment.clip_time,
            means: means(&moment.picture),
        })
        .collect()
}

/// The means of the parts of a picture.
fn means(picture: &Grey) -> [f32; MEANS] {
    let (width, height) = (picture.width(), picture.height());
    let mut sums = [(0.0_f64, 0_u32); MEANS];
    for (y, row) in picture.rows().enumerate() {
        let line = y * PARTS / height;
        for (x, sample) in row.iter().enumerate() {
            let sum = &mut sums[line * PARTS + x * PARTS / width];
            sum.0 += f64::from(*sample);
            sum.1 += 1;
        }
    }
    sums.map(|(sum, count)| (sum / f64::from(count.max(1))) as f32)
}
