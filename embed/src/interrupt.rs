//! Ctrl-C and friends (SIGINT, SIGTERM, SIGHUP): nothing half done stays behind.
//!
//! Marking can stop at any frame, so it watches a flag. Rendering a proxy cannot be broken off, so there the signal
//! itself removes what is unfinished and ends the process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Set once the user wants to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

/// The work was stopped by the user.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupt {
    /// Listens for signals.
    ///
    /// # Errors
    /// When the system allows no handler, or the process has one already.
    pub fn listen() -> Result<Self, ctrlc::Error> {
        let interrupt = Self::default();
        let flag = Arc::clone(&interrupt.0);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
        Ok(interrupt)
    }

    /// Whether the user wants to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once the user wants to stop.
    ///
    /// # Errors
    /// [`Interrupted`].
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.is_set() {
            Err(Interrupted)
        } else {
            Ok(())
        }
    }
}

/// While this lives, a signal removes an unfinished file and ends the process.
#[derive(Debug)]
pub struct CleanUp(Arc<AtomicBool>);

/// Guards `file` and the temporary files that are made for it, `.<name>.*`.
///
/// # Errors
/// When the system allows no handler, or the process has one already.
pub fn clean_up_after(file: &Path) -> Result<CleanUp, ctrlc::Error> {
    let unfinished = Arc::new(AtomicBool::new(true));
    let guard = CleanUp(Arc::clone(&unfinished));
    let file = file.to_path_buf();
    ctrlc::set_handler(move || {
        if unfinished.load(Ordering::SeqCst) {
            remove(&file);
            #[expect(
                clippy::exit,
                reason = "a signal ends the process; the threads at work cannot be asked to"
            )]
            std::process::exit(2);
        }
    })?;
    Ok(guard)
}

impl Drop for CleanUp {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

fn remove(file: &Path) {
    let prefix = format!(
        ".{}.",
        file.file_name().unwrap_or_default().to_string_lossy()
    );
    let entries = file
        .parent()
        .and_then(|directory| fs::read_dir(directory).ok());
    let temporary: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
        .map(|entry| entry.path())
        .collect();
    for path in temporary.iter().map(PathBuf::as_path).chain([file]) {
        // Whatever is not there needs no removing, and nobody is left to tell.
        let _ = fs::remove_file(path);
    }
}
