//! Applies a chain to a file, in-process through `core/media`.
//!
//! Cuts, frame rates and bars wait for the next encoding step, so that a chain loses quality only where its name says
//! so; what is left over at the end is encoded without loss ([`lossless`]).
//!
//! # Determinism
//! What is left to chance comes from [`Place`]. Within one process encodes repeat when fresh memory is cleared
//! ([`clear_fresh_memory`]), and as they run on one thread.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use countermark_media::{
    EncodeSettings, Rational, Recode, VideoCodec, clear_fresh_memory, probe, recode,
};

use super::bitrate::encode_at_rate;
use super::canvas::{framed, onto_canvas, resized};
use super::effect::{ClipShape, PictureAttack, Timing};
use super::encoding::{lossless, settings};
use super::lie::{Lie, Placement, Trail};
use super::screenshot::screenshot;
use super::stream::{self, Edit, shape_of};
use super::{Attack, AttackError, Course, Piece, Place, Source, Step, Transport};

mod begin;

/// The last frame lasts about this long: a screenshot is taken before it ends.
const LAST_FRAME_SECONDS: f64 = 0.1;

/// What was done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Applied {
    /// Random places in seconds of the step's input: starts of cuts and times of pictures, in order.
    pub cuts: Vec<f64>,
    /// Which of the copies are in the result, where chance may have left some out; `None` for all that were asked for.
    pub used: Option<Vec<usize>>,
    /// Which moments of the title are shown when.
    pub course: Course,
    /// Where the picture of what was attacked lies in the result, from which moment on: one if it stays where it is.
    pub placements: Vec<Placement>,
}

/// What waits for the next encoding step.
///
/// A cut comes first, then attacks on pictures, then rate and bars: what would break that order is encoded without loss
/// in between.
#[derive(Debug, Clone, Default)]
struct Pending {
    cut: Option<(f64, f64)>,
    /// Attacks on pictures, each with its place in the chain.
    pictures: Vec<(usize, Arc<dyn PictureAttack>)>,
    fps: Option<u32>,
    /// Aspect of the frame around the picture.
    bars: Option<(u32, u32)>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.cut.is_none() && self.pictures.is_empty() && self.is_plain()
    }

    /// Whether nothing follows attacks on pictures.
    fn is_plain(&self) -> bool {
        self.fps.is_none() && self.bars.is_none()
    }
}

/// The files that an attack may need.
#[derive(Debug, Clone, Copy, Default)]
pub struct Materials<'a> {
    /// Marked copies of one title, as many as [`Source::copies`] says; the first one alone without a source.
    pub copies: &'a [&'a Path],
    /// The clean file.
    pub master: Option<&'a Path>,
    /// A copy that was marked once more.
    pub remarked: Option<&'a Path>,
    /// A file of another title.
    pub other: Option<&'a Path>,
    /// Files of two more titles, for grids.
    pub beside: &'a [&'a Path],
    /// A file of a film that no register holds.
    pub stranger: Option<&'a Path>,
}

/// Applies `attack` to `materials`. `output` must have the extension [`Attack::extension`] and is replaced if it exists;
/// intermediates lie beside it and are removed.
///
/// # Errors
/// [`AttackError`].
pub fn apply(
    attack: &Attack,
    materials: &Materials<'_>,
    output: &Path,
    place: &Place<'_>,
) -> Result<Applied, AttackError> {
    carry_out(attack, materials, output, place, false)
}

/// What the attacked pictures are compared with: the master, cut, bent and scaled as `attack` does it, without anything that
/// takes from its pictures, in a file without loss of its own. The same `place` falls on the same seconds.
///
/// # Errors
/// [`AttackError`]; [`AttackError::Missing`] where the pictures are another title's.
pub fn bend(
    attack: &Attack,
    master: &Path,
    output: &Path,
    place: &Place<'_>,
) -> Result<Applied, AttackError> {
    let source = attack.source();
    if source.is_some_and(|source| source.is_foreign() || source.together().is_some()) {
        return Err(AttackError::Missing {
            attack: attack.to_string(),
            what: "pictures of one title to be compared with",
        });
    }
    let copies = vec![master; source.map_or(1, Source::copies)];
    let materials = Materials {
        copies: &copies,
        master: Some(master),
        remarked: Some(master),
        ..Materials::default()
    };
    carry_out(attack, &materials, output, place, true)
}

