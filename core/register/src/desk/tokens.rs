//! Who may ask what: tokens, of which only hashes are kept.

use std::fmt;

use rusqlite::{OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};

use super::store::{DeskError, DeskStore, fresh, now, text};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Whoever makes copies: looks up titles and deliveries.
    Mastering,
    /// Whoever examines clips: all but tokens.
    Analyst,
    /// Whoever looks at what was done: reads all, changes nothing.
    Auditor,
    /// A platform: asks what a clip or print is and whether its use is licensed.
    Platform,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Mastering,
        Self::Analyst,
        Self::Auditor,
        Self::Platform,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mastering => "mastering",
            Self::Analyst => "analyst",
            Self::Auditor => "auditor",
            Self::Platform => "platform",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A token on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its identifier, which is no secret.
    pub id: String,
    /// Whose it is.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// When it was made.
    pub created: i64,
    /// When it was taken back.
    pub revoked: Option<i64>,
}

/// What is kept of a token: it has 256 random bits, so that a plain hash cannot be searched.
#[must_use]
pub fn token_hash(token: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    crate::hex::to_hex(&digest)
}

impl DeskStore {
    /// Makes a token. The text is told once and kept nowhere.
    ///
    /// # Errors
    /// [`DeskError::Refused`] or [`DeskError::Known`] for the name, and those of the database.
    pub fn add_token(&self, name: &str, role: Role) -> Result<(TokenRecord, String), DeskError> {
        let token = format!("cm_{}{}", fresh()?, fresh()?);
        let record = TokenRecord {
            id: fresh()?,
            name: text(name, 100)?.to_owned(),
            role,
            created: now(),
            revoked: None,
        };
        self.act(|db| {
            let query = "SELECT count(*) FROM tokens WHERE name = ?1";
            if db.query_row(query, params![record.name], |row| row.get::<_, i64>(0))? > 0 {
                return Err(DeskError::Known("another token has that name"));
            }
            db.execute(
                "INSERT INTO tokens (id, name, role, hash, created) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    record.id,
                    record.name,
                    role.as_str(),
                    token_hash(&token),
                    record.created
                ],
            )?;
            Ok(())
        })?;
        Ok((record, token))
    }

    /// The token of a hash, unless it was taken back.
    ///
    /// # Errors
    /// Those of the database.
    pub fn token(&self, hash: &str) -> Result<Option<TokenRecord>, DeskError> {
        self.act(|db| {
            let query = "SELECT id, name, role, created, revoked FROM tokens WHERE hash = ?1 AND revoked IS NULL";
            Ok(db.query_row(query, params![hash], record).optional()?)
        })
    }

    /// Every token, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tokens(&self) -> Result<Vec<TokenRecord>, DeskError> {
        self.act(|db| {
            let mut query =
                db.prepare("SELECT id, name, role, created, revoked FROM tokens ORDER BY name")?;
            let rows = query.query_map([], record)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes a token back.
    ///
    /// # Errors
    /// [`DeskError::Missing`].
    pub fn revoke_token(&self, id: &str) -> Result<(), DeskError> {
        let done = self.act(|db| {
            let act = "UPDATE tokens SET revoked = coalesce(revoked, ?2) WHERE id = ?1";
            Ok(db.execute(act, params![id, now()])?)
        })?;
        if done == 0 {
            return Err(DeskError::Missing {
                what: "token",
                id: id.to_owned(),
            });
        }
        Ok(())
    }
}

fn record(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    let role: String = row.get(2)?;
    Ok(TokenRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        // The table takes no other word.
        role: Role::parse(&role).unwrap_or(Role::Platform),
        created: row.get(3)?,
        revoked: row.get(4)?,
    })
}
