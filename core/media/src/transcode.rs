//! Master to marked file: luma is edited between decoder and encoder, everything else is carried over.
//!
//! Carried over unchanged: timestamps (variable frame rates and late starts included), the bytes of all audio and
//! subtitle packets that the container holds, chapters, tags, dispositions, rotation, sample aspect, colour properties, HDR10
//! static metadata, field order, time code, closed captions, active format, attachments, cover art. Sound and text that the
//! container does not hold take another form. What would be lost is an error unless [`EncodeSettings::allow_loss`] names it;
//! [`TranscodeReport::carriage`] tells everything.

use std::error::Error;
use std::path::Path;

use crate::fan_out::{CopyOrder, CopyPicture, FrameTime, PictureEditor, transcode_many};
use countermark_picture::AnyPlaneMut;

use crate::{EncodeSettings, MediaError, Observer, TranscodeReport};

/// An edit of one picture's luma, in place.
pub type LumaEdit<'a> =
    dyn FnMut(AnyPlaneMut<'_>, FrameTime) -> Result<(), Box<dyn Error + Send + Sync>> + 'a;

/// Decodes `input`, lets `edit` change the luma of each picture, and writes `output`.
///
/// The container follows the output's extension: .mp4, .m4v, .mov, .mxf, .mkv, .webm or .ts. The output appears under its
/// name only when it is complete. Pictures whose size 4:2:0 or 4:2:2 cannot express in the output's codec (odd width
/// or height) are encoded in 4:4:4, luma untouched. [`transcode_many`] makes several copies of one decode.
///
/// # Errors
/// When the input cannot be read whole (unless [`EncodeSettings::accept_damaged`]), the settings or the container do
/// not fit, audio cannot be carried, `edit` fails, or the observer's token is set. No output is left then.
pub fn transcode(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
    edit: &mut LumaEdit<'_>,
    observer: &dyn Observer,
) -> Result<TranscodeReport, MediaError> {
    let order = CopyOrder {
        output: output.to_owned(),
        settings: settings.clone(),
    };
    let copies = transcode_many(input, &[order], &mut Alone(edit), observer)?;
    let mut published = copies.into_iter().map(|copy| copy?.publish());
    published
        .next()
        .unwrap_or_else(|| unreachable!("one order makes one copy"))
}

/// The editor of one copy.
struct Alone<'a, 'b>(&'a mut LumaEdit<'b>);

impl PictureEditor for Alone<'_, '_> {
    fn edit(
        &mut self,
        pictures: Vec<CopyPicture<'_>>,
        time: FrameTime,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        pictures
            .into_iter()
            .try_for_each(|picture| (self.0)(picture.luma, time))
    }
}

#[cfg(test)]
mod tests;
