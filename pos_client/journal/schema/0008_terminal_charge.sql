-- Charges that a card terminal was asked for and that no sale has used yet: on disk before it is asked.
-- state: asked (nobody knows), approved (the money is there).
CREATE TABLE terminal_charge (
    reference TEXT PRIMARY KEY,
    tender_code TEXT NOT NULL,
    currency TEXT NOT NULL,
    exponent INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved')),
    approval TEXT NOT NULL,
    asked_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
