//! Every step by its name: what it does, in which unit its strength is, and how weak and how strong it may be.
//!
//! ```text
//! nearest(step) = the listed word within two edits of the step's first word, with the rest of the step, if that is an attack
//! ```
//!
//! Weakest and strongest are names that parse; what lies beyond them does not.
//!
//! # Shapes and units
//! As each entry says.
//! # References
//! V. I. Levenshtein (1966), Binary codes capable of correcting deletions, insertions, and reversals, Soviet Physics Doklady 10(8).

use serde::Serialize;

use super::Step;

/// A step that can be named.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Listed {
    /// How it is written: capitals stand for numbers, brackets for what may be left out.
    pub form: &'static str,
    /// Heading.
    pub group: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Unit of the strength; empty where there is none.
    pub unit: &'static str,
    /// The end of its range that changes least, or comes first.
    pub from: &'static str,
    /// The other end.
    pub to: &'static str,
}

const fn listed(
    group: &'static str,
    form: &'static str,
    what: &'static str,
    unit: &'static str,
    (from, to): (&'static str, &'static str),
) -> Listed {
    Listed {
        form,
        group,
        what,
        unit,
        from,
        to,
    }
}

const ENCODE: &str = "re-encode";
const SCALE: &str = "scale, aspect";
const CROP: &str = "crop, shift";
const WARP: &str = "rotate, flip, warp";
const LIGHT: &str = "photometric";
const FILTER: &str = "filter, noise";
const TIME: &str = "time";
const OVERLAY: &str = "overlay";
const CAMERA: &str = "camcording";
const COLLUSION: &str = "collusion";
const MALICIOUS: &str = "malicious";
const STREAM: &str = "stream";
const TITLES: &str = "titles";
const FRAMING: &str = "framing";
const NEGATIVES: &str = "negatives";

