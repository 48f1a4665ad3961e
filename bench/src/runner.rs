//! Runs a suite: marks every clip, attacks the copies, asks the detector, compares with the truth.
//!
//! ```text
//! clip -> prepare (register, two copies) -> quality (lossless copy against master)
//!      \-> for each row: attack(copy[row mod copies]) -> read | trace -> exact | none | wrong -> results.jsonl
//! ```
//!
//! Rows of a clip run on several threads; what is on record is not done again. A trial that cannot be run ends the run:
//! a gap in the table would look like a result.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use countermark_media::{EncodeSettings, Recode, VideoCodec, probe, recode};

use crate::attack::effect::Timing;
use crate::attack::{Attack, Codec, Place, Rate, Step, apply};
use crate::observer::Observer;
use crate::quality::{compare_luma, measure};
use crate::store::{Answer, Quality, Record, RunHead, Store, Trial};
use crate::subject::{Finding, Prepared, Subject};
use crate::suite::{DetectorPath, Row, Suite};

/// The quality at which the bitrate of marked and unmarked video is compared.
const COMPARISON_CRF: u32 = 23;

/// How a suite is run.
#[derive(Debug)]
pub struct RunSettings<'a> {
    /// Name of the suite, for the record.
    pub name: &'a str,
    /// The suite.
    pub suite: &'a Suite,
    /// Folder of clips.
    pub clips: &'a Path,
    /// Folder of results.
    pub out: &'a Path,
    /// Trials at a time.
    pub threads: NonZeroUsize,
    /// An FFmpeg with libvmaf.
    pub vmaf: Option<PathBuf>,
    /// Leave marked and attacked files in place.
    pub keep: bool,
}

/// A clip of the folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// File stem: the clip's name in results.
    pub stem: String,
    /// The file.
    pub file: PathBuf,
    /// Length.
    pub seconds: f64,
    /// Pictures a second.
    pub frame_rate: f64,
}

impl Clip {
    /// The file to mark: the clip itself, or where it is longer its start, encoded without loss into `folder`.
    ///
    /// # Errors
    /// When the start cannot be decoded or written.
    pub fn master(&self, first_seconds: Option<f64>, folder: &Path) -> Result<PathBuf> {
        let Some(first) = first_seconds.filter(|&first| first < self.seconds) else {
            return Ok(self.file.clone());
        };
        let start = folder.join("start.mkv");
        // x265 alone keeps 10 bits; its CRF 0 is nearly without loss, and what it makes is the master all the same.
        let deep = probe(&self.file)?.video.bit_depth > 8;
        let codec = if deep {
            VideoCodec::Hevc
        } else {
            VideoCodec::H264
        };
        let settings = EncodeSettings {
            preset: Some("ultrafast".to_owned()),
            ..EncodeSettings::new(codec, countermark_media::Rate::Crf(0.0))
        };
        let order = Recode {
            duration_seconds: Some(first),
            ..Recode::new(settings)
        };
        recode(&self.file, &start, &order, &())?;
        Ok(start)
    }

    /// Seconds that are marked.
    #[must_use]
    pub fn seconds_marked(&self, first_seconds: Option<f64>) -> f64 {
        first_seconds.map_or(self.seconds, |first| first.min(self.seconds))
    }
}

