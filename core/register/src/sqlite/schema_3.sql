-- Schema 3: a MAC of each entry under the owner's secret. Entries of schemas 1 and 2 carry none; the first that has one binds
-- them as they were on that day.

ALTER TABLE ledger ADD COLUMN mac TEXT;
