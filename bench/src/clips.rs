//! The clips of a folder that a suite takes, and what of them is marked.
//!
//! # Shapes and units
//! Seconds of media time, pictures a second.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use countermark_media::{EncodeSettings, Recode, VideoCodec, clear_fresh_memory, probe, recode};

use crate::observer::Observer;
use crate::suite::Suite;

/// A clip of the folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// File stem: the clip's name in results.
    pub stem: String,
    /// The file.
    pub file: PathBuf,
    /// Length.
    pub seconds: f64,
    /// Pictures a second.
    pub frame_rate: f64,
}

impl Clip {
    /// The file to mark: the clip itself, or where it is longer its start, encoded without loss into `folder`.
    ///
    /// # Errors
    /// When the start cannot be decoded or written.
    pub fn master(&self, first_seconds: Option<f64>, folder: &Path) -> Result<PathBuf> {
        let Some(first) = first_seconds.filter(|&first| first < self.seconds) else {
            return Ok(self.file.clone());
        };
        clear_fresh_memory();
        let start = folder.join("start.mkv");
        // x265 alone keeps 10 bits; its CRF 0 is nearly without loss, and what it makes is the master all the same.
        let deep = probe(&self.file)?.video.bit_depth > 8;
        let codec = if deep {
            VideoCodec::Hevc
        } else {
            VideoCodec::H264
        };
        let settings = EncodeSettings {
            preset: Some("ultrafast".to_owned()),
            threads: Some(NonZeroUsize::MIN),
            ..EncodeSettings::new(codec, countermark_media::Rate::Crf(0.0))
        };
        let order = Recode {
            duration_seconds: Some(first),
            ..Recode::new(settings)
        };
        recode(&self.file, &start, &order, &())?;
        Ok(start)
    }

    /// Seconds that are marked.
    #[must_use]
    pub fn seconds_marked(&self, first_seconds: Option<f64>) -> f64 {
        first_seconds.map_or(self.seconds, |first| first.min(self.seconds))
    }
}

/// The clips of `folder` that the suite takes, by name; files that are no video are left out and named.
///
/// # Errors
/// When the folder cannot be listed.
pub fn find_clips(folder: &Path, suite: &Suite, observer: &dyn Observer) -> Result<Vec<Clip>> {
    const VIDEO: [&str; 9] = [
        "mp4", "mkv", "mov", "webm", "m4v", "avi", "ts", "mpg", "mxf",
    ];
    let mut clips: Vec<Clip> = Vec::new();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot list the clips in {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.map(|e| e.path()))
        .collect::<std::io::Result<_>>()
        .with_context(|| format!("cannot list the clips in {}", folder.display()))?;
    files.sort();
    for file in files {
        let lower = file.extension().map(|e| e.to_string_lossy().to_lowercase());
        if !lower.is_some_and(|e| VIDEO.contains(&e.as_str())) {
            continue;
        }
        let stem = file
            .file_stem()
            .map(|s| s.to_string_lossy().into_owned())
            .unwrap_or_default();
        let info = match probe(&file) {
            Ok(info) => info,
            Err(error) => {
                observer.skipped(&stem, &error.to_string());
                continue;
            }
        };
        let video = &info.video;
        let seconds = video
            .length_seconds(None)
            .or(info.duration_seconds)
            .unwrap_or(0.0);
        if clips.iter().any(|c| c.stem == stem) {
            bail!(
                "two clips of {} have the name {stem}: results are by name",
                folder.display()
            );
        }
        if suite.takes(&stem, video.width.min(video.height), seconds) {
            clips.push(Clip {
                stem,
                file,
                seconds,
                frame_rate: if video.frame_rate.is_known() {
                    video.frame_rate.as_f64()
                } else {
                    25.0
                },
            });
        }
    }
    Ok(spread(clips, suite.clips.max_clips))
}

/// At most so many of the clips, evenly over their names.
fn spread(clips: Vec<Clip>, most: Option<usize>) -> Vec<Clip> {
    let count = clips.len();
    let Some(most) = most.filter(|&most| most < count) else {
        return clips;
    };
    let chosen: Vec<usize> = (0..most).map(|i| i * count / most).collect();
    clips
        .into_iter()
        .enumerate()
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, clip)| clip)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn only_the_start_of_a_long_clip_is_marked() -> Outcome {
        let folder = tempfile::tempdir()?;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/evening-10bit.mp4");
        let clip = Clip {
            stem: "evening-10bit".to_owned(),
            file: file.clone(),
            seconds: 4.0,
            frame_rate: 24.0,
        };
        assert_eq!(clip.master(None, folder.path())?, file);
        assert_eq!(clip.master(Some(4.0), folder.path())?, file);
        let start = probe(&clip.master(Some(2.0), folder.path())?)?.video;
        assert_eq!((start.bit_depth, start.frames.unwrap_or(48)), (10, 48));
        let seconds = start.duration_seconds.unwrap_or(2.0);
        assert!((seconds - 2.0).abs() < 0.05, "{seconds}");
        assert!((clip.seconds_marked(Some(2.0)) - 2.0).abs() < 1e-9);
        assert!((clip.seconds_marked(Some(9.0)) - 4.0).abs() < 1e-9);
        Ok(())
    }

    #[test]
    fn clips_are_spread_over_the_folder() {
        let clip = |stem: &str| Clip {
            stem: stem.to_owned(),
            file: PathBuf::new(),
            seconds: 1.0,
            frame_rate: 25.0,
        };
        let all: Vec<Clip> = ["a", "b", "c", "d", "e"].map(clip).to_vec();
        let stems = |most| -> String {
            let kept = spread(all.clone(), most);
            kept.iter().map(|c| c.stem.as_str()).collect()
        };
        assert_eq!(stems(None), "abcde");
        assert_eq!(stems(Some(9)), "abcde");
        assert_eq!(stems(Some(2)), "ac");
        assert_eq!(stems(Some(3)), "abd");
    }
}
