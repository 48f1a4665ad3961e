//! Runs a suite: marks every clip, attacks the copies, asks the detector, compares with the truth.
//!
//! ```text
//! clip -> prepare (register, copies) -> wrong keys
//!      -> for each row: attack(copies) -> read | trace | identify -> exact | part | none | wrong -> results.jsonl
//!      -> quality (lossless copy against master)
//! ```
//!
//! With a catalogue all clips are prepared first, into one register; an unknown clip is only attacked.
//!
//! Rows of a clip run on several threads; what is on record is not done again. A trial that cannot be run ends the run:
//! a gap in the table would look like a result.

mod attacked;
mod quality;
mod settings;
mod trial;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, Result, bail};
use countermark_mark::FormatSpec;
use countermark_media::probe;
use sha2::{Digest as _, Sha256};

use crate::clips::{Clip, find_clips};
use crate::observer::Observer;
use crate::provenance::{Measured, RunRecord};
use crate::store::{Marking, NullTail, Record, RunHead, Store};
use crate::subject::{Preparation, Prepared, Subject};
use crate::suite::Row;
use countermark_attack::Source;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;
use quality::measure_quality;
pub use settings::RunSettings;
use trial::{Stock, run_row};

/// A clip's title in a register of its own.
const OWN_TITLE: &str = "clip";

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
    let suite = settings.suite;
    if clips.iter().all(|clip| suite.is_unknown(&clip.stem)) {
        bail!(
            "the suite {} leaves every clip of {} out of its register",
            settings.name,
            settings.clips.display()
        );
    }
    let head = RunHead {
        schema: 2,
        suite: settings.name.to_owned(),
        seed: settings.suite.seed,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        format: FormatSpec::CURRENT.version(),
        preparation: settings.suite.preparation(),
        measured: Measured::of(&settings.suite.text, &clips)?,
    };
    let store = Store::open(settings.out, &head, settings.fresh)?;
    for line in store.discarded() {
        observer.discarded(line);
    }
    RunRecord::now(settings.command.clone(), head.format, head.measured).write(settings.out)?;
    let session = Session {
        settings,
        subject,
        observer,
        store: Mutex::new(store),
    };
    let works: Vec<Work<'_>> = clips
        .iter()
        .enumerate()
        .map(|(index, clip)| {
            let other = &clips[(index + 1) % clips.len()];
            session.left_to_do(clip, other)
        })
        .collect();
    let asked = |clip: &Clip| {
        suite
            .rows
            .iter()
            .filter(|row| suite.asks(row, &clip.stem))
            .count()
    };
    let all = clips.iter().map(asked).sum();
    observer.planned(works.iter().map(|work| work.rows.len()).sum(), all);
    let open: Vec<&Work<'_>> = works.iter().filter(|work| !work.is_done()).collect();
    if !open.is_empty() {
        if settings.suite.catalogue.is_some() {
            session.together(&works)?;
        } else {
            session.one_by_one(&open)?;
        }
    }
    session
        .store
        .into_inner()
        .map_err(|_| anyhow::anyhow!("a trial panicked"))
}

/// A run under way.
struct Session<'a> {
    settings: &'a RunSettings<'a>,
    subject: &'a dyn Subject,
    observer: &'a dyn Observer,
    store: Mutex<Store>,
}

/// What is left to do for a clip.
struct Work<'a> {
    clip: &'a Clip,
    rows: Vec<(usize, &'a Row)>,
    quality: bool,
    /// Which wrong keys are to be scored: on the unmarked clip, on the marked one.
    tails: Vec<bool>,
    /// The next clip of the run, which is another title if there is one.
    other: &'a Clip,
}

impl Work<'_> {
    fn is_done(&self) -> bool {
        self.rows.is_empty() && !self.quality && self.tails.is_empty()
    }

    fn needs(&self, source: Source) -> bool {
        self.rows
            .iter()
            .any(|(_, row)| row.attack.source() == Some(source))
    }

    /// Whether any row lays something over another title.
    fn needs_other(&self) -> bool {
        let sources = self.rows.iter().filter_map(|(_, row)| row.attack.source());
        sources.into_iter().any(Source::needs_other)
    }
}

