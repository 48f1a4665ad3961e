//! Leads: titles that a clip may show, and the spans of them, found in the index and confirmed in the pictures.
//!
//! ```text
//! probes -> words, hashes -> index -> votes for (title, way round, offset in time) -> candidates
//! sound -> words -> index -> lines of time -> leads
//! candidate -> the reference's frame at the place that most words point to -> features -> consensus -> lead
//! ```
//!
//! Only the spans of leads are decoded from then on: what a search costs does not grow with the length of a film. No key is
//! looked at, so whatever is chosen here costs no hypothesis.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::repeat;
use std::path::{Path, PathBuf};

use countermark_catalogue::{Index, Vault};
use countermark_register::{TitleId, TitleRecord};
use rayon::prelude::*;

use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::query::frames::QueryFrames;
use crate::reference::spans::Spans;
use crate::registration::prior::AlignmentPrior;
use crate::retrieval::audio::{AudioMatch, heard};
use crate::retrieval::lookups::Lookups;
use crate::retrieval::sliding::slid_titles;
use crate::task::Task;
use crate::tuning::CandidatesTuning;

use crate::retrieval::votes::{Candidate, candidates};

/// Candidates looked at side by side.
const CANDIDATES_AT_ONCE: usize = 4;

/// A title to follow up.
#[derive(Debug, Clone)]
pub(crate) struct Lead<'a> {
    /// The title.
    pub(crate) title: &'a TitleRecord,
    /// Where to look; the whole title when nothing is known.
    pub(crate) spans: Spans,
    /// What confirmed it; 0 when nothing did.
    pub(crate) score: f64,
    /// What the index said of moments of the clip; nothing when the whole title is to be searched.
    pub(crate) clues: Vec<AlignmentPrior>,
}

impl<'a> Lead<'a> {
    pub(crate) fn at(title: &'a TitleRecord) -> Self {
        Self {
            title,
            spans: Spans::of(Vec::new()),
            score: 0.0,
            clues: Vec::new(),
        }
    }

    fn whole(title: &'a TitleRecord) -> Self {
        Self {
            spans: Spans::Whole,
            ..Self::at(title)
        }
    }

    /// Adds the spans and clues of another one of its title, where they are told.
    fn join(&mut self, other: Self) {
        if let Spans::Some(spans) = other.spans {
            for span in spans {
                self.spans.add(span);
            }
            self.clues.extend(other.clues);
        }
    }

    /// Adds what a candidate says, and what confirmed it.
    fn follow(&mut self, candidate: &Candidate, score: f64, tuning: &CandidatesTuning) {
        let half = candidate.length / 2.0;
        let reach = half * tuning.max_speed + tuning.margin_seconds;
        self.score += score;
        self.spans.add([
            (candidate.middle - reach).max(0.0),
            candidate.middle + reach,
        ]);
        self.clues.push(AlignmentPrior {
            clip_time: candidate.clip_middle,
            media_time: candidate.middle,
            speed: 1.0,
            reach: half + tuning.margin_seconds,
            mirrored: candidate.mirrored,
        });
    }

    /// Adds what was heard, which tells nothing of the way round.
    fn listen(&mut self, heard: &AudioMatch<'_>, tuning: &CandidatesTuning) {
        let [first, last] = heard.query;
        let middle = f64::midpoint(first, last);
        self.score -= heard.log10_p;
        self.spans.add([
            (heard.time.at(first) - tuning.margin_seconds).max(0.0),
            heard.time.at(last) + tuning.margin_seconds,
        ]);
        for mirrored in [false, true] {
            self.clues.push(AlignmentPrior {
                clip_time: middle,
                media_time: heard.time.at(middle),
                speed: heard.time.speed,
                reach: (last - first) / 2.0 + tuning.margin_seconds,
                mirrored,
            });
        }
    }

    /// Whether the clip may well be one piece of the title as it is.
    #[must_use]
    pub(crate) fn is_plain(&self) -> bool {
        match &self.spans {
            Spans::Whole => self.clues.is_empty(),
            Spans::Some(spans) => {
                spans.len() == 1 && self.clues.first().is_none_or(|clue| !clue.mirrored)
            }
        }
    }
}

/// What the index says of a clip.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found<'a> {
    /// The titles to follow up, strongest first.
    pub(crate) leads: Vec<Lead<'a>>,
    /// What the clip sounds like, surest first.
    pub(crate) heard: Vec<AudioMatch<'a>>,
    /// Titles that the index points to, but whose reference cannot be looked at.
    pub(crate) lost: BTreeSet<TitleId>,
}

