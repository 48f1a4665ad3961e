//! What a batch came to: a table for the screen, CSV, JSON and JUnit, a line for each row of the plan.
//!
//! ```text
//! RowReport, .. -> Batch -> Display: table and count    to_json    to_csv    to_junit: a suite for each title, a case for each copy
//! ```
//!
//! # Shapes and units
//! PSNR in dB over luma; scores have no unit; `seconds` from the beginning of a row's master to the row's end.

use std::path::Path;
use std::{fmt, fs};

use countermark_mastering::batch::{Problem, RowReport, RowState};
use serde_json::{Value, json};

use crate::json::rounded;
use crate::visible::Visible;
use crate::{Case, JunitHead, Outcome, ReportError, csv, junit};

/// A row that is not a row: why the plan's line was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Number of the row in the plan.
    pub row: usize,
    /// What it says it is about.
    pub about: String,
    /// Why it cannot be made, and the remedy.
    pub why: String,
}

impl Unread {
    /// Of a problem, in these words.
    #[must_use]
    pub fn of(problem: &Problem, why: String) -> Self {
        Self {
            row: problem.row,
            about: problem.about.clone(),
            why,
        }
    }
}

/// A batch that ended.
#[derive(Debug)]
pub struct Batch {
    /// The plan's name.
    pub plan: String,
    /// When it was begun, RFC 3339.
    pub begun: String,
    /// A report for each row.
    pub rows: Vec<RowReport>,
    /// Lines of the plan that are no rows.
    pub unread: Vec<Unread>,
    /// Time it took.
    pub seconds: f64,
    /// Nothing was made: the plan was looked at alone.
    pub is_dry: bool,
}

const HEAD: [&str; 18] = [
    "row",
    "state",
    "title",
    "distributor",
    "output",
    "delivery",
    "payload",
    "sha256",
    "frames",
    "psnr_y_db",
    "written_psnr_y_db",
    "score",
    "seconds",
    "licensee",
    "contract",
    "from",
    "until",
    "why",
];

impl Batch {
    /// How many rows are in a state.
    #[must_use]
    pub fn count(&self, state: RowState) -> usize {
        self.rows.iter().filter(|row| row.state == state).count()
    }

    /// Whether every row is made.
    #[must_use]
    pub fn holds(&self) -> bool {
        let done = |row: &RowReport| matches!(row.state, RowState::Made | RowState::Before);
        self.unread.is_empty()
            && (self.is_dry || self.rows.iter().all(done))
            && self.count(RowState::Failed) == 0
    }

