//! A print as bytes.
//!
//! ```text
//! 0  "CMclip\n"  7    version  1    length of all  4    CRC-32 of what follows  4    range-coded body
//! ```
//!
//! Uncertain bits are numbered among all sets of eight of 28: 22 bits instead of 28.
//!
//! # Shapes and units
//! Integers little-endian.

use super::coder::{Bit, Decoder, Encoder, Number};
use super::steps::{Changes, Clock};
use super::waves::{self, BANDS};
use super::{
    ClipPrint, MEANS, MOST_FEATURES, MOST_FRAMES, MOST_MOMENTS, MOST_PEAKS, PrintFeature,
    PrintFrame, PrintInset, PrintMoment, PrintPictures,
};
use countermark_picture::Rect;

use crate::SoundPeaks;
use crate::word::{TURNED, WORD_BITS};

/// The version that this program writes and reads.
pub const VERSION: u8 = 2;
/// Bytes of a print at most: 26 minutes at its full rate, or any longer clip, of which less a second is kept.
pub const MOST_BYTES: usize = 1 << 18;

const MAGIC: &[u8; 7] = b"CMclip\n";
const HEAD: usize = 16;
/// Bits that a set of uncertain ones is numbered in: C(28, 8) = 3,108,105.
const SET_BITS: u32 = 22;
/// Parts of a second that times and sound are kept to.
const TIMES: f64 = 1000.0;
const SOUND_TIMES: f64 = 250.0;
/// Parts of an octave that pitches are kept to, and how far below 220 Hz they may lie.
const PITCHES: f64 = 120.0;
const PITCH_MARGIN: f64 = 8.0;

/// Columns or rows of a clip's frames at most.
const MOST_SIDE: usize = 1 << 16;

/// Why bytes are no print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrintError {
    /// Something else altogether.
    #[error("not a print of a clip")]
    Foreign,
    /// Of another version of this program.
    #[error("a print of version {found}, this program reads {VERSION}")]
    Version {
        /// What the print says.
        found: u8,
    },
    /// It ends too early.
    #[error("cut short: {found} of {expected} bytes")]
    Short {
        /// Bytes there are.
        found: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// Larger than any print.
    #[error("{found} bytes, and a print has at most {MOST_BYTES}")]
    Long {
        /// Bytes there are.
        found: usize,
    },
    /// Its bytes are not those that were written, or say what cannot be.
    #[error("damaged")]
    Damaged,
}

/// Probabilities of all that a print has.
struct Models {
    count: Number,
    time: Number,
    moment: Number,
    features: Number,
    hash: Bit,
    scale: Number,
    /// Of a wave's change: whether there is one by what it did before and the one before it does, its sign, its size.
    same: [Bit; BANDS * 9],
    sign: Bit,
    change: [Number; BANDS],
    sound: Number,
    rise: Bit,
    pitch: Number,
    inset: Bit,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            count: Number::default(),
            time: Number::default(),
            moment: Number::default(),
            features: Number::default(),
            hash: Bit::default(),
            scale: Number::default(),
            same: [Bit::default(); BANDS * 9],
            sign: Bit::default(),
            change: [Number::default(); BANDS],
            sound: Number::default(),
            rise: Bit::default(),
            pitch: Number::default(),
            inset: Bit::default(),
        }
    }
}

