//! The deliveries and distributors of a title, and both decisions on them.
//!
//! ```text
//! closed: t(d) = sum s_d r / ||r|| for every delivery d on record     times deliveries
//! open:   payload decoded with every distributor's key, then t of it  times keys and candidates of the list
//! accuse  <=> log10 p < -9, every factor included
//! ```
//!
//! # Shapes and units
//! Scores with their bounds.

use countermark_catalogue::Vault;
use countermark_mark::bound::NormalisedScore;
use countermark_mark::code::polar::ListDecoder;
use countermark_mark::evidence::{Evidence, Finding, LIST};
use countermark_mark::key::{DeliveryKey, ScopedPayloadKey};
use countermark_mark::{FormatSpec, Payload};
use countermark_register::{DeliveryRecord, DistributorRecord, TitleRecord};

use crate::decide::answer::{Answer, on_record};
use crate::decide::registered::Alternative;
use crate::error::TraceError;
use crate::result::{Accusation, Bound, Decision, Factors};
use crate::task::Task;

/// Who may be accused of a title.
pub(crate) struct Suspects {
    pub(crate) distributors: Vec<DistributorRecord>,
    pub(crate) keys: Vec<ScopedPayloadKey>,
    pub(crate) deliveries: Vec<DeliveryRecord>,
    delivery_keys: Vec<DeliveryKey>,
}

impl Suspects {
    /// Looks up those with deliveries of one format, and makes their keys.
    ///
    /// # Errors
    /// When the register cannot be read.
    pub(crate) fn of_title(
        vault: &Vault,
        title: &TitleRecord,
        format: &FormatSpec,
    ) -> Result<Self, TraceError> {
        let distributors = vault.register().distributors()?;
        let keys: Vec<_> = distributors
            .iter()
            .map(|d| vault.register().scoped_payload_key(d.id, title.id))
            .collect();
        let mut deliveries = vault.register().deliveries(Some(title.id))?;
        deliveries.retain(|d| d.may_exist() && d.format() == Ok(*format));
        let delivery_keys = deliveries
            .iter()
            .map(|d| {
                vault
                    .register()
                    .scoped_payload_key(d.distributor_id, title.id)
                    .delivery(d.payload)
            })
            .collect();
        Ok(Self {
            distributors,
            keys,
            deliveries,
            delivery_keys,
        })
    }

    /// Both decisions on each hypothesis of the evidence; `tried` counts the hypotheses.
    ///
    /// # Errors
    /// When the work is to end.
    pub(crate) fn accuse(
        &self,
        evidence: &[&Evidence],
        tried: Factors,
        answer: &mut Answer,
        task: &Task<'_>,
    ) -> Result<(), TraceError> {
        let closed = self.closed(tried);
        let open = Factors {
            keys: self.keys.len() as u64,
            list: LIST as u64,
            ..tried
        };
        // Not from 0 on: a page shows the innocent below it too.
        let lowest = if evidence.is_empty() { 0.0 } else { f64::MIN };
        let mut best: Vec<NormalisedScore> =
            vec![NormalisedScore::new(lowest, 1.0); self.deliveries.len()];
        let mut decoder = ListDecoder::new(LIST);
        let mut decoded = Vec::new();
        for evidence in evidence {
            for (best, score) in best.iter_mut().zip(evidence.scores(&self.delivery_keys)) {
                if score > *best {
                    *best = score;
                }
            }
            for (distributor, key) in self.distributors.iter().zip(&self.keys) {
                task.proceed()?;
                decoded.extend(
                    evidence
                        .decode(key, &mut decoder)
                        .map(|found| (distributor, found)),
                );
            }
        }
        for (delivery, score) in self.deliveries.iter().zip(best) {
            let bound = Bound::new(score, closed);
            answer.closed.push(bound);
            if answer.note(bound) {
                let named = on_record(delivery, bound, Decision::Closed);
                answer.accusations.push(named);
            }
        }
        for (distributor, found) in decoded {
            let bound = Bound::new(found.score, open);
            if answer.note(bound) {
                self.accuse_decoded(distributor, &found, bound, answer);
            }
        }
        let by_bound = |a: &Accusation, b: &Accusation| a.bound.log10().total_cmp(&b.bound.log10());
        answer.accusations.sort_by(by_bound);
        answer.title_known |= !answer.accusations.is_empty();
        Ok(())
    }

