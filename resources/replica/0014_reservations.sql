-- Goods put aside for shoppers, here or at another store (docs/stock.md, "Reservations").

CREATE TABLE reservation (
    reservation_id TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (reservation_id)
) WITHOUT ROWID;
