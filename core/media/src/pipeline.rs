//! Decoding once, editing, and encoding any number of copies, all at the same time.
//!
//! ```text
//! decode thread --[bounded]--> caller's thread: stage --[bounded]--> encode thread of copy 0
//!                                                      --[bounded]--> encode thread of copy 1 ..
//! ```
//!
//! All queues hold [`QUEUED`] items, so memory does not grow with the video: the slowest encoder sets the pace. Packets of
//! other streams travel in the same queues: the order of the file is kept. A copy whose encoder fails is left behind, the
//! others go on. A cancelled token ends every thread at its next item.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::carry::Carried;
use crate::clip::{Clip, ClipEvent};
use crate::convert::Converter;
use crate::ffi::{FfmpegError, Frame, Packet, PixelFormat};
use crate::partial::PartialFile;
use crate::rational::rescale;
use crate::sink::{Sink, Written};
use crate::{CancelToken, Integrity, MediaError, Rational};

/// Items that each queue holds: the encoder's own lookahead evens out the rest, and a 4K picture is 12 MB and more.
const QUEUED: usize = 2;

/// What comes from the decode thread.
enum Arrival {
    Picture(Picture),
    Packet(Packet),
    /// The whole input was read; without it the work was broken off.
    End(Integrity),
}

/// What goes to an encode thread.
enum Item {
    Frame(Frame),
    Packet {
        stream: usize,
        time_base: Rational,
        packet: Packet,
    },
    /// Everything was sent; without it the work was broken off.
    End,
}

/// One picture of the input, prepared for every copy, and its media time in seconds.
pub(crate) struct Picture {
    /// One a copy.
    pub(crate) frames: Vec<Frame>,
    pub(crate) media_time: f64,
}

/// How pictures leave the decode thread.
pub(crate) struct Preparation {
    /// One a rendition: copies of one encoder show the same samples before editing.
    pub(crate) converters: Vec<Converter>,
    /// Scale to this size; keep the size if `None`.
    pub(crate) size: Option<(u32, u32)>,
    /// By rendition, a size with the sample aspect as it was; all keep theirs if empty.
    pub(crate) sizes: Vec<Option<(u32, u32)>>,
    /// Put into the middle of a black picture of this size.
    pub(crate) canvas: Option<(u32, u32)>,
    /// Make pictures safe to write to.
    pub(crate) writable: bool,
}

/// The way of one copy.
pub(crate) struct Lane {
    pub(crate) sink: Sink,
    /// Which of the preparation's converters.
    pub(crate) rendition: usize,
    /// Foreign packets go where this says; dropped if `None`.
    pub(crate) carried: Option<Carried>,
    /// Added to every timestamp.
    pub(crate) shift_microseconds: i64,
    /// Complete the file although parts of the input were lost.
    pub(crate) accept_damaged: bool,
}

/// What the decode thread found out.
pub(crate) struct Decoded {
    pub(crate) integrity: Integrity,
    /// By rendition.
    pub(crate) converted: Vec<Option<(PixelFormat, PixelFormat)>>,
    pub(crate) interlaced: bool,
}

/// What became of every copy.
pub(crate) struct Done {
    pub(crate) decoded: Decoded,
    /// One a lane; complete but under temporary names.
    pub(crate) copies: Vec<Result<(PartialFile, Written), MediaError>>,
}

/// The caller's work on each picture: hands frames to the encoders. `None` as picture means that no more will come.
pub(crate) type Stage<'a> = dyn FnMut(Option<Picture>, &mut Feeds) -> Result<(), MediaError> + 'a;

/// The queues to the encoders.
pub(crate) struct Feeds(Vec<Feed>);

struct Feed {
    /// `None` once the encoder is gone.
    queue: Option<SyncSender<Item>>,
    carried: Option<Carried>,
    shift_microseconds: i64,
    accept_damaged: bool,
    /// Why this copy was given up here.
    refused: Option<MediaError>,
}

impl Feeds {
    /// Whether the encoder of `copy` still takes frames.
    pub(crate) fn is_open(&self, copy: usize) -> bool {
        self.0[copy].queue.is_some()
    }

    /// Hands a frame to the encoder of `copy`; nothing happens when that one is gone.
    pub(crate) fn send(&mut self, copy: usize, frame: Frame) {
        self.0[copy].send(Item::Frame(frame));
    }
}

impl Feed {
    fn send(&mut self, item: Item) {
        // A closed queue means that the encoder failed; its error is found when it is joined.
        if self
            .queue
            .as_ref()
            .is_some_and(|queue| queue.send(item).is_err())
        {
            self.queue = None;
        }
    }