/// The titles to follow up by pictures and sound.
///
/// Without any lead whole titles are followed up: one of any length, several while they are short enough together; what is
/// left out is said. One short title is always followed up whole.
///
/// # Errors
/// When the vault's index cannot be read.
pub(crate) fn leads<'a>(
    clip: &Path,
    probes: &QueryFrames,
    vault: &Vault,
    titles: &'a [TitleRecord],
    (lookups, task): (&Lookups, &Task<'_>),
) -> Result<Found<'a>, TraceError> {
    task.stage(Stage::SearchingIndex, None);
    let index = vault.catalogue().index(titles)?;
    for lost in &index.unindexed {
        task.note(&Note::NotIndexed {
            title: lost.title.clone(),
            reason: lost.why.clone(),
        });
    }
    let heard =
        heard(clip, &index, titles, &task.tuning().retrieval.audio).unwrap_or_else(|error| {
            task.note(&Note::SoundUnread {
                reason: error.to_string(),
            });
            Vec::new()
        });
    task.proceed()?;
    let tuning = &task.tuning().retrieval.candidates;
    let seconds: f64 = titles.iter().map(|t| t.master.duration_seconds).sum();
    // One short title is searched whole: a scene that stands still is alike wherever the index points.
    let is_short = titles.len() == 1 && seconds <= tuning.whole_title_seconds;
    let found = if is_short {
        Found {
            heard,
            ..Found::default()
        }
    } else {
        confirmed(probes, &index, heard, (vault, titles), (lookups, task))?
    };
    let found = slid(found, probes, seconds, (vault, titles), task)?;
    if !found.leads.is_empty() {
        return Ok(found);
    }
    // A title that was named is searched however long it takes.
    if seconds > tuning.whole_title_seconds && titles.len() > 1 {
        task.note(&Note::NotSearchedByFrame {
            titles: titles.len(),
            seconds,
        });
        return Ok(found);
    }
    Ok(Found {
        leads: titles.iter().map(Lead::whole).collect(),
        ..found
    })
}

/// The same with the titles that a short clip's pictures are like when they are slid along theirs, where the index confirms none: of a
/// part of a second its words tell next to nothing. First come those, as nothing else tells them from chance.
///
/// # Errors
/// When the work is to end.
fn slid<'a>(
    mut found: Found<'a>,
    probes: &QueryFrames,
    seconds: f64,
    (vault, titles): (&Vault, &'a [TitleRecord]),
    task: &Task<'_>,
) -> Result<Found<'a>, TraceError> {
    let tuning = &task.tuning().retrieval.candidates;
    let is_told = !found.heard.is_empty() || found.leads.iter().any(|lead| lead.score > 0.0);
    if titles.len() < 2 || is_told || seconds > tuning.whole_title_seconds {
        return Ok(found);
    }
    let references = titles.iter().map(|t| vault.catalogue().reference_path(t));
    let mut leads = Vec::new();
    for told in slid_titles(probes, &references.collect::<Vec<_>>(), task)? {
        let mut lead = Lead::at(&titles[told.title]);
        for (clip_time, media_time) in told.moments {
            let candidate = Candidate {
                title: told.title,
                mirrored: told.mirrored,
                clip_middle: clip_time,
                middle: media_time,
                length: probes.end(),
                group: 0,
                score: 0.0,
                hashed: 0,
                witnesses: Vec::new(),
            };
            lead.follow(&candidate, 0.0, tuning);
        }
        leads.push(lead);
    }
    if leads.is_empty() {
        return Ok(found);
    }
    // What would have been looked at is looked at all the same.
    let mut others = std::mem::take(&mut found.leads);
    if others.is_empty() {
        others.extend(titles.iter().map(Lead::whole));
    }
    for other in others {
        match leads.iter_mut().find(|own| own.title.id == other.title.id) {
            Some(own) => own.join(other),
            None => leads.push(other),
        }
    }
    Ok(Found { leads, ..found })
}

