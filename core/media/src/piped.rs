//! Pictures from a pipe, as YUV4MPEG2: decoded once, as they come, and never held whole.
//!
//! ```text
//! header LF, then for each picture:  FRAME .. LF, planes        bytes of the planes follow from the header
//! header and first picture -> a file that can be looked at like any other     all pictures -> one decode
//! ```
//!
//! A pipe that ends inside of a picture is an error; one that ends between two cannot be told from a whole one, so whoever knows how
//! many pictures there are counts them.
//!
//! # Shapes and units
//! 8 to 12 bits, 4:2:0, 4:2:2 and 4:4:4. Sound, tags, time code and captions have no place in the form.
//! # References
//! yuv4mpeg(5) of the MJPEG tools.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::MediaError;
use crate::ffi::ByteStream;
use crate::head::check_size;

/// FFmpeg's demuxer of it.
pub(crate) const DEMUXER: &str = "yuv4mpegpipe";
const MAGIC: &str = "YUV4MPEG2 ";
const FRAME: &[u8] = b"FRAME";
/// Bytes of a line at most.
const LONGEST_LINE: usize = 1024;

/// A stream whose beginning was read.
pub struct Piped {
    folder: tempfile::TempDir,
    stream: Mutex<Option<ByteStream>>,
}

impl Piped {
    /// Reads the header and the first picture.
    ///
    /// # Errors
    /// [`MediaError::NotPiped`] for other forms, depths and layouts; when nothing can be read, or no temporary file be written.
    pub fn begin(mut stream: impl Read + Send + 'static) -> Result<Self, MediaError> {
        let header = line(&mut stream).map_err(|error| not_piped(&error.to_string()))?;
        let layout = Layout::of(&header)?;
        let mut first = line(&mut stream).map_err(|error| not_piped(&error.to_string()))?;
        if !first.starts_with(FRAME) {
            return Err(not_piped("it has no picture"));
        }
        let mut head = header;
        let planes = usize::try_from(layout.picture_bytes()).unwrap_or(usize::MAX);
        first.resize(first.len() + planes, 0);
        let from = first.len() - planes;
        stream
            .read_exact(&mut first[from..])
            .map_err(|_| not_piped("it ends inside of its first picture"))?;
        head.append(&mut first);
        let temporary = |source| MediaError::Io {
            path: std::env::temp_dir(),
            action: "write to",
            source,
        };
        let folder = tempfile::Builder::new().prefix("countermark-").tempdir();
        let folder = folder.map_err(temporary)?;
        let piped = Self {
            folder,
            stream: Mutex::new(None),
        };
        fs::write(piped.path(), &head).map_err(temporary)?;
        let pictures = Pictures {
            stream,
            ahead: io::Cursor::new(head),
            picture_bytes: layout.picture_bytes(),
            left: 0,
        };
        *piped.stream.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(pictures));
        Ok(piped)
    }

    /// A file of the first picture: size, rate and layout of all of them.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("standard-input.y4m")
    }

    /// All bytes, once.
    pub(crate) fn take(&self) -> Result<ByteStream, MediaError> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.take().ok_or_else(|| MediaError::Io {
            path: self.path(),
            action: "read a second time",
            source: io::ErrorKind::NotSeekable.into(),
        })
    }
}

/// Size and layout of a stream's pictures.
#[derive(Debug, PartialEq, Eq)]
struct Layout {
    size: (u32, u32),
    /// Columns and rows of luma for one of chroma, as shifts.
    shifts: (u32, u32),
    sample_bytes: u64,
}

impl Layout {
    fn of(header: &[u8]) -> Result<Self, MediaError> {
        let text = String::from_utf8_lossy(header);
        let Some(fields) = text.trim_end().strip_prefix(MAGIC) else {
            return Err(not_piped("it does not begin with YUV4MPEG2"));
        };
        let field = |letter: char| fields.split(' ').find_map(|it| it.strip_prefix(letter));
        let side = |letter| {
            let side = field(letter).and_then(|text| text.parse().ok());
            side.filter(|side| *side > 0)
                .ok_or_else(|| not_piped(&format!("its header has no {letter}")))
        };
        let size = (side('W')?, side('H')?);
        check_size(Path::new("-"), size)?;
        let layout = field('C').unwrap_or("420");
        // `420jpeg` and the like say where the samples of chroma lie; `420p10` how deep they are.
        let (ratio, rest) = layout.split_at_checked(3).unwrap_or((layout, ""));
        let shifts = match ratio {
            "420" => (1, 1),
            "422" => (1, 0),
            "444" => (0, 0),
            _ => {
                return Err(not_piped(&format!(
                    "4:2:0, 4:2:2 and 4:4:4 are taken, not {layout}"
                )));
            }
        };
        let sample_bytes = match rest {
            "" | "jpeg" | "mpeg2" | "paldv" => 1,
            "p10" | "p12" => 2,
            _ => {
                return Err(not_piped(&format!(
                    "8, 10 and 12 bits are taken, not {layout}"
                )));
            }
        };
        Ok(Self {
            size,
            shifts,
            sample_bytes,
        })
    }

