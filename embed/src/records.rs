//! What is on record, listed, renamed, licensed, revoked.

use std::io;

use anyhow::{Context as _, Result};
use countermark_catalogue::Vault;
use countermark_console::flags::DeliveriesFlags;
use countermark_console::{Printer, warn_of_alike};
use countermark_register::{DeliveryId, FileHash, Licence, Named};
use countermark_report::production::Production;
use countermark_report::records::{Changed, DistributorList, Listing, TitleList};

use crate::args::{DistributorCommand, TitleCommand};

/// The deliveries that the flags ask for.
///
/// # Errors
/// When the register cannot be read, or a name is not on record.
pub fn deliveries(vault: &Vault, args: &DeliveriesFlags, printer: Printer) -> Result<Production> {
    let ledger = vault.register().verify_ledger()?;
    for finding in vault.register().testimony()?.findings() {
        let root = vault.register().place();
        printer.warning(&format!(
            "{finding}: somebody changed the vault at {root} by hand; compare it with a backup"
        ));
    }
    let hash = args.file.as_ref().map(|file| {
        FileHash::of_file(file, &|| false)
            .and_then(|hash| hash.ok_or_else(|| io::ErrorKind::Interrupted.into()))
            .with_context(|| format!("cannot read {}", file.display()))
    });
    let selection = args.selection(hash.transpose()?);
    let deliveries = selection.of(vault.listed()?.register())?;
    let listing = Listing { deliveries, ledger };
    Ok(if args.csv {
        Production::Text("csv", listing.to_csv()?)
    } else {
        Production::Listed(listing)
    })
}

/// Puts a licence on record: what is not said stays as it was.
///
/// # Errors
/// When there is no such delivery, or the licence cannot be on record.
pub fn set_licence(vault: &Vault, id: DeliveryId, change: &Licence) -> Result<Production> {
    let attested = vault.attested()?.0;
    let before = attested.register().delivery(id)?.licence;
    let licence = before.changed_by(change);
    vault.register().set_licence(id, &licence)?;
    changed(&attested, id, "set the licence of")
}

/// Says that a delivery is no longer allowed.
///
/// # Errors
/// When there is no such delivery, or the reason cannot be on record.
pub fn revoke(vault: &Vault, id: DeliveryId, reason: &str) -> Result<Production> {
    vault.register().revoke_delivery(id, reason)?;
    changed(&vault.attested()?.0, id, "revoked")
}

fn changed(attested: &Vault, id: DeliveryId, what: &'static str) -> Result<Production> {
    let delivery = attested.register().delivery(id)?;
    Ok(Production::Changed(Box::new(Changed { delivery, what })))
}

/// `title rename`, `title list`; `title add` is work on pictures, see `title`.
///
/// # Errors
/// When the register cannot be read or written, a name is not on record, or is taken.
pub fn title(vault: &Vault, command: &TitleCommand, printer: Printer) -> Result<Production> {
    let register = vault.register();
    let TitleCommand::Rename(names) = command else {
        let titles = TitleList::of(vault.listed()?.register())?;
        return Ok(Production::Titles(titles));
    };
    let title = register.title_named(&names.name)?;
    let renamed = register.rename_title(title.id, &names.new)?;
    warn_of_alike(vault, Named::Title, &renamed.name, printer)?;
    Ok(Production::Renamed {
        what: "title",
        before: title.name,
        name: renamed.name,
    })
}

/// `distributor ..`
///
/// # Errors
/// As [`title`].
pub fn distributor(
    vault: &Vault,
    command: &DistributorCommand,
    printer: Printer,
) -> Result<Production> {
    let register = vault.register();
    Ok(match command {
        DistributorCommand::Add { name } => {
            let added = register.add_distributor(name)?;
            warn_of_alike(vault, Named::Distributor, &added.name, printer)?;
            Production::DistributorAdded(added)
        }
        DistributorCommand::Rename(names) => {
            let before = register.distributor_named(&names.name)?;
            let renamed = register.rename_distributor(before.id, &names.new)?;
            warn_of_alike(vault, Named::Distributor, &renamed.name, printer)?;
            Production::Renamed {
                what: "distributor",
                before: before.name,
                name: renamed.name,
            }
        }
        DistributorCommand::Retire { name } => {
            let id = register.distributor_named(name)?.id;
            Production::Retired(register.retire_distributor(id)?.name)
        }
        DistributorCommand::List => {
            Production::Distributors(DistributorList::of(vault.listed()?.register())?)
        }
    })
}
