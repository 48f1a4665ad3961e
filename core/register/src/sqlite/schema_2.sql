-- Schema 2: where a copy was to be written, so that what a killed process left can be settled, and a short way to the
-- deliveries that are pending. Those of schema 1 keep no path: nothing of them can be known.

ALTER TABLE deliveries ADD COLUMN output_path TEXT;

CREATE INDEX deliveries_pending ON deliveries (id) WHERE state = 'pending';
