//! Stage, frames done, frames a second, time left: at a terminal only, a spinner while the length is unknown.
//!
//! Work of several parts, whose number is not known beforehand, has one bar that only moves ahead: each part is given a share of what
//! is left.
//!
//! ```text
//! done = before + (1 - before) share x,    x = steps done of the part by its steps in all
//! ```

mod batch;
mod clip;
mod mastering;

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use countermark_report::visible::Visible;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::Printer;

pub use batch::BatchProgress;
pub use clip::ClipProgress;
pub use mastering::{MasteringProgress, settle, warn_of_alike, warn_of_lost};

/// Draws the stages of one job, or passes them on as notes.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    job: String,
    bar: Mutex<Option<ProgressBar>>,
    /// The part under way, of work that has parts.
    part: Option<Mutex<Part>>,
    /// Warnings already shown: a file is read several times, and complained of once.
    warned: Mutex<BTreeSet<String>>,
}

impl Progress {
    /// Progress of `job`, such as a file's name.
    #[must_use]
    pub fn new(printer: Printer, job: String) -> Self {
        Self {
            printer,
            job: Visible(job).to_string(),
            bar: Mutex::new(None),
            part: None,
            warned: Mutex::default(),
        }
    }

    /// Progress of a job of several parts, which may be one of several jobs.
    #[must_use]
    pub fn of_parts(printer: Printer, job: String, number: Option<(usize, usize)>) -> Self {
        let job = match number {
            Some((number, all)) => format!("{number} of {all}: {job}"),
            None => job,
        };
        let mut progress = Self::new(printer, job);
        progress.part = Some(Mutex::default());
        progress
    }

    /// A part of the job begins, which usually has this share of what is left to do.
    pub fn part(&self, name: &str, share: f64, steps: Option<u64>) {
        let what = format!("{}: {name}", self.job);
        let Some(part) = &self.part else {
            return self.show(what, steps);
        };
        self.printer.detail(&what);
        let position = lock(part).next(share, steps);
        if !self.printer.draws_progress() {
            return;
        }
        let mut bar = self.bar();
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(UNITS);
            bar.set_style(style_of_parts());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(Visible(what).to_string());
        bar.set_position(position);
    }

    /// The job itself begins, without stages: `frames` when their number is known.
    pub fn begin(&self, frames: Option<u64>) {
        self.show(self.job.clone(), frames);
    }

    /// A stage of the job begins.
    pub fn stage(&self, name: &str, frames: Option<u64>) {
        self.show(format!("{}: {name}", self.job), frames);
    }

    fn show(&self, what: String, frames: Option<u64>) {
        self.finish();
        self.printer.detail(&what);
        if self.printer.draws_progress() {
            let bar = frames.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
            bar.set_style(style(frames.is_some()));
            bar.set_message(Visible(what).to_string());
            bar.enable_steady_tick(Duration::from_millis(120));
            *self.bar() = Some(bar);
        }
    }

    /// So many frames of the stage are done, counted from its start.
    pub fn frames_done(&self, done: u64) {
        if let (Some(part), Some(bar)) = (&self.part, &*self.bar()) {
            bar.set_position(lock(part).done(done));
        } else if let Some(bar) = &*self.bar() {
            // A container's count is an estimate.
            if bar.length().is_some_and(|length| done > length) {
                bar.set_length(done);
            }
            bar.set_position(done);
        }
    }

    /// A warning about the job, once.
    pub fn warn(&self, text: &str) {
        if !lock(&self.warned).insert(text.to_owned()) {
            return;
        }
        let say = || self.printer.warning(&format!("{}: {text}", self.job));
        match &*self.bar() {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Clears what was drawn.
    pub fn finish(&self) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        lock(&self.bar)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Units of a bar over several parts.
const UNITS: u64 = 1000;

/// The part under way: what was done before it, its share, and its steps.
#[derive(Debug, Default)]
struct Part {
    before: f64,
    share: f64,
    steps: Option<u64>,
    at: f64,
}

impl Part {
    fn next(&mut self, share: f64, steps: Option<u64>) -> u64 {
        // What was not reached of the part before is passed over.
        let end = self.before + (1.0 - self.before) * self.share;
        let reached = if self.steps.is_some() {
            end
        } else {
            self.at.max(self.before)
        };
        *self = Self {
            before: reached.max(self.at),
            share,
            steps,
            at: reached.max(self.at),
        };
        self.units()
    }

    fn done(&mut self, done: u64) -> u64 {
        if let Some(steps) = self.steps.filter(|&steps| steps > 0) {
            let share = (done as f64 / steps as f64).min(1.0);
            let at = self.before + (1.0 - self.before) * self.share * share;
            self.at = self.at.max(at);
        }
        self.units()
    }

    fn units(&self) -> u64 {
        (self.at * UNITS as f64).round() as u64
    }
}

fn style_of_parts() -> ProgressStyle {
    const EARLY: f64 = 0.05;
    ProgressStyle::with_template("{msg} [{bar:30}] {percent}%, {elapsed}{left}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "left",
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                let done = state.fraction();
                // Before, it would be a guess.
                if f64::from(done) > EARLY {
                    let left = state.elapsed().as_secs_f64() * (1.0 / f64::from(done) - 1.0);
                    let _ = write!(text, ", about {left:.0} s left");
                }
            },
        )
        .progress_chars("=> ")
}

/// A panic elsewhere harms neither a bar nor a set of texts.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn style(length_known: bool) -> ProgressStyle {
    let template = if length_known {
        "{msg} [{bar:30}] {human_pos}/{human_len} frames, {fps}, {eta} left"
    } else {
        "{spinner} {msg} {human_pos} frames, {fps}, {elapsed}"
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key(
            "fps",
            |state: &ProgressState, text: &mut dyn std::fmt::Write| {
                // A failed write leaves the field blank.
                let _ = write!(text, "{:.1} fps", state.per_sec());
            },
        )
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_of_parts_only_moves_ahead_and_never_claims_the_end() {
        let mut part = Part::default();
        let mut last = 0;
        for (share, steps) in [
            (0.3, Some(100)),
            (0.1, None),
            (0.4, Some(10)),
            (0.3, Some(100)),
            (0.9, Some(5)),
        ] {
            let begun = part.next(share, steps);
            assert!(begun >= last, "{begun} after {last}");
            last = begun;
            for done in 0..=steps.unwrap_or(3) {
                let at = part.done(done);
                assert!((last..UNITS).contains(&at), "{at} after {last}");
                last = at;
            }
        }
        assert!(last > 900, "{last}");
        // More than was announced is the end of the part, no more.
        assert_eq!(part.done(50), last);
    }
}