    /// The body of its JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let number = |value: Option<f64>, digits| value.map(|value| rounded(value, digits));
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|report| {
                let row = &report.row;
                json!({
                    "row": row.number,
                    "state": report.state.as_str(),
                    "title": row.title,
                    "distributor": row.distributor,
                    "licensee": row.licensee,
                    "licence": row.licence,
                    "output": row.output.display().to_string(),
                    "delivery": report.delivery.map(|id| id.to_string()),
                    "payload": report.payload.map(|payload| payload.to_string()),
                    "output_sha256": report.sha256.map(|hash| hash.to_string()),
                    "frames": report.frames,
                    "psnr_y_db": number(report.psnr_y_db, 2),
                    "written_psnr_y_db": number(report.written_psnr_y_db, 2),
                    "score": number(report.score, 1),
                    "seconds": rounded(report.seconds, 3),
                    "why": report.why,
                })
            })
            .collect();
        let unread = self.unread.iter();
        json!({
            "plan": self.plan,
            "begun": self.begun,
            "dry_run": self.is_dry,
            "rows": rows,
            "unread": unread
                .map(|it| json!({"row": it.row, "about": it.about, "why": it.why}))
                .collect::<Vec<_>>(),
            "made": self.count(RowState::Made),
            "done_before": self.count(RowState::Before),
            "failed": self.count(RowState::Failed) + self.unread.len(),
            "not_begun": self.count(RowState::NotBegun) + self.count(RowState::ToDo),
            "seconds": rounded(self.seconds, 3),
        })
    }

    /// The same for a spreadsheet.
    ///
    /// # Errors
    /// None that a table in memory can have.
    pub fn to_csv(&self) -> Result<String, ReportError> {
        let number =
            |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
        let rows = self.rows.iter().map(|report| {
            let (row, licence) = (&report.row, &report.row.licence);
            [
                row.number.to_string(),
                report.state.as_str().to_owned(),
                row.title.clone(),
                row.distributor.clone(),
                row.output.display().to_string(),
                text(report.delivery),
                text(report.payload),
                text(report.sha256),
                text(report.frames),
                number(report.psnr_y_db),
                number(report.written_psnr_y_db),
                number(report.score),
                format!("{:.1}", report.seconds),
                row.licensee.clone().unwrap_or_default(),
                licence.contract.clone().unwrap_or_default(),
                text(licence.from.as_ref()),
                text(licence.until.as_ref()),
                report.why.clone().unwrap_or_default(),
            ]
        });
        let unread = self.unread.iter().map(|it| {
            let mut cells = std::array::from_fn(|_| String::new());
            cells[0] = it.row.to_string();
            "failed".clone_into(&mut cells[1]);
            cells[2].clone_from(&it.about);
            cells[HEAD.len() - 1].clone_from(&it.why);
            cells
        });
        csv::table(HEAD, rows.chain(unread))
    }

    /// The same for machines that watch builds.
    ///
    /// # Errors
    /// None that a file in memory can have.
    pub fn to_junit(&self) -> Result<String, ReportError> {
        let names: Vec<String> = self
            .rows
            .iter()
            .map(|report| format!("row {}: {}", report.row.number, report.row.distributor))
            .collect();
        let mut cases: Vec<Case<'_>> = self
            .rows
            .iter()
            .zip(&names)
            .map(|(report, name)| Case {
                group: &report.row.title,
                name,
                seconds: report.seconds,
                outcome: match (report.state, report.why.as_deref()) {
                    (RowState::Made, _) => Outcome::Held,
                    (RowState::Before, _) => Outcome::Skipped("done before"),
                    (RowState::ToDo, _) => Outcome::Skipped("to do"),
                    (RowState::NotBegun, why) => Outcome::Skipped(why.unwrap_or("not begun")),
                    (_, why) => Outcome::Failed(why.unwrap_or("failed")),
                },
            })
            .collect();
        cases.extend(self.unread.iter().map(|it| Case {
            group: "plan",
            name: &it.about,
            seconds: 0.0,
            outcome: Outcome::Failed(&it.why),
        }));
        let head = JunitHead {
            name: &self.plan,
            timestamp: Some(&self.begun),
            ..JunitHead::default()
        };
        junit(&head, &cases)
    }

    /// Writes the table and the report for machines, where they are asked for.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, csv: Option<&Path>, junit: Option<&Path>) -> Result<(), ReportError> {
        let write = |path: &Path, text: String| {
            fs::write(path, text).map_err(|source| ReportError::Write {
                path: path.to_path_buf(),
                source,
            })
        };
        if let Some(path) = csv {
            write(path, self.to_csv()?)?;
        }
        if let Some(path) = junit {
            write(path, self.to_junit()?)?;
        }
        Ok(())
    }
}

fn text<T: fmt::Display>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            "ROW",
            "STATE",
            "TITLE",
            "DISTRIBUTOR",
            "SHA-256",
            "PSNR",
            "SCORE",
            "SECONDS",
            "FILE",
        ];
        let mut rows = vec![head.map(str::to_owned)];
        let mut why: Vec<(usize, String)> = Vec::new();
        for report in &self.rows {
            let row = &report.row;
            let name = row.output.file_name().unwrap_or_default().to_string_lossy();
            let number = |value: Option<f64>, digits: usize| {
                value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
            };
            rows.push([
                row.number.to_string(),
                report.state.as_str().to_owned(),
                Visible(&row.title).to_string(),
                Visible(&row.distributor).to_string(),
                text(report.sha256).get(..12).unwrap_or("-").to_owned(),
                number(report.written_psnr_y_db.or(report.psnr_y_db), 1),
                number(report.score, 1),
                format!("{:.1}", report.seconds),
                Visible(name).to_string(),
            ]);
            if let Some(reason) = &report.why {
                let text = format!("{} for {}: {reason}", row.title, row.distributor);
                why.push((row.number, text));
            }
        }
        why.extend(
            self.unread
                .iter()
                .map(|it| (it.row, format!("{}: {}", it.about, it.why))),
        );
        why.sort();
        let mut widths = [0; 9];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &rows {
            let [cells @ .., last] = row;
            for (cell, width) in cells.iter().zip(widths) {
                write!(f, "{cell:width$}  ")?;
            }
            writeln!(f, "{last}")?;
        }
        for (row, why) in why {
            writeln!(f, "row {row}: {}", Visible(why))?;
        }
        let failed = self.count(RowState::Failed) + self.unread.len();
        if self.is_dry {
            return write!(
                f,
                "{} to do, {} done before, {failed} cannot be made",
                self.count(RowState::ToDo),
                self.count(RowState::Before)
            );
        }
        write!(
            f,
            "{} made, {} done before, {failed} failed, {} not begun, in {:.1} s",
            self.count(RowState::Made),
            self.count(RowState::Before),
            self.count(RowState::NotBegun),
            self.seconds
        )
    }
}
