//! What a clip shows, by its pictures and its sound: the first half of a trace, and all of an identification.
//!
//! ```text
//! query frames -> index -> leads -> registration with each                      in the ways to play the clip that say more
//! moments that nothing explains -> index -> leads -> ..                         while others are explained
//! found pieces -> what they cover -> the rest -> query frames of the rest -> ..  until nothing large is left, or in vain
//! pieces -> matches, each with its rectangle, and with the titles that hold the same pictures
//! ```
//!
//! No key is looked at.
//!
//! # Shapes and units
//! Times in seconds; samples of the clip's frames.

use std::collections::BTreeSet;
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_register::{TitleId, TitleRecord};

use crate::error::TraceError;
use crate::exhibits::Sight;
use crate::query::footage::Footage;
use crate::query::frames::QueryFrames;
use crate::query::playback::Playback;
use crate::reference::spans::Spans;
use crate::registration::segment::{Registration, Segment};
use crate::result::{Match, TitleName};
use crate::retrieval::audio::AudioMatch;
use crate::retrieval::candidates::{self as retrieval, Lead, leads};
use crate::retrieval::lookups::Lookups;
use crate::retrieval::replays::{Replay, Replays};
use crate::task::Task;

mod canvas;
mod cover;
mod finder;
mod found;
mod pieces;

use cover::Cells;
use finder::{Finder, in_order};
use found::Found;
pub(crate) use pieces::{Pieces, attach, in_order_of_time};

/// What is known of a title in the whole picture.
pub(crate) enum Known {
    /// It is shown so.
    There(Arc<Registration>),
    /// It was looked for in vain.
    Nowhere,
    /// It was not looked for.
    NotLookedFor,
}

/// What became of the search.
pub(crate) struct Searched<'a> {
    pub(crate) probes: QueryFrames,
    /// The titles that the clip as it is may show.
    pub(crate) leads: Vec<Lead<'a>>,
    pub(crate) heard: Vec<AudioMatch<'a>>,
    /// Titles that the index points to, but whose reference cannot be looked at.
    pub(crate) lost: BTreeSet<TitleId>,
    /// The surest first.
    pub(crate) found: Vec<Found<'a>>,
    /// What was looked for and not found, in the whole picture.
    vain: Vec<(TitleId, Playback)>,
    /// The titles that the clip may show when it is played otherwise, as far as that was asked.
    played: Vec<(Playback, Vec<Lead<'a>>)>,
    pub(crate) lookups: Lookups,
}

impl<'a> Searched<'a> {
    /// The titles that the clip may show when it is played so, if that was asked.
    pub(crate) fn leads_played(&self, playback: Playback) -> Option<&[Lead<'a>]> {
        let mut all = self.played.iter();
        let known = all.find(|(known, _)| *known == playback)?;
        Some(&known.1)
    }

    /// Whether the clip certainly shows something.
    pub(crate) fn tells(&self) -> bool {
        self.found.iter().any(Found::is_certain)
    }

    /// The pieces of the clip; of several titles that hold the same pictures those that come first in `known`.
    pub(crate) fn pieces(&self, known: &[TitleId], task: &Task<'_>) -> Pieces {
        Pieces::of(&self.found, known, task)
    }

    /// Titles that may be scored: those that the clip as it is may show, and those that parts of its picture show.
    pub(crate) fn titles(&self) -> usize {
        let leads = self.leads.iter().map(|lead| lead.title.id);
        let parts = self.in_parts().map(|(_, found)| found.title().id);
        leads.chain(parts).collect::<BTreeSet<_>>().len()
    }

    /// Whether some piece of the whole picture is of a title. Of several that hold the same pictures it is of those in `known`.
    pub(crate) fn is_piece(&self, title: TitleId, known: &[TitleId], task: &Task<'_>) -> bool {
        let mut whole = self.found.iter().filter(|found| found.part.is_none());
        if !whole.any(|found| found.title().id == title) {
            return false;
        }
        let of_it = |name: &TitleName| name.id == title;
        let pieces = self.pieces(known, task);
        let mut matches = pieces.matches.iter();
        matches.any(|piece| piece.title.as_ref().is_some_and(of_it))
    }

    /// Where the whole picture shows a title when the clip is played so, as far as that was looked for.
    pub(crate) fn registration(&self, title: TitleId, playback: Playback) -> Known {
        let mut own = self.found.iter().filter(|found| found.part.is_none());
        match own.find(|found| found.is_of(title, playback)) {
            Some(found) => Known::There(Arc::clone(&found.registration)),
            None if self.vain.contains(&(title, playback)) => Known::Nowhere,
            None => Known::NotLookedFor,
        }
    }

