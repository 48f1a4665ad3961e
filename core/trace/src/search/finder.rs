//! The search at work: the whole picture in the ways to play the clip, then parts of it.
//!
//! ```text
//! whole picture -> found -> covers -> rest of the canvas -> part -> found -> ..     then what was found to be a part, as one
//! several titles told by the index, and seams -> panels, each on its own     in place of the whole picture where they differ
//! no piece covers half, and seams of many     -> panels, each on its own     beside the whole picture where they differ
//! ```
//!
//! # Shapes and units
//! Seconds on the clip's own clock.

use std::ops::Range;
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_register::{TitleId, TitleRecord};

use crate::error::TraceError;
use crate::observer::Note;
use crate::query::footage::Footage;
use crate::query::frames::{QueryFrame, QueryFrames};
use crate::query::part::Part;
use crate::query::playback::Playback;
use crate::reference::Reference;
use crate::reference::spans::Spans;
use crate::registration::locate::locate;
use crate::result::covered;
use crate::retrieval::candidates::Lead;
use crate::retrieval::lookups::Lookups;
use crate::retrieval::replays::{Replay, leads_of};
use crate::task::Task;

use super::canvas::Canvas;
use super::cover::{Cells, covers};
use super::found::Found;

/// What parts must explain of what a piece of the whole picture does to be told in its stead.
const MIN_EXPLAINED_SHARE: f64 = 0.95;

/// A search at work.
pub(super) struct Finder<'a, 's> {
    pub(super) vault: &'s Vault,
    pub(super) titles: &'a [TitleRecord],
    pub(super) cells: Option<Cells>,
    pub(super) task: &'s Task<'s>,
    pub(super) lookups: &'s Lookups,
    pub(super) found: Vec<Found<'a>>,
    pub(super) vain: Vec<(TitleId, Playback)>,
    /// What was looked for in the clip played otherwise.
    pub(super) played: Vec<(Playback, Vec<Lead<'a>>)>,
    /// Panels that were looked at in place of the whole picture, and whether each shows something.
    pub(super) panels: Vec<(Part, bool)>,
}

impl<'a> Finder<'a, '_> {
    /// Looks at the panels between seams, each on its own, where the index tells several titles: of what fills a part of the frames
    /// the whole picture tells little, and costs a search of moving cameras for each title. Whether different panels show different
    /// titles at one time; else nothing of it is kept.
    pub(super) fn look_between_seams(
        &mut self,
        footage: &Footage,
        probes: &QueryFrames,
        leads: &[Lead<'a>],
    ) -> Result<bool, TraceError> {
        let tuning = &self.task.tuning().retrieval.places;
        let best = leads.iter().map(|lead| lead.score).fold(0.0, f64::max);
        let told = |lead: &&Lead<'_>| lead.score > tuning.min_panel_score * best;
        if leads.iter().filter(told).count() < 2 {
            return Ok(false);
        }
        self.look_at_panels(footage, probes, 2, f64::INFINITY)
    }

    /// Looks at panels as many as those of a contact sheet where no piece of the whole picture covers half of it: they may show one
    /// title at different times.
    pub(super) fn look_at_tiles(
        &mut self,
        footage: &Footage,
        probes: &QueryFrames,
    ) -> Result<(), TraceError> {
        let tuning = &self.task.tuning().retrieval.places;
        let certain = self.found.iter().filter(|found| found.is_certain());
        let mut covers = certain.flat_map(|found| &found.covers);
        if self.panels.is_empty() && !covers.any(|(_, cover)| cover.is_most()) {
            self.look_at_panels(footage, probes, tuning.min_tiles, tuning.min_tile_seconds)?;
        }
        Ok(())
    }

    /// Looks at the panels between seams, where they are so many at least. Whether different ones show different titles at one time,
    /// or one title so many seconds apart; else nothing of it is kept.
    fn look_at_panels(
        &mut self,
        footage: &Footage,
        probes: &QueryFrames,
        least: usize,
        apart: f64,
    ) -> Result<bool, TraceError> {
        let tuning = &self.task.tuning().retrieval.places;
        let Some(mut canvas) = Canvas::new(probes, tuning.min_rest_share, tuning) else {
            return Ok(false);
        };
        let panels = canvas.panels();
        if !(least..=tuning.max_tiles).contains(&panels.len()) {
            return Ok(false);
        }
        let first = self.found.len();
        let mut shown = Vec::with_capacity(panels.len());
        for part in &panels {
            let own = self.found.len();
            self.look_at(footage, part, Replay::PLAIN, None)?;
            shown.push(own..self.found.len());
        }
        let shown_at = |panel: &Range<usize>, moment: f64| -> Vec<(TitleId, f64)> {
            let own = self.found[panel.clone()].iter();
            let there =
                own.filter_map(|found| Some((found.title().id, found.certainly_at(moment)?)));
            there.collect()
        };
        let is_same =
            |a: &(TitleId, f64), b: &(TitleId, f64)| a.0 == b.0 && (a.1 - b.1).abs() < apart;
        let differ = self.found[first..]
            .iter()
            .flat_map(Found::middles)
            .any(|moment| {
                let all: Vec<Vec<(TitleId, f64)>> = shown
                    .iter()
                    .map(|panel| shown_at(panel, moment))
                    .filter(|own| !own.is_empty())
                    .collect();
                let are_apart = |a: &[(TitleId, f64)], b: &[(TitleId, f64)]| {
                    a.iter().all(|a| b.iter().all(|b| !is_same(a, b)))
                };
                all.iter()
                    .any(|own| all.iter().any(|other| are_apart(own, other)))
            });
        if !differ {
            self.found.truncate(first);
            return Ok(false);
        }
        // Nobody need look for them in the whole picture.
        let known = self.found[first..].iter();
        let known = known.filter(|found| found.is_certain());
        let known: Vec<TitleId> = known.map(|found| found.title().id).collect();
        for title in known {
            self.vain.push((title, Playback::PLAIN));
        }
        let shows = shown.iter().map(|own| {
            let mut own = self.found[own.clone()].iter();
            own.any(|found| !found.covers.is_empty())
        });
        self.panels = panels.into_iter().zip(shows.collect::<Vec<_>>()).collect();
        Ok(true)
    }

    /// Whether something certainly shows so many seconds of the clip, at times that its pictures bear out.
    pub(super) fn tells(&self, seconds: f64) -> bool {
        let tells = |found: &Found<'_>| {
            let own = found.way.playback.pace() * seconds;
            found.registration.tells(own)
        };
        self.found.iter().any(tells)
    }

