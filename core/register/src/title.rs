//! Titles: works, or episodes of one.

use std::{fmt, fs, io, path::PathBuf, time::SystemTime};

use countermark_fingerprint::index::{PicturePrint, TitlePrint, segment_of};
use rusqlite::{OptionalExtension as _, Row, ffi::SQLITE_CONSTRAINT_UNIQUE, params};
use serde_json::json;

use crate::{Timestamp, TitleId, Vault, VaultError, index, ledger, name};

/// Frames a second as a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    /// Numerator.
    pub num: u32,
    /// Denominator, not 0.
    pub den: u32,
}

impl FrameRate {
    /// Frames a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// The fraction written as `num/den`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (num, den) = text.split_once('/')?;
        let rate = Self {
            num: num.parse().ok()?,
            den: den.parse().ok()?,
        };
        (rate.den > 0).then_some(rate)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

/// What the register keeps of a master's video.
#[derive(Debug, Clone, PartialEq)]
pub struct MasterFacts {
    /// File name without its folder.
    pub file: String,
    /// Coded width in samples.
    pub width: u32,
    /// Coded height in samples.
    pub height: u32,
    /// Clockwise rotation that players apply before showing it, 0 to 359.
    pub rotation_degrees: i32,
    /// Bits a luma sample.
    pub bit_depth: u8,
    /// Nominal frame rate.
    pub frame_rate: FrameRate,
    /// Length in seconds.
    pub duration_seconds: f64,
    /// Frames decoded.
    pub frames: u64,
}

/// A title on record.
#[derive(Debug, Clone, PartialEq)]
pub struct TitleRecord {
    /// Identifier; the carrier key derives from it.
    pub id: TitleId,
    /// Unique name.
    pub name: String,
    /// The master.
    pub master: MasterFacts,
    /// File name of the proxy; see [`Vault::reference_path`].
    pub reference_file: String,
    /// When it was added.
    pub added: Timestamp,
}

/// A title about to be added: its name is free, its identifier drawn, its reference proxy not yet on record.
///
/// Dropping a draft removes its proxy and its print, so that a title that is given up leaves nothing behind.
#[derive(Debug)]
pub struct TitleDraft {
    id: TitleId,
    name: String,
    reference: PathBuf,
    print: PathBuf,
    kept: bool,
}

impl TitleDraft {
    /// The identifier that the title will have.
    #[must_use]
    pub const fn id(&self) -> TitleId {
        self.id
    }

    /// Where the reference proxy is to be written (under a temporary name first).
    #[must_use]
    pub fn reference_path(&self) -> &std::path::Path {
        &self.reference
    }

    /// Writes what the index keeps of the title: it is found by it from the moment it is on record.
    ///
    /// # Errors
    /// [`VaultError::File`].
    pub fn write_print(
        &self,
        pictures: Vec<PicturePrint>,
        sound: Vec<(u32, u32)>,
    ) -> Result<(), VaultError> {
        let print = TitlePrint {
            id: self.id.for_index(),
            pictures,
            sound,
        };
        index::write(&self.print, &segment_of(&print))
    }
}

impl Drop for TitleDraft {
    fn drop(&mut self) {
        if !self.kept {
            // There may be none yet; and nobody is left to tell.
            let _ = fs::remove_file(&self.reference);
            let _ = fs::remove_file(&self.print);
        }
    }
}

const COLUMNS: &str = "id, name, master_file, width, height, rotation_degrees, bit_depth, frame_rate_num, \
    frame_rate_den, duration_seconds, frames, reference_file, added";

fn title_of(row: &Row<'_>) -> rusqlite::Result<TitleRecord> {
    Ok(TitleRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        master: MasterFacts {
            file: row.get(2)?,
            width: row.get(3)?,
            height: row.get(4)?,
            rotation_degrees: row.get(5)?,
            bit_depth: row.get(6)?,
            frame_rate: FrameRate {
                num: row.get(7)?,
                den: row.get(8)?,
            },
            duration_seconds: row.get(9)?,
            frames: row.get(10)?,
        },
        reference_file: row.get(11)?,
        added: row.get(12)?,
    })
}

impl Vault {
    /// Reserves nothing, but tells at once when `name` cannot be used, before minutes are spent on a proxy.
    ///
    /// # Errors
    /// [`VaultError::BadName`], [`VaultError::NameTaken`], [`VaultError::Database`].
    pub fn draft_title(&self, name: &str) -> Result<TitleDraft, VaultError> {
        name::check("title", name)?;
        if self.find_title(name)?.is_some() {
            return Err(self.title_taken(name));
        }
        let id = TitleId::draw(self.randomness())?;
        let reference = self.references().join(reference_file(id));
        Ok(TitleDraft {
            id,
            name: name.to_owned(),
            reference,
            print: self.print_path(id),
            kept: false,
        })
    }

