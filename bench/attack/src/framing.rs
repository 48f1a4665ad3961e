//! Framing: how a mark comes to lie on pictures that its copy never showed.
//!
//! ```text
//! lifted            q + (a - m)                    a = the victim's copy, m = the master, q = another title
//! trailer-lifted    three seconds of m, the middle 55 % of its sides, mirrored, and then that;    lifted-trailer   behind it
//! transplanted-L    b + up(s) - up(down(b))        b = the framer's own copy, s = down(a) to L lines, x264 at CRF 30
//! ```
//!
//! All on luma; chroma is that of `q` or `b`. At the lattice's scale `up(down(b))` takes off what `b` itself holds there, picture
//! and mark, and `up(s)` puts in the victim's. `down` is bicubic, `up` Keys' cubic kernel for both, so that they differ by
//! nothing but `s` and `b`.
//!
//! # Shapes and units
//! Copies and master of one title have the same frames. The other title is read in a loop; its pictures are cropped or repeated
//! to the copy's size.

use std::path::Path;

use countermark_media::{EncodeSettings, Recode, VideoCodec, recode};

use super::effect::Shown;
use super::encoding::{Rate, settings};
use super::geometry::resample::{Window, resampled};
use super::mix::{open, repeated};
use super::scaled::scaled;
use super::source::Trailer;
use super::stream::{Output, Pictures, shape_of};
use super::{AttackError, Picture, Plane};

/// Length of the title's own pictures beside a lifted mark.
const TRAILER_SECONDS: f64 = 3.0;

/// By how much they are enlarged: 55 % of each side are left.
const TRAILER_ZOOM: f64 = 1.0 / 0.55;

/// Quality of the stream that is recorded.
const STREAM_CRF: u32 = 30;

/// The mark of `copy` on pictures of `other`, beside a piece of the clean `master` where that is wanted.
pub(super) fn lift(
    (copy, master, other): (&Path, &Path, &Path),
    trailer: Option<Trailer>,
    output: &Path,
    encode: &EncodeSettings,
) -> Result<(), AttackError> {
    let shape = shape_of(copy)?;
    let mut file = Output::new(output, encode, shape.frame_rate, 8);
    let mut clock = 0.0;
    if trailer == Some(Trailer::Before) {
        clock = show_trailer(master, clock, &mut file, encode)?;
    }
    let (mut marked, mut clean) = (open(copy, encode)?, open(master, encode)?);
    let mut host = open(other, encode)?;
    let begin = clock;
    while let (Some(shown), Some(under)) = (marked.next()?, clean.next()?) {
        let mut laid = host.next()?;
        if laid.is_none() {
            host = open(other, encode)?;
            laid = host.next()?;
        }
        let Some(Shown { picture: laid, .. }) = laid else {
            break;
        };
        let mut picture = fitted(&laid, &shown.picture);
        let marks = shown
            .picture
            .y
            .samples()
            .iter()
            .zip(under.picture.y.samples());
        for (sample, (a, m)) in picture.y.samples_mut().iter_mut().zip(marks) {
            *sample += a - m;
        }
        clock = begin + shown.seconds;
        file.write(&picture, clock)?;
    }
    if trailer == Some(Trailer::Behind) {
        show_trailer(master, clock + 1.0 / shape.frame_rate, &mut file, encode)?;
    }
    file.finish()
}

/// Three seconds of the clean title as a trailer shows them, from `clock` on; when the next picture is due.
fn show_trailer(
    master: &Path,
    clock: f64,
    file: &mut Output<'_>,
    encode: &EncodeSettings,
) -> Result<f64, AttackError> {
    let shape = shape_of(master)?;
    let start = ((shape.seconds - TRAILER_SECONDS) / 2.0).max(0.0);
    let part = Some((start, TRAILER_SECONDS));
    let mut pictures = Pictures::open(master, part, 8, encode.threads)?;
    let (mut first, mut next) = (None, clock);
    while let Some(Shown { picture, seconds }) = pictures.next()? {
        let size = (picture.width(), picture.height());
        let part = resampled(&picture, size, Window::whole(&picture).zoomed(TRAILER_ZOOM));
        let shown = part.map_planes(|plane, _| {
            let last = plane.width() - 1;
            Plane::from_fn(plane.width(), plane.height(), |x, y| plane.row(y)[last - x])
        });
        let at = clock + seconds - *first.get_or_insert(seconds);
        file.write(&shown, at)?;
        next = at + 1.0 / shape.frame_rate;
    }
    Ok(next)
}

/// A picture of another title in the size of a copy.
fn fitted(other: &Picture, copy: &Picture) -> Picture {
    let mut picture = copy.map_planes(|plane, part| {
        let from = if part == 1 { &other.y } else { &other.u };
        repeated(from, plane.width(), plane.height())
    });
    picture.v = repeated(&other.v, picture.v.width(), picture.v.height());
    picture.full_range = other.full_range;
    picture
}

/// The mark of the victim's stream of so many lines on the framer's own copy; `stream` is where that stream lies for a while.
pub(super) fn transplant(
    (victim, own): (&Path, &Path),
    lines: u32,
    (stream, small): (&Path, &Path),
    output: &Path,
    encode: &EncodeSettings,
) -> Result<(), AttackError> {
    let shape = shape_of(own)?;
    let scale = scaled(shape.width as u32, shape.height as u32, lines);
    let down = |from: &Path, to: &Path, settings: EncodeSettings| {
        let order = Recode {
            scale,
            ..Recode::new(settings)
        };
        recode(from, to, &order, &())
    };
    let recorded = settings(VideoCodec::H264, Rate::Crf(STREAM_CRF), None);
    down(victim, stream, recorded)?;
    down(own, small, encode.clone())?;
    let mut file = Output::new(output, encode, shape.frame_rate, 8);
    let (mut copy, mut theirs, mut ours) = (
        open(own, encode)?,
        open(stream, encode)?,
        open(small, encode)?,
    );
    while let (Some(mut shown), Some(theirs), Some(ours)) =
        (copy.next()?, theirs.next()?, ours.next()?)
    {
        let size = (shown.picture.width(), shown.picture.height());
        let up = |picture: &Picture| resampled(picture, size, Window::whole(picture)).y;
        let (theirs, ours) = (up(&theirs.picture), up(&ours.picture));
        let difference = theirs.samples().iter().zip(ours.samples());
        for (sample, (a, b)) in shown.picture.y.samples_mut().iter_mut().zip(difference) {
            *sample += a - b;
        }
        file.write(&shown.picture, shown.seconds)?;
    }
    file.finish()
}
