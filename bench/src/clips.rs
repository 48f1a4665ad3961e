//! The clips of a folder that a suite takes, and what of them is marked.
//!
//! # Shapes and units
//! Seconds of media time, pictures a second.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use countermark_media::{
    EncodeSettings, ReadOptions, Recode, VideoCodec, VideoReader, clear_fresh_memory, probe, recode,
};

use crate::gap::Gap;
use crate::suite::ClipRule;

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
    /// Columns times rows.
    pub pixels: u64,
}

/// What a suite finds in a folder.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The clips that it takes, by name.
    pub clips: Vec<Clip>,
    /// Those that it does not take, and files that are no video.
    pub gaps: Vec<Gap>,
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

    /// Decodes what is marked of the clip, to the end: damage is told before the first trial, not hours later.
    ///
    /// # Errors
    /// What is missing or damaged.
    pub fn check(&self, first_seconds: Option<f64>) -> Result<()> {
        let options = ReadOptions {
            duration_seconds: first_seconds.filter(|&first| first < self.seconds),
            ..ReadOptions::default()
        };
        let mut reader = VideoReader::open(&self.file, options)?;
        while reader.next_frame()?.is_some() {}
        let integrity = reader.integrity();
        if !integrity.is_complete() {
            bail!("damaged: {integrity}");
        }
        Ok(())
    }

    /// Seconds that are marked.
    #[must_use]
    pub fn seconds_marked(&self, first_seconds: Option<f64>) -> f64 {
        first_seconds.map_or(self.seconds, |first| first.min(self.seconds))
    }
}

/// The clips of `folder` that the rule takes, by name, and what is left out of it.
///
/// # Errors
/// When the folder cannot be listed, or two clips have one name.
pub fn find_clips(folder: &Path, rule: &ClipRule) -> Result<Found> {
    const VIDEO: [&str; 9] = [
        "mp4", "mkv", "mov", "webm", "m4v", "avi", "ts", "mpg", "mxf",
    ];
    let mut found = Found::default();
    let mut stems: Vec<String> = Vec::new();
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
        if stems.contains(&stem) {
            bail!(
                "two clips of {} have the name {stem}: results are by name",
                folder.display()
            );
        }
        stems.push(stem.clone());
        // Not looked at: what a suite does not name is none of its business, broken or not.
        match look_at(rule, file, &stem) {
            Ok(clip) => found.clips.push(clip),
            Err(gap) => found.gaps.push(gap),
        }
    }
    let (taken, beyond) = spread(found.clips, rule.max_clips);
    found.gaps.extend(beyond.iter().map(|clip| {
        let most = rule.max_clips.unwrap_or_default();
        Gap::by_rule(&clip.stem, format!("the suite takes {most} clips"))
    }));
    found.clips = taken;
    found.gaps.sort();
    Ok(found)
}

fn look_at(rule: &ClipRule, file: PathBuf, stem: &str) -> Result<Clip, Gap> {
    if !rule.names(stem) {
        return Err(Gap::by_rule(stem, "the suite does not name it"));
    }
    let info = probe(&file).map_err(|error| {
        let reason = format!("{:#}", anyhow::Error::from(error));
        Gap::by_error(stem, None, without_folder(&reason, &file))
    })?;
    let video = &info.video;
    let seconds = video
        .length_seconds(None)
        .or(info.duration_seconds)
        .unwrap_or(0.0);
    if let Some(why) = rule.refusal(stem, video.width.min(video.height), seconds) {
        return Err(Gap::by_rule(stem, why));
    }
    let frame_rate = if video.frame_rate.is_known() {
        video.frame_rate.as_f64()
    } else {
        25.0
    };
    Ok(Clip {
        stem: stem.to_owned(),
        seconds,
        frame_rate,
        pixels: u64::from(video.width) * u64::from(video.height),
        file,
    })
}

/// A message without the folder of a file: results are the same bytes wherever the clips lie.
fn without_folder(message: &str, file: &Path) -> String {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            message.replace(&format!("{}/", folder.display()), "")
        }
        _ => message.to_owned(),
    }
}

/// At most so many of the clips, evenly over their names; and the others.
fn spread(clips: Vec<Clip>, most: Option<usize>) -> (Vec<Clip>, Vec<Clip>) {
    let count = clips.len();
    let Some(most) = most.filter(|&most| most < count) else {
        return (clips, Vec::new());
    };
    let chosen: Vec<usize> = (0..most).map(|i| i * count / most).collect();
    let (mut taken, mut beyond) = (Vec::new(), Vec::new());
    for (index, clip) in clips.into_iter().enumerate() {
        if chosen.contains(&index) {
            taken.push(clip);
        } else {
            beyond.push(clip);
        }
    }
    (taken, beyond)
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
            pixels: 640 * 360,
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
            pixels: 1,
        };
        let all: Vec<Clip> = ["a", "b", "c", "d", "e"].map(clip).to_vec();
        let stems = |most| -> String {
            let (kept, others) = spread(all.clone(), most);
            assert_eq!(kept.len() + others.len(), all.len());
            kept.iter().map(|c| c.stem.as_str()).collect()
        };
        assert_eq!(stems(None), "abcde");
        assert_eq!(stems(Some(9)), "abcde");
        assert_eq!(stems(Some(2)), "ac");
        assert_eq!(stems(Some(3)), "abd");
    }
}
