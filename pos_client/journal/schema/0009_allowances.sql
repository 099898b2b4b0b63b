-- What this workstation may let go while nobody answers (pos_core/sync/allowance_json.py). No facts: a rescued
-- or restored file goes on under another incarnation, for which these are void.
CREATE TABLE allowance_slice (
    allowance_id TEXT PRIMARY KEY,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
