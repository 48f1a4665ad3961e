//! From a clip to its print: what tells most, in so many bytes.
//!
//! ```text
//! budget  = max(2,000, 10,000 / 60 a second)                     bytes
//! moments at the finest step that they need and that takes two fifths of it, the strongest peaks of sound in a quarter, hashes, and
//! features for the rest: the first of each frame, the second of each .. , what repeats one of a frame near it left out
//! order of a frame's features = strength exp(g l) / how many of their cell come before
//! l       = 1 - bits that its word differs by from the likest nearby in a frame beside / 6, 0 at least      what lasts, g = 0.6
//! ```
//!
//! A picture in the picture, which [`Inset`] tells by its edges, is printed on its own, in a share of the bytes: of the features of whole
//! frames too few lay in it, and none of its means told more than a few parts of it. What lies around keeps the rest.
//!
//! # Shapes and units
//! Times in seconds of the clip's clock.

use std::path::Path;

use countermark_catalogue::sound_peaks;
use countermark_fingerprint::print::{
    ClipPrint, MEANS, MOST_FEATURES, MOST_FRAMES, MOST_MOMENTS, PARTS, PrintFeature, PrintFrame,
    PrintInset, PrintMoment, PrintPictures,
};
use countermark_fingerprint::{FrameHash, SoundPeaks};
use countermark_media::CancelToken;
use countermark_picture::content::Content;
use countermark_picture::{Grey, Inset, Rect};

use crate::error::TraceError;
use crate::observer::{Note, Observer};
use crate::query::footage::Footage;
use crate::query::frames::QueryFrames;
use crate::query::part::Part;
use crate::task::Task;
use crate::tuning::{PrintTuning, Tuning};

/// Steps of means that are tried, the finest first.
const LEVEL_STEPS: [f32; 7] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// How often every second moment may be left out, where the coarsest steps take too much.
const MOST_THINNED: usize = 1;
/// Cells along each side of a frame, of which each gives features.
const CELLS: usize = 4;
/// Frames that an inset is looked for in, at most and at least.
const INSET_FRAMES: usize = 24;
const LEAST_INSET_FRAMES: usize = 3;
/// Side of an inset at least, samples of the clip's frames.
const LEAST_INSET_SIDE: usize = 48;
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
    let inset = inset_of(clip, &probes, &task)?;
    let cancel = CancelToken::new();
    let sound = sound_peaks(clip, &cancel).unwrap_or_else(|error| {
        task.note(&Note::SoundUnread {
            reason: error.to_string(),
        });
        None
    });
    task.proceed()?;
    let budget = tuning.print.bytes_per_second * probes.end();
    let budget = budget.max(tuning.print.least_bytes);
    let inset = inset.map(|(rect, part)| {
        let area = |(columns, rows): (usize, usize)| columns as f64 * rows as f64;
        let side = (area((rect.width, rect.height)) / area(probes.frame())).sqrt();
        let share = (tuning.print.inset_share * side).min(tuning.print.max_inset_share);
        let own = chosen(&part, (None, None), share * budget, &tuning);
        PrintInset {
            rect,
            frame: probes.frame(),
            pictures: own.pictures,
        }
    });
    Ok(chosen(&probes, (sound, inset), budget, &tuning))
}

/// The picture in the pictures of a clip, where there is one: its place in the clip's frames, and its frames.
fn inset_of(
    clip: &Path,
    probes: &QueryFrames,
    task: &Task<'_>,
) -> Result<Option<(Rect, QueryFrames)>, TraceError> {
    let all = probes.all();
    let step = all.len().div_ceil(INSET_FRAMES).max(1);
    let pictures: Vec<&Grey> = all.iter().step_by(step).map(|p| &*p.picture).collect();
    let (Some(shown), true) = (probes.shown(), pictures.len() >= LEAST_INSET_FRAMES) else {
        return Ok(None);
    };
    let Some(found) = Inset::find(&pictures) else {
        return Ok(None);
    };
    let (columns, rows) = probes.size();
    // Not a sample of what lies around it.
    let along = |from: usize, length: usize, side: usize, all: usize| {
        let first = (from * side).div_ceil(all);
        (first, ((from + length) * side / all).saturating_sub(first))
    };
    let own = found.rect;
    let (left, width) = along(own.left, own.width, shown.width, columns);
    let (top, height) = along(own.top, own.height, shown.height, rows);
    if width.min(height) < LEAST_INSET_SIDE {
        return Ok(None);
    }
    let rect = Rect {
        left: shown.left + left,
        top: shown.top + top,
        width,
        height,
    };
    let part = Part {
        content: Content::new(probes.frame(), rect),
        spans: vec![[0.0, f64::INFINITY]],
    };
    let part = QueryFrames::of_part(&Footage::passing(clip), &part, task)?;
    Ok((!part.all().is_empty()).then_some((rect, part)))
}

