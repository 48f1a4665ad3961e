//! What the pictures bring along and what becomes of it: asked of codec and container before the work, and of the written file
//! after it.
//!
//! ```text
//! inventory of the master, codec, container -> carried or dropped        before anything is written
//! inventory of the master, inventory of the copy -> what is missing      before the copy has its name
//! ```

use std::path::Path;

use crate::container::Container;
use crate::ffi::PixelFormat;
use crate::{Carriage, EncodeSettings, Fate, Inventory, LossKind, MediaError, VideoCodec};

/// What becomes of everything beside the streams, as far as codec and container tell.
pub(crate) fn of_pictures(
    master: &Inventory,
    container: Container,
    settings: &EncodeSettings,
    format: Option<PixelFormat>,
) -> Vec<Carriage> {
    let codec = settings.codec;
    let encoder = codec.encoder();
    let no_place = || format!("{encoder} has no place for it");
    let not_held = || format!("a .{} file cannot hold it", container.extension());
    let mut fates = Vec::new();
    let mut tell = |kind, what: String, dropped: Option<String>| {
        fates.push(match dropped {
            None => Carriage::carried(kind, what),
            Some(reason) => Carriage::dropped(kind, what, &reason),
        });
    };
    if let Some(timecode) = &master.timecode {
        let held = container.holds_timecode() || codec == VideoCodec::Mpeg2;
        let dropped = (!held).then(not_held);
        tell(LossKind::Timecode, format!("timecode {timecode}"), dropped);
    }
    let user_data = (!codec.carries_user_data()).then(no_place);
    if master.has_captions {
        tell(
            LossKind::Captions,
            "closed captions".to_owned(),
            user_data.clone(),
        );
    }
    if master.has_active_format {
        let what = "the active format description".to_owned();
        tell(LossKind::Afd, what, user_data);
    }
    if let Some(top_first) = master.top_first {
        let order = if top_first { "top" } else { "bottom" };
        let dropped = (!codec.codes_fields(settings.profile.as_deref(), container))
            .then(|| format!("{encoder} has no way to say it here"));
        tell(
            LossKind::FieldOrder,
            format!("two fields, {order} first"),
            dropped,
        );
    }
    if master.has_alpha {
        let kept = format.is_some_and(PixelFormat::has_alpha);
        let dropped = (!kept).then(|| format!("{encoder} codes none in this form"));
        tell(LossKind::Alpha, "alpha".to_owned(), dropped);
    }
    if master.has_hdr10() {
        let in_stream = matches!(codec, VideoCodec::H264 | VideoCodec::Hevc);
        let in_container = container.is_iso_media()
            || container.is_mxf()
            || matches!(container, Container::Matroska | Container::WebM);
        let dropped = (!in_stream && !in_container).then(not_held);
        tell(LossKind::Hdr, "HDR10 metadata".to_owned(), dropped);
    }
    if master.has_dynamic_hdr {
        let what = "Dolby Vision or HDR10+ metadata".to_owned();
        let reason = "it describes the old pictures, and FFmpeg writes none".to_owned();
        tell(LossKind::DynamicHdr, what, Some(reason));
    }
    if master.chapters > 0 {
        let dropped = (!container.holds_chapters()).then(not_held);
        let what = format!("{} chapters", master.chapters);
        tell(LossKind::Chapters, what, dropped);
    }
    fates
}

/// What the master has and the written copy has not, for all that both codec and container promised.
pub(crate) fn missing(
    master: &Inventory,
    copy: &Inventory,
    settings: &EncodeSettings,
    container: Container,
) -> Vec<Carriage> {
    let mut lost = Vec::new();
    let mut lack = |kind, what: String, found: &str| {
        let reason = format!("the written file has {found}");
        lost.push(Carriage::dropped(kind, what, &reason));
    };
    if let Some(timecode) = &master.timecode
        && (container.holds_timecode() || settings.codec == VideoCodec::Mpeg2)
        && copy.timecode.as_deref().map(frames_of_day) != Some(frames_of_day(timecode))
    {
        let found = copy.timecode.as_deref().unwrap_or("none");
        lack(LossKind::Timecode, format!("timecode {timecode}"), found);
    }
    if settings.codec.carries_user_data() {
        if master.has_captions && !copy.has_captions {
            lack(LossKind::Captions, "closed captions".to_owned(), "none");
        }
        // FFmpeg 5.1 reads it in no HEVC stream.
        let is_read = settings.codec != VideoCodec::Hevc;
        if is_read && master.has_active_format && !copy.has_active_format {
            let what = "the active format description".to_owned();
            lack(LossKind::Afd, what, "none");
        }
    }
    if let Some(top_first) = master.top_first
        && says_fields(settings, container)
        && copy.top_first != Some(top_first)
    {
        let order = |top_first| match top_first {
            Some(true) => "top first",
            Some(false) => "bottom first",
            None => "no fields",
        };
        let what = format!("two fields, {}", order(Some(top_first)));
        lack(LossKind::FieldOrder, what, order(copy.top_first));
    }
    let tags = |inventory: &Inventory| {
        let colour = &inventory.colour;
        [
            ("primaries", colour.primaries.clone()),
            ("transfer", colour.transfer.clone()),
            ("matrix", colour.matrix.clone()),
        ]
    };
    for ((name, before), (_, after)) in tags(master).into_iter().zip(tags(copy)) {
        // RGB has no matrix, and pictures that became YCbCr have one.
        let is_rgb = name == "matrix" && before == "gbr";
        if before != "unknown" && !is_rgb && before != after {
            lack(LossKind::Colour, format!("colour {name} {before}"), &after);
        }
    }
    if master.has_hdr10() && master.hdr10 != copy.hdr10 {
        // MXF keeps the mastering display, but no light levels.
        let found = if copy.has_hdr10() {
            "only a part of it"
        } else {
            "none"
        };
        lack(LossKind::Hdr, "HDR10 metadata".to_owned(), found);
    }
    if container.holds_chapters() && master.chapters != copy.chapters {
        let what = format!("{} chapters", master.chapters);
        lack(LossKind::Chapters, what, &copy.chapters.to_string());
    }
    lost
}

/// Whether a reader of the file is told of fields: x265 says it in each picture's timing, which FFmpeg does not read; files
/// other than these have nothing beside the stream.
fn says_fields(settings: &EncodeSettings, container: Container) -> bool {
    let in_stream = matches!(
        settings.codec,
        VideoCodec::H264 | VideoCodec::Mpeg2 | VideoCodec::ProRes | VideoCodec::Dnx
    );
    in_stream || matches!(container, Container::Mov | Container::Matroska)
}

/// A time code without its separators, which differ between containers.
fn frames_of_day(timecode: &str) -> String {
    timecode.chars().filter(char::is_ascii_digit).collect()
}

/// An error for what is dropped without leave.
pub(crate) fn refuse_losses(
    path: &Path,
    carriage: &[Carriage],
    settings: &EncodeSettings,
) -> Result<(), MediaError> {
    let losses: Vec<Carriage> = carriage
        .iter()
        .filter(|item| matches!(item.fate, Fate::Dropped { .. }))
        .filter(|item| !settings.allow_loss.contains(&item.kind))
        .cloned()
        .collect();
    if losses.is_empty() {
        return Ok(());
    }
    Err(MediaError::WouldLose {
        path: path.to_owned(),
        losses,
    })
}
