//! The copy's streams against the master's: all there, in their order, with their content.
//!
//! ```text
//! carried:    SHA-256 of the content is equal, else the decoded sound is
//! converted:  the decoded sound is alike                                    see `sound`
//! ```
//!
//! # Shapes and units
//! Seconds of media time.

use std::path::Path;

use countermark_media::{CancelToken, Carriage, Fate, LossKind, Stocktake, StreamStock};

use super::finding::Fault;
use super::sound::{self, LEAST_LIKENESS};
use super::stock::{FileStock, LENGTH_TOLERANCE};
use super::verification::Verification;
use crate::MasteringError;

/// How far a stream may begin or end from where it does in the master, in seconds: encoders of sound delay it.
const SPAN_TOLERANCE: f64 = 0.25;

/// Compares the file's pictures with how many there should be.
pub(super) fn pictures(wanted: Option<u64>, found: &FileStock, faults: &mut Vec<Fault>) {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != found.pictures) {
        faults.push(Fault::Pictures {
            found: found.pictures,
            wanted,
        });
    }
}

/// Compares all streams of a copy with its master's, by what was to become of each.
pub(super) fn against_master(
    (master, before): (&Path, &Stocktake),
    (copy, after): (&Path, &Stocktake),
    carriage: &[Carriage],
    verification: &mut Verification,
    cancel: &CancelToken,
) -> Result<(), MasteringError> {
    let faults = &mut verification.faults;
    let tolerance = LENGTH_TOLERANCE.max(1.5 * before.longest_gap_seconds.min(0.2));
    if before.pictures > 1 && (before.video_seconds - after.video_seconds).abs() > tolerance {
        faults.push(Fault::Length {
            found_seconds: after.video_seconds,
            wanted_seconds: before.video_seconds,
        });
    }
    let kinds = [
        (LossKind::Audio, "audio"),
        (LossKind::Subtitle, "subtitle"),
        (LossKind::Data, "data"),
        (LossKind::Attachment, "attachment"),
    ];
    for (kind, word) in kinds {
        let wanted = carriage.iter().filter(|item| {
            item.kind == kind && item.stream.is_some() && !matches!(item.fate, Fate::Dropped { .. })
        });
        // Cover art is a stream of video in some containers, an attachment in others.
        let is_kind = |stream: &&StreamStock| {
            if kind == LossKind::Attachment {
                stream.summary.attached_picture || stream.summary.kind == word
            } else {
                stream.summary.kind == word
            }
        };
        let mut there = after.streams.iter().filter(is_kind);
        for item in wanted {
            let Some(stream) = there.next() else {
                let stream = item.what.clone();
                faults.push(Fault::StreamMissing { stream });
                continue;
            };
            let own = before
                .streams
                .iter()
                .find(|own| Some(own.summary.index) == item.stream);
            let Some(own) = own else { continue };
            let Some(why) = difference(
                (master, own),
                (copy, stream),
                matches!(item.fate, Fate::Carried),
                cancel,
            )?
            else {
                continue;
            };
            faults.push(Fault::StreamDiffers {
                stream: item.what.clone(),
                why,
            });
        }
        // Containers make data streams of their own.
        if matches!(kind, LossKind::Audio | LossKind::Subtitle) {
            for added in there {
                let summary = &added.summary;
                faults.push(Fault::StreamAdded {
                    stream: format!("stream {} ({word}, {})", summary.index, summary.codec),
                });
            }
        }
    }
    Ok(())
}

/// In what a stream of the copy is another than the master's; none if in nothing.
fn difference(
    (master, own): (&Path, &StreamStock),
    (copy, stream): (&Path, &StreamStock),
    is_carried: bool,
    cancel: &CancelToken,
) -> Result<Option<String>, MasteringError> {
    let is_sound = own.summary.kind == "audio";
    let is_compared = is_sound || own.summary.kind == "subtitle";
    if own.bytes > 0 && stream.bytes == 0 {
        return Ok(Some("it is empty".to_owned()));
    }
    if let (Some(before), Some(after), true) = (own.span, stream.span, is_sound) {
        for (what, before, after) in [
            ("begins", before[0], after[0]),
            ("ends", before[1], after[1]),
        ] {
            if (before - after).abs() > SPAN_TOLERANCE {
                return Ok(Some(format!(
                    "it {what} at {after:.2} s, in the master at {before:.2} s"
                )));
            }
        }
    }
    if is_carried && own.summary.codec == stream.summary.codec && own.sha256 == stream.sha256 {
        return Ok(None);
    }
    if is_sound {
        let likeness = sound::likeness(
            (master, own.summary.index),
            (copy, stream.summary.index),
            own.span.map_or(0.0, |span| span[1]),
            cancel,
        )?;
        return Ok(likeness
            .filter(|likeness| *likeness < LEAST_LIKENESS)
            .map(|likeness| format!("likeness {likeness:.2} to the master's sound")));
    }
    if is_carried && is_compared && own.packets != stream.packets {
        return Ok(Some(format!(
            "it has {} texts, the master's {}",
            stream.packets, own.packets
        )));
    }
    Ok(None)
}
