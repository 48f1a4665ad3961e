//! Which title a clip shows, and which seconds of it: by its pictures and its sound, with or without a mark.
//!
//! ```text
//! probes of the clip -> index -> leads -> registration with each -> the titles with most probes sighted on lines of time
//! ```
//!
//! # Shapes and units
//! Times in seconds.

use std::cmp::Ordering;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_register::TitleRecord;

use crate::error::TraceError;
use crate::exhibits::{Exhibits, Sight};
use crate::observer::Note;
use crate::query::footage::Footage;
use crate::query::frames::QueryFrames;
use crate::reference::Reference;
use crate::registration::locate::locate;
use crate::registration::segment::{Registration, Segment};
use crate::request::Request;
use crate::result::{Identification, Identity, Match, NearTitle, Sense, TitleName, is_taken};
use crate::retrieval::audio::testify;
use crate::retrieval::candidates::{self as retrieval, Lead, leads};
use crate::retrieval::replays::{Replay, Replays, leads_of};
use crate::task::Task;

/// Names the titles of one clip, among `titles`, and collects what a page shows beyond the answer.
///
/// # Errors
/// When the clip or the vault cannot be read, or the work is to end. An exhibit that cannot be had is only noted.
pub(crate) fn identify_clip(
    request: &Request<'_>,
    vault: &Vault,
    titles: &[TitleRecord],
    task: &Task<'_>,
    exhibits: Option<&mut Exhibits>,
) -> Result<Identification, TraceError> {
    let clip = request.clip;
    let begun = Instant::now();
    let footage = Footage::passing(clip);
    let probes = QueryFrames::of(&footage, task)?;
    let tuning = &task.tuning().query;
    let telling = probes
        .all()
        .iter()
        .filter(|p| p.features.len() >= tuning.min_features);
    let telling = telling.count();
    if telling == 0 {
        task.note(&Note::TooFlat);
    }
    let retrieval::Found { leads, heard, .. } = leads(clip, &probes, vault, titles, task)?;
    let mut found: Vec<Found<'_>> = Vec::new();
    let of = (&probes, vault, titles);
    let plain = Replay::PLAIN;
    let most = task.tuning().decision.evidence.min_explained_share * probes.end();
    let is_told = |found: &Found<'_>| found.registration.tells(found.way.playback.pace() * most);
    if Replays::are_negative(&probes, &leads, (vault, titles), task)? {
        let ways = Replays::of_negative(&probes, 0.0, vault, titles, task)?;
        try_each(&mut found, ways.into_iter().take(1).collect(), of, task)?;
    }
    if !found.iter().any(is_told) {
        found.extend(each_found(&leads, (&probes, plain), vault, task)?);
    }
    if !found.iter().any(is_told) {
        let ways = Replays::of(&probes, vault, titles, task)?.likelier(task);
        try_each(&mut found, ways, of, task)?;
    }
    let certain = |found: &Found<'_>| found.registration.segments.iter().any(|s| s.is_certain);
    if !found.iter().any(certain) {
        let ways = Replays::of_negative(&probes, 0.0, vault, titles, task)?;
        try_each(&mut found, ways, of, task)?;
    }
    // Of titles that are sighted equally often the one that the index was surer of; what is played otherwise comes before the
    // clip as it is where it explains more of it, behind it else.
    found.sort_by_key(|found| std::cmp::Reverse(found.registration.sighted()));
    let as_it_is = found.iter().filter(|found| found.way == plain);
    let usual = as_it_is.map(Found::explained).fold(0.0, f64::max);
    let gain = task.tuning().retrieval.candidates.min_explained_gain;
    found.sort_by_key(|found| match found.way == plain {
        true => 1,
        false if found.explained() > gain * usual => 0,
        false => 2,
    });
    let (mut matches, mut sighted, mut first) = (Vec::new(), 0, None);
    for Found {
        title,
        registration,
        way,
    } in &found
    {
        let playback = way.playback;
        let own: Vec<&Segment> = registration
            .segments
            .iter()
            .filter(|s| s.is_certain)
            .filter(|s| !is_taken(playback.span(s.query), &matches))
            .collect();
        if own.is_empty() {
            continue;
        }
        first.get_or_insert_with(|| TitleName::from(*title));
        sighted += own
            .iter()
            .map(|segment| segment.sighted as u64)
            .sum::<u64>();
        matches.extend(
            own.into_iter()
                .map(|segment| playback.of_clip(span(segment, title))),
        );
    }
    let together = task.tuning().retrieval.audio.max_picture_offset_seconds;
    testify(&heard, together, &mut matches);
    let first = first.or_else(|| Some(heard.first()?.title.into()));
    let candidates = nearest(&leads, &found, &matches, request.listed);
    if let Some(exhibits) = exhibits {
        let sight = |title| {
            let own = found.iter().find(|known| known.title.id == title)?;
            Some(Sight::Registered(&own.registration, own.way.playback))
        };
        exhibits.pair(&matches, &probes, (vault, titles), sight, task)?;
    }
    Ok(Identification {
        file: clip.display().to_string(),
        sighted,
        probes: probes.all().len() as u64,
        telling: telling as u64,
        titles: titles.len() as u64,
        candidates,
        identity: Identity {
            title: first,
            matches,
            clock: footage.clock(),
        },
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The titles that come nearest, but for those that were found.
fn nearest(
    leads: &[Lead<'_>],
    found: &[Found<'_>],
    matches: &[Match],
    most: usize,
) -> Vec<NearTitle> {
    let is_named = |lead: &&Lead<'_>| {
        let titles = matches.iter().filter_map(|found| found.title.as_ref());
        titles.into_iter().any(|title| title.id == lead.title.id)
    };
    let mut near: Vec<NearTitle> = leads
        .iter()
        .filter(|lead| !is_named(lead))
        .map(|lead| {
            let own = found.iter().find(|own| own.title.id == lead.title.id);
            NearTitle {
                title: lead.title.into(),
                sighted: own.map_or(0, |own| own.registration.sighted() as u64),
                score: lead.score,
            }
        })
        .collect();
    near.sort_by(|a, b| {
        (b.sighted, b.score)
            .partial_cmp(&(a.sighted, a.score))
            .unwrap_or(Ordering::Equal)
    });
    near.truncate(most);
    near
}

/// A title that a clip shows when it is played so.
struct Found<'a> {
    title: &'a TitleRecord,
    registration: Registration,
    way: Replay,
}

impl Found<'_> {
    /// Seconds of the clip that it explains.
    fn explained(&self) -> f64 {
        let own = self.registration.explained();
        self.way.playback.clip_seconds(own)
    }
}

/// Adds what a clip shows when it is played in each of some ways.
fn try_each<'a>(
    found: &mut Vec<Found<'a>>,
    ways: Vec<Replay>,
    (probes, vault, titles): (&QueryFrames, &Vault, &'a [TitleRecord]),
    task: &Task<'_>,
) -> Result<(), TraceError> {
    for way in ways {
        let played = probes.played(way.playback, task.tuning().query.max_features);
        let leads = leads_of(&played, vault, titles, task)?;
        found.extend(each_found(&leads, (&played, way), vault, task)?);
    }
    Ok(())
}

/// The titles of some leads, as far as they are found, until one explains all that is seen.
fn each_found<'a>(
    leads: &[Lead<'a>],
    (probes, way): (&QueryFrames, Replay),
    vault: &Vault,
    task: &Task<'_>,
) -> Result<Vec<Found<'a>>, TraceError> {
    let mut found: Vec<Found<'a>> = Vec::new();
    for lead in leads {
        // The same film under another name, which the index is less sure of.
        let explains = |found: &Found<'_>| found.registration.sighted() == probes.all().len();
        if found.iter().any(explains) {
            break;
        }
        match find(vault, lead, probes, task) {
            Ok(registration) => found.extend(registration.map(|registration| Found {
                title: lead.title,
                registration,
                way,
            })),
            Err(error) => {
                task.proceed()?;
                task.note(&Note::left_out(&lead.title.name, &error));
            }
        }
    }
    Ok(found)
}

fn find(
    vault: &Vault,
    lead: &Lead<'_>,
    probes: &QueryFrames,
    task: &Task<'_>,
) -> Result<Option<Registration>, TraceError> {
    let mut reference = Reference::of_title(vault, lead.title, lead.spans.clone(), task)?;
    locate(probes, &mut reference, &lead.clues, task)
}

fn span(segment: &Segment, title: &TitleRecord) -> Match {
    Match {
        query: segment.query,
        reference: segment.query.map(|moment| segment.time.at(moment).max(0.0)),
        speed: segment.time.speed,
        tolerance: Some(segment.precision),
        mirrored: segment.is_mirrored(),
        negative: false,
        title: Some(title.into()),
        by: vec![Sense::Picture],
        payloads: Vec::new(),
    }
}
