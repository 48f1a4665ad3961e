//! A studio with one title of eight seconds, one delivery of it, and the copy that leaked, cropped and mirrored.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use countermark_catalogue::Vault;
use countermark_mark::{DeliveryCode, Embedder, FormatSpec, Payload, Strength, TitleMark};
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
};
use countermark_picture::{BitDepth, PlaneGeometry, PlaneViewMut};
use countermark_register::{
    DeliveryId, DistributorRecord, FrameRate, MasterFacts, NewDelivery, Randomness, ReadKeyFile,
    TitleRecord,
};
use serde_json::json;
use tempfile::TempDir;

pub(crate) const PICTURE: (usize, usize) = (480, 360);
const PART: (usize, usize) = (432, 324);
pub(crate) const RATE: usize = 12;
pub(crate) const FRAMES: usize = 96;

/// Where three seconds of the clean title stand beside something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trailer {
    Before,
    Behind,
}

/// How a copy is played anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Playing {
    Backwards,
    TwiceAsFast,
    HalfAsFast,
    Negative,
    /// Its first half, and the same backwards.
    Boomerang,
    /// A third at its speed, a half at twice that, the rest at half of it.
    Ramp,
    /// A picture of every second, which stands until the next.
    Stills,
    /// Bent by a sine of 3 % of the width along it, which drifts by a wave in six seconds.
    Drifting,
    /// A picture of every half second, which stands for less than that, and for less than the time between two query frames.
    Slides,
}

/// The studio.
pub(crate) struct Studio {
    folder: TempDir,
    pub(crate) vault: Vault,
    pub(crate) delivery: DeliveryId,
    pub(crate) payload: Payload,
}

