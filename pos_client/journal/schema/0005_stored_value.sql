-- Stored value: money put on and taken off an account by sales and returns (docs/documents.md).
CREATE TABLE stored_value_movement (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    movement_no INTEGER NOT NULL,
    store_id TEXT NOT NULL,
    business_day TEXT NOT NULL,
    hlc TEXT NOT NULL,
    account_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (workstation_id, incarnation, number, movement_no)
) STRICT, WITHOUT ROWID;

CREATE VIEW c_stored_value_movement AS
SELECT workstation_id, incarnation, number, movement_no, store_id, business_day, hlc, account_id, amount_minor, reason
  FROM stored_value_movement;