    /// Whether so much is explained of so many seconds that no other way to play the clip is worth a look: by one title, or by what
    /// panels show one after the other.
    pub(super) fn leaves_nothing(&self, seconds: f64) -> bool {
        let gain = self.task.tuning().retrieval.candidates.min_explained_gain;
        let explained = self.found.iter().map(Found::explained);
        let explained = explained.fold(0.0, f64::max);
        gain * explained.max(self.explained_by_panels()) >= seconds
    }

    /// Seconds of the clip at which some panel certainly shows something.
    fn explained_by_panels(&self) -> f64 {
        let parts = self.found.iter().filter(|found| found.part.is_some());
        covered(parts.flat_map(Found::certain_spans))
    }

    /// Adds what a clip shows when it is played in each of some ways, each once.
    pub(super) fn play(
        &mut self,
        ways: Vec<Replay>,
        probes: &QueryFrames,
    ) -> Result<(), TraceError> {
        for way in ways {
            if self.played.iter().any(|(known, _)| *known == way.playback) {
                continue;
            }
            let played = probes.played(way.playback);
            let leads = way.worth_a_look(self.leads_of(&played)?);
            self.look(&leads, (&played, way), None)?;
            self.played.push((way.playback, leads));
        }
        Ok(())
    }

    /// Adds the titles of some leads, as far as they are found, until one explains all that is seen and the index is much less
    /// sure of the others: it may be on record under several names.
    pub(super) fn look(
        &mut self,
        leads: &[Lead<'a>],
        (probes, way): (&QueryFrames, Replay),
        part: Option<&Part>,
    ) -> Result<(), TraceError> {
        let first = self.found.len();
        let tuning = &self.task.tuning().retrieval.places;
        let most = part.map_or(leads.len(), |_| tuning.max_leads);
        let mut twins = tuning.max_twins;
        for lead in leads.iter().take(most) {
            let explains = |found: &&Found<'_>| found.registration.sighted() == probes.all().len();
            if let Some(found) = self.found[first..].iter().find(explains) {
                // The same pictures under another name, which the index is about as sure of.
                if twins == 0 || lead.score < tuning.min_twin_score * found.lead.score {
                    break;
                }
                twins -= 1;
            }
            match self.find(lead, (probes, way), part) {
                Ok(Some(found)) => self.found.push(found),
                Ok(None) if part.is_none() => self.vain.push((lead.title.id, way.playback)),
                Ok(None) => {}
                Err(error) => {
                    self.task.proceed()?;
                    self.task.note(&Note::left_out(&lead.title.name, &error));
                }
            }
        }
        Ok(())
    }

    /// Adds the titles of those moments that nothing explains while others are: of a clip that was joined of several titles the one
    /// with the most features outvotes the others of its group.
    pub(super) fn look_at_other_moments(&mut self, probes: &QueryFrames) -> Result<(), TraceError> {
        self.look_at_moments(probes, None, 0)
    }

    /// The same of a part of the picture that shows what was found since the `first` one.
    fn look_at_moments(
        &mut self,
        probes: &QueryFrames,
        part: Option<&Part>,
        first: usize,
    ) -> Result<(), TraceError> {
        let tuning = self.task.tuning();
        let (places, least) = (
            &tuning.retrieval.places,
            tuning.registration.verification.min_matches,
        );
        for _ in 0..places.max_parts {
            let known = self.found.len();
            let own = &self.found[first..];
            let certain = own.iter().filter(|found| found.is_certain());
            let certain: Vec<&Found<'_>> = certain.collect();
            let is_open = |moment: f64| {
                !certain.is_empty() && !certain.iter().any(|f| f.is_certain_at(moment))
            };
            let open = probes.only(&is_open);
            let informative =
                |probe: &&QueryFrame| probe.features.len() >= tuning.query.min_features;
            if open.all().iter().filter(informative).count() < least {
                return Ok(());
            }
            let mut leads = self.leads_of(&open)?;
            let own = &self.found[first..];
            let is_found = |lead: &Lead<'_>| own.iter().any(|f| f.title().id == lead.title.id);
            leads.retain(|lead| lead.score > 0.0 && !is_found(lead));
            leads.truncate(places.max_leads);
            self.look(&leads, (probes, Replay::PLAIN), part)?;
            if self.found[known..].iter().all(|found| !found.is_certain()) {
                return Ok(());
            }
        }
        Ok(())
    }

    fn leads_of(&self, probes: &QueryFrames) -> Result<Vec<Lead<'a>>, TraceError> {
        let of = (self.vault, self.titles);
        leads_of(probes, of, (self.lookups, self.task))
    }