    fn picture_bytes(&self) -> u64 {
        let ((width, height), (x, y)) = (self.size, self.shifts);
        let samples = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let chroma = samples(width.div_ceil(1 << x), height.div_ceil(1 << y));
        (samples(width, height) + 2 * chroma) * self.sample_bytes
    }
}

/// Passes the bytes on, and knows where pictures begin.
struct Pictures<R> {
    stream: R,
    /// Bytes that were read already.
    ahead: io::Cursor<Vec<u8>>,
    picture_bytes: u64,
    /// Bytes of the picture that are still to come.
    left: u64,
}

impl<R: Read> Read for Pictures<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let read = self.ahead.read(target)?;
        if read > 0 || target.is_empty() {
            return Ok(read);
        }
        if self.left == 0 {
            let begin = line(&mut self.stream)?;
            if begin.is_empty() {
                return Ok(0);
            }
            if !begin.starts_with(FRAME) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "no picture"));
            }
            self.left = self.picture_bytes;
            self.ahead = io::Cursor::new(begin);
            return self.ahead.read(target);
        }
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(target.len());
        let read = loop {
            match self.stream.read(&mut target[..most]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

/// A line with its end; nothing at the end of the stream.
fn line(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while line.len() < LONGEST_LINE {
        match stream.read(&mut byte) {
            Ok(0) if line.is_empty() => return Ok(line),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => line.push(byte[0]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if line.last() == Some(&b'\n') {
            return Ok(line);
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "no line ends"))
}

fn not_piped(reason: &str) -> MediaError {
    MediaError::NotPiped {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(header: &str) -> Result<Layout, String> {
        Layout::of(header.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn headers_say_how_many_bytes_a_picture_has() {
        let bytes = |header: &str| layout(header).expect("taken").picture_bytes();
        assert_eq!(bytes("YUV4MPEG2 W4 H2 F25:1 Ip A1:1 C420jpeg\n"), 8 + 2 * 2);
        assert_eq!(bytes("YUV4MPEG2 W5 H3 F25:1\n"), 15 + 2 * 6);
        assert_eq!(
            bytes("YUV4MPEG2 W4 H2 F25:1 C422p10 XYSCSS=422P10\n"),
            2 * (8 + 2 * 4)
        );
        assert_eq!(bytes("YUV4MPEG2 W4 H2 F25:1 C444p12\n"), 2 * 24);
        for (header, said) in [
            ("RIFF", "it does not begin with YUV4MPEG2"),
            ("YUV4MPEG2 W4 F25:1\n", "its header has no H"),
            (
                "YUV4MPEG2 W4 H2 C411\n",
                "4:2:0, 4:2:2 and 4:4:4 are taken, not 411",
            ),
            (
                "YUV4MPEG2 W4 H2 C420p16\n",
                "8, 10 and 12 bits are taken, not 420p16",
            ),
            (
                "YUV4MPEG2 W4 H2 Cmono\n",
                "4:2:0, 4:2:2 and 4:4:4 are taken, not mono",
            ),
        ] {
            let error = layout(header).expect_err(header);
            assert!(error.ends_with(said), "{error}");
        }
    }

    #[test]
    fn a_stream_is_passed_on_to_the_byte_and_ends_between_pictures_only() {
        let mut whole = b"YUV4MPEG2 W2 H2 F25:1\n".to_vec();
        for picture in 0..3_u8 {
            whole.extend(b"FRAME Ip\n");
            whole.extend([picture; 6]);
        }
        let passed = |bytes: &[u8]| {
            let piped = Piped::begin(io::Cursor::new(bytes.to_vec()))?;
            let mut all = Vec::new();
            let end = piped.take()?.read_to_end(&mut all).map(|_| all);
            assert!(piped.take().is_err());
            Ok::<_, MediaError>(end)
        };
        let all = passed(&whole).expect("begun").expect("whole");
        assert_eq!(all, whole);
        for cut in [3, 8, 12] {
            let end = passed(&whole[..whole.len() - cut]).expect("begun");
            assert!(end.is_err(), "{cut} bytes less");
        }
        let two = passed(&whole[..whole.len() - 15]).expect("begun");
        assert_eq!(two.expect("whole").len(), whole.len() - 15);
        assert!(passed(&whole[..30]).is_err());
        assert!(passed(b"").is_err());
    }
}
