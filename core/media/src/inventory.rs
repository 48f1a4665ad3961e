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
    let mut source = FrameSource::open(path, 1, &CancelToken::new())?;
    let mut found = Inventory::of_headers(source.input(), source.video());
    source.keep_only_video();
    let mut packets = Packets::default();
    found.look_at_pictures(&mut source, &mut packets);
    source.pass(&mut |packet| packets.wants(packet));
    let rate = source.input().stream(source.video()).map(frame_rate);
    found.count(&packets, rate.unwrap_or(Rational::UNKNOWN));
    Ok(found)
}

/// The first packets of the video.
struct Packets {
    seen: usize,
    since_key: u32,
    /// Longest distance between key frames.
    distance: Option<u32>,
    /// Bytes of the smallest and of the largest.
    sizes: [usize; 2],
}

impl Default for Packets {
    fn default() -> Self {
        Self {
            seen: 0,
            since_key: 0,
            distance: None,
            sizes: [usize::MAX, 0],
        }
    }
}

impl Packets {
    /// Takes the next packet, while there are fewer than [`PACKETS`]; whether one more is wanted.
    fn wants(&mut self, packet: &Packet) -> bool {
        if self.seen < PACKETS {
            if packet.is_key() && self.seen > 0 {
                self.distance = self.distance.max(Some(self.since_key + 1));
                self.since_key = 0;
            } else if self.seen > 0 {
                self.since_key += 1;
            }
            self.seen += 1;
            let (size, [smallest, largest]) = (packet.data().len(), self.sizes);
            self.sizes = [smallest.min(size), largest.max(size)];
        }
        self.seen < PACKETS
    }
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

    fn count(&mut self, packets: &Packets, rate: Rational) {
        self.key_distance = packets.distance;
        self.has_equal_packets = packets.seen > 1 && packets.sizes[0] == packets.sizes[1];
        if self.has_equal_packets && rate.is_known() {
            let bits = packets.sizes[1] as f64 * 8.0;
            self.bit_rate = Some((bits * rate.as_f64()).round() as u64);
        }
    }

    fn look_at_pictures(&mut self, source: &mut FrameSource, packets: &mut Packets) {
        let rate = source
            .input()
            .stream(source.video())
            .map_or(Rational::UNKNOWN, frame_rate);
        let mut pictures = 0;
        while pictures < PICTURES {
            let event = source.next_telling(&mut |packet| _ = packets.wants(packet));
            let frame = match event {
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
