//! Reading with keys alone: the open decision, blind.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use countermark_mark::chips::ChipPlan;
use countermark_mark::evidence::ACCUSATION_LOG10_P;
use countermark_mark::lattice::LatticeGeometry;
use countermark_vault::ReadKeyFile;

use crate::blind::{BlindTrail, OpenFinding};
use crate::clip::ClipReader;
use crate::observer::Observer;
use crate::output::{Accusation, ClipReport, Decision, Host, Tried, Verdict};
use crate::turn::Pose;
use crate::view::Views;

/// Reads the payload of one clip with a read key.
///
/// # Errors
/// When the clip cannot be read. Finding nothing is a result.
pub fn read_clip(
    clip: &Path,
    key: &ReadKeyFile,
    observer: &dyn Observer,
) -> anyhow::Result<ClipReport> {
    let begun = Instant::now();
    let lattice = LatticeGeometry::for_picture(key.width as usize, key.height as usize)
        .with_context(|| {
            format!(
                "the read key is of a title that cannot be marked: {:?}",
                key.title_name
            )
        })?;
    let master = Pose {
        width: key.width,
        height: key.height,
        rotation_degrees: key.rotation_degrees,
    };
    let plan = ChipPlan::new(&key.carrier, lattice);
    let keys: Vec<_> = key
        .distributors
        .iter()
        .map(|distributor| &distributor.key)
        .collect();
    let mut reader = ClipReader::open(clip, lattice, observer)?;
    let mut views = Views::new(master, reader.pose());
    let mut best: Option<OpenFinding> = None;
    let mut offsets = 0;
    while let Some(view) = views.next() {
        reader = ClipReader::open(clip, lattice, observer)?.seen_as(view);
        let mut trail = BlindTrail::new(&plan, lattice, key.duration_seconds);
        loop {
            let window = reader.next_window()?;
            if window.is_empty() {
                break;
            }
            trail.push(&window);
        }
        observer.stage("decoding the payload", None);
        offsets += trail.offsets();
        for evidence in trail.evidence().0 {
            observer.evidence(evidence);
        }
        let found = trail.decode(&keys, views.possible() as u64);
        if found.is_some_and(|found| best.is_none_or(|best| found.log10_p < best.log10_p)) {
            best = found;
        }
        if best.is_some_and(|best| best.log10_p < ACCUSATION_LOG10_P) {
            break;
        }
        views.offer(reader.inset());
    }
    let accused = best.filter(|best| best.log10_p < ACCUSATION_LOG10_P);
    let deliveries: Vec<Accusation> = accused
        .iter()
        .map(|found| Accusation {
            delivery: None,
            payload: found.finding.payload.to_string(),
            distributor: key.distributors[found.key].name.clone(),
            licensee: None,
            log10_p: found.log10_p,
            path: Decision::Open,
        })
        .collect();
    Ok(ClipReport {
        file: clip.display().to_string(),
        verdict: if deliveries.is_empty() {
            Verdict::NotFound
        } else {
            Verdict::Traced
        },
        identity: None,
        deliveries,
        tried: Tried {
            host: Host::Blind,
            frames: reader.frames(),
            clip_seconds: reader.seconds(),
            titles: 1,
            keys: keys.len() as u64,
            deliveries: 0,
            offsets,
            geometries: views.possible() as u64,
            best_log10_p: best.map(|best| best.log10_p),
            threshold_log10_p: ACCUSATION_LOG10_P,
        },
        seconds: begun.elapsed().as_secs_f64(),
    })
}
