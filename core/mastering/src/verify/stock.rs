//! What a copy holds, as the ledger keeps it: so that a copy can be verified later without its master.
//!
//! ```text
//! delivered copy -> FileStock -> JSON in the ledger's entry of the verification -> compare(a file that claims to be it)
//! ```
//!
//! # Shapes and units
//! Seconds of media time; SHA-256 of streams as [`countermark_media::stocktake`] takes them, in hex.

use std::fmt::Write as _;

use countermark_catalogue::Vault;
use countermark_media::{Inventory, Stocktake, StreamSummary};
use countermark_register::DeliveryId;
use serde::{Deserialize, Serialize};

use super::finding::Fault;
use crate::MasteringError;

/// Containers round moments, and a transport stream ends with its last moment.
pub(super) const LENGTH_TOLERANCE: f64 = 0.1;

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileStock {
    /// Pictures.
    pub pictures: u64,
    /// Length of the video in seconds.
    pub video_seconds: f64,
    /// Every stream beside the video.
    pub streams: Vec<StreamFacts>,
    /// Time code of the first picture.
    pub timecode: Option<String>,
    /// Closed captions inside of the pictures' stream.
    pub captions: bool,
    /// An active format description.
    pub active_format: bool,
    /// `Some(top field first)`.
    pub top_first: Option<bool>,
    /// HDR10 metadata.
    pub hdr10: bool,
    /// Chapters.
    pub chapters: usize,
    /// Primaries, transfer, matrix.
    pub colour: [String; 3],
}

/// One stream beside the video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StreamFacts {
    /// `audio`, `subtitle`, `data`, ..
    pub kind: String,
    /// FFmpeg's name of the codec.
    pub codec: String,
    /// Its language, if it says one.
    pub language: Option<String>,
    /// Bytes of its content.
    pub bytes: u64,
    /// SHA-256 of its content, hex.
    pub sha256: String,
}

impl FileStock {
    pub(super) fn of(stock: &Stocktake, inventory: &Inventory) -> Self {
        let colour = &inventory.colour;
        Self {
            pictures: stock.pictures,
            video_seconds: stock.video_seconds,
            streams: stock
                .streams
                .iter()
                .map(|stream| StreamFacts {
                    kind: stream.summary.kind.to_owned(),
                    codec: stream.summary.codec.clone(),
                    language: language(&stream.summary).map(str::to_owned),
                    bytes: stream.bytes,
                    sha256: hex(&stream.sha256),
                })
                .collect(),
            timecode: inventory.timecode.clone(),
            captions: inventory.has_captions,
            active_format: inventory.has_active_format,
            top_first: inventory.top_first,
            hdr10: inventory.has_hdr10(),
            chapters: inventory.chapters,
            colour: [&colour.primaries, &colour.transfer, &colour.matrix].map(Clone::clone),
        }
    }

    /// Names what a file that claims to be this one has otherwise.
    pub(super) fn compare(&self, found: &Self, faults: &mut Vec<Fault>) {
        if (self.video_seconds - found.video_seconds).abs() > LENGTH_TOLERANCE {
            faults.push(Fault::Length {
                found_seconds: found.video_seconds,
                wanted_seconds: self.video_seconds,
            });
        }
        for kind in ["audio", "subtitle", "data", "attachment", "video"] {
            let of = |stock: &Self| -> Vec<StreamFacts> {
                let own = stock.streams.iter().filter(|stream| stream.kind == kind);
                own.cloned().collect()
            };
            let (own, others) = (of(self), of(found));
            for (number, stream) in own.iter().enumerate() {
                let name = stream.name(number);
                match others.get(number) {
                    None => faults.push(Fault::StreamMissing { stream: name }),
                    Some(other) if other.codec != stream.codec => {
                        faults.push(Fault::StreamDiffers {
                            stream: name,
                            why: format!("it is {}", other.codec),
                        });
                    }
                    Some(other) if other.sha256 != stream.sha256 => {
                        faults.push(Fault::StreamDiffers {
                            stream: name,
                            why: format!(
                                "SHA-256 of its content {}, recorded {}",
                                other.sha256, stream.sha256
                            ),
                        });
                    }
                    Some(_) => {}
                }
            }
            for (number, stream) in others.iter().enumerate().skip(own.len()) {
                let stream = stream.name(number);
                faults.push(Fault::StreamAdded { stream });
            }
        }
        let said = |what: Option<&String>| what.map_or("none".to_owned(), Clone::clone);
        let yes = |there: bool| if there { "there" } else { "missing" }.to_owned();
        let order = |top_first: Option<bool>| {
            match top_first {
                Some(true) => "top field first",
                Some(false) => "bottom field first",
                None => "no fields",
            }
            .to_owned()
        };
        let pairs = [
            (
                "time code",
                said(self.timecode.as_ref()),
                said(found.timecode.as_ref()),
            ),
            (
                "state of closed captions",
                yes(self.captions),
                yes(found.captions),
            ),
            (
                "state of the active format description",
                yes(self.active_format),
                yes(found.active_format),
            ),
            ("field order", order(self.top_first), order(found.top_first)),
            ("state of HDR10 metadata", yes(self.hdr10), yes(found.hdr10)),
            (
                "number of chapters",
                self.chapters.to_string(),
                found.chapters.to_string(),
            ),
            ("colour", self.colour.join("/"), found.colour.join("/")),
        ];
        for (what, wanted, found) in pairs {
            if wanted != found {
                faults.push(Fault::Differs {
                    what,
                    wanted,
                    found,
                });
            }
        }
    }
}

