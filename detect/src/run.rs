//! Clips one after the other: a broken one is reported and never stops the rest.

use std::{io, path::Path};

use countermark_vault::{ReadKeyFile, TitleRecord, Vault};

use crate::{
    args::{Command, CommandLine},
    identify,
    observer::Observer,
    output::Report,
    printer::Printer,
    progress::Progress,
    read, trace,
};

/// What all clips together came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A delivery, or the title that was asked for, was found in at least one clip.
    Found,
    /// All clips were analysed, nothing was found.
    NotFound,
    /// Nothing was found, and at least one clip could not be analysed.
    Broken,
}

impl Outcome {
    /// The exit code: 0, 1 or 2.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::NotFound => 1,
            Self::Broken => 2,
        }
    }
}

/// Runs a command.
///
/// # Errors
/// What concerns every clip: the key file, the vault, the title, a closed stdout.
pub fn run(line: &CommandLine, printer: Printer) -> anyhow::Result<Outcome> {
    let outcome = match &line.command {
        Command::Read { clips, key } => {
            let file = ReadKeyFile::load(key)?;
            if file.exposed {
                let path = key.display();
                printer.warning(&format!(
                    "{path} is a secret that others can read: run `chmod 600 {path}`"
                ));
            }
            each(clips, printer, |clip, observer| {
                read::read_clip(clip, &file, observer)
            })?
        }
        Command::Identify { clips } => {
            let vault = Vault::open(&line.common.vault)?;
            let titles = candidates(&vault, None)?;
            each(clips, printer, |clip, observer| {
                identify::identify_clip(clip, &vault, &titles, observer)
            })?
        }
        Command::Trace { clips, title } => {
            let vault = Vault::open(&line.common.vault)?;
            let titles = candidates(&vault, title.as_deref())?;
            each(clips, printer, |clip, observer| {
                trace::trace_clip(clip, &vault, &titles, observer)
            })?
        }
    };
    Ok(outcome)
}

/// The titles to try: the named one, or all.
fn candidates(vault: &Vault, title: Option<&str>) -> anyhow::Result<Vec<TitleRecord>> {
    let titles = match title {
        Some(name) => vec![vault.title(name)?],
        None => vault.titles()?,
    };
    if titles.is_empty() {
        let vault = vault.root().display();
        anyhow::bail!(
            "the vault at {vault} has no title: add one with `countermark-embed title add MASTER --title NAME`"
        );
    }
    Ok(titles)
}

fn each<R: Report>(
    clips: &[std::path::PathBuf],
    printer: Printer,
    analyse: impl Fn(&Path, &dyn Observer) -> anyhow::Result<R>,
) -> io::Result<Outcome> {
    let mut outcome = Outcome::NotFound;
    for clip in clips {
        let name = clip.display().to_string();
        let progress = Progress::new(printer, name.clone());
        let result = analyse(clip, &progress);
        progress.finish();
        match result {
            Ok(report) => {
                if report.is_found() {
                    outcome = Outcome::Found;
                }
                printer.report(&report)?;
            }
            Err(error) => {
                if outcome == Outcome::NotFound {
                    outcome = Outcome::Broken;
                }
                printer.broken_clip(&name, &error)?;
            }
        }
    }
    Ok(outcome)
}
