-- A third state, reversing: its money is on its way back, and no sale may count on it any more. On disk before
-- the terminal is asked, so that a cut in between cannot sell with a charge that the bank no longer holds.
ALTER TABLE terminal_charge RENAME TO terminal_charge_before;
CREATE TABLE terminal_charge (
    reference TEXT PRIMARY KEY,
    tender_code TEXT NOT NULL,
    currency TEXT NOT NULL,
    exponent INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'reversing')),
    approval TEXT NOT NULL,
    asked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO terminal_charge SELECT * FROM terminal_charge_before;
DROP TABLE terminal_charge_before;
