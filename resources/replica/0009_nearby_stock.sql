-- Stock of the stores and warehouses around, as head office worked it out (docs/stock.md).

CREATE TABLE nearby_places (
    region TEXT NOT NULL,
    worked_out_at_ms INTEGER NOT NULL,
    places TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (region)
) WITHOUT ROWID;

CREATE TABLE nearby_stock (
    sku TEXT NOT NULL,
    steps TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (sku)
) WITHOUT ROWID;
