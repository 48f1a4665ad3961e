//! `run` and `merge`: from a suite to a verdict.
//!
//! ```text
//! run          suite, clips -> results -> report, verdict
//! run --seeds  the same for each seed in OUT/seed-N, then all trials together: a clip counts once a seed
//! run --shard  a part of the results, which no floor is held against
//! merge        parts -> results -> report, verdict
//! ```

use std::fmt::Write as _;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::args::{JudgingArgs, MergeArgs, RunArgs};
use crate::gap::Gap;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::provenance::RunRecord;
use crate::report::comparison::OldResults;
use crate::report::{Comparison, Measured, Report, Standing, WorstFrame, github};
use crate::runner::{RunSettings, run_suite};
use crate::store::{Marking, NullTail, Quality, Record, Store};
use crate::subject::Subject;
use crate::suite::Suite;
use crate::system::{External, System};
use crate::trial::Trial;

/// The variable with the file that takes the summary of a job.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Runs a suite and judges it.
///
/// # Errors
/// One line that names the file and the reason.
pub fn run(args: &RunArgs, subject: &dyn Subject, quiet: bool) -> Result<Outcome> {
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
    let subject = external
        .as_ref()
        .map_or(subject, |external| external as &dyn Subject);
    // First: hours later is too late to say that it is missing; and it may lie where the new one goes.
    let old = against(&args.judging)?;
    if let Some(seeds) = args.seeds {
        let mut pool = Pool::default();
        for seed in seeds.iter() {
            let out = args.out.join(format!("seed-{seed}"));
            let mut suite = suite.clone();
            suite.seed = seed;
            let store = measured(args, &suite, &out, subject, quiet)?;
            let run = RunRecord::read(&out)?;
            let report = Report::new(&args.suite, &suite, &store).of_run(&suite, run);
            pool.add(seed, &store, &report, &out)?;
        }
        return pool.judged(args, suite, old);
    }
    suite.seed = args.seed.unwrap_or(suite.seed);
    let store = measured(args, &suite, &args.out, subject, quiet)?;
    if let Some(shard) = args.shard {
        let text = format!(
            "Shard {shard}: {} trials, {} of them new. No floor is held against a part: `countermark-bench merge` does that.\n",
            store.trials().len(),
            store.new_trials()
        );
        return Ok(if store.gaps().iter().any(Gap::is_error) {
            Outcome::Broken(text)
        } else {
            Outcome::Done(text)
        });
    }
    let run = RunRecord::read(&args.out)?;
    let report = Report::new(&args.suite, &suite, &store)
        .of_run(&suite, run)
        .with_new_trials(store.new_trials(), store.trials().len());
    let pictures = pictures_of(&report, &args.out)?;
    judged(&report, &pictures, old, &args.judging, &args.out)
}

fn measured(
    args: &RunArgs,
    suite: &Suite,
    out: &Path,
    subject: &dyn Subject,
    quiet: bool,
) -> Result<Store> {
    let threads = args
        .threads
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN);
    let settings = RunSettings {
        name: &args.suite,
        suite,
        clips: &args.clips,
        out,
        threads,
        vmaf: args.vmaf_ffmpeg.clone(),
        keep: args.keep,
        fresh: args.fresh,
        shard: args.shard,
        cache: args.cache.clone(),
        command: command(args),
    };
    let progress = Progress::new(quiet);
    let store = run_suite(&settings, subject, &progress);
    progress.finish();
    store
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
    let numbers = [
        ("seed", args.seed.map(|seed| seed.to_string())),
        ("seeds", args.seeds.map(|seeds| seeds.to_string())),
        ("threads", args.threads.map(|threads| threads.to_string())),
    ];
    for (name, value) in numbers {
        if let Some(value) = value {
            let _ = write!(words, " --{name} {value}");
        }
    }
    if args.vmaf_ffmpeg.is_some() {
        words.push_str(" --vmaf-ffmpeg FFMPEG");
    }
    words
}

/// The older results to compare with, if any.
fn against(judging: &JudgingArgs) -> Result<Option<OldResults>> {
    let old = judging.against.as_deref().map(OldResults::read);
    Ok(old.transpose()?)
}

/// Puts shards together and judges them.
///
/// # Errors
/// When they are not of one run, or a folder holds none.
pub fn merge(args: &MergeArgs) -> Result<Outcome> {
    let old = against(&args.judging)?;
    let mut whole = None;
    let mut records: Vec<Record> = Vec::new();
    let mut folders: Vec<&Path> = Vec::new();
    for folder in &args.shards {
        let (head, more) = Store::read(folder)?;
        let run = RunRecord::read(folder)?;
        match &whole {
            None => whole = Some((head, run)),
            Some((first, _)) => {
                let difference = if head.suite == first.suite {
                    first.difference(&head).or_else(|| {
                        (head.measured != first.measured)
                            .then(|| "they are of other clips or another measuring tool".to_owned())
                    })
                } else {
                    Some(format!("they are of the suite {}", head.suite))
                };
                if let Some(why) = difference {
                    anyhow::bail!(
                        "results of other runs cannot be merged, {}: {why}",
                        folder.display()
                    );
                }
            }
        }
        records.extend(more);
        folders.push(folder);
    }
    let (head, run) = whole.context("no shard was named")?;
    let mut suite = Suite::from_texts(&head.suite, &head.texts)?;
    suite.complete();
    suite.ask_again(&head.texts)?;
    suite.seed = head.seed;
    let mut store = Store::open(&args.out, &head, true)?;
    for record in records {
        if !store.has(&record) {
            store.keep(record)?;
        }
    }
    run.write(&args.out)?;
    let report = Report::new(&head.suite, &suite, &store)
        .of_run(&suite, run)
        .with_new_trials(store.new_trials(), store.trials().len());
    let mut pictures = Vec::new();
    for folder in folders {
        pictures.extend(pictures_of(&report, folder)?);
    }
    pictures.sort_by(|a, b| a.clip.cmp(&b.clip));
    pictures.dedup_by(|a, b| a.clip == b.clip);
    judged(&report, &pictures, old, &args.judging, &args.out)
}

