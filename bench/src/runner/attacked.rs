//! What an attack leaves of the pictures: the attacked clip against the master, bent as the attack bends it.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::settings::RunSettings;
use crate::quality::{CompareError, measure, measure_luma};
use crate::subject::Prepared;
use crate::suite::Row;
use crate::trial::AttackedQuality;
use countermark_attack::{AttackError, Place, bend};

/// None where the suite does not ask for it, where nothing of one title is left to compare, and of single pictures.
pub(super) fn attacked_quality(
    settings: &RunSettings<'_>,
    prepared: &Prepared,
    (index, row): (usize, &Row),
    attacked: &Path,
    place: &Place<'_>,
) -> Result<Option<AttackedQuality>> {
    let is_film = row.attack.extension() != "jpg";
    if !settings.suite.measures.after_attack || !is_film || !row.attack.shows_the_title() {
        return Ok(None);
    }
    let reference = prepared.folder.join(format!("bent-{index}.mkv"));
    match bend(&row.attack, &prepared.master, &reference, place) {
        Ok(_) => {}
        Err(AttackError::Missing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let luma = match measure_luma(&reference, attacked) {
        Ok(luma) => Some(luma),
        // Another number or another kind of pictures: nothing to compare.
        Err(CompareError::Frames { .. } | CompareError::Pair { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let vmaf = match (&luma, &settings.vmaf) {
        (Some(_), Some(tool)) => {
            let folder = prepared.folder.join(format!("vmaf-{index}"));
            fs::create_dir_all(&folder)?;
            Some(measure(tool, attacked, &reference, &folder, 1)?)
        }
        _ => None,
    };
    if !settings.keep {
        fs::remove_file(&reference)?;
    }
    Ok(luma.map(|luma| AttackedQuality {
        psnr_y_db: luma.psnr.clip_db,
        ssim: luma.ssim.mean,
        vmaf_mean: vmaf.map(|vmaf| vmaf.mean),
    }))
}
