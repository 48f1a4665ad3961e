//! Made-up runs for the tests of reports.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::null::Tail;
use crate::statistics::Share;
use crate::store::{Marking, NullTail, Quality};
use crate::suite::{DetectorPath, Suite};
use crate::trial::{Answer, Measures, Trial};
use countermark_attack::Random;

use super::row::{AttackRow, Shortest};
use super::{Measured, Report};

/// A suite of these rows and floors.
pub(super) fn suite(rest: &str) -> Suite {
    let head = "version = 1\nseed = 1\nclips = { min_short_side = 360, min_seconds = 4.0 }\n";
    match toml::from_str(&format!("{head}{rest}")) {
        Ok(suite) => suite,
        Err(error) => panic!("{error}"),
    }
}

/// A read of ten seconds.
pub(super) fn trial(clip: &str, attack: &str, answer: Answer) -> Trial {
    Trial {
        clip: clip.to_owned(),
        attack: attack.to_owned(),
        path: DetectorPath::Read,
        expected: vec!["aa".to_owned()],
        accused: vec!["aa".to_owned()],
        titles: Vec::new(),
        unknown: false,
        placing: None,
        coded_bit_errors: None,
        cuts: Vec::new(),
        answer,
        log10_p: Some(-20.0),
        detector_seconds: 2.0,
        clip_seconds: 10.0,
        bytes: 1,
        measures: Measures::default(),
    }
}

pub(super) fn quality(clip: &str, vmaf_mean: Option<f64>) -> Quality {
    Quality {
        clip: clip.to_owned(),
        psnr_y_db: 47.5,
        worst_frame_psnr_y_db: 45.0,
        vmaf_mean,
        vmaf_p1: vmaf_mean.map(|v| v - 1.0),
        bitrate_change: Some(0.013),
        frames: 100,
        ..Quality::default()
    }
}

/// A row of an attack that need not exist.
pub(super) fn row(attack: &str, path: DetectorPath) -> AttackRow {
    AttackRow {
        group: String::new(),
        name: None,
        attack: attack.to_owned(),
        path,
        exact: Share { hits: 3, trials: 4 },
        part: 0,
        wrong: 0,
        unknown: Share::default(),
        fragments: Share::default(),
        coded_bit_errors: None,
        median_log10_p: Some(-10.0),
        shortest: Shortest::OneLength,
        seconds_per_minute: Some(3.0),
        detector_seconds: 1.0,
        wrong_clips: Vec::new(),
        lost_clips: Vec::new(),
        failed_clips: Vec::new(),
        min_rate: None,
        min_any_rate: None,
        min_fragment_rate: None,
    }
}

/// Every twentieth score at 4.5: above the bound at 3 and 4.
pub(super) fn heavy_tail() -> Tail {
    let mut tail = Tail::default();
    for i in 0..10_000 {
        tail.add(if i % 20 == 0 { 4.5 } else { 0.0 });
    }
    tail
}

/// A run of some sixty attacks on a dozen clips.
pub(super) struct Specimen {
    pub(super) suite: Suite,
    pub(super) clips: Vec<String>,
    pub(super) trials: Vec<Trial>,
    pub(super) qualities: Vec<Quality>,
    pub(super) markings: Vec<Marking>,
    pub(super) tails: Vec<NullTail>,
}

/// Group, attack, how hard it is from 0 to 1.
fn attacks() -> Vec<(&'static str, String, f64)> {
    let mut all = Vec::new();
    let mut ladder = |group, names: &[&str], easy: f64, hard: f64| {
        let last = (names.len() - 1).max(1) as f64;
        for (i, name) in names.iter().enumerate() {
            all.push((
                group,
                (*name).to_owned(),
                easy + (hard - easy) * i as f64 / last,
            ));
        }
    };
    let (encode, length, time, place) = (
        "A. Re-encoding",
        "B. Clip length",
        "C. Frame rate and time",
        "D. Bars, pictures and long chains of several steps",
    );
    let crf = [
        "h264-crf23",
        "h264-crf28",
        "h264-crf33",
        "h264-crf38",
        "h264-crf43",
    ];
    ladder(encode, &crf, 0.0, 0.8);
    ladder(
        encode,
        &["hevc-crf24", "hevc-crf30", "hevc-crf36", "hevc-crf42"],
        0.1,
        0.9,
    );
    let rates = ["h264-540p-900k", "h264-360p-450k", "h264-240p-180k"];
    ladder(encode, &rates, 0.0, 0.6);
    let cuts = [
        "cut-20s+h264-crf34",
        "cut-10s+h264-crf34",
        "cut-5s+h264-crf34",
        "cut-3s+h264-crf34",
        "cut-1s+h264-crf34",
    ];
    ladder(length, &cuts, 0.0, 0.9);
    ladder(
        time,
        &[
            "fps-30+h264-crf26",
            "fps-24+h264-crf26",
            "fps-12+h264-crf26",
        ],
        0.0,
        0.5,
    );
    ladder(time, &["speed-0.95", "speed-1.05", "speed-1.25"], 0.1, 0.2);
    ladder(time, &["drop-5", "drop-20", "drop-50"], 0.0, 0.6);
    ladder(
        place,
        &[
            "bars-16x9+h264-crf28",
            "cut-10s+bars-9x16+h264-540p-crf28+hevc-crf30",
        ],
        0.0,
        0.3,
    );
    ladder(
        place,
        &[
            "h264-crf23+jpeg-q90",
            "h264-crf23+jpeg-q70",
            "h264-crf23+jpeg-q50",
        ],
        0.2,
        0.7,
    );
    all
}

