-- How often an item of a stocktake was counted, and by whom the last time, on every workstation of the store.

CREATE TABLE count_round (
    session_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    round INTEGER NOT NULL,
    counters TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (session_id, sku)
) WITHOUT ROWID;
