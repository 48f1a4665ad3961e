//! From a name or texts to a suite: what is included, and what makes no sense.
//!
//! ```text
//! rows of a suite = rows of what it includes, in that order, then its own that are not among them
//! ```
//!
//! `include` names a built-in suite, or a file beside the one that includes it.

use std::path::Path;

use serde::Deserialize;

use super::built_in;
use super::{DetectorPath, Row, Suite, SuiteError, VERSION};
use crate::toml_fault::toml_fault;

/// Read first: a file of another version may have other fields.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// Where the texts of suites come from, by name.
type Source<'a> = dyn Fn(&str) -> Result<String, SuiteError> + 'a;

impl Suite {
    /// A built-in suite by its name, or one from a `.toml` file.
    ///
    /// # Errors
    /// [`SuiteError`].
    pub fn load(name: &str) -> Result<Self, SuiteError> {
        let mut suite = Self::resolve(name, &text_of)?;
        if let Some(system) = suite.system.take() {
            let folder = Path::new(name).parent().unwrap_or(Path::new("."));
            suite.system = Some(system.checked(folder)?);
        }
        Ok(suite)
    }

    /// The suite `name` from the texts that [`Suite::texts`] gave, without any file.
    ///
    /// # Errors
    /// [`SuiteError`].
    pub fn from_texts(name: &str, texts: &[(String, String)]) -> Result<Self, SuiteError> {
        Self::resolve(name, &|wanted| {
            let found = texts.iter().find(|(known, _)| known == wanted);
            found
                .map(|(_, text)| text.clone())
                .ok_or_else(|| unknown(wanted))
        })
    }

    fn resolve(name: &str, source: &Source<'_>) -> Result<Self, SuiteError> {
        let suite = Self::with_included(name, source, &mut Vec::new())?;
        suite.check(name)?;
        Ok(suite)
    }

    #[cfg(test)]
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, SuiteError> {
        Self::resolve(name, &|wanted| {
            if wanted == name {
                Ok(text.to_owned())
            } else {
                text_of(wanted)
            }
        })
    }

    fn with_included(
        name: &str,
        source: &Source<'_>,
        outer: &mut Vec<String>,
    ) -> Result<Self, SuiteError> {
        if outer.iter().any(|known| known == name) {
            return Err(SuiteError::Circle {
                name: name.to_owned(),
            });
        }
        let text = source(name)?;
        let malformed = |error: toml::de::Error| SuiteError::Malformed {
            name: name.to_owned(),
            fault: toml_fault(&text, &error),
        };
        let Head { version } = toml::from_str(&text).map_err(malformed)?;
        if version != VERSION {
            return Err(SuiteError::Version {
                name: name.to_owned(),
                version,
            });
        }
        let mut suite: Self = toml::from_str(&text).map_err(malformed)?;
        suite.texts.push((name.to_owned(), text));
        let own = std::mem::take(&mut suite.rows);
        outer.push(name.to_owned());
        for included in &suite.include {
            let included = Self::with_included(&beside(name, included), source, outer)?;
            for text in included.texts {
                if !suite.texts.contains(&text) {
                    suite.texts.push(text);
                }
            }
            add_new(&mut suite.rows, included.rows);
        }
        outer.pop();
        for (index, row) in own.iter().enumerate() {
            if own[..index].iter().any(|other| is_same(other, row)) {
                return Err(SuiteError::Twice {
                    name: name.to_owned(),
                    attack: row.attack.to_string(),
                });
            }
        }
        add_new(&mut suite.rows, own);
        Ok(suite)
    }

