//! Files that were cut off before their index was written, repaired with another file of the same camera or program.
//!
//! ```text
//! media data -> units with a plausible length and header, one behind the other; what is none (sound) is stepped over
//! units + parameters and frame rate of the sister -> AVI: a chunk for each picture
//! ```
//!
//! An MP4 without `moov` has all its pictures but says neither where they lie nor how to decode them. Where: a unit of H.264 or HEVC
//! begins with its length, and the length leads to the next. How: the parameter sets lie in the sister's index. AVI numbers pictures in
//! the order of decoding and needs no timestamps, of which there are none.
//!
//! # Shapes and units
//! Positions and lengths in bytes. Sound is not recovered.
//! # References
//! ITU-T H.264, 7.3.1 and 7.3.3 (units, slice headers); H.265, 7.3.1.2 and 7.3.6.1; ISO/IEC 14496-15, 5.3.3 and 8.3.3 (avcC, hvcC).
//! Microsoft (1997), AVI RIFF File Reference.

mod avi;
mod units;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::info::frame_rate;
use crate::iso::top_level;
use crate::opening::open_input;
use crate::{CancelToken, MediaError, Rational};

use avi::AviWriter;
use units::{Parameters, Unit};

/// A longer unit is no picture but chance.
const LONGEST_UNIT: u64 = 32 << 20;

/// Bytes of a window on the broken file.
const WINDOW: usize = 1 << 20;

/// Units that lead to each other are no chance.
const CHAIN: usize = 3;

/// Bytes that tell whether a unit begins.
const PEEKED: usize = 64;

/// What was recovered.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Repair {
    /// Pictures found.
    pub pictures: u64,
    /// Bytes that were no part of a picture: sound, and what is damaged.
    pub passed_over_bytes: u64,
    /// Frames a second, from the sister.
    pub frame_rate: Rational,
}

/// Writes what can be recovered of the pictures of `broken` to `output`, an AVI file, with the parameters of `sister`.
///
/// # Errors
/// When `broken` holds no media data or none that `sister`'s parameters fit, or a file cannot be read or written.
pub fn repair(broken: &Path, sister: &Path, output: &Path) -> Result<Repair, MediaError> {
    let (opened, video) = open_input(sister, &CancelToken::new())?;
    let refuse = |path: &Path, reason: String| MediaError::NotRepaired {
        path: path.to_owned(),
        reason,
    };
    let stream = opened.input.stream(video).ok_or_else(|| {
        refuse(
            sister,
            "the file to repair it with has no pictures".to_owned(),
        )
    })?;
    let codec = stream.codec_name();
    let parameters = Parameters::read(&codec, stream.extra_data()).ok_or_else(|| {
        let reason = format!(
            "the file to repair it with must be an MP4 of H.264 or HEVC, and holds {codec}"
        );
        refuse(sister, reason)
    })?;
    let rate = Some(frame_rate(stream)).filter(|rate| rate.is_known());
    let rate = rate.unwrap_or(Rational::new(25, 1));
    let io = |path: &Path, action, source| MediaError::Io {
        path: path.to_owned(),
        action,
        source,
    };
    let boxes = top_level(broken).map_err(|source| io(broken, "read", source))?;
    let data = boxes
        .iter()
        .filter(|found| found.kind == *b"mdat")
        .max_by_key(|found| found.payload.end - found.payload.start)
        .map(|found| found.payload.clone())
        .ok_or_else(|| refuse(broken, "it holds no media data (`mdat`)".to_owned()))?;
    let size = (stream.width(), stream.height());
    let mut writer = AviWriter::create(output, parameters.codec(), size, rate)
        .map_err(|source| io(output, "write", source))?;
    let mut file = Window::open(broken, data.end).map_err(|source| io(broken, "read", source))?;
    let (mut at, mut passed_over, mut is_led) = (data.start, 0, false);
    let mut picture = Picture::beginning_with(&parameters);
    while at < data.end {
        let read = |source| io(broken, "read", source);
        let unit = file.unit(&parameters, at).map_err(read)?;
        // One that no other led to may be chance: it leads to others, if it is none.
        let is_one = |file: &mut Window, unit: &Unit| {
            Ok(is_led || file.leads_on(&parameters, at + unit.whole())?)
        };
        let unit = match unit {
            Some(unit) if is_one(&mut file, &unit).map_err(read)? => unit,
            _ => {
                at += 1;
                passed_over += 1;
                is_led = false;
                continue;
            }
        };
        let bytes = file
            .read(at + unit.head, unit.length as usize)
            .map_err(read)?;
        if let Some(whole) = picture.add(&unit, &bytes) {
            writer
                .write(&whole)
                .map_err(|source| io(output, "write", source))?;
        }
        at += unit.whole();
        is_led = true;
    }
    if let Some(last) = picture.finish() {
        writer
            .write(&last)
            .map_err(|source| io(output, "write", source))?;
    }
    let pictures = writer
        .finish()
        .map_err(|source| io(output, "write", source))?;
    if pictures == 0 {
        let reason = "none of its media data fits the file to repair it with";
        return Err(refuse(broken, reason.to_owned()));
    }
    Ok(Repair {
        pictures,
        passed_over_bytes: passed_over,
        frame_rate: rate,
    })
}

