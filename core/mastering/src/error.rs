//! Why a title is not registered, or a copy not made.

use std::io;
use std::path::PathBuf;

use countermark_catalogue::CatalogueError;
use countermark_credentials::CredentialsError;
use countermark_mark::lattice::LatticeError;
use countermark_mark::{EmbedError, ObserveError};
use countermark_media::MediaError;
use countermark_register::RegisterError;

use crate::PresetError;

/// Why a request, or one copy of it, came to nothing. Never carries a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasteringError {
    /// The register refused.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The catalogue refused.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The master cannot be read, or a copy cannot be encoded or written.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// Pictures of this size cannot carry a mark.
    #[error("{} cannot carry a mark", path.display())]
    NoLattice {
        /// The master.
        path: PathBuf,
        /// Why not.
        #[source]
        source: LatticeError,
    },
    /// The master cannot be marked.
    #[error("{} cannot be marked", path.display())]
    NotMarkable {
        /// The master.
        path: PathBuf,
        /// Why not.
        #[source]
        source: EmbedError,
    },
    /// The master is not the registered one: its marks could not be traced.
    #[error(
        "{} is {}x{}, but the title {title:?} was registered with {}x{}",
        path.display(), found.0, found.1, registered.0, registered.1
    )]
    OtherSize {
        /// The master given.
        path: PathBuf,
        /// The title.
        title: String,
        /// Width and height of the master given.
        found: (u32, u32),
        /// Width and height of the registered master.
        registered: (u32, u32),
    },
    /// A pipe that ended too early, or brought too much.
    #[error("{found} pictures came through the pipe, and the master of {title:?} has {registered}")]
    PipeLength {
        /// Name of the title.
        title: String,
        /// Pictures that came.
        found: u64,
        /// Pictures of the registered master.
        registered: u64,
    },
    /// The master is not the registered one: its marks could not be traced.
    #[error(
        "{} lasts {found_seconds:.2} s, but the title {title:?} was registered with {registered_seconds:.2} s",
        path.display()
    )]
    OtherLength {
        /// The master given.
        path: PathBuf,
        /// The title.
        title: String,
        /// Length of the master given.
        found_seconds: f64,
        /// Length of the registered master.
        registered_seconds: f64,
    },
    /// The master is another one of the same size and length.
    #[error(
        "{} is not the master of {title:?}: at {seconds:.2} s its pictures are others than the registered ones",
        path.display()
    )]
    OtherPictures {
        /// The master given.
        path: PathBuf,
        /// The title.
        title: String,
        /// Media time of the last picture that was compared.
        seconds: f64,
    },
    /// The master was written to since it was looked at.
    #[error("{} was changed since the plan was checked", path.display())]
    MasterChanged {
        /// The master.
        path: PathBuf,
    },
    /// Pictures that carry no mark.
    #[error("{} is black or flat throughout and carries no mark", path.display())]
    NothingToMark {
        /// The master.
        path: PathBuf,
    },
    /// A copy was to be like a master that cannot be written.
    #[error("no copy can be like {}: there is no encoder for {codec}", path.display())]
    NotAlike {
        /// The master.
        path: PathBuf,
        /// FFmpeg's name of its codec.
        codec: String,
    },
    /// A preset does not fit.
    #[error(transparent)]
    Preset(#[from] PresetError),
    /// The output's name is taken.
    #[error("the output {} exists", path.display())]
    OutputExists {
        /// The output.
        path: PathBuf,
    },
    /// Two copies of one request would have the same name.
    #[error("two copies are to be written to {}", path.display())]
    SameOutput {
        /// The output.
        path: PathBuf,
    },
    /// A request for no copy at all.
    #[error("no copy is asked for")]
    NoCopies,
    /// A file of the work could not be read or written.
    #[error("cannot {act} {}", path.display())]
    File {
        /// What was tried.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A picture cannot be put on the lattice.
    #[error("the pictures of {} cannot be looked at", path.display())]
    Unseen {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: ObserveError,
    },
    /// No manifest can be put into such a file.
    #[error("{} can hold no C2PA manifest: only .mp4, .m4v and .mov can", path.display())]
    NoManifest {
        /// The output.
        path: PathBuf,
    },
    /// A copy's manifest was not signed.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// The manifest that was signed does not hold.
    #[error("the C2PA manifest of {} does not hold: {faults}", path.display())]
    ManifestBroken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        faults: String,
    },
    /// Whoever a copy was handed to did not take all of it.
    #[error("not all of the copy was taken")]
    NotHanded {
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The written file is not what was ordered.
    #[error("{} was not delivered, for {faults}; it is kept as {}", output.display(), quarantine.display())]
    Unverified {
        /// The copy as it was to be called.
        output: PathBuf,
        /// What is wrong with it, on one line.
        faults: String,
        /// Where it is.
        quarantine: PathBuf,
    },
    /// The observer's token ended the work.
    #[error("cancelled")]
    Cancelled,
}

impl MasteringError {
    /// Whether the observer's token ended the work.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Media(MediaError::Cancelled { .. })
                | Self::Credentials(CredentialsError::Cancelled)
        )
    }
}

/// An error with all its causes, on one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
