-- Returns of receipts by other workstations, as head office heard of them (docs/returns.md).

CREATE TABLE receipt_return (
    workstation_id TEXT NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    by_workstation_id TEXT NOT NULL,
    by_incarnation INTEGER NOT NULL,
    by_number INTEGER NOT NULL,
    data TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (workstation_id, incarnation, number, by_workstation_id, by_incarnation, by_number)
) WITHOUT ROWID;
