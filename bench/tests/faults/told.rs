//! What a run does not say, or says too late.

use std::time::{Duration, Instant};

use super::*;

#[test]
fn every_result_says_what_was_measured_with_what() -> Checked {
    let bench = Bench::new(&["a", "b"])?;
    bench.run(Knowing::Everything, "")?;
    let results = bench.json("out/results.json")?;
    let run = bench.json("out/run.json")?;
    for file in [&results, &run] {
        let measured = &file["measured"];
        assert_eq!(measured["program"].as_str().map(str::len), Some(64));
        assert_eq!(measured["suite"].as_str().map(str::len), Some(64));
        assert!(
            measured["commit"]
                .as_str()
                .is_some_and(|commit| commit.len() >= 7)
        );
        assert_eq!(measured["clips"]["b"].as_str().map(str::len), Some(64));
        for library in ["libavcodec", "x264", "x265"] {
            assert!(measured["libraries"][library].is_string(), "{library}");
        }
        assert_eq!(
            file["texts"][0][1].as_str(),
            Some(format!("{HEAD}{ROWS}").as_str())
        );
        assert_eq!(file["seed"], 5);
    }
    assert!(run["begun"].is_string() && run["machine"]["processor"].is_string());
    let commit = run["measured"]["commit"].as_str().ok_or("a commit")?;
    for name in ["report.md", "report.html", "junit.xml"] {
        assert!(
            bench.text(&format!("out/{name}"))?.contains(commit),
            "{name}"
        );
    }
    // Nothing of the machine or the day: the same results are the same bytes.
    let text = bench.text("out/results.json")?;
    bench.run(Knowing::Everything, "--out @other")?;
    assert_eq!(bench.text("other/results.json")?, text);
    Ok(())
}

#[test]
fn clips_that_are_broken_or_left_out_are_in_every_report_and_in_the_exit_code() -> Checked {
    let bench = Bench::new(&["a", "b"])?;
    fs::write(bench.at("clips/broken.mp4"), "no video")?;
    let whole = fs::read(bench.at("clips/b.mp4"))?;
    fs::write(bench.at("clips/b.mp4"), &whole[..whole.len() * 3 / 4])?;
    let text = format!("{HEAD}only = [\"a\", \"b\", \"broken\"]\n{ROWS}");
    bench.suite(&text)?;
    bench.clip("small", 1)?;
    let outcome = bench.run(Knowing::Everything, "")?;
    assert_eq!(outcome.code(), 2, "{}", outcome.text());
    for name in ["results.json", "junit.xml", "report.html", "report.md"] {
        let report = bench.text(&format!("out/{name}"))?;
        for said in [
            "broken could not be measured",
            "b could not be measured",
            "the suite does not name it",
        ] {
            assert!(report.contains(said), "{name}: {said}");
        }
    }
    let results = bench.json("out/results.json")?;
    assert_eq!(
        (&results["standing"], &results["holds"]),
        (&"broken".into(), &false.into())
    );
    assert_eq!(results["rows"][0]["exact"], 1, "the others are measured");
    assert!(bench.text("out/junit.xml")?.contains("<error "));
    bench.suite(&text.replace("only", "min_clips = 3\nonly"))?;
    let few = bench.run(Knowing::Everything, "")?;
    assert_eq!(few.code(), 1);
    assert!(
        few.text().contains("1 measured, at least 3 are asked for"),
        "{}",
        few.text()
    );
    Ok(())
}

#[test]
#[ignore = "slow: four runs of a suite"]
fn floors_without_a_measure_and_rows_without_a_floor_are_not_green() -> Checked {
    let bench = Bench::new(&["a"])?;
    let head = "version = 1\nseed = 5\n[clips]\nmin_short_side = 90\nmin_seconds = 1.0\n";
    let vmaf = "[quality]\nmin_psnr_y_db = 40.0\nmin_vmaf_mean = 90.0\n";
    for (text, unchecked) in [
        (format!("{head}{vmaf}{ROWS}"), 1),
        (
            format!("{head}{ROWS}[[row]]\nattack = \"h264-crf40\"\npath = \"read\"\n"),
            1,
        ),
        (format!("{HEAD}{ROWS}"), 3),
    ] {
        bench.suite(&text)?;
        let outcome = bench.run(Knowing::Everything, "--strict")?;
        assert_eq!(outcome.code(), 3, "{}", outcome.text());
        let headline = format!("**Floors hold, but {unchecked} not checked");
        assert!(outcome.text().contains(&headline), "{}", outcome.text());
        assert!(bench.text("out/junit.xml")?.contains("<skipped "));
        assert_eq!(bench.json("out/results.json")?["standing"], "unchecked");
        assert_eq!(bench.run(Knowing::Everything, "")?.code(), 0);
    }
    bench.suite(&format!("{HEAD}{}", ROWS.replace("1.0", "0.0")))?;
    let refused = bench
        .run(Knowing::Everything, "")
        .map_or_else(|e| e.to_string(), |_| String::new());
    assert!(
        refused.contains("min_rate") && refused.contains("everything reaches"),
        "{refused}"
    );
    Ok(())
}

