//! The passphrase of a sealed vault: from a file, from a file descriptor, or typed without being shown.
//!
//! Never from the arguments or the environment, where other processes see it. It is asked for once, and only if a vault is sealed.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use countermark_register::passphrase::{Passphrase, ask_with};
use zeroize::Zeroizing;

use crate::Common;

/// Bytes at most.
const MOST: u64 = 1 << 16;

/// From now on a sealed vault is opened with what the flags say, else with what is typed.
pub fn ask_for(common: &Common) {
    let (given, known) = (source(common), Mutex::new(None::<Passphrase>));
    ask_with(move |place| {
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() {
            *known = match &given {
                Some(path) => Some(read(path)?),
                None => typed(&format!("passphrase of the vault {}: ", place.display()))?,
            };
        }
        Ok(known.clone())
    });
}

/// A new passphrase, as the flags say, else typed twice.
///
/// # Errors
/// When it cannot be read, nobody is at a terminal, or two different ones are typed.
pub fn new_of(common: &Common) -> Result<Passphrase> {
    if let Some(path) = source(common) {
        return read(&path)
            .with_context(|| format!("cannot read the passphrase from {}", path.display()));
    }
    let place = common.vault.display();
    let first = typed(&format!("new passphrase of the vault {place}: "))?;
    let Some(first) = first else {
        bail!("no passphrase: give it at a terminal, or with --passphrase-file or --passphrase-fd");
    };
    let again = typed("the same again: ")?;
    if again.as_ref() != Some(&first) {
        bail!("two different passphrases were typed: nothing is sealed");
    }
    Ok(first)
}

/// The file that it is in.
fn source(common: &Common) -> Option<PathBuf> {
    let descriptor = common.passphrase_fd;
    let descriptor = descriptor.map(|number| PathBuf::from(format!("/dev/fd/{number}")));
    common.passphrase_file.clone().or(descriptor)
}

fn read(path: &Path) -> io::Result<Passphrase> {
    let file = fs::File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.permissions().mode() & 0o077 != 0 {
        let said = format!(
            "others can read the passphrase in {path}: run `chmod 600 {path}`",
            path = path.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, said));
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MOST).read_to_string(&mut text)?;
    Ok(Passphrase::new(text))
}

/// What somebody types; none where nobody is at a terminal.
fn typed(prompt: &str) -> io::Result<Option<Passphrase>> {
    match rpassword::prompt_password(prompt) {
        Ok(text) => Ok(Some(Passphrase::new(Zeroizing::new(text)))),
        // ENXIO: the process has no terminal.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(6) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
