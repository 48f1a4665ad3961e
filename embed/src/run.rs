//! One command from flags to outcome.

use std::path::Path;

use anyhow::{Result, bail};
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_mastering::{CancelToken, Presets};
use countermark_register::{DistributorRecord, Named, ReadKeyFile};
use countermark_report::bundle::TITLE_KEY;
use countermark_report::check::Checked;

use crate::{
    args::{
        Command, CommandLine, DeliveryCommand, DistributorCommand, KeyCommand, LicenceCommand,
        TitleCommand, VaultCommand,
    },
    batch, interrupt, ledger, mark,
    outcome::{IndexMended, KeyExported, Outcome},
    progress::show_settled,
    records,
    settings::MarkSettings,
    shell, title, verify,
};

/// Runs a command.
///
/// # Errors
/// One line that names the file or the vault, and the remedy.
#[expect(clippy::too_many_lines, reason = "an arm for each command")]
pub fn run(line: &CommandLine, printer: Printer) -> Result<Outcome> {
    let (vault, threads) = (&line.common.vault, line.threads.threads);
    match &line.command {
        Command::Vault(VaultCommand::Init) => {
            Vault::init(vault)?;
            Ok(Outcome::VaultMade(vault.clone()))
        }
        Command::Vault(VaultCommand::Check { head }) => {
            let cancel = interrupt::cancelled_by_signals()?;
            let check = Vault::check(vault, head.as_deref(), &|| cancel.is_cancelled())?;
            Ok(Outcome::Checked(Checked {
                vault: vault.clone(),
                check,
            }))
        }
        Command::Vault(VaultCommand::Index) => index(&Vault::open(vault)?, printer),
        Command::Title(TitleCommand::Add {
            master,
            frame_rate,
            name,
        }) => {
            let master = &mark::master_of(master, *frame_rate)?;
            let cancel = interrupt::cancelled_by_signals()?;
            let vault = Vault::open(vault)?;
            let added = title::add(&vault, master, name, threads, cancel, printer)?;
            warn_of_alike(&vault, Named::Title, &added.title.name, printer)?;
            Ok(Outcome::TitleAdded(added))
        }
        Command::Distributor(DistributorCommand::Add { name }) => {
            let vault = Vault::open(vault)?;
            let added = vault.register().add_distributor(name)?;
            warn_of_alike(&vault, Named::Distributor, &added.name, printer)?;
            Ok(Outcome::DistributorAdded(added))
        }
        Command::Mark(args) => {
            let presets = Presets::load(args.presets.as_deref())?;
            if args.list_presets {
                return Ok(Outcome::Presets(presets));
            }
            let settings = MarkSettings::resolve(args, &presets, threads)?;
            let cancel = interrupt::cancelled_by_signals()?;
            mark::mark(&Vault::open(vault)?, args, &settings, cancel, printer)
                .map(|marked| Outcome::Marked(Box::new(marked)))
        }
        Command::Verify(args) => {
            let cancel = interrupt::cancelled_by_signals()?;
            verify::verify(&Vault::open(vault)?, args, &cancel)
                .map(|verified| Outcome::Verified(Box::new(verified)))
        }
        Command::Batch(args) => {
            let cancel = interrupt::cancelled_by_signals()?;
            let vault = Vault::open(vault)?;
            settle(&vault, printer);
            batch::batch(&vault, args, threads, &cancel, printer)
                .map(|done| Outcome::Batch(Box::new(done)))
        }
        Command::Watch(args) => {
            let cancel = interrupt::cancelled_by_signals()?;
            let vault = Vault::open(vault)?;
            settle(&vault, printer);
            batch::watch(&vault, args, threads, &cancel, printer)
                .map(|done| Outcome::Batch(Box::new(done)))
        }
        Command::Deliveries(args) => {
            let vault = Vault::open(vault)?;
            settle(&vault, printer);
            records::deliveries(&vault, args, printer)
        }
        Command::Delivery(DeliveryCommand::Revoke { id, reason }) => {
            records::revoke(&Vault::open(vault)?, *id, reason)
        }
        Command::Licence(LicenceCommand::Set { id, licence }) => {
            records::set_licence(&Vault::open(vault)?, *id, licence)
        }
        Command::Title(TitleCommand::List) => records::titles(&Vault::open(vault)?),
        Command::Title(TitleCommand::Rename { name, new }) => {
            let vault = Vault::open(vault)?;
            let title = records::rename_title(&vault, name, new)?;
            warn_of_alike(&vault, Named::Title, new, printer)?;
            Ok(title)
        }
        Command::Distributor(DistributorCommand::List) => {
            records::distributors(&Vault::open(vault)?)
        }
        Command::Distributor(DistributorCommand::Rename { name, new }) => {
            let vault = Vault::open(vault)?;
            let renamed = records::rename_distributor(&vault, name, new)?;
            warn_of_alike(&vault, Named::Distributor, new, printer)?;
            Ok(renamed)
        }
        Command::Distributor(DistributorCommand::Retire { name }) => {
            records::retire(&Vault::open(vault)?, name)
        }
        Command::Completions { shell } => Ok(shell::completions(*shell)),
        Command::Man { folder } => shell::manual(folder),
        Command::Key(KeyCommand::Export {
            title,
            distributors,
            output,
            force,
            expert,
        }) => {
            let vault = Vault::open(vault)?;
            if *expert {
                let title = vault.register().title_named(title)?;
                vault.catalogue().copy_title(&title, output)?;
            }
            let key = expert.then(|| output.join(TITLE_KEY));
            let output = key.as_deref().unwrap_or(output);
            export(&vault, title, distributors, output, *force)
        }
        Command::Ledger(command) => ledger::run(command, &Vault::open(vault)?),
        Command::Record {
            files,
            stage,
            title,
        } => ledger::record(files, *stage, title, &Vault::open(vault)?),
    }
}

