//! The links of one accused delivery: from the ledger's entries to the verdict.
//!
//! ```text
//! entries     in the head's tree, and about this delivery, its title and its distributor
//! commitment  SHA-256 of the opened key is the one in the entries
//! score       t from soft values and key, to the last bit
//! bound       log10 bound = min(0, sum of log10 of the hypotheses - t^2 / 2 log10 e)
//! verdict     log10 bound < -9
//! ```

use countermark_mark::{
    Payload,
    bound::{log10_p, score_for},
    key::DeliveryKey,
};
use serde_json::Value;

use super::{Link, accuses, broken, holds, unchecked};
use crate::{
    OpenedEntry,
    archive::Files,
    case::{Accused, THRESHOLD_LOG10},
    commitment::Commitment,
    hex::from_hex,
    merkle::Hash,
    soft::SoftRows,
};

/// Logarithms of other programs may differ in their last digits.
const LOG_TOLERANCE: f64 = 1e-9;

/// What every bound has to count. Bundles of programs that looked once lack the last.
pub(super) const FACTORS: [&str; 13] = [
    "clips",
    "decisions",
    "titles",
    "formats",
    "views",
    "readings",
    "poses",
    "sections",
    "shifts",
    "deliveries",
    "keys",
    "list",
    "looks",
];

pub(super) fn links(
    number: usize,
    accused: &Accused,
    files: &Files,
    root: Option<(u64, Hash)>,
) -> Vec<Link> {
    vec![
        entries(format!("entries {number}"), accused, root),
        commitment(format!("commitment {number}"), accused),
        score(format!("score {number}"), accused, files),
        bound(format!("bound {number}"), accused),
        verdict(format!("verdict {number}"), accused),
    ]
}

pub(super) fn details(entry: &OpenedEntry) -> Value {
    serde_json::from_str(&entry.details).unwrap_or_default()
}

/// The details of the entry of an act in which `field` is `value`.
fn said(accused: &Accused, act: &str, field: &str, value: &str) -> Option<Value> {
    let of_act = accused.entries.iter().filter(|entry| entry.act == act);
    of_act.map(details).find(|details| details[field] == value)
}

/// What a title or a distributor is called in the entries, after the last renaming that they hold.
pub(super) fn name_of(accused: &Accused, what: &str, id: &Value) -> Option<String> {
    let acts = [format!("{what}-added"), format!("{what}-renamed")];
    let about = accused
        .entries
        .iter()
        .rev()
        .filter(|entry| acts.contains(&entry.act));
    let found = about.map(details).find(|details| details[what] == *id)?;
    found["name"].as_str().map(str::to_owned)
}

fn entries(name: String, accused: &Accused, root: Option<(u64, Hash)>) -> Link {
    let Some((size, root)) = root else {
        return unchecked(
            name,
            "no head, so no proof that the entries are older than the leak",
        );
    };
    let Some(delivery) = &accused.delivery else {
        return unchecked(
            name,
            "the payload was decoded, and no delivery of it is on record",
        );
    };
    for entry in &accused.entries {
        if entry.root(size) != Some(root) {
            return broken(
                name,
                format!("entry {} is not in the head\u{2019}s tree", entry.seq),
            );
        }
    }
    let Some(begun) = said(accused, "delivery-begun", "delivery", delivery) else {
        return broken(name, "no entry says that the delivery was begun");
    };
    let distributor = name_of(accused, "distributor", &begun["distributor"]);
    let title = name_of(accused, "title", &begun["title"]);
    if distributor.as_ref() != Some(&accused.distributor) || title.as_ref() != Some(&accused.title)
    {
        return broken(name, "the entries name another distributor or title");
    }
    if begun["payload"] != accused.payload.as_str()
        || begun["licensee"].as_str() != accused.licensee.as_deref()
    {
        return broken(
            name,
            "the entry of the delivery has another payload or licensee",
        );
    }
    let first = accused
        .entries
        .iter()
        .find(|entry| entry.act == "delivery-begun");
    let since = first.map_or("", |entry| &entry.time);
    holds(
        name,
        format!(
            "{} entries are in the head\u{2019}s tree; the delivery was begun {since}",
            accused.entries.len()
        ),
    )
}

