//! The items of a HEIF file: what its `meta` box says, without any picture.
//!
//! # Shapes and units
//! Sizes in samples, positions in bytes of the file.
//! # References
//! ISO/IEC 23008-12 (HEIF), 6.5 (properties), 6.6.2 (derived items); ISO/IEC 14496-12, 8.11 (meta boxes).

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "names of boxes are byte strings, which are references"
)]

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::iso::{IsoBox, boxes, child, u32_at};

/// Tiles and extents of one picture at most.
const MOST_PARTS: usize = 4096;

/// An item's coding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Coding {
    /// Coded by itself: the sample entry and the box of its decoder's configuration.
    Coded {
        entry: [u8; 4],
        configuration: Vec<u8>,
        /// The box that says how code values become light, if there is one.
        colour: Vec<u8>,
    },
    /// Put together of other items, row by row.
    Grid {
        columns: usize,
        rows: usize,
        size: (u32, u32),
        tiles: Vec<u32>,
    },
    /// Another item, turned.
    Same(u32),
}

/// What becomes of a picture before it is shown, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// Width, height, and the middle's shift right and down.
    Crop { size: (u32, u32), shift: (i64, i64) },
    /// Quarter turns against the clock.
    Turn(u8),
    /// Left and right, or top and bottom, change places.
    Mirror { across: bool },
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) coding: Coding,
    pub(super) size: Option<(u32, u32)>,
    pub(super) changes: Vec<Change>,
    /// Where its bytes lie.
    pub(super) extents: Vec<Extent>,
}

/// Bytes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    File(Range<u64>),
    Memory(Arc<[u8]>),
}

/// The `meta` box.
pub(super) struct Items<'a> {
    meta: &'a [u8],
    kinds: BTreeMap<u32, [u8; 4]>,
    locations: BTreeMap<u32, Vec<Extent>>,
    properties: BTreeMap<u32, Vec<&'a [u8]>>,
    references: BTreeMap<u32, Vec<u32>>,
}

impl<'a> Items<'a> {
    /// Reads the payload of a `meta` box; none when it contradicts itself.
    pub(super) fn parse(meta: &'a [u8]) -> Option<Self> {
        let meta = meta.get(4..)?;
        let mut items = Self {
            meta,
            kinds: BTreeMap::new(),
            locations: BTreeMap::new(),
            properties: BTreeMap::new(),
            references: BTreeMap::new(),
        };
        items.read_kinds(child(meta, b"iinf")?)?;
        items.read_locations(child(meta, b"iloc")?)?;
        items.read_properties(child(meta, b"iprp")?)?;
        if let Some(references) = child(meta, b"iref") {
            items.read_references(references)?;
        }
        Some(items)
    }

    /// The item that is shown.
    pub(super) fn primary(&self) -> Option<u32> {
        let mut cursor = Cursor::full(child(self.meta, b"pitm")?)?;
        cursor.id(cursor.version > 0)
    }

    /// An item, or why it is not understood; `read` reads bytes of the file.
    pub(super) fn item(
        &self,
        id: u32,
        read: &dyn Fn(Range<u64>) -> Option<Vec<u8>>,
    ) -> Result<Item, String> {
        let missing = || format!("it names an item {id} that it does not have");
        let kind = *self.kinds.get(&id).ok_or_else(missing)?;
        let properties = self.properties.get(&id).map_or(&[][..], Vec::as_slice);
        let extents = self.locations.get(&id).cloned().unwrap_or_default();
        let property = |wanted: &[u8; 4]| {
            let found = properties
                .iter()
                .find(|property| kind_of(property) == Some(wanted));
            found.copied()
        };
        let configured = |name: &[u8; 4]| -> Result<Coding, String> {
            let missing = || format!("its {} item has no {}", text(&kind), text(name));
            let colour = properties.iter().find(|property| {
                kind_of(property) == Some(b"colr") && property.get(8..12) == Some(b"nclx")
            });
            Ok(Coding::Coded {
                entry: kind,
                configuration: property(name).ok_or_else(missing)?.to_vec(),
                colour: colour.map_or_else(Vec::new, |colour| colour.to_vec()),
            })
        };
        let tiles = || self.references.get(&id).cloned().unwrap_or_default();
        let coding = match &kind {
            b"hvc1" | b"hev1" => configured(b"hvcC")?,
            b"av01" => configured(b"av1C")?,
            b"grid" => Self::grid(&extents, tiles(), read).ok_or("its grid contradicts itself")?,
            b"iden" => Coding::Same(*tiles().first().ok_or_else(missing)?),
            other => {
                return Err(format!(
                    "it is coded as {:?}, which is not understood",
                    text(other)
                ));
            }
        };
        let size = property(b"ispe").and_then(|ispe| Some((u32_at(ispe, 12)?, u32_at(ispe, 16)?)));
        Ok(Item {
            coding,
            size,
            changes: properties
                .iter()
                .filter_map(|property| change(property))
                .collect(),
            extents,
        })
    }

