//! The picture of a HEIF file: its tiles decoded, laid out, and turned as the file says.
//!
//! ```text
//! coded items of one configuration -> an MP4 in memory with a sample for each -> FFmpeg's decoder -> tiles -> canvas
//! ```
//!
//! The boxes are read by us, the tiles decoded by FFmpeg (HEVC, AV1): no further library reads a stranger's file.
//!
//! # References
//! ISO/IEC 23008-12, 6.6.2.3 (grids), 6.5.9 to 6.5.12 (clean aperture, rotation, mirror); ISO/IEC 14496-12, 8 (movie boxes).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::items::{Change, Coding, Extent, Item, Items};
use crate::MediaError;
use crate::assembly::Assembly;
use crate::ffi::{Frame, PixelFormat, Scaler};
use crate::head::check_size;
use crate::iso::{boxed, top_level};
use crate::source::{Event, FrameSource};

/// Bytes of a `meta` box at most, and of a derived item's description.
const MOST_META_BYTES: u64 = 16 << 20;
const MOST_DESCRIPTION_BYTES: u64 = 64;

/// Items that stand for others, one behind the other.
const DEEPEST: usize = 4;

/// The picture that the file at `path` shows.
pub(super) fn picture(path: &Path) -> Result<Frame, MediaError> {
    let meta = meta(path)?;
    let refuse = |reason: String| MediaError::Picture {
        path: path.to_owned(),
        reason,
    };
    let items =
        Items::parse(&meta).ok_or_else(|| refuse("its description is broken off".to_owned()))?;
    let primary = items
        .primary()
        .ok_or_else(|| refuse("it does not say which picture is shown".to_owned()))?;
    Heif { path, items }.show(primary, DEEPEST)
}

/// What decoders tell coded items by: the sample entry, the configuration, the colour.
type Form<'a> = (&'a [u8; 4], &'a [u8], &'a [u8]);

struct Heif<'a> {
    path: &'a Path,
    items: Items<'a>,
}