fn pictures_of(report: &Report, folder: &Path) -> Result<Vec<WorstFrame>> {
    let mut pictures = Vec::new();
    for clip in report.clips() {
        let found = WorstFrame::read(folder, clip)
            .with_context(|| format!("cannot read the pictures of {clip}"))?;
        pictures.extend(found);
    }
    Ok(pictures)
}

/// Writes the files of the report into `folder` and says what came of the run.
fn judged(
    report: &Report,
    pictures: &[WorstFrame],
    old: Option<OldResults>,
    judging: &JudgingArgs,
    folder: &Path,
) -> Result<Outcome> {
    let comparison = old.map(|old| Comparison::new(report, old));
    let mut text = String::new();
    for (name, content) in report.files(pictures, comparison.as_ref())? {
        let file = folder.join(name);
        fs::write(&file, &content).with_context(|| format!("cannot write {}", file.display()))?;
        if name == "report.md" {
            text = content;
        }
    }
    let regressions = comparison
        .as_ref()
        .filter(|_| judging.fail_on_regression)
        .map_or_else(Vec::new, Comparison::regressions);
    if judging.github {
        if let Some(file) = std::env::var_os(SUMMARY) {
            github::append_summary(&PathBuf::from(file), &text)?;
        }
        text = github::annotations(report, &regressions) + &text;
    }
    let standing = report.headline().standing();
    Ok(match standing {
        Standing::Short => Outcome::Short(text),
        _ if !regressions.is_empty() => {
            for line in &regressions {
                let _ = writeln!(text, "- regression: {line}");
            }
            Outcome::Short(text)
        }
        Standing::Broken => Outcome::Broken(text),
        Standing::Unchecked if !judging.allow_unchecked => Outcome::Unchecked(text),
        Standing::Unchecked | Standing::Holds => Outcome::Done(text),
    })
}

/// Results of several seeds; a clip has the seed in its name.
#[derive(Default)]
struct Pool {
    seeds: usize,
    trials: Vec<Trial>,
    qualities: Vec<Quality>,
    markings: Vec<Marking>,
    tails: Vec<NullTail>,
    gaps: Vec<Gap>,
    pictures: Vec<WorstFrame>,
    new_trials: usize,
    run: Option<RunRecord>,
}

impl Pool {
    fn add(&mut self, seed: u64, store: &Store, report: &Report, out: &Path) -> Result<()> {
        let name = |clip: &str| format!("{clip} (seed {seed})");
        self.seeds += 1;
        self.new_trials += store.new_trials();
        self.trials.extend(store.trials().iter().map(|trial| Trial {
            clip: name(&trial.clip),
            ..trial.clone()
        }));
        self.qualities
            .extend(store.qualities().iter().map(|quality| Quality {
                clip: name(&quality.clip),
                ..quality.clone()
            }));
        self.markings
            .extend(store.markings().iter().map(|marking| Marking {
                clip: name(&marking.clip),
                ..marking.clone()
            }));
        self.tails.extend(store.tails().iter().map(|tail| NullTail {
            clip: name(&tail.clip),
            ..tail.clone()
        }));
        self.gaps.extend(report.gaps().iter().map(|gap| Gap {
            clip: if gap.is_error() {
                name(&gap.clip)
            } else {
                gap.clip.clone()
            },
            ..gap.clone()
        }));
        let pictures = pictures_of(report, out)?;
        self.pictures
            .extend(pictures.into_iter().map(|picture| WorstFrame {
                clip: name(&picture.clip),
                ..picture
            }));
        self.run = Some(RunRecord::read(out)?);
        Ok(())
    }

    fn judged(self, args: &RunArgs, mut suite: Suite, old: Option<OldResults>) -> Result<Outcome> {
        let run = self.run.context("no seed")?;
        ensure!(self.seeds > 0, "no seed");
        suite.seed = args
            .seeds
            .and_then(|seeds| seeds.iter().next())
            .unwrap_or(suite.seed);
        suite.clips.min_clips = suite.clips.min_clips.map(|least| least * self.seeds);
        let measured = Measured {
            trials: &self.trials,
            qualities: &self.qualities,
            markings: &self.markings,
            tails: &self.tails,
            gaps: &self.gaps,
        };
        let run = RunRecord {
            seed: suite.seed,
            ..run
        };
        let report = Report::new(&args.suite, &suite, measured)
            .with_run(run)
            .with_seeds(args.seeds.iter().flat_map(|seeds| seeds.iter()).collect())
            .with_new_trials(self.new_trials, self.trials.len());
        judged(&report, &self.pictures, old, &args.judging, &args.out)
    }
}
