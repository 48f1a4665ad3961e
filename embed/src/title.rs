//! Registering a master: its facts, a compact proxy for later registration and host cancelling, and its fingerprints.
//!
//! ```text
//! proxy: short side min(288, master's), x264 medium without psychovisual decisions and trellis, one reference frame, 500 kb/s
//!        on average, never above 1 Mb/s, a key frame every 2 s
//! ```
//!
//! Timestamps are the master's, so that media time means the same in both. At 500 kb/s an hour takes 0.22 GB.

use std::{fs, num::NonZeroUsize, path::Path, time::Instant};

use anyhow::{Context as _, Result};
use countermark_mark::FormatSpec;
use countermark_media::{EncodeSettings, Rate, Recode, VideoCodec, VideoInfo, probe, recode};
use countermark_register::{
    FrameRate, MasterFacts, Vault, picture_prints, sound_peaks, sound_prints,
};

use crate::{interrupt::Interrupt, outcome::TitleAdded, printer::Printer, progress::Progress};

/// Short side of the proxy; smaller masters are not enlarged.
const SHORT_SIDE: u32 = 288;
const AVERAGE_BITS_A_SECOND: u64 = 500_000;
const HIGHEST_BITS_A_SECOND: u64 = 1_000_000;
const KEY_FRAME_SECONDS: f64 = 2.0;

/// Registers `master` as the title `name`, decoded with `threads`, or as many as the machine has cores.
///
/// # Errors
/// When the name is taken, the master cannot be decoded to its end, or the vault cannot be written. Nothing of the title
/// is left behind then.
pub fn add(
    vault: &Vault,
    master: &Path,
    name: &str,
    threads: Option<NonZeroUsize>,
    interrupt: &Interrupt,
    printer: Printer,
) -> Result<TitleAdded> {
    let begun = Instant::now();
    let draft = vault.draft_title(name)?;
    let info = probe(master)?.video;
    FormatSpec::CURRENT
        .lattice(info.width as usize, info.height as usize)
        .with_context(|| format!("{} cannot carry a mark", master.display()))?;
    let proxy = draft.reference_path().to_path_buf();
    if let Some(references) = proxy.parent() {
        // Proxies have names of their own: nobody else would remove what a killed registration left of one.
        countermark_media::remove_abandoned_in(references);
    }
    let recoding = Recode {
        scale: proxy_size(&info),
        ..Recode::new(EncodeSettings {
            threads,
            ..proxy_settings(&info)
        })
    };
    let report = {
        let progress = Progress::new(printer, format!("adding {name}"));
        let _cleaning = interrupt.clean_up_after(&proxy);
        recode(master, &proxy, &recoding, &progress)?
    };
    let reference_bytes = fs::metadata(&proxy)
        .with_context(|| format!("cannot read {}", proxy.display()))?
        .len();
    {
        let _cleaning = interrupt.clean_up_after(&proxy);
        let pictures = picture_prints(&proxy)
            .with_context(|| format!("cannot read the proxy {}", proxy.display()))?;
        draft.write_print(pictures, sound(master, printer))?;
    }
    let title = vault.add_title(draft, facts(master, &info, report.frames))?;
    if let Err(error) = vault.compact_index() {
        // The title is on record and is found without it.
        printer.warning(&format!("the index was not compacted: {error}"));
    }
    Ok(TitleAdded {
        title,
        reference_bytes,
        seconds: begun.elapsed().as_secs_f64(),
    })
}

/// The words of a master's sound; none when it has none, or it cannot be decoded.
fn sound(master: &Path, printer: Printer) -> Vec<(u32, u32)> {
    match sound_peaks(master) {
        Ok(Some(peaks)) => sound_prints(&peaks),
        Ok(None) => {
            printer.detail("the master has no sound to be recognised by");
            Vec::new()
        }
        Err(error) => {
            printer.warning(&format!(
                "the title will not be recognised by its sound: {error}"
            ));
            Vec::new()
        }
    }
}

/// The proxy's size, of the master's shape; none where the master is as small.
fn proxy_size(info: &VideoInfo) -> Option<(u32, u32)> {
    let short = info.width.min(info.height);
    let scaled = |side: u32| {
        let side = f64::from(side) * f64::from(SHORT_SIDE) / f64::from(short);
        2 * (side / 2.0).round() as u32
    };
    (short > SHORT_SIDE).then(|| (scaled(info.width), scaled(info.height)))
}

fn facts(master: &Path, info: &VideoInfo, frames: u64) -> MasterFacts {
    MasterFacts {
        file: master
            .file_name()
            .unwrap_or(master.as_os_str())
            .to_string_lossy()
            .into_owned(),
        width: info.width,
        height: info.height,
        rotation_degrees: info.rotation_degrees,
        bit_depth: info.bit_depth,
        frame_rate: FrameRate {
            num: info.frame_rate.numerator().unsigned_abs(),
            den: info.frame_rate.denominator().unsigned_abs().max(1),
        },
        duration_seconds: info.length_seconds(Some(frames)).unwrap_or(0.0),
        frames,
    }
}

fn proxy_settings(info: &VideoInfo) -> EncodeSettings {
    let rate = if info.frame_rate.is_known() {
        info.frame_rate.as_f64()
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
