//! MP4 files taken apart and put together anew: as segments, without their index.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "names of boxes are byte strings, which are references"
)]

use std::fs;
use std::ops::Range;
use std::path::Path;

use countermark_media::VideoCodec;

use crate::fixture::{clip_settings, write_clip};

/// A box of this kind.
pub(crate) fn boxed(kind: &[u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let mut whole = (body.len() as u32 + 8).to_be_bytes().to_vec();
    whole.extend(kind);
    whole.extend(body);
    whole
}

/// Kind, and range of the payload, of each box.
fn boxes(bytes: &[u8], within: Range<usize>) -> Vec<([u8; 4], Range<usize>)> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
        found.push((
            bytes[at + 4..at + 8].try_into().expect("four"),
            at + 8..at + size,
        ));
        at += size;
    }
    found
}

fn inside(bytes: &[u8], path: &[&[u8; 4]]) -> Range<usize> {
    path.iter().fold(0..bytes.len(), |within, kind| {
        let all = boxes(bytes, within);
        all.into_iter()
            .find(|(found, _)| found == *kind)
            .expect("a box")
            .1
    })
}

/// A clip as the initialisation and the segments of a fragmented MP4, of so many frames each.
pub(crate) fn segments(folder: &Path, frames: usize, each: usize) -> (Vec<u8>, Vec<Vec<u8>>) {
    let path = folder.join("plain.mp4");
    let mut settings = clip_settings(VideoCodec::H264);
    let groups = format!("keyint={each}:min-keyint={each}:scenecut=0");
    settings.encode.options = vec![("x264-params".to_owned(), groups)];
    write_clip(&path, settings, frames);
    let bytes = fs::read(&path).expect("clip");
    fs::remove_file(&path).expect("clip");
    let stbl: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];
    let of = |path: &[&[u8; 4]]| bytes[inside(&bytes, path)].to_vec();
    let number =
        |at: usize, bytes: &[u8]| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four"));
    let stsz = of(&[&stbl[..], &[b"stsz"]].concat());
    let sizes: Vec<u32> = (0..frames)
        .map(|frame| number(12 + 4 * frame, &stsz))
        .collect();
    let step = number(12, &of(&[&stbl[..], &[b"stts"]].concat()));
    let none = [0; 4];
    let empty = |kind: &[u8; 4], zeros: usize| boxed(kind, &[&vec![0; zeros]]);
    let stsd = boxed(b"stsd", &[&of(&[&stbl[..], &[b"stsd"]].concat())]);
    let table = [
        stsd,
        empty(b"stts", 8),
        empty(b"stsc", 8),
        empty(b"stsz", 12),
        empty(b"stco", 8),
    ];
    let table = boxed(b"stbl", &[&table.concat()]);
    let minf = [
        boxed(
            b"vmhd",
            &[&of(&[b"moov", b"trak", b"mdia", b"minf", b"vmhd"])],
        ),
        boxed(
            b"dinf",
            &[&of(&[b"moov", b"trak", b"mdia", b"minf", b"dinf"])],
        ),
        table,
    ];
    let mdia = [
        boxed(b"mdhd", &[&of(&[b"moov", b"trak", b"mdia", b"mdhd"])]),
        boxed(b"hdlr", &[&of(&[b"moov", b"trak", b"mdia", b"hdlr"])]),
        boxed(b"minf", &[&minf.concat()]),
    ];
    let tkhd = boxed(b"tkhd", &[&of(&[b"moov", b"trak", b"tkhd"])]);
    let trak = boxed(b"trak", &[&tkhd, &boxed(b"mdia", &[&mdia.concat()])]);
    let one = 1_u32.to_be_bytes();
    let trex = boxed(
        b"trex",
        &[&none, &one, &one, &step.to_be_bytes(), &none, &none],
    );
    let mvhd = boxed(b"mvhd", &[&of(&[b"moov", b"mvhd"])]);
    let moov = boxed(b"moov", &[&mvhd, &trak, &boxed(b"mvex", &[&trex])]);
    let mut init = boxed(b"ftyp", &[b"iso5\0\0\0\0iso5"]);
    init.extend(moov);
    let data = inside(&bytes, &[b"mdat"]);
    let (mut at, mut parts) = (first_sample(&bytes, &stbl, data.start), Vec::new());
    for (number, sizes) in sizes.chunks(each).enumerate() {
        let length: u32 = sizes.iter().sum();
        let body = &bytes[at..at + length as usize];
        at += length as usize;
        parts.push(segment(number, step * (number * each) as u32, sizes, body));
    }
    (init, parts)
}

fn first_sample(bytes: &[u8], stbl: &[&[u8; 4]], fallback: usize) -> usize {
    let stco = inside(bytes, &[stbl, &[b"stco"]].concat());
    let first = bytes.get(stco.start + 8..stco.start + 12);
    first.map_or(fallback, |first| {
        u32::from_be_bytes(first.try_into().expect("four")) as usize
    })
}

fn segment(number: usize, time: u32, sizes: &[u32], body: &[u8]) -> Vec<u8> {
    let moof = |offset: u32| {
        let tfhd = boxed(b"tfhd", &[&[0, 2, 0, 0], &1_u32.to_be_bytes()]);
        let tfdt = boxed(b"tfdt", &[&[0; 4], &time.to_be_bytes()]);
        let sizes: Vec<u8> = sizes.iter().flat_map(|size| size.to_be_bytes()).collect();
        let count = (sizes.len() as u32 / 4).to_be_bytes();
        // A data offset, flags of the first sample (a key frame), and sizes.
        let trun = boxed(
            b"trun",
            &[
                &[0, 0, 2, 5],
                &count,
                &offset.to_be_bytes(),
                &[2, 0, 0, 0],
                &sizes,
            ],
        );
        let mfhd = boxed(b"mfhd", &[&[0; 4], &(number as u32 + 1).to_be_bytes()]);
        boxed(b"moof", &[&mfhd, &boxed(b"traf", &[&tfhd, &tfdt, &trun])])
    };
    let length = moof(0).len() as u32;
    [
        boxed(b"styp", &[b"msdh\0\0\0\0msdh"]),
        moof(length + 8),
        boxed(b"mdat", &[body]),
    ]
    .concat()
}

/// A clip of which only the front of the media data was written, for the index would have come at the end; and how many pictures of
/// it are whole.
pub(crate) fn without_index(folder: &Path, frames: usize, share: f64) -> (Vec<u8>, u64) {
    let path = folder.join("plain.mp4");
    write_clip(&path, clip_settings(VideoCodec::H264), frames);
    let bytes = fs::read(&path).expect("clip");
    fs::remove_file(&path).expect("clip");
    let data = &bytes[inside(&bytes, &[b"mdat"])];
    let kept = (data.len() as f64 * share) as usize;
    let stsz = &bytes[inside(
        &bytes,
        &[b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"],
    )];
    let mut end = 0;
    let sizes = (0..frames).map(|at| {
        u32::from_be_bytes(stsz[12 + 4 * at..16 + 4 * at].try_into().expect("four")) as usize
    });
    let whole = sizes
        .take_while(|size| {
            end += size;
            end <= kept
        })
        .count() as u64;
    let mut broken = boxed(b"ftyp", &[b"isom\0\0\x02\0isom"]);
    broken.extend((data.len() as u32 + 8).to_be_bytes());
    broken.extend(b"mdat");
    broken.extend_from_slice(&data[..kept]);
    (broken, whole)
}
