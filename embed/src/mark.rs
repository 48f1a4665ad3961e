//! `mark`: one copy, asked of `countermark-mastering`, and its answer in the words of a command line.

use std::time::Instant;

use anyhow::{Error, Result, anyhow};
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_mastering::{
    CancelToken, CopyRequest, DeliveryRequest, FailedCopy, MasteringError, deliver,
};
use countermark_register::DeliveryState;
use countermark_report::records::Marked;

use crate::{args::MarkArgs, progress::Progress, settings::MarkSettings};

/// Makes the copy that `args` asks for.
///
/// # Errors
/// When a name is unknown, the master is not the registered one, or the copy cannot be made: the delivery is then on
/// record as failed, and nothing is left under the output's name.
pub fn mark(
    vault: &Vault,
    args: &MarkArgs,
    settings: &MarkSettings,
    cancel: CancelToken,
    printer: Printer,
) -> Result<Marked> {
    let begun = Instant::now();
    let request = DeliveryRequest {
        title: args.title.clone(),
        master: args.master.clone(),
        copies: vec![CopyRequest {
            distributor: args.distributor.clone(),
            licensee: args.licensee.clone(),
            output: args.output.clone(),
            encode: settings.encode.clone(),
        }],
        strength: settings.strength,
        threads: settings.threads,
    };
    let label = format!("marking for {}", args.distributor);
    let progress = Progress::new(printer, label, cancel);
    let made = deliver(vault, &request, &progress);
    drop(progress);
    let copy = made
        .map_err(|error| in_words(error, &format!("{} was not written", args.output.display())))?
        .into_iter()
        .next()
        .ok_or_else(|| anyhow!("no copy was made"))?
        .map_err(failure)?;
    Ok(Marked {
        psnr_y_db: copy.delivery.psnr_y_db,
        frames: copy.transcode.frames,
        delivery: copy.delivery,
        output: copy.output,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The error with what a user can do about it; `given_up` says what came to nothing if the user ended the work.
pub(crate) fn in_words(error: MasteringError, given_up: &str) -> Error {
    if error.is_cancelled() {
        return anyhow!("interrupted: {given_up}");
    }
    let remedy = match &error {
        MasteringError::OtherSize { .. } | MasteringError::OtherLength { .. } => {
            "give the registered master, or add this one as a title of its own"
        }
        MasteringError::OutputExists { .. } => "choose another name or remove it",
        // A transparent error hides what it wraps from those who know its remedy.
        MasteringError::Register(_) | MasteringError::Catalogue(_) => return unwrapped(error),
        _ => return Error::new(error),
    };
    anyhow!("{:#}: {remedy}", Error::new(error))
}

fn unwrapped(error: MasteringError) -> Error {
    match error {
        MasteringError::Register(error) => Error::new(error),
        MasteringError::Catalogue(error) => Error::new(error),
        other => Error::new(other),
    }
}

fn failure(failed: FailedCopy) -> Error {
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
        (None, _) => Error::new(failed.error),
    }
}
