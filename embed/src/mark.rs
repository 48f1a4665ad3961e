//! `mark`: one copy, asked of `countermark-mastering`.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use countermark_catalogue::Vault;
use countermark_console::flags::{MarkFlags, master_of};
use countermark_console::{Destination, MasteringProgress, Printer, remedy};
use countermark_mastering::{CancelToken, CopyRequest, DeliveryRequest, Piped, Presets, Signer};
use countermark_register::Licence;
use countermark_report::records::Marked;

/// Makes the copy that `args` asks for, with a manifest of the signer where there is one.
///
/// # Errors
/// When a flag or a name is wrong, the master is not the registered one, or the copy cannot be made: the delivery is then on
/// record as failed, and nothing is left under the output's name.
pub fn mark(
    vault: &Vault,
    (args, presets, signer): (&MarkFlags, &Presets, Option<Arc<Signer>>),
    threads: Option<NonZeroUsize>,
    cancel: CancelToken,
    printer: Printer,
) -> Result<Marked> {
    let begun = Instant::now();
    let (strength, encode) = args.encoding.resolve(presets)?;
    let (Some(master), Some(output), Some(title), Some(distributor)) =
        (&args.master, &args.output, &args.title, &args.distributor)
    else {
        bail!("MASTER, --output, --title and --distributor are wanted");
    };
    let destination = Destination::of(output, args.format.as_deref())?;
    let piped = if master.as_os_str() == "-" {
        printer.warning(
            "a pipe is read once and brings pictures alone: the copy has no sound and no tags, and is verified by its keys alone",
        );
        Some(Piped::begin(io::stdin())?)
    } else {
        None
    };
    let request = DeliveryRequest {
        title: title.clone(),
        master: match &piped {
            Some(piped) => piped.path(),
            None => master_of(master, args.frame_rate)?,
        },
        copies: vec![CopyRequest {
            distributor: distributor.clone(),
            licensee: args.licensee.clone(),
            licence: Licence::from(&args.licence),
            output: destination.path().to_owned(),
            encode,
        }],
        strength,
        threads,
        verify: !args.no_verify,
        signer,
    };
    let label = format!("marking for {distributor}");
    let progress = MasteringProgress::new(printer, label, cancel);
    let made = destination.deliver(vault, &request, piped.as_ref(), &progress);
    drop(progress);
    let given_up = format!("{} was not written", output.display());
    let copies = made.map_err(|error| remedy::of_mastering(error, &given_up))?;
    let copy = copies.into_iter().next();
    let copy = copy.ok_or_else(|| anyhow!("no copy was made"))?;
    let copy = copy.map_err(remedy::of_copy)?;
    Ok(Marked::of(copy, begun.elapsed().as_secs_f64()))
}