impl Studio {
    /// For tests that add nothing to the vault; its folder stays with what was built.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Studio> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a temporary folder");
        let root = folder.path().join("vault");
        let vault = Vault::init_with(&root, Randomness::seeded([31; 32])).expect("a vault");
        let register = vault.register();
        let title = register.draft_title("Drama").expect("a free name");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        write(draft.reference_path(), PICTURE, (0..FRAMES).map(picture));
        let file = draft.files().expect("a reference");
        let title = register.add_title(&title, facts(), &file).expect("a title");
        draft.keep();
        let distributor = register.add_distributor("Seaview").expect("a free name");
        let leak = folder.path().join("leak.mkv");
        let (delivery, payload) =
            leaked(&vault, (&title, &distributor), FormatSpec::CURRENT, &leak);
        let key = folder.path().join("drama.key");
        let distributors = std::slice::from_ref(&distributor);
        ReadKeyFile::export(register, &title, distributors, &key, false).expect("a read key");
        Self {
            folder,
            vault,
            delivery,
            payload,
        }
    }

    /// Another copy that leaked, marked in some format.
    pub(crate) fn other_leak(&self, format: FormatSpec) -> (PathBuf, Payload) {
        let register = self.vault.register();
        let title = register.title_named("Drama").expect("the title");
        let distributor = register.distributor_named("Seaview").expect("on record");
        let path = self.folder.path().join("other.mkv");
        let (_, payload) = leaked(&self.vault, (&title, &distributor), format, &path);
        (path, payload)
    }

    /// The mark of the copy on pictures of another film, beside the clean title, which is mirrored or not.
    pub(crate) fn lifted(&self, trailer: Trailer, mirrored: bool) -> PathBuf {
        let register = self.vault.register();
        let title = register.title_named("Drama").expect("the title");
        let distributor = register.distributor_named("Seaview").expect("on record");
        let of = (&title, &distributor, self.payload);
        let copy = marked(&self.vault, of, FormatSpec::CURRENT);
        let lifted = copy.enumerate().map(|(n, marked)| {
            let samples = foreign(n).into_iter().zip(marked).zip(picture(n));
            let lay = |((under, marked), clean): ((u8, u8), u8)| {
                let sum = i32::from(under) + i32::from(marked) - i32::from(clean);
                sum.clamp(0, 255) as u8
            };
            samples.map(lay).collect::<Vec<u8>>()
        });
        let clean = (10..10 + 3 * RATE).map(|n| {
            let mut samples = picture(n);
            if mirrored {
                let rows = samples.chunks_exact_mut(PICTURE.0);
                rows.for_each(<[u8]>::reverse);
            }
            samples
        });
        let name = format!("lifted-{trailer:?}-{mirrored}.mkv").to_lowercase();
        let path = self.folder.path().join(name);
        match trailer {
            Trailer::Before => write(&path, PICTURE, clean.chain(lifted)),
            Trailer::Behind => write(&path, PICTURE, lifted.chain(clean)),
        }
        path
    }

    /// The copy as somebody played it anew.
    pub(crate) fn played(&self, playing: Playing) -> PathBuf {
        let register = self.vault.register();
        let title = register.title_named("Drama").expect("the title");
        let distributor = register.distributor_named("Seaview").expect("on record");
        let of = (&title, &distributor, self.payload);
        let mut frames: Vec<Vec<u8>> = marked(&self.vault, of, FormatSpec::CURRENT).collect();
        match playing {
            Playing::Backwards => frames.reverse(),
            Playing::TwiceAsFast => frames = frames.into_iter().step_by(2).collect(),
            Playing::HalfAsFast => {
                frames = frames
                    .into_iter()
                    .flat_map(|frame| [frame.clone(), frame])
                    .collect();
            }
            Playing::Boomerang => {
                frames.truncate(FRAMES / 2);
                let back: Vec<Vec<u8>> = frames.iter().rev().cloned().collect();
                frames.extend(back);
            }
            Playing::Ramp => {
                let fast = (32..80).step_by(2);
                let slow = (80..FRAMES).flat_map(|n| [n, n]);
                let shown = (0..32).chain(fast).chain(slow);
                frames = shown.map(|n| frames[n].clone()).collect();
            }
            Playing::Stills => {
                let shown = (0..FRAMES).map(|n| n / RATE * RATE);
                frames = shown.map(|n| frames[n].clone()).collect();
            }
            Playing::Slides => {
                let shown = (0..FRAMES / 6).flat_map(|n| [6 * n; 5]);
                frames = shown.map(|n| frames[n].clone()).collect();
            }
            Playing::Drifting => {
                for (n, frame) in frames.iter_mut().enumerate() {
                    *frame = bent(frame, n as f64 / RATE as f64 / 6.0);
                }
            }
            Playing::Negative => frames
                .iter_mut()
                .flatten()
                .for_each(|level| *level = !*level),
        }
        let path = self
            .folder
            .path()
            .join(format!("{playing:?}.mkv").to_lowercase());
        write(&path, PICTURE, frames.into_iter());
        path
    }

    /// Three seconds of the copy as it is, with so much noise that is smooth over a few samples: it lies where the mark does.
    pub(crate) fn noisy(&self, levels: u32) -> PathBuf {
        let path = self.folder.path().join(format!("noisy-{levels}.mkv"));
        if path.exists() {
            return path;
        }
        let register = self.vault.register();
        let title = register.title_named("Drama").expect("the title");
        let distributor = register.distributor_named("Seaview").expect("on record");
        let of = (&title, &distributor, self.payload);
        let copy = marked(&self.vault, of, FormatSpec::CURRENT).take(3 * RATE);
        let frames = copy.enumerate().map(|(n, mut samples)| {
            for (at, sample) in samples.iter_mut().enumerate() {
                let noise = smooth_noise(n, at % PICTURE.0, at / PICTURE.0, levels);
                *sample = (f64::from(*sample) + noise).round() as u8;
            }
            samples
        });
        write(&path, PICTURE, frames);
        path
    }

    /// The copy that leaked.
    pub(crate) fn leak(&self) -> PathBuf {
        self.folder.path().join("leak.mkv")
    }

    /// A file of that name and these bytes.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    }

    pub(crate) fn key(&self) -> ReadKeyFile {
        ReadKeyFile::load(&self.folder.path().join("drama.key")).expect("a read key")
    }
}

/// A delivery, and what leaked of its copy.
fn leaked(
    vault: &Vault,
    (title, distributor): (&TitleRecord, &DistributorRecord),
    format: FormatSpec,
    path: &Path,
) -> (DeliveryId, Payload) {
    let register = vault.register();
    let delivery = register
        .begin_delivery(&NewDelivery {
            title,
            distributor,
            licensee: None,
            strength: 1.0,
            encoder_settings: &json!({}),
            format,
            output: Path::new("copy.mkv"),
        })
        .expect("a delivery");
    let frames = marked(vault, (title, distributor, delivery.payload), format);
    write(path, PART, frames.map(|samples| mirrored_part(&samples)));
    (delivery.id, delivery.payload)
}

/// The frames of a copy.
fn marked(
    vault: &Vault,
    (title, distributor, payload): (&TitleRecord, &DistributorRecord, Payload),
    format: FormatSpec,
) -> impl Iterator<Item = Vec<u8>> + use<> {
    let register = vault.register();
    let carrier = register.carrier_key(title.id);
    let mark = TitleMark::new(&carrier, PICTURE, &format).expect("a supported size");
    let scoped = register.scoped_payload_key(distributor.id, title.id);
    let code = DeliveryCode::new(&scoped, payload);
    let mut embedder = Embedder::of_title(&mark, code, Strength::DEFAULT);
    let geometry = PlaneGeometry::packed(PICTURE.0, PICTURE.1).expect("a valid size");
    (0..FRAMES).map(move |n| {
        let mut samples = picture(n);
        let mut plane =
            PlaneViewMut::new(&mut samples, geometry, BitDepth::EIGHT).expect("a whole plane");
        embedder.mark(&mut plane, n as f64 / RATE as f64);
        samples
    })
}

