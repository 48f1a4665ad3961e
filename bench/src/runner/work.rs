//! What is left to do for each clip: rows, wrong keys, quality, as far as they are in this shard and not on record.

use std::path::{Path, PathBuf};

use anyhow::Result;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;
use countermark_attack::{Remark, Source};
use sha2::{Digest as _, Sha256};

use super::settings::RunSettings;
use crate::clips::Clip;
use crate::cost;
use crate::store::Store;
use crate::subject::Preparation;
use crate::suite::Row;

/// What is left to do for a clip.
pub(super) struct Work<'a> {
    pub(super) clip: &'a Clip,
    pub(super) rows: Vec<(usize, &'a Row)>,
    pub(super) quality: bool,
    /// Which wrong keys are to be scored: on the unmarked clip, on the marked one.
    pub(super) tails: Vec<bool>,
    /// The next clips of the run, which are other titles if there are some.
    pub(super) others: [&'a Clip; OTHERS],
}

/// Titles that a clip may be put together with.
pub(super) const OTHERS: usize = 3;

/// The clips behind the one at `index`, from the first one again behind the last.
pub(super) fn next_ones<T: Copy>(clips: &[T], index: usize) -> [T; OTHERS] {
    std::array::from_fn(|further| clips[(index + 1 + further) % clips.len()])
}

/// One thing that is asked of a clip.
#[derive(Debug, Clone, Copy)]
enum Unit<'a> {
    Tail(bool),
    Row(usize, &'a Row),
    Quality,
}

/// The work of each clip, in the order of the clips.
pub(super) fn all_work<'a>(
    settings: &RunSettings<'a>,
    clips: &'a [Clip],
    store: &Store,
) -> Vec<Work<'a>> {
    let suite = settings.suite;
    let asked: Vec<(usize, Unit<'a>)> = clips
        .iter()
        .enumerate()
        .flat_map(|(at, clip)| {
            let known = !suite.is_unknown(&clip.stem);
            let tails = [false, true].map(Unit::Tail).into_iter();
            let rows = suite.rows.iter().enumerate();
            tails
                .filter(move |_| known && suite.null.is_some())
                .chain(
                    rows.filter(|(_, row)| suite.asks(row, &clip.stem))
                        .map(|(index, row)| Unit::Row(index, row)),
                )
                .chain((known && suite.quality.is_some()).then_some(Unit::Quality))
                .map(move |unit| (at, unit))
        })
        .collect();
    let costs: Vec<f64> = asked
        .iter()
        .enumerate()
        .map(|(index, (at, unit))| {
            let is_first = index == 0 || asked[index - 1].0 != *at;
            let marking = if is_first {
                cost::preparing(suite, &clips[*at], suite.copies())
            } else {
                0.0
            };
            marking + cost_of(settings, &clips[*at], unit)
        })
        .collect();
    let own = settings
        .shard
        .map_or_else(|| vec![true; costs.len()], |shard| shard.takes(&costs));
    let all: Vec<&Clip> = clips.iter().collect();
    let mut works: Vec<Work<'a>> = clips
        .iter()
        .enumerate()
        .map(|(index, clip)| Work {
            clip,
            rows: Vec::new(),
            quality: false,
            tails: Vec::new(),
            others: next_ones(&all, index),
        })
        .collect();
    for ((at, unit), _) in asked.into_iter().zip(own).filter(|(_, own)| *own) {
        let (work, stem) = (&mut works[at], &clips[at].stem);
        match unit {
            Unit::Tail(marked) if !store.has_tail(stem, marked) => work.tails.push(marked),
            Unit::Row(index, row) if !store.has_trial(stem, &row.attack.to_string(), row.path) => {
                work.rows.push((index, row));
            }
            Unit::Quality => work.quality = !store.has_quality(stem),
            Unit::Tail(_) | Unit::Row(..) => {}
        }
    }
    works
}

fn cost_of(settings: &RunSettings<'_>, clip: &Clip, unit: &Unit<'_>) -> f64 {
    let suite = settings.suite;
    match unit {
        Unit::Tail(_) => cost::wrong_keys(suite, clip),
        Unit::Row(_, row) => cost::row(suite, clip, row),
        Unit::Quality => cost::quality(suite, clip, settings.vmaf.is_some()),
    }
}

