//! A vault with two samples as titles, and a desk on it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use countermark_catalogue::{Vault, picture_prints, sound_peaks, sound_prints};
use countermark_media::{CancelToken, ReadOptions, VideoReader};
use countermark_register::{FrameRate, MasterFacts, Randomness};
use tempfile::TempDir;

pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../samples/{name}.mp4"))
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-detect"));
    command.env_remove("COUNTERMARK_VAULT");
    command
}

/// A folder with a vault; each title is its own reference.
pub(crate) fn studio() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let randomness = Randomness::seeded([7; 32]);
    let vault = Vault::init_with(&folder.path().join("vault"), randomness).expect("a vault");
    let register = vault.register();
    register
        .add_distributor("Nordlicht")
        .expect("a distributor");
    for name in ["landscape", "street"] {
        let title = register.draft_title(name).expect("a free name");
        let draft = vault.catalogue().draft(&title).expect("a claim");
        std::fs::copy(sample(name), draft.reference_path()).expect("a copy");
        let cancel = CancelToken::new();
        let pictures = picture_prints(draft.reference_path(), &cancel).expect("pictures");
        let sound = sound_peaks(&sample(name), &cancel).expect("sound");
        let sound = sound.map_or_else(Vec::new, |peaks| sound_prints(&peaks));
        draft.write_print(pictures, sound).expect("a print");
        let reader = VideoReader::open(&sample(name), ReadOptions::default()).expect("a sample");
        let info = reader.info().clone();
        let facts = MasterFacts {
            file: format!("{name}.mp4"),
            width: info.width,
            height: info.height,
            rotation_degrees: 0,
            bit_depth: 8,
            frame_rate: FrameRate { num: 25, den: 1 },
            duration_seconds: 4.0,
            frames: 100,
        };
        let files = draft.files().expect("a reference");
        register.add_title(&title, facts, &files).expect("a title");
        draft.keep();
    }
    folder
}

/// The print of a sample, in the studio's folder.
pub(crate) fn print_of(name: &str, folder: &Path) -> PathBuf {
    let print = folder.join(format!("{name}.print"));
    let made = program()
        .args(["print", "-q"])
        .arg(sample(name))
        .arg("-o")
        .arg(&print)
        .stdout(Stdio::null())
        .status();
    assert!(made.expect("an exit").success());
    print
}

/// A desk that is served until this is dropped.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: String,
    pub(crate) token: String,
}

impl Served {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// The same, with flags.
    pub(crate) fn start_with(folder: &Path, flags: &[&str]) -> Self {
        Self::start_around(folder, flags, &[])
    }

    /// The same, with variables of its environment.
    pub(crate) fn start_around(folder: &Path, flags: &[&str], around: &[(&str, &str)]) -> Self {
        let mut process = program()
            .envs(around.iter().copied())
            .args(["serve", "--listen", "127.0.0.1:0", "--vault"])
            .arg(folder.join("vault"))
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        let lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let told: Vec<String> = lines.take(2).map(|line| line.expect("a line")).collect();
        let after = |line: usize, start: &str| {
            let text = told.get(line).and_then(|line| line.strip_prefix(start));
            text.unwrap_or_else(|| panic!("{told:?}")).to_owned()
        };
        let address = after(0, "listening on http");
        let address = address.trim_start_matches('s').trim_start_matches("://");
        Self {
            address: address.to_owned(),
            token: after(1, "token: "),
            process,
        }
    }

    /// The process.
    #[cfg(test)]
    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// As the power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill().expect("killed");
        self.process.wait().expect("gone");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Files in the folder of uploads, once those of jobs that have just ended are gone.
pub(crate) fn left(folder: &Path) -> usize {
    let uploads = folder.join("vault/desk/uploads");
    let count = || {
        let files = std::fs::read_dir(&uploads);
        files.expect("the folder of uploads").count()
    };
    for _ in 0..50 {
        if count() == 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    count()
}
