//! Degraded copies for the bench and proxies for the vault: the video alone, encoded anew, optionally scaled, cut and
//! at another frame rate.

use std::path::Path;

use crate::carry::add_video;
use crate::clip::{Clip, Part};
use crate::ffi::Frame;
use crate::partial::PartialFile;
use crate::pipeline::{Feeds, Lane, Picture, Preparation, run};
use crate::plan::{
    check_request, encoder_converter, open_output, plan_video, refuse_damage, video_stream,
};
use crate::sink::{Sink, VideoPlan};
use crate::threads::thread_budget;
use crate::{EncodeSettings, Integrity, MediaError, Observer, Rational, VideoInfo};

/// Highest number of copies of one frame: a gap in the input's timestamps must not fill a disk.
const MOST_REPEATS: u64 = 100_000;

/// What to make of the video.
#[derive(Debug, Clone, PartialEq)]
pub struct Recode {
    /// The encoder.
    pub settings: EncodeSettings,
    /// New width and height, with square samples; bicubic.
    pub scale: Option<(u32, u32)>,
    /// Width and height of a black picture into whose middle each one is put, after scaling.
    pub canvas: Option<(u32, u32)>,
    /// Media time at which the output begins.
    pub start_seconds: Option<f64>,
    /// Length of the output at most.
    pub duration_seconds: Option<f64>,
    /// Constant frame rate, by dropping and repeating frames. MPEG-2 and MPEG-4 always have one.
    pub frame_rate: Option<Rational>,
}

/// What a recode did.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RecodeReport {
    /// Frames written.
    pub frames: u64,
    /// Size of the output.
    pub bytes: u64,
    /// What was lost of the input.
    pub integrity: Integrity,
}

impl Recode {
    /// The whole video at its own size and rate.
    #[must_use]
    pub fn new(settings: EncodeSettings) -> Self {
        Self {
            settings,
            scale: None,
            canvas: None,
            start_seconds: None,
            duration_seconds: None,
            frame_rate: None,
        }
    }
}

/// Writes the video of `input` to `output`, beginning at time 0, without sound.
///
/// # Errors
/// As [`crate::transcode`]; also when the wanted part has no frame. A cancelled recode leaves no file.
pub fn recode(
    input: &Path,
    output: &Path,
    recode: &Recode,
    observer: &dyn Observer,
) -> Result<RecodeReport, MediaError> {
    let settings = &recode.settings;
    let container = check_request(input, output, settings)?;
    check_recode(recode)?;
    let threads = thread_budget(settings.threads);
    let part = Part {
        start_seconds: recode.start_seconds,
        duration_seconds: recode.duration_seconds,
        ..Part::default()
    };
    let cancel = observer.cancel_token().cloned().unwrap_or_default();
    let mut clip = Clip::open(input, threads, part, &cancel)?;
    clip.keep_only_video();
    let source = clip.source();
    refuse_damage(input, source.integrity(), settings)?;
    let file = PartialFile::create(output, settings.overwrite)?;
    let stream = video_stream(source);
    let info = VideoInfo::of(source.input(), source.video());
    let mut muxer = open_output(&file, container, &cancel)?;
    let video = add_video(stream, &mut muxer, container, output, false)?;
    let mut plan = plan_video(settings, threads, stream);
    let constant_rate = constant_rate(recode, &plan);
    if let Some(rate) = constant_rate {
        plan.frame_rate = rate;
        plan.time_base = rate.inverse();
    }
    if recode.scale.is_some() {
        plan.sample_aspect = Rational::new(1, 1);
    }
    let source_time_base = stream.time_base();
    let lane = Lane {
        sink: Sink::new(file, container, muxer, video, plan, cancel.clone()),
        rendition: 0,
        carried: None,
        shift_microseconds: 0,
        accept_damaged: settings.accept_damaged,
    };
    let preparation = Preparation {
        converters: vec![encoder_converter(settings)?],
        size: recode.scale,
        sizes: Vec::new(),
        canvas: recode.canvas,
        writable: false,
    };
    observer.started(info.frames);
    let mut schedule = Schedule::new(constant_rate, source_time_base, recode.duration_seconds);
    let mut seen = 0;
    let stage = &mut |picture: Option<Picture>, feeds: &mut Feeds| {
        let failure = |source| MediaError::Ffmpeg {
            path: input.to_owned(),
            action: "repeat a frame",
            source,
        };
        let send = &mut |timed: TimedFrame| feeds.send(0, timed.frame);
        let Some(picture) = picture else {
            return schedule.end(send).map_err(failure);
        };
        for frame in picture.frames {
            let media_time = picture.media_time;
            schedule
                .arrive(TimedFrame { frame, media_time }, send)
                .map_err(failure)?;
        }
        seen += 1;
        observer.frames_done(seen);
        Ok(())
    };
    let done = run(clip, preparation, vec![lane], stage, &cancel)?;
    let integrity = done.decoded.integrity;
    let mut copies = done.copies.into_iter();
    let (file, written) = copies
        .next()
        .unwrap_or_else(|| unreachable!("one lane makes one copy"))?;
    cancel.check(input)?;
    Ok(RecodeReport {
        frames: written.frames,
        bytes: file.commit()?,
        integrity,
    })
}

