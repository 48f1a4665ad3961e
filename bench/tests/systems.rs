//! Systems that are asked through commands, and detectors that no suite may let pass.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;
use countermark_bench::args::CommandLine;
use countermark_bench::null::Tail;
use countermark_bench::run::{Outcome, run};
use countermark_bench::subject::{Finding, MarkedCopy, Preparation, Prepared, Subject};

type Checked = Result<(), Box<dyn std::error::Error>>;

const HEAD: &str = "version = 1\nseed = 5\n[clips]\nmin_short_side = 90\nmin_seconds = 1.0\n";

/// One tiny clip and a suite.
struct Room {
    folder: tempfile::TempDir,
}

impl Room {
    fn new(suite: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("clips"))?;
        let mut spec = sample_set()[0].clone();
        (spec.width, spec.height, spec.fps, spec.seconds) = (160, 90, 10, 1.2);
        write_clip(
            &spec,
            &folder.path().join("clips/tiny.mp4"),
            FileQuality::Crf(20.0),
        )?;
        fs::write(folder.path().join("suite.toml"), format!("{HEAD}{suite}"))?;
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, subject: &dyn Subject, more: &[&str]) -> anyhow::Result<Outcome> {
        let at = |name: &str| self.path(name).to_string_lossy().into_owned();
        let (suite, clips, out) = (at("suite.toml"), at("clips"), at("out"));
        let mut words = vec!["countermark-bench", "run", "-q", "--threads", "1"];
        words.extend(["--suite", &suite, "--clips", &clips, "--out", &out]);
        words.extend(more);
        run(&CommandLine::try_parse_from(words)?, subject)
    }

    /// The lines of results.csv by the names of their columns.
    fn results(
        &self,
    ) -> Result<Vec<std::collections::HashMap<String, String>>, Box<dyn std::error::Error>> {
        let mut reader = csv::Reader::from_path(self.path("out/results.csv"))?;
        Ok(reader.deserialize().collect::<Result<_, _>>()?)
    }
}

/// Marks nothing, and says what it is made to say.
enum Fake {
    /// The right delivery, as if it could read.
    Honest,
    /// The first copy that was made.
    AlwaysTheSame,
    /// Every copy that was made.
    Everybody,
}

impl Fake {
    fn answer(&self, prepared: &Prepared, truth: Option<&MarkedCopy>) -> Finding {
        let all = || {
            ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]
                .map(str::to_owned)
                .to_vec()
        };
        // Asked with somebody else's register an honest detector knows none of the copies.
        let knows = !prepared.copies.is_empty();
        let accused = match self {
            Self::Honest => truth
                .filter(|_| knows)
                .map(|copy| copy.payload.clone())
                .into_iter()
                .collect(),
            Self::AlwaysTheSame => all()[..1].to_vec(),
            Self::Everybody => all(),
        };
        Finding {
            claims: !accused.is_empty(),
            accused,
            log10_p: Some(-12.0),
            seconds: 0.1,
            ..Finding::default()
        }
    }
}

impl Subject for Fake {
    fn prepare(
        &self,
        master: &Path,
        folder: &Path,
        with: &Preparation<'_>,
    ) -> anyhow::Result<Prepared> {
        let copies = ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"].map(|payload| MarkedCopy {
            distributor: "alpha".to_owned(),
            payload: payload.to_owned(),
            file: master.to_owned(),
        });
        Ok(Prepared {
            copies: copies.into_iter().take(with.marked).collect(),
            frames: 12,
            seconds_a_copy: 0.1,
            ..with.without_copies(master, folder)
        })
    }

    fn mark_again(&self, _: &Prepared, copy: &Path) -> anyhow::Result<PathBuf> {
        Ok(copy.to_owned())
    }

    fn mark_lossless(&self, prepared: &Prepared) -> anyhow::Result<PathBuf> {
        Ok(prepared.master.clone())
    }

    fn read(
        &self,
        prepared: &Prepared,
        _: &Path,
        truth: Option<&MarkedCopy>,
    ) -> anyhow::Result<Finding> {
        Ok(self.answer(prepared, truth))
    }

    fn trace(
        &self,
        prepared: &Prepared,
        _: &Path,
        truth: Option<&MarkedCopy>,
    ) -> anyhow::Result<Finding> {
        Ok(self.answer(prepared, truth))
    }

    fn identify(&self, _: &Prepared, _: &Path) -> anyhow::Result<Finding> {
        Ok(Finding::default())
    }

    fn wrong_keys(&self, _: &Prepared, _: &Path, _: u64, _: u64) -> anyhow::Result<Tail> {
        Ok(Tail::default())
    }
}

