//! Clips one after the other: a broken one is reported and never stops the rest.

use std::{
    io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use countermark_catalogue::Vault;
use countermark_console::{Exit, Printer};
use countermark_register::{ReadKeyFile, Row, Testimony, TitleId, TitleRecord};
use countermark_report::json::{Broken, Document};
use countermark_report::{Answer, Audience, Examined, Folder, ReportError, examine};
use countermark_trace::exhibits::Exhibits;
use countermark_trace::{Observer, Reader, Request, Tracer};

use crate::{
    args::{Command, CommandLine},
    progress::ClipProgress,
};

/// Runs a command.
///
/// # Errors
/// What concerns every clip: the key file, the vault, the title, a closed stdout.
pub fn run(line: &CommandLine, printer: Printer) -> anyhow::Result<Exit> {
    let exit = match &line.command {
        Command::Read {
            clips,
            key: Some(path),
            scoring,
            ..
        } => {
            let key = read_key(path, printer)?;
            let reader = Reader::of_title(&key).in_case_of(scoring.clips(clips.len())?);
            let to = (printer, scoring.audience());
            each(clips, to, None, |clip, observer, _| {
                Ok(reader.read(clip, observer)?)
            })?
        }
        Command::Read {
            clips,
            title,
            scoring,
            ..
        } => {
            let vault = Vault::open(&line.common.vault)
                .context("reading needs a read key, --key FILE, or the vault")?;
            let (vault, attested) = vault.attested()?;
            warn_of_edits(&*attested.heard()?, printer);
            let keys = keys_of(&vault, title.as_deref())?;
            let reader = Reader::of_titles(&keys).in_case_of(scoring.clips(clips.len())?);
            let to = (printer, scoring.audience());
            each(clips, to, None, |clip, observer, _| {
                Ok(reader.read(clip, observer)?)
            })?
        }
        Command::Identify { clips, report } => {
            let vault = Vault::open(&line.common.vault)?;
            let tracer = Tracer::new(&vault)?;
            let titles = ids(&candidates(&vault.attested()?.0, None)?);
            let to = (printer, Audience::Outgoing);
            let folder = folder(report.as_deref(), &line.common.vault, to.1);
            each(clips, to, folder, |clip, observer, exhibits| {
                let request = Request::new(clip).among(&titles);
                Ok(tracer.identify_with_exhibits(&request, observer, exhibits)?)
            })?
        }
        Command::Trace {
            clips,
            title,
            report,
            scoring,
        } => {
            let case_clips = scoring.clips(clips.len())?;
            let vault = Vault::open(&line.common.vault)?;
            let tracer = Tracer::new(&vault)?;
            let titles = ids(&candidates(&vault.attested()?.0, title.as_deref())?);
            let to = (printer, scoring.audience());
            let folder = folder(report.as_deref(), &line.common.vault, to.1);
            each(clips, to, folder, |clip, observer, exhibits| {
                let request = Request::new(clip).among(&titles).in_case_of(case_clips);
                Ok(tracer.trace_with_exhibits(&request, observer, exhibits)?)
            })?
        }
    };
    Ok(exit)
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
    if key.unchecked {
        printer.warning(&format!(
            "{} has no checksum, so that damage would not show: export it again with this version",
            path.display()
        ));
    }
    Ok(key)
}

/// Says where names of titles and distributors were edited in the register; the ledger's are used.
fn warn_of_edits(testimony: &Testimony, printer: Printer) {
    let is_named = |row| matches!(row, Row::Title(_) | Row::Distributor(_));
    for edited in testimony.discrepancies(is_named) {
        printer.warning(&format!("{edited}; the ledger's word is used"));
    }
}

/// The keys of every distributor for the named title, or for all.
fn keys_of(vault: &Vault, title: Option<&str>) -> anyhow::Result<Vec<ReadKeyFile>> {
    let distributors = vault.register().distributors()?;
    if distributors.is_empty() {
        let vault = vault.register().place();
        anyhow::bail!(
            "the vault at {vault} has no distributor: add one with `countermark-embed distributor add NAME`"
        );
    }
    let titles = candidates(vault, title)?;
    let keys = titles
        .iter()
        .map(|title| ReadKeyFile::all_of_title(vault.register(), title, &distributors))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(keys.into_iter().flatten().collect())
}

/// The titles to try: the named one, or all.
fn candidates(vault: &Vault, title: Option<&str>) -> anyhow::Result<Vec<TitleRecord>> {
    let titles = match title {
        Some(name) => vec![vault.register().title_named(name)?],
        None => vault.register().titles()?,
    };
    if titles.is_empty() {
        let vault = vault.register().place();
        anyhow::bail!(
            "the vault at {vault} has no title: add one with `countermark-embed title add MASTER --title NAME`"
        );
    }
    Ok(titles)
}

fn ids(titles: &[TitleRecord]) -> Vec<TitleId> {
    titles.iter().map(|title| title.id).collect()
}

/// Where pages go, if they are asked for.
fn folder(report: Option<&Path>, vault: &Path, audience: Audience) -> Option<Folder> {
    report.map(|directory| Folder::new(directory, vault).written_for(audience))
}

fn each<A: Answer>(
    clips: &[PathBuf],
    (printer, audience): (Printer, Audience),
    mut folder: Option<Folder>,
    analyse: impl Fn(&Path, &dyn Observer, Option<&mut Exhibits>) -> anyhow::Result<A>,
) -> io::Result<Exit> {
    let (mut found, mut failed) = (false, false);
    for clip in clips {
        let name = clip.display().to_string();
        let progress = ClipProgress::new(printer, name.clone());
        let examined = examine(&progress, folder.is_some(), |observer, exhibits| {
            analyse(clip, observer, exhibits)
        });
        progress.finish();
        let Examined { answer, exhibits } = match examined {
            Ok(examined) => examined,
            Err(error) => {
                let text = printer.in_words(&error);
                printer.broken(&Document::new(Broken::new(&name, &text)), &error)?;
                failed = true;
                continue;
            }
        };
        found |= answer.is_found();
        // A page that cannot be written must not cost the answer.
        printer.result(&answer.document(audience), &answer.words(audience))?;
        if let Some(folder) = &mut folder
            && let Err(error) = folder.write(clip, &answer, exhibits)
        {
            printer.error(&with_remedy(error));
            failed = true;
        }
    }
    Ok(match (failed, found) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Done,
        (false, false) => Exit::Nothing,
    })
}

/// What the analyst can do about a page that was not written.
fn with_remedy(error: ReportError) -> anyhow::Error {
    match error {
        ReportError::Write { path, source } => anyhow::Error::new(source).context(format!(
            "cannot write the report {}: give --report a folder that can be written",
            path.display()
        )),
        other => other.into(),
    }
}
