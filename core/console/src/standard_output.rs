//! A copy on standard output: made and read back as a file of nobody else's, then written, so that nothing goes out that does not hold.
//!
//! ```text
//! temporary folder, 0700: copy -> verified -> standard output -> delivery complete      a reader that goes: delivery failed
//! ```
//!
//! What a command has to say goes to standard error meanwhile.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use countermark_catalogue::Vault;
use countermark_mastering::{
    Delivered, DeliveryRequest, FailedCopy, MasteringError, Observer, Piped, deliver,
    deliver_handed, deliver_piped,
};

use crate::printer;

/// Where a copy goes.
#[derive(Debug)]
pub enum Destination {
    /// To a file of its own.
    File(PathBuf),
    /// To standard output, from a file in this folder.
    StandardOutput {
        /// The folder, which goes with what is in it.
        folder: tempfile::TempDir,
        /// The file.
        file: PathBuf,
    },
}

impl Destination {
    /// As `--output` and `--format` say.
    ///
    /// # Errors
    /// When standard output is wanted without a format, or is a terminal; when no temporary folder can be made.
    pub fn of(output: &Path, format: Option<&str>) -> Result<Self> {
        if output.as_os_str() != "-" {
            if format.is_some() {
                bail!(
                    "--format is for standard output (-o -): the extension of a file names its container"
                );
            }
            return Ok(Self::File(output.to_owned()));
        }
        let Some(format) = format else {
            bail!("-o - wants --format, such as mkv");
        };
        if io::stdout().is_terminal() {
            bail!("standard output is a terminal: a copy goes to a pipe or a file");
        }
        let folder = tempfile::Builder::new().prefix("countermark-").tempdir();
        let folder = folder.context("no temporary folder can be made for the copy")?;
        let file = folder.path().join(format!("standard-output.{format}"));
        printer::leave_stdout();
        Ok(Self::StandardOutput { folder, file })
    }

    /// What the copy is called while it is made.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::StandardOutput { file: path, .. } => path,
        }
    }

    /// Makes the copies of a request that ends here.
    ///
    /// # Errors
    /// As [`deliver`].
    pub fn deliver(
        self,
        vault: &Vault,
        request: &DeliveryRequest,
        piped: Option<&Piped>,
        observer: &dyn Observer,
    ) -> Result<Vec<Result<Delivered, FailedCopy>>, MasteringError> {
        let Self::StandardOutput { folder, .. } = self else {
            return match piped {
                Some(piped) => deliver_piped(vault, request, piped, observer),
                None => deliver(vault, request, observer),
            };
        };
        let hand = |file: &Path| {
            let mut output = io::stdout().lock();
            io::copy(&mut File::open(file)?, &mut output)?;
            output.flush()
        };
        let mut made = deliver_handed(vault, request, (piped, &hand), observer)?;
        for copy in made.iter_mut().flatten() {
            copy.output = PathBuf::from("-");
        }
        let is_aside =
            |failed: &FailedCopy| matches!(*failed.error, MasteringError::Unverified { .. });
        if made.iter().any(|copy| copy.as_ref().is_err_and(is_aside)) {
            // What was put aside is looked at by somebody.
            let _ = folder.keep();
        }
        Ok(made)
    }
}
