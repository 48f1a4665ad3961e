//! The command line as typed. Nothing is read or opened here.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use countermark_attack::Attack;

use crate::seeds::Seeds;
use crate::shard::Shard;

/// Measures how robust, how invisible and how trustworthy the mark is.
#[derive(Debug, Parser)]
#[command(
    name = "countermark-bench",
    version,
    after_help = "Exit codes: 0 all floors held, 1 some fell short or got worse, 2 error or something could not be measured, \
                  3 nothing fell short, but something was not checked."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render the sample clips
    Samples(SamplesArgs),
    /// Damage one file as an attack by its name does
    Attack(AttackArgs),
    /// Run a suite of attacks and check its floors
    Run(RunArgs),
    /// Put the shards of a run together and check its floors
    Merge(MergeArgs),
    /// List the built-in suites: rows, clips, estimated minutes
    Suites(SuitesArgs),
    /// Write the pages of measurements from the results of runs
    Report(ReportArgs),
    /// Set systems side by side: one page and one table from the results of several runs
    Systems(SystemsArgs),
    /// Score wrong keys and decide with fresh vaults, and hold both against the proved bound
    Null(NullArgs),
    /// Try to frame an innocent by asking about noise, and say what its delivery scores in the end
    Oracle(OracleArgs),
    /// Move every value of the detector's tuning either way and show which answers change
    Tune(TuneArgs),
}

/// `samples ..`
#[derive(Debug, Args)]
pub struct SamplesArgs {
    /// Where the clips go
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Half the size and four seconds, as committed in samples/
    #[arg(long)]
    pub small: bool,
}

