//! One row of a suite on one clip: attack, ask, compare with the truth.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};

use super::RunSettings;
use crate::attack::effect::Timing;
use crate::attack::{Materials, Place, apply};
use crate::clips::Clip;
use crate::store::{Answer, Trial};
use crate::subject::{MarkedCopy, Prepared, Subject};
use crate::suite::{DetectorPath, Row};

/// Everything that the trials of a clip may begin with.
pub(super) struct Stock<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) remarked: Option<PathBuf>,
    /// A file of another title.
    pub(super) other: Option<PathBuf>,
}

pub(super) fn run_row(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    stock: &Stock<'_>,
    index: usize,
    row: &Row,
) -> Result<Trial> {
    let prepared = stock.prepared;
    let attack = row.attack.to_string();
    // Attacks on one copy take turns with the copies; those on several begin with the first.
    let first = match row.attack.source() {
        None => {
            index
                % settings
                    .suite
                    .deliveries
                    .marked
                    .min(prepared.copies.len())
                    .max(1)
        }
        Some(_) => 0,
    };
    let copies = prepared.copies.get(first..).context("nothing was marked")?;
    let files: Vec<&Path> = copies.iter().map(|copy| copy.file.as_path()).collect();
    let output = prepared
        .folder
        .join(format!("row-{index}.{}", row.attack.extension()));
    let place = Place::new(settings.suite.seed, &clip.stem, &attack);
    let materials = Materials {
        copies: &files,
        master: Some(&prepared.master),
        remarked: stock.remarked.as_deref(),
        other: stock.other.as_deref(),
    };
    let applied = apply(&row.attack, &materials, &output, &place)?;
    let asked = copies
        .get(..row.attack.guilty())
        .context("too few copies were marked")?;
    let guilty: Vec<&MarkedCopy> = asked
        .iter()
        .enumerate()
        .filter(|(index, _)| {
            applied
                .used
                .as_ref()
                .is_none_or(|used| used.contains(index))
        })
        .map(|(_, copy)| copy)
        .collect();
    let truth = match guilty[..] {
        [one] => Some(one),
        _ => None,
    };
    let begun = Instant::now();
    let finding = match row.path {
        DetectorPath::Read => subject.read(prepared, &output, truth)?,
        DetectorPath::Trace => subject.trace(prepared, &output, truth)?,
    };
    let elapsed = begun.elapsed().as_secs_f64();
    let bytes = fs::metadata(&output)?.len();
    if !settings.keep {
        fs::remove_file(&output)?;
    }
    let expected: Vec<String> = guilty.iter().map(|copy| copy.payload.clone()).collect();
    Ok(Trial {
        clip: clip.stem.clone(),
        attack,
        path: row.path,
        answer: judge(&finding.accused, &expected),
        expected,
        accused: finding.accused,
        log10_p: finding.log10_p,
        coded_bit_errors: finding.coded_bit_errors,
        cuts: applied.cuts,
        clip_seconds: row.attack.seconds_left(Timing {
            seconds: clip.seconds_marked(settings.suite.clips.first_seconds),
            frame_rate: clip.frame_rate,
        }),
        bytes,
        detector_seconds: if finding.seconds > 0.0 {
            finding.seconds
        } else {
            elapsed
        },
    })
}

/// The answer against the truth: one innocent beside the guilty is a wrong accusation too.
pub(super) fn judge(accused: &[String], expected: &[String]) -> Answer {
    let holds = |all: &[String], one: &String| all.iter().any(|p| p.eq_ignore_ascii_case(one));
    if accused.iter().any(|p| !holds(expected, p)) {
        Answer::Wrong
    } else if expected.iter().all(|p| holds(accused, p)) {
        Answer::Exact
    } else if accused.is_empty() {
        Answer::None
    } else {
        Answer::Part
    }
}
