//! What is withheld in the end.

use countermark_register::TitleRecord;

use crate::observer::Note;
use crate::result::Accusation;
use crate::task::Task;

/// Whom the mark alone would have accused, but for those whom the pictures of other frames bear out; each is noted.
pub(super) fn still_withheld(
    withheld: Vec<(&TitleRecord, Accusation)>,
    accused: &[Accusation],
    task: &Task<'_>,
) -> Vec<Accusation> {
    let mut left = Vec::new();
    for (title, held) in withheld {
        if accused.iter().any(|other| other.payload == held.payload) {
            continue;
        }
        task.note(&Note::Withheld {
            payload: held.payload,
            log10_p: held.bound.log10(),
            title: title.name.clone(),
        });
        left.push(held);
    }
    left
}