#[test]
#[ignore = "slow: marks and examines for two systems"]
fn naming_the_same_delivery_or_everybody_fails_a_suite_of_one_row() -> Checked {
    let suite = "[[row]]\nattack = \"h264-crf30\"\npath = \"read\"\nmin_rate = 0.5\n";
    for (fake, holds) in [
        (Fake::Honest, true),
        (Fake::AlwaysTheSame, false),
        (Fake::Everybody, false),
    ] {
        let room = Room::new(suite)?;
        let outcome = room.run(&fake, &[])?;
        assert_eq!(
            matches!(outcome, Outcome::Done(_)),
            holds,
            "{}",
            outcome.text()
        );
        let attacks: Vec<String> = room
            .results()?
            .iter()
            .map(|line| line["attack"].clone())
            .collect();
        let want = [
            "h264-crf30",
            "unmarked+cut-2s+h264-crf26",
            "stranger+cut-2s+h264-crf26",
            "wrong-keys+cut-2s+h264-crf26",
        ];
        assert_eq!(attacks, want);
    }
    Ok(())
}

#[test]
fn what_a_suite_leaves_out_is_told_as_not_checked() -> Checked {
    let room = Room::new(
        "[negatives]\nunmarked = \"none\"\nstranger = false\nwrong_keys = false\n\
         [[row]]\nattack = \"h264-crf30\"\npath = \"read\"\nmin_rate = 0.5\n",
    )?;
    room.run(&Fake::Honest, &[])?;
    assert_eq!(room.results()?.len(), 1);
    let junit = fs::read_to_string(room.path("out/junit.xml"))?;
    for what in ["unmarked clips", "a stranger&#39;s clip", "wrong keys"] {
        let plain = what.replace("&#39;", "'");
        assert!(
            junit.contains(what)
                || junit.contains(&plain)
                || junit.contains(&plain.replace('\'', "&apos;")),
            "{what}:\n{junit}"
        );
    }
    assert!(junit.contains("left out by the suite"), "{junit}");
    Ok(())
}

/// A system whose mark is a note in its state, and which misbehaves by the number of the row.
const DRIVER: &str = r#"
case "$1" in
embed) cp "$2" "$3"; echo "$4" >> "$5/notes" ;;
detect)
  case "$2" in
  *row-0.mkv) printf '{"payload": "%s", "score": 2}\n' "$(head -n 1 "$3/notes")"; printf '{"payload": "%s", "score": 2}\n' "$(tail -n 1 "$3/notes")" ;;
  *row-1.mkv) sleep 60 ;;
  *row-2.mkv) echo boom >&2; exit 7 ;;
  *row-3.mkv) echo 'no json' ;;
  *row-4.mkv) yes ;;
  *row-5.mkv) touch here ;;
  *row-6.mkv) printf '{"score": 0.25}\n' ;;
  esac ;;
esac
"#;

