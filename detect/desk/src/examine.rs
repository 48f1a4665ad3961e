//! The examination of one clip in a process of its own.
//!
//! ```text
//! standard input:  one line {"kind","vault","clip","name","title","keep","acquired"}, then nothing until the end of the file: that ends
//!                  the examination
//! standard output: lines {"stage","total"} | {"done"} | {"note"} | {"result"} once it is known, then {"bundle"} and {"kept"}; or {"error"}
//! folder `keep`:   what is kept beside the result: the bundle is whole before {"bundle"}, all of it before {"kept"}
//! ```
//!
//! Nothing is in the arguments, where others could read it. Whatever a hostile file does to the decoder, it does it to this process,
//! which has limits on memory and time and ends with its server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use countermark_catalogue::Vault;
use countermark_register::passphrase::{self, Passphrase};
use countermark_register::{ReadKeyFile, TitleId};
use countermark_report::{Answer, Audience, Examined, examine};
use countermark_trace::exhibits::Exhibits;
use countermark_trace::observer::{Note, Observer, Stage};
use countermark_trace::result::{ClipReport, Identification};
use countermark_trace::{Reader, Request, TraceError, Tracer};
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

mod keep;

pub(crate) use keep::BUNDLE;

/// Bytes of memory, address space together with mapped files.
const MOST_MEMORY: u64 = 24 << 30;
/// Seconds of processor time.
const MOST_SECONDS: u64 = 4 * 3600;
/// Milliseconds between two lines of progress.
const QUIET: u64 = 100;

/// What is asked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Errand {
    pub(crate) kind: String,
    pub(crate) vault: PathBuf,
    pub(crate) clip: PathBuf,
    /// What the clip is called in the answer.
    pub(crate) name: String,
    pub(crate) title: Option<String>,
    /// The passphrase of a sealed vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) passphrase: Option<String>,
    /// The folder for what is kept; it is made.
    pub(crate) keep: PathBuf,
    /// How the clip was acquired, for its bundle.
    pub(crate) acquired: Value,
}

/// Does one errand from standard input, and tells on standard output. Whether there is an answer.
#[must_use]
pub fn run() -> bool {
    let errand = first_line().and_then(|line| serde_json::from_str::<Errand>(&line).ok());
    let name = errand.as_ref().map(|errand| errand.name.clone());
    let told = Told::new(name.unwrap_or_default());
    let Some(errand) = errand else {
        told.line(&json!({"error": "no errand"}));
        return false;
    };
    if let Some(text) = &errand.passphrase {
        let known = Passphrase::new(text.clone().into());
        passphrase::ask_with(move |_| Ok(Some(known.clone())));
    }
    confine();
    let end = Arc::clone(&told.end);
    // The server's end of the pipe goes when the examination is to end, and when the server does.
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        end.store(true, Ordering::Relaxed);
    });
    match answered(&errand, &told) {
        Ok(()) => {
            told.line(&json!({"kept": true}));
            true
        }
        Err(error) => {
            told.line(&json!({"error": error}));
            false
        }
    }
}

fn first_line() -> Option<String> {
    let mut line = String::new();
    let input = std::io::stdin().lock();
    BufReader::with_capacity(1, input.take(64 * 1024))
        .read_line(&mut line)
        .ok()?;
    Some(line)
}

/// Limits of this process. One that cannot be set is no reason not to answer: the server has limits of its own.
fn confine() {
    let limits = [
        (Resource::RLIMIT_AS, MOST_MEMORY),
        (Resource::RLIMIT_CPU, MOST_SECONDS),
        (Resource::RLIMIT_CORE, 0),
    ];
    for (what, most) in limits {
        let _ = setrlimit(what, most, most);
    }
}

fn answered(errand: &Errand, told: &Told) -> Result<(), String> {
    let in_words = |error: TraceError| clean(&error.in_full(), errand);
    let vault = Vault::open(&errand.vault).map_err(|error| in_words(error.into()))?;
    let request = Request::new(&errand.clip);
    match errand.kind.as_str() {
        "identify" => {
            let tracer = Tracer::new(&vault).map_err(in_words)?;
            let titles = titles(&tracer, errand)?;
            let request = request.among(&titles).listing(5);
            let look = |observer: &dyn Observer, exhibits: Option<&mut Exhibits>| {
                tracer.identify_with_exhibits(&request, observer, exhibits)
            };
            let examined = examine(told, true, look).map_err(in_words)?;
            told_of(examined, &vault, errand, told)
        }
        "trace" => {
            let tracer = Tracer::new(&vault).map_err(in_words)?;
            let titles = titles(&tracer, errand)?;
            let request = request.among(&titles);
            let look = |observer: &dyn Observer, exhibits: Option<&mut Exhibits>| {
                tracer.trace_with_exhibits(&request, observer, exhibits)
            };
            let around = keep::Proving {
                vault: &vault,
                errand,
                told,
            };
            let examined = examine(told, true, |observer, exhibits| {
                around.traced(observer, exhibits, look)
            });
            told_of(examined.map_err(in_words)?, &vault, errand, told)
        }
        _ => {
            let keys = keys(&vault, errand).map_err(in_words)?;
            let reader = Reader::of_titles(&keys);
            let look = |observer: &dyn Observer, _: Option<&mut Exhibits>| {
                reader.read(&errand.clip, observer)
            };
            let examined = examine(told, true, look).map_err(in_words)?;
            told_of(examined, &vault, errand, told)
        }
    }
}

