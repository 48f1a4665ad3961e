//! What post-production can do about an error of mastering or a row of a plan.

use anyhow::{Error, anyhow};
use countermark_mastering::batch::{Problem, Row, RowFault, RowReport, RowState};
use countermark_mastering::{CredentialsError, FailedCopy, MasteringError, MediaError};
use countermark_register::DeliveryState;

use super::of_cause;

/// The error with what a user can do about it; `given_up` says what came to nothing if the user ended the work.
#[must_use]
pub fn of_mastering(error: MasteringError, given_up: &str) -> Error {
    if error.is_cancelled() {
        return anyhow!("interrupted: {given_up}");
    }
    // A transparent error hides what it wraps from those who know its remedy.
    if matches!(
        error,
        MasteringError::Register(_) | MasteringError::Catalogue(_)
    ) {
        return unwrapped(error);
    }
    match remedy(&error) {
        Some(remedy) => anyhow!("{:#}: {remedy}", Error::new(error)),
        None => Error::new(error),
    }
}

/// As [`of_mastering`], of who signs manifests.
#[must_use]
pub fn of_credentials(error: CredentialsError) -> Error {
    match of_manifest(&error) {
        Some(remedy) => anyhow!("{:#}: {remedy}", Error::new(error)),
        None => Error::new(error),
    }
}

fn of_manifest(error: &CredentialsError) -> Option<&'static str> {
    Some(match error {
        CredentialsError::NotBuilt => "build it with `--features c2pa`, or leave out --c2pa",
        CredentialsError::Certificate { .. } => {
            "give a chain of a certificate authority for signing: an end entity with the extended key usage emailProtection or C2PA's own \
             and the usage digitalSignature, valid today, first, and its own key with --c2pa-key"
        }
        CredentialsError::Key { .. } => {
            "`openssl pkcs8 -topk8 -nocrypt` writes one as it is wanted"
        }
        _ => return None,
    })
}

/// What a user can do about it.
fn remedy(error: &MasteringError) -> Option<String> {
    Some(match error {
        MasteringError::OtherSize { .. }
        | MasteringError::OtherLength { .. }
        | MasteringError::OtherPictures { .. } => {
            "give the registered master, or add this one as a title of its own".to_owned()
        }
        MasteringError::PipeLength { .. } => {
            "pipe all of the registered master, at its own rate".to_owned()
        }
        MasteringError::Unverified { .. } => {
            "find out why and mark it again; do not hand that file on".to_owned()
        }
        MasteringError::NoManifest { .. } => {
            "choose another container, or leave out --c2pa".to_owned()
        }
        MasteringError::Credentials(error) => of_manifest(error)?.to_owned(),
        MasteringError::OutputExists { .. } => "choose another name or remove it".to_owned(),
        MasteringError::Media(MediaError::WouldLose { losses, .. }) => {
            let mut kinds: Vec<_> = losses.iter().map(|loss| loss.kind.as_str()).collect();
            kinds.dedup();
            format!(
                "choose another container or encoder, or allow it with --allow-loss {}",
                kinds.join(",")
            )
        }
        _ => return None,
    })
}

/// An error with all its causes, on one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn unwrapped(error: MasteringError) -> Error {
    match error {
        MasteringError::Register(error) => Error::new(error),
        MasteringError::Catalogue(error) => Error::new(error),
        other => Error::new(other),
    }
}

/// The error of a copy that was not made, with the state of its delivery.
#[must_use]
pub fn of_copy(failed: FailedCopy) -> Error {
    let (output, delivery) = (failed.output.display().to_string(), failed.delivery);
    let cancelled = failed.error.is_cancelled();
    match (failed.unrecorded, failed.state) {
        (Some(unrecorded), _) => Error::new(failed.error).context(format!(
            "delivery {delivery} stays pending ({unrecorded}); its copy was not made"
        )),
        (None, DeliveryState::Pending) => Error::new(failed.error).context(format!(
            "delivery {delivery} stays pending: its file exists"
        )),
        (None, _) if cancelled => {
            anyhow!("interrupted: {output} was not written, delivery {delivery} failed")
        }
        (None, _) => match remedy(&failed.error) {
            Some(remedy) => anyhow!("{:#}: {remedy}", Error::new(failed.error)),
            None => Error::new(failed.error),
        },
    }
}

/// A row that was refused before the work says the remedy too.
pub fn say_of_row(report: &mut RowReport, problems: &[(Option<Row>, Problem)]) {
    if report.state != RowState::Failed {
        return;
    }
    let own = problems
        .iter()
        .find(|(row, _)| row.as_ref() == Some(&report.row));
    if let Some((_, problem)) = own {
        report.why = Some(of_row(&problem.fault));
    }
}

/// The fault with what somebody can do about it.
#[must_use]
pub fn of_row(fault: &RowFault) -> String {
    let said = match fault {
        RowFault::Mastering(MasteringError::Register(error)) => {
            let remedy = of_cause(error);
            return remedy.map_or(error.to_string(), |remedy| format!("{error}: {remedy}"));
        }
        RowFault::Mastering(error) => match remedy(error) {
            Some(remedy) => format!("{}: {remedy}", chain(error)),
            None => chain(error),
        },
        other => chain(other),
    };
    let remedy = match fault {
        RowFault::SameOutput { .. } => "put {title} and {distributor} into its output",
        RowFault::OutsideLicence(_) => "correct the dates, or agree on another window",
        RowFault::NoMaster { .. } | RowFault::NoMatch { .. } => "correct its name or wait for it",
        RowFault::BeingMade { .. } => "wait until that run has ended",
        RowFault::Moved { .. } => "put the file back, or make it again with --again",
        RowFault::NoSpace { .. } => "free some, or write to another disk",
        _ => return said,
    };
    format!("{said}: {remedy}")
}
