//! What is kept of jobs that are done: read, bounded, taken away.
//!
//! # Shapes and units
//! A folder for each job, named by its identifier. Bytes of all together at most [`MOST_KEPT`]: the oldest go first.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use countermark_register::desk::JobState;

use crate::desk::Desk;
use crate::problem::{Answer, Problem};

/// Bytes of what is kept of all jobs.
const MOST_KEPT: u64 = 16 << 30;

/// A job's folder. Identifiers come from the record: nothing else becomes a part of a path.
pub(crate) fn folder(desk: &Desk, job: &str) -> PathBuf {
    desk.store.kept_folder().join(job)
}

/// A file that is kept of a job.
pub(crate) async fn file(desk: &Desk, job: &str, name: &str) -> Answer<Vec<u8>> {
    match tokio::fs::read(folder(desk, job).join(name)).await {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Problem::missing("file of this job"))
        }
        Err(error) => Err(Problem::ours(error)),
    }
}

/// Keeps nothing of a job.
pub(crate) async fn remove(desk: &Desk, job: &str) -> std::io::Result<()> {
    match tokio::fs::remove_dir_all(folder(desk, job)).await {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Takes away the oldest while there are too many bytes, but for what has just been kept.
pub(crate) async fn trim(desk: &Arc<Desk>, newest: &str) -> Answer<()> {
    let newest = newest.to_owned();
    desk.wait(move |desk| {
        for job in surplus(&desk.store.kept_folder(), MOST_KEPT).map_err(Problem::ours)? {
            if job == newest {
                continue;
            }
            desk.store.forget_bundle(&job)?;
            std::fs::remove_dir_all(folder(desk, &job)).map_err(Problem::ours)?;
        }
        Ok(())
    })
    .await
}

/// Takes away what is of no job that is done: of one that a killed desk was about.
pub(crate) async fn sweep(desk: &Arc<Desk>) -> Answer<()> {
    desk.wait(|desk| {
        for (_, _, job) in folders(&desk.store.kept_folder()).map_err(Problem::ours)? {
            let known = desk.store.job(&job);
            if !known.is_ok_and(|job| job.state == JobState::Done) {
                std::fs::remove_dir_all(folder(desk, &job)).map_err(Problem::ours)?;
            }
        }
        Ok(())
    })
    .await
}

/// When each folder was made, its bytes and its name.
fn folders(root: &Path) -> std::io::Result<Vec<(SystemTime, u64, String)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root)? {
        let entry = entry?;
        let mut bytes = 0;
        for file in std::fs::read_dir(entry.path())? {
            bytes += file?.metadata()?.len();
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        found.push((entry.metadata()?.modified()?, bytes, name));
    }
    found.sort();
    Ok(found)
}

/// The oldest folders without which the others have at most so many bytes.
fn surplus(root: &Path, most: u64) -> std::io::Result<Vec<String>> {
    let all = folders(root)?;
    let mut bytes: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
    let mut gone = Vec::new();
    for (_, own, name) in all {
        if bytes <= most {
            break;
        }
        bytes -= own;
        gone.push(name);
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_until_the_others_fit() {
        let root = tempfile::tempdir().expect("a folder");
        for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
            let folder = root.path().join(name);
            std::fs::create_dir(&folder).expect("made");
            std::fs::write(folder.join("report.html"), [0; 100]).expect("written");
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(at as u64 + 1);
            let made = std::fs::File::open(&folder).expect("a folder");
            made.set_modified(time).expect("a time");
        }
        let gone = |most| surplus(root.path(), most).expect("read");
        assert_eq!(gone(300), [""; 0]);
        assert_eq!(gone(299), ["a"]);
        assert_eq!(gone(100), ["a", "b"]);
    }
}
