//! Other ways to play a clip that leaves something unexplained: backwards, much faster or slower, as a negative.
//!
//! ```text
//! said(r)  = votes of the strongest candidates when the clip is played at rate r        over all groups of query frames
//! replays  = rates of which more is said than of the clip as it is, candidates of each
//! ```
//!
//! Of a stranger's clip about the same is said however it is played: ways of which not three times as much is said as of the clip as
//! it is show titles that a frame of their reference confirms, or none. The index is asked once a clip, see [`super::lookups`].
//!
//! The pictures choose, but one after the other is tried until somebody is accused: every way that may be tried is a hypothesis,
//! tried or not.
//!
//! # Shapes and units
//! Rates in seconds of the title a second of the clip, below 0 backwards.

use countermark_catalogue::Vault;
use countermark_register::TitleRecord;

use crate::error::TraceError;
use crate::query::frames::QueryFrames;
use crate::query::playback::Playback;
use crate::reference::spans::Spans;
use crate::retrieval::candidates::{Found, Lead, confirmed};
use crate::retrieval::lookups::Lookups;
use crate::retrieval::votes::said_at;
use crate::task::Task;

/// Rates a factor of two apart: each reaches from 0.7 to 1.4 times itself.
const RATES: [f64; 10] = [1.0, -1.0, 2.0, 0.5, -2.0, -0.5, 4.0, 0.25, -4.0, -0.25];

/// Ways to play a clip that may be tried: as it is, the likeliest others, and the likeliest as a negative.
pub(crate) fn possible_ways(task: &Task<'_>) -> u64 {
    1 + 2 * task.tuning().retrieval.candidates.max_replays as u64
}

/// A way to play a clip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Replay {
    pub(crate) playback: Playback,
    /// How many times as much is said of it as of the clip as it is.
    pub(crate) gain: f64,
    /// Whether so much more is said of it that titles are worth a look which no frame confirms. Of a stranger's clip about the
    /// same is said however it is played.
    pub(crate) is_told: bool,
}

impl Replay {
    /// As it is.
    pub(crate) const PLAIN: Self = Self {
        playback: Playback::PLAIN,
        gain: 1.0,
        is_told: true,
    };

    /// Those of the titles that a clip may show when it is played so which are worth a look.
    pub(crate) fn worth_a_look<'a>(&self, mut leads: Vec<Lead<'a>>) -> Vec<Lead<'a>> {
        // A title that was named is searched whole, however it is played.
        leads.retain(|lead| self.is_told || lead.score > 0.0 || lead.spans == Spans::Whole);
        leads
    }
}

/// What the index says of a clip in the ways to play it.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    /// Of all ways but as it is, the likeliest first.
    ways: Vec<Replay>,
    /// What is said of the clip as it is, in votes.
    pub(crate) usual: f64,
}

