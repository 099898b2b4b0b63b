-- Stocktakes that were opened and approved, on every workstation of the store.

CREATE TABLE count_step (
    session_id TEXT NOT NULL,
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    data TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (session_id, workstation_id, incarnation, number)
) WITHOUT ROWID;
