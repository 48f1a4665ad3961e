//! Runs a suite: marks every clip, attacks the copies, asks the detector, compares with the truth.
//!
//! ```text
//! clip -> prepare (register, copies) -> quality (lossless copy against master), wrong keys
//!      \-> for each row: attack(copies) -> read | trace -> exact | part | none | wrong -> results.jsonl
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
use countermark_media::{EncodeSettings, Recode, VideoCodec, clear_fresh_memory, probe, recode};
use sha2::{Digest as _, Sha256};

use crate::attack::effect::Timing;
use crate::attack::{Attack, Codec, Materials, Place, Rate, Source, Step, apply};
use crate::observer::Observer;
use crate::quality::{compare_luma, measure};
use crate::store::{Answer, Marking, NullTail, Quality, Record, RunHead, Store, Trial};
use crate::subject::{Preparation, Prepared, Subject};
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
        clear_fresh_memory();
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
            threads: Some(NonZeroUsize::MIN),
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
    let others: Vec<&Path> = clips.iter().map(|clip| clip.file.as_path()).collect();
    let open = |clip: &Clip| -> Vec<(usize, &Row)> {
        let store = lock(&store);
        let rows = settings.suite.rows.iter().enumerate();
        rows.filter(|(_, row)| !store.has_trial(&clip.stem, &row.attack.to_string(), row.path))
            .collect()
    };
    observer.planned(clips.iter().map(|clip| open(clip).len()).sum());
    for (index, clip) in clips.iter().enumerate() {
        let work = {
            let rows = open(clip);
            let store = lock(&store);
            Work {
                rows,
                quality: settings.suite.quality.is_some() && !store.has_quality(&clip.stem),
                tails: [false, true]
                    .into_iter()
                    .filter(|&marked| {
                        settings.suite.null.is_some() && !store.has_tail(&clip.stem, marked)
                    })
                    .collect(),
                other: others[(index + 1) % others.len()],
            }
        };
        if work.rows.is_empty() && !work.quality && work.tails.is_empty() {
            continue;
        }
        run_clip(settings, subject, observer, clip, &work, &store)
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
    Ok(spread(clips, suite.clips.max_clips))
}

/// At most so many of the clips, evenly over their names.
fn spread(clips: Vec<Clip>, most: Option<usize>) -> Vec<Clip> {
    let count = clips.len();
    let Some(most) = most.filter(|&most| most < count) else {
        return clips;
    };
    let chosen: Vec<usize> = (0..most).map(|i| i * count / most).collect();
    clips
        .into_iter()
        .enumerate()
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, clip)| clip)
        .collect()
}

/// What is left to do for a clip.
struct Work<'a> {
    rows: Vec<(usize, &'a Row)>,
    quality: bool,
    /// Which wrong keys are to be scored: on the unmarked clip, on the marked one.
    tails: Vec<bool>,
    /// A file of another title, if the run has one.
    other: &'a Path,
}

impl Work<'_> {
    fn needs(&self, source: Source) -> bool {
        self.rows
            .iter()
            .any(|(_, row)| row.attack.source() == Some(source))
    }
}

/// Everything that the trials of a clip may begin with.
struct Stock<'a> {
    prepared: &'a Prepared,
    remarked: Option<PathBuf>,
    /// None when the folder has no second clip.
    other: Option<PathBuf>,
}

