//! Numbered pictures as one video: `shot_%04d.dpx` at a frame rate.
//!
//! ```text
//! folder/shot_%04d.dpx@24000:1001  ->  shot_1001.dpx, shot_1002.dpx, .. at 24000/1001 pictures a second
//! ```
//!
//! A sequence has a name as a file has one, wherever a file is read: its pattern and its rate, by [`sequence_path`]. Pictures
//! come in the order of their numbers, from the lowest on; a number that is missing in between is an error.
//!
//! # References
//! FFmpeg 5.1, `libavformat/img2dec.c`: the demuxer `image2`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::{MediaError, Rational};

/// Numbered pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sequence {
    folder: PathBuf,
    prefix: String,
    /// Digits at least.
    digits: usize,
    suffix: String,
    pub(crate) rate: Rational,
    /// The lowest number.
    pub(crate) first: u64,
}

/// The name under which the pictures of `pattern` are read as a video of `rate` pictures a second.
///
/// # Errors
/// When the pattern's file name has no number such as `%04d`, or the rate is not above 0.
pub fn sequence_path(pattern: &Path, rate: Rational) -> Result<PathBuf, MediaError> {
    let name = pattern.file_name().and_then(OsStr::to_str);
    if name.is_none_or(|name| numbered(name).is_none()) || !rate.is_known() {
        return Err(MediaError::Sequence {
            path: pattern.to_owned(),
            reason: "a pattern such as shot_%04d.dpx and a frame rate above 0 are wanted"
                .to_owned(),
        });
    }
    let mut path = pattern.as_os_str().to_owned();
    path.push(format!("@{}:{}", rate.numerator(), rate.denominator()));
    Ok(PathBuf::from(path))
}

/// What stands before the number, how many digits it has, what stands behind it.
fn numbered(name: &str) -> Option<(&str, usize, &str)> {
    let (prefix, rest) = name.split_once('%')?;
    let (digits, suffix) = rest.split_once('d')?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !suffix.contains('%');
    let digits = if digits.is_empty() {
        1
    } else {
        digits.parse().ok()?
    };
    (is_plain && digits <= 12).then_some((prefix, digits, suffix))
}

impl Sequence {
    /// The sequence that `path` names; none for the name of a file.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>, MediaError> {
        let named = path.file_name().and_then(OsStr::to_str).and_then(|name| {
            let (pattern, rate) = name.rsplit_once('@')?;
            let (numerator, denominator) = rate.split_once(':')?;
            let rate = Rational::new(numerator.parse().ok()?, denominator.parse().ok()?);
            let (prefix, digits, suffix) = numbered(pattern)?;
            Some((prefix.to_owned(), digits, suffix.to_owned(), rate))
        });
        let Some((prefix, digits, suffix, rate)) = named.filter(|_| !path.exists()) else {
            return Ok(None);
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut sequence = Self {
            folder,
            prefix,
            digits,
            suffix,
            rate,
            first: 0,
        };
        let numbers = sequence.numbers(path)?;
        let refuse = |reason| MediaError::Sequence {
            path: path.to_owned(),
            reason,
        };
        let Some(first) = numbers.first() else {
            return Err(refuse("there is no picture of that pattern".to_owned()));
        };
        if sequence.suffix.to_lowercase().ends_with(".exr") {
            let reason =
                "OpenEXR holds linear light, which no delivery has; grade it to DPX or TIFF";
            return Err(refuse(reason.to_owned()));
        }
        sequence.first = *first;
        for (number, expected) in numbers.iter().zip(*first..) {
            if *number != expected {
                return Err(refuse(format!("picture {expected} is missing")));
            }
        }
        Ok(Some(sequence))
    }

    /// All numbers that are there, in order.
    fn numbers(&self, path: &Path) -> Result<Vec<u64>, MediaError> {
        let io = |source| MediaError::Io {
            path: path.to_owned(),
            action: "list the pictures of",
            source,
        };
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            numbers.extend(name.to_str().and_then(|name| self.number_of(name)));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn number_of(&self, name: &str) -> Option<u64> {
        let digits = name
            .strip_prefix(&self.prefix)?
            .strip_suffix(&self.suffix)?;
        let number: u64 = digits.parse().ok()?;
        // As it would be printed: `7` is no picture of `%04d`.
        (self.name_of(number) == name).then_some(number)
    }

    fn name_of(&self, number: u64) -> String {
        let digits = self.digits;
        format!("{}{number:0digits$}{}", self.prefix, self.suffix)
    }

    /// The first picture.
    pub(crate) fn first_file(&self) -> PathBuf {
        self.folder.join(self.name_of(self.first))
    }

    /// The pattern as FFmpeg reads it, and what all names begin and end with.
    pub(crate) fn pattern(&self) -> (PathBuf, PathBuf, &str) {
        let plain = |text: &str| text.replace('%', "%%");
        let folder = PathBuf::from(plain(&self.folder.to_string_lossy()));
        let name = format!("{}%0{}d{}", self.prefix, self.digits, self.suffix);
        (
            folder.join(name),
            self.folder.join(&self.prefix),
            &self.suffix,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_and_its_rate_are_a_name() {
        let path = sequence_path(Path::new("a/shot_%04d.dpx"), Rational::new(24000, 1001));
        let path = path.expect("a pattern");
        assert_eq!(path, Path::new("a/shot_%04d.dpx@24000:1001"));
        for pattern in ["shot.dpx", "shot_%04x.dpx", "%d-%d.png"] {
            sequence_path(Path::new(pattern), Rational::new(24, 1)).expect_err(pattern);
        }
        assert_eq!(
            Sequence::of(Path::new("shot_%04d.dpx")).expect("a file"),
            None
        );
    }

    #[test]
    fn a_missing_picture_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        for number in [1001, 1002, 1004] {
            std::fs::write(folder.path().join(format!("s_{number}.png")), b"x").expect("a file");
        }
        let path = sequence_path(&folder.path().join("s_%04d.png"), Rational::new(25, 1));
        let error = Sequence::of(&path.expect("a pattern")).expect_err("1003 is missing");
        assert!(
            error.to_string().contains("picture 1003 is missing"),
            "{error}"
        );
    }
}
