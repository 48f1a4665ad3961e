//! What a title comes to in a clip as it is, and whether its pictures bear that out.
//!
//! # Shapes and units
//! Seconds on the clip's own clock.

use crate::decide::answer::Answer;
use crate::decide::context::TitleContext;
use crate::decide::sighted::Sighted;
use crate::error::TraceError;
use crate::query::view::ViewHypothesis;
use crate::registration::segment::Registration;
use crate::result::{Factors, Host};
use crate::retrieval::candidates::Lead;

use super::Trace;

impl<'a> Trace<'a> {
    /// What a title comes to in the clip as it is. Where it accuses, frames count only if registration is certain of them, as
    /// far as it needs to go for that.
    pub(super) fn seen(
        &self,
        lead: &Lead<'a>,
        case: &mut TitleContext<'_>,
        view: ViewHypothesis,
        among: Factors,
    ) -> Result<Answer, TraceError> {
        let again = view.clone();
        let mut answer = case.answer(self.clip, view, among, None, self.task)?;
        if answer.accusations.is_empty() {
            return Ok(answer);
        }
        let enough = |first: &Registration| answer.is_sighted(&Sighted::of(first));
        let found = self.registration(lead, case, Some(&enough))?;
        let tuning = self.task.tuning();
        let bent = found.as_ref().is_some_and(|f| answer.is_bent(f, tuning));
        answer.is_cut |= bent;
        let sighted = found.map_or_else(Sighted::default, |found| Sighted::of(&found));
        if answer.is_sighted(&sighted) {
            answer.carried.compared = true;
            return Ok(answer);
        }
        if answer.host == Host::Blind || sighted.is_empty() {
            answer.withhold();
            return Ok(answer);
        }
        let mut rest = case.answer(self.clip, again, among, Some(&sighted), self.task)?;
        rest.offsets += answer.offsets;
        rest.inset = answer.inset;
        rest.is_cut |= bent;
        rest.carried.compared = rest.host == Host::Reference;
        if !rest.carried.compared {
            rest.withhold();
        }
        rest.withheld.append(&mut answer.accusations);
        Ok(rest)
    }
}
