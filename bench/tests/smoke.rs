//! The quick gate for every change: the suite `smoke` on the committed samples, through the real binary.

use std::path::Path;

use assert_cmd::Command;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn the_suite_smoke_holds_on_the_committed_samples() -> Outcome {
    let folder = tempfile::tempdir()?;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let done = Command::cargo_bin("countermark-bench")?
        .env_remove("COUNTERMARK_VMAF_FFMPEG")
        .args(["run", "--suite", "smoke", "--clips"])
        .arg(&samples)
        .arg("--out")
        .arg(folder.path())
        .output()?;
    let text = String::from_utf8_lossy(&done.stdout);
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{text}\n{complaint}");
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
    let results = std::fs::read_to_string(folder.path().join("results.json"))?;
    assert!(results.contains("\"schema\": 1") && results.contains("\"holds\": true"));
    Ok(())
}
