//! Claims: who is working on a delivery or a title right now.
//!
//! ```text
//! <vault>/running/<work>-<id>.lock   made and locked (flock) before the work is on record, removed when it is done
//! ```
//!
//! The system releases the lock with the process, so a claim that can be locked is one that a killed process left behind.
//! A claim file knows its own inode: one that came here with a copy or a backup of the vault proves nothing about what
//! became of the work elsewhere, and counts as none. Where the file system knows no locks, a claim is left behind when its
//! process (number and start) is gone and the machine was not started again since; what cannot be known stays as it is.
//!
//! # References
//! `flock(2)`: locks belong to open file descriptions; `proc(5)`: field 22 of `stat`, `boot_id`.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{DeliveryId, RegisterError, TitleId, private_file};

const FOLDER: &str = "running";
const EXTENSION: &str = ".lock";

/// A piece of work that one process does at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Work {
    /// A copy is being made.
    Delivery(DeliveryId),
    /// A title is being registered.
    Title(TitleId),
}

impl Work {
    fn file_name(self) -> String {
        match self {
            Self::Delivery(id) => format!("delivery-{id}{EXTENSION}"),
            Self::Title(id) => format!("title-{id}{EXTENSION}"),
        }
    }

    fn of_file_name(name: &str) -> Option<Self> {
        let (work, id) = name.strip_suffix(EXTENSION)?.split_once('-')?;
        match work {
            "delivery" => DeliveryId::parse(id).map(Self::Delivery),
            "title" => TitleId::parse(id).map(Self::Title),
            _ => None,
        }
    }
}

/// What is known of a claim.
#[derive(Debug)]
pub enum ClaimState {
    /// A living process, or one that cannot be looked at, holds it.
    Held,
    /// There is none, or none that was made here.
    Absent,
    /// Its process is gone; the claim is now ours.
    Abandoned(Claim),
}

/// The folder of the claims of the vault at `root`.
pub(crate) fn folder_in(root: &Path) -> PathBuf {
    root.join(FOLDER)
}

/// The claims of one vault.
#[derive(Debug, Clone)]
pub struct Claims {
    folder: PathBuf,
}

/// A claim held by this process. Dropped without [`Claim::release`] it looks like one of a killed process.
#[derive(Debug)]
pub struct Claim {
    file: File,
    path: PathBuf,
}

/// What a claim's file says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    process: u32,
    /// Clock ticks since the machine's start; none where the system does not tell.
    started: Option<u64>,
    /// The machine's start.
    boot: Option<String>,
    inode: u64,
    /// Whether the file system knows locks.
    locked: bool,
}

impl Claims {
    /// The claims of the vault at `root`.
    #[must_use]
    pub fn of_vault(root: &Path) -> Self {
        Self {
            folder: folder_in(root),
        }
    }

    /// Claims `work`, which nobody else works on: its identifier was just drawn.
    ///
    /// # Errors
    /// [`RegisterError::File`] when the claim cannot be written.
    pub fn claim(&self, work: Work) -> Result<Claim, RegisterError> {
        let path = self.folder.join(work.file_name());
        let unwritable = |source| RegisterError::File {
            act: "write",
            path: path.clone(),
            source,
        };
        private_file::create_directory(&self.folder)
            .map_err(RegisterError::file("create", &self.folder))?;
        loop {
            let mut options = private_file::owners_alone();
            let mut file = options
                .write(true)
                .create_new(true)
                .open(&path)
                .map_err(unwritable)?;
            let locked = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::Error(_)) => false,
                // Somebody looks whether it is abandoned, in the moment before it is locked, and removes it.
                Err(TryLockError::WouldBlock) => {
                    file.lock().map_err(unwritable)?;
                    true
                }
            };
            if !private_file::is_at(&file, &path) {
                continue;
            }
            let holder = Holder {
                process: std::process::id(),
                started: start_of(std::process::id()),
                boot: boot(),
                inode: private_file::inode(&file).map_err(unwritable)?,
                locked,
            };
            let text = serde_json::to_vec(&holder).map_err(|error| unwritable(error.into()))?;
            // Not synced: one that a power failure takes leaves its delivery pending, which is scored.
            file.write_all(&text).map_err(unwritable)?;
            return Ok(Claim { file, path });
        }
    }

    /// Whether `work` is being done.
    ///
    /// # Errors
    /// [`RegisterError::File`] when a claim is there and cannot be read.
    pub fn state(&self, work: Work) -> Result<ClaimState, RegisterError> {
        let path = self.folder.join(work.file_name());
        state_of(&path).map_err(RegisterError::file("read", &path))
    }

    /// The works whose claims are there, held or not.
    ///
    /// # Errors
    /// [`RegisterError::File`] when the folder cannot be read.
    pub fn works(&self) -> Result<Vec<Work>, RegisterError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RegisterError::file("read", &self.folder)(error)),
        };
        let mut works: Vec<Work> = entries
            .filter_map(|entry| Work::of_file_name(entry.ok()?.file_name().to_str()?))
            .collect();
        works.sort();
        Ok(works)
    }

    /// Runs `work` while no other process does the same here. Without locks nothing is kept apart.
    pub(crate) fn alone<T>(
        &self,
        name: &str,
        work: impl FnOnce() -> T,
    ) -> Result<T, RegisterError> {
        private_file::create_directory(&self.folder)
            .map_err(RegisterError::file("create", &self.folder))?;
        let path = self.folder.join(name);
        let file = private_file::owners_alone()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(RegisterError::file("write", &path))?;
        // An error says that there are no locks: the database's own must do.
        let _ = file.lock();
        Ok(work())
    }
}

