//! From a clip to its print: what tells most, in so many bytes.
//!
//! ```text
//! budget  = max(2,000, 10,000 / 60 a second)                     bytes
//! moments at the finest step that they need and that takes two fifths of it, the strongest peaks of sound in a quarter, hashes, and
//! features for the rest: the first of each frame, the second of each .. , what repeats one of a frame near it left out
//! order of a frame's features = strength / how many of their cell come before
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
use countermark_fingerprint::{Feature, FrameHash, SoundPeaks};
use countermark_media::CancelToken;
use countermark_picture::Grey;

use crate::error::TraceError;
use crate::observer::{Note, Observer};
use crate::query::frames::QueryFrames;
use crate::task::Task;
use crate::tuning::{PrintTuning, Tuning};

/// Steps of means that are tried, the finest first.
const LEVEL_STEPS: [f32; 7] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// Cells along each side of a frame, of which each gives features.
const CELLS: usize = 4;
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
    let finest = finest_step(&print.moments, tuning);
    for step in LEVEL_STEPS.into_iter().filter(|step| *step >= finest) {
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

/// The finest step that what moves needs: what it rounds off is little against what rises and falls within two seconds.
fn finest_step(moments: &[PrintMoment], tuning: &PrintTuning) -> f32 {
    let rise = |at: usize| -> f64 {
        let now = moments[at].clip_time;
        let first = moments.partition_point(|moment| moment.clip_time < now - 1.0);
        let end = moments.partition_point(|moment| moment.clip_time <= now + 1.0);
        let around = &moments[first..end];
        let risen = (0..MEANS).map(|k| {
            let sum: f64 = around.iter().map(|moment| f64::from(moment.means[k])).sum();
            (f64::from(moments[at].means[k]) - sum / around.len() as f64).powi(2)
        });
        risen.sum()
    };
    let risen: f64 = (0..moments.len()).map(rise).sum();
    let each = risen / (moments.len().max(1) * MEANS) as f64;
    // Rounding to a step is noise of a twelfth of its square.
    let needed = (12.0 * tuning.rounding_share * each).sqrt() as f32;
    let steps = LEVEL_STEPS.into_iter().rev();
    steps.fold(LEVEL_STEPS[0], |found, step| {
        if step <= needed {
            found.max(step)
        } else {
            found
        }
    })
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
            let all = spread(&probe.features, size).into_iter();
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

/// Features in the order in which a frame gives them: the more a cell gave, the stronger its next one must be. Where captions are, or a
/// pattern that moves, is not all that there is.
fn spread(features: &[Feature], size: (usize, usize)) -> Vec<&Feature> {
    let cell = |feature: &Feature| {
        let at = |place: f64, side: usize| {
            ((place / side as f64 * CELLS as f64) as usize).min(CELLS - 1)
        };
        at(feature.y, size.1) * CELLS + at(feature.x, size.0)
    };
    let mut taken = [0_usize; CELLS * CELLS];
    let ranked = features.iter().map(|feature| {
        let taken = &mut taken[cell(feature)];
        *taken += 1;
        (feature.strength / *taken as f32, feature)
    });
    let mut ranked: Vec<(f32, &Feature)> = ranked.collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().map(|(_, feature)| feature).collect()
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

#[cfg(test)]
mod tests {
    use countermark_fingerprint::Descriptor;

    use super::*;

    fn feature(x: f64, y: f64, strength: f32) -> Feature {
        Feature {
            x,
            y,
            scale: 2.0,
            angle: 0.0,
            strength,
            descriptor: Descriptor::from_bytes([9; 128]),
        }
    }

    #[test]
    fn a_caption_does_not_take_the_places_of_the_pictures() {
        // Letters at the bottom are twice as strong as anything else.
        let letters = (0..60).map(|n| feature(8.0 * f64::from(n) + 4.0, 280.0, 20.0));
        let others = (0..60).map(|n| {
            let (column, row) = (n % 12, n / 12);
            feature(
                f64::from(column) * 42.0 + 3.0,
                f64::from(row) * 40.0 + 3.0,
                10.0,
            )
        });
        let all: Vec<Feature> = letters.chain(others).collect();
        let first = spread(&all, (512, 288)).into_iter().take(16);
        let of_pictures = first.filter(|feature| feature.y < 270.0).count();
        assert!(of_pictures >= 8, "{of_pictures}");
    }

    #[test]
    fn what_moves_fast_needs_no_fine_steps() {
        let moments = |swing: f32| -> Vec<PrintMoment> {
            (0..40)
                .map(|n| PrintMoment {
                    clip_time: f64::from(n) / 8.0,
                    means: std::array::from_fn(|k| {
                        100.0 + swing * if (n as usize + k) % 4 < 2 { 1.0 } else { -1.0 }
                    }),
                })
                .collect()
        };
        let tuning = PrintTuning::default();
        let still = finest_step(&moments(0.1), &tuning);
        let fast = finest_step(&moments(30.0), &tuning);
        assert!(still <= LEVEL_STEPS[0] && fast >= 4.0, "{still} {fast}");
    }
}