impl Specimen {
    pub(super) fn new() -> Self {
        let mut random = Random::new([5; 32]);
        let clips = [
            "bbb-apple-meadow-2160p60",
            "car-park-768x432p12",
            "dog-run-720p30",
            "girl-faces-512x512p30",
            "highway-dashcam-540p25",
            "his-girl-friday-480p30",
            "nail-art-portrait-1080x1916p30",
            "penguins-ai-1904x1080p24",
            "selfie & \"talk\" <portrait> 720x1280",
            "sign-language-480p30",
            "walk-garden-848x480p30",
            "woman-room-720p30",
        ]
        .map(str::to_owned)
        .to_vec();
        let mut text = String::from(
            "deliveries = { marked = 2, registered = 1000 }\nnull = { keys = 100000 }\n\
             [quality]\nmin_psnr_y_db = 46.0\nmin_vmaf_mean = 95.0\nmin_vmaf_p1 = 92.5\n",
        );
        let attacks = attacks();
        for (group, attack, hard) in &attacks {
            for path in ["read", "trace"] {
                let _ = writeln!(
                    text,
                    "[[row]]\ngroup = \"{group}\"\nattack = \"{attack}\"\npath = \"{path}\""
                );
                if attack.contains("crf23") {
                    text += "name = \"As uploaded to a platform\"\n";
                }
                if *hard < 0.7 {
                    text += "min_rate = 0.75\n";
                }
                if attack.starts_with("drop") {
                    text += "min_any_rate = 0.5\n";
                }
            }
        }
        let suite = suite(&text);
        let mut specimen = Self {
            suite,
            clips,
            trials: Vec::new(),
            qualities: Vec::new(),
            markings: Vec::new(),
            tails: Vec::new(),
        };
        for clip in specimen.clips.clone() {
            specimen.measure(&clip, &attacks, &mut random);
        }
        let trial = &mut specimen.trials[40];
        (trial.answer, trial.accused) = (Answer::Wrong, vec!["bb".to_owned()]);
        specimen
    }

    fn measure(&mut self, clip: &str, attacks: &[(&str, String, f64)], random: &mut Random) {
        let content = random.between(-0.15, 0.15);
        for (_, attack, hard) in attacks {
            for path in [DetectorPath::Read, DetectorPath::Trace] {
                let closer = if path == DetectorPath::Trace {
                    0.25
                } else {
                    0.0
                };
                let margin = 0.75 + closer - hard + content + random.between(-0.2, 0.2);
                let exact = margin > 0.0;
                let seconds = attack
                    .strip_prefix("cut-")
                    .and_then(|rest| rest.split_once('s')?.0.parse().ok())
                    .unwrap_or(20.0);
                self.trials.push(Trial {
                    path,
                    accused: if exact {
                        vec!["aa".to_owned()]
                    } else {
                        Vec::new()
                    },
                    log10_p: (margin > -0.3).then_some(-200.0 * margin.max(0.01)),
                    coded_bit_errors: (margin > -0.3)
                        .then_some((0.4 - 0.4 * margin).clamp(0.0, 0.5)),
                    cuts: if seconds < 20.0 {
                        vec![random.unit()]
                    } else {
                        Vec::new()
                    },
                    clip_seconds: seconds,
                    detector_seconds: random.between(0.4, 1.5) * (1.0 + 4.0 * closer),
                    bytes: 10_000 + random.below(900_000) as u64,
                    ..trial(
                        clip,
                        attack,
                        if exact { Answer::Exact } else { Answer::None },
                    )
                });
            }
        }
        let psnr = random.between(46.2, 51.0);
        self.qualities.push(Quality {
            clip: clip.to_owned(),
            frames: 480,
            psnr_y_db: psnr,
            worst_frame_psnr_y_db: psnr - random.between(0.4, 2.0),
            worst_frame: random.below(480) as u64,
            ssim: random.between(0.985, 0.999),
            worst_frame_ssim: random.between(0.96, 0.985),
            worst_block_psnr_y_db: psnr - random.between(6.0, 12.0),
            flicker: (random.unit() > 0.2).then(|| random.between(0.2, 1.0)),
            flat_contrast_percent: Some(random.between(0.4, 2.0)),
            black_lift_codes: (random.unit() > 0.5).then(|| random.between(1.0, 4.0)),
            strays: Some(random.between(0.0, 0.01)),
            vmaf_mean: Some(random.between(95.0, 99.0)),
            vmaf_p1: Some(random.between(92.2, 95.0)),
            xpsnr_y_db: Some(psnr - 2.0),
            bd_rate: None,
            metrics: BTreeMap::new(),
            bitrate_change: Some(random.between(-0.02, 0.4)),
        });
        let (width, height) = [(1280, 720), (720, 1280), (3840, 2160)][random.below(3)];
        self.markings.push(Marking {
            clip: clip.to_owned(),
            width,
            height,
            frames: 480,
            seconds: f64::from(width * height) / 4e5 * random.between(0.8, 1.2),
        });
        for marked in [false, true] {
            let mut tail = Tail::default();
            for _ in 0..20_000 {
                tail.add(random.normal());
            }
            self.tails.push(NullTail {
                clip: clip.to_owned(),
                marked,
                tail,
            });
        }
    }

    pub(super) fn report(&self) -> Report {
        Report::new(
            "show",
            &self.suite,
            Measured {
                trials: &self.trials,
                qualities: &self.qualities,
                markings: &self.markings,
                tails: &self.tails,
                gaps: &[],
            },
        )
    }
}
