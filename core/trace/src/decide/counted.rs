//! What was tried of a clip, as an answer says it: each title once, in whatever ways the clip was played.

use countermark_register::TitleId;

use crate::decide::suspects::Suspects;

/// What was tried so far.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    titles: Vec<TitleId>,
    pub(crate) keys: u64,
    pub(crate) deliveries: u64,
    /// The most of a title.
    pub(crate) geometries: u64,
}

impl Counted {
    /// Takes note of a title; whether it is a new one.
    pub(crate) fn begin(&mut self, title: TitleId) -> bool {
        let is_new = !self.titles.contains(&title);
        if is_new {
            self.titles.push(title);
        }
        is_new
    }

    /// Takes note of keys and deliveries, unless they are known, and of so many ways to look at the clip.
    pub(crate) fn note(&mut self, suspects: Option<&Suspects>, views: u64) {
        self.keys += suspects.map_or(0, |suspects| suspects.keys.len() as u64);
        self.deliveries += suspects.map_or(0, |suspects| suspects.deliveries.len() as u64);
        self.geometries = self.geometries.max(views);
    }

    /// Titles so far.
    pub(crate) fn titles(&self) -> u64 {
        self.titles.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_tried_twice_is_one() {
        let mut counted = Counted::default();
        let id = |digit: &str| TitleId::parse(&digit.repeat(32)).expect("an identifier");
        let (one, other) = (id("1"), id("2"));
        assert!(counted.begin(one) && counted.begin(other) && !counted.begin(one));
        counted.note(None, 3);
        counted.note(None, 2);
        assert_eq!(
            (counted.titles(), counted.keys, counted.geometries),
            (2, 0, 3)
        );
    }
}