fn check_recode(recode: &Recode) -> Result<(), MediaError> {
    for (setting, size) in [("scale", recode.scale), ("canvas", recode.canvas)] {
        if let Some((width, height)) = size
            && !((2..=16_384).contains(&width) && (2..=16_384).contains(&height))
        {
            return Err(MediaError::InvalidSetting {
                setting,
                accepted: "2 to 16384 samples a side".to_owned(),
                value: format!("{width}x{height}"),
            });
        }
    }
    if let Some(rate) = recode.frame_rate
        && !(rate.is_known() && rate.as_f64() <= 1000.0)
    {
        return Err(MediaError::InvalidSetting {
            setting: "frame_rate",
            accepted: "above 0 and at most 1000 frames a second".to_owned(),
            value: rate.to_string(),
        });
    }
    Ok(())
}

fn constant_rate(recode: &Recode, plan: &VideoPlan) -> Option<Rational> {
    let codec = recode.settings.codec;
    let wanted = recode
        .frame_rate
        .or(codec.needs_constant_rate().then_some(plan.frame_rate))?;
    Some(codec.nearest_rate(wanted))
}

/// A picture and its media time in seconds.
struct TimedFrame {
    frame: Frame,
    media_time: f64,
}

/// When each picture is shown in the output.
struct Schedule {
    /// Output pictures a second, or `None` to keep the input's times.
    rate: Option<Rational>,
    /// Media time and pts of the first picture: time 0 of the output.
    origin: Option<(f64, i64)>,
    time_base: Rational,
    /// Slots that fit into the wanted length.
    slots: u64,
    /// The picture that is being shown, and its slot.
    shown: Option<(TimedFrame, u64)>,
}

impl Schedule {
    fn new(rate: Option<Rational>, time_base: Rational, length_seconds: Option<f64>) -> Self {
        let slots = rate
            .zip(length_seconds)
            .map(|(rate, seconds)| slot_at(seconds, rate).max(1));
        Self {
            slots: slots.unwrap_or(u64::MAX),
            rate,
            origin: None,
            time_base,
            shown: None,
        }
    }

    /// At a constant rate a picture at time t takes slot `round(t * rate)` and stays until the next one comes.
    fn arrive(
        &mut self,
        mut timed: TimedFrame,
        send: &mut dyn FnMut(TimedFrame),
    ) -> Result<(), crate::FfmpegError> {
        let pts = timed.frame.pts().unwrap_or_default();
        let (first_time, first_pts) = *self.origin.get_or_insert((timed.media_time, pts));
        let Some(rate) = self.rate else {
            timed.frame.set_pts(pts.saturating_sub(first_pts));
            send(timed);
            return Ok(());
        };
        let slot = slot_at(timed.media_time - first_time, rate);
        self.show_until(slot, send)?;
        self.shown = Some((timed, slot));
        Ok(())
    }

    /// The last picture is shown for its own duration, one slot at least.
    fn end(&mut self, send: &mut dyn FnMut(TimedFrame)) -> Result<(), crate::FfmpegError> {
        let (Some(rate), Some((timed, slot)), Some((first_time, _))) =
            (self.rate, &self.shown, self.origin)
        else {
            return Ok(());
        };
        let duration = timed.frame.duration() as f64 * self.time_base.as_f64();
        let end = slot_at(timed.media_time - first_time + duration, rate).max(slot + 1);
        self.show_until(end, send)
    }

    fn show_until(
        &mut self,
        end: u64,
        send: &mut dyn FnMut(TimedFrame),
    ) -> Result<(), crate::FfmpegError> {
        let Some((timed, slot)) = self.shown.take() else {
            return Ok(());
        };
        for slot in slot..end.min(slot + MOST_REPEATS).min(self.slots) {
            let mut frame: Frame = timed.frame.share()?;
            frame.set_pts(slot as i64);
            frame.forget_duration();
            send(TimedFrame {
                frame,
                media_time: timed.media_time,
            });
        }
        Ok(())
    }
}

fn slot_at(seconds: f64, rate: Rational) -> u64 {
    (seconds * rate.as_f64()).round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::PixelFormat;

    fn slots(rate: Rational, times: &[f64]) -> Vec<(i64, f64)> {
        let mut schedule = Schedule::new(Some(rate), Rational::new(1, 1000), None);
        let mut shown = Vec::new();
        let mut send =
            |timed: TimedFrame| shown.push((timed.frame.pts().unwrap_or(-1), timed.media_time));
        for &media_time in times {
            let frame = Frame::with_picture(PixelFormat::YUV420P, 16, 16).expect("memory");
            schedule
                .arrive(TimedFrame { frame, media_time }, &mut send)
                .expect("shared");
        }
        schedule.end(&mut send).expect("shared");
        shown
    }

    #[test]
    fn halving_the_rate_drops_and_doubling_repeats() {
        let times = [0.0, 0.04, 0.08, 0.12];
        let half: Vec<i64> = slots(Rational::new(25, 2), &times)
            .iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(half, [0, 1, 2]);
        let double: Vec<f64> = slots(Rational::new(50, 1), &times)
            .iter()
            .map(|it| it.1)
            .collect();
        assert_eq!(double, [0.0, 0.0, 0.04, 0.04, 0.08, 0.08, 0.12]);
    }

    #[test]
    fn gaps_are_filled_and_time_starts_at_zero() {
        let shown = slots(Rational::new(10, 1), &[5.0, 5.3, 5.4]);
        assert_eq!(shown, [(0, 5.0), (1, 5.0), (2, 5.0), (3, 5.3), (4, 5.4)]);
    }
}
