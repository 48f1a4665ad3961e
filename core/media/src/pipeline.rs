//! Decoding, editing and encoding at the same time.
//!
//! ```text
//! decode thread --[bounded]--> caller's thread: stage --[bounded]--> encode thread
//! ```
//!
//! Both queues hold [`QUEUED`] items, so memory does not grow with the video. Packets of other streams travel in the
//! same queues: the order of the file is kept.

use std::cell::Cell;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::carry::Carried;
use crate::clip::{Clip, ClipEvent};
use crate::convert::Converter;
use crate::ffi::{Frame, Packet, PixelFormat};
use crate::rational::rescale;
use crate::sink::Sink;
use crate::{Integrity, MediaError, Rational};

/// Items that each queue holds: the encoder's own lookahead evens out the rest, and a 4K picture is 12 MB and more.
const QUEUED: usize = 2;

/// What moves between the threads.
enum Item {
    Frame(TimedFrame),
    Packet {
        stream: usize,
        time_base: Rational,
        packet: Packet,
    },
    /// Everything was sent; without it the work was broken off.
    End,
}

/// A picture and its media time in seconds.
pub(crate) struct TimedFrame {
    pub(crate) frame: Frame,
    pub(crate) media_time: f64,
}

/// How pictures leave the decode thread.
pub(crate) struct Preparation {
    pub(crate) converter: Converter,
    /// Scale to this size; keep the size if `None`.
    pub(crate) size: Option<(u32, u32)>,
    /// Put into the middle of a black picture of this size.
    pub(crate) canvas: Option<(u32, u32)>,
    /// Make pictures safe to write to.
    pub(crate) writable: bool,
    /// Foreign packets go where this says; dropped if `None`.
    pub(crate) carried: Option<Carried>,
    /// Added to every timestamp.
    pub(crate) shift_microseconds: i64,
}

/// What the decode thread found out.
pub(crate) struct Decoded {
    pub(crate) integrity: Integrity,
    pub(crate) converted: Option<(PixelFormat, PixelFormat)>,
    pub(crate) interlaced: bool,
}

/// The caller's work on each picture: hands pictures to the encoder through its second argument. `None` as picture
/// means that no more will come.
pub(crate) type Stage<'a> =
    dyn FnMut(Option<TimedFrame>, &mut dyn FnMut(TimedFrame)) -> Result<(), MediaError> + 'a;

/// Runs everything from `clip` through `stage` into `sink`, which is answered complete but unfinished.
pub(crate) fn run(
    clip: Clip,
    preparation: Preparation,
    sink: Sink,
    stage: &mut Stage<'_>,
) -> Result<(Sink, Decoded), MediaError> {
    let path = clip.source().path().to_owned();
    let panicked = move || MediaError::WorkerPanicked { path };
    let (decoded_sender, decoded) = sync_channel(QUEUED);
    let (edited_sender, edited) = sync_channel(QUEUED);
    let (decoded, encoded, staged) = thread::scope(|scope| {
        let decoder = scope.spawn(move || decode(clip, preparation, &decoded_sender));
        let encoder = scope.spawn(move || encode(sink, &edited));
        // Owned here: a panic of the stage closes the queue before the threads are waited for.
        let edited_sender = edited_sender;
        let staged = drive(decoded, &edited_sender, stage);
        drop(edited_sender);
        (decoder.join(), encoder.join(), staged)
    });
    // A failed thread closes its queue, which the others see as the end: its own error is the cause.
    let (Ok(decoded), Ok(encoded)) = (decoded, encoded) else {
        return Err(panicked());
    };
    let encoded = encoded?;
    staged?;
    let decoded = decoded?;
    Ok((encoded.ok_or_else(panicked)?, decoded))
}