    fn grid(
        extents: &[Extent],
        tiles: Vec<u32>,
        read: &dyn Fn(Range<u64>) -> Option<Vec<u8>>,
    ) -> Option<Coding> {
        let bytes = match extents {
            [Extent::Memory(bytes)] => bytes.to_vec(),
            [Extent::File(range)] => read(range.clone())?,
            _ => return None,
        };
        let (wide, rows, columns) = (bytes.get(1)? & 1 == 1, *bytes.get(2)?, *bytes.get(3)?);
        let size = if wide {
            (u32_at(&bytes, 4)?, u32_at(&bytes, 8)?)
        } else {
            let both = u32_at(&bytes, 4)?;
            (both >> 16, both & 0xFFFF)
        };
        let (rows, columns) = (usize::from(rows) + 1, usize::from(columns) + 1);
        (tiles.len() == rows * columns && tiles.len() <= MOST_PARTS).then_some(Coding::Grid {
            columns,
            rows,
            size,
            tiles,
        })
    }

    fn read_kinds(&mut self, bytes: &[u8]) -> Option<()> {
        let mut cursor = Cursor::full(bytes)?;
        let skip = if cursor.version == 0 { 2 } else { 4 };
        cursor.take(skip)?;
        for entry in boxes(cursor.rest)
            .iter()
            .filter(|entry| entry.kind == *b"infe")
        {
            let mut cursor = Cursor::full(payload(cursor.rest, entry)?)?;
            if cursor.version < 2 {
                continue;
            }
            let id = cursor.id(cursor.version > 2)?;
            cursor.take(2)?;
            self.kinds.insert(id, cursor.take(4)?.try_into().ok()?);
        }
        Some(())
    }

    fn read_locations(&mut self, bytes: &[u8]) -> Option<()> {
        let mut cursor = Cursor::full(bytes)?;
        let version = cursor.version;
        let sizes = cursor.number(2)?;
        let nibble = |shift: u64| ((sizes >> shift) & 15) as usize;
        let (offset, length, base) = (nibble(12), nibble(8), nibble(4));
        let index = if version > 0 { nibble(0) } else { 0 };
        let count = cursor.number(if version < 2 { 2 } else { 4 })?;
        for _ in 0..count.min(1 << 16) {
            let id = cursor.id(version > 1)?;
            let method = if version > 0 {
                cursor.number(2)? & 15
            } else {
                0
            };
            cursor.take(2)?;
            let base = cursor.number(base)?;
            let extents = cursor.number(2)?;
            let mut found = Vec::new();
            for _ in 0..extents {
                cursor.number(index)?;
                let from = base.checked_add(cursor.number(offset)?)?;
                let to = from.checked_add(cursor.number(length)?)?;
                if found.len() < MOST_PARTS {
                    found.extend(self.extent(method, from..to));
                }
            }
            self.locations.insert(id, found);
        }
        Some(())
    }