#[test]
fn floors_are_asked_of_the_suites_own_system_and_not_of_one_named_beside_it() -> Checked {
    let system = "[system]\nname = \"Silent\"\nversion = \"1\"\nbits = 32\n\
         embed = [\"cp\", \"{in}\", \"{out}\"]\ndetect = [\"true\", \"{in}\"]\n";
    let system = system.replace("{out}\"]", "{out}\", \"-u\", \"--suffix={payload}\"]");
    let row = "[[row]]\nattack = \"h264-crf30\"\npath = \"read\"\nmin_rate = 0.5\n";
    let bare = "[negatives]\nunmarked = \"none\"\nstranger = false\nwrong_keys = false\n";
    let own = Room::new(&format!("{bare}{system}{row}"))?;
    let outcome = own.run(&Fake::Honest, &[])?;
    assert!(
        outcome
            .text()
            .contains("read h264-crf30: 0/1 exact, 0 wrong, floor 50 %"),
        "{}",
        outcome.text()
    );
    let beside = Room::new(&format!("{bare}{row}"))?;
    fs::write(beside.path("silent.toml"), &system)?;
    let file = beside.path("silent.toml").to_string_lossy().into_owned();
    let outcome = beside.run(&Fake::Honest, &["--system", &file])?;
    assert!(outcome.text().contains("no floor"), "{}", outcome.text());
    Ok(())
}

#[test]
fn calls_that_fail_are_one_line_each_and_the_rest_is_measured() -> Checked {
    let crfs = [20, 21, 22, 23, 24, 25, 26, 27];
    let row = |crf: &u32| format!("[[row]]\nattack = \"h264-crf{crf}\"\npath = \"trace\"\n");
    let rows = crfs.each_ref().map(row).concat();
    let room = Room::new(&format!(
        "[negatives]\nunmarked = \"none\"\nstranger = false\nwrong_keys = false\n{rows}"
    ))?;
    fs::write(room.path("driver.sh"), DRIVER)?;
    let system = room.path("noted.toml");
    fs::write(
        &system,
        "[system]\nname = \"Noted\"\nversion = \"1\"\nbits = 32\nclaim_score = 1.0\nseconds = 1.5\n\
         embed = [\"sh\", \"{folder}/driver.sh\", \"embed\", \"{in}\", \"{out}\", \"{payload}\", \"{state}\"]\n\
         detect = [\"sh\", \"{folder}/driver.sh\", \"detect\", \"{in}\", \"{state}\"]\n",
    )?;
    room.run(&Fake::Honest, &["--system", &system.to_string_lossy()])?;
    let results = room.results()?;
    let told: Vec<(&str, &str, &str)> = results
        .iter()
        .map(|line| {
            (
                line["path"].as_str(),
                line["answer"].as_str(),
                line["failure"].as_str(),
            )
        })
        .collect();
    let want = [
        // Both copies are named: one of them is a sibling's.
        ("read", "wrong", ""),
        ("read", "none", "sh was stopped after 1.5 s, its limit"),
        ("read", "none", "sh failed (exit status: 7): boom"),
        (
            "read",
            "none",
            "line 1 of the answer is no answer in JSON: no json",
        ),
        (
            "read",
            "none",
            "sh was stopped: it printed more than 1048576 bytes",
        ),
        ("read", "none", "sh wrote another file: here"),
        ("read", "none", ""),
        ("read", "none", ""),
    ];
    assert_eq!(told, want);
    assert!(results.iter().all(|line| line["system"] == "Noted"));
    assert_eq!(
        (results[6]["score"].as_str(), results[6]["claims"].as_str()),
        ("0.25", "false")
    );
    assert_eq!(results[7]["bit_accuracy"], "0.5");
    let systems = fs::read_to_string(room.path("out/systems.csv"))?;
    assert!(systems.contains("Noted,1,"), "{systems}");
    // The run itself says so, and is not green.
    let markdown = fs::read_to_string(room.path("out/report.md"))?;
    let junit = fs::read_to_string(room.path("out/junit.xml"))?;
    for page in [&markdown, &junit] {
        assert!(
            page.contains("the system failed on tiny (sh failed (exit status: 7): boom)"),
            "{page}"
        );
    }
    assert!(junit.contains("errors=\"5\""), "{junit}");
    // The table of systems counts what failed.
    let out = room.path("board").to_string_lossy().into_owned();
    let run_folder = room.path("out").to_string_lossy().into_owned();
    let words = ["countermark-bench", "systems", &run_folder, "--out", &out];
    let outcome = run(&CommandLine::try_parse_from(words)?, &Fake::Honest)?;
    assert!(
        outcome.text().contains("5 failed, 0 not run"),
        "{}",
        outcome.text()
    );
    Ok(())
}