fn carry_out(
    attack: &Attack,
    materials: &Materials<'_>,
    output: &Path,
    place: &Place<'_>,
    only_bends: bool,
) -> Result<Applied, AttackError> {
    clear_fresh_memory();
    let mut chain = Chain {
        output,
        current: PathBuf::new(),
        made: Vec::new(),
        pending: Pending::default(),
        applied: Applied::default(),
        trail: Trail::still(Lie::whole()),
        size: (0, 0),
        only_bends,
        container: "mkv",
    };
    let result = chain
        .begin(attack, materials, place)
        .and_then(|()| chain.run(attack, place));
    for file in chain.made.iter().filter(|f| *f != output) {
        // An intermediate that cannot be removed does not make the result wrong.
        let _ = std::fs::remove_file(file);
    }
    chain.applied.placements = chain.trail.placements(chain.size);
    result.map(|()| chain.applied)
}

struct Chain<'a> {
    output: &'a Path,
    current: PathBuf,
    made: Vec<PathBuf>,
    pending: Pending,
    applied: Applied,
    /// Where the pictures of `current` lie.
    trail: Trail,
    /// Of what was attacked.
    size: (usize, usize),
    /// Leave out what takes from the pictures and does not move them.
    only_bends: bool,
    /// Extension of intermediates.
    container: &'static str,
}

