//! What cannot be measured is told, and the rest is measured.

use super::*;

#[test]
fn a_trial_that_fails_is_told_and_tried_again() -> Outcome {
    let bench = Bench::new()?;
    let failing = Scripted {
        fails_at: 2,
        ..Scripted::default()
    };
    let store = bench.run(&failing)?;
    assert_eq!(store.trials().len(), 2, "the others are measured");
    let gaps: Vec<String> = store.gaps().iter().map(Gap::line).collect();
    assert!(
        gaps[0].starts_with("broken could not be measured: not a readable media file"),
        "{gaps:?}"
    );
    assert!(
        gaps[1].starts_with("trace cut-1s+h264-crf35 of tiny could not be measured: ")
            && gaps[1].ends_with("told to fail at work/tiny/row-1.mkv"),
        "{gaps:?}"
    );
    drop(store);
    let subject = Scripted::default();
    let store = bench.run(&subject)?;
    assert_eq!((store.trials().len(), store.new_trials()), (3, 1));
    assert_eq!(
        subject.asked.load(Ordering::Relaxed),
        1,
        "the others are on record"
    );
    drop(store);
    let again = Scripted::default();
    assert_eq!(bench.run(&again)?.new_trials(), 0);
    assert_eq!(
        again.prepared.load(Ordering::Relaxed),
        0,
        "nothing is left to do"
    );
    Ok(())
}

#[test]
fn a_broken_clip_is_an_error_and_the_others_are_measured() -> Outcome {
    let mut bench = Bench::new()?;
    let clips = bench.clips();
    // Cut in half: what is left can be probed.
    let whole = fs::read(clips.join("tiny.mp4"))?;
    let mut late = sample_set()[1].clone();
    (late.width, late.height, late.fps, late.seconds) = (160, 90, 10, 2.0);
    write_clip(&late, &clips.join("zz.mkv"), FileQuality::Crf(20.0))?;
    let cut = fs::read(clips.join("zz.mkv"))?;
    fs::write(clips.join("zz.mkv"), &cut[..cut.len() / 2])?;
    fs::write(clips.join("small.mp4"), &whole)?;
    bench.suite.clips.min_short_side = 90;
    bench.suite.clips.only = ["tiny", "zz", "broken"].map(str::to_owned).to_vec();
    bench.suite.clips.min_clips = Some(2);
    let subject = Scripted::default();
    let store = bench.run(&subject)?;
    let report = Report::new("tiny", &bench.suite, &store);
    assert_eq!(report.clips(), ["tiny"]);
    let errors = report.errors();
    assert!(
        errors[0].starts_with("broken could not be measured"),
        "{errors:?}"
    );
    assert!(
        errors[1].starts_with("zz could not be measured: damaged: truncated"),
        "{errors:?}"
    );
    assert!(report.shortfalls()[0].starts_with("clips: 1 measured, at least 2 are asked for"));
    assert_eq!(report.headline().standing(), Standing::Short);
    let out = bench.folder.path();
    for (name, content) in report.files(&[], None)? {
        let tells = ["results.json", "junit.xml", "report.html", "report.md"].contains(&name);
        assert!(
            !tells || content.contains("zz could not be measured"),
            "{name}"
        );
        assert!(
            !tells || content.contains("the suite does not name it"),
            "{name}"
        );
        assert!(
            !content.contains(&out.display().to_string()),
            "{name} has no folder of this machine"
        );
    }
    Ok(())
}

#[test]
fn a_clip_that_vanishes_or_changes_during_a_run_is_an_error_of_that_clip() -> Outcome {
    for vanishes in [true, false] {
        let mut bench = Bench::new()?;
        let clips = bench.clips();
        fs::remove_file(clips.join("broken.mp4"))?;
        fs::copy(clips.join("tiny.mp4"), clips.join("other.mp4"))?;
        fs::copy(clips.join("tiny.mp4"), clips.join("zz.mp4"))?;
        bench.suite.quality = None;
        let subject = Scripted {
            spoils: Some((clips.join("zz.mp4"), vanishes)),
            ..Scripted::default()
        };
        let store = bench.run(&subject)?;
        assert_eq!(store.trials().len(), 6);
        let gaps: Vec<String> = store.gaps().iter().map(Gap::line).collect();
        let word = if vanishes {
            "cannot read zz.mp4"
        } else {
            "has changed since the run began"
        };
        assert!(
            gaps.len() == 1 && gaps[0].starts_with("zz could") && gaps[0].contains(word),
            "{gaps:?}"
        );
    }
    Ok(())
}

#[test]
fn what_can_be_known_is_said_before_the_first_trial() -> Outcome {
    let mut bench = Bench::new()?;
    let subject = Scripted::default();
    let said = |bench: &Bench, vmaf: Option<&str>| {
        let done = bench.run_with(&subject, |settings| settings.vmaf = vmaf.map(PathBuf::from));
        done.map_or_else(|e| format!("{e:#}"), |_| String::new())
    };
    assert!(said(&bench, Some("/nonexistent/ffmpeg")).contains("cannot start /nonexistent/ffmpeg"));
    bench.suite.rows[1].only = vec!["Tiny".to_owned()];
    let message = said(&bench, None);
    assert!(
        message.contains("the row trace cut-1s+h264-crf35") && message.ends_with("only Tiny"),
        "{message}"
    );
    assert_eq!(subject.prepared.load(Ordering::Relaxed), 0);
    Ok(())
}
