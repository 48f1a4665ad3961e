//! What the analyst can do about a note or an error: the library says what is, the command adds the flag or the command
//! that helps.

use anyhow::Error;
use countermark_trace::{TraceError, observer::Note};

use super::of_cause;

/// A note and its remedy, where there is one.
#[must_use]
pub fn of_note(note: &Note) -> String {
    let remedy = match note {
        Note::NotIndexed { .. } => ": run `countermark-embed vault index`",
        Note::NotSearchedByFrame { .. } => ": name one with --title",
        Note::Register { .. } | Note::ReferenceChanged { .. } => {
            ": run `countermark-embed vault check`"
        }
        Note::OnlyWholePictures { .. } => "; name the title to search for crops and the like",
        _ => "",
    };
    format!("{note}{remedy}")
}

/// What helps against an error of tracing, where something does.
#[must_use]
pub fn of_trace(error: &Error) -> Option<String> {
    error
        .chain()
        .find_map(|cause| match cause.downcast_ref::<TraceError>() {
            // A transparent error hides itself from the chain.
            Some(TraceError::Register(error)) => of_cause(error),
            Some(TraceError::Catalogue(error)) => of_cause(error),
            Some(TraceError::KeyFile(error)) => of_cause(error),
            Some(TraceError::Clip(error)) => of_cause(error),
            _ => of_cause(cause),
        })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use anyhow::Context as _;
    use countermark_catalogue::Vault;

    use super::*;

    #[test]
    fn what_a_trace_wraps_has_its_remedy() {
        let missing = Vault::open(Path::new("nowhere")).expect_err("no vault");
        let error = Err::<(), _>(TraceError::from(missing))
            .context("tracing")
            .expect_err("no vault");
        assert_eq!(
            of_trace(&error).as_deref(),
            Some("run `countermark-embed vault init`")
        );
        let plain = anyhow::anyhow!("no such thing");
        assert_eq!(of_trace(&plain), None);
    }

    #[test]
    fn a_title_that_is_not_indexed_is_told_with_the_command_that_mends_it() {
        let note = Note::NotIndexed {
            title: "Drama".into(),
            reason: "a.seg is missing".into(),
        };
        assert_eq!(
            of_note(&note),
            "the title \"Drama\" is not whole in the index (a.seg is missing): run `countermark-embed vault index`"
        );
    }
}
