//! What a file really holds, stream by stream: read to its end as a player reads it, decoding nothing.
//!
//! ```text
//! every packet -> of the video: count, first and last moment, key frames    of every other stream: count, moments, SHA-256 of all its bytes
//! ```
//!
//! A stream that is carried over keeps its bytes, however containers divide them into packets: so two files hold the same
//! sound where the digests agree. Headers that a container adds to AAC (ADTS) and the empty texts between subtitles are left out.
//!
//! # Shapes and units
//! Seconds on the clock of the pictures: the video's first moment is 0.

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::ffi::{Packet, StreamKind};
use crate::info::frame_rate;
use crate::opening::open_input;
use crate::{CancelToken, MediaError, StreamSummary};

/// Streams and lengths of a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Stocktake {
    /// Pictures of the video: its packets.
    pub pictures: u64,
    /// From the first picture's moment to the end of the last one, in seconds.
    pub video_seconds: f64,
    /// Longest time from a picture to the next, in seconds.
    pub longest_gap_seconds: f64,
    /// Moments of the key frames, in order: a reader can begin there.
    pub key_seconds: Vec<f64>,
    /// Width and height of the video, as coded.
    pub size: (u32, u32),
    /// Every other stream, in file order; none that is the container's own.
    pub streams: Vec<StreamStock>,
}

/// One stream that is not the video.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StreamStock {
    /// What the file says of it.
    pub summary: StreamSummary,
    /// Packets with something in them.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// SHA-256 of all bytes.
    pub sha256: [u8; 32],
    /// First moment and end of the last packet, in seconds; none for a stream without moments.
    pub span: Option<[f64; 2]>,
}

/// A stream being read.
struct Counted {
    index: usize,
    unit: f64,
    is_aac: bool,
    is_text: bool,
    packets: u64,
    bytes: u64,
    digest: Sha256,
    span: Option<[f64; 2]>,
}

/// Reads the file at `path` to its end.
///
/// # Errors
/// When it cannot be read, is no media file, has no video stream, or `cancel` is set.
pub fn stocktake(path: &Path, cancel: &CancelToken) -> Result<Stocktake, MediaError> {
    let (opened, video) = open_input(path, cancel)?;
    let mut input = opened.input;
    let pictures_unit = input
        .stream(video)
        .map_or(0.0, |stream| stream.time_base().as_f64());
    let size = input
        .stream(video)
        .map_or((0, 0), |stream| (stream.width(), stream.height()));
    let rate = input.stream(video).map(frame_rate);
    let frame_seconds = rate
        .filter(|rate| rate.is_known())
        .map_or(0.0, |rate| 1.0 / rate.as_f64());
    let kept = |stream: &crate::ffi::Stream<'_>| {
        stream.index() != video
            && !stream.is_internal()
            && !(stream.kind() == StreamKind::Data && stream.tag().as_deref() == Some("tmcd"))
    };
    let mut counted: Vec<Counted> = input
        .streams()
        .filter(kept)
        .map(|stream| {
            let mut digest = Sha256::new();
            if stream.kind() == StreamKind::Attachment {
                digest.update(stream.extra_data());
            }
            Counted {
                index: stream.index(),
                unit: stream.time_base().as_f64(),
                is_aac: stream.codec_name() == "aac",
                is_text: stream.kind() == StreamKind::Subtitle,
                packets: 0,
                bytes: 0,
                digest,
                span: None,
            }
        })
        .collect();
    let (mut moments, mut keys): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    let mut end = 0.0_f64;
    let mut packet = Packet::new();
    let failure = |source| MediaError::Ffmpeg {
        path: path.to_owned(),
        action: "read",
        source,
    };
    while input.read(&mut packet).map_err(failure)? {
        cancel.check(path)?;
        let time = packet.pts().or(packet.dts());
        if packet.stream() == video {
            let moment = time.map_or(0.0, |time| time as f64 * pictures_unit);
            let length = match packet.duration() {
                0 => frame_seconds,
                ticks => ticks as f64 * pictures_unit,
            };
            end = end.max(moment + length);
            moments.push(moment);
            if packet.is_key() {
                keys.push(moment);
            }
        } else if let Some(stream) = counted.iter_mut().find(|it| it.index == packet.stream()) {
            stream.take(&packet, time);
        }
    }
    moments.sort_by(f64::total_cmp);
    let start = moments.first().copied().unwrap_or(0.0);
    keys.sort_by(f64::total_cmp);
    let gaps = moments.windows(2).map(|pair| pair[1] - pair[0]);
    let longest_gap_seconds = gaps.fold(0.0, f64::max);
    let streams = counted
        .into_iter()
        .filter_map(|stream| {
            let summary = StreamSummary::of(input.stream(stream.index)?);
            Some(StreamStock {
                summary,
                packets: stream.packets,
                bytes: stream.bytes,
                sha256: stream.digest.finalize().into(),
                span: stream.span.map(|span| span.map(|moment| moment - start)),
            })
        })
        .collect();
    Ok(Stocktake {
        pictures: moments.len() as u64,
        video_seconds: if moments.is_empty() { 0.0 } else { end - start },
        longest_gap_seconds,
        key_seconds: keys.into_iter().map(|moment| moment - start).collect(),
        size,
        streams,
    })
}

impl Counted {
    fn take(&mut self, packet: &Packet, time: Option<i64>) {
        let mut data = packet.data();
        if self.is_aac {
            data = without_adts(data);
        }
        // A text that ends is an empty one in some containers and nothing in others.
        let is_empty = self.is_text && data.len() <= 2 && data.iter().all(|byte| *byte == 0);
        if data.is_empty() || is_empty {
            return;
        }
        self.packets += 1;
        self.bytes += data.len() as u64;
        self.digest.update(data);
        if let Some(time) = time {
            let from = time as f64 * self.unit;
            let to = from + packet.duration() as f64 * self.unit;
            let [first, last] = self.span.unwrap_or([from, to]);
            self.span = Some([first.min(from), last.max(to)]);
        }
    }
}

/// The frame of AAC behind its ADTS header, which transport streams have and other containers have not.
///
/// # References
/// ISO/IEC 14496-3:2009, 1.A.2: 12 bits of synchronisation, layer 0; 7 bytes, 9 with a check sum.
fn without_adts(data: &[u8]) -> &[u8] {
    match data {
        [0xff, second, ..] if second & 0xf6 == 0xf0 => {
            let header = if second & 1 == 1 { 7 } else { 9 };
            data.get(header..).unwrap_or_default()
        }
        _ => data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_transport_stream_is_no_sound() {
        let frame = [0x21, 0x10, 0x05];
        let with = |second: u8, length: usize| {
            [&[0xff, second][..], &vec![0; length - 2], &frame].concat()
        };
        assert_eq!(without_adts(&with(0xf1, 7)), frame);
        assert_eq!(without_adts(&with(0xf0, 9)), frame);
        assert_eq!(without_adts(&frame), frame);
        assert_eq!(without_adts(&[0xff, 0xf1]), [0_u8; 0]);
    }
}
