-- Counts, transfers, orders and the keys that sign transfer slips (pos_core/sync/reference.py), as in 0001.

CREATE TABLE count_result (
    session_id TEXT NOT NULL,
    sku TEXT NOT NULL,
    counted_milli INTEGER NOT NULL,
    expected_milli INTEGER NOT NULL,
    recorded_milli INTEGER NOT NULL,
    doubtful_milli INTEGER NOT NULL,
    counted_at_hlc TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (session_id, sku)
) WITHOUT ROWID;

CREATE TABLE transfer (
    transfer_id TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (transfer_id)
) WITHOUT ROWID;

CREATE TABLE purchase_order (
    order_id TEXT NOT NULL,
    data TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (order_id)
) WITHOUT ROWID;

CREATE TABLE workstation_key (
    workstation_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (workstation_id)
) WITHOUT ROWID;
