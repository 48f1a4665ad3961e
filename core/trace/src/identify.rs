//! Which title a clip shows, and which seconds of it: by its pictures and its sound, with or without a mark.
//!
//! ```text
//! search -> pieces by pictures -> what the clip sounds like -> the answer
//! ```
//!
//! It is the first half of a trace: the same search answers both.
//!
//! # Shapes and units
//! Times in seconds.

use std::cmp::Ordering;
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_register::TitleRecord;

use crate::error::TraceError;
use crate::exhibits::Exhibits;
use crate::observer::Note;
use crate::query::footage::Footage;
use crate::request::Request;
use crate::result::{Identification, Identity, Match, NearTitle, TitleName};
use crate::retrieval::audio::testify;
use crate::search::{Pieces, Searched, in_order_of_time, search};
use crate::task::Task;

/// Names the titles of one clip, among `titles`; then, once `known` has heard the answer and added what it knows, collects what a page shows beyond it.
///
/// # Errors
/// Those of `known`; when the clip or the vault cannot be read, or the work is to end. An exhibit that cannot be had is only noted.
pub(crate) fn identify_clip(
    request: &Request<'_>,
    vault: &Vault,
    titles: &[TitleRecord],
    task: &Task<'_>,
    exhibits: Option<&mut Exhibits>,
    known: impl FnOnce(&mut Identification) -> Result<(), TraceError>,
) -> Result<Identification, TraceError> {
    let clip = request.clip;
    let begun = Instant::now();
    let footage = Footage::passing(clip);
    let searched = search(&footage, vault, titles, task)?;
    let probes = &searched.probes;
    let tuning = &task.tuning().query;
    let telling = probes
        .all()
        .iter()
        .filter(|p| p.features.len() >= tuning.min_features);
    let telling = telling.count();
    if telling == 0 {
        task.note(&Note::TooFlat);
    }
    let Pieces {
        mut matches,
        sighted,
    } = searched.pieces(&[], task);
    let first = matches.first().and_then(|first| first.title.clone());
    in_order_of_time(&mut matches);
    let together = task.tuning().retrieval.audio.max_picture_offset_seconds;
    testify(&searched.heard, together, &mut matches);
    let first = first.or_else(|| Some(searched.heard.first()?.title.into()));
    let candidates = nearest(&searched, &matches, request.listed);
    let mut identification = Identification {
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
        credentials: None,
        seconds: begun.elapsed().as_secs_f64(),
    };
    known(&mut identification)?;
    if let Some(exhibits) = exhibits {
        let sight = |found: &Match| searched.sight(found);
        let matches = &identification.identity.matches;
        exhibits.pair(matches, probes, (vault, titles), sight, task)?;
    }
    Ok(identification)
}

/// The titles that come nearest, but for those that were found.
fn nearest(searched: &Searched<'_>, matches: &[Match], most: usize) -> Vec<NearTitle> {
    let named = || {
        let titles = matches.iter().filter_map(|found| found.title.as_ref());
        titles.chain(matches.iter().flat_map(|found| &found.also))
    };
    let leads = searched.leads.iter();
    let mut near: Vec<NearTitle> = leads
        .filter(|lead| named().all(|title: &TitleName| title.id != lead.title.id))
        .map(|lead| NearTitle {
            title: lead.title.into(),
            sighted: searched.sighted(lead.title.id) as u64,
            score: lead.score,
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
