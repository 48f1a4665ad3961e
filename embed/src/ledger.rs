//! `ledger head`, `ledger prove`, `ledger stamp` and `record`.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use countermark_catalogue::Vault;
use countermark_evidence::stamp;
use countermark_register::proof::{self, WorkingFile};
use countermark_register::{DeliveryId, FileHash};
use countermark_report::ledger::{FilesRecorded, Headed, Proved};

use crate::args::{LedgerCommand, Stage};
use crate::interrupt;
use crate::outcome::Outcome;

/// Runs `ledger ..`.
///
/// # Errors
/// What the register, the authority or its token says.
pub fn run(command: &LedgerCommand, vault: &Vault) -> Result<Outcome> {
    let register = vault.register();
    match command {
        LedgerCommand::Head => Ok(Outcome::Headed(Headed(proof::sign_head(register)?))),
        LedgerCommand::Prove { id } => {
            let seq = match (DeliveryId::parse(id), id.parse()) {
                (Some(delivery), _) => proof::begun_at(register, delivery)?,
                (None, Ok(seq)) => Some(seq),
                (None, Err(_)) => bail!("neither a delivery nor the number of an entry: {id:?}"),
            };
            let proved = seq.map(|seq| proof::prove(register, seq)).transpose()?;
            match proved.flatten() {
                Some(proved) => Ok(Outcome::Proved(Proved(proved))),
                None => bail!("the ledger has no entry of {id}"),
            }
        }
        LedgerCommand::Stamp {
            tsa,
            request,
            response,
            authority,
        } => {
            // The flags see to it that there are certificates where an answer is taken.
            let read = |path: &PathBuf| {
                fs::read(path).with_context(|| format!("cannot read {}", path.display()))
            };
            if let Some(path) = response {
                let authority = authority
                    .as_ref()
                    .map(read)
                    .transpose()?
                    .unwrap_or_default();
                return taken(vault, &read(path)?, &authority);
            }
            let head = proof::sign_head(register)?.head;
            let asked = stamp::request(&stamp::digest_of(&head.text()));
            if let Some(path) = request {
                fs::write(path, asked)
                    .with_context(|| format!("cannot write {}", path.display()))?;
                return Ok(Outcome::RequestWritten(path.clone()));
            }
            let authority = authority
                .as_ref()
                .map(read)
                .transpose()?
                .unwrap_or_default();
            let url = tsa.as_deref().unwrap_or_default();
            taken(vault, &stamp::ask(url, &asked)?, &authority)
        }
    }
}

fn taken(vault: &Vault, response: &[u8], authority: &[u8]) -> Result<Outcome> {
    let authority = String::from_utf8_lossy(authority);
    let found = proof::take_stamp(vault.register(), response, &authority)?;
    Ok(Outcome::Headed(Headed(found)))
}

/// Puts working files on record.
///
/// # Errors
/// When a file cannot be read, or the title is not on record.
pub fn record(files: &[PathBuf], stage: Stage, title: &str, vault: &Vault) -> Result<Outcome> {
    let cancel = interrupt::cancelled_by_signals()?;
    let title = vault.register().title_named(title)?;
    let mut recorded = Vec::new();
    for path in files {
        let cannot = || format!("cannot read {}", path.display());
        let bytes = fs::metadata(path).with_context(cannot)?.len();
        let hash = FileHash::of_file(path, &|| cancel.is_cancelled()).with_context(cannot)?;
        let Some(sha256) = hash else {
            bail!("cancelled");
        };
        let name = path.file_name().unwrap_or_default();
        recorded.push(WorkingFile {
            name: name.to_string_lossy().into_owned(),
            bytes,
            sha256,
        });
    }
    proof::record_files(vault.register(), title.id, stage.as_str(), &recorded)?;
    Ok(Outcome::Recorded(FilesRecorded {
        title: title.name,
        stage: stage.as_str().to_owned(),
        files: recorded,
    }))
}
