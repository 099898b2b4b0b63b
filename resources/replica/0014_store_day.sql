-- A business day of the whole store, as head office worked it out (docs/stock.md, "The day").

CREATE TABLE store_day (
    business_day TEXT NOT NULL,
    data TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (business_day)
) WITHOUT ROWID;