    fn find(
        &self,
        lead: &Lead<'a>,
        (probes, way): (&QueryFrames, Replay),
        part: Option<&Part>,
    ) -> Result<Option<Found<'a>>, TraceError> {
        let spans = lead.spans.clone();
        let mut reference = Reference::of_title(self.vault, lead.title, spans, self.task)?;
        let Some(registration) = locate(probes, &mut reference, &lead.clues, self.task)? else {
            return Ok(None);
        };
        let of = (probes, way.playback);
        let covers = match self.cells {
            Some(cells) => covers(&registration, of, &reference, cells)?,
            None => Vec::new(),
        };
        Ok(Some(Found {
            lead: lead.clone(),
            registration: Arc::new(registration),
            way,
            part: part.cloned(),
            covers,
            places: Vec::new(),
            slight: Vec::new(),
        }))
    }

    /// Looks at the parts of the picture that nothing explains while something else is explained, each on its own; where nothing
    /// is, at the panels between seams. Titles that the index has `voted` for and that are not found let it look at smaller parts. Then pieces of the whole picture that turned out to be parts of it are looked at once more
    /// as such.
    pub(super) fn look_elsewhere(
        &mut self,
        footage: &Footage,
        probes: &QueryFrames,
        voted: &[TitleId],
    ) -> Result<(), TraceError> {
        let tuning = &self.task.tuning().retrieval.places;
        let is_found = |title: &TitleId| self.found.iter().any(|found| found.title().id == *title);
        let least = if voted.iter().all(is_found) {
            tuning.min_rest_share
        } else {
            tuning.min_voted_rest_share
        };
        let Some(mut canvas) = Canvas::new(probes, least, tuning) else {
            return Ok(());
        };
        let way = self.way();
        let certain = |found: &&Found<'_>| found.is_certain() && found.way == way;
        for found in self.found.iter().filter(certain) {
            found
                .covers
                .iter()
                .for_each(|(_, cover)| canvas.cover(cover.clone()));
        }
        let mut panels = if self.found.iter().any(Found::is_certain) {
            Vec::new()
        } else {
            canvas.panels()
        };
        panels.reverse();
        let mut left = tuning.max_parts.saturating_sub(self.panels.len());
        for (part, shows) in self.panels.drain(..) {
            if shows {
                canvas.look_at(part);
            } else {
                canvas.give_up(&part);
            }
        }
        let most = left;
        while left > 0
            && let Some(part) = panels.pop().or_else(|| canvas.rest())
        {
            left -= 1;
            let first = self.found.len();
            self.look_at(footage, &part, way, None)?;
            let new = &self.found[first..];
            if new.iter().any(Found::is_certain) {
                for (_, cover) in new.iter().flat_map(|found| &found.covers) {
                    canvas.cover(cover.clone());
                }
            }
            if new.iter().any(|found| !found.covers.is_empty()) {
                canvas.look_at(part);
            } else {
                canvas.give_up(&part);
            }
        }
        let own = self.found.iter().filter(|found| found.part.is_none());
        let is_alone = left == most && own.filter(certain).count() < 2;
        let mut own_left = if is_alone { 0 } else { tuning.max_parts };
        for at in 0..self.found.len() {
            let is_whole = self.found[at].part.is_none() && certain(&&self.found[at]);
            if own_left == 0 || !is_whole {
                continue;
            }
            let lead = self.found[at].lead.clone();
            for part in self.found[at].own_parts(&mut canvas) {
                if own_left > 0 {
                    own_left -= 1;
                    self.look_at(footage, &part, way, Some(&lead))?;
                }
            }
        }
        for found in &mut self.found {
            found.place_on(&mut canvas);
        }
        self.settle();
        Ok(())
    }

    /// How the clip is played, as far as that is known.
    fn way(&self) -> Replay {
        let certain = self.found.iter().filter(|found| found.is_certain());
        let best = certain.max_by(|a, b| a.explained().total_cmp(&b.explained()));
        best.map_or(Replay::PLAIN, |found| found.way)
    }

    /// Looks at a part of the picture, for one lead or for all that the index confirms.
    fn look_at(
        &mut self,
        footage: &Footage,
        part: &Part,
        way: Replay,
        lead: Option<&Lead<'a>>,
    ) -> Result<(), TraceError> {
        footage.hold();
        let mut probes = QueryFrames::of_part(footage, part, self.task)?;
        if way.playback != Playback::PLAIN {
            probes = probes.played(way.playback);
        }
        let leads = if let Some(lead) = lead {
            vec![lead.clone()]
        } else {
            let mut leads = self.leads_of(&probes)?;
            // Only what the index and a look at the pictures agree on, or a title that was named.
            leads.retain(|lead| lead.score > 0.0 || lead.spans == Spans::Whole);
            // A rest may hold some of what is known already, which would be found once more.
            let least = self.task.tuning().retrieval.places.min_panel_score;
            let best = leads.iter().map(|lead| lead.score).fold(0.0, f64::max);
            let is_new = |lead: &Lead<'_>| {
                let known = |found: &Found<'_>| found.title().id == lead.title.id;
                lead.score > least * best && !self.found.iter().any(known)
            };
            leads.sort_by_key(|lead| !is_new(lead));
            leads
        };
        let first = self.found.len();
        self.look(&leads, (&probes, way), Some(part))?;
        // Panels may change places: the title of most moments outvotes the other one.
        if lead.is_none() && way == Replay::PLAIN {
            self.look_at_moments(&probes, Some(part), first)?;
        }
        Ok(())
    }

    /// Drops pieces of the whole picture that are better known as parts of it, and parts that show nothing certain.
    fn settle(&mut self) {
        let gone: Vec<bool> = self
            .found
            .iter()
            .map(|own| {
                if own.part.is_some() {
                    return !own.is_certain();
                }
                let better = |part: &&Found<'_>| {
                    part.part.is_some()
                        && part.is_certain()
                        && part.is_of(own.title().id, own.way.playback)
                        && part.is_in_place_of(own)
                };
                let parts = self.found.iter().filter(better);
                let parts: f64 = parts.map(Found::explained).sum();
                parts > 0.0 && parts >= MIN_EXPLAINED_SHARE * own.explained()
            })
            .collect();
        let mut gone = gone.into_iter();
        self.found.retain(|_| !gone.next().unwrap_or(false));
    }
}

/// Of titles that are sighted equally often the one that the index was surer of; what is played otherwise comes before the clip
/// as it is where it explains more of it, behind it else. What a part of the picture shows comes before what was seen in the whole.
pub(super) fn in_order(found: &mut [Found<'_>], task: &Task<'_>) {
    found.sort_by_key(|found| std::cmp::Reverse(found.registration.sighted()));
    let as_it_is = found.iter().filter(|found| found.way == Replay::PLAIN);
    let usual = as_it_is.map(Found::explained).fold(0.0, f64::max);
    let gain = task.tuning().retrieval.candidates.min_explained_gain;
    found.sort_by_key(|found| match found.way == Replay::PLAIN {
        true => 1,
        false if found.explained() > gain * usual => 0,
        false => 2,
    });
    found.sort_by_key(|found| found.part.is_none());
}
