//! The prints of a reference proxy.

use std::path::Path;

use countermark_fingerprint::index::{PicturePrint, PicturePrinter};
use countermark_media::{CancelToken, MediaError, ReadOptions, VideoReader};
use countermark_picture::by_depth;

/// The prints of a proxy's pictures.
///
/// # Errors
/// When it cannot be decoded, or `cancel` is set.
pub fn picture_prints(proxy: &Path, cancel: &CancelToken) -> Result<Vec<PicturePrint>, MediaError> {
    let mut reader = VideoReader::open(proxy, ReadOptions::default())?;
    let mut printer = PicturePrinter::default();
    while let Some(frame) = reader.next_frame()? {
        cancel.check(proxy)?;
        let (luma, time) = (frame.luma(), frame.media_time());
        by_depth!(luma, |view| printer.push(&view, time));
    }
    Ok(printer.finish())
}
