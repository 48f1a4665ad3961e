//! One command from flags to outcome.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::args::{Command, CommandLine, NullArgs, ReportArgs, SamplesArgs};
use crate::attacking::attack;
use crate::board::Board;
use crate::clips::{Clip, Found, find_clips};
use crate::null::experiments::{self, Examination, Exchanged, FORMS};
use crate::null::vaults::Innocents;
use crate::null::{self, Tail};
use crate::observer::Observer as _;
pub use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::report::{Page, tail_plot};
use crate::subject::{Preparation, Subject};
use crate::suite::Suite;
use crate::tune::tune;
use crate::{measure, oracle, suites};
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
        Command::Run(args) => measure::run(args, subject, line.quiet),
        Command::Merge(args) => measure::merge(args),
        Command::Suites(args) => match &args.show {
            Some(name) => suites::show(name).map(Outcome::Done),
            None => suites::list(args.json).map(Outcome::Done),
        },
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

fn wrong_keys(args: &NullArgs, subject: &dyn Subject, quiet: bool) -> Result<Outcome> {
    // The clips of the main suite: what robustness is claimed for.
    let suite = Suite::load("main")?;
    let Found { clips, gaps } = find_clips(&args.clips, &suite.clips)?;
    let progress = Progress::new(quiet);
    for gap in &gaps {
        progress.missing(gap);
    }
    if clips.is_empty() {
        bail!(
            "no clip of {} is large and long enough",
            args.clips.display()
        );
    }
    let work = args.out.join("work");
    progress.expect(clips.len());
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
    for gap in &gaps {
        writeln!(text, "\n{}", gap.line())?;
    }
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
                &Examination::ALL,
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
