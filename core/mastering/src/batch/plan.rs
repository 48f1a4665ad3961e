//! Plans: which master goes to whom, as what, under which licence.
//!
//! ```text
//! CSV    master,title,distributor,output[,preset,licensee,contract,territories,from,until,uses,note,strength,crf,speed]
//! TOML   [defaults] and [[row]] tables with the same fields; lists may be lists
//! ```
//!
//! A `master` may be a pattern (`*`, `?`, `[a-z]`): one row becomes one for each file. `distributor` may name several, divided by
//! `;`: one for each. In `title` and `output` stand `{stem}` (the master's name without its extension), `{distributor}`, `{contract}`,
//! `{row}`, and in `output` also `{title}`. A row without a title has `{stem}`. Relative paths start at the plan's folder.
//!
//! # Shapes and units
//! Days are `YYYY-MM-DD`; `strength` is 1 unless said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countermark_register::{Day, Licence};

use super::fault::{PlanError, Problem, RowFault};
use super::pattern;
use crate::{EncodeChoice, Presets, Rate, Strength};

/// Fields of a row.
const FIELDS: [&str; 15] = [
    "master",
    "title",
    "distributor",
    "output",
    "preset",
    "licensee",
    "contract",
    "territories",
    "from",
    "until",
    "uses",
    "note",
    "strength",
    "crf",
    "speed",
];
/// Those that every row needs.
const NEEDED: [&str; 3] = ["master", "distributor", "output"];

/// What a row orders.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Number of the row in the plan, from 1.
    pub number: usize,
    /// The master.
    pub master: PathBuf,
    /// Name of the title.
    pub title: String,
    /// Name of the distributor.
    pub distributor: String,
    /// The copy.
    pub output: PathBuf,
    /// Free text for the register.
    pub licensee: Option<String>,
    /// What the copy may be used for.
    pub licence: Licence,
    /// Strength of the mark.
    pub strength: Strength,
    /// How to encode it.
    pub encode: EncodeChoice,
}

/// A plan that was read.
#[derive(Debug, Default)]
pub struct Plan {
    /// What it orders, in its order.
    pub rows: Vec<Row>,
    /// Rows that cannot be understood.
    pub problems: Vec<Problem>,
}

type Fields = BTreeMap<String, String>;

impl Plan {
    /// Reads the plan at `path`: TOML where its name ends so, else CSV.
    ///
    /// # Errors
    /// [`PlanError`] when it is no plan. Rows that are not understood are [`Plan::problems`].
    pub fn read(path: &Path, presets: &Presets) -> Result<Self, PlanError> {
        let text = fs::read_to_string(path).map_err(|source| PlanError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        let is_toml = path.extension().is_some_and(|kind| kind == "toml");
        let lines = if is_toml {
            of_toml(path, &text)?
        } else {
            of_csv(path, &text)?
        };
        if lines.is_empty() {
            return Err(PlanError::Empty {
                path: path.to_owned(),
            });
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut plan = Self::default();
        for (number, fields) in (1..).zip(&lines) {
            if let Err(fault) = plan.add(number, fields, folder, presets) {
                let about = [fields.get("title"), fields.get("master")];
                plan.problems.push(Problem {
                    row: number,
                    about: about
                        .into_iter()
                        .flatten()
                        .next()
                        .cloned()
                        .unwrap_or_default(),
                    fault,
                });
            }
        }
        Ok(plan)
    }

    /// Adds what one line orders: a row for each file and each distributor.
    fn add(
        &mut self,
        number: usize,
        fields: &Fields,
        folder: &Path,
        presets: &Presets,
    ) -> Result<(), RowFault> {
        let text = |field: &str| {
            fields
                .get(field)
                .map(|it| it.trim())
                .filter(|it| !it.is_empty())
        };
        let needed = |field: &'static str| text(field).ok_or(RowFault::Missing { field });
        let pattern = folder.join(needed("master")?);
        let masters = if pattern::is_pattern(pattern.as_os_str().as_encoded_bytes()) {
            let found = pattern::matching(&pattern);
            if found.is_empty() {
                return Err(RowFault::NoMatch { pattern });
            }
            found
        } else {
            vec![pattern]
        };
        let licence = licence_of(&text)?;
        let encode = EncodeChoice {
            named: text("preset")
                .map(|name| presets.named(name).cloned())
                .transpose()?,
            rate: number_of(&text, "crf", "0 to 51", |crf| (0.0..=51.0).contains(&crf))?
                .map(Rate::Crf),
            preset: text("speed").map(str::to_owned),
            ..EncodeChoice::default()
        };
        let wanted = "a number above 0";
        let strength = match number_of(&text, "strength", wanted, |it| it > 0.0)? {
            None => Strength::DEFAULT,
            Some(value) => Strength::new(value).map_err(|_| RowFault::Value {
                field: "strength",
                wanted: "at most 4",
                value: value.to_string(),
            })?,
        };
        let distributors = list(needed("distributor")?);
        let output = needed("output")?;
        for master in masters {
            let stem = master.file_stem().unwrap_or_default().to_string_lossy();
            for distributor in &distributors {
                let mut names = vec![
                    ("stem", stem.to_string()),
                    ("distributor", distributor.clone()),
                    ("contract", licence.contract.clone().unwrap_or_default()),
                    ("row", number.to_string()),
                ];
                let title = filled("title", text("title").unwrap_or("{stem}"), &names, false)?;
                names.push(("title", title.clone()));
                self.rows.push(Row {
                    number,
                    master: master.clone(),
                    output: folder.join(filled("output", output, &names, true)?),
                    title,
                    distributor: distributor.clone(),
                    licensee: text("licensee").map(str::to_owned),
                    licence: licence.clone(),
                    strength,
                    encode: encode.clone(),
                });
            }
        }
        Ok(())
    }
}

fn licence_of<'a>(text: &impl Fn(&str) -> Option<&'a str>) -> Result<Licence, RowFault> {
    let day = |field: &'static str| {
        text(field)
            .map(|value| {
                Day::parse(value).ok_or_else(|| RowFault::Value {
                    field,
                    wanted: "a day as YYYY-MM-DD",
                    value: value.to_owned(),
                })
            })
            .transpose()
    };
    let licence = Licence {
        contract: text("contract").map(str::to_owned),
        territories: text("territories").map(list).unwrap_or_default(),
        from: day("from")?,
        until: day("until")?,
        uses: text("uses").map(list).unwrap_or_default(),
        note: text("note").map(str::to_owned),
    };
    licence.accepted().map_err(RowFault::Licence)
}