impl Work<'_> {
    pub(super) fn is_done(&self) -> bool {
        self.rows.is_empty() && !self.quality && self.tails.is_empty()
    }

    /// How its copy is marked again in any row, each once.
    pub(super) fn remarks(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (_, row) in &self.rows {
            if let Some(Source::Remarked(how)) = row.attack.source()
                && !remarks.contains(&how)
            {
                remarks.push(how);
            }
        }
        remarks
    }

    pub(super) fn needs(&self, source: Source) -> bool {
        self.rows
            .iter()
            .any(|(_, row)| row.attack.source() == Some(source))
    }

    /// The next clips that are no copies of this one or of each other.
    pub(super) fn distinct_others(&self) -> impl Iterator<Item = &Clip> {
        let others = self.others;
        let file = &self.clip.file;
        (0..OTHERS)
            .filter(move |at| {
                let own = &others[*at].file;
                own != file && others[..*at].iter().all(|known| known.file != *own)
            })
            .map(move |at| others[at])
    }

    /// Other titles that rows need.
    pub(super) fn others_needed(&self) -> usize {
        let sources = self.rows.iter().filter_map(|(_, row)| row.attack.source());
        sources.map(Source::others).max().unwrap_or(0)
    }

    /// Core seconds that the rest may take, marking included.
    pub(super) fn cost(&self, settings: &RunSettings<'_>) -> f64 {
        if self.is_done() && settings.suite.catalogue.is_none() {
            return 0.0;
        }
        let suite = settings.suite;
        let rows = self
            .rows
            .iter()
            .map(|(_, row)| cost::row(suite, self.clip, row));
        let tails = self.tails.len() as f64 * cost::wrong_keys(suite, self.clip);
        let quality = if self.quality {
            cost::quality(suite, self.clip, settings.vmaf.is_some())
        } else {
            0.0
        };
        self.marking_cost(settings) + rows.sum::<f64>() + tails + quality
    }

    /// Core seconds of the reference and the copies.
    pub(super) fn marking_cost(&self, settings: &RunSettings<'_>) -> f64 {
        cost::preparing(settings.suite, self.clip, self.copies(settings))
    }

    /// Copies that are needed now.
    fn copies(&self, settings: &RunSettings<'_>) -> usize {
        let suite = settings.suite;
        let needed = self.rows.iter().map(|(_, row)| row.copies()).max();
        // The first copies are the same however many follow. Of a title that nothing is asked of, the title is enough.
        let is_asked = suite
            .rows
            .iter()
            .any(|row| suite.asks(row, &self.clip.stem));
        if is_asked || suite.quality.is_some() || suite.null.is_some() {
            suite.deliveries.marked.max(needed.unwrap_or(0))
        } else {
            0
        }
    }

    pub(super) fn preparation<'a>(
        &self,
        settings: &RunSettings<'_>,
        register: &'a Path,
        title: &'a str,
    ) -> Preparation<'a> {
        let suite = settings.suite;
        let mut hash = Sha256::new();
        hash.update(b"countermark bench preparation 1");
        hash.update(suite.seed.to_le_bytes());
        hash.update(self.clip.stem.as_bytes());
        Preparation {
            register,
            title,
            seed: hash.finalize().into(),
            marked: self.copies(settings),
            // Who is on record must not depend on what is left to do: scores count the deliveries.
            registered: suite.deliveries.registered.max(suite.copies()),
        }
    }
}

/// The next clips of the folder, each once, so many at most; where there is no other one a clip of our own.
pub(super) fn other_titles(work: &Work<'_>, folder: &Path) -> Result<Vec<PathBuf>> {
    const SECONDS: f32 = 4.0;
    let others = work.distinct_others();
    let next: Vec<PathBuf> = others.map(|clip| clip.file.clone()).collect();
    if !next.is_empty() {
        return Ok(next);
    }
    let file = folder.join("other.mp4");
    write_clip(
        &sample_set()[0].clone().small(SECONDS),
        &file,
        FileQuality::Crf(20.0),
    )?;
    Ok(vec![file])
}

/// A film of our own that no folder of clips holds: shots of the samples under seeds of its own.
pub(super) fn stranger(folder: &Path) -> Result<PathBuf> {
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
