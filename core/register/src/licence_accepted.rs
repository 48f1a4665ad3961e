//! What of a licence can be on record.

use crate::{Licence, Named, RegisterError, name};

impl Licence {
    /// The licence as it goes on record: texts in normal form C.
    ///
    /// # Errors
    /// [`RegisterError::BadName`] for a text that cannot be on record, [`RegisterError::BadWindow`] for one that ends before it
    /// begins.
    pub fn accepted(&self) -> Result<Self, RegisterError> {
        if let (Some(from), Some(until)) = (&self.from, &self.until)
            && until < from
        {
            return Err(RegisterError::BadWindow {
                from: from.clone(),
                until: until.clone(),
            });
        }
        let text = |text: &String| name::accepted(Named::Licence, text);
        let all = |texts: &[String]| texts.iter().map(text).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            contract: self.contract.as_ref().map(text).transpose()?,
            territories: all(&self.territories)?,
            from: self.from.clone(),
            until: self.until.clone(),
            uses: all(&self.uses)?,
            note: self.note.as_ref().map(text).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Day;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_window_that_ends_before_it_begins_is_refused() {
        let licence = Licence {
            from: Some(day("2026-03-02")),
            until: Some(day("2026-03-01")),
            ..Licence::default()
        };
        assert!(matches!(
            licence.accepted(),
            Err(RegisterError::BadWindow { .. })
        ));
    }
}
