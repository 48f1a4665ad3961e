//! Read keys: files that let an analyst read the marks of one title, for named distributors, without the vault.
//!
//! ```text
//! {"countermark_read_key": 2, "mark_format": .., "title": {"id", "name", "width", "height", "rotation_degrees",
//!  "frame_rate", "duration_seconds"}, "carrier_key": hex, "distributors": [{"name", "payload_key": hex}, ..],
//!  "checksum": hex}
//! checksum = first 16 bytes of SHA-256("countermark read key 2" || every field above, each behind its length)
//! ```
//!
//! The checksum tells a damaged file from a right one; it is no signature. Files of version 1 have none, and are read. Every
//! number has bounds, so that a damaged one cannot keep a machine busy.
//!
//! A read key is a secret. Whoever has it can forge the marks of the distributors that are named in it, and erase, link or transplant the
//! marks of **all** distributors in that title, for it holds the title's carrier key (`countermark_mark::key` says why no less will do).
//! It says nothing of other titles or the owner secret. It is written with mode 0600.
//!
//! # Shapes and units
//! Keys are 32 bytes; `width` and `height` are the master's, in samples.

use std::{
    fs,
    io::{self, Read as _},
    path::Path,
};

use countermark_mark::{
    FormatSpec,
    key::{CarrierKey, ScopedPayloadKey},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    CopyFormats, DistributorId, DistributorRecord, FrameRate, Register, RegisterError, TitleId,
    TitleRecord,
    hex::{from_hex, to_hex},
    name,
    private_file::{self, Existing},
};

mod error;

pub use error::ReadKeyError;

/// The version of the file that this program writes.
const FILE_VERSION: u32 = 2;

/// The first version, without a checksum.
const VERSION_WITHOUT_CHECKSUM: u32 = 1;

/// The largest file, bytes: that of the most distributors with the longest names.
const MAX_FILE_BYTES: u64 = 16 << 20;

/// The most distributors of one key.
const MAX_DISTRIBUTORS: usize = 10_000;

/// The largest width or height of a master, samples.
const MAX_SIDE: u32 = 65_536;

/// The highest frame rate of a master, frames a second.
const MAX_FRAME_RATE: f64 = 1_000.0;

/// The longest master, seconds: 100 hours.
const MAX_DURATION_SECONDS: f64 = 360_000.0;

/// One distributor's key, confined to the file's title.
#[derive(Debug)]
pub struct DistributorKey {
    /// Name of the distributor.
    pub name: String,
    /// Its key.
    pub key: ScopedPayloadKey,
}