    /// Everything that can be said of a suite without a clip.
    fn check(&self, name: &str) -> Result<(), SuiteError> {
        for (field, floor) in self.floors() {
            if floor == 0.0 {
                return Err(SuiteError::NoFloor {
                    name: name.to_owned(),
                    field,
                });
            }
        }
        let rates = self.rows.iter().flat_map(Row::floors);
        let mut ranges: Vec<(&'static str, &'static str, f64, bool)> = rates
            .map(|(field, rate)| (field, "0 to 1", rate, (0.0..=1.0).contains(&rate)))
            .collect();
        let marked = self.deliveries.marked;
        ranges.push((
            "marked",
            "2 to 64",
            marked as f64,
            (2..=64).contains(&marked),
        ));
        if let Some(first) = self.clips.first_seconds {
            let within = (1.0..=36_000.0).contains(&first);
            ranges.push(("first_seconds", "1 to 36000", first, within));
        }
        if let (Some(least), Some(most)) = (self.clips.min_clips, self.clips.max_clips) {
            let within = least <= most;
            ranges.push(("min_clips", "at most max_clips", least as f64, within));
        }
        for (field, range, value, within) in ranges {
            if !within {
                return Err(SuiteError::Range {
                    name: name.to_owned(),
                    field,
                    range,
                    value,
                });
            }
        }
        self.check_truth(name)?;
        if self.rows.is_empty() && self.quality.is_none() && self.null.is_none() {
            return Err(SuiteError::Empty {
                name: name.to_owned(),
            });
        }
        Ok(())
    }

    /// All floors with their names.
    fn floors(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let quality = self.quality.iter().flat_map(|floor| {
            let all = [
                ("min_psnr_y_db", Some(floor.min_psnr_y_db)),
                ("min_vmaf_mean", floor.min_vmaf_mean),
                ("min_vmaf_p1", floor.min_vmaf_p1),
            ];
            all.into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
        });
        self.rows.iter().flat_map(Row::floors).chain(quality)
    }

    /// Every row has a right answer on every clip.
    fn check_truth(&self, name: &str) -> Result<(), SuiteError> {
        let unjudged = |what: String| SuiteError::Unjudged {
            name: name.to_owned(),
            what,
        };
        let identified = |row: &&Row| row.path == DetectorPath::Identify;
        for row in self.rows.iter().filter(identified) {
            if row
                .attack
                .source()
                .is_some_and(countermark_attack::Source::is_foreign)
            {
                return Err(unjudged(format!(
                    "identify {}: its pictures are another title's",
                    row.attack
                )));
            }
        }
        let contradiction = self.catalogue.as_ref().and_then(|all| all.contradiction());
        match contradiction {
            Some(clip) => Err(unjudged(format!(
                "{clip}: it is unknown, and yet in the register or of the same film as another"
            ))),
            None => Ok(()),
        }
    }
}

fn is_same(one: &Row, other: &Row) -> bool {
    one.attack == other.attack && one.path == other.path
}

/// Rows that are there already are not repeated.
fn add_new(rows: &mut Vec<Row>, more: Vec<Row>) {
    for row in more {
        if !rows.iter().any(|known| is_same(known, &row)) {
            rows.push(row);
        }
    }
}

fn unknown(name: &str) -> SuiteError {
    let known: Vec<&str> = built_in::names().collect();
    SuiteError::Unknown {
        known: known.join(", "),
        name: name.to_owned(),
    }
}

fn is_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|e| e == "toml")
}

/// What `included` means in the suite `name`: a built-in suite, or a file in the same folder.
fn beside(name: &str, included: &str) -> String {
    let folder = Path::new(name).parent().filter(|_| is_file(name));
    match folder {
        Some(folder) if is_file(included) => folder.join(included).to_string_lossy().into_owned(),
        _ => included.to_owned(),
    }
}

fn text_of(name: &str) -> Result<String, SuiteError> {
    if let Some(text) = built_in::text(name) {
        return Ok(text.to_owned());
    }
    if !is_file(name) {
        return Err(unknown(name));
    }
    let path = Path::new(name);
    std::fs::read_to_string(path).map_err(|source| SuiteError::Read {
        path: path.to_owned(),
        source,
    })
}
