//! What is asked for, and whether it can be done: checked whole before anything is on record.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_credentials::Signer;
use countermark_mark::{EmbedError, FormatSpec, Strength};
use countermark_media::{
    Carriage, CopyOrder, VideoInfo, carriage_of, check_order, holds_manifest, inventory, probe,
};
use countermark_register::{DistributorRecord, Licence, TitleRecord};

use crate::{EncodeChoice, MasteringError};

/// How far a master's length may be from the registered one, as a share of it.
const DURATION_TOLERANCE: f64 = 0.01;

/// Marked copies of one master.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRequest {
    /// Name of the title.
    pub title: String,
    /// The title's master.
    pub master: PathBuf,
    /// The copies, at least one.
    pub copies: Vec<CopyRequest>,
    /// Strength of the mark.
    pub strength: Strength,
    /// Threads of the decoder, and of each encoder as if it were alone; the machine's cores if `None`. What x264 and x265
    /// write depends on their number.
    pub threads: Option<NonZeroUsize>,
    /// Read every copy back before it gets its name; see [`crate::verify`]. One that is not what was ordered is put aside.
    pub verify: bool,
    /// Who signs the C2PA manifest of every copy; none where they are to have none. A copy with one is not the same file when it is
    /// made again: its manifest has a name and a signature of its own.
    pub signer: Option<Arc<Signer>>,
}

/// One copy, for one distributor.
#[derive(Debug, Clone, PartialEq)]
pub struct CopyRequest {
    /// Name of the distributor.
    pub distributor: String,
    /// Free text for the register: who watches it, under which contract.
    pub licensee: Option<String>,
    /// What it may be used for.
    pub licence: Licence,
    /// The copy's file; its extension names the container.
    pub output: PathBuf,
    /// How to encode it.
    pub encode: EncodeChoice,
}

/// Whether a request can be begun: names, the master's size and length, outputs, containers, encoder settings. Nothing is
/// written.
///
/// # Errors
/// What [`crate::deliver`] would refuse before anything is on record.
pub fn check(vault: &Vault, request: &DeliveryRequest) -> Result<(), MasteringError> {
    Plan::of(vault, request, true).map(|_| ())
}

/// A request that can be begun.
pub(crate) struct Plan {
    pub(crate) title: TitleRecord,
    pub(crate) info: VideoInfo,
    /// One a copy.
    pub(crate) copies: Vec<PlannedCopy>,
}

pub(crate) struct PlannedCopy {
    pub(crate) distributor: DistributorRecord,
    pub(crate) order: CopyOrder,
    /// What becomes of everything beside the pictures.
    pub(crate) carriage: Vec<Carriage>,
}

impl PlannedCopy {
    /// Width and height of its pictures.
    pub(crate) fn size(&self, master: &VideoInfo) -> (usize, usize) {
        let (width, height) = self
            .order
            .settings
            .size
            .unwrap_or((master.width, master.height));
        (width as usize, height as usize)
    }
}

impl Plan {
    /// Of a master that is there from beginning to end (`is_whole`), or of which the first picture is.
    pub(crate) fn of(
        vault: &Vault,
        request: &DeliveryRequest,
        is_whole: bool,
    ) -> Result<Self, MasteringError> {
        if request.copies.is_empty() {
            return Err(MasteringError::NoCopies);
        }
        let title = vault.register().title_named(&request.title)?;
        let distributors: Vec<_> = request
            .copies
            .iter()
            .map(|copy| vault.register().distributor_named(&copy.distributor))
            .collect::<Result<_, _>>()?;
        let master = &request.master;
        let info = probe(master)?.video;
        check_master(master, &info, &title, is_whole)?;
        let found = inventory(master)?;
        let mut copies: Vec<PlannedCopy> = Vec::with_capacity(request.copies.len());
        for (copy, distributor) in request.copies.iter().zip(distributors) {
            let (output, threads) = (copy.output.clone(), request.threads);
            let encode = &copy.encode;
            let settings = encode.settings_of(master, &info, &found, &output, threads)?;
            let order = CopyOrder { output, settings };
            check_output(master, &order, &copies)?;
            if request.signer.is_some() && !holds_manifest(&order.output) {
                return Err(MasteringError::NoManifest { path: order.output });
            }
            let carriage = carriage_of(master, &found, &order)?;
            let copy = PlannedCopy {
                distributor,
                order,
                carriage,
            };
            check_lattice(master, copy.size(&info))?;
            copies.push(copy);
        }
        Ok(Self {
            title,
            info,
            copies,
        })
    }
}

fn check_lattice(master: &Path, (width, height): (usize, usize)) -> Result<(), MasteringError> {
    let lattice = FormatSpec::CURRENT.lattice(width, height);
    lattice
        .map(|_| ())
        .map_err(|source| MasteringError::NotMarkable {
            path: master.to_owned(),
            source: EmbedError::from(source),
        })
}

/// Refuses a master that is not the registered one: its marks could not be traced.
fn check_master(
    path: &Path,
    info: &VideoInfo,
    title: &TitleRecord,
    is_whole: bool,
) -> Result<(), MasteringError> {
    let registered = &title.master;
    if (info.width, info.height) != (registered.width, registered.height) {
        return Err(MasteringError::OtherSize {
            path: path.to_owned(),
            title: title.name.clone(),
            found: (info.width, info.height),
            registered: (registered.width, registered.height),
        });
    }
    if let Some(seconds) = info.length_seconds(None).filter(|_| is_whole)
        && (seconds - registered.duration_seconds).abs()
            > DURATION_TOLERANCE * registered.duration_seconds
    {
        return Err(MasteringError::OtherLength {
            path: path.to_owned(),
            title: title.name.clone(),
            found_seconds: seconds,
            registered_seconds: registered.duration_seconds,
        });
    }
    Ok(())
}

/// Refuses what came through a pipe if it is not as long as the registered master.
pub(crate) fn check_pictures_of_pipe(
    found: u64,
    title: &TitleRecord,
) -> Result<(), MasteringError> {
    let registered = title.master.frames;
    if found.abs_diff(registered) as f64 > DURATION_TOLERANCE * registered as f64 {
        return Err(MasteringError::PipeLength {
            title: title.name.clone(),
            found,
            registered,
        });
    }
    Ok(())
}

fn check_output(
    master: &Path,
    order: &CopyOrder,
    others: &[PlannedCopy],
) -> Result<(), MasteringError> {
    let path = &order.output;
    if path.symlink_metadata().is_ok() {
        return Err(MasteringError::OutputExists { path: path.clone() });
    }
    let place = place_of(path);
    if others
        .iter()
        .any(|other| place_of(&other.order.output) == place)
    {
        return Err(MasteringError::SameOutput { path: path.clone() });
    }
    Ok(check_order(master, order)?)
}

/// The file's folder as the system knows it, and the file's name.
fn place_of(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.join(path.file_name().unwrap_or_default())
}