/// All of them, by groups.
#[rustfmt::skip] // a table: one line each
pub const LIST: &[Listed] = &[
    listed(ENCODE, "h264-[PRESET-][LINESp-]crfN", "x264 at constant quality", "CRF", ("h264-crf0", "h264-crf63")),
    listed(ENCODE, "h264-[PRESET-][LINESp-]Nk", "x264 at a mean bitrate", "kb/s", ("h264-500000k", "h264-8k")),
    listed(ENCODE, "h264rgb-[PRESET-]crfN", "x264 in RGB", "CRF", ("h264rgb-crf0", "h264rgb-crf63")),
    listed(ENCODE, "hevc-[PRESET-][LINESp-]crfN", "x265", "CRF", ("hevc-crf0", "hevc-crf63")),
    listed(ENCODE, "vp9-[LINESp-]crfN", "libvpx", "CRF", ("vp9-crf0", "vp9-crf63")),
    listed(ENCODE, "av1-[LINESp-]crfN", "SVT-AV1", "CRF", ("av1-crf0", "av1-crf63")),
    listed(ENCODE, "mpeg2-Nk", "MPEG-2", "kb/s", ("mpeg2-500000k", "mpeg2-8k")),
    listed(ENCODE, "mpeg4-Nk", "MPEG-4 part 2", "kb/s", ("mpeg4-500000k", "mpeg4-8k")),
    listed(ENCODE, "depth-8", "8 bits a sample", "", ("depth-8", "depth-8")),
    listed(ENCODE, "jpeg-qN", "one frame from a random place as a JPEG, last", "quality", ("jpeg-q100", "jpeg-q1")),
    listed(SCALE, "scale-F", "both sides", "factor", ("scale-4", "scale-0.05")),
    listed(SCALE, "scale-FxG", "each side", "factors", ("scale-4x4", "scale-0.05x0.05")),
    listed(SCALE, "aspect-AxB", "stretched to an aspect", "aspect", ("aspect-1x1", "aspect-64x64")),
    listed(SCALE, "bars-AxB", "black bars up to an aspect", "aspect", ("bars-1x1", "bars-64x64")),
    listed(SCALE, "overscan-P", "the edges cut off or put on", "percent", ("overscan--50", "overscan-100")),
    listed(CROP, "crop-F[-back]", "a part at a random place, resized back or not", "of each edge", ("crop-1", "crop-0.05")),
    listed(CROP, "centre-A[-back]", "the middle", "of the area", ("centre-1", "centre-0.05")),
    listed(CROP, "side-SIDE-P", "left, right, top or bottom cut off", "percent", ("side-left-0.5", "side-left-90")),
    listed(CROP, "shift-N", "moved to a random side", "pixels", ("shift-1", "shift-1024")),
    listed(CROP, "reframe-AxB", "cut to an aspect", "aspect", ("reframe-1x1", "reframe-64x64")),
    listed(CROP, "pip-F", "small, in front of something else", "of each edge", ("pip-0.95", "pip-0.1")),
    listed(CROP, "blursides-AxB", "in front of its own blurred self", "aspect", ("blursides-1x1", "blursides-64x64")),
    listed(WARP, "rotate-D", "turned; also 90, 180, 270", "degrees", ("rotate--45", "rotate-45")),
    listed(WARP, "mirror", "left for right", "", ("mirror", "mirror")),
    listed(WARP, "mirror-half", "the left half, and itself mirrored beside it", "", ("mirror-half", "mirror-half")),
    listed(WARP, "perspective-S", "corners moved at random", "of half the sides", ("perspective-0.01", "perspective-0.6")),
    listed(WARP, "barrel-K", "a lens's distortion", "coefficient", ("barrel--0.3", "barrel-0.5")),
    listed(WARP, "bend-stretch-P", "wider here, narrower there: a sine along the width", "percent of the width", ("bend-stretch-0.1", "bend-stretch-10")),
    listed(WARP, "bend-wave-P", "rows slid against each other by a sine", "percent of the width", ("bend-wave-0.1", "bend-wave-10")),
    listed(WARP, "bend-both-P", "a sine along each side", "percent of the side", ("bend-both-0.1", "bend-both-10")),
    listed(WARP, "bend-smooth-P", "a random smooth field", "percent of the width", ("bend-smooth-0.1", "bend-smooth-10")),
    listed(WARP, "bend-ramp-P", "evenly narrower from left to right", "percent of the width", ("bend-ramp-0.1", "bend-ramp-10")),
    listed(WARP, "bend-ripple-P", "short waves along both sides", "percent of the width", ("bend-ripple-0.1", "bend-ripple-5")),
    listed(WARP, "bend-swirl-P", "turned about the middle, most at 0.3 widths from it", "percent of the width", ("bend-swirl-0.1", "bend-swirl-10")),
    listed(WARP, "bend-bulge-P", "a part beside the middle enlarged", "percent of the width", ("bend-bulge-0.1", "bend-bulge-8")),
    listed(WARP, "bend-lens-P", "a lens whose axis is beside the middle", "percent of the width", ("bend-lens-0.1", "bend-lens-10")),
    listed(WARP, "bend-breathe-P", "as bend-stretch, swelling and shrinking in 5 s", "percent of the width", ("bend-breathe-0.1", "bend-breathe-10")),
    listed(WARP, "bend-drift-P", "waves along both sides that travel, one in 6 and 8 s", "percent of the width", ("bend-drift-0.1", "bend-drift-10")),
    listed(WARP, "bend-flow-P", "rows slid by two waves that travel, one in 4 s", "percent of the width", ("bend-flow-0.1", "bend-flow-10")),
    listed(WARP, "jumps-S", "every so often another zoom and place, every second piece mirrored", "seconds", ("jumps-0.2", "jumps-10")),
    listed(WARP, "jitter-N", "a hand that shakes", "pixels", ("jitter-0.1", "jitter-64")),
    listed(LIGHT, "brightness-F", "linear", "factor", ("brightness-0.05", "brightness-4")),
    listed(LIGHT, "contrast-F", "about the mean", "factor", ("contrast-0.05", "contrast-4")),
    listed(LIGHT, "gamma-G", "luma to a power", "exponent", ("gamma-0.2", "gamma-5")),
    listed(LIGHT, "saturation-F", "colour", "factor", ("saturation-0", "saturation-4")),
    listed(LIGHT, "hue-T", "colours turned", "turns", ("hue--0.5", "hue-0.5")),
    listed(LIGHT, "grey", "no colour", "", ("grey", "grey")),
    listed(LIGHT, "negate", "black for white, and the other colours", "", ("negate", "negate")),
    listed(LIGHT, "range-full", "limited range taken for full", "", ("range-full", "range-full")),
    listed(LIGHT, "range-limited", "full range taken for limited", "", ("range-limited", "range-limited")),
    listed(LIGHT, "tonemap-P", "HDR to SDR", "peak, times white", ("tonemap-1", "tonemap-100")),
    listed(FILTER, "blur-S", "Gaussian", "sigma, pixels", ("blur-0.3", "blur-10")),
    listed(FILTER, "median-N", "3 or 5", "pixels", ("median-3", "median-5")),
    listed(FILTER, "unsharp-A", "sharpened", "amount", ("unsharp-0.1", "unsharp-5")),
    listed(FILTER, "noise-S", "white noise", "sigma, code values", ("noise-0.1", "noise-64")),
    listed(FILTER, "grain-S", "film grain", "sigma, code values", ("grain-0.1", "grain-64")),
    listed(FILTER, "deblock-S", "blocks smoothed", "code values", ("deblock-0.5", "deblock-32")),
    listed(FILTER, "hqdn3d-S", "denoised in space and time", "code values", ("hqdn3d-0.5", "hqdn3d-32")),
    listed(FILTER, "nlmeans-H", "denoised by likeness", "code values", ("nlmeans-0.5", "nlmeans-32")),
    listed(FILTER, "bits-B", "fewer levels", "bits", ("bits-7", "bits-1")),
    listed(TIME, "cut-Ns", "a part from a random place", "seconds", ("cut-36000s", "cut-0.1s")),
    listed(TIME, "head-N", "the first frames", "frames", ("head-100000", "head-1")),
    listed(TIME, "fps-R", "frames dropped or repeated", "frames a second", ("fps-240", "fps-1")),
    listed(TIME, "blend-R", "frames mixed", "frames a second", ("blend-240", "blend-1")),
    listed(TIME, "speed-F", "faster or slower", "factor", ("speed-0.25", "speed-4")),
    listed(TIME, "drop-P", "frames left out at random", "percent", ("drop-1", "drop-95")),
    listed(TIME, "average-N", "the mean of frames in a row", "frames", ("average-2", "average-16")),
    listed(TIME, "permute-N", "frames of so many in a row in random order", "frames", ("permute-2", "permute-64")),
    listed(TIME, "recap-NxSs", "fragments in their order", "fragments, seconds", ("recap-1x0.5s", "recap-100x60s")),
    listed(TIME, "shuffle-NxSs", "fragments in random order", "fragments, seconds", ("shuffle-1x0.5s", "shuffle-100x60s")),
    listed(TIME, "reverse", "backwards", "", ("reverse", "reverse")),
    listed(TIME, "boomerang", "forwards, then backwards", "", ("boomerang", "boomerang")),
    listed(TIME, "ramp-AxBxC", "its thirds at speeds of their own", "factors", ("ramp-0.25x0.25x0.25", "ramp-4x4x4")),
    listed(TIME, "ease-AxB", "a speed that changes all the time", "factors", ("ease-0.25x0.25", "ease-4x4")),
    listed(TIME, "stall-S", "the middle picture stands", "seconds", ("stall-0.2", "stall-10")),
    listed(TIME, "stills-S", "a slide show: a picture every so often", "seconds", ("stills-0.2", "stills-10")),
    listed(OVERLAY, "logo-P", "in a corner", "percent of the area", ("logo-0.5", "logo-25")),
    listed(OVERLAY, "inset-P", "a webcam in a corner", "percent of the area", ("inset-2", "inset-40")),
    listed(OVERLAY, "cornerblur-P", "a blurred corner", "percent of the area", ("cornerblur-1", "cornerblur-50")),
    listed(OVERLAY, "subtitles-P", "two lines below", "percent of the height", ("subtitles-2", "subtitles-20")),
    listed(OVERLAY, "ticker-P", "running text", "percent of the height", ("ticker-2", "ticker-20")),
    listed(OVERLAY, "text-P", "large text", "percent of the height", ("text-2", "text-20")),
    listed(CAMERA, "tilt-D", "filmed from the side", "degrees", ("tilt-0.1", "tilt-45")),
    listed(CAMERA, "zoom-F", "nearer", "factor", ("zoom-1", "zoom-4")),
    listed(CAMERA, "motionblur-N", "blurred along a line", "pixels", ("motionblur-1", "motionblur-64")),
    listed(CAMERA, "shutter-N", "rolling shutter", "pixels", ("shutter-0.1", "shutter-64")),
    listed(CAMERA, "vignette-S", "darker corners", "of the light", ("vignette-0.01", "vignette-0.9")),
    listed(CAMERA, "cast-S", "a colour cast", "of full scale", ("cast-0.01", "cast-0.5")),
    listed(CAMERA, "moire-S", "a grid of a screen", "of full scale", ("moire-0.001", "moire-0.5")),
    listed(CAMERA, "flicker-F", "of a screen", "Hz", ("flicker-1", "flicker-480")),
    listed(COLLUSION, "average-of-N", "the mean of copies", "copies", ("average-of-2", "average-of-32")),
    listed(COLLUSION, "median-of-N", "the middle of copies", "copies", ("median-of-2", "median-of-32")),
    listed(COLLUSION, "min-of-N", "the lowest of copies", "copies", ("min-of-2", "min-of-32")),
    listed(COLLUSION, "max-of-N", "the highest of copies", "copies", ("max-of-2", "max-of-32")),
    listed(COLLUSION, "blocks-of-N", "each block from one of them", "copies", ("blocks-of-2", "blocks-of-32")),
    listed(COLLUSION, "segments-of-N", "each two seconds from one of them", "copies", ("segments-of-2", "segments-of-32")),
    listed(COLLUSION, "splice-of-N", "one after the other", "copies", ("splice-of-2", "splice-of-32")),
    listed(MALICIOUS, "subtract-N", "an estimate of the mark taken off", "frames", ("subtract-1", "subtract-64")),
    listed(MALICIOUS, "lattice-S", "noise in the places of the mark", "sigma, code values", ("lattice-0.1", "lattice-16")),
    listed(MALICIOUS, "pasted", "the mark, estimated, on another title", "", ("pasted", "pasted")),
    listed(MALICIOUS, "remarked", "marked once more by somebody else", "", ("remarked", "remarked")),
    listed(MALICIOUS, "remarked-NxS", "marked again by somebody else", "times, strength", ("remarked-2x1", "remarked-5x4")),
    listed(MALICIOUS, "resold-NxS", "marked again for other distributors of the same studio", "times, strength", ("resold-1x1", "resold-5x4")),
    listed(STREAM, "loss-P", "packets of a transport stream lost, last", "percent", ("loss-0.01", "loss-20")),
    listed(STREAM, "flips-N", "bytes of a transport stream changed, last", "bytes", ("flips-1", "flips-10000")),
    listed(STREAM, "rejoined-Ss-crfN", "pieces encoded on their own, their clocks from 0, last", "seconds, CRF", ("rejoined-0.5s-crf0", "rejoined-600s-crf63")),
    listed(TITLES, "joined", "another title behind it", "", ("joined", "joined")),
    listed(TITLES, "stacked", "above another title", "", ("stacked", "stacked")),
    listed(TITLES, "beside", "its middle beside that of another title", "", ("beside", "beside")),
    listed(TITLES, "grid", "its middle among those of three other titles", "", ("grid", "grid")),
    listed(TITLES, "interleaved-Ns", "in turns with another title", "seconds", ("interleaved-600s", "interleaved-0.5s")),
    listed(FRAMING, "lifted", "the mark, taken off with the master, on another title", "", ("lifted", "lifted")),
    listed(FRAMING, "trailer-lifted", "the same behind the clean title", "", ("trailer-lifted", "trailer-lifted")),
    listed(FRAMING, "lifted-trailer", "the same before the clean title", "", ("lifted-trailer", "lifted-trailer")),
    listed(FRAMING, "transplanted-LINES", "a stream's mark on another copy", "lines", ("transplanted-96", "transplanted-1080")),
    listed(NEGATIVES, "unmarked", "the master", "", ("unmarked", "unmarked")),
    listed(NEGATIVES, "stranger", "a film that no register holds", "", ("stranger", "stranger")),
    listed(NEGATIVES, "wrong-keys", "asked about with another studio's keys", "", ("wrong-keys", "wrong-keys")),
    listed(NEGATIVES, "content-KIND", "black, flat, noise, bars or slides instead", "", ("content-black", "content-slides")),
];

