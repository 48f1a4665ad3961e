//! What became of several clips.
//!
//! ```text
//! examined clips -> counts by verdict, and what could not be examined, by name
//! ```

use std::fmt;

use countermark_trace::result::Verdict;

use crate::visible::Visible;

/// Clips that failed and are named in the summary; the others are counted.
const NAMED: usize = 20;

/// Counts of clips.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    traced: usize,
    title_only: usize,
    not_found: usize,
    broken: Vec<(String, String)>,
}

impl Tally {
    /// A clip was examined.
    pub fn examined(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Traced => self.traced += 1,
            Verdict::TitleOnly => self.title_only += 1,
            Verdict::NotFound => self.not_found += 1,
        }
    }

    /// A clip could not be examined.
    pub fn broke(&mut self, file: &str, error: &str) {
        self.broken.push((file.to_owned(), error.to_owned()));
    }

    /// All clips.
    #[must_use]
    pub fn clips(&self) -> usize {
        self.traced + self.title_only + self.not_found + self.broken.len()
    }
}

/// One line, and one for each clip that could not be examined.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clips = self.clips();
        write!(f, "{clips} {}: ", if clips == 1 { "clip" } else { "clips" })?;
        let parts = [
            (self.traced, "traced"),
            (self.title_only, "with a title and no delivery"),
            (self.not_found, "not found"),
            (self.broken.len(), "could not be examined"),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        f.write_str(if told.is_empty() { "none" } else { "" })?;
        f.write_str(&told.join(", "))?;
        for (file, error) in self.broken.iter().take(NAMED) {
            write!(f, "\n  {}: {}", Visible(file), Visible(error))?;
        }
        match self.broken.len().checked_sub(NAMED) {
            Some(others) if others > 0 => write!(f, "\n  and {others} more"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_broken_are_named() {
        let mut tally = Tally::default();
        assert_eq!(tally.to_string(), "0 clips: none");
        tally.examined(Verdict::Traced);
        tally.examined(Verdict::NotFound);
        tally.examined(Verdict::NotFound);
        tally.broke("a\nb.mp4", "no video");
        let expected =
            "4 clips: 1 traced, 2 not found, 1 could not be examined\n  a\\nb.mp4: no video";
        assert_eq!(tally.to_string(), expected);
        for _ in 0..30 {
            tally.broke("x", "y");
        }
        assert!(tally.to_string().ends_with("and 11 more"));
    }
}
