//! Small clips, and ways to look at them.

use std::path::Path;

use countermark_media::{
    EncodeSettings, FrameTime, MediaError, Planes, Rate, Rational, ReadOptions, SampleFormat,
    TranscodeReport, VideoCodec, VideoReader, VideoWriter, VideoWriterSettings, transcode,
};
use countermark_picture::{AnyPlaneMut, Sample as _, by_depth};

pub(crate) const WIDTH: u32 = 96;
pub(crate) const HEIGHT: u32 = 64;

/// Luma of one picture, 8-bit scale: a gradient that moves.
pub(crate) fn picture((width, height): (u32, u32), number: usize) -> Vec<u8> {
    let (width, height) = (width as usize, height as usize);
    (0..width * height)
        .map(|at| (40 + (at % width + at / width + 4 * number) % 150) as u8)
        .collect()
}

/// Fast and close to lossless.
pub(crate) fn close(codec: VideoCodec) -> EncodeSettings {
    let preset = match codec {
        VideoCodec::H264 | VideoCodec::H264Rgb | VideoCodec::Hevc => Some("ultrafast"),
        VideoCodec::Vp9 => Some("8"),
        VideoCodec::Av1 => Some("12"),
        _ => None,
    };
    EncodeSettings {
        preset: preset.map(str::to_owned),
        ..EncodeSettings::new(codec, Rate::Crf(4.0))
    }
}

pub(crate) fn clip_settings(codec: VideoCodec) -> VideoWriterSettings {
    VideoWriterSettings::new(WIDTH, HEIGHT, Rational::new(25, 1), close(codec))
}

/// Writes `frames` pictures.
pub(crate) fn write_clip(path: &Path, settings: VideoWriterSettings, frames: usize) {
    let size = (settings.width, settings.height);
    let depth = settings.format.bit_depth();
    let mut writer = VideoWriter::create(path, settings).expect("writer");
    for number in 0..frames {
        let gray = picture(size, number);
        if depth > 8 {
            let deep: Vec<u16> = gray
                .iter()
                .map(|&it| u16::from(it) << (depth - 8))
                .collect();
            writer.write_frame(Planes::Gray16(&deep)).expect("frame");
        } else {
            writer.write_frame(Planes::Gray8(&gray)).expect("frame");
        }
    }
    writer.finish().expect("finish");
}

/// A short H.264 clip.
pub(crate) fn plain_clip(path: &Path, frames: usize) {
    write_clip(path, clip_settings(VideoCodec::H264), frames);
}

pub(crate) fn ten_bits(codec: VideoCodec) -> VideoWriterSettings {
    VideoWriterSettings {
        format: SampleFormat::Yuv420Bits10,
        ..clip_settings(codec)
    }
}

pub(crate) fn identity(
    input: &Path,
    output: &Path,
    settings: &EncodeSettings,
) -> Result<TranscodeReport, MediaError> {
    transcode(
        input,
        output,
        settings,
        &mut |_: AnyPlaneMut<'_>, _: FrameTime| Ok(()),
        &(),
    )
}

/// One picture's luma without padding, and its media time.
pub(crate) struct Shot {
    pub(crate) media_time: f64,
    pub(crate) size: (usize, usize),
    pub(crate) samples: Vec<u16>,
    pub(crate) full_range: bool,
}

pub(crate) fn shots(path: &Path, options: ReadOptions) -> Vec<Shot> {
    let mut reader = VideoReader::open(path, options).expect("open");
    let mut shots = Vec::new();
    while let Some(frame) = reader.next_frame().expect("frame") {
        let luma = frame.luma();
        let samples = by_depth!(luma, |view| view
            .array()
            .iter()
            .map(|sample| sample.code())
            .collect());
        shots.push(Shot {
            media_time: frame.media_time(),
            size: luma.size(),
            samples,
            full_range: frame.is_full_range(),
        });
    }
    shots
}

pub(crate) fn all_shots(path: &Path) -> Vec<Shot> {
    shots(path, ReadOptions::default())
}

/// Mean absolute difference of two pictures.
pub(crate) fn difference(a: &[u16], b: &[u16]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    sum as f64 / a.len() as f64
}

pub(crate) fn mean(samples: &[u16]) -> f64 {
    samples.iter().map(|&it| f64::from(it)).sum::<f64>() / samples.len() as f64
}

/// Adds `amount` to every visible sample.
pub(crate) fn brighten(luma: &mut AnyPlaneMut<'_>, amount: u16) {
    match luma {
        AnyPlaneMut::U8(view) => view
            .array_mut()
            .mapv_inplace(|sample| sample.saturating_add(amount as u8)),
        AnyPlaneMut::U16(view) => view.array_mut().mapv_inplace(|sample| sample + amount),
    }
}

/// The message with all its causes.
pub(crate) fn full_message(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    message
}

/// Names in a folder: a failed transcode leaves only what was there before.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("folder")
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}
