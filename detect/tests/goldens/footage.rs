//! Answers about real clips: portraits, animation, darkness, sound, fixed cameras, near-duplicates, variable frame rates.
//!
//! They lie in `COUNTERMARK_FOOTAGE`, else in `../shared/footage` beside the workspace.

use std::path::{Path, PathBuf};

use super::kept::{Answers, hold, skipped};
use super::workshop::{Case, Title, Workshop, made_with};

const TITLES: [(&str, &str, usize); 11] = [
    ("selfie", "selfie-talk-portrait-720x1280p30.mp4", 1),
    ("studio", "woman-studio-portrait-720x1080p25.mp4", 1),
    ("lofoten", "lofoten-coast-1024x750p24.mp4", 1),
    ("rabbit", "bbb-rabbit-wakes-720p25.mp4", 1),
    ("rabbit-longer", "bbb-rabbit-stretch-720p25.mp4", 0),
    ("friday", "his-girl-friday-480p30.mp4", 1),
    ("beetle", "beetle-macro-bw-360p30.mp4", 1),
    ("bikes", "bikes-640x272p25.mp4", 1),
    ("woman", "woman-room-720p30.mp4", 1),
    ("dog", "dog-run-720p30.mp4", 3),
    ("car-park", "car-park-768x432p12.mp4", 1),
];

const STRANGER: &str = "kids-bed-jumping-540p30.mp4";

/// The names of strengths: a screen filmed from a tripod, and by hand.
macro_rules! steady {
    ($length:literal) => {
        concat!(
            $length,
            "+tilt-2+zoom-1.02+barrel-0.02+motionblur-2+blur-1+shutter-2+gamma-1.8+cast-0.05+vignette-0.3+moire-0.02",
            "+flicker-60+noise-3+h264-2000k"
        )
    };
}
macro_rules! by_hand {
    ($length:literal) => {
        concat!(
            $length,
            "+jitter-8+tilt-5+zoom-1.1+barrel-0.02+motionblur-3+blur-1.5+shutter-2+gamma-2.2+cast-0.05+vignette-0.3",
            "+moire-0.02+flicker-60+noise-5+h264-2000k"
        )
    };
}

const CASES: [Case; 22] = [
    Case {
        title: "dog",
        attack: "cut-4s+h264-crf28",
        asked: &["trace", "identify", "read --key dog/read.key"],
    },
    Case {
        title: "dog",
        attack: "blocks-of-3+cut-4s+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "dog",
        attack: "splice-of-2+h264-crf28",
        asked: &["trace"],
    },
    Case {
        title: "dog",
        attack: "cut-3s+reverse+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "woman",
        attack: "cut-5s+crop-0.8+mirror+h264-crf30",
        asked: &["trace", "identify"],
    },
    Case {
        title: "woman",
        attack: "cut-6s+content-black+h264-crf26",
        asked: &["identify", "trace"],
    },
    Case {
        title: "woman",
        attack: steady!("cut-4s"),
        asked: &["trace"],
    },
    Case {
        title: "friday",
        attack: by_hand!("cut-4s"),
        asked: &["trace"],
    },
    Case {
        title: "friday",
        attack: "cut-4s+aspect-16x9+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "bikes",
        attack: "cut-4s+bars-9x16+h264-crf26",
        asked: &["trace", "identify"],
    },
    Case {
        title: "bikes",
        attack: "shuffle-3x2s+crop-0.9+h264-crf28",
        asked: &["trace", "identify"],
    },
    Case {
        title: "beetle",
        attack: "cut-3s+pip-0.5+h264-crf23",
        asked: &["trace"],
    },
    Case {
        title: "beetle",
        attack: "cut-4s+rotate-3+h264-crf23",
        asked: &["read --title beetle"],
    },
    Case {
        title: "car-park",
        attack: "cut-5s+subtitles-8+logo-2+text-10+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "car-park",
        attack: "cut-0.1s+h264-crf18",
        asked: &["trace"],
    },
    Case {
        title: "selfie",
        attack: "cut-4s+speed-1.1+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "selfie",
        attack: "h264-crf18+jpeg-q90",
        asked: &["trace", "identify"],
    },
    Case {
        title: "studio",
        attack: "cut-3s+bars-16x9+h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "studio",
        attack: "cut-3s+content-flat+h264-crf26",
        asked: &["identify"],
    },
    Case {
        title: "lofoten",
        attack: "h264-crf26",
        asked: &["trace"],
    },
    Case {
        title: "rabbit",
        attack: "cut-3s+h264-crf33",
        asked: &["trace", "identify"],
    },
    Case {
        title: "rabbit",
        attack: "cut-3s+crop-0.71+brightness-0.5+h264-crf33",
        asked: &["trace"],
    },
];

fn folder() -> PathBuf {
    std::env::var_os("COUNTERMARK_FOOTAGE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/footage"),
        PathBuf::from,
    )
}

#[test]
#[ignore = "minutes, and real clips: make test-all"]
fn answers_about_the_footage_are_the_recorded_ones() {
    let folder = folder();
    let mut files = TITLES.iter().map(|(_, file, _)| *file).chain([STRANGER]);
    if let Some(missing) = files.find(|file| !folder.join(file).is_file()) {
        skipped("footage", &format!("no {missing} in {}", folder.display()));
        return;
    }
    hold("footage", &made_with(), || {
        let titles = TITLES.map(|(name, file, copies)| Title {
            name,
            master: folder.join(file),
            copies,
            made: true,
        });
        let workshop = Workshop::new(&titles);
        let stranger = Case {
            title: "stranger",
            attack: "cut-3s+h264-crf26",
            asked: &["trace", "identify", "read --title dog"],
        };
        let unknown = workshop.answers_about_a_stranger(&stranger, &folder.join(STRANGER));
        let known = CASES.iter().flat_map(|case| workshop.answers(case));
        let mut answers: Answers = known.chain(unknown).collect();
        workshop.lose("dog");
        let lost = Case {
            title: "dog",
            attack: "head-90+h264-crf18",
            asked: &["trace", "identify"],
        };
        answers.extend(workshop.answers(&lost));
        answers
    });
}
