//! HEIF files made of HEVC pictures of our own: one item, a grid, turned, mirrored, cut out, and hostile.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "names of boxes are byte strings, which are references"
)]

use std::fs;

use countermark_picture::{Sample as _, by_depth};

use super::*;
use crate::iso::{descendant, u32_at};
use crate::{EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings};

const TILE: (u32, u32) = (64, 48);

/// The decoder's configuration, and pictures of the given levels of grey, each with a darker upper left quarter.
fn coded(folder: &Path, levels: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let path = folder.join("tiles.mp4");
    let encode = EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        options: vec![(
            "x265-params".to_owned(),
            "keyint=1:log-level=none".to_owned(),
        )],
        ..EncodeSettings::new(VideoCodec::Hevc, Rate::Crf(4.0))
    };
    let settings = VideoWriterSettings::new(TILE.0, TILE.1, Rational::new(25, 1), encode);
    let mut writer = VideoWriter::create(&path, settings).expect("writer");
    for &level in levels {
        let samples: Vec<u8> = (0..TILE.0 * TILE.1)
            .map(|at| {
                let (x, y) = (at % TILE.0, at / TILE.0);
                let is_dark = x < TILE.0 / 2 && y < TILE.1 / 2;
                if is_dark { level - 20 } else { level }
            })
            .collect();
        writer
            .write_frame(Planes::Gray8(&samples))
            .expect("picture");
    }
    writer.finish().expect("tiles");
    let bytes = fs::read(&path).expect("tiles");
    let table = descendant(&bytes, &[b"moov", b"trak", b"mdia", b"minf", b"stbl"]).expect("stbl");
    let entry = &child_of(table, b"stsd")[8..];
    let configuration = child_of(&entry[86..], b"hvcC").to_vec();
    let sizes = child_of(table, b"stsz");
    let mut at = u32_at(child_of(table, b"stco"), 8).expect("an offset") as usize;
    let pictures = (0..levels.len())
        .map(|index| {
            let common = u32_at(sizes, 4).filter(|&size| size > 0);
            let size = common
                .or_else(|| u32_at(sizes, 12 + 4 * index))
                .expect("a size") as usize;
            at += size;
            bytes[at - size..at].to_vec()
        })
        .collect();
    (configuration, pictures)
}

fn child_of<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> &'a [u8] {
    crate::iso::child(bytes, kind).expect("a box")
}

/// Changes, the size after them, and where the dark quarter is then.
type Case = (Vec<Vec<u8>>, (u32, u32), (usize, usize));

/// What a HEIF file is made of.
struct Made {
    configuration: Vec<u8>,
    tiles: Vec<Vec<u8>>,
    /// Columns, rows and size, where the tiles are a grid.
    grid: Option<(u8, u8, (u16, u16))>,
    /// Properties of what is shown.
    changes: Vec<Vec<u8>>,
}

impl Made {
    /// The properties, and which item has which.
    fn properties(&self, primary: u16, count: u16) -> Vec<u8> {
        let tiles = self.tiles.len() as u16;
        let full =
            |kind: &[u8; 4], version: u8, parts: &[u8]| boxed(kind, &[&[version, 0, 0, 0], parts]);
        let ispe = |width: u32, height: u32| {
            full(
                b"ispe",
                0,
                &[width.to_be_bytes(), height.to_be_bytes()].concat(),
            )
        };
        let mut properties = vec![boxed(b"hvcC", &[&self.configuration]), ispe(TILE.0, TILE.1)];
        properties.extend(
            self.grid
                .map(|(_, _, size)| ispe(size.0.into(), size.1.into())),
        );
        let first_change = properties.len() as u8 + 1;
        properties.extend(self.changes.iter().cloned());
        let changes: Vec<u8> = (0..self.changes.len() as u8)
            .map(|at| first_change + at)
            .collect();
        let mut links = u32::from(count).to_be_bytes().to_vec();
        for id in 1..=tiles {
            let own = if self.grid.is_none() {
                &changes[..]
            } else {
                &[]
            };
            links.extend(id.to_be_bytes());
            links.push(2 + own.len() as u8);
            links.extend([0x81, 2]);
            links.extend(own);
        }
        if self.grid.is_some() {
            links.extend(primary.to_be_bytes());
            links.push(1 + changes.len() as u8);
            links.push(3);
            links.extend(&changes);
        }
        boxed(
            b"iprp",
            &[
                &boxed(b"ipco", &[&properties.concat()]),
                &full(b"ipma", 0, &links),
            ],
        )
    }

