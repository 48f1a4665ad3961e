//! A part of a file on the media time axis: seeking, the time of each picture by the clip's [`Clock`], and where the part ends.

use std::path::Path;

use crate::clock::Clock;
use crate::ffi::{Frame, Packet};
use crate::rational::rescale;
use crate::source::{Event, FrameSource};
use crate::{CancelToken, ClockBreak, MediaError, Rational};

/// Seeking aims this much before the wanted time: containers index decoding times, which run ahead of presentation.
const SEEK_MARGIN_SECONDS: f64 = 1.0;

/// The next thing in a clip.
pub(crate) enum ClipEvent {
    Frame { frame: Frame, media_time: f64 },
    Packet(Packet),
    End,
}

/// Which part of a file is wanted; all of it by default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Part {
    pub(crate) start_seconds: Option<f64>,
    pub(crate) duration_seconds: Option<f64>,
    /// No picture needs what comes before the key frame in front of it.
    pub(crate) has_closed_groups: bool,
}

/// A file, or a part of it, being decoded.
pub(crate) struct Clip {
    source: FrameSource,
    time_base: Rational,
    clock: Clock,
    start_seconds: f64,
    end_seconds: f64,
    has_closed_groups: bool,
    /// A seek that no picture has confirmed yet.
    unconfirmed_seek: bool,
    /// Where to seek to if it lands behind the wanted part.
    further_back: Option<i64>,
    delivered: u64,
    ended: bool,
}

impl Clip {
    /// The wanted part of the file at `path`.
    pub(crate) fn open(
        path: &Path,
        threads: usize,
        part: Part,
        cancel: &CancelToken,
    ) -> Result<Self, MediaError> {
        Self::over(FrameSource::open(path, threads, cancel)?, part)
    }

    /// The wanted part of what is decoded by `source`.
    pub(crate) fn over(source: FrameSource, part: Part) -> Result<Self, MediaError> {
        let start = check_seconds("start_seconds", part.start_seconds)?.unwrap_or(0.0);
        let duration = check_seconds("duration_seconds", part.duration_seconds)?;
        let mut clip = Self {
            time_base: source.time_base(),
            clock: source.clock(source.start_time()),
            source,
            start_seconds: start,
            end_seconds: duration.map_or(f64::INFINITY, |duration| start + duration),
            has_closed_groups: part.has_closed_groups,
            unconfirmed_seek: false,
            further_back: None,
            delivered: 0,
            ended: false,
        };
        if start > 0.0 {
            clip.seek_to_start();
        }
        Ok(clip)
    }

    /// Goes to another moment, from which on everything is wanted, as a clip that was opened there. False where it has to be opened there:
    /// the file cannot be sought in, or has to be decoded from its beginning.
    pub(crate) fn go_to(&mut self, seconds: f64) -> bool {
        if self.clock.origin().is_none() {
            return false;
        }
        self.start_seconds = seconds;
        self.end_seconds = f64::INFINITY;
        self.clock.forget();
        self.delivered = 0;
        self.ended = false;
        self.unconfirmed_seek = false;
        self.seek_to_start();
        self.unconfirmed_seek
    }

    /// Seeks to the start of the part; what cannot be sought in is decoded from where it is.
    fn seek_to_start(&mut self) {
        let start = self.start_seconds;
        // Where a clock may jump, its timestamps do not tell where a moment lies: everything before is decoded.
        let is_sought = self.has_closed_groups || !self.source.input().has_discontinuous_time();
        let safely = (is_sought && start > SEEK_MARGIN_SECONDS)
            .then(|| self.ticks(start - SEEK_MARGIN_SECONDS));
        let (first, then) = if self.has_closed_groups {
            (Some(self.ticks(start)), safely)
        } else {
            (safely, None)
        };
        let Some(pts) = first else { return };
        // A file without an index is decoded from its start instead.
        self.unconfirmed_seek = self.source.seek(pts).is_ok();
        self.further_back = then;
        // A file of our own tells the times of its pictures rightly.
        if self.has_closed_groups && self.clock.origin().is_some() {
            let wanted = self.ticks(start).saturating_sub(1);
            self.source.want_from(wanted);
        }
    }