/// The contents of a read key's file.
#[derive(Debug)]
pub struct ReadKeyFile {
    /// The title.
    pub title: TitleId,
    /// Name of the title.
    pub title_name: String,
    /// The master's width, samples.
    pub width: u32,
    /// The master's height, samples.
    pub height: u32,
    /// Clockwise rotation that players apply to the master, 0 to 359.
    pub rotation_degrees: i32,
    /// The master's frame rate.
    pub frame_rate: FrameRate,
    /// The master's length, seconds.
    pub duration_seconds: f64,
    /// The format of the marks that it reads.
    pub format: FormatSpec,
    /// Key of the title's carrier.
    pub carrier: CarrierKey,
    /// The distributors whose payloads can be read; not empty.
    pub distributors: Vec<DistributorKey>,
    /// Whether others than the owner can read the file it came from: worth a warning.
    pub exposed: bool,
    /// Whether the file it came from has no checksum, so that damage may have changed a key: worth a warning.
    pub unchecked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    countermark_read_key: u32,
    mark_format: u32,
    title: TitleForm,
    carrier_key: SecretText,
    distributors: Vec<DistributorForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TitleForm {
    id: String,
    name: String,
    width: u32,
    height: u32,
    rotation_degrees: i32,
    frame_rate: String,
    duration_seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistributorForm {
    name: String,
    payload_key: SecretText,
}

/// Only the part that every version has.
#[derive(Deserialize)]
struct VersionForm {
    countermark_read_key: u64,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct SecretText(String);

impl FileForm {
    /// What the file says, or the field that is damaged.
    fn read(&self, format: FormatSpec) -> Result<ReadKeyFile, &'static str> {
        let title = &self.title;
        let is_name = |name: &str| {
            (1..=name::LONGEST).contains(&name.chars().count())
                && !name.chars().any(char::is_control)
        };
        if !is_name(&title.name) {
            return Err("title.name");
        }
        if !(1..=MAX_SIDE).contains(&title.width) || !(1..=MAX_SIDE).contains(&title.height) {
            return Err("title.width or title.height");
        }
        if !(0..360).contains(&title.rotation_degrees) {
            return Err("title.rotation_degrees");
        }
        let frame_rate = FrameRate::parse(&title.frame_rate)
            .filter(|rate| rate.per_second() <= MAX_FRAME_RATE)
            .ok_or("title.frame_rate")?;
        if !(0.0..=MAX_DURATION_SECONDS).contains(&title.duration_seconds) {
            return Err("title.duration_seconds");
        }
        if !(1..=MAX_DISTRIBUTORS).contains(&self.distributors.len()) {
            return Err("distributors");
        }
        let carrier = self.carrier_key.bytes().ok_or("carrier_key")?;
        let distributors = self.distributors.iter().map(|distributor| {
            if !is_name(&distributor.name) {
                return Err("distributors.name");
            }
            let bytes = distributor.payload_key.bytes().ok_or("payload_key")?;
            Ok(DistributorKey {
                name: distributor.name.clone(),
                key: ScopedPayloadKey::from_bytes(*bytes),
            })
        });
        Ok(ReadKeyFile {
            title: TitleId::parse(&title.id).ok_or("title.id")?,
            title_name: title.name.clone(),
            width: title.width,
            height: title.height,
            rotation_degrees: title.rotation_degrees,
            frame_rate,
            duration_seconds: title.duration_seconds,
            format,
            carrier: CarrierKey::from_bytes(*carrier),
            distributors: distributors.collect::<Result<_, _>>()?,
            exposed: false,
            unchecked: false,
        })
    }
}

impl SecretText {
    /// The key; none where it is no key, as 32 zeros are none.
    fn bytes(&self) -> Option<Zeroizing<[u8; 32]>> {
        from_hex(&self.0)
            .map(Zeroizing::new)
            .filter(|bytes| **bytes != [0; 32])
    }
}

impl ReadKeyFile {
    /// Reads a key file.
    ///
    /// # Errors
    /// Everything of [`ReadKeyError`] that concerns reading; the messages name the file and never its contents.
    pub fn load(path: &Path) -> Result<Self, ReadKeyError> {
        let unreadable = |source| ReadKeyError::Unreadable {
            path: path.to_path_buf(),
            source,
        };
        // A pipe would be waited for, and a device read for ever.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(ReadKeyError::NotAFile {
                path: path.to_path_buf(),
            });
        }
        let exposed = private_file::exposed_mode(path)
            .map_err(unreadable)?
            .is_some();
        let mut text = Zeroizing::new(Vec::new());
        fs::File::open(path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text))
            .map_err(unreadable)?;
        Ok(Self {
            exposed,
            ..Self::parse(&text, path)?
        })
    }

    /// The key in the `text` of the file at `path`, which is only named in errors.
    ///
    /// # Errors
    /// As [`ReadKeyFile::load`].
    pub fn parse(text: &[u8], path: &Path) -> Result<Self, ReadKeyError> {
        let damaged = |field| ReadKeyError::Damaged {
            path: path.to_path_buf(),
            field,
        };
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(ReadKeyError::NotAKey {
                path: path.to_path_buf(),
            });
        }
        let version: VersionForm =
            serde_json::from_slice(text).map_err(|_| ReadKeyError::NotAKey {
                path: path.to_path_buf(),
            })?;
        let version = version.countermark_read_key;
        if !(u64::from(VERSION_WITHOUT_CHECKSUM)..=u64::from(FILE_VERSION)).contains(&version) {
            return Err(ReadKeyError::OtherVersion {
                path: path.to_path_buf(),
                found: version,
                known: FILE_VERSION,
            });
        }
        // Serde's own message could quote a key.
        let form: FileForm =
            serde_json::from_slice(text).map_err(|_| damaged("a missing or mistyped field"))?;
        let format =
            FormatSpec::of(form.mark_format).map_err(|source| ReadKeyError::OtherFormat {
                path: path.to_path_buf(),
                source,
            })?;
        let key = form.read(format).map_err(damaged)?;
        let unchecked = version == u64::from(VERSION_WITHOUT_CHECKSUM);
        match (&form.checksum, unchecked) {
            (None, true) => {}
            (Some(found), false) if from_hex(found) == Some(key.checksum()) => {}
            _ => return Err(damaged("checksum")),
        }
        Ok(Self { unchecked, ..key })
    }

    /// Writes the key file, mode 0600, whole or not at all.
    ///
    /// # Errors
    /// [`ReadKeyError::Exists`] unless `force`, [`ReadKeyError::Unwritable`].
    pub fn save(&self, path: &Path, force: bool) -> Result<(), ReadKeyError> {
        let form = FileForm {
            checksum: Some(to_hex(&self.checksum())),
            countermark_read_key: FILE_VERSION,
            mark_format: self.format.version(),
            title: TitleForm {
                id: self.title.to_string(),
                name: self.title_name.clone(),
                width: self.width,
                height: self.height,
                rotation_degrees: self.rotation_degrees,
                frame_rate: self.frame_rate.to_string(),
                duration_seconds: self.duration_seconds,
            },
            carrier_key: SecretText(to_hex(self.carrier.expose_bytes())),
            distributors: self
                .distributors
                .iter()
                .map(|distributor| DistributorForm {
                    name: distributor.name.clone(),
                    payload_key: SecretText(to_hex(distributor.key.expose_bytes())),
                })
                .collect(),
        };
        let unwritable = |source| ReadKeyError::Unwritable {
            path: path.to_path_buf(),
            source,
        };
        let mut text = Zeroizing::new(Vec::with_capacity(1024 + 256 * self.distributors.len()));
        serde_json::to_writer_pretty(&mut *text, &form)
            .map_err(|error| unwritable(error.into()))?;
        text.push(b'\n');
        let existing = if force {
            Existing::Replace
        } else {
            Existing::Keep
        };
        private_file::write(path, &text, existing).map_err(|source| {
            if source.kind() == io::ErrorKind::AlreadyExists {
                ReadKeyError::Exists {
                    path: path.to_path_buf(),
                }
            } else {
                unwritable(source)
            }
        })
    }
}

