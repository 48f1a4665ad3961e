//! One command from flags to outcome.

use std::path::Path;

use anyhow::{Result, bail};
use countermark_catalogue::Vault;
use countermark_console::Printer;
use countermark_mastering::{CancelToken, Presets};
use countermark_register::{DistributorRecord, Named, ReadKeyFile};
use countermark_report::check::Checked;
use countermark_report::records::Listing;

use crate::{
    args::{Command, CommandLine, DistributorCommand, KeyCommand, TitleCommand, VaultCommand},
    interrupt, mark,
    outcome::{IndexMended, KeyExported, Outcome},
    progress::show_settled,
    settings::MarkSettings,
    title,
};

/// Runs a command.
///
/// # Errors
/// One line that names the file or the vault, and the remedy.
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
        Command::Deliveries { title } => list(&Vault::open(vault)?, title.as_deref(), printer),
        Command::Key(KeyCommand::Export {
            title,
            distributors,
            output,
            force,
        }) => export(&Vault::open(vault)?, title, distributors, output, *force),
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

fn list(vault: &Vault, title: Option<&str>, printer: Printer) -> Result<Outcome> {
    settle(vault, printer);
    let ledger = vault.register().verify_ledger()?;
    let testimony = vault.register().testimony()?;
    for finding in testimony.findings() {
        let root = vault.register().place();
        printer.warning(&format!(
            "{finding}: somebody changed the vault at {root} by hand; compare it with a backup"
        ));
    }
    // What the ledger says, where it holds.
    let attested = match testimony.broken() {
        None => Some(vault.attested()?.0),
        Some(_) => None,
    };
    let vault = attested.as_ref().unwrap_or(vault);
    let title = title
        .map(|name| vault.register().title_named(name))
        .transpose()?;
    Ok(Outcome::Listed(Listing {
        deliveries: vault.register().deliveries(title.map(|title| title.id))?,
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
