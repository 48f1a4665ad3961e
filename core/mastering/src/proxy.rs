//! The compact proxy of a master, for later registration and host cancelling.
//!
//! ```text
//! short side min(288, master's), x264 medium without psychovisual decisions and trellis, one reference frame, 500 kb/s
//! on average, never above 1 Mb/s, a key frame every 2 s
//! ```
//!
//! Timestamps are the master's, so that media time means the same in both. At 500 kb/s an hour takes 0.22 GB.

use std::num::NonZeroUsize;

use countermark_media::{EncodeSettings, Rate, Recode, VideoCodec, VideoInfo};

/// Short side of the proxy; smaller masters are not enlarged.
const SHORT_SIDE: u32 = 288;
const AVERAGE_BITS_A_SECOND: u64 = 500_000;
const HIGHEST_BITS_A_SECOND: u64 = 1_000_000;
const KEY_FRAME_SECONDS: f64 = 2.0;

/// How to render the proxy of `master`, decoded with `threads`.
pub(crate) fn recoding(master: &VideoInfo, threads: Option<NonZeroUsize>) -> Recode {
    Recode {
        scale: size(master),
        ..Recode::new(EncodeSettings {
            threads,
            ..settings(master)
        })
    }
}

/// The proxy's size, of the master's shape; none where the master is as small.
fn size(master: &VideoInfo) -> Option<(u32, u32)> {
    let short = master.width.min(master.height);
    let scaled = |side: u32| {
        let side = f64::from(side) * f64::from(SHORT_SIDE) / f64::from(short);
        2 * (side / 2.0).round() as u32
    };
    (short > SHORT_SIDE).then(|| (scaled(master.width), scaled(master.height)))
}

fn settings(master: &VideoInfo) -> EncodeSettings {
    let rate = if master.frame_rate.is_known() {
        master.frame_rate.as_f64()
    } else {
        25.0
    };
    EncodeSettings {
        preset: Some("medium".to_owned()),
        gop: Some((KEY_FRAME_SECONDS * rate).round().max(1.0) as u32),
        options: vec![
            // With several threads and a limited rate x264 writes another file each time; a reference must repeat.
            ("threads".to_owned(), "1".to_owned()),
            // Subtracted, not looked at: what only seems like detail would be noise. What of medium is left out takes a
            // quarter of its time and is worth 0.1 dB at most at this rate.
            (
                "x264-params".to_owned(),
                "psy=0:ref=1:trellis=0:me=dia".to_owned(),
            ),
            ("maxrate".to_owned(), HIGHEST_BITS_A_SECOND.to_string()),
            ("bufsize".to_owned(), HIGHEST_BITS_A_SECOND.to_string()),
        ],
        ..EncodeSettings::new(VideoCodec::H264, Rate::Bitrate(AVERAGE_BITS_A_SECOND))
    }
}
