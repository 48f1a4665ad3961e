//! `mark`: one copy, asked of `countermark-mastering`, and its answer in the words of a command line.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Error, Result, anyhow, bail};
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_mastering::{
    CancelToken, Carriage, CopyRequest, DeliveryRequest, FailedCopy, MasteringError, MediaError,
    Rational, deliver, sequence_path,
};
use countermark_register::DeliveryState;
use countermark_report::records::{Kept, Marked};

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
    let (Some(master), Some(output), Some(title), Some(distributor)) =
        (&args.master, &args.output, &args.title, &args.distributor)
    else {
        bail!("MASTER, --output, --title and --distributor are wanted");
    };
    let request = DeliveryRequest {
        title: title.clone(),
        master: master_of(master, args.frame_rate)?,
        copies: vec![CopyRequest {
            distributor: distributor.clone(),
            licensee: args.licensee.clone(),
            output: output.clone(),
            encode: settings.encode.clone(),
        }],
        strength: settings.strength,
        threads: settings.threads,
    };
    let label = format!("marking for {distributor}");
    let progress = Progress::new(printer, label, cancel);
    let made = deliver(vault, &request, &progress);
    drop(progress);
    let copy = made
        .map_err(|error| in_words(error, &format!("{} was not written", output.display())))?
        .into_iter()
        .next()
        .ok_or_else(|| anyhow!("no copy was made"))?
        .map_err(failure)?;
    Ok(Marked {
        psnr_y_db: copy.delivery.psnr_y_db,
        written_psnr_y_db: copy.written_psnr_y_db.filter(|db| db.is_finite()),
        carriage: copy.transcode.carriage.iter().map(kept).collect(),
        frames: copy.transcode.frames,
        delivery: copy.delivery,
        output: copy.output,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The master's name: a file, or numbered pictures at a rate.
pub(crate) fn master_of(master: &Path, frame_rate: Option<Rational>) -> Result<PathBuf> {
    match frame_rate {
        Some(rate) => Ok(sequence_path(master, rate)?),
        None if !master.exists() && master.to_string_lossy().contains('%') => bail!(
            "{} is a pattern of numbered pictures: say their --frame-rate",
            master.display()
        ),
        None => Ok(master.to_path_buf()),
    }
}

/// The error with what a user can do about it; `given_up` says what came to nothing if the user ended the work.
pub(crate) fn in_words(error: MasteringError, given_up: &str) -> Error {
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

/// What a user can do about it.
fn remedy(error: &MasteringError) -> Option<String> {
    Some(match error {
        MasteringError::OtherSize { .. }
        | MasteringError::OtherLength { .. }
        | MasteringError::OtherPictures { .. } => {
            "give the registered master, or add this one as a title of its own".to_owned()
        }
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

/// What became of one thing, for the record in words.
fn kept(item: &Carriage) -> Kept {
    let (fate, why) = item.fate.told();
    Kept {
        kind: item.kind.as_str(),
        what: item.what.clone(),
        fate,
        why: why.map(str::to_owned),
    }
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
        (None, _) => match remedy(&failed.error) {
            Some(remedy) => anyhow!("{:#}: {remedy}", Error::new(failed.error)),
            None => Error::new(failed.error),
        },
    }
}