/// `attack ..`
#[derive(Debug, Args)]
pub struct AttackArgs {
    /// The file to damage
    #[arg(value_name = "INPUT", required_unless_present = "list")]
    pub input: Option<PathBuf>,
    /// The damaged copy: .jpg after a jpeg step, .ts after one of streams, else a video container; with --suite a folder
    #[arg(value_name = "OUTPUT", required_unless_present = "list")]
    pub output: Option<PathBuf>,
    /// Such as h264-crf33, h264-360p-450k, cut-3s+hevc-crf32, fps-24, h264-crf23+jpeg-q80
    #[arg(long = "as", value_name = "NAME", required_unless_present_any = ["list", "suite"])]
    pub attack: Option<Attack>,
    /// All attacks of a suite, by its name or file, each into a file of its own
    #[arg(long, value_name = "NAME", conflicts_with = "attack")]
    pub suite: Option<String>,
    /// Say which steps there are, with their units and ranges
    #[arg(long, conflicts_with_all = ["attack", "suite", "input"])]
    pub list: bool,
    /// A line of JSON for each file: cuts, copies, and which moments it shows when
    #[arg(long)]
    pub json: bool,
    /// Replace files that are there
    #[arg(long)]
    pub force: bool,
    /// A further copy for attacks on several, or another title for "pasted" and "stacked", for "grid" three; may be repeated
    #[arg(long, value_name = "FILE")]
    pub with: Vec<PathBuf>,
    /// Seed of random cuts
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// `run ..`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A built-in suite, such as pr, smoke, nightly, release, standard (`suites` lists them), or a .toml file
    #[arg(long, value_name = "NAME")]
    pub suite: String,
    /// The system that is asked, a .toml file with [system]; the built-in one if absent
    #[arg(long, value_name = "FILE")]
    pub system: Option<PathBuf>,
    /// Folder of clean clips
    #[arg(long, value_name = "DIR")]
    pub clips: PathBuf,
    /// Folder of results; a run that was stopped goes on there, with the same build, suite, seed and clips
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Forget what an earlier run in that folder measured
    #[arg(long)]
    pub fresh: bool,
    /// Seed of keys, payloads and places [default: the suite's]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Run the suite with each of these seeds, in OUT/seed-N, and judge all trials together
    #[arg(long, value_name = "A..B", conflicts_with_all = ["seed", "shard"])]
    pub seeds: Option<Seeds>,
    /// Only this part of the trials, such as 2/4; `merge` puts the parts together and judges them
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Trials at a time [default: the machine's cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Folder of marked copies that runs share; those of other builds in it may be deleted
    #[arg(long, value_name = "DIR", env = "COUNTERMARK_BENCH_CACHE")]
    pub cache: Option<PathBuf>,
    /// An FFmpeg with libvmaf, a measuring tool only; floors of VMAF are not checked without one
    #[arg(long, value_name = "PATH", env = "COUNTERMARK_VMAF_FFMPEG")]
    pub vmaf_ffmpeg: Option<PathBuf>,
    /// Leave marked and attacked files under OUT/work
    #[arg(long)]
    pub keep: bool,
    /// How the results are judged
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// How results are judged and told.
#[derive(Debug, Args)]
pub struct JudgingArgs {
    /// The results.json of an older run: say what got better or worse beyond noise
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// End with 1 when anything got worse beyond noise
    #[arg(long, requires = "against")]
    pub fail_on_regression: bool,
    /// End with 0 although a floor or a row was not checked
    #[arg(long)]
    pub allow_unchecked: bool,
    /// Annotate the pull request, and write the verdict into the summary of the job
    #[arg(long)]
    pub github: bool,
}

/// `merge ..`
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Folders of results, as `run --shard` leaves them
    #[arg(value_name = "OUT", required = true)]
    pub shards: Vec<PathBuf>,
    /// Folder of the whole
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// How the results are judged
    #[command(flatten)]
    pub judging: JudgingArgs,
}

/// `suites ..`
#[derive(Debug, Args)]
pub struct SuitesArgs {
    /// Print the text of this suite
    #[arg(long, value_name = "NAME", conflicts_with = "json")]
    pub show: Option<String>,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `report ..`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folders of results, as `run --out` leaves them
    #[arg(value_name = "OUT", required = true)]
    pub runs: Vec<PathBuf>,
    /// Where the pages go, one for each suite
    #[arg(long, value_name = "DIR", default_value = "bench/results")]
    pub pages: PathBuf,
}

/// `systems ..`
#[derive(Debug, Args)]
pub struct SystemsArgs {
    /// Folders of results, as `run --out` leaves them, or as this command does
    #[arg(value_name = "OUT", required = true)]
    pub runs: Vec<PathBuf>,
    /// Where page, table and the joined files go
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// `null ..`
#[derive(Debug, Args)]
pub struct NullArgs {
    /// Folder of clean clips
    #[arg(long, value_name = "DIR")]
    pub clips: PathBuf,
    /// Folder of the table and the plot
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Wrong keys for each clip, once unmarked and once marked
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub keys: u64,
    /// Seed of the wrong keys
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Fresh vaults for complete decisions; 0 leaves them and the exchange of keys out
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub vaults: u64,
    /// Innocent deliveries of each
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub deliveries: usize,
}

/// `oracle ..`
#[derive(Debug, Args)]
pub struct OracleArgs {
    /// Folder of clean clips: the first two seconds of the first one
    #[arg(long, value_name = "DIR")]
    pub clips: PathBuf,
    /// Folder of what is made, and removed at the end
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Questions that are asked
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub questions: u64,
    /// Innocent deliveries on record
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub deliveries: usize,
    /// What an answer reveals beside who is accused
    #[arg(long, value_name = "WHAT", default_value = "outgoing")]
    pub reveal: Reveal,
}

/// What an answer reveals of the best innocent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Reveal {
    /// Its score to two decimals.
    Everything,
    /// Its score as a whole number, the threshold at most.
    Whole,
    /// What outgoing answers say: a whole number that it does not exceed, five at least and the threshold at most.
    Outgoing,
    /// Nothing.
    Verdict,
}

/// `tune ..`
#[derive(Debug, Args)]
pub struct TuneArgs {
    /// Clips that are traced again for every value
    #[arg(value_name = "CLIP", required = true)]
    pub clips: Vec<PathBuf>,
    /// The vault that they are traced with
    #[arg(
        long,
        value_name = "DIR",
        env = "COUNTERMARK_VAULT",
        default_value = "vault"
    )]
    pub vault: PathBuf,
    /// Only values whose name begins so, such as registration.joint
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,
    /// Share that a value is moved by
    #[arg(long, value_name = "SHARE", default_value_t = 0.2)]
    pub by: f64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_designed_commands_are_understood() {
        for line in [
            "samples out",
            "samples out --small",
            "attack in.mp4 out.mkv --as cut-3s+h264-crf28",
            "attack in.mp4 out --suite smoke --json --force --with other.mp4",
            "attack --list --json",
            "run --suite main --clips footage --out out --threads 2 --against old/results.json",
            "run --suite main --clips footage --out out --fresh",
            "run --suite peers --system bench/peers/rivagan.toml --clips footage --out out",
            "run --suite pr --clips samples --out out --seed 7 --cache cache --github --allow-unchecked",
            "run --suite pr --clips samples --out out --seeds 1..5 --against old.json --fail-on-regression",
            "run --suite pr --clips samples --out out --shard 2/4",
            "merge one two --out out",
            "suites --json",
            "suites --show pr",
            "report out/main out/trace --pages pages",
            "systems out/ours out/peer --out out/systems",
            "null --clips footage --out out --keys 1000 --vaults 0",
            "oracle --clips footage --out out --questions 75 --reveal everything",
            "tune a.mkv b.mkv --vault vault --only registration.joint --by 0.1",
        ] {
            let words = std::iter::once("countermark-bench").chain(line.split_whitespace());
            assert!(CommandLine::try_parse_from(words).is_ok(), "{line}");
        }
        for line in [
            "run --suite pr --clips samples --out out --seeds 1..5 --seed 1",
            "run --suite pr --clips samples --out out --fail-on-regression",
            "run --suite pr --clips samples --out out --shard 5/4",
            "run --suite pr --clips samples --out out --seeds 5..1",
        ] {
            let words = std::iter::once("countermark-bench").chain(line.split_whitespace());
            assert!(CommandLine::try_parse_from(words).is_err(), "{line}");
        }
        let wrong = ["countermark-bench", "attack", "a", "b", "--as", "smear-3"];
        let message =
            CommandLine::try_parse_from(wrong).map_or_else(|e| e.to_string(), |_| String::new());
        assert!(
            message.contains("unknown attack") && message.contains("smear-3"),
            "{message}"
        );
    }
}
