//! Decoding, editing and encoding at the same time.
//!
//! ```text
//! decode thread --[bounded]--> caller's thread: stage --[bounded]--> encode thread
//! ```
//!
//! Both queues hold [`QUEUED`] items, so memory does not grow with the video. Packets of other streams travel in the
//! same queues: the order of the file is kept.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::carry::Carried;
use crate::convert::Converter;
use crate::ffi::{Frame, Packet, PixelFormat};
use crate::rational::rescale;
use crate::sink::Sink;
use crate::source::{Event, FrameSource};
use crate::{Integrity, MediaError, Rational};

/// Pictures that each queue holds: enough to even out, 50 MB of 4K in 8 bits.
const QUEUED: usize = 4;

/// What moves between the threads.
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

/// How pictures leave the decode thread.
pub(crate) struct Preparation {
    pub(crate) converter: Converter,
    /// Scale to this size; keep the size if `None`.
    pub(crate) size: Option<(u32, u32)>,
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

/// The caller's work on each picture: hands pictures to the encoder through its second argument, and may break off
/// the input early. `None` as picture means that no more will come.
pub(crate) type Stage<'a> =
    dyn FnMut(Option<Frame>, &mut dyn FnMut(Frame)) -> Result<ControlFlow<()>, MediaError> + 'a;

/// Runs everything from `source` through `stage` into `sink`, which is answered complete but unfinished.
pub(crate) fn run(
    source: FrameSource,
    preparation: Preparation,
    sink: Sink,
    stage: &mut Stage<'_>,
) -> Result<(Sink, Decoded), MediaError> {
    let path = source.path().to_owned();
    let panicked = move || MediaError::WorkerPanicked { path };
    let (decoded_sender, decoded) = sync_channel(QUEUED);
    let (edited_sender, edited) = sync_channel(QUEUED);
    let (decoded, encoded, staged) = thread::scope(|scope| {
        let decoder = scope.spawn(move || decode(source, preparation, &decoded_sender));
        let encoder = scope.spawn(move || encode(sink, &edited));
        let staged = drive(decoded, edited_sender, stage);
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
    edited: SyncSender<Item>,
    stage: &mut Stage<'_>,
) -> Result<(), MediaError> {
    let mut send = |frame| {
        // A closed queue means that the encoder failed; its error is found when it is joined.
        let _ = edited.send(Item::Frame(frame));
    };
    for item in decoded {
        let flow = match item {
            Item::Frame(frame) => stage(Some(frame), &mut send)?,
            Item::End => {
                stage(None, &mut send)?;
                ControlFlow::Break(())
            }
            packet @ Item::Packet { .. } => match edited.send(packet) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => return Ok(()),
            },
        };
        if flow.is_break() {
            let _ = edited.send(Item::End);
            return Ok(());
        }
    }
    Ok(())
}

fn decode(
    mut source: FrameSource,
    mut preparation: Preparation,
    queue: &SyncSender<Item>,
) -> Result<Decoded, MediaError> {
    let time_base = source.time_base();
    let shift = rescale(
        preparation.shift_microseconds,
        Rational::new(1, 1_000_000),
        time_base,
    );
    let mut first_size = None;
    let mut interlaced = false;
    loop {
        let item = match source.next() {
            Event::Frame(mut frame) => {
                let size = (frame.width(), frame.height());
                let first = *first_size.get_or_insert(size);
                if first != size && preparation.size.is_none() {
                    return Err(MediaError::SizeChanged {
                        path: source.path().to_owned(),
                        frame: source.frames() - 1,
                        from: first,
                        to: size,
                    });
                }
                interlaced |= frame.interlaced().is_some();
                frame.set_pts(frame.pts().unwrap_or_default().saturating_add(shift));
                Item::Frame(prepare(frame, &mut preparation, first, &source)?)
            }
            Event::Packet(packet) => match foreign(packet, &preparation) {
                Some(item) => item,
                None => continue,
            },
            Event::End => break,
        };
        if queue.send(item).is_err() {
            // The stage has seen enough, or failed; its answer says which.
            break;
        }
    }
    if source.frames() == 0 {
        return Err(MediaError::NoFrames {
            path: source.path().to_owned(),
            integrity: source.integrity().clone(),
        });
    }
    let _ = queue.send(Item::End);
    Ok(Decoded {
        integrity: source.integrity().clone(),
        converted: preparation.converter.converted(),
        interlaced,
    })
}

fn prepare(
    frame: Frame,
    preparation: &mut Preparation,
    first_size: (u32, u32),
    source: &FrameSource,
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
            if preparation.writable {
                frame.make_writable()?;
            }
            Ok(frame)
        })
        .map_err(|source_error| MediaError::Ffmpeg {
            path: source.path().to_owned(),
            action: "convert a frame",
            source: source_error,
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
            Item::Frame(frame) => sink.write_frame(frame)?,
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