    /// A packet of another stream on its way to the output, shifted; dropped if that stream is not carried.
    fn send_foreign(&mut self, packet: &Packet) {
        let target = self
            .carried
            .as_ref()
            .and_then(|carried| carried.copies.get(&packet.stream()));
        let Some(&(stream, time_base)) = target else {
            return;
        };
        let shift = ticks(self.shift_microseconds, time_base);
        let mut packet = packet.clone();
        packet.set_pts(packet.pts().map(|pts| pts.saturating_add(shift)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_add(shift)));
        self.send(Item::Packet {
            stream,
            time_base,
            packet,
        });
    }

    fn end(&mut self, integrity: &Integrity, input: &Path) {
        if integrity.is_complete() || self.accept_damaged {
            self.send(Item::End);
        } else {
            self.refused = Some(MediaError::Damaged {
                path: input.to_owned(),
                integrity: integrity.clone(),
            });
        }
    }
}

/// Runs everything from `clip` through `stage` into the lanes.
///
/// # Errors
/// What ends all copies: the input, the stage, the token. What ends one copy stands in [`Done::copies`].
pub(crate) fn run(
    clip: Clip,
    preparation: Preparation,
    lanes: Vec<Lane>,
    stage: &mut Stage<'_>,
    cancel: &CancelToken,
) -> Result<Done, MediaError> {
    let path = clip.source().path().to_owned();
    let panicked = || MediaError::WorkerPanicked { path: path.clone() };
    let (arrival_sender, arrivals) = sync_channel(QUEUED);
    let places: Vec<Place> = lanes
        .iter()
        .map(|lane| Place {
            rendition: lane.rendition,
            shift: ticks(lane.shift_microseconds, clip.source().time_base()),
        })
        .collect();
    let (decoded, encoded, staged, refused) = thread::scope(|scope| {
        let decoder =
            scope.spawn(move || decode(clip, preparation, &places, &arrival_sender, cancel));
        let mut encoders = Vec::with_capacity(lanes.len());
        // Owned here: a panic of the stage closes the queues before the threads are waited for.
        let mut feeds = Feeds(Vec::with_capacity(lanes.len()));
        for lane in lanes {
            let (queue, items) = sync_channel(QUEUED);
            feeds.0.push(Feed {
                queue: Some(queue),
                carried: lane.carried,
                shift_microseconds: lane.shift_microseconds,
                accept_damaged: lane.accept_damaged,
                refused: None,
            });
            encoders.push(scope.spawn(move || encode(lane.sink, &items)));
        }
        let staged = drive(arrivals, &mut feeds, stage, &path, cancel);
        let refused: Vec<_> = feeds.0.into_iter().map(|feed| feed.refused).collect();
        let encoded: Vec<_> = encoders
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        (decoder.join(), encoded, staged, refused)
    });
    // A failed thread closes its queue, which the others see as the end: its own error is the cause.
    let decoded = decoded.map_err(|_| panicked())?;
    let mut copies = Vec::with_capacity(encoded.len());
    for (encoded, refused) in encoded.into_iter().zip(refused) {
        let encoded = encoded.map_err(|_| panicked())?;
        copies.push(match (encoded, refused) {
            (Ok(None), Some(refused)) => Err(refused),
            (Ok(None), None) => Ok(None),
            (Ok(Some(whole)), _) => Ok(Some(whole)),
            (Err(error), _) => Err(error),
        });
    }
    if copies.iter().any(|copy| !matches!(copy, Ok(Some(_)))) {
        cancel.check(&path)?;
    }
    staged?;
    let decoded = decoded?;
    let copies = copies
        .into_iter()
        .map(|copy| copy.and_then(|whole| whole.ok_or_else(panicked)))
        .collect();
    Ok(Done { decoded, copies })
}

/// The middle: runs in the caller's thread, because the caller's closure may not move.
fn drive(
    arrivals: Receiver<Arrival>,
    feeds: &mut Feeds,
    stage: &mut Stage<'_>,
    input: &Path,
    cancel: &CancelToken,
) -> Result<(), MediaError> {
    for arrival in arrivals {
        cancel.check(input)?;
        match arrival {
            Arrival::Picture(picture) => stage(Some(picture), feeds)?,
            Arrival::Packet(packet) => {
                for feed in &mut feeds.0 {
                    feed.send_foreign(&packet);
                }
            }
            Arrival::End(integrity) => {
                stage(None, feeds)?;
                for feed in &mut feeds.0 {
                    feed.end(&integrity, input);
                }
                break;
            }
        }
        if feeds.0.iter().all(|feed| feed.queue.is_none()) {
            break;
        }
    }
    Ok(())
}

