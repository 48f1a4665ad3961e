//! Webhooks: what is on record to be told is signed and sent, again and again until it is taken or given up.
//!
//! ```text
//! webhook-id: msg_..    webhook-timestamp: seconds since 1970    webhook-signature: v1,base64(HMAC-SHA256(secret, id.timestamp.body))
//! ```
//!
//! A target is an address of the wide web: what its name resolves to is looked at, and that very address is connected to, so that neither
//! a name nor a redirect leads into the studio's own network. Redirects are not followed.
//!
//! # References
//! Standard Webhooks 1.0.0 (2023): names, signature, secrets as `whsec_` and base64.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countermark_register::desk::Message;

use crate::desk::Desk;
use crate::problem::Problem;

mod address;
mod send;
mod sign;

pub(crate) use address::Target;
pub(crate) use sign::secret_in_words;

/// How often is looked for messages whose time has come.
const LOOK: Duration = Duration::from_secs(1);
/// Messages that are told at once.
const AT_ONCE: u32 = 8;

/// Tells one batch after the other, as long as the desk serves.
pub(crate) async fn tell(desk: Arc<Desk>) {
    loop {
        let due = desk.record(|store| store.begin_messages(AT_ONCE)).await;
        let due = due.unwrap_or_else(|problem| {
            let why = problem.cause.unwrap_or(problem.detail);
            desk.journal().warn(&format!("webhooks: {why}"));
            Vec::new()
        });
        if due.is_empty() {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let all: Vec<_> = due
            .into_iter()
            .map(|message| tokio::spawn(one(Arc::clone(&desk), message)))
            .collect();
        for one in all {
            // A panic of one is that message's: it is tried again.
            let _ = one.await;
        }
    }
}

async fn one(desk: Arc<Desk>, message: Message) {
    let begun = Instant::now();
    let outcome = sent(&desk, &message).await;
    let millis = begun.elapsed().as_millis() as i64;
    let webhook = message.webhook.clone();
    let told = match &outcome {
        Ok(status) => status.to_string(),
        Err(why) => why.clone(),
    };
    let ended = desk
        .record(move |store| {
            let outcome = outcome.as_ref().copied().map_err(String::as_str);
            store.end_attempt(&message.id, outcome, millis)
        })
        .await;
    let line = format!("webhook {webhook}: {told}, {millis} ms");
    match ended {
        Ok(true) => desk.journal().warn(&format!("{line}: given up")),
        Ok(false) => desk.journal().line(&line),
        Err(problem) => {
            let why = problem.cause.unwrap_or(problem.detail);
            desk.journal()
                .warn(&format!("{line}: not on record: {why}"));
        }
    }
}

/// The status that a target answered.
async fn sent(desk: &Arc<Desk>, message: &Message) -> Result<u16, String> {
    let target = Target::parse(&message.url).map_err(str::to_owned)?;
    let webhook = message.webhook.clone();
    let secret = desk
        .record(move |store| store.webhook_secret(&webhook))
        .await
        .map_err(|problem: Problem| problem.detail)?;
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = seconds.unwrap_or_default().as_secs();
    let signature = sign::signature(&secret, (&message.id, seconds), &message.body);
    let headers = [
        ("webhook-id", message.id.clone()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", signature),
    ];
    send::post(
        &target,
        desk.settings.private_targets,
        &headers,
        &message.body,
    )
    .await
}
