//! One command from flags to outcome.

use std::path::Path;

use anyhow::{Result, bail};
use countermark_vault::{DistributorRecord, Vault};

use crate::{
    args::{Command, CommandLine, DistributorCommand, KeyCommand, TitleCommand, VaultCommand},
    interrupt::Interrupt,
    mark,
    outcome::{KeyExported, Listing, Outcome},
    printer::Printer,
    settings::MarkSettings,
    title,
};

/// Runs a command.
///
/// # Errors
/// One line that names the file or the vault, and the remedy.
pub fn run(line: &CommandLine, printer: Printer) -> Result<Outcome> {
    let vault = &line.common.vault;
    match &line.command {
        Command::Vault(VaultCommand::Init) => {
            Vault::init(vault)?;
            Ok(Outcome::VaultMade(vault.clone()))
        }
        Command::Title(TitleCommand::Add { master, name }) => {
            title::add(&Vault::open(vault)?, master, name, printer).map(Outcome::TitleAdded)
        }
        Command::Distributor(DistributorCommand::Add { name }) => Ok(Outcome::DistributorAdded(
            Vault::open(vault)?.add_distributor(name)?,
        )),
        Command::Mark(args) => {
            let settings = MarkSettings::resolve(args)?;
            let interrupt = Interrupt::listen()?;
            mark::deliver(&Vault::open(vault)?, args, &settings, &interrupt, printer)
                .map(Outcome::Marked)
        }
        Command::Deliveries { title } => list(&Vault::open(vault)?, title.as_deref(), printer),
        Command::Key(KeyCommand::Export {
            title,
            distributors,
            output,
            force,
        }) => export(&Vault::open(vault)?, title, distributors, output, *force),
    }
}

fn list(vault: &Vault, title: Option<&str>, printer: Printer) -> Result<Outcome> {
    let title = title.map(|name| vault.title(name)).transpose()?;
    let ledger = vault.verify_ledger()?;
    if let Some(broken) = ledger.broken {
        let root = vault.root().display();
        printer.warning(&format!(
            "{broken}: somebody changed the vault at {root} by hand; compare it with a backup"
        ));
    }
    Ok(Outcome::Listed(Listing {
        deliveries: vault.deliveries(title.as_ref())?,
        ledger,
    }))
}

fn export(
    vault: &Vault,
    title: &str,
    names: &[String],
    output: &Path,
    force: bool,
) -> Result<Outcome> {
    let title = vault.title(title)?;
    let mut distributors: Vec<DistributorRecord> = if names.is_empty() {
        vault.distributors()?
    } else {
        names
            .iter()
            .map(|name| vault.distributor(name))
            .collect::<Result<_, _>>()?
    };
    distributors.sort_by(|a, b| a.name.cmp(&b.name));
    distributors.dedup_by(|a, b| a.id == b.id);
    if distributors.is_empty() {
        let root = vault.root().display();
        bail!(
            "the vault at {root} has no distributor: add one with `countermark-embed distributor add NAME`"
        );
    }
    vault.export_read_key(&title, &distributors, output, force)?;
    Ok(Outcome::KeyExported(KeyExported {
        file: output.to_path_buf(),
        title: title.name,
        distributors: distributors
            .into_iter()
            .map(|distributor| distributor.name)
            .collect(),
    }))
}
