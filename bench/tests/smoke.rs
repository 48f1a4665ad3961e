//! Robustness of every change, through the real binary: a gate of five rows on one of the committed samples, and the suite
//! `smoke` on all of them.

use std::path::Path;

use assert_cmd::Command;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Two seconds, and a row of each way to an answer: with keys alone, with the reference, of a single picture; a collusion, wrong keys.
/// What every suite asks for by itself is left to `smoke`: `read` searches half a minute in vain in a test build.
const GATE: &str = "version = 1\nseed = 1\n[clips]\nmin_short_side = 360\nmin_seconds = 3.0\n\
    first_seconds = 2.0\nonly = [\"landscape\"]\n[deliveries]\nregistered = 50\n[quality]\nmin_psnr_y_db = 46.0\n[null]\nkeys = 200\n\
    [negatives]\nunmarked = \"none\"\nstranger = false\nwrong_keys = false\n\
    [[row]]\nattack = \"h264-crf23\"\npath = \"read\"\nmin_rate = 1.0\n\
    [[row]]\nattack = \"mirror+h264-crf28\"\npath = \"trace\"\nmin_rate = 1.0\n\
    [[row]]\nattack = \"h264-crf18+jpeg-q90\"\npath = \"trace\"\nmin_rate = 1.0\n\
    [[row]]\nattack = \"average-of-3+h264-crf28\"\npath = \"trace\"\nmin_rate = 1.0\n\
    [[row]]\nattack = \"wrong-keys+h264-crf26\"\npath = \"trace\"\nmin_rate = 1.0\n";

/// Runs a suite on the samples; its floors must hold. What it printed.
fn holds(suite: &str, out: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let done = Command::cargo_bin("countermark-bench")?
        .env_remove("COUNTERMARK_VMAF_FFMPEG")
        .args(["run", "--allow-unchecked", "--suite", suite, "--clips"])
        .arg(&samples)
        .arg("--out")
        .arg(out)
        .output()?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{text}\n{complaint}");
    let results = std::fs::read_to_string(out.join("results.json"))?;
    assert!(results.contains("\"schema\": 2") && results.contains("\"holds\": true"));
    Ok(text)
}

#[test]
fn the_gate_holds_on_a_sample() -> Outcome {
    let folder = tempfile::tempdir()?;
    let suite = folder.path().join("gate.toml");
    std::fs::write(&suite, GATE)?;
    holds(&suite.to_string_lossy(), &folder.path().join("out"))?;
    Ok(())
}

#[test]
#[ignore = "minutes: make test-all"]
fn the_suite_smoke_holds_on_the_committed_samples() -> Outcome {
    let folder = tempfile::tempdir()?;
    let text = holds("smoke", folder.path())?;
    assert!(text.contains("| trace |") && text.contains("| street |"));
    for name in [
        "timings.json",
        "results.csv",
        "junit.xml",
        "report.html",
        "report.md",
    ] {
        let file = folder.path().join(name);
        assert!(std::fs::metadata(&file)?.len() > 0, "{name} is empty");
    }
    Ok(())
}
