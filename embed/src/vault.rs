//! `vault ..`: made, gone through, sealed, backed up, restored.

use anyhow::Result;
use countermark_catalogue::{Vault, backup};
use countermark_console::{Common, Printer, passphrase, settle, signals, warn_of_lost};
use countermark_register::{Cost, RegisterError, is_sealed, seal, unseal};
use countermark_report::backup::{BackedUp, Restored};
use countermark_report::check::Checked;
use countermark_report::production::Production;

use crate::args::VaultCommand;

/// Runs `vault ..`.
///
/// # Errors
/// One line that names the vault or the file.
pub fn run(command: &VaultCommand, common: &Common, printer: Printer) -> Result<Production> {
    let root = &common.vault;
    match command {
        VaultCommand::Init { passphrase: false } => {
            Vault::init(root)?;
            Ok(Production::VaultMade(root.clone()))
        }
        VaultCommand::Init { passphrase: true } => {
            // Asked for first: a vault that is there all the same is to be sealed.
            let new = passphrase::new_of(common)?;
            Vault::init(root)?;
            seal(root, &new, Cost::USUAL)?;
            Ok(sealed(common, true))
        }
        VaultCommand::Seal => {
            if is_sealed(root)? {
                let place = countermark_register::Place::folder(root);
                return Err(RegisterError::SealedAlready { place }.into());
            }
            // Whether it is a whole vault and the secret its own.
            drop(Vault::open(root)?);
            seal(root, &passphrase::new_of(common)?, Cost::USUAL)?;
            Ok(sealed(common, true))
        }
        VaultCommand::Unseal => {
            unseal(root)?;
            Ok(sealed(common, false))
        }
        VaultCommand::Check { head } => {
            let cancel = signals::cancelled_by_signals()?;
            let check = Vault::check(root, head.as_deref(), &|| cancel.is_cancelled())?;
            Ok(Production::Checked(Checked {
                vault: root.clone(),
                check,
            }))
        }
        VaultCommand::Index => {
            let vault = Vault::open(root)?;
            settle(&vault, printer);
            let mended = vault.mend()?;
            warn_of_lost(&mended, printer);
            Ok(Production::IndexMended(mended))
        }
        VaultCommand::Backup { folder } => {
            let cancel = signals::cancelled_by_signals()?;
            let copied = backup::backup(root, folder, &|| cancel.is_cancelled())?;
            Ok(Production::BackedUp(BackedUp {
                folder: folder.clone(),
                copied,
            }))
        }
        VaultCommand::Restore { folder, head } => {
            let cancel = signals::cancelled_by_signals()?;
            let cancelled = || cancel.is_cancelled();
            let copied = backup::restore(folder, root, head.as_deref(), &cancelled)?;
            Ok(Production::Restored(Restored {
                vault: root.clone(),
                copied,
            }))
        }
    }
}

fn sealed(common: &Common, is_sealed: bool) -> Production {
    Production::Sealed {
        vault: common.vault.clone(),
        is_sealed,
    }
}
