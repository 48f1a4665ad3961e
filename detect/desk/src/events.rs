//! What is heard of jobs while they run.
//!
//! # Shapes and units
//! Steps of a stage, as the library counts them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, broadcast};

/// Events that a slow listener may be behind.
const BEHIND: usize = 256;

/// Something that happened to a job.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) job: String,
    pub(crate) body: Value,
}

/// Tells listeners, and remembers the last of each job that runs.
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    last: Mutex<HashMap<String, Value>>,
    /// Jobs that run, each with the bell that ends it.
    running: Mutex<HashMap<String, std::sync::Arc<Notify>>>,
    /// Rung when a job is waiting.
    pub(crate) waiting: Notify,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::channel(BEHIND).0,
            last: Mutex::default(),
            running: Mutex::default(),
            waiting: Notify::new(),
        }
    }

    pub(crate) fn tell(&self, job: &str, body: Value, is_last: bool) {
        let mut last = locked(&self.last);
        if is_last {
            last.remove(job);
        } else {
            last.insert(job.to_owned(), body.clone());
        }
        drop(last);
        // Nobody may listen.
        let _ = self.sender.send(Event {
            job: job.to_owned(),
            body,
        });
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    pub(crate) fn last(&self, job: &str) -> Option<Value> {
        locked(&self.last).get(job).cloned()
    }

    /// A job begins: the bell rings when it is to end.
    pub(crate) fn begin(&self, job: &str) -> std::sync::Arc<Notify> {
        let bell = std::sync::Arc::new(Notify::new());
        locked(&self.running).insert(job.to_owned(), bell.clone());
        bell
    }

    pub(crate) fn end(&self, job: &str) {
        locked(&self.running).remove(job);
    }

    /// Ends a job, if it runs.
    pub(crate) fn cancel(&self, job: &str) {
        if let Some(bell) = locked(&self.running).get(job) {
            bell.notify_one();
        }
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    // Values are put in whole.
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