impl StreamFacts {
    fn name(&self, number: usize) -> String {
        let language = self.language.as_ref();
        let language = language.map_or(String::new(), |language| format!(", {language}"));
        format!(
            "{} stream {} ({}{language})",
            self.kind,
            number + 1,
            self.codec
        )
    }
}

/// What the ledger says of a copy as it was delivered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recorded {
    pub(super) stock: FileStock,
    /// The strength of its mark, which an encoder lessens.
    pub(super) strength: Option<f64>,
    /// The moment that was looked at beside the usual ones.
    pub(super) also_seconds: Option<f64>,
}

/// What the ledger says of the copy as it was delivered; none where nobody verified it.
pub(super) fn recorded(vault: &Vault, id: DeliveryId) -> Result<Option<Recorded>, MasteringError> {
    let verifications = vault.register().verifications(id)?;
    Ok(verifications
        .iter()
        .filter(|(_, details)| details["faults"].as_array().is_some_and(Vec::is_empty))
        .find_map(|(_, details)| {
            Some(Recorded {
                stock: serde_json::from_value(details["stock"].clone()).ok()?,
                strength: details["reading"]["strength"].as_f64(),
                also_seconds: details["also_seconds"].as_f64(),
            })
        }))
}

fn language(summary: &StreamSummary) -> Option<&str> {
    let language = summary.language.as_deref();
    language.filter(|language| *language != "und")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered() -> FileStock {
        let stream = |kind: &str, codec: &str, sha256: &str| StreamFacts {
            kind: kind.into(),
            codec: codec.into(),
            language: Some("deu".into()),
            bytes: 7,
            sha256: sha256.into(),
        };
        FileStock {
            pictures: 240,
            video_seconds: 10.0,
            streams: vec![
                stream("audio", "aac", "a1"),
                stream("audio", "aac", "a2"),
                stream("subtitle", "mov_text", "s1"),
            ],
            timecode: Some("01:00:00:00".into()),
            captions: true,
            active_format: false,
            top_first: None,
            hdr10: false,
            chapters: 3,
            colour: ["bt709", "bt709", "bt709"].map(Into::into),
        }
    }

    fn said(change: impl Fn(&mut FileStock)) -> Vec<String> {
        let mut found = delivered();
        change(&mut found);
        let mut faults = Vec::new();
        delivered().compare(&found, &mut faults);
        faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_copy_lost_on_its_way_is_named() {
        assert_eq!(said(|_| ()), [""; 0]);
        assert_eq!(
            said(|found| found.captions = false),
            ["its state of closed captions is missing, not there"]
        );
        assert_eq!(
            said(|found| drop(found.streams.pop())),
            ["it lacks subtitle stream 1 (mov_text, deu)"]
        );
        let swapped = said(|found| found.streams.swap(0, 1));
        assert_eq!(swapped.len(), 2, "{swapped:?}");
        assert!(swapped[0].starts_with("audio stream 1 (aac, deu) is another: SHA-256"));
        assert_eq!(
            said(|found| found.video_seconds = 9.0),
            ["it lasts 9.00 s, the master 10.00 s"]
        );
        assert_eq!(
            said(|found| found.timecode = None),
            ["its time code is none, not 01:00:00:00"]
        );
    }

    #[test]
    fn a_stock_comes_back_from_the_ledger_as_it_was() {
        let json = serde_json::to_value(delivered()).expect("json");
        let back: FileStock = serde_json::from_value(json).expect("a stock");
        assert_eq!(back, delivered());
    }
}
