-- Counts line by line, movements by item for the stock card, and lists in progress (docs/stock.md).
CREATE TABLE count_line (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    line_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    hlc TEXT NOT NULL,
    sku TEXT NOT NULL,
    counted_milli INTEGER NOT NULL,
    recorded_milli INTEGER NOT NULL,
    session_id TEXT,
    round INTEGER NOT NULL,
    area TEXT NOT NULL,
    shelf TEXT NOT NULL,
    own_number INTEGER NOT NULL,
    cut TEXT NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number, line_no)
) STRICT, WITHOUT ROWID;

-- A workstation has one journal, so incarnation and number are the order of time as well.
CREATE INDEX count_line_of_item ON count_line (sku, incarnation, number);
CREATE INDEX stock_movement_of_item ON stock_movement (sku, incarnation, number, movement_no, quantity_milli);

CREATE VIEW c_count_line AS
SELECT workstation_id, incarnation, number, line_no, store_id, business_day, hlc, sku, counted_milli,
       recorded_milli, session_id, round, area, shelf, own_number, cut
  FROM count_line;

-- A list that somebody is still working on (a count, a delivery, goods thrown away): each scan is on disk
-- before the next; dropped in the transaction that writes its documents.
CREATE TABLE stock_list (
    list_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_list_line (
    list_id TEXT NOT NULL REFERENCES stock_list (list_id) ON DELETE CASCADE,
    line_no INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (list_id, line_no)
) STRICT, WITHOUT ROWID;
