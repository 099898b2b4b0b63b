-- Which documents gave back goods of a sale, whoever sold them: asked before each return.
CREATE TABLE returned_sale (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    document_key INTEGER NOT NULL REFERENCES document (document_key),
    PRIMARY KEY (workstation_id, incarnation, number, document_key)
) STRICT, WITHOUT ROWID;

-- A receipt that the shopper does not have: found by day, amount or item among a hundred thousand.
CREATE INDEX transaction_by_day ON transaction_total (business_day, total_minor);
CREATE INDEX transaction_by_total ON transaction_total (total_minor, business_day);
CREATE INDEX line_by_sku ON line (sku, business_day);