#[test]
fn a_missing_measuring_tool_is_noticed_before_the_first_trial() -> Checked {
    let bench = Bench::new(&["a"])?;
    let outcome = bench.run(Knowing::Everything, "--vmaf-ffmpeg /nonexistent/ffmpeg");
    let said = outcome.map_or_else(|e| format!("{e:#}"), |_| String::new());
    assert!(said.contains("cannot start /nonexistent/ffmpeg"), "{said}");
    assert!(!bench.at("out/results.jsonl").exists());
    Ok(())
}

#[test]
fn a_failure_names_its_clips_and_the_verdict_stands_on_top() -> Checked {
    let bench = Bench::new(&["a", "b"])?;
    let outcome = bench.run(Knowing::Nothing, "")?;
    assert_eq!(outcome.code(), 1);
    let third = outcome.text().lines().nth(2);
    assert_eq!(
        third,
        Some("**2 of 5 checks fell short, 3 not checked; 0 hold.**")
    );
    let line = "read h264-crf30: 0/2 exact, 0 wrong, floor 100 %; not exact on a, b";
    for name in ["report.md", "junit.xml", "results.json"] {
        assert!(bench.text(&format!("out/{name}"))?.contains(line), "{name}");
    }
    assert!(bench.text("out/badge.json")?.contains("\"color\":\"red\""));
    Ok(())
}

#[test]
fn junit_has_time_and_place_and_no_negative_zero() -> Checked {
    let bench = Bench::new(&["a"])?;
    bench.suite(&format!(
        "{HEAD}[quality]\nmin_psnr_y_db = 40.0\n[null]\nkeys = 10\n{ROWS}"
    ))?;
    bench.run(Knowing::Everything, "")?;
    let text = bench.text("out/junit.xml")?;
    assert!(!text.contains("\"-0"), "{text}");
    let tree = roxmltree::Document::parse(&text)?;
    for suite in tree.descendants().filter(|n| n.has_tag_name("testsuite")) {
        assert!(
            suite
                .attribute("timestamp")
                .is_some_and(|time| time.contains('T'))
        );
        assert!(suite.attribute("hostname").is_some());
        assert!(
            suite
                .descendants()
                .any(|n| n.attribute("name") == Some("commit"))
        );
    }
    for case in tree.descendants().filter(|n| n.has_tag_name("testcase")) {
        let class = case.attribute("classname").unwrap_or_default();
        assert_eq!(class.matches('.').count(), 1, "{class}");
        assert!(!class.contains(' '), "{class}");
    }
    Ok(())
}

#[test]
fn a_row_that_falls_from_four_of_four_to_none_fails_against_the_older_run() -> Checked {
    let bench = Bench::new(&["a", "b", "c", "d"])?;
    bench.suite(&format!("{HEAD}{}", ROWS.replace("min_rate = 1.0\n", "")))?;
    bench.run(Knowing::Everything, "--out @old")?;
    let against = "--allow-unchecked --fail-on-regression --against @old/results.json";
    assert_eq!(bench.run(Knowing::Everything, against)?.code(), 0);
    let outcome = bench.run(Knowing::Nothing, &format!("{against} --fresh"))?;
    assert_eq!(outcome.code(), 1);
    assert!(
        outcome
            .text()
            .contains("regression: read h264-crf30: 4 to 0 of 4 exact (p 0.008)"),
        "{}",
        outcome.text()
    );
    let told = bench.run(
        Knowing::Nothing,
        "--allow-unchecked --against @old/results.json",
    )?;
    assert_eq!(told.code(), 0, "named only, unless asked for");
    // The same answers with weaker bounds: no row can say so on four clips, the group can.
    let weaker = bench.run(Knowing::Less, &format!("{against} --fresh"))?;
    assert_eq!(weaker.code(), 1);
    assert!(
        weaker
            .text()
            .contains("group A. one: 8 to 8 of 8 exact (p 1.000), log10 p rose by 18.00"),
        "{}",
        weaker.text()
    );
    Ok(())
}

