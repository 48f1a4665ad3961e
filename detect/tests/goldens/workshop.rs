//! A register with titles, their marked copies and what became of them, all from one seed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use countermark_attack::{Attack, Materials, Place, apply};
use countermark_bench::subject::{Preparation, Prepared, Subject as _};
use countermark_bench::tools::Tools;
use countermark_catalogue::Vault;
use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, VideoCodec, VideoWriter, VideoWriterSettings,
    clear_fresh_memory, library_versions,
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Of secrets, payloads and random places.
const SEED: u8 = 23;

/// A title of the register.
pub(crate) struct Title {
    pub(crate) name: &'static str,
    pub(crate) master: PathBuf,
    /// Copies on record, beside two that are in every title.
    pub(crate) copies: usize,
    /// Whether they are made; answers about other titles are the same without.
    pub(crate) made: bool,
}

/// A clip and what is asked about it.
pub(crate) struct Case {
    /// Whose copies are attacked.
    pub(crate) title: &'static str,
    pub(crate) attack: &'static str,
    /// Commands with their flags.
    pub(crate) asked: &'static [&'static str],
}

/// The register in a temporary folder.
pub(crate) struct Workshop {
    folder: TempDir,
    prepared: Vec<Prepared>,
}

impl Workshop {
    pub(crate) fn new(titles: &[Title]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let register = folder.path().join("vault");
        let prepare = |(number, title): (usize, &Title)| {
            let own = folder.path().join(title.name);
            fs::create_dir(&own).expect("a new folder");
            let mut seed = [SEED; 32];
            seed[0] = number as u8;
            let preparation = Preparation {
                register: &register,
                title: title.name,
                seed,
                marked: if title.made { title.copies } else { 0 },
                registered: title.copies + 2,
            };
            Tools
                .prepare(&title.master, &own, &preparation)
                .expect("a title with its copies")
        };
        let prepared = titles.iter().enumerate().map(prepare).collect();
        Self { folder, prepared }
    }

    /// Attacks copies of a title, and asks.
    pub(crate) fn answers(&self, case: &Case) -> Vec<(String, Value)> {
        let mut of = self.prepared.iter();
        let prepared = of.find(|p| p.title == case.title).expect("a known title");
        let copies: Vec<&Path> = prepared.copies.iter().map(|c| c.file.as_path()).collect();
        self.attacked(case, &prepared.master, &copies)
    }

    /// Attacks a file of which the register knows nothing, and asks.
    pub(crate) fn answers_about_a_stranger(
        &self,
        case: &Case,
        file: &Path,
    ) -> Vec<(String, Value)> {
        self.attacked(case, file, &[file])
    }

    /// Removes the reference of a title.
    pub(crate) fn lose(&self, title: &str) {
        let vault = Vault::open(&self.folder.path().join("vault")).expect("the register");
        let title = vault.register().title_named(title).expect("a known title");
        let reference = vault.catalogue().reference_path(&title);
        fs::remove_file(reference).expect("removed");
    }

    fn attacked(&self, case: &Case, master: &Path, copies: &[&Path]) -> Vec<(String, Value)> {
        let attack: Attack = case.attack.parse().expect("an attack");
        let clip = format!("{}-{}.{}", case.title, case.attack, attack.extension());
        let materials = Materials {
            copies,
            master: Some(master),
            ..Materials::default()
        };
        let place = Place::new(SEED.into(), case.title, case.attack);
        let output = self.folder.path().join(&clip);
        apply(&attack, &materials, &output, &place).expect("an attacked clip");
        let ask = |asked: &&str| (format!("{asked} {clip}"), self.detect(asked, &clip));
        let answers = case.asked.iter().map(ask).collect();
        fs::remove_file(output).expect("removed");
        answers
    }

    /// The answer of the real binary about one clip: its line of JSON without the time it took, and its exit code.
    fn detect(&self, asked: &str, clip: &str) -> Value {
        let output = Command::cargo_bin("countermark-detect")
            .expect("the binary")
            .current_dir(self.folder.path())
            .env_remove("COUNTERMARK_VAULT")
            .args(["--json", "--quiet"])
            .args(asked.split(' '))
            .arg(clip)
            .output()
            .expect("an exit");
        let mut line: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&output.stderr)));
        if let Some(fields) = line.as_object_mut() {
            fields.remove("seconds");
        }
        json!({"exit": output.status.code(), "line": line})
    }
}

/// What the bytes of an encoded clip depend on beside this program: FFmpeg, x264, x265, the processor's instructions.
pub(crate) fn made_with() -> String {
    clear_fresh_memory();
    let library = |(name, version)| format!("{name} {version}");
    let libraries: Vec<String> = library_versions().into_iter().map(library).collect();
    let mut text = libraries.join(", ");
    for (codec, mark, end) in [
        (VideoCodec::H264, "x264 - core ", " - H.264"),
        (VideoCodec::Hevc, "x265 (build ", " - H.265"),
    ] {
        let build = encoder_build(codec, mark, end);
        let _ = write!(text, ", {}{build}", &mark[..5]);
    }
    for (instructions, present) in instructions() {
        if present {
            let _ = write!(text, ", {instructions}");
        }
    }
    text
}

/// How an encoder names its build in what it writes.
fn encoder_build(codec: VideoCodec, mark: &str, end: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("one-frame.mkv");
    let encode = EncodeSettings::new(codec, Rate::Crf(30.0));
    let settings = VideoWriterSettings::new(64, 64, Rational::new(25, 1), encode);
    let mut writer = VideoWriter::create(&path, settings).expect("a new clip");
    writer
        .write_frame(Planes::Gray8(&[128; 64 * 64]))
        .expect("a frame");
    writer.finish().expect("a clip");
    let bytes = fs::read(path).expect("a clip");
    let text = String::from_utf8_lossy(&bytes);
    let after = text.split_once(mark).map(|(_, after)| after);
    let build = after
        .and_then(|after| after.split_once(end))
        .map(|(build, _)| build);
    build.unwrap_or("unknown").replace(") -", "")
}

#[cfg(target_arch = "x86_64")]
fn instructions() -> [(&'static str, bool); 3] {
    [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512", is_x86_feature_detected!("avx512bw")),
    ]
}

#[cfg(not(target_arch = "x86_64"))]
fn instructions() -> [(&'static str, bool); 1] {
    [(std::env::consts::ARCH, true)]
}
