//! The page for a clip, which an analyst hands to a lawyer, and the same as JSON.
//!
//! ```text
//! answer, exhibits, custody -> DIR/CLIP.html, DIR/CLIP.json, DIR/CLIP.png (the frames that were compared, if any)
//! all clips of a run        -> DIR/index.html
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

use countermark_register::Timestamp;
use countermark_trace::exhibits::{Exhibits, FramePair, RankedDelivery};
use countermark_trace::result::Match;
use maud::{Markup, html};
use serde::Serialize;

use crate::html::facts;
use crate::json::{Broken, Document};
use crate::page::verdict_words;
use crate::sheet::sheet;
use crate::still::still;
use crate::{Answer, Audience, Circumstances, Custody, Page, ReportError, Statement};

use index::Line;

mod index;

/// The folder that pages are written to.
#[derive(Debug)]
pub struct Folder {
    directory: PathBuf,
    /// Root of the vault, which is never named.
    vault: PathBuf,
    audience: Audience,
    taken: BTreeSet<OsString>,
    lines: Vec<Line>,
}

/// The clip that a page is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The file as it came.
    pub original: &'a Path,
    /// The file that was examined; another one where it had to be repaired.
    pub examined: &'a Path,
    /// As whoever asked called it.
    pub name: &'a str,
}

impl<'a> Subject<'a> {
    /// A file under its own name.
    #[must_use]
    pub fn file(path: &'a Path, name: &'a str) -> Self {
        Self {
            original: path,
            examined: path,
            name,
        }
    }

    /// The name without folders.
    pub(crate) fn file_name(&self) -> &'a str {
        let last = self.name.rsplit('/').next().unwrap_or_default();
        match last {
            "" | "-" => "standard input",
            last => last,
        }
    }
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
    #[serde(flatten)]
    circumstances: &'a Circumstances,
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
            // The name of the page over all others.
            taken: BTreeSet::from([OsString::from("index")]),
            lines: Vec::new(),
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
        subject: Subject<'_>,
        answer: &impl Answer,
        mut exhibits: Exhibits,
        circumstances: &Circumstances,
    ) -> Result<(), ReportError> {
        for note in &mut exhibits.notes {
            *note = without_place(note, &self.vault);
        }
        let custody = Custody::of_named(subject.original, subject.file_name())?;
        let statement = answer.statement();
        let middle = |found: &Match| f64::midpoint(found.query[0], found.query[1]);
        let shown = statement.matches.first().map_or(0.0, middle);
        let still = still(subject.examined, shown).unwrap_or_else(|error| {
            exhibits
                .notes
                .push(format!("no still of the clip: {error}"));
            None
        });
        let page = Page {
            statement,
            custody: &custody,
            exhibits: &exhibits,
            circumstances,
            still: still.as_deref(),
            audience: self.audience,
        };
        let record = Record {
            document: answer.document(self.audience),
            exhibits: Beyond {
                custody: &custody,
                circumstances,
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
        let name = self.free_name(subject);
        let mut files = vec![("json", json.into_bytes()), ("html", html.into_bytes())];
        files.extend(sheet(&exhibits.pairs)?.map(|png| ("png", png)));
        self.note(subject, &name, &statement);
        self.write_all(&name, files)
    }

    /// Writes the page of a clip that could not be examined, and its JSON.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn write_broken(&mut self, subject: Subject<'_>, error: &str) -> Result<(), ReportError> {
        let error = without_place(error, &self.vault);
        // Whatever else is wrong with it: a file that can be read has a digest.
        let custody = Custody::of_named(subject.original, subject.file_name()).ok();
        let facts = custody.as_ref().map_or_else(|| html! {}, digest);
        let html = index::broken(subject.file_name(), &error, &facts);
        let document = Document::new(Broken::new(subject.name, &error));
        let mut json = serde_json::to_string(&document).map_err(ReportError::Json)?;
        json.push('\n');
        let name = self.free_name(subject);
        self.lines.push(Line {
            clip: subject.name.to_owned(),
            link: index::link_to(&page_of(&name)),
            verdict: "could not be examined",
            titles: Vec::new(),
            distributors: Vec::new(),
            error: Some(error),
        });
        let files = vec![("json", json.into_bytes()), ("html", html.into_bytes())];
        self.write_all(&name, files)
    }

    /// Writes the page over all that were written.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn finish(&self) -> Result<(), ReportError> {
        let html = index::index(&self.lines, &Timestamp::now().to_string());
        self.write_all(OsStr::new("index"), vec![("html", html.into_bytes())])
    }

    fn note(&mut self, subject: Subject<'_>, name: &OsStr, statement: &Statement<'_>) {
        let mut titles: Vec<String> = Vec::new();
        let named = statement
            .matches
            .iter()
            .filter_map(|found| found.title.as_deref());
        for title in statement.title.into_iter().chain(named) {
            if !titles.iter().any(|known| known == title) {
                titles.push(title.to_owned());
            }
        }
        self.lines.push(Line {
            clip: subject.name.to_owned(),
            link: index::link_to(&page_of(name)),
            verdict: verdict_words(statement),
            titles,
            distributors: statement
                .accused
                .iter()
                .map(|it| it.distributor.clone())
                .collect(),
            error: None,
        });
    }

    fn write_all(&self, name: &OsStr, files: Vec<(&str, Vec<u8>)>) -> Result<(), ReportError> {
        for (extension, content) in files {
            let mut file = name.to_owned();
            file.push(".");
            file.push(extension);
            let path = self.directory.join(file);
            write_whole(&path, &content).map_err(|source| ReportError::Write { path, source })?;
        }
        Ok(())
    }

    /// A name that no other page of this run has, and that a file may have.
    fn free_name(&mut self, subject: Subject<'_>) -> OsString {
        /// A file name has 255 bytes at most, with a number and `.html`.
        const MOST: usize = 230;
        let own = subject.file_name();
        let mut end = own.len().min(MOST);
        while !own.is_char_boundary(end) {
            end -= 1;
        }
        let own = OsString::from(&own[..end]);
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

fn page_of(name: &OsStr) -> OsString {
    let mut page = name.to_owned();
    page.push(".html");
    page
}

/// Length and digest of a file.
fn digest(custody: &Custody) -> Markup {
    let rows = [
        ("file", custody.file_name.clone()),
        ("length", format!("{} bytes", custody.bytes)),
        ("SHA-256", custody.sha256.clone()),
        ("looked at", custody.analysed.clone()),
    ];
    html! { div.file { (facts(&rows)) } }
}

/// A text in which no file below `place` is named.
pub(crate) fn without_place(text: &str, place: &Path) -> String {
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
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
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
