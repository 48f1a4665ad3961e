CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('burst', 'first')),
    title TEXT,
    clips INTEGER,
    within_millis INTEGER,
    before INTEGER,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE firings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rule TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    clips INTEGER NOT NULL,
    job TEXT,
    place TEXT NOT NULL,
    source TEXT,
    uploader TEXT,
    fired INTEGER NOT NULL
) STRICT;
CREATE INDEX firings_by_rule ON firings (rule, title, fired);
