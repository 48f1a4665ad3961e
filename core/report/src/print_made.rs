//! What `print` says of a print it made: as JSON and in words.
//!
//! # Shapes and units
//! `clip_seconds` is the clip's length, `seconds` the time the work took; sizes in bytes.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use countermark_trace::ClipPrint;
use countermark_trace::result::rounded;
use serde::Serialize;

use crate::visible::Visible;

/// A print that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrintMade {
    file: String,
    print: String,
    bytes: usize,
    clip_seconds: f64,
    frames: usize,
    telling: u64,
    features: usize,
    moments: usize,
    peaks: usize,
    seconds: f64,
}

impl PrintMade {
    /// Of a clip, in a file of so many bytes, in so much time.
    #[must_use]
    pub fn new(clip: &Path, file: &Path, print: &ClipPrint, made: (usize, Duration)) -> Self {
        let inset = print.inset.as_ref().map(|inset| &inset.pictures);
        let pictures = || [Some(&print.pictures), inset].into_iter().flatten();
        let frames = pictures().flat_map(|own| &own.frames);
        Self {
            file: clip.display().to_string(),
            print: file.display().to_string(),
            bytes: made.0,
            clip_seconds: rounded(print.end, 3),
            frames: print.pictures.frames.len(),
            telling: print.telling,
            features: frames.map(|frame| frame.features.len()).sum(),
            moments: pictures().map(|own| own.moments.len()).sum(),
            peaks: match &print.sound {
                Some(sound) => sound.len(),
                None => 0,
            },
            seconds: rounded(made.1.as_secs_f64(), 3),
        }
    }
}

impl fmt::Display for PrintMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: printed", Visible(&self.file))?;
        writeln!(
            f,
            "  print        {}, {} bytes",
            Visible(&self.print),
            self.bytes
        )?;
        writeln!(
            f,
            "  of           {:.2} s: {} frames with {} features, {} moments, {} peaks of sound",
            self.clip_seconds, self.frames, self.features, self.moments, self.peaks
        )?;
        write!(
            f,
            "  not in it    keys, sound, pictures but a mosaic of 8 x 8: it names the title and the seconds, never a delivery"
        )
    }
}
