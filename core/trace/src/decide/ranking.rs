//! How the deliveries on record fared in the closed decision, the innocent ones too.
//!
//! ```text
//! t = sum(s_i r_i) / ||r||_2,    accused <=> t above the score at which all hypotheses together reach log10 p = -9
//! ```
//!
//! # Shapes and units
//! Scores have no unit: under the null their spread is 1.

use countermark_mark::bound::score_for;
use countermark_mark::evidence::ACCUSATION_LOG10_P;
use countermark_register::{DeliveryRecord, TitleRecord};

use crate::decide::answer::{Answer, Closed};
use crate::exhibits::Standing;

/// How the accused and the `others` that came nearest to an accusation fared in the closed decision.
pub(crate) fn standings(
    title: &TitleRecord,
    deliveries: &[DeliveryRecord],
    answer: &Answer,
    others: usize,
) -> Vec<Standing> {
    let mut ranked: Vec<(&DeliveryRecord, Closed)> = deliveries
        .iter()
        .zip(answer.closed.iter().copied())
        .collect();
    ranked.sort_by(|(_, a), (_, b)| {
        let by_score = || b.score.value().total_cmp(&a.score.value());
        a.log10_p().total_cmp(&b.log10_p()).then_with(by_score)
    });
    let mut left = others;
    let mut standings = Vec::new();
    for (delivery, closed) in ranked {
        let payload = delivery.payload;
        let accused = answer.accusations.iter().any(|a| a.payload == payload);
        if !accused {
            if left == 0 {
                continue;
            }
            left -= 1;
        }
        standings.push(Standing {
            title: title.into(),
            delivery: delivery.id,
            distributor: delivery.distributor.clone(),
            licensee: delivery.licensee.clone(),
            accused,
            score: closed.score.value(),
            threshold_score: score_for(ACCUSATION_LOG10_P, closed.tried).value(),
            log10_p: closed.log10_p(),
        });
    }
    standings
}
