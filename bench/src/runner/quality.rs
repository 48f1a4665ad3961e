//! What the mark costs one clip: the lossless copy against its master.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use countermark_media::VideoCodec;

use super::settings::RunSettings;
use crate::clips::Clip;
use crate::quality::{
    BD_CRFS, CompareError, RatePoint, Told, bd_rate, measure, measure_luma, worst_frame_pictures,
};
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
    let encoded = |input: &Path, name: &str| encoded(clip, prepared, (input, name), COMPARISON_CRF);
    let size = |file: &Path| -> Result<u64> { Ok(fs::metadata(file)?.len()) };
    let (with, without) = (
        size(&encoded(&marked, "size-marked.mkv")?)?,
        size(&encoded(&prepared.master, "size-master.mkv")?)?,
    );
    let bd_rate = if settings.suite.measures.bd_rate {
        cost_at_equal_quality(clip, prepared, &marked)?
    } else {
        None
    };
    let metrics = told_by_programs(settings, prepared, &marked)?;
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
        flat_contrast_percent: luma.light.flat_contrast_percent,
        black_lift_codes: luma.light.black_lift_codes,
        strays: luma.light.strays,
        vmaf_mean: vmaf.map(|v| v.mean),
        vmaf_p1: vmaf.map(|v| v.p1),
        xpsnr_y_db: vmaf.and_then(|v| v.xpsnr_y_db),
        bitrate_change: (without > 0).then(|| with as f64 / without as f64 - 1.0),
        bd_rate,
        metrics,
    })
}

/// A file, encoded by x264 at a CRF.
fn encoded(
    clip: &Clip,
    prepared: &Prepared,
    (input, name): (&Path, &str),
    crf: u32,
) -> Result<PathBuf> {
    let encode = Attack::from(Step::Encode {
        codec: VideoCodec::H264,
        short_side: None,
        rate: Rate::Crf(crf),
        preset: None,
    });
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
    Ok(output)
}

/// How much more the marked film costs at equal quality; none where the depth of its encodes differs from the master's.
fn cost_at_equal_quality(clip: &Clip, prepared: &Prepared, marked: &Path) -> Result<Option<f64>> {
    // Encodes have 8 bits: the master is compared as they can show it.
    let anchor = encoded(clip, prepared, (&prepared.master, "bd-anchor.mkv"), 0)?;
    let curve = |input: &Path, name: &str| -> Result<Option<Vec<RatePoint>>> {
        let mut points = Vec::with_capacity(BD_CRFS.len());
        for crf in BD_CRFS {
            let file = encoded(clip, prepared, (input, name), crf)?;
            let luma = match measure_luma(&anchor, &file) {
                Ok(luma) => luma,
                Err(CompareError::Frames { .. } | CompareError::Pair { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            points.push(RatePoint {
                rate: fs::metadata(&file)?.len() as f64,
                quality_db: luma.psnr.clip_db,
            });
        }
        Ok(Some(points))
    };
    let (master, marked) = (
        curve(&prepared.master, "bd-master.mkv")?,
        curve(marked, "bd-marked.mkv")?,
    );
    Ok(master
        .zip(marked)
        .and_then(|(master, marked)| bd_rate(&master, &marked)))
}

/// What the suite's programs say of the marked film.
fn told_by_programs(
    settings: &RunSettings<'_>,
    prepared: &Prepared,
    marked: &Path,
) -> Result<BTreeMap<String, Told>> {
    let mut all = BTreeMap::new();
    for (index, metric) in settings.suite.metrics.iter().enumerate() {
        let folder = prepared.folder.join(format!("metric-{index}"));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        all.insert(
            metric.name.clone(),
            metric.measure(&prepared.master, marked, &folder),
        );
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    Ok(all)
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
