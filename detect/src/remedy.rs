//! What the analyst can do about a note or an error: the library says what is, the command adds the flag or the command
//! that helps.

use anyhow::Error;
use countermark_catalogue::CatalogueError;
use countermark_register::{ReadKeyError, RegisterError};
use countermark_trace::{TraceError, observer::Note};

/// A note and its remedy, where there is one.
#[must_use]
pub fn in_words(note: &Note) -> String {
    let remedy = match note {
        Note::NotIndexed { .. } => ": run `countermark-embed vault index`",
        Note::NotSearchedByFrame { .. } => ": name one with --title",
        Note::OnlyWholePictures { .. } => "; name the title to search for crops and the like",
        _ => "",
    };
    format!("{note}{remedy}")
}

/// What helps against an error, where something does.
#[must_use]
pub fn remedy(error: &Error) -> Option<String> {
    error.chain().find_map(of_cause)
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<ReadKeyError>() {
        return of_read_key(error);
    }
    if let Some(error) = cause.downcast_ref::<TraceError>() {
        // A transparent error hides itself from the chain.
        return match error {
            TraceError::Register(error) => of_register(error),
            TraceError::Catalogue(error) => of_catalogue(error),
            TraceError::KeyFile(error) => of_read_key(error),
            _ => None,
        };
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
        RegisterError::SecretExposed { path, wanted, .. } => {
            return Some(format!("run `chmod {wanted:o} {}`", path.display()));
        }
        RegisterError::SecretForeign { .. } => "restore the one that was made with this register",
        RegisterError::DiskFull { .. } => "free some and try again",
        RegisterError::ReadOnly { .. } => "make the vault writable and try again",
        RegisterError::Busy { .. } => "try again when it is done",
        RegisterError::NameTaken { .. } => "choose another name",
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
        ReadKeyError::NotAKey { .. } => "make one with `countermark-embed key export`",
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
    fn a_remedy_follows_the_reason_whatever_is_said_before() {
        let missing = Vault::open(Path::new("nowhere")).expect_err("no vault");
        let error = Err::<(), _>(missing)
            .context("reading")
            .expect_err("no vault");
        assert_eq!(
            remedy(&error).as_deref(),
            Some("run `countermark-embed vault init`")
        );
        let plain = anyhow::anyhow!("no such thing");
        assert_eq!(remedy(&plain), None);
    }

    #[test]
    fn a_title_that_is_not_indexed_is_told_with_the_command_that_mends_it() {
        let note = Note::NotIndexed {
            title: "Drama".into(),
            reason: "a.seg is missing".into(),
        };
        assert_eq!(
            in_words(&note),
            "the title \"Drama\" is not whole in the index (a.seg is missing): run `countermark-embed vault index`"
        );
    }
}
