//! What can go wrong between a file and its pictures.

use std::error::Error;
use std::io;
use std::path::PathBuf;

pub use crate::ffi::FfmpegError;
use crate::{Carriage, Fate, Integrity, Rational};

/// A failure that names its file, the offending value and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// The path is a directory, a device or a socket.
    #[error("not a regular file: {}", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file has no bytes.
    #[error("the file is empty (0 bytes): {}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// FFmpeg recognises no media in the file, or too little of it is there to read.
    #[error("not a readable media file, or cut off before its index: get an intact copy of {}", path.display())]
    NotMedia {
        /// The file.
        path: PathBuf,
        /// FFmpeg's answer.
        #[source]
        source: FfmpegError,
    },
    /// An MP4 or `QuickTime` file whose index was never written, or is cut off.
    #[error(
        "cut off before its index (`moov`) was written: get an intact copy, or another file of the same camera or program to repair \
         it with: {}",
        path.display()
    )]
    NoIndex {
        /// The file.
        path: PathBuf,
    },
    /// A file that is to be repaired, or the one to repair it with, is of no use for that.
    #[error("cannot be repaired: {reason}: {}", path.display())]
    NotRepaired {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A segment without what a decoder needs first.
    #[error("needs its initialisation segment beside it, {wanted}: {}", path.display())]
    NeedsInit {
        /// The segment, or the list that names it.
        path: PathBuf,
        /// What is looked for.
        wanted: String,
    },
    /// Numbered pictures that are no video.
    #[error("no sequence of pictures: {reason}: {}", path.display())]
    Sequence {
        /// The pattern.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A playlist that leads to nothing that may be read.
    #[error("the playlist leads nowhere: {reason}: {}", path.display())]
    Playlist {
        /// The list.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A picture that takes more memory than is given to any.
    #[error("a picture of {width} x {height} is larger than {most} million samples: {}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Samples that are decoded at most, in millions.
        most: u64,
    },
    /// A picture in a form that is not understood.
    #[error("cannot show the picture: {reason}: {}", path.display())]
    Picture {
        /// The file.
        path: PathBuf,
        /// What is wrong, or not understood.
        reason: String,
    },
    /// The file is text or a playlist, which FFmpeg would render or follow.
    #[error("not a video file but {format}: {}", path.display())]
    NotVideo {
        /// The file.
        path: PathBuf,
        /// What FFmpeg takes it for.
        format: String,
    },
    /// What comes on standard input is no stream of pictures.
    #[error("standard input is no usable YUV4MPEG2: {reason}")]
    NotPiped {
        /// Why.
        reason: String,
    },
    /// There is media, but no moving picture.
    #[error("no video stream, only {streams}: {}", path.display())]
    NoVideo {
        /// The file.
        path: PathBuf,
        /// What there is instead.
        streams: String,
    },
    /// The linked FFmpeg cannot decode the video.
    #[error("no decoder for codec {codec}: {}", path.display())]
    NoDecoder {
        /// The file.
        path: PathBuf,
        /// The codec.
        codec: String,
    },
    /// A video stream from which not one picture could be decoded.
    #[error("the video stream has no decodable frame ({integrity}): {}", path.display())]
    NoFrames {
        /// The file.
        path: PathBuf,
        /// What was found instead.
        integrity: Integrity,
    },
    /// The input is truncated or damaged and the settings do not accept that.
    #[error(
        "the input is damaged ({integrity}): get an intact copy of {}",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is missing.
        integrity: Integrity,
    },
    /// The picture size changes in the middle of the video.
    #[error(
        "the picture size changes at frame {frame} from {} to {}; split the input there: {}",
        size(*from), size(*to), path.display()
    )]
    SizeChanged {
        /// The file.
        path: PathBuf,
        /// The first frame of the new size.
        frame: u64,
        /// Width and height before.
        from: (u32, u32),
        /// Width and height from there on.
        to: (u32, u32),
    },
    /// The output's extension names no container that Countermark writes.
    #[error("unknown output extension {extension:?}, accepted are {accepted}: {}", path.display())]
    UnknownContainer {
        /// The output.
        path: PathBuf,
        /// Its extension.
        extension: String,
        /// The extensions that are understood.
        accepted: &'static str,
    },
    /// The output exists and the settings do not allow overwriting.
    #[error("the output exists; choose another name or allow overwriting: {}", path.display())]
    OutputExists {
        /// The output.
        path: PathBuf,
    },
    /// Output and input are the same file.
    #[error("the output would overwrite its input: {}", path.display())]
    OutputIsInput {
        /// The file.
        path: PathBuf,
    },
    /// A stream that must not be lost does not fit into the output's container.
    #[error("a .{container} file cannot hold {what}; {remedy}: {}", path.display())]
    ContainerCannotHold {
        /// The output.
        path: PathBuf,
        /// The container's extension.
        container: &'static str,
        /// What does not fit.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Something of the master would be missing from the copy, or is missing from the written one.
    #[error("the copy would lack {}: {}", listed(losses), path.display())]
    WouldLose {
        /// The output.
        path: PathBuf,
        /// What would be missing, each with the reason.
        losses: Vec<Carriage>,
    },
    /// A field order that changes inside of the video.
    #[error("the field order changes at frame {frame}, {order} first from there on; split the master there: {}", path.display())]
    MixedFields {
        /// The output.
        path: PathBuf,
        /// The first frame of another order.
        frame: u64,
        /// Which field is first there.
        order: &'static str,
    },
    /// Times of pictures that a constant rate cannot express.
    #[error(
        "frame {frame} comes at {seconds:.4} s, between the frames of {rate} a second that {holder} counts; write a .mov or .mkv file with another codec: {}",
        path.display()
    )]
    UnevenRate {
        /// The output.
        path: PathBuf,
        /// The frame.
        frame: u64,
        /// Its time.
        seconds: f64,
        /// Frames a second of the output.
        rate: Rational,
        /// The codec or container that counts frames.
        holder: &'static str,
    },
    /// Not one picture was there to write: the wanted part lies outside the input.
    #[error("no frame to write, the wanted part is empty: {}", path.display())]
    NothingWritten {
        /// The output.
        path: PathBuf,
    },
    /// An encoder that the linked FFmpeg was built without.
    #[error("this FFmpeg has no encoder {encoder}; install one built with it")]
    EncoderMissing {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
    },
    /// An option that the encoder does not know.
    #[error(
        "encoder {encoder} does not know the option {option:?}; `ffmpeg -h encoder={encoder}` lists its options"
    )]
    UnknownEncoderOption {
        /// FFmpeg's name of the encoder.
        encoder: &'static str,
        /// The option, or the encoder's own words about it.
        option: String,
    },
    /// A setting out of its range.
    #[error("{setting} must be {accepted}, not {value}")]
    InvalidSetting {
        /// The setting.
        setting: &'static str,
        /// What it may be.
        accepted: String,
        /// What it was.
        value: String,
    },
    /// Samples that do not match the size the writer was made for.
    #[error("{what} must hold {expected} samples, not {actual}: {}", path.display())]
    WrongLength {
        /// The output.
        path: PathBuf,
        /// The plane or the audio block.
        what: &'static str,
        /// Samples wanted.
        expected: usize,
        /// Samples given.
        actual: usize,
    },
    /// The caller's edit failed.
    #[error("editing frame {frame} failed: {}", path.display())]
    Edit {
        /// The input.
        path: PathBuf,
        /// The frame, counted from 0.
        frame: u64,
        /// The caller's error.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A [`crate::CancelToken`] ended the work.
    #[error("cancelled: {}", path.display())]
    Cancelled {
        /// The file that was being worked on.
        path: PathBuf,
    },
    /// FFmpeg failed in a way that has no better name.
    #[error("cannot {action}: {}", path.display())]
    Ffmpeg {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// FFmpeg's answer.
        #[source]
        source: FfmpegError,
    },
    /// A worker thread panicked.
    #[error("a worker thread panicked while working on {}", path.display())]
    WorkerPanicked {
        /// The file.
        path: PathBuf,
    },
}

/// What is missing, for one line.
fn listed(losses: &[Carriage]) -> String {
    let each = losses.iter().map(|loss| match &loss.fate {
        Fate::Dropped { reason } => format!("{} ({reason})", loss.what),
        _ => loss.what.clone(),
    });
    each.collect::<Vec<_>>().join("; ")
}

fn size((width, height): (u32, u32)) -> String {
    format!("{width}x{height}")
}
