//! The real tools under test: `countermark-embed` and `countermark-detect` through their libraries.
//!
//! Marking goes through the same flags that a script would type, so that what is measured is what is delivered.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Parser as _;
use countermark_detect::blind::BlindTrail;
use countermark_detect::clip::ClipReader;
use countermark_detect::observer::Silence;
use countermark_detect::output::ClipReport;
use countermark_detect::read::read_clip;
use countermark_detect::trace::trace_clip;
use countermark_embed::args::{Command, CommandLine, MarkArgs};
use countermark_embed::interrupt::Interrupt;
use countermark_embed::printer::Printer;
use countermark_embed::settings::MarkSettings;
use countermark_embed::{mark, title};
use countermark_mark::bound::NormalisedScore;
use countermark_mark::chips::ChipPlan;
use countermark_mark::lattice::LatticeGeometry;
use countermark_media::probe;
use countermark_vault::{ReadKeyFile, Vault};

use crate::null::{self, Tail};
use crate::subject::{Finding, MarkedCopy, Prepared, Subject};

const DISTRIBUTORS: [&str; 2] = ["alpha", "beta"];
const TITLE: &str = "clip";

/// The tools as they are built into this program.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tools;

impl Tools {
    fn vault(prepared: &Path) -> PathBuf {
        prepared.join("vault")
    }

    fn key(folder: &Path) -> PathBuf {
        folder.join("read.key")
    }

    /// Marks as `countermark-embed mark MASTER -o OUT --title .. --distributor .. EXTRA` does.
    fn mark(
        folder: &Path,
        master: &Path,
        output: &Path,
        distributor: &str,
        extra: &[&str],
    ) -> Result<MarkedCopy> {
        let (line, printer) = Self::command(&[
            &[
                "mark".as_ref(),
                master.as_os_str(),
                "-o".as_ref(),
                output.as_os_str(),
            ][..],
            &["--title", TITLE, "--distributor", distributor].map(AsRef::as_ref),
            &extra.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        ])?;
        let Command::Mark(args) = line.command else {
            anyhow::bail!("not a mark command");
        };
        let args: MarkArgs = args;
        let settings = MarkSettings::resolve(&args)?;
        let vault = Vault::open(&Self::vault(folder))?;
        let marked = mark::deliver(&vault, &args, &settings, &Interrupt::default(), printer)?;
        Ok(MarkedCopy {
            distributor: distributor.to_owned(),
            payload: marked.delivery.payload.to_string(),
            file: marked.output,
        })
    }

    fn command(words: &[&[&std::ffi::OsStr]]) -> Result<(CommandLine, Printer)> {
        let words = ["countermark-embed".as_ref(), "--quiet".as_ref()]
            .into_iter()
            .chain(words.iter().flat_map(|w| w.iter().copied()));
        let line = CommandLine::try_parse_from(words)?;
        let printer = Printer::new(&line.common);
        Ok((line, printer))
    }
}

impl Subject for Tools {
    fn prepare(&self, master: &Path, folder: &Path) -> Result<Prepared> {
        let root = Self::vault(folder);
        let vault = Vault::init(&root)?;
        let (_, printer) = Self::command(&[&["vault".as_ref(), "init".as_ref()]])?;
        title::add(&vault, master, TITLE, &Interrupt::default(), printer)?;
        let distributors = DISTRIBUTORS
            .map(|name| vault.add_distributor(name))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?;
        vault.export_read_key(
            &vault.title(TITLE)?,
            &distributors,
            &Self::key(folder),
            false,
        )?;
        let copies = DISTRIBUTORS
            .iter()
            .map(|name| {
                // Matroska takes any sound and subtitle that the master has.
                let output = folder.join(format!("{name}.mkv"));
                Self::mark(folder, master, &output, name, &[])
            })
            .collect::<Result<_>>()?;
        Ok(Prepared {
            master: master.to_owned(),
            folder: folder.to_owned(),
            title: TITLE.to_owned(),
            copies,
        })
    }

    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf> {
        let output = prepared.folder.join("lossless.mkv");
        // x264 at CRF 0 is lossless for 8 bits. Above, x265 at CRF 0 is nearly so: what it adds counts against the mark.
        let deep = probe(&prepared.master)?.video.bit_depth > 8;
        let encoder = if deep { "libx265" } else { "libx264" };
        let extra = ["--encoder", encoder, "--crf", "0", "--preset", "ultrafast"];
        let copy = Self::mark(
            &prepared.folder,
            &prepared.master,
            &output,
            DISTRIBUTORS[0],
            &extra,
        )?;
        Ok(copy.file)
    }

    fn read(&self, prepared: &Prepared, clip: &Path) -> Result<Finding> {
        let path = Self::key(&prepared.folder);
        let key = ReadKeyFile::load(&path).with_context(|| format!("key {}", path.display()))?;
        Ok(finding(&read_clip(clip, &key, &Silence)?))
    }

    fn trace(&self, prepared: &Prepared, clip: &Path) -> Result<Finding> {
        let vault = Vault::open(&Self::vault(&prepared.folder))?;
        let titles = [vault.title(&prepared.title)?];
        Ok(finding(&trace_clip(clip, &vault, &titles, &Silence)?))
    }

    fn wrong_keys(&self, prepared: &Prepared, clip: &Path, keys: u64, seed: u64) -> Result<Tail> {
        let path = Self::key(&prepared.folder);
        let key = ReadKeyFile::load(&path).with_context(|| format!("key {}", path.display()))?;
        let lattice = LatticeGeometry::for_picture(key.width as usize, key.height as usize)?;
        let plan = ChipPlan::new(&key.carrier, lattice);
        let mut reader = ClipReader::open(clip, lattice, &Silence)?;
        let mut trail = BlindTrail::new(&plan, lattice, key.duration_seconds);
        loop {
            let window = reader.next_window()?;
            if window.is_empty() {
                break;
            }
            trail.push(&window);
        }
        // The first hypothesis only: the bound is for one, the union over hypotheses is counted elsewhere.
        let (evidence, _) = trail.evidence();
        let Some(evidence) = evidence.first() else {
            return Ok(Tail::default());
        };
        Ok(null::wrong_keys(keys, seed, |batch| {
            evidence
                .scores(batch)
                .into_iter()
                .map(NormalisedScore::value)
                .collect()
        }))
    }
}

fn finding(report: &ClipReport) -> Finding {
    let mut accused: Vec<String> = report
        .deliveries
        .iter()
        .map(|d| d.payload.clone())
        .collect();
    accused.sort();
    accused.dedup();
    let proved = report
        .deliveries
        .iter()
        .map(|d| d.log10_p)
        .min_by(f64::total_cmp);
    Finding {
        accused,
        log10_p: proved.or(report.tried.best_log10_p),
        seconds: report.seconds,
    }
}
