-- Head office's signed orders to erase a member: proof for a head office that was restored to before them.
CREATE TABLE erasure_order (
    member_id TEXT PRIMARY KEY,
    erased_at_ms INTEGER NOT NULL,
    signature TEXT NOT NULL
) STRICT, WITHOUT ROWID;
