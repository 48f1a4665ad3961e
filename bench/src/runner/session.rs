//! A run under way: its threads, its folders, its store.
//!
//! What fails is a gap of its clip, told and on record, and the others are measured; only a store that takes no more
//! results ends the run.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use anyhow::{Context as _, Result, ensure};
use countermark_attack::{Remark, Source};
use countermark_media::probe;
use sha2::{Digest as _, Sha256};

use super::cache::Cache;
use super::quality::measure_quality;
use super::queue::{Queue, Size, Task};
use super::settings::RunSettings;
use super::trial::{Stock, run_row};
use super::work::{Work, other_titles, stranger};
use crate::cost;
use crate::gap::Gap;
use crate::observer::Observer;
use crate::provenance::{RunHead, hash_of};
use crate::store::{Marking, NullTail, Record, Store, StoreError};
use crate::subject::{Preparation, Prepared, Remarked, Subject};

/// A clip's title in a register of its own.
const OWN_TITLE: &str = "clip";

/// A run under way.
pub(super) struct Session<'a> {
    pub(super) settings: &'a RunSettings<'a>,
    pub(super) subject: &'a dyn Subject,
    pub(super) observer: &'a dyn Observer,
    pub(super) head: &'a RunHead,
    pub(super) store: Mutex<Store>,
}

/// Everything that the trials of a clip begin with.
#[derive(Debug)]
struct Ready {
    prepared: Prepared,
    remarked: Vec<(Remark, Remarked)>,
    others: Vec<PathBuf>,
    other_titles: Vec<String>,
    stranger: Option<PathBuf>,
    elsewhere: Option<Prepared>,
}

impl Ready {
    fn stock(&self) -> Stock<'_> {
        Stock {
            prepared: &self.prepared,
            remarked: self.remarked.clone(),
            others: self.others.clone(),
            other_titles: self.other_titles.clone(),
            stranger: self.stranger.clone(),
            elsewhere: self.elsewhere.clone(),
        }
    }
}

