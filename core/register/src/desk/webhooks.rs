//! Who is told of what happens: targets, and the secrets their messages are signed with.
//!
//! ```text
//! secret(webhook) = HMAC-SHA256(desk's key, "countermark webhook 1" || identifier of the webhook)
//! ```
//!
//! The desk's key is a file of its own, `desk/webhooks.key`, mode 0600; no secret is in the database, and none is kept: each is told once
//! and computed again when a message is signed.
//!
//! # Shapes and units
//! Secrets have 32 bytes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use rusqlite::{OptionalExtension as _, Row, params};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::store::{DeskError, DeskStore, fresh, now, text};
use crate::hex::{from_hex, to_hex};
use crate::private_file::{self, Existing};

/// Webhooks at most.
const MOST_WEBHOOKS: i64 = 50;
const KEY_FILE: &str = "webhooks.key";
const HEADER: &str = "countermark desk webhook key 1";

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Events {
    /// Jobs that have ended.
    pub jobs: bool,
    /// Rules that fired.
    pub rules: bool,
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRecord {
    /// Its identifier.
    pub id: String,
    /// Where.
    pub url: String,
    /// Of what.
    pub events: Events,
    /// Whose token made it.
    pub owner: String,
    /// When.
    pub created: i64,
}

impl DeskStore {
    /// Makes a webhook; with it the secret, which is told once.
    ///
    /// # Errors
    /// [`DeskError::Refused`] for the address and the number of webhooks; those of the key's file.
    pub fn add_webhook(
        &self,
        owner: &str,
        url: &str,
        events: Events,
    ) -> Result<(WebhookRecord, Zeroizing<[u8; 32]>), DeskError> {
        if !events.jobs && !events.rules {
            return Err(DeskError::Refused("a webhook is told of something"));
        }
        let record = WebhookRecord {
            id: fresh()?,
            url: text(url, 2000)?.to_owned(),
            events,
            owner: owner.to_owned(),
            created: now(),
        };
        let secret = self.webhook_secret(&record.id)?;
        self.act(|db| {
            let query = "SELECT count(*) FROM webhooks";
            if db.query_row(query, [], |row| row.get::<_, i64>(0))? >= MOST_WEBHOOKS {
                return Err(DeskError::Refused("there are too many webhooks"));
            }
            db.execute(
                "INSERT INTO webhooks (id, url, on_jobs, on_rules, owner, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![record.id, record.url, events.jobs, events.rules, owner, record.created],
            )?;
            Ok(())
        })?;
        Ok((record, secret))
    }

    /// The secret of a webhook.
    ///
    /// # Errors
    /// When the desk's key cannot be read or made.
    pub fn webhook_secret(&self, id: &str) -> Result<Zeroizing<[u8; 32]>, DeskError> {
        let key = self.webhook_key()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&*key)
            .map_err(|_| DeskError::Refused("the webhooks' key has no bytes"))?;
        mac.update(b"countermark webhook 1");
        mac.update(id.as_bytes());
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }

    /// The desk's key; made where there is none.
    fn webhook_key(&self) -> Result<Zeroizing<[u8; 32]>, DeskError> {
        let path = self.folder().join(KEY_FILE);
        let failed = |source| DeskError::File {
            path: path.clone(),
            source,
        };
        if !path.exists() {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(&mut *key).map_err(DeskError::NoRandomness)?;
            let digits = Zeroizing::new(to_hex(&*key));
            let file = Zeroizing::new(format!("{HEADER}\n{}\n", *digits));
            match private_file::write(&path, file.as_bytes(), Existing::Keep) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(failed(error));
                }
                _ => (),
            }
        }
        let file = Zeroizing::new(std::fs::read_to_string(&path).map_err(failed)?);
        let digits = file.strip_prefix(HEADER).map(str::trim);
        let damaged = || std::io::Error::other("the webhooks' key is damaged");
        let key = digits.and_then(from_hex).map(Zeroizing::new);
        key.ok_or_else(|| failed(damaged()))
    }

    /// All webhooks, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn webhooks(&self) -> Result<Vec<WebhookRecord>, DeskError> {
        self.act(|db| {
            let query = "SELECT id, url, on_jobs, on_rules, owner, created FROM webhooks ORDER BY created, id";
            let mut query = db.prepare(query)?;
            let rows = query.query_map([], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// A webhook.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn webhook(&self, id: &str) -> Result<WebhookRecord, DeskError> {
        let found = self.act(|db| {
            let query =
                "SELECT id, url, on_jobs, on_rules, owner, created FROM webhooks WHERE id = ?1";
            Ok(db.query_row(query, params![id], record).optional()?)
        })?;
        found.ok_or_else(|| missing(id))
    }

    /// Takes a webhook away, and what was to be told to it.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn remove_webhook(&self, id: &str) -> Result<(), DeskError> {
        let done =
            self.act(|db| Ok(db.execute("DELETE FROM webhooks WHERE id = ?1", params![id])?))?;
        if done == 0 {
            return Err(missing(id));
        }
        Ok(())
    }
}

fn missing(id: &str) -> DeskError {
    DeskError::Missing {
        what: "webhook",
        id: id.chars().take(64).collect(),
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<WebhookRecord> {
    Ok(WebhookRecord {
        id: row.get(0)?,
        url: row.get(1)?,
        events: Events {
            jobs: row.get(2)?,
            rules: row.get(3)?,
        },
        owner: row.get(4)?,
        created: row.get(5)?,
    })
}
