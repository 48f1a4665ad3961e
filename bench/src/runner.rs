//! Runs a suite: marks every clip, attacks the copies, asks the detector, compares with the truth.
//!
//! ```text
//! clip -> prepare (register, copies) -> wrong keys
//!      -> for each row: attack(copies) -> read | trace -> exact | part | none | wrong -> results.jsonl
//!      -> quality (lossless copy against master)
//! ```
//!
//! Rows of a clip run on several threads; what is on record is not done again. A trial that cannot be run ends the run:
//! a gap in the table would look like a result.

mod quality;
mod trial;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use countermark_mark::format::FORMAT_VERSION;
use countermark_media::probe;
use sha2::{Digest as _, Sha256};

use crate::attack::Source;
use crate::clips::{Clip, find_clips};
use crate::observer::Observer;
use crate::samples::file::{FileQuality, write_clip};
use crate::samples::sample_set;
use crate::store::{Marking, NullTail, Record, RunHead, Store};
use crate::subject::{Preparation, Prepared, Subject};
use crate::suite::{Row, Suite};
use quality::measure_quality;
use trial::{Stock, run_row};

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
        format: FORMAT_VERSION,
        preparation: settings.suite.preparation(),
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
        other: if work.needs(Source::Pasted) {
            Some(other_title(work.other, clip, &folder)?)
        } else {
            None
        },
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
    // Last: the lossless copy is one more delivery on record, which no trial may count.
    if work.quality {
        observer.doing(&clip.stem, "measuring quality");
        let quality = measure_quality(settings, subject, clip, &prepared)?;
        lock(store).keep(Record::Quality(quality))?;
    }
    if !settings.keep {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Ok(())
}

/// The next clip of the folder, or where there is none a clip of our own.
fn other_title(next: &Path, clip: &Clip, folder: &Path) -> Result<PathBuf> {
    const SECONDS: f32 = 4.0;
    if next != clip.file {
        return Ok(next.to_owned());
    }
    let file = folder.join("other.mp4");
    write_clip(
        &sample_set()[0].clone().small(SECONDS),
        &file,
        FileQuality::Crf(20.0),
    )?;
    Ok(file)
}

fn preparation(settings: &RunSettings<'_>, clip: &Clip, work: &Work<'_>) -> Preparation {
    let suite = settings.suite;
    let copies = |row: &Row| row.attack.source().map_or(0, Source::copies);
    let needed = work.rows.iter().map(|(_, row)| copies(row)).max();
    // Who is on record must not depend on what is left to do: scores count the deliveries.
    let ever = suite.rows.iter().map(copies).max();
    let mut hash = Sha256::new();
    hash.update(b"countermark bench preparation 1");
    hash.update(suite.seed.to_le_bytes());
    hash.update(clip.stem.as_bytes());
    // The first copies are the same however many follow.
    let marked = suite.deliveries.marked.max(needed.unwrap_or(0));
    Preparation {
        seed: hash.finalize().into(),
        marked,
        registered: (suite.deliveries.registered)
            .max(suite.deliveries.marked)
            .max(ever.unwrap_or(0)),
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

/// A trial that panicked leaves nothing half-written behind the lock.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