/// Runs the suite and answers the store with all its results.
///
/// # Errors
/// When no clip fits the suite, or anything of a trial fails; what was measured is on record.
pub fn run_suite(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    observer: &dyn Observer,
) -> Result<Store> {
    let clips = find_clips(settings.clips, settings.suite, observer)?;
    if clips.is_empty() {
        bail!(
            "no clip of {} fits the suite {}",
            settings.clips.display(),
            settings.name
        );
    }
    let head = RunHead {
        schema: 1,
        suite: settings.name.to_owned(),
        seed: settings.suite.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let store = Mutex::new(Store::open(settings.out, &head)?);
    let open = |clip: &Clip| -> Vec<(usize, &Row)> {
        let store = lock(&store);
        let rows = settings.suite.rows.iter().enumerate();
        rows.filter(|(_, row)| !store.has_trial(&clip.stem, &row.attack.to_string(), row.path))
            .collect()
    };
    observer.planned(clips.iter().map(|clip| open(clip).len()).sum());
    for clip in &clips {
        let rows = open(clip);
        let quality = settings.suite.quality.is_some() && !lock(&store).has_quality(&clip.stem);
        if rows.is_empty() && !quality {
            continue;
        }
        run_clip(settings, subject, observer, clip, &rows, quality, &store)
            .with_context(|| format!("clip {}", clip.file.display()))?;
    }
    store
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a trial panicked"))
}

/// The clips of `folder` that the suite takes, by name; files that are no video are left out and named.
///
/// # Errors
/// When the folder cannot be listed.
pub fn find_clips(folder: &Path, suite: &Suite, observer: &dyn Observer) -> Result<Vec<Clip>> {
    const VIDEO: [&str; 9] = [
        "mp4", "mkv", "mov", "webm", "m4v", "avi", "ts", "mpg", "mxf",
    ];
    let mut clips: Vec<Clip> = Vec::new();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot list the clips in {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<_>>()
        .with_context(|| format!("cannot list the clips in {}", folder.display()))?;
    files.sort();
    for file in files {
        let lower = file.extension().map(|e| e.to_string_lossy().to_lowercase());
        if !lower.is_some_and(|e| VIDEO.contains(&e.as_str())) {
            continue;
        }
        let stem = file
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let info = match probe(&file) {
            Ok(info) => info,
            Err(error) => {
                observer.skipped(&stem, &error.to_string());
                continue;
            }
        };
        let video = &info.video;
        let counted = || {
            let rate = video
                .frame_rate
                .is_known()
                .then(|| video.frame_rate.as_f64())?;
            Some(video.frames? as f64 / rate)
        };
        let seconds = video
            .duration_seconds
            .or_else(counted)
            .or(info.duration_seconds)
            .unwrap_or(0.0);
        if clips.iter().any(|c| c.stem == stem) {
            bail!(
                "two clips of {} have the name {stem}: results are by name",
                folder.display()
            );
        }
        if suite.takes(&stem, video.width.min(video.height), seconds) {
            clips.push(Clip {
                stem,
                file,
                seconds,
                frame_rate: if video.frame_rate.is_known() {
                    video.frame_rate.as_f64()
                } else {
                    25.0
                },
            });
        }
    }
    Ok(clips)
}

fn run_clip(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    observer: &dyn Observer,
    clip: &Clip,
    rows: &[(usize, &Row)],
    quality: bool,
    store: &Mutex<Store>,
) -> Result<()> {
    let folder = settings.out.join("work").join(&clip.stem);
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    observer.doing(&clip.stem, "marking");
    let master = clip.master(settings.suite.clips.first_seconds, &folder)?;
    let prepared = subject.prepare(&master, &folder)?;
    if quality {
        observer.doing(&clip.stem, "measuring quality");
        let quality = measure_quality(settings, subject, clip, &prepared)?;
        lock(store).keep(Record::Quality(quality))?;
    }
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..settings.threads.get().min(rows.len()) {
            scope.spawn(|| {
                while lock(&failure).is_none() {
                    let Some((index, row)) = rows.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        return;
                    };
                    let done = run_row(settings, subject, clip, &prepared, *index, row)
                        .with_context(|| format!("attack {}", row.attack))
                        .and_then(|trial| {
                            observer.done(&trial);
                            Ok(lock(store).keep(Record::Trial(trial))?)
                        });
                    if let Err(error) = done {
                        lock(&failure).get_or_insert(error);
                    }
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().ok().flatten() {
        return Err(error);
    }
    if !settings.keep {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Ok(())
}

fn run_row(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    prepared: &Prepared,
    index: usize,
    row: &Row,
) -> Result<Trial> {
    let Some(copy) = prepared.copies.get(index % prepared.copies.len().max(1)) else {
        bail!("nothing was marked");
    };
    let attack = row.attack.to_string();
    let output = prepared
        .folder
        .join(format!("row-{index}.{}", row.attack.extension()));
    let place = Place::new(settings.suite.seed, &clip.stem, &attack);
    let applied = apply(&row.attack, &copy.file, &output, &place)?;
    let begun = Instant::now();
    let finding = match row.path {
        DetectorPath::Read => subject.read(prepared, &output)?,
        DetectorPath::Trace => subject.trace(prepared, &output)?,
    };
    let elapsed = begun.elapsed().as_secs_f64();
    let bytes = fs::metadata(&output)?.len();
    if !settings.keep {
        fs::remove_file(&output)?;
    }
    Ok(Trial {
        clip: clip.stem.clone(),
        attack,
        path: row.path,
        expected: vec![copy.payload.clone()],
        answer: judge(&finding, &copy.payload),
        accused: finding.accused,
        coded_bit_errors: None,
        cuts: applied.cuts,
        log10_p: finding.log10_p,
        detector_seconds: if finding.seconds > 0.0 {
            finding.seconds
        } else {
            elapsed
        },
        clip_seconds: row.attack.seconds_left(Timing {
            seconds: clip.seconds_marked(settings.suite.clips.first_seconds),
            frame_rate: clip.frame_rate,
        }),
        bytes,
    })
}

/// The answer against the truth: one innocent beside the right delivery is a wrong accusation too.
fn judge(finding: &Finding, payload: &str) -> Answer {
    let right = |accused: &String| accused.eq_ignore_ascii_case(payload);
    match finding.accused.as_slice() {
        [] => Answer::None,
        all if all.iter().all(right) => Answer::Exact,
        _ => Answer::Wrong,
    }
}

fn measure_quality(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    prepared: &Prepared,
) -> Result<Quality> {
    let marked = subject.mark_lossless(prepared)?;
    let psnr = compare_luma(&prepared.master, &marked)?;
    let threads = settings.threads.get();
    let vmaf = settings
        .vmaf
        .as_deref()
        .map(|tool| measure(tool, &marked, &prepared.master, &prepared.folder, threads))
        .transpose()?;
    let encode = Attack::from(Step::Encode {
        codec: Codec::H264,
        short_side: None,
        rate: Rate::Crf(COMPARISON_CRF),
    });
    let size = |input: &Path, name: &str| -> Result<u64> {
        let output = prepared.folder.join(name);
        apply(&encode, input, &output, &Place::new(0, &clip.stem, name))?;
        Ok(fs::metadata(&output)?.len())
    };
    let (with, without) = (
        size(&marked, "size-marked.mkv")?,
        size(&prepared.master, "size-master.mkv")?,
    );
    if !settings.keep {
        fs::remove_file(&marked)?;
    }
    Ok(Quality {
        clip: clip.stem.clone(),
        psnr_y_db: psnr.clip_db,
        worst_frame_psnr_y_db: psnr.worst_db,
        vmaf_mean: vmaf.map(|v| v.mean),
        vmaf_p1: vmaf.map(|v| v.p1),
        bitrate_change: (without > 0).then(|| with as f64 / without as f64 - 1.0),
        frames: psnr.frames,
        ..Quality::default()
    })
}

/// A trial that panicked leaves nothing half-written behind the lock.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
