//! What all requests share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use countermark_catalogue::Vault;
use countermark_register::desk::{DeskError, DeskStore};
use countermark_register::{TitleId, TitleRecord};
use countermark_trace::Tracer;
use tokio::sync::Semaphore;

use crate::caller::Caller;
use crate::events::Events;
use crate::licence::Licences;
use crate::problem::{Problem, full};
use crate::rate::Rates;
use crate::settings::{Journal, Settings};

/// How long titles are taken to be those that were read.
const TITLES_FOR: Duration = Duration::from_secs(3);
/// How long a page stays signed in, and how many are at once.
const SESSION: Duration = Duration::from_secs(12 * 3600);
const MOST_SESSIONS: usize = 1000;
/// Upper ends of the buckets of answers' times, seconds.
pub(crate) const BUCKETS: [f64; 8] = [0.01, 0.05, 0.1, 0.2, 0.4, 1.0, 5.0, 60.0];

/// One desk.
pub(crate) struct Desk {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<DeskStore>,
    pub(crate) vault: Vault,
    pub(crate) events: Events,
    pub(crate) licences: Box<dyn Licences>,
    /// Hash of the token that was printed; none where others can reach the desk.
    pub(crate) local: Option<String>,
    /// Requests of each token.
    pub(crate) rates: Rates,
    /// Requests without a valid token, of each address.
    pub(crate) failures: Rates,
    /// Prints that are looked up at once.
    pub(crate) lookups: Semaphore,
    pub(crate) meters: Meters,
    tracer: RwLock<(Instant, Arc<Tracer>)>,
    sessions: Mutex<HashMap<String, (Instant, Caller)>>,
}

/// What is counted.
#[derive(Default)]
pub(crate) struct Meters {
    /// Answers by the first digit of their status.
    pub(crate) answers: [AtomicU64; 6],
    /// Answers of `verify` to prints, by time.
    pub(crate) verified: [AtomicU64; BUCKETS.len() + 1],
    /// Milliseconds of them together.
    pub(crate) verified_millis: AtomicU64,
}

impl Meters {
    pub(crate) fn answered(&self, status: u16) {
        let class = usize::from(status / 100).min(5);
        self.answers[class].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn verified(&self, time: Duration) {
        let bucket = BUCKETS.partition_point(|end| *end < time.as_secs_f64());
        self.verified[bucket].fetch_add(1, Ordering::Relaxed);
        let millis = time.as_millis() as u64;
        self.verified_millis.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Desk {
    pub(crate) fn new(
        settings: Settings,
        store: DeskStore,
        vault: Vault,
        tracer: Tracer,
        (local, licences): (Option<String>, Box<dyn Licences>),
    ) -> Self {
        Self {
            lookups: Semaphore::new(settings.threads.max(1)),
            settings,
            store: Arc::new(store),
            vault,
            events: Events::new(),
            licences,
            local,
            rates: Rates::new(200.0, 400.0),
            failures: Rates::new(0.5, 20.0),
            meters: Meters::default(),
            tracer: RwLock::new((Instant::now(), Arc::new(tracer))),
            sessions: Mutex::default(),
        }
    }

    pub(crate) fn journal(&self) -> &dyn Journal {
        &*self.settings.journal
    }

    /// Asks the record, on a thread that may wait.
    pub(crate) async fn record<T: Send + 'static>(
        &self,
        work: impl FnOnce(&DeskStore) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        Ok(done.map_err(Problem::ours)??)
    }

    /// Does something that takes a while, on a thread that may wait.
    pub(crate) async fn wait<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let desk = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&desk)).await;
        done.map_err(Problem::ours)?
    }

    /// Who looks up prints: against the titles of now, give or take some seconds. May wait.
    pub(crate) fn tracer(&self) -> Result<Arc<Tracer>, Problem> {
        let known = self.tracer.read().unwrap_or_else(PoisonError::into_inner);
        let (read, tracer) = (known.0, Arc::clone(&known.1));
        drop(known);
        if read.elapsed() < TITLES_FOR {
            return Ok(tracer);
        }
        let mut known = self.tracer.write().unwrap_or_else(PoisonError::into_inner);
        if known.0.elapsed() >= TITLES_FOR {
            let titles = self.titles()?;
            let ids =
                |titles: &[TitleRecord]| titles.iter().map(|t| t.id).collect::<Vec<TitleId>>();
            if ids(&titles) != ids(known.1.titles()) {
                let new =
                    Tracer::new(&self.vault).map_err(|error| Problem::ours(error.in_full()))?;
                known.1 = Arc::new(new);
            }
            known.0 = Instant::now();
        }
        Ok(Arc::clone(&known.1))
    }

    /// The titles on record. May wait.
    pub(crate) fn titles(&self) -> Result<Vec<TitleRecord>, Problem> {
        let titles = self.vault.register().titles();
        titles.map_err(|error| Problem::ours(full(&error)))
    }

    /// Signs a page in.
    pub(crate) fn sign_in(&self, caller: Caller) -> Result<String, Problem> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(Problem::ours)?;
        let session = bytes.map(|byte| format!("{byte:02x}")).concat();
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, (since, _)| since.elapsed() < SESSION);
        if sessions.len() >= MOST_SESSIONS {
            return Err(Problem::too_many(60));
        }
        sessions.insert(session.clone(), (Instant::now(), caller));
        Ok(session)
    }

    pub(crate) fn sign_out(&self, session: &str) {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(session);
    }

    /// Whose a session is.
    pub(crate) fn session(&self, session: &str) -> Option<Caller> {
        let sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, caller) = sessions.get(session)?;
        (since.elapsed() < SESSION).then(|| caller.clone())
    }
}
