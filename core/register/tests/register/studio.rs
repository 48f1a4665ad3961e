//! A vault in a temporary folder, and what its tests put there.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use countermark_mark::FormatSpec;
use countermark_register::{
    DeliveryId, DeliveryOutcome, DeliveryRecord, DistributorRecord, FileHash, FrameRate,
    MasterFacts, NewDelivery, Register, SqliteRegister, TitleFiles, TitleRecord,
};
use rusqlite::Connection;
use serde_json::json;

pub(crate) struct Studio {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) register: SqliteRegister,
}

impl Studio {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let register = SqliteRegister::init(&folder.path().join("vault")).expect("a new vault");
        Self { folder, register }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("vault")
    }

    pub(crate) fn raw(&self) -> Connection {
        Connection::open(self.root().join("vault.db")).expect("the register")
    }

    pub(crate) fn add_title(&self, name: &str) -> TitleRecord {
        add_title(&self.register, name)
    }

    pub(crate) fn begin(
        &self,
        title: &TitleRecord,
        distributor: &DistributorRecord,
    ) -> DeliveryRecord {
        let output = self.folder.path().join("copy.mp4");
        begin(&self.register, title, distributor, &output)
    }
}

pub(crate) fn add_title(register: &dyn Register, name: &str) -> TitleRecord {
    let draft = register.draft_title(name).expect("a free name");
    let file = format!("{}.mp4", draft.id());
    register
        .add_title(&draft, facts(), &TitleFiles::named(&file))
        .expect("a title")
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
    register: &dyn Register,
    title: &TitleRecord,
    distributor: &DistributorRecord,
    output: &Path,
) -> DeliveryRecord {
    let encoder_settings = json!({"encoder": "libx264", "crf": 16});
    register
        .begin_delivery(&NewDelivery {
            title,
            distributor,
            licensee: Some("Festival, contract 17"),
            strength: 1.0,
            format: FormatSpec::CURRENT,
            encoder_settings: &encoder_settings,
            output,
        })
        .expect("a delivery")
}

/// Records what was made, and that it has its name.
pub(crate) fn complete(register: &dyn Register, id: DeliveryId) -> DeliveryRecord {
    register.record_outcome(id, &outcome()).expect("made");
    register.complete_delivery(id).expect("completed")
}

pub(crate) fn outcome() -> DeliveryOutcome {
    DeliveryOutcome {
        frames: 1475,
        psnr_y_db: 47.25,
        output_sha256: FileHash::from_bytes([0xab; 32]),
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
