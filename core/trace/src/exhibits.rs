//! What a page shows beyond the answer: frames side by side, and how the innocent fared.
//!
//! ```text
//! matches -> a few probes of each -> the reference's frame, led into the probe's geometry -> pairs
//! closed decision -> the accused, and the best of all others -> standings
//! ```
//!
//! Only what is asked for is collected, after the answer is known: nothing here changes it.
//!
//! # Shapes and units
//! Times in seconds: the clip's own clock, and media time.

use std::collections::BTreeMap;

use countermark_catalogue::Vault;
use countermark_register::{DeliveryId, TitleRecord};
use serde::Serialize;

use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::query::frames::{QueryFrame, QueryFrames};
use crate::reference::Reference;
use crate::reference::spans::Spans;
use crate::registration::spatial::track::evenly_spaced;
use crate::result::{Bound, Match, Sense, TitleName, text};
use crate::task::Task;

mod pair;
mod sight;

pub use pair::{FramePair, Picture};
pub(crate) use sight::Sight;

/// Pairs of frames for one clip.
pub const PAIRS: usize = 6;

/// Deliveries that are not accused, in the table of scores.
pub const OTHERS: usize = 10;

/// How a delivery on record fared in the closed decision. That of an innocent is a secret of the studio: who knows such scores can
/// build that delivery's signal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedDelivery {
    /// Name of its title.
    pub title: TitleName,
    /// The delivery.
    #[serde(serialize_with = "text")]
    pub delivery: DeliveryId,
    /// Whose copy.
    pub distributor: String,
    /// Free text given at marking.
    pub licensee: Option<String>,
    /// Whether it is among the accused.
    pub accused: bool,
    /// Its score and bound.
    #[serde(flatten)]
    pub bound: Bound,
}

/// The exhibits of one clip.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exhibits {
    /// Frames of the clip beside those of the master, in the order of time.
    pub pairs: Vec<FramePair>,
    /// The accused first, then the others that came nearest to it: for the studio only.
    pub standings: Vec<RankedDelivery>,
    /// What the analysis noted.
    pub notes: Vec<String>,
}

impl Exhibits {
    /// Adds the standings of a title: of all titles' innocents the best [`OTHERS`] stay.
    pub(crate) fn rank(&mut self, standings: Vec<RankedDelivery>) {
        self.standings.extend(standings);
        self.standings.sort_by(|a, b| {
            let (ours, theirs) = (a.bound, b.bound);
            let by_score = || theirs.t().total_cmp(&ours.t());
            let by_bound = || ours.log10().total_cmp(&theirs.log10()).then_with(by_score);
            b.accused.cmp(&a.accused).then_with(by_bound)
        });
        let accused = self.standings.iter().filter(|s| s.accused).count();
        self.standings.truncate(accused + OTHERS);
    }

    /// Collects pairs of frames for the matches; `sight` says how the clip was looked at for a match.
    ///
    /// A pair that cannot be made is noted.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn pair<'a>(
        &mut self,
        matches: &[Match],
        probes: &QueryFrames,
        (vault, titles): (&Vault, &[TitleRecord]),
        sight: impl Fn(&Match) -> Option<Sight<'a>>,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        task.stage(Stage::ComparingFrames, None);
        let mut wanted: BTreeMap<usize, Vec<(&Match, &QueryFrame)>> = BTreeMap::new();
        let times: Vec<f64> = probes.all().iter().map(|p| p.clip_time).collect();
        for (found, place) in chosen(matches, &times) {
            let probe = &probes.all()[place];
            let title = titles
                .iter()
                .position(|title| Some(title.id) == found.title.as_ref().map(|own| own.id));
            if let Some(title) = title {
                wanted.entry(title).or_default().push((found, probe));
            }
        }
        for (title, wanted) in wanted {
            let title = &titles[title];
            match pairs_of(title, &wanted, probes, vault, &sight, task) {
                Ok(pairs) => self.pairs.extend(pairs),
                Err(error) => {
                    task.proceed()?;
                    task.note(&Note::FramesNotCompared {
                        title: title.name.clone(),
                        reason: error.reason(),
                    });
                }
            }
        }
        self.pairs
            .sort_by(|a, b| a.clip_time.total_cmp(&b.clip_time));
        Ok(())
    }
}

/// Up to [`PAIRS`] places of moments that matches by picture hold, as many of each match.
fn chosen<'a>(matches: &'a [Match], times: &[f64]) -> Vec<(&'a Match, usize)> {
    let seen: Vec<(&Match, Vec<usize>)> = matches
        .iter()
        .filter(|found| found.by != [Sense::Sound])
        .map(|found| {
            let [from, to] = found.query;
            let holds = |place: &usize| (from..=to).contains(&times[*place]);
            (found, (0..times.len()).filter(holds).collect())
        })
        .filter(|(_, own): &(&Match, Vec<usize>)| !own.is_empty())
        .collect();
    let few: Vec<usize> = evenly_spaced(&(0..seen.len()).collect::<Vec<_>>(), PAIRS);
    let each = PAIRS / few.len().max(1);
    few.into_iter()
        .flat_map(|place| {
            let (found, own) = &seen[place];
            let own = evenly_spaced(own, each);
            own.into_iter().map(|place| (*found, place))
        })
        .collect()
}

fn pairs_of<'a>(
    title: &TitleRecord,
    wanted: &[(&Match, &QueryFrame)],
    probes: &QueryFrames,
    vault: &Vault,
    sight: &dyn Fn(&Match) -> Option<Sight<'a>>,
    task: &Task<'_>,
) -> Result<Vec<FramePair>, TraceError> {
    let moment = |found: &Match, probe: &QueryFrame| {
        let since = probe.clip_time - found.query[0];
        // What is said of a clip may go on beyond the master's end: no frame is there.
        (found.reference[0] + found.speed * since).clamp(0.0, title.master.duration_seconds)
    };
    let spans = wanted
        .iter()
        .map(|(found, probe)| [moment(found, probe); 2])
        .collect();
    let reference = Reference::of_title(vault, title, Spans::of(spans), task)?;
    let mut pairs = Vec::new();
    for (found, probe) in wanted {
        let Some(sight) = sight(found) else {
            continue;
        };
        // A line of time may be a frame off: the neighbour that leaves less is the one shown.
        let middle = reference.nearest(moment(found, probe));
        let last = reference.times().len() - 1;
        let times = &reference.times()[middle.saturating_sub(1)..=(middle + 1).min(last)];
        let shown = reference.pictures(times)?;
        let best = shown
            .iter()
            .zip(times)
            .filter_map(|(shown, media_time)| {
                let shown = shown.as_ref();
                let own = (&*probe.picture, probe.clip_time);
                let map = sight.map(own, probes.content(), shown)?;
                FramePair::of(own, (shown, *media_time), &map, title.into())
            })
            .max_by(|a, b| a.correlation.total_cmp(&b.correlation));
        pairs.extend(best);
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests;
