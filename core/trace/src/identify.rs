//! Which title a clip shows, and which seconds of it: by its pictures and its sound, with or without a mark.
//!
//! ```text
//! probes of the clip -> index -> leads -> registration with each -> the titles with most probes sighted on lines of time
//! ```
//!
//! # Shapes and units
//! Times in seconds.

use std::path::Path;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_register::TitleRecord;

use crate::error::TraceError;
use crate::exhibits::{Exhibits, Sight};
use crate::observer::Note;
use crate::query::frames::QueryFrames;
use crate::reference::Reference;
use crate::registration::locate::locate;
use crate::registration::segment::{Registration, Segment};
use crate::result::{Identification, Identity, Match, Sense, TitleName, is_taken};
use crate::retrieval::audio::testify;
use crate::retrieval::candidates::{Found, Lead, leads};
use crate::task::Task;

/// Names the titles of one clip, among `titles`, and collects what a page shows beyond the answer.
///
/// # Errors
/// When the clip or the vault cannot be read, or the work is to end. An exhibit that cannot be had is only noted.
pub(crate) fn identify_clip(
    clip: &Path,
    vault: &Vault,
    titles: &[TitleRecord],
    task: &Task<'_>,
    exhibits: Option<&mut Exhibits>,
) -> Result<Identification, TraceError> {
    let begun = Instant::now();
    let probes = QueryFrames::read(clip, task)?;
    let tuning = &task.tuning().query;
    let telling = probes
        .all()
        .iter()
        .filter(|p| p.features.len() >= tuning.min_features);
    let telling = telling.count();
    if telling == 0 {
        task.note(&Note::TooFlat);
    }
    let Found { leads, heard, .. } = leads(clip, &probes, vault, titles, task)?;
    let mut found: Vec<(&TitleRecord, Registration)> = Vec::new();
    for lead in &leads {
        // The same film under another name, which the index is less sure of.
        let explained = |found: &Registration| found.sighted() == probes.all().len();
        if found.iter().any(|(_, found)| explained(found)) {
            break;
        }
        match find(vault, lead, &probes, task) {
            Ok(registration) => found.extend(registration.map(|found| (lead.title, found))),
            Err(error) => {
                task.proceed()?;
                task.note(&Note::left_out(&lead.title.name, &error));
            }
        }
    }
    // Of titles that are sighted equally often the one that the index was surer of.
    found.sort_by_key(|(_, found)| std::cmp::Reverse(found.sighted()));
    let (mut matches, mut sighted, mut first) = (Vec::new(), 0, None);
    for (title, registration) in &found {
        let own: Vec<&Segment> = registration
            .segments
            .iter()
            .filter(|s| s.is_certain)
            .filter(|s| !is_taken(s.query, &matches))
            .collect();
        if own.is_empty() {
            continue;
        }
        first.get_or_insert_with(|| TitleName::from(*title));
        sighted += own
            .iter()
            .map(|segment| segment.sighted as u64)
            .sum::<u64>();
        matches.extend(own.into_iter().map(|segment| span(segment, title)));
    }
    let together = task.tuning().retrieval.audio.max_picture_offset_seconds;
    testify(&heard, together, &mut matches);
    let first = first.or_else(|| Some(heard.first()?.title.into()));
    if let Some(exhibits) = exhibits {
        let sight = |title| {
            let own = found.iter().find(|(known, _)| known.id == title);
            own.map(|(_, registration)| Sight::Registered(registration))
        };
        exhibits.pair(&matches, &probes, (vault, titles), sight, task)?;
    }
    Ok(Identification {
        file: clip.display().to_string(),
        sighted,
        probes: probes.all().len() as u64,
        telling: telling as u64,
        titles: titles.len() as u64,
        identity: Identity {
            title: first,
            matches,
        },
        seconds: begun.elapsed().as_secs_f64(),
    })
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
        mirrored: segment.is_mirrored(),
        title: Some(title.into()),
        by: vec![Sense::Picture],
        payloads: Vec::new(),
    }
}