    /// Records a title whose reference proxy is written.
    ///
    /// # Errors
    /// [`VaultError::ReferenceMissing`]; [`VaultError::NameTaken`] when another process was faster;
    /// [`VaultError::Database`].
    pub fn add_title(
        &self,
        mut draft: TitleDraft,
        master: MasterFacts,
    ) -> Result<TitleRecord, VaultError> {
        if !draft.reference.is_file() {
            return Err(VaultError::ReferenceMissing {
                path: draft.reference.clone(),
            });
        }
        let title = TitleRecord {
            id: draft.id,
            name: draft.name.clone(),
            master,
            reference_file: reference_file(draft.id),
            added: Timestamp::now(),
        };
        let added = self.act(|db| {
            let master = &title.master;
            db.execute(
                &format!(
                    "INSERT INTO titles ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
                ),
                params![
                    title.id,
                    title.name,
                    master.file,
                    master.width,
                    master.height,
                    master.rotation_degrees,
                    master.bit_depth,
                    master.frame_rate.num,
                    master.frame_rate.den,
                    master.duration_seconds,
                    master.frames,
                    title.reference_file,
                    title.added,
                ],
            )?;
            let details = json!({
                "title": title.id.to_string(),
                "name": title.name,
                "master_file": master.file,
                "frames": master.frames,
            });
            ledger::append(db, &title.added, "title-added", &details)
        });
        match added {
            Ok(()) => {
                draft.kept = true;
                Ok(title)
            }
            Err(error) if is_taken(&error) => Err(self.title_taken(&title.name)),
            Err(error) => Err(error),
        }
    }

    /// The whole proxies that are there, and when each was written: of titles on record, of titles being registered, and of
    /// killed registrations.
    #[must_use]
    pub fn proxies(&self) -> Vec<(TitleId, SystemTime)> {
        let entries = fs::read_dir(self.references()).into_iter().flatten();
        entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let name = entry.file_name();
                let id = TitleId::parse(name.to_str()?.strip_suffix(".mp4")?)?;
                Some((id, entry.metadata().ok()?.modified().ok()?))
            })
            .collect()
    }

    /// Removes the proxy and the print of a title that was never put on record.
    ///
    /// # Errors
    /// [`VaultError::File`]. A file that is not there is no error.
    pub fn discard_proxy(&self, id: TitleId) -> Result<(), VaultError> {
        // The print first: what is found again by its proxy is removed whole.
        for path in [
            self.print_path(id),
            self.references().join(reference_file(id)),
        ] {
            match fs::remove_file(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(VaultError::File {
                        act: "remove",
                        path,
                        source,
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The title named `name`.
    ///
    /// # Errors
    /// [`VaultError::UnknownTitle`], [`VaultError::Database`].
    pub fn title(&self, name: &str) -> Result<TitleRecord, VaultError> {
        self.find_title(name)?
            .ok_or_else(|| VaultError::UnknownTitle {
                name: name.to_owned(),
                vault: self.root().to_path_buf(),
            })
    }

    /// Every title, by name.
    ///
    /// # Errors
    /// [`VaultError::Database`].
    pub fn titles(&self) -> Result<Vec<TitleRecord>, VaultError> {
        self.read(|db| {
            db.prepare(&format!("SELECT {COLUMNS} FROM titles ORDER BY name"))?
                .query_map([], title_of)?
                .collect()
        })
    }

    fn find_title(&self, name: &str) -> Result<Option<TitleRecord>, VaultError> {
        self.read(|db| {
            db.query_row(
                &format!("SELECT {COLUMNS} FROM titles WHERE name = ?1"),
                [name],
                title_of,
            )
            .optional()
        })
    }

    fn title_taken(&self, name: &str) -> VaultError {
        VaultError::NameTaken {
            what: "title",
            name: name.to_owned(),
            vault: self.root().to_path_buf(),
        }
    }
}

fn reference_file(id: TitleId) -> String {
    format!("{id}.mp4")
}

/// Whether an insertion failed because another row has the name.
pub(crate) fn is_taken(error: &VaultError) -> bool {
    matches!(error, VaultError::Database { source, .. }
        if source.sqlite_error().is_some_and(|error| error.extended_code == SQLITE_CONSTRAINT_UNIQUE))
}
