//! A minimal AVI: one video stream, a chunk for each picture, an index.
//!
//! # References
//! Microsoft (1997), AVI RIFF File Reference: hdrl, strl, movi, idx1.

#![expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "names of boxes are byte strings, which are references"
)]

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use super::units::Codec;
use crate::Rational;

/// Where the lengths that are known last stand: of the file, of the frames in all, of the stream, of the chunks.
const RIFF_SIZE: u64 = 4;
const TOTAL_FRAMES: u64 = 48;
const STREAM_LENGTH: u64 = 140;
const MOVI_SIZE: u64 = 216;

/// Bytes before the first chunk, from the file's start.
const HEAD: usize = 224;

/// Bytes that an AVI without extensions may have.
const MOST_BYTES: u64 = 4_000_000_000;

pub(super) struct AviWriter {
    file: BufWriter<File>,
    index: Vec<u8>,
    /// Bytes of chunks so far.
    written: u64,
    pictures: u32,
}

impl AviWriter {
    pub(super) fn create(
        path: &Path,
        codec: Codec,
        size: (u32, u32),
        rate: Rational,
    ) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create(path)?);
        let head = head(codec, size, rate);
        debug_assert_eq!(head.len(), HEAD);
        file.write_all(&head)?;
        Ok(Self {
            file,
            index: Vec::new(),
            written: 0,
            pictures: 0,
        })
    }

    /// Adds a picture; what is beyond the length of an AVI is left out.
    pub(super) fn write(&mut self, picture: &[u8]) -> io::Result<()> {
        let padded = picture.len() as u64 + picture.len() as u64 % 2;
        if HEAD as u64 + self.written + padded + 8 + self.index.len() as u64 + 32 > MOST_BYTES {
            return Ok(());
        }
        let length = (picture.len() as u32).to_le_bytes();
        self.index.extend(b"00dc");
        self.index.extend(0x10_u32.to_le_bytes());
        self.index.extend((self.written as u32 + 4).to_le_bytes());
        self.index.extend(length);
        self.file.write_all(b"00dc")?;
        self.file.write_all(&length)?;
        self.file.write_all(picture)?;
        if padded > picture.len() as u64 {
            self.file.write_all(&[0])?;
        }
        self.written += 8 + padded;
        self.pictures += 1;
        Ok(())
    }

    /// Writes the index and the lengths; answers the number of pictures.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        self.file.write_all(b"idx1")?;
        self.file
            .write_all(&(self.index.len() as u32).to_le_bytes())?;
        self.file.write_all(&self.index)?;
        let whole = HEAD as u64 + self.written + 8 + self.index.len() as u64;
        for (at, value) in [
            (RIFF_SIZE, whole as u32 - 8),
            (TOTAL_FRAMES, self.pictures),
            (STREAM_LENGTH, self.pictures),
            (MOVI_SIZE, self.written as u32 + 4),
        ] {
            self.file.seek(SeekFrom::Start(at))?;
            self.file.write_all(&value.to_le_bytes())?;
        }
        self.file.flush()?;
        Ok(u64::from(self.pictures))
    }
}

fn head(codec: Codec, (width, height): (u32, u32), rate: Rational) -> Vec<u8> {
    let fourcc = match codec {
        Codec::H264 => b"H264",
        Codec::Hevc => b"HEVC",
    };
    let (numerator, denominator) = (rate.numerator() as u32, rate.denominator() as u32);
    let micros = (1e6 / rate.as_f64()).round() as u32;
    let numbers = |values: &[u32]| -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    };
    let avih = numbers(&[micros, 0, 0, 0x10, 0, 0, 1, 0, width, height, 0, 0, 0, 0]);
    let mut strh = b"vids".to_vec();
    strh.extend(fourcc);
    strh.extend(numbers(&[
        0,
        0,
        0,
        denominator,
        numerator,
        0,
        0,
        0,
        u32::MAX,
        0,
        0,
        0,
    ]));
    let mut strf = numbers(&[40, width, height, 0x18_0001]);
    strf.extend(fourcc);
    strf.extend(numbers(&[
        width.wrapping_mul(height).wrapping_mul(3),
        0,
        0,
        0,
        0,
    ]));
    let strl = list(b"strl", &[chunk(b"strh", &strh), chunk(b"strf", &strf)]);
    let hdrl = list(b"hdrl", &[chunk(b"avih", &avih), strl]);
    let mut head = b"RIFF\0\0\0\0AVI ".to_vec();
    head.extend(hdrl);
    head.extend(b"LIST\0\0\0\0movi");
    head
}

fn chunk(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = kind.to_vec();
    chunk.extend((body.len() as u32).to_le_bytes());
    chunk.extend_from_slice(body);
    chunk
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = kind.to_vec();
    body.extend(chunks.iter().flatten());
    chunk(b"LIST", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stand_where_they_are_written_later() {
        let head = head(Codec::H264, (640, 360), Rational::new(30_000, 1001));
        assert_eq!(head.len(), HEAD);
        assert_eq!(&head[HEAD - 4..], b"movi");
        assert_eq!(&head[MOVI_SIZE as usize - 4..MOVI_SIZE as usize], b"LIST");
        assert_eq!(&head[24..28], b"avih");
        assert_eq!(TOTAL_FRAMES, 32 + 16);
        let strh = head
            .windows(4)
            .position(|four| four == b"strh")
            .expect("strh") as u64;
        assert_eq!(STREAM_LENGTH, strh + 8 + 32);
    }
}