    fn write(&self, path: &Path) {
        let full =
            |kind: &[u8; 4], version: u8, parts: &[u8]| boxed(kind, &[&[version, 0, 0, 0], parts]);
        let tiles = self.tiles.len() as u16;
        let primary = if self.grid.is_some() { tiles + 1 } else { 1 };
        let mut infos = Vec::new();
        for id in 1..=tiles {
            infos.extend(full(
                b"infe",
                2,
                &[&id.to_be_bytes()[..], &[0, 0], b"hvc1\0"].concat(),
            ));
        }
        if self.grid.is_some() {
            infos.extend(full(
                b"infe",
                2,
                &[&primary.to_be_bytes()[..], &[0, 0], b"grid\0"].concat(),
            ));
        }
        let count = tiles + u16::from(self.grid.is_some());
        let iinf = full(b"iinf", 0, &[&count.to_be_bytes()[..], &infos].concat());
        let iprp = self.properties(primary, count);
        let (mut idat, mut iref) = (Vec::new(), Vec::new());
        if let Some((columns, rows, (width, height))) = self.grid {
            let grid = [
                &[0, 0, rows - 1, columns - 1][..],
                &width.to_be_bytes(),
                &height.to_be_bytes(),
            ]
            .concat();
            idat = boxed(b"idat", &[&grid]);
            let to: Vec<u8> = (1..=tiles).flat_map(u16::to_be_bytes).collect();
            let dimg = boxed(
                b"dimg",
                &[&primary.to_be_bytes(), &tiles.to_be_bytes(), &to],
            );
            iref = full(b"iref", 0, &dimg);
        }
        let ftyp = boxed(b"ftyp", &[b"heic\0\0\0\0mif1heic"]);
        let meta = |first: u32| {
            let mut offset = first;
            let mut places = [&[0x44, 0][..], &count.to_be_bytes()].concat();
            for (index, tile) in self.tiles.iter().enumerate() {
                let id = index as u16 + 1;
                places.extend([&id.to_be_bytes()[..], &[0, 0, 0, 0, 0, 1]].concat());
                places.extend(offset.to_be_bytes());
                places.extend((tile.len() as u32).to_be_bytes());
                offset += tile.len() as u32;
            }
            if self.grid.is_some() {
                // Construction method 1: in `idat`.
                places.extend([&primary.to_be_bytes()[..], &[0, 1, 0, 0, 0, 1]].concat());
                places.extend([0, 0, 0, 0, 0, 0, 0, 8]);
            }
            let pitm = full(b"pitm", 0, &primary.to_be_bytes());
            let parts = [
                pitm,
                iinf.clone(),
                full(b"iloc", 1, &places),
                iprp.clone(),
                iref.clone(),
                idat.clone(),
            ];
            full(b"meta", 0, &parts.concat())
        };
        let length = meta(0).len();
        let first = (ftyp.len() + length + 8) as u32;
        let bytes = [ftyp, meta(first), boxed(b"mdat", &[&self.tiles.concat()])].concat();
        fs::write(path, bytes).expect("picture");
    }
}

fn level(frame: &Frame, x: usize, y: usize) -> u16 {
    let luma = frame.luma().expect("planar luma");
    by_depth!(luma, |view| view.row(y)[x].code())
}

fn assert_near(frame: &Frame, (x, y): (usize, usize), expected: u16) {
    let level = level(frame, x, y);
    assert!(
        level.abs_diff(expected) <= 3,
        "{level} at {x}, {y}, not {expected}"
    );
}

fn irot(quarters: u8) -> Vec<u8> {
    boxed(b"irot", &[&[quarters]])
}

