//! A suite as another system is asked it: the same attacks on the same clips, without our floors. Floors of a suite that names its system
//! itself are that system's.

use std::path::Path;

use super::{DetectorPath, Row, Suite};
use crate::system::{System, SystemError};

/// Under which name the texts of a suite hold the description of a system that was named beside it.
const SYSTEM_TEXT: &str = "[system]";

impl Suite {
    /// Asks the system whose description is among the texts that the suite was made from.
    ///
    /// # Errors
    /// When that is none.
    pub fn ask_again(&mut self, texts: &[(String, String)]) -> Result<(), SystemError> {
        let beside = texts.iter().find(|(name, _)| name == SYSTEM_TEXT);
        match (beside, self.system.take()) {
            (Some((_, text)), _) => self.ask(System::parse(text, Path::new(SYSTEM_TEXT))?, text),
            (None, Some(system)) => self.ask(system, ""),
            (None, None) => {}
        }
        Ok(())
    }

    /// Asks `system`, whose description is `text`, instead of the built-in one: every attack of the suite by each way that it
    /// has, nothing of what only the built-in one can be asked. Without a `text` the system is the suite's own, and so are the floors.
    pub fn ask(&mut self, system: System, text: &str) {
        let is_own = text.is_empty();
        let mut rows: Vec<Row> = Vec::new();
        for row in self
            .rows
            .iter()
            .filter(|row| row.path != DetectorPath::Identify)
        {
            for path in paths(&system) {
                let is_new = |other: &Row| other.attack != row.attack || other.path != *path;
                if !rows.iter().all(is_new) {
                    continue;
                }
                let floored = self
                    .rows
                    .iter()
                    .find(|other| is_own && other.attack == row.attack && other.path == *path);
                rows.push(Row {
                    path: *path,
                    min_rate: floored.and_then(|own| own.min_rate),
                    min_any_rate: floored.and_then(|own| own.min_any_rate),
                    min_fragment_rate: floored.and_then(|own| own.min_fragment_rate),
                    ..row.clone()
                });
            }
        }
        self.rows = rows;
        self.null = None;
        // Floors of quality are ours; what is measured is not.
        if let Some(quality) = self.quality.as_mut().filter(|_| !is_own) {
            quality.min_psnr_y_db = 0.0;
            quality.min_vmaf_mean = None;
            quality.min_vmaf_p1 = None;
            quality.max_flat_contrast_percent = None;
            quality.max_black_lift_codes = None;
            quality.max_strays = None;
        }
        if !is_own {
            self.texts.push((SYSTEM_TEXT.to_owned(), text.to_owned()));
        }
        self.system = Some(system);
    }
}

/// How a system can be asked.
fn paths(system: &System) -> &'static [DetectorPath] {
    match system.trace {
        Some(_) => &[DetectorPath::Read, DetectorPath::Trace],
        None => &[DetectorPath::Read],
    }
}
