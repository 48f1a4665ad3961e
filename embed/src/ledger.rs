//! `ledger head`, `ledger prove`, `ledger stamp` and `record`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use countermark_catalogue::Vault;
use countermark_console::flags::{RecordFlags, StampFlags};
use countermark_console::signals;
use countermark_evidence::stamp;
use countermark_register::proof::{self, WorkingFile};
use countermark_report::ledger::{FilesRecorded, Headed, Proved};
use countermark_report::production::Production;

use crate::args::LedgerCommand;

/// Runs `ledger ..`.
///
/// # Errors
/// What the register, the authority or its token says.
pub fn run(command: &LedgerCommand, vault: &Vault) -> Result<Production> {
    let register = vault.register();
    match command {
        LedgerCommand::Head => Ok(Production::Headed(Headed(proof::sign_head(register)?))),
        LedgerCommand::Prove { id } => {
            let seq = proof::entry_named(register, id)?;
            let proved = seq.map(|seq| proof::prove(register, seq)).transpose()?;
            let proved = proved.flatten();
            let proved = proved.with_context(|| format!("the ledger has no entry of {id}"))?;
            Ok(Production::Proved(Proved(proved)))
        }
        LedgerCommand::Stamp(StampFlags {
            tsa,
            request,
            response,
            authority,
        }) => {
            // The flags see to it that there are certificates where an answer is taken.
            let read = |path: &PathBuf| {
                fs::read(path).with_context(|| format!("cannot read {}", path.display()))
            };
            let certificates = || authority.as_ref().map_or(Ok(Vec::new()), read);
            if let Some(path) = response {
                return taken(vault, &read(path)?, &certificates()?);
            }
            let head = proof::sign_head(register)?.head;
            let asked = stamp::request(&stamp::digest_of(&head.text()));
            if let Some(path) = request {
                fs::write(path, asked)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                return Ok(Production::RequestWritten(path.clone()));
            }
            let url = tsa.as_deref().unwrap_or_default();
            taken(vault, &stamp::ask(url, &asked)?, &certificates()?)
        }
    }
}

fn taken(vault: &Vault, response: &[u8], authority: &[u8]) -> Result<Production> {
    let authority = String::from_utf8_lossy(authority);
    let found = proof::take_stamp(vault.register(), response, &authority)?;
    Ok(Production::Headed(Headed(found)))
}

/// Puts working files on record.
///
/// # Errors
/// When a file cannot be read, or the title is not on record.
pub fn record(flags: &RecordFlags, vault: &Vault) -> Result<Production> {
    let cancel = signals::cancelled_by_signals()?;
    let title = vault.register().title_named(&flags.title)?;
    let mut recorded = Vec::new();
    for path in &flags.files {
        let file = WorkingFile::of_file(path, &|| cancel.is_cancelled())
            .with_context(|| format!("cannot read {}", path.display()))?;
        recorded.push(file.context("cancelled")?);
    }
    let stage = flags.stage.as_str();
    proof::record_files(vault.register(), title.id, stage, &recorded)?;
    Ok(Production::Recorded(FilesRecorded {
        title: title.name,
        stage: stage.to_owned(),
        files: recorded,
    }))
}
