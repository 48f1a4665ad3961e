use std::path::PathBuf;

use countermark_media::{EncodeSettings, MediaError, Rate, Recode, VideoCodec, recode};

use super::super::frames::CompareError;
use super::super::pair::PairError;
use super::super::psnr::compare_luma;
use super::*;
use crate::null::registers::attacked;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples")
        .join(name)
}

fn coded(name: &str, folder: &Path, codec: VideoCodec, crf: f32) -> Result<PathBuf, MediaError> {
    let output = folder.join(format!("{crf}-{name}"));
    let settings = EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        overwrite: true,
        ..EncodeSettings::new(codec, Rate::Crf(crf))
    };
    recode(&sample(name), &output, &Recode::new(settings), &())?;
    Ok(output)
}

#[test]
#[ignore = "slow: encodes a whole sample"]
fn a_copy_loses_what_its_encoder_took() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, codec, frames) in [
        ("street.mp4", VideoCodec::H264, 100),
        ("evening-10bit.mp4", VideoCodec::Hevc, 96),
    ] {
        let master = sample(name);
        let mut last: Option<LumaQuality> = None;
        for crf in [20.0, 34.0] {
            let copy = coded(name, folder.path(), codec, crf)?;
            let quality = measure_luma(&master, &copy)?;
            assert_eq!(quality.psnr, compare_luma(&master, &copy)?);
            assert_eq!(quality.psnr.frames, frames);
            let LumaQuality {
                psnr,
                ssim,
                worst_block,
                flicker,
                light,
            } = quality;
            assert!(worst_block.db < psnr.worst_db && psnr.worst_db <= psnr.clip_db);
            assert!(ssim.worst <= ssim.mean && (0.5..1.0).contains(&ssim.mean));
            assert!(worst_block.x + 16 <= 640 && worst_block.y + 16 <= 360);
            for frame in [psnr.worst_frame, ssim.worst_frame, worst_block.frame] {
                let rate = if frames == 100 { 25.0 } else { 24.0 };
                let expected = frame.index as f64 / rate;
                assert!(frame.index < frames && (frame.media_time - expected).abs() < 1e-3);
            }
            // An encoder keeps to the range, and changes flat regions by little.
            assert_eq!(light.strays.map(|share| share < 0.02), Some(true));
            let contrast = light.flat_contrast_percent.unwrap_or_default();
            assert!((0.05..20.0).contains(&contrast), "{light:?}");
            let share = flicker.map_or(0.0, |f| f.share);
            assert!((0.001..1.0).contains(&share), "{flicker:?}");
            if let Some(better) = last {
                assert!(psnr.clip_db < better.psnr.clip_db - 3.0, "{psnr:?}");
                assert!(ssim.mean < better.ssim.mean, "{ssim:?}");
                assert!(worst_block.db < better.worst_block.db, "{worst_block:?}");
            }
            last = Some(quality);
        }
    }
    Ok(())
}

/// The beginning of a sample.
fn start(name: &str, seconds: &str, folder: &Path) -> anyhow::Result<PathBuf> {
    let attack = format!("cut-{seconds}s+h264-crf18");
    attacked(
        &sample(name),
        &attack,
        &folder.join(format!("{seconds}-{name}")),
    )
}

#[test]
fn a_clip_against_itself_loses_nothing() -> Outcome {
    let folder = tempfile::tempdir()?;
    let master = start("landscape.mp4", "1", folder.path())?;
    let quality = measure_luma(&master, &master)?;
    let first = FrameAt {
        index: 0,
        media_time: 0.0,
    };
    assert!((quality.psnr.clip_db - Psnr::IDENTICAL_DB).abs() < 1e-12);
    assert!((quality.ssim.worst - 1.0).abs() < f64::EPSILON);
    assert!((quality.worst_block.db - Psnr::IDENTICAL_DB).abs() < 1e-12);
    assert_eq!(
        [quality.psnr.worst_frame, quality.worst_block.frame],
        [first; 2]
    );
    let flicker = quality.flicker.ok_or("a sky is flat")?;
    assert!(flicker.rms_codes < f64::EPSILON && flicker.share > 0.01);
    assert_eq!(quality.light.strays, Some(0.0));
    assert!(
        quality
            .light
            .flat_contrast_percent
            .is_some_and(|percent| percent < 0.06)
    );
    Ok(())
}

#[test]
fn files_that_are_no_versions_of_each_other_are_named() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (landscape, portrait) = (sample("landscape.mp4"), sample("drama-portrait.mp4"));
    let error = measure_luma(&landscape, &portrait).err();
    let expected = PairError::Size {
        master: (640, 360),
        marked: (360, 640),
    };
    assert!(
        matches!(&error, Some(CompareError::Pair { frame: 0, source, .. }) if *source == expected),
        "{error:?}"
    );
    let message = error.map(|e| e.to_string()).unwrap_or_default();
    assert!(message.contains("landscape.mp4") && message.contains("drama-portrait.mp4"));
    let depth = measure_luma(&landscape, &sample("evening-10bit.mp4"));
    assert!(matches!(
        depth,
        Err(CompareError::Pair {
            source: PairError::Depth {
                master: 8,
                marked: 10
            },
            ..
        })
    ));
    let [whole, half] = ["1", "0.5"].map(|seconds| start("landscape.mp4", seconds, folder.path()));
    let length = measure_luma(&whole?, &half?);
    assert!(
        matches!(length, Err(CompareError::Frames { frame: 12, .. })),
        "{length:?}"
    );
    Ok(())
}
