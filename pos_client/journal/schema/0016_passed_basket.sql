-- Held baskets on their way to another workstation of the store (out, until it says that it has them), and
-- which came from one (in): a hand-over that comes twice counts once.
CREATE TABLE passed_basket (
    transfer_id TEXT PRIMARY KEY,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    held_id TEXT NOT NULL,
    other TEXT NOT NULL,
    label TEXT NOT NULL,
    operator_id TEXT,
    held_at_ms INTEGER NOT NULL,
    data BLOB
) STRICT, WITHOUT ROWID;
