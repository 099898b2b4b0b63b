-- Roots of the chain's trust, every version (pos_core/sync/trust_root.py), as in 0001.

CREATE TABLE trust_root (
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    signatures TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (version)
);