/// The candidates whose pictures are sighted, and what was heard: a lead for each title.
///
/// # Errors
/// When the work is to end.
pub(crate) fn confirmed<'a>(
    probes: &QueryFrames,
    index: &Index,
    heard: Vec<AudioMatch<'a>>,
    (vault, titles): (&Vault, &'a [TitleRecord]),
    (lookups, task): (&Lookups, &Task<'_>),
) -> Result<Found<'a>, TraceError> {
    let tuning = &task.tuning().retrieval.candidates;
    let votes = &task.tuning().retrieval.votes;
    let references: Vec<PathBuf> = titles
        .iter()
        .map(|t| vault.catalogue().reference_path(t))
        .collect();
    let mut layers: Vec<(Candidate, &QueryFrames)> = probes
        .layers()
        .flat_map(|layer| {
            candidates(layer, index, votes)
                .into_iter()
                .zip(repeat(layer))
        })
        .collect();
    layers.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    let mut sifted = Sifted::new(tuning);
    let mut layers = layers.into_iter();
    // What the first one tells spares most of the others.
    let mut at_once = 1;
    loop {
        let batch: Vec<(Candidate, &QueryFrames)> = layers
            .by_ref()
            .filter(|(candidate, _)| sifted.wants(candidate))
            .take(at_once)
            .collect();
        if batch.is_empty() {
            break;
        }
        let scores: Vec<Result<f64, TraceError>> = batch
            .par_iter()
            .map(|(candidate, probes)| {
                let most = sifted.looks(candidate);
                task.proceed()?;
                let reference = &references[candidate.title];
                lookups.sighted(candidate, probes, reference, (most, task))
            })
            .collect();
        task.proceed()?;
        for ((candidate, _), score) in batch.into_iter().zip(scores) {
            // The ones before it in the batch may have told what it says.
            if sifted.wants(&candidate) {
                sifted.note(candidate, score, titles, task);
            }
        }
        at_once = CANDIDATES_AT_ONCE;
    }
    let Sifted {
        mut leads,
        doubtful,
        strongest,
        lost,
        ..
    } = sifted;
    for (place, lead) in &mut leads {
        if matches!(&lead.spans, Spans::Some(spans) if spans.len() >= tuning.min_fragments) {
            recap(lead, *place, &doubtful, &strongest, tuning);
        }
    }
    // What the index knows is not the very frame that the probe shows: between two of its places a camera may have moved on.
    if leads.is_empty() && heard.is_empty() {
        for candidate in doubtful.iter().take(tuning.max_unconfirmed) {
            leads
                .entry(candidate.title)
                .or_insert_with(|| Lead::at(&titles[candidate.title]))
                .follow(candidate, 0.0, tuning);
        }
    }
    for heard in &heard {
        let own = |title: &TitleRecord| title.id == heard.title.id;
        let Some(place) = titles.iter().position(own) else {
            continue;
        };
        leads
            .entry(place)
            .or_insert_with(|| Lead::at(heard.title))
            .listen(heard, tuning);
    }
    let lost = lost.into_iter().map(|place| titles[place].id).collect();
    let mut leads: Vec<Lead<'_>> = leads.into_values().collect();
    leads.sort_by(|a, b| b.score.total_cmp(&a.score));
    leads.truncate(tuning.max_titles);
    Ok(Found { leads, heard, lost })
}

/// Leads on to fragments that no frame confirmed, for their pictures have few features or look like one another: all of an
/// episode, of a film the places that the votes point to.
fn recap(
    lead: &mut Lead<'_>,
    place: usize,
    doubtful: &[Candidate],
    strongest: &BTreeMap<usize, f64>,
    tuning: &CandidatesTuning,
) {
    if lead.title.master.duration_seconds <= tuning.whole_title_seconds {
        lead.spans = Spans::Whole;
    }
    for candidate in doubtful.iter().filter(|other| other.title == place) {
        let known = strongest.get(&candidate.group);
        if known.is_some_and(|known| candidate.score >= tuning.min_rival_share * known) {
            lead.follow(candidate, 0.0, tuning);
        }
    }
}

/// What became of the candidates that were looked at.
struct Sifted<'a, 't> {
    leads: BTreeMap<usize, Lead<'a>>,
    /// Confirmed.
    followed: Vec<Candidate>,
    /// Not confirmed, each said once.
    doubtful: Vec<Candidate>,
    /// For each group of probes the votes of its strongest confirmed candidate.
    strongest: BTreeMap<usize, f64>,
    /// Titles whose reference cannot be looked at, by their place in the index.
    lost: BTreeSet<usize>,
    tuning: &'t CandidatesTuning,
}

impl<'a, 't> Sifted<'a, 't> {
    fn new(tuning: &'t CandidatesTuning) -> Self {
        Self {
            leads: BTreeMap::new(),
            followed: Vec::new(),
            doubtful: Vec::new(),
            strongest: BTreeMap::new(),
            lost: BTreeSet::new(),
            tuning,
        }
    }

    /// Whether a candidate may tell something new.
    fn wants(&self, candidate: &Candidate) -> bool {
        let known = self.strongest.get(&candidate.group).copied();
        !self.lost.contains(&candidate.title)
            && candidate.score >= self.tuning.min_rival_share * known.unwrap_or(0.0)
            // What one layer told need not be told by the other.
            && !self.followed.iter().any(|other| other.repeats(candidate))
    }

    /// How many of its places are worth a look.
    fn looks(&self, candidate: &Candidate) -> usize {
        let before = self
            .doubtful
            .iter()
            .filter(|other| other.group == candidate.group);
        if before.count() < self.tuning.looks_in_vain {
            self.tuning.looks
        } else {
            self.tuning.few_looks
        }
    }

    fn note(
        &mut self,
        candidate: Candidate,
        score: Result<f64, TraceError>,
        titles: &'a [TitleRecord],
        task: &Task<'_>,
    ) {
        match score {
            Err(error) => {
                let name = &titles[candidate.title].name;
                task.note(&Note::left_out(name, &error));
                self.lost.insert(candidate.title);
            }
            Ok(score) if score > 0.0 => {
                self.strongest
                    .entry(candidate.group)
                    .or_insert(candidate.score);
                self.leads
                    .entry(candidate.title)
                    .or_insert_with(|| Lead::at(&titles[candidate.title]))
                    .follow(&candidate, score, self.tuning);
                self.followed.push(candidate);
            }
            Ok(_) if !self.doubtful.iter().any(|other| other.repeats(&candidate)) => {
                self.doubtful.push(candidate);
            }
            Ok(_) => (),
        }
    }
}