    /// The spans of a lead's title that are looked at, those that the whole picture was found in among them.
    pub(crate) fn spans(&self, lead: &Lead<'_>, playback: Playback) -> Spans {
        let mut own = self.found.iter().filter(|found| found.part.is_none());
        let known = own.find(|found| found.is_of(lead.title.id, playback));
        known.map_or_else(|| lead.spans.clone(), Found::spans)
    }

    /// What parts of the picture show, each with its number: pictures alone say how many they are.
    pub(crate) fn in_parts(&self) -> impl Iterator<Item = (usize, &Found<'_>)> + Clone {
        let parts = self.found.iter().enumerate();
        parts.filter(|(_, found)| found.part.is_some())
    }

    /// Query frames that are sighted in a title.
    pub(crate) fn sighted(&self, title: TitleId) -> usize {
        let own = self.found.iter().filter(|found| found.title().id == title);
        let each = own.map(|found| found.registration.sighted());
        each.max().unwrap_or(0)
    }

    /// How the clip shows what a match is of.
    pub(crate) fn sight(&self, found: &Match) -> Option<Sight<'_>> {
        let title = found.title.as_ref()?.id;
        let own = self.found.iter().filter(|known| known.title().id == title);
        let of_it = |known: &&Found<'_>| {
            let segments = known.registration.segments.iter().enumerate();
            let same = |(at, segment): (usize, &Segment)| {
                let query = known.way.playback.span(segment.query);
                let mut there = known.places(at);
                query.map(f64::to_bits) == found.query.map(f64::to_bits)
                    && there.next().map(|own| own.rectangle) == found.rectangle
            };
            segments.into_iter().any(same)
        };
        let known = own.clone().find(of_it).or_else(|| own.clone().next())?;
        let playback = known.way.playback;
        Some(Sight::Registered(&known.registration, playback))
    }
}

/// Looks for all that a clip shows.
///
/// # Errors
/// When the clip or the vault cannot be read, or the work is to end.
pub(crate) fn search<'a>(
    footage: &Footage,
    vault: &Vault,
    titles: &'a [TitleRecord],
    task: &Task<'_>,
) -> Result<Searched<'a>, TraceError> {
    let probes = QueryFrames::of(footage, task)?;
    let lookups = Lookups::default();
    let asking = (&lookups, task);
    let retrieval::Found {
        mut leads,
        heard,
        lost,
    } = leads(footage.path(), &probes, vault, titles, asking)?;
    let mut finder = Finder {
        vault,
        titles,
        cells: Cells::of(&probes),
        task,
        lookups: &lookups,
        found: Vec::new(),
        vain: Vec::new(),
        played: Vec::new(),
        panels: Vec::new(),
    };
    let least = task.tuning().decision.evidence.min_explained_share * probes.end();
    let of = (vault, titles);
    if Replays::are_negative(&probes, &leads, of, asking)? {
        let ways = Replays::of_negative(&probes, 0.0, of, asking)?;
        finder.play(ways.into_iter().take(1).collect(), &probes)?;
    }
    if !finder.tells(least) && !finder.look_between_seams(footage, &probes, &leads)? {
        finder.look(&leads, (&probes, Replay::PLAIN), None)?;
        finder.look_at_other_moments(&probes)?;
    }
    // Where nothing is left no other way to play the clip explains more of it.
    if !finder.tells(least) && !finder.leaves_nothing(probes.end()) {
        let ways = Replays::of(&probes, of, asking)?.likelier(task);
        finder.play(ways, &probes)?;
    }
    finder.look_at_tiles(footage, &probes)?;
    if !finder.found.iter().any(Found::is_certain) {
        let ways = Replays::of_negative(&probes, 0.0, of, asking)?;
        finder.play(ways, &probes)?;
    }
    let voted = leads
        .iter()
        .filter(|lead| lead.score > 0.0)
        .map(|lead| lead.title.id);
    finder.look_elsewhere(footage, &probes, &voted.collect::<Vec<_>>())?;
    let Finder {
        mut found,
        vain,
        played,
        ..
    } = finder;
    in_order(&mut found, task);
    // What only some moments told is followed up as well.
    for own in &found {
        let title = own.title().id;
        let is_new = leads.iter().all(|lead| lead.title.id != title);
        if is_new && own.part.is_none() && own.way == Replay::PLAIN {
            leads.push(own.lead.clone());
        }
    }
    Ok(Searched {
        probes,
        leads,
        heard,
        lost,
        found,
        vain,
        played,
        lookups,
    })
}
