//! Pictures through a pipe become what they become from a file.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use countermark_media::{
    CopyOrder, CopyPicture, EncodeSettings, FrameTime, MediaError, PictureEditor, Piped, Rate,
    ReadOptions, VideoCodec, VideoReader, probe, transcode_many, transcode_piped,
};
use countermark_picture::{Sample as _, by_depth};

use crate::fixture::picture;

const SIZE: (u32, u32) = (96, 64);

/// Pictures as YUV4MPEG2, of 8 bits in 4:2:0 or of 10 in 4:2:2.
fn stream(frames: usize, is_deep: bool) -> Vec<u8> {
    let (layout, chroma) = if is_deep {
        ("422p10", 2)
    } else {
        ("420jpeg", 4)
    };
    let (width, height) = SIZE;
    let mut bytes = format!("YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C{layout}\n").into_bytes();
    for number in 0..frames {
        bytes.extend(b"FRAME\n");
        let luma = picture(SIZE, number);
        let neutral = vec![128; 2 * luma.len() / chroma];
        for sample in luma.into_iter().chain(neutral) {
            if is_deep {
                bytes.extend((u16::from(sample) << 2).to_le_bytes());
            } else {
                bytes.push(sample);
            }
        }
    }
    bytes
}

struct Untouched;

impl PictureEditor for Untouched {
    fn edit(
        &mut self,
        _: Vec<CopyPicture<'_>>,
        _: FrameTime,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

fn order(output: &Path) -> CopyOrder {
    CopyOrder {
        output: output.to_owned(),
        settings: EncodeSettings::new(VideoCodec::Ffv1, Rate::Native),
    }
}

fn through_a_pipe(bytes: Vec<u8>, output: &Path) -> Result<u64, MediaError> {
    let piped = Piped::begin(Cursor::new(bytes))?;
    let copies = transcode_piped(&piped, &[order(output)], &mut Untouched, &())?;
    let copy = copies.into_iter().next().expect("one order")?;
    Ok(copy.publish()?.frames)
}

/// Moment and luma of each picture.
fn pictures(path: &Path) -> Vec<(f64, Vec<u16>)> {
    let mut reader = VideoReader::open(path, ReadOptions::default()).expect("a video");
    let mut all = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a picture") {
        let luma = by_depth!(frame.luma(), |view| view
            .rows()
            .flatten()
            .map(|sample| sample.code())
            .collect());
        all.push((frame.media_time(), luma));
    }
    all
}

#[test]
fn a_stream_becomes_the_same_pictures_through_a_pipe_and_from_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    for is_deep in [false, true] {
        let bytes = stream(12, is_deep);
        let path = |name: &str| folder.path().join(format!("{name}-{is_deep}.mkv"));
        let file = folder.path().join(format!("{is_deep}.y4m"));
        fs::write(&file, &bytes).expect("a file");
        let order = order(&path("file"));
        let copies = transcode_many(&file, &[order], &mut Untouched, &()).expect("decoded");
        let copy = copies.into_iter().next().expect("one order");
        copy.expect("encoded").publish().expect("a name");
        assert_eq!(through_a_pipe(bytes, &path("pipe")).expect("a copy"), 12);
        assert!(pictures(&path("file")) == pictures(&path("pipe")));
        let info = probe(&path("pipe")).expect("a video").video;
        assert_eq!((info.width, info.height), SIZE);
        assert_eq!(info.bit_depth, if is_deep { 10 } else { 8 });
    }
}

#[test]
fn a_pipe_that_breaks_inside_of_a_picture_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = folder.path().join("out.mkv");
    let mut bytes = stream(12, false);
    bytes.truncate(bytes.len() - 100);
    let error = through_a_pipe(bytes, &output).expect_err("broken");
    assert!(matches!(error, MediaError::Damaged { .. }), "{error}");
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 0);
    let error = through_a_pipe(b"RIFF....WAVE\n".to_vec(), &output).expect_err("no pictures");
    assert_eq!(
        error.to_string(),
        "standard input is no usable YUV4MPEG2: it does not begin with YUV4MPEG2"
    );
}
