//! Every fault that an engineer of continuous integration met in this bench, once each: a gate that is off, old, silent or deaf.
//!
//! The subject under test is a stand-in that knows the truth, so that faults of the bench and not of a detector are looked for.

mod stale;
mod told;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser as _;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;
use countermark_bench::args::CommandLine;
use countermark_bench::null::Tail;
use countermark_bench::outcome::Outcome;
use countermark_bench::run::run;
use countermark_bench::subject::{Finding, MarkedCopy, Preparation, Prepared, Subject};
use serde_json::Value;

type Checked = Result<(), Box<dyn std::error::Error>>;

/// A detector that names the right delivery, or nobody.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Knowing {
    Everything,
    /// Exact answers with a weaker bound.
    Less,
    Nothing,
}

impl Knowing {
    fn answer(self, truth: Option<&MarkedCopy>) -> Finding {
        let log10_p = match self {
            Self::Everything => -30.0,
            Self::Less => -12.0,
            Self::Nothing => 0.0,
        };
        Finding {
            accused: truth
                .filter(|_| self != Self::Nothing)
                .map(|copy| copy.payload.clone())
                .into_iter()
                .collect(),
            log10_p: Some(log10_p),
            seconds: 0.01,
            ..Finding::default()
        }
    }
}

impl Subject for Knowing {
    fn prepare(
        &self,
        master: &Path,
        folder: &Path,
        with: &Preparation<'_>,
    ) -> anyhow::Result<Prepared> {
        let copies = (0..with.marked).map(|index| MarkedCopy {
            distributor: "alpha".to_owned(),
            payload: format!("{index:016x}"),
            file: master.to_owned(),
        });
        Ok(Prepared {
            copies: copies.collect(),
            frames: 20,
            seconds_a_copy: 0.1,
            ..with.without_copies(master, folder)
        })
    }

    fn mark_again(&self, _: &Prepared, copy: &Path) -> anyhow::Result<PathBuf> {
        Ok(copy.to_owned())
    }

    fn mark_lossless(&self, prepared: &Prepared) -> anyhow::Result<PathBuf> {
        let file = prepared.folder.join("lossless.mkv");
        fs::copy(&prepared.master, &file)?;
        Ok(file)
    }

    fn read(&self, _: &Prepared, _: &Path, truth: Option<&MarkedCopy>) -> anyhow::Result<Finding> {
        Ok(self.answer(truth))
    }

    fn trace(&self, _: &Prepared, _: &Path, truth: Option<&MarkedCopy>) -> anyhow::Result<Finding> {
        Ok(self.answer(truth))
    }

    fn identify(&self, _: &Prepared, _: &Path) -> anyhow::Result<Finding> {
        Ok(Finding::default())
    }

    fn wrong_keys(&self, _: &Prepared, _: &Path, keys: u64, _: u64) -> anyhow::Result<Tail> {
        let mut tail = Tail::default();
        (0..keys).for_each(|_| tail.add(0.0));
        Ok(tail)
    }
}

/// Rows in which nobody may be named are left out: the stand-in would not fail them, and they take time.
const HEAD: &str = "version = 1\nseed = 5\n[negatives]\nunmarked = \"none\"\nstranger = false\nwrong_keys = false\n\
    [clips]\nmin_short_side = 90\nmin_seconds = 1.0\n";

const ROWS: &str = "[[row]]\ngroup = \"A. one\"\nattack = \"h264-crf30\"\npath = \"read\"\nmin_rate = 1.0\n\
    [[row]]\ngroup = \"A. one\"\nattack = \"cut-1s+h264-crf35\"\npath = \"trace\"\nmin_rate = 1.0\n";

/// Three tiny clips, a suite and a folder of results.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(clips: &[&str]) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("clips"))?;
        let bench = Self { folder };
        for (index, stem) in clips.iter().enumerate() {
            bench.clip(stem, index)?;
        }
        bench.suite(&format!("{HEAD}{ROWS}"))?;
        Ok(bench)
    }

    /// Writes a clip of other pictures for each `look`.
    fn clip(&self, stem: &str, look: usize) -> anyhow::Result<()> {
        let mut spec = sample_set()[look % 3].clone();
        (spec.width, spec.height, spec.fps, spec.seconds) = (160, 90, 10, 2.0);
        write_clip(
            &spec,
            &self.at(&format!("clips/{stem}.mp4")),
            FileQuality::Crf(20.0),
        )?;
        Ok(())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn suite(&self, text: &str) -> std::io::Result<()> {
        fs::write(self.at("own.toml"), text)
    }

    /// Runs the suite; what is not checked fails it when `more` has `--strict` only.
    fn run(&self, subject: Knowing, more: &str) -> anyhow::Result<Outcome> {
        let mut words = vec![
            "countermark-bench".to_owned(),
            "--quiet".to_owned(),
            "run".to_owned(),
        ];
        for (flag, name) in [
            ("--suite", "own.toml"),
            ("--clips", "clips"),
            ("--out", "out"),
        ] {
            if !more.contains(flag) {
                words.push(flag.to_owned());
                words.push(self.at(name).to_string_lossy().into_owned());
            }
        }
        let strict = more.contains("--strict");
        if !strict && !more.contains("--allow-unchecked") {
            words.push("--allow-unchecked".to_owned());
        }
        let own = more.split_whitespace().filter(|word| *word != "--strict");
        words.extend(own.map(|word| {
            word.strip_prefix('@').map_or_else(
                || word.to_owned(),
                |name| self.at(name).to_string_lossy().into_owned(),
            )
        }));
        run(&CommandLine::try_parse_from(words)?, &subject)
    }

    fn text(&self, name: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.at(name)).with_context(|| name.to_owned())
    }

    fn json(&self, name: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.text(name)?)?)
    }
}

/// How many trials a run says are new, of how many.
fn new_trials(outcome: &Outcome) -> Option<&str> {
    let lines = outcome.text().lines();
    let mut told = lines.filter_map(|line| line.strip_suffix(" trials are new."));
    told.next()
}
