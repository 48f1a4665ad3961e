//! What is on record, listed, renamed, licensed, revoked.

use std::io;

use anyhow::{Context as _, Result};
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_register::{DeliveryId, DeliveryRecord, FileHash, Register};
use countermark_report::records::{Changed, DistributorList, Listing, TitleList};

use crate::args::{DeliveriesArgs, LicenceArgs};
use crate::outcome::Outcome;

/// What the ledger says, where it holds.
fn attested(vault: &Vault) -> Result<Option<Vault>> {
    match vault.register().testimony()?.broken() {
        None => Ok(Some(vault.attested()?.0)),
        Some(_) => Ok(None),
    }
}

/// The deliveries that the flags ask for.
///
/// # Errors
/// When the register cannot be read, or a name is not on record.
pub fn deliveries(vault: &Vault, args: &DeliveriesArgs, printer: Printer) -> Result<Outcome> {
    let ledger = vault.register().verify_ledger()?;
    let testimony = vault.register().testimony()?;
    for finding in testimony.findings() {
        let root = vault.register().place();
        printer.warning(&format!(
            "{finding}: somebody changed the vault at {root} by hand; compare it with a backup"
        ));
    }
    let attested = attested(vault)?;
    let vault = attested.as_ref().unwrap_or(vault);
    let title = args
        .title
        .as_ref()
        .map(|name| vault.register().title_named(name))
        .transpose()?;
    let mut deliveries = vault.register().deliveries(title.map(|title| title.id))?;
    if let Some(name) = &args.distributor {
        let id = vault.register().distributor_named(name)?.id;
        deliveries.retain(|it| it.distributor_id == id);
    }
    if let Some(file) = &args.file {
        let hash = FileHash::of_file(file, &|| false)
            .and_then(|hash| hash.ok_or_else(|| io::ErrorKind::Interrupted.into()))
            .with_context(|| format!("cannot read {}", file.display()))?;
        deliveries.retain(|it| it.output_sha256 == Some(hash));
    }
    let is_wanted = |it: &DeliveryRecord| {
        let licence = &it.licence;
        let alike = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        args.payload
            .as_ref()
            .is_none_or(|payload| alike(&it.payload.to_string(), payload))
            && args
                .territory
                .as_ref()
                .is_none_or(|place| licence.territories.iter().any(|own| alike(own, place)))
            && args
                .contract
                .as_ref()
                .is_none_or(|wanted| licence.contract.as_ref() == Some(wanted))
            && args
                .state
                .as_ref()
                .is_none_or(|state| it.state.as_str() == state)
    };
    deliveries.retain(is_wanted);
    let listing = Listing { deliveries, ledger };
    Ok(if args.csv {
        Outcome::Text("csv", listing.to_csv()?)
    } else {
        Outcome::Listed(listing)
    })
}

/// The delivery as the ledger has it.
fn known(register: &dyn Register, id: DeliveryId) -> Result<DeliveryRecord> {
    Ok(register.delivery(id)?)
}

/// Puts a licence on record: what is not said stays as it was.
///
/// # Errors
/// When there is no such delivery, or the licence cannot be on record.
pub fn set_licence(vault: &Vault, id: DeliveryId, change: &LicenceArgs) -> Result<Outcome> {
    let attested = vault.attested()?.0;
    let before = known(attested.register(), id)?.licence;
    let licence = before.changed_by(&change.licence());
    vault.register().set_licence(id, &licence)?;
    Ok(Outcome::Changed(Box::new(Changed {
        delivery: known(attested.register(), id)?,
        what: "set the licence of",
    })))
}

/// Says that a delivery is no longer allowed.
///
/// # Errors
/// When there is no such delivery, or the reason cannot be on record.
pub fn revoke(vault: &Vault, id: DeliveryId, reason: &str) -> Result<Outcome> {
    vault.register().revoke_delivery(id, reason)?;
    Ok(Outcome::Changed(Box::new(Changed {
        delivery: known(vault.attested()?.0.register(), id)?,
        what: "revoked",
    })))
}

/// Every title.
///
/// # Errors
/// When the register cannot be read.
pub fn titles(vault: &Vault) -> Result<Outcome> {
    let attested = attested(vault)?;
    let register = attested.as_ref().unwrap_or(vault).register();
    Ok(Outcome::Titles(TitleList {
        titles: register.titles()?,
        deliveries: register.deliveries(None)?,
    }))
}

/// Every distributor.
///
/// # Errors
/// When the register cannot be read.
pub fn distributors(vault: &Vault) -> Result<Outcome> {
    let attested = attested(vault)?;
    let register = attested.as_ref().unwrap_or(vault).register();
    Ok(Outcome::Distributors(DistributorList {
        distributors: register.distributors()?,
        deliveries: register.deliveries(None)?,
    }))
}

/// Gives a title another name.
///
/// # Errors
/// When there is no such title, or the name is taken or cannot be on record.
pub fn rename_title(vault: &Vault, name: &str, new: &str) -> Result<Outcome> {
    let title = vault.register().title_named(name)?;
    let renamed = vault.register().rename_title(title.id, new)?;
    Ok(Outcome::Renamed {
        what: "title",
        before: title.name,
        name: renamed.name,
    })
}

/// Gives a distributor another name.
///
/// # Errors
/// As [`rename_title`].
pub fn rename_distributor(vault: &Vault, name: &str, new: &str) -> Result<Outcome> {
    let distributor = vault.register().distributor_named(name)?;
    let renamed = vault.register().rename_distributor(distributor.id, new)?;
    Ok(Outcome::Renamed {
        what: "distributor",
        before: distributor.name,
        name: renamed.name,
    })
}

/// Lets nothing more be delivered to a distributor.
///
/// # Errors
/// When there is no such distributor.
pub fn retire(vault: &Vault, name: &str) -> Result<Outcome> {
    let distributor = vault.register().distributor_named(name)?;
    let retired = vault.register().retire_distributor(distributor.id)?;
    Ok(Outcome::Retired(retired.name))
}
