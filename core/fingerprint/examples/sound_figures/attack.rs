//! What happens to sound between its publication and its copy.

use std::path::Path;
use std::process::{Command, Stdio};

use countermark_fingerprint::SOUND_RATE;

/// A part of a file.
pub(crate) struct Excerpt<'a> {
    pub(crate) path: &'a Path,
    pub(crate) start: f64,
    pub(crate) seconds: f64,
}

#[derive(Clone, Copy, PartialEq)]
enum Mix {
    Nothing,
    /// Noise so many decibels below the sound.
    White(f64),
    Pink(f64),
    /// Music as loud as the sound.
    Music,
}

pub(crate) struct Attack {
    pub(crate) name: &'static str,
    /// Seconds of the original in a second of the copy.
    pub(crate) speed: f64,
    /// `ffmpeg`'s filters.
    filters: &'static str,
    /// `ffmpeg`'s arguments for the encoder.
    encode: &'static [&'static str],
    extension: &'static str,
    mix: Mix,
}

const PLAIN: Attack = Attack {
    name: "none",
    speed: 1.0,
    filters: "anull",
    encode: &[],
    extension: "wav",
    mix: Mix::Nothing,
};

const fn encoded(
    name: &'static str,
    encode: &'static [&'static str],
    extension: &'static str,
) -> Attack {
    Attack {
        name,
        encode,
        extension,
        ..PLAIN
    }
}

const fn filtered(name: &'static str, speed: f64, filters: &'static str) -> Attack {
    Attack {
        name,
        speed,
        filters,
        ..PLAIN
    }
}

const fn mixed(name: &'static str, mix: Mix) -> Attack {
    Attack { name, mix, ..PLAIN }
}

pub(crate) const ATTACKS: &[Attack] = &[
    PLAIN,
    encoded("aac 64k", &["-c:a", "aac", "-b:a", "64k"], "m4a"),
    encoded(
        "aac 32k mono",
        &["-c:a", "aac", "-ac", "1", "-ar", "22050", "-b:a", "32k"],
        "m4a",
    ),
    encoded("mp3 64k", &["-c:a", "libmp3lame", "-b:a", "64k"], "mp3"),
    filtered("low-pass 2 kHz", 1.0, "lowpass=2000"),
    filtered("tempo 1.1", 1.1, "atempo=1.1"),
    filtered("tempo 0.9", 0.9, "atempo=0.9"),
    filtered("tempo 1.25", 1.25, "atempo=1.25"),
    filtered("rate 1.1", 1.1, "aresample=48000,asetrate=52800"),
    filtered("rate 0.9", 0.9, "aresample=48000,asetrate=43200"),
    filtered("rate 1.25", 1.25, "aresample=48000,asetrate=60000"),
    filtered(
        "pitch 1.06",
        1.0,
        "aresample=48000,asetrate=50880,aresample=48000,atempo=0.943396",
    ),
    Attack {
        speed: 1.1,
        filters: "aresample=48000,asetrate=52800,aresample=48000",
        ..encoded("rate 1.1 aac 64k", &["-c:a", "aac", "-b:a", "64k"], "m4a")
    },
    mixed("white 10 dB", Mix::White(10.0)),
    mixed("pink 10 dB", Mix::Pink(10.0)),
    mixed("pink 0 dB", Mix::Pink(0.0)),
    mixed("music 0 dB", Mix::Music),
];

impl Attack {
    pub(crate) fn has_music(&self) -> bool {
        self.mix == Mix::Music
    }

    /// The copy of an excerpt, through a file in `scratch`.
    pub(crate) fn copy(&self, excerpt: &Excerpt<'_>, music: &[f32], scratch: &Path) -> Vec<f32> {
        let file = scratch.join("copy").with_extension(self.extension);
        let end = excerpt.start + excerpt.seconds;
        let cut = format!("atrim={}:{end},asetpts=PTS-STARTPTS", excerpt.start);
        let status = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y", "-i"])
            .arg(excerpt.path)
            .args(["-vn", "-af", &format!("{cut},{}", self.filters)])
            .args(self.encode)
            .arg(&file)
            .status();
        assert!(status.expect("ffmpeg on the path").success());
        let mut copy = decoded(&file);
        match self.mix {
            Mix::Nothing => {}
            Mix::White(decibels) => add(&mut copy, noise(false), decibels),
            Mix::Pink(decibels) => add(&mut copy, noise(true), decibels),
            Mix::Music => {
                let from = 9 * SOUND_RATE as usize;
                add(&mut copy, music[from..].iter().copied(), 0.0);
            }
        }
        copy
    }
}

/// The sound of a file at the rate of the fingerprints.
pub(crate) fn decoded(path: &Path) -> Vec<f32> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-vn", "-f", "f32le", "-ac", "1", "-ar"])
        .args([&SOUND_RATE.to_string(), "-"])
        .stderr(Stdio::null())
        .output()
        .expect("ffmpeg on the path");
    let samples = output.stdout.as_chunks().0.iter();
    samples.map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

pub(crate) fn power(samples: &[f32]) -> f64 {
    let sum: f64 = samples.iter().map(|x| f64::from(x * x)).sum();
    sum / samples.len().max(1) as f64
}

/// Adds what is so many decibels softer than the sound.
fn add(sound: &mut [f32], other: impl Iterator<Item = f32>, decibels: f64) {
    let other: Vec<f32> = other.take(sound.len()).collect();
    let ratio = power(sound) / power(&other) / 10_f64.powf(decibels / 10.0);
    for (x, y) in sound.iter_mut().zip(other) {
        *x += y * ratio.sqrt() as f32;
    }
}

/// White noise, or pink by P. Kellet's filter of three poles.
fn noise(pink: bool) -> impl Iterator<Item = f32> {
    let mut state = 12_345_u64;
    let mut poles = [0.0; 3];
    std::iter::repeat_with(move || {
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f64 / f64::from(1 << 24) - 0.5
        };
        let white = uniform() + uniform() + uniform() + uniform();
        if !pink {
            return white as f32;
        }
        let filter = [
            (0.99765, 0.099_046),
            (0.963, 0.296_516_4),
            (0.57, 1.052_691_3),
        ];
        for (pole, (keep, take)) in poles.iter_mut().zip(filter) {
            *pole = keep * *pole + take * white;
        }
        (poles.iter().sum::<f64>() + 0.1848 * white) as f32
    })
}