impl<'a> Session<'a> {
    fn left_to_do(&self, clip: &'a Clip, other: &'a Clip) -> Work<'a> {
        let suite = self.settings.suite;
        let unknown = suite.is_unknown(&clip.stem);
        let store = lock(&self.store);
        let open = |row: &&Row| {
            suite.asks(row, &clip.stem)
                && !store.has_trial(&clip.stem, &row.attack.to_string(), row.path)
        };
        Work {
            clip,
            rows: suite
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| open(row))
                .collect(),
            quality: suite.quality.is_some() && !unknown && !store.has_quality(&clip.stem),
            tails: [false, true]
                .into_iter()
                .filter(|&marked| {
                    suite.null.is_some() && !unknown && !store.has_tail(&clip.stem, marked)
                })
                .collect(),
            other,
        }
    }

    /// Each clip in a register of its own, which goes with it.
    fn one_by_one(&self, works: &[&Work<'_>]) -> Result<()> {
        for work in works {
            let folder = self.empty_folder(&work.clip.stem)?;
            let register = folder.join("vault");
            let done = self
                .prepare(work, &folder, &register, OWN_TITLE)
                .and_then(|prepared| {
                    self.attack(work, &prepared)?;
                    self.measure(work, &prepared)
                });
            done.with_context(|| format!("clip {}", work.clip.file.display()))?;
            self.clear(&folder)?;
        }
        Ok(())
    }

    /// All clips in one register, which is complete before the first is attacked: answers must not depend on their order.
    fn together(&self, works: &[Work<'_>]) -> Result<()> {
        let root = self.empty_folder("catalogue")?;
        let register = root.join("vault");
        let mut all = Vec::with_capacity(works.len());
        for work in works {
            let stem = &work.clip.stem;
            let prepared = self
                .empty_folder(stem)
                .and_then(|folder| self.prepare(work, &folder, &register, stem))
                .with_context(|| format!("clip {}", work.clip.file.display()))?;
            all.push((work, prepared));
        }
        for (work, prepared) in &all {
            self.attack(work, prepared)
                .with_context(|| format!("clip {}", work.clip.file.display()))?;
        }
        for (work, prepared) in &all {
            self.measure(work, prepared)
                .with_context(|| format!("clip {}", work.clip.file.display()))?;
            self.clear(&prepared.folder)?;
        }
        self.clear(&root)
    }

    fn empty_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.settings.out.join("work").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot clear {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    fn clear(&self, folder: &Path) -> Result<()> {
        if self.settings.keep {
            return Ok(());
        }
        fs::remove_dir_all(folder).with_context(|| format!("cannot clear {}", folder.display()))
    }

    /// Marks a clip; of an unknown one there is only the master.
    fn prepare(
        &self,
        work: &Work<'_>,
        folder: &Path,
        register: &Path,
        title: &str,
    ) -> Result<Prepared> {
        let (clip, settings) = (work.clip, self.settings);
        self.observer.doing(&clip.stem, "marking");
        let master = clip.master(settings.suite.clips.first_seconds, folder)?;
        let preparation = preparation(settings, work, register, title);
        if settings.suite.is_unknown(&clip.stem) {
            return Ok(Prepared {
                master,
                folder: folder.to_owned(),
                register: register.to_owned(),
                seed: preparation.seed,
                title: title.to_owned(),
                copies: Vec::new(),
                frames: 0,
                seconds_a_copy: 0.0,
            });
        }
        let prepared = self.subject.prepare(&master, folder, &preparation)?;
        if prepared.copies.is_empty() {
            return Ok(prepared);
        }
        let info = probe(&prepared.master)?.video;
        lock(&self.store).keep(Record::Marking(Marking {
            clip: clip.stem.clone(),
            width: info.width,
            height: info.height,
            frames: prepared.frames,
            seconds: prepared.seconds_a_copy,
        }))?;
        Ok(prepared)
    }

    /// Wrong keys, then all rows.
    fn attack(&self, work: &Work<'_>, prepared: &Prepared) -> Result<()> {
        let clip = work.clip;
        for &marked in &work.tails {
            self.observer.doing(&clip.stem, "scoring wrong keys");
            let tail = score_wrong_keys(self.settings, self.subject, clip, prepared, marked)?;
            lock(&self.store).keep(Record::Null(tail))?;
        }
        let stock = self.stock(work, prepared)?;
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<anyhow::Error>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..self.settings.threads.get().min(work.rows.len()) {
                scope.spawn(|| {
                    while lock(&failure).is_none() {
                        let Some((index, row)) =
                            work.rows.get(next.fetch_add(1, Ordering::Relaxed))
                        else {
                            return;
                        };
                        let done = run_row(self.settings, self.subject, clip, &stock, *index, row)
                            .with_context(|| format!("attack {}", row.attack))
                            .and_then(|trial| {
                                self.observer.done(&trial);
                                Ok(lock(&self.store).keep(Record::Trial(trial))?)
                            });
                        if let Err(error) = done {
                            lock(&failure).get_or_insert(error);
                        }
                    }
                });
            }
        });
        failure.into_inner().ok().flatten().map_or(Ok(()), Err)
    }

    fn stock<'b>(&self, work: &Work<'_>, prepared: &'b Prepared) -> Result<Stock<'b>> {
        let remarked = match prepared.copies.first() {
            Some(copy) if work.needs(Source::Remarked) => {
                self.observer.doing(&work.clip.stem, "marking once more");
                Some(self.subject.mark_again(prepared, &copy.file)?)
            }
            _ => None,
        };
        let other = if work.needs_other() {
            Some(other_title(work.other, work.clip, &prepared.folder)?)
        } else {
            None
        };
        let stranger = if work.needs(Source::Stranger) {
            Some(stranger(&prepared.folder)?)
        } else {
            None
        };
        let elsewhere = if work.needs(Source::WrongKeys) && !prepared.copies.is_empty() {
            self.observer.doing(&work.clip.stem, "opening another studio's register");
            Some(self.elsewhere(work, prepared)?)
        } else {
            None
        };
        Ok(Stock {
            prepared,
            remarked,
            other,
            // Only in a register of all clips the other one is known.
            other_title: self.settings.suite.catalogue.is_some().then(|| work.other.stem.clone()),
            stranger,
            elsewhere,
        })
    }

    /// The same film in the register of another studio, with its own keys and deliveries, none of which was made.
    fn elsewhere(&self, work: &Work<'_>, prepared: &Prepared) -> Result<Prepared> {
        let folder = prepared.folder.join("elsewhere");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let register = folder.join("vault");
        let own = preparation(self.settings, work, &register, &prepared.title);
        let mut hash = Sha256::new();
        hash.update(own.seed);
        hash.update(b"another studio's keys");
        let other = Preparation {
            seed: hash.finalize().into(),
            marked: 0,
            ..own
        };
        self.subject.prepare(&prepared.master, &folder, &other)
    }

    /// Last: the lossless copy is one more delivery on record, which no trial may count.
    fn measure(&self, work: &Work<'_>, prepared: &Prepared) -> Result<()> {
        if work.quality {
            self.observer.doing(&work.clip.stem, "measuring quality");
            let quality = measure_quality(self.settings, self.subject, work.clip, prepared)?;
            lock(&self.store).keep(Record::Quality(quality))?;
        }
        Ok(())
    }
}