impl ClipPrint {
    /// Whether bytes look like a print, of whatever version.
    #[must_use]
    pub fn is_print(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// As bytes. What the format does not keep is rounded.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut coder = Encoder::new();
        let mut models = Models::default();
        self.encode(&mut coder, &mut models);
        let body = coder.finish();
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(((HEAD + body.len()) as u32).to_le_bytes());
        bytes.extend(crc32fast::hash(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    fn encode(&self, coder: &mut Encoder, models: &mut Models) {
        coder.number(
            &mut models.count,
            (self.end.max(0.0) * TIMES).round() as u32,
        );
        coder.number(&mut models.count, self.telling as u32);
        self.pictures.encode(coder, models);
        self.encode_sound(coder, models);
        coder.bit(&mut models.inset, self.inset.is_some());
        if let Some(inset) = &self.inset {
            let Rect {
                left,
                top,
                width,
                height,
            } = inset.rect;
            let (columns, rows) = inset.frame;
            for side in [left, top, width, height, columns, rows] {
                coder.number(&mut models.count, side as u32);
            }
            inset.pictures.encode(coder, models);
        }
    }

    fn encode_sound(&self, coder: &mut Encoder, models: &mut Models) {
        let sound = self
            .sound
            .as_ref()
            .map(SoundPeaks::places)
            .unwrap_or_default();
        coder.number(&mut models.count, sound.len().min(MOST_PEAKS) as u32);
        let mut clock = Clock::new(SOUND_TIMES);
        let mut before = 0;
        for (time, pitch) in sound.into_iter().take(MOST_PEAKS) {
            coder.number(&mut models.sound, clock.step(time));
            let level = ((pitch + PITCH_MARGIN).max(0.0) * PITCHES).round() as i32;
            coder.bit(&mut models.rise, level < before);
            coder.number(&mut models.pitch, level.abs_diff(before));
            before = level;
        }
    }

    /// The print that bytes are of.
    ///
    /// # Errors
    /// [`PrintError`] says what is wrong. Takes time and memory in proportion to the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, PrintError> {
        if !Self::is_print(bytes) {
            return Err(PrintError::Foreign);
        }
        let short = |expected| PrintError::Short {
            found: bytes.len(),
            expected,
        };
        let version = *bytes.get(7).ok_or(short(HEAD))?;
        if version != VERSION {
            return Err(PrintError::Version { found: version });
        }
        let field = |at: usize| -> Result<u32, PrintError> {
            let field = bytes.get(at..at + 4).ok_or(short(HEAD))?;
            Ok(field
                .iter()
                .rev()
                .fold(0, |n, byte| n << 8 | u32::from(*byte)))
        };
        let (length, checksum) = (field(8)? as usize, field(12)?);
        if bytes.len() > MOST_BYTES || length > MOST_BYTES {
            return Err(PrintError::Long {
                found: bytes.len().max(length),
            });
        }
        if bytes.len() < length {
            return Err(short(length));
        }
        if bytes.len() > length || length < HEAD || crc32fast::hash(&bytes[HEAD..]) != checksum {
            return Err(PrintError::Damaged);
        }
        let mut coder = Decoder::new(&bytes[HEAD..]);
        let print = Self::decode(&mut coder, &mut Models::default())?;
        if coder.is_exhausted() {
            return Err(PrintError::Damaged);
        }
        Ok(print)
    }

    fn decode(coder: &mut Decoder<'_>, models: &mut Models) -> Result<Self, PrintError> {
        let end = coder.number(&mut models.count);
        let telling = coder.number(&mut models.count);
        let pictures = PrintPictures::decode(coder, models)?;
        let sound = decode_sound(coder, models)?;
        let inset = coder.bit(&mut models.inset);
        Ok(Self {
            end: f64::from(end) / TIMES,
            telling: u64::from(telling),
            pictures,
            sound,
            inset: inset.then(|| decode_inset(coder, models)).transpose()?,
        })
    }
}

fn bounded(count: u32, most: usize) -> Result<usize, PrintError> {
    match count as usize {
        count if count <= most => Ok(count),
        _ => Err(PrintError::Damaged),
    }
}

fn decode_sound(
    coder: &mut Decoder<'_>,
    models: &mut Models,
) -> Result<Option<SoundPeaks>, PrintError> {
    let count = bounded(coder.number(&mut models.count), MOST_PEAKS)?;
    let (mut places, mut clock) = (Vec::new(), Clock::new(SOUND_TIMES));
    let mut before = 0_i32;
    for _ in 0..count {
        let time = clock.next(coder.number(&mut models.sound));
        let falls = coder.bit(&mut models.rise);
        let change = coder.number(&mut models.pitch) as i32;
        before = (before + if falls { -change } else { change }).clamp(0, 1 << 12);
        places.push((time, f64::from(before) / PITCHES - PITCH_MARGIN));
        if coder.is_exhausted() {
            return Err(PrintError::Damaged);
        }
    }
    Ok((!places.is_empty()).then(|| SoundPeaks::of_places(&places)))
}

fn decode_inset(coder: &mut Decoder<'_>, models: &mut Models) -> Result<PrintInset, PrintError> {
    let mut sides = [0; 6];
    for side in &mut sides {
        *side = coder.number(&mut models.count) as usize;
    }
    let [left, top, width, height, columns, rows] = sides;
    let is_within = |from: usize, length: usize, all: usize| {
        length >= 1 && all <= MOST_SIDE && from.saturating_add(length) <= all
    };
    if !is_within(left, width, columns) || !is_within(top, height, rows) {
        return Err(PrintError::Damaged);
    }
    Ok(PrintInset {
        rect: Rect {
            left,
            top,
            width,
            height,
        },
        frame: (columns, rows),
        pictures: PrintPictures::decode(coder, models)?,
    })
}

impl PrintPictures {
    fn encode(&self, coder: &mut Encoder, models: &mut Models) {
        let count = |coder: &mut Encoder, models: &mut Models, n: usize| {
            coder.number(&mut models.count, n as u32);
        };
        count(coder, models, self.size.0);
        count(coder, models, self.size.1);
        count(coder, models, (self.level_step * 16.0).round() as usize);
        count(coder, models, self.frames.len().min(MOST_FRAMES));
        let mut clock = Clock::new(TIMES);
        for frame in self.frames.iter().take(MOST_FRAMES) {
            coder.number(&mut models.time, clock.step(frame.clip_time));
            coder.bit(&mut models.hash, frame.hash.is_some());
            if let Some(hash) = frame.hash {
                coder.raw(hash, 64);
            }
            coder.number(&mut models.features, frame.features.len() as u32);
            for feature in &frame.features {
                coder.raw(u64::from(feature.word), WORD_BITS);
                coder.raw(u64::from(numbered(feature.uncertain)), SET_BITS);
                coder.raw(u64::from(feature.x), 8);
                coder.raw(u64::from(feature.y), 8);
                coder.number(&mut models.scale, u32::from(feature.scale));
                coder.raw(u64::from(feature.turn), 5);
            }
        }
        count(coder, models, self.moments.len().min(MOST_MOMENTS));
        let mut clock = Clock::new(TIMES);
        let mut changes = Changes::default();
        for moment in self.moments.iter().take(MOST_MOMENTS) {
            coder.number(&mut models.moment, clock.step(moment.clip_time));
            let waves = waves::of(&moment.means);
            for (place, wave) in waves.into_iter().enumerate() {
                let (change, same, size) = changes.before(place, wave / self.level_step);
                coder.bit(&mut models.same[same], change != 0);
                if change != 0 {
                    coder.bit(&mut models.sign, change < 0);
                    coder.number(&mut models.change[size], change.unsigned_abs() - 1);
                }
                changes.note(place, change);
            }
        }
    }

    fn decode(coder: &mut Decoder<'_>, models: &mut Models) -> Result<Self, PrintError> {
        let mut head = [0; 3];
        for number in &mut head {
            *number = coder.number(&mut models.count);
        }
        let [columns, rows, level] = head;
        let sides = 1..=4096;
        if !sides.contains(&columns) || !sides.contains(&rows) || !(1..=4096).contains(&level) {
            return Err(PrintError::Damaged);
        }
        let frames = bounded(coder.number(&mut models.count), MOST_FRAMES)?;
        let (mut left, mut clock) = (MOST_FEATURES, Clock::new(TIMES));
        let mut all = Vec::new();
        for _ in 0..frames {
            let clip_time = clock.next(coder.number(&mut models.time));
            let hash = coder.bit(&mut models.hash).then(|| coder.raw(64));
            let count = bounded(coder.number(&mut models.features), left)?;
            left -= count;
            let mut features = Vec::new();
            for _ in 0..count {
                let word = coder.raw(WORD_BITS) as u32;
                let uncertain = coder.raw(SET_BITS) as u32;
                features.push(PrintFeature {
                    word,
                    uncertain: set_of(uncertain).ok_or(PrintError::Damaged)?,
                    x: coder.raw(8) as u8,
                    y: coder.raw(8) as u8,
                    scale: coder.number(&mut models.scale).min(15) as u8,
                    turn: coder.raw(5) as u8,
                });
                if coder.is_exhausted() {
                    return Err(PrintError::Damaged);
                }
            }
            all.push(PrintFrame {
                clip_time,
                hash,
                features,
            });
        }
        let count = bounded(coder.number(&mut models.count), MOST_MOMENTS)?;
        let (mut moments, mut clock) = (Vec::new(), Clock::new(TIMES));
        let level_step = level as f32 / 16.0;
        let mut changes = Changes::default();
        for _ in 0..count {
            let clip_time = clock.next(coder.number(&mut models.moment));
            let mut waves = [0.0_f32; MEANS];
            for (place, wave) in waves.iter_mut().enumerate() {
                let (_, same, size) = changes.before(place, 0.0);
                let mut change = 0;
                if coder.bit(&mut models.same[same]) {
                    let falls = coder.bit(&mut models.sign);
                    change = coder.number(&mut models.change[size]) as i32 + 1;
                    change = if falls { -change } else { change };
                }
                *wave = changes.note(place, change) as f32 * level_step;
            }
            moments.push(PrintMoment {
                clip_time,
                means: waves::into_means(&waves),
            });
            if coder.is_exhausted() {
                return Err(PrintError::Damaged);
            }
        }
        Ok(Self {
            size: (columns as usize, rows as usize),
            level_step,
            frames: all,
            moments,
        })
    }
}

/// `n` over `k`.
fn over(n: u32, k: u32) -> u32 {
    if k > n {
        return 0;
    }
    let mut ways = 1_u64;
    for i in 0..u64::from(k) {
        ways = ways * (u64::from(n) - i) / (i + 1);
    }
    ways as u32
}

/// The number of a set of [`TURNED`] bits, by the combinatorial number system.
fn numbered(set: u32) -> u32 {
    let (mut number, mut k) = (0, 0);
    for bit in (0..WORD_BITS).filter(|bit| set >> bit & 1 == 1) {
        k += 1;
        number += over(bit, k);
    }
    number
}

/// The set of a number; none where there is none.
fn set_of(mut number: u32) -> Option<u32> {
    if number >= over(WORD_BITS, TURNED as u32) {
        return None;
    }
    let (mut set, mut k) = (0, TURNED as u32);
    for bit in (0..WORD_BITS).rev() {
        if k > 0 && over(bit, k) <= number {
            number -= over(bit, k);
            set |= 1 << bit;
            k -= 1;
        }
    }
    Some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_uncertain_bits_are_numbered_one_by_one() {
        let all = over(WORD_BITS, TURNED as u32);
        assert_eq!(all, 3_108_105);
        for number in (0..all).step_by(997).chain([all - 1]) {
            let set = set_of(number).expect("a set");
            assert_eq!(set.count_ones() as usize, TURNED);
            assert_eq!(numbered(set), number);
        }
        assert_eq!(set_of(all), None);
    }
}
