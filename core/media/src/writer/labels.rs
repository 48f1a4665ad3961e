//! What a written file says about itself.

use crate::Rational;
use crate::ffi::{FfmpegError, Output};

/// Tags, chapters and how players show the pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct FileLabels {
    /// Clockwise rotation by the player; .mp4 and .mov only.
    pub rotation_degrees: i32,
    /// Width of a sample over its height.
    pub sample_aspect: Rational,
    /// Time of the first picture and of the first sound.
    pub start_seconds: f64,
    /// Tags of the file, such as `title`.
    pub metadata: Vec<(String, String)>,
    /// Chapters in their order.
    pub chapters: Vec<Chapter>,
}

/// A named part of the film.
#[derive(Debug, Clone, PartialEq)]
pub struct Chapter {
    /// Start in seconds.
    pub start_seconds: f64,
    /// End in seconds.
    pub end_seconds: f64,
    /// Its name.
    pub title: String,
}

impl Default for FileLabels {
    fn default() -> Self {
        Self {
            rotation_degrees: 0,
            sample_aspect: Rational::UNKNOWN,
            start_seconds: 0.0,
            metadata: Vec::new(),
            chapters: Vec::new(),
        }
    }
}

impl FileLabels {
    pub(super) fn apply(&self, output: &mut Output, video: usize) -> Result<(), FfmpegError> {
        if self.rotation_degrees != 0 {
            output.set_rotation(video, self.rotation_degrees)?;
        }
        output.set_metadata(self.metadata.iter().cloned());
        for (number, chapter) in (1..).zip(&self.chapters) {
            let milliseconds = |seconds: f64| (seconds * 1000.0).round() as i64;
            output.add_chapter(
                number,
                Rational::new(1, 1000),
                (
                    milliseconds(chapter.start_seconds),
                    milliseconds(chapter.end_seconds),
                ),
                vec![("title".to_owned(), chapter.title.clone())],
            )?;
        }
        Ok(())
    }
}
