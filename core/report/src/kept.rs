//! What is kept of an answer beside its JSON, by whoever shows it on a page of its own.
//!
//! ```text
//! report.html    the page of the clip        frames.json    what is said of the frames that were compared
//! N-clip.png, N-master.png                   a frame of the clip, the master's in its geometry, N from 0 on
//! ```
//!
//! # Shapes and units
//! Grey pictures of 8 bits. Times in seconds. No file holds a key or names a place in the vault.

use std::path::Path;

use countermark_trace::exhibits::Exhibits;
use countermark_trace::result::Match;

use crate::folder::without_place;
use crate::page::encoded;
use crate::still::still;
use crate::{Answer, Audience, Circumstances, Custody, Page, ReportError, Subject};

/// The files of an answer, for those to whom the studio hands it; `vault` is the place that none of them may name.
///
/// # Errors
/// When the clip can no longer be read, or a picture not be encoded.
pub fn kept(
    subject: Subject<'_>,
    answer: &impl Answer,
    exhibits: &Exhibits,
    circumstances: &Circumstances,
    vault: &Path,
) -> Result<Vec<(String, Vec<u8>)>, ReportError> {
    let mut exhibits = exhibits.clone();
    for note in &mut exhibits.notes {
        *note = without_place(note, vault);
    }
    let custody = Custody::of_named(subject.original, subject.file_name())?;
    let statement = answer.statement();
    let middle = |found: &Match| f64::midpoint(found.query[0], found.query[1]);
    let shown = statement.matches.first().map_or(0.0, middle);
    // A clip of sound alone has none.
    let still = still(subject.examined, shown).unwrap_or_default();
    let page = Page {
        statement,
        custody: &custody,
        exhibits: &exhibits,
        circumstances,
        still: still.as_deref(),
        audience: Audience::Outgoing,
    };
    let pictures = encoded(&exhibits.pairs)?;
    let frames = serde_json::to_vec(&exhibits.pairs).map_err(ReportError::Json)?;
    let mut files = vec![
        (
            "report.html".to_owned(),
            page.with_encoded(&pictures).into_bytes(),
        ),
        ("frames.json".to_owned(), frames),
    ];
    for (at, [clip, master, _]) in pictures.into_iter().enumerate() {
        files.push((format!("{at}-clip.png"), clip));
        files.push((format!("{at}-master.png"), master));
    }
    Ok(files)
}
