//! What the analyst can do about a note: the library says what is, the command adds the flag or the command that helps.

use countermark_trace::observer::Note;

/// A note and its remedy, where there is one.
#[must_use]
pub fn in_words(note: &Note) -> String {
    let remedy = match note {
        Note::NotIndexed { .. } => ": run `countermark-embed vault index`",
        Note::NotSearchedByFrame { .. } => ": name one with --title",
        Note::OnlyWholePictures { .. } => "; name the title to search for crops and the like",
        _ => "",
    };
    format!("{note}{remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_not_indexed_is_told_with_the_command_that_mends_it() {
        let note = Note::NotIndexed {
            title: "Drama".into(),
            reason: "a.seg is missing".into(),
        };
        assert_eq!(
            in_words(&note),
            "the title \"Drama\" is not whole in the index (a.seg is missing): run `countermark-embed vault index`"
        );
    }
}
