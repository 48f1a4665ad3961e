//! Pictures in forms that FFmpeg does not read: HEIF as phones write it, and animated WebP.
//!
//! ```text
//! HEIF:  items -> tiles -> canvas -> turned as the file says     one picture at 0 s
//! WebP:  frames on the canvas                                    picture i at the sum of the delays before it
//! ```
//!
//! # Shapes and units
//! Times in seconds from the first picture. Pictures are upright: nothing is left for a player to turn.

mod animation;
mod described;
mod heif;
mod items;

use std::path::Path;

use crate::ffi::Frame;
use crate::head::{check_size, is_animated_webp, is_heif};
use crate::info::VideoInfo;
use crate::{ClockBreak, Integrity, MediaError, Rational};

use animation::Animation;
use described::described;

/// A file of such pictures.
pub(crate) struct Album {
    pub(crate) info: VideoInfo,
    pub(crate) integrity: Integrity,
    path: std::path::PathBuf,
    pictures: Pictures,
}

enum Pictures {
    One(Option<Frame>),
    Several(Box<Animation>),
}

impl Album {
    /// Opens the file at `path`, which begins with `head`; none for all other files.
    ///
    /// # Errors
    /// When the pictures cannot be read, or are too large.
    pub(crate) fn open(path: &Path, head: &[u8]) -> Result<Option<Self>, MediaError> {
        if is_heif(head) {
            let frame = heif::picture(path)?;
            let info = still_info(&frame);
            return Ok(Some(Self::of(path, info, Pictures::One(Some(frame)))));
        }
        if is_animated_webp(head) {
            let animation = Animation::open(path)?;
            check_size(path, animation.size())?;
            let info = animation.info();
            return Ok(Some(Self::of(
                path,
                info,
                Pictures::Several(Box::new(animation)),
            )));
        }
        Ok(None)
    }

    fn of(path: &Path, info: VideoInfo, pictures: Pictures) -> Self {
        Self {
            info,
            integrity: Integrity::default(),
            path: path.to_owned(),
            pictures,
        }
    }

    /// The next picture and its time; none at the end. A picture that is damaged ends the file, and is counted.
    ///
    /// # Errors
    /// When not even the first one can be read.
    pub(crate) fn next(&mut self) -> Result<Option<(Frame, f64)>, MediaError> {
        match &mut self.pictures {
            Pictures::One(frame) => Ok(frame.take().map(|frame| (frame, 0.0))),
            Pictures::Several(animation) => {
                let is_first = animation.taken() == 0;
                match animation.next() {
                    Ok(next) => Ok(next),
                    Err(reason) if is_first => Err(MediaError::Picture {
                        path: self.path.clone(),
                        reason,
                    }),
                    Err(reason) => {
                        self.integrity.read_error = Some(reason);
                        Ok(None)
                    }
                }
            }
        }
    }

    /// Such files count from 0 without a break.
    #[expect(
        clippy::unused_self,
        reason = "asked of whatever is read, albums among them"
    )]
    pub(crate) fn clock_breaks(&self) -> &[ClockBreak] {
        &[]
    }
}

/// What is said of a picture that stands alone: as of one in a PNG.
fn still_info(frame: &Frame) -> VideoInfo {
    let rate = Rational::new(25, 1);
    described(
        (frame.width(), frame.height()),
        frame.format(),
        frame.colour().is_full_range(),
        "heif",
        (rate, Some(1), 1.0 / rate.as_f64()),
    )
}
