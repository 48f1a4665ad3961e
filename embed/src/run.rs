//! One command from flags to what it came to.

use anyhow::Result;
use countermark_catalogue::Vault;
use countermark_console::flags::KeyFlags;
use countermark_console::{Printer, settle, signals, warn_of_alike};
use countermark_mastering::Presets;
use countermark_register::{Licence, Named, ReadKeyFile};
use countermark_report::bundle::TITLE_KEY;
use countermark_report::production::{KeyExported, Production};

use crate::args::{
    Command, CommandLine, DeliveryCommand, KeyCommand, LicenceCommand, TitleCommand,
};
use crate::batch::Work;
use crate::{ledger, mark, records, title, vault, verify};

/// Runs a command.
///
/// # Errors
/// One line that names the file or the vault, and the remedy.
pub fn run(line: &CommandLine, printer: Printer) -> Result<Production> {
    let threads = line.threads.threads;
    let opened = || Vault::open(&line.common.vault);
    let cancel = signals::cancelled_by_signals;
    let work = || -> Result<Work> {
        let vault = opened()?;
        settle(&vault, printer);
        Ok(Work {
            vault,
            threads,
            cancel: cancel()?,
            printer,
        })
    };
    match &line.command {
        Command::Vault(command) => vault::run(command, &line.common, printer),
        Command::Title(TitleCommand::Add(flags)) => {
            let vault = opened()?;
            let added = title::add(&vault, flags, threads, cancel()?, printer)?;
            warn_of_alike(&vault, Named::Title, &added.title.name, printer)?;
            Ok(Production::TitleAdded(added))
        }
        Command::Title(command) => records::title(&opened()?, command, printer),
        Command::Distributor(command) => records::distributor(&opened()?, command, printer),
        Command::Mark(args) => {
            let presets = Presets::load(args.presets.as_deref())?;
            if args.list_presets {
                return Ok(Production::Presets(presets));
            }
            args.encoding.resolve(&presets)?;
            let how = (&**args, &presets, args.signed_by(printer)?);
            let marked = mark::mark(&opened()?, how, threads, cancel()?, printer)?;
            Ok(Production::Marked(Box::new(marked)))
        }
        Command::Verify(args) => {
            let verified = verify::verify(&opened()?, args, &cancel()?)?;
            Ok(Production::Verified(Box::new(verified)))
        }
        Command::Batch(args) => Ok(Production::Batch(Box::new(work()?.batch(args)?))),
        Command::Watch(args) => Ok(Production::Batch(Box::new(work()?.watch(args)?))),
        Command::Deliveries(args) => {
            let vault = opened()?;
            settle(&vault, printer);
            records::deliveries(&vault, args, printer)
        }
        Command::Delivery(DeliveryCommand::Revoke { of, reason }) => {
            records::revoke(&opened()?, of.id, reason)
        }
        Command::Licence(LicenceCommand::Set { of, licence }) => {
            records::set_licence(&opened()?, of.id, &Licence::from(licence))
        }
        Command::Key(KeyCommand::Export(flags)) => export(&opened()?, flags),
        Command::Ledger(command) => ledger::run(command, &opened()?),
        Command::Record(flags) => ledger::record(flags, &opened()?),
    }
}

fn export(vault: &Vault, flags: &KeyFlags) -> Result<Production> {
    let mut file = flags.output.clone();
    if flags.expert {
        let title = vault.register().title_named(&flags.title)?;
        vault.catalogue().copy_title(&title, &file)?;
        file.push(TITLE_KEY);
    }
    let names = (flags.title.as_str(), flags.distributors.as_slice());
    let (title, distributors) =
        ReadKeyFile::export_named(vault.register(), names, &file, flags.force)?;
    Ok(Production::KeyExported(KeyExported {
        file,
        title,
        distributors,
    }))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser as _;

    use anyhow::bail;
    use std::path::Path;

    use super::*;

    fn run_words(words: &[&OsString]) -> Result<Production> {
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
        let Production::Listed(listing) = with_vault("deliveries", &[])? else {
            bail!("not a listing");
        };
        assert_eq!(listing.deliveries.len(), 2);
        Ok(())
    }
}