    /// The hypotheses of the closed decision.
    fn closed(&self, tried: Factors) -> Factors {
        Factors {
            deliveries: self.deliveries.len() as u64,
            ..tried
        }
    }

    /// Notes that a payload was decoded. It was scored by the same signs as the deliveries on record: a delivery that is accused
    /// already has one accusation, with the lower bound of both.
    fn accuse_decoded(
        &self,
        distributor: &DistributorRecord,
        found: &Finding,
        bound: Bound,
        answer: &mut Answer,
    ) {
        let same = |a: &&mut Accusation| {
            a.payload == found.payload && a.distributor_id == Some(distributor.id)
        };
        if let Some(known) = answer.accusations.iter_mut().find(same) {
            known.decoded = true;
            if bound.log10() < known.bound.log10() {
                (known.bound, known.path) = (bound, Decision::Open);
            }
            return;
        }
        let recorded = self
            .deliveries
            .iter()
            .find(|d| d.payload == found.payload && d.distributor_id == distributor.id);
        answer.accusations.push(match recorded {
            Some(delivery) => on_record(delivery, bound, Decision::Open),
            None => Accusation {
                delivery: None,
                payload: found.payload,
                distributor: distributor.name.clone(),
                distributor_id: Some(distributor.id),
                licensee: None,
                licence: None,
                bound,
                path: Decision::Open,
                decoded: true,
                share: 1.0,
            },
        });
    }

    /// Scores the deliveries on each match alone: copies may have been spliced, and a match may prove which one it is of.
    /// So may it along another line of time. `tried` counts the matches and the lines too.
    pub(crate) fn accuse_by_match(
        &self,
        pieces: &[Evidence],
        spares: &[Alternative],
        tried: Factors,
        answer: &mut Answer,
    ) {
        let tried = self.closed(tried);
        for (at, piece) in pieces.iter().enumerate() {
            let named = self.accuse_alone(piece, tried, answer);
            if let Some(found) = answer.matches.get_mut(at) {
                found.payloads = named;
            }
        }
        for spare in spares {
            let named = self.accuse_alone(&spare.evidence, tried, answer);
            let Some(found) = answer.matches.get_mut(spare.of) else {
                continue;
            };
            if found.payloads.is_empty() && !named.is_empty() {
                *found = spare.instead.clone();
                found.payloads = named;
            }
        }
    }

    /// The deliveries on record that evidence would accuse if it counted.
    pub(crate) fn would_accuse(&self, evidence: &Evidence, tried: Factors) -> Vec<Accusation> {
        let tried = self.closed(tried);
        let scores = evidence.scores(&self.delivery_keys);
        let answers = self.deliveries.iter().zip(scores);
        answers
            .map(|(delivery, score)| (delivery, Bound::new(score, tried)))
            .filter(|(_, bound)| bound.accuses())
            .map(|(delivery, bound)| on_record(delivery, bound, Decision::Closed))
            .collect()
    }

    /// The payloads of the deliveries that one piece of evidence alone accuses.
    fn accuse_alone(
        &self,
        evidence: &Evidence,
        tried: Factors,
        answer: &mut Answer,
    ) -> Vec<Payload> {
        let mut named = Vec::new();
        let scores = evidence.scores(&self.delivery_keys);
        for (at, (delivery, score)) in self.deliveries.iter().zip(scores).enumerate() {
            let bound = Bound::new(score, tried);
            if let Some(closed) = answer.closed.get_mut(at)
                && bound.log10() < closed.log10()
            {
                *closed = bound;
            }
            if !answer.note(bound) {
                continue;
            }
            let payload = delivery.payload;
            let known = answer.accusations.iter().any(|a| a.payload == payload);
            if !known {
                answer
                    .accusations
                    .push(on_record(delivery, bound, Decision::Closed));
            }
            named.push(payload);
        }
        named
    }
}

/// Evidence that is scored: all matches together, and each alone, along other lines of time too, where there are several.
/// Each is a hypothesis.
pub(crate) fn readings(matches: usize) -> u64 {
    match matches {
        0 | 1 => 1,
        several => several as u64 + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::readings;

    #[test]
    fn the_whole_clip_and_each_of_several_matches_are_hypotheses() {
        assert_eq!([0, 1, 2, 10].map(readings), [1, 1, 3, 11]);
    }
}
