-- Orders of the store with what came against them, suppliers, and the nightly forecast (docs/stock.md).

CREATE TABLE purchase (
    order_id TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (order_id)
) WITHOUT ROWID;

CREATE TABLE supplier (
    supplier_id TEXT NOT NULL,
    name TEXT NOT NULL,
    lead_days INTEGER,
    review_days INTEGER,
    minimum_minor INTEGER,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (supplier_id)
) WITHOUT ROWID;

CREATE TABLE replenishment_run (
    store_id TEXT NOT NULL,
    worked_out_at_ms INTEGER NOT NULL,
    last_day TEXT NOT NULL,
    items INTEGER NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (store_id)
) WITHOUT ROWID;

CREATE TABLE replenishment (
    sku TEXT NOT NULL,
    weekday_milli TEXT NOT NULL,
    safety_milli INTEGER NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    lead_days INTEGER NOT NULL,
    review_days INTEGER NOT NULL,
    pack_milli INTEGER NOT NULL,
    minimum_milli INTEGER NOT NULL,
    unit_cost_minor INTEGER,
    basis TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (sku)
) WITHOUT ROWID;
