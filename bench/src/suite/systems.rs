//! A suite as another system is asked it: the same attacks on the same clips, without our floors.

use super::{DetectorPath, Row, Suite};
use crate::system::System;

impl Suite {
    /// Asks `system`, whose description is `text`, instead of the built-in one: every attack of the suite by each way that it
    /// has, nothing of what only the built-in one can be asked.
    pub fn ask(&mut self, system: System, text: &str) {
        let mut rows: Vec<Row> = Vec::new();
        for row in self.rows.iter().filter(|row| row.path != DetectorPath::Identify) {
            for path in system.paths() {
                let is_new = |other: &Row| other.attack != row.attack || other.path != *path;
                if rows.iter().all(is_new) {
                    rows.push(Row {
                        path: *path,
                        min_rate: None,
                        min_any_rate: None,
                        min_fragment_rate: None,
                        ..row.clone()
                    });
                }
            }
        }
        self.rows = rows;
        self.null = None;
        if let Some(catalogue) = &mut self.catalogue {
            catalogue.same.clear();
        }
        // Floors of quality are ours; what is measured is not.
        if let Some(quality) = &mut self.quality {
            quality.min_psnr_y_db = 0.0;
            quality.min_vmaf_mean = None;
            quality.min_vmaf_p1 = None;
        }
        self.text.push_str(text);
        self.system = Some(system);
    }
}