impl ReadKeyFile {
    /// The read keys of `title` for `distributors`, one for each format of its copies.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn all_of_title<R: Register + ?Sized>(
        register: &R,
        title: &TitleRecord,
        distributors: &[DistributorRecord],
    ) -> Result<Vec<Self>, RegisterError> {
        let formats = CopyFormats::of_title(register, title.id)?.known.into_iter();
        let of_format = |format| Self::of_title(register, title, distributors, format);
        Ok(formats.map(of_format).collect())
    }

    /// The read key of `title` for `distributors`, of one format of its copies.
    #[must_use]
    pub fn of_title<R: Register + ?Sized>(
        register: &R,
        title: &TitleRecord,
        distributors: &[DistributorRecord],
        format: FormatSpec,
    ) -> Self {
        Self {
            format,
            title: title.id,
            title_name: title.name.clone(),
            width: title.master.width,
            height: title.master.height,
            rotation_degrees: title.master.rotation_degrees,
            frame_rate: title.master.frame_rate,
            duration_seconds: title.master.duration_seconds,
            carrier: register.carrier_key(title.id),
            distributors: distributors
                .iter()
                .map(|distributor| DistributorKey {
                    name: distributor.name.clone(),
                    key: register.scoped_payload_key(distributor.id, title.id),
                })
                .collect(),
            exposed: false,
            unchecked: false,
        }
    }

    /// The checksum of all that the file says.
    fn checksum(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(b"countermark read key 2");
        field(&self.format.version().to_be_bytes());
        field(self.title.to_string().as_bytes());
        field(self.title_name.as_bytes());
        field(&self.width.to_be_bytes());
        field(&self.height.to_be_bytes());
        field(&self.rotation_degrees.to_be_bytes());
        field(&self.frame_rate.num.to_be_bytes());
        field(&self.frame_rate.den.to_be_bytes());
        field(&self.duration_seconds.to_bits().to_be_bytes());
        field(self.carrier.expose_bytes());
        for distributor in &self.distributors {
            field(distributor.name.as_bytes());
            field(distributor.key.expose_bytes());
        }
        let mut checksum = [0; 16];
        checksum.copy_from_slice(&hash.finalize()[..16]);
        checksum
    }

    /// Exports the read key of `title` for `distributors` to `path`, of the newest format of its copies. The ledger has it before the file exists.
    ///
    /// # Errors
    /// [`ReadKeyError::Exists`] unless `force`, [`ReadKeyError::Unwritable`], [`ReadKeyError::Register`].
    pub fn export<R: Register + ?Sized>(
        register: &R,
        title: &TitleRecord,
        distributors: &[DistributorRecord],
        path: &Path,
        force: bool,
    ) -> Result<(), ReadKeyError> {
        if !force && path.symlink_metadata().is_ok() {
            return Err(ReadKeyError::Exists {
                path: path.to_path_buf(),
            });
        }
        if let Err(source) = fs::metadata(private_file::directory_of(path)) {
            return Err(ReadKeyError::Unwritable {
                path: path.to_path_buf(),
                source,
            });
        }
        let format = CopyFormats::of_title(register, title.id)?.newest();
        let named: Vec<&DistributorRecord> = distributors.iter().collect();
        register.attest(title, &named)?;
        let ids: Vec<DistributorId> = distributors.iter().map(|d| d.id).collect();
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        register.record_key_export(title.id, &ids, &file)?;
        Self::of_title(register, title, distributors, format).save(path, force)
    }

    /// As [`ReadKeyFile::export`], for distributors by name, for all if none is named. Answers the title's name and the distributors'.
    ///
    /// # Errors
    /// As [`ReadKeyFile::export`]; [`RegisterError::UnknownTitle`], [`RegisterError::UnknownDistributor`],
    /// [`RegisterError::NoDistributors`].
    pub fn export_named<R: Register + ?Sized>(
        register: &R,
        (title, names): (&str, &[String]),
        path: &Path,
        force: bool,
    ) -> Result<(String, Vec<String>), ReadKeyError> {
        let title = register.title_named(title)?;
        let mut distributors = if names.is_empty() {
            register.distributors()?
        } else {
            let named = names.iter().map(|name| register.distributor_named(name));
            named.collect::<Result<_, _>>()?
        };
        distributors.sort_by(|a, b| a.name.cmp(&b.name));
        distributors.dedup_by(|a, b| a.id == b.id);
        if distributors.is_empty() {
            let place = register.place();
            return Err(RegisterError::NoDistributors { place }.into());
        }
        Self::export(register, &title, &distributors, path, force)?;
        let names = distributors.into_iter().map(|it| it.name);
        Ok((title.name, names.collect()))
    }
}
