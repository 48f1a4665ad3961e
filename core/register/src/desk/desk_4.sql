CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    on_jobs INTEGER NOT NULL,
    on_rules INTEGER NOT NULL,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE messages (
    id TEXT PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'given-up')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_time ON messages (state, next_at);
CREATE INDEX messages_by_webhook ON messages (webhook, state);

CREATE TABLE attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    status INTEGER,
    error TEXT,
    millis INTEGER NOT NULL,
    tried INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_message ON attempts (message);
