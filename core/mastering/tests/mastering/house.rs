//! A post-production house in a temporary folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use countermark_catalogue::Vault;
use countermark_mastering::{
    CancelToken, CopyRequest, DeliveryRequest, EncodeChoice, MasteringError, Observer,
    RegisteredTitle, Stage, Strength, TitleRequest, register_title,
};
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
};
use countermark_register::{Licence, Randomness};
use sha2::{Digest as _, Sha256};

/// Distributors on record.
pub(crate) const DISTRIBUTORS: [&str; 3] = ["Nordlicht", "Seaview", "Lumen"];

pub(crate) struct House {
    folder: tempfile::TempDir,
    pub(crate) vault: Vault,
    pub(crate) frames: usize,
}

impl House {
    /// With three distributors and the master `film.mp4` of the title T, which is not yet registered. The same every
    /// time, to the last bit.
    pub(crate) fn empty(frames: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let randomness = Randomness::seeded([23; 32]);
        let vault = Vault::init_with(&folder.path().join("vault"), randomness).expect("a vault");
        for name in DISTRIBUTORS {
            vault
                .register()
                .add_distributor(name)
                .expect("a distributor");
        }
        write_clip(&folder.path().join("film.mp4"), frames);
        Self {
            folder,
            vault,
            frames,
        }
    }

    /// With the title registered.
    pub(crate) fn with_title(frames: usize) -> Self {
        let house = Self::empty(frames);
        house.register(&()).expect("a title");
        house
    }

    pub(crate) fn register(
        &self,
        observer: &dyn Observer,
    ) -> Result<RegisteredTitle, MasteringError> {
        let request = TitleRequest {
            master: self.path("film.mp4"),
            name: "T".to_owned(),
            threads: None,
        };
        register_title(&self.vault, &request, observer)
    }

    /// A second handle on the register, as another program has it.
    pub(crate) fn reopened(&self) -> Vault {
        Vault::open(&self.path("vault")).expect("the vault")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The copies named `outputs`, one for each distributor in turn, fast.
    pub(crate) fn request(&self, outputs: &[&str]) -> DeliveryRequest {
        let copies = outputs.iter().zip(DISTRIBUTORS.iter().cycle());
        DeliveryRequest {
            title: "T".to_owned(),
            master: self.path("film.mp4"),
            copies: copies
                .map(|(output, distributor)| CopyRequest {
                    distributor: (*distributor).to_owned(),
                    licensee: None,
                    licence: Licence::default(),
                    output: self.path(output),
                    encode: EncodeChoice {
                        preset: Some("veryfast".to_owned()),
                        ..EncodeChoice::default()
                    },
                })
                .collect(),
            strength: Strength::DEFAULT,
            threads: None,
            verify: true,
            signer: None,
        }
    }

    /// Names in the house's folder, hidden ones too, but the vault's and the master's.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names = names(self.folder.path());
        names.retain(|name| name != "vault" && name != "film.mp4");
        names
    }

    /// Names of proxies, prints and claims of work.
    pub(crate) fn kept(&self) -> [Vec<String>; 3] {
        let mut kept = ["references", "index/titles", "running"]
            .map(|folder| names(&self.path("vault").join(folder)));
        // The register's own locks stay where they are for good.
        kept[2].retain(|name| !["migration.lock", "head.lock"].contains(&name.as_str()));
        kept
    }
}

/// SHA-256 in hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| {
            let name = entry.expect("an entry").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Moving texture, 512x288, 24 frames a second.
fn write_clip(path: &Path, frames: usize) {
    let (width, height) = (512_u32, 288);
    let encode = EncodeSettings {
        preset: Some("ultrafast".to_owned()),
        ..EncodeSettings::new(VideoCodec::H264, Rate::Crf(20.0))
    };
    let settings = VideoWriterSettings::new(width, height, Rational::new(24, 1), encode);
    let mut writer = VideoWriter::create(path, settings).expect("a new clip");
    let mut luma = vec![0; (width * height) as usize];
    for frame in 0..frames {
        for (y, row) in luma.chunks_exact_mut(width as usize).enumerate() {
            for (x, sample) in row.iter_mut().enumerate() {
                let (x, y) = (x + 2 * frame, y + frame);
                let grain = (x * 7919 + y * 104_729 + (x * y) % 251) % 23;
                *sample = (64 + (x / 5 + y / 3) % 96 + grain) as u8;
            }
        }
        writer.write_frame(Planes::Gray8(&luma)).expect("a frame");
    }
    writer.finish().expect("a clip");
}

/// When a request is told to end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    Before,
    /// As the stage begins.
    Begins(Stage),
    /// After so many frames of the stage.
    Frames(Stage, u64),
}

/// Ends the request at a moment, and remembers the stage it was in.
pub(crate) struct EndsAt {
    moment: Moment,
    token: CancelToken,
    stage: Mutex<Option<Stage>>,
}

impl EndsAt {
    pub(crate) fn new(moment: Moment) -> Self {
        let token = CancelToken::new();
        if moment == Moment::Before {
            token.cancel();
        }
        Self {
            moment,
            token,
            stage: Mutex::new(None),
        }
    }

    pub(crate) fn was_reached(&self) -> bool {
        self.token.is_cancelled()
    }
}

impl Observer for EndsAt {
    fn stage(&self, stage: Stage, _: Option<u64>) {
        *self.stage.lock().expect("whole") = Some(stage);
        if self.moment == Moment::Begins(stage) {
            self.token.cancel();
        }
    }

    fn frames_done(&self, frames: u64) {
        let stage = self.stage.lock().expect("whole").expect("a stage began");
        if self.moment == Moment::Frames(stage, frames) {
            self.token.cancel();
        }
    }

    fn cancel_token(&self) -> Option<&CancelToken> {
        Some(&self.token)
    }
}