impl Heif<'_> {
    fn refuse(&self, reason: impl Into<String>) -> MediaError {
        MediaError::Picture {
            path: self.path.to_owned(),
            reason: reason.into(),
        }
    }

    /// An item as it is shown.
    fn show(&self, id: u32, deepest: usize) -> Result<Frame, MediaError> {
        let item = self.item(id)?;
        let mut frame = match &item.coding {
            Coding::Coded { .. } => {
                let mut tiles = self.decode(std::slice::from_ref(&item))?;
                let only = tiles.pop().flatten();
                only.ok_or_else(|| self.refuse("its picture cannot be decoded"))?
            }
            Coding::Grid {
                columns,
                rows,
                size,
                tiles,
            } => self.grid((*columns, *rows), *size, tiles)?,
            Coding::Same(other) if deepest > 0 => self.show(*other, deepest - 1)?,
            Coding::Same(_) => return Err(self.refuse("its items name each other")),
        };
        if let (Coding::Coded { .. }, Some(size)) = (&item.coding, item.size) {
            frame.crop_to(size);
        }
        for change in &item.changes {
            frame = changed(frame, *change).map_err(|reason| self.refuse(reason))?;
        }
        Ok(frame)
    }

    fn item(&self, id: u32) -> Result<Item, MediaError> {
        let read = |range: Range<u64>| read_part(self.path, range);
        self.items
            .item(id, &read)
            .map_err(|reason| self.refuse(reason))
    }

    fn grid(
        &self,
        (columns, rows): (usize, usize),
        size: (u32, u32),
        tiles: &[u32],
    ) -> Result<Frame, MediaError> {
        check_size(self.path, size)?;
        let tiles: Vec<Item> = tiles
            .iter()
            .map(|&tile| self.item(tile))
            .collect::<Result<_, _>>()?;
        let decoded = self.decode(&tiles)?;
        let first = decoded
            .iter()
            .flatten()
            .next()
            .ok_or_else(|| self.refuse("none of its tiles can be decoded"))?;
        let (format, tile) = (
            first.format(),
            tiles[0].size.unwrap_or((first.width(), first.height())),
        );
        let format = format.ok_or_else(|| self.refuse("its tiles have no known format"))?;
        let covers = |tiles: usize, tile: u32, whole: u32| {
            tiles as u64 * u64::from(tile) >= u64::from(whole)
        };
        if !covers(columns, tile.0, size.0) || !covers(rows, tile.1, size.1) {
            return Err(self.refuse("its tiles do not cover it"));
        }
        let mut canvas = Frame::with_picture(format, size.0, size.1)
            .map_err(|error| self.refuse(error.to_string()))?;
        canvas
            .copy_properties(first)
            .map_err(|error| self.refuse(error.to_string()))?;
        canvas.blacken();
        for (index, frame) in decoded.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            if let Some(frame) = frame {
                // A tile that differs in form is left out, as one that is damaged.
                let _ = canvas.paste(frame, column * tile.0 as usize, row * tile.1 as usize);
            }
        }
        Ok(canvas)
    }

    /// Coded items in their order; none where one is damaged.
    fn decode(&self, items: &[Item]) -> Result<Vec<Option<Frame>>, MediaError> {
        let mut groups: BTreeMap<Form<'_>, Vec<usize>> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let Coding::Coded {
                entry,
                configuration,
                colour,
            } = &item.coding
            else {
                return Err(self.refuse("its tiles are no coded pictures"));
            };
            groups
                .entry((entry, configuration, colour))
                .or_default()
                .push(index);
        }
        let mut decoded: Vec<Option<Frame>> = items.iter().map(|_| None).collect();
        for ((entry, configuration, colour), members) in groups {
            let own: Vec<&Item> = members.iter().map(|&index| &items[index]).collect();
            let size = own[0].size.unwrap_or((16, 16));
            check_size(self.path, size)?;
            let movie = self.movie(&own, (entry, size, configuration, colour))?;
            let mut source = FrameSource::of_assembly(self.path, movie, "mov")?;
            while let Event::Frame(frame) = source.next() {
                let at = frame.pts().and_then(|pts| usize::try_from(pts).ok());
                if let Some(&index) = at.and_then(|at| members.get(at)) {
                    decoded[index] = Some(frame);
                }
            }
        }
        Ok(decoded)
    }

    /// An MP4 with one sample a second for each item.
    fn movie(
        &self,
        items: &[&Item],
        (entry, size, configuration, colour): (&[u8; 4], (u32, u32), &[u8], &[u8]),
    ) -> Result<Assembly, MediaError> {
        let file: Arc<Path> = self.path.into();
        let mut data = Assembly::new();
        let mut sizes = Vec::new();
        for item in items {
            let before = data.length();
            for extent in &item.extents {
                match extent {
                    Extent::File(range) => data.push_file(&file, Some(range.clone()))?,
                    Extent::Memory(bytes) => data.push_bytes(bytes),
                }
            }
            sizes.push((data.length() - before) as u32);
        }
        let sample_entry = boxed(entry, &[&visual(size), configuration, colour]);
        let head = boxed(b"ftyp", &[b"isom\0\0\0\0isom"]);
        let length = movie_box(&sample_entry, size, &sizes, 0).len();
        let first = (head.len() + length + 8) as u32;
        let mut assembly = Assembly::new();
        assembly.push_bytes(&head);
        assembly.push_bytes(&movie_box(&sample_entry, size, &sizes, first));
        assembly.push_bytes(&(data.length() as u32 + 8).to_be_bytes());
        assembly.push_bytes(b"mdat");
        assembly.append(data);
        Ok(assembly)
    }
}

/// The description of a derived item that lies outside of the `meta` box.
fn read_part(path: &Path, range: Range<u64>) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    file.seek(SeekFrom::Start(range.start)).ok()?;
    let mut bytes = Vec::new();
    let length = (range.end - range.start).min(MOST_DESCRIPTION_BYTES);
    file.take(length).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// The `meta` box of a file.
fn meta(path: &Path) -> Result<Vec<u8>, MediaError> {
    let io = |source| MediaError::Io {
        path: path.to_owned(),
        action: "read",
        source,
    };
    let top = top_level(path).map_err(io)?;
    let found = top.iter().find(|found| found.kind == *b"meta");
    let length = found.map_or(0, |found| found.payload.end - found.payload.start);
    let Some(found) = found.filter(|_| length <= MOST_META_BYTES) else {
        return Err(MediaError::Picture {
            path: path.to_owned(),
            reason: "it is broken off before its description".to_owned(),
        });
    };
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(found.payload.start))
        .map_err(io)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// The fixed part of a visual sample entry.