/// The print of some frames in so many bytes, those of the inset among them.
fn chosen(
    probes: &QueryFrames,
    (sound, inset): (Option<SoundPeaks>, Option<PrintInset>),
    budget: f64,
    tuning: &Tuning,
) -> ClipPrint {
    let least = tuning.query.min_features;
    let telling = probes.all().iter().filter(|p| p.features.len() >= least);
    let tuning = &tuning.print;
    let elsewhere = inset.as_ref().map(|inset| inset.rect);
    let mut print = ClipPrint {
        end: probes.end(),
        telling: telling.count() as u64,
        pictures: PrintPictures {
            size: probes.size(),
            level_step: LEVEL_STEPS[0],
            frames: Vec::new(),
            moments: Vec::new(),
        },
        sound: None,
        inset,
    };
    let of_inset = print.to_bytes().len();
    let budget = budget as usize;
    let room = budget.saturating_sub(of_inset) as f64;
    let fits = |print: &ClipPrint, share: f64, beside: usize| {
        print.to_bytes().len().saturating_sub(beside) as f64 <= share * room
    };
    print.pictures.moments = moments(probes);
    let finest = finest_step(&print.pictures.moments, tuning);
    for step in LEVEL_STEPS.into_iter().filter(|step| *step >= finest) {
        print.pictures.level_step = step;
        if fits(&print, tuning.moments_share, of_inset) {
            break;
        }
    }
    // What moves so much in the coarsest steps is told less often.
    for _ in 0..MOST_THINNED {
        if fits(&print, tuning.moments_share, of_inset) {
            break;
        }
        let moments = &mut print.pictures.moments;
        *moments = moments.iter().step_by(2).copied().collect();
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
    print.pictures.frames = hashed(probes, tuning);
    let left = budget.saturating_sub(print.to_bytes().len());
    // A little more than fit: what compresses is not known before.
    let mut ranked = ranked(probes, elsewhere, left / 9 + 8, tuning);
    let bare = print.pictures.frames.clone();
    loop {
        print.pictures.frames.clone_from(&bare);
        for (frame, feature) in &ranked {
            print.pictures.frames[*frame].features.push(*feature);
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

/// Features in the order in which they are taken, with the place of their frame; those of a part of the clip's frames left out.
fn ranked(
    probes: &QueryFrames,
    elsewhere: Option<Rect>,
    most: usize,
    tuning: &PrintTuning,
) -> Vec<(usize, PrintFeature)> {
    // Without what lies over the pictures, where something does.
    let layer = probes.layers().last().unwrap_or(probes);
    let size = probes.size();
    let shown = probes.shown();
    let is_here = |x: f64, y: f64| {
        let (Some(rect), Some(shown)) = (elsewhere, shown) else {
            return true;
        };
        let along = |place: f64, from: usize, side: usize, all: usize| {
            from as f64 + place * side as f64 / all as f64
        };
        let x = along(x, shown.left, shown.width, size.0);
        let y = along(y, shown.top, shown.height, size.1);
        let within = |place: f64, from: usize, length: usize| {
            (from as f64..(from + length) as f64).contains(&place)
        };
        !(within(x, rect.left, rect.width) && within(y, rect.top, rect.height))
    };
    let found: Vec<Vec<(PrintFeature, f32)>> = layer
        .all()
        .iter()
        .take(MOST_FRAMES)
        .map(|probe| {
            let all = probe.features.iter().filter(|f| is_here(f.x, f.y));
            all.map(|feature| (PrintFeature::new(feature, size), feature.strength))
                .collect()
        })
        .collect();
    let frames: Vec<(f64, Vec<PrintFeature>)> = layer
        .all()
        .iter()
        .zip(0..found.len())
        .map(|(probe, at)| {
            let beside = [at.checked_sub(1), Some(at + 1)];
            let beside = beside.into_iter().flatten().filter_map(|at| found.get(at));
            let beside: Vec<&Vec<(PrintFeature, f32)>> = beside.collect();
            let told = |(feature, strength): &(PrintFeature, f32)| {
                let lasts = lasting(feature, &beside, size, tuning);
                (
                    *feature,
                    strength * (tuning.lasting_gain * lasts).exp() as f32,
                )
            };
            let told: Vec<(PrintFeature, f32)> = found[at].iter().map(told).collect();
            (probe.clip_time, spread(&told))
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

/// How surely a feature is there a moment later or earlier as well, from 0 to 1: the reference is looked up at other moments than the
/// clip's, and what does not last half a second is found at none of them.
fn lasting(
    feature: &PrintFeature,
    beside: &[&Vec<(PrintFeature, f32)>],
    size: (usize, usize),
    tuning: &PrintTuning,
) -> f64 {
    let (x, y) = feature.place(size);
    let reach = tuning.lasting_reach * size.0.min(size.1) as f64;
    let near = beside.iter().flat_map(|frame| frame.iter());
    let near = near.filter(|(other, _)| {
        let (u, v) = other.place(size);
        (x - u).hypot(y - v) < reach
    });
    let unlike = near.map(|(other, _)| feature.bits_apart(other)).min();
    let most = tuning.lasting_bits as f64;
    unlike.map_or(0.0, |bits| (1.0 - f64::from(bits) / most).max(0.0))
}

/// Features in the order in which a frame gives them, told with their strengths: the more a cell gave, the stronger its next one must
/// be. Where captions are, or a pattern that moves, is not all that there is.
fn spread(features: &[(PrintFeature, f32)]) -> Vec<PrintFeature> {
    let in_order = |all: &mut Vec<(f32, PrintFeature)>| all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let strengths = features
        .iter()
        .map(|(feature, strength)| (*strength, *feature));
    let mut strengths: Vec<(f32, PrintFeature)> = strengths.collect();
    in_order(&mut strengths);
    let mut taken = [0_usize; CELLS * CELLS];
    for (strength, feature) in &mut strengths {
        let (column, row) = feature.cell(CELLS);
        let taken = &mut taken[row * CELLS + column];
        *taken += 1;
        *strength /= *taken as f32;
    }
    in_order(&mut strengths);
    strengths.into_iter().map(|(_, feature)| feature).collect()
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
    use countermark_fingerprint::{Descriptor, Feature};

    use super::*;

    const SIZE: (usize, usize) = (512, 288);

    fn feature(x: f64, y: f64, descriptor: [u8; 128]) -> PrintFeature {
        let feature = Feature {
            x,
            y,
            scale: 2.0,
            angle: 0.0,
            strength: 1.0,
            descriptor: Descriptor::from_bytes(descriptor),
        };
        PrintFeature::new(&feature, SIZE)
    }

    #[test]
    fn a_caption_does_not_take_the_places_of_the_pictures() {
        // Letters at the bottom are twice as strong as anything else.
        let letters = (0..60).map(|n| (feature(8.0 * f64::from(n) + 4.0, 280.0, [9; 128]), 20.0));
        let others = (0..60).map(|n| {
            let (column, row) = (n % 12, n / 12);
            let (x, y) = (f64::from(column) * 42.0, f64::from(row) * 40.0);
            (feature(x + 3.0, y + 3.0, [9; 128]), 10.0)
        });
        let all: Vec<(PrintFeature, f32)> = letters.chain(others).collect();
        let first = spread(&all).into_iter().take(16);
        let of_pictures = first.filter(|f| f.place(SIZE).1 < 270.0).count();
        assert!(of_pictures >= 8, "{of_pictures}");
    }

    #[test]
    fn what_is_seen_again_nearby_lasts() {
        let tuning = PrintTuning::default();
        let some: [u8; 128] = std::array::from_fn(|k| (k * 37 % 90) as u8);
        let other: [u8; 128] = std::array::from_fn(|k| (k * k * 53 % 90) as u8);
        let own = feature(200.0, 100.0, some);
        let lasts = |beside: &[Vec<(PrintFeature, f32)>]| {
            let beside: Vec<&Vec<(PrintFeature, f32)>> = beside.iter().collect();
            lasting(&own, &beside, SIZE, &tuning)
        };
        let frame = |x: f64, descriptor| vec![(feature(x, 110.0, descriptor), 1.0)];
        assert!((lasts(&[frame(215.0, some)]) - 1.0).abs() < 1e-9);
        assert!((lasts(&[frame(215.0, other), frame(190.0, some)]) - 1.0).abs() < 1e-9);
        // Too far, too unlike, or a picture alone.
        assert!(lasts(&[frame(300.0, some)]) < 1e-9);
        assert!(own.bits_apart(&feature(0.0, 0.0, other)) > 6);
        assert!(lasts(&[frame(215.0, other)]) < 1e-9);
        assert!(lasts(&[]) < 1e-9);
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
