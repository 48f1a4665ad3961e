//! The progress of a run: a bar at a terminal, a plain line every half minute elsewhere, and one estimate of what is left.
//!
//! ```text
//! seconds left = (C - c) (t + K / threads) / (c + K)      C, c = core seconds expected and done, t = seconds so far
//! ```
//!
//! Marking, wrong keys, rows and quality all count, each with what it costs ([`crate::cost`]); the weight `K` of the guess
//! that a core second takes a second fades as the run tells how fast it is.

use std::io::IsTerminal as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use countermark_report::visible::Visible;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::gap::Gap;
use crate::observer::Observer;
use crate::trial::{Answer, Trial};

/// The first plain line, for those who wait for a sign of life.
const FIRST: Duration = Duration::from_secs(5);

/// From one plain line to the next.
const EVERY: Duration = Duration::from_secs(30);

/// Core seconds that the guess at first weighs.
const GUESS: f64 = 60.0;

/// How far a run is.
#[derive(Debug)]
struct Standing {
    begun: Instant,
    /// Since the first task.
    working: Option<Instant>,
    trials: usize,
    trials_done: usize,
    cost: f64,
    cost_done: f64,
    threads: usize,
    now: String,
    ended: bool,
}

impl Standing {
    fn line(&self) -> String {
        let mut parts = vec![in_words(self.begun.elapsed().as_secs_f64())];
        if self.trials > 0 {
            parts.push(format!("{} of {} trials", self.trials_done, self.trials));
        }
        if let Some(left) = self.left() {
            let share = (self.cost_done / self.cost * 100.0).min(100.0);
            parts.push(format!("{share:.0} %, about {} left", in_words(left)));
        }
        if !self.now.is_empty() {
            parts.push(format!("now {}", self.now));
        }
        parts.join(", ")
    }

    fn left(&self) -> Option<f64> {
        let elapsed = self.working?.elapsed().as_secs_f64();
        Some(seconds_left(
            self.cost,
            self.cost_done,
            elapsed,
            self.threads,
        ))
    }
}

/// See the module.
fn seconds_left(all: f64, done: f64, elapsed: f64, threads: usize) -> f64 {
    let guess = GUESS / threads.max(1) as f64;
    (all - done).max(0.0) * (elapsed + guess) / (done + GUESS)
}

/// A length of time, coarser the longer it is.
fn in_words(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min", (whole + 30) / 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[derive(Debug)]
struct Shared {
    standing: Mutex<Standing>,
    ended: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a run says of itself on stderr; nothing when nobody wants it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
    shared: Arc<Shared>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// A bar at a terminal, lines elsewhere, nothing when `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        let is_terminal = std::io::stderr().is_terminal();
        if quiet || !is_terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{bar:30} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let shared = Arc::new(Shared {
            standing: Mutex::new(Standing {
                begun: Instant::now(),
                working: None,
                trials: 0,
                trials_done: 0,
                cost: 0.0,
                cost_done: 0.0,
                threads: 1,
                now: "looking at the clips".to_owned(),
                ended: false,
            }),
            ended: Condvar::new(),
        });
        let ticker = (!quiet && !is_terminal).then(|| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || tick(&shared))
        });
        Self {
            bar,
            quiet,
            shared,
            ticker,
        }
    }

    /// So many things are to be done.
    pub fn expect(&self, count: usize) {
        self.shared.lock().trials = count;
        self.bar.set_length(count as u64);
    }

    /// One thing more is done.
    pub fn step(&self) {
        self.shared.lock().trials_done += 1;
        self.bar.inc(1);
    }

    /// Takes the bar away; no more lines come.
    pub fn finish(&self) {
        self.shared.lock().ended = true;
        self.shared.ended.notify_all();
        self.bar.finish_and_clear();
    }

    fn show(&self, standing: &Standing) {
        if !self.bar.is_hidden() {
            self.bar.set_message(standing.line());
        }
    }

    fn say(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| print(text));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
        if let Some(ticker) = self.ticker.take() {
            // A thread that panicked has nothing more to say.
            drop(ticker.join());
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the binary's one place for notes while a run goes on"
)]
fn print(text: &str) {
    eprintln!("{}", Visible(text.to_owned()));
}

