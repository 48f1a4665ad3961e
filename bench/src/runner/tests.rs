mod gaps;
mod sharing;

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use countermark_media::probe;

use super::trial::judge;
use super::*;
use crate::null::Tail;
use crate::report::{Report, Standing};
use crate::subject::{Finding, MarkedCopy, Preparation, Prepared, Sighting};
use crate::suite::{Catalogue, DetectorPath, Suite};
use crate::trial::Answer;
use countermark_attack::samples::file::{FileQuality, write_clip};
use countermark_attack::samples::sample_set;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A stand-in for the tools: its "mark" is a plain copy, its detector answers as it is told.
#[derive(Default)]
struct Scripted {
    prepared: AtomicU32,
    asked: AtomicU32,
    /// The trial, counted from 1, that fails.
    fails_at: u32,
    accuses: Option<&'static str>,
    /// The title that `identify` names, where that is not the right one.
    names: Option<&'static str>,
    /// How many seconds later than the truth it is.
    late: f64,
    /// A clip that it removes, or writes to, when the first is prepared.
    spoils: Option<(PathBuf, bool)>,
    identity: Option<&'static str>,
}

impl Scripted {
    fn answer(&self, clip: &Path) -> Result<Finding> {
        if self.asked.fetch_add(1, Ordering::Relaxed) + 1 == self.fails_at {
            bail!("told to fail at {}", clip.display());
        }
        probe(clip)?;
        Ok(Finding {
            accused: self.accuses.map(str::to_owned).into_iter().collect(),
            log10_p: Some(-12.0),
            seconds: 0.5,
            ..Finding::default()
        })
    }
}

impl Subject for Scripted {
    fn identity(&self) -> Option<String> {
        self.identity.map(str::to_owned)
    }

    fn prepare(&self, master: &Path, folder: &Path, with: &Preparation<'_>) -> Result<Prepared> {
        if self.prepared.fetch_add(1, Ordering::Relaxed) == 0
            && let Some((clip, vanishes)) = &self.spoils
        {
            if *vanishes {
                fs::remove_file(clip)?;
            } else {
                fs::write(clip, "another file")?;
            }
        }
        fs::write(folder.join("made.txt"), "a register")?;
        let copies = ["aa", "bb"].map(|payload| MarkedCopy {
            distributor: format!("to-{payload}"),
            payload: payload.to_owned(),
            file: folder.join(format!("{payload}.mp4")),
        });
        for copy in &copies {
            fs::copy(master, &copy.file)?;
        }
        Ok(Prepared {
            copies: copies.to_vec(),
            frames: 20,
            seconds_a_copy: 0.5,
            ..with.without_copies(master, folder)
        })
    }

    fn mark_again(&self, _: &Prepared, copy: &Path) -> Result<PathBuf> {
        Ok(copy.to_owned())
    }

    fn mark_lossless(&self, prepared: &Prepared) -> Result<PathBuf> {
        let file = prepared.folder.join("lossless.mkv");
        fs::copy(&prepared.master, &file)?;
        Ok(file)
    }

    fn read(&self, _: &Prepared, clip: &Path, _: Option<&MarkedCopy>) -> Result<Finding> {
        self.answer(clip)
    }

    fn trace(&self, _: &Prepared, clip: &Path, _: Option<&MarkedCopy>) -> Result<Finding> {
        self.answer(clip)
    }

    fn identify(&self, prepared: &Prepared, clip: &Path) -> Result<Finding> {
        let length = probe(clip)?.video.length_seconds(None).unwrap_or(0.0);
        let span = [0.0, length];
        Ok(Finding {
            titles: vec![self.names.unwrap_or(&prepared.title).to_owned()],
            sightings: vec![Sighting {
                title: prepared.title.clone(),
                query: span,
                reference: span.map(|time| time + self.late),
            }],
            ..Finding::default()
        })
    }

    fn wrong_keys(&self, _: &Prepared, clip: &Path, _: u64, _: u64) -> Result<Tail> {
        bail!("not asked for {}", clip.display());
    }
}

const SUITE: &str = "version = 1\nseed = 5\n[clips]\nmin_short_side = 90\nmin_seconds = 1.0\n\
    [quality]\nmin_psnr_y_db = 46.0\n\
    [[row]]\nattack = \"h264-crf30\"\npath = \"read\"\nmin_rate = 0.5\n\
    [[row]]\nattack = \"cut-1s+h264-crf35\"\npath = \"trace\"\nmin_rate = 0.5\n\
    [[row]]\nattack = \"h264-crf40\"\npath = \"trace\"\nmin_rate = 0.5\n";

