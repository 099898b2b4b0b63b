-- Counts line by line, movements by item for the stock card.
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

-- Few documents among many sales; a sale touches neither index.
CREATE INDEX document_of_transfers ON document (document_key)
 WHERE type IN ('transfer_requested', 'transfer_approved', 'transfer_refused', 'transfer_picked', 'transfer_shipped',
        'transfer_received', 'transfer_closed');
CREATE INDEX document_of_deliveries ON document (document_key) WHERE type = 'goods_received';

CREATE VIEW c_count_line AS
SELECT workstation_id, incarnation, number, line_no, store_id, business_day, hlc, sku, counted_milli,
       recorded_milli, session_id, round, area, shelf, own_number, cut
  FROM count_line;
