-- What stands beside a result: 0 nothing is made, 1 its page and bundle are being made, 2 they are to be made again.
ALTER TABLE jobs ADD COLUMN keeping INTEGER NOT NULL DEFAULT 0 CHECK (keeping IN (0, 1, 2));
