//! The prints of a reference proxy.

use std::path::Path;

use countermark_fingerprint::LumaView;
use countermark_fingerprint::index::{PicturePrint, PicturePrinter};
use countermark_media::{CancelToken, LumaSamples, MediaError, ReadOptions, VideoReader};

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
        let (width, height, stride) = (luma.width, luma.height, luma.stride);
        let depth = luma.bit_depth.into();
        // A decoded picture has an area and a depth that views accept.
        match luma.samples {
            LumaSamples::U8(samples) => {
                if let Ok(view) = LumaView::new(samples, width, height, stride, depth) {
                    printer.push(&view, time);
                }
            }
            LumaSamples::U16(samples) => {
                if let Ok(view) = LumaView::new(samples, width, height, stride, depth) {
                    printer.push(&view, time);
                }
            }
        }
    }
    Ok(printer.finish())
}