/// What the decode thread knows of a lane: its rendition, and the shift of its timestamps in the input's ticks.
struct Place {
    rendition: usize,
    shift: i64,
}

fn decode(
    mut clip: Clip,
    mut preparation: Preparation,
    places: &[Place],
    queue: &SyncSender<Arrival>,
    cancel: &CancelToken,
) -> Result<Decoded, MediaError> {
    let mut first_size = None;
    let mut interlaced = false;
    loop {
        cancel.check(clip.source().path())?;
        let arrival = match clip.next()? {
            ClipEvent::Frame { frame, media_time } => {
                let size = (frame.width(), frame.height());
                let first = *first_size.get_or_insert(size);
                if first != size && preparation.size.is_none() {
                    return Err(MediaError::SizeChanged {
                        path: clip.source().path().to_owned(),
                        frame: clip.delivered() - 1,
                        from: first,
                        to: size,
                    });
                }
                interlaced |= frame.interlaced().is_some();
                let frames = preparation.frames(frame, first, places).map_err(|source| {
                    MediaError::Ffmpeg {
                        path: clip.source().path().to_owned(),
                        action: "convert a frame",
                        source,
                    }
                })?;
                Arrival::Picture(Picture { frames, media_time })
            }
            ClipEvent::Packet(packet) => Arrival::Packet(packet),
            ClipEvent::End => break,
        };
        if queue.send(arrival).is_err() {
            // The stage has seen enough, or failed; its answer says which.
            break;
        }
    }
    let integrity = clip.source().integrity().clone();
    let _ = queue.send(Arrival::End(integrity.clone()));
    Ok(Decoded {
        integrity,
        converted: preparation
            .converters
            .iter()
            .map(Converter::converted)
            .collect(),
        interlaced,
    })
}

impl Preparation {
    /// The picture for every lane.
    fn frames(
        &mut self,
        frame: Frame,
        first_size: (u32, u32),
        places: &[Place],
    ) -> Result<Vec<Frame>, FfmpegError> {
        let pts = frame.pts().unwrap_or_default();
        let mut renditions = Vec::with_capacity(self.converters.len());
        for rendition in 1..self.converters.len() {
            let shared = frame.share()?;
            renditions.push((rendition, shared));
        }
        renditions.push((0, frame));
        let mut prepared: Vec<Option<Frame>> = self.converters.iter().map(|_| None).collect();
        for (rendition, frame) in renditions {
            prepared[rendition] = Some(self.prepare(rendition, frame, first_size)?);
        }
        let mut frames = Vec::with_capacity(places.len());
        for (lane, place) in places.iter().enumerate() {
            let is_last = places[lane + 1..]
                .iter()
                .all(|later| later.rendition != place.rendition);
            let slot = &mut prepared[place.rendition];
            let own = if is_last {
                slot.take()
            } else {
                slot.as_ref().map(Frame::share).transpose()?
            };
            let Some(mut frame) = own else {
                unreachable!("a rendition is taken by its last lane")
            };
            if self.writable {
                frame.make_writable()?;
            }
            frame.set_pts(pts.saturating_add(place.shift));
            frames.push(frame);
        }
        Ok(frames)
    }

    fn prepare(
        &mut self,
        rendition: usize,
        frame: Frame,
        first_size: (u32, u32),
    ) -> Result<Frame, FfmpegError> {
        let own = self.sizes.get(rendition).copied().flatten();
        let size = self.size.or(own).unwrap_or(first_size);
        let mut frame = self.converters[rendition].prepare(frame, size)?;
        if self.size.is_some() {
            frame.set_sample_aspect(Rational::new(1, 1));
        }
        match self.canvas {
            Some((width, height)) => frame.on_canvas(width, height),
            None => Ok(frame),
        }
    }
}

fn ticks(microseconds: i64, time_base: Rational) -> i64 {
    rescale(microseconds, Rational::new(1, 1_000_000), time_base)
}

/// Answers the complete file when everything arrived, `None` when the work was broken off.
fn encode(
    mut sink: Sink,
    queue: &Receiver<Item>,
) -> Result<Option<(PartialFile, Written)>, MediaError> {
    for item in queue {
        match item {
            Item::Frame(frame) => sink.write_frame(frame)?,
            Item::Packet {
                stream,
                time_base,
                packet,
            } => sink.write_packet(stream, time_base, packet)?,
            Item::End => return sink.finish().map(Some),
        }
    }
    Ok(None)
}
