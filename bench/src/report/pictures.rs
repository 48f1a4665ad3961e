//! The worst frame of a clip: the original, the marked one, and what lies between them, amplified.
//!
//! ```text
//! OUT/pictures/CLIP-original.jpg   CLIP-marked.jpg   CLIP-difference.jpg
//! ```
//!
//! # Shapes and units
//! JPEG files as bytes, all three of one size.

use std::io;
use std::path::Path;

/// Three pictures of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorstFrame {
    /// File stem of the clip.
    pub clip: String,
    /// The master's frame.
    pub original: Vec<u8>,
    /// The same frame with the mark.
    pub marked: Vec<u8>,
    /// Their difference, amplified.
    pub difference: Vec<u8>,
}

impl WorstFrame {
    /// Reads the pictures of `clip` below the folder of results; `None` unless all three are there.
    ///
    /// # Errors
    /// When a picture is there and cannot be read.
    pub fn read(out: &Path, clip: &str) -> io::Result<Option<Self>> {
        let read = |kind: &str| -> io::Result<Option<Vec<u8>>> {
            match std::fs::read(out.join("pictures").join(format!("{clip}-{kind}.jpg"))) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        let (original, marked) = (read("original")?, read("marked")?);
        let (Some(original), Some(marked), Some(difference)) =
            (original, marked, read("difference")?)
        else {
            return Ok(None);
        };
        Ok(Some(Self {
            clip: clip.to_owned(),
            original,
            marked,
            difference,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_by_the_name_of_the_clip() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::create_dir(folder.path().join("pictures"))?;
        for (kind, byte) in [("original", 1), ("marked", 2), ("difference", 3)] {
            assert_eq!(WorstFrame::read(folder.path(), "a")?, None, "before {kind}");
            let name = format!("pictures/a-{kind}.jpg");
            std::fs::write(folder.path().join(name), [byte])?;
        }
        let found = WorstFrame::read(folder.path(), "a")?;
        let want = WorstFrame {
            clip: "a".to_owned(),
            original: vec![1],
            marked: vec![2],
            difference: vec![3],
        };
        assert_eq!(found, Some(want));
        Ok(())
    }
}
