-- Schema 1, as 0.1.0 makes it. Never changed: what comes later is a migration of its own.
-- Identifiers, payloads and hashes are hex text, so that the register can be audited with any SQLite shell.

PRAGMA application_id = 0x434d726b; -- "CMrk" in ASCII marks the file as a Countermark register.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE titles (
    id                 TEXT PRIMARY KEY CHECK (length(id) = 32),
    name               TEXT NOT NULL UNIQUE,
    master_file        TEXT NOT NULL,
    width              INTEGER NOT NULL CHECK (width > 0),
    height             INTEGER NOT NULL CHECK (height > 0),
    rotation_degrees   INTEGER NOT NULL,
    bit_depth          INTEGER NOT NULL,
    frame_rate_num     INTEGER NOT NULL,
    frame_rate_den     INTEGER NOT NULL CHECK (frame_rate_den > 0),
    duration_seconds   REAL NOT NULL,
    frames             INTEGER NOT NULL,
    reference_file     TEXT NOT NULL,
    added              TEXT NOT NULL
) STRICT;

CREATE TABLE distributors (
    id    TEXT PRIMARY KEY CHECK (length(id) = 32),
    name  TEXT NOT NULL UNIQUE,
    added TEXT NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id               TEXT PRIMARY KEY CHECK (length(id) = 32),
    payload          TEXT NOT NULL UNIQUE CHECK (length(payload) = 16),
    title            TEXT NOT NULL REFERENCES titles (id),
    distributor      TEXT NOT NULL REFERENCES distributors (id),
    licensee         TEXT,
    strength         REAL NOT NULL CHECK (strength > 0),
    format_version   INTEGER NOT NULL,
    encoder_settings TEXT NOT NULL,
    output_file      TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('pending', 'complete', 'failed')),
    frames           INTEGER,
    psnr_y_db        REAL,
    output_sha256    TEXT,
    failure          TEXT,
    created          TEXT NOT NULL,
    settled          TEXT,
    CHECK (state <> 'complete' OR (frames IS NOT NULL AND output_sha256 IS NOT NULL AND settled IS NOT NULL))
) STRICT;
CREATE INDEX deliveries_of_title ON deliveries (title, created);

CREATE TABLE ledger (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    time     TEXT NOT NULL,
    act      TEXT NOT NULL,
    details  TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE TRIGGER ledger_is_never_changed BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_is_never_shortened BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER deliveries_are_never_forgotten BEFORE DELETE ON deliveries
BEGIN SELECT RAISE(ABORT, 'deliveries are kept'); END;
