//! What a person at a command line can do about an error of register, catalogue or read key: libraries say what is, the
//! commands add the flag or the command that helps.

mod mastering;
mod tracing;

use anyhow::Error;
use countermark_catalogue::CatalogueError;
use countermark_media::MediaError;
use countermark_register::{ReadKeyError, RegisterError};

pub use mastering::{of_copy, of_credentials, of_mastering, of_row, say_of_row};
pub use tracing::{of_note, of_trace};

/// What helps against an error, where something does.
#[must_use]
pub fn of_error(error: &Error) -> Option<String> {
    error.chain().find_map(of_cause)
}

/// What helps against one cause in an error's chain. A transparent error hides itself from the chain: whoever knows of one
/// asks for what is in it.
#[must_use]
pub fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<ReadKeyError>() {
        return of_read_key(error);
    }
    if let Some(MediaError::NoIndex { .. }) = cause.downcast_ref::<MediaError>() {
        return Some("name the other one with --repair-with".to_owned());
    }
    if let Some(error) = cause.downcast_ref::<CatalogueError>() {
        return of_catalogue(error);
    }
    cause.downcast_ref::<RegisterError>().and_then(of_register)
}

fn of_catalogue(error: &CatalogueError) -> Option<String> {
    match error {
        CatalogueError::Register(error) => of_register(error),
        CatalogueError::ReferenceMissing { .. } => Some("add the title again".to_owned()),
        _ => None,
    }
}

fn of_register(error: &RegisterError) -> Option<String> {
    let remedy = match error {
        RegisterError::Missing { .. } => "run `countermark-embed vault init`",
        RegisterError::Unfinished { .. } => "run `countermark-embed vault init` again",
        RegisterError::AlreadyExists { .. } => "use it, or name another directory with --vault",
        RegisterError::Newer { .. } => "update countermark",
        RegisterError::NotARegister { .. } => {
            "restore it from a backup, or name another directory with --vault"
        }
        RegisterError::SecretMissing { .. } | RegisterError::SecretDamaged { .. } => {
            "restore it from a backup"
        }
        RegisterError::Lost { .. } => "restore it from a backup; a new one would know no delivery",
        RegisterError::LedgerBroken { .. } | RegisterError::Edited(_) => {
            "run `countermark-embed vault check`, and restore the register from a backup"
        }
        RegisterError::SecretExposed { path, wanted, .. }
        | RegisterError::Writable { path, wanted, .. } => {
            return Some(format!("run `chmod {wanted:o} {}`", path.display()));
        }
        RegisterError::SecretForeign { .. } => "restore the one that was made with this register",
        RegisterError::Sealed { .. } => {
            "give its passphrase at a terminal, or with --passphrase-file or --passphrase-fd"
        }
        RegisterError::WrongPassphrase { .. } => "try again; without it no copy can be read",
        RegisterError::DiskFull { .. } => "free some and try again",
        RegisterError::ReadOnly { .. } => "make the vault writable and try again",
        RegisterError::Busy { .. } => "try again when it is done",
        RegisterError::Retired { .. } => "choose another one",
        RegisterError::NameTaken { .. } => "choose another name",
        RegisterError::NoDistributors { .. } => {
            "add one with `countermark-embed distributor add NAME`"
        }
        RegisterError::UnknownTitle { .. } => {
            "add it with `countermark-embed title add MASTER --title NAME`"
        }
        RegisterError::UnknownDistributor { .. } => {
            "add it with `countermark-embed distributor add NAME`"
        }
        _ => return None,
    };
    Some(remedy.to_owned())
}

fn of_read_key(error: &ReadKeyError) -> Option<String> {
    let remedy = match error {
        ReadKeyError::Register(error) => return of_register(error),
        ReadKeyError::Exists { .. } => "choose another name, or replace it with --force",
        ReadKeyError::NotAKey { .. } | ReadKeyError::NotAFile { .. } => {
            "make one with `countermark-embed key export`"
        }
        ReadKeyError::OtherVersion { .. } => "export it again with this version",
        ReadKeyError::OtherFormat { .. } => "use the countermark that wrote it",
        ReadKeyError::Damaged { .. } => "export it again with `countermark-embed key export`",
        _ => return None,
    };
    Some(remedy.to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use anyhow::Context as _;
    use countermark_catalogue::Vault;

    use super::*;

    #[test]
    fn the_cause_is_found_whatever_is_said_before() {
        let missing = Vault::open(Path::new("nowhere")).expect_err("no vault");
        let error = Err::<(), _>(missing)
            .context("reading")
            .expect_err("no vault");
        assert_eq!(
            of_error(&error).as_deref(),
            Some("run `countermark-embed vault init`")
        );
        let plain = anyhow::anyhow!("no such thing");
        assert_eq!(of_error(&plain), None);
    }
}
