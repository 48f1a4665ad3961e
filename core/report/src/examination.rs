//! The examination of one clip: its answer, and with it what a page shows.
//!
//! ```text
//! analyse(observer, exhibits) -> answer, exhibits + notes -> Folder::write
//! ```

use countermark_trace::exhibits::Exhibits;
use countermark_trace::observer::{Observer, Recorder};

/// An answer, and what was collected beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined<A> {
    /// The answer.
    pub answer: A,
    /// Frames and scores if they were asked for, and always what was noted.
    pub exhibits: Exhibits,
}

/// Runs `analyse` for one clip and keeps what it notes; exhibits are collected if `shown`, for they take time.
///
/// The page is written apart, by [`Folder::write`](crate::Folder::write), after the answer has reached whoever waits
/// for it: a page that cannot be written must not cost the answer.
///
/// # Errors
/// Those of `analyse`.
pub fn examine<A, E>(
    observer: &dyn Observer,
    shown: bool,
    analyse: impl FnOnce(&dyn Observer, Option<&mut Exhibits>) -> Result<A, E>,
) -> Result<Examined<A>, E> {
    let recorder = Recorder::new(observer);
    let mut exhibits = Exhibits::default();
    let answer = analyse(&recorder, shown.then_some(&mut exhibits))?;
    let notes = recorder.into_notes();
    exhibits.notes = notes.iter().map(ToString::to_string).collect();
    Ok(Examined { answer, exhibits })
}

#[cfg(test)]
mod tests {
    use countermark_trace::observer::{Note, Silence};

    use super::*;

    #[test]
    fn notes_are_kept_with_the_answer_and_exhibits_are_collected_only_if_shown() {
        for shown in [false, true] {
            let examined = examine(&Silence, shown, |observer, exhibits| {
                observer.note(&Note::TooFlat);
                observer.note(&Note::TooFlat);
                Ok::<_, ()>(exhibits.is_some())
            });
            let examined = examined.expect("an answer");
            assert_eq!(examined.answer, shown);
            assert_eq!(examined.exhibits.notes, [Note::TooFlat.to_string()]);
        }
    }

    #[test]
    fn an_error_is_passed_on() {
        let failed = examine(&Silence, true, |_, _| Err::<(), _>("broken"));
        assert_eq!(failed, Err("broken"));
    }
}
