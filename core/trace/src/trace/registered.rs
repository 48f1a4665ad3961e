//! What a title comes to in a clip as registration finds it.
//!
//! # Shapes and units
//! Seconds on the playback's clock.

use std::sync::Arc;

use countermark_picture::QuarterTurn;

use crate::decide::context::TitleContext;
use crate::decide::unanswered::Unanswered;
use crate::error::TraceError;
use crate::query::view::{Shown, ViewHypothesis};
use crate::retrieval::candidates::Lead;

use super::Trace;

impl<'a> Trace<'a> {
    /// Whether a delivery was named.
    pub(super) fn registered(
        &mut self,
        lead: &Lead<'a>,
        case: &mut TitleContext<'_>,
    ) -> Result<bool, TraceError> {
        let Some(found) = self.registration(lead, case, None)? else {
            return Ok(false);
        };
        let among = self.seen_in(&self.views(case)?);
        let view = ViewHypothesis {
            turn: QuarterTurn::None,
            shown: Shown::Registered(Arc::clone(&found)),
            playback: self.playback,
        };
        let answer = case.answer(self.clip, view, among, None, self.task)?;
        let mut moments = answer.carried.moments.clone();
        moments.sort_by(f64::total_cmp);
        let named = self.note(lead.title, answer);
        if !named {
            self.unanswered(Unanswered {
                title: lead.title,
                registration: found,
                spans: self.searched.spans(lead, self.playback),
                playback: self.playback,
                among,
                moments,
            });
        }
        Ok(named)
    }
}
