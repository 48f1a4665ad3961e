//! A copy as its master is: codec family, profile, rate. Depth, chroma and field order follow the pictures by themselves.
//!
//! | master | copy |
//! |---|---|
//! | `ProRes` | the same profile |
//! | `DNxHR`, `DNxHD` | the same profile; `DNxHD` at the master's bitrate |
//! | MPEG-2 4:2:2 | a constant bitrate and group length as the master's |
//! | JPEG 2000 | the ratio of the master's bytes to its samples |
//! | FFV1 | lossless |
//! | H.264, HEVC, AV1, other MPEG-2 | the master's bitrate; every picture a key frame where the master's are |

use std::path::Path;

use countermark_media::{EncodeSettings, Inventory, Rate, VideoCodec, VideoInfo};

/// What XDCAM HD422 has, for masters that do not say theirs.
const BROADCAST_BITS: u64 = 50_000_000;
/// Below this ratio JPEG 2000 is coded without loss.
const LOSSLESS_RATIO: f64 = 2.5;

/// Whether the master is what post-production keeps, not what viewers get.
pub(crate) fn is_mezzanine(found: &Inventory) -> bool {
    match found.codec.as_str() {
        "prores" | "dnxhd" | "jpeg2000" | "ffv1" => true,
        "mpeg2video" => found.profile.as_deref() == Some("4:2:2"),
        _ => false,
    }
}

/// The settings that make the copy `output` like the master; none for codecs that cannot be written.
pub(crate) fn like(info: &VideoInfo, found: &Inventory, output: &Path) -> Option<EncodeSettings> {
    let profile = found.profile.as_deref().unwrap_or_default();
    let with_profile = |codec, profile: &str, rate| EncodeSettings {
        profile: Some(profile.to_owned()),
        ..EncodeSettings::new(codec, rate)
    };
    Some(match found.codec.as_str() {
        "prores" => with_profile(VideoCodec::ProRes, prores(profile), Rate::Native),
        "dnxhd" => match dnx(profile) {
            "dnxhd" => {
                let megabits = nominal(found.bit_rate? as f64 / 1e6);
                with_profile(
                    VideoCodec::Dnx,
                    "dnxhd",
                    Rate::Bitrate(megabits * 1_000_000),
                )
            }
            profile => with_profile(VideoCodec::Dnx, profile, Rate::Native),
        },
        "mpeg2video" if profile == "4:2:2" => {
            let bits = found.bit_rate.unwrap_or(BROADCAST_BITS);
            EncodeSettings {
                gop: found.key_distance,
                ..with_profile(VideoCodec::Mpeg2, "422", Rate::Bitrate(bits))
            }
        }
        "jpeg2000" => jpeg2000(info, found, output),
        "ffv1" => EncodeSettings {
            gop: found.key_distance,
            options: vec![
                ("level".to_owned(), "3".to_owned()),
                ("slicecrc".to_owned(), "1".to_owned()),
            ],
            ..EncodeSettings::new(VideoCodec::Ffv1, Rate::Native)
        },
        "h264" => at_its_rate(VideoCodec::H264, found),
        "hevc" => at_its_rate(VideoCodec::Hevc, found),
        "mpeg2video" => at_its_rate(VideoCodec::Mpeg2, found),
        "av1" => at_its_rate(VideoCodec::Av1, found),
        _ => return None,
    })
}

/// FFmpeg's name of the encoder's profile, by its name of the decoder's.
fn prores(profile: &str) -> &'static str {
    match profile {
        "Proxy" => "proxy",
        "LT" => "lt",
        "HQ" => "hq",
        "4444" => "4444",
        "XQ" => "4444xq",
        _ => "standard",
    }
}

fn dnx(profile: &str) -> &'static str {
    match profile {
        "DNXHR LB" => "dnxhr_lb",
        "DNXHR SQ" => "dnxhr_sq",
        "DNXHR HQ" => "dnxhr_hq",
        "DNXHR HQX" => "dnxhr_hqx",
        "DNXHR 444" => "dnxhr_444",
        _ => "dnxhd",
    }
}

/// The rate by which Avid calls what a file of `DNxHD` takes, both in megabits a second.
fn nominal(megabits: f64) -> u64 {
    const NOMINAL: [u16; 20] = [
        36, 45, 60, 75, 80, 90, 100, 110, 115, 120, 145, 175, 180, 185, 220, 240, 290, 350, 365,
        440,
    ];
    let distance = |nominal: &u16| (f64::from(*nominal) - megabits).abs();
    let nearest = NOMINAL
        .into_iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    u64::from(nearest.unwrap_or_default())
}

fn jpeg2000(info: &VideoInfo, found: &Inventory, output: &Path) -> EncodeSettings {
    let mut options = Vec::new();
    if output
        .extension()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("mxf"))
    {
        // A code stream without the boxes of a file.
        options.push(("format".to_owned(), "j2k".to_owned()));
    }
    let samples = f64::from(info.width) * f64::from(info.height) * info.frame_rate.as_f64();
    // Two chroma samples for each of luma at most; half of them in 4:2:2, which masters have.
    let raw = samples * f64::from(info.bit_depth) * 2.0;
    let ratio = found.bit_rate.map_or(1.0, |bits| raw / bits as f64);
    if ratio >= LOSSLESS_RATIO {
        let ratio = ratio.round().to_string();
        options.push(("compression_level".to_owned(), ratio));
    }
    EncodeSettings {
        options,
        ..EncodeSettings::new(VideoCodec::Jpeg2000, Rate::Native)
    }
}

fn at_its_rate(codec: VideoCodec, found: &Inventory) -> EncodeSettings {
    let near = EncodeSettings::near_transparent(codec);
    let rate = match (found.bit_rate, codec) {
        (Some(bits), _) => Rate::Bitrate(bits),
        (None, VideoCodec::Mpeg2) => Rate::Crf(2.0),
        (None, _) => near.rate,
    };
    EncodeSettings {
        rate,
        gop: found.key_distance.filter(|&distance| distance == 1),
        ..near
    }
}