/// The units of one picture, each behind a start code.
struct Picture {
    bytes: Vec<u8>,
    has_slice: bool,
}

impl Picture {
    const START: [u8; 4] = [0, 0, 0, 1];

    fn beginning_with(parameters: &Parameters) -> Self {
        let mut bytes = Vec::new();
        for set in parameters.sets() {
            bytes.extend(Self::START);
            bytes.extend_from_slice(set);
        }
        Self {
            bytes,
            has_slice: false,
        }
    }

    /// Takes the next unit; answers the picture before, if it is complete.
    fn add(&mut self, unit: &Unit, bytes: &[u8]) -> Option<Vec<u8>> {
        let is_next = self.has_slice && unit.begins_picture;
        let before = is_next.then(|| std::mem::take(&mut self.bytes));
        self.has_slice = (self.has_slice && !is_next) || unit.is_slice;
        self.bytes.extend(Self::START);
        self.bytes.extend_from_slice(bytes);
        before
    }

    fn finish(self) -> Option<Vec<u8>> {
        self.has_slice.then_some(self.bytes)
    }
}

/// A file looked at through a window that moves ahead.
struct Window {
    file: File,
    end: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn open(path: &Path, end: u64) -> std::io::Result<Self> {
        Ok(Self {
            file: File::open(path)?,
            end,
            start: 0,
            bytes: Vec::new(),
        })
    }

    /// At most `length` bytes from `at` on; fewer at the end.
    fn peek(&mut self, at: u64, length: usize) -> std::io::Result<&[u8]> {
        let wanted = (length as u64).min(self.end.saturating_sub(at)) as usize;
        let is_inside =
            at >= self.start && at + wanted as u64 <= self.start + self.bytes.len() as u64;
        if !is_inside {
            self.bytes = self.read(at, WINDOW.min((self.end - at) as usize))?;
            self.start = at;
        }
        let from = (at - self.start) as usize;
        let to = (from + wanted).min(self.bytes.len());
        Ok(self.bytes.get(from..to).unwrap_or_default())
    }

    /// The unit that begins at `at`, if one does that is whole.
    fn unit(&mut self, parameters: &Parameters, at: u64) -> std::io::Result<Option<Unit>> {
        let end = self.end;
        let unit = parameters.unit(self.peek(at, PEEKED)?);
        Ok(unit.filter(|unit| unit.length <= LONGEST_UNIT && at + unit.whole() <= end))
    }

    /// Whether [`CHAIN`] units lead to each other from `at` on, or fewer to the very end.
    fn leads_on(&mut self, parameters: &Parameters, at: u64) -> std::io::Result<bool> {
        let (mut next, mut links) = (at, 0);
        while links < CHAIN
            && let Some(unit) = self.unit(parameters, next)?
        {
            next += unit.whole();
            links += 1;
        }
        Ok(links == CHAIN || next == self.end)
    }

    fn read(&mut self, at: u64, length: usize) -> std::io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::with_capacity(length);
        (&mut self.file)
            .take(length as u64)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}