/// Says which names on record people may take for one that was just added.
fn warn_of_alike(vault: &Vault, what: Named, name: &str, printer: Printer) -> Result<()> {
    for alike in vault.register().names_like(what, name)? {
        printer.warning(&alike.to_string());
    }
    Ok(())
}

/// Settles what killed runs left; what cannot be settled now is found again.
fn settle(vault: &Vault, printer: Printer) {
    match countermark_mastering::settle(vault, &CancelToken::new()) {
        Ok(settled) => show_settled(printer, &settled),
        Err(error) => printer.detail(&format!(
            "what a killed run left could not be settled: {error}"
        )),
    }
}

fn index(vault: &Vault, printer: Printer) -> Result<Outcome> {
    settle(vault, printer);
    let titles = vault.register().titles()?;
    let lost = vault.catalogue().mend_index(vault.register())?;
    for title in &lost {
        printer.warning(&format!(
            "the title {:?} cannot be searched by its pictures: {}",
            title.title, title.why
        ));
    }
    for path in vault.catalogue().orphans(vault.register())? {
        printer.warning(&format!(
            "{} is of no title on record: it stays, for an older copy of the register may have been put back",
            path.display()
        ));
    }
    let index = vault.catalogue().index(&titles)?;
    Ok(Outcome::IndexMended(IndexMended {
        titles: titles.len() as u64,
        lost: lost.len() as u64,
        segments: index.segments().len() as u64,
        bytes: index.bytes(),
    }))
}

fn export(
    vault: &Vault,
    title: &str,
    names: &[String],
    output: &Path,
    force: bool,
) -> Result<Outcome> {
    let title = vault.register().title_named(title)?;
    let mut distributors: Vec<DistributorRecord> = if names.is_empty() {
        vault.register().distributors()?
    } else {
        names
            .iter()
            .map(|name| vault.register().distributor_named(name))
            .collect::<Result<_, _>>()?
    };
    distributors.sort_by(|a, b| a.name.cmp(&b.name));
    distributors.dedup_by(|a, b| a.id == b.id);
    if distributors.is_empty() {
        let root = vault.register().place();
        bail!(
            "the vault at {root} has no distributor: add one with `countermark-embed distributor add NAME`"
        );
    }
    ReadKeyFile::export(vault.register(), &title, &distributors, output, force)?;
    Ok(Outcome::KeyExported(KeyExported {
        file: output.to_path_buf(),
        title: title.name,
        distributors: distributors
            .into_iter()
            .map(|distributor| distributor.name)
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser as _;

    use super::*;

    fn run_words(words: &[&OsString]) -> Result<Outcome> {
        let words = std::iter::once(OsString::from("countermark-embed"))
            .chain(words.iter().map(|&word| word.clone()));
        let line = CommandLine::try_parse_from(words)?;
        run(&line, Printer::new(&line.common))
    }

    #[test]
    fn one_process_adds_several_titles_and_marks_several_copies() -> Result<()> {
        let folder = tempfile::tempdir()?;
        let master = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/street.mp4");
        let vault = folder.path().join("vault");
        let with_vault = |words: &str, files: &[&Path]| {
            let mut words: Vec<OsString> = format!("--quiet {words}")
                .split_whitespace()
                .map(OsString::from)
                .collect();
            words.extend(files.iter().map(|file| file.as_os_str().to_owned()));
            words.extend(["--vault".into(), vault.as_os_str().to_owned()]);
            run_words(&words.iter().collect::<Vec<_>>())
        };
        with_vault("vault init", &[])?;
        with_vault("distributor add D", &[])?;
        for title in ["A", "B"] {
            with_vault(&format!("title add --title {title}"), &[&master])?;
        }
        for title in ["A", "B"] {
            let output = folder.path().join(format!("{title}.mp4"));
            let words = format!("mark --title {title} --distributor D --preset ultrafast -o");
            with_vault(&words, &[&output, &master])?;
        }
        let Outcome::Listed(listing) = with_vault("deliveries", &[])? else {
            bail!("not a listing");
        };
        assert_eq!(listing.deliveries.len(), 2);
        Ok(())
    }
}
