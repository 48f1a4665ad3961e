//! Which title a clip shows, and which seconds of it: by its pictures alone, with or without a mark.
//!
//! ```text
//! probes of the clip x key frames of each title -> registration -> the title with most probes sighted on lines of time
//! ```
//!
//! # Shapes and units
//! Times in seconds.

use std::path::Path;
use std::time::Instant;

use countermark_vault::{TitleRecord, Vault};

use crate::observer::Observer;
use crate::output::{Identification, Identity, Match};
use crate::reference::Reference;
use crate::registration::{Landmarks, Probes, Registration, locate};

/// Features below which a frame tells nothing.
const FEATURES: usize = 12;

/// Names the title of one clip, among `titles`.
///
/// # Errors
/// When the clip or a title's reference cannot be read. Finding nothing is a result.
pub fn identify_clip(
    clip: &Path,
    vault: &Vault,
    titles: &[TitleRecord],
    observer: &dyn Observer,
) -> anyhow::Result<Identification> {
    let begun = Instant::now();
    let probes = Probes::read(clip)?;
    let telling = probes.all().iter().filter(|p| p.features.len() >= FEATURES);
    let telling = telling.count();
    if telling == 0 {
        observer.note("too flat or too dark to be recognised by its pictures");
    }
    let mut best: Option<(&TitleRecord, Registration)> = None;
    for title in titles {
        let Some(found) = find(vault, title, &probes, observer)? else {
            continue;
        };
        if best
            .as_ref()
            .is_none_or(|(_, known)| found.sighted() > known.sighted())
        {
            best = Some((title, found));
        }
    }
    let best = best.filter(|(_, found)| found.is_certain(&probes));
    Ok(Identification {
        file: clip.display().to_string(),
        sighted: best.as_ref().map_or(0, |(_, found)| found.sighted() as u64),
        probes: probes.all().len() as u64,
        telling: telling as u64,
        titles: titles.len() as u64,
        identity: Identity {
            title: best.as_ref().map(|(title, _)| title.name.clone()),
            matches: best.map_or_else(Vec::new, |(_, found)| spans(&found)),
        },
        seconds: begun.elapsed().as_secs_f64(),
    })
}

fn find(
    vault: &Vault,
    title: &TitleRecord,
    probes: &Probes,
    observer: &dyn Observer,
) -> anyhow::Result<Option<Registration>> {
    let reference = Reference::of_title(vault, title)?;
    let landmarks = Landmarks::read(&reference)?;
    locate(
        probes,
        &reference,
        &landmarks,
        reference.lattice(),
        observer,
    )
}

fn spans(found: &Registration) -> Vec<Match> {
    found
        .segments
        .iter()
        .map(|segment| Match {
            query: segment.query,
            reference: segment.query.map(|moment| segment.time.at(moment).max(0.0)),
            speed: segment.time.speed,
            mirrored: segment.is_mirrored(),
        })
        .collect()
}
