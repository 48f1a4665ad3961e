//! The same seed gives the same results, byte for byte, on one thread or two.

use std::path::Path;

use assert_cmd::Command;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Everything that is left to chance: places, fragments, noise, choices of blocks, keys, payloads, wrong keys.
const SUITE: &str = "version = 1\nseed = 9\n[clips]\nmin_short_side = 360\nmin_seconds = 3.0\nfirst_seconds = 2.0\n\
    only = [\"street\"]\n[deliveries]\nregistered = 40\n[null]\nkeys = 500\n[quality]\nmin_psnr_y_db = 46.0\n\
    [[row]]\nattack = \"cut-1s+h264-180p-crf28\"\npath = \"read\"\n\
    [[row]]\nattack = \"noise-5+drop-20+hevc-crf26\"\npath = \"trace\"\n\
    [[row]]\nattack = \"blocks-of-3+jitter-2+h264-crf24\"\npath = \"trace\"\n\
    [[row]]\nattack = \"recap-2x0.5s+vp9-crf36\"\npath = \"trace\"\n\
    [[row]]\nattack = \"shuffle-2x0.5s+h264-crf26\"\npath = \"identify\"\n\
    [[row]]\nattack = \"remarked+h264-300k\"\npath = \"trace\"\n";

#[test]
#[ignore = "minutes: make test-all"]
fn same_seed_gives_the_same_results_on_one_thread_or_two() -> Outcome {
    let folder = tempfile::tempdir()?;
    let suite = folder.path().join("repeat.toml");
    std::fs::write(&suite, SUITE)?;
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut results = Vec::new();
    for threads in ["1", "2"] {
        let out = folder.path().join(threads);
        let done = Command::cargo_bin("countermark-bench")?
            .env_remove("COUNTERMARK_VMAF_FFMPEG")
            .args([
                "run",
                "--quiet",
                "--allow-unchecked",
                "--threads",
                threads,
                "--suite",
            ])
            .arg(&suite)
            .arg("--clips")
            .arg(&samples)
            .arg("--out")
            .arg(&out)
            .output()?;
        let complaint = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{complaint}");
        results.push(std::fs::read_to_string(out.join("results.json"))?);
    }
    assert!(results[0].contains("\"coded_bit_errors\": 0.") && results[0].contains("\"counts\""));
    assert_eq!(results[0], results[1]);
    Ok(())
}
