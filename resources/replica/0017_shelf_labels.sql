-- Labels that were printed and hung at any workstation of the store (docs/stock.md, "Shelf labels").

CREATE TABLE shelf_label (
    sku TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (sku)
) WITHOUT ROWID;
