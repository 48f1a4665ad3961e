use std::path::PathBuf;

use countermark_media::{EncodeSettings, Rate, Recode, VideoCodec, recode};

use super::super::external::VMAF_VARIABLE;
use super::super::psnr::Psnr;
use super::*;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The tool that the environment names, or `None` after saying that the test is skipped.
#[expect(
    clippy::print_stderr,
    reason = "a skipped test that says nothing looks like a passed one"
)]
fn tool() -> Option<PathBuf> {
    let tool = std::env::var_os(VMAF_VARIABLE).map(PathBuf::from);
    if tool.is_none() {
        eprintln!("SKIPPED: no {VMAF_VARIABLE}");
    }
    tool
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name)
}

#[test]
fn log_gives_mean_first_percentile_and_worst_frame() -> Result<(), VmafError> {
    let frames: Vec<String> = (0..101)
        .map(|i| {
            format!(
                r#"{{"frameNum":{i},"metrics":{{"integer_motion":0.1,"vmaf":{}}}}}"#,
                f64::from((i + 40) % 101) * 0.5 + 50.0
            )
        })
        .collect();
    let log = format!(
        r#"{{"version":"3.0.0","fps":9.1,"frames":[{}],"pooled_metrics":{{"vmaf":{{"mean":75.0}}}}}}"#,
        frames.join(",")
    );
    let vmaf = Vmaf::parse(&log)?;
    assert!((vmaf.mean - 75.0).abs() < 1e-9 && (vmaf.p1 - 50.5).abs() < 1e-9);
    assert!((vmaf.worst - 50.0).abs() < 1e-9);
    assert_eq!((vmaf.worst_frame, vmaf.frames), (61, 101));
    Ok(())
}

#[test]
fn other_logs_are_refused() {
    assert!(matches!(
        Vmaf::parse(r#"{"frames":[]}"#),
        Err(VmafError::Empty)
    ));
    assert!(matches!(
        Vmaf::parse("<VMAF/>"),
        Err(VmafError::Malformed(_))
    ));
    assert!(matches!(
        Vmaf::parse(r#"{"frames":[{"frameNum":0,"metrics":{"psnr_y":4}}]}"#),
        Err(VmafError::Malformed(_))
    ));
}

fn refusal(tool: &str) -> String {
    let nothing = Path::new("a");
    measure(Path::new(tool), nothing, nothing, Path::new("."), 1)
        .map_or_else(|e| e.to_string(), |_| String::new())
}

#[test]
fn missing_tool_is_named() {
    let message = refusal("/no/such/ffmpeg");
    assert!(message.contains("/no/such/ffmpeg") && message.contains(VMAF_VARIABLE));
}

#[test]
fn tool_without_libvmaf_is_named() {
    // Answers everything with success and nothing.
    let message = refusal("true");
    assert_eq!(
        message,
        format!("{VMAF_VARIABLE} must name an FFmpeg with libvmaf, got true")
    );
}

#[test]
fn copies_at_both_depths_score_below_their_masters() -> Outcome {
    let Some(tool) = tool() else {
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    // Odd widths at 10 bits are where the XPSNR filter needs help.
    for (name, codec, scale) in [
        ("street.mp4", VideoCodec::H264, (424, 240)),
        ("evening-10bit.mp4", VideoCodec::Hevc, (424, 240)),
        ("evening-10bit.mp4", VideoCodec::Hevc, (448, 252)),
    ] {
        let encode = |input: &Path, output: &Path, crf| {
            let settings = EncodeSettings {
                preset: Some("ultrafast".to_owned()),
                overwrite: true,
                ..EncodeSettings::new(codec, Rate::Crf(crf))
            };
            let order = Recode {
                scale: Some(scale),
                duration_seconds: Some(1.0),
                ..Recode::new(settings)
            };
            recode(input, output, &order, &())
        };
        let (master, copy) = (
            folder.path().join("master.mkv"),
            folder.path().join("copy.mkv"),
        );
        encode(&sample(name), &master, 4.0)?;
        encode(&master, &copy, 28.0)?;
        let vmaf = measure(&tool, &copy, &master, folder.path(), 2)?;
        assert!(
            vmaf.worst <= vmaf.p1 && vmaf.p1 <= vmaf.mean && vmaf.mean < 99.0,
            "{vmaf:?}"
        );
        assert!(vmaf.frames >= 24 && vmaf.worst_frame < vmaf.frames as u64);
        if let Some(db) = vmaf.xpsnr_y_db {
            assert!((30.0..50.0).contains(&db), "{name} {scale:?}: {vmaf:?}");
        }
        let same = measure(&tool, &master, &master, folder.path(), 2)?;
        assert!(same.mean > vmaf.mean, "{same:?}");
        if let Some(db) = same.xpsnr_y_db {
            assert!((db - Psnr::IDENTICAL_DB).abs() < 1e-9, "{same:?}");
        }
    }
    Ok(())
}
