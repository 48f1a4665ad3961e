//! What reading a copy back came to: as JSON and in words.
//!
//! ```text
//! Verification -> found_json: the part of a mark's JSON        -> found_words: a line of a mark's words
//! Verified -> to_json: the body of a json::Document            -> Display: a line for each fault and remark, and what holds
//! ```
//!
//! # Shapes and units
//! Scores have no unit; PSNR is in dB over luma, of the written file; seconds are media time, but `seconds` of a document.

use std::fmt;
use std::path::PathBuf;

use countermark_mastering::verify::{Quality, Reading, Verification};
use countermark_register::DeliveryRecord;
use serde_json::{Value, json};

use crate::json::rounded;
use crate::visible::Visible;

/// A file that was verified.
#[derive(Debug)]
pub struct Verified {
    /// The file.
    pub file: PathBuf,
    /// The delivery that it claims to be.
    pub delivery: DeliveryRecord,
    /// What was found.
    pub found: Verification,
    /// The page of its worst frames.
    pub contact_sheet: Option<PathBuf>,
    /// Time it took.
    pub seconds: f64,
}

/// What was found, as a part of a document.
#[must_use]
pub fn found_json(found: &Verification) -> Value {
    let reading = |reading: Reading| {
        json!({
            "frames": reading.frames,
            "score": rounded(reading.score, 1),
            "payload": reading.payload.map(|payload| payload.to_string()),
            "strength": reading.strength.map(|share| rounded(share, 2)),
        })
    };
    let faults = found.faults.iter();
    json!({
        "holds": found.holds(),
        "faults": faults
            .map(|fault| json!({"kind": fault.kind(), "text": fault.to_string()}))
            .collect::<Vec<_>>(),
        "remarks": found.remarks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "reading": found.reading.map(reading),
        "recompressed": found.recompressed.map(reading),
        "psnr_y_db": found.psnr_y_db.filter(|db| db.is_finite()).map(|db| rounded(db, 2)),
        "worst": found.worst().map(|worst| json!({
            "seconds": rounded(worst.seconds, 2),
            "psnr_y_db": if worst.psnr_y_db.is_finite() { json!(rounded(worst.psnr_y_db, 2)) } else { Value::Null },
        })),
        "streams": found.stock.as_ref().map(|stock| stock.streams.len()),
    })
}

/// What holds, in half a line: the score, the payload, what a recompression leaves, the worst second.
#[must_use]
pub fn found_words(found: &Verification) -> String {
    let mut words = Vec::new();
    if let Some(reading) = found.reading {
        words.push(format!(
            "score {:.1} over {} frames{}",
            reading.score,
            reading.frames,
            match reading.payload {
                Some(_) => ", payload read",
                None => "",
            }
        ));
    }
    if let Some(after) = found.recompressed {
        words.push(format!("{:.1} after CRF 28", after.score));
    }
    if let Some(Quality {
        seconds, psnr_y_db, ..
    }) = found.worst()
    {
        words.push(format!("worst part {psnr_y_db:.1} dB at {seconds:.1} s"));
    }
    words.join("; ")
}

impl Verified {
    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = found_json(&self.found);
        json["file"] = self.file.display().to_string().into();
        json["sha256"] = self.found.sha256.map(|hash| hash.to_string()).into();
        json["delivery"] = self.delivery.id.to_string().into();
        json["title"] = self.delivery.title.clone().into();
        json["distributor"] = self.delivery.distributor.clone().into();
        json["contact_sheet"] = self
            .contact_sheet
            .as_ref()
            .map(|page| page.display().to_string())
            .into();
        json["seconds"] = rounded(self.seconds, 3).into();
        json
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.found.faults {
            writeln!(f, "fault: {}", Visible(fault))?;
        }
        for remark in &self.found.remarks {
            writeln!(f, "note: {remark}")?;
        }
        if let Some(page) = &self.contact_sheet {
            writeln!(f, "contact sheet: {}", Visible(page.display()))?;
        }
        let file = Visible(self.file.display());
        let delivery = &self.delivery;
        let whose = format!(
            "delivery {} of {} to {}",
            delivery.id,
            Visible(&delivery.title),
            Visible(&delivery.distributor)
        );
        let words = found_words(&self.found);
        match self.found.faults.len() {
            0 => write!(f, "{file} is {whose}: {words}"),
            1 => write!(
                f,
                "{file} must not be handed on as {whose}: 1 fault; {words}"
            ),
            many => write!(
                f,
                "{file} must not be handed on as {whose}: {many} faults; {words}"
            ),
        }
    }
}