impl Claim {
    /// The work is done or given up, and on record as such.
    pub fn release(self) {
        // One that cannot be removed is found without its work, and removed later.
        if private_file::is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn state_of(path: &Path) -> io::Result<ClaimState> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ClaimState::Absent),
        Err(error) => return Err(error),
    };
    let free = match file.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(ClaimState::Held),
        Ok(()) => true,
        Err(TryLockError::Error(_)) => false,
    };
    if !private_file::is_at(&file, path) {
        // Released in the moment before.
        return Ok(ClaimState::Absent);
    }
    let mut text = Vec::new();
    (&mut file).take(4096).read_to_end(&mut text)?;
    let holder: Holder = match serde_json::from_slice(&text) {
        Ok(holder) => holder,
        // Killed while it was written: nothing is on record yet.
        Err(_) if free => return Ok(ClaimState::Absent),
        Err(_) => return Ok(ClaimState::Held),
    };
    if holder.inode != private_file::inode(&file)? {
        return Ok(ClaimState::Absent);
    }
    let abandoned = if free && holder.locked {
        true
    } else {
        // Numbers of processes are given again after a start of the machine, and mean nothing on another one.
        holder.boot.is_some()
            && holder.boot == boot()
            && holder.started.is_some()
            && start_of(holder.process) != holder.started
    };
    Ok(if abandoned {
        ClaimState::Abandoned(Claim {
            file,
            path: path.to_path_buf(),
        })
    } else {
        ClaimState::Held
    })
}

/// When a living process was started, in clock ticks since the machine's start.
fn start_of(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in parentheses may hold blanks and parentheses; `starttime` is the 20th field after it.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

fn boot() -> Option<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Randomness;

    fn work(seed: u8) -> Work {
        let id = DeliveryId::draw(&Randomness::seeded([seed; 32])).expect("an identifier");
        Work::Delivery(id)
    }

    #[test]
    fn a_held_claim_is_seen_and_a_released_one_is_gone() {
        let root = tempfile::tempdir().expect("a folder");
        let claims = Claims::of_vault(root.path());
        let held = claims.claim(work(1)).expect("a claim");
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Held)));
        assert!(matches!(claims.state(work(2)), Ok(ClaimState::Absent)));
        assert_eq!(claims.works().expect("works"), [work(1)]);
        held.release();
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Absent)));
        assert!(claims.works().expect("works").is_empty());
    }

    #[test]
    fn a_claim_whose_process_is_gone_is_taken_over_by_one_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let claims = Claims::of_vault(root.path());
        // Closing the file releases its lock, as the end of a process does.
        drop(claims.claim(work(1)).expect("a claim"));
        let taken = match claims.state(work(1)).expect("a state") {
            ClaimState::Abandoned(claim) => claim,
            other => panic!("{other:?}"),
        };
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Held)));
        taken.release();
        assert!(claims.works().expect("works").is_empty());
    }

    #[test]
    fn a_claim_that_came_with_a_copy_of_the_vault_counts_as_none() {
        let root = tempfile::tempdir().expect("a folder");
        let claims = Claims::of_vault(root.path());
        drop(claims.claim(work(1)).expect("a claim"));
        let path = claims.folder.join(work(1).file_name());
        let copied = claims.folder.join("copy");
        fs::copy(&path, &copied).expect("a copy");
        fs::rename(&copied, &path).expect("in its place");
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Absent)));
    }

    #[test]
    fn a_claim_without_locks_is_judged_by_its_process() {
        let root = tempfile::tempdir().expect("a folder");
        let claims = Claims::of_vault(root.path());
        drop(claims.claim(work(1)).expect("a claim"));
        let path = claims.folder.join(work(1).file_name());
        let text = fs::read_to_string(&path).expect("a claim");
        let write = |text: &str| fs::write(&path, text).expect("own file");
        let unlocked = text.replace("\"locked\":true", "\"locked\":false");
        write(&unlocked);
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Held)));
        let own = format!("\"process\":{}", std::process::id());
        write(&unlocked.replace(&own, "\"process\":4294967295"));
        assert!(matches!(
            claims.state(work(1)),
            Ok(ClaimState::Abandoned(_))
        ));
        let elsewhere = unlocked
            .replace(&own, "\"process\":4294967295")
            .replace("\"boot\":\"", "\"boot\":\"another ");
        write(&elsewhere);
        assert!(matches!(claims.state(work(1)), Ok(ClaimState::Held)));
    }
}
