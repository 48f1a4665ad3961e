//! The way from the pixels to the soft values, repeated by an expert: with the clip, and the title's keys and reference under seal.
//!
//! ```text
//! clip, expert package -> trace -> evidence of every hypothesis -> the one that the bundle holds?    equal | near | none
//! ```
//!
//! The same program on the same file gives the same soft values to the last bit where the studio traced with `--title`. Where it tried several titles, or
//! another version or decoder is at work, they may differ in their last digits: then the correlation is told, and the score that the
//! repeated ones give.

use std::path::Path;
use std::sync::Arc;

use countermark_catalogue::{Catalogue, Vault};
use countermark_evidence::archive::Files;
use countermark_evidence::case::Accused;
use countermark_evidence::hex::from_hex;
use countermark_evidence::verify::{Link, State};
use countermark_evidence::{Case, EvidenceError, SoftRows};
use countermark_mark::key::DeliveryKey;
use countermark_register::expert::{AccusedDelivery, ExpertRegister};
use countermark_register::{DeliveryId, Place, ReadKeyFile};
use countermark_trace::observer::EvidenceKeeper;
use countermark_trace::{Observer, Request, Tracer};

use super::{BundleError, soft_rows};

/// The read key of an expert package.
pub const TITLE_KEY: &str = "title.key";

/// Repeated soft values count as the bundle's from this correlation on.
const NEAR: f64 = 0.99;

/// Traces the clip again with an expert package, and compares: a link for each of the accused.
///
/// # Errors
/// When the package or the clip cannot be read, or the work is to end.
pub fn recompute(
    files: &Files,
    clip: &Path,
    package: &Path,
    observer: &dyn Observer,
) -> Result<Vec<Link>, BundleError> {
    let unreadable = |reason: String| EvidenceError::Part {
        name: "case.json".to_owned(),
        reason,
    };
    let bytes = files
        .get("case.json")
        .map(Vec::as_slice)
        .unwrap_or_default();
    let case: Case =
        serde_json::from_slice(bytes).map_err(|error| unreadable(error.to_string()))?;
    let mut links = Vec::new();
    for (at, accused) in case.accused.iter().enumerate() {
        let name = format!("pixels {}", at + 1);
        let soft = files
            .get(&accused.soft)
            .and_then(|bytes| SoftRows::of_bytes(bytes));
        let (state, said) = match soft {
            Some(soft) => one(accused, &soft, clip, package, observer)?,
            None => (State::Broken, "the soft values cannot be read".to_owned()),
        };
        links.push(Link::new(name, state, said));
    }
    Ok(links)
}

fn one(
    accused: &Accused,
    soft: &SoftRows,
    clip: &Path,
    package: &Path,
    observer: &dyn Observer,
) -> Result<(State, String), BundleError> {
    let broken = |said: &str| Ok((State::Broken, said.to_owned()));
    let key = ReadKeyFile::load(&package.join(TITLE_KEY))?;
    let own: Option<DeliveryKey> = from_hex(&accused.delivery_key).map(DeliveryKey::from_bytes);
    let delivery = accused.delivery.as_deref().and_then(DeliveryId::parse);
    let (Some(own), Some(id), Ok(payload)) = (own, delivery, accused.payload.parse()) else {
        return broken("the delivery, its key or its payload cannot be read");
    };
    if key.title_name != accused.title {
        return broken("the expert package is of another title");
    }
    let Some(scoped) = key
        .distributors
        .iter()
        .find(|it| it.name == accused.distributor)
    else {
        return broken("the expert package holds no key of the accused distributor");
    };
    if scoped.key.delivery(payload).expose_bytes() != own.expose_bytes() {
        return broken("the opened key is not the one that follows from the title\u{2019}s keys");
    }
    let known = AccusedDelivery {
        id,
        payload,
        distributor: &accused.distributor,
    };
    let Some(register) = ExpertRegister::new(Place::folder(package), key, known) else {
        return broken("the expert package holds no key of the accused distributor");
    };
    let vault = Vault::new(Arc::new(register), Arc::new(Catalogue::at(package)));
    let clips = accused
        .hypotheses
        .iter()
        .find(|factor| factor.name == "clips");
    let keeper = EvidenceKeeper::new(observer);
    let request = Request::new(clip).in_case_of(clips.map_or(1, |clips| clips.count));
    Tracer::new(&vault)?.trace(&request, &keeper)?;
    let found = keeper.each(|evidence| {
        let rows = soft_rows(evidence);
        (
            rows.correlation(soft),
            rows == *soft,
            rows.score(&own).value(),
        )
    });
    let best = found
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then(a.0.total_cmp(&b.0)));
    Ok(match best {
        Some((_, true, t)) => (
            State::Holds,
            format!(
                "the clip\u{2019}s pixels give the same soft values, to the last bit (t = {t:.4})"
            ),
        ),
        Some((correlation, _, t)) if correlation >= NEAR => (
            State::Holds,
            format!(
                "the clip\u{2019}s pixels give soft values that correlate with the bundle\u{2019}s by {correlation:.5} (t = {t:.4})"
            ),
        ),
        Some((correlation, _, t)) => (
            State::Broken,
            format!(
                "the clip\u{2019}s pixels give other soft values: correlation {correlation:.5}, t = {t:.4}"
            ),
        ),
        None => (
            State::Broken,
            "the clip\u{2019}s pixels give no soft values".to_owned(),
        ),
    })
}
