//! The binary: exit codes, messages, and attacks on a committed sample.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn bench(arguments: &[&str]) -> Result<Output, Box<dyn std::error::Error>> {
    Ok(Command::cargo_bin("countermark-bench")?
        .env_remove("COUNTERMARK_VMAF_FFMPEG")
        .args(arguments)
        .output()?)
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/street.mp4")
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn attack_writes_a_picture_and_says_where_it_was_taken() -> Outcome {
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("shot.jpg");
    let (input, output) = (sample(), target.to_string_lossy().into_owned());
    let done = bench(&[
        "attack",
        &input.to_string_lossy(),
        &output,
        "--as",
        "jpeg-q80",
    ])?;
    assert_eq!(done.status.code(), Some(0), "{}", complaint(&done));
    assert_eq!(image::open(&target)?.to_luma8().dimensions(), (640, 360));
    let said = String::from_utf8(done.stdout)?;
    assert!(
        said.contains("jpeg-q80, from ") && said.trim_end().ends_with(" s"),
        "{said}"
    );
    Ok(())
}

#[test]
fn attacks_are_listed_with_units_and_ranges_and_replace_nothing_unasked() -> Outcome {
    let listed = bench(&["attack", "--list", "--json"])?;
    let list: serde_json::Value = serde_json::from_slice(&listed.stdout)?;
    let crop = list
        .as_array()
        .and_then(|all| all.iter().find(|one| one["form"] == "crop-F[-back]"));
    let crop = crop.ok_or("no crop")?;
    assert_eq!(
        (crop["unit"].as_str(), crop["to"].as_str()),
        (Some("of each edge"), Some("crop-0.05"))
    );
    let folder = tempfile::tempdir()?;
    let (input, output) = (
        sample().to_string_lossy().into_owned(),
        folder.path().join("out.jpg"),
    );
    let target = output.to_string_lossy().into_owned();
    let plain = ["attack", &input, &target, "--as", "cut-1s+jpeg-q80"];
    assert_eq!(bench(&plain)?.status.code(), Some(0));
    let again = bench(&plain)?;
    assert!(
        again.status.code() == Some(2) && complaint(&again).contains("exists already"),
        "{}",
        complaint(&again)
    );
    let told = bench(&[&plain[..], &["--force", "--json"]].concat())?;
    let told: serde_json::Value = serde_json::from_slice(&told.stdout)?;
    assert_eq!(
        (told["seed"].as_u64(), told["cuts"].as_array().map(Vec::len)),
        (Some(1), Some(2))
    );
    let shown = told["shows"][0]["shown"].as_f64().ok_or("no moment")?;
    let cuts: Vec<f64> = told["cuts"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(serde_json::Value::as_f64)
        .collect();
    assert!((shown - cuts.iter().sum::<f64>()).abs() < 0.1, "{told}");
    let (width, height) = (told["width"].as_f64(), told["height"].as_f64());
    let corners = &told["lies"][0]["corners"];
    assert_eq!(
        (corners[2][0].as_f64(), corners[2][1].as_f64()),
        (width, height),
        "{told}"
    );
    let meant = bench(&["attack", &input, &target, "--as", "crp-0.8"])?;
    assert!(
        complaint(&meant).contains("did you mean crop-0.8?"),
        "{}",
        complaint(&meant)
    );
    Ok(())
}

#[test]
fn what_cannot_be_done_is_one_line_and_exit_2() -> Outcome {
    let folder = tempfile::tempdir()?;
    let inside = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let text = inside("text.mp4");
    std::fs::write(&text, "no video")?;
    let sample = sample().to_string_lossy().into_owned();
    let (out, shot, absent, empty) = (
        inside("out.mkv"),
        inside("out.jpg"),
        inside("absent.mp4"),
        inside("empty"),
    );
    std::fs::create_dir(&empty)?;
    for (arguments, word) in [
        (
            vec!["attack", &absent, &out, "--as", "h264-crf30"],
            "absent.mp4",
        ),
        (
            vec!["attack", &text, &out, "--as", "h264-crf30"],
            "text.mp4",
        ),
        (
            vec!["attack", &sample, &shot, "--as", "h264-crf30"],
            "video container",
        ),
        (vec!["attack", &sample, &out, "--as", "jpeg-q80"], ".jpg"),
        (
            vec!["attack", &sample, &sample, "--as", "h264-crf30"],
            "same file",
        ),
        (
            vec![
                "run",
                "--suite",
                "smoke",
                "--clips",
                &empty,
                "--out",
                &out,
                "--against",
                &text,
            ],
            "no results.json",
        ),
        (
            vec!["run", "--suite", "none", "--clips", &empty, "--out", &out],
            "pr, smoke, nightly",
        ),
        (
            vec!["run", "--suite", "smoke", "--clips", &empty, "--out", &out],
            "no clip of",
        ),
        (
            vec!["run", "--suite", "smoke", "--clips", &absent, "--out", &out],
            "absent.mp4",
        ),
    ] {
        let done = bench(&arguments)?;
        let said = complaint(&done);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.starts_with("error: ") && said.contains(word),
            "{word}: {said}"
        );
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        assert!(
            !Path::new(&out).is_file() && !Path::new(&shot).exists(),
            "{arguments:?}"
        );
    }
    let done = bench(&["attack", &sample, &out, "--as", "smear-3"])?;
    assert_eq!(done.status.code(), Some(2));
    assert!(complaint(&done).contains("unknown attack"));
    Ok(())
}
