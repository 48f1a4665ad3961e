//! Ctrl-C and friends (SIGINT, SIGTERM, SIGHUP): nothing half done stays behind.
//!
//! Marking can stop at any frame, so it watches a flag. Rendering a proxy cannot be broken off, so there the signal
//! itself removes what is unfinished and ends the process.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The one listener: a process has one handler of signals.
static LISTENER: Mutex<Option<Interrupt>> = Mutex::new(None);

/// Set once the user wants to stop. The default one hears no signals.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    stopped: AtomicBool,
    unfinished: Mutex<Option<PathBuf>>,
}

/// The work was stopped by the user.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupt {
    /// Listens for signals; whoever listens in this process hears the same ones.
    ///
    /// # Errors
    /// When the system allows no handler, or somebody else installed one.
    pub fn listen() -> Result<Self, ctrlc::Error> {
        let mut listener = lock(&LISTENER);
        if let Some(interrupt) = listener.as_ref() {
            return Ok(interrupt.clone());
        }
        let interrupt = Self::default();
        let heard = interrupt.clone();
        ctrlc::set_handler(move || heard.signal())?;
        *listener = Some(interrupt.clone());
        Ok(interrupt)
    }

    /// Whether the user wants to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
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

    /// Until the guard is dropped, a signal removes `file` and the temporary files that are made for it, `.<name>.*`, and
    /// ends the process. One file at a time: a second guard takes the place of the first.
    #[must_use]
    pub fn clean_up_after(&self, file: &Path) -> CleanUp<'_> {
        *lock(&self.0.unfinished) = Some(file.to_path_buf());
        CleanUp(self)
    }

    fn signal(&self) {
        // Held to the end: whoever drops the guard meanwhile waits, and is not told that the file is safe.
        let unfinished = lock(&self.0.unfinished);
        if let Some(file) = unfinished.as_deref() {
            remove(file);
            // The threads at work cannot be asked to stop.
            std::process::exit(2);
        }
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}

/// While this lives, a signal removes an unfinished file and ends the process.
#[derive(Debug)]
pub struct CleanUp<'a>(&'a Interrupt);

impl Drop for CleanUp<'_> {
    fn drop(&mut self) {
        *lock(&self.0.0.unfinished) = None;
    }
}

/// A thread that panicked has left a whole value: it is only ever replaced.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
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
