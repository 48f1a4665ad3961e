//! The progress of a run at a terminal: trials as unit, with an estimate of what is left.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::observer::Observer;
use crate::trial::{Answer, Trial};

/// A bar on stderr; hidden when that is no terminal or nobody wants it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    quiet: bool,
}

impl Progress {
    /// A bar, or none when `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} trials, {eta} left  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, quiet }
    }

    /// So many things are to be done.
    pub fn expect(&self, count: usize) {
        self.bar.set_length(count as u64);
    }

    /// One thing more is done.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    #[expect(
        clippy::print_stderr,
        reason = "the binary's one place for notes while a run goes on"
    )]
    fn note(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprintln!("{text}"));
        }
    }
}

impl Observer for Progress {
    fn discarded(&self, what: &str) {
        self.note(&format!("measured anew, {what}"));
    }

    fn planned(&self, new: usize, all: usize) {
        self.note(&format!("{new} of {all} trials are new"));
        self.bar.set_length(new as u64);
    }

    fn skipped(&self, clip: &str, reason: &str) {
        self.note(&format!("left out {clip}: {reason}"));
    }

    fn doing(&self, clip: &str, what: &str) {
        self.bar.set_message(format!("{clip}: {what}"));
    }

    fn done(&self, trial: &Trial) {
        self.bar.inc(1);
        self.bar
            .set_message(format!("{}: {}", trial.clip, trial.attack));
        if trial.answer != Answer::Exact {
            let word = match trial.answer {
                Answer::Wrong => "WRONG",
                Answer::Part => "in part",
                _ => "none",
            };
            let score = trial.log10_p.map_or("-".to_owned(), |p| format!("{p:.1}"));
            self.note(&format!(
                "{}: {} {word}, log10 p {score}",
                trial.clip, trial.attack
            ));
        }
    }
}
