//! What happens to a stream on its way: packets that are lost, bytes that are changed, pieces whose clocks begin at 0 each.
//!
//! ```text
//! loss-P              each packet of a transport stream is lost with P percent
//! flips-N             N bytes of it, anywhere, get another value
//! rejoined-Ss-crfN    every S seconds encoded on their own by x264 at CRF N, one file behind the other, as live streams are saved
//! ```
//!
//! The last step of a chain; the step before it is encoded into a transport stream, what no step encodes without loss. No frame
//! changes its time: whoever shows rejoined pieces goes on from one to the next.
//!
//! # Shapes and units
//! Packets of 188 bytes; seconds of media time.
//! # References
//! ISO/IEC 13818-1, 2.4.3: transport stream packets, whose counters tell losses.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use countermark_media::{Recode, VideoCodec, recode};

use super::encoding::{Rate, settings};
use super::stream::shape_of;
use super::strength::{number, whole};
use super::{AttackError, ParseAttackError, Random};

/// Bytes of a packet.
const PACKET: usize = 188;

/// What happens to a stream, with its strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transport {
    /// Packets are lost.
    Loss {
        /// Of all.
        percent: f64,
    },
    /// Bytes are changed.
    Flips {
        /// How many.
        bytes: u32,
    },
    /// Pieces with clocks of their own.
    Rejoined {
        /// Of each piece.
        seconds: f64,
        /// How hard each is encoded.
        crf: u32,
    },
}

impl Transport {
    /// Reads `loss`, `flips` and `rejoined`; `None` if the word is none of them.
    pub(super) fn parse(head: &str, strength: &str) -> Option<Result<Self, ParseAttackError>> {
        let step = format!("{head}-{strength}");
        match head {
            "loss" => {
                let accepted = "0.01 to 20 percent";
                let percent = number(&step, strength, &(0.01..=20.0), accepted);
                Some(percent.map(|percent| Self::Loss { percent }))
            }
            "flips" => {
                let bytes = whole(&step, strength, &(1..=10_000), "1 to 10000 bytes");
                Some(bytes.map(|bytes| Self::Flips { bytes }))
            }
            "rejoined" => Some((|| {
                let accepted = "0.5s-crf0 to 600s-crf63";
                let bad = || ParseAttackError::Strength {
                    step: step.clone(),
                    range: accepted,
                };
                let (seconds, crf) = strength.split_once("s-crf").ok_or_else(bad)?;
                Ok(Self::Rejoined {
                    seconds: number(&step, seconds, &(0.5..=600.0), accepted)?,
                    crf: whole(&step, crf, &(0..=63), accepted)?,
                })
            })()),
            _ => None,
        }
    }