/// The larger part of the mirror image: enough for keys alone.
fn mirrored_part(picture: &[u8]) -> Vec<u8> {
    let rows = picture.chunks_exact(PICTURE.0).skip(16).take(PART.1);
    rows.flat_map(|row| row[32..32 + PART.0].iter().rev().copied())
        .collect()
}

/// Patches of all sizes that stand still, each place unlike any other, a texture that drifts over them, and a dark square
/// that crosses the picture once.
fn picture(n: usize) -> Vec<u8> {
    let patch = |x: usize, y: usize, size: usize, most: usize| {
        let place = (x / size * 7919 + y / size * 104_729 + size) as u32;
        (place.wrapping_mul(2_654_435_761) >> 16) as usize % most
    };
    let sample = |x: usize, y: usize| {
        let still = patch(x, y, 37, 70) + patch(x + 11, y + 5, 13, 40);
        let drifting = (x + n) * 3 + y * 5;
        let square = (120 + 3 * n..180 + 3 * n).contains(&x) && (150..210).contains(&y);
        if square {
            return (30 + still / 4) as u8;
        }
        (40 + still + drifting % 47) as u8
    };
    (0..PICTURE.1)
        .flat_map(|y| (0..PICTURE.0).map(move |x| sample(x, y)))
        .collect()
}

/// Noise of up to half of `levels` either way, bilinear between points six samples apart.
fn smooth_noise(n: usize, x: usize, y: usize, levels: u32) -> f64 {
    const APART: usize = 6;
    let point = |column: usize, row: usize| {
        let place = (column * 73 + row * 7919 + n * 104_729) as u32;
        let random = place.wrapping_mul(2_654_435_761).rotate_left(15);
        f64::from(random.wrapping_mul(2_246_822_519) >> 8) / f64::from(1 << 24) - 0.5
    };
    let (column, row) = (x / APART, y / APART);
    let share = |at: usize| (at % APART) as f64 / APART as f64;
    let (along, down) = (share(x), share(y));
    let line = |row| (1.0 - along) * point(column, row) + along * point(column + 1, row);
    f64::from(levels) * ((1.0 - down) * line(row) + down * line(row + 1))
}

/// Another film: slanted stripes that move, and blots of their own.
fn foreign(n: usize) -> Vec<u8> {
    let sample = |x: usize, y: usize| {
        let place = (x / 29 * 31 + y / 41 * 17) as u32;
        let blot = (place.wrapping_mul(2_654_435_761) >> 16) as usize % 60;
        (60 + (x + 2 * y + 5 * n) / 9 % 50 + blot) as u8
    };
    (0..PICTURE.1)
        .flat_map(|y| (0..PICTURE.0).map(move |x| sample(x, y)))
        .collect()
}

pub(crate) fn write(path: &Path, size: (usize, usize), frames: impl Iterator<Item = Vec<u8>>) {
    let encode = EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0));
    let rate = Rational::new(RATE as i32, 1);
    let settings = VideoWriterSettings::new(size.0 as u32, size.1 as u32, rate, encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    for frame in frames {
        writer.write_frame(Planes::Gray8(&frame)).expect("a frame");
    }
    writer.finish().expect("a clip");
}

pub(crate) fn facts() -> MasterFacts {
    MasterFacts {
        file: "drama.mov".into(),
        width: PICTURE.0 as u32,
        height: PICTURE.1 as u32,
        rotation_degrees: 0,
        bit_depth: 8,
        frame_rate: FrameRate {
            num: RATE as u32,
            den: 1,
        },
        duration_seconds: FRAMES as f64 / RATE as f64,
        frames: FRAMES as u64,
    }
}

/// A picture whose rows are looked up along a sine, `phase` waves on; between two samples their mean by distance.
fn bent(frame: &[u8], phase: f64) -> Vec<u8> {
    let (width, last) = (PICTURE.0 as f64, PICTURE.0 - 1);
    let row = |row: &[u8]| {
        let level = |x: usize| {
            let wave = (std::f64::consts::TAU * (x as f64 / width + phase)).sin();
            let at = (x as f64 + 0.03 * width * wave).clamp(0.0, last as f64);
            let (first, share) = (at as usize, at.fract());
            let (one, other) = (f64::from(row[first]), f64::from(row[(first + 1).min(last)]));
            (one + share * (other - one)).round() as u8
        };
        (0..PICTURE.0).map(level).collect::<Vec<u8>>()
    };
    frame.chunks_exact(PICTURE.0).flat_map(row).collect()
}
