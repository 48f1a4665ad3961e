//! What the mark costs one clip: the lossless copy against its master.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use countermark_media::VideoCodec;

use super::settings::RunSettings;
use crate::clips::Clip;
use crate::quality::{measure, measure_luma, worst_frame_pictures};
use crate::store::Quality;
use crate::subject::{Prepared, Subject};
use countermark_attack::{Attack, Materials, Place, Rate, Step, apply};

/// The quality at which the bitrate of marked and unmarked video is compared.
const COMPARISON_CRF: u32 = 23;

pub(super) fn measure_quality(
    settings: &RunSettings<'_>,
    subject: &dyn Subject,
    clip: &Clip,
    prepared: &Prepared,
) -> Result<Quality> {
    let marked = subject.mark_lossless(prepared)?;
    let luma = measure_luma(&prepared.master, &marked)?;
    let threads = settings.threads.get();
    let vmaf = settings
        .vmaf
        .as_deref()
        .map(|tool| measure(tool, &marked, &prepared.master, &prepared.folder, threads))
        .transpose()?;
    keep_pictures(
        settings,
        clip,
        prepared,
        &marked,
        luma.psnr.worst_frame.index,
    )?;
    let encode = Attack::from(Step::Encode {
        codec: VideoCodec::H264,
        short_side: None,
        rate: Rate::Crf(COMPARISON_CRF),
        preset: None,
    });
    let size = |input: &Path, name: &str| -> Result<u64> {
        let output = prepared.folder.join(name);
        let materials = Materials {
            copies: &[input],
            ..Materials::default()
        };
        apply(
            &encode,
            &materials,
            &output,
            &Place::new(0, &clip.stem, name),
        )?;
        Ok(fs::metadata(&output)?.len())
    };
    let (with, without) = (
        size(&marked, "size-marked.mkv")?,
        size(&prepared.master, "size-master.mkv")?,
    );
    if !settings.keep {
        fs::remove_file(&marked)?;
    }
    Ok(Quality {
        clip: clip.stem.clone(),
        frames: luma.psnr.frames,
        psnr_y_db: luma.psnr.clip_db,
        worst_frame_psnr_y_db: luma.psnr.worst_db,
        worst_frame: luma.psnr.worst_frame.index,
        ssim: luma.ssim.mean,
        worst_frame_ssim: luma.ssim.worst,
        worst_block_psnr_y_db: luma.worst_block.db,
        flicker: luma.flicker.map(|flicker| flicker.rms_codes),
        vmaf_mean: vmaf.map(|v| v.mean),
        vmaf_p1: vmaf.map(|v| v.p1),
        xpsnr_y_db: vmaf.and_then(|v| v.xpsnr_y_db),
        bitrate_change: (without > 0).then(|| with as f64 / without as f64 - 1.0),
    })
}

/// The worst frame beside its original, for the report: `OUT/pictures/CLIP-{original,marked,difference}.jpg`.
fn keep_pictures(
    settings: &RunSettings<'_>,
    clip: &Clip,
    prepared: &Prepared,
    marked: &Path,
    frame: u64,
) -> Result<()> {
    let folder = settings.out.join("pictures");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let pictures = worst_frame_pictures(&prepared.master, marked, frame)?;
    for (name, bytes) in [
        ("original", pictures.original),
        ("marked", pictures.marked),
        ("difference", pictures.difference),
    ] {
        let file = folder.join(format!("{}-{name}.jpg", clip.stem));
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}