/// The next clip of the folder, or where there is none a clip of our own.
fn other_title(next: &Clip, clip: &Clip, folder: &Path) -> Result<PathBuf> {
    const SECONDS: f32 = 4.0;
    if next.file != clip.file {
        return Ok(next.file.clone());
    }
    let file = folder.join("other.mp4");
    write_clip(
        &sample_set()[0].clone().small(SECONDS),
        &file,
        FileQuality::Crf(20.0),
    )?;
    Ok(file)
}

/// A film of our own that no folder of clips holds: shots of the samples under seeds of its own.
fn stranger(folder: &Path) -> Result<PathBuf> {
    const SECONDS: f32 = 4.0;
    const SEED: u64 = 77_001;
    let file = folder.join("stranger.mp4");
    let mut spec = sample_set()[0].clone().small(SECONDS);
    spec.seed = SEED;
    for (take, seed) in spec.takes.iter_mut().zip(SEED + 1..) {
        take.seed = seed;
    }
    write_clip(&spec, &file, FileQuality::Crf(20.0))?;
    Ok(file)
}

fn preparation<'a>(
    settings: &RunSettings<'_>,
    work: &Work<'_>,
    register: &'a Path,
    title: &'a str,
) -> Preparation<'a> {
    let suite = settings.suite;
    let copies = |row: &Row| row.attack.source().map_or(0, Source::copies);
    let needed = work.rows.iter().map(|(_, row)| copies(row)).max();
    // Who is on record must not depend on what is left to do: scores count the deliveries.
    let ever = suite.rows.iter().map(copies).max();
    let mut hash = Sha256::new();
    hash.update(b"countermark bench preparation 1");
    hash.update(suite.seed.to_le_bytes());
    hash.update(work.clip.stem.as_bytes());
    // The first copies are the same however many follow. Of a title that nothing is asked of, the title is enough.
    let is_asked = suite
        .rows
        .iter()
        .any(|row| suite.asks(row, &work.clip.stem));
    let marked = if is_asked || suite.quality.is_some() || suite.null.is_some() {
        suite.deliveries.marked.max(needed.unwrap_or(0))
    } else {
        0
    };
    Preparation {
        register,
        title,
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