fn run_clip(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    observer: &dyn Observer,
    clip: &Clip,
    work: &Work<'_>,
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
    let prepared = subject.prepare(&master, &folder, &preparation(settings, clip, work))?;
    let info = probe(&prepared.master)?.video;
    lock(store).keep(Record::Marking(Marking {
        clip: clip.stem.clone(),
        width: info.width,
        height: info.height,
        frames: prepared.frames,
        seconds: prepared.seconds_a_copy,
    }))?;
    if work.quality {
        observer.doing(&clip.stem, "measuring quality");
        let quality = measure_quality(settings, subject, clip, &prepared)?;
        lock(store).keep(Record::Quality(quality))?;
    }
    for &marked in &work.tails {
        observer.doing(&clip.stem, "scoring wrong keys");
        let tail = score_wrong_keys(settings, subject, clip, &prepared, marked)?;
        lock(store).keep(Record::Null(tail))?;
    }
    let stock = Stock {
        remarked: if work.needs(Source::Remarked) {
            observer.doing(&clip.stem, "marking once more");
            let copy = prepared.copies.first().context("nothing was marked")?;
            Some(subject.mark_again(&prepared, &copy.file)?)
        } else {
            None
        },
        other: (work.other != clip.file).then(|| work.other.to_owned()),
        prepared: &prepared,
    };
    let next = AtomicUsize::new(0);
    let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..settings.threads.get().min(work.rows.len()) {
            scope.spawn(|| {
                while lock(&failure).is_none() {
                    let Some((index, row)) = work.rows.get(next.fetch_add(1, Ordering::Relaxed))
                    else {
                        return;
                    };
                    let done = run_row(settings, subject, clip, &stock, *index, row)
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

fn preparation(settings: &RunSettings<'_>, clip: &Clip, work: &Work<'_>) -> Preparation {
    let suite = settings.suite;
    let mixed = work.rows.iter().filter_map(|(_, row)| row.attack.source());
    let needed = mixed.map(Source::copies).max().unwrap_or(0);
    let mut hash = Sha256::new();
    hash.update(b"countermark bench preparation 1");
    hash.update(suite.seed.to_le_bytes());
    hash.update(clip.stem.as_bytes());
    // The first copies are the same however many follow.
    let marked = suite.deliveries.marked.max(needed);
    Preparation {
        seed: hash.finalize().into(),
        marked,
        registered: suite.deliveries.registered.max(marked),
    }
}

fn score_wrong_keys(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    prepared: &Prepared,
    marked: bool,
) -> Result<NullTail> {
    let keys = settings.suite.null.map_or(0, |null| null.keys);
    let copy = prepared.copies.first().context("nothing was marked")?;
    let file = if marked { &copy.file } else { &prepared.master };
    Ok(NullTail {
        clip: clip.stem.clone(),
        marked,
        tail: subject.wrong_keys(prepared, file, keys, settings.suite.seed)?,
    })
}

fn run_row(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    stock: &Stock<'_>,
    index: usize,
    row: &Row,
) -> Result<Trial> {
    let prepared = stock.prepared;
    let attack = row.attack.to_string();
    // Attacks on one copy take turns with the copies; those on several begin with the first.
    let first = match row.attack.source() {
        None => {
            index
                % settings
                    .suite
                    .deliveries
                    .marked
                    .min(prepared.copies.len())
                    .max(1)
        }
        Some(_) => 0,
    };
    let copies = prepared.copies.get(first..).context("nothing was marked")?;
    let files: Vec<&Path> = copies.iter().map(|copy| copy.file.as_path()).collect();
    let output = prepared
        .folder
        .join(format!("row-{index}.{}", row.attack.extension()));
    let place = Place::new(settings.suite.seed, &clip.stem, &attack);
    let materials = Materials {
        copies: &files,
        master: Some(&prepared.master),
        remarked: stock.remarked.as_deref(),
        other: stock.other.as_deref(),
    };
    let applied = apply(&row.attack, &materials, &output, &place)?;
    let guilty = copies
        .get(..row.attack.guilty())
        .context("too few copies were marked")?;
    let truth = match guilty {
        [one] => Some(one),
        _ => None,
    };
    let begun = Instant::now();
    let finding = match row.path {
        DetectorPath::Read => subject.read(prepared, &output, truth)?,
        DetectorPath::Trace => subject.trace(prepared, &output, truth)?,
    };
    let elapsed = begun.elapsed().as_secs_f64();
    let bytes = fs::metadata(&output)?.len();
    if !settings.keep {
        fs::remove_file(&output)?;
    }
    let expected: Vec<String> = guilty.iter().map(|copy| copy.payload.clone()).collect();
    Ok(Trial {
        clip: clip.stem.clone(),
        attack,
        path: row.path,
        answer: judge(&finding.accused, &expected),
        expected,
        accused: finding.accused,
        log10_p: finding.log10_p,
        coded_bit_errors: finding.coded_bit_errors,
        cuts: applied.cuts,
        clip_seconds: row.attack.seconds_left(Timing {
            seconds: clip.seconds_marked(settings.suite.clips.first_seconds),
            frame_rate: clip.frame_rate,
        }),
        bytes,
        detector_seconds: if finding.seconds > 0.0 {
            finding.seconds
        } else {
            elapsed
        },
    })
}

/// The answer against the truth: one innocent beside the guilty is a wrong accusation too.
fn judge(accused: &[String], expected: &[String]) -> Answer {
    let holds = |all: &[String], one: &String| all.iter().any(|p| p.eq_ignore_ascii_case(one));
    if accused.iter().any(|p| !holds(expected, p)) {
        Answer::Wrong
    } else if expected.iter().all(|p| holds(accused, p)) {
        Answer::Exact
    } else if accused.is_empty() {
        Answer::None
    } else {
        Answer::Part
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
        let materials = Materials {
            copies: &[input],
            ..Materials::default()
        };
        apply(
            &encode,
            &materials,
            &output,
            &Place::new(0, &clip.stem, name),
        )?;
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
