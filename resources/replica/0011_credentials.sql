-- Locks and PINs of employees that managers and head office set (docs/security.md, "Sign-on of employees").

CREATE TABLE credential (
    employee_id TEXT NOT NULL,
    state TEXT NOT NULL,
    row_hash INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (employee_id)
) WITHOUT ROWID;
