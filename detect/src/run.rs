//! From the command line to an examination: keys, titles, and what is done to each clip.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::Context as _;
use countermark_catalogue::Vault;
use countermark_console::night::Night;
use countermark_console::{Exit, Printer};
use countermark_evidence::verify::Beside;
use countermark_register::{ReadKeyFile, Row, Testimony, TitleId, TitleRecord};
use countermark_trace::exhibits::Exhibits;
use countermark_trace::{Observer, Reader, Request, Tracer};

use crate::args::{Command, CommandLine};
use crate::bundling::{self, Bundling};
use crate::{print, serve, stamping};

/// Runs a command.
///
/// # Errors
/// What concerns every clip: the key file, the vault, the title, a closed stdout.
pub fn run(line: &CommandLine, printer: Printer) -> anyhow::Result<Exit> {
    match &line.command {
        Command::Print { clip, output } => print::make(clip, output, printer),
        Command::Serve {
            listen,
            jobs,
            threads,
            reach,
        } => {
            let at = (*listen, *jobs, *threads);
            serve::serve(&line.common.vault, at, reach, printer)
        }
        Command::Examine if countermark_desk::examine::run() => Ok(Exit::Done),
        Command::Examine => Ok(Exit::Failed),
        Command::Read {
            clips,
            key: Some(path),
            scoring,
            ..
        } => {
            let key = read_key(path, printer)?;
            let night = Night::new(&line.common, clips, printer, None)?.told_to(scoring.audience());
            let reader = Reader::of_title(&key).in_case_of(scoring.clips(night.clips())?);
            night.each(|clip, observer, _| Ok(reader.read(clip, observer)?))
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
            let night = Night::new(&line.common, clips, printer, None)?.told_to(scoring.audience());
            let reader = Reader::of_titles(&keys).in_case_of(scoring.clips(night.clips())?);
            night.each(|clip, observer, _| Ok(reader.read(clip, observer)?))
        }
        Command::Identify { clips, report, top } => {
            let vault = Vault::open(&line.common.vault)?;
            let tracer = Tracer::new(&vault)?;
            let attested = vault.attested()?.0;
            let titles = ids(&candidates(&attested, None)?);
            let night = Night::new(&line.common, clips, printer, report.as_deref())?;
            let top = top.map_or(0, NonZeroUsize::get);
            night
                .on_record(&attested)?
                .each(|clip, observer, exhibits| {
                    let request = Request::new(clip).among(&titles).listing(top);
                    Ok(tracer.identify_with_exhibits(&request, observer, exhibits)?)
                })
        }
        Command::Trace {
            clips,
            title,
            report,
            proof,
            scoring,
        } => {
            let night = Night::new(&line.common, clips, printer, report.as_deref())?;
            let bundling = Bundling::new(proof, clips, &night)?;
            let case_clips = scoring.clips(night.clips())?;
            let vault = Vault::open(&line.common.vault)?;
            let tracer = Tracer::new(&vault)?;
            let attested = vault.attested()?.0;
            let titles = ids(&candidates(&attested, title.as_deref())?);
            let exit = night
                .told_to(scoring.audience())
                .on_record(&attested)?
                .each(|clip, observer, exhibits| {
                    let request = Request::new(clip).among(&titles).in_case_of(case_clips);
                    let trace = |observer: &dyn Observer, exhibits: Option<&mut Exhibits>| {
                        Ok(tracer.trace_with_exhibits(&request, observer, exhibits)?)
                    };
                    match &bundling {
                        Some(bundling) => {
                            bundling.around(clip, attested.register(), observer, exhibits, trace)
                        }
                        None => trace(observer, exhibits),
                    }
                })?;
            Ok(bundling.map_or(exit, |bundling| bundling.told(exit, printer)))
        }
        Command::Stamp { bundle, way } => stamping::run(bundle, way, printer)
            .with_context(|| format!("{} was not stamped", bundle.display())),
        Command::Verify {
            bundle,
            clip,
            expert,
            evidence_key,
        } => {
            let beside = Beside {
                clip: clip.as_deref(),
                key: *evidence_key,
            };
            bundling::verify(bundle, beside, expert.as_deref(), printer)
                .with_context(|| format!("{} was not verified", bundle.display()))
        }
    }
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