struct Bench {
    folder: tempfile::TempDir,
    suite: Suite,
}

impl Bench {
    /// One tiny clip, a broken one and a file that is no video.
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let clips = folder.path().join("clips");
        fs::create_dir(&clips)?;
        let mut spec = sample_set()[0].clone();
        (spec.width, spec.height, spec.fps, spec.seconds) = (160, 90, 10, 2.0);
        write_clip(&spec, &clips.join("tiny.mp4"), FileQuality::Crf(20.0))?;
        fs::write(clips.join("broken.mp4"), "no video")?;
        fs::write(clips.join("notes.txt"), "not looked at")?;
        let file = folder.path().join("suite.toml");
        fs::write(&file, SUITE)?;
        let suite = Suite::load(&file.to_string_lossy())?;
        Ok(Self { folder, suite })
    }

    fn run(&self, subject: &Scripted) -> Result<Store> {
        self.run_with(subject, |_| ())
    }

    fn run_with(
        &self,
        subject: &Scripted,
        change: impl FnOnce(&mut RunSettings<'_>),
    ) -> Result<Store> {
        let (clips, out) = (
            self.folder.path().join("clips"),
            self.folder.path().join("out"),
        );
        let mut settings = RunSettings {
            name: "tiny",
            suite: &self.suite,
            clips: &clips,
            out: &out,
            threads: NonZeroUsize::MIN,
            vmaf: None,
            keep: false,
            fresh: false,
            shard: None,
            cache: None,
            command: String::new(),
        };
        change(&mut settings);
        run_suite(&settings, subject, &())
    }

    fn clips(&self) -> PathBuf {
        self.folder.path().join("clips")
    }
}

#[test]
fn answers_are_judged_against_the_copy_that_was_attacked() -> Outcome {
    let bench = Bench::new()?;
    let subject = Scripted {
        accuses: Some("AA"),
        ..Scripted::default()
    };
    let store = bench.run(&subject)?;
    let answers: Vec<_> = store
        .trials()
        .iter()
        .map(|t| (t.expected[0].as_str(), t.answer))
        .collect();
    // Copies take turns: the detector that always says "aa" is wrong about the second one.
    assert_eq!(
        answers,
        [
            ("aa", Answer::Exact),
            ("bb", Answer::Wrong),
            ("aa", Answer::Exact)
        ]
    );
    assert_eq!(store.trials()[1].cuts.len(), 1);
    assert!((store.trials()[1].clip_seconds - 1.0).abs() < 1e-9);
    let [quality] = store.qualities() else {
        return Err("one clip's quality".into());
    };
    assert_eq!(quality.frames, 20);
    // Two encodes of one input are not always the same bits: x264 now and then takes another decision of equal quality.
    assert!(
        quality
            .bitrate_change
            .is_some_and(|change| change.abs() < 0.02)
    );
    assert!((quality.psnr_y_db - 100.0).abs() < 1e-9 && quality.vmaf_mean.is_none());
    let report = Report::new("tiny", &bench.suite, &store);
    assert_eq!(
        report.shortfalls(),
        ["trace cut-1s+h264-crf35: 0/1 exact, 1 wrong, floor 50 %; wrong on tiny"]
    );
    assert!(
        !bench
            .folder
            .path()
            .join("out")
            .join("work")
            .join("tiny")
            .exists()
    );
    Ok(())
}

#[test]
fn register_does_not_depend_on_what_is_left_to_do() -> Outcome {
    let mut bench = Bench::new()?;
    bench.suite.rows[2].attack = "average-of-5+h264-crf40".parse()?;
    bench.suite.deliveries.registered = 2;
    let clips = bench.folder.path().join("clips");
    let settings = RunSettings {
        name: "tiny",
        suite: &bench.suite,
        clips: &clips,
        out: &clips,
        threads: NonZeroUsize::MIN,
        vmaf: None,
        keep: false,
        fresh: false,
        shard: None,
        cache: None,
        command: String::new(),
    };
    let clip = &find_clips(&clips, &bench.suite.clips)?.clips[0];
    let with = |rows: &[usize]| {
        let rows = rows.iter().map(|&index| (index, &bench.suite.rows[index]));
        let work = Work {
            clip,
            rows: rows.collect(),
            quality: false,
            tails: Vec::new(),
            others: [clip; 3],
        };
        let made = work.preparation(&settings, &clips, "title");
        (made.seed, made.marked, made.registered)
    };
    let (all, left) = (with(&[0, 1, 2]), with(&[1]));
    assert_eq!((all.1, left.1), (5, 2));
    assert_eq!((all.2, left.2), (5, 5));
    assert_eq!(all.0, left.0);
    Ok(())
}