impl Replays {
    /// Of a clip forwards, backwards, faster and slower.
    ///
    /// # Errors
    /// When the vault's index cannot be read, or the work is to end.
    pub(crate) fn of(
        probes: &QueryFrames,
        (vault, titles): (&Vault, &[TitleRecord]),
        (lookups, task): (&Lookups, &Task<'_>),
    ) -> Result<Self, TraceError> {
        // One frame runs neither way.
        if probes.all().len() < 2 {
            return Ok(Self::default());
        }
        let ways = RATES.map(|rate| Playback::at_rate(rate, probes.end()));
        let said = if let Some(known) = lookups.said.get() {
            known
        } else {
            let said = said(probes, &ways, vault, titles, task)?;
            lookups.said.get_or_init(|| said)
        };
        let mut likeliest = likeliest(said, &ways, (said[0], said[0]), task);
        likeliest.retain(|replay| replay.playback != ways[0]);
        Ok(Self {
            ways: likeliest,
            usual: said[0],
        })
    }

    /// Those of which more is said than of the clip as it is.
    pub(crate) fn likelier(&self, task: &Task<'_>) -> Vec<Replay> {
        let tuning = &task.tuning().retrieval.candidates;
        self.from(|_| tuning.min_replay_gain, task)
    }

    /// Those and the clip at its own speed backwards, where about as much is said of that: pictures that stand still are alike
    /// either way, and the mark tells.
    pub(crate) fn worth_a_trial(&self, task: &Task<'_>) -> Vec<Replay> {
        let tuning = &task.tuning().retrieval.candidates;
        let least = |playback: &Playback| {
            if playback.is_exact() {
                tuning.min_tried_replay_gain
            } else {
                tuning.min_replay_gain
            }
        };
        self.from(least, task)
    }

    fn from(&self, least: impl Fn(&Playback) -> f64, task: &Task<'_>) -> Vec<Replay> {
        let ways = self.ways.iter().copied();
        let likely = ways.filter(|replay| replay.gain >= least(&replay.playback));
        likely
            .take(task.tuning().retrieval.candidates.max_replays)
            .collect()
    }

    /// Whether the index says so much more of a clip as a negative that it is looked at so first: as it is nothing confirms any title,
    /// and all of several titles would be searched in vain.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn are_negative(
        probes: &QueryFrames,
        leads: &[Lead<'_>],
        among: (&Vault, &[TitleRecord]),
        (lookups, task): (&Lookups, &Task<'_>),
    ) -> Result<bool, TraceError> {
        if leads.iter().any(|lead| lead.score > 0.0) {
            return Ok(false);
        }
        let tuning = task.tuning();
        let usual = Self::of(probes, among, (lookups, task))?.usual;
        let usual = usual.max(tuning.retrieval.votes.min_votes);
        let ways = Self::of_negative(probes, usual, among, (lookups, task))?;
        let least = tuning.retrieval.candidates.min_first_replay_gain;
        Ok(ways.first().is_some_and(|way| way.gain >= least))
    }

    /// The ways to play a clip as a negative of which the index says about as much as of the clip as it is, `usual`, 0 for one
    /// that shows nothing.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(crate) fn of_negative(
        probes: &QueryFrames,
        usual: f64,
        (vault, titles): (&Vault, &[TitleRecord]),
        (lookups, task): (&Lookups, &Task<'_>),
    ) -> Result<Vec<Replay>, TraceError> {
        let ways = RATES.map(|rate| Playback::at_rate(rate, probes.end()));
        let said = if let Some(known) = lookups.said_of_negative.get() {
            known
        } else {
            let negative = probes.played(ways[0].negative());
            let said = said(&negative, &ways, vault, titles, task)?;
            lookups.said_of_negative.get_or_init(|| said)
        };
        let plain = Self::of(probes, (vault, titles), (lookups, task))?.usual;
        let ways = ways.map(Playback::negative);
        let mut replays = likeliest(said, &ways, (usual, plain), task);
        let tuning = &task.tuning().retrieval.candidates;
        let least = if usual > 0.0 {
            tuning.min_tried_replay_gain
        } else {
            1.0
        };
        replays.retain(|replay| replay.gain >= least);
        replays.truncate(tuning.max_replays);
        Ok(replays)
    }
}

fn said(
    probes: &QueryFrames,
    ways: &[Playback; RATES.len()],
    vault: &Vault,
    titles: &[TitleRecord],
    task: &Task<'_>,
) -> Result<Vec<f64>, TraceError> {
    let index = vault.catalogue().index(titles)?;
    let said = said_at(probes, ways, &index, &task.tuning().retrieval.votes);
    task.proceed()?;
    Ok(said)
}

/// The likeliest first; of those of which the same is said, the usual one. Beside what is `usual`, and what is said of the clip as it
/// is.
fn likeliest(
    said: &[f64],
    ways: &[Playback],
    (usual, plain): (f64, f64),
    task: &Task<'_>,
) -> Vec<Replay> {
    let tuning = &task.tuning().retrieval;
    let [usual, plain] = [usual, plain].map(|said| said.max(tuning.votes.min_votes));
    let told = tuning.candidates.min_first_replay_gain * plain;
    let mut replays: Vec<Replay> = said
        .iter()
        .zip(ways)
        .map(|(said, playback)| Replay {
            playback: *playback,
            gain: said / usual,
            is_told: *said >= told,
        })
        .collect();
    replays.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    replays
}

/// The titles that a clip may show when it is played so: one short title is searched whole, as always.
///
/// # Errors
/// When the vault's index cannot be read, or the work is to end.
pub(crate) fn leads_of<'a>(
    probes: &QueryFrames,
    (vault, titles): (&Vault, &'a [TitleRecord]),
    (lookups, task): (&Lookups, &Task<'_>),
) -> Result<Vec<Lead<'a>>, TraceError> {
    let tuning = &task.tuning().retrieval.candidates;
    if let [title] = titles
        && title.master.duration_seconds <= tuning.whole_title_seconds
    {
        return Ok(vec![Lead {
            spans: Spans::Whole,
            ..Lead::at(title)
        }]);
    }
    let index = vault.catalogue().index(titles)?;
    let Found { leads, .. } =
        confirmed(probes, &index, Vec::new(), (vault, titles), (lookups, task))?;
    Ok(leads)
}
