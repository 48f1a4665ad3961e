//! Reading with keys alone: the open decision, blind.
//!
//! ```text
//! section of the clip -> the whole frame, what lies between bars, both mirrored
//!                     -> the same at other speeds
//!                     -> crops -> quarter turns -> insets -> rotations -> speeds -> aspects
//! ```
//!
//! The next line is only looked at when nobody is named yet; a title's own line only after those before it of all titles.
//!
//! # Shapes and units
//! Times in seconds.

use std::path::Path;
use std::time::Instant;

use countermark_mark::evidence::ACCUSATION_LOG10_P;
use countermark_register::ReadKeyFile;

use crate::error::TraceError;
use crate::observer::{Note, Stage};
use crate::query::orientation::Pose;
use crate::result::{
    Accusation, ClipClock, ClipReport, Compared, Decision, Factors, Geometry, Host, Identity,
    TitleName, Tried, Verdict,
};
use crate::task::Task;

use crate::blind::search::{Best, Reading, Title};
use crate::blind::sections::{Section, Sections};
use crate::blind::within::Within;

/// Reads the payload of one clip with the read keys of any number of titles, and names the title; one among so many clips and
/// titles.
///
/// # Errors
/// When the clip cannot be read, or the work is to end.
pub(crate) fn read_among(
    clip: &Path,
    keys: &[ReadKeyFile],
    among: Factors,
    task: &Task<'_>,
) -> Result<ClipReport, TraceError> {
    read_within(clip, keys, among, None, task)
}

/// The same in the frames alone, and the span of the titles, that are known to be shown: in whole pictures and where these are
/// known to lie.
///
/// # Errors
/// As [`read_among`].
pub(crate) fn read_within(
    clip: &Path,
    keys: &[ReadKeyFile],
    among: Factors,
    within: Option<Within<'_>>,
    task: &Task<'_>,
) -> Result<ClipReport, TraceError> {
    let begun = Instant::now();
    let tuning = &task.tuning().decision;
    let titles = keys
        .iter()
        .map(|key| {
            let title = Title::new(key)?;
            Ok(match within {
                Some(within) => title.between(within.media),
                None => title,
            })
        })
        .collect::<Result<Vec<_>, TraceError>>()?;
    let mut readings: Vec<Reading<'_>> = titles
        .iter()
        .map(|title| Reading::new(title, among, tuning))
        .collect();
    let mut sections = Sections::open(clip, task)?.within(within);
    let length = |key: &ReadKeyFile| match within {
        Some(Within { media, .. }) => media[1] - media[0],
        None => key.duration_seconds,
    };
    let seconds: f64 = keys.iter().map(length).sum();
    if seconds > tuning.blind.max_searched_seconds {
        task.note(&Note::OnlyWholePictures {
            titles: keys.len(),
            seconds,
        });
    }
    let wide = seconds <= tuning.blind.max_searched_seconds;
    look(&mut readings, &mut sections, (wide, within), task)?;
    task.stage(Stage::DecodingPayload, None);
    for reading in &readings {
        reading.tell(task);
    }
    let best = readings
        .iter()
        .zip(keys)
        .filter_map(|(reading, key)| Some((reading.best?, key)))
        .min_by(|a, b| a.0.found.bound.log10().total_cmp(&b.0.found.bound.log10()));
    let accused = best.filter(|(best, _)| best.found.bound.accuses());
    let poses = readings.iter().map(|reading| reading.geometries).sum();
    Ok(ClipReport {
        file: clip.display().to_string(),
        verdict: if accused.is_some() {
            Verdict::Traced
        } else {
            Verdict::NotFound
        },
        identity: Some(Identity {
            title: accused.map(|(_, key)| TitleName {
                id: key.title,
                name: key.title_name.clone(),
            }),
            matches: Vec::new(),
            clock: ClipClock::default(),
        }),
        geometry: accused.map(|(best, _)| geometry(&best)),
        deliveries: accused
            .iter()
            .map(|(best, key)| Accusation {
                delivery: None,
                payload: best.found.finding.payload,
                distributor: key.distributors[best.found.key].name.clone(),
                distributor_id: None,
                licensee: None,
                licence: None,
                bound: best.found.bound,
                path: Decision::Open,
                decoded: true,
                share: 1.0,
            })
            .collect(),
        compared: Compared::default(),
        tried: Tried {
            host: Host::Blind,
            frames: sections.frames,
            clip_seconds: sections.seconds,
            titles: keys.len() as u64,
            keys: keys.iter().map(|key| key.distributors.len() as u64).sum(),
            deliveries: 0,
            offsets: readings.iter().map(Reading::offsets).sum(),
            geometries: poses,
            poses,
            best: best.map(|(best, _)| best.found.bound),
            innocent: None,
            threshold_log10: ACCUSATION_LOG10_P,
        },
        consistency: None,
        credentials: None,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// Section by section, each line of the search when those before it named nobody: in other geometries where that is not too
/// much work. Where it is known where the picture lies, only there.
///
/// # Errors
/// When the clip cannot be read, or the work is to end.
fn look(
    readings: &mut [Reading<'_>],
    sections: &mut Sections<'_>,
    (wide, within): (bool, Option<Within<'_>>),
    task: &Task<'_>,
) -> Result<(), TraceError> {
    let pose = sections.pose();
    let mut number = 0;
    while let Some(section) = sections.next()? {
        task.stage(Stage::ReadingWhole, None);
        for reading in &mut *readings {
            reading.push(&section, pose, number, task)?;
        }
        let is_open = |readings: &[Reading<'_>]| !readings.iter().any(Reading::is_accused);
        if let Some(within) = within {
            for reading in &mut *readings {
                reading.place(&section, within.places, number, task)?;
            }
        } else if is_open(readings) {
            task.stage(Stage::SearchingSpeeds, None);
            for reading in &mut *readings {
                reading.push_speeds(&section, number, task)?;
            }
            if wide && is_open(readings) {
                search_stages(readings, &section, pose, number, task)?;
            }
        }
        readings.iter_mut().for_each(Reading::forget);
        number += 1;
    }
    Ok(())
}

/// Stage by stage, through all titles, until a payload is decoded.
///
/// # Errors
/// When the work is to end.
fn search_stages(
    readings: &mut [Reading<'_>],
    section: &Section,
    pose: Pose,
    number: u64,
    task: &Task<'_>,
) -> Result<(), TraceError> {
    let stages: Vec<_> = readings
        .iter()
        .map(|reading| reading.scene(section, pose).stages())
        .collect();
    let all = stages.first().map_or(0, Vec::len);
    let tuning = &task.tuning().decision.blind;
    let wide = if number < tuning.widely_searched_sections {
        all
    } else {
        1
    };
    for at in 0..wide.min(all) {
        for (title, stages) in stages.iter().enumerate() {
            if readings.iter().any(Reading::is_accused) {
                return Ok(());
            }
            task.stage(Stage::SearchingGeometries(stages[at].name), None);
            readings[title].search(section, &stages[at], number, task)?;
        }
    }
    Ok(())
}

fn geometry(best: &Best) -> Geometry {
    let (width, height) = (best.frame.0 as f64, best.frame.1 as f64);
    Geometry {
        corners: best
            .footprint
            .corners()
            .map(|(x, y)| [x / width, y / height]),
        mirrored: best.footprint.is_mirrored(),
        rotation_degrees: best.footprint.rotation_degrees(),
        speed: best.speed,
        start: best.found.start,
        score: best.sync_score,
    }
}
