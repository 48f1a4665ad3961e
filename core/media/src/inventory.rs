//! What a file has that a copy of it must have too, and how its pictures are coded.
//!
//! ```text
//! headers, streams, tags + the first PACKETS packets + the first PICTURES pictures -> Inventory
//! ```
//!
//! # Shapes and units
//! Bitrates are bits a second, key frame distances pictures in coding order.

use std::path::Path;

use crate::ffi::{Hdr10, Input, Packet, PixelFormat, Stream};
use crate::info::frame_rate;
use crate::opening::open_input;
use crate::source::{Event, FrameSource};
use crate::{CancelToken, ColourInfo, MediaError, Rational};

/// Packets of the video that are looked at: four groups of broadcast streams.
const PACKETS: usize = 64;
/// Pictures that are decoded: captions are in every one of them where they are.
const PICTURES: usize = 8;

/// What a file has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says of one thing whether it is there"
)]
pub struct Inventory {
    /// FFmpeg's name of the video's codec.
    pub codec: String,
    /// FFmpeg's name of its profile, such as `HQ` or `4:2:2`.
    pub profile: Option<String>,
    /// FFmpeg's name of the pixel format.
    pub pixel_format: Option<String>,
    /// Bits a second of the video, where the file says it or every picture takes the same.
    pub bit_rate: Option<u64>,
    /// Every picture takes the same bytes.
    pub has_equal_packets: bool,
    /// Longest distance between key frames seen; 1 where every picture is one.
    pub key_distance: Option<u32>,
    /// `Some(top field shown first)` where there are fields.
    pub top_first: Option<bool>,
    /// The time code of the first picture.
    pub timecode: Option<String>,
    /// Closed captions inside of the video.
    pub has_captions: bool,
    /// An active format description.
    pub has_active_format: bool,
    /// Transparency.
    pub has_alpha: bool,
    /// Dolby Vision or HDR10+.
    pub has_dynamic_hdr: bool,
    /// Colour tags.
    pub colour: ColourInfo,
    /// Chapters.
    pub chapters: usize,
    pub(crate) hdr10: Hdr10,
}

/// Looks through the beginning of the file at `path`.
///
/// # Errors
/// When the file cannot be read, is no media file, or has no video stream.
pub fn inventory(path: &Path) -> Result<Inventory, MediaError> {
    let cancel = CancelToken::new();
    let (mut opened, video) = open_input(path, &cancel)?;
    let input = &mut opened.input;
    let mut found = Inventory::of_headers(input, video);
    found.count_packets(input, video);
    let mut source = FrameSource::open(path, 1, &cancel)?;
    source.keep_only_video();
    found.look_at_pictures(&mut source);
    Ok(found)
}

impl Inventory {
    fn of_headers(input: &Input, video: usize) -> Self {
        let stream = input
            .stream(video)
            .expect("the index came from this input's streams");
        Self {
            codec: stream.codec_name(),
            profile: stream.profile(),
            pixel_format: stream.pixel_format().map(PixelFormat::name),
            bit_rate: stream.bit_rate(),
            has_equal_packets: false,
            key_distance: None,
            top_first: stream.interlaced(),
            timecode: timecode_of(input, stream),
            has_captions: false,
            has_active_format: false,
            has_alpha: stream.pixel_format().is_some_and(PixelFormat::has_alpha),
            has_dynamic_hdr: stream.has_dolby_vision(),
            colour: stream.colour().info(),
            chapters: input.chapter_count(),
            hdr10: stream.hdr10(),
        }
    }

    fn count_packets(&mut self, input: &mut Input, video: usize) {
        let rate = input.stream(video).map_or(Rational::UNKNOWN, frame_rate);
        let mut packet = Packet::new();
        let (mut seen, mut since_key, mut distance) = (0, 0_u32, None);
        let (mut smallest, mut largest) = (usize::MAX, 0);
        // What cannot be read is found out by whoever reads the whole.
        while seen < PACKETS && input.read(&mut packet).unwrap_or(false) {
            if packet.stream() != video {
                continue;
            }
            if packet.is_key() && seen > 0 {
                distance = distance.max(Some(since_key + 1));
                since_key = 0;
            } else if seen > 0 {
                since_key += 1;
            }
            seen += 1;
            smallest = smallest.min(packet.data().len());
            largest = largest.max(packet.data().len());
        }
        self.key_distance = distance;
        self.has_equal_packets = seen > 1 && smallest == largest;
        if self.has_equal_packets && rate.is_known() {
            self.bit_rate = Some((largest as f64 * 8.0 * rate.as_f64()).round() as u64);
        }
    }

    fn look_at_pictures(&mut self, source: &mut FrameSource) {
        let rate = source
            .input()
            .stream(source.video())
            .map_or(Rational::UNKNOWN, frame_rate);
        let mut pictures = 0;
        while pictures < PICTURES {
            let frame = match source.next() {
                Event::Frame(frame) => frame,
                Event::Packet(_) => continue,
                Event::End => return,
            };
            if pictures == 0 {
                self.timecode = self.timecode.take().or_else(|| frame.timecode(rate));
                self.has_alpha |= frame.format().is_some_and(PixelFormat::has_alpha);
                let hdr10 = frame.hdr10();
                self.hdr10 = Hdr10 {
                    mastering_display: hdr10
                        .mastering_display
                        .or(self.hdr10.mastering_display.take()),
                    light_level: hdr10.light_level.or(self.hdr10.light_level),
                };
            }
            self.top_first = frame.interlaced().or(self.top_first);
            self.has_captions |= frame.captions().is_some();
            self.has_active_format |= frame.active_format().is_some();
            self.has_dynamic_hdr |= frame.has_dynamic_hdr();
            pictures += 1;
        }
    }

    /// Whether there is HDR10 static metadata.
    #[must_use]
    pub fn has_hdr10(&self) -> bool {
        self.hdr10 != Hdr10::default()
    }
}

/// The container's time code: of the video, of a track beside it, or of the file.
fn timecode_of(input: &Input, video: Stream<'_>) -> Option<String> {
    let in_tags = |tags: Vec<(String, String)>| {
        tags.into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("timecode"))
            .map(|(_, value)| value)
    };
    in_tags(video.metadata())
        .or_else(|| {
            input
                .streams()
                .find_map(|stream| in_tags(stream.metadata()))
        })
        .or_else(|| in_tags(input.metadata()))
}