fn commitment(name: String, accused: &Accused) -> Link {
    let (Some(wanted), Some(delivery)) = (&accused.commitment, &accused.delivery) else {
        return unchecked(
            name,
            "the ledger holds no commitment to this delivery\u{2019}s key",
        );
    };
    let (Some(id), Some(key)) = (from_hex(delivery), key_of(accused)) else {
        return broken(name, "the delivery or its key cannot be read");
    };
    let found = Commitment::of_key(id, &key).to_string();
    if found != *wanted {
        return broken(name, "the key is not the one that was committed to");
    }
    let recorded = ["delivery-begun", "delivery-committed"]
        .into_iter()
        .filter_map(|act| said(accused, act, "delivery", delivery))
        .find(|details| !details["commitment"].is_null());
    let Some(recorded) = recorded else {
        return broken(name, "no entry holds the commitment");
    };
    if recorded["commitment"] != found.as_str() {
        return broken(name, "the ledger holds a commitment to another key");
    }
    let payload = accused.payload.parse::<Payload>();
    let Ok(payload) = payload else {
        return broken(name, "the payload cannot be read");
    };
    let payload = Commitment::of_payload(id, payload, &key).to_string();
    if recorded["payload_commitment"] != payload.as_str()
        || accused.payload_commitment.as_ref() != Some(&payload)
    {
        return broken(name, "the ledger holds a commitment to another payload");
    }
    holds(
        name,
        "the opened key and payload are those that were committed to",
    )
}

fn key_of(accused: &Accused) -> Option<DeliveryKey> {
    from_hex(&accused.delivery_key).map(DeliveryKey::from_bytes)
}

fn score(name: String, accused: &Accused, files: &Files) -> Link {
    let soft = files
        .get(&accused.soft)
        .and_then(|bytes| SoftRows::of_bytes(bytes));
    let (Some(soft), Some(key)) = (soft, key_of(accused)) else {
        return broken(name, "the soft values or the key cannot be read");
    };
    if soft.rows() != accused.rows {
        return broken(
            name,
            format!("{} rows of soft values, not {}", soft.rows(), accused.rows),
        );
    }
    let t = soft.score(&key).value();
    if t.to_bits() == accused.t.to_bits() {
        holds(
            name,
            format!(
                "t = {t:.4} from {} soft values, to the last bit",
                512 * soft.rows()
            ),
        )
    } else {
        broken(
            name,
            format!("soft values and key give t = {t}, not {}", accused.t),
        )
    }
}

fn bound(name: String, accused: &Accused) -> Link {
    let names: Vec<&str> = accused.hypotheses.iter().map(|f| f.name.as_str()).collect();
    let are_counted = names == FACTORS || names == FACTORS[..FACTORS.len() - 1];
    if !are_counted || accused.hypotheses.iter().any(|factor| factor.count == 0) {
        return broken(
            name,
            "the hypotheses are not those that a bound has to count",
        );
    }
    let log10 = log10_p(accused.t, accused.log10_hypotheses());
    let counts = accused.hypotheses.iter().map(|factor| factor.count);
    let product = counts.fold(
        countermark_mark::Hypotheses::ONE,
        countermark_mark::Hypotheses::times,
    );
    let threshold = score_for(THRESHOLD_LOG10, product).value();
    let near = |a: f64, b: f64| (a - b).abs() <= LOG_TOLERANCE * (1.0 + b.abs());
    if !near(accused.log10_bound, log10) || !near(accused.threshold_t, threshold) {
        return broken(
            name,
            format!(
                "score and hypotheses give a bound of 10^{log10:.3}, not 10^{:.3}",
                accused.log10_bound
            ),
        );
    }
    holds(
        name,
        format!("10^{:.2} hypotheses, bound 10^{log10:.1}", product.log10()),
    )
}

fn verdict(name: String, accused: &Accused) -> Link {
    let log10 = log10_p(accused.t, accused.log10_hypotheses());
    if accuses(log10) {
        let least = log10.max(-30.0);
        holds(
            name,
            format!(
                "the clip carries the signal of the copy for {}; without access to it so high a score occurs in fewer than 1 of 10^{:.0} analyses",
                accused.distributor,
                (-least).floor()
            ),
        )
    } else {
        broken(name, format!("a bound of 10^{log10:.2} accuses nobody"))
    }
}