/// The middle: runs in the caller's thread, because the caller's closure may not move.
fn drive(
    decoded: Receiver<Item>,
    edited: &SyncSender<Item>,
    stage: &mut Stage<'_>,
) -> Result<(), MediaError> {
    // A closed queue means that the encoder failed; its error is found when it is joined.
    let closed = Cell::new(false);
    let mut send = |timed| {
        closed.set(closed.get() || edited.send(Item::Frame(timed)).is_err());
    };
    for item in decoded {
        match item {
            Item::Frame(timed) => stage(Some(timed), &mut send)?,
            Item::End => {
                stage(None, &mut send)?;
                let _ = edited.send(Item::End);
                break;
            }
            packet @ Item::Packet { .. } => {
                let failed = edited.send(packet).is_err();
                closed.set(closed.get() || failed);
            }
        }
        if closed.get() {
            break;
        }
    }
    Ok(())
}

fn decode(
    mut clip: Clip,
    mut preparation: Preparation,
    queue: &SyncSender<Item>,
) -> Result<Decoded, MediaError> {
    let time_base = clip.source().time_base();
    let shift = rescale(
        preparation.shift_microseconds,
        Rational::new(1, 1_000_000),
        time_base,
    );
    let mut first_size = None;
    let mut interlaced = false;
    loop {
        let item = match clip.next()? {
            ClipEvent::Frame {
                mut frame,
                media_time,
            } => {
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
                frame.set_pts(frame.pts().unwrap_or_default().saturating_add(shift));
                let frame = prepare(frame, &mut preparation, first, clip.source().path())?;
                Item::Frame(TimedFrame { frame, media_time })
            }
            ClipEvent::Packet(packet) => match foreign(packet, &preparation) {
                Some(item) => item,
                None => continue,
            },
            ClipEvent::End => break,
        };
        if queue.send(item).is_err() {
            // The stage has seen enough, or failed; its answer says which.
            break;
        }
    }
    let _ = queue.send(Item::End);
    Ok(Decoded {
        integrity: clip.source().integrity().clone(),
        converted: preparation.converter.converted(),
        interlaced,
    })
}

fn prepare(
    frame: Frame,
    preparation: &mut Preparation,
    first_size: (u32, u32),
    path: &Path,
) -> Result<Frame, MediaError> {
    let size = preparation.size.unwrap_or(first_size);
    let scaled = preparation.size.is_some();
    preparation
        .converter
        .prepare(frame, size)
        .and_then(|mut frame| {
            if scaled {
                frame.set_sample_aspect(Rational::new(1, 1));
            }
            if let Some((width, height)) = preparation.canvas {
                frame = frame.on_canvas(width, height)?;
            }
            if preparation.writable {
                frame.make_writable()?;
            }
            Ok(frame)
        })
        .map_err(|source| MediaError::Ffmpeg {
            path: path.to_owned(),
            action: "convert a frame",
            source,
        })
}

/// A packet of another stream on its way to the output, shifted; `None` if that stream is not carried.
fn foreign(mut packet: Packet, preparation: &Preparation) -> Option<Item> {
    let carried = preparation.carried.as_ref()?;
    let &(stream, time_base) = carried.copies.get(&packet.stream())?;
    let shift = rescale(
        preparation.shift_microseconds,
        Rational::new(1, 1_000_000),
        time_base,
    );
    packet.set_pts(packet.pts().map(|pts| pts.saturating_add(shift)));
    packet.set_dts(packet.dts().map(|dts| dts.saturating_add(shift)));
    Some(Item::Packet {
        stream,
        time_base,
        packet,
    })
}

/// Answers the sink when everything arrived, `None` when the work was broken off.
fn encode(mut sink: Sink, queue: &Receiver<Item>) -> Result<Option<Sink>, MediaError> {
    for item in queue {
        match item {
            Item::Frame(timed) => sink.write_frame(timed.frame)?,
            Item::Packet {
                stream,
                time_base,
                packet,
            } => sink.write_packet(stream, time_base, packet)?,
            Item::End => return Ok(Some(sink)),
        }
    }
    Ok(None)
}
