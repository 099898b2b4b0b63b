-- Parts of allowances on their way to another workstation of the store, until it says that it has them.
CREATE TABLE passed_slice (
    transfer_id TEXT PRIMARY KEY,
    other TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT, WITHOUT ROWID;
