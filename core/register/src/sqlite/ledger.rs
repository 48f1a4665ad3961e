//! The ledger in its table.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    LedgerEntry, Timestamp,
    ledger::{
        self, Act,
        head::{Head, Remembered},
        key::LedgerKey,
    },
};

/// Appends an act. Must be called inside the immediate transaction of the act itself.
pub(super) fn append(
    db: &Connection,
    time: &Timestamp,
    act: Act,
    details: &serde_json::Value,
    key: &LedgerKey,
) -> rusqlite::Result<()> {
    let last: Option<(i64, String)> = db
        .query_row(
            "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let entry = ledger::next(last, time, act, details, key);
    db.execute(
        "INSERT INTO ledger (seq, time, act, details, previous, hash, mac) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            entry.seq,
            entry.time,
            entry.act,
            entry.details,
            entry.previous,
            entry.hash,
            entry.mac
        ],
    )?;
    Ok(())
}

/// Shows every entry to `visit`, oldest first, until it answers `false`.
pub(super) fn walk(
    db: &Connection,
    visit: &mut dyn FnMut(LedgerEntry) -> bool,
) -> rusqlite::Result<()> {
    let mut statement =
        db.prepare("SELECT seq, time, act, details, previous, hash, mac FROM ledger ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry = LedgerEntry {
            seq: row.get(0)?,
            time: row.get(1)?,
            act: row.get(2)?,
            details: row.get(3)?,
            previous: row.get(4)?,
            hash: row.get(5)?,
            mac: row.get(6)?,
        };
        if !visit(entry) {
            break;
        }
    }
    Ok(())
}

/// The numbers that SQLite gave out.
pub(super) fn numbered(db: &Connection) -> rusqlite::Result<i64> {
    let given: Option<i64> = db
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'ledger'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(given.unwrap_or(0))
}

/// The hash of an entry.
fn hash_at(db: &Connection, seq: i64) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT hash FROM ledger WHERE seq = ?1", [seq], |row| {
        row.get(0)
    })
    .optional()
}

/// The head as it would be remembered now, after `remembered`; none where that says more than the ledger, which must show.
pub(super) fn next_head(
    db: &Connection,
    remembered: &Remembered,
) -> rusqlite::Result<Option<Head>> {
    let last: Option<(i64, String)> = db
        .query_row(
            "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((seq, hash)) = last else {
        return Ok(None);
    };
    let first = match remembered {
        Remembered::Head(head) => {
            let follows = head.seq < seq && hash_at(db, head.seq)?.as_ref() == Some(&head.hash);
            if !follows {
                return Ok(None);
            }
            head.first
        }
        Remembered::Nothing => {
            let first: Option<i64> = db.query_row(
                "SELECT min(seq) FROM ledger WHERE mac IS NOT NULL",
                [],
                |row| row.get(0),
            )?;
            match first {
                Some(first) => first,
                None => return Ok(None),
            }
        }
        Remembered::Damaged => return Ok(None),
    };
    Ok(Some(Head { seq, hash, first }))
}
