//! Marking one copy: on record first, then through the encoder, then whole.
//!
//! ```text
//! probe -> check against the title -> delivery pending -> temporary file -> final name -> SHA-256 -> delivery complete
//!                                            \-> any error, Ctrl-C -> no file -> delivery failed
//! ```

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use countermark_mark::{
    Strength,
    key::{CarrierKey, ScopedPayloadKey},
};
use countermark_media::{EncodeSettings, MediaError, VideoInfo, probe, transcode};
use countermark_register::{DeliveryOutcome, DeliveryRecord, NewDelivery, TitleRecord, Vault};
use sha2::{Digest as _, Sha256};

use crate::{
    args::MarkArgs,
    interrupt::Interrupt,
    marker::Marker,
    outcome::Marked,
    printer::Printer,
    progress::Progress,
    settings::{self, MarkSettings},
};

/// How far a master's length may be from the registered one.
const DURATION_TOLERANCE: f64 = 0.01;

/// Makes the copy that `args` asks for.
///
/// # Errors
/// When a name is unknown, the master is not the registered one, or the copy cannot be made: the delivery is then on
/// record as failed, and nothing is left under the output's name.
pub fn deliver(
    vault: &Vault,
    args: &MarkArgs,
    settings: &MarkSettings,
    interrupt: &Interrupt,
    printer: Printer,
) -> Result<Marked> {
    let begun = Instant::now();
    let title = vault.title(&args.title)?;
    let distributor = vault.distributor(&args.distributor)?;
    let info = probe(&args.master)?.video;
    check_master(&args.master, &info, &title)?;
    if args.output.symlink_metadata().is_ok() {
        bail!(
            "the output {} exists: choose another name or remove it",
            args.output.display()
        );
    }
    if settings.strength != Strength::DEFAULT {
        printer.warning("quality and robustness are measured at --strength 1 only");
    }
    let encode = settings.encode_settings(&info.codec, info.bit_depth);
    let delivery = vault.begin_delivery(&NewDelivery {
        title: &title,
        distributor: &distributor,
        licensee: args.licensee.as_deref(),
        strength: f64::from(settings.strength.value()),
        encoder_settings: &settings::on_record(&encode),
        output_file: &args
            .output
            .file_name()
            .unwrap_or_default()
            .to_string_lossy(),
    })?;
    printer.detail(&format!("delivery {} is on record as pending", delivery.id));
    let made = make_copy(
        &Job {
            args,
            carrier: &vault.carrier_key(&title),
            scoped: &vault.scoped_payload_key(distributor.id, &title),
            delivery: &delivery,
            info: &info,
            strength: settings.strength,
            interrupt,
        },
        &encode,
        printer,
    );
    let copy = match made {
        Ok(copy) => copy,
        Err(error) if was_published(&error, &args.output) => {
            return Err(error.context(format!(
                "delivery {} stays pending: its file exists",
                delivery.id
            )));
        }
        Err(error) => {
            let reason = if interrupt.is_set() {
                "interrupted".to_owned()
            } else {
                format!("{error:#}")
            };
            if let Err(unrecorded) = vault.fail_delivery(delivery.id, &reason) {
                return Err(error.context(format!(
                    "delivery {} stays pending ({unrecorded}); its copy was not made",
                    delivery.id
                )));
            }
            if interrupt.is_set() {
                bail!(
                    "interrupted: {} was not written, delivery {} failed",
                    args.output.display(),
                    delivery.id
                );
            }
            return Err(error);
        }
    };
    // From here on the copy exists: whatever fails now leaves the delivery pending, which is scored as well.
    let output_sha256 = sha256_of(&args.output)
        .with_context(|| format!("cannot read {}", args.output.display()))?;
    let outcome = DeliveryOutcome {
        frames: copy.frames,
        psnr_y_db: copy.psnr_y_db,
        output_sha256,
    };
    let delivery = vault.complete_delivery(delivery.id, &outcome)?;
    Ok(Marked {
        psnr_y_db: delivery.psnr_y_db,
        delivery,
        output: args.output.clone(),
        frames: copy.frames,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// One copy to be made.
struct Job<'a> {
    args: &'a MarkArgs,
    carrier: &'a CarrierKey,
    scoped: &'a ScopedPayloadKey,
    delivery: &'a DeliveryRecord,
    info: &'a VideoInfo,
    strength: Strength,
    interrupt: &'a Interrupt,
}

/// What was marked.
struct Copy {
    frames: u64,
    psnr_y_db: f64,
}

fn make_copy(job: &Job<'_>, encode: &EncodeSettings, printer: Printer) -> Result<Copy> {
    let progress = Progress::new(printer, format!("marking for {}", job.delivery.distributor));
    let mut marker = Marker::new(
        job.carrier,
        job.scoped,
        job.delivery.payload,
        (job.info.width as usize, job.info.height as usize),
        job.strength,
    )
    .with_context(|| format!("{} cannot be marked", job.args.master.display()))?;
    let report = transcode(
        &job.args.master,
        &job.args.output,
        encode,
        &mut |luma, time| {
            job.interrupt.check()?;
            marker.mark(luma, time.media_time)?;
            Ok(())
        },
        &progress,
    )?;
    drop(progress);
    for dropped in &report.dropped_streams {
        let (stream, output) = (&dropped.stream, job.args.output.display());
        printer.warning(&format!(
            "{output} is without stream {} ({} {}): {}",
            stream.index, stream.kind, stream.codec, dropped.reason
        ));
    }
    for note in &report.notes {
        printer.detail(&note.to_string());
    }
    Ok(Copy {
        frames: report.frames,
        psnr_y_db: marker.psnr_y_db(),
    })
}

/// Whether a failed job left a whole file all the same, as when the file system gives up after the renaming.
fn was_published(error: &anyhow::Error, output: &Path) -> bool {
    let of_another = matches!(error.downcast_ref(), Some(MediaError::OutputExists { .. }));
    !of_another && output.symlink_metadata().is_ok()
}

/// Refuses a master that is not the registered one: its marks could not be traced.
fn check_master(path: &Path, info: &VideoInfo, title: &TitleRecord) -> Result<()> {
    let (path, name, registered) = (path.display(), &title.name, &title.master);
    let remedy = "give the registered master, or add this one as a title of its own";
    if (info.width, info.height) != (registered.width, registered.height) {
        bail!(
            "{path} is {}x{}, but the title {name:?} was registered with {}x{}: {remedy}",
            info.width,
            info.height,
            registered.width,
            registered.height
        );
    }
    if let Some(seconds) = info.length_seconds(None)
        && (seconds - registered.duration_seconds).abs()
            > DURATION_TOLERANCE * registered.duration_seconds
    {
        bail!(
            "{path} lasts {seconds:.2} s, but the title {name:?} was registered with {:.2} s: {remedy}",
            registered.duration_seconds
        );
    }
    Ok(())
}

fn sha256_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(read) => hash.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
