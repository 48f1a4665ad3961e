//! The copies of titles that parts of the picture show.
//!
//! # Shapes and units
//! Seconds on the clip's own clock.

use std::sync::Arc;

use countermark_catalogue::Vault;
use countermark_picture::QuarterTurn;
use countermark_register::CopyFormats;

use crate::decide::context::TitleContext;
use crate::error::TraceError;
use crate::exhibits::Exhibits;
use crate::observer::Note;
use crate::query::view::{Shown, ViewHypothesis};
use crate::reference::Reference;

use super::Trace;

impl Trace<'_> {
    /// Looks for the copies of the titles that parts of the picture show: each part is one look at its title.
    pub(super) fn follow_parts(
        &mut self,
        vault: &Vault,
        mut exhibits: Option<&mut Exhibits>,
    ) -> Result<(), TraceError> {
        let parts = self.searched.in_parts();
        for (part, found) in parts {
            self.playback = found.way.playback;
            let title = found.title();
            let formats = CopyFormats::of_title(vault.register(), title.id)?;
            self.formats = formats.known.len() as u64;
            let is_new = self.tried.begin(title.id);
            let reference = Reference::of_title(vault, title, found.spans(), self.task);
            let reference = match reference {
                Ok(reference) => reference,
                Err(error) => {
                    self.task.proceed()?;
                    self.task.note(&Note::left_out(&title.name, &error));
                    continue;
                }
            };
            let mut case = TitleContext::open(vault, title, formats.newest(), reference)?;
            for format in formats.known {
                if format != case.format {
                    case.follow(vault, format)?;
                }
                let views = self.views(&case)?;
                let suspects = is_new.then_some(&case.suspects);
                self.tried.note(suspects, views.possible() as u64);
                let view = ViewHypothesis {
                    turn: QuarterTurn::None,
                    shown: Shown::Registered(Arc::clone(&found.registration)),
                    playback: self.playback,
                };
                let among = self.seen_in(&views);
                let mut answer = case.answer(self.clip, view, among, None, self.task)?;
                answer.part = Some(part);
                let own = found.registration.explained();
                answer.explained = self.playback.clip_seconds(own);
                self.note(title, answer);
                self.rank(&case, exhibits.as_deref_mut());
            }
        }
        Ok(())
    }
}