    /// Does that to `input`, a transport stream where packets or bytes are meant; `made` takes the intermediates.
    pub(super) fn run(
        self,
        input: &Path,
        output: &Path,
        random: &mut Random,
        made: &mut Vec<PathBuf>,
    ) -> Result<(), AttackError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| AttackError::Io { path, source }
        };
        let bytes = |file: &Path| fs::read(file).map_err(io(file));
        let stream = match self {
            Self::Loss { percent } => {
                let whole = bytes(input)?;
                let packets = whole.chunks(PACKET);
                let kept = packets.filter(|_| 100.0 * random.unit() >= percent);
                kept.flatten().copied().collect()
            }
            Self::Flips { bytes: count } => {
                let mut stream = bytes(input)?;
                for _ in 0..count {
                    let at = random.below(stream.len());
                    stream[at] ^= 1 + random.below(255) as u8;
                }
                stream
            }
            Self::Rejoined { seconds, crf } => {
                let shape = shape_of(input)?;
                let mut stream = Vec::new();
                let mut start = 0.0;
                while start + 0.5 / shape.frame_rate < shape.seconds {
                    let piece = output.with_extension(format!("piece{}.ts", made.len()));
                    made.push(piece.clone());
                    let order = Recode {
                        start_seconds: Some(start),
                        duration_seconds: Some(seconds),
                        ..Recode::new(settings(VideoCodec::H264, Rate::Crf(crf), None))
                    };
                    recode(input, &piece, &order, &())?;
                    stream.append(&mut bytes(&piece)?);
                    start += seconds;
                }
                stream
            }
        };
        fs::write(output, stream).map_err(io(output))
    }

    /// Whether it is done to the packets of a stream that is there already.
    pub(super) fn takes_packets(self) -> bool {
        !matches!(self, Self::Rejoined { .. })
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Loss { percent } => write!(f, "loss-{percent}"),
            Self::Flips { bytes } => write!(f, "flips-{bytes}"),
            Self::Rejoined { seconds, crf } => write!(f, "rejoined-{seconds}s-crf{crf}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::file::{FileQuality, write_clip};
    use super::super::samples::sample_set;
    use super::super::{Attack, Materials, Place, apply};
    use super::*;
    use countermark_media::{ReadOptions, VideoReader};

    type Checked = Result<(), Box<dyn std::error::Error>>;

    /// Frames, clock breaks, and what was lost of a clip of three seconds that was attacked so.
    fn read(name: &str) -> Result<(Vec<f64>, usize, bool), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let mut spec = sample_set()[0].clone();
        (spec.width, spec.height, spec.fps, spec.seconds) = (160, 90, 10, 3.0);
        let file = folder.path().join("clip.mkv");
        write_clip(&spec, &file, FileQuality::Crf(20.0))?;
        let attack: Attack = name.parse()?;
        assert_eq!(attack.extension(), "ts");
        let output = folder.path().join("out.ts");
        let materials = Materials {
            copies: &[&file],
            ..Materials::default()
        };
        let applied = apply(&attack, &materials, &output, &Place::new(1, "a", name))?;
        assert_eq!(applied.course.pieces().len(), 1);
        let left: Vec<_> = fs::read_dir(folder.path())?.collect();
        assert_eq!(left.len(), 2, "intermediates are removed: {left:?}");
        let mut reader = VideoReader::open(&output, ReadOptions::default())?;
        let mut times = Vec::new();
        while let Some(frame) = reader.next_frame()? {
            times.push(frame.media_time());
        }
        let breaks = reader.clock_breaks().len();
        Ok((times, breaks, reader.integrity().is_complete()))
    }

    #[test]
    fn rejoined_pieces_have_all_frames_and_a_clock_each() -> Checked {
        // The counters of their packets do not go on, as in files that are saved so.
        let (times, breaks, _) = read("rejoined-1s-crf28")?;
        assert_eq!((times.len(), breaks), (30, 2));
        for (number, time) in times.iter().enumerate() {
            assert!((time - number as f64 / 10.0).abs() < 1e-3, "{times:?}");
        }
        Ok(())
    }

    #[test]
    fn lost_packets_and_changed_bytes_leave_a_damaged_stream() -> Checked {
        for name in ["h264-crf18+loss-5", "h264-crf18+flips-100"] {
            let (times, _, is_complete) = read(name)?;
            assert!(
                !is_complete && (5..=30).contains(&times.len()),
                "{name}: {} frames",
                times.len()
            );
        }
        Ok(())
    }

    #[test]
    fn names_are_given_back_and_ranges_hold() {
        for name in ["loss-0.3", "loss-20", "flips-40", "rejoined-2.5s-crf26"] {
            let (head, strength) = name.split_once('-').expect("a strength");
            let parsed = Transport::parse(head, strength).expect("known");
            assert_eq!(parsed.expect("in range").to_string(), name);
        }
        for name in [
            "loss-0",
            "loss-21",
            "flips-0",
            "rejoined-2s",
            "rejoined-0.1s-crf26",
        ] {
            let (head, strength) = name.split_once('-').expect("a strength");
            assert!(
                matches!(Transport::parse(head, strength), Some(Err(_))),
                "{name}"
            );
        }
        assert!(matches!(
            "loss-1+h264-crf20".parse::<Attack>(),
            Err(ParseAttackError::AfterStream { .. })
        ));
    }
}
