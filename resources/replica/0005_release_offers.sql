-- Releases offered to this store before they are for all (pos_core/sync/reference.py), as in 0001.

CREATE TABLE release_offer (
    version INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    signatures TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (version)
);
