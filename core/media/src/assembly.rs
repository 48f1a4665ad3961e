//! A file put together from pieces of others and from bytes in memory: what a demuxer reads as one.
//!
//! ```text
//! byte at p  =  byte at p - start_i of piece i,     start_i <= p < start_i + length_i
//! ```
//!
//! # Shapes and units
//! Positions and lengths in bytes. One file is open at a time, however many the pieces come from.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::MediaError;

/// Pieces in the order in which they are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assembly {
    pieces: Vec<Piece>,
    starts: Vec<u64>,
    length: u64,
}

#[derive(Debug, Clone)]
enum Piece {
    Memory(Arc<[u8]>),
    File { path: Arc<Path>, from: u64 },
}

impl Assembly {
    /// Of nothing.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds bytes.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        self.push(Piece::Memory(bytes.into()), bytes.len() as u64);
    }

    /// Adds all that another one consists of.
    pub(crate) fn append(&mut self, other: Self) {
        let ends = other.starts.iter().skip(1).copied().chain([other.length]);
        let lengths: Vec<u64> = ends
            .zip(&other.starts)
            .map(|(end, start)| end - start)
            .collect();
        for (piece, length) in other.pieces.into_iter().zip(lengths) {
            self.push(piece, length);
        }
    }

    /// Adds a part of a file; all of it by default.
    ///
    /// # Errors
    /// When the file cannot be looked at, or is shorter than the part.
    pub(crate) fn push_file(
        &mut self,
        path: &Arc<Path>,
        range: Option<Range<u64>>,
    ) -> Result<(), MediaError> {
        let io = |source| MediaError::Io {
            path: path.to_path_buf(),
            action: "open",
            source,
        };
        let length = std::fs::metadata(path).map_err(io)?.len();
        let range = range.unwrap_or(0..length);
        if range.start > range.end || range.end > length {
            return Err(io(io::ErrorKind::UnexpectedEof.into()));
        }
        let from = range.start;
        self.push(
            Piece::File {
                path: Arc::clone(path),
                from,
            },
            range.end - range.start,
        );
        Ok(())
    }

    fn push(&mut self, piece: Piece, length: u64) {
        if length > 0 {
            self.pieces.push(piece);
            self.starts.push(self.length);
            self.length = self.length.saturating_add(length);
        }
    }

    /// Bytes in all.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Begins to read.
    pub(crate) fn into_reader(self) -> AssemblyReader {
        AssemblyReader {
            assembly: self,
            position: 0,
            open: None,
        }
    }
}

/// An assembly being read.
#[derive(Debug)]
pub(crate) struct AssemblyReader {
    assembly: Assembly,
    position: u64,
    /// The file that was read last.
    open: Option<(Arc<Path>, File)>,
}

impl AssemblyReader {
    /// Bytes in all.
    pub(crate) fn length(&self) -> u64 {
        self.assembly.length
    }

    /// Where the next byte is read.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Goes elsewhere; beyond the end nothing is read.
    pub(crate) fn go_to(&mut self, position: u64) {
        self.position = position;
    }

    fn piece(&self) -> Option<(usize, &Piece)> {
        if self.position >= self.assembly.length {
            return None;
        }
        let after = self
            .assembly
            .starts
            .partition_point(|&start| start <= self.position);
        let index = after.checked_sub(1)?;
        Some((index, self.assembly.pieces.get(index)?))
    }

    /// Fills a part of `target`; 0 at the end.
    pub(crate) fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let Some((index, piece)) = self.piece() else {
            return Ok(0);
        };
        let piece = piece.clone();
        let start = self.assembly.starts[index];
        let end = self
            .assembly
            .starts
            .get(index + 1)
            .copied()
            .unwrap_or(self.assembly.length);
        let wanted = target.len().min((end - self.position) as usize);
        let within = self.position - start;
        let read = match piece {
            Piece::Memory(bytes) => {
                let within = within as usize;
                target[..wanted].copy_from_slice(&bytes[within..within + wanted]);
                wanted
            }
            Piece::File { path, from } => {
                let file = match &mut self.open {
                    Some((open, file)) if *open == path => file,
                    stale => &mut stale.insert((Arc::clone(&path), File::open(&path)?)).1,
                };
                file.seek(SeekFrom::Start(from + within))?;
                let read = file.read(&mut target[..wanted])?;
                if read == 0 && wanted > 0 {
                    // It has become shorter since it was looked at.
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                read
            }
        };
        self.position += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(reader: &mut AssemblyReader) -> Vec<u8> {
        let (mut all, mut some) = (Vec::new(), [0; 3]);
        loop {
            let read = reader.read(&mut some).expect("readable");
            if read == 0 {
                return all;
            }
            all.extend_from_slice(&some[..read]);
        }
    }

    #[test]
    fn pieces_are_read_as_one() {
        let folder = tempfile::tempdir().expect("folder");
        let path: Arc<Path> = folder.path().join("a").into();
        std::fs::write(&path, b"0123456789").expect("write");
        let mut assembly = Assembly::new();
        assembly.push_bytes(b"ab");
        assembly.push_file(&path, Some(2..5)).expect("inside");
        assembly.push_bytes(b"");
        assembly.push_file(&path, None).expect("whole");
        assert!(assembly.push_file(&path, Some(8..11)).is_err());
        assert_eq!(assembly.length(), 15);
        let mut reader = assembly.into_reader();
        assert_eq!(all(&mut reader), b"ab2340123456789");
        reader.go_to(3);
        assert_eq!(all(&mut reader), b"340123456789");
        reader.go_to(99);
        assert_eq!(all(&mut reader), b"");
    }
}