/// Plain lines until the run ends.
fn tick(shared: &Shared) {
    let mut wait = FIRST;
    let mut standing = shared.lock();
    loop {
        let due = Instant::now() + wait;
        while !standing.ended {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let (next, _) = shared
                .ended
                .wait_timeout(standing, left)
                .unwrap_or_else(PoisonError::into_inner);
            standing = next;
        }
        if standing.ended {
            return;
        }
        print(&standing.line());
        wait = EVERY;
    }
}

impl Observer for Progress {
    fn discarded(&self, what: &str) {
        self.say(&format!("measured anew, {what}"));
    }

    fn planned(&self, new: usize, all: usize) {
        self.say(&format!("{new} of {all} trials are new"));
        self.expect(new);
    }

    fn missing(&self, gap: &Gap) {
        self.say(&gap.line());
    }

    fn note(&self, text: &str) {
        self.say(text);
    }

    fn expected(&self, cost: f64, threads: usize) {
        let mut standing = self.shared.lock();
        (standing.cost, standing.threads) = (cost, threads);
        standing.working = Some(Instant::now());
        self.bar.set_length(cost.ceil() as u64);
        self.bar.set_position(0);
    }

    fn spent(&self, cost: f64) {
        let mut standing = self.shared.lock();
        standing.cost_done += cost;
        self.bar.set_position(standing.cost_done as u64);
        self.show(&standing);
    }

    fn doing(&self, clip: &str, what: &str) {
        let mut standing = self.shared.lock();
        standing.now = format!("{clip}: {what}");
        self.show(&standing);
    }

    fn done(&self, trial: &Trial) {
        self.shared.lock().trials_done += 1;
        if trial.answer != Answer::Exact {
            let word = match trial.answer {
                Answer::Wrong => "WRONG",
                Answer::Part => "in part",
                _ => "none",
            };
            if let Some(failure) = &trial.measures.failure {
                self.say(&format!(
                    "{}: {} failed: {failure}",
                    trial.clip, trial.attack
                ));
                return;
            }
            let score = trial.log10_p.map_or("-".to_owned(), |p| format!("{p:.1}"));
            self.say(&format!(
                "{}: {} {word}, log10 p {score}",
                trial.clip, trial.attack
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_begins_with_the_guess_and_ends_with_the_run() {
        // Two threads, a run that takes twice as long as was guessed: from 300 s at first to 2 x what is left.
        assert!((seconds_left(600.0, 0.0, 0.0, 2) - 300.0).abs() < 1e-9);
        let late = seconds_left(6000.0, 5400.0, 5400.0, 2);
        assert!((late - 600.0).abs() < 10.0, "{late}");
        assert!(seconds_left(600.0, 600.0, 500.0, 2).abs() < 1e-9);
        // No jumps: what is left never grows while work is done as fast as was guessed.
        let mut last = f64::INFINITY;
        for done in 0..600 {
            let left = seconds_left(600.0, f64::from(done), f64::from(done) * 0.5, 2);
            assert!(left <= last, "{done}: {left} after {last}");
            last = left;
        }
    }

    #[test]
    fn a_line_names_trials_share_time_and_clip() {
        let progress = Progress::new(true);
        progress.planned(116, 124);
        progress.expected(600.0, 2);
        progress.spent(150.0);
        progress.doing("landscape", "trace rotate-5");
        let line = progress.shared.lock().line();
        assert!(
            line.contains("0 of 116 trials, 25 %, about ")
                && line.ends_with("left, now landscape: trace rotate-5"),
            "{line}"
        );
    }

    #[test]
    fn time_is_told_in_words() {
        let told = [7.2, 59.6, 300.0, 7_500.0].map(in_words);
        assert_eq!(told, ["7 s", "1 min", "5 min", "2 h 05 min"]);
    }
}
