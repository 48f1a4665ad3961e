//! When, where and by what a clip was analysed: the one part of a bundle that differs each time.

use std::fs;

use countermark_register::{FileHash, Register, RegisterError, Timestamp};
use countermark_trace::result::{ClipReport, rounded};
use serde_json::{Value, json};

use super::clock;
use crate::Circumstances;

pub(super) fn of(
    report: &ClipReport,
    circumstances: &Circumstances,
    register: &dyn Register,
) -> Result<Value, RegisterError> {
    let state = Circumstances::default().with_register(register)?.register;
    let program = std::env::current_exe().ok().and_then(|path| {
        let hash = FileHash::of_file(&path, &|| false).ok()??;
        Some(hash.to_string())
    });
    Ok(json!({
        "schema": 1,
        "ended": Timestamp::now().as_str(),
        "seconds": rounded(report.seconds, 3),
        "program": format!("countermark {}", env!("CARGO_PKG_VERSION")),
        "program_sha256": program,
        "command": circumstances.command,
        "libraries": circumstances.libraries,
        "system": {
            "os": std::env::consts::OS,
            "kernel": first_line("/proc/sys/kernel/osrelease"),
            "architecture": std::env::consts::ARCH,
            "processor": processor(),
            "processors": std::thread::available_parallelism().map(usize::from).ok(),
        },
        "clock": clock::state(),
        "register": state,
    }))
}

fn first_line(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.lines().next()?.to_owned())
}

/// The processor's name where the system tells it.
fn processor() -> Option<String> {
    let told = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = told.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
