//! A vault in a temporary folder, and what its tests put there.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use countermark_register::{
    DeliveryOutcome, DeliveryRecord, DistributorRecord, FrameRate, MasterFacts, NewDelivery,
    TitleRecord, Vault,
};
use rusqlite::Connection;
use serde_json::json;

pub(crate) struct Studio {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) vault: Vault,
}

impl Studio {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let vault = Vault::init(&folder.path().join("vault")).expect("a new vault");
        Self { folder, vault }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub(crate) fn raw(&self) -> Connection {
        Connection::open(self.root().join("vault.db")).expect("the register")
    }

    pub(crate) fn add_title(&self, name: &str) -> TitleRecord {
        let draft = self.vault.draft_title(name).expect("a free name");
        fs::write(draft.reference_path(), b"proxy").expect("a proxy");
        self.vault.add_title(draft, facts()).expect("a title")
    }

    pub(crate) fn begin(
        &self,
        title: &TitleRecord,
        distributor: &DistributorRecord,
    ) -> DeliveryRecord {
        begin(&self.vault, title, distributor)
    }
}

pub(crate) fn facts() -> MasterFacts {
    MasterFacts {
        file: "master.mov".into(),
        width: 1920,
        height: 1080,
        rotation_degrees: 90,
        bit_depth: 10,
        frame_rate: FrameRate {
            num: 24_000,
            den: 1001,
        },
        duration_seconds: 61.5,
        frames: 1475,
    }
}

pub(crate) fn begin(
    vault: &Vault,
    title: &TitleRecord,
    distributor: &DistributorRecord,
) -> DeliveryRecord {
    let encoder_settings = json!({"encoder": "libx264", "crf": 16});
    vault
        .begin_delivery(&NewDelivery {
            title,
            distributor,
            licensee: Some("Festival, contract 17"),
            strength: 1.0,
            encoder_settings: &encoder_settings,
            output_file: "copy.mp4",
        })
        .expect("a delivery")
}

pub(crate) fn outcome() -> DeliveryOutcome {
    DeliveryOutcome {
        frames: 1475,
        psnr_y_db: 47.25,
        output_sha256: [0xab; 32],
    }
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

pub(crate) fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
}

pub(crate) fn owner_digits(root: &Path) -> String {
    let text = fs::read_to_string(root.join("secret/owner.key")).expect("the secret");
    text.lines().nth(1).expect("a second line").to_owned()
}
