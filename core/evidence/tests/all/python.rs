//! `verify.py` as a stranger runs it: nothing of the user's environment but a path with `python3` and `openssl`.

use std::{fs, path::Path, process::Command};

use countermark_evidence::archive::Files;

/// What it answered: exit code, and what it printed.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

impl Said {
    /// Names of the links that it calls broken.
    pub(crate) fn broken(&self) -> Vec<String> {
        let lines = self.text.lines().filter(|line| line.starts_with("FAIL"));
        let names = lines.map(|line| line[6..].trim_start().chars().take(14).collect::<String>());
        names.map(|name| name.trim_end().to_owned()).collect()
    }
}

/// Unpacks files into a folder.
pub(crate) fn unpack(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
}

/// Runs the project's `verify.py` over unpacked files, whatever theirs is.
pub(crate) fn verify(files: &Files) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    unpack(files, folder.path());
    if files.contains_key("verify.py") {
        // The one of a tampered bundle is the tamperer's.
        let script = folder.path().join("verify.py");
        if fs::read(&script).expect("there") != countermark_evidence::bundle::VERIFY_PY.as_bytes() {
            fs::remove_file(&script).expect("removed");
            fs::write(&script, countermark_evidence::bundle::VERIFY_PY).expect("written");
        }
    } else {
        fs::write(
            folder.path().join("verify.py"),
            countermark_evidence::bundle::VERIFY_PY,
        )
        .expect("written");
    }
    let answer = Command::new("python3")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .current_dir(folder.path())
        .args(["-B", "verify.py"])
        .output()
        .expect("python3 is on the machine");
    let text = String::from_utf8_lossy(&answer.stdout).into_owned()
        + &String::from_utf8_lossy(&answer.stderr);
    Said {
        code: answer.status.code(),
        text,
    }
}

#[test]
fn it_is_short_enough_to_be_read() {
    let lines = countermark_evidence::bundle::VERIFY_PY.lines().count();
    assert!(lines <= 400, "{lines} lines");
}
