//! The page for a clip, which an analyst hands to a lawyer, and the same as JSON.
//!
//! ```text
//! answer, exhibits, custody -> DIR/CLIP.html, DIR/CLIP.json, DIR/CLIP.png (the frames that were compared, if any)
//! ```
//!
//! A page needs nothing else: no script, no font, no picture from elsewhere. Neither file holds a key or names a place in the
//! vault. Each is written whole or not at all.
//!
//! # Shapes and units
//! Times in seconds.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use countermark_trace::exhibits::{Exhibits, FramePair, RankedDelivery};
use serde::Serialize;

use crate::sheet::sheet;
use crate::{Answer, Audience, Custody, Page, ReportError};

/// The folder that pages are written to.
#[derive(Debug)]
pub struct Folder {
    directory: PathBuf,
    /// Root of the vault, which is never named.
    vault: PathBuf,
    audience: Audience,
    taken: BTreeSet<OsString>,
}

/// What the JSON of a page holds: a line of `--json`, and what the page shows beyond it.
#[derive(Serialize)]
struct Record<'a, D> {
    #[serde(flatten)]
    document: D,
    exhibits: Beyond<'a>,
}

#[derive(Serialize)]
struct Beyond<'a> {
    #[serde(flatten)]
    custody: &'a Custody,
    pairs: &'a [FramePair],
    /// For the studio only.
    #[serde(skip_serializing_if = "Option::is_none")]
    standings: Option<&'a [RankedDelivery]>,
    notes: &'a [String],
}

impl Folder {
    /// A folder that is made when the first page is written; `vault` is the place that no page may name.
    #[must_use]
    pub fn new(directory: &Path, vault: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            vault: vault.to_owned(),
            audience: Audience::Outgoing,
            taken: BTreeSet::new(),
        }
    }

    /// For whom the pages are.
    #[must_use]
    pub fn written_for(self, audience: Audience) -> Self {
        Self { audience, ..self }
    }

    /// Writes the page and the JSON of a clip. Among clips of one name all but the first get a number; files of an earlier
    /// run are replaced.
    ///
    /// # Errors
    /// When the clip can no longer be read, or the folder cannot be written.
    pub fn write(
        &mut self,
        clip: &Path,
        answer: &impl Answer,
        mut exhibits: Exhibits,
    ) -> Result<(), ReportError> {
        for note in &mut exhibits.notes {
            *note = without_place(note, &self.vault);
        }
        let custody = Custody::of(clip)?;
        let page = Page {
            statement: answer.statement(),
            custody: &custody,
            exhibits: &exhibits,
            audience: self.audience,
        };
        let record = Record {
            document: answer.document(self.audience),
            exhibits: Beyond {
                custody: &custody,
                pairs: &exhibits.pairs,
                standings: self
                    .audience
                    .is_internal()
                    .then_some(&exhibits.standings[..]),
                notes: &exhibits.notes,
            },
        };
        let html = page.to_html()?;
        let mut json = serde_json::to_string(&record).map_err(ReportError::Json)?;
        json.push('\n');
        let name = self.free_name(clip);
        let mut files = vec![("json", json.into_bytes()), ("html", html.into_bytes())];
        files.extend(sheet(&exhibits.pairs)?.map(|png| ("png", png)));
        for (extension, content) in files {
            let mut file = name.clone();
            file.push(".");
            file.push(extension);
            let path = self.directory.join(file);
            write_whole(&path, &content).map_err(|source| ReportError::Write { path, source })?;
        }
        Ok(())
    }

    fn free_name(&mut self, clip: &Path) -> OsString {
        let own = clip.file_name().unwrap_or(OsStr::new("clip")).to_owned();
        let mut name = own.clone();
        let mut number = 1;
        while !self.taken.insert(name.clone()) {
            number += 1;
            name.clone_from(&own);
            name.push(format!("-{number}"));
        }
        name
    }
}

/// A text in which no file below `place` is named.
fn without_place(text: &str, place: &Path) -> String {
    let below = place.join("").display().to_string();
    let (mut out, mut done) = (String::new(), 0);
    for (at, _) in text.match_indices(&below) {
        let within_a_name = |c: char| c.is_alphanumeric() || "/._-".contains(c);
        if at < done || text[..at].ends_with(within_a_name) {
            continue;
        }
        out.push_str(&text[done..at]);
        out.push_str("(in the vault)");
        // The names of the vault's own files hold neither spaces nor colons.
        let ends = |c: char| c.is_whitespace() || ":,;\"')".contains(c);
        let rest = at + below.len();
        done = text[rest..].find(ends).map_or(text.len(), |end| rest + end);
    }
    out.push_str(&text[done..]);
    out
}

/// Under a temporary name first: a killed run leaves no half page.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".countermark-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other file: the user's mask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests;