    /// A moment on the clock of the file.
    fn ticks(&self, seconds: f64) -> i64 {
        let microseconds = (seconds * 1e6).round() as i64;
        let ticks = rescale(microseconds, Rational::new(1, 1_000_000), self.time_base);
        ticks.saturating_add(self.clock.origin().unwrap_or(0))
    }

    pub(crate) fn source(&self) -> &FrameSource {
        &self.source
    }

    /// Skips all other streams.
    pub(crate) fn keep_only_video(&mut self) {
        self.source.keep_only_video();
    }

    /// The next picture of the part, or the next foreign packet.
    ///
    /// # Errors
    /// When not one picture of the file can be decoded.
    pub(crate) fn next(&mut self) -> Result<ClipEvent, MediaError> {
        // A picture begins at the wanted time if it does so within half a tick.
        let slack = self.time_base.as_f64() / 2.0;
        while !self.ended {
            let frame = match self.source.next() {
                Event::Frame(frame) => frame,
                Event::Packet(packet) => return Ok(ClipEvent::Packet(packet)),
                Event::End => {
                    // A seek may have landed behind the last key frame that the file tells.
                    if self.unconfirmed_seek && self.seek_safely() {
                        continue;
                    }
                    self.ended = true;
                    // After a seek the file may simply have ended before the wanted part.
                    if self.source.frames() == 0 && !self.unconfirmed_seek {
                        return Err(self.no_frames());
                    }
                    break;
                }
            };
            let pts = frame.pts().unwrap_or_default();
            let media_time = self.clock.time(pts, None, frame.is_key());
            let overshot = media_time > self.start_seconds + slack;
            if std::mem::take(&mut self.unconfirmed_seek) && overshot && self.seek_back() {
                continue;
            }
            if media_time + slack < self.start_seconds {
                self.source.forget_damage();
                continue;
            }
            if media_time + slack >= self.end_seconds {
                break;
            }
            self.delivered += 1;
            return Ok(ClipEvent::Frame { frame, media_time });
        }
        self.ended = true;
        Ok(ClipEvent::End)
    }

    /// Seeks further back than before, at last to the beginning; false when that is not possible.
    fn seek_back(&mut self) -> bool {
        let origin = self.clock.origin().unwrap_or(0);
        let sought = self.seek_safely() || self.source.seek(origin.min(0)).is_ok();
        if sought {
            self.clock.forget();
        }
        sought
    }

    /// Seeks as far back as is safe, if less was tried before.
    fn seek_safely(&mut self) -> bool {
        let pts = self.further_back.take();
        let sought = pts.is_some_and(|pts| self.source.seek(pts).is_ok());
        self.unconfirmed_seek |= sought;
        self.clock.forget();
        sought
    }

    /// Where the clip's seconds and the file's have parted so far.
    pub(crate) fn clock_breaks(&self) -> &[ClockBreak] {
        self.clock.breaks()
    }

    /// Pictures delivered.
    pub(crate) fn delivered(&self) -> u64 {
        self.delivered
    }

    fn no_frames(&self) -> MediaError {
        MediaError::NoFrames {
            path: self.source.path().to_owned(),
            integrity: self.source.integrity().clone(),
        }
    }
}

pub(crate) fn check_seconds(
    setting: &'static str,
    value: Option<f64>,
) -> Result<Option<f64>, MediaError> {
    match value {
        Some(seconds) if !seconds.is_finite() || seconds < 0.0 => Err(MediaError::InvalidSetting {
            setting,
            accepted: "a number of seconds from 0 on".to_owned(),
            value: seconds.to_string(),
        }),
        checked => Ok(checked),
    }
}
