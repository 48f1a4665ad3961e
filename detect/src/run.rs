//! Clips one after the other: a broken one is reported and never stops the rest.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use countermark_register::{ReadKeyFile, TitleRecord, Vault};

use crate::{
    args::{Command, CommandLine},
    printer::Printer,
    progress::Progress,
    report::{Folder, Statement},
};
use countermark_trace::{
    exhibits::{Exhibits, Notebook},
    identify::identify_with_exhibits,
    observer::Observer,
    output::Report,
    read,
    trace::trace_with_exhibits,
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
        Command::Read {
            clips,
            key: Some(path),
            ..
        } => {
            let key = read_key(path, printer)?;
            each(clips, printer, None, |clip, observer, _| {
                read::read_clip(clip, &key, observer)
            })?
        }
        Command::Read { clips, title, .. } => {
            let vault = Vault::open(&line.common.vault)
                .context("reading needs a read key, --key FILE, or the vault")?;
            let keys = keys_of(&vault, title.as_deref())?;
            each(clips, printer, None, |clip, observer, _| {
                read::read_titles(clip, &keys, observer)
            })?
        }
        Command::Identify { clips, report } => {
            let vault = Vault::open(&line.common.vault)?;
            let titles = candidates(&vault, None)?;
            let folder = folder(report.as_deref(), &vault);
            each(clips, printer, folder, |clip, observer, exhibits| {
                identify_with_exhibits(clip, &vault, &titles, observer, exhibits)
            })?
        }
        Command::Trace {
            clips,
            title,
            report,
        } => {
            let vault = Vault::open(&line.common.vault)?;
            let titles = candidates(&vault, title.as_deref())?;
            let folder = folder(report.as_deref(), &vault);
            each(clips, printer, folder, |clip, observer, exhibits| {
                trace_with_exhibits(clip, &vault, &titles, observer, exhibits)
            })?
        }
    };
    Ok(outcome)
}

/// The read key in a file.
fn read_key(path: &Path, printer: Printer) -> anyhow::Result<ReadKeyFile> {
    let key = ReadKeyFile::load(path)?;
    if key.exposed {
        let path = path.display();
        printer.warning(&format!(
            "{path} is a secret that others can read: run `chmod 600 {path}`"
        ));
    }
    Ok(key)
}

/// The keys of every distributor for the named title, or for all.
fn keys_of(vault: &Vault, title: Option<&str>) -> anyhow::Result<Vec<ReadKeyFile>> {
    let distributors = vault.distributors()?;
    if distributors.is_empty() {
        let vault = vault.root().display();
        anyhow::bail!(
            "the vault at {vault} has no distributor: add one with `countermark-embed distributor add NAME`"
        );
    }
    let titles = candidates(vault, title)?;
    Ok(titles
        .iter()
        .map(|title| vault.read_key(title, &distributors))
        .collect())
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

/// Where pages go, if they are asked for.
fn folder(report: Option<&Path>, vault: &Vault) -> Option<Folder> {
    report.map(|directory| Folder::new(directory, vault.root()))
}

fn each<R>(
    clips: &[PathBuf],
    printer: Printer,
    mut folder: Option<Folder>,
    analyse: impl Fn(&Path, &dyn Observer, Option<&mut Exhibits>) -> anyhow::Result<R>,
) -> io::Result<Outcome>
where
    R: Report,
    for<'a> Statement<'a>: From<&'a R>,
{
    let mut outcome = Outcome::NotFound;
    for clip in clips {
        let name = clip.display().to_string();
        let progress = Progress::new(printer, name.clone());
        let notebook = Notebook::new(&progress);
        let mut exhibits = folder.is_some().then(Exhibits::default);
        let result = analyse(clip, &notebook, exhibits.as_mut());
        let notes = notebook.into_notes();
        progress.finish();
        let error = match result {
            Ok(report) => {
                if report.is_found() {
                    outcome = Outcome::Found;
                }
                // A page that cannot be written must not cost the answer.
                printer.report(&report)?;
                let written = folder.as_mut().zip(exhibits).map(|(folder, exhibits)| {
                    folder.write(clip, &report, Exhibits { notes, ..exhibits })
                });
                written
                    .and_then(Result::err)
                    .inspect(|error| printer.error(error))
            }
            Err(error) => {
                printer.broken_clip(&name, &error)?;
                Some(error)
            }
        };
        if error.is_some() && outcome == Outcome::NotFound {
            outcome = Outcome::Broken;
        }
    }
    Ok(outcome)
}
