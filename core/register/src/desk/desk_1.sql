CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('mastering', 'analyst', 'auditor', 'platform')),
    hash TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    revoked INTEGER
) STRICT;

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    owner TEXT NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('trace', 'identify', 'read')),
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    upload TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT,
    case_id TEXT REFERENCES cases (id),
    owner TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL,
    started INTEGER,
    ended INTEGER,
    result TEXT,
    error TEXT
) STRICT;
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_case ON jobs (case_id, number);
CREATE INDEX jobs_by_upload ON jobs (upload);

CREATE TABLE kept_answers (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;

CREATE TABLE questions (
    owner TEXT NOT NULL,
    delivery TEXT NOT NULL,
    asked INTEGER NOT NULL
) STRICT;
CREATE INDEX questions_by_owner ON questions (owner, delivery, asked);

CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    job TEXT,
    title TEXT NOT NULL,
    delivery TEXT,
    place TEXT NOT NULL,
    first_second REAL NOT NULL,
    last_second REAL NOT NULL,
    seen INTEGER NOT NULL
) STRICT;
CREATE INDEX sightings_by_title ON sightings (title, seen);
