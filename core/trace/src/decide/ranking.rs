//! How the deliveries on record fared in the closed decision, the innocent ones too.
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2,    accused <=> t above the score at which all hypotheses together reach a bound of 10^-9
//! ```
//!
//! # Shapes and units
//! Scores have no unit: under the null their spread is 1.

use countermark_register::{DeliveryRecord, TitleRecord};

use crate::decide::answer::Answer;
use crate::exhibits::RankedDelivery;
use crate::result::Bound;

/// The highest score of a delivery that is not accused.
pub(crate) fn best_innocent(deliveries: &[DeliveryRecord], answer: &Answer) -> Option<Bound> {
    let is_accused = |d: &DeliveryRecord| answer.accusations.iter().any(|a| a.payload == d.payload);
    let innocent = deliveries.iter().zip(answer.closed.iter().copied());
    innocent
        .filter(|(delivery, _)| !is_accused(delivery))
        .map(|(_, bound)| bound)
        .max_by(|a, b| a.t().total_cmp(&b.t()))
}

/// How the accused and the `others` that came nearest to an accusation fared in the closed decision.
pub(crate) fn standings(
    title: &TitleRecord,
    deliveries: &[DeliveryRecord],
    answer: &Answer,
    others: usize,
) -> Vec<RankedDelivery> {
    let mut ranked: Vec<(&DeliveryRecord, Bound)> = deliveries
        .iter()
        .zip(answer.closed.iter().copied())
        .collect();
    ranked.sort_by(|(_, a), (_, b)| {
        let by_score = || b.t().total_cmp(&a.t());
        a.log10().total_cmp(&b.log10()).then_with(by_score)
    });
    let mut left = others;
    let mut standings = Vec::new();
    for (delivery, bound) in ranked {
        let payload = delivery.payload;
        let accused = answer.accusations.iter().any(|a| a.payload == payload);
        if !accused {
            if left == 0 {
                continue;
            }
            left -= 1;
        }
        standings.push(RankedDelivery {
            title: title.into(),
            delivery: delivery.id,
            distributor: delivery.distributor.clone(),
            licensee: delivery.licensee.clone(),
            accused,
            bound,
        });
    }
    standings
}