fn number_of<'a>(
    text: &impl Fn(&str) -> Option<&'a str>,
    field: &'static str,
    wanted: &'static str,
    is_good: impl Fn(f32) -> bool,
) -> Result<Option<f32>, RowFault> {
    let Some(value) = text(field) else {
        return Ok(None);
    };
    let parsed = value.parse().ok().filter(|it| is_good(*it));
    parsed.map(Some).ok_or_else(|| RowFault::Value {
        field,
        wanted,
        value: value.to_owned(),
    })
}

/// Names divided by `;`.
fn list(text: &str) -> Vec<String> {
    let parts = text.split(';').map(str::trim);
    parts
        .filter(|it| !it.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The text with its placeholders filled in. In a path, names do not make folders.
fn filled(
    field: &'static str,
    text: &str,
    names: &[(&str, String)],
    is_path: bool,
) -> Result<String, RowFault> {
    let mut rest = text;
    let mut done = String::new();
    while let Some((before, after)) = rest.split_once('{') {
        done.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = names.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        let Some((value, after)) = known else {
            return Err(RowFault::Value {
                field,
                wanted: "a text with {stem}, {title}, {distributor}, {contract} or {row}",
                value: text.to_owned(),
            });
        };
        if is_path {
            done.extend(
                value
                    .chars()
                    .map(|c| if c == '/' || c.is_control() { '_' } else { c }),
            );
        } else {
            done.push_str(value);
        }
        rest = after;
    }
    Ok(done + rest)
}

fn of_csv(path: &Path, text: &str) -> Result<Vec<Fields>, PlanError> {
    let not_understood = |error: csv::Error| PlanError::NotUnderstood {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let head = reader.headers().map_err(not_understood)?.clone();
    for column in &head {
        known_column(path, column)?;
    }
    for column in NEEDED {
        if !head.iter().any(|known| known == column) {
            return Err(PlanError::NoColumn {
                path: path.to_owned(),
                column,
            });
        }
    }
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_understood)?;
        let fields = head.iter().zip(&record);
        lines.push(
            fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        );
    }
    Ok(lines)
}

fn of_toml(path: &Path, text: &str) -> Result<Vec<Fields>, PlanError> {
    let not_understood = |reason: String| PlanError::NotUnderstood {
        path: path.to_owned(),
        reason,
    };
    let table: toml::Table =
        toml::from_str(text).map_err(|error| not_understood(error.message().to_owned()))?;
    for name in table.keys() {
        if name != "defaults" && name != "row" {
            return Err(not_understood(format!(
                "it has a table {name:?}; known are defaults and row"
            )));
        }
    }
    let fields_of = |value: &toml::Value| -> Result<Fields, PlanError> {
        let own = value
            .as_table()
            .ok_or_else(|| not_understood("rows and defaults are tables".to_owned()))?;
        own.iter()
            .map(|(name, value)| {
                known_column(path, name)?;
                Ok((name.clone(), plain(value)))
            })
            .collect()
    };
    let defaults = table
        .get("defaults")
        .map(fields_of)
        .transpose()?
        .unwrap_or_default();
    let rows = table.get("row").and_then(toml::Value::as_array);
    rows.into_iter()
        .flatten()
        .map(|row| {
            let mut fields = defaults.clone();
            fields.extend(fields_of(row)?);
            Ok(fields)
        })
        .collect()
}

/// A value as a CSV file would have it.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

fn known_column(path: &Path, column: &str) -> Result<(), PlanError> {
    if FIELDS.contains(&column) {
        return Ok(());
    }
    Err(PlanError::UnknownColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        known: FIELDS.join(", "),
    })
}

#[cfg(test)]
mod tests;
