//! The ledger in its table.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{
    LedgerEntry, Timestamp,
    ledger::{self, Act},
};

/// Appends an act. Must be called inside the immediate transaction of the act itself.
pub(super) fn append(
    db: &Connection,
    time: &Timestamp,
    act: Act,
    details: &serde_json::Value,
) -> rusqlite::Result<()> {
    let last: Option<(i64, String)> = db
        .query_row(
            "SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let entry = ledger::next(last, time, act, details);
    db.execute(
        "INSERT INTO ledger (seq, time, act, details, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            entry.seq,
            entry.time,
            entry.act,
            entry.details,
            entry.previous,
            entry.hash
        ],
    )?;
    Ok(())
}

/// Shows every entry to `visit`, oldest first, until it answers `false`.
pub(super) fn entries(
    db: &Connection,
    visit: &mut dyn FnMut(LedgerEntry) -> bool,
) -> rusqlite::Result<()> {
    let mut statement =
        db.prepare("SELECT seq, time, act, details, previous, hash FROM ledger ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let entry = LedgerEntry {
            seq: row.get(0)?,
            time: row.get(1)?,
            act: row.get(2)?,
            details: row.get(3)?,
            previous: row.get(4)?,
            hash: row.get(5)?,
        };
        if !visit(entry) {
            break;
        }
    }
    Ok(())
}

/// The numbers that SQLite gave out.
pub(super) fn entries_numbered(db: &Connection) -> rusqlite::Result<i64> {
    let given: Option<i64> = db
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'ledger'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    Ok(given.unwrap_or(0))
}
