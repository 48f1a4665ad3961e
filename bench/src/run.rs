//! One command from flags to outcome.

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::args::{Command, CommandLine, NullArgs, ReportArgs, RunArgs, SamplesArgs};
use crate::attacking::attack;
use crate::board::Board;
use crate::clips::{Clip, find_clips};
use crate::null::experiments::{self, Exchanged, FORMS};
use crate::null::vaults::Innocents;
use crate::null::{self, Tail};
use crate::observer::Observer as _;
use crate::oracle;
pub use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::report::comparison::OldResults;
use crate::report::{Comparison, Page, Report, WorstFrame, tail_plot};
use crate::runner::{RunSettings, run_suite};
use crate::subject::{Preparation, Subject};
use crate::suite::Suite;
use crate::system::{External, System};
use crate::tune::tune;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;

/// Clips whose keys are exchanged: each form of a clip occurs twice.
const MAX_NULL_CLIPS: usize = 4;

/// Scores of wrong keys on the evidence of each.
const NULL_SCORES: u64 = 1_000_000;

/// Length of what is shown of them.
const NULL_SECONDS: f64 = 4.0;

/// Length of the small samples.
const SMALL_SECONDS: f32 = 4.0;

/// Runs a command; suites measure `subject`.
///
/// # Errors
/// One line that names the file and the reason.
pub fn run(line: &CommandLine, subject: &dyn Subject) -> Result<Outcome> {
    match &line.command {
        Command::Samples(args) => samples(args),
        Command::Attack(args) => attack(args),
        Command::Run(args) => suite(args, subject, line.quiet),
        Command::Report(args) => report(args),
        Command::Systems(args) => Ok(Outcome::Done(Board::read(&args.runs)?.write(&args.out)?)),
        Command::Null(args) => wrong_keys(args, subject, line.quiet),
        Command::Oracle(args) => oracle::run(args, line.quiet),
        Command::Tune(args) => tune(args, line.quiet).map(Outcome::Done),
    }
}

fn samples(args: &SamplesArgs) -> Result<Outcome> {
    fs::create_dir_all(&args.folder)
        .with_context(|| format!("cannot make the folder {}", args.folder.display()))?;
    let mut text = String::new();
    for clip in sample_set() {
        let (clip, quality) = if args.small {
            // Grain costs most of the bits: the portrait, nearly without, can be finer.
            let crf = if clip.grain > 1.0 { 23.0 } else { 20.0 };
            (clip.small(SMALL_SECONDS), FileQuality::Crf(crf))
        } else {
            (clip, FileQuality::Crf(16.0))
        };
        let path = args.folder.join(format!("{}.mp4", clip.name));
        let bytes = write_clip(&clip, &path, quality)?;
        writeln!(
            text,
            "{}: {}x{}, {} frames, {} bit, {} KiB",
            path.display(),
            clip.width,
            clip.height,
            clip.frames(),
            clip.bit_depth,
            bytes.div_ceil(1024)
        )?;
    }
    Ok(Outcome::Done(text))
}

fn suite(args: &RunArgs, subject: &dyn Subject, quiet: bool) -> Result<Outcome> {
    let mut suite = Suite::load(&args.suite)?;
    suite.complete();
    let described = match &args.system {
        Some(file) => Some(System::load(file)?),
        None => suite.system.take().map(|system| (system, String::new())),
    };
    let external = described.map(|(system, text)| {
        suite.ask(system.clone(), &text);
        External::new(system)
    });
    let subject = external.as_ref().map_or(subject, |external| external as &dyn Subject);
    // First: hours later is too late to say that it is missing; and it may lie where the new one goes.
    let old = args.against.as_deref().map(OldResults::read).transpose()?;
    let threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN);
    let progress = Progress::new(quiet);
    let settings = RunSettings {
        name: &args.suite,
        suite: &suite,
        clips: &args.clips,
        out: &args.out,
        threads,
        vmaf: args.vmaf_ffmpeg.clone(),
        keep: args.keep,
        fresh: args.fresh,
        command: command(args),
    };
    let store = run_suite(&settings, subject, &progress);
    progress.finish();
    let store = store?;
    let report = Report::new(&args.suite, &suite, &store);
    let text = write_report(&report, old, &args.out)?;
    Ok(if report.shortfalls().is_empty() {
        Outcome::Done(text)
    } else {
        Outcome::Short(text)
    })
}

/// The command line of a run without folders, which are this machine's own.
fn command(args: &RunArgs) -> String {
    let mut words = format!(
        "countermark-bench run --suite {} --clips DIR --out OUT",
        args.suite
    );
    if let Some(name) = args.system.as_deref().and_then(Path::file_name) {
        let _ = write!(words, " --system {}", name.to_string_lossy());
    }
    if let Some(threads) = args.threads {
        let _ = write!(words, " --threads {threads}");
    }
    if args.vmaf_ffmpeg.is_some() {
        words.push_str(" --vmaf-ffmpeg FFMPEG");
    }
    words
}