impl Chain<'_> {
    fn run(&mut self, attack: &Attack, place: &Place<'_>) -> Result<(), AttackError> {
        let last = attack.steps().len() - 1;
        let mut timing = self.measured()?;
        for (index, step) in attack.steps().iter().enumerate() {
            match *step {
                Step::Cut { seconds } => {
                    if !self.pending.is_empty() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    let length = self.length()?;
                    if length > seconds {
                        let start = place.start(index, length, seconds);
                        self.applied.cuts.push(start);
                        self.pending.cut = Some((start, seconds));
                        self.shows(start, seconds)?;
                        timing.seconds = seconds;
                    }
                }
                Step::Source(_) => {}
                Step::Montage(montage) => {
                    if !self.pending.is_empty() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    let made = self
                        .output
                        .with_extension(format!("montage{}.mkv", self.made.len()));
                    self.made.push(made.clone());
                    let random = &mut place.random(index);
                    let (starts, course) =
                        montage.run(&self.current, &made, &lossless(), random)?;
                    self.applied.cuts.extend(starts);
                    self.applied.course = self.applied.course.then(&course);
                    self.trail = Trail::still(self.trail.common());
                    timing.seconds = course.seconds();
                    self.current = made;
                }
                Step::Pictures(ref attack) if self.only_bends && !attack.bends() => {}
                Step::Pictures(ref attack) => {
                    if !self.pending.is_plain() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    self.pending.pictures.push((index, Arc::clone(attack)));
                    if let Some(course) = attack.course(timing) {
                        self.applied.course = self.applied.course.then(&course);
                    }
                    timing = attack.timing(timing);
                }
                Step::FrameRate { fps } => {
                    if self.pending.fps.is_some() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    self.pending.fps = Some(fps);
                    timing.frame_rate = f64::from(fps);
                }
                Step::Bars { width, height } => {
                    if self.pending.bars.is_some() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    self.pending.bars = Some((width, height));
                }
                Step::Encode { short_side, .. } if self.only_bends => {
                    if short_side.is_some() {
                        self.encode(place, &lossless(), short_side, index == last)?;
                    }
                }
                Step::Encode {
                    codec,
                    short_side,
                    rate,
                    preset,
                } => {
                    // Bars are put around luma and chroma, which an RGB encoder does not take.
                    if codec == VideoCodec::H264Rgb && self.pending.bars.is_some() {
                        self.encode(place, &lossless(), short_side, false)?;
                    }
                    let settings = settings(codec, rate, preset);
                    if let Some(Step::Transport(_)) = attack.steps().get(index + 1) {
                        self.container = "ts";
                    }
                    self.encode(place, &settings, short_side, index == last)?;
                }
                Step::Transport(_) if self.only_bends => {}
                Step::Transport(how) => return self.transported(how, (place, index)),
                Step::Jpeg { quality } => {
                    if !self.pending.is_empty() {
                        self.encode(place, &lossless(), None, false)?;
                    }
                    let time = place.start(index, self.length()?, LAST_FRAME_SECONDS);
                    self.applied.cuts.push(time);
                    self.shows(time, 0.0)?;
                    self.trail = Trail::still(self.trail.at(time));
                    let quality = if self.only_bends { 100 } else { quality };
                    return screenshot(&self.current, self.output, time, quality);
                }
            }
        }
        if self.current != self.output {
            self.encode(place, &lossless(), None, true)?;
        }
        Ok(())
    }

    /// The last step, where it is one of the stream: what is left to encode is encoded into one.
    fn transported(
        &mut self,
        how: Transport,
        (place, index): (&Place<'_>, usize),
    ) -> Result<(), AttackError> {
        if how.takes_packets() {
            self.container = "ts";
        }
        let is_stream = self.current.extension().is_some_and(|e| e == "ts");
        if !self.pending.is_empty() || how.takes_packets() && !is_stream {
            self.encode(place, &lossless(), None, false)?;
        }
        let random = &mut place.random(index);
        how.run(&self.current, self.output, random, &mut self.made)
    }

    /// What is known of the file that the first step is done to.
    fn measured(&mut self) -> Result<Timing, AttackError> {
        let shape = shape_of(&self.current)?;
        self.size = (shape.width, shape.height);
        if self.applied.course.pieces().is_empty() {
            self.applied.course = Course::whole(shape.seconds);
        }
        Ok(Timing {
            seconds: shape.seconds,
            frame_rate: shape.frame_rate,
        })
    }

    fn length(&self) -> Result<f64, AttackError> {
        Ok(shape_of(&self.current)?.seconds)
    }

    /// From here on the clip is a part of what it was: it begins with the first picture from `start` on.
    fn shows(&mut self, start: f64, seconds: f64) -> Result<(), AttackError> {
        let first = stream::first_shown(&self.current, start)?;
        let part = Piece {
            start: 0.0,
            end: seconds,
            shown: first.unwrap_or(start),
            speed: 1.0,
            ..Piece::default()
        };
        self.applied.course = self.applied.course.then(&Course::of(vec![part]));
        Ok(())
    }

    fn encode(
        &mut self,
        place: &Place<'_>,
        settings: &EncodeSettings,
        short_side: Option<u32>,
        last: bool,
    ) -> Result<(), AttackError> {
        let target = if last {
            self.output.to_owned()
        } else {
            self.output
                .with_extension(format!("step{}.{}", self.made.len(), self.container))
        };
        let pending = std::mem::take(&mut self.pending);
        if !pending.pictures.is_empty() {
            // RGB encoders take no planes of luma and chroma: they get what a lossless file holds.
            // And a bitrate may take several encodes.
            let is_done = pending.is_plain()
                && short_side.is_none()
                && settings.codec != VideoCodec::H264Rgb
                && matches!(settings.rate, countermark_media::Rate::Crf(_));
            let edited = if is_done {
                target.clone()
            } else {
                self.output
                    .with_extension(format!("pictures{}.mkv", self.made.len()))
            };
            self.made.push(edited.clone());
            let encode = if is_done {
                settings.clone()
            } else {
                lossless()
            };
            let files = (self.current.as_path(), edited.as_path());
            self.trail = edit(files, &pending, (place, &self.trail), &encode)?;
            self.current = edited;
            if is_done {
                return Ok(());
            }
        }
        let cut = pending.cut.filter(|_| pending.pictures.is_empty());
        let info = probe(&self.current)?.video;
        let picture = (info.width, info.height);
        let frame = pending.bars.map(|aspect| framed(picture, aspect));
        let (scale, canvas) = resized(picture, frame, short_side);
        if let Some((start, _)) = cut {
            let first = stream::first_shown(&self.current, start)?;
            self.trail = self.trail.cut(first.unwrap_or(start));
        }
        self.trail = self.trail.then(&onto_canvas(picture, scale, canvas));
        let order = Recode {
            scale,
            canvas,
            start_seconds: cut.map(|(start, _)| start),
            duration_seconds: cut.map(|(_, seconds)| seconds),
            frame_rate: pending.fps.map(|fps| Rational::new(fps as i32, 1)),
            ..Recode::new(settings.clone())
        };
        self.made.push(target.clone());
        encode_at_rate(&target, settings, |settings| {
            let order = Recode {
                settings,
                ..order.clone()
            };
            recode(&self.current, &target, &order, &())?;
            Ok(())
        })?;
        self.current = target;
        Ok(())
    }
}

/// The waiting cut and attacks on pictures in one pass.
fn edit(
    (input, output): (&Path, &Path),
    pending: &Pending,
    (place, trail): (&Place<'_>, &Trail),
    encode: &EncodeSettings,
) -> Result<Trail, AttackError> {
    let whole = shape_of(input)?;
    let mut shape = ClipShape {
        seconds: pending.cut.map_or(whole.seconds, |(_, seconds)| seconds),
        ..whole
    };
    let mut stages = Vec::with_capacity(pending.pictures.len());
    for (index, attack) in &pending.pictures {
        stages.push(attack.begin(&shape, &mut place.random(*index)));
        let timing = attack.timing(Timing {
            seconds: shape.seconds,
            frame_rate: shape.frame_rate,
        });
        shape = ClipShape {
            seconds: timing.seconds,
            frame_rate: timing.frame_rate,
            ..shape
        };
    }
    let order = Edit {
        cut: pending.cut,
        frame_rate: shape.frame_rate,
        encode,
    };
    stream::run(input, output, &mut stages, (&order, trail))
}

#[cfg(test)]
mod tests;