#[test]
fn one_item_is_shown_turned_and_mirrored_as_its_properties_say() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("one.heic");
    let (configuration, tiles) = coded(folder.path(), &[120]);
    // The dark quarter is upper left; where it is after the changes.
    let clap = |values: [u32; 8]| {
        boxed(
            b"clap",
            &[&values
                .iter()
                .flat_map(|it| it.to_be_bytes())
                .collect::<Vec<u8>>()],
        )
    };
    let left_half = clap([32, 1, 48, 1, (-16_i32).cast_unsigned(), 1, 0, 1]);
    let cases: [Case; 6] = [
        (vec![], (64, 48), (8, 8)),
        (vec![irot(1)], (48, 64), (8, 56)),
        (vec![irot(2)], (64, 48), (56, 40)),
        (vec![irot(3)], (48, 64), (40, 8)),
        (vec![boxed(b"imir", &[&[1]])], (64, 48), (56, 8)),
        (vec![left_half, irot(1)], (48, 32), (8, 24)),
    ];
    for (changes, size, dark) in cases {
        let made = Made {
            configuration: configuration.clone(),
            tiles: tiles.clone(),
            grid: None,
            changes,
        };
        made.write(&path);
        let frame = picture(&path).expect("a picture");
        assert_eq!((frame.width(), frame.height()), size);
        assert_near(&frame, dark, 100);
        let opposite = (size.0 as usize - 1 - dark.0, size.1 as usize - 1 - dark.1);
        assert_near(&frame, opposite, 120);
    }
}

#[test]
fn a_grid_is_laid_out_row_by_row_and_cut_at_its_size() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("grid.heic");
    let (configuration, tiles) = coded(folder.path(), &[60, 90, 120, 150, 180, 210]);
    let mut made = Made {
        configuration,
        tiles,
        grid: Some((3, 2, (180, 90))),
        changes: vec![],
    };
    made.write(&path);
    let frame = picture(&path).expect("a picture");
    assert_eq!((frame.width(), frame.height()), (180, 90));
    for (index, expected) in [60, 90, 120, 150, 180, 210].into_iter().enumerate() {
        let (column, row) = (index % 3, index / 3);
        assert_near(&frame, (column * 64 + 40, row * 48 + 40), expected);
        assert_near(&frame, (column * 64 + 10, row * 48 + 10), expected - 20);
    }
    made.changes = vec![irot(3)];
    made.write(&path);
    let turned = picture(&path).expect("a picture");
    assert_eq!((turned.width(), turned.height()), (90, 180));
    assert_near(&turned, (90 - 1 - 40, 64 + 40), 90);
    // A tile that is damaged leaves its place black, and the others as they are.
    made.changes = vec![];
    made.tiles[4] = vec![0xFF; 40];
    made.write(&path);
    let damaged = picture(&path).expect("five tiles of six");
    assert_near(&damaged, (40, 40), 60);
    assert_near(&damaged, (2 * 64 + 40, 48 + 40), 210);
    assert_near(&damaged, (64 + 40, 48 + 40), 16);
}

#[test]
fn hostile_descriptions_are_refused_in_a_line() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("hostile.heic");
    let (configuration, tiles) = coded(folder.path(), &[60, 90]);
    let made = |grid| Made {
        configuration: configuration.clone(),
        tiles: tiles.clone(),
        grid,
        changes: vec![],
    };
    for (grid, expected) in [
        ((2, 1, (60_000, 60_000)), "larger than"),
        ((2, 1, (300, 48)), "do not cover"),
        ((3, 1, (128, 48)), "contradicts itself"),
    ] {
        made(Some(grid)).write(&path);
        let error = picture(&path).err().expect(expected).to_string();
        assert!(
            error.contains(expected) && error.contains("hostile.heic"),
            "{error}"
        );
    }
    made(None).write(&path);
    let bytes = fs::read(&path).expect("picture");
    for cut in [20, 60, bytes.len() / 4, bytes.len() / 2] {
        fs::write(&path, &bytes[..cut]).expect("cut");
        assert!(picture(&path).is_err(), "cut at {cut}");
    }
    let mut noise = 3_u32;
    for _ in 0..200 {
        let mut flipped = bytes.clone();
        for _ in 0..3 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = (noise >> 8) as usize % (bytes.len() - tiles.concat().len());
            flipped[at] ^= 1 << (noise & 7);
        }
        fs::write(&path, flipped).expect("flipped");
        // Whatever comes of it: no panic, and bounded.
        let _ = picture(&path);
    }
}