/// What `step` may have been meant to be.
pub(super) fn nearest(step: &str) -> Option<String> {
    const MOST_EDITS: usize = 2;
    let (word, rest) = step
        .split_once('-')
        .map_or((step, ""), |(word, _)| (word, &step[word.len()..]));
    let words = LIST
        .iter()
        .map(|listed| listed.form.split('-').next().unwrap_or(listed.form));
    let near = words.filter_map(|known| {
        let edits = edits(word, known);
        // Of a short word two edits leave nothing.
        let candidate = format!("{known}{rest}");
        (edits <= MOST_EDITS && edits < word.len().max(1) && candidate.parse::<Step>().is_ok())
            .then_some((edits, candidate))
    });
    near.min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Letters that must be put in, left out or exchanged to make one word of another.
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.chars().enumerate() {
        let mut now = vec![row + 1];
        for (column, known) in other.iter().enumerate() {
            let exchanged = before[column] + usize::from(letter != *known);
            now.push(exchanged.min(before[column + 1] + 1).min(now[column] + 1));
        }
        before = now;
    }
    before[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_every_range_are_attacks() {
        for listed in LIST {
            for end in [listed.from, listed.to] {
                assert_eq!(
                    end.parse::<Step>().map(|step| step.to_string()),
                    Ok(end.to_owned()),
                    "{}",
                    listed.form
                );
            }
        }
    }

    #[test]
    fn nothing_lies_beyond_the_ends() {
        for listed in LIST
            .iter()
            .filter(|listed| !listed.unit.is_empty() && listed.from != listed.to)
        {
            for end in [listed.from, listed.to] {
                // The last number of the name, ten times as large and a tenth of it: one of them is outside.
                let begin = end.rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| {
                    let before = end[..last].rfind(|c: char| !c.is_ascii_digit() && c != '.');
                    before.map_or(0, |before| before + 1)
                });
                let length = end[begin..]
                    .find(|c: char| !c.is_ascii_digit() && c != '.')
                    .unwrap_or(end.len() - begin);
                let (number, tail) = end[begin..].split_at(length);
                let value: f64 = number.parse().expect(end);
                let beyond = [value * 10.0, value / 10.0, value + 1.0, value - 1.0];
                let outside = beyond.iter().any(|value| {
                    format!("{}{value}{tail}", &end[..begin])
                        .parse::<Step>()
                        .is_err()
                });
                assert!(outside, "{end} of {} is no end", listed.form);
            }
        }
    }

    #[test]
    fn typing_mistakes_are_recognised() {
        for (typed, meant) in [
            ("crp-0.8", Some("crop-0.8")),
            ("roate-2", Some("rotate-2")),
            ("h265-crf30", Some("h264-crf30")),
            ("miror", Some("mirror")),
            ("brightnes-0.5", Some("brightness-0.5")),
            ("smear-3", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed).as_deref(), meant, "{typed}");
        }
    }
}