#[test]
fn folder_without_fitting_clips_is_an_error() -> Outcome {
    let mut bench = Bench::new()?;
    bench.suite.clips.min_short_side = 4000;
    let message = bench
        .run(&Scripted::default())
        .map_or_else(|e| e.to_string(), |_| String::new());
    assert!(message.contains("no clip of"), "{message}");
    Ok(())
}

#[test]
fn clips_left_out_of_the_register_must_stay_unknown() -> Outcome {
    let mut bench = Bench::new()?;
    let clips = bench.folder.path().join("clips");
    fs::copy(clips.join("tiny.mp4"), clips.join("other.mp4"))?;
    bench.suite.catalogue = Some(Catalogue {
        unknown: vec!["other".to_owned()],
        ..Catalogue::default()
    });
    bench.suite.quality = None;
    bench.suite.rows[2].path = DetectorPath::Identify;
    let subject = Scripted::default();
    let store = bench.run(&subject)?;
    assert!(store.gaps().iter().all(|gap| gap.clip == "broken"));
    let told: Vec<_> = store
        .trials()
        .iter()
        .map(|t| (t.clip.as_str(), t.path, t.answer))
        .collect();
    // By name; keys alone are not asked about what was never marked, nor is it.
    assert_eq!(
        told,
        [
            ("other", DetectorPath::Trace, Answer::Exact),
            ("other", DetectorPath::Identify, Answer::Wrong),
            ("tiny", DetectorPath::Read, Answer::None),
            ("tiny", DetectorPath::Trace, Answer::None),
            ("tiny", DetectorPath::Identify, Answer::Exact),
        ]
    );
    assert_eq!(subject.prepared.load(Ordering::Relaxed), 1);
    let report = Report::new("tiny", &bench.suite, &store);
    assert_eq!(
        report.shortfalls().last().map(String::as_str),
        Some("unknown clips: something was found in 1 of 2")
    );
    let work = bench.folder.path().join("out").join("work");
    assert!(!work.join("catalogue").exists());
    bench.suite.catalogue = Some(Catalogue {
        unknown: vec!["other".to_owned(), "tiny".to_owned()],
        ..Catalogue::default()
    });
    let message = bench
        .run(&Scripted::default())
        .map_or_else(|e| e.to_string(), |_| String::new());
    assert!(message.contains("leaves every clip"), "{message}");
    Ok(())
}

#[test]
fn another_title_is_wrong_and_another_time_is_part_of_the_answer() -> Outcome {
    for (names, late, answer) in [
        (None, 0.05, Answer::Exact),
        (None, 0.3, Answer::Part),
        (Some("else"), 0.0, Answer::Wrong),
    ] {
        let mut bench = Bench::new()?;
        bench.suite.rows.truncate(1);
        bench.suite.rows[0].path = DetectorPath::Identify;
        let subject = Scripted {
            names,
            late,
            ..Scripted::default()
        };
        let store = bench.run(&subject)?;
        assert_eq!(store.trials()[0].answer, answer, "{names:?} {late}");
        let placing = store.trials()[0].placing.ok_or("a place")?;
        let error = placing.time_error.ok_or("a time")?;
        assert!((error - late).abs() < 0.06, "{error}");
    }
    Ok(())
}

#[test]
fn innocent_beside_the_guilty_is_wrong() {
    let all =
        |payloads: &[&str]| -> Vec<String> { payloads.iter().map(|&p| p.to_owned()).collect() };
    for (accused, expected, answer) in [
        (&[][..], &["ab"][..], Answer::None),
        (&["AB"], &["ab"], Answer::Exact),
        (&["ab", "cd"], &["ab"], Answer::Wrong),
        (&["ab"], &["ab", "cd"], Answer::Part),
        (&["cd", "ab"], &["ab", "cd"], Answer::Exact),
        (&[], &[], Answer::Exact),
        (&["ab"], &[], Answer::Wrong),
    ] {
        assert_eq!(
            judge(&all(accused), &all(expected)),
            answer,
            "{accused:?} {expected:?}"
        );
    }
}