#[test]
fn several_seeds_are_judged_together() -> Checked {
    let bench = Bench::new(&["a", "b"])?;
    let outcome = bench.run(Knowing::Everything, "--seeds 1..3")?;
    assert_eq!(
        (outcome.code(), new_trials(&outcome)),
        (0, Some("12 of 12"))
    );
    let pooled = bench.json("out/results.json")?;
    assert_eq!(pooled["rows"][0]["trials"], 6);
    assert_eq!(pooled["seeds"].as_array().map(Vec::len), Some(3));
    assert_eq!(pooled["trials"][0]["clip"], "a (seed 1)");
    assert_eq!(bench.json("out/seed-2/run.json")?["seed"], 2);
    // The seeds differ in where the cut begins.
    let cuts = |seed: usize| pooled["trials"][seed * 2 + 1]["cuts"][0].as_f64();
    assert_ne!(cuts(0), cuts(1));
    let again = bench.run(Knowing::Nothing, "--seeds 1..4")?;
    assert_eq!((again.code(), new_trials(&again)), (1, Some("4 of 16")));
    assert!(
        again.text().contains("not exact on a (seed 4), b (seed 4)"),
        "{}",
        again.text()
    );
    Ok(())
}

#[test]
fn four_shards_merge_to_the_bytes_of_one_run() -> Checked {
    let bench = Bench::new(&["a", "b", "c"])?;
    let text = format!("{HEAD}[quality]\nmin_psnr_y_db = 40.0\n[null]\nkeys = 10\n{ROWS}");
    bench.suite(&text)?;
    let whole = bench.run(Knowing::Everything, "--out @whole")?;
    assert_eq!(whole.code(), 0, "{}", whole.text());
    let merge = |shards: &[usize], out: &str| -> anyhow::Result<Outcome> {
        let mut words = vec!["countermark-bench".to_owned(), "merge".to_owned()];
        for shard in shards {
            words.push(
                bench
                    .at(&format!("part-{shard}"))
                    .to_string_lossy()
                    .into_owned(),
            );
        }
        words.push("--allow-unchecked".to_owned());
        words.push("--out".to_owned());
        words.push(bench.at(out).to_string_lossy().into_owned());
        run(&CommandLine::try_parse_from(words)?, &Knowing::Nothing)
    };
    for shard in 1..=4 {
        let more = format!("--out @part-{shard} --shard {shard}/4 --threads {shard}");
        let part = bench.run(Knowing::Everything, &more)?;
        assert_eq!(part.code(), 0);
        assert!(
            part.text().contains("No floor is held against a part"),
            "{}",
            part.text()
        );
    }
    let merged = merge(&[3, 1, 4, 2], "merged")?;
    assert_eq!(merged.code(), 0, "{}", merged.text());
    assert_eq!(
        bench.text("merged/results.json")?,
        bench.text("whole/results.json")?
    );
    // A part that is not there is missing, not held.
    let less = merge(&[1, 2, 4], "less")?;
    assert_eq!(less.code(), 2, "{}", less.text());
    assert!(
        less.text().contains("could not be measured"),
        "{}",
        less.text()
    );
    // A part of another run is none.
    bench.run(Knowing::Everything, "--out @part-9 --shard 3/4 --seed 8")?;
    let said = merge(&[1, 2, 9, 4], "other").map_or_else(|e| format!("{e:#}"), |_| String::new());
    assert!(said.contains("part-9") && said.contains("seed"), "{said}");
    Ok(())
}

#[test]
fn a_suite_of_a_newer_version_and_a_folder_in_use_are_one_clear_line() -> Checked {
    let bench = Bench::new(&["a"])?;
    bench.suite(&format!(
        "{}{ROWS}",
        HEAD.replace("version = 1", "version = 2")
    ))?;
    let said = |outcome: anyhow::Result<Outcome>| {
        outcome.map_or_else(|e| format!("{e:#}"), |outcome| outcome.text().to_owned())
    };
    let newer = said(bench.run(Knowing::Everything, ""));
    assert!(newer.contains("another version of this program") && newer.lines().count() == 1);
    bench.suite(&format!("{HEAD}{ROWS}"))?;
    fs::create_dir(bench.at("out"))?;
    let lock = fs::File::create(bench.at("out/run.lock"))?;
    lock.lock()?;
    let busy = said(bench.run(Knowing::Everything, ""));
    assert!(busy.starts_with("another run writes its results there") && busy.lines().count() == 1);
    drop(lock);
    assert_eq!(bench.run(Knowing::Everything, "")?.code(), 0);
    Ok(())
}

#[test]
fn a_log_has_a_first_line_within_ten_seconds_and_it_says_how_much_is_new() -> Checked {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let bench = Bench::new(&["a"])?;
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_countermark-bench"))
        .env_remove("COUNTERMARK_VMAF_FFMPEG")
        .args(["run", "--suite"])
        .arg(bench.at("own.toml"))
        .arg("--clips")
        .arg(bench.at("clips"))
        .arg("--out")
        .arg(bench.at("out"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut first = String::new();
    BufReader::new(child.stderr.take().ok_or("stderr")?).read_line(&mut first)?;
    let waited = begun.elapsed();
    child.kill()?;
    child.wait()?;
    assert!(waited < Duration::from_secs(10), "{waited:?}");
    assert!(
        first.starts_with("2 of 2 trials are new") || first.contains("looking at the clips"),
        "{first}"
    );
    Ok(())
}
