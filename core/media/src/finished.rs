//! A copy that is complete and waits for its name.

use std::path::{Path, PathBuf};

use crate::partial::PartialFile;
use crate::{MediaError, TranscodeReport};

/// A complete file that does not have its name yet. Dropped, it leaves nothing.
#[derive(Debug)]
pub struct FinishedCopy {
    pub(crate) file: PartialFile,
    pub(crate) report: TranscodeReport,
}

impl FinishedCopy {
    /// Where the file is until it has its name: to be read, hashed, verified.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.temporary()
    }

    /// What was done; [`TranscodeReport::bytes`] is the size of the file.
    #[must_use]
    pub fn report(&self) -> &TranscodeReport {
        &self.report
    }

    /// Lets `write` write the file anew, from the path it has to another, where a file of no bytes is; that is the copy then.
    ///
    /// # Errors
    /// [`MediaError::OutputExists`], [`MediaError::Io`] and those of `write`: the copy is then as it was.
    pub fn rewrite<E: From<MediaError>>(
        &mut self,
        write: impl FnOnce(&Path, &Path) -> Result<(), E>,
    ) -> Result<(), E> {
        let anew = self.file.another()?;
        write(self.file.temporary(), anew.temporary())?;
        self.report.bytes = anew.size()?;
        self.file = anew;
        Ok(())
    }

    /// Makes the bytes durable and gives the file its name.
    ///
    /// # Errors
    /// [`MediaError::OutputExists`] when somebody else took the name meanwhile, [`MediaError::Io`].
    pub fn publish(self) -> Result<TranscodeReport, MediaError> {
        self.file.commit()?;
        Ok(self.report)
    }

    /// Makes the bytes durable under another name than the one ordered: `NAME.quarantine` beside it, or one with a number.
    ///
    /// # Errors
    /// [`MediaError::Io`]; as [`FinishedCopy::publish`] where a thousand such names are taken.
    pub fn quarantine(mut self) -> Result<PathBuf, MediaError> {
        let name = self.file.target().as_os_str().to_owned();
        for number in 1..1000 {
            let mut aside = name.clone();
            aside.push(QUARANTINE);
            if number > 1 {
                aside.push(format!("-{number}"));
            }
            let aside = PathBuf::from(aside);
            if aside.symlink_metadata().is_err() {
                self.file.rename_target(&aside);
                break;
            }
        }
        let path = self.file.target().to_owned();
        self.file.commit()?;
        Ok(path)
    }
}

/// What the name of a file ends with that must not be handed on.
const QUARANTINE: &str = ".quarantine";
