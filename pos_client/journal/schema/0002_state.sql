-- Folded from documents by pos_client/journal/fold.py; `verify` folds again and compares.
CREATE TABLE shift (
    shift_id TEXT PRIMARY KEY,
    opened_key INTEGER NOT NULL REFERENCES document (document_key),
    opened_at_ms INTEGER NOT NULL,
    business_day TEXT NOT NULL,
    operator_id TEXT,
    float_minor INTEGER NOT NULL,
    settled_key INTEGER REFERENCES document (document_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_state (
    operator_number TEXT PRIMARY KEY,
    failed_count INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    document_key INTEGER NOT NULL REFERENCES document (document_key)
) STRICT, WITHOUT ROWID;

-- Not facts: what the operator would miss after a restart.
CREATE TABLE basket_in_progress (
    slot INTEGER PRIMARY KEY CHECK (slot = 1),
    saved_at_ms INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT;

CREATE TABLE held_basket (
    held_id TEXT PRIMARY KEY,
    label TEXT NOT NULL,
    operator_id TEXT,
    held_at_ms INTEGER NOT NULL,
    data BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the server said it has, per series; only its answers are written here.
CREATE TABLE resume_point (
    incarnation INTEGER PRIMARY KEY REFERENCES series (incarnation),
    epoch TEXT NOT NULL,
    acked_number INTEGER NOT NULL,
    head_hash TEXT NOT NULL,
    heard_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE signed_head (
    document_key INTEGER PRIMARY KEY REFERENCES document (document_key),
    signature BLOB NOT NULL,
    public_key BLOB NOT NULL,
    signed_at_ms INTEGER NOT NULL
) STRICT;

-- Outside the chain on purpose: destroying a key makes the ciphertexts in the documents unreadable.
CREATE TABLE member_key (
    member_id TEXT PRIMARY KEY,
    key BLOB,
    made_at_ms INTEGER NOT NULL,
    erased_at_ms INTEGER,
    CHECK ((key IS NULL) = (erased_at_ms IS NOT NULL))
) STRICT, WITHOUT ROWID;
