//! A studio in a temporary folder, and clips for it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use countermark_media::{
    EncodeSettings, Planes, Rate, Rational, ReadOptions, VideoCodec, VideoReader, VideoWriter,
    VideoWriterSettings,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

/// A folder in which the binary runs.
pub(crate) struct Studio {
    folder: tempfile::TempDir,
}

/// What a run of the binary came to.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Studio {
    pub(crate) fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// With a vault, the title T (`file`, 512x288, 24 frames a second) and the distributor D.
    pub(crate) fn with_title(file: &str, frames: usize) -> Self {
        let studio = Self::empty();
        write_clip(&studio.path(file), (512, 288), frames);
        let add_title = format!("title add {file} --title T");
        for arguments in ["vault init", &add_title, "distributor add D"] {
            let done = studio.run(arguments);
            assert_eq!(done.code, Some(0), "{}", done.stderr);
        }
        studio
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with blank-separated arguments.
    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-embed"));
        command
            .current_dir(self.folder.path())
            .env_remove("COUNTERMARK_VAULT")
            .args(arguments.split_whitespace());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with(arguments, &[])
    }

    /// With so much on standard input.
    pub(crate) fn run_with(&self, arguments: &str, input: &[u8]) -> Run {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        // A program that wants less closes its end.
        let _ = child.stdin.take().expect("a pipe").write_all(input);
        let output = child.wait_with_output().expect("an exit");
        let text = |bytes| String::from_utf8(bytes).expect("utf-8");
        Run {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// The result of a successful run, which prints one object and nothing else.
    pub(crate) fn json(&self, arguments: &str) -> Value {
        let done = self.run(&format!("{arguments} --json"));
        assert_eq!(
            (done.code, done.stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        serde_json::from_str(&done.stdout).expect("one JSON object")
    }

    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process")
    }

    /// Waits until the copy `output` is being written under its temporary name.
    pub(crate) fn wait_for_frames(&self, output: &str) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.leftovers().iter().any(|name| {
            name.contains(output)
                && fs::metadata(self.path(name)).is_ok_and(|metadata| metadata.len() > 0)
        }) {
            assert!(
                Instant::now() < deadline,
                "no frames of {output} within 30 s"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Temporary files: their names begin with a dot.
    pub(crate) fn leftovers(&self) -> Vec<String> {
        let names = |folder: &Path| {
            fs::read_dir(folder)
                .into_iter()
                .flatten()
                .map(|entry| {
                    entry
                        .expect("an entry")
                        .file_name()
                        .to_string_lossy()
                        .into_owned()
                })
                .filter(|name| name.starts_with('.'))
                .collect::<Vec<_>>()
        };
        [
            names(self.folder.path()),
            names(&self.path("vault/references")),
        ]
        .concat()
    }

    /// Does to the register what only somebody with the file in hand can do.
    pub(crate) fn tamper(&self, statement: &str) {
        let db = rusqlite::Connection::open(self.path("vault/vault.db")).expect("the register");
        db.execute_batch("DROP TRIGGER ledger_is_never_changed")
            .expect("no trigger");
        db.execute(statement, []).expect("tampered");
    }
}

/// Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    let process = Pid::from_raw(child.id().try_into().expect("a process"));
    kill(process, Signal::SIGINT).expect("the process runs");
}

/// Media times of all frames, in microseconds.
pub(crate) fn times(path: &Path) -> Vec<i64> {
    let mut reader = VideoReader::open(path, ReadOptions::default()).expect("a video");
    let mut times = Vec::new();
    while let Some(frame) = reader.next_frame().expect("a frame") {
        times.push((frame.media_time() * 1e6).round() as i64);
    }
    times
}

/// A clip with moving texture, 24 frames a second.
pub(crate) fn write_clip(path: &Path, (width, height): (u32, u32), frames: usize) {
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