/// Pages of the measurements of several runs.
fn report(args: &ReportArgs) -> Result<Outcome> {
    let mut text = String::new();
    fs::create_dir_all(&args.pages)
        .with_context(|| format!("cannot make the folder {}", args.pages.display()))?;
    for folder in &args.runs {
        let page = Page::read(folder)?;
        let file = args.pages.join(page.file_name());
        fs::write(&file, page.to_markdown())
            .with_context(|| format!("cannot write {}", file.display()))?;
        writeln!(text, "{}", file.display())?;
    }
    Ok(Outcome::Done(text))
}

/// Writes the files of the report into `folder`; answers what goes to stdout.
fn write_report(report: &Report, old: Option<OldResults>, folder: &Path) -> Result<String> {
    let mut pictures = Vec::new();
    for clip in report.clips() {
        let found = WorstFrame::read(folder, clip)
            .with_context(|| format!("cannot read the pictures of {clip}"))?;
        pictures.extend(found);
    }
    let comparison = old.map(|old| Comparison::new(report, old));
    let mut text = String::new();
    for (name, content) in report.files(&pictures, comparison.as_ref())? {
        let file = folder.join(name);
        fs::write(&file, &content).with_context(|| format!("cannot write {}", file.display()))?;
        if name == "report.md" {
            text = content;
        }
    }
    Ok(text)
}

fn wrong_keys(args: &NullArgs, subject: &dyn Subject, quiet: bool) -> Result<Outcome> {
    // The clips of the main suite: what robustness is claimed for.
    let suite = Suite::load("main")?;
    let clips = find_clips(&args.clips, &suite, &Progress::new(quiet))?;
    if clips.is_empty() {
        bail!(
            "no clip of {} is large and long enough",
            args.clips.display()
        );
    }
    let work = args.out.join("work");
    let progress = Progress::new(quiet);
    progress.planned(clips.len(), clips.len());
    let mut tails = Vec::new();
    for clip in &clips {
        progress.doing(&clip.stem, "scoring wrong keys");
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
        let master = clip.master(suite.clips.first_seconds, &work)?;
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&args.seed.to_le_bytes());
        let preparation = Preparation {
            register: &work.join("vault"),
            title: &clip.stem,
            seed,
            marked: 2,
            registered: 2,
        };
        let prepared = subject.prepare(&master, &work, &preparation)?;
        let mut files = vec![("unmarked", prepared.master.clone())];
        files.extend(
            prepared
                .copies
                .first()
                .map(|copy| ("marked", copy.file.clone())),
        );
        for (kind, file) in files {
            let tail = subject.wrong_keys(&prepared, &file, args.keys, args.seed)?;
            tails.push((format!("{}, {kind}", clip.stem), tail));
        }
    }
    let complete = if args.vaults > 0 {
        Some(complete_decisions(&clips, args, &work, &progress)?)
    } else {
        None
    };
    progress.finish();
    fs::remove_dir_all(&work)?;
    let all = tails
        .iter()
        .fold(Tail::default(), |sum, (_, tail)| sum.merged(*tail));
    let mut text = null::to_markdown(&tails);
    let mut holds = true;
    if let Some((exchanged, innocents)) = &complete {
        text.push_str(&experiments::to_markdown(exchanged, innocents));
        holds = exchanged.iter().all(Exchanged::holds) && innocents.hold();
    }
    for (name, content) in [("null.md", &text), ("null.svg", &tail_plot(&all).to_file())] {
        let file = args.out.join(name);
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
    }
    let above = tails.iter().any(|(_, tail)| !tail.violations().is_empty());
    Ok(if above || !holds || !all.violations().is_empty() {
        Outcome::Short(text)
    } else {
        Outcome::Done(text)
    })
}

/// Exchange of keys on each clip in one form after the other, and fresh registers.
fn complete_decisions(
    clips: &[Clip],
    args: &NullArgs,
    work: &Path,
    progress: &Progress,
) -> Result<(Vec<Exchanged>, Innocents)> {
    let (mut exchanged, mut masters) = (Vec::new(), Vec::new());
    for (number, clip) in clips.iter().take(MAX_NULL_CLIPS).enumerate() {
        let folder = work.join(format!("exchange-{number}"));
        fs::create_dir_all(&folder)?;
        let master = clip.master(Some(NULL_SECONDS), &folder)?;
        for form in [
            FORMS[number % FORMS.len()],
            FORMS[(number + 1) % FORMS.len()],
        ] {
            progress.doing(&clip.stem, &format!("exchanging keys, {}", form.0));
            exchanged.extend(experiments::exchange(
                &clip.stem,
                &master,
                form,
                NULL_SCORES,
                &folder,
            )?);
        }
        masters.push(master);
    }
    let order = (args.vaults, args.deliveries);
    let innocents = experiments::fresh(&masters, order, work, &|done| {
        progress.doing("fresh registers", &format!("{done} of {}", args.vaults));
    })?;
    Ok((exchanged, innocents))
}