impl Session<'_> {
    /// Each clip in a register of its own, which goes with it.
    pub(super) fn one_by_one(&self, works: &[Work<'_>]) -> Result<(), StoreError> {
        let ready: Vec<OnceLock<Ready>> = works.iter().map(|_| OnceLock::new()).collect();
        let open = works.iter().enumerate().filter(|(_, work)| !work.is_done());
        let sizes = open.map(|(clip, work)| size(clip, work));
        let queue = Queue::new(sizes, self.settings.threads.get());
        self.run(&queue, works, &ready, &|index| {
            let stem = &works[index].clip.stem;
            let folder = self.empty_folder(stem)?;
            let register = folder.join("vault");
            self.prepare(&works[index], &folder, &register, OWN_TITLE)
        })
    }

    /// All clips in one register, which is complete before the first is attacked: answers must not depend on their order.
    pub(super) fn together(&self, works: &[Work<'_>]) -> Result<(), StoreError> {
        let ready: Vec<OnceLock<Ready>> = works.iter().map(|_| OnceLock::new()).collect();
        let mut root = None;
        for (work, place) in works.iter().zip(&ready) {
            let made = guarded(|| {
                let root = match &root {
                    Some(root) => root,
                    None => root.insert(self.empty_folder("catalogue")?),
                };
                let folder = self.empty_folder(&work.clip.stem)?;
                self.prepare(work, &folder, &root.join("vault"), &work.clip.stem)
            });
            self.observer.spent(work.marking_cost(self.settings));
            match made {
                Ok(made) => drop(place.set(made)),
                Err(error) => self.missing(&work.clip.stem, None, &error)?,
            }
        }
        let open = works.iter().enumerate();
        let prepared = open.filter(|(clip, _)| ready[*clip].get().is_some());
        let asked = prepared.map(|(clip, work)| size(clip, work));
        // All are open at once: they share the register.
        let queue = Queue::new(asked, works.len());
        self.run(&queue, works, &ready, &|_| {
            anyhow::bail!("prepared already")
        })?;
        for (work, place) in works.iter().zip(&ready) {
            if let Some(ready) = place.get() {
                self.finish(work, ready)?;
            }
        }
        if let Some(root) = root {
            self.cleared(&root);
        }
        Ok(())
    }

    /// Does the tasks of a queue on the threads of the run. Where all clips are prepared already, their ends are left out.
    fn run(
        &self,
        queue: &Queue,
        works: &[Work<'_>],
        ready: &[OnceLock<Ready>],
        prepare: &(dyn Fn(usize) -> Result<Ready> + Sync),
    ) -> Result<(), StoreError> {
        let failure: Mutex<Option<StoreError>> = Mutex::new(None);
        let together = self.settings.suite.catalogue.is_some();
        std::thread::scope(|scope| {
            for _ in 0..self.settings.threads.get() {
                scope.spawn(|| {
                    while let Some(task) = queue.next() {
                        let done = match task {
                            Task::Prepare(clip) if ready[clip].get().is_some() => Ok(true),
                            Task::Prepare(clip) => {
                                self.begin(&works[clip], &ready[clip], || prepare(clip))
                            }
                            Task::Finish(_) if together => Ok(true),
                            Task::Tail(clip, _) | Task::Row(clip, _) | Task::Finish(clip) => ready
                                [clip]
                                .get()
                                .map_or(Ok(false), |ready| self.ask(task, &works[clip], ready)),
                        };
                        match done {
                            Ok(well) => queue.done(task, well),
                            Err(error) => {
                                lock(&failure).get_or_insert(error);
                                queue.stop();
                            }
                        }
                    }
                });
            }
        });
        failure
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .map_or(Ok(()), Err)
    }

    /// Marks a clip; whether that went well.
    fn begin(
        &self,
        work: &Work<'_>,
        place: &OnceLock<Ready>,
        prepare: impl FnOnce() -> Result<Ready>,
    ) -> Result<bool, StoreError> {
        match guarded(prepare) {
            Ok(made) => {
                drop(place.set(made));
                self.observer.spent(work.marking_cost(self.settings));
                Ok(true)
            }
            Err(error) => {
                self.observer.spent(work.cost(self.settings));
                self.missing(&work.clip.stem, None, &error)?;
                self.cleared(&self.folder(&work.clip.stem));
                Ok(false)
            }
        }
    }

    /// A tail, a row, or the end of a clip; whether it went well.
    fn ask(&self, task: Task, work: &Work<'_>, ready: &Ready) -> Result<bool, StoreError> {
        let (settings, clip) = (self.settings, work.clip);
        let (done, part) = match task {
            Task::Prepare(_) => return Ok(true),
            Task::Finish(_) => return self.finish(work, ready).map(|()| true),
            Task::Tail(_, index) => {
                let marked = work.tails[index];
                self.observer.doing(&clip.stem, "scoring wrong keys");
                let tail = guarded(|| self.score_wrong_keys(work, &ready.prepared, marked));
                self.observer.spent(cost::wrong_keys(settings.suite, clip));
                let part = if marked {
                    "wrong keys, marked"
                } else {
                    "wrong keys, unmarked"
                };
                (tail.map(Record::Null), part.to_owned())
            }
            Task::Row(_, index) => {
                let (number, row) = work.rows[index];
                self.observer.doing(&clip.stem, &row.title());
                let stock = ready.stock();
                let trial = guarded(|| run_row(settings, self.subject, clip, &stock, number, row));
                self.observer.spent(cost::row(settings.suite, clip, row));
                if let Ok(trial) = &trial {
                    self.observer.done(trial);
                }
                (trial.map(Record::Trial), row.title())
            }
        };
        match done {
            Ok(record) => lock(&self.store).keep(record).map(|()| true),
            Err(error) => self
                .missing(&clip.stem, Some(&part), &error)
                .map(|()| false),
        }
    }

    /// Last: the lossless copy is one more delivery on record, which no trial may count.
    fn finish(&self, work: &Work<'_>, ready: &Ready) -> Result<(), StoreError> {
        let (settings, clip) = (self.settings, work.clip);
        if work.quality {
            self.observer.doing(&clip.stem, "measuring quality");
            let quality =
                guarded(|| measure_quality(settings, self.subject, clip, &ready.prepared));
            let vmaf = settings.vmaf.is_some();
            self.observer
                .spent(cost::quality(settings.suite, clip, vmaf));
            match quality {
                Ok(quality) => lock(&self.store).keep(Record::Quality(quality))?,
                Err(error) => self.missing(&clip.stem, Some("quality"), &error)?,
            }
        }
        self.cleared(&ready.prepared.folder);
        Ok(())
    }

    /// Something that was asked for is not there, and why.
    pub(super) fn missing(
        &self,
        clip: &str,
        part: Option<&str>,
        error: &anyhow::Error,
    ) -> Result<(), StoreError> {
        let mut reason = format!("{error:#}").replace('\n', "; ");
        // Results are the same bytes wherever the folders lie.
        for folder in [self.settings.clips, self.settings.out] {
            reason = reason.replace(&format!("{}/", folder.display()), "");
        }
        let gap = Gap::by_error(clip, part, reason);
        self.observer.missing(&gap);
        lock(&self.store).keep(Record::Gap(gap))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.settings.out.join("work").join(name)
    }

    fn empty_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot clear {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// What cannot be removed now is removed by the next run.
    fn cleared(&self, folder: &Path) {
        if !self.settings.keep && folder.exists() {
            let _ = fs::remove_dir_all(folder);
        }
    }

    /// Marks a clip, or takes it from the cache; of an unknown one there is only the master.
    fn prepare(
        &self,
        work: &Work<'_>,
        folder: &Path,
        register: &Path,
        title: &str,
    ) -> Result<Ready> {
        let (clip, settings) = (work.clip, self.settings);
        self.observer.doing(&clip.stem, "marking");
        let hash = hash_of(&clip.file)?;
        ensure!(
            self.head.measured.clips.get(&clip.stem) == Some(&hash),
            "the clip has changed since the run began"
        );
        let first_seconds = settings.suite.clips.first_seconds;
        let preparation = work.preparation(settings, register, title);
        if settings.suite.is_unknown(&clip.stem) {
            let master = clip.master(first_seconds, folder)?;
            return self.ready(work, preparation.without_copies(&master, folder));
        }
        // A register of several titles is no clip's own.
        let shared = self.settings.suite.catalogue.is_some();
        let cache = match (&settings.cache, self.subject.identity()) {
            (Some(folder), Some(system)) if !shared => Some(Cache::new(folder, self.head, system)),
            _ => None,
        };
        if let Some(cache) = &cache {
            let file = (clip.stem.as_str(), clip.file.as_path());
            match cache.take(file, first_seconds, &preparation, folder) {
                Ok(Some(prepared)) => return self.ready(work, prepared),
                Ok(None) => {}
                Err(error) => {
                    self.observer
                        .note(&format!("the cache's entry of {}: {error:#}", clip.stem));
                    self.empty_folder(&clip.stem)?;
                }
            }
        }
        let master = clip.master(first_seconds, folder)?;
        let prepared = self.subject.prepare(&master, folder, &preparation)?;
        if let Some(cache) = &cache
            && let Err(error) = cache.keep(&clip.stem, first_seconds, &preparation, &prepared)
        {
            self.observer.note(&format!("{error:#}"));
        }
        if !prepared.copies.is_empty() {
            let info = probe(&prepared.master)?.video;
            lock(&self.store).keep(Record::Marking(Marking {
                clip: clip.stem.clone(),
                width: info.width,
                height: info.height,
                frames: prepared.frames,
                seconds: prepared.seconds_a_copy,
            }))?;
        }
        self.ready(work, prepared)
    }

    fn ready(&self, work: &Work<'_>, prepared: Prepared) -> Result<Ready> {
        let mut remarked = Vec::new();
        if let Some(copy) = prepared.copies.first() {
            for how in work.remarks() {
                self.observer.doing(&work.clip.stem, "marking once more");
                let again = self.subject.remark(&prepared, &copy.file, how)?;
                remarked.push((how, again));
            }
        }
        let others = if work.others_needed() > 0 {
            other_titles(work, &prepared.folder)?
        } else {
            Vec::new()
        };
        let stranger = if work.needs(Source::Stranger) {
            Some(stranger(&prepared.folder)?)
        } else {
            None
        };
        let elsewhere = if work.needs(Source::WrongKeys) && !prepared.copies.is_empty() {
            self.observer
                .doing(&work.clip.stem, "opening another studio's register");
            Some(self.elsewhere(work, &prepared)?)
        } else {
            None
        };
        // Only in a register of all clips the others are known.
        let shared = self.settings.suite.catalogue.is_some();
        let names = work.distinct_others().map(|clip| clip.stem.clone());
        Ok(Ready {
            prepared,
            remarked,
            others,
            other_titles: names.filter(|_| shared).collect(),
            stranger,
            elsewhere,
        })
    }

    /// The same film in the register of another studio, with its own keys and deliveries, none of which was made.
    fn elsewhere(&self, work: &Work<'_>, prepared: &Prepared) -> Result<Prepared> {
        let folder = prepared.folder.join("elsewhere");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let register = folder.join("vault");
        let own = work.preparation(self.settings, &register, &prepared.title);
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

    fn score_wrong_keys(
        &self,
        work: &Work<'_>,
        prepared: &Prepared,
        marked: bool,
    ) -> Result<NullTail> {
        let suite = self.settings.suite;
        let keys = suite.null.map_or(0, |null| null.keys);
        let copy = prepared.copies.first().context("nothing was marked")?;
        let file = if marked { &copy.file } else { &prepared.master };
        Ok(NullTail {
            clip: work.clip.stem.clone(),
            marked,
            tail: self.subject.wrong_keys(prepared, file, keys, suite.seed)?,
        })
    }
}

fn size(clip: usize, work: &Work<'_>) -> Size {
    Size {
        clip,
        tails: work.tails.len(),
        rows: work.rows.len(),
    }
}

/// What panics leaves nothing half-written: it is missing like what fails.
fn guarded<T>(act: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| Err(anyhow::anyhow!("it panicked")))
}

/// A trial that panicked leaves nothing half-written behind the lock.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
