//! Clips one after the other: a broken one is reported and never stops the rest.
//!
//! ```text
//! names -> clips -> examine -> words | JSON | CSV, pages        at the end: a summary, the page over all pages
//! ```

use std::io;
use std::path::Path;

use countermark_catalogue::Vault;
use countermark_report::json::{Broken, Document};
use countermark_report::{
    Answer, Audience, Circumstances, Examined, Folder, ReportError, Subject, Tally, examine, rows,
};
use countermark_trace::Observer;
use countermark_trace::exhibits::Exhibits;

use crate::clips::{Clip, Clips, Named, gather};
use crate::{ClipProgress, Common, Exit, Printer};

/// What is done for one clip.
type Done<A> = anyhow::Result<A>;

/// A run over several clips.
pub struct Night<'a> {
    clips: Vec<Named>,
    arguments: &'a Clips,
    printer: Printer,
    audience: Audience,
    folder: Option<Folder>,
    circumstances: Circumstances,
    vault: Option<&'a Vault>,
}

impl<'a> Night<'a> {
    /// Over what the command line names; pages go to `report`, if they are asked for.
    ///
    /// # Errors
    /// When two forms of results are asked for.
    pub fn new(
        common: &Common,
        arguments: &'a Clips,
        printer: Printer,
        report: Option<&Path>,
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !(arguments.csv && common.json),
            "results are either JSON or CSV: give one of --json and --csv"
        );
        let vault: &Path = &common.vault;
        let mut except = vec![vault];
        except.extend(report);
        Ok(Self {
            clips: gather(&arguments.clips, &except),
            arguments,
            printer: printer.of_tables(arguments.csv),
            audience: Audience::Outgoing,
            folder: report.map(|directory| Folder::new(directory, vault)),
            circumstances: Circumstances::of_command(command(vault)),
            vault: None,
        })
    }

    /// For whom answers are.
    #[must_use]
    pub fn told_to(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self.folder = self.folder.map(|folder| folder.written_for(audience));
        self
    }

    /// Pages say what is on record of the deliveries they name.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub fn on_record(mut self, vault: &'a Vault) -> anyhow::Result<Self> {
        if self.folder.is_some() {
            self.circumstances = self.circumstances.with_register(vault.register())?;
            self.vault = Some(vault);
        }
        Ok(self)
    }

    /// The command and the libraries, for evidence.
    #[must_use]
    pub fn circumstances(&self) -> &Circumstances {
        &self.circumstances
    }

    /// How many clips are named.
    #[must_use]
    pub fn clips(&self) -> usize {
        self.clips.len()
    }

    /// Examines each, and tells what was found.
    ///
    /// # Errors
    /// When results cannot be written to standard output.
    pub fn each<A: Answer>(
        mut self,
        analyse: impl Fn(&Path, &dyn Observer, Option<&mut Exhibits>) -> Done<A>,
    ) -> anyhow::Result<Exit> {
        let clips = std::mem::take(&mut self.clips);
        let all = clips.len();
        let (mut tally, mut found, mut failed) = (Tally::default(), false, false);
        for (index, named) in clips.into_iter().enumerate() {
            let name = named.name();
            let number = (all > 1).then_some((index + 1, all));
            let clip = named.fetch(self.arguments.repair_with.as_deref());
            let examined = clip.and_then(|clip| {
                let examined = self.examined(&clip, number, &analyse)?;
                Ok((clip, examined))
            });
            match examined {
                Ok((clip, mut examined)) => {
                    examined.answer.call(clip.name());
                    found |= examined.answer.is_found();
                    tally.examined(examined.answer.statement().verdict);
                    failed |= !self.tell(&clip, examined, number)?;
                }
                Err(error) => {
                    let reason = self.printer.in_words(&error);
                    tally.broke(&name, &reason);
                    failed = true;
                    self.tell_broken(&name, &reason, &error)?;
                }
            }
        }
        if all > 1 {
            self.printer.summary(&tally);
        }
        if let Some(folder) = &self.folder
            && let Err(error) = folder.finish()
        {
            self.printer.error(&with_remedy(error));
            failed = true;
        }
        Ok(match (failed, found) {
            (true, _) => Exit::Failed,
            (false, true) => Exit::Done,
            (false, false) => Exit::Nothing,
        })
    }

    fn examined<A: Answer>(
        &self,
        clip: &Clip,
        number: Option<(usize, usize)>,
        analyse: impl Fn(&Path, &dyn Observer, Option<&mut Exhibits>) -> Done<A>,
    ) -> anyhow::Result<Examined<A>> {
        let progress = ClipProgress::new(self.printer, clip.name().to_owned(), number);
        if let Some(repair) = clip.repair() {
            progress.warn(&format!(
                "repaired: {} pictures were recovered, {} bytes were none; sound is lost",
                repair.pictures, repair.passed_over_bytes
            ));
        }
        let examined = examine(&progress, self.folder.is_some(), |observer, exhibits| {
            analyse(clip.path(), observer, exhibits)
        });
        progress.finish();
        examined.map_err(|error| under_its_name(error, clip))
    }

    /// Prints an answer and writes its page; false when the page could not be written, which must not cost the answer.
    fn tell<A: Answer>(
        &mut self,
        clip: &Clip,
        Examined { answer, exhibits }: Examined<A>,
        number: Option<(usize, usize)>,
    ) -> io::Result<bool> {
        self.printer.heading(number)?;
        self.printer
            .row(|is_first| rows::lines(answer.rows(), is_first))?;
        self.printer.result(
            &answer.document(self.audience),
            &answer.words(self.audience),
        )?;
        let Some(folder) = &mut self.folder else {
            return Ok(true);
        };
        let accused = answer.statement().accused.iter();
        let ids: Vec<_> = accused.filter_map(|accused| accused.delivery).collect();
        let circumstances = match self.vault {
            Some(vault) => self
                .circumstances
                .clone()
                .with_deliveries(vault.register(), &ids),
            None => Ok(self.circumstances.clone()),
        };
        let subject = Subject {
            original: clip.original(),
            examined: clip.path(),
            name: clip.name(),
        };
        let written = circumstances
            .map_err(anyhow::Error::from)
            .and_then(|circumstances| {
                let written = folder.write(subject, &answer, exhibits, &circumstances);
                written.map_err(with_remedy)
            });
        if let Err(error) = &written {
            self.printer.error(error);
        }
        Ok(written.is_ok())
    }

    fn tell_broken(&mut self, name: &str, reason: &str, error: &anyhow::Error) -> io::Result<()> {
        self.printer
            .row(|is_first| rows::lines(vec![rows::broken(name, reason)], is_first))?;
        self.printer
            .broken(&Document::new(Broken::new(name, reason)), error)?;
        if let Some(folder) = &mut self.folder {
            let subject = Subject::file(Path::new(name), name);
            if let Err(error) = folder.write_broken(subject, reason) {
                self.printer.error(&with_remedy(error));
            }
        }
        Ok(())
    }
}

/// An error about a file of our own, as one about the clip that it stands for.
fn under_its_name(error: anyhow::Error, clip: &Clip) -> anyhow::Error {
    let place = clip.path().display().to_string();
    if clip.path() == clip.original() && clip.name() != "-" {
        return error;
    }
    anyhow::anyhow!("{}", format!("{error:#}").replace(&place, clip.name()))
}

/// The command as it was typed, but for the vault's place.
fn command(vault: &Path) -> String {
    let place = vault.display().to_string();
    let words = std::env::args_os().enumerate().map(|(index, word)| {
        let word = word.to_string_lossy().into_owned();
        let program = word.rsplit('/').next().unwrap_or(&word);
        let word = if index == 0 { program } else { &word };
        let told = word.replace(&place, "VAULT");
        if told.contains(char::is_whitespace) {
            format!("'{told}'")
        } else {
            told
        }
    });
    words.collect::<Vec<_>>().join(" ")
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
