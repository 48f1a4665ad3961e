//! One table of systems, from the trials of several runs: `results.csv` and `systems.csv` of each.
//!
//! ```text
//! runs -> entry (lines of the two files, joined by writing one behind the other)
//!      -> measure: exact, bits, TPR at a rate of false alarms, log10 bound, seconds       each with its interval
//!      -> half: the strength, and the quality left, at which half of the clips are lost
//!      -> table (Markdown), page (HTML)
//! ```
//!
//! Systems are compared on the rows that all of them were asked. A system that can be asked with a reference or a register has a
//! row with them (`trace`) and one without (`read`).
//!
//! # Shapes and units
//! Rates from 0 to 1 in memory, in percent where people read them; decibels; seconds a call.

mod entry;
mod half;
mod measure;
mod page;
mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::suite::DetectorPath;
pub use entry::{Entry, Line, SystemLine};
pub use half::{Half, HalfLost, halves};
pub use measure::{Interval, Measures, Tpr, tpr};

/// A system by one of the ways to ask it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contender {
    /// The system.
    pub system: String,
    /// How it is asked.
    pub path: DetectorPath,
}

/// All trials of all systems.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Board {
    /// Trials as they were written.
    pub entries: Vec<Entry>,
    /// Systems, a line for each clip.
    pub systems: Vec<SystemLine>,
    trials_text: String,
    systems_text: String,
}

impl Board {
    /// Reads the folders of runs, one behind the other.
    ///
    /// # Errors
    /// When a file is missing or is no such table; when two runs hold the same system's trial of the same clip and attack.
    pub fn read(folders: &[PathBuf]) -> Result<Self> {
        let (mut trials_text, mut systems_text) = (String::new(), String::new());
        for folder in folders {
            for (name, text) in [
                ("results.csv", &mut trials_text),
                ("systems.csv", &mut systems_text),
            ] {
                let file = folder.join(name);
                let read = fs::read_to_string(&file)
                    .with_context(|| format!("cannot read {}", file.display()))?;
                text.push_str(&read);
            }
        }
        let entries = entry::lines::<Line>(&trials_text, "results.csv")?;
        let systems: Vec<SystemLine> = entry::lines(&systems_text, "systems.csv")?;
        let entries: Vec<Entry> = entries
            .into_iter()
            .map(Entry::new)
            .collect::<Result<_>>()
            .context("results.csv")?;
        let mut seen = BTreeSet::new();
        for entry in &entries {
            let line = &entry.line;
            let key = (
                &line.system,
                &line.suite,
                entry.path,
                &line.clip,
                &line.attack,
            );
            ensure!(
                seen.insert(key),
                "two runs hold {}'s answer about {} after {}",
                line.system,
                line.clip,
                line.attack
            );
        }
        Ok(Self {
            entries,
            systems,
            trials_text,
            systems_text,
        })
    }

    /// Systems by their ways, those first that need least.
    #[must_use]
    pub fn contenders(&self) -> Vec<Contender> {
        let all: BTreeSet<Contender> = self
            .entries
            .iter()
            .filter(|entry| entry.path != DetectorPath::Identify)
            .map(Entry::contender)
            .collect();
        all.into_iter().collect()
    }

    /// Attacks on marked clips that every contender was asked, in the order of the first run.
    #[must_use]
    pub fn attacks(&self) -> Vec<String> {
        let contenders = self.contenders();
        let mut attacks: Vec<String> = Vec::new();
        for entry in self.entries.iter().filter(|entry| entry.is_marked()) {
            let attack = &entry.line.attack;
            let asked = |contender: &Contender| {
                let of = |other: &&Entry| {
                    other.line.attack == *attack && other.contender() == *contender
                };
                self.entries.iter().any(|other| of(&other))
            };
            if !attacks.contains(attack) && contenders.iter().all(asked) {
                attacks.push(attack.clone());
            }
        }
        attacks
    }

    /// Trials of a contender.
    pub fn of<'a>(&'a self, contender: &'a Contender) -> impl Iterator<Item = &'a Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.contender() == *contender)
    }

    /// Writes page, table and the joined files; answers the table.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<String> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let text = table::to_markdown(self);
        for (name, content) in [
            ("systems.html", &page::to_html(self)),
            ("systems.md", &text),
            ("results.csv", &self.trials_text),
            ("systems.csv", &self.systems_text),
        ] {
            let file = folder.join(name);
            fs::write(&file, content)
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(text)
    }
}

#[cfg(test)]
mod specimen;
#[cfg(test)]
mod tests;
