//! Registering a master: its facts, its proxy, its fingerprints.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use countermark_catalogue::{CatalogueError, Vault, picture_prints, sound_peaks, sound_prints};
use countermark_mark::FormatSpec;
use countermark_media::{CancelToken, MediaError, VideoInfo, probe, recode};
use countermark_register::{FrameRate, MasterFacts, TitleRecord};

use crate::frames::StageFrames;
use crate::settle::settle_first;
use crate::{MasteringError, Notice, Observer, Stage, proxy};

/// A title to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleRequest {
    /// Its clean file.
    pub master: PathBuf,
    /// Its name, unique in the register.
    pub name: String,
    /// Threads of the decoder; the machine's cores if `None`. They change no bit of the proxy.
    pub threads: Option<NonZeroUsize>,
}

/// A registered title.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RegisteredTitle {
    /// The record.
    pub title: TitleRecord,
    /// Size of the proxy.
    pub reference_bytes: u64,
}

/// Registers a title: renders the proxy of its master, fingerprints pictures and sound, and puts it on record.
///
/// # Errors
/// When the name is taken, the master cannot be decoded to its end or cannot carry a mark, the register cannot be
/// written, or the observer's token is set ([`MasteringError::Cancelled`]). Nothing of the title is left then.
pub fn register_title(
    vault: &Vault,
    request: &TitleRequest,
    observer: &dyn Observer,
) -> Result<RegisteredTitle, MasteringError> {
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    settle_first(vault, &cancel, observer);
    let master = &request.master;
    let register = vault.register();
    let title = register.draft_title(&request.name)?;
    let info = probe(master)?.video;
    FormatSpec::CURRENT
        .lattice(info.width as usize, info.height as usize)
        .map_err(|source| MasteringError::NoLattice {
            path: master.clone(),
            source,
        })?;
    let draft = vault.catalogue().draft(&title)?;
    let reference = draft.reference_path().to_path_buf();
    let rendering = StageFrames {
        observer,
        stage: Stage::RenderingReference,
        cancel: &cancel,
    };
    let recoding = proxy::recoding(&info, request.threads);
    let report = recode(master, &reference, &recoding, &rendering).map_err(cancelled)?;
    let reference_bytes = fs::metadata(&reference)
        .map_err(|source| MasteringError::File {
            act: "read",
            path: reference.clone(),
            source,
        })?
        .len();
    observer.stage(Stage::FingerprintingPictures, None);
    let pictures = picture_prints(&reference, &cancel).map_err(cancelled)?;
    observer.stage(Stage::FingerprintingSound, None);
    let sound = sound(master, &cancel, observer)?;
    draft.write_print(pictures, sound)?;
    if cancel.is_cancelled() {
        return Err(MasteringError::Cancelled);
    }
    let facts = facts(master, &info, report.frames);
    let title = register.add_title(&title, facts, &draft.files()?)?;
    draft.keep();
    if let Err(error) = compact(vault) {
        observer.notice(Notice::IndexNotCompacted(error));
    }
    Ok(RegisteredTitle {
        title,
        reference_bytes,
    })
}

/// Merges small segments of the index.
fn compact(vault: &Vault) -> Result<(), CatalogueError> {
    vault.catalogue().compact_index(vault.register())
}

/// The words of a master's sound; none when it has none, or it cannot be decoded.
fn sound(
    master: &Path,
    cancel: &CancelToken,
    observer: &dyn Observer,
) -> Result<Vec<(u32, u32)>, MasteringError> {
    match sound_peaks(master, cancel) {
        Ok(Some(peaks)) => Ok(sound_prints(&peaks)),
        Ok(None) => {
            observer.notice(Notice::Silent);
            Ok(Vec::new())
        }
        Err(error @ MediaError::Cancelled { .. }) => Err(cancelled(error)),
        Err(error) => {
            observer.notice(Notice::SoundUnreadable(error));
            Ok(Vec::new())
        }
    }
}

/// One error for a cancel, whoever noticed it.
pub(crate) fn cancelled(error: MediaError) -> MasteringError {
    match error {
        MediaError::Cancelled { .. } => MasteringError::Cancelled,
        error => MasteringError::Media(error),
    }
}

fn facts(master: &Path, info: &VideoInfo, frames: u64) -> MasterFacts {
    MasterFacts {
        file: master
            .file_name()
            .unwrap_or(master.as_os_str())
            .to_string_lossy()
            .into_owned(),
        width: info.width,
        height: info.height,
        rotation_degrees: info.rotation_degrees,
        bit_depth: info.bit_depth,
        frame_rate: FrameRate {
            num: info.frame_rate.numerator().unsigned_abs(),
            den: info.frame_rate.denominator().unsigned_abs().max(1),
        },
        duration_seconds: info.length_seconds(Some(frames)).unwrap_or(0.0),
        frames,
    }
}
