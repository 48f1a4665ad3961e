//! The sound of a file as the index takes it.

use std::path::Path;

use countermark_fingerprint::index::SOUND_STEP;
use countermark_fingerprint::{SOUND_RATE, SoundFinder, SoundPeaks};
use countermark_media::{CancelToken, MediaError, SoundOptions, SoundReader};

/// The peaks of a file's sound; none when it has no sound, or nothing but silence.
///
/// # Errors
/// When the file cannot be opened or its sound not be decoded, or `cancel` is set.
pub fn sound_peaks(file: &Path, cancel: &CancelToken) -> Result<Option<SoundPeaks>, MediaError> {
    let Some(mut reader) = SoundReader::open(file, SoundOptions::new(SOUND_RATE))? else {
        return Ok(None);
    };
    cancel.check(file)?;
    let mut finder = SoundFinder::new();
    while let Some(block) = reader.next_block()? {
        cancel.check(file)?;
        finder.push(block.media_time(), block.samples());
    }
    let peaks = finder.finish();
    Ok((!peaks.is_empty()).then_some(peaks))
}

/// Words of a master's sound with their places in the index.
#[must_use]
pub fn sound_prints(peaks: &SoundPeaks) -> Vec<(u32, u32)> {
    peaks
        .reference_words()
        .iter()
        .filter(|word| word.time >= 0.0)
        .map(|word| (word.word, (word.time / SOUND_STEP + 0.5) as u32))
        .collect()
}