    fn extent(&self, method: u64, range: Range<u64>) -> Option<Extent> {
        match method {
            0 => Some(Extent::File(range)),
            1 => {
                let data = child(self.meta, b"idat")?;
                let bytes = data.get(range.start as usize..range.end as usize)?;
                Some(Extent::Memory(bytes.into()))
            }
            _ => None,
        }
    }

    fn read_properties(&mut self, bytes: &'a [u8]) -> Option<()> {
        let container = child(bytes, b"ipco")?;
        let all: Vec<&[u8]> = boxes(container)
            .iter()
            .filter_map(|found| container.get(found.whole.start as usize..found.whole.end as usize))
            .collect();
        for found in boxes(bytes).iter().filter(|found| found.kind == *b"ipma") {
            let mut cursor = Cursor::full(payload(bytes, found)?)?;
            let (version, wide) = (cursor.version, cursor.flags & 1 == 1);
            for _ in 0..cursor.number(4)?.min(1 << 16) {
                let id = cursor.id(version > 0)?;
                let own = self.properties.entry(id).or_default();
                for _ in 0..cursor.number(1)? {
                    let index = if wide {
                        cursor.number(2)? & 0x7FFF
                    } else {
                        cursor.number(1)? & 0x7F
                    };
                    let property = (index as usize).checked_sub(1).and_then(|at| all.get(at));
                    own.extend(property.copied());
                }
            }
        }
        Some(())
    }

    fn read_references(&mut self, bytes: &[u8]) -> Option<()> {
        let cursor = Cursor::full(bytes)?;
        let wide = cursor.version > 0;
        for found in boxes(cursor.rest)
            .iter()
            .filter(|found| found.kind == *b"dimg")
        {
            let mut inner = Cursor::plain(payload(cursor.rest, found)?);
            let from = inner.id(wide)?;
            let count = inner.number(2)?;
            let mut to = Vec::new();
            for _ in 0..count {
                to.push(inner.id(wide)?);
            }
            self.references.insert(from, to);
        }
        Some(())
    }
}

fn payload<'a>(bytes: &'a [u8], found: &IsoBox) -> Option<&'a [u8]> {
    bytes.get(found.payload.start as usize..found.payload.end as usize)
}

fn kind_of(property: &[u8]) -> Option<&[u8; 4]> {
    property.get(4..8)?.try_into().ok()
}

fn text(kind: &[u8; 4]) -> String {
    String::from_utf8_lossy(kind).into_owned()
}

fn change(property: &[u8]) -> Option<Change> {
    let body = property.get(8..)?;
    match kind_of(property)? {
        b"irot" => Some(Change::Turn(body.first()? & 3)),
        b"imir" => Some(Change::Mirror {
            across: body.first()? & 1 == 1,
        }),
        b"clap" => {
            let whole = |at: usize| Some(u32_at(body, at)? / u32_at(body, at + 4)?.max(1));
            let shift = |at: usize| {
                let numerator = u32_at(body, at)?.cast_signed();
                Some(i64::from(numerator) / i64::from(u32_at(body, at + 4)?.max(1)))
            };
            Some(Change::Crop {
                size: (whole(0)?, whole(8)?),
                shift: (shift(16)?, shift(24)?),
            })
        }
        _ => None,
    }
}

/// Bytes read from the front.
struct Cursor<'a> {
    rest: &'a [u8],
    version: u8,
    flags: u32,
}

impl<'a> Cursor<'a> {
    fn plain(rest: &'a [u8]) -> Self {
        Self {
            rest,
            version: 0,
            flags: 0,
        }
    }

    /// Of a box that begins with its version and flags.
    fn full(bytes: &'a [u8]) -> Option<Self> {
        let both = u32_at(bytes, 0)?;
        Some(Self {
            rest: bytes.get(4..)?,
            version: (both >> 24) as u8,
            flags: both & 0x00FF_FFFF,
        })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(
            taken
                .iter()
                .fold(0, |value, byte| (value << 8) | u64::from(*byte)),
        )
    }

    fn id(&mut self, wide: bool) -> Option<u32> {
        Some(self.number(if wide { 4 } else { 2 })? as u32)
    }
}
