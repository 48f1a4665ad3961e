//! How long a file is whose clock breaks: counted, for what the file says is the distance of its last timestamp from its first.
//!
//! # Shapes and units
//! Seconds of the clip's own clock; packets of the video stream, which are frames.

use std::path::Path;

use crate::clock::{Clock, Counting};
use crate::ffi::Packet;
use crate::info::{frame_rate, frame_ticks};
use crate::opening::open_input;
use crate::{CancelToken, MediaError, VideoInfo};

/// Puts length and frames right where the clock of the file at `path` breaks; nothing is decoded.
pub(crate) fn count(path: &Path, info: &mut VideoInfo) -> Result<(), MediaError> {
    let (opened, video) = open_input(path, &CancelToken::new())?;
    let mut input = opened.input;
    if !input.has_discontinuous_time() {
        return Ok(());
    }
    input.keep_only(video);
    let Some(stream) = input.stream(video) else {
        return Ok(());
    };
    let rate = frame_rate(stream);
    let counting = Counting {
        time_base: stream.time_base(),
        wrap_bits: stream.wrap_bits(),
        may_jump: true,
        usual_length: frame_ticks(stream),
    };
    let mut clock = Clock::new(counting, None);
    let (mut packet, mut frames, mut last) = (Packet::new(), 0, 0.0);
    // What cannot be read is told when the pictures are decoded.
    while let Ok(true) = input.read(&mut packet) {
        if let (true, Some(time)) = (packet.stream() == video, packet.dts().or(packet.pts())) {
            last = clock.time(time, None, packet.is_key());
            frames += 1;
        }
    }
    if !clock.breaks().is_empty() {
        let frame = if rate.is_known() {
            1.0 / rate.as_f64()
        } else {
            0.0
        };
        info.duration_seconds = Some(last + frame);
        info.frames = Some(frames).filter(|&frames| frames > 0);
    }
    Ok(())
}