/// Tells an answer that nobody was told of yet, and keeps its page and frames.
fn told_of<A: Answer + Clone>(
    Examined {
        mut answer,
        exhibits,
    }: Examined<A>,
    vault: &Vault,
    errand: &Errand,
    told: &Told,
) -> Result<(), String> {
    told.answer(&answer)?;
    answer.call(&errand.name);
    if let Err(error) = keep::page(&answer, &exhibits, vault, errand) {
        let why = clean(&error, errand);
        told.line(&json!({"note": format!("no report is kept: {why}")}));
    }
    Ok(())
}

fn titles(tracer: &Tracer, errand: &Errand) -> Result<Vec<TitleId>, String> {
    let named = |name: &String| errand.title.as_ref().is_none_or(|wanted| wanted == name);
    let titles = tracer.titles().iter().filter(|title| named(&title.name));
    let titles: Vec<TitleId> = titles.map(|title| title.id).collect();
    if titles.is_empty() {
        return Err("there is no such title".to_owned());
    }
    Ok(titles)
}

fn keys(vault: &Vault, errand: &Errand) -> Result<Vec<ReadKeyFile>, TraceError> {
    let (vault, _) = vault.attested()?;
    let register = vault.register();
    let distributors = register.distributors()?;
    let titles = match &errand.title {
        Some(name) => vec![register.title_named(name)?],
        None => register.titles()?,
    };
    let of = |title| ReadKeyFile::all_of_title(register, title, &distributors);
    let keys: Result<Vec<_>, _> = titles.iter().map(of).collect();
    Ok(keys?.into_iter().flatten().collect())
}

/// A message without the places of this machine.
fn clean(message: &str, errand: &Errand) -> String {
    let message = message.replace(&errand.clip.display().to_string(), &errand.name);
    message.replace(&errand.vault.display().to_string(), "VAULT")
}

/// Tells the server.
struct Told {
    /// What the clip is called in the answer.
    name: String,
    /// The answer was told, or could not be.
    answered: Mutex<Option<Result<(), String>>>,
    end: Arc<AtomicBool>,
    begun: Instant,
    last: AtomicU64,
    out: Mutex<std::io::Stdout>,
}

impl Told {
    fn new(name: String) -> Self {
        Self {
            name,
            answered: Mutex::default(),
            end: Arc::default(),
            begun: Instant::now(),
            last: AtomicU64::new(0),
            out: Mutex::new(std::io::stdout()),
        }
    }

    fn line(&self, value: &Value) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A server that is gone ends the examination by its end of standard input.
        let _ = writeln!(out, "{value}").and_then(|()| out.flush());
    }
}

impl Told {
    /// Tells an answer, once.
    fn answer<A: Answer + Clone>(&self, answer: &A) -> Result<(), String> {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let tell = || {
            let mut answer = answer.clone();
            answer.call(&self.name);
            // Scores of those who are not accused never leave this process.
            let document = serde_json::to_value(answer.document(Audience::Outgoing));
            let result = document.map_err(|error| error.to_string())?;
            self.line(&json!({"result": result}));
            Ok(())
        };
        answered.get_or_insert_with(tell).clone()
    }
}

impl Observer for Told {
    fn traced(&self, report: &ClipReport) {
        // Whether it could be told is asked again at the end.
        let _ = self.answer(report);
    }

    fn identified(&self, identification: &Identification) {
        let _ = self.answer(identification);
    }

    fn stage(&self, stage: Stage, total: Option<u64>) {
        self.line(&json!({"stage": stage.to_string(), "total": total}));
    }

    fn progress(&self, done: u64) {
        let now = self.begun.elapsed().as_millis() as u64;
        let last = self.last.load(Ordering::Relaxed);
        let is_due = now >= last + QUIET;
        if is_due
            && self
                .last
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            self.line(&json!({"done": done}));
        }
    }

    fn note(&self, note: &Note) {
        self.line(&json!({"note": note.to_string()}));
    }

    fn is_cancelled(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }
}