fn visual((width, height): (u32, u32)) -> Vec<u8> {
    let mut bytes = vec![0; 6];
    bytes.extend([0, 1]);
    bytes.extend([0; 16]);
    bytes.extend((width as u16).to_be_bytes());
    bytes.extend((height as u16).to_be_bytes());
    bytes.extend([0, 0x48, 0, 0, 0, 0x48, 0, 0, 0, 0, 0, 0, 0, 1]);
    bytes.extend([0; 32]);
    bytes.extend([0, 24, 0xFF, 0xFF]);
    bytes
}

/// A `moov` of one video track whose samples lie one behind the other from `first` on.
fn movie_box(entry: &[u8], (width, height): (u32, u32), sizes: &[u32], first: u32) -> Vec<u8> {
    let number = |value: u32| value.to_be_bytes();
    let count = number(sizes.len() as u32);
    let (none, one) = (number(0), number(1));
    let unit: Vec<u8> = [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000]
        .iter()
        .flat_map(|&value: &u32| value.to_be_bytes())
        .collect();
    let mvhd = boxed(
        b"mvhd",
        &[
            &none,
            &none,
            &none,
            &one,
            &count,
            &number(0x0001_0000),
            &number(0x0100_0000),
            &[0; 8],
            &unit,
            &[0; 24],
            &number(2),
        ],
    );
    let tkhd = boxed(
        b"tkhd",
        &[
            &number(3),
            &none,
            &none,
            &one,
            &none,
            &count,
            &[0; 16],
            &unit,
            &number(width << 16),
            &number(height << 16),
        ],
    );
    let mdhd = boxed(
        b"mdhd",
        &[&none, &none, &none, &one, &count, &number(0x55C4_0000)],
    );
    let hdlr = boxed(b"hdlr", &[&none, &none, b"vide", &[0; 12], b"\0"]);
    let dref = boxed(b"dref", &[&none, &one, &boxed(b"url ", &[&one])]);
    let each: Vec<u8> = sizes.iter().flat_map(|&size| number(size)).collect();
    let stbl = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&none, &one, entry]),
            &boxed(b"stts", &[&none, &one, &count, &one]),
            &boxed(b"stsc", &[&none, &one, &one, &count, &one]),
            &boxed(b"stsz", &[&none, &none, &count, &each]),
            &boxed(b"stco", &[&none, &one, &number(first)]),
        ],
    );
    let minf = boxed(
        b"minf",
        &[
            &boxed(b"vmhd", &[&one, &[0; 8]]),
            &boxed(b"dinf", &[&dref]),
            &stbl,
        ],
    );
    let mdia = boxed(b"mdia", &[&mdhd, &hdlr, &minf]);
    boxed(b"moov", &[&mvhd, &boxed(b"trak", &[&tkhd, &mdia])])
}

/// The picture after one of the changes that a file asks for.
fn changed(frame: Frame, change: Change) -> Result<Frame, String> {
    let words = |error: crate::FfmpegError| error.to_string();
    match change {
        Change::Crop { size, shift } => {
            let edge = |whole: u32, part: u32, shift: i64| {
                let spare = i64::from(whole) - i64::from(part);
                usize::try_from(spare / 2 + shift).ok()
            };
            let left = edge(frame.width(), size.0, shift.0);
            let top = edge(frame.height(), size.1, shift.1);
            let (Some(left), Some(top)) = (left, top) else {
                return Err("its clean aperture lies outside of it".to_owned());
            };
            frame.part((left, top), size).map_err(words)
        }
        Change::Turn(0) => Ok(frame),
        Change::Turn(quarters) => {
            let (x, y) = frame.format().map_or((0, 0), PixelFormat::chroma_shift);
            let frame = if x == y {
                frame
            } else {
                // Chroma that is halved across only would be halved downwards after a turn.
                let size = (frame.width(), frame.height());
                let colour = frame.colour();
                Scaler::new()
                    .convert(&frame, PixelFormat::YUV444P, size, colour)
                    .map_err(words)?
            };
            (0..quarters).try_fold(frame, |frame, _| frame.turned().map_err(words))
        }
        Change::Mirror { across } => frame.mirrored(across).map_err(words),
    }
}

#[cfg(test)]
mod tests;
